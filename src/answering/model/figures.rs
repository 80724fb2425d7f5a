//! Figures in normal form: 10万元, 100,000元, 十万元 and １０万元 are one and the same; so are 1%, 百分之一 and 1个点.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What a figure counts: two figures are the same only if both this and the value agree.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Measure {
    /// A 文号; its value is year and number.
    DocumentNumber,
    Date,
    /// A share of one.
    Rate,
    /// 第…条 and the like, with what is counted.
    Ordinal(String),
    /// An amount of a unit; empty where none is written.
    Amount(String),
}

/// A figure and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub measure: Measure,
    pub value: String,
    pub range: Range<usize>,
}

/// Digits after the point that are told apart.
const SCALE: i128 = 10_000_000_000;

/// Words with a numeral in them that count nothing.
const NOT_COUNTING: [&str; 22] = [
    "一般",
    "统一",
    "一定",
    "一律",
    "一并",
    "一样",
    "一些",
    "一起",
    "唯一",
    "之一",
    "同一",
    "一致",
    "进一步",
    "万一",
    "一旦",
    "一直",
    "一经",
    "一次性",
    "五险一金",
    "第三方",
    "万能",
    "千万不",
];

static DOCUMENT_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"((?:19|20)[0-9]{2})\s*年?\s*[〕\])】]?\s*第?\s*([0-9]+)\s*号").expect("the pattern is fixed"));
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:([0-9]{4})\s*年度?)(?:\s*([0-9]{1,2})\s*月(?:\s*([0-9]{1,2})\s*[日号])?)?|([0-9]{1,2})\s*月(?:\s*([0-9]{1,2})\s*[日号])?",
    )
    .expect("the pattern is fixed")
});
static SHARE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"([百千万])分之([0-9.]+|[零〇一二两三四五六七八九十百点]+)|([0-9.]+|[一二两三四五六七八九十]+)\s*(%|‰|个百分点|个点)")
        .expect("the pattern is fixed")
});
static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(第?)\s*([0-9]+(?:\.[0-9]+)?\s*[十百千万亿]*|[零〇一二两三四五六七八九十百千万亿]+)\s*(个?工作日|个?自然日|个?月|个?季度|个?小时|年|日|天|元|块钱|块|倍|成|次|户|人|辆|份|张|吨|平方米|公里|岁|级|档|条|款|项|章|节|号|个)?",
    )
    .expect("the pattern is fixed")
});

/// All figures of a folded text, in order.
pub fn find(text: &str) -> Vec<Figure> {
    let mut rest = text.to_owned();
    for word in NOT_COUNTING {
        rest = rest.replace(word, &" ".repeat(word.len()));
    }
    let mut found = Vec::new();
    take(&mut rest, &DOCUMENT_NUMBER, &mut found, |hit| Some((Measure::DocumentNumber, format!("{}-{}", &hit[1], plain(&hit[2])?))));
    take(&mut rest, &DATE, &mut found, |hit| {
        let part = |at: usize| hit.get(at).map_or(Some(String::new()), |part| plain(part.as_str()));
        let (month, day) = (part(2)? + &part(4)?, part(3)? + &part(5)?);
        Some((Measure::Date, format!("{}-{month}-{day}", part(1)?)))
    });
    take(&mut rest, &SHARE, &mut found, |hit| {
        let (text, of) = match (hit.get(1), hit.get(4)) {
            (Some(of), _) => (
                &hit[2],
                match of.as_str() {
                    "百" => 100,
                    "千" => 1_000,
                    _ => 10_000,
                },
            ),
            (None, Some(sign)) => (&hit[3], if sign.as_str() == "‰" { 1_000 } else { 100 }),
            (None, None) => return None,
        };
        Some((Measure::Rate, (number(text)? / of).to_string()))
    });
    take(&mut rest, &AMOUNT, &mut found, amount);
    found.sort_by_key(|figure| figure.range.start);
    found
}

fn amount(hit: &Captures<'_>) -> Option<(Measure, String)> {
    let (written, unit) = (hit[2].replace(char::is_whitespace, ""), hit.get(3).map_or("", |unit| unit.as_str()));
    let counted = written.chars().count() > 1 && written.chars().any(|c| "十百千万亿".contains(c)) || written.is_ascii();
    if unit.is_empty() && hit[1].is_empty() && !counted {
        return None;
    }
    let value = number(&written)?.to_string();
    let unit = match unit.strip_prefix('个').filter(|unit| !unit.is_empty()).unwrap_or(unit) {
        "天" => "日",
        "块" | "块钱" => "元",
        "" if hit[1].is_empty() && written.ends_with(['万', '亿']) => "元",
        unit => unit,
    };
    let measure = if hit[1].is_empty() { Measure::Amount(unit.to_owned()) } else { Measure::Ordinal(unit.to_owned()) };
    Some((measure, value))
}

/// Takes every hit out of `rest`, leaving spaces, so that no part of it is read twice.
fn take(rest: &mut String, pattern: &Regex, found: &mut Vec<Figure>, read: impl Fn(&Captures<'_>) -> Option<(Measure, String)>) {
    let mut next = rest.clone();
    for hit in pattern.captures_iter(rest) {
        let (Some(whole), Some((measure, value))) = (hit.get(0), read(&hit)) else { continue };
        next.replace_range(whole.range(), &" ".repeat(whole.len()));
        found.push(Figure { measure, value, range: whole.range() });
    }
    *rest = next;
}

fn plain(digits: &str) -> Option<String> {
    digits.parse::<u64>().ok().map(|value| value.to_string())
}

/// The value times [`SCALE`]; none where it is no number or too large.
fn number(text: &str) -> Option<i128> {
    let digits: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    if digits.is_empty() {
        return chinese(text);
    }
    let mut value = decimal(&digits)?;
    for unit in text[digits.len()..].chars() {
        value = value.checked_mul(multiplier(unit)?)?;
    }
    Some(value)
}

fn decimal(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || whole.len() > 18 || fraction.len() > 8 {
        return None;
    }
    let mut value = whole.parse::<i128>().ok()?.checked_mul(SCALE)?;
    let mut place = SCALE;
    for digit in fraction.chars() {
        place /= 10;
        value += i128::from(digit.to_digit(10)?) * place;
    }
    Some(value)
}

/// 一百二十万, 二〇二六, 零点五.
fn chinese(text: &str) -> Option<i128> {
    if let Some((whole, fraction)) = text.split_once('点') {
        let digits: Option<String> = fraction.chars().map(|c| digit(c).map(|digit| digit.to_string())).collect();
        let whole = chinese(whole)?.checked_div(SCALE)?;
        return decimal(&format!("{whole}.{}", digits?));
    }
    if text.chars().count() > 16 {
        return None;
    }
    if text.chars().count() > 1 && text.chars().all(|c| digit(c).is_some()) {
        let digits: Option<String> = text.chars().map(|c| digit(c).map(|digit| digit.to_string())).collect();
        return decimal(&digits?);
    }
    let (mut total, mut section, mut last): (i128, i128, i128) = (0, 0, 0);
    for c in text.chars() {
        match (digit(c), multiplier(c)) {
            (Some(digit), _) => last = i128::from(digit),
            (None, Some(unit)) if unit < 10_000 => {
                section += last.max(if last == 0 && section == 0 || last > 0 { 1 } else { 0 }) * unit;
                last = 0;
            }
            (None, Some(unit)) => {
                total = (total + section + last).max(1).checked_mul(unit)?;
                (section, last) = (0, 0);
            }
            (None, None) => return None,
        }
    }
    (total + section + last).checked_mul(SCALE)
}

fn digit(c: char) -> Option<u8> {
    let at = ["零〇", "一", "二两", "三", "四", "五", "六", "七", "八", "九"].iter().position(|written| written.contains(c))?;
    u8::try_from(at).ok()
}

fn multiplier(c: char) -> Option<i128> {
    match c {
        '十' => Some(10),
        '百' => Some(100),
        '千' => Some(1_000),
        '万' => Some(10_000),
        '亿' => Some(100_000_000),
        _ => None,
    }
}
