//! The figures of the console's first page. Each is one query over an index, as everybody opens that page all day.

use sqlx::{AnyConnection, Row};

use crate::domain::time::Timestamp;

/// Asia/Shanghai, in milliseconds east of Greenwich.
const EAST_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 24 * 3_600_000;

/// Questions of one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970-01-01 in Asia/Shanghai.
    pub day: i64,
    pub answered: i64,
    pub clarified: i64,
    pub abstained: i64,
    pub useful: i64,
    pub useless: i64,
    /// Questions handed to a person.
    pub handed_off: i64,
}

/// A question and how often it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Masked.
    pub question: String,
    pub many: i64,
}

/// How many things wait for somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Messages of which nobody knows whether they arrived.
    pub unknown: i64,
    /// Bulletins and corrections to approve.
    pub approvals: i64,
    /// Documents that wait for their bulletin.
    pub drafts: i64,
    /// Channels that could not be reached.
    pub unreachable: i64,
    /// Inquiries nobody answers yet, and since when the first of them waits.
    pub inquiries: i64,
    pub waits_since: Option<Timestamp>,
    /// Alerts nobody resolved.
    pub alerts: i64,
}

/// The day of an instant, as [`Day::day`].
pub fn day_of(at: Timestamp) -> i64 {
    (at.millis() + EAST_MS).div_euclid(DAY_MS)
}

/// Questions a day since `since`, the oldest first; days without any are left out.
pub async fn days(conn: &mut AnyConnection, since: Timestamp) -> sqlx::Result<Vec<Day>> {
    let rows = sqlx::query(
        "SELECT (asked_at + 28800000) / 86400000 AS day, \
         CAST(SUM(CASE WHEN decision = 'answered' THEN 1 ELSE 0 END) AS BIGINT) AS answered, \
         CAST(SUM(CASE WHEN decision = 'clarify' THEN 1 ELSE 0 END) AS BIGINT) AS clarified, \
         CAST(SUM(CASE WHEN decision = 'abstained' THEN 1 ELSE 0 END) AS BIGINT) AS abstained, \
         CAST(SUM(CASE WHEN useful = 1 THEN 1 ELSE 0 END) AS BIGINT) AS useful, \
         CAST(SUM(CASE WHEN useful = 0 THEN 1 ELSE 0 END) AS BIGINT) AS useless \
         FROM questions WHERE asked_at >= $1 GROUP BY (asked_at + 28800000) / 86400000 ORDER BY day",
    )
    .bind(since.millis())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Day {
                day: row.try_get("day")?,
                answered: row.try_get("answered")?,
                clarified: row.try_get("clarified")?,
                abstained: row.try_get("abstained")?,
                useful: row.try_get("useful")?,
                useless: row.try_get("useless")?,
                handed_off: 0,
            })
        })
        .collect()
}

/// Inquiries opened a day since `since`: the day as [`Day::day`], and how many.
pub async fn handed_off(conn: &mut AnyConnection, since: Timestamp) -> sqlx::Result<Vec<(i64, i64)>> {
    let rows = sqlx::query(
        "SELECT (queued_at + 28800000) / 86400000 AS day, COUNT(*) AS many FROM inquiries WHERE queued_at >= $1 \
         GROUP BY (queued_at + 28800000) / 86400000 ORDER BY day",
    )
    .bind(since.millis())
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("day")?, row.try_get("many")?))).collect()
}

/// What was asked most since `since`.
pub async fn top_questions(conn: &mut AnyConnection, since: Timestamp, limit: i64) -> sqlx::Result<Vec<Asked>> {
    let rows = sqlx::query(
        "SELECT question, COUNT(*) AS many FROM questions WHERE asked_at >= $1 AND question <> '' GROUP BY question ORDER BY many DESC, question LIMIT $2",
    )
    .bind(since.millis())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(Asked { question: row.try_get("question")?, many: row.try_get("many")? })).collect()
}

/// How many deliveries made since `since` are in each state.
pub async fn deliveries(conn: &mut AnyConnection, since: Timestamp) -> sqlx::Result<Vec<(String, i64)>> {
    let rows =
        sqlx::query("SELECT state, COUNT(*) AS many FROM deliveries WHERE created_at >= $1 GROUP BY state ORDER BY many DESC, state")
            .bind(since.millis())
            .fetch_all(conn)
            .await?;
    rows.iter().map(|row| Ok((row.try_get("state")?, row.try_get("many")?))).collect()
}

/// What waits for somebody.
pub async fn waiting(conn: &mut AnyConnection) -> sqlx::Result<Waiting> {
    let row = sqlx::query(
        "SELECT (SELECT COUNT(*) FROM deliveries WHERE state = 'unknown') AS unknown_deliveries, \
         (SELECT COUNT(*) FROM bulletins WHERE state = 'in_review') \
         + (SELECT COUNT(*) FROM bulletins WHERE correction_author IS NOT NULL) AS approvals, \
         (SELECT COUNT(*) FROM documents WHERE publication = 'draft') AS drafts, \
         (SELECT COUNT(*) FROM channels WHERE is_target = 1 AND reachable = 0) AS unreachable, \
         (SELECT COUNT(*) FROM inquiries WHERE state = 'waiting') AS inquiries, \
         (SELECT MIN(waiting_at) FROM inquiries WHERE state = 'waiting') AS waits_since, \
         (SELECT COUNT(*) FROM alerts WHERE resolved_at IS NULL) AS alerts",
    )
    .fetch_one(conn)
    .await?;
    Ok(Waiting {
        unknown: row.try_get("unknown_deliveries")?,
        approvals: row.try_get("approvals")?,
        drafts: row.try_get("drafts")?,
        unreachable: row.try_get("unreachable")?,
        inquiries: row.try_get("inquiries")?,
        waits_since: row.try_get::<Option<i64>, _>("waits_since")?.map(Timestamp::from_millis),
        alerts: row.try_get("alerts")?,
    })
}

/// Questions since `since` that found no good answer.
pub async fn gaps(conn: &mut AnyConnection, since: Timestamp) -> sqlx::Result<i64> {
    let row =
        sqlx::query("SELECT COUNT(*) AS many FROM questions WHERE gap = 1 AND asked_at >= $1").bind(since.millis()).fetch_one(conn).await?;
    row.try_get("many")
}
