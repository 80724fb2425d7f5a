//! A class of the taxpayer school: when it runs, who has a seat.

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// State of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClassState {
    Draft,
    Published,
    Cancelled,
}

impl ClassState {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Draft, Self::Published, Self::Cancelled].into_iter().find(|state| state.word() == word)
    }
}

/// State of one person's enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnrolmentState {
    Enrolled,
    /// A freed seat is held for this person until the offer lapses.
    Offered,
    Waitlisted,
    Cancelled,
}

impl EnrolmentState {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::Offered => "offered",
            Self::Waitlisted => "waitlisted",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Enrolled, Self::Offered, Self::Waitlisted, Self::Cancelled].into_iter().find(|state| state.word() == word)
    }
}

/// How one person stands with a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Seated,
    /// A seat is held until then.
    Offered(Timestamp),
    /// Place in the waiting line, from 1.
    Waiting(i64),
}

/// A class as staff and taxpayers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Class {
    pub id: String,
    pub title: String,
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// Exactly one of place and online_url is set.
    pub place: Option<String>,
    pub online_url: Option<String>,
    pub capacity: i64,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub enrol_from: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub enrol_until: Option<Timestamp>,
    /// Minutes before the start at which the enrolled are reminded.
    pub reminders: Vec<i64>,
    pub trainer: Option<String>,
    pub state: ClassState,
    /// SEQUENCE of its .ics.
    pub sequence: i64,
}
