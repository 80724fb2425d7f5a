//! An alert: something a person must look at. It is open until a person or its end resolves it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::channel::ChannelKind;
use super::time::Timestamp;

/// Channels with this tag hear of every alert.
pub const MANAGEMENT_TAG: &str = "管理";

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Nobody settled deliveries with an unknown outcome in time; the subject is what they are part of.
    Unconfirmed,
    /// A group cannot be reached; the subject is the channel.
    Unreachable,
    /// A platform refuses the bot itself; the subject is the kind of channel.
    BotRefused,
    /// A bulletin waits for a decision; the subject is the bulletin.
    BulletinHeld,
    /// An item of the ledger was not answered in time; the subject is the item.
    LedgerOverdue,
    /// The clock of the machine jumped; the subject is the machine's part in the service.
    ClockJumped,
    /// Somebody waits for a person and nobody answers.
    NobodyAnswers,
    /// The working calendar of a year that is near is not loaded; the subject is the year.
    CalendarMissing,
}

/// Every kind.
pub const KINDS: [AlertKind; 8] = [
    AlertKind::Unconfirmed,
    AlertKind::Unreachable,
    AlertKind::BotRefused,
    AlertKind::BulletinHeld,
    AlertKind::LedgerOverdue,
    AlertKind::ClockJumped,
    AlertKind::NobodyAnswers,
    AlertKind::CalendarMissing,
];

impl AlertKind {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unconfirmed => "unconfirmed",
            Self::Unreachable => "unreachable",
            Self::BotRefused => "bot_refused",
            Self::BulletinHeld => "bulletin_held",
            Self::LedgerOverdue => "ledger_overdue",
            Self::ClockJumped => "clock_jumped",
            Self::NobodyAnswers => "nobody_answers",
            Self::CalendarMissing => "calendar_missing",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        KINDS.into_iter().find(|kind| kind.word() == word)
    }
}

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Alert {
    pub id: String,
    pub kind: AlertKind,
    /// Id of what it is about.
    pub subject: String,
    /// What happened and what to do, in Chinese.
    pub words: String,
    #[schema(value_type = String, format = DateTime)]
    pub raised_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub told_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Timestamp>,
    /// Name of the person; `service` where what it was about is over.
    pub resolved_by: Option<String>,
}

/// Something that is so now and should be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// So many deliveries of a thing are unknown too long; its title where it has one.
    Unconfirmed {
        origin_id: String,
        title: Option<String>,
        many: i64,
    },
    Unreachable {
        channel_id: String,
        title: String,
        reason: String,
    },
    BotRefused {
        channel_kind: ChannelKind,
        reason: String,
    },
    BulletinHeld {
        bulletin_id: String,
        title: String,
        reason: String,
    },
    CalendarMissing {
        /// In digits, as the subject.
        year: String,
    },
    LedgerOverdue {
        item_id: String,
        number: String,
        /// Empty: nobody accepted it.
        owner: String,
        due_on: NaiveDate,
    },
}

impl Trouble {
    /// The kind of alert it raises.
    pub fn kind(&self) -> AlertKind {
        match self {
            Self::Unconfirmed { .. } => AlertKind::Unconfirmed,
            Self::Unreachable { .. } => AlertKind::Unreachable,
            Self::BotRefused { .. } => AlertKind::BotRefused,
            Self::BulletinHeld { .. } => AlertKind::BulletinHeld,
            Self::CalendarMissing { .. } => AlertKind::CalendarMissing,
            Self::LedgerOverdue { .. } => AlertKind::LedgerOverdue,
        }
    }

    /// Id of what it is about.
    pub fn subject(&self) -> &str {
        match self {
            Self::Unconfirmed { origin_id, .. } => origin_id,
            Self::Unreachable { channel_id, .. } => channel_id,
            Self::BotRefused { channel_kind, .. } => channel_kind.word(),
            Self::BulletinHeld { bulletin_id, .. } => bulletin_id,
            Self::CalendarMissing { year } => year,
            Self::LedgerOverdue { item_id, .. } => item_id,
        }
    }
}
