//! What was said in an inquiry, in order. Each message is also the origin of the deliveries that carry it into a chat.

use serde::Serialize;
use sqlx::{AnyConnection, Row};

use super::deliveries::word;
use crate::domain::delivery::DeliveryState;
use crate::domain::id::new_id;
use crate::domain::inquiry::Author;
use crate::domain::time::Timestamp;

/// Something said in an inquiry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct InquiryMessage {
    pub id: String,
    pub author: Author,
    pub name: String,
    pub text: String,
    #[schema(value_type = String, format = DateTime)]
    pub said_at: Timestamp,
}

/// Something to be kept as said.
#[derive(Debug, Clone, Copy)]
pub struct NewMessage<'a> {
    pub author: Author,
    pub name: &'a str,
    pub text: &'a str,
    /// Token of the form that sent it.
    pub once: Option<&'a str>,
}

/// Keeps what was said; its id, or `None` where the form with the token `once` was sent before. The caller holds the inquiry.
pub async fn say(conn: &mut AnyConnection, inquiry: &str, new: &NewMessage<'_>, now: Timestamp) -> sqlx::Result<Option<String>> {
    let id = new_id("inm", now);
    let done = sqlx::query(
        "INSERT INTO inquiry_messages (id, inquiry_id, author, name, text, said_at, once, place) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT COALESCE(MAX(place), 0) + 1 FROM inquiry_messages WHERE inquiry_id = $2)) \
         ON CONFLICT (inquiry_id, once) WHERE once IS NOT NULL DO NOTHING",
    )
    .bind(id.clone())
    .bind(inquiry.to_owned())
    .bind(new.author.word())
    .bind(new.name.to_owned())
    .bind(new.text.to_owned())
    .bind(now.millis())
    .bind(new.once.map(str::to_owned))
    .execute(conn)
    .await?;
    Ok((done.rows_affected() == 1).then_some(id))
}

/// Everything said in an inquiry, in order.
pub async fn said(conn: &mut AnyConnection, inquiry: &str) -> sqlx::Result<Vec<InquiryMessage>> {
    let rows =
        sqlx::query("SELECT id, author, name, text, said_at FROM inquiry_messages WHERE inquiry_id = $1 ORDER BY place, said_at, id")
            .bind(inquiry.to_owned())
            .fetch_all(conn)
            .await?;
    rows.iter()
        .map(|row| {
            let author: String = row.try_get("author")?;
            Ok(InquiryMessage {
                id: row.try_get("id")?,
                author: Author::parse(&author).ok_or_else(|| sqlx::Error::Decode(format!("unknown author {author}").into()))?,
                name: row.try_get("name")?,
                text: row.try_get("text")?,
                said_at: Timestamp::from_millis(row.try_get("said_at")?),
            })
        })
        .collect()
}

/// The inquiry that a message in a chat belongs to.
pub async fn of_message(conn: &mut AnyConnection, channel_id: &str, message_id: &str) -> sqlx::Result<Option<String>> {
    let row = sqlx::query(
        "SELECT m.inquiry_id FROM deliveries d JOIN inquiry_messages m ON m.id = d.origin_id \
         WHERE d.channel_id = $1 AND d.message_id = $2 AND d.operation = 'send' LIMIT 1",
    )
    .bind(channel_id.to_owned())
    .bind(message_id.to_owned())
    .fetch_optional(conn)
    .await?;
    row.map(|row| row.try_get("inquiry_id")).transpose()
}

/// Inquiries with a person (or only the one named), and when anybody last said something in them.
pub async fn last_words(conn: &mut AnyConnection, only: Option<&str>) -> sqlx::Result<Vec<(String, Timestamp)>> {
    let rows = sqlx::query(
        "SELECT i.id, MAX(m.said_at) AS last_at FROM inquiries i JOIN inquiry_messages m ON m.inquiry_id = i.id \
         WHERE i.state = 'human' AND ($1 = '' OR i.id = $1) GROUP BY i.id ORDER BY i.id",
    )
    .bind(only.unwrap_or_default().to_owned())
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, Timestamp::from_millis(row.try_get("last_at")?)))).collect()
}

/// What staff said that has not arrived in the asker's chat, and how it stands.
pub async fn not_arrived(conn: &mut AnyConnection, inquiry: &str, channel_id: &str) -> sqlx::Result<Vec<(String, DeliveryState)>> {
    let rows = sqlx::query(
        "SELECT d.origin_id, d.state FROM inquiry_messages m JOIN deliveries d ON d.origin = 'reply' AND d.origin_id = m.id \
         WHERE m.inquiry_id = $1 AND m.author = 'staff' AND d.channel_id = $2 AND d.operation = 'send' AND d.state <> 'sent'",
    )
    .bind(inquiry.to_owned())
    .bind(channel_id.to_owned())
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("origin_id")?, word(row, "state", DeliveryState::parse)?))).collect()
}

/// Whether the form with this token was sent before.
pub async fn was_said(conn: &mut AnyConnection, inquiry: &str, once: &str) -> sqlx::Result<bool> {
    let row = sqlx::query("SELECT id FROM inquiry_messages WHERE inquiry_id = $1 AND once = $2")
        .bind(inquiry.to_owned())
        .bind(once.to_owned())
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}
