//! Channels: what leaves the house and what comes in. Above this room nobody knows a platform; a [`Sender`] sends once, never by itself
//! again, and says in a [`Verdict`] what became of it. Whether and when to repeat is the outbox's business alone.

pub mod print;
pub mod telegram;
pub mod wecom_robot;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;

use crate::domain::channel::ChannelKind;
use crate::domain::delivery::Operation;
use crate::domain::render::Part;

/// One thing to send, edit, delete or pin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Id of the delivery, for logs.
    pub delivery: String,
    /// The platform's id of the chat.
    pub address: String,
    pub operation: Operation,
    /// What is sent. For a delete: the words that replace the message where it can no longer be deleted.
    pub part: Part,
    /// Forum topic.
    pub thread: Option<String>,
    /// Message it answers.
    pub reply_to: Option<String>,
    /// For everything but a send: the message it acts on.
    pub message_id: Option<String>,
    /// For the send of an attachment: its bytes.
    pub file: Option<Vec<u8>>,
}

/// What became of one attempt. The reason is for staff and ledger: a code and the platform's words, no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Done; the id the platform gave, and a remark where it was done otherwise than asked.
    Sent { message_id: String, remark: Option<String> },
    /// A poll was posted; its answers will name it by `poll`.
    Posted { message_id: String, poll: String },
    /// Nothing left the house, or it may be repeated safely: again after a back-off.
    NotSent { reason: String },
    /// Too many requests: nothing to this chat before `retry_after` is over.
    Frozen { retry_after: Duration },
    /// The chat has a new address.
    Migrated { to: String },
    /// The bot was blocked or thrown out, or the chat is gone.
    Unreachable { reason: String },
    /// Refused for good.
    Failed { reason: String },
    /// It may have arrived, it may not.
    Unknown { reason: String },
    /// The mark-up was refused: once more without it.
    PlainText { reason: String },
    /// Longer than the platform takes: in two messages instead.
    TooLong { reason: String },
    /// The forum topic is gone: once more without it.
    ThreadGone { reason: String },
    /// The platform does not accept this bot any more: nothing goes out until a person acts.
    BotStopped { reason: String },
}

/// Sends through one platform.
pub trait Sender: Send + Sync {
    /// Makes one attempt.
    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> BoxFuture<'a, Verdict>;
}

/// The senders at hand, by kind of channel; deliveries to other kinds wait.
#[derive(Clone, Default)]
pub struct Senders(HashMap<ChannelKind, Arc<dyn Sender>>);

impl Senders {
    /// Adds or replaces the sender of a kind.
    #[must_use]
    pub fn with(mut self, kind: ChannelKind, sender: Arc<dyn Sender>) -> Self {
        self.0.insert(kind, sender);
        self
    }

    /// The sender of a kind.
    pub fn of(&self, kind: ChannelKind) -> Option<Arc<dyn Sender>> {
        self.0.get(&kind).cloned()
    }

    /// The kinds that can be sent to, in a fixed order.
    pub fn kinds(&self) -> Vec<ChannelKind> {
        let mut kinds: Vec<ChannelKind> = self.0.keys().copied().collect();
        kinds.sort();
        kinds
    }
}
