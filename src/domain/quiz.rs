//! Questions with a source, and quizzes made of them (F64). An item whose source is unknown or does not hold is not asked.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::document::{Document, Validity};

/// Who a quiz is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuizKind {
    /// 每季一考: staff, with scores by person.
    Staff,
    /// 有奖答题 of the promotion month: everybody, with a draw.
    Prize,
}

impl QuizKind {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Prize => "prize",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Staff, Self::Prize].into_iter().find(|kind| kind.word() == word)
    }
}

/// What a prize quiz tells one person from another by when it draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrawnBy {
    /// A mobile number, wherever somebody answered.
    Phone,
    /// A mobile number on the web, the account in a chat: the rule before one person could be in the draw by both.
    PhoneOrAccount,
}

impl DrawnBy {
    /// The word in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::PhoneOrAccount => "phone_or_account",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Phone, Self::PhoneOrAccount].into_iter().find(|rule| rule.word() == word)
    }
}

/// One question with its answer and source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuizItem {
    /// Short name within its bank.
    #[schema(min_length = 1, max_length = 40, pattern = r"\S")]
    pub key: String,
    /// At most 255 characters.
    #[schema(min_length = 1, max_length = 255, pattern = r"\S")]
    pub question: String,
    /// 2 to 10, each at most 100 characters.
    #[schema(min_items = 2, max_items = 10, value_type = Vec<QuizOption>)]
    pub options: Vec<String>,
    /// Which option is right, from 1.
    #[schema(minimum = 1, maximum = 10)]
    pub answer: usize,
    /// Shown after answering; at most 150 characters.
    #[serde(default)]
    #[schema(max_length = 150)]
    pub explanation: String,
    /// Id of the document it rests on.
    #[schema(min_length = 1, pattern = r"\S")]
    pub document: String,
    /// 第X条 it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// Words of the document it rests on, as they stand there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
}

/// What may be chosen; each differs from the others.
#[derive(utoipa::ToSchema)]
#[schema(min_length = 1, max_length = 100, pattern = r"\S")]
#[expect(dead_code, reason = "only describes the list's items")]
pub struct QuizOption(String);

/// A bank of questions; also an evening lesson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuizBank {
    #[schema(min_length = 1, max_length = 80, pattern = r"\S")]
    pub title: String,
    #[schema(min_items = 1, max_items = 200)]
    pub items: Vec<QuizItem>,
}

/// Why an item is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    UnknownDocument,
    NotInForce(Validity),
    ArticleMissing,
    QuoteMissing,
}

/// A question as a platform's own quiz poll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    pub question: String,
    pub options: Vec<String>,
    /// From 0.
    pub correct: u8,
    pub explanation: String,
}

impl QuizItem {
    /// Whether it may be asked on `today`, given the document it names.
    pub fn standing(&self, document: Option<&Document>, today: NaiveDate) -> Result<(), Blocked> {
        let document = document.ok_or(Blocked::UnknownDocument)?;
        let validity = document.validity(today);
        if !validity.holds() {
            return Err(Blocked::NotInForce(validity));
        }
        let number = document.number.as_deref().unwrap_or_default();
        if let Some(article) = &self.article
            && !document.body.contains(article.as_str())
            && !number.contains(article.as_str())
        {
            return Err(Blocked::ArticleMissing);
        }
        if let Some(quote) = &self.quote
            && !document.body.contains(quote.as_str())
        {
            return Err(Blocked::QuoteMissing);
        }
        Ok(())
    }

    /// Whether `choice` (from 1) is right.
    pub fn is_right(&self, choice: usize) -> bool {
        choice == self.answer
    }
}
