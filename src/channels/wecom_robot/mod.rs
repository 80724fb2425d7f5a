//! 企业微信群机器人: posts into one group, hears nothing, takes nothing back. The only place that knows its webhook
//! (developer.work.weixin.qq.com/document/path/91770). One call a message, and its answer told apart: HTTP is 200 even where it failed.

mod client;
mod verdicts;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::BoxFuture;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::{Outgoing, Sender, Verdict};
use crate::config;
use crate::domain::delivery::Operation;
use crate::domain::render::{Card, Part, PartMarkup};
use client::Client;

pub use client::ClientError;

/// A text message takes half of what markdown does, in bytes.
const LONGEST_TEXT: usize = 2048;
/// A picture in the message itself, before base64; a larger one goes as a file.
const LARGEST_IMAGE: usize = 2 * 1024 * 1024;
/// Title and words of a card, in bytes.
const LONGEST_TITLE: usize = 128;
const LONGEST_WORDS: usize = 512;

/// Sends through group robots; the key of each is the address of its channel.
#[derive(Debug, Clone)]
pub struct WecomRobot {
    client: Client,
}

impl WecomRobot {
    /// A sender to the configured WeCom.
    pub fn new(wecom: &config::Wecom) -> Result<Self, ClientError> {
        Ok(Self { client: Client::new(&wecom.api_url)? })
    }

    async fn attempt(&self, outgoing: &Outgoing) -> Verdict {
        match outgoing.operation {
            Operation::Send => {
                let message = match self.message(outgoing).await {
                    Ok(message) => message,
                    Err(verdict) => return verdict,
                };
                verdicts::of_send(self.client.send(&outgoing.address, &message).await, &outgoing.delivery)
            }
            // The limits say so; nobody asks for it.
            Operation::Edit | Operation::Delete | Operation::Pin | Operation::Unpin => {
                Verdict::Failed { reason: "a robot cannot edit, delete or pin".to_owned() }
            }
        }
    }

    /// What is posted; a file is handed to WeCom first.
    async fn message(&self, outgoing: &Outgoing) -> Result<Value, Verdict> {
        let Some(attachment) = &outgoing.part.attachment else { return Ok(message_of(&outgoing.part)) };
        let Some(file) = &outgoing.file else { return Err(Verdict::Failed { reason: "there is no file to send".to_owned() }) };
        if attachment.media.is_picture() && file.len() <= LARGEST_IMAGE {
            return Ok(image(file));
        }
        let uploaded = self.client.upload(&outgoing.address, &attachment.name, attachment.media.word(), file.clone()).await;
        let media_id = verdicts::of_upload(uploaded)?;
        Ok(json!({"msgtype": "file", "file": {"media_id": media_id}}))
    }
}

impl Sender for WecomRobot {
    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> BoxFuture<'a, Verdict> {
        Box::pin(self.attempt(outgoing))
    }
}

fn image(file: &[u8]) -> Value {
    let md5 = hex::encode(Md5::digest(file));
    json!({"msgtype": "image", "image": {"base64": STANDARD.encode(file), "md5": md5}})
}

/// The title and words of a card are cut where WeCom would cut them, between characters and with a sign.
fn card(card: &Card) -> Value {
    let mut article =
        json!({"title": within(&card.title, LONGEST_TITLE), "description": within(&card.words, LONGEST_WORDS), "url": card.url});
    if let Some(picture) = &card.picture {
        article["picurl"] = json!(picture);
    }
    json!({"msgtype": "news", "news": {"articles": [article]}})
}

fn within(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(bytes - '…'.len_utf8())])
}

fn message_of(part: &Part) -> Value {
    if let Some(shown) = &part.card {
        return card(shown);
    }
    match part.markup {
        PartMarkup::WecomMarkdown => json!({"msgtype": "markdown", "markdown": {"content": part.text}}),
        PartMarkup::Plain | PartMarkup::Html if part.plain.len() <= LONGEST_TEXT => {
            json!({"msgtype": "text", "text": {"content": part.plain}})
        }
        PartMarkup::Plain | PartMarkup::Html => json!({"msgtype": "markdown", "markdown": {"content": part.plain}}),
    }
}
