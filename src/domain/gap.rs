//! A gap: a question without a good answer, in all the words it was asked in, and the way to its answer.
//! One rule: what is published was drafted by one person from passages it cites, and approved by another.

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// A settled group opens again when it was asked as often again as before, but not for less than so many.
const LEAST_GROWTH: i64 = 3;

/// Where a gap stands: `open → drafting → published`, or `dismissed`; from both ends it may open again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GapState {
    Open,
    /// A draft waits for approval, or for its author.
    Drafting,
    Published,
    Dismissed,
}

impl GapState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Drafting, Self::Published, Self::Dismissed];

    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Drafting => "drafting",
            Self::Published => "published",
            Self::Dismissed => "dismissed",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// How often a group settled now must have been asked to open again.
pub fn opens_at(asked: i64) -> i64 {
    asked + asked.max(LEAST_GROWTH)
}

/// Questions in like words that found no good answer.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Gap {
    pub id: String,
    /// The first wording. Masked.
    pub question: String,
    pub state: GapState,
    /// How often it was asked, in any of its wordings.
    #[serde(rename = "count")]
    pub asked: i64,
    /// How often an answer was called useless.
    pub useless: i64,
    /// How many were handed to a person.
    pub handed_off: i64,
    /// Why it was dismissed, or is open again.
    pub note: String,
    /// Who dismissed or published it.
    pub settled_by: Option<String>,
    /// The verified answer's document.
    pub document: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub first_asked_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_asked_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub published_at: Option<Timestamp>,
}

/// One way people put it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Wording {
    pub wording: String,
    pub asked: i64,
    #[schema(value_type = String, format = DateTime)]
    pub last_asked_at: Timestamp,
}

/// A passage an answer rests on, as it read when the answer was drafted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CitedPassage {
    pub document: String,
    /// Place within the document, from 0.
    pub passage: usize,
    pub title: String,
    pub number: Option<String>,
    /// 第X条 as printed.
    pub article: Option<String>,
    pub quote: String,
}

/// An answer that waits for approval.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct GapDraft {
    /// The question it answers, in words that stand for all wordings.
    pub question: String,
    pub answer: String,
    pub sources: Vec<CitedPassage>,
    #[serde(skip)]
    pub author_id: String,
    pub author: String,
    /// Raised by every edit; an approval names the one it means.
    pub revision: i64,
    /// Why an approver sent it back.
    pub returned: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// What happened to a verified answer that people got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerChange {
    Reworded,
    /// What it rests on reads differently; the answer itself still holds.
    SourceChanged,
    /// It holds no longer: withdrawn, or one of its sources ended.
    Lapsed,
}

/// A verified answer as it stands on a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub document: String,
    pub wording: String,
    pub sources: String,
    pub holds: bool,
}

impl Standing {
    /// What became of the answer since `before`; nothing where it stands as it did, or holds again.
    pub fn change_since(&self, before: &Self) -> Option<AnswerChange> {
        match (before.holds, self.holds) {
            (true, false) => Some(AnswerChange::Lapsed),
            (_, true) if before.wording != self.wording => Some(AnswerChange::Reworded),
            (true, true) if before.sources != self.sources => Some(AnswerChange::SourceChanged),
            (true | false, true) | (false, false) => None,
        }
    }
}
