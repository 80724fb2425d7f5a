//! Whose turn it is: the chats that can take something now, each with the delivery that goes first there.
//!
//! Turns go by chat, not by row: `channels.wake_at` says when a chat may next have something and `free_at` when it may take it, and an
//! index over the later of the two lets chats that wait or are frozen cost nothing. `wake_at` is a hint that may be too early, never too
//! late; `settlements::wake_waiting` repairs it.

use sqlx::{AnyConnection, Row};

use super::claims::Terms;
use super::deliveries::word;
use super::{Engine, Tx};
use crate::domain::channel::ChannelKind;
use crate::domain::time::Timestamp;

/// Priorities below this are claimed in quiet hours too: replies, and recalls, which make no sound.
const LOUD_PRIORITY: i64 = 10;

/// A row of the chat waits: for lower parts of the same thing; an edit, delete or pin for its send and for older edits and pins.
const NOT_BLOCKED: &str = "NOT EXISTS (SELECT 1 FROM deliveries b WHERE b.origin = d.origin AND b.origin_id = d.origin_id \
     AND b.channel_id = d.channel_id AND b.id <> d.id AND ( \
     (b.operation = d.operation AND b.revision = d.revision AND b.part < d.part AND b.state IN ('pending', 'sending')) \
     OR (d.operation <> 'send' AND b.operation = 'send' AND b.part = d.part AND b.state IN ('pending', 'sending', 'unknown')) \
     OR (d.operation <> 'send' AND b.operation IN ('edit', 'pin') AND b.part = d.part AND b.revision < d.revision \
     AND b.state IN ('pending', 'sending'))))";
/// When the chat can take something: the words of the index `channels_ready`.
const READY_AT: &str = "CASE WHEN c.wake_at > c.free_at THEN c.wake_at ELSE c.free_at END";
/// One in flight per chat.
const NOTHING_IN_FLIGHT: &str = "NOT EXISTS (SELECT 1 FROM deliveries s WHERE s.channel_id = c.id AND s.state = 'sending')";

/// Whose turn it is: every few commits the longest waiting goes first, so that nobody starves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    ByPriority,
    LongestWaiting,
}

/// A chat that can take something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chat {
    pub id: String,
    pub kind: ChannelKind,
    pub address: String,
    pub group: bool,
    /// The delivery whose turn it is; nothing where the hint was too early.
    pub head: Option<String>,
}

/// The chats whose turn it is, the first first; of each kind at most so many, of all together at most `wanted` with a reply. On
/// PostgreSQL they are locked, and what others hold is passed over. A chat may come twice.
pub(super) async fn look(
    tx: &mut Tx,
    terms: &Terms<'_>,
    kinds: &[(ChannelKind, usize)],
    wanted: usize,
    now: Timestamp,
) -> sqlx::Result<Vec<Chat>> {
    let (for_update, for_update_of_chat) = match tx.engine {
        Engine::Sqlite => ("", ""),
        Engine::Postgres => (" FOR UPDATE SKIP LOCKED", " FOR UPDATE OF c SKIP LOCKED"),
    };
    let mut parts: Vec<String> = (4..)
        .zip(kinds)
        .map(|(place, (kind, _))| {
            format!(
                "SELECT * FROM (SELECT 1 AS turn, c.id, c.kind, c.address, c.scope, {READY_AT} AS ready_at FROM channels c \
                 WHERE c.kind = '{word}' AND c.wake_at IS NOT NULL AND c.reachable = 1 AND {READY_AT} <= $1 AND {NOTHING_IN_FLIGHT} \
                 ORDER BY {READY_AT}, c.id LIMIT ${place}{for_update}) of_{word}",
                word = kind.word()
            )
        })
        .collect();
    if terms.turn == Turn::ByPriority {
        // CROSS JOIN has SQLite begin with the few replies that wait; by itself it goes through every chat to find none.
        let kinds = kind_list(kinds.iter().map(|(kind, _)| *kind));
        parts.push(format!(
            "SELECT * FROM (SELECT 0 AS turn, c.id, c.kind, c.address, c.scope, d.due_at AS ready_at FROM deliveries d \
             CROSS JOIN channels c WHERE c.id = d.channel_id AND d.state = 'pending' AND d.priority = 0 AND d.held = 0 AND d.due_at <= $1 \
             AND d.not_after > $1 AND c.kind IN ({kinds}) AND c.reachable = 1 AND c.free_at <= $1 AND {NOTHING_IN_FLIGHT} \
             AND {NOT_BLOCKED} ORDER BY d.due_at, d.id LIMIT $3{for_update_of_chat}) replies"
        ));
    }
    let order = match terms.turn {
        Turn::ByPriority => "d.priority, d.due_at, d.created_at, d.part, d.id",
        // A reply to what was just said comes before anything else in its chat, whoever's turn it is.
        Turn::LongestWaiting => "CASE WHEN d.priority = 0 THEN 0 ELSE 1 END, d.due_at, d.priority, d.created_at, d.part, d.id",
    };
    let sql = format!(
        "SELECT c.id, c.kind, c.address, c.scope, (SELECT d.id FROM deliveries d WHERE d.channel_id = c.id AND d.state = 'pending' \
         AND d.held = 0 AND d.due_at <= $1 AND d.not_after > $1 AND d.priority < $2 AND {NOT_BLOCKED} ORDER BY {order} LIMIT 1) AS head \
         FROM ({}) c ORDER BY c.turn, c.ready_at, c.id",
        parts.join(" UNION ALL ")
    );
    let priorities = if terms.quiet_until.is_some() { LOUD_PRIORITY } else { i64::MAX };
    let many = |many: usize| i64::try_from(many).unwrap_or(i64::MAX);
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(now.millis()).bind(priorities).bind(many(wanted));
    for (_, most) in kinds {
        query = query.bind(many(*most));
    }
    let rows = query.fetch_all(&mut **tx).await?;
    rows.iter()
        .map(|row| {
            Ok(Chat {
                id: row.try_get("id")?,
                kind: word(row, "kind", ChannelKind::parse)?,
                address: row.try_get("address")?,
                group: row.try_get::<String, _>("scope")? == "group",
                head: row.try_get("head")?,
            })
        })
        .collect()
}

/// Nothing to claim in this chat: when to look again. What waits for another delivery is woken by that one's settlement.
pub(super) async fn rest_until(tx: &mut Tx, channel_id: &str, terms: &Terms<'_>, now: Timestamp) -> sqlx::Result<()> {
    let row = sqlx::query(
        "SELECT MIN(CASE WHEN due_at > $2 THEN due_at END) AS later, MIN(CASE WHEN due_at <= $2 AND priority >= $3 THEN 1 END) AS loud \
         FROM deliveries WHERE channel_id = $1 AND state = 'pending' AND held = 0",
    )
    .bind(channel_id.to_owned())
    .bind(now.millis())
    .bind(LOUD_PRIORITY)
    .fetch_one(&mut **tx)
    .await?;
    let later: Option<i64> = row.try_get("later")?;
    let loud: Option<i64> = row.try_get("loud")?;
    let morning = terms.quiet_until.filter(|_| loud.is_some()).map(Timestamp::millis);
    sqlx::query("UPDATE channels SET wake_at = $1 WHERE id = $2")
        .bind(later.into_iter().chain(morning).min())
        .bind(channel_id.to_owned())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// When the first chat of these kinds may have something; nothing where none waits.
pub async fn next_wake(conn: &mut AnyConnection, kinds: impl Iterator<Item = ChannelKind>) -> sqlx::Result<Option<Timestamp>> {
    let parts: Vec<String> = kinds
        .map(|kind| {
            format!(
                "SELECT * FROM (SELECT {READY_AT} AS ready_at FROM channels c WHERE c.kind = '{word}' AND c.wake_at IS NOT NULL \
                 AND c.reachable = 1 AND {NOTHING_IN_FLIGHT} ORDER BY {READY_AT}, c.id LIMIT 1) of_{word}",
                word = kind.word()
            )
        })
        .collect();
    if parts.is_empty() {
        return Ok(None);
    }
    let sql = format!("SELECT MIN(ready_at) AS next FROM ({}) c", parts.join(" UNION ALL "));
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(conn).await?;
    Ok(row.try_get::<Option<i64>, _>("next")?.map(Timestamp::from_millis))
}

/// `'telegram', 'print'`, for an IN list.
fn kind_list(kinds: impl Iterator<Item = ChannelKind>) -> String {
    let words: Vec<String> = kinds.map(|kind| format!("'{}'", kind.word())).collect();
    words.join(", ")
}
