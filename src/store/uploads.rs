//! Uploads from the console: read in the background with their progress kept here, then imported at a person's word.

use std::time::Duration;

use sqlx::{AnyConnection, Row};

use crate::domain::id::new_id;
use crate::domain::time::Timestamp;

/// An upload nobody imported is forgotten after a day.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// A reading that has not moved for so long was cut off: the service was stopped meanwhile.
const STUCK: Duration = Duration::from_secs(15 * 60);

/// Where an upload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadState {
    Reading,
    Read,
    Imported,
    /// Cut off before all files were read.
    Failed,
}

/// An upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub id: String,
    pub user_id: String,
    pub state: UploadState,
    /// Files read so far, of `files`.
    pub done: i64,
    pub files: i64,
    /// JSON: tags of the groups.
    pub tags: String,
    /// JSON: what was found.
    pub report: String,
    /// JSON: what would be stored.
    pub documents: String,
}

/// Begins an upload of so many files; those of yesterday are swept out.
pub async fn begin(conn: &mut AnyConnection, user_id: &str, files: i64, tags: &str, now: Timestamp) -> sqlx::Result<String> {
    sqlx::query("DELETE FROM uploads WHERE created_at < $1").bind(now.minus(KEPT).millis()).execute(&mut *conn).await?;
    let id = new_id("upl", now);
    sqlx::query(
        "INSERT INTO uploads (id, user_id, state, done, files, tags, report, documents, created_at, updated_at) \
         VALUES ($1, $2, 'reading', 0, $3, $4, '', '', $5, $5)",
    )
    .bind(id.clone())
    .bind(user_id.to_owned())
    .bind(files)
    .bind(tags.to_owned())
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(id)
}

/// Notes how many files are read.
pub async fn progress(conn: &mut AnyConnection, id: &str, done: i64, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE uploads SET done = $1, updated_at = $2 WHERE id = $3 AND state = 'reading'")
        .bind(done)
        .bind(now.millis())
        .bind(id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps what was found.
pub async fn read(conn: &mut AnyConnection, id: &str, report: &str, documents: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE uploads SET state = 'read', done = files, report = $1, documents = $2, updated_at = $3 WHERE id = $4")
        .bind(report.to_owned())
        .bind(documents.to_owned())
        .bind(now.millis())
        .bind(id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes an upload for importing; `false` where it was imported before. Call it in the transaction that imports.
pub async fn take(conn: &mut AnyConnection, id: &str, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE uploads SET state = 'imported', documents = '', updated_at = $1 WHERE id = $2 AND state = 'read'")
        .bind(now.millis())
        .bind(id.to_owned())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// One upload.
pub async fn get(conn: &mut AnyConnection, id: &str, now: Timestamp) -> sqlx::Result<Option<Upload>> {
    let row = sqlx::query("SELECT id, user_id, state, done, files, tags, report, documents, updated_at FROM uploads WHERE id = $1")
        .bind(id.to_owned())
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let word: String = row.try_get("state")?;
    let stuck = now.since(Timestamp::from_millis(row.try_get("updated_at")?)) > STUCK;
    let state = match word.as_str() {
        "reading" if stuck => UploadState::Failed,
        "reading" => UploadState::Reading,
        "read" => UploadState::Read,
        "imported" => UploadState::Imported,
        _ => return Err(sqlx::Error::Decode(format!("unknown state {word}").into())),
    };
    Ok(Some(Upload {
        id: row.try_get("id")?,
        user_id: row.try_get("user_id")?,
        state,
        done: row.try_get("done")?,
        files: row.try_get("files")?,
        tags: row.try_get("tags")?,
        report: row.try_get("report")?,
        documents: row.try_get("documents")?,
    }))
}
