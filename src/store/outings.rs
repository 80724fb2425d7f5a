//! What came of the outings of a promotion month: counts and photos.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::time::Timestamp;

/// What was counted at an outing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct OutingResult {
    /// People who came by.
    pub visitors: i64,
    /// People who asked something.
    pub inquiries: i64,
    /// Materials given away.
    pub handouts: i64,
    pub note: String,
}

/// A photo without its picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    pub id: String,
    pub item_id: String,
    pub media: String,
    pub bytes: i64,
    pub caption: String,
}

/// Writes what was counted; a second time replaces the first.
pub async fn record(conn: &mut AnyConnection, item_id: &str, result: &OutingResult, by: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO outing_results (item_id, visitors, inquiries, handouts, note, recorded_by, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (item_id) DO UPDATE SET visitors = excluded.visitors, \
         inquiries = excluded.inquiries, handouts = excluded.handouts, note = excluded.note, recorded_by = excluded.recorded_by, \
         updated_at = excluded.updated_at",
    )
    .bind(item_id.to_owned())
    .bind(result.visitors)
    .bind(result.inquiries)
    .bind(result.handouts)
    .bind(result.note.clone())
    .bind(by.to_owned())
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// What was counted, if it was.
pub async fn result(conn: &mut AnyConnection, item_id: &str) -> sqlx::Result<Option<OutingResult>> {
    let row = sqlx::query("SELECT visitors, inquiries, handouts, note FROM outing_results WHERE item_id = $1")
        .bind(item_id.to_owned())
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        Ok(OutingResult {
            visitors: row.try_get("visitors")?,
            inquiries: row.try_get("inquiries")?,
            handouts: row.try_get("handouts")?,
            note: row.try_get("note")?,
        })
    })
    .transpose()
}

/// Adds a photo.
pub async fn add_photo(conn: &mut AnyConnection, photo: &Photo, by: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO outing_photos (id, item_id, media, bytes, caption, uploaded_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(photo.id.clone())
    .bind(photo.item_id.clone())
    .bind(photo.media.clone())
    .bind(photo.bytes)
    .bind(photo.caption.clone())
    .bind(by.to_owned())
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// The photos of an outing, the oldest first.
pub async fn photos(conn: &mut AnyConnection, item_id: &str) -> sqlx::Result<Vec<Photo>> {
    let rows = sqlx::query("SELECT id, item_id, media, bytes, caption FROM outing_photos WHERE item_id = $1 ORDER BY created_at, id")
        .bind(item_id.to_owned())
        .fetch_all(conn)
        .await?;
    rows.iter().map(photo_of).collect()
}

/// One photo.
pub async fn photo(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<Photo>> {
    let row = sqlx::query("SELECT id, item_id, media, bytes, caption FROM outing_photos WHERE id = $1")
        .bind(id.to_owned())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(photo_of).transpose()
}

/// Takes a photo away; false where there is none.
pub async fn remove_photo(conn: &mut AnyConnection, id: &str) -> sqlx::Result<bool> {
    let done = sqlx::query("DELETE FROM outing_photos WHERE id = $1").bind(id.to_owned()).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

fn photo_of(row: &AnyRow) -> sqlx::Result<Photo> {
    Ok(Photo {
        id: row.try_get("id")?,
        item_id: row.try_get("item_id")?,
        media: row.try_get("media")?,
        bytes: row.try_get("bytes")?,
        caption: row.try_get("caption")?,
    })
}
