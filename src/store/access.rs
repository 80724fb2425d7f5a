//! Passwords, one-time links and failed log-ins. Only hashes are kept, and a lock never tells whether its user exists.

use std::time::Duration;

use sqlx::{AnyConnection, Row};

use super::secrets::{hash, new_secret};
use super::{sessions, users};
use crate::domain::staff::Role;
use crate::domain::time::Timestamp;

/// So many wrong passwords in a row lock a name.
pub const MOST_FAILURES: i64 = 5;
/// For so long; failures older than this are forgotten.
pub const LOCKED: Duration = Duration::from_secs(15 * 60);
/// How long a one-time link may be used.
pub const LINK_LIVES: Duration = Duration::from_secs(24 * 3600);

/// Whom a one-time link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkFor {
    /// The first administrator, whose name is yet to be chosen.
    First,
    /// A user who sets a password.
    User(users::User),
}

/// The user of this name and the hash of their password, where they are active and have one.
pub async fn password(conn: &mut AnyConnection, name: &str) -> sqlx::Result<Option<(users::User, String)>> {
    let Some(user) = users::find(&mut *conn, name).await?.filter(|user| user.active) else { return Ok(None) };
    let row = sqlx::query("SELECT phc FROM passwords WHERE user_id = $1").bind(user.id.clone()).fetch_optional(conn).await?;
    row.map(|row| Ok((user, row.try_get("phc")?))).transpose()
}

/// Sets a password and ends the user's sessions and unused links.
pub async fn set_password(conn: &mut AnyConnection, user_id: &str, phc: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO passwords (user_id, phc, changed_at) VALUES ($1, $2, $3) \
         ON CONFLICT (user_id) DO UPDATE SET phc = excluded.phc, changed_at = excluded.changed_at",
    )
    .bind(user_id.to_owned())
    .bind(phc.to_owned())
    .bind(now.millis())
    .execute(&mut *conn)
    .await?;
    sqlx::query("UPDATE access_links SET used_at = $1 WHERE user_id = $2 AND used_at IS NULL")
        .bind(now.millis())
        .bind(user_id.to_owned())
        .execute(&mut *conn)
        .await?;
    sessions::end_all(conn, user_id).await
}

/// Makes a one-time link for a user, or for the first administrator; earlier ones of the same kind end. Returns its secret.
pub async fn create_link(conn: &mut AnyConnection, user_id: Option<&str>, now: Timestamp) -> sqlx::Result<String> {
    sqlx::query(
        "UPDATE access_links SET used_at = $1 WHERE used_at IS NULL AND (user_id = $2 OR (user_id IS NULL AND CAST($2 AS TEXT) IS NULL))",
    )
    .bind(now.millis())
    .bind(user_id.map(str::to_owned))
    .execute(&mut *conn)
    .await?;
    let secret = new_secret();
    sqlx::query("INSERT INTO access_links (token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(hash(&secret))
        .bind(user_id.map(str::to_owned))
        .bind(now.millis())
        .bind(now.plus(LINK_LIVES).millis())
        .execute(conn)
        .await?;
    Ok(secret)
}

/// Whom a link is for, while it may be used. That of the first administrator ends as soon as there is any user.
pub async fn link(conn: &mut AnyConnection, secret: &str, now: Timestamp) -> sqlx::Result<Option<LinkFor>> {
    let row = sqlx::query("SELECT user_id FROM access_links WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2")
        .bind(hash(secret))
        .bind(now.millis())
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    match row.try_get::<Option<String>, _>("user_id")? {
        Some(id) => Ok(users::get(conn, &id).await?.filter(|user| user.active).map(LinkFor::User)),
        None => Ok((!users::any(conn).await?).then_some(LinkFor::First)),
    }
}

/// Takes a link; `false` where another was quicker. Call it in the transaction that sets the password.
pub async fn use_link(conn: &mut AnyConnection, secret: &str, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE access_links SET used_at = $1 WHERE token_hash = $2 AND used_at IS NULL AND expires_at > $1")
        .bind(now.millis())
        .bind(hash(secret))
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Until when a name is locked, if it is.
pub async fn locked_until(conn: &mut AnyConnection, name: &str, now: Timestamp) -> sqlx::Result<Option<Timestamp>> {
    let row = sqlx::query("SELECT locked_until FROM failed_logins WHERE name_hash = $1 AND locked_until > $2")
        .bind(hash(name))
        .bind(now.millis())
        .fetch_optional(conn)
        .await?;
    row.map(|row| row.try_get("locked_until").map(Timestamp::from_millis)).transpose()
}

/// Counts a failure; returns whether this one locked the name.
pub async fn failed(conn: &mut AnyConnection, name: &str, now: Timestamp) -> sqlx::Result<bool> {
    let forgotten = now.minus(LOCKED).millis();
    // Names nobody types any more are swept out here: the table stays as small as the last quarter of an hour.
    sqlx::query("DELETE FROM failed_logins WHERE last_at < $1").bind(forgotten).execute(&mut *conn).await?;
    let row = sqlx::query(
        "INSERT INTO failed_logins (name_hash, failures, last_at, locked_until) VALUES ($1, 1, $2, 0) \
         ON CONFLICT (name_hash) DO UPDATE SET failures = failed_logins.failures + 1, last_at = excluded.last_at RETURNING failures",
    )
    .bind(hash(name))
    .bind(now.millis())
    .fetch_one(&mut *conn)
    .await?;
    if row.try_get::<i64, _>("failures")? < MOST_FAILURES {
        return Ok(false);
    }
    sqlx::query("UPDATE failed_logins SET failures = 0, locked_until = $1 WHERE name_hash = $2")
        .bind(now.plus(LOCKED).millis())
        .bind(hash(name))
        .execute(conn)
        .await?;
    Ok(true)
}

/// Forgets the failures of a name after the right password.
pub async fn succeeded(conn: &mut AnyConnection, name: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM failed_logins WHERE name_hash = $1").bind(hash(name)).execute(conn).await?;
    Ok(())
}

/// Gives a user another role and ends their sessions; `false` where it is theirs already or there is no such user.
pub async fn change_role(conn: &mut AnyConnection, user_id: &str, role: Role) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE users SET role = $1 WHERE id = $2 AND role <> $1")
        .bind(role.word())
        .bind(user_id.to_owned())
        .execute(&mut *conn)
        .await?;
    sessions::end_all(conn, user_id).await?;
    Ok(done.rows_affected() == 1)
}

/// Whether a user may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    On,
    Off,
}

/// Switches a user on or off; off ends their sessions, and their tokens are refused. `false` where it is so already.
pub async fn switch(conn: &mut AnyConnection, user_id: &str, to: Switch) -> sqlx::Result<bool> {
    let active = match to {
        Switch::On => 1_i64,
        Switch::Off => 0,
    };
    let done = sqlx::query("UPDATE users SET active = $1 WHERE id = $2 AND active <> $1")
        .bind(active)
        .bind(user_id.to_owned())
        .execute(&mut *conn)
        .await?;
    sessions::end_all(conn, user_id).await?;
    Ok(done.rows_affected() == 1)
}

/// How many active administrators there are: the last one must stay.
pub async fn administrators(conn: &mut AnyConnection) -> sqlx::Result<i64> {
    let row = sqlx::query("SELECT COUNT(*) AS many FROM users WHERE active = 1 AND role = 'admin'").fetch_one(conn).await?;
    row.try_get("many")
}
