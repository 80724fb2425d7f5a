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

/// What an answer must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A line of words; ids and phone numbers in it are masked.
    #[default]
    Text,
    /// A whole number, such as of people.
    Number,
    /// A mobile number, kept as given.
    Phone,
}

impl FieldKind {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Phone => "phone",
        }
    }
}

/// What a trainer asks whoever enrols, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedField {
    /// Such as 单位名称; it names the field.
    #[schema(min_length = 1, max_length = 20, pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f\s][^\x00-\x1f\x7f-\x9f]*$")]
    pub label: String,
    /// What it is needed for, told to whoever is asked.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f\s][^\x00-\x1f\x7f-\x9f]*$")]
    pub reason: String,
    #[serde(default)]
    pub kind: FieldKind,
    #[serde(default)]
    pub required: bool,
}

/// One time at which a class meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ClassSession)]
pub struct Session {
    /// From 1; it names the session and stays when its time changes.
    pub number: i64,
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// SEQUENCE of its event in the .ics.
    pub sequence: i64,
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
    /// At least one; the class starts with the first and ends with the last.
    pub sessions: Vec<Session>,
    /// Sessions that were called off after the class was published, in the order of their times; their numbers are not used again.
    pub called_off: Vec<Session>,
    /// Asked of whoever enrols.
    pub fields: Vec<AskedField>,
    /// Sessions to come to for a certificate; none: all of them, 0: there is no certificate.
    pub certificate_sessions: Option<i64>,
}

impl Class {
    /// The session of this number; none where it was called off.
    pub fn session(&self, number: i64) -> Option<&Session> {
        self.sessions.iter().find(|session| session.number == number)
    }

    /// The session of this number that was called off.
    pub fn gone_session(&self, number: i64) -> Option<&Session> {
        self.called_off.iter().find(|session| session.number == number)
    }

    /// Whether its sessions are told apart by their numbers.
    pub fn is_series(&self) -> bool {
        self.sessions.len() + self.called_off.len() > 1
    }

    /// The number of a session that is added.
    pub fn next_number(&self) -> i64 {
        self.sessions.iter().chain(&self.called_off).map(|session| session.number).max().unwrap_or(0) + 1
    }

    /// Start and end follow from the sessions, which stand in the order of their times.
    pub fn settle_times(&mut self) {
        self.sessions.sort_by_key(|session| (session.starts_at, session.number));
        if let Some(first) = self.sessions.first() {
            self.starts_at = first.starts_at;
        }
        if let Some(end) = self.sessions.iter().map(|session| session.ends_at).max() {
            self.ends_at = end;
        }
    }
}
