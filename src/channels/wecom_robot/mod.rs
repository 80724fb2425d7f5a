//! 企业微信群机器人: posts into one group, hears nothing, takes nothing back. The only place that knows its webhook
//! (developer.work.weixin.qq.com/document/path/91770). One call a message, and its answer told apart: HTTP is 200 even where it failed.

mod client;
mod verdicts;

use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::{Outgoing, Sender, Verdict};
use crate::config;
use crate::domain::delivery::Operation;
use crate::domain::render::{Part, PartMarkup};
use client::Client;

pub use client::ClientError;

/// A text message takes half of what markdown does, in bytes.
const LONGEST_TEXT: usize = 2048;

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
                let answer = self.client.send(&outgoing.address, &message_of(&outgoing.part)).await;
                verdicts::of_send(answer, &outgoing.delivery)
            }
            // The limits say so; nobody asks for it.
            Operation::Edit | Operation::Delete => Verdict::Failed { reason: "a robot cannot edit or delete".to_owned() },
        }
    }
}

impl Sender for WecomRobot {
    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> BoxFuture<'a, Verdict> {
        Box::pin(self.attempt(outgoing))
    }
}

fn message_of(part: &Part) -> Value {
    match part.markup {
        PartMarkup::WecomMarkdown => json!({"msgtype": "markdown", "markdown": {"content": part.text}}),
        PartMarkup::Plain | PartMarkup::Html if part.plain.len() <= LONGEST_TEXT => {
            json!({"msgtype": "text", "text": {"content": part.plain}})
        }
        PartMarkup::Plain | PartMarkup::Html => json!({"msgtype": "markdown", "markdown": {"content": part.plain}}),
    }
}
