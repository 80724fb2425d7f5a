//! `calendar/workdays-YYYY.toml` (holidays, 调休) and `calendar/filing-YYYY.toml` (announced filing deadlines).

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use toml::value::Datetime;

use crate::domain::document::Confidence;
use crate::domain::workday::{FilingDeadline, FilingYear, Holiday, WorkCalendar, WorkYear};
use crate::knowledge::{Problem, problem};

/// Which of the two forms a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarFile {
    Workdays,
    Filing,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Workdays {
    year: i32,
    holidays: Vec<Span>,
    makeup_workdays: Vec<Datetime>,
    #[serde(default)]
    source: String,
    /// For the clerk who keeps the file; nothing depends on it.
    #[serde(default, rename = "reviewed")]
    _reviewed: Option<Datetime>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    name: String,
    from: Datetime,
    to: Datetime,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Filing {
    year: i32,
    title: String,
    number: String,
    #[serde(default)]
    source: String,
    link: Option<String>,
    /// For the clerk who keeps the file; nothing depends on these two.
    #[serde(default, rename = "reviewed")]
    _reviewed: Option<Datetime>,
    #[serde(default, rename = "confidence")]
    _confidence: Option<Confidence>,
    deadlines: Vec<Deadline>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deadline {
    month: u32,
    date: Datetime,
    #[serde(default)]
    taxes: Vec<String>,
    reason: Option<String>,
}

/// The form of the file called `name`, if it is one of the calendar's.
pub fn kind_of(name: &str) -> Option<CalendarFile> {
    let base = name.strip_prefix("calendar/")?.strip_suffix(".toml")?;
    if base.starts_with("workdays-") {
        Some(CalendarFile::Workdays)
    } else if base.starts_with("filing-") {
        Some(CalendarFile::Filing)
    } else {
        None
    }
}

/// Adds one file to the calendar, or says what is wrong with it.
pub fn parse(kind: CalendarFile, name: &str, text: &str, calendar: &mut WorkCalendar, problems: &mut Vec<Problem>) {
    let outcome = match kind {
        CalendarFile::Workdays => workdays(name, text).map(|(year, work)| {
            calendar.work.insert(year, work);
        }),
        CalendarFile::Filing => filing(name, text).map(|(year, filing)| {
            calendar.filing.insert(year, filing);
        }),
    };
    if let Err(found) = outcome {
        problems.push(found);
    }
}

fn workdays(name: &str, text: &str) -> Result<(i32, WorkYear), Problem> {
    let raw: Workdays = toml::from_str(text).map_err(|error| unreadable(name, text, &error))?;
    let mut year = WorkYear { source: raw.source, ..WorkYear::default() };
    for span in raw.holidays {
        let holiday = Holiday { name: span.name, from: day(name, "holidays", span.from)?, to: day(name, "holidays", span.to)? };
        if holiday.to < holiday.from {
            return Err(problem(name, 0, "holidays", &format!("{}的 to 早于 from，请核对", holiday.name)));
        }
        year.holidays.push(holiday);
    }
    for date in raw.makeup_workdays {
        year.makeup_workdays.push(day(name, "makeup_workdays", date)?);
    }
    Ok((raw.year, year))
}

fn filing(name: &str, text: &str) -> Result<(i32, FilingYear), Problem> {
    let raw: Filing = toml::from_str(text).map_err(|error| unreadable(name, text, &error))?;
    let mut year = FilingYear { title: raw.title, number: raw.number, source: raw.source, link: raw.link, deadlines: Vec::new() };
    for deadline in raw.deadlines {
        let date = day(name, "deadlines", deadline.date)?;
        if !(1..=12).contains(&deadline.month) || date.year() != raw.year || date.month() != deadline.month {
            return Err(problem(name, 0, "deadlines", &format!("{}月的截止日 {date} 不在该年该月内，请核对", deadline.month)));
        }
        year.deadlines.push(FilingDeadline { month: deadline.month, date, taxes: deadline.taxes, reason: deadline.reason });
    }
    Ok((raw.year, year))
}

/// A day as a clerk writes it, or what to write instead.
pub(super) fn day(name: &str, field: &str, value: Datetime) -> Result<NaiveDate, Problem> {
    value
        .date
        .and_then(|date| NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day)))
        .ok_or_else(|| problem(name, 0, field, "不是日期，请写成 2026-01-20（不加引号）"))
}

/// What is wrong with a file that is no TOML of its form.
pub(super) fn unreadable(name: &str, text: &str, error: &toml::de::Error) -> Problem {
    let line = error.span().map_or(0, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    problem(name, line, "", &format!("格式有误，请对照同一文件夹中的其他文件书写：{}", error.message()))
}
