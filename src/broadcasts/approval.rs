//! Approval: given by somebody else than the author, for exactly this text and exactly these groups. What changes afterwards voids it.

use sha2::{Digest, Sha256};

use super::bulletins::{Repeat, finish, step};
use super::{Actor, Broadcasts, Refused, audience};
use crate::domain::bulletin::{Approval, Bulletin, BulletinKind, Step};
use crate::domain::document::Publication;
use crate::domain::time::Timestamp;
use crate::replies;
use crate::store::channels::Channel;
use crate::store::{Tx, audit, bulletins, documents};

/// F56: the same content to the same target within this long is refused unless forced.
const SAME_WITHIN: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3600);
const LONGEST_REASON: usize = 200;

impl Broadcasts {
    /// Approves what is in review, or a correction that waits; never one's own text (F45). A policy's document is published with it (F47).
    /// `seen` is the [`mark_of`] what the approver looked at; where it has changed meanwhile, nothing is approved. Without it, it is taken
    /// as it stands.
    pub async fn approve_bulletin(&self, id: &str, seen: Option<&str>, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let mut tx = self.store.begin().await?;
        let lock = tx.for_update();
        let mut bulletin = bulletins::get(&mut tx, id, lock).await?.ok_or(Refused::NotFound("通知"))?;
        if seen.is_some_and(|seen| seen != mark_of(&bulletin)) {
            return Err(Refused::Conflict(replies::bulletins::changed_since_seen()));
        }
        if bulletin.correction.is_some() {
            return self.approve_correction(tx, bulletin, actor, now).await;
        }
        step(&mut bulletin, Step::Approve)?;
        if bulletin.author == actor.id {
            return Err(Refused::Forbidden(replies::bulletins::own_text()));
        }
        let targets = ids(&audience::expand(&mut tx, &bulletin.targets).await?);
        bulletin.approval = Some(Approval { by: actor.id.clone(), hash: hash(&bulletin, &targets), targets, at: now });
        if let (BulletinKind::Policy, Some(document)) = (bulletin.kind, &bulletin.origin_id) {
            let stored = documents::get(&mut tx, document).await?;
            if let Some(stored) = stored.filter(|stored| stored.publication == Publication::Quarantined) {
                return Err(Refused::Conflict(replies::bulletins::document_quarantined(&stored.document.title)));
            }
            documents::set_publication(&mut tx, document, Publication::Published, now).await?;
        }
        finish(tx, bulletin, actor, "bulletin.approve", now).await
    }

    /// Sends it back to its author.
    pub async fn reject_bulletin(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let (tx, bulletin) = self.take(id, Step::Reject).await?;
        finish(tx, bulletin, actor, "bulletin.reject", now).await
    }

    /// An approver's word that it goes out in quiet hours and on days off too (F51). The reason stands in the audit.
    pub async fn urge_bulletin(&self, id: &str, reason: &str, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
            return Err(Refused::invalid("reason", replies::bulletins::why_urgent(LONGEST_REASON)));
        }
        let (mut tx, mut bulletin) = self.take(id, Step::Urge).await?;
        if bulletin.author == actor.id {
            return Err(Refused::Forbidden(replies::bulletins::own_text()));
        }
        bulletin.manner.urgent = true;
        bulletins::hurry(&mut tx, id, now).await?;
        audit::record(&mut tx, &actor.name, "bulletin.urge.reason", id, reason, now).await?;
        finish(tx, bulletin, actor, "bulletin.urge", now).await
    }

    /// The approval must be of exactly this, and the same text must not have gone to the same chat lately.
    pub(super) async fn check_ready(&self, tx: &mut Tx, bulletin: &Bulletin, repeat: Repeat, now: Timestamp) -> Result<(), Refused> {
        let groups = audience::expand(tx, &bulletin.targets).await?;
        let Some(approval) = &bulletin.approval else { return Err(Refused::Conflict(replies::bulletins::approval_void())) };
        if approval.hash != hash(bulletin, &ids(&groups)) {
            let added: Vec<&str> =
                groups.iter().filter(|group| !approval.targets.contains(&group.id)).map(|group| group.title.as_str()).collect();
            let gone = approval.targets.iter().filter(|id| !groups.iter().any(|group| &group.id == *id)).count();
            return Err(Refused::Conflict(match (added.is_empty(), gone) {
                (true, 0) => replies::bulletins::approval_void(),
                _ => replies::bulletins::targets_changed(&added, gone),
            }));
        }
        if repeat == Repeat::Forced {
            return Ok(());
        }
        let seen = bulletins::same_content_since(tx, bulletin, now.minus(SAME_WITHIN)).await?;
        let again: Vec<&str> = groups.iter().filter(|channel| seen.contains(&channel.id)).map(|channel| channel.title.as_str()).collect();
        if again.is_empty() { Ok(()) } else { Err(Refused::Conflict(replies::bulletins::sent_lately(&again))) }
    }
}

/// The ids of channels, in an order that does not depend on their names.
pub(super) fn ids(channels: &[Channel]) -> Vec<String> {
    let mut ids: Vec<String> = channels.iter().map(|channel| channel.id.clone()).collect();
    ids.sort();
    ids
}

/// Names exactly what an approver sees of a bulletin, a correction that waits too; it changes with every edit.
pub fn mark_of(bulletin: &Bulletin) -> String {
    let correction = bulletin.correction.as_ref().map(|(body, _)| body.as_str()).unwrap_or_default();
    hex::encode(Sha256::digest(format!("{}\n{correction}", hash(bulletin, &[])).as_bytes()))
}

/// What an approval is bound to: content, attachments to the byte, manner, target rule and the groups it means, in a fixed order.
pub(super) fn hash(bulletin: &Bulletin, groups: &[String]) -> String {
    let mut bound = vec![
        serde_json::json!(bulletin.kind.word()),
        serde_json::json!(bulletin.content),
        serde_json::json!(bulletin.targets),
        serde_json::json!(bulletin.manner.workdays_only),
        serde_json::json!(groups),
    ];
    // Left out where there is nothing of it: approvals given before there were any still hold.
    if bulletin.manner.pin || bulletin.manner.card || !bulletin.attachments.is_empty() {
        bound.push(serde_json::json!([bulletin.attachments, bulletin.manner.pin, bulletin.manner.card]));
    }
    let bound = serde_json::Value::Array(bound);
    hex::encode(Sha256::digest(bound.to_string().as_bytes()))
}
