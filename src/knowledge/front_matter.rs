//! A digest file: TOML front matter between `+++` lines, then Markdown. Unknown keys are refused, so that a typo never silences a date.

use chrono::NaiveDate;
use serde::Deserialize;
use toml::value::Datetime;

use crate::domain::document::{Confidence, Document, DocumentKind, DocumentStatus};
use crate::domain::facts::{Facts, Verified};
use crate::knowledge::{Problem, problem};

const FENCE: &str = "+++";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: String,
    number: Option<String>,
    issuer: Option<String>,
    kind: DocumentKind,
    published: Option<Datetime>,
    effective_from: Option<Datetime>,
    effective_to: Option<Datetime>,
    #[serde(default)]
    status: DocumentStatus,
    #[serde(default)]
    supersedes: Vec<String>,
    superseded_by: Option<String>,
    #[serde(default)]
    topics: Vec<String>,
    #[serde(default)]
    audience: Vec<String>,
    source: Option<String>,
    link: Option<String>,
    reviewed: Option<Datetime>,
    #[serde(default)]
    confidence: Confidence,
    #[serde(default)]
    questions: Vec<String>,
    #[serde(default)]
    unanswered: Vec<String>,
    matter: Option<String>,
    interprets: Option<String>,
    approved_by: Option<String>,
    approved_on: Option<Datetime>,
    #[serde(default)]
    rests_on: Vec<String>,
}

/// Whether the text starts like a digest file.
pub fn is_digest(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').starts_with(FENCE)
}

/// Reads a digest file; its id is the file stem of `name`.
pub fn parse(name: &str, text: &str) -> Result<Document, Problem> {
    let text = text.trim_start_matches('\u{feff}');
    let missing = || problem(name, 1, "+++", "文件要以 +++ 一行开头，写明 title、kind 等，再以 +++ 一行结束，然后是正文");
    let rest =
        text.strip_prefix(FENCE).and_then(|rest| rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'))).ok_or_else(missing)?;
    let close = rest.match_indices(FENCE).map(|(at, _)| at).find(|at| *at == 0 || rest[..*at].ends_with('\n')).ok_or_else(missing)?;
    let front: FrontMatter = toml::from_str(&rest[..close]).map_err(|error| explain(name, &rest[..close], &error))?;
    let body = rest[close + FENCE.len()..].trim_start_matches(['\r', '\n']);
    let date = |field: &str, value: Option<Datetime>| value.map(|value| day(name, &rest[..close], field, value)).transpose();
    let line = |field: &str| line_of(&rest[..close], field);
    let approved_on = date("approved_on", front.approved_on)?;
    let verified = approval(name, (front.approved_by, approved_on, front.rests_on), line)?;
    let facts = Facts {
        verified,
        number: front.number,
        issuer: front.issuer,
        supersedes: front.supersedes,
        superseded_by: front.superseded_by,
        topics: front.topics,
        audience: front.audience,
        source: front.source,
        link: front.link,
        questions: front.questions,
        unanswered: front.unanswered,
        matter: front.matter,
        interprets: front.interprets.map(String::into_boxed_str),
    };
    let document = Document {
        id: stem(name),
        published: date("published", front.published)?,
        effective_from: date("effective_from", front.effective_from)?,
        effective_to: date("effective_to", front.effective_to)?,
        reviewed: date("reviewed", front.reviewed)?,
        title: front.title,
        kind: front.kind,
        status: front.status,
        confidence: front.confidence,
        facts: facts.into(),
        body: body.to_owned(),
    };
    if document.title.trim().is_empty() {
        return Err(problem(name, line("title"), "title", "不能为空，请写文件标题"));
    }
    if document.body.trim().is_empty() {
        return Err(problem(name, 0, "正文", "+++ 之后没有内容，请写正文"));
    }
    if let (Some(from), Some(to)) = (document.effective_from, document.effective_to)
        && to < from
    {
        return Err(problem(name, line("effective_to"), "effective_to", "早于 effective_from，请核对两个日期"));
    }
    if document.link.as_ref().is_some_and(|link| !link.starts_with("https://") && !link.starts_with("http://")) {
        return Err(problem(name, line("link"), "link", "要以 https:// 或 http:// 开头，没有就删掉这一行"));
    }
    Ok(document)
}

/// The approval of an answer: whole for a file in `verified/`, absent elsewhere.
fn approval(
    name: &str,
    (unit, on, rests_on): (Option<String>, Option<NaiveDate>, Vec<String>),
    line: impl Fn(&str) -> usize,
) -> Result<Option<Box<Verified>>, Problem> {
    let here = name.starts_with("verified/");
    if !here {
        let stray = [("approved_by", unit.is_some()), ("approved_on", on.is_some()), ("rests_on", !rests_on.is_empty())];
        return match stray.into_iter().find(|(_, set)| *set) {
            Some((field, _)) => Err(problem(name, line(field), field, "只用于 verified 文件夹里的审定答复，请删掉这一行")),
            None => Ok(None),
        };
    }
    let Some(unit) = unit.filter(|unit| !unit.trim().is_empty()) else {
        return Err(problem(name, line("approved_by"), "approved_by", "审定答复要写审核单位，如 \"某某县税务局纳税服务股\""));
    };
    let Some(on) = on else {
        return Err(problem(name, line("approved_on"), "approved_on", "审定答复要写审核日期，如 2026-01-30"));
    };
    if rests_on.is_empty() {
        return Err(problem(name, line("rests_on"), "rests_on", "审定答复要写依据，如 [\"vat-rates\"]，依据失效时答复随之失效"));
    }
    Ok(Some(Box::new(Verified { unit, on, rests_on })))
}

/// File name without folder and ending.
pub(super) fn stem(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    base.rsplit_once('.').map_or(base, |(stem, _)| stem).to_owned()
}

fn day(name: &str, front: &str, field: &str, value: Datetime) -> Result<NaiveDate, Problem> {
    value
        .date
        .and_then(|date| NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day)))
        .ok_or_else(|| problem(name, line_of(front, field), field, "不是日期，请写成 2026-01-30（不加引号）"))
}

fn line_of(front: &str, field: &str) -> usize {
    front.lines().position(|line| line.trim_start().starts_with(field)).map_or(0, |at| at + 2)
}

fn explain(name: &str, front: &str, error: &toml::de::Error) -> Problem {
    let line = error.span().map_or(0, |span| front[..span.start.min(front.len())].matches('\n').count() + 2);
    let said = error.message();
    let quoted = |after: &str| said.split_once(after).and_then(|(_, rest)| rest.split_once('`')).map(|(word, _)| word.to_owned());
    if let Some(key) = quoted("unknown field `") {
        let known = said.split_once("expected one of").map_or("", |(_, known)| known.trim());
        return problem(name, line, &key, &format!("没有这一项，请检查拼写；可用的是 {}", known.replace('`', "")));
    }
    if let Some(key) = quoted("missing field `") {
        return problem(name, line.max(1), &key, "缺少这一项，请补上");
    }
    if let Some(word) = quoted("unknown variant `") {
        let known = said.split_once("expected").map_or("", |(_, known)| known.trim());
        let field = front.lines().nth(line.saturating_sub(2)).and_then(|text| text.split('=').next()).unwrap_or_default();
        return problem(name, line, field.trim(), &format!("“{word}”不能用，可用的是 {}", known.replace("one of", "").replace('`', "")));
    }
    problem(name, line, "+++", &format!("格式有误，请按 名称 = \"内容\" 书写：{said}"))
}
