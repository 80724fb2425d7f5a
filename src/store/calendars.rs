//! Years of the working calendar that staff loaded. A change raises the revision of the knowledge, by which every replica takes it up.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{AnyConnection, Row};

use super::documents;
use crate::domain::time::Timestamp;
use crate::domain::workday::{FilingYear, WorkCalendar, WorkYear};

const WORKDAYS: &str = "workdays";
const FILING: &str = "filing";

/// Writes the holidays of a year in place of what stood there.
pub async fn put_workdays(conn: &mut AnyConnection, year: i32, content: &WorkYear, author: &str, now: Timestamp) -> sqlx::Result<()> {
    put(conn, WORKDAYS, year, content, author, now).await
}

/// Writes the filing deadlines of a year in place of what stood there.
pub async fn put_filing(conn: &mut AnyConnection, year: i32, content: &FilingYear, author: &str, now: Timestamp) -> sqlx::Result<()> {
    put(conn, FILING, year, content, author, now).await
}

async fn put(conn: &mut AnyConnection, kind: &str, year: i32, content: &impl Serialize, author: &str, now: Timestamp) -> sqlx::Result<()> {
    let content = serde_json::to_string(content).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "INSERT INTO calendar_years (kind, year, content, author, updated_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (kind, year) DO UPDATE SET content = excluded.content, author = excluded.author, updated_at = excluded.updated_at",
    )
    .bind(kind.to_owned())
    .bind(i64::from(year))
    .bind(content)
    .bind(author.to_owned())
    .bind(now.millis())
    .execute(&mut *conn)
    .await?;
    documents::raise_revision(conn).await
}

/// Every year that was loaded.
pub async fn all(conn: &mut AnyConnection) -> sqlx::Result<WorkCalendar> {
    let rows = sqlx::query("SELECT kind, year, content FROM calendar_years ORDER BY year").fetch_all(conn).await?;
    let mut calendar = WorkCalendar::default();
    for row in &rows {
        let year = i32::try_from(row.try_get::<i64, _>("year")?).map_err(|error| sqlx::Error::Decode(error.into()))?;
        let content: String = row.try_get("content")?;
        if row.try_get::<String, _>("kind")? == WORKDAYS {
            calendar.work.insert(year, read(&content)?);
        } else {
            calendar.filing.insert(year, read(&content)?);
        }
    }
    Ok(calendar)
}

fn read<T: DeserializeOwned>(content: &str) -> sqlx::Result<T> {
    serde_json::from_str(content).map_err(|error| sqlx::Error::Decode(error.into()))
}
