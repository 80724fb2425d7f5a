//! Promotion months: a plan becomes one bulletin an item, all in review at once; approved, each goes out on its day.

use std::path::Path;

use chrono::NaiveTime;
use rust_embed::RustEmbed;
use sqlx::AnyConnection;

use super::bulletins::{Draft, Repeat};
use super::{Actor, Broadcasts, Problem, Refused};
use crate::domain::bulletin::{Bulletin, BulletinKind, BulletinState, Step, Targets};
use crate::domain::campaign::{CampaignItem, CampaignPlan, ItemKind};
use crate::domain::delivery::Origin;
use crate::domain::id::new_id;
use crate::domain::time::{Timestamp, chinese_date};
use crate::replies;
use crate::store::campaigns::{self, Campaign, StoredItem};
use crate::store::deliveries::{self, Counts};
use crate::store::{audit, bulletins};

const MOST_ITEMS: usize = 200;

#[derive(RustEmbed)]
#[folder = "broadcasts/campaigns"]
struct Embedded;

/// An item with what became of it.
#[derive(Debug, Clone)]
pub struct ItemProgress {
    pub id: String,
    pub item: CampaignItem,
    pub due_at: Timestamp,
    pub bulletin: Option<Bulletin>,
    pub counts: Counts,
}

/// Reads and checks every plan of `campaigns/` in `folder`, or the built-in ones.
pub fn read_files(folder: Option<&Path>) -> Result<Vec<(String, CampaignPlan)>, Vec<Problem>> {
    let (mut plans, mut problems) = (Vec::new(), Vec::new());
    for (name, text) in texts(folder) {
        let file = format!("campaigns/{name}.toml");
        match text.and_then(|text| parse(&text).map_err(|(line, message)| Problem { line, ..Problem::file(&file, message) })) {
            Ok(plan) => plans.push((name, plan)),
            Err(problem) => problems.push(Problem { file, ..problem }),
        }
    }
    if problems.is_empty() { Ok(plans) } else { Err(problems) }
}

fn texts(folder: Option<&Path>) -> Vec<(String, Result<String, Problem>)> {
    let Some(folder) = folder.map(|folder| folder.join("campaigns")).filter(|folder| folder.is_dir()) else {
        return Embedded::iter()
            .filter_map(|file| {
                let text = String::from_utf8_lossy(&Embedded::get(&file)?.data).into_owned();
                Some((file.strip_suffix(".toml")?.to_owned(), Ok(text)))
            })
            .collect();
    };
    let mut found: Vec<(String, Result<String, Problem>)> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().strip_suffix(".toml")?.to_owned();
            let text = std::fs::read_to_string(entry.path()).map_err(|error| Problem::file("", format!("无法读取：{error}")));
            Some((name, text))
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn parse(text: &str) -> Result<CampaignPlan, (usize, String)> {
    let line_at = |at: usize| text[..at.min(text.len())].lines().count().max(1);
    let plan: CampaignPlan = toml::from_str(text)
        .map_err(|error| (error.span().map_or(0, |span| line_at(span.start)), format!("无法识别：{}", error.message())))?;
    check(&plan).map_err(|(field, detail)| (0, format!("{field}：{detail}")))?;
    Ok(plan)
}

/// What is wrong with a plan: field and sentence.
fn check(plan: &CampaignPlan) -> Result<(), (&'static str, String)> {
    if plan.title.trim().is_empty() {
        return Err(("title", replies::bulletins::missing("标题")));
    }
    if plan.ends_on < plan.starts_on {
        return Err(("ends_on", "结束日期早于开始日期".to_owned()));
    }
    if plan.items.is_empty() || plan.items.len() > MOST_ITEMS {
        return Err(("items", format!("要有 1 到 {MOST_ITEMS} 项内容")));
    }
    for (index, item) in plan.items.iter().enumerate() {
        let number = index + 1;
        if !(plan.starts_on..=plan.ends_on).contains(&item.date) {
            return Err(("items.date", format!("第 {number} 项“{}”的日期 {} 不在活动期间内", item.title, chinese_date(item.date))));
        }
        if time_of(item).is_none() {
            return Err(("items.time", format!("第 {number} 项“{}”的时间“{}”要写成 09:00", item.title, item.time)));
        }
        if item.title.trim().is_empty() || item.body.trim().is_empty() {
            return Err(("items.body", format!("第 {number} 项缺少标题或正文")));
        }
        if item.kind == ItemKind::Outing && item.place.as_deref().unwrap_or_default().trim().is_empty() {
            return Err(("items.place", format!("第 {number} 项“{}”是外出活动，请写地点 place", item.title)));
        }
    }
    Ok(())
}

fn time_of(item: &CampaignItem) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(&item.time, "%H:%M").ok()
}

impl Broadcasts {
    /// Takes a plan: its bulletins are written and handed to the approver, all or none.
    pub async fn create_campaign(&self, plan: CampaignPlan, source: &str, actor: &Actor, now: Timestamp) -> Result<String, Refused> {
        check(&plan).map_err(|(field, detail)| Refused::invalid(field, detail))?;
        let mut tx = self.store.begin().await?;
        if source != "api" && campaigns::by_source(&mut tx, source).await?.is_some() {
            return Err(Refused::Conflict("这份计划已经导入过，请在已有的宣传月里修改".to_owned()));
        }
        let campaign = Campaign {
            id: new_id("cmp", now),
            title: plan.title.trim().to_owned(),
            starts_on: plan.starts_on.to_string(),
            ends_on: plan.ends_on.to_string(),
            tags: plan.tags.clone(),
            source: source.to_owned(),
            author: actor.id.clone(),
            created_at: now,
        };
        campaigns::insert(&mut tx, &campaign).await?;
        for (ordinal, item) in (0..).zip(plan.items) {
            let Some(time) = time_of(&item) else { continue };
            let id = new_id("itm", now);
            let draft = draft_of(&item, &plan.tags);
            let mut bulletin = self.draft_in(&mut tx, BulletinKind::Campaign, Some(id.clone()), draft, actor, now).await?;
            super::bulletins::step(&mut bulletin, Step::Submit)?;
            bulletins::update(&mut tx, &bulletin, now).await?;
            let due_at = Timestamp::from_local(item.date.and_time(time));
            let campaign_id = campaign.id.clone();
            let stored = StoredItem { id, campaign_id, ordinal, item, due_at, bulletin_id: Some(bulletin.id) };
            campaigns::insert_item(&mut tx, &stored).await?;
        }
        audit::record(&mut tx, &actor.name, "campaign.create", &campaign.id, source, now).await?;
        tx.commit().await?;
        Ok(campaign.id)
    }

    /// Approves and schedules every item that is in review and still ahead; says how many.
    pub async fn approve_campaign(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<usize, Refused> {
        let (_, items) = self.campaign(id).await?;
        let mut scheduled = 0;
        for item in items {
            let Some(bulletin) = item.bulletin else { continue };
            if bulletin.state == BulletinState::InReview {
                self.approve_bulletin(&bulletin.id, actor, now).await?;
            } else if bulletin.state != BulletinState::Approved {
                continue;
            }
            if item.due_at > now {
                self.schedule_bulletin(&bulletin.id, item.due_at, Repeat::Refused, actor, now).await?;
                scheduled += 1;
            }
        }
        Ok(scheduled)
    }

    /// A programme with what went out and what is to come.
    pub async fn campaign(&self, id: &str) -> Result<(Campaign, Vec<ItemProgress>), Refused> {
        let mut conn = self.store.read().await?;
        let campaign = campaigns::get(&mut conn, id).await?.ok_or(Refused::NotFound("宣传月"))?;
        let mut progress = Vec::new();
        for stored in campaigns::items(&mut conn, id).await? {
            let (bulletin, counts) = of_item(&mut conn, stored.bulletin_id.as_deref()).await?;
            progress.push(ItemProgress { id: stored.id, item: stored.item, due_at: stored.due_at, bulletin, counts });
        }
        Ok((campaign, progress))
    }
}

async fn of_item(conn: &mut AnyConnection, bulletin: Option<&str>) -> sqlx::Result<(Option<Bulletin>, Counts)> {
    let Some(id) = bulletin else { return Ok((None, Counts::default())) };
    Ok((bulletins::get(conn, id, "").await?, deliveries::counts(conn, Origin::Bulletin, id).await?))
}

fn draft_of(item: &CampaignItem, tags: &[String]) -> Draft {
    let mut tags = if item.tags.is_empty() { tags.to_vec() } else { item.tags.clone() };
    if tags.is_empty() {
        tags.push(super::audience::EVERYWHERE.to_owned());
    }
    let mut body = item.body.trim().to_owned();
    if let Some(place) = &item.place {
        body.push_str(&format!("\n地点：{place}"));
    }
    Draft {
        title: item.title.clone(),
        number: None,
        summary: String::new(),
        audience_text: None,
        effective_from: None,
        link: None,
        body,
        targets: Targets { channels: Vec::new(), tags },
    }
}
