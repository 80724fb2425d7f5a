//! Alerts, and the troubles they come from. One is raised once per kind and subject until it is resolved, so a repeat is harmless.

use chrono::NaiveDate;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::deliveries::word;
use super::ledger_items::{self, Filter};
use super::{Tx, audit};
use crate::domain::alert::{Alert, AlertKind, Trouble};
use crate::domain::channel::ChannelKind;
use crate::domain::id::new_id;
use crate::domain::ledger::LedgerItem;
use crate::domain::time::Timestamp;

/// Who resolves an alert whose trouble is over.
pub const SERVICE: &str = "service";
/// Overdue items read at once.
const AT_ONCE: i64 = 100;

const COLUMNS: &str = "id, kind, subject, words, raised_at, told_at, resolved_at, resolved_by";

/// What came of a person's "resolved".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    Now,
    /// It was before.
    Before,
    NoSuchAlert,
}

/// Raises an alert unless one of this kind about this subject is open; says whether it is new.
pub async fn raise(conn: &mut AnyConnection, kind: AlertKind, subject: &str, words: &str, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO alerts (id, kind, subject, words, raised_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (kind, subject) WHERE resolved_at IS NULL DO NOTHING",
    )
    .bind(new_id("alr", now))
    .bind(kind.word())
    .bind(subject.to_owned())
    .bind(words.to_owned())
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Resolves what is open of this kind about this subject, because it is over; says whether there was one.
pub async fn over(conn: &mut AnyConnection, kind: AlertKind, subject: &str, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE alerts SET resolved_at = $1, resolved_by = $2 WHERE kind = $3 AND subject = $4 AND resolved_at IS NULL")
        .bind(now.millis())
        .bind(SERVICE)
        .bind(kind.word())
        .bind(subject.to_owned())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// A person looked at it. Written to the audit.
pub async fn resolve(tx: &mut Tx, id: &str, actor: &str, now: Timestamp) -> sqlx::Result<Resolved> {
    let done = sqlx::query("UPDATE alerts SET resolved_at = $1, resolved_by = $2 WHERE id = $3 AND resolved_at IS NULL")
        .bind(now.millis())
        .bind(actor.to_owned())
        .bind(id.to_owned())
        .execute(&mut **tx)
        .await?;
    if done.rows_affected() == 1 {
        audit::record(tx, actor, "alert.resolve", id, "", now).await?;
        return Ok(Resolved::Now);
    }
    Ok(if get(tx, id).await?.is_some() { Resolved::Before } else { Resolved::NoSuchAlert })
}

/// One alert.
pub async fn get(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<Alert>> {
    let sql = format!("SELECT {COLUMNS} FROM alerts WHERE id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.map(|row| read(&row)).transpose()
}

/// At most `limit` alerts, the newest first, beginning after the id `before` (empty: from the newest).
pub async fn list(conn: &mut AnyConnection, before: &str, limit: i64) -> sqlx::Result<Vec<Alert>> {
    let sql = format!("SELECT {COLUMNS} FROM alerts WHERE $1 = '' OR id < $1 ORDER BY id DESC LIMIT $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(before.to_owned()).bind(limit).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// Everything open, the oldest first.
pub async fn open(conn: &mut AnyConnection) -> sqlx::Result<Vec<Alert>> {
    let sql = format!("SELECT {COLUMNS} FROM alerts WHERE resolved_at IS NULL ORDER BY id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// Notes that the management's groups will be told; `false` where somebody noted it before.
pub async fn told(conn: &mut AnyConnection, id: &str, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE alerts SET told_at = $1 WHERE id = $2 AND told_at IS NULL AND resolved_at IS NULL")
        .bind(now.millis())
        .bind(id.to_owned())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// What is wrong at this moment: unknown outcomes since before `unknown_before`, groups out of reach, bulletins held, and bots that
/// were refused after `refused_after`.
pub async fn troubles(conn: &mut AnyConnection, unknown_before: Timestamp, refused_after: Timestamp) -> sqlx::Result<Vec<Trouble>> {
    let mut found = Vec::new();
    let rows = sqlx::query(
        "SELECT d.origin_id, MAX(b.title) AS title, COUNT(*) AS many FROM deliveries d LEFT JOIN bulletins b ON b.id = d.origin_id \
         WHERE d.state = 'unknown' AND d.settled_at <= $1 GROUP BY d.origin_id ORDER BY d.origin_id",
    )
    .bind(unknown_before.millis())
    .fetch_all(&mut *conn)
    .await?;
    for row in &rows {
        found.push(Trouble::Unconfirmed { origin_id: row.try_get("origin_id")?, title: row.try_get("title")?, many: row.try_get("many")? });
    }
    let rows = sqlx::query("SELECT id, title, unreachable_reason FROM channels WHERE is_target = 1 AND reachable = 0 ORDER BY id")
        .fetch_all(&mut *conn)
        .await?;
    for row in &rows {
        found.push(Trouble::Unreachable {
            channel_id: row.try_get("id")?,
            title: row.try_get("title")?,
            reason: row.try_get::<Option<String>, _>("unreachable_reason")?.unwrap_or_default(),
        });
    }
    let rows = sqlx::query(
        "SELECT c.kind, MAX(a.detail) AS reason FROM attempts a JOIN deliveries d ON d.id = a.delivery_id \
         JOIN channels c ON c.id = d.channel_id WHERE a.outcome = 'bot_stopped' AND a.ended_at > $1 GROUP BY c.kind ORDER BY c.kind",
    )
    .bind(refused_after.millis())
    .fetch_all(&mut *conn)
    .await?;
    for row in &rows {
        found.push(Trouble::BotRefused {
            channel_kind: word(row, "kind", ChannelKind::parse)?,
            reason: row.try_get::<Option<String>, _>("reason")?.unwrap_or_default(),
        });
    }
    let rows = sqlx::query("SELECT id, title, held_reason FROM bulletins WHERE state = 'held' ORDER BY id").fetch_all(conn).await?;
    for row in &rows {
        found.push(Trouble::BulletinHeld {
            bulletin_id: row.try_get("id")?,
            title: row.try_get("title")?,
            reason: row.try_get::<Option<String>, _>("held_reason")?.unwrap_or_default(),
        });
    }
    Ok(found)
}

/// Items of the ledger that should have been answered before `today`.
pub async fn overdue_items(conn: &mut AnyConnection, today: NaiveDate) -> sqlx::Result<Vec<Trouble>> {
    let overdue = Filter { overdue_on: Some(today), ..Filter::default() };
    let mut found: Vec<LedgerItem> = Vec::new();
    loop {
        let before = found.last().map(|item| item.id.clone()).unwrap_or_default();
        let page = ledger_items::list(conn, &overdue, &before, AT_ONCE).await?;
        if page.is_empty() {
            break;
        }
        found.extend(page);
    }
    let trouble =
        |item: LedgerItem| Some(Trouble::LedgerOverdue { item_id: item.id, number: item.number, owner: item.owner, due_on: item.due_on? });
    Ok(found.into_iter().filter_map(trouble).collect())
}

fn read(row: &AnyRow) -> sqlx::Result<Alert> {
    let at = |name: &str| row.try_get::<Option<i64>, _>(name).map(|at| at.map(Timestamp::from_millis));
    Ok(Alert {
        id: row.try_get("id")?,
        kind: word(row, "kind", AlertKind::parse)?,
        subject: row.try_get("subject")?,
        words: row.try_get("words")?,
        raised_at: Timestamp::from_millis(row.try_get("raised_at")?),
        told_at: at("told_at")?,
        resolved_at: at("resolved_at")?,
        resolved_by: row.try_get("resolved_by")?,
    })
}
