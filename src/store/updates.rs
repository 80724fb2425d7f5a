//! What came in from a platform, stored before it is acknowledged (F73). A repeat is ignored; a poison one is kept and set aside.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::time::Timestamp;

/// After this many failures an update is set aside.
pub const MOST_ATTEMPTS: i64 = 3;

/// A stored update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    pub event_id: String,
    pub chat: String,
    pub payload: String,
    pub attempts: i64,
}

/// Stores an update; `false` where it is there already.
pub async fn insert(
    conn: &mut AnyConnection,
    channel: &'static str,
    event_id: &str,
    chat: &str,
    payload: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO updates (channel, event_id, chat, payload, state, attempts, received_at) VALUES ($1, $2, $3, $4, 'pending', 0, $5) \
         ON CONFLICT (channel, event_id) DO NOTHING",
    )
    .bind(channel)
    .bind(event_id.to_owned())
    .bind(chat.to_owned())
    .bind(payload.to_owned())
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The oldest update that waits and whose chat has none that came before it; one that failed lets other chats go first.
pub async fn next(conn: &mut AnyConnection, channel: &'static str) -> sqlx::Result<Option<Update>> {
    let row = sqlx::query(
        "SELECT event_id, chat, payload, attempts FROM updates WHERE channel = $1 AND state = 'pending' \
         ORDER BY attempts, received_at, LENGTH(event_id), event_id LIMIT 1",
    )
    .bind(channel)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let found = read(&row)?;
    let first = sqlx::query(
        "SELECT event_id, chat, payload, attempts FROM updates WHERE channel = $1 AND state = 'pending' AND chat = $2 \
         ORDER BY received_at, LENGTH(event_id), event_id LIMIT 1",
    )
    .bind(channel)
    .bind(found.chat.clone())
    .fetch_one(conn)
    .await?;
    Ok(Some(read(&first)?))
}

/// Takes an update for good, in the transaction of what it brought about; `false` where it was taken before.
pub async fn finish(conn: &mut AnyConnection, channel: &'static str, event_id: &str, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE updates SET state = 'done', done_at = $1, payload = '' WHERE channel = $2 AND event_id = $3 AND state = 'pending'",
    )
    .bind(now.millis())
    .bind(channel)
    .bind(event_id.to_owned())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Counts a failure; after [`MOST_ATTEMPTS`] the update is set aside, with the reason.
pub async fn fail(conn: &mut AnyConnection, channel: &'static str, event_id: &str, reason: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE updates SET attempts = attempts + 1, reason = $1, state = CASE WHEN attempts + 1 >= $2 THEN 'dead' ELSE state END, \
         done_at = CASE WHEN attempts + 1 >= $2 THEN $3 ELSE done_at END WHERE channel = $4 AND event_id = $5",
    )
    .bind(reason.to_owned())
    .bind(MOST_ATTEMPTS)
    .bind(now.millis())
    .bind(channel)
    .bind(event_id.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}

/// How many wait, and how many were set aside.
pub async fn waiting_and_dead(conn: &mut AnyConnection, channel: &'static str) -> sqlx::Result<(i64, i64)> {
    let row = sqlx::query(
        "SELECT CAST(COALESCE(SUM(CASE WHEN state = 'pending' THEN 1 ELSE 0 END), 0) AS BIGINT) AS waiting, \
         CAST(COALESCE(SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END), 0) AS BIGINT) AS dead FROM updates WHERE channel = $1",
    )
    .bind(channel)
    .fetch_one(conn)
    .await?;
    Ok((row.try_get("waiting")?, row.try_get("dead")?))
}

/// Where polling stands and the like.
pub async fn remember(conn: &mut AnyConnection, name: &'static str, value: &str) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO channel_state (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(name)
        .bind(value.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// What was remembered.
pub async fn remembered(conn: &mut AnyConnection, name: &'static str) -> sqlx::Result<Option<String>> {
    let row = sqlx::query("SELECT value FROM channel_state WHERE name = $1").bind(name).fetch_optional(conn).await?;
    row.map(|row| row.try_get("value")).transpose()
}

fn read(row: &AnyRow) -> sqlx::Result<Update> {
    Ok(Update {
        event_id: row.try_get("event_id")?,
        chat: row.try_get("chat")?,
        payload: row.try_get("payload")?,
        attempts: row.try_get("attempts")?,
    })
}
