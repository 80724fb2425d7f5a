//! What is handed to those who take part in a class. A file itself lies in the data folder under the material's id.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::time::Timestamp;

const COLUMNS: &str = "id, class_id, title, link, media, bytes, pushed_at";

/// Where a material is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Link(String),
    /// A file of ours, with its media type and size in bytes.
    File {
        media: String,
        bytes: i64,
    },
}

/// One material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material {
    pub id: String,
    pub class_id: String,
    pub title: String,
    pub place: Place,
    /// When those who take part were told.
    pub pushed_at: Option<Timestamp>,
}

/// Adds a material.
pub async fn insert(conn: &mut AnyConnection, material: &Material, by: &str, now: Timestamp) -> sqlx::Result<()> {
    let (link, media, bytes) = match &material.place {
        Place::Link(link) => (Some(link.clone()), None, 0),
        Place::File { media, bytes } => (None, Some(media.clone()), *bytes),
    };
    sqlx::query(
        "INSERT INTO class_materials (id, class_id, title, link, media, bytes, uploaded_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(material.id.clone())
    .bind(material.class_id.clone())
    .bind(material.title.clone())
    .bind(link)
    .bind(media)
    .bind(bytes)
    .bind(by.to_owned())
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// The materials of a class, the oldest first.
pub async fn of_class(conn: &mut AnyConnection, class_id: &str) -> sqlx::Result<Vec<Material>> {
    let sql = format!("SELECT {COLUMNS} FROM class_materials WHERE class_id = $1 ORDER BY created_at, id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(class_id.to_owned()).fetch_all(conn).await?;
    rows.iter().map(material).collect()
}

/// One material.
pub async fn get(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<Material>> {
    let sql = format!("SELECT {COLUMNS} FROM class_materials WHERE id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(material).transpose()
}

/// Notes that everybody was told of a material.
pub async fn set_pushed(conn: &mut AnyConnection, id: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE class_materials SET pushed_at = $1 WHERE id = $2 AND pushed_at IS NULL")
        .bind(now.millis())
        .bind(id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes a material away that nobody was told of; false where there is none.
pub async fn remove(conn: &mut AnyConnection, id: &str) -> sqlx::Result<bool> {
    let done = sqlx::query("DELETE FROM class_materials WHERE id = $1 AND pushed_at IS NULL").bind(id.to_owned()).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

fn material(row: &AnyRow) -> sqlx::Result<Material> {
    let (link, media): (Option<String>, Option<String>) = (row.try_get("link")?, row.try_get("media")?);
    let place = match (link, media) {
        (Some(link), _) => Place::Link(link),
        (None, Some(media)) => Place::File { media, bytes: row.try_get("bytes")? },
        (None, None) => return Err(sqlx::Error::Decode("a material without link and file".into())),
    };
    Ok(Material {
        id: row.try_get("id")?,
        class_id: row.try_get("class_id")?,
        title: row.try_get("title")?,
        place,
        pushed_at: row.try_get::<Option<i64>, _>("pushed_at")?.map(Timestamp::from_millis),
    })
}
