//! The life of a bulletin, step by step. Each step is one transaction with its audit row; what is not allowed changes nothing.

use serde::Deserialize;

use super::{Actor, Broadcasts, Refused, audience};
use crate::domain::bulletin::{Bulletin, BulletinKind, BulletinState, Content, Manner, Step, Targets};
use crate::domain::delivery::Origin;
use crate::domain::id::new_id;
use crate::domain::time::Timestamp;
use crate::replies;
use crate::store::deliveries::{self, Hold};
use crate::store::{Tx, audit, bulletins};

const LONGEST_TITLE: usize = 120;
const LONGEST_SUMMARY: usize = 500;
const LONGEST_BODY: usize = 20_000;
const LONGEST_LINK: usize = 2_000;
/// What staff write.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    #[schema(min_length = 1, max_length = 120, pattern = r"\S")]
    pub title: String,
    /// 文号.
    #[serde(default)]
    #[schema(max_length = 120)]
    pub number: Option<String>,
    #[serde(default)]
    #[schema(max_length = 500)]
    pub summary: String,
    /// 适用对象.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub audience_text: Option<String>,
    /// 施行日期.
    #[serde(default)]
    pub effective_from: Option<chrono::NaiveDate>,
    /// Address of the full text.
    #[serde(default)]
    #[schema(max_length = 2000, pattern = r"^\s*(https?://[\s\S]*)?$")]
    pub link: Option<String>,
    #[schema(min_length = 1, max_length = 20_000, pattern = r"\S")]
    pub body: String,
    #[serde(default)]
    pub targets: Targets,
    /// Never on a day off.
    #[serde(default)]
    pub workdays_only: bool,
    /// Keep the message at the top of groups where the bot may pin; where it may not, only the pin is missing.
    #[serde(default)]
    pub pin: bool,
    /// In WeCom groups a card with title, summary and link follows the text; needs `link`.
    #[serde(default)]
    pub card: bool,
}

impl Draft {
    /// The bulletin this would be, not checked and not stored.
    pub(super) fn into_bulletin(
        self,
        id: String,
        kind: BulletinKind,
        origin_id: Option<String>,
        author: String,
        now: Timestamp,
    ) -> Bulletin {
        Bulletin {
            id,
            kind,
            origin_id,
            content: Content {
                title: self.title.trim().to_owned(),
                number: filled(self.number),
                summary: self.summary.trim().to_owned(),
                audience_text: filled(self.audience_text),
                effective_from: self.effective_from,
                link: filled(self.link),
                body: self.body.trim().to_owned(),
            },
            attachments: Vec::new(),
            targets: self.targets,
            manner: Manner { workdays_only: self.workdays_only, pin: self.pin, card: self.card, ..Manner::default() },
            state: BulletinState::Draft,
            revision: 1,
            author,
            approval: None,
            scheduled_at: None,
            held_reason: None,
            correction: None,
            reviewed: None,
            created_at: now,
            updated_at: now,
            sent_at: None,
        }
    }
}

/// What to change; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    #[schema(min_length = 1, max_length = 120, pattern = r"\S")]
    pub title: Option<String>,
    #[schema(max_length = 120)]
    pub number: Option<String>,
    #[schema(max_length = 500)]
    pub summary: Option<String>,
    #[schema(max_length = 500)]
    pub audience_text: Option<String>,
    /// `null` takes it away.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<chrono::NaiveDate>)]
    pub effective_from: Option<Option<chrono::NaiveDate>>,
    #[schema(max_length = 2000, pattern = r"^\s*(https?://[\s\S]*)?$")]
    pub link: Option<String>,
    #[schema(min_length = 1, max_length = 20_000, pattern = r"\S")]
    pub body: Option<String>,
    pub targets: Option<Targets>,
    pub workdays_only: Option<bool>,
    pub pin: Option<bool>,
    pub card: Option<bool>,
}

/// Whether the same text may go to the same channel again within 7 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    Refused,
    Forced,
}

impl Broadcasts {
    /// Writes a draft.
    pub async fn create_bulletin(&self, draft: Draft, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let mut tx = self.store.begin().await?;
        let kind = if draft.number.is_some() { BulletinKind::Policy } else { BulletinKind::Notice };
        let bulletin = self.draft_in(&mut tx, kind, None, draft, actor, now).await?;
        tx.commit().await?;
        Ok(bulletin)
    }

    /// Writes a draft made from something else, in the transaction of that thing; one per thing.
    pub async fn draft_in(
        &self,
        tx: &mut Tx,
        kind: BulletinKind,
        origin_id: Option<String>,
        draft: Draft,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Bulletin, Refused> {
        audience::expand(tx, &draft.targets).await?;
        self.draft_without_targets_in(tx, kind, origin_id, draft, actor, now).await
    }

    /// The same where nobody needs to be reachable yet: whom it goes to is asked for when it is submitted (F47).
    pub async fn draft_without_targets_in(
        &self,
        tx: &mut Tx,
        kind: BulletinKind,
        origin_id: Option<String>,
        draft: Draft,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Bulletin, Refused> {
        let bulletin = draft.into_bulletin(new_id("bul", now), kind, origin_id, actor.id.clone(), now);
        check(&bulletin.content)?;
        check_card(&bulletin.content, bulletin.manner.card)?;
        if !bulletins::insert(tx, &bulletin).await? {
            return Err(Refused::Conflict(replies::bulletins::drafted_already()));
        }
        audit::record(tx, &actor.name, "bulletin.create", &bulletin.id, kind.word(), now).await?;
        Ok(bulletin)
    }

    /// One bulletin.
    pub async fn bulletin(&self, id: &str) -> Result<Bulletin, Refused> {
        bulletins::get(&mut *self.store.read().await?, id, "").await?.ok_or(Refused::NotFound("通知"))
    }

    /// Changes a bulletin that has not gone out; an approval is void from then on.
    pub async fn edit_bulletin(&self, id: &str, edit: Edit, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let (mut tx, mut bulletin) = self.take(id, Step::Edit).await?;
        let content = &mut bulletin.content;
        content.title = edit.title.unwrap_or_else(|| content.title.clone()).trim().to_owned();
        content.number = edit.number.map_or_else(|| content.number.clone(), |number| filled(Some(number)));
        content.summary = edit.summary.unwrap_or_else(|| content.summary.clone()).trim().to_owned();
        content.audience_text = edit.audience_text.map_or_else(|| content.audience_text.clone(), |text| filled(Some(text)));
        content.effective_from = edit.effective_from.unwrap_or(content.effective_from);
        content.link = edit.link.map_or_else(|| content.link.clone(), |link| filled(Some(link)));
        content.body = edit.body.unwrap_or_else(|| content.body.clone()).trim().to_owned();
        check(content)?;
        if let Some(targets) = edit.targets {
            audience::expand(&mut tx, &targets).await?;
            bulletin.targets = targets;
        }
        let workdays_only = edit.workdays_only.unwrap_or(bulletin.manner.workdays_only);
        let (pin, card) = (edit.pin.unwrap_or(bulletin.manner.pin), edit.card.unwrap_or(bulletin.manner.card));
        check_card(&bulletin.content, card)?;
        bulletin.manner = Manner { workdays_only, pin, card, ..Manner::default() };
        unapprove(&mut bulletin, actor);
        finish(tx, bulletin, actor, "bulletin.edit", now).await
    }

    /// Hands a draft to the approver.
    pub async fn submit_bulletin(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let (mut tx, bulletin) = self.take(id, Step::Submit).await?;
        audience::expand(&mut tx, &bulletin.targets).await?;
        finish(tx, bulletin, actor, "bulletin.submit", now).await
    }

    /// Sets its time; at that time a tick sends it.
    pub async fn schedule_bulletin(
        &self,
        id: &str,
        at: Timestamp,
        repeat: Repeat,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Bulletin, Refused> {
        if at <= now {
            return Err(Refused::invalid("at", replies::bulletins::time_has_passed(at)));
        }
        let (mut tx, mut bulletin) = self.take(id, Step::Schedule).await?;
        self.check_ready(&mut tx, &bulletin, repeat, now).await?;
        self.check_workday(&bulletin, at)?;
        bulletin.scheduled_at = Some(at);
        bulletin.held_reason = None;
        bulletin.manner.forced = repeat == Repeat::Forced;
        finish(tx, bulletin, actor, "bulletin.schedule", now).await
    }

    /// Sends it now: the deliveries are made in this transaction.
    pub async fn send_bulletin(&self, id: &str, repeat: Repeat, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let (mut tx, mut bulletin) = self.take(id, Step::Send).await?;
        self.check_ready(&mut tx, &bulletin, repeat, now).await?;
        self.check_workday(&bulletin, now)?;
        bulletin.held_reason = None;
        bulletin.scheduled_at = Some(now);
        bulletin.sent_at = Some(now);
        self.make_deliveries(&mut tx, &bulletin, now).await?;
        finish(tx, bulletin, actor, "bulletin.send", now).await
    }

    /// Stops what has not begun.
    pub async fn pause_bulletin(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let (mut tx, bulletin) = self.take(id, Step::Pause).await?;
        deliveries::set_held(&mut tx, Origin::Bulletin, id, Hold::Paused, now).await?;
        finish(tx, bulletin, actor, "bulletin.pause", now).await
    }

    /// Goes on with what is missing, and only that (F48).
    pub async fn resume_bulletin(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let (mut tx, bulletin) = self.take(id, Step::Resume).await?;
        deliveries::set_held(&mut tx, Origin::Bulletin, id, Hold::Released, now).await?;
        finish(tx, bulletin, actor, "bulletin.resume", now).await
    }

    /// Gives it up: what has not begun never goes out.
    pub async fn cancel_bulletin(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let (mut tx, mut bulletin) = self.take(id, Step::Cancel).await?;
        bulletin.held_reason = None;
        deliveries::cancel_pending(&mut tx, Origin::Bulletin, id, now).await?;
        finish(tx, bulletin, actor, "bulletin.cancel", now).await
    }

    /// Begins a change of state: the bulletin locked, the step taken.
    pub(super) async fn take(&self, id: &str, wanted: Step) -> Result<(Tx, Bulletin), Refused> {
        let mut tx = self.store.begin().await?;
        let lock = tx.for_update();
        let mut bulletin = bulletins::get(&mut tx, id, lock).await?.ok_or(Refused::NotFound("通知"))?;
        step(&mut bulletin, wanted)?;
        Ok((tx, bulletin))
    }
}

/// Writes the changed bulletin with its audit row.
pub(super) async fn finish(mut tx: Tx, bulletin: Bulletin, actor: &Actor, action: &str, now: Timestamp) -> Result<Bulletin, Refused> {
    bulletins::update(&mut tx, &bulletin, now).await?;
    audit::record(&mut tx, &actor.name, action, &bulletin.id, bulletin.state.word(), now).await?;
    tx.commit().await?;
    Ok(bulletin)
}

pub(super) fn step(bulletin: &mut Bulletin, wanted: Step) -> Result<(), Refused> {
    match bulletin.state.after(wanted) {
        Some(state) => {
            if state == BulletinState::Draft && bulletin.state != BulletinState::Draft {
                bulletin.reviewed = Some(bulletin.for_review());
            }
            bulletin.state = state;
            Ok(())
        }
        None => Err(Refused::Conflict(replies::bulletins::illegal_step(bulletin.state, wanted))),
    }
}

pub(super) fn check(content: &Content) -> Result<(), Refused> {
    let within = |field: &'static str, name: &str, text: &str, longest: usize| {
        if text.chars().count() > longest {
            return Err(Refused::invalid(field, replies::bulletins::too_long(name, longest)));
        }
        Ok(())
    };
    if content.title.is_empty() {
        return Err(Refused::invalid("title", replies::bulletins::missing("标题")));
    }
    if content.body.is_empty() {
        return Err(Refused::invalid("body", replies::bulletins::missing("正文")));
    }
    within("title", "标题", &content.title, LONGEST_TITLE)?;
    within("summary", "摘要", &content.summary, LONGEST_SUMMARY)?;
    within("body", "正文", &content.body, LONGEST_BODY)?;
    within("number", "文号", content.number.as_deref().unwrap_or_default(), LONGEST_TITLE)?;
    within("audience_text", "适用对象", content.audience_text.as_deref().unwrap_or_default(), LONGEST_SUMMARY)?;
    let link = content.link.as_deref().unwrap_or("https://");
    if link.chars().count() > LONGEST_LINK || !(link.starts_with("https://") || link.starts_with("http://")) {
        return Err(Refused::invalid("link", replies::bulletins::wrong_link()));
    }
    Ok(())
}

/// What was approved is not what stands there now.
pub(super) fn unapprove(bulletin: &mut Bulletin, actor: &Actor) {
    bulletin.approval = None;
    bulletin.held_reason = None;
    bulletin.scheduled_at = None;
    bulletin.author.clone_from(&actor.id);
}

fn check_card(content: &Content, card: bool) -> Result<(), Refused> {
    if card && content.link.is_none() { Err(Refused::invalid("link", replies::bulletins::card_without_link())) } else { Ok(()) }
}

/// Tells `null` from what is left out.
fn said<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
