//! An official text as downloaded: Markdown without front matter. Title, dates and 文号 are read from heading, first lines and file name;
//! what cannot be read is left out, never guessed.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use crate::domain::document::{Confidence, Document, DocumentKind, DocumentStatus};
use crate::domain::facts::Facts;
use crate::knowledge::document_number::squeezed;
use crate::knowledge::front_matter::stem;
use crate::knowledge::passages::{article_of, is_division};

const INFO_END: &str = "<!-- INFO END -->";
/// Titles end so.
pub const TITLE_ENDS: [&str; 14] =
    ["法", "条例", "细则", "办法", "规定", "公告", "通知", "解释", "规则", "决定", "意见", "解读", "批复", "指引"];
/// Characters of the longest title; the official ones stay well below.
const LONGEST_TITLE: usize = 80;
/// Lines looked at for dates where no mark says where the preamble ends.
const PREAMBLE_LINES: usize = 12;

static DATE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日").expect("the pattern is fixed"));
static FILE_DATE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[(（](\d{4})-(\d{2})-(\d{2})[)）]\s*$").expect("the pattern is fixed"));
static IN_FORCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"自\s*(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日\s*起(?:施行|实施|执行|生效)").expect("the pattern is fixed")
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:中华人民共和国)?((?:国务院|主席|财政部|国家税务总局|税务总局|海关总署)令第\s*\d+\s*号|法释\s*〔\d{4}〕\s*\d+\s*号|(?:财税|财综|国税发|税总发)\s*〔\d{4}〕\s*\d+\s*号|(?:财政部|国家税务总局|税务总局)[\s\p{Han}]{0,20}公告\d{4}年第\d+号)")
        .expect("the pattern is fixed")
});

/// What the importer was not sure of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    NumberMissing,
    /// File name and text name different dates.
    DatesConflict {
        in_name: NaiveDate,
        in_text: NaiveDate,
    },
    DateMissing,
    TitleFromFileName,
    /// Neither the file nor UTF-8 told the encoding; it reads as Chinese in GB18030.
    EncodingGuessed,
    /// It names an encoding and is UTF-8.
    EncodingMisnamed(String),
    /// So many signs that no text has: a font or an encoding was misread.
    Unreadable(usize),
    /// The same text is known under another name: its title.
    TextKnown(String),
    /// The same 文号 is known under another name: its title or file.
    NumberKnown(String),
    /// A known document of the same name would be replaced: its title.
    Replaces(String),
    /// The same document with the same text is known.
    Unchanged,
    /// A row of a list of questions has no answer; sheet and row.
    Unanswered(String),
}

/// Reads a downloaded text; its id is the file stem of `name`.
pub fn parse(name: &str, text: &str) -> (Document, Vec<Doubt>) {
    let body = text.trim_start_matches('\u{feff}').to_owned();
    let id = stem(name);
    let mut doubts = Vec::new();
    let heading = body.lines().take(PREAMBLE_LINES).find_map(|line| line.strip_prefix("# ")).map(str::trim);
    // Some programs know no heading above the first chapter's.
    let heading = heading.filter(|line| !line.is_empty() && !is_division(line));
    let heading = heading.or_else(|| first_line_title(&body));
    if heading.is_none() {
        doubts.push(Doubt::TitleFromFileName);
    }
    let in_name = FILE_DATE.captures(&id).and_then(|hit| date_of(&hit));
    let title = heading.map_or_else(|| FILE_DATE.replace(&id, "").trim().to_owned(), str::to_owned);
    let preamble = preamble(&body);
    let in_text = DATE.captures_iter(preamble).filter_map(|hit| date_of(&hit)).max();
    let enacted = DATE.captures_iter(preamble).find_map(|hit| date_of(&hit));
    if let (Some(in_name), Some(in_text)) = (in_name, in_text)
        && in_text > in_name
        && !preamble.contains("施行")
    {
        doubts.push(Doubt::DatesConflict { in_name, in_text });
    }
    let version = in_name.or(in_text);
    if version.is_none() {
        doubts.push(Doubt::DateMissing);
    }
    let number = NUMBER.captures_iter(&body[..head_end(&body)]).last().and_then(|hit| hit.get(1)).map(|hit| squeezed_number(hit.as_str()));
    if number.is_none() {
        doubts.push(Doubt::NumberMissing);
    }
    let stated = IN_FORCE.captures_iter(&body).filter_map(|hit| date_of(&hit)).last();
    let facts = Facts { issuer: issuer_of(preamble), number, interprets: interpreted(&title), ..Facts::default() };
    let document = Document {
        kind: kind_of(&title, preamble),
        published: version,
        effective_from: stated.or_else(|| line_in_force(preamble)).or(enacted).or(version),
        effective_to: None,
        status: DocumentStatus::InForce,
        reviewed: None,
        confidence: Confidence::Verified,
        facts: facts.into(),
        id,
        title,
        body,
    };
    (document, doubts)
}

/// The first line, where it reads like the title of a document: plain text has no mark for it.
fn first_line_title(body: &str) -> Option<&str> {
    let first = body.lines().map(str::trim).find(|line| !line.is_empty())?;
    let named = TITLE_ENDS.iter().any(|end| first.ends_with(end)) && first.chars().count() <= LONGEST_TITLE;
    (named && article_of(first).is_none() && !first.contains(['。', '；', '：', '|'])).then_some(first)
}

/// The title people use: without 中华人民共和国, spaces and a version in brackets.
pub fn short_title(title: &str) -> String {
    FILE_DATE.replace(title, "").replace("中华人民共和国", "").chars().filter(|c| !c.is_whitespace()).collect()
}

fn preamble(body: &str) -> &str {
    match body.find(INFO_END) {
        Some(at) => &body[..at],
        None => &body[..body.match_indices('\n').nth(PREAMBLE_LINES).map_or(body.len(), |(at, _)| at)],
    }
}

/// Where numbers are looked for: the preamble and the few lines after it.
fn head_end(body: &str) -> usize {
    let end = preamble(body).len();
    body[end..].match_indices('\n').nth(8).map_or(body.len(), |(at, _)| end + at)
}

fn line_in_force(preamble: &str) -> Option<NaiveDate> {
    preamble
        .lines()
        .filter(|line| line.contains("施行"))
        .filter_map(|line| DATE.captures_iter(line).last().and_then(|hit| date_of(&hit)))
        .next_back()
}

fn date_of(hit: &regex::Captures<'_>) -> Option<NaiveDate> {
    let part = |at: usize| hit.get(at).and_then(|text| text.as_str().parse::<u32>().ok());
    NaiveDate::from_ymd_opt(i32::try_from(part(1)?).ok()?, part(2)?, part(3)?)
}

fn squeezed_number(printed: &str) -> String {
    // The brackets of a 文号 belong to it; only spaces go.
    if printed.contains('〔') { printed.chars().filter(|c| !c.is_whitespace()).collect() } else { squeezed(printed) }
}

/// What a 解读 explains, as its title names it.
fn interpreted(title: &str) -> Option<Box<str>> {
    let (_, rest) = title.split_once('《')?;
    let (name, end) = rest.rsplit_once('》')?;
    (end.ends_with("解读")).then(|| name.into())
}

fn kind_of(title: &str, preamble: &str) -> DocumentKind {
    if title.contains("解释") || title.ends_with("解读") {
        DocumentKind::Interpretation
    } else if title.ends_with('法') && !title.ends_with("办法") {
        DocumentKind::Law
    } else if title.ends_with("条例") || title.ends_with("细则") || preamble.contains("国务院") {
        DocumentKind::Regulation
    } else if title.ends_with("办法") || title.ends_with("规定") || title.ends_with("规则") {
        DocumentKind::Rule
    } else {
        DocumentKind::Notice
    }
}

fn issuer_of(preamble: &str) -> Option<String> {
    ["全国人民代表大会常务委员会", "全国人民代表大会", "最高人民法院", "国务院", "财政部", "国家税务总局", "海关总署"]
        .into_iter()
        .find(|issuer| preamble.contains(issuer))
        .map(str::to_owned)
}
