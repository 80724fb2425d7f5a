//! An inquiry: a question handed to a person, and the hours in which people answer.
//! One rule: while the state is `Human`, the bot says nothing to the asker.

use std::time::Duration;

use chrono::{Days, NaiveTime};
use serde::{Deserialize, Serialize};

use super::time::Timestamp;
use super::workday::{WorkCalendar, YearMissing};

/// Tag of the chats in which staff answer.
pub const STAFF_TAG: &str = "坐席";

/// Types of tax that inquiries are routed by, each with the words that name it; the first that is named counts.
const TAXES: [(&str, &[&str]); 7] = [
    ("个人所得税", &["个人所得税", "个税", "汇算清缴退税", "专项附加扣除"]),
    ("企业所得税", &["企业所得税", "小型微利"]),
    ("增值税", &["增值税", "小规模", "一般纳税人", "进项", "销项"]),
    ("发票", &["发票", "开票"]),
    ("社保费", &["社保", "养老保险", "医疗保险", "医保"]),
    ("车辆购置税", &["车辆购置税", "购置税", "车购税"]),
    ("财产和行为税", &["印花税", "房产税", "契税", "土地增值税", "城镇土地使用税", "环境保护税", "资源税", "车船税"]),
];

/// Where an inquiry stands. Without an open inquiry the bot answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InquiryState {
    /// In the queue; the bot still answers.
    Waiting,
    /// A person answers; the bot is silent.
    Human,
    Closed,
}

impl InquiryState {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Human => "human",
            Self::Closed => "closed",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Waiting, Self::Human, Self::Closed].into_iter().find(|state| state.word() == word)
    }
}

/// Who said something in an inquiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    Asker,
    Staff,
    /// What the service noted: taken, transferred, closed.
    Service,
}

impl Author {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Asker => "asker",
            Self::Staff => "staff",
            Self::Service => "service",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Asker, Self::Staff, Self::Service].into_iter().find(|author| author.word() == word)
    }
}

/// Where a waiting asker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many wait longer.
    pub before: i64,
    pub opening: Opening,
}

/// When people answer next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    Now,
    At(Timestamp),
    /// The calendar of the year is not loaded.
    Unknown,
}

/// Every type of tax that inquiries are routed by.
pub fn taxes() -> impl Iterator<Item = &'static str> {
    TAXES.iter().map(|(tax, _)| *tax)
}

/// The type of tax a question names, or `None`.
pub fn tax_named(question: &str) -> Option<&'static str> {
    TAXES.iter().find(|(_, words)| words.iter().any(|word| question.contains(word))).map(|(tax, _)| *tax)
}

/// Spans of a workday in which people answer, in order and without overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeHours(Vec<(NaiveTime, NaiveTime)>);

impl OfficeHours {
    /// Reads `09:00-12:00,13:30-17:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        let mut spans = Vec::new();
        let mut last = None;
        for span in text.split([',', '，']) {
            let (from, to) = span.split_once('-')?;
            let (from, to) = (time(from)?, time(to)?);
            if from >= to || last.is_some_and(|last| from < last) {
                return None;
            }
            last = Some(to);
            spans.push((from, to));
        }
        Some(Self(spans))
    }

    /// When people answer next: `at` itself within the hours, else the next opening on a workday.
    pub fn next_opening(&self, calendar: &WorkCalendar, at: Timestamp) -> Result<Timestamp, YearMissing> {
        let local = at.local();
        if calendar.is_workday(local.date())? {
            for (from, to) in &self.0 {
                if local.time() < *to {
                    return Ok(at.max(Timestamp::from_local(local.date().and_time(*from))));
                }
            }
        }
        let tomorrow = local.date().checked_add_days(Days::new(1)).unwrap_or(local.date());
        let day = calendar.workday_from(tomorrow)?;
        let opens = self.0.first().map_or(NaiveTime::MIN, |(from, _)| *from);
        Ok(Timestamp::from_local(day.and_time(opens)))
    }

    /// When people answer next, seen from `at`.
    pub fn opening(&self, calendar: &WorkCalendar, at: Timestamp) -> Opening {
        match self.next_opening(calendar, at) {
            Ok(opens) if opens <= at => Opening::Now,
            Ok(opens) => Opening::At(opens),
            Err(_) => Opening::Unknown,
        }
    }

    /// How much of the time from `from` to `to` people were there to answer.
    pub fn worked(&self, calendar: &WorkCalendar, from: Timestamp, to: Timestamp) -> Result<Duration, YearMissing> {
        let mut worked = Duration::ZERO;
        let mut date = from.date();
        while date <= to.date() {
            if calendar.is_workday(date)? {
                for (opens, closes) in &self.0 {
                    let opens = Timestamp::from_local(date.and_time(*opens)).max(from);
                    let closes = Timestamp::from_local(date.and_time(*closes)).min(to);
                    worked += closes.since(opens);
                }
            }
            let Some(next) = date.checked_add_days(Days::new(1)) else { break };
            date = next;
        }
        Ok(worked)
    }
}
