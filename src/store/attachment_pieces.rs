//! The bytes of attachments, in pieces of base64 so that no row is large. They lie in the store and in no folder: replicas share only
//! the store, and whoever claims a delivery must have its file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sqlx::{AnyConnection, Row};

/// Of each piece, before base64; a multiple of three, so that no piece is padded but the last.
const PIECE_BYTES: usize = 384 * 1024;

/// A file as it lies in the store. Making it and taking it apart are work for a blocking thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces(Vec<String>);

impl Pieces {
    /// Takes a file apart.
    pub fn of(file: &[u8]) -> Self {
        Self(file.chunks(PIECE_BYTES).map(|piece| STANDARD.encode(piece)).collect())
    }

    /// The file; nothing where a piece is not what was written.
    pub fn joined(&self) -> Option<Vec<u8>> {
        let mut file = Vec::with_capacity(self.0.len() * PIECE_BYTES);
        for piece in &self.0 {
            STANDARD.decode_vec(piece, &mut file).ok()?;
        }
        Some(file)
    }
}

/// Keeps the file of an attachment of a bulletin.
pub async fn put(conn: &mut AnyConnection, attachment_id: &str, bulletin_id: &str, pieces: Pieces) -> sqlx::Result<()> {
    for (piece, content) in (0_i64..).zip(pieces.0) {
        sqlx::query("INSERT INTO attachment_pieces (attachment_id, piece, bulletin_id, content) VALUES ($1, $2, $3, $4)")
            .bind(attachment_id.to_owned())
            .bind(piece)
            .bind(bulletin_id.to_owned())
            .bind(content)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// The file of an attachment; nothing where there is none.
pub async fn get(conn: &mut AnyConnection, attachment_id: &str) -> sqlx::Result<Option<Pieces>> {
    let rows = sqlx::query("SELECT content FROM attachment_pieces WHERE attachment_id = $1 ORDER BY piece")
        .bind(attachment_id.to_owned())
        .fetch_all(conn)
        .await?;
    let pieces = rows.iter().map(|row| row.try_get("content")).collect::<sqlx::Result<Vec<String>>>()?;
    Ok(Some(Pieces(pieces)).filter(|pieces| !pieces.0.is_empty()))
}

/// Lets the file of an attachment go.
pub async fn remove(conn: &mut AnyConnection, attachment_id: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM attachment_pieces WHERE attachment_id = $1").bind(attachment_id.to_owned()).execute(conn).await?;
    Ok(())
}
