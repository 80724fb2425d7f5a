//! The working calendar: which days are worked, and when a filing deadline falls. A year without data is an error, never a guess (F17).

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// A public holiday, first and last day off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    pub name: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// One year of the working calendar.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WorkYear {
    pub holidays: Vec<Holiday>,
    pub makeup_workdays: Vec<NaiveDate>,
    pub source: String,
}

/// A month's filing deadline as announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilingDeadline {
    pub month: u32,
    pub date: NaiveDate,
    #[serde(default)]
    pub taxes: Vec<String>,
    #[serde(default)]
    pub reason: Option<String>,
}

/// One year's announced filing deadlines and where they were announced.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FilingYear {
    pub title: String,
    pub number: String,
    pub source: String,
    pub link: Option<String>,
    pub deadlines: Vec<FilingDeadline>,
}

/// All years that were loaded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkCalendar {
    pub work: BTreeMap<i32, WorkYear>,
    pub filing: BTreeMap<i32, FilingYear>,
}

/// The calendar has no data for this year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}年的放假和调休安排还没有录入，无法按工作日计算；请在 knowledge/calendar 中添加 workdays-{0}.toml")]
pub struct YearMissing(pub i32);

impl WorkCalendar {
    /// Whether `date` is worked.
    pub fn is_workday(&self, date: NaiveDate) -> Result<bool, YearMissing> {
        let year = self.work.get(&date.year()).ok_or(YearMissing(date.year()))?;
        if year.makeup_workdays.contains(&date) {
            return Ok(true);
        }
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        let holiday = year.holidays.iter().any(|holiday| (holiday.from..=holiday.to).contains(&date));
        Ok(!weekend && !holiday)
    }

    /// `count` workdays before `date` (not counting it).
    pub fn workdays_before(&self, date: NaiveDate, count: u32) -> Result<NaiveDate, YearMissing> {
        let (mut day, mut left) = (date, count);
        while left > 0 {
            day = day.checked_sub_days(Days::new(1)).ok_or(YearMissing(date.year()))?;
            if self.is_workday(day)? {
                left -= 1;
            }
        }
        Ok(day)
    }

    /// `count` workdays after `date` (not counting it).
    pub fn workdays_after(&self, date: NaiveDate, count: u32) -> Result<NaiveDate, YearMissing> {
        let (mut day, mut left) = (date, count);
        while left > 0 {
            day = day.checked_add_days(Days::new(1)).ok_or(YearMissing(date.year()))?;
            if self.is_workday(day)? {
                left -= 1;
            }
        }
        Ok(day)
    }

    /// The announced filing deadline of a month.
    pub fn filing_deadline(&self, year: i32, month: u32) -> Option<&FilingDeadline> {
        self.filing.get(&year)?.deadlines.iter().find(|deadline| deadline.month == month)
    }
}
