//! Putting right what went out: corrections and recalls, each target by what its channel can do. What is unknown stays listed.

use super::approval::hash;
use super::attachments::{ATTACHMENTS_FROM, attachment_at, pinned};
use super::bulletins::{check, finish, step};
use super::quizzes::POLLS_FROM;
use super::scheduler::delivery;
use super::{Actor, Broadcasts, Refused};
use crate::domain::bulletin::{Approval, Bulletin, Step};
use crate::domain::delivery::{DeliveryState, Operation, Origin};
use crate::domain::render::Part;
use crate::domain::time::Timestamp;
use crate::replies;
use crate::store::channels::Channel;
use crate::store::deliveries;
use crate::store::{Tx, bulletins};

/// How long edits and recalls are tried.
const REPAIR_WITHIN: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

impl Broadcasts {
    /// Writes a corrected text, which waits for approval.
    pub async fn correct_bulletin(&self, id: &str, body: &str, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let (tx, mut bulletin) = self.take(id, Step::Correct).await?;
        if bulletin.correction.is_some() {
            return Err(Refused::Conflict(replies::bulletins::correction_waits()));
        }
        let mut corrected = bulletin.content.clone();
        corrected.body = body.trim().to_owned();
        check(&corrected)?;
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
        let targets = bulletin.approval.take().map(|approval| approval.targets).unwrap_or_default();
        bulletin.approval = Some(Approval { by: actor.id.clone(), hash: hash(&bulletin, &targets), targets, at: now });
        for channel in bulletins::channels_of(&mut tx, &bulletin.id).await? {
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
        if !channel.kind.limits().edit && standing.iter().any(|(_, state, _)| *state != DeliveryState::Pending) {
            bulletins::cancel_pending_at(tx, &bulletin.id, &channel.id, ATTACHMENTS_FROM, now).await?;
            return self.say_again(tx, bulletin, channel, &parts, now).await;
        }
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
        for (part, state, message) in standing.iter().filter(|(part, _, _)| (count..POLLS_FROM).contains(part)) {
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
        for channel in bulletins::channels_of(&mut tx, id).await? {
            let standing = bulletins::parts_at(&mut tx, id, &channel.id).await?;
            if channel.kind.limits().recall_within.is_none() {
                if standing.iter().any(|(_, state, _)| *state == DeliveryState::Sent) {
                    let parts = self.withdrawal_parts(&bulletin, channel.kind);
                    self.say_again(&mut tx, &bulletin, &channel, &parts, now).await?;
                }
                continue;
            }
            if bulletin.manner.pin && channel.kind.limits().pins && !channel.private {
                let words = pinned(&bulletin);
                let unpin = delivery(&bulletin, &channel, 0, Operation::Unpin, &words, now, now.plus(REPAIR_WITHIN));
                if bulletins::was_pinned(&mut tx, id, &channel.id).await? {
                    deliveries::insert(&mut tx, &unpin, now).await?;
                }
            }
            for (part, _, message) in standing {
                self.delete(&mut tx, &bulletin, &channel, part, message.as_deref(), now).await?;
            }
        }
        finish(tx, bulletin, actor, "bulletin.recall", now).await
    }

    /// Where nothing can be edited or taken back, another message says it (F53).
    async fn say_again(&self, tx: &mut Tx, bulletin: &Bulletin, channel: &Channel, parts: &[Part], now: Timestamp) -> Result<(), Refused> {
        for (part, content) in (0..).zip(parts) {
            let new = delivery(bulletin, channel, part, Operation::Send, content, now, now.plus(REPAIR_WITHIN));
            deliveries::insert(tx, &new, now).await?;
        }
        Ok(())
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
        // Where it can no longer be deleted, the words under a file are replaced, not a text.
        let content = Part { attachment: attachment_at(bulletin, part).cloned(), ..content.clone() };
        let mut delete = delivery(bulletin, channel, part, Operation::Delete, &content, now, now.plus(REPAIR_WITHIN));
        delete.message_id = message;
        deliveries::insert(tx, &delete, now).await?;
        Ok(())
    }
}
