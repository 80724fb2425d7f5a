//! What those who came to a class are asked afterwards.

use serde::{Deserialize, Serialize};

/// Best score; the worst is 1.
pub const BEST: i64 = 5;

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 1 to 5, by a button.
    Score,
    /// In words.
    Words,
    /// In words, and what is written is a question somebody should answer.
    Unclear,
}

/// One question of a survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub kind: Kind,
    /// At most 100 characters.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    pub text: String,
}

/// How far one person has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TalkState {
    /// The question is still to be sent.
    Due,
    Asked,
    /// Every question was answered or skipped.
    Done,
    /// 不再回答.
    Stopped,
}

impl TalkState {
    /// The word in store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Asked => "asked",
            Self::Done => "done",
            Self::Stopped => "stopped",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Due, Self::Asked, Self::Done, Self::Stopped].into_iter().find(|state| state.word() == word)
    }
}
