//! Promotion months: a plan becomes one bulletin an item, all in review at once; approved, each goes out on its day.

use std::path::Path;

use chrono::NaiveDate;
use rust_embed::RustEmbed;
use sqlx::AnyConnection;

use super::bulletins::{Draft, Repeat};
use super::plan_file::{self, line_of, line_of_top};
use super::programme::{self, Fault, due_at};
use super::{Actor, Broadcasts, Problem, Refused};
use crate::domain::bulletin::{Bulletin, BulletinKind, BulletinState, Step, Targets};
use crate::domain::campaign::{CampaignItem, CampaignPlan, ItemKind};
use crate::domain::delivery::Origin;
use crate::domain::id::new_id;
use crate::domain::time::Timestamp;
use crate::domain::workday::WorkCalendar;
use crate::replies::campaigns as words;
use crate::store::campaigns::{self, Campaign, StoredItem};
use crate::store::deliveries::{self, Counts};
use crate::store::{Tx, audit, bulletins};

#[derive(RustEmbed)]
#[folder = "broadcasts/campaigns"]
struct Embedded;

/// An item with what became of it.
#[derive(Debug, Clone)]
pub struct ItemProgress {
    pub id: String,
    pub item: CampaignItem,
    /// None while a calendar is missing.
    pub due_at: Option<Timestamp>,
    /// What staff should know about its day.
    pub note: Option<String>,
    pub bulletin: Option<Bulletin>,
    pub counts: Counts,
}

/// Reads and checks every plan of `campaigns/` in `folder`, or the built-in ones.
pub fn read_files(folder: Option<&Path>) -> Result<Vec<(String, CampaignPlan)>, Vec<Problem>> {
    let (mut plans, mut problems) = (Vec::new(), Vec::new());
    for (name, text) in plan_file::texts::<Embedded>(folder, "campaigns") {
        let file = format!("campaigns/{name}.toml");
        match text.map_err(|problem| Problem { file: file.clone(), ..problem }).and_then(|text| read(&file, &text)) {
            Ok(plan) => plans.push((name, plan)),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(plans) } else { Err(problems) }
}

fn read(file: &str, text: &str) -> Result<CampaignPlan, Problem> {
    let plan: CampaignPlan = plan_file::parse(file, text)?;
    programme::check(&plan).map_err(|Fault { item, field, detail }| {
        let line = item.map_or_else(|| line_of_top(text, field), |index| line_of(text, "items", index, field));
        Problem { file: file.to_owned(), line, field: field.to_owned(), message: words::in_field(field, &detail) }
    })?;
    Ok(plan)
}

/// What a plan leaves open as long as a calendar is missing, one sentence an item; empty where every day is known.
pub fn open_days(plan: &CampaignPlan, calendar: &WorkCalendar) -> Vec<String> {
    let days = programme::dates(&plan.items, plan, calendar).unwrap_or_default();
    let open = plan.items.iter().zip(days).filter(|(_, day)| day.date.is_none());
    open.map(|(item, day)| format!("{}：{}", item.title, day.note.unwrap_or_default())).collect()
}

impl Broadcasts {
    /// Takes a plan: its bulletins are written and handed to the approver, all or none.
    pub async fn create_campaign(
        &self,
        plan: CampaignPlan,
        calendar: &WorkCalendar,
        source: &str,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<String, Refused> {
        programme::check(&plan).map_err(refused)?;
        let days = programme::dates(&plan.items, &plan, calendar).map_err(refused)?;
        let mut tx = self.store.begin().await?;
        if source != "api" && campaigns::by_source(&mut tx, source).await?.is_some() {
            return Err(Refused::Conflict(words::imported_already()));
        }
        let campaign = Campaign {
            id: new_id("cmp", now),
            title: plan.title.trim().to_owned(),
            starts_on: plan.starts_on,
            ends_on: plan.ends_on,
            tags: plan.tags.clone(),
            source: source.to_owned(),
            author: actor.id.clone(),
            created_at: now,
        };
        campaigns::insert(&mut tx, &campaign).await?;
        for (ordinal, (item, day)) in (0..).zip(plan.items.into_iter().zip(days)) {
            let id = new_id("itm", now);
            let draft = self.draft_of(&id, &item, due_at(&item, day.date), &plan.tags);
            let bulletin = self.draft_for_review(&mut tx, id.clone(), draft, actor, now).await?;
            let campaign_id = campaign.id.clone();
            let due_at = due_at(&item, day.date);
            let stored = StoredItem { id, campaign_id, ordinal, item, due_at, bulletin_id: Some(bulletin.id) };
            campaigns::insert_item(&mut tx, &stored).await?;
        }
        audit::record(&mut tx, &actor.name, "campaign.create", &campaign.id, source, now).await?;
        tx.commit().await?;
        Ok(campaign.id)
    }

    /// Drafts a bulletin of the promotion month in the transaction of what it is made from, and hands it to the approver; one per origin.
    pub(super) async fn draft_for_review(
        &self,
        tx: &mut Tx,
        origin: String,
        draft: Draft,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Bulletin, Refused> {
        let mut bulletin = self.draft_in(tx, BulletinKind::Campaign, Some(origin), draft, actor, now).await?;
        super::bulletins::step(&mut bulletin, Step::Submit)?;
        bulletins::update(tx, &bulletin, now).await?;
        Ok(bulletin)
    }

    /// Approves and schedules every item that is in review and still ahead; says how many. Days that a calendar loaded meanwhile makes
    /// known are filled in first.
    pub async fn approve_campaign(&self, id: &str, calendar: &WorkCalendar, actor: &Actor, now: Timestamp) -> Result<usize, Refused> {
        self.fill_in_days(id, calendar, now).await?;
        let (_, items) = self.campaign(id, calendar).await?;
        let mut scheduled = 0;
        for item in items {
            let Some(bulletin) = item.bulletin else { continue };
            if bulletin.state == BulletinState::InReview {
                self.approve_bulletin(&bulletin.id, None, actor, now).await?;
            } else if bulletin.state != BulletinState::Approved {
                continue;
            }
            if let Some(due_at) = item.due_at.filter(|due_at| *due_at > now) {
                self.schedule_bulletin(&bulletin.id, due_at, Repeat::Refused, actor, now).await?;
                scheduled += 1;
            }
        }
        Ok(scheduled)
    }

    /// Gives items their days once the calendar they waited for is there; an approved post is scheduled with it. A plan whose day then
    /// falls outside of it stays as it is: its page says so.
    pub(super) async fn date_campaigns(&self, now: Timestamp) -> Result<usize, Refused> {
        let undated = campaigns::with_undated(&mut *self.store.read().await?).await?;
        if undated.is_empty() {
            return Ok(0);
        }
        let calendar = self.calendar();
        let mut dated = 0;
        for id in undated {
            match self.fill_in_days(&id, &calendar, now).await {
                Ok(many) => dated += many,
                Err(Refused::Store(error)) => return Err(Refused::Store(error)),
                Err(_) => {}
            }
        }
        Ok(dated)
    }

    async fn fill_in_days(&self, id: &str, calendar: &WorkCalendar, now: Timestamp) -> Result<usize, Refused> {
        let mut conn = self.store.read().await?;
        let campaign = campaigns::get(&mut conn, id, "").await?.ok_or(Refused::NotFound("宣传月"))?;
        let looked_at = newly_dated(&campaign, campaigns::items(&mut conn, id).await?, calendar)?;
        drop(conn);
        if looked_at.is_empty() {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        let lock = tx.for_update();
        let campaign = campaigns::get(&mut tx, id, lock).await?.ok_or(Refused::NotFound("宣传月"))?;
        let dated = newly_dated(&campaign, campaigns::items(&mut tx, id).await?, calendar)?;
        for stored in &dated {
            self.rewrite(&mut tx, stored, now).await?;
            campaigns::update_item(&mut tx, stored).await?;
            let date = stored.date().map(|date| date.to_string()).unwrap_or_default();
            audit::record(&mut tx, "scheduler", "campaign.dated", &stored.id, &date, now).await?;
        }
        tx.commit().await?;
        Ok(dated.len())
    }

    /// Puts an outing's new day into the words of its post, which is reviewed again; a post without a day in its words keeps its approval
    /// and is scheduled.
    async fn rewrite(&self, tx: &mut Tx, stored: &StoredItem, now: Timestamp) -> Result<(), Refused> {
        let Some(id) = &stored.bulletin_id else { return Ok(()) };
        let lock = tx.for_update();
        let Some(mut bulletin) = bulletins::get(tx, id, lock).await? else { return Ok(()) };
        let body = body_of(&stored.item, stored.due_at);
        if bulletin.content.body != body && bulletin.state.after(Step::Edit).is_some() {
            bulletin.content.body = body;
            bulletin.approval = None;
            bulletin.scheduled_at = None;
            bulletin.state = BulletinState::InReview;
        } else if bulletin.state == BulletinState::Approved {
            bulletin.scheduled_at = stored.due_at;
            bulletin.state = BulletinState::Scheduled;
        } else {
            return Ok(());
        }
        bulletins::update(tx, &bulletin, now).await?;
        Ok(())
    }

    /// A programme with what went out and what is to come.
    pub async fn campaign(&self, id: &str, calendar: &WorkCalendar) -> Result<(Campaign, Vec<ItemProgress>), Refused> {
        let mut conn = self.store.read().await?;
        let campaign = campaigns::get(&mut conn, id, "").await?.ok_or(Refused::NotFound("宣传月"))?;
        let items = campaigns::items(&mut conn, id).await?;
        let written: Vec<CampaignItem> = items.iter().map(|stored| stored.item.clone()).collect();
        let mut notes: Vec<Option<String>> = vec![None; written.len()];
        match programme::dates(&written, &campaign.span(), calendar) {
            Ok(days) => notes = days.into_iter().map(|day| day.note).collect(),
            // The calendar puts an item where the plan does not reach.
            Err(Fault { item: Some(index), field: _, detail }) if index < notes.len() => notes[index] = Some(detail),
            Err(_) => {}
        }
        let mut notes = notes.into_iter();
        let mut progress = Vec::new();
        for stored in items {
            let (bulletin, counts) = of_item(&mut conn, stored.bulletin_id.as_deref()).await?;
            let note = notes.next().flatten();
            progress.push(ItemProgress { id: stored.id, item: stored.item, due_at: stored.due_at, note, bulletin, counts });
        }
        Ok((campaign, progress))
    }

    /// First and last day of a programme's calendar, with the days beside it that a workday rule counts over.
    pub async fn campaign_reach(&self, id: &str, calendar: &WorkCalendar) -> Result<(NaiveDate, NaiveDate), Refused> {
        let mut conn = self.store.read().await?;
        let campaign = campaigns::get(&mut conn, id, "").await?.ok_or(Refused::NotFound("宣传月"))?;
        let written: Vec<CampaignItem> = campaigns::items(&mut conn, id).await?.into_iter().map(|stored| stored.item).collect();
        Ok(programme::reach(&written, &campaign.span(), calendar))
    }

    fn draft_of(&self, id: &str, item: &CampaignItem, due_at: Option<Timestamp>, tags: &[String]) -> Draft {
        let mut tags = if item.tags.is_empty() { tags.to_vec() } else { item.tags.clone() };
        if tags.is_empty() {
            tags.push(super::audience::EVERYWHERE.to_owned());
        }
        let link = match item.kind {
            ItemKind::Outing => Some(format!("{}/outings/{id}", self.settings.public_url)),
            ItemKind::Post => None,
        };
        Draft {
            title: item.title.clone(),
            number: None,
            summary: String::new(),
            audience_text: None,
            effective_from: None,
            link,
            body: body_of(item, due_at),
            targets: Targets { channels: Vec::new(), tags },
            ..Draft::default()
        }
    }
}

/// The items that had no day and have one now.
fn newly_dated(campaign: &Campaign, items: Vec<StoredItem>, calendar: &WorkCalendar) -> Result<Vec<StoredItem>, Refused> {
    let written: Vec<CampaignItem> = items.iter().map(|stored| stored.item.clone()).collect();
    let days = programme::dates(&written, &campaign.span(), calendar).map_err(refused)?;
    let dated = items.into_iter().zip(days).filter(|(stored, day)| stored.due_at.is_none() && day.date.is_some());
    Ok(dated.map(|(stored, day)| StoredItem { due_at: due_at(&stored.item, day.date), ..stored }).collect())
}

/// The fault of a plan that came over the API.
pub(super) fn refused(fault: Fault) -> Refused {
    let field = match (fault.item, fault.field) {
        (None, field) => field,
        (Some(_), "date") => "items.date",
        (Some(_), "time") => "items.time",
        (Some(_), "body") => "items.body",
        (Some(_), "place") => "items.place",
        (Some(_), "key") => "items.key",
        (Some(_), "after") => "items.after",
        (Some(_), _) => "items.days",
    };
    Refused::invalid(field, fault.detail)
}

async fn of_item(conn: &mut AnyConnection, bulletin: Option<&str>) -> sqlx::Result<(Option<Bulletin>, Counts)> {
    let Some(id) = bulletin else { return Ok((None, Counts::default())) };
    Ok((bulletins::get(conn, id, "").await?, deliveries::counts(conn, Origin::Bulletin, id).await?))
}

/// The words of an item's post: an outing's say when and where.
pub(super) fn body_of(item: &CampaignItem, due_at: Option<Timestamp>) -> String {
    let mut body = item.body.trim().to_owned();
    if let (ItemKind::Outing, Some(at)) = (item.kind, due_at) {
        body.push_str(&format!("\n{}", words::outing_time(&at.chinese())));
    }
    if let Some(place) = &item.place {
        body.push_str(&format!("\n{}", words::outing_place(place)));
    }
    body
}
