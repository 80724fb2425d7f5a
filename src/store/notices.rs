//! Notices to one person: a question of theirs is answered, their suggestion moved on. Handed to the outbox in the transaction of the
//! change, once under their key.

use std::time::Duration;

use super::deliveries::{self, NewDelivery};
use super::{Tx, channels};
use crate::domain::delivery::{OnAmbiguous, Operation, Origin};
use crate::domain::message::Message;
use crate::domain::render::render;
use crate::domain::time::Timestamp;

/// A notice waits so long for the end of the quiet hours; later it is old news.
pub const TELL_WITHIN: Duration = Duration::from_secs(48 * 3_600);

/// Hands a message to the outbox; false where the chat has it already, or is gone.
pub async fn tell(tx: &mut Tx, channel_id: &str, origin_id: &str, revision: i64, message: &Message, now: Timestamp) -> sqlx::Result<bool> {
    let Some(channel) = channels::get(tx, channel_id).await? else { return Ok(false) };
    let mut new_to_them = false;
    for (part, content) in (0..).zip(render(message, channel.kind.limits())) {
        let new = NewDelivery {
            origin: Origin::Notice,
            origin_id,
            revision,
            channel_id,
            part,
            operation: Operation::Send,
            content: &content,
            thread: channel.thread.as_deref(),
            reply_to: None,
            message_id: None,
            on_ambiguous: OnAmbiguous::Never,
            due_at: now,
            not_after: now.plus(TELL_WITHIN),
        };
        new_to_them |= deliveries::insert(tx, &new, now).await?;
    }
    Ok(new_to_them)
}
