//! What happens when time passes: scheduled bulletins become deliveries, finished ones are closed, late ones held, classes remind.
//! A tick may run twice or be killed anywhere: each bulletin is one transaction, each delivery has a unique key.

use super::attachments::pinned;
use super::bulletins::{Repeat, step};
use super::{Broadcasts, Refused, audience};
use crate::domain::bulletin::{Bulletin, BulletinState, Step};
use crate::domain::delivery::{OnAmbiguous, Operation, Origin};
use crate::domain::render::Part;
use crate::domain::time::Timestamp;
use crate::replies;
use crate::store::channels::Channel;
use crate::store::deliveries::{self, NewDelivery};
use crate::store::{Tx, audit, bulletins};

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
    /// Offers of a seat that lapsed.
    pub lapsed: usize,
    /// Weekly digests made.
    pub digests: usize,
    /// Bulletins made from recurring plans.
    pub recurring: usize,
    /// Questions of surveys sent.
    pub surveys: usize,
}

impl Broadcasts {
    /// Does what is due at `now`.
    pub async fn tick(&self, now: Timestamp) -> Result<Ticked, Refused> {
        let recurring = self.make_recurring(now).await?;
        self.date_campaigns(now).await?;
        let mut ticked = Ticked { recurring, ..Ticked::default() };
        let due = bulletins::due(&mut *self.store.read().await?, now).await?;
        for id in due {
            self.tick_bulletin(&id, now, &mut ticked).await?;
        }
        ticked.lapsed = self.lapse_offers(now).await?;
        ticked.reminders = self.remind(now).await?;
        self.certify(now).await?;
        ticked.surveys = self.ask_surveys(now).await?;
        ticked.digests = self.digest(now).await?;
        self.watch(now).await?;
        Ok(ticked)
    }

    async fn tick_bulletin(&self, id: &str, now: Timestamp, ticked: &mut Ticked) -> Result<(), Refused> {
        let mut tx = self.store.begin().await?;
        let lock = tx.for_update();
        let Some(mut bulletin) = bulletins::get(&mut tx, id, lock).await? else { return Ok(()) };
        match (bulletin.state, bulletin.scheduled_at) {
            (BulletinState::Scheduled, Some(at)) if at <= now => match self.why_held(&mut tx, &bulletin, at, now).await? {
                Some(reason) => {
                    bulletin.state = BulletinState::Held;
                    bulletin.held_reason = Some(reason);
                    ticked.held += 1;
                    tracing::error!(bulletin.id = id, "a bulletin is held for a decision");
                }
                None => {
                    step(&mut bulletin, Step::Send)?;
                    bulletin.sent_at = Some(now);
                    self.make_deliveries(&mut tx, &bulletin, now).await?;
                    ticked.started += 1;
                }
            },
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

    /// Why a bulletin whose time has come must wait for a person (F52); nothing where it may go.
    async fn why_held(&self, tx: &mut Tx, bulletin: &Bulletin, at: Timestamp, now: Timestamp) -> Result<Option<String>, Refused> {
        if at.plus(self.settings.grace) < now {
            return Ok(Some(replies::bulletins::missed(at)));
        }
        let repeat = if bulletin.manner.forced { Repeat::Forced } else { Repeat::Refused };
        let ready = match self.check_ready(tx, bulletin, repeat, now).await {
            Ok(()) => self.check_workday(bulletin, now),
            refused => refused,
        };
        match ready {
            Ok(()) => Ok(None),
            Err(Refused::Store(error)) => Err(Refused::Store(error)),
            Err(refused) => Ok(Some(refused.to_string())),
        }
    }

    /// Makes one delivery a part and channel; an unreachable channel gets its line in the ledger at once, as failed.
    pub(super) async fn make_deliveries(&self, tx: &mut Tx, bulletin: &Bulletin, now: Timestamp) -> Result<(), Refused> {
        let due_at = bulletin.scheduled_at.unwrap_or(now);
        let not_after = self.last_moment(bulletin, due_at);
        for channel in audience::everybody(tx, &bulletin.targets).await? {
            for (part, content) in (0..).zip(self.preview(bulletin, channel.kind)) {
                let new = delivery(bulletin, &channel, part, Operation::Send, &content, due_at, not_after);
                deliveries::insert(tx, &new, now).await?;
            }
            let polls = self.polls(tx, bulletin, channel.kind, now).await?;
            for (part, content) in polls.into_iter().chain(self.after_text(bulletin, channel.kind)) {
                let new = delivery(bulletin, &channel, part, Operation::Send, &content, due_at, not_after);
                deliveries::insert(tx, &new, now).await?;
            }
            if bulletin.manner.pin && channel.kind.limits().pins && !channel.private {
                let words = pinned(bulletin);
                let pin = delivery(bulletin, &channel, 0, Operation::Pin, &words, due_at, not_after);
                deliveries::insert(tx, &pin, now).await?;
            }
            if !channel.reachable {
                let reason = replies::bulletins::unreachable(channel.unreachable_reason.as_deref().unwrap_or("未知原因"));
                bulletins::fail_pending(tx, &bulletin.id, &channel.id, &reason, now).await?;
            }
        }
        if bulletin.manner.urgent {
            bulletins::hurry(tx, &bulletin.id, now).await?;
        }
        Ok(())
    }
}

pub(super) fn delivery<'a>(
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
