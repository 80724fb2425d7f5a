//! From the rules of a programme to its days. A workday rule for a year without calendar gives no day and says which file is missing;
//! nothing is guessed.

use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDate, NaiveTime};

use crate::domain::campaign::{CampaignItem, CampaignPlan, DayOff, ItemKind};
use crate::domain::time::Timestamp;
use crate::domain::workday::{WorkCalendar, YearMissing};
use crate::replies::campaigns as words;

const MOST_ITEMS: usize = 200;
/// Further away nothing follows anything.
const MOST_DAYS: u32 = 60;
/// Days looked at for the next workday: no holiday is longer.
const LONGEST_HOLIDAY: u32 = 30;

/// Where a plan is wrong: the item from 0 (none: the head of the plan), the field, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub item: Option<usize>,
    pub field: &'static str,
    pub detail: String,
}

/// An item's day as the rules give it, and what staff should know about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// None: a calendar is missing.
    pub date: Option<NaiveDate>,
    /// Where a rule over workdays began to count.
    pub counted_from: Option<NaiveDate>,
    pub note: Option<String>,
}

impl Day {
    fn unknown(note: Option<String>) -> Self {
        Self { date: None, counted_from: None, note }
    }
}

impl Fault {
    fn head(field: &'static str, detail: String) -> Self {
        Self { item: None, field, detail }
    }

    fn item(index: usize, field: &'static str, detail: String) -> Self {
        Self { item: Some(index), field, detail }
    }
}

/// The time of day of an item.
pub fn time_of(item: &CampaignItem) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(&item.time, "%H:%M").ok()
}

/// The instant of an item whose day is known.
pub fn due_at(item: &CampaignItem, date: Option<NaiveDate>) -> Option<Timestamp> {
    Some(Timestamp::from_local(date?.and_time(time_of(item)?)))
}

/// Checks a plan as written, without any calendar.
pub fn check(plan: &CampaignPlan) -> Result<(), Fault> {
    if plan.title.trim().is_empty() {
        return Err(Fault::head("title", words::no_title()));
    }
    if plan.ends_on < plan.starts_on {
        return Err(Fault::head("ends_on", words::ends_before_start()));
    }
    if plan.items.is_empty() || plan.items.len() > MOST_ITEMS {
        return Err(Fault::head("items", words::wrong_number_of_items(MOST_ITEMS)));
    }
    let mut keys: HashMap<&str, usize> = HashMap::new();
    for (index, item) in plan.items.iter().enumerate() {
        check_item(index, item)?;
        if let Some(key) = &item.key
            && keys.insert(key, index).is_some()
        {
            return Err(Fault::item(index, "key", words::key_twice(index, key)));
        }
    }
    for (index, item) in plan.items.iter().enumerate() {
        if let Some(after) = &item.after
            && !keys.contains_key(after.as_str())
        {
            return Err(Fault::item(index, "after", words::no_such_key(index, &item.title, after)));
        }
    }
    // Without a calendar every date that needs none is known: enough to see what lies outside.
    dates(&plan.items, plan, &WorkCalendar::default()).map(|_| ())
}

fn check_item(index: usize, item: &CampaignItem) -> Result<(), Fault> {
    let wrong = |field, detail| Err(Fault::item(index, field, detail));
    if item.title.trim().is_empty() || item.body.trim().is_empty() {
        return wrong("body", words::item_without_text(index));
    }
    let ways = [item.date.is_some(), item.after.is_some(), item.before_deadline.is_some()];
    if ways.iter().filter(|way| **way).count() != 1 {
        return wrong("date", words::one_way_to_a_day(index, &item.title));
    }
    if item.after.is_some() && item.days.is_some() == item.workdays.is_some() {
        return wrong("after", words::after_needs_days(index, &item.title));
    }
    if item.after.is_none() && (item.days.is_some() || item.workdays.is_some()) {
        return wrong("after", words::days_need_after(index, &item.title));
    }
    if [item.days, item.workdays, item.before_deadline].into_iter().flatten().any(|days| days > MOST_DAYS) {
        return wrong("days", words::too_many_days(index, &item.title, MOST_DAYS));
    }
    if time_of(item).is_none() {
        return wrong("time", words::wrong_time(index, &item.title, &item.time));
    }
    if item.kind == ItemKind::Outing && item.place.as_deref().unwrap_or_default().trim().is_empty() {
        return wrong("place", words::outing_without_place(index, &item.title));
    }
    Ok(())
}

/// The day of every item, in order. An item that has a rule goes by its rule, the others by their date.
pub fn dates(items: &[CampaignItem], plan: &CampaignPlan, calendar: &WorkCalendar) -> Result<Vec<Day>, Fault> {
    let days = by_rules(items, plan, calendar)?;
    for (index, (item, day)) in items.iter().zip(&days).enumerate() {
        if let Some(date) = day.date
            && !(plan.starts_on..=plan.ends_on).contains(&date)
        {
            let field = if item.after.is_some() { "after" } else { "date" };
            return Err(Fault::item(index, field, words::outside(index, &item.title, date, plan.starts_on, plan.ends_on)));
        }
    }
    Ok(days)
}

/// First and last day that a calendar of the programme must show: its own days, and those beside them that a workday rule counts over.
pub fn reach(items: &[CampaignItem], plan: &CampaignPlan, calendar: &WorkCalendar) -> (NaiveDate, NaiveDate) {
    let days = by_rules(items, plan, calendar).unwrap_or_default();
    let counted = days.iter().filter_map(|day| Some([day.date?, day.counted_from?])).flatten();
    counted.fold((plan.starts_on, plan.ends_on), |(first, last), day| (first.min(day), last.max(day)))
}

/// Every item's day, wherever it lies.
fn by_rules(items: &[CampaignItem], plan: &CampaignPlan, calendar: &WorkCalendar) -> Result<Vec<Day>, Fault> {
    let mut found: Vec<Option<Day>> = vec![None; items.len()];
    for index in 0..items.len() {
        settle(index, items, plan, calendar, &mut found, 0)?;
    }
    Ok(found.into_iter().map(|day| day.unwrap_or(Day::unknown(None))).collect())
}

/// Finds one item's day, that of what it follows first.
fn settle(
    index: usize,
    items: &[CampaignItem],
    plan: &CampaignPlan,
    calendar: &WorkCalendar,
    found: &mut [Option<Day>],
    depth: usize,
) -> Result<(), Fault> {
    if found[index].is_some() {
        return Ok(());
    }
    let item = &items[index];
    if depth > items.len() {
        return Err(Fault::item(index, "after", words::circle(index, &item.title)));
    }
    let base = match &item.after {
        Some(key) => {
            let at = items.iter().position(|other| other.key.as_ref() == Some(key));
            let at = at.ok_or_else(|| Fault::item(index, "after", words::no_such_key(index, &item.title, key)))?;
            settle(at, items, plan, calendar, found, depth + 1)?;
            match found[at].as_ref().and_then(|day| day.date) {
                Some(date) => Some(date),
                None => {
                    let note = found[at].as_ref().and_then(|day| day.note.clone());
                    found[index] = Some(Day::unknown(note));
                    return Ok(());
                }
            }
        }
        None => None,
    };
    found[index] = Some(match by_rule(item, base, plan, calendar) {
        Ok(day) => day,
        Err(missing) => Day::unknown(Some(words::calendar_missing(&missing.to_string()))),
    });
    Ok(())
}

fn by_rule(item: &CampaignItem, base: Option<NaiveDate>, plan: &CampaignPlan, calendar: &WorkCalendar) -> Result<Day, YearMissing> {
    if let Some(workdays) = item.before_deadline {
        let (year, month) = (plan.starts_on.year(), plan.starts_on.month());
        let Some(deadline) = calendar.filing_deadline(year, month) else {
            return Ok(Day::unknown(Some(words::deadline_missing(year, month))));
        };
        let date = calendar.workdays_before(deadline.date, workdays)?;
        let note = Some(words::counted_from_deadline(deadline.date, workdays));
        return Ok(Day { date: Some(date), counted_from: Some(deadline.date), note });
    }
    let date = match (base, item.days, item.workdays) {
        (Some(base), Some(days), _) => base.checked_add_days(Days::new(u64::from(days))),
        (Some(base), None, Some(workdays)) => Some(calendar.workdays_after(base, workdays)?),
        (_, _, _) => item.date,
    };
    let Some(date) = date else { return Ok(Day::unknown(None)) };
    let counted_from = base.filter(|_| item.workdays.is_some());
    let Some(way) = item.day_off else {
        return Ok(Day { date: Some(date), counted_from, note: on_a_day_off(item, date, calendar) });
    };
    let moved = off_to(date, way, calendar)?;
    let note = (moved != date).then(|| words::moved_off(date, moved, name_of(date, calendar)));
    Ok(Day { date: Some(moved), counted_from: counted_from.or(Some(date)), note })
}

/// An outing on a day that is not worked is allowed, and told.
fn on_a_day_off(item: &CampaignItem, date: NaiveDate, calendar: &WorkCalendar) -> Option<String> {
    let off = calendar.is_workday(date).is_ok_and(|worked| !worked);
    (off && item.kind == ItemKind::Outing).then(|| words::outing_on_a_day_off(date, name_of(date, calendar)))
}

fn off_to(date: NaiveDate, way: DayOff, calendar: &WorkCalendar) -> Result<NaiveDate, YearMissing> {
    let mut day = date;
    for _ in 0..LONGEST_HOLIDAY {
        if calendar.is_workday(day)? {
            return Ok(day);
        }
        let next = match way {
            DayOff::Next => day.checked_add_days(Days::new(1)),
            DayOff::Previous => day.checked_sub_days(Days::new(1)),
        };
        day = next.ok_or(YearMissing(date.year()))?;
    }
    Ok(day)
}

/// Name of the holiday a day belongs to.
pub fn name_of(date: NaiveDate, calendar: &WorkCalendar) -> Option<&str> {
    let year = calendar.work.get(&date.year())?;
    year.holidays.iter().find(|holiday| (holiday.from..=holiday.to).contains(&date)).map(|holiday| holiday.name.as_str())
}
