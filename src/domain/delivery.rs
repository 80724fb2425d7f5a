//! A delivery: one part of one thing to one target, and the states it may be in (see docs/delivery in README).

use serde::{Deserialize, Serialize};

/// `pending → sending → sent | failed | pending | unknown`; `unknown → sent | pending | abandoned`; `pending → cancelled | expired`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    Pending,
    /// Committed before any byte leaves.
    Sending,
    Sent,
    Failed,
    /// Nobody can say whether it arrived; only a person or the policy may send it again.
    Unknown,
    Expired,
    Cancelled,
    /// An unknown one that a person gave up.
    Abandoned,
}

impl DeliveryState {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Abandoned => "abandoned",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pending, Self::Sending, Self::Sent, Self::Failed, Self::Unknown, Self::Expired, Self::Cancelled, Self::Abandoned]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// The text of a thing has the parts before this one; polls, cards and files stand behind.
pub const AFTER_TEXT: i64 = 100;

/// What is done at the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Send,
    Edit,
    Delete,
    /// Keeps the message at the top of its chat.
    Pin,
    Unpin,
}

impl Operation {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Edit => "edit",
            Self::Delete => "delete",
            Self::Pin => "pin",
            Self::Unpin => "unpin",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Send, Self::Edit, Self::Delete, Self::Pin, Self::Unpin].into_iter().find(|operation| operation.word() == word)
    }
}

/// What a delivery is part of; the id of the thing stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    Reply,
    Reminder,
    Bulletin,
    /// Something staff must know.
    Alert,
    /// Something that concerns one person: a question of theirs is answered, their suggestion has moved on.
    Notice,
    /// Staff want to see whether a channel works.
    Test,
}

impl Origin {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Reminder => "reminder",
            Self::Bulletin => "bulletin",
            Self::Alert => "alert",
            Self::Notice => "notice",
            Self::Test => "test",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Reply, Self::Reminder, Self::Bulletin, Self::Alert, Self::Notice, Self::Test]
            .into_iter()
            .find(|origin| origin.word() == word)
    }

    /// Order of claim: the lower goes first. Chat reply > test > alert > reminder > notice > bulletin; a test and an alert go out in quiet
    /// hours too.
    pub fn priority(self) -> i64 {
        match self {
            Self::Reply => 0,
            Self::Test => 3,
            Self::Alert => 6,
            Self::Reminder => 10,
            Self::Notice => 20,
            Self::Bulletin => 30,
        }
    }
}

/// What to do by itself with an unknown outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnAmbiguous {
    /// Wait for a person.
    #[default]
    Ask,
    /// Send once more (class reminders: twice is better than never).
    Resend,
    /// Leave it (chat replies older than their question).
    Never,
}

impl OnAmbiguous {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Resend => "resend",
            Self::Never => "never",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Ask, Self::Resend, Self::Never].into_iter().find(|policy| policy.word() == word)
    }
}
