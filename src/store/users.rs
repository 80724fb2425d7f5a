//! Staff users. A name is used once; a user is switched off, never deleted, because the audit names them.

use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::id::new_id;
use crate::domain::staff::Role;
use crate::domain::time::Timestamp;

/// A staff user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct User {
    pub id: String,
    pub name: String,
    pub role: Role,
    /// Whether their tokens are accepted.
    pub active: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

const COLUMNS: &str = "id, name, role, active, created_at";

/// Adds a user; `None` where the name is taken.
pub async fn insert(conn: &mut AnyConnection, name: &str, role: Role, now: Timestamp) -> sqlx::Result<Option<User>> {
    let id = new_id("usr", now);
    let done =
        sqlx::query("INSERT INTO users (id, name, role, active, created_at) VALUES ($1, $2, $3, 1, $4) ON CONFLICT (name) DO NOTHING")
            .bind(id.clone())
            .bind(name.to_owned())
            .bind(role.word())
            .bind(now.millis())
            .execute(conn)
            .await?;
    Ok((done.rows_affected() == 1).then(|| User { id, name: name.to_owned(), role, active: true, created_at: now }))
}

/// The user of this name.
pub async fn find(conn: &mut AnyConnection, name: &str) -> sqlx::Result<Option<User>> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE name = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(name.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(user).transpose()
}

/// One user by id.
pub async fn get(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<User>> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(user).transpose()
}

/// At most `limit` users in order of creation, beginning after the id `after`.
pub async fn list(conn: &mut AnyConnection, after: &str, limit: i64) -> sqlx::Result<Vec<User>> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE id > $1 ORDER BY id LIMIT $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after.to_owned()).bind(limit).fetch_all(conn).await?;
    rows.iter().map(user).collect()
}

/// Whether there is any staff user yet; without one the service says how to make the first.
pub async fn any(conn: &mut AnyConnection) -> sqlx::Result<bool> {
    let row = sqlx::query("SELECT id FROM users LIMIT 1").fetch_optional(conn).await?;
    Ok(row.is_some())
}

fn user(row: &AnyRow) -> sqlx::Result<User> {
    let word: String = row.try_get("role")?;
    Ok(User {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        role: Role::parse(&word).ok_or_else(|| sqlx::Error::Decode(format!("unknown role {word}").into()))?,
        active: row.try_get::<i64, _>("active")? != 0,
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
    })
}
