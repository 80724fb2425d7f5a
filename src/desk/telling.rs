//! Telling both sides: the asker in their private chat, staff in theirs. A web asker and the console read what was said from the store.

use std::time::Duration;

use crate::domain::delivery::Origin;
use crate::domain::inquiry::Author;
use crate::domain::message::Message;
use crate::domain::time::Timestamp;
use crate::store::Tx;
use crate::store::inquiries::{self, Inquiry};
use crate::store::inquiry_messages::{self, NewMessage};
use crate::store::notices::{self, Notice};

/// What people write to each other may arrive this much later; after that it is listed as expired.
const TELL_WITHIN: Duration = Duration::from_secs(24 * 3_600);

/// Tells the asker, where they have a chat.
pub(super) async fn tell_asker(tx: &mut Tx, inquiry: &Inquiry, origin: &str, message: &Message, now: Timestamp) -> sqlx::Result<()> {
    match &inquiry.channel_id {
        Some(channel) => tell(tx, channel, None, origin, message, now).await,
        None => Ok(()),
    }
}

/// Tells the staff chat, if there is one; without it, the inquiry stands in the inbox all the same.
pub(super) async fn tell_staff(tx: &mut Tx, tax: &str, origin: &str, message: &Message, now: Timestamp) -> sqlx::Result<()> {
    match inquiries::staff_topic(tx, tax).await? {
        Some(topic) => tell(tx, &topic.channel_id, topic.thread.as_deref(), origin, message, now).await,
        None => Ok(()),
    }
}

/// Notes a step in the inquiry; the note's id is the origin of what is told of it.
pub(super) async fn note(tx: &mut Tx, inquiry: &str, name: &str, text: &str, now: Timestamp) -> sqlx::Result<String> {
    let new = NewMessage { author: Author::Service, name, text, once: None };
    inquiry_messages::say(tx, inquiry, &new, now).await?.ok_or(sqlx::Error::RowNotFound)
}

/// Takes back what the bot was about to say to the asker.
pub(super) async fn hush(tx: &mut Tx, inquiry: &Inquiry, now: Timestamp) -> sqlx::Result<()> {
    match &inquiry.channel_id {
        Some(channel) => inquiries::hush(tx, channel, now).await,
        None => Ok(()),
    }
}

async fn tell(tx: &mut Tx, channel_id: &str, thread: Option<&str>, origin: &str, message: &Message, now: Timestamp) -> sqlx::Result<()> {
    let notice = Notice { thread, ..Notice::new(Origin::Reply, origin, now, now.plus(TELL_WITHIN)) };
    notices::hand_to(tx, channel_id, &notice, message, now).await.map(|_| ())
}
