//! Messages handed to the outbox in the transaction of the change that causes them, once under their name: in parts as the channel wants
//! them.

use std::time::Duration;

use super::deliveries::{self, NewDelivery};
use super::{Tx, channels};
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::{OnAmbiguous, Operation, Origin};
use crate::domain::message::Message;
use crate::domain::render::render;
use crate::domain::time::Timestamp;

/// A notice waits so long for the end of the quiet hours; later it is old news.
pub const TELL_WITHIN: Duration = Duration::from_secs(48 * 3_600);

/// How a message is handed over.
#[derive(Debug, Clone, Copy)]
pub struct Notice<'a> {
    pub origin: Origin,
    /// With the revision it names the message: handed over again, nothing changes.
    pub name: &'a str,
    pub revision: i64,
    pub thread: Option<&'a str>,
    pub reply_to: Option<&'a str>,
    pub on_ambiguous: OnAmbiguous,
    pub due_at: Timestamp,
    pub not_after: Timestamp,
}

impl<'a> Notice<'a> {
    /// Its first revision, answering nothing, an unknown outcome left to a person.
    pub fn new(origin: Origin, name: &'a str, due_at: Timestamp, not_after: Timestamp) -> Self {
        Self { origin, name, revision: 1, thread: None, reply_to: None, on_ambiguous: OnAmbiguous::Ask, due_at, not_after }
    }
}

/// Hands a message over; false where it was there already.
pub async fn hand(
    tx: &mut Tx,
    (channel_id, kind): (&str, ChannelKind),
    notice: &Notice<'_>,
    message: &Message,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let mut new_to_them = false;
    for (part, content) in (0..).zip(render(message, kind.limits())) {
        let new = NewDelivery {
            origin: notice.origin,
            origin_id: notice.name,
            revision: notice.revision,
            channel_id,
            part,
            operation: Operation::Send,
            content: &content,
            thread: notice.thread,
            reply_to: notice.reply_to,
            message_id: None,
            on_ambiguous: notice.on_ambiguous,
            due_at: notice.due_at,
            not_after: notice.not_after,
        };
        new_to_them |= deliveries::insert(tx, &new, now).await?;
    }
    Ok(new_to_them)
}

/// The same by the chat's id; false also where the chat is gone.
pub async fn hand_to(tx: &mut Tx, channel_id: &str, notice: &Notice<'_>, message: &Message, now: Timestamp) -> sqlx::Result<bool> {
    let Some(channel) = channels::get(tx, channel_id).await? else { return Ok(false) };
    hand(tx, (channel_id, channel.kind), notice, message, now).await
}

/// Tells one person of something of theirs: their question is answered, their suggestion moved on. False where the chat has it already,
/// or is gone.
pub async fn tell(tx: &mut Tx, channel_id: &str, name: &str, revision: i64, message: &Message, now: Timestamp) -> sqlx::Result<bool> {
    let notice = Notice { revision, on_ambiguous: OnAmbiguous::Never, ..Notice::new(Origin::Notice, name, now, now.plus(TELL_WITHIN)) };
    hand_to(tx, channel_id, &notice, message, now).await
}
