//! Who did what to what. Rows are only ever added, in the transaction of the change, and form a chain: each carries the hash of the
//! one before, so that a row changed, taken out or put in later is found.
//! Its one rule: the end of the chain is locked last, by [`Tx::commit`], so that the order of locks can never cross.

use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{Store, Tx};
use crate::domain::id::new_id;
use crate::domain::staff::{AuditRow, Broken, Chain};
use crate::domain::time::Timestamp;

/// Rows read at once while the chain is verified or exported.
const AT_ONCE: i64 = 1_000;
const COLUMNS: &str = "id, at, actor, action, subject, detail, place, previous_hash, hash";

/// A row that waits for the commit to take its place in the chain.
#[derive(Debug)]
pub(super) struct Waiting {
    id: String,
    at: Timestamp,
    actor: String,
    action: String,
    subject: String,
    detail: String,
}

/// Which rows to list.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    /// Name of who did it; empty for all.
    pub actor: String,
    /// Beginning of the action, such as `bulletin`; empty for all.
    pub action: String,
    /// Id of what it was done to; empty for all.
    pub subject: String,
}

/// Adds a row. `detail` carries no personal data.
pub async fn record(tx: &mut Tx, actor: &str, action: &str, subject: &str, detail: &str, now: Timestamp) -> sqlx::Result<()> {
    tx.audited.push(Waiting {
        id: new_id("aud", now),
        at: now,
        actor: actor.to_owned(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail: detail.to_owned(),
    });
    Ok(())
}

/// Puts the rows at the end of the chain; the last thing before a commit.
pub(super) async fn chain(conn: &mut AnyConnection, rows: Vec<Waiting>) -> sqlx::Result<()> {
    let many = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    // Raising the end takes its lock: on PostgreSQL the next transaction waits here until this one is done.
    let end = sqlx::query("UPDATE audit_end SET place = place + $1 WHERE name = 'audit' RETURNING place, hash")
        .bind(many)
        .fetch_one(&mut *conn)
        .await?;
    let mut place = end.try_get::<i64, _>("place")? - many;
    let mut previous: String = end.try_get("hash")?;
    for row in rows {
        place += 1;
        let row = AuditRow {
            id: row.id,
            at: row.at,
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            detail: row.detail,
            place,
            previous_hash: previous,
            hash: String::new(),
        };
        let hash = hash_of(&row);
        sqlx::query(
            "INSERT INTO audit (id, at, actor, action, subject, detail, place, previous_hash, hash) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(row.id)
        .bind(row.at.millis())
        .bind(row.actor)
        .bind(row.action)
        .bind(row.subject)
        .bind(row.detail)
        .bind(place)
        .bind(row.previous_hash)
        .bind(hash.clone())
        .execute(&mut *conn)
        .await?;
        previous = hash;
    }
    sqlx::query("UPDATE audit_end SET hash = $1 WHERE name = 'audit'").bind(previous).execute(conn).await?;
    Ok(())
}

/// At most `limit` rows, the newest first, older than the place `before` (0: from the end).
pub async fn list(conn: &mut AnyConnection, filter: &Filter, before: i64, limit: i64) -> sqlx::Result<Vec<AuditRow>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM audit WHERE place IS NOT NULL AND ($1 = 0 OR place < $1) AND ($2 = '' OR actor = $2) \
         AND ($3 = '' OR action LIKE $4) AND ($5 = '' OR subject = $5) ORDER BY place DESC LIMIT $6"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(before)
        .bind(filter.actor.clone())
        .bind(filter.action.clone())
        .bind(format!("{}%", filter.action.replace(['%', '_'], "")))
        .bind(filter.subject.clone())
        .bind(limit)
        .fetch_all(conn)
        .await?;
    rows.iter().map(audit_row).collect()
}

/// At most a thousand rows in order of the chain, after the place `after`: for export, call again until it is empty.
pub async fn following(conn: &mut AnyConnection, after: i64) -> sqlx::Result<Vec<AuditRow>> {
    let sql = format!("SELECT {COLUMNS} FROM audit WHERE place > $1 ORDER BY place LIMIT $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after).bind(AT_ONCE).fetch_all(conn).await?;
    rows.iter().map(audit_row).collect()
}

/// Whether a row with this hash is in the chain.
pub async fn has(conn: &mut AnyConnection, hash: &str) -> sqlx::Result<bool> {
    let row = sqlx::query("SELECT id FROM audit WHERE hash = $1 AND place IS NOT NULL LIMIT 1")
        .bind(hash.to_owned())
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Reads the whole chain and says whether it holds.
pub async fn verify(store: &Store) -> sqlx::Result<Chain> {
    // One snapshot: rows added meanwhile belong to the next look.
    let mut tx = store.begin().await?;
    let end = sqlx::query("SELECT place, hash FROM audit_end WHERE name = 'audit'").fetch_one(&mut *tx).await?;
    let (end_place, end_hash): (i64, String) = (end.try_get("place")?, end.try_get("hash")?);
    let (mut place, mut hash) = (0, String::new());
    loop {
        let rows = following(&mut tx, place).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.place > end_place {
                break;
            }
            let broken = if row.place != place + 1 {
                Some(Broken::Missing { place: place + 1 })
            } else if row.previous_hash != hash || hash_of(&row) != row.hash {
                Some(Broken::Changed { place: row.place, id: row.id.clone() })
            } else {
                None
            };
            if let Some(broken) = broken {
                return Ok(Chain { rows: place, end: hash, broken: Some(broken) });
            }
            place = row.place;
            hash = row.hash;
        }
        if place >= end_place {
            break;
        }
    }
    let broken = if place < end_place {
        Some(Broken::Missing { place: place + 1 })
    } else if hash != end_hash {
        Some(Broken::EndChanged)
    } else {
        outside(&mut tx, end_place).await?
    };
    Ok(Chain { rows: place, end: hash, broken })
}

/// A row beside the chain, which nobody but the time before the chain may have.
async fn outside(conn: &mut AnyConnection, end_place: i64) -> sqlx::Result<Option<Broken>> {
    let row = sqlx::query(
        "SELECT id FROM audit WHERE place > $1 OR (place IS NULL AND at > (SELECT MIN(at) FROM audit WHERE place = 1)) ORDER BY id LIMIT 1",
    )
    .bind(end_place)
    .fetch_optional(conn)
    .await?;
    row.map(|row| Ok(Broken::Outside { id: row.try_get("id")? })).transpose()
}

/// The hash of a row and the one before it; each part is set off so that no two rows read alike.
fn hash_of(row: &AuditRow) -> String {
    let mut digest = Sha256::new();
    let (at, place) = (row.at.millis().to_string(), row.place.to_string());
    for part in [&row.previous_hash, &place, &row.id, &at, &row.actor, &row.action, &row.subject, &row.detail] {
        digest.update(part.len().to_string());
        digest.update(":");
        digest.update(part);
    }
    hex::encode(digest.finalize())
}

fn audit_row(row: &AnyRow) -> sqlx::Result<AuditRow> {
    Ok(AuditRow {
        id: row.try_get("id")?,
        at: Timestamp::from_millis(row.try_get("at")?),
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
        detail: row.try_get("detail")?,
        place: row.try_get("place")?,
        previous_hash: row.try_get("previous_hash")?,
        hash: row.try_get("hash")?,
    })
}
