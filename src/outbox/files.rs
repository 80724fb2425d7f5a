//! The file of an attachment, read just before it is sent, and sent only if it is the one that was approved.

use sha2::{Digest, Sha256};

use crate::channels::Verdict;
use crate::domain::delivery::Operation;
use crate::store::Store;
use crate::store::attachment_pieces;
use crate::store::claims::Claimed;

/// The bytes that go along; nothing for whatever has no file. Otherwise why it cannot be sent.
pub(super) async fn of(store: &Store, claimed: &Claimed) -> Result<Option<Vec<u8>>, Verdict> {
    let Some(attachment) = claimed.part.attachment.as_ref().filter(|_| claimed.operation == Operation::Send) else { return Ok(None) };
    // Nothing has left the house, and the store comes back.
    let unread = |error: sqlx::Error| Verdict::NotSent { reason: format!("附件文件读不到：{error}") };
    let pieces = attachment_pieces::get(&mut *store.read().await.map_err(unread)?, &attachment.id).await.map_err(unread)?;
    let pieces = pieces.ok_or_else(|| unread(sqlx::Error::RowNotFound))?;
    let approved = attachment.sha256.clone();
    let checked = tokio::task::spawn_blocking(move || {
        let file = pieces.joined()?;
        (hex::encode(Sha256::digest(&file)) == approved).then_some(file)
    });
    match checked.await.ok().flatten() {
        Some(file) => Ok(Some(file)),
        None => Err(Verdict::Failed { reason: "附件文件与审核时的不一样，没有发送".to_owned() }),
    }
}
