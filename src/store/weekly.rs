//! The figures of a week, counted by the engine, each over an index.

use chrono::NaiveDate;
use sqlx::{AnyConnection, Row};

use super::deliveries::word;
use crate::domain::delivery::DeliveryState;
use crate::domain::weekly::{TOP, TopQuestion, WeekDay, WeekDeliveries, WeekFigures, span};

/// Counts the week that begins on `monday`.
pub async fn figures(conn: &mut AnyConnection, monday: NaiveDate) -> sqlx::Result<WeekFigures> {
    let (from, until) = span(monday);
    let (from, until) = (from.millis(), until.millis());
    let mut days: Vec<WeekDay> = (0..7).map(|day| WeekDay { day, ..WeekDay::default() }).collect();
    let rows = sqlx::query(
        "SELECT (asked_at - $1) / 86400000 AS day, \
         CAST(SUM(CASE WHEN decision = 'answered' THEN 1 ELSE 0 END) AS BIGINT) AS answered, \
         CAST(SUM(CASE WHEN decision = 'clarify' THEN 1 ELSE 0 END) AS BIGINT) AS clarified, \
         CAST(SUM(CASE WHEN decision = 'abstained' THEN 1 ELSE 0 END) AS BIGINT) AS abstained, \
         CAST(SUM(CASE WHEN useful = 1 THEN 1 ELSE 0 END) AS BIGINT) AS useful, \
         CAST(SUM(CASE WHEN useful = 0 THEN 1 ELSE 0 END) AS BIGINT) AS useless \
         FROM questions WHERE asked_at >= $1 AND asked_at < $2 GROUP BY (asked_at - $1) / 86400000",
    )
    .bind(from)
    .bind(until)
    .fetch_all(&mut *conn)
    .await?;
    for row in &rows {
        let number: i64 = row.try_get("day")?;
        let Some(day) = usize::try_from(number).ok().and_then(|place| days.get_mut(place)) else { continue };
        *day = WeekDay {
            day: number,
            answered: row.try_get("answered")?,
            clarified: row.try_get("clarified")?,
            abstained: row.try_get("abstained")?,
            useful: row.try_get("useful")?,
            useless: row.try_get("useless")?,
        };
    }
    let rows = sqlx::query(
        "SELECT question, COUNT(*) AS many FROM questions WHERE asked_at >= $1 AND asked_at < $2 AND question <> '' \
         GROUP BY question ORDER BY many DESC, question LIMIT $3",
    )
    .bind(from)
    .bind(until)
    .bind(TOP)
    .fetch_all(&mut *conn)
    .await?;
    let top = rows
        .iter()
        .map(|row| Ok(TopQuestion { question: row.try_get("question")?, count: row.try_get("many")? }))
        .collect::<sqlx::Result<_>>()?;
    let rows = sqlx::query(
        "SELECT state, COUNT(*) AS many FROM deliveries WHERE created_at >= $1 AND created_at < $2 GROUP BY state ORDER BY many DESC, state",
    )
    .bind(from)
    .bind(until)
    .fetch_all(&mut *conn)
    .await?;
    let deliveries = rows
        .iter()
        .map(|row| Ok(WeekDeliveries { state: word(row, "state", DeliveryState::parse)?, count: row.try_get("many")? }))
        .collect::<sqlx::Result<_>>()?;
    let row = sqlx::query(
        "SELECT COUNT(*) AS handed_off, COUNT(stars) AS ratings, CAST(COALESCE(SUM(stars), 0) AS BIGINT) AS stars \
         FROM inquiries WHERE queued_at >= $1 AND queued_at < $2",
    )
    .bind(from)
    .bind(until)
    .fetch_one(&mut *conn)
    .await?;
    let (handed_off, ratings, stars) = (row.try_get("handed_off")?, row.try_get("ratings")?, row.try_get("stars")?);
    let held = "SELECT id FROM classes WHERE state = 'published' AND starts_at >= $1 AND starts_at < $2";
    let sql = format!(
        "SELECT (SELECT COUNT(*) FROM classes WHERE state = 'published' AND starts_at >= $1 AND starts_at < $2) AS classes, \
         (SELECT COUNT(*) FROM enrolments WHERE state = 'enrolled' AND class_id IN ({held})) AS seats, \
         (SELECT COUNT(DISTINCT enrolment_id) FROM check_ins WHERE class_id IN ({held})) AS came"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(from).bind(until).fetch_one(conn).await?;
    let (classes, seats, came) = (row.try_get("classes")?, row.try_get("seats")?, row.try_get("came")?);
    Ok(WeekFigures { monday, days, handed_off, ratings, stars, top, deliveries, classes, seats, came })
}
