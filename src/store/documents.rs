//! Documents imported by staff. Every change raises the revision `documents`, by which the index notices it.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::changes;
use crate::domain::document::{Document, Publication};
use crate::domain::time::Timestamp;

/// A stored document with what the store knows of it.
#[derive(Debug, Clone)]
pub struct StoredDocument {
    pub document: Document,
    pub publication: Publication,
    pub content_hash: String,
    /// From 1; raised whenever the text changes.
    pub version: i64,
    /// What the importer was not sure of, a line each.
    pub doubts: String,
    pub updated_at: Timestamp,
}

/// What storing a document did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    New,
    Changed,
    Unchanged,
}

const COLUMNS: &str = "meta, body, content_hash, publication, version, doubts, updated_at";

/// How often documents have changed; another number means the index is behind.
pub async fn revision(conn: &mut AnyConnection) -> sqlx::Result<i64> {
    sqlx::query("SELECT value FROM revisions WHERE name = 'documents'").fetch_one(conn).await?.try_get("value")
}

/// All published documents, by id.
pub async fn published(conn: &mut AnyConnection) -> sqlx::Result<Vec<Document>> {
    let sql = format!("SELECT {COLUMNS} FROM documents WHERE publication = 'published' ORDER BY id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(conn).await?;
    rows.iter().map(|row| stored(row).map(|stored| stored.document)).collect()
}

/// All documents whatever their publication, by id; `after` is the last id of the page before.
pub async fn list(conn: &mut AnyConnection, after: Option<&str>, limit: i64) -> sqlx::Result<Vec<StoredDocument>> {
    let sql = format!("SELECT {COLUMNS} FROM documents WHERE id > $1 ORDER BY id LIMIT $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after.unwrap_or_default().to_owned()).bind(limit).fetch_all(conn).await?;
    rows.iter().map(stored).collect()
}

/// Documents of one publication by id, beginning after the id `after`.
pub async fn list_by_publication(
    conn: &mut AnyConnection,
    publication: Publication,
    after: &str,
    limit: i64,
) -> sqlx::Result<Vec<StoredDocument>> {
    let sql = format!("SELECT {COLUMNS} FROM documents WHERE publication = $1 AND id > $2 ORDER BY id LIMIT $3");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(word(publication)).bind(after.to_owned()).bind(limit).fetch_all(conn).await?;
    rows.iter().map(stored).collect()
}

/// One document.
pub async fn get(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<StoredDocument>> {
    let sql = format!("SELECT {COLUMNS} FROM documents WHERE id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(stored).transpose()
}

/// Stores a document. The same text and metadata again changes nothing but, if asked for, its publication.
pub async fn put(
    conn: &mut AnyConnection,
    document: &Document,
    content_hash: &str,
    publication: Publication,
    now: Timestamp,
) -> sqlx::Result<Put> {
    let meta = meta_of(document)?;
    let known = sqlx::query("SELECT meta, content_hash, publication FROM documents WHERE id = $1")
        .bind(document.id.clone())
        .fetch_optional(&mut *conn)
        .await?;
    let outcome = match known {
        Some(row) => {
            // What the metadata says, not how an earlier version of this service wrote it.
            let says = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
            let same = row.try_get::<String, _>("content_hash")? == content_hash && says(&row.try_get::<String, _>("meta")?) == says(&meta);
            if same && row.try_get::<String, _>("publication")? == word(publication) {
                return Ok(Put::Unchanged);
            }
            Put::Changed
        }
        None => Put::New,
    };
    sqlx::query(
        "INSERT INTO documents (id, title, number, meta, body, content_hash, publication, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8) \
         ON CONFLICT (id) DO UPDATE SET title = excluded.title, number = excluded.number, meta = excluded.meta, body = excluded.body, \
         content_hash = excluded.content_hash, publication = excluded.publication, \
         version = documents.version + CASE WHEN documents.content_hash = excluded.content_hash THEN 0 ELSE 1 END, \
         updated_at = excluded.updated_at",
    )
    .bind(document.id.clone())
    .bind(document.title.clone())
    .bind(document.number.clone())
    .bind(meta)
    .bind(document.body.clone())
    .bind(content_hash.to_owned())
    .bind(word(publication))
    .bind(now.millis())
    .execute(&mut *conn)
    .await?;
    raise_revision(conn).await?;
    Ok(outcome)
}

/// Keeps what the importer was not sure of, a line each.
pub async fn note_doubts(conn: &mut AnyConnection, id: &str, doubts: &str) -> sqlx::Result<()> {
    sqlx::query("UPDATE documents SET doubts = $1 WHERE id = $2").bind(doubts.to_owned()).bind(id.to_owned()).execute(conn).await.map(drop)
}

/// Publishes, withdraws or takes back a document; false if there is none with this id.
pub async fn set_publication(conn: &mut AnyConnection, id: &str, publication: Publication, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE documents SET publication = $1, updated_at = $2 WHERE id = $3 AND publication <> $1")
        .bind(word(publication))
        .bind(now.millis())
        .bind(id.to_owned())
        .execute(&mut *conn)
        .await?;
    if done.rows_affected() > 0 {
        raise_revision(conn).await?;
        return Ok(true);
    }
    Ok(get(conn, id).await?.is_some())
}

/// Tells every replica that what is known has changed.
pub(super) async fn raise_revision(conn: &mut AnyConnection) -> sqlx::Result<()> {
    sqlx::query("UPDATE revisions SET value = value + 1 WHERE name = 'documents'").execute(&mut *conn).await?;
    changes::tell(conn).await
}

/// The document as JSON without its body, which has a column of its own.
fn meta_of(document: &Document) -> sqlx::Result<String> {
    let bare = Document { body: String::new(), ..document.clone() };
    serde_json::to_string(&bare).map_err(|error| sqlx::Error::Encode(error.into()))
}

fn stored(row: &AnyRow) -> sqlx::Result<StoredDocument> {
    let mut document: Document =
        serde_json::from_str(&row.try_get::<String, _>("meta")?).map_err(|error| sqlx::Error::Decode(error.into()))?;
    document.body = row.try_get("body")?;
    let publication: String = row.try_get("publication")?;
    Ok(StoredDocument {
        document,
        publication: parse(&publication).ok_or_else(|| sqlx::Error::Decode(format!("unknown publication {publication}").into()))?,
        content_hash: row.try_get("content_hash")?,
        version: row.try_get("version")?,
        doubts: row.try_get("doubts")?,
        updated_at: Timestamp::from_millis(row.try_get("updated_at")?),
    })
}

fn word(publication: Publication) -> &'static str {
    match publication {
        Publication::Draft => "draft",
        Publication::Published => "published",
        Publication::Withdrawn => "withdrawn",
        Publication::Quarantined => "quarantined",
    }
}

fn parse(word: &str) -> Option<Publication> {
    match word {
        "draft" => Some(Publication::Draft),
        "published" => Some(Publication::Published),
        "withdrawn" => Some(Publication::Withdrawn),
        "quarantined" => Some(Publication::Quarantined),
        _ => None,
    }
}
