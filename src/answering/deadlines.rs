//! "几号截止": the announced filing deadline of a month, extended for holidays, with its source. A year without data is said so, never guessed (F17).

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use regex::Regex;

use crate::answering::decide::Reason;
use crate::answering::understand::Understood;
use crate::answering::{Outcome, compose, only_words};
use crate::domain::answer::Decision;
use crate::domain::workday::WorkCalendar;
use crate::replies::answers;
use crate::search::Snapshot;

static FILING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"报税|税.{0,8}[报交缴]|申报|纳税期|征期|申报期|大征期|缴税|交税").expect("the pattern is fixed"));
static UNTIL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"几号|截止|最晚|哪天|哪一天|最后一天|到什么时候|几日|期限|最迟|什么时候").expect("the pattern is fixed"));
/// Deadlines with rules of their own, and questions about the rule of extension.
static OTHER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"汇算|年报(?:[^税]|$)|年度|契税|车船|购置|房产税|土地|残保金|社保|医保|印花|环保税|资源税|个税app|出口|预缴|注销|登记|逾期|(?:^|[^最])晚|忘|没报|罚|滞纳|更正|延期|礼拜|周末|周日|周六|星期|放假|节假日|顺延|遇到|赶上|代扣|扣缴|专项")
        .expect("the pattern is fixed")
});
static MONTH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"([0-9]{1,2}|十[一二]|[一二三四五六七八九十])月").expect("the pattern is fixed"));
static YEAR: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?:^|\D)(20[0-9]{2}|[1-3][0-9])年").expect("the pattern is fixed"));
const HOLIDAYS: [(&str, &str); 9] = [
    ("过年", "春节"),
    ("春节", "春节"),
    ("年初一", "春节"),
    ("国庆", "国庆"),
    ("十一长假", "国庆"),
    ("五一", "劳动"),
    ("劳动节", "劳动"),
    ("清明", "清明"),
    ("端午", "端午"),
];

/// The month whose deadline is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    pub year: i32,
    pub month: u32,
}

/// The month asked for, if the question is about a filing deadline.
pub fn recognise(understood: &Understood, today: NaiveDate, calendar: &WorkCalendar) -> Option<Deadline> {
    let plain = &understood.plain;
    if !FILING.is_match(plain) || !UNTIL.is_match(plain) || OTHER.is_match(plain) {
        return None;
    }
    let stated = YEAR.captures(plain).and_then(|hit| hit[1].parse::<i32>().ok()).map(|year| if year < 100 { 2000 + year } else { year });
    let year = stated.unwrap_or_else(|| {
        let shift = if plain.contains("明年") {
            1
        } else if plain.contains("后年") {
            2
        } else if plain.contains("去年") {
            -1
        } else {
            0
        };
        today.year() + shift
    });
    let following = plain.contains("下个月") || plain.contains("下月");
    let present = plain.contains("这个月") || plain.contains("本月") || plain.contains("这月") || plain.contains("当月");
    let holiday = HOLIDAYS.iter().find(|(said, _)| plain.contains(said)).map(|(_, name)| *name);
    if following {
        let (year, month) = if today.month() == 12 { (today.year() + 1, 1) } else { (today.year(), today.month() + 1) };
        return Some(Deadline { year, month });
    }
    if present {
        return Some(Deadline { year: today.year(), month: today.month() });
    }
    if let Some(name) = holiday {
        let month = calendar
            .work
            .get(&year)
            .and_then(|work| work.holidays.iter().find(|holiday| holiday.name.contains(name)))
            .map(|holiday| holiday.to.month());
        // Without the year's calendar the month is not known either; January stands for "no data".
        return Some(Deadline { year, month: month.unwrap_or(1) });
    }
    match MONTH.captures(plain).and_then(|hit| month_number(&hit[1])) {
        Some(month) => Some(Deadline { year, month }),
        // "几号截止" alone means the present month; with a year but no month it asks for something else.
        None => {
            (year == today.year() && stated.is_none() && plain.chars().count() <= 16).then_some(Deadline { year, month: today.month() })
        }
    }
}

/// The deadline with its source, or that there is no data.
pub fn answer(deadline: &Deadline, understood: &Understood, snapshot: &Snapshot, hotline: &str) -> Outcome {
    let calendar = snapshot.calendar();
    let Some((filing, found)) = calendar.filing.get(&deadline.year).zip(calendar.filing_deadline(deadline.year, deadline.month)) else {
        let words = answers::no_deadline_data(deadline.year, hotline);
        let answer = only_words(words, understood.today);
        return Outcome { answer, reason: Reason::NoCalendar, score: 0.0, ranked: Vec::new(), asked: String::new() };
    };
    let mut answer = only_words(answers::deadline(deadline.year, found), understood.today);
    answer.decision = Decision::Answered;
    if let Some(reason) = &found.reason {
        answer.details.push(reason.clone());
    }
    if !found.taxes.is_empty() {
        answer.details.push(answers::deadline_taxes(&found.taxes));
    }
    let printed = format!("{}月{}日", found.date.month(), found.date.day());
    let document = snapshot.by_number(&filing.number).into_iter().find(|document| document.body.contains(&printed));
    match document.and_then(|document| compose::cite_sentence(snapshot, document, |sentence| sentence.contains(&printed), understood.today))
    {
        Some(citation) => {
            // A row of the table says only what was just said.
            if !answer.details.contains(&citation.quote) && !citation.quote.starts_with('|') {
                answer.details.insert(0, citation.quote.clone());
            }
            answer.citations.push(citation);
        }
        None => answer.details.push(answers::deadline_source(filing)),
    }
    answer.understood_as.clone_from(&understood.understood_as);
    Outcome { answer, reason: Reason::Deadline, score: 1.0, ranked: Vec::new(), asked: String::new() }
}

fn month_number(text: &str) -> Option<u32> {
    let number = match text {
        "十" => 10,
        "十一" => 11,
        "十二" => 12,
        _ => match "一二三四五六七八九".chars().position(|c| text.starts_with(c)) {
            Some(at) => u32::try_from(at).ok()? + 1,
            None => text.parse().ok()?,
        },
    };
    (1..=12).contains(&number).then_some(number)
}
