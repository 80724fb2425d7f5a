//! How the bot stands in each group, as Telegram said when it was last asked.

use std::collections::HashMap;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::channels::{self, Channel};
use crate::domain::bot_status::BotStatus;
use crate::domain::channel::ChannelKind;
use crate::domain::time::Timestamp;

/// Chats read at once.
const AT_ONCE: i64 = 500;

/// What was found, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub bot_status: BotStatus,
    pub at: Timestamp,
}

/// Every group of a kind that was registered or that the bot was let into.
pub async fn groups(conn: &mut AnyConnection, kind: ChannelKind) -> sqlx::Result<Vec<Channel>> {
    let mut found: Vec<Channel> = Vec::new();
    let mut after = String::new();
    loop {
        let page = channels::list(&mut *conn, &after, AT_ONCE).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after.clone_from(&last.id);
        found.extend(page.into_iter().filter(|channel| channel.kind == kind && (channel.reachable || channel.is_target)));
    }
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

/// What was found last of every chat of a kind, by its id; those nobody asked about are missing.
pub async fn all(conn: &mut AnyConnection, kind: ChannelKind) -> sqlx::Result<HashMap<String, Checked>> {
    let rows = sqlx::query(
        "SELECT id, bot_status, bot_status_at FROM channels WHERE kind = $1 AND bot_status IS NOT NULL AND bot_status_at IS NOT NULL",
    )
    .bind(kind.word())
    .fetch_all(conn)
    .await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in &rows {
        if let Some(checked) = checked(row)? {
            found.insert(row.try_get("id")?, checked);
        }
    }
    Ok(found)
}

/// What was found last; nothing where nobody asked, or where another version of the program wrote it.
pub async fn of(conn: &mut AnyConnection, channel_id: &str) -> sqlx::Result<Option<Checked>> {
    let row = sqlx::query(
        "SELECT bot_status, bot_status_at FROM channels WHERE id = $1 AND bot_status IS NOT NULL AND bot_status_at IS NOT NULL",
    )
    .bind(channel_id.to_owned())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map_or(Ok(None), checked)
}

fn checked(row: &AnyRow) -> sqlx::Result<Option<Checked>> {
    let at = Timestamp::from_millis(row.try_get("bot_status_at")?);
    Ok(serde_json::from_str(&row.try_get::<String, _>("bot_status")?).ok().map(|bot_status| Checked { bot_status, at }))
}
