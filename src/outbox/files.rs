//! The file of an attachment, read just before it is sent, and sent only if it is the one that was approved.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::channels::Verdict;
use crate::domain::attachment::{Attachment, file_at};
use crate::domain::delivery::Operation;
use crate::store::claims::Claimed;

/// The bytes that go along; nothing for whatever has no file. Otherwise why it cannot be sent.
pub(super) async fn of(data_dir: &Path, claimed: &Claimed) -> Result<Option<Vec<u8>>, Verdict> {
    let Some(attachment) = claimed.part.attachment.as_ref().filter(|_| claimed.operation == Operation::Send) else { return Ok(None) };
    let file = match tokio::fs::read(file_at(data_dir, &attachment.id)).await {
        Ok(file) => file,
        // Perhaps the folder comes back, or another replica has it: nothing has left the house.
        Err(error) => return Err(Verdict::NotSent { reason: format!("附件文件读不到：{error}") }),
    };
    match checked(file, attachment.clone()).await {
        Some(file) => Ok(Some(file)),
        None => Err(Verdict::Failed { reason: "附件文件与审核时的不一样，没有发送".to_owned() }),
    }
}

async fn checked(file: Vec<u8>, attachment: Attachment) -> Option<Vec<u8>> {
    let same = move || (hex::encode(Sha256::digest(&file)) == attachment.sha256).then_some(file);
    tokio::task::spawn_blocking(same).await.ok().flatten()
}
