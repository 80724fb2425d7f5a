//! When a recurring bulletin goes out (F54): by an RFC 5545 rule, or so many workdays before each filing deadline. Pure: calendar and
//! instant are arguments, and a year without data ends the list instead of being guessed.

use chrono::{Datelike, NaiveDate, NaiveTime};
use chrono_tz::Asia::Shanghai;
use rrule::{RRule, RRuleSet, Tz, Unvalidated};
use serde::{Deserialize, Serialize};

use super::bulletin::Targets;
use super::time::Timestamp;
use super::workday::{WorkCalendar, YearMissing};

/// What staff write about the time; exactly one of the two rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// RFC 5545 without DTSTART, such as `FREQ=MONTHLY;BYMONTHDAY=1` or `FREQ=WEEKLY;BYDAY=MO`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)")]
    pub rrule: Option<String>,
    /// So many workdays before the filing deadline of each month; 0 is the day itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 20)]
    pub workdays_before_deadline: Option<u32>,
    /// `09:00`, Asia/Shanghai.
    #[schema(pattern = r"^\s*([01]?[0-9]|2[0-3]):[0-5]?[0-9]\s*$")]
    pub time: String,
    /// What an RFC 5545 rule with an interval counts from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<NaiveDate>,
}

/// A recurring bulletin as written in a file or sent to the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecurringPlan {
    /// May carry `{{month}}` (4月) and, before a deadline, `{{deadline}}` (2026年4月20日).
    #[schema(min_length = 1, max_length = 120, pattern = r"\S")]
    pub title: String,
    #[serde(default)]
    #[schema(max_length = 500)]
    pub summary: String,
    /// The same fields may stand here.
    #[schema(min_length = 1, max_length = 20_000, pattern = r"\S")]
    pub body: String,
    #[serde(default)]
    #[schema(max_length = 500)]
    pub audience_text: Option<String>,
    #[serde(default)]
    #[schema(max_length = 2000, pattern = r"^\s*(https?://[\s\S]*)?$")]
    pub link: Option<String>,
    pub targets: Targets,
    /// A day off is put off to the next workday.
    #[serde(default)]
    pub workdays_only: bool,
    pub when: When,
}

/// One time it goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    pub at: Timestamp,
    /// The deadline it reminds of, where it does.
    pub deadline: Option<NaiveDate>,
}

/// What a rule cannot be: the field and a sentence.
pub type Fault = (&'static str, String);

/// A rule that was read.
enum Rule {
    Recurs(Box<RRuleSet>),
    BeforeDeadline(u32),
}

/// The earliest day a rule counts from unless told.
const ANCHOR: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 1).expect("New Year's Day is a day");
const MOST_WORKDAYS: u32 = 20;
/// Rules are looked ahead this many years at most.
const MOST_MONTHS: u32 = 36;

impl When {
    fn read(&self) -> Result<(Rule, NaiveTime), Fault> {
        let time =
            NaiveTime::parse_from_str(self.time.trim(), "%H:%M").map_err(|_| ("when.time", format!("时间“{}”要写成 09:00", self.time)))?;
        let rule = match (&self.rrule, self.workdays_before_deadline) {
            (Some(text), None) => Rule::Recurs(Box::new(self.recurs(text, time)?)),
            (None, Some(count)) if count <= MOST_WORKDAYS => Rule::BeforeDeadline(count),
            (None, Some(_)) => {
                return Err(("when.workdays_before_deadline", format!("申报期截止前的工作日数要在 0 到 {MOST_WORKDAYS} 之间")));
            }
            (None, None) | (Some(_), Some(_)) => {
                return Err(("when", "请在 rrule（例如 FREQ=MONTHLY;BYMONTHDAY=1）和 workdays_before_deadline 中写一个".to_owned()));
            }
        };
        Ok((rule, time))
    }

    fn recurs(&self, text: &str, time: NaiveTime) -> Result<RRuleSet, Fault> {
        let wrong = |why: &str| ("when.rrule", format!("重复规则“{text}”不对：{why}"));
        let text = text.trim().trim_start_matches("RRULE:");
        if !["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY"].iter().any(|frequency| text.contains(frequency)) {
            return Err(wrong("要有 FREQ=DAILY、FREQ=WEEKLY、FREQ=MONTHLY 或 FREQ=YEARLY"));
        }
        if ["BYHOUR", "BYMINUTE", "BYSECOND", "\n"].iter().any(|part| text.contains(part)) {
            return Err(wrong("几点发请写在 time 里"));
        }
        let rule: RRule<Unvalidated> = text.parse().map_err(|_| wrong("请照 FREQ=MONTHLY;BYMONTHDAY=1 的样子写"))?;
        let start = Timestamp::from_local(self.starts_on.unwrap_or(ANCHOR).and_time(time)).utc().with_timezone(&Tz::Tz(Shanghai));
        rule.build(start).map_err(|_| wrong("这样的日期不会出现，请核对各项的范围"))
    }
}

impl RecurringPlan {
    /// What is wrong with the times, before anything is stored.
    pub fn fault(&self) -> Option<Fault> {
        self.when.read().err()
    }

    /// The next `count` times after `after`, as far as the calendar reaches; and the year that is missing, where one is.
    pub fn next(&self, count: usize, after: Timestamp, calendar: &WorkCalendar) -> (Vec<Occurrence>, Option<YearMissing>) {
        let mut found = Vec::new();
        let Ok((rule, time)) = self.when.read() else { return (found, None) };
        match rule {
            Rule::Recurs(set) => {
                // A day off moves a time by up to a long holiday, so look from before.
                let from = after.minus(std::time::Duration::from_secs(15 * 24 * 3600)).utc().with_timezone(&Tz::Tz(Shanghai));
                let limit = u16::try_from(count + 32).unwrap_or(u16::MAX);
                for date in set.after(from).all(limit).dates {
                    let mut at = Timestamp::from_millis(date.timestamp_millis());
                    if self.workdays_only {
                        match calendar.workday_from(at.date()) {
                            Ok(day) => at = Timestamp::from_local(day.and_time(time)),
                            Err(missing) => return (found, Some(missing)),
                        }
                    }
                    let twice = found.last().is_some_and(|last: &Occurrence| last.at == at);
                    if at > after && !twice && found.len() < count {
                        found.push(Occurrence { at, deadline: None });
                    }
                }
            }
            Rule::BeforeDeadline(workdays) => {
                let first = after.date().with_day(1).unwrap_or(after.date());
                for month in 0..MOST_MONTHS {
                    let Some(first) = first.checked_add_months(chrono::Months::new(month)) else { break };
                    if found.len() == count {
                        break;
                    }
                    let Some(deadline) = calendar.filing_deadline(first.year(), first.month()) else {
                        return (found, Some(YearMissing(first.year())));
                    };
                    match calendar.workdays_before(deadline.date, workdays) {
                        Ok(day) => {
                            let at = Timestamp::from_local(day.and_time(time));
                            if at > after {
                                found.push(Occurrence { at, deadline: Some(deadline.date) });
                            }
                        }
                        Err(missing) => return (found, Some(missing)),
                    }
                }
            }
        }
        (found, None)
    }

    /// A text of the plan with its fields filled in for one time.
    pub fn filled(text: &str, occurrence: &Occurrence) -> String {
        let month = occurrence.deadline.unwrap_or_else(|| occurrence.at.date()).month();
        let deadline = occurrence.deadline.map(super::time::chinese_date).unwrap_or_default();
        text.replace("{{month}}", &format!("{month}月")).replace("{{deadline}}", &deadline)
    }

    /// A field in the texts that nothing fills in.
    pub fn unknown_field(&self) -> Option<Fault> {
        let known: &[&str] = if self.when.workdays_before_deadline.is_some() { &["month", "deadline"] } else { &["month"] };
        for (field, text) in [("title", &self.title), ("summary", &self.summary), ("body", &self.body)] {
            let unknown = text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).find(|(name, _)| !known.contains(&name.trim()));
            if let Some((name, _)) = unknown {
                let usable = known.iter().map(|name| format!("{{{{{name}}}}}")).collect::<Vec<_>>().join("、");
                return Some((field, format!("不认识的项 {{{{{name}}}}}，可用的是 {usable}")));
            }
        }
        None
    }
}
