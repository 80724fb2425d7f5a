//! Deliveries: the ledger and the outbox in one table. What a state means stands in `domain::delivery`.

use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

pub use super::ledger::{Attempt, Delivery, by_origin, by_origin_in, get, last_of, unknown};
use super::{Tx, audit, channels};
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

/// A message that stands in a chat, or may stand there (sending, unknown).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    pub delivery_id: String,
    pub channel_id: String,
    pub revision: i64,
    pub part: i64,
    pub state: DeliveryState,
    pub thread: Option<String>,
    pub message_id: Option<String>,
}

/// Whether pending deliveries wait for their bulletin to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    Paused,
    Released,
}

/// What a person says about an unknown delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StaffOutcome {
    /// Somebody saw it arrive.
    Delivered,
    /// Somebody saw that it did not arrive, or wants it twice rather than never.
    Resend,
    Abandon,
}

/// What came of a person's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffSettled {
    Done,
    /// It is not unknown, or not any more.
    NotUnknown(DeliveryState),
    NoSuchDelivery,
}

/// Priority of recalls: before everything but replies, and in quiet hours too, for a deletion makes no sound.
const RECALL_PRIORITY: i64 = 5;
/// Priority of taking a pin off: before the message itself goes.
const UNPIN_PRIORITY: i64 = 4;
/// Priority of corrections and pins: after everything new.
const EDIT_PRIORITY: i64 = 40;
/// What a resend asked for by a person gets, in milliseconds, where its time has passed.
const RESEND_WITHIN_MS: i64 = 3_600_000;

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
    .bind(priority(new.origin, new.operation))
    .bind(DeliveryState::Pending.word())
    .bind(new.on_ambiguous.word())
    .bind(new.due_at.millis())
    .bind(new.not_after.millis())
    .bind(new.message_id.map(str::to_owned))
    .bind(now.millis())
    .execute(&mut *conn)
    .await?;
    let added = done.rows_affected() == 1;
    if added {
        channels::wake(conn, new.channel_id, new.due_at).await?;
    }
    Ok(added)
}

/// Order of claim within a chat, the lower first: reply, recall, reminder, bulletin, correction.
fn priority(origin: Origin, operation: Operation) -> i64 {
    match (origin, operation) {
        (Origin::Reply, _) | (_, Operation::Send) => origin.priority(),
        (_, Operation::Delete) => RECALL_PRIORITY,
        (_, Operation::Unpin) => UNPIN_PRIORITY,
        (_, Operation::Edit | Operation::Pin) => EDIT_PRIORITY,
    }
}

/// How the deliveries of one thing stand. Pins are not counted: whether the words arrived does not hang on them.
pub async fn counts(conn: &mut AnyConnection, origin: Origin, origin_id: &str) -> sqlx::Result<Counts> {
    let rows = sqlx::query(
        "SELECT state, COUNT(*) AS many FROM deliveries WHERE origin = $1 AND origin_id = $2 AND operation NOT IN ('pin', 'unpin') \
         GROUP BY state",
    )
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

/// The messages of one thing that stand in chats or may stand there, for recall and correction.
pub async fn sent_messages(conn: &mut AnyConnection, origin: Origin, origin_id: &str) -> sqlx::Result<Vec<SentMessage>> {
    let rows = sqlx::query(
        "SELECT id, channel_id, revision, part, state, thread, message_id FROM deliveries WHERE origin = $1 AND origin_id = $2 \
         AND operation = 'send' AND state IN ('sent', 'sending', 'unknown') ORDER BY channel_id, part, revision",
    )
    .bind(origin.word())
    .bind(origin_id.to_owned())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(SentMessage {
                delivery_id: row.try_get("id")?,
                channel_id: row.try_get("channel_id")?,
                revision: row.try_get("revision")?,
                part: row.try_get("part")?,
                state: word(row, "state", DeliveryState::parse)?,
                thread: row.try_get("thread")?,
                message_id: row.try_get("message_id")?,
            })
        })
        .collect()
}

/// Cancels what has not begun; says how many.
pub async fn cancel_pending(conn: &mut AnyConnection, origin: Origin, origin_id: &str, now: Timestamp) -> sqlx::Result<u64> {
    let done = sqlx::query(
        "UPDATE deliveries SET state = 'cancelled', settled_at = $1 WHERE origin = $2 AND origin_id = $3 AND state = 'pending'",
    )
    .bind(now.millis())
    .bind(origin.word())
    .bind(origin_id.to_owned())
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Replaces what a pending send will say; `false` where it is no longer pending.
pub async fn replace_pending(
    conn: &mut AnyConnection,
    origin: Origin,
    origin_id: &str,
    channel_id: &str,
    part: i64,
    content: &Part,
) -> sqlx::Result<bool> {
    let content = serde_json::to_string(content).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    let done = sqlx::query(
        "UPDATE deliveries SET content = $1 WHERE origin = $2 AND origin_id = $3 AND channel_id = $4 AND part = $5 \
         AND operation = 'send' AND state = 'pending'",
    )
    .bind(content)
    .bind(origin.word())
    .bind(origin_id.to_owned())
    .bind(channel_id.to_owned())
    .bind(part)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Pauses or releases what has not begun; says how many.
pub async fn set_held(conn: &mut AnyConnection, origin: Origin, origin_id: &str, hold: Hold, now: Timestamp) -> sqlx::Result<u64> {
    let held = match hold {
        Hold::Paused => 1,
        Hold::Released => 0,
    };
    let done = sqlx::query("UPDATE deliveries SET held = $1 WHERE origin = $2 AND origin_id = $3 AND state = 'pending'")
        .bind(held)
        .bind(origin.word())
        .bind(origin_id.to_owned())
        .execute(&mut *conn)
        .await?;
    if hold == Hold::Released {
        sqlx::query(
            "UPDATE channels SET wake_at = $1 WHERE (wake_at IS NULL OR wake_at > $1) AND id IN \
             (SELECT channel_id FROM deliveries WHERE origin = $2 AND origin_id = $3 AND state = 'pending')",
        )
        .bind(now.millis())
        .bind(origin.word())
        .bind(origin_id.to_owned())
        .execute(conn)
        .await?;
    }
    Ok(done.rows_affected())
}

/// Settles an unknown delivery by a person's word, and writes who said so. A resend is due at once.
pub async fn settle_by_staff(tx: &mut Tx, id: &str, outcome: StaffOutcome, actor: &str, now: Timestamp) -> sqlx::Result<StaffSettled> {
    let (state, said) = match outcome {
        StaffOutcome::Delivered => (DeliveryState::Sent, "delivered"),
        StaffOutcome::Resend => (DeliveryState::Pending, "resend"),
        StaffOutcome::Abandon => (DeliveryState::Abandoned, "abandon"),
    };
    let settled = match outcome {
        StaffOutcome::Delivered | StaffOutcome::Abandon => Some(now.millis()),
        StaffOutcome::Resend => None,
    };
    let row = sqlx::query(
        "UPDATE deliveries SET state = $1, reason = $2, settled_at = $3, due_at = $4, \
         not_after = CASE WHEN $1 = 'pending' AND not_after < $5 THEN $5 ELSE not_after END \
         WHERE id = $6 AND state = 'unknown' RETURNING channel_id",
    )
    .bind(state.word())
    .bind(format!("staff: {said}"))
    .bind(settled)
    .bind(now.millis())
    .bind(now.millis() + RESEND_WITHIN_MS)
    .bind(id.to_owned())
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else {
        return Ok(get(tx, id).await?.map_or(StaffSettled::NoSuchDelivery, |delivery| StaffSettled::NotUnknown(delivery.state)));
    };
    channels::wake(tx, row.try_get("channel_id")?, now).await?;
    audit::record(tx, actor, "delivery.settle", id, said, now).await?;
    Ok(StaffSettled::Done)
}

/// Reads a column that holds one of our words.
pub(super) fn word<T>(row: &AnyRow, name: &str, parse: fn(&str) -> Option<T>) -> sqlx::Result<T> {
    let text: String = row.try_get(name)?;
    parse(&text).ok_or_else(|| sqlx::Error::Decode(format!("unknown {name} {text}").into()))
}

/// What a message of ours in a chat belongs to; nothing where it is not ours.
pub async fn origin_of_message(conn: &mut AnyConnection, channel_id: &str, message_id: &str) -> sqlx::Result<Option<Origin>> {
    let row = sqlx::query("SELECT origin FROM deliveries WHERE channel_id = $1 AND message_id = $2 AND operation = 'send' LIMIT 1")
        .bind(channel_id.to_owned())
        .bind(message_id.to_owned())
        .fetch_optional(conn)
        .await?;
    row.map(|row| word(&row, "origin", Origin::parse)).transpose()
}
