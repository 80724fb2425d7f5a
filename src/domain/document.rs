//! A policy document, its passages, and when it holds.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::facts::{Facts, Known};

/// What sort of text a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    Law,
    Regulation,
    Rule,
    Notice,
    Interpretation,
    Guide,
    Faq,
}

/// What the text itself says of its standing, before any date is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentStatus {
    #[default]
    InForce,
    Amended,
    Repealed,
    Expired,
}

/// How far the facts of a document were checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Read against the law's text, the official copy, or two independent sources.
    #[default]
    Verified,
    /// One source only; the answer says so.
    SingleSource,
}

/// Whether a document may be used in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Publication {
    /// Imported, waiting for its bulletin's approval.
    Draft,
    #[default]
    Published,
    Withdrawn,
    /// Imported, but perhaps misread: a person must compare it with its source before it becomes a draft.
    Quarantined,
}

/// Standing of a document on one date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    InForce,
    Amended,
    /// Replaced or struck; no longer law.
    Repealed,
    /// Its own last day has passed.
    Expired,
    /// Its first day lies ahead.
    NotYet,
}

impl Validity {
    /// The word shown to people.
    pub fn word(self) -> &'static str {
        match self {
            Self::InForce => "现行有效",
            Self::Amended => "现行有效（已修改）",
            Self::Repealed => "已废止",
            Self::Expired => "已失效",
            Self::NotYet => "尚未生效",
        }
    }

    /// Whether the text is law on that date.
    pub fn holds(self) -> bool {
        matches!(self, Self::InForce | Self::Amended)
    }
}

/// A document with its text. Passages are byte ranges of `body`, so every quotation can be cut out again (F02).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// File stem for files; made at import for the rest. Stable across versions.
    pub id: String,
    pub title: String,
    pub kind: DocumentKind,
    pub published: Option<NaiveDate>,
    pub effective_from: Option<NaiveDate>,
    /// Last day in force.
    pub effective_to: Option<NaiveDate>,
    pub status: DocumentStatus,
    pub reviewed: Option<NaiveDate>,
    pub confidence: Confidence,
    /// Read as if they were the document's own: `document.number`.
    #[serde(flatten)]
    pub facts: Known,
    pub body: String,
}

impl Deref for Document {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.facts
    }
}

impl DerefMut for Document {
    fn deref_mut(&mut self) -> &mut Facts {
        &mut self.facts
    }
}

impl Document {
    /// Standing on `date`. A document without dates holds unless its status says otherwise.
    pub fn validity(&self, date: NaiveDate) -> Validity {
        if self.effective_from.is_some_and(|from| date < from) {
            return Validity::NotYet;
        }
        match (self.effective_to, self.status) {
            (Some(to), DocumentStatus::Repealed) if date > to => Validity::Repealed,
            (Some(to), _) if date > to => Validity::Expired,
            // A known last day that has not passed wins over today's status: the question may be about an earlier date.
            (Some(_), DocumentStatus::Amended) => Validity::Amended,
            (Some(_), _) => Validity::InForce,
            (None, DocumentStatus::InForce) => Validity::InForce,
            (None, DocumentStatus::Amended) => Validity::Amended,
            (None, DocumentStatus::Repealed) => Validity::Repealed,
            (None, DocumentStatus::Expired) => Validity::Expired,
        }
    }
}

/// One quotable stretch of a document: an article, a section of a digest, or a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Place within the document, from 0.
    pub ordinal: usize,
    /// Headings above it, outermost first ("第二章 税率"); one list for all passages below them.
    pub headings: Arc<[String]>,
    /// 第X条 as printed, where the text is divided into articles.
    pub article: Option<String>,
    /// Byte range of the text in `Document::body`.
    pub start: usize,
    pub end: usize,
}

impl Passage {
    /// The text, cut from its document.
    pub fn text<'a>(&self, document: &'a Document) -> &'a str {
        &document.body[self.start..self.end]
    }
}
