//! The ledger of opinions and suggestions: opened by a low rating or by 建议, seen to by an owner until its last day, answered, closed.
//! One rule: the proposer hears twice, by receipt and by answer, and nobody else can look their number up.

use std::time::Duration;

use chrono::{Datelike, NaiveDate};

use crate::domain::alert::MANAGEMENT_TAG;
use crate::domain::inquiry::STAFF_TAG;
use crate::domain::ledger::{LOW_RATING, LedgerItem, LedgerSource, Stage, WORKDAYS};
use crate::domain::message::Message;
use crate::domain::staff::Actor;
use crate::domain::time::Timestamp;
use crate::domain::workday::WorkCalendar;
use crate::replies::ledger as words;
use crate::store::ledger_items::{self as items, NewItem};
use crate::store::notices::tell;
use crate::store::refused::Refused;
use crate::store::{Store, Tx, audit, inquiries, users};

/// Longest suggestion, in characters.
pub const LONGEST: usize = 1_000;
/// Longest note or answer of a step, in characters.
pub const LONGEST_NOTE: usize = 1_000;
/// A last day further ahead than this is a slip of the pen.
const FURTHEST: Duration = Duration::from_secs(366 * 24 * 3_600);

/// Who proposes.
#[derive(Debug, Clone, Copy)]
pub struct Proposer<'a> {
    pub channel: &'a str,
    /// The platform's id or the browser's token; empty where nobody can be told.
    pub person: &'a str,
    pub channel_id: Option<&'a str>,
}

/// A step that staff take.
#[derive(Debug, Clone, Default)]
pub struct Step {
    pub stage: Option<Stage>,
    /// What was done; for an answer, what the proposer is told.
    pub note: String,
    /// Who sees to it from now on; empty: as before.
    pub owner: String,
    pub due_on: Option<NaiveDate>,
}

/// Takes up a suggestion; `text` is masked already.
pub async fn suggest(
    tx: &mut Tx,
    proposer: Proposer<'_>,
    text: &str,
    calendar: &WorkCalendar,
    now: Timestamp,
) -> Result<LedgerItem, Refused> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST {
        return Err(Refused::invalid("text", words::wrong_text(LONGEST)));
    }
    let Proposer { channel, person, channel_id } = proposer;
    let due_on = last_day(calendar, now);
    let new = NewItem { source: LedgerSource::Suggestion, inquiry_id: None, stars: None, channel, person, channel_id, text, due_on };
    let item = items::open(tx, &new, now.date().year(), now).await?.ok_or(sqlx::Error::RowNotFound)?;
    opened(tx, &item, now).await?;
    Ok(item)
}

/// Opens an item for a low 服务评价, once for each inquiry; nothing where the rating is good enough.
pub async fn rated(
    tx: &mut Tx,
    inquiry: &str,
    stars: i64,
    person: &str,
    calendar: &WorkCalendar,
    now: Timestamp,
) -> sqlx::Result<Option<LedgerItem>> {
    if stars > LOW_RATING {
        return Ok(None);
    }
    let Some(rated) = inquiries::get(tx, inquiry).await? else { return Ok(None) };
    let text = words::low_rating(stars, rated.assignee.as_deref(), &rated.question);
    let chat = inquiries::chat_of(tx, inquiry).await?;
    let new = NewItem {
        source: LedgerSource::Rating,
        inquiry_id: Some(inquiry),
        stars: Some(stars),
        channel: &rated.channel,
        person,
        channel_id: chat.as_deref(),
        text: &text,
        due_on: last_day(calendar, now),
    };
    let item = items::open(tx, &new, now.date().year(), now).await?;
    if let Some(item) = &item {
        opened(tx, item, now).await?;
    }
    Ok(item)
}

/// The last day to answer what comes in now; `None` where a year's calendar is missing, which is said, not guessed.
fn last_day(calendar: &WorkCalendar, now: Timestamp) -> Option<NaiveDate> {
    calendar.workdays_after(now.date(), WORKDAYS).ok()
}

async fn opened(tx: &mut Tx, item: &LedgerItem, now: Timestamp) -> sqlx::Result<()> {
    items::note(tx, &item.id, Stage::Received, "service", "", now).await?;
    audit::record(tx, "service", "ledger.open", &item.id, &item.number, now).await?;
    tell_staff(tx, MANAGEMENT_TAG, &item.id, 1, &words::new_item(item), now).await
}

/// Takes a step: a stage further, another owner, another last day, or only a note.
pub async fn step(tx: &mut Tx, id: &str, step: &Step, actor: &Actor, now: Timestamp) -> Result<LedgerItem, Refused> {
    let mut item = items::hold(tx, id).await?.ok_or(Refused::NotFound("台账事项"))?;
    let note = step.note.trim();
    if note.chars().count() > LONGEST_NOTE {
        return Err(Refused::invalid("note", words::note_too_long(LONGEST_NOTE)));
    }
    if item.stage == Stage::Closed {
        return Err(Refused::Conflict(words::closed_already(&item.number)));
    }
    let owner = step.owner.trim();
    if !owner.is_empty() && users::find(tx, owner).await?.is_none_or(|user| !user.active) {
        return Err(Refused::invalid("owner", words::no_such_owner(owner)));
    }
    if !owner.is_empty() {
        owner.clone_into(&mut item.owner);
    }
    if let Some(due) = step.due_on {
        if due < now.date() || due > now.plus(FURTHEST).date() {
            return Err(Refused::invalid("due_on", words::wrong_due()));
        }
        item.due_on = Some(due);
    }
    if let Some(stage) = step.stage.filter(|stage| *stage != item.stage || *stage == Stage::Answered) {
        if !item.stage.next().contains(&stage) {
            return Err(Refused::Conflict(words::wrong_step(item.stage, stage)));
        }
        if stage == Stage::Accepted && item.owner.is_empty() {
            // Whoever accepts it sees to it, unless they name another.
            actor.name.clone_into(&mut item.owner);
        }
        if stage == Stage::Answered {
            if note.is_empty() {
                return Err(Refused::invalid("note", words::say_the_answer()));
            }
            note.clone_into(&mut item.answer);
        }
        item.stage = stage;
    } else if note.is_empty() && owner.is_empty() && step.due_on.is_none() {
        return Err(Refused::invalid("note", words::nothing_written()));
    }
    items::update(tx, &item, now).await?;
    let noted = items::note(tx, id, item.stage, &actor.name, note, now).await?;
    audit::record(tx, &actor.name, "ledger.step", id, item.stage.word(), now).await?;
    if step.stage == Some(Stage::Answered)
        && let Some(channel) = items::channel_of(tx, id).await?
    {
        tell(tx, &channel, &noted, 1, &words::answered(&item), now).await?;
    }
    Ok(item)
}

/// Gives a last day to what had none, and reminds the owners of what is overdue, once a day; says how many were reminded.
pub async fn remind(store: &Store, calendar: &WorkCalendar, now: Timestamp) -> sqlx::Result<usize> {
    let today = now.date();
    let (undated, late) = {
        let mut conn = store.read().await?;
        (items::undated(&mut conn).await?, items::to_remind(&mut conn, today).await?)
    };
    let mut reminded = 0;
    let dated = |item: &LedgerItem| calendar.workdays_after(item.created_at.date(), WORKDAYS).ok();
    for (item, due) in undated.iter().filter_map(|item| Some((item, dated(item)?))) {
        let mut tx = store.begin().await?;
        if let Some(mut held) = items::hold(&mut tx, &item.id).await?.filter(|held| held.due_on.is_none()) {
            held.due_on = Some(due);
            items::update(&mut tx, &held, now).await?;
            tx.commit().await?;
        }
    }
    for item in late {
        let mut tx = store.begin().await?;
        if items::reminded(&mut tx, &item.id, today).await? {
            let day = i64::from(today.num_days_from_ce());
            tell_staff(&mut tx, STAFF_TAG, &item.id, day, &words::overdue(&item), now).await?;
            tx.commit().await?;
            reminded += 1;
        }
    }
    Ok(reminded)
}

/// Tells a chat of the staff, if there is one.
async fn tell_staff(tx: &mut Tx, tag: &str, origin: &str, revision: i64, message: &Message, now: Timestamp) -> sqlx::Result<()> {
    if let Some(channel) = inquiries::chat_tagged(tx, tag).await? {
        tell(tx, &channel, origin, revision, message, now).await?;
    }
    Ok(())
}
