//! What comes in from a person, and what goes back: the same on every channel.

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::channel::ChannelKind;
use super::message::Message;

/// Where a conversation takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Private,
    Group,
}

/// What the person did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Plain words.
    Text(String),
    /// A command without its slash and bot name, and what follows it: `/问 几号截止` → ("问", "几号截止").
    Command { name: String, rest: String },
    /// A tapped button's data.
    Button(String),
    /// The bot was let in or thrown out.
    Membership { present: bool },
}

/// One thing a person did, already known to be meant for the service (F26 is decided by the channel).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    pub channel: ChannelKind,
    /// The platform's own id of the event; a repeat is ignored.
    pub event_id: String,
    /// The platform's id of the chat.
    pub chat: String,
    /// Title of the group, or nothing in private.
    pub chat_title: Option<String>,
    /// The platform's id of the person.
    pub person: String,
    /// Name shown on rosters; never logged.
    pub person_name: Option<String>,
    pub scope: Scope,
    /// Forum topic the reply must stay in.
    pub thread: Option<i64>,
    /// Message the reply answers.
    pub message_id: Option<String>,
    pub act: Act,
}

/// What the service says back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    pub message: Message,
    /// The answer object behind the message, where it answers a question.
    pub answer: Option<Answer>,
}

impl Reply {
    /// A reply that is only words.
    pub fn words(message: Message) -> Self {
        Self { message, answer: None }
    }
}
