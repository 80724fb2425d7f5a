//! Repeated requests: the first with a key does the work, every repeat gets its answer again.
//! A key whose work left no answer (the process died) is never worked again by itself.

use std::time::Duration;

use sqlx::{AnyConnection, Row};

use crate::domain::time::Timestamp;

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub status: u16,
    pub content_type: String,
    pub body: String,
}

/// How a request stands to its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nobody used the key: do the work.
    First,
    /// The same request came before; this was its answer.
    Answered(Kept),
    /// The same request is being worked, since then.
    InFlight(Timestamp),
    /// The key was used for another request.
    Different,
}

/// Takes the key for a request, or says what became of it.
pub async fn claim(conn: &mut AnyConnection, scope: &str, key: &str, request_hash: &str, now: Timestamp) -> sqlx::Result<Claim> {
    sqlx::query("DELETE FROM idempotency WHERE created_at < $1").bind(now.minus(KEPT).millis()).execute(&mut *conn).await?;
    let done = sqlx::query(
        "INSERT INTO idempotency (scope, key, request_hash, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (scope, key) DO NOTHING",
    )
    .bind(scope.to_owned())
    .bind(key.to_owned())
    .bind(request_hash.to_owned())
    .bind(now.millis())
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(Claim::First);
    }
    let row = sqlx::query("SELECT request_hash, status, content_type, body, created_at FROM idempotency WHERE scope = $1 AND key = $2")
        .bind(scope.to_owned())
        .bind(key.to_owned())
        .fetch_one(conn)
        .await?;
    if row.try_get::<String, _>("request_hash")? != request_hash {
        return Ok(Claim::Different);
    }
    match row.try_get::<Option<i64>, _>("status")? {
        None => Ok(Claim::InFlight(Timestamp::from_millis(row.try_get("created_at")?))),
        Some(status) => Ok(Claim::Answered(Kept {
            status: u16::try_from(status).map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            content_type: row.try_get("content_type")?,
            body: row.try_get("body")?,
        })),
    }
}

/// Keeps the answer of the request that took the key.
pub async fn keep(conn: &mut AnyConnection, scope: &str, key: &str, answer: &Kept) -> sqlx::Result<()> {
    sqlx::query("UPDATE idempotency SET status = $1, content_type = $2, body = $3 WHERE scope = $4 AND key = $5")
        .bind(i64::from(answer.status))
        .bind(answer.content_type.clone())
        .bind(answer.body.clone())
        .bind(scope.to_owned())
        .bind(key.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Frees the key of a request that did nothing, so that it may be tried again.
pub async fn release(conn: &mut AnyConnection, scope: &str, key: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM idempotency WHERE scope = $1 AND key = $2 AND status IS NULL")
        .bind(scope.to_owned())
        .bind(key.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}
