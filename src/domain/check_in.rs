//! Checking in at the door of a class: how, and why not.

use std::time::Duration;

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::class::{Class, ClassState, Session};
use super::time::Timestamp;

/// The door opens so long before a session starts.
pub const OPENS_BEFORE: Duration = Duration::from_secs(60 * 60);
/// Staff may note who came until so long after a session's end: a phone without a signal uploads later.
pub const STAFF_UNTIL: Duration = Duration::from_secs(7 * 24 * 3600);
/// Digits of a session's code.
pub const CODE_DIGITS: usize = 6;
/// What a check-in's start payload begins with.
const PAYLOAD: &str = "in_";

/// How somebody was checked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// By themselves: the session's code, typed or scanned.
    Code,
    /// Tapped in on the trainer's phone.
    PhonePage,
    /// Came without being enrolled and took a free seat.
    WalkIn,
    /// Noted by staff afterwards.
    Staff,
}

impl Means {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::PhonePage => "phone_page",
            Self::WalkIn => "walk_in",
            Self::Staff => "staff",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Code, Self::PhonePage, Self::WalkIn, Self::Staff].into_iter().find(|means| means.word() == word)
    }
}

/// What came of a check-in; each has its sentence in `replies::check_ins`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Done.
    CheckedIn,
    /// Was done before; nothing changed.
    AlreadyIn,
    NotEnrolled,
    /// The code is of another session than the one that is on.
    OtherSession,
    TooEarly,
    /// The session has ended.
    Over,
    /// The class was called off.
    Cancelled,
    /// No session has this code.
    WrongCode,
    /// Too many wrong codes.
    TooMany,
    /// No seat is left for somebody who is not enrolled.
    Full,
}

impl Reason {
    /// The word in the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::CheckedIn => "checked_in",
            Self::AlreadyIn => "already_in",
            Self::NotEnrolled => "not_enrolled",
            Self::OtherSession => "other_session",
            Self::TooEarly => "too_early",
            Self::Over => "over",
            Self::Cancelled => "cancelled",
            Self::WrongCode => "wrong_code",
            Self::TooMany => "too_many",
            Self::Full => "full",
        }
    }

    /// Whether the person is in.
    pub fn is_in(self) -> bool {
        matches!(self, Self::CheckedIn | Self::AlreadyIn)
    }
}

/// Who stands behind a check-in: people have their code's hour, staff may note it later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Own,
    Staff,
}

/// Why nobody can check in to this session at `at`; nothing where they can.
pub fn closed(class: &Class, session: &Session, door: Door, at: Timestamp) -> Option<Reason> {
    let until = match door {
        Door::Own => session.ends_at,
        Door::Staff => session.ends_at.plus(STAFF_UNTIL),
    };
    if class.state == ClassState::Cancelled {
        return Some(Reason::Cancelled);
    }
    if class.state == ClassState::Draft {
        return Some(Reason::NotEnrolled);
    }
    if at < session.starts_at.minus(OPENS_BEFORE) {
        return Some(if door == Door::Own && open_session(class, at).is_some() { Reason::OtherSession } else { Reason::TooEarly });
    }
    if at > until {
        return Some(if door == Door::Own && open_session(class, at).is_some() { Reason::OtherSession } else { Reason::Over });
    }
    None
}

/// The session whose door is open at `at`.
pub fn open_session(class: &Class, at: Timestamp) -> Option<&Session> {
    class.sessions.iter().find(|session| session.starts_at.minus(OPENS_BEFORE) <= at && at <= session.ends_at)
}

/// A new code.
pub fn new_code() -> String {
    format!("{:06}", rand::rng().random_range(0..1_000_000))
}

/// Whether a text could be a code; full-width digits and spaces between them count.
pub fn read_code(text: &str) -> Option<String> {
    let digits: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c {
            '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10).unwrap_or(c),
            other => other,
        })
        .collect();
    (digits.len() == CODE_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// What stands after `?start=` on a session's sheet.
pub fn payload(class_id: &str, code: &str) -> String {
    format!("{PAYLOAD}{code}_{class_id}")
}

/// Code and class in a start payload.
pub fn read_payload(payload: &str) -> Option<(&str, &str)> {
    payload.strip_prefix(PAYLOAD)?.split_once('_')
}
