//! How the bot stands in each group, as Telegram said when it was last asked.

use sqlx::{AnyConnection, Row};

use super::channels::{self, Channel};
use crate::domain::bot_status::BotStatus;
use crate::domain::channel::ChannelKind;
use crate::domain::time::Timestamp;

/// What was found, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub bot_status: BotStatus,
    pub at: Timestamp,
}

/// Every group of a kind that was registered or that the bot was let into.
pub async fn groups(conn: &mut AnyConnection, kind: ChannelKind) -> sqlx::Result<Vec<Channel>> {
    let rows = sqlx::query("SELECT id FROM channels WHERE kind = $1 AND scope = 'group' AND (reachable = 1 OR is_target = 1) ORDER BY id")
        .bind(kind.word())
        .fetch_all(&mut *conn)
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.extend(channels::get(&mut *conn, &row.try_get::<String, _>("id")?).await?);
    }
    Ok(found)
}

/// Keeps what was found.
pub async fn remember(conn: &mut AnyConnection, channel_id: &str, bot_status: &BotStatus, now: Timestamp) -> sqlx::Result<()> {
    let text = serde_json::to_string(bot_status).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    sqlx::query("UPDATE channels SET bot_status = $1, bot_status_at = $2 WHERE id = $3")
        .bind(text)
        .bind(now.millis())
        .bind(channel_id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// What was found last; nothing where nobody asked, or where another version of the program wrote it.
pub async fn of(conn: &mut AnyConnection, channel_id: &str) -> sqlx::Result<Option<Checked>> {
    let row = sqlx::query(
        "SELECT bot_status, bot_status_at FROM channels WHERE id = $1 AND bot_status IS NOT NULL AND bot_status_at IS NOT NULL",
    )
    .bind(channel_id.to_owned())
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let at = Timestamp::from_millis(row.try_get("bot_status_at")?);
    Ok(serde_json::from_str(&row.try_get::<String, _>("bot_status")?).ok().map(|bot_status| Checked { bot_status, at }))
}
