//! Sends an attachment: a picture as a photo, everything else as a document. A picture that cannot be shown as a photo goes as a document.

use serde_json::Value;

use super::client::{CallError, Client, Upload};
use super::send::{is_bad_request, judge_send};
use crate::channels::{Outgoing, Verdict};
use crate::domain::attachment::Attachment;

/// What Telegram says of a picture it takes only as a file: too long, too narrow, not one it can read.
const NOT_A_PHOTO: [&str; 4] = ["photo_invalid_dimensions", "photo_save_file_invalid", "image_process_failed", "photo_ext_invalid"];

/// How a file is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Photo,
    Document,
}

/// Makes one attempt; after a clear refusal of a photo the same file as a document, for nothing was posted.
pub(super) async fn post(client: &Client, outgoing: &Outgoing) -> Verdict {
    let (Some(attachment), Some(file)) = (&outgoing.part.attachment, &outgoing.file) else {
        return Verdict::Failed { reason: "there is no file to send".to_owned() };
    };
    if !attachment.media.is_picture() {
        return judged(upload(client, outgoing, attachment, file, Manner::Document).await);
    }
    match upload(client, outgoing, attachment, file, Manner::Photo).await {
        Err(error) if is_bad_request(&error, &NOT_A_PHOTO) => judged(upload(client, outgoing, attachment, file, Manner::Document).await),
        answered => judged(answered),
    }
}

async fn upload(client: &Client, outgoing: &Outgoing, attachment: &Attachment, file: &[u8], manner: Manner) -> Result<Value, CallError> {
    let (method, parameter) = match manner {
        Manner::Photo => ("SendPhoto", "photo"),
        Manner::Document => ("SendDocument", "document"),
    };
    let mut parameters = vec![("chat_id", outgoing.address.clone()), ("caption", outgoing.part.plain.clone())];
    if let Some(thread) = &outgoing.thread {
        parameters.push(("message_thread_id", thread.clone()));
    }
    let file = Upload { parameter, name: attachment.name.clone(), media: attachment.media.word(), bytes: file.to_vec() };
    client.upload(method, parameters, file).await
}

fn judged(answered: Result<Value, CallError>) -> Verdict {
    match answered {
        Ok(result) => match result.get("message_id").and_then(Value::as_i64) {
            Some(id) => Verdict::Sent { message_id: id.to_string(), remark: None },
            None => Verdict::Unknown { reason: "the answer has no message id".to_owned() },
        },
        Err(error) => judge_send(error),
    }
}
