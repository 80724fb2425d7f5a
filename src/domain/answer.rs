//! The answer object: the same on every channel.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::document::{Confidence, Validity};

/// What the service decided to do with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Answered,
    /// Too close between topics: questions to tap.
    Clarify,
    /// An honest "I don't know", a polite refusal, or a word of small talk: nothing is claimed.
    Abstained,
}

impl Decision {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Clarify => "clarify",
            Self::Abstained => "abstained",
        }
    }
}

/// A quotation and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Citation {
    /// Document id; its page is `/policies/{document}`.
    pub document: String,
    pub title: String,
    pub number: Option<String>,
    /// 第X条 as printed.
    pub article: Option<String>,
    /// The document's own words, byte for byte.
    pub quote: String,
    /// Byte range of `quote` in the document's text.
    pub start: usize,
    pub end: usize,
    pub validity: Validity,
    pub effective_from: Option<NaiveDate>,
    pub effective_to: Option<NaiveDate>,
    pub superseded_by: Option<String>,
    pub confidence: Confidence,
    /// Where the document's page is, from the service's root: `/policies/{id}#…`.
    pub link: String,
    /// Official address, where one is known.
    pub official_link: Option<String>,
}

/// One line of the ranked list, for `eval` and for staff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    pub document: String,
    pub title: String,
    pub article: Option<String>,
    pub score: f32,
}

/// What a person gets. `text` is complete in plain words; the rest is there to be shown richer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Answer {
    /// Opaque; feedback refers to it.
    pub id: String,
    pub decision: Decision,
    /// First line: the sentence that answers, or what is said instead of an answer.
    pub lead: String,
    /// The sentences that stand beside it, word for word from the cited passages, and notes on validity.
    pub details: Vec<String>,
    /// Best first; empty unless something is quoted.
    pub citations: Vec<Citation>,
    /// At most 3 questions to tap.
    pub suggestions: Vec<String>,
    /// The date the answer is about.
    pub as_of: NaiveDate,
    /// The fixed closing words.
    pub caution: String,
    /// Set where something was put right: "按「…」理解".
    pub understood_as: Option<String>,
    /// Where the QR picture of the guide quoted is, from the service's root; null where no guide is.
    #[serde(default)]
    pub code: Option<String>,
}

impl Answer {
    /// Lead and details as plain text, one a line: what `ask` prints first and `eval` judges.
    pub fn text(&self) -> String {
        let mut text = self.lead.clone();
        for line in &self.details {
            text.push('\n');
            text.push_str(line);
        }
        text
    }
}
