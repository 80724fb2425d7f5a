//! Words of the glossary that staff changed. They lie over the table in the file; every change tells the index by the revision.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::documents::raise_revision;
use crate::domain::time::Timestamp;

/// A line that staff wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub term: String,
    /// The word of the kind, as in the file's third column.
    pub kind: String,
    pub change: Change,
    /// Name of who wrote it.
    pub author: String,
    pub updated_at: Timestamp,
}

/// What a line does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The term means this.
    Means(String),
    /// The file's line counts no more.
    Removed,
}

/// All of them, by term.
pub async fn all(conn: &mut AnyConnection) -> sqlx::Result<Vec<Word>> {
    let rows =
        sqlx::query("SELECT term, kind, official, removed, author, updated_at FROM words ORDER BY term, kind").fetch_all(conn).await?;
    rows.iter().map(word).collect()
}

/// Writes a line; the one of the same term and kind is replaced.
pub async fn put(conn: &mut AnyConnection, word: &Word) -> sqlx::Result<()> {
    let (official, removed) = match &word.change {
        Change::Means(official) => (official.as_str(), 0_i64),
        Change::Removed => ("", 1),
    };
    sqlx::query(
        "INSERT INTO words (term, kind, official, removed, author, updated_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (term, kind) DO UPDATE SET official = excluded.official, removed = excluded.removed, author = excluded.author, \
         updated_at = excluded.updated_at",
    )
    .bind(word.term.clone())
    .bind(word.kind.clone())
    .bind(official.to_owned())
    .bind(removed)
    .bind(word.author.clone())
    .bind(word.updated_at.millis())
    .execute(&mut *conn)
    .await?;
    raise_revision(conn).await
}

/// Forgets what staff wrote of a term: the file's line, if there is one, counts again. `false` where nothing was written.
pub async fn forget(conn: &mut AnyConnection, term: &str, kind: &str) -> sqlx::Result<bool> {
    let done = sqlx::query("DELETE FROM words WHERE term = $1 AND kind = $2")
        .bind(term.to_owned())
        .bind(kind.to_owned())
        .execute(&mut *conn)
        .await?;
    raise_revision(conn).await?;
    Ok(done.rows_affected() == 1)
}

fn word(row: &AnyRow) -> sqlx::Result<Word> {
    let official = row.try_get("official")?;
    let removed = row.try_get::<i64, _>("removed")? != 0;
    Ok(Word {
        term: row.try_get("term")?,
        kind: row.try_get("kind")?,
        change: if removed { Change::Removed } else { Change::Means(official) },
        author: row.try_get("author")?,
        updated_at: Timestamp::from_millis(row.try_get("updated_at")?),
    })
}
