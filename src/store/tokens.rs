//! Tokens of the API. Only the hash of a token's secret is kept: whoever reads the database cannot call the API with what they find.

use std::time::Duration;

use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use subtle::ConstantTimeEq;

use super::secrets::{SECRET_BYTES, hash, new_secret};
use crate::domain::id::new_id;
use crate::domain::staff::Role;
use crate::domain::time::Timestamp;

/// What every token begins with, so that one is recognised where it leaked.
const PREFIX: &str = "th_";
/// Ids look like `tok_` and 21 characters; the token carries the 21.
const ID_CHARACTERS: usize = 21;
/// Last use is kept to the minute: one write a minute instead of one a request.
const USE_GRAIN: Duration = Duration::from_secs(60);

/// A token as staff may see it: never its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Token {
    pub id: String,
    pub user_id: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub token_id: String,
    pub user_id: String,
    pub name: String,
    pub role: Role,
}

/// Makes a token for a user; the returned text is shown once and cannot be had again.
pub async fn create(
    conn: &mut AnyConnection,
    user_id: &str,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> sqlx::Result<(Token, String)> {
    let id = new_id("tok", now);
    let secret = new_secret();
    sqlx::query("INSERT INTO tokens (id, user_id, secret_hash, expires_at, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(id.clone())
        .bind(user_id.to_owned())
        .bind(hash(&secret))
        .bind(expires_at.map(Timestamp::millis))
        .bind(now.millis())
        .execute(conn)
        .await?;
    let text = format!("{PREFIX}{}{secret}", id.trim_start_matches("tok_"));
    let token = Token { id, user_id: user_id.to_owned(), expires_at, last_used_at: None, revoked_at: None, created_at: now };
    Ok((token, text))
}

/// Whose token this text is; `None` where it is unknown, expired or revoked, or its user is switched off.
pub async fn holder(conn: &mut AnyConnection, text: &str, now: Timestamp) -> sqlx::Result<Option<(Holder, Token)>> {
    let Some((id, secret)) = taken_apart(text) else { return Ok(None) };
    let row = sqlx::query(
        "SELECT t.id, t.user_id, t.secret_hash, t.expires_at, t.last_used_at, t.revoked_at, t.created_at, u.name, u.role \
         FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.id = $1 AND u.active = 1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let kept: String = row.try_get("secret_hash")?;
    let matches: bool = hash(secret).as_bytes().ct_eq(kept.as_bytes()).into();
    let token = token(&row)?;
    let stale = token.revoked_at.is_some() || token.expires_at.is_some_and(|at| at <= now);
    if !matches || stale {
        return Ok(None);
    }
    let word: String = row.try_get("role")?;
    let role = Role::parse(&word).ok_or_else(|| sqlx::Error::Decode(format!("unknown role {word}").into()))?;
    let holder = Holder { token_id: token.id.clone(), user_id: token.user_id.clone(), name: row.try_get("name")?, role };
    Ok(Some((holder, token)))
}

impl Token {
    /// Whether its last use should be written down again.
    pub fn use_is_news(&self, now: Timestamp) -> bool {
        self.last_used_at.is_none_or(|at| now.since(at) >= USE_GRAIN)
    }
}

/// Notes that a token was used.
pub async fn used(conn: &mut AnyConnection, id: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE tokens SET last_used_at = $1 WHERE id = $2").bind(now.millis()).bind(id.to_owned()).execute(conn).await?;
    Ok(())
}

/// Ends a token at once; `false` where there is none or it was ended before.
pub async fn revoke(conn: &mut AnyConnection, id: &str, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL")
        .bind(now.millis())
        .bind(id.to_owned())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// At most `limit` tokens in order of creation, beginning after the id `after`.
pub async fn list(conn: &mut AnyConnection, after: &str, limit: i64) -> sqlx::Result<Vec<Token>> {
    let rows =
        sqlx::query("SELECT id, user_id, expires_at, last_used_at, revoked_at, created_at FROM tokens WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.to_owned())
            .bind(limit)
            .fetch_all(conn)
            .await?;
    rows.iter().map(token).collect()
}

/// At most `limit` tokens of a user, the newest first; `before` is the id of the last one seen, empty for the first page.
pub async fn of_user(conn: &mut AnyConnection, user_id: &str, before: &str, limit: i64) -> sqlx::Result<Vec<Token>> {
    let rows = sqlx::query(
        "SELECT id, user_id, expires_at, last_used_at, revoked_at, created_at FROM tokens \
         WHERE user_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3",
    )
    .bind(user_id.to_owned())
    .bind(before.to_owned())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.iter().map(token).collect()
}

fn taken_apart(text: &str) -> Option<(String, &str)> {
    let rest = text.strip_prefix(PREFIX)?;
    let well_formed = rest.len() == ID_CHARACTERS + SECRET_BYTES * 2 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    well_formed.then(|| (format!("tok_{}", &rest[..ID_CHARACTERS]), &rest[ID_CHARACTERS..]))
}

fn token(row: &AnyRow) -> sqlx::Result<Token> {
    let at = |name: &str| row.try_get::<Option<i64>, _>(name).map(|at| at.map(Timestamp::from_millis));
    Ok(Token {
        id: row.try_get("id")?,
        user_id: row.try_get("user_id")?,
        expires_at: at("expires_at")?,
        last_used_at: at("last_used_at")?,
        revoked_at: at("revoked_at")?,
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
    })
}
