//! Channels and their limits. Above `channels/` nobody knows a platform: they read these limits.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A kind of channel the service can send through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    Telegram,
    /// Writes what it would send to the log and the ledger; needs no account (F79).
    Print,
    /// 企业微信群机器人: a robot posts into one group and hears nothing.
    WecomRobot,
    /// The chat page; answers in the same request.
    Web,
}

/// How a channel measures the length of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthUnit {
    Utf16,
    Bytes,
    Characters,
}

/// How a channel takes mark-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    Html,
    /// WeCom's subset: bold, quotes, links, font colours.
    WecomMarkdown,
    Plain,
}

/// What a channel can do (F31).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub max_length: usize,
    pub length_unit: LengthUnit,
    pub markup: Markup,
    pub buttons: bool,
    pub edit: bool,
    /// How long after sending a message can be taken back; `None` if never.
    pub recall_within: Option<Duration>,
    /// Whether pictures and PDFs can be sent.
    pub attachments: bool,
    /// Whether a message can be kept at the top of its group.
    pub pins: bool,
    /// Whether a card with title, words and link can be sent (图文).
    pub cards: bool,
}

/// Telegram: 4096 UTF-16 units after entity parsing; a bot deletes its own messages within 48 h (core.telegram.org/bots/api).
const TELEGRAM: Limits = Limits {
    max_length: 4096,
    length_unit: LengthUnit::Utf16,
    markup: Markup::Html,
    buttons: true,
    edit: true,
    recall_within: Some(Duration::from_secs(48 * 3600)),
    attachments: true,
    pins: true,
    cards: false,
};

const PRINT: Limits = Limits {
    max_length: 4096,
    length_unit: LengthUnit::Characters,
    markup: Markup::Plain,
    buttons: false,
    edit: true,
    recall_within: Some(Duration::from_secs(48 * 3600)),
    attachments: true,
    pins: true,
    cards: false,
};

/// 企业微信群机器人: markdown of at most 4,096 bytes, counted with its mark-up; nothing is edited or taken back
/// (developer.work.weixin.qq.com/document/path/91770).
const WECOM_ROBOT: Limits = Limits {
    max_length: 4096,
    length_unit: LengthUnit::Bytes,
    markup: Markup::WecomMarkdown,
    buttons: false,
    edit: false,
    recall_within: None,
    attachments: true,
    pins: false,
    cards: true,
};

const WEB: Limits = Limits {
    max_length: 20_000,
    length_unit: LengthUnit::Characters,
    markup: Markup::Plain,
    buttons: true,
    edit: false,
    recall_within: None,
    attachments: false,
    pins: false,
    cards: false,
};

impl ChannelKind {
    /// The limits of this kind.
    pub fn limits(self) -> Limits {
        match self {
            Self::Telegram => TELEGRAM,
            Self::Print => PRINT,
            Self::WecomRobot => WECOM_ROBOT,
            Self::Web => WEB,
        }
    }

    /// The kinds bulletins can be sent through.
    pub const TARGETS: [Self; 3] = [Self::Telegram, Self::WecomRobot, Self::Print];

    /// The word for people.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Telegram => "Telegram",
            Self::Print => "试用（只打印）",
            Self::WecomRobot => "企业微信群机器人",
            Self::Web => "网页",
        }
    }

    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Telegram => "telegram",
            Self::Print => "print",
            Self::WecomRobot => "wecom_robot",
            Self::Web => "web",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "telegram" => Some(Self::Telegram),
            "print" => Some(Self::Print),
            "wecom_robot" => Some(Self::WecomRobot),
            "web" => Some(Self::Web),
            _ => None,
        }
    }
}
