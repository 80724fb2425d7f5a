//! The life of a bulletin: which step is allowed from which state (F44).

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::attachment::Attachment;
use super::time::Timestamp;

/// State of a bulletin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulletinState {
    Draft,
    InReview,
    Approved,
    Scheduled,
    /// Its time passed by more than the grace while the service was down: a person decides (F52).
    Held,
    Sending,
    Paused,
    Sent,
    PartlySent,
    Cancelled,
    Recalled,
}

/// A step somebody or the scheduler takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Edit,
    Submit,
    Approve,
    Reject,
    Schedule,
    Send,
    Pause,
    Resume,
    Cancel,
    Recall,
    Correct,
    /// Go out at once: in quiet hours and on days off too.
    Urge,
}

impl BulletinState {
    /// In the order of life.
    pub const ALL: [Self; 11] = [
        Self::Draft,
        Self::InReview,
        Self::Approved,
        Self::Scheduled,
        Self::Held,
        Self::Sending,
        Self::Paused,
        Self::Sent,
        Self::PartlySent,
        Self::Cancelled,
        Self::Recalled,
    ];

    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in_review",
            Self::Approved => "approved",
            Self::Scheduled => "scheduled",
            Self::Held => "held",
            Self::Sending => "sending",
            Self::Paused => "paused",
            Self::Sent => "sent",
            Self::PartlySent => "partly_sent",
            Self::Cancelled => "cancelled",
            Self::Recalled => "recalled",
        }
    }

    /// The word for people.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Draft => "草稿",
            Self::InReview => "待审核",
            Self::Approved => "已审核",
            Self::Scheduled => "已排期",
            Self::Held => "已过发送时间，待处理",
            Self::Sending => "发送中",
            Self::Paused => "已暂停",
            Self::Sent => "已发送",
            Self::PartlySent => "部分送达",
            Self::Cancelled => "已取消",
            Self::Recalled => "已撤回",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether what it announces may be shown to everybody: approved or later, and not called off.
    pub fn is_public(self) -> bool {
        match self {
            Self::Approved | Self::Scheduled | Self::Held | Self::Sending | Self::Paused | Self::Sent | Self::PartlySent => true,
            Self::Draft | Self::InReview | Self::Cancelled | Self::Recalled => false,
        }
    }

    /// The state after `step`, or `None` where the step is not allowed (409).
    pub fn after(self, step: Step) -> Option<Self> {
        use BulletinState::{Approved, Cancelled, Draft, Held, InReview, PartlySent, Paused, Recalled, Scheduled, Sending, Sent};
        match (step, self) {
            // An edit voids whatever approval there was.
            (Step::Edit, Draft | InReview | Approved | Scheduled | Held) => Some(Draft),
            (Step::Submit, Draft) => Some(InReview),
            (Step::Approve, InReview) => Some(Approved),
            (Step::Reject, InReview) => Some(Draft),
            (Step::Schedule, Approved | Scheduled | Held) => Some(Scheduled),
            (Step::Send, Approved | Scheduled | Held) => Some(Sending),
            (Step::Pause, Sending) => Some(Paused),
            (Step::Resume, Paused) => Some(Sending),
            (Step::Cancel, Draft | InReview | Approved | Scheduled | Held | Sending | Paused) => Some(Cancelled),
            (Step::Recall, Sending | Paused | Sent | PartlySent | Cancelled) => Some(Recalled),
            (Step::Correct, Sending | Paused | Sent | PartlySent) | (Step::Urge, Approved | Scheduled | Held | Sending) => Some(self),
            _ => None,
        }
    }
}

/// What a bulletin is about; its announcement's template follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulletinKind {
    /// A new policy; approving it publishes the document it was drafted from (F47).
    Policy,
    /// A class's announcement; `origin_id` is the class.
    Class,
    /// An item of a promotion month.
    Campaign,
    #[default]
    Notice,
}

impl BulletinKind {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Class => "class",
            Self::Campaign => "campaign",
            Self::Notice => "notice",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Policy, Self::Class, Self::Campaign, Self::Notice].into_iter().find(|kind| kind.word() == word)
    }
}

/// Where a bulletin goes: the channels named, and those with one of the tags. Both empty: nowhere, which is refused.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Targets {
    /// Channel ids.
    #[serde(default)]
    pub channels: Vec<String>,
    /// Tags; `*` is every group that takes bulletins.
    #[serde(default)]
    pub tags: Vec<String>,
}

impl Serialize for Targets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

/// From named fields only. By itself a list of groups would be read field by field, as if the names stood beside the values.
impl<'de> Deserialize<'de> for Targets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Named;

        impl<'de> Visitor<'de> for Named {
            type Value = Targets;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Shown to whoever wrote something else.
                formatter.write_str(r#"{"tags": ["标签"]} 或 {"channels": ["群聊编号"]}"#)
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Targets, A::Error> {
                Targets::deserialize(MapAccessDeserializer::new(fields))
            }
        }

        deserializer.deserialize_map(Named)
    }
}

/// The words of a bulletin (F46).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub title: String,
    /// 文号.
    pub number: Option<String>,
    pub summary: String,
    /// 适用对象.
    pub audience_text: Option<String>,
    /// 施行日期.
    pub effective_from: Option<chrono::NaiveDate>,
    pub link: Option<String>,
    pub body: String,
}

/// Who approved what: the hash binds it to content and targets (F45).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// User id of the approver.
    pub by: String,
    pub hash: String,
    /// Ids of the groups the targets meant at that moment, in order.
    pub targets: Vec<String>,
    pub at: Timestamp,
}

/// How a bulletin goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Manner {
    /// Never on a day off (F51).
    pub workdays_only: bool,
    /// An approver's word: quiet hours and days off do not hold it.
    pub urgent: bool,
    /// A person's word: although the same text went out within 7 days (F56).
    pub forced: bool,
    /// Its message is kept at the top of groups that can (F74).
    pub pin: bool,
    /// A card with its title and link follows the text where the channel has cards.
    pub card: bool,
}

/// What an approver had before them: everything an approval is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    pub content: Content,
    pub attachments: Vec<Attachment>,
    pub targets: Targets,
    pub workdays_only: bool,
    pub pin: bool,
    pub card: bool,
}

/// A bulletin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulletin {
    pub id: String,
    pub kind: BulletinKind,
    pub origin_id: Option<String>,
    pub content: Content,
    /// Sent after the text, in this order.
    pub attachments: Vec<Attachment>,
    pub targets: Targets,
    pub manner: Manner,
    pub state: BulletinState,
    /// Raised by every correction that was approved.
    pub revision: i64,
    /// User id of the last person who wrote in it.
    pub author: String,
    pub approval: Option<Approval>,
    pub scheduled_at: Option<Timestamp>,
    /// Why it waits for a decision; only while it is held.
    pub held_reason: Option<String>,
    /// A corrected text that waits for approval, and the user who wrote it.
    pub correction: Option<(String, String)>,
    /// As it was when it last came back from review or approval, to be compared with what is submitted next.
    pub reviewed: Option<Reviewed>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}

impl Bulletin {
    /// As an approver sees it now.
    pub fn for_review(&self) -> Reviewed {
        let Manner { workdays_only, pin, card, .. } = self.manner;
        Reviewed {
            content: self.content.clone(),
            attachments: self.attachments.clone(),
            targets: self.targets.clone(),
            workdays_only,
            pin,
            card,
        }
    }
}

/// How often somebody who subscribed hears from us (F55).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// Each bulletin when it goes out.
    AtOnce,
    /// One digest a week.
    Weekly,
}

impl Rhythm {
    /// The word in the store and on buttons.
    pub fn word(self) -> &'static str {
        match self {
            Self::AtOnce => "at_once",
            Self::Weekly => "weekly",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::AtOnce, Self::Weekly].into_iter().find(|rhythm| rhythm.word() == word)
    }
}
