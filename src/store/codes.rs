//! Codes people scan, and how often each was scanned on a day. Nothing of who scanned is kept.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::code::{CodeKind, Entry, code_of};
use crate::domain::time::Timestamp;

/// A code as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    pub code: String,
    pub kind: CodeKind,
    /// Id of what it opens.
    pub target: String,
    /// Where it hangs; empty where nowhere in particular.
    pub place: String,
    /// Scans so far.
    pub scans: i64,
}

/// The scans of one day.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct DayScans {
    /// `2026-04-01`.
    pub day: String,
    pub web: i64,
    pub chat: i64,
}

const COLUMNS: &str =
    "c.code, c.kind, c.target, c.place, CAST(COALESCE((SELECT SUM(s.many) FROM code_scans s WHERE s.code = c.code), 0) AS BIGINT) AS scans";

/// Registers the code of a thing at a place; there is only ever one.
pub async fn ensure(conn: &mut AnyConnection, kind: CodeKind, target: &str, place: &str, now: Timestamp) -> sqlx::Result<String> {
    let code = code_of(kind, target, place);
    sqlx::query("INSERT INTO codes (code, kind, target, place, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING")
        .bind(code.clone())
        .bind(kind.word())
        .bind(target.to_owned())
        .bind(place.to_owned())
        .bind(now.millis())
        .execute(conn)
        .await?;
    Ok(code)
}

/// One code.
pub async fn get(conn: &mut AnyConnection, code: &str) -> sqlx::Result<Option<Code>> {
    let sql = format!("SELECT {COLUMNS} FROM codes c WHERE c.code = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(code.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// Codes in order of themselves, beginning after `after`.
pub async fn list(conn: &mut AnyConnection, after: &str, limit: i64) -> sqlx::Result<Vec<Code>> {
    let sql = format!("SELECT {COLUMNS} FROM codes c WHERE c.code > $1 ORDER BY c.code LIMIT $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after.to_owned()).bind(limit).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// What hangs at a place, by kind: at most `limit`, after the first `skip`.
pub async fn at_place(conn: &mut AnyConnection, place: &str, skip: i64, limit: i64) -> sqlx::Result<Vec<Code>> {
    let sql = format!("SELECT {COLUMNS} FROM codes c WHERE c.place = $1 ORDER BY c.kind, c.created_at, c.code LIMIT $2 OFFSET $3");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(place.to_owned()).bind(limit).bind(skip).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// How many codes hang at a place.
pub async fn many_at_place(conn: &mut AnyConnection, place: &str) -> sqlx::Result<i64> {
    sqlx::query("SELECT COUNT(*) AS many FROM codes WHERE place = $1").bind(place.to_owned()).fetch_one(conn).await?.try_get("many")
}

/// The places where codes hang, by name.
pub async fn places(conn: &mut AnyConnection) -> sqlx::Result<Vec<String>> {
    let rows = sqlx::query("SELECT DISTINCT place FROM codes WHERE place <> '' ORDER BY place").fetch_all(conn).await?;
    rows.iter().map(|row| row.try_get("place")).collect()
}

/// Counts one scan.
pub async fn count_scan(conn: &mut AnyConnection, code: &str, entry: Entry, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO code_scans (code, day, entry, many) VALUES ($1, $2, $3, 1) \
         ON CONFLICT (code, day, entry) DO UPDATE SET many = code_scans.many + 1",
    )
    .bind(code.to_owned())
    .bind(now.date().to_string())
    .bind(entry.word())
    .execute(conn)
    .await?;
    Ok(())
}

/// The scans of a code by day, the newest first.
pub async fn days(conn: &mut AnyConnection, code: &str) -> sqlx::Result<Vec<DayScans>> {
    let rows = sqlx::query(
        "SELECT day, CAST(SUM(CASE WHEN entry = 'web' THEN many ELSE 0 END) AS BIGINT) AS web, \
         CAST(SUM(CASE WHEN entry = 'chat' THEN many ELSE 0 END) AS BIGINT) AS chat \
         FROM code_scans WHERE code = $1 GROUP BY day ORDER BY day DESC LIMIT 400",
    )
    .bind(code.to_owned())
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(DayScans { day: row.try_get("day")?, web: row.try_get("web")?, chat: row.try_get("chat")? })).collect()
}

/// Scans of what opens one thing, wherever it hangs, from one day to another.
pub async fn scans_of(conn: &mut AnyConnection, kind: CodeKind, target: &str, from: &str, to: &str) -> sqlx::Result<i64> {
    let row = sqlx::query(
        "SELECT CAST(COALESCE(SUM(s.many), 0) AS BIGINT) AS many FROM code_scans s JOIN codes c ON c.code = s.code \
         WHERE c.kind = $1 AND c.target = $2 AND s.day >= $3 AND s.day <= $4",
    )
    .bind(kind.word())
    .bind(target.to_owned())
    .bind(from.to_owned())
    .bind(to.to_owned())
    .fetch_one(conn)
    .await?;
    row.try_get("many")
}

fn read(row: &AnyRow) -> sqlx::Result<Code> {
    let kind: String = row.try_get("kind")?;
    Ok(Code {
        code: row.try_get("code")?,
        kind: CodeKind::parse(&kind).ok_or_else(|| sqlx::Error::Decode(format!("unknown code kind {kind}").into()))?,
        target: row.try_get("target")?,
        place: row.try_get("place")?,
        scans: row.try_get("scans")?,
    })
}
