//! The date a question is about: 2023年, 去年, 24年提的车, 明年. A year inside a 文号 is not a date.

use std::sync::LazyLock;

use chrono::{Datelike, Months, NaiveDate};
use regex::Regex;

use crate::knowledge::document_number;

static YEAR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?P<year>(?:19|20)[0-9]{2})\s*年(?:\s*(?P<month>[0-9]{1,2})\s*月(?:\s*(?P<day>[0-9]{1,2})\s*[日号])?)?")
        .expect("the pattern is fixed")
});
static SHORT_YEAR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^0-9第.])(?P<year>1[5-9]|2[0-9]|3[0-5])年(?P<next>[以内后前期限满]|)").expect("the pattern is fixed")
});
static STILL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"现在|目前|如今|至今|还(?:有效|能用|管用|适用|执行|能|可以|算数)|汇算|年报(?:[^税]|$)|年度").expect("the pattern is fixed")
});

const RELATIVE: [(&str, i32); 6] = [("大前年", -3), ("前年", -2), ("去年", -1), ("上一年", -1), ("明年", 1), ("后年", 2)];

/// The date asked about, and whether the question named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedDate {
    pub date: NaiveDate,
    pub named: Named,
}

/// Where a date came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// Nobody named one: today.
    No,
    Past,
    Future,
}

/// Reads the date; `text` is normalised.
pub fn read(text: &str, today: NaiveDate) -> AskedDate {
    let plain = without_numbers(text);
    let unnamed = AskedDate { date: today, named: Named::No };
    if STILL.is_match(&plain) && !plain.contains("那时") && !plain.contains("当时") {
        return unnamed;
    }
    let Some((year, month, day)) = named_date(&plain, today) else { return unnamed };
    let first = NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1));
    let Some(first) = first else { return unnamed };
    let last = match (month, day) {
        (_, Some(_)) => first,
        (Some(_), None) => first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(first),
        (None, None) => NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(first),
    };
    if last < today {
        AskedDate { date: last, named: Named::Past }
    } else if first > today {
        AskedDate { date: first, named: Named::Future }
    } else {
        unnamed
    }
}

/// The text without the words that name the date: they are the "when", not what is looked for.
pub fn without_date(text: &str) -> String {
    let text = YEAR.replace_all(text, " ");
    let text = SHORT_YEAR.replace_all(&text, |hit: &regex::Captures<'_>| match hit.name("next").map_or("", |next| next.as_str()) {
        "" => hit[0].chars().take_while(|c| !c.is_ascii_digit()).chain(" ".chars()).collect(),
        _ => hit[0].to_owned(),
    });
    RELATIVE.iter().fold(text.into_owned(), |text, (word, _)| text.replace(word, " "))
}

fn named_date(plain: &str, today: NaiveDate) -> Option<(i32, Option<u32>, Option<u32>)> {
    if let Some(hit) = YEAR.captures(plain) {
        let part = |name: &str| hit.name(name).and_then(|text| text.as_str().parse::<u32>().ok());
        let year = i32::try_from(part("year")?).ok()?;
        return Some((year, part("month"), part("day")));
    }
    if let Some((_, shift)) = RELATIVE.into_iter().find(|(word, _)| plain.contains(word)) {
        return Some((today.year() + shift, None, None));
    }
    let hit = SHORT_YEAR.captures(plain).filter(|hit| hit.name("next").is_none_or(|next| next.as_str().is_empty()))?;
    let year: i32 = hit.name("year")?.as_str().parse().ok()?;
    Some((2000 + year, None, None))
}

/// The text with every 文号 cut out.
fn without_numbers(text: &str) -> String {
    let folded: String = unicode_normalization::UnicodeNormalization::nfkc(text).collect();
    let mut plain = folded.clone();
    for number in document_number::find_all(&folded).into_iter().rev() {
        let tail = &folded[number.range.0..number.range.1];
        // Only the part from the year on: what stands before it may be the question.
        let from = tail.find(|c: char| c.is_ascii_digit()).map_or(number.range.0, |at| number.range.0 + at);
        if plain.is_char_boundary(from) && number.range.1 <= plain.len() {
            plain.replace_range(from..number.range.1, "");
        }
    }
    plain
}
