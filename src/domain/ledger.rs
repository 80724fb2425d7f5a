//! The ledger of opinions and suggestions (意见建议台账): what somebody complained of or proposed, who sees to it, and until when.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// An item is answered within so many workdays unless staff say otherwise.
pub const WORKDAYS: u32 = 10;
/// A 服务评价 of so many stars or less opens an item.
pub const LOW_RATING: i64 = 2;

/// Where an item stands: `received → accepted → handling → answered → closed`, never back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody has looked at it.
    Received,
    /// 受理: it has an owner.
    Accepted,
    /// 办理.
    Handling,
    /// 答复: the proposer was told.
    Answered,
    /// 办结.
    Closed,
}

impl Stage {
    /// Every stage in order.
    pub const ALL: [Self; 5] = [Self::Received, Self::Accepted, Self::Handling, Self::Answered, Self::Closed];

    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Handling => "handling",
            Self::Answered => "answered",
            Self::Closed => "closed",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
    }

    /// The steps that may follow. What was answered may be answered again: a person may have to be told more.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Received => &[Self::Accepted],
            Self::Accepted => &[Self::Handling, Self::Answered],
            Self::Handling => &[Self::Answered],
            Self::Answered => &[Self::Answered, Self::Closed],
            Self::Closed => &[],
        }
    }

    /// Whether its due date still counts.
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Received | Self::Accepted | Self::Handling)
    }
}

/// Where an item comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerSource {
    /// A low 服务评价.
    Rating,
    Suggestion,
}

impl LedgerSource {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rating => "rating",
            Self::Suggestion => "suggestion",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Rating, Self::Suggestion].into_iter().find(|source| source.word() == word)
    }
}

/// An item of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LedgerItem {
    pub id: String,
    /// Such as JY-2026-0001.
    pub number: String,
    pub source: LedgerSource,
    /// The 服务评价 it comes from, 1 or 2.
    pub stars: Option<i64>,
    /// Where the proposer is: `telegram`, `web`.
    pub channel: String,
    /// Masked.
    pub text: String,
    pub stage: Stage,
    /// Name of the staff user who sees to it; empty before it is accepted.
    pub owner: String,
    /// The last day to answer; null where the working calendar of that year is not loaded.
    pub due_on: Option<NaiveDate>,
    /// What the proposer was told last.
    pub answer: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl LedgerItem {
    /// Whether it should have been answered before `today`.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.stage.is_under_way() && self.due_on.is_some_and(|due| due < today)
    }
}

/// One step of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LedgerStep {
    pub stage: Stage,
    /// Who took it.
    pub actor: String,
    pub note: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// The number of the `nth` item of a year.
pub fn number(year: i32, nth: i64) -> String {
    format!("JY-{year}-{nth:04}")
}

/// A number as somebody typed it (jy2026-1, JY－2026－0001), in its form; `None` where it is none.
pub fn read_number(text: &str) -> Option<String> {
    let plain: String =
        text.trim().to_uppercase().chars().map(|c| if matches!(c, '－' | '—' | '–' | '_' | ' ') { '-' } else { c }).collect();
    let rest = plain.strip_prefix("JY")?.trim_start_matches('-');
    let (year, nth) = rest.split_once('-')?;
    let year: i32 = year.parse().ok().filter(|year| (2000..=2999).contains(year))?;
    let nth: i64 = nth.parse().ok().filter(|nth| (1..=9_999_999).contains(nth))?;
    Some(number(year, nth))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_type_it() {
        for text in ["JY-2026-0001", "jy2026-1", "JY－2026－0001 ", "jy 2026 1"] {
            assert_eq!(read_number(text).as_deref(), Some("JY-2026-0001"), "{text}");
        }
        for text in ["JY-2026", "2026-1", "JY-26-1", "JY-2026-x", "", "JY-2026--1"] {
            assert_eq!(read_number(text), None, "{text}");
        }
    }

    #[test]
    fn no_stage_leads_back() {
        for stage in Stage::ALL {
            assert!(stage.next().iter().all(|next| *next >= stage));
        }
    }
}
