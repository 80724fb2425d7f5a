//! Deliveries: the ledger and the outbox in one table. What a state means stands in `domain::delivery`.

use serde::Serialize;
use sqlx::{AnyConnection, Row};

use crate::domain::delivery::{DeliveryState, OnAmbiguous, Operation, Origin};
use crate::domain::id::new_id;
use crate::domain::render::Part;
use crate::domain::time::Timestamp;

/// A delivery to be made. Unique per (origin, origin_id, revision, channel, part, operation).
#[derive(Debug, Clone)]
pub struct NewDelivery<'a> {
    pub origin: Origin,
    pub origin_id: &'a str,
    pub revision: i64,
    pub channel_id: &'a str,
    pub part: i64,
    pub operation: Operation,
    pub content: &'a Part,
    /// Forum topic, for groups that have them.
    pub thread: Option<&'a str>,
    /// Message it answers.
    pub reply_to: Option<&'a str>,
    /// For edit and delete: the message they act on.
    pub message_id: Option<&'a str>,
    pub on_ambiguous: OnAmbiguous,
    pub due_at: Timestamp,
    pub not_after: Timestamp,
}

/// How many deliveries stand in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct Counts {
    pub pending: i64,
    pub sending: i64,
    pub sent: i64,
    pub failed: i64,
    pub unknown: i64,
    pub expired: i64,
    pub cancelled: i64,
    pub abandoned: i64,
}

/// Adds a delivery; `false` where it is there already, so a repeat is harmless.
pub async fn insert(conn: &mut AnyConnection, new: &NewDelivery<'_>, now: Timestamp) -> sqlx::Result<bool> {
    let content = serde_json::to_string(new.content).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    let done = sqlx::query(
        "INSERT INTO deliveries (id, origin, origin_id, revision, channel_id, part, operation, content, thread, reply_to, priority, \
         state, held, on_ambiguous, due_at, not_after, epoch, attempts, message_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, $14, $15, 0, 0, $16, $17) \
         ON CONFLICT (origin, origin_id, revision, channel_id, part, operation) DO NOTHING",
    )
    .bind(new_id("dlv", now))
    .bind(new.origin.word())
    .bind(new.origin_id.to_owned())
    .bind(new.revision)
    .bind(new.channel_id.to_owned())
    .bind(new.part)
    .bind(new.operation.word())
    .bind(content)
    .bind(new.thread.map(str::to_owned))
    .bind(new.reply_to.map(str::to_owned))
    .bind(new.origin.priority())
    .bind(DeliveryState::Pending.word())
    .bind(new.on_ambiguous.word())
    .bind(new.due_at.millis())
    .bind(new.not_after.millis())
    .bind(new.message_id.map(str::to_owned))
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How the deliveries of one thing stand.
pub async fn counts(conn: &mut AnyConnection, origin: Origin, origin_id: &str) -> sqlx::Result<Counts> {
    let rows = sqlx::query("SELECT state, COUNT(*) AS many FROM deliveries WHERE origin = $1 AND origin_id = $2 GROUP BY state")
        .bind(origin.word())
        .bind(origin_id.to_owned())
        .fetch_all(conn)
        .await?;
    let mut counts = Counts::default();
    for row in rows {
        let many: i64 = row.try_get("many")?;
        let word: String = row.try_get("state")?;
        match DeliveryState::parse(&word) {
            Some(DeliveryState::Pending) => counts.pending = many,
            Some(DeliveryState::Sending) => counts.sending = many,
            Some(DeliveryState::Sent) => counts.sent = many,
            Some(DeliveryState::Failed) => counts.failed = many,
            Some(DeliveryState::Unknown) => counts.unknown = many,
            Some(DeliveryState::Expired) => counts.expired = many,
            Some(DeliveryState::Cancelled) => counts.cancelled = many,
            Some(DeliveryState::Abandoned) => counts.abandoned = many,
            None => return Err(sqlx::Error::Decode(format!("unknown delivery state {word}").into())),
        }
    }
    Ok(counts)
}
