//! The figures of a week, Monday to Sunday in Asia/Shanghai.

use chrono::{Datelike, Days, NaiveDate};
use serde::Serialize;

use super::delivery::DeliveryState;
use super::time::Timestamp;

/// Questions listed.
pub const TOP: i64 = 20;

/// Questions of one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WeekDay {
    /// 0 is Monday.
    pub day: i64,
    pub answered: i64,
    pub clarified: i64,
    pub abstained: i64,
    pub useful: i64,
    pub useless: i64,
}

/// How often something was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TopQuestion {
    /// Masked.
    pub question: String,
    pub count: i64,
}

/// Deliveries made in the week that are in this state now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WeekDeliveries {
    pub state: DeliveryState,
    pub count: i64,
}

/// A week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WeekFigures {
    pub monday: NaiveDate,
    /// Seven, days without questions too.
    pub days: Vec<WeekDay>,
    /// Questions handed to a person.
    pub handed_off: i64,
    /// 服务评价 given, and their stars together.
    pub ratings: i64,
    pub stars: i64,
    pub top: Vec<TopQuestion>,
    pub deliveries: Vec<WeekDeliveries>,
    /// Classes that began, who had a seat, who came.
    pub classes: i64,
    pub seats: i64,
    pub came: i64,
}

impl WeekFigures {
    /// Sum of one figure over the days.
    pub fn sum(&self, of: fn(&WeekDay) -> i64) -> i64 {
        self.days.iter().map(of).sum()
    }

    /// Questions asked.
    pub fn asked(&self) -> i64 {
        self.sum(|day| day.answered + day.clarified + day.abstained)
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.asked() + self.handed_off + self.classes == 0 && self.deliveries.is_empty()
    }
}

/// The Monday of a date's week.
pub fn monday_of(date: NaiveDate) -> NaiveDate {
    date.checked_sub_days(Days::new(u64::from(date.weekday().num_days_from_monday()))).unwrap_or(date)
}

/// From when until when a week is, the end excluded.
pub fn span(monday: NaiveDate) -> (Timestamp, Timestamp) {
    let next = monday.checked_add_days(Days::new(7)).unwrap_or(monday);
    (Timestamp::start_of(monday), Timestamp::start_of(next))
}
