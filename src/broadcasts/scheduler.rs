//! What happens when time passes: scheduled bulletins become deliveries, finished ones are closed, late ones held, classes remind.
//! A tick may run twice or be killed anywhere: each bulletin is one transaction, each delivery has a unique key.

use super::bulletins::{finish, hash, step};
use super::{Actor, Broadcasts, Refused, audience};
use crate::domain::bulletin::{Approval, Bulletin, BulletinState, Step};
use crate::domain::delivery::{DeliveryState, OnAmbiguous, Operation, Origin};
use crate::domain::render::Part;
use crate::domain::time::Timestamp;
use crate::replies;
use crate::store::channels::{self, Channel};
use crate::store::deliveries::{self, NewDelivery};
use crate::store::{Tx, audit, bulletins};

/// How long edits and recalls are tried.
const REPAIR_WITHIN: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// What a tick did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ticked {
    /// Bulletins that began.
    pub started: usize,
    /// Bulletins found too late and held for a person.
    pub held: usize,
    /// Bulletins whose last delivery was settled.
    pub finished: usize,
    /// Reminders made.
    pub reminders: usize,
}

impl Broadcasts {
    /// Does what is due at `now`.
    pub async fn tick(&self, now: Timestamp) -> Result<Ticked, Refused> {
        let mut ticked = Ticked::default();
        let due = bulletins::due(&mut *self.store.read().await?, now).await?;
        for id in due {
            self.tick_bulletin(&id, now, &mut ticked).await?;
        }
        ticked.reminders = self.remind(now).await?;
        Ok(ticked)
    }

    async fn tick_bulletin(&self, id: &str, now: Timestamp, ticked: &mut Ticked) -> Result<(), Refused> {
        let mut tx = self.store.begin().await?;
        let lock = tx.for_update();
        let Some(mut bulletin) = bulletins::get(&mut tx, id, lock).await? else { return Ok(()) };
        match (bulletin.state, bulletin.scheduled_at) {
            (BulletinState::Scheduled, Some(at)) if at.plus(self.settings.grace) < now => {
                bulletin.state = BulletinState::Held;
                ticked.held += 1;
                tracing::error!(bulletin.id = id, "a bulletin missed its time and is held for a decision");
            }
            (BulletinState::Scheduled, Some(at)) if at <= now => {
                if bulletin.approval.as_ref().is_none_or(|approval| approval.hash != hash(&bulletin)) {
                    bulletin.state = BulletinState::Held;
                    ticked.held += 1;
                } else {
                    step(&mut bulletin, Step::Send)?;
                    bulletin.sent_at = Some(now);
                    self.make_deliveries(&mut tx, &bulletin, now).await?;
                    ticked.started += 1;
                }
            }
            (BulletinState::Sending, _) => {
                let counts = deliveries::counts(&mut tx, Origin::Bulletin, id).await?;
                if counts.pending + counts.sending + counts.unknown > 0 {
                    return Ok(());
                }
                let missing = counts.failed + counts.expired + counts.cancelled + counts.abandoned;
                bulletin.state = if missing == 0 { BulletinState::Sent } else { BulletinState::PartlySent };
                ticked.finished += 1;
            }
            _ => return Ok(()),
        }
        bulletins::update(&mut tx, &bulletin, now).await?;
        audit::record(&mut tx, "scheduler", "bulletin.tick", id, bulletin.state.word(), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Makes one delivery a part and channel; an unreachable channel gets its line in the ledger at once, as failed.
    pub(super) async fn make_deliveries(&self, tx: &mut Tx, bulletin: &Bulletin, now: Timestamp) -> Result<(), Refused> {
        let due_at = bulletin.scheduled_at.unwrap_or(now);
        for channel in audience::expand(tx, &bulletin.targets).await? {
            for (part, content) in (0..).zip(self.preview(bulletin, channel.kind)) {
                let new = delivery(bulletin, &channel, part, Operation::Send, &content, due_at, due_at.plus(self.settings.not_after));
                deliveries::insert(tx, &new, now).await?;
            }
            if !channel.reachable {
                let reason = replies::bulletins::unreachable(channel.unreachable_reason.as_deref().unwrap_or("未知原因"));
                bulletins::fail_pending(tx, &bulletin.id, &channel.id, &reason, now).await?;
            }
        }
        Ok(())
    }

    /// Writes a corrected text, which waits for approval.
    pub async fn correct_bulletin(&self, id: &str, body: &str, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let (tx, mut bulletin) = self.take(id, Step::Correct).await?;
        if bulletin.correction.is_some() {
            return Err(Refused::Conflict(replies::bulletins::correction_waits()));
        }
        let mut corrected = bulletin.content.clone();
        corrected.body = body.trim().to_owned();
        super::bulletins::check(&corrected)?;
        bulletin.correction = Some((corrected.body, actor.id.clone()));
        finish(tx, bulletin, actor, "bulletin.correct", now).await
    }

    /// Puts an approved correction in place: edits what arrived, replaces what is still to go, adds or takes away parts.
    pub(super) async fn approve_correction(
        &self,
        mut tx: Tx,
        mut bulletin: Bulletin,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Bulletin, Refused> {
        let Some((body, author)) = bulletin.correction.take() else { return Err(Refused::NotFound("更正")) };
        step(&mut bulletin, Step::Correct)?;
        if author == actor.id {
            return Err(Refused::Forbidden(replies::bulletins::own_text()));
        }
        bulletin.content.body = body;
        bulletin.revision += 1;
        bulletin.approval = Some(Approval { by: actor.id.clone(), hash: hash(&bulletin), at: now });
        for channel in channels::targets(&mut tx).await? {
            let standing = bulletins::parts_at(&mut tx, &bulletin.id, &channel.id).await?;
            if !standing.is_empty() {
                self.correct_at(&mut tx, &bulletin, &channel, &standing, now).await?;
            }
        }
        finish(tx, bulletin, actor, "bulletin.approve_correction", now).await
    }

    async fn correct_at(
        &self,
        tx: &mut Tx,
        bulletin: &Bulletin,
        channel: &Channel,
        standing: &[(i64, DeliveryState, Option<String>)],
        now: Timestamp,
    ) -> Result<(), Refused> {
        let parts = self.corrected_parts(bulletin, channel.kind, now);
        let until = now.plus(REPAIR_WITHIN);
        for (part, content) in (0..).zip(&parts) {
            let found = standing.iter().find(|(there, _, _)| *there == part);
            match found {
                Some((_, DeliveryState::Pending, _)) => {
                    deliveries::replace_pending(tx, Origin::Bulletin, &bulletin.id, &channel.id, part, content).await?;
                }
                Some((_, _, message)) => {
                    let mut edit = delivery(bulletin, channel, part, Operation::Edit, content, now, until);
                    edit.message_id = message.as_deref();
                    deliveries::insert(tx, &edit, now).await?;
                }
                None => {
                    deliveries::insert(tx, &delivery(bulletin, channel, part, Operation::Send, content, now, until), now).await?;
                }
            }
        }
        let count = i64::try_from(parts.len()).unwrap_or(i64::MAX);
        for (part, state, message) in standing.iter().filter(|(part, _, _)| *part >= count) {
            if *state == DeliveryState::Pending {
                bulletins::cancel_pending_part(tx, &bulletin.id, &channel.id, *part, now).await?;
            } else {
                self.delete(tx, bulletin, channel, *part, message.as_deref(), now).await?;
            }
        }
        Ok(())
    }

    /// Takes back what arrived and cancels what did not; what is unknown stays listed (F53).
    pub async fn recall_bulletin(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let (mut tx, mut bulletin) = self.take(id, Step::Recall).await?;
        bulletin.revision += 1;
        bulletin.correction = None;
        deliveries::cancel_pending(&mut tx, Origin::Bulletin, id, now).await?;
        for channel in channels::targets(&mut tx).await? {
            for (part, _, message) in bulletins::parts_at(&mut tx, id, &channel.id).await? {
                self.delete(&mut tx, &bulletin, &channel, part, message.as_deref(), now).await?;
            }
        }
        finish(tx, bulletin, actor, "bulletin.recall", now).await
    }

    async fn delete(
        &self,
        tx: &mut Tx,
        bulletin: &Bulletin,
        channel: &Channel,
        part: i64,
        message: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let words = self.recall_parts(channel.kind);
        let Some(content) = words.first() else { return Ok(()) };
        let mut delete = delivery(bulletin, channel, part, Operation::Delete, content, now, now.plus(REPAIR_WITHIN));
        delete.message_id = message;
        deliveries::insert(tx, &delete, now).await?;
        Ok(())
    }
}

fn delivery<'a>(
    bulletin: &'a Bulletin,
    channel: &'a Channel,
    part: i64,
    operation: Operation,
    content: &'a Part,
    due_at: Timestamp,
    not_after: Timestamp,
) -> NewDelivery<'a> {
    NewDelivery {
        origin: Origin::Bulletin,
        origin_id: &bulletin.id,
        revision: bulletin.revision,
        channel_id: &channel.id,
        part,
        operation,
        content,
        thread: channel.thread.as_deref(),
        reply_to: None,
        message_id: None,
        on_ambiguous: OnAmbiguous::Ask,
        due_at,
        not_after,
    }
}
