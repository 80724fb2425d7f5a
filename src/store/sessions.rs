//! Sessions of the console. The cookie holds 256 bits of chance, the store their hash; a session ends by idling, by age, by logging
//! out, and with any change of password or role.

use std::time::Duration;

use sqlx::{AnyConnection, Row};

use super::secrets::{hash, new_secret};
use crate::domain::staff::Role;
use crate::domain::time::Timestamp;

/// A session nobody used for so long is over.
pub const IDLE: Duration = Duration::from_secs(30 * 60);
/// No session lasts longer than a working day.
pub const LONGEST: Duration = Duration::from_secs(12 * 3600);
/// Use is kept to the minute: one write a minute instead of one a page.
const USE_GRAIN: Duration = Duration::from_secs(60);

/// A session that holds, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Names the session in the store.
    pub token_hash: String,
    pub user_id: String,
    pub name: String,
    pub role: Role,
    /// Must come back with every form.
    pub csrf: String,
    /// What the next page tells, once; empty: nothing.
    pub said: String,
    seen_at: Timestamp,
}

/// Begins a session; returns the text for the cookie. Sessions that are over are swept out.
pub async fn begin(conn: &mut AnyConnection, user_id: &str, now: Timestamp) -> sqlx::Result<String> {
    sqlx::query("DELETE FROM sessions WHERE seen_at <= $1 OR created_at <= $2")
        .bind(now.minus(IDLE).millis())
        .bind(now.minus(LONGEST).millis())
        .execute(&mut *conn)
        .await?;
    let secret = new_secret();
    sqlx::query("INSERT INTO sessions (token_hash, user_id, csrf, said, created_at, seen_at) VALUES ($1, $2, $3, '', $4, $4)")
        .bind(hash(&secret))
        .bind(user_id.to_owned())
        .bind(new_secret())
        .bind(now.millis())
        .execute(conn)
        .await?;
    Ok(secret)
}

/// The session of a cookie, while it holds and its user is active.
pub async fn find(conn: &mut AnyConnection, secret: &str, now: Timestamp) -> sqlx::Result<Option<Session>> {
    let row = sqlx::query(
        "SELECT s.token_hash, s.user_id, s.csrf, s.said, s.seen_at, u.name, u.role FROM sessions s JOIN users u ON u.id = s.user_id \
         WHERE s.token_hash = $1 AND s.seen_at > $2 AND s.created_at > $3 AND u.active = 1",
    )
    .bind(hash(secret))
    .bind(now.minus(IDLE).millis())
    .bind(now.minus(LONGEST).millis())
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let word: String = row.try_get("role")?;
    Ok(Some(Session {
        token_hash: row.try_get("token_hash")?,
        user_id: row.try_get("user_id")?,
        name: row.try_get("name")?,
        role: Role::parse(&word).ok_or_else(|| sqlx::Error::Decode(format!("unknown role {word}").into()))?,
        csrf: row.try_get("csrf")?,
        said: row.try_get("said")?,
        seen_at: Timestamp::from_millis(row.try_get("seen_at")?),
    }))
}

impl Session {
    /// Whether its use should be written down again.
    pub fn use_is_news(&self, now: Timestamp) -> bool {
        now.since(self.seen_at) >= USE_GRAIN
    }
}

/// Notes that a session was used.
pub async fn used(conn: &mut AnyConnection, token_hash: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE sessions SET seen_at = $1 WHERE token_hash = $2")
        .bind(now.millis())
        .bind(token_hash.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps what the next page is to tell; empty once it was told.
pub async fn say(conn: &mut AnyConnection, token_hash: &str, said: &str) -> sqlx::Result<()> {
    sqlx::query("UPDATE sessions SET said = $1 WHERE token_hash = $2")
        .bind(said.to_owned())
        .bind(token_hash.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends one session.
pub async fn end(conn: &mut AnyConnection, token_hash: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM sessions WHERE token_hash = $1").bind(token_hash.to_owned()).execute(conn).await?;
    Ok(())
}

/// Ends every session of a user.
pub async fn end_all(conn: &mut AnyConnection, user_id: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM sessions WHERE user_id = $1").bind(user_id.to_owned()).execute(conn).await?;
    Ok(())
}
