//! Moving an item of a promotion month: what follows it moves with it. A post that names no day keeps its approval and gets a new time; an
//! outing's post names its day, so it is reviewed again, or corrected where it has gone out.

use chrono::NaiveDate;

use super::campaigns::{body_of, refused};
use super::programme::{self, due_at};
use super::{Actor, Broadcasts, Refused};
use crate::domain::bulletin::{Bulletin, BulletinState};
use crate::domain::campaign::{CampaignItem, ItemKind};
use crate::domain::time::Timestamp;
use crate::domain::workday::WorkCalendar;
use crate::replies::campaigns as words;
use crate::store::campaigns::{self, StoredItem};
use crate::store::{Tx, audit, bulletins};

/// An item that was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub id: String,
    pub title: String,
    pub from: Option<NaiveDate>,
    pub to: NaiveDate,
    pub after: Consequence,
}

/// What a move means for the item's post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Consequence {
    /// It waits as before, with the new day.
    Kept,
    /// Approved as it was, it goes out at the new time.
    Rescheduled,
    /// Its words changed: the approver looks again.
    ReviewAgain,
    /// It has gone out: a correction waits for the approver.
    Corrected,
}

impl Broadcasts {
    /// Moves an item to a day (and a time of day, `HH:MM`); says what moved, the item itself first.
    pub async fn move_item(
        &self,
        id: &str,
        to: NaiveDate,
        time: Option<&str>,
        calendar: &WorkCalendar,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Vec<Moved>, Refused> {
        let mut tx = self.store.begin().await?;
        let lock = tx.for_update();
        let campaign_id = campaigns::item(&mut tx, id, "").await?.ok_or(Refused::NotFound("宣传月内容"))?.campaign_id;
        let campaign = campaigns::get(&mut tx, &campaign_id, lock).await?.ok_or(Refused::NotFound("宣传月"))?;
        let before = campaigns::items(&mut tx, &campaign_id).await?;
        let mut items: Vec<CampaignItem> = before.iter().map(|stored| stored.item.clone()).collect();
        let at = before.iter().position(|stored| stored.id == id).ok_or(Refused::NotFound("宣传月内容"))?;
        let moved = &mut items[at];
        // Whoever names a day overrules the rule it came from.
        *moved =
            CampaignItem { date: Some(to), after: None, days: None, workdays: None, before_deadline: None, day_off: None, ..moved.clone() };
        if let Some(time) = time {
            moved.time = time.trim().to_owned();
            if programme::time_of(moved).is_none() {
                return Err(Refused::invalid("time", words::wrong_time(at, &moved.title, time)));
            }
        }
        if due_at(moved, moved.date) == before[at].due_at {
            return Err(Refused::invalid("date", words::same_day()));
        }
        let days = programme::dates(&items, &campaign.span(), calendar).map_err(|fault| match refused(fault) {
            Refused::Invalid { detail, .. } => Refused::invalid("date", detail),
            other => other,
        })?;
        let mut told = Vec::new();
        let order = std::iter::once(at).chain((0..items.len()).filter(|index| *index != at));
        for index in order {
            let Some(date) = days[index].date else { continue };
            let mut stored = before[index].clone();
            stored.item.clone_from(&items[index]);
            stored.due_at = due_at(&stored.item, Some(date));
            if stored.due_at == before[index].due_at {
                continue;
            }
            if stored.due_at.is_some_and(|due| due <= now) {
                return Err(Refused::invalid("date", words::day_has_passed(&stored.item.title, date)));
            }
            let after = self.carry(&mut tx, &stored, actor, now).await?;
            campaigns::update_item(&mut tx, &stored).await?;
            let from = before[index].date();
            let step = format!("{} -> {date}", from.map(|from| from.to_string()).unwrap_or_default());
            audit::record(&mut tx, &actor.name, "campaign.move", &stored.id, &step, now).await?;
            told.push(Moved { id: stored.id, title: stored.item.title, from, to: date, after });
        }
        tx.commit().await?;
        Ok(told)
    }

    /// Carries the new day over to the item's bulletin.
    async fn carry(&self, tx: &mut Tx, stored: &StoredItem, actor: &Actor, now: Timestamp) -> Result<Consequence, Refused> {
        let Some(id) = &stored.bulletin_id else { return Ok(Consequence::Kept) };
        let lock = tx.for_update();
        let Some(mut bulletin) = bulletins::get(tx, id, lock).await? else { return Ok(Consequence::Kept) };
        let after = apply(&mut bulletin, stored, actor)?;
        bulletins::update(tx, &bulletin, now).await?;
        Ok(after)
    }
}

fn apply(bulletin: &mut Bulletin, stored: &StoredItem, actor: &Actor) -> Result<Consequence, Refused> {
    let body = body_of(&stored.item, stored.due_at);
    let reworded = bulletin.content.body != body;
    match bulletin.state {
        BulletinState::Draft | BulletinState::InReview => {
            bulletin.content.body = body;
            Ok(Consequence::Kept)
        }
        BulletinState::Approved | BulletinState::Scheduled | BulletinState::Held if reworded => {
            bulletin.content.body = body;
            bulletin.approval = None;
            bulletin.scheduled_at = None;
            bulletin.state = BulletinState::InReview;
            Ok(Consequence::ReviewAgain)
        }
        BulletinState::Approved | BulletinState::Scheduled | BulletinState::Held => {
            bulletin.scheduled_at = stored.due_at;
            bulletin.state = BulletinState::Scheduled;
            Ok(Consequence::Rescheduled)
        }
        BulletinState::Sending | BulletinState::Paused | BulletinState::Sent | BulletinState::PartlySent => match stored.item.kind {
            ItemKind::Outing => {
                bulletin.correction = Some((body, actor.id.clone()));
                Ok(Consequence::Corrected)
            }
            ItemKind::Post => Err(Refused::Conflict(words::post_went_out(&stored.item.title))),
        },
        BulletinState::Cancelled | BulletinState::Recalled => Err(Refused::Conflict(words::called_off(&stored.item.title))),
    }
}
