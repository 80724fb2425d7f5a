//! The working calendar: which days are worked, and when a filing deadline falls. A year without data is an error, never a guess (F17).

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// A public holiday, first and last day off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    pub name: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// One year of the working calendar.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkYear {
    pub holidays: Vec<Holiday>,
    pub makeup_workdays: Vec<NaiveDate>,
    pub source: String,
}

/// A month's filing deadline as announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FilingDeadline {
    #[schema(minimum = 1, maximum = 12)]
    pub month: u32,
    pub date: NaiveDate,
    #[serde(default)]
    pub taxes: Vec<String>,
    #[serde(default)]
    pub reason: Option<String>,
}

/// One year's announced filing deadlines and where they were announced.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
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
#[error("{0}年的放假和调休安排还没有录入，无法按工作日计算；请在控制台或 knowledge/calendar 中录入{0}年的日历")]
pub struct YearMissing(pub i32);

impl WorkYear {
    /// What is wrong with it as the calendar of `year`: the field and a sentence.
    pub fn fault(&self, year: i32) -> Option<(&'static str, String)> {
        if self.source.trim().is_empty() {
            return Some(("source", "请写明放假安排的出处，例如国办发明电的文号".to_owned()));
        }
        if self.holidays.is_empty() {
            return Some(("holidays", format!("请录入{year}年的法定节假日")));
        }
        for holiday in &self.holidays {
            if holiday.to < holiday.from
                || (holiday.to.year() != year && holiday.from.year() != year)
                || (holiday.to - holiday.from).num_days() > 15
            {
                return Some(("holidays", format!("“{}”从 {} 到 {}，请核对日期", holiday.name, holiday.from, holiday.to)));
            }
        }
        let off = |date: &NaiveDate| date.year() != year;
        self.makeup_workdays
            .iter()
            .find(|date| off(date))
            .map(|date| ("makeup_workdays", format!("调休上班日 {date} 不在{year}年，请核对")))
    }
}

impl FilingYear {
    /// What is wrong with it as the deadlines of `year`: the field and a sentence.
    pub fn fault(&self, year: i32) -> Option<(&'static str, String)> {
        if self.title.trim().is_empty() || self.number.trim().is_empty() {
            return Some(("title", "请写明公布申报期限的文件标题和文号".to_owned()));
        }
        if self.deadlines.is_empty() {
            return Some(("deadlines", format!("请录入{year}年各月的申报截止日")));
        }
        self.deadlines
            .iter()
            .find(|deadline| deadline.date.year() != year || deadline.date.month() != deadline.month)
            .map(|deadline| ("deadlines", format!("{}月的截止日 {} 不在该年该月内，请核对", deadline.month, deadline.date)))
    }
}

impl WorkCalendar {
    /// The first workday from `date` on, which may be `date` itself.
    pub fn workday_from(&self, date: NaiveDate) -> Result<NaiveDate, YearMissing> {
        let mut day = date;
        while !self.is_workday(day)? {
            day = day.checked_add_days(Days::new(1)).ok_or(YearMissing(date.year()))?;
        }
        Ok(day)
    }

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
