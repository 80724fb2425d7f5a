//! Where a document is cut: laws at 第X条, digests at `##`, other texts at paragraphs. A passage is a byte range; so is each sentence
//! within it, so that every quotation can be cut out of the document again (F02).

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use crate::domain::document::{Document, DocumentKind, Passage};

/// Texts without articles or headings are packed to about this many characters a passage.
const PARAGRAPH_PACK: usize = 400;
/// From this many articles on a text counts as divided into articles.
const ARTICLES_OF_A_LAW: usize = 2;

const NUMERAL: &str = "[一二三四五六七八九十百千零〇○0-9０-９]+";
static ARTICLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!(r"^[\s\*#]*(第{NUMERAL}条(?:之{NUMERAL})?)[\s\*:：]")).expect("the pattern is fixed"));
static DIVISION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!(r"^[\s\*#]*(第{NUMERAL}([编章节]))(?:[\s\*]|$)")).expect("the pattern is fixed"));

/// A line with its byte range, line break left out.
struct Line<'a> {
    start: usize,
    end: usize,
    text: &'a str,
}

/// The passages of a document, in order. At least one, unless the body is blank.
pub fn of(document: &Document) -> Vec<Passage> {
    let body = document.body.as_str();
    let lines = lines(body);
    // An answer may quote articles; a list of questions is divided by its questions all the same.
    let by_heading =
        matches!(document.kind, DocumentKind::Faq | DocumentKind::Guide) && lines.iter().any(|line| line.text.starts_with("## "));
    if !by_heading && lines.iter().filter(|line| article_of(line.text).is_some()).count() >= ARTICLES_OF_A_LAW {
        articles(body, &lines)
    } else if lines.iter().any(|line| line.text.starts_with("## ")) {
        sections(body, &lines)
    } else {
        paragraphs(body, &lines)
    }
}

/// 第X条 at the head of a line, as printed.
pub fn article_of(line: &str) -> Option<&str> {
    ARTICLE.captures(line).and_then(|hit| hit.get(1)).map(|hit| hit.as_str())
}

/// Whether a line is the heading of a 编, 章 or 节.
pub fn is_division(line: &str) -> bool {
    DIVISION.is_match(line)
}

/// Byte ranges of the quotable units of a stretch of text: a bullet, an item, a whole table, a sentence.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut units = Vec::new();
    let mut table: Option<Range<usize>> = None;
    for line in lines(text) {
        if line.text.trim_start().starts_with('|') {
            table = Some(table.map_or(line.start..line.end, |open| open.start..line.end));
            continue;
        }
        units.extend(table.take());
        let trimmed = line.text.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') || trimmed.starts_with("<!--") {
            continue;
        }
        let mut start = line.start + (line.text.len() - line.text.trim_start().len());
        let end = line.start + line.text.trim_end().len();
        let bullet = text[start..end].strip_prefix("- ").is_some();
        if bullet {
            units.push(start + 2..end);
            continue;
        }
        if let Some(hit) = ARTICLE.find(&text[start..end]) {
            start += hit.end();
            start += text[start..end].len() - text[start..end].trim_start().len();
        }
        units.extend(sentence_ends(&text[start..end]).into_iter().map(|range| start + range.start..start + range.end));
    }
    units.extend(table);
    units.retain(|range| !text[range.clone()].trim().is_empty());
    units
}

/// Splits running text after 。！？, closing quotes and brackets included.
fn sentence_ends(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    let mut depth = 0_i32;
    while let Some((at, c)) = characters.next() {
        match c {
            '（' | '(' | '《' | '“' => depth += 1,
            '）' | ')' | '》' | '”' => depth = (depth - 1).max(0),
            _ => {}
        }
        if matches!(c, '。' | '！' | '？') && depth == 0 {
            let mut end = at + c.len_utf8();
            while let Some(&(next, closing)) = characters.peek() {
                if !matches!(closing, '”' | '）' | ')' | '」') {
                    break;
                }
                end = next + closing.len_utf8();
                characters.next();
            }
            ranges.push(start..end);
            start = end;
        }
    }
    if start < text.len() {
        ranges.push(start..text.len());
    }
    ranges
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for whole in text.split_inclusive('\n') {
        let line = whole.trim_end_matches(['\n', '\r']);
        lines.push(Line { start, end: start + line.len(), text: line });
        start += whole.len();
    }
    lines
}

fn articles(body: &str, lines: &[Line<'_>]) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut headings: Vec<(char, String)> = Vec::new();
    let mut above: Arc<[String]> = Arc::default();
    let mut open: Option<Passage> = None;
    for line in lines {
        if let Some(hit) = DIVISION.captures(line.text) {
            close(body, &mut passages, open.take(), line.start);
            let rank = hit.get(2).and_then(|level| level.as_str().chars().next()).unwrap_or('章');
            headings.retain(|(level, _)| order(*level) < order(rank));
            headings.push((rank, tidy(line.text)));
            above = headings.iter().map(|(_, heading)| heading.clone()).collect();
        } else if let Some(article) = article_of(line.text) {
            close(body, &mut passages, open.take(), line.start);
            open = Some(Passage {
                ordinal: passages.len(),
                headings: Arc::clone(&above),
                article: Some(article.to_owned()),
                start: line.start,
                end: line.start,
            });
        } else if line.text.starts_with('#') {
            close(body, &mut passages, open.take(), line.start);
        }
    }
    close(body, &mut passages, open, body.len());
    passages
}

fn sections(body: &str, lines: &[Line<'_>]) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut open = Some(Passage { ordinal: 0, headings: Arc::default(), article: None, start: 0, end: 0 });
    for line in lines.iter().filter(|line| line.text.starts_with("## ")) {
        close(body, &mut passages, open.take(), line.start);
        let after = (line.end + 1).min(body.len());
        open = Some(Passage { ordinal: passages.len(), headings: [tidy(line.text)].into(), article: None, start: after, end: after });
    }
    close(body, &mut passages, open, body.len());
    passages
}

fn paragraphs(body: &str, lines: &[Line<'_>]) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut open: Option<Passage> = None;
    for line in lines.iter().filter(|line| !line.text.trim().is_empty() && !line.text.starts_with('#')) {
        let full = open.as_ref().is_some_and(|passage| body[passage.start..line.start].chars().count() >= PARAGRAPH_PACK);
        if full {
            close(body, &mut passages, open.take(), line.start);
        }
        if open.is_none() {
            open = Some(Passage { ordinal: passages.len(), headings: Arc::default(), article: None, start: line.start, end: line.start });
        }
    }
    close(body, &mut passages, open, body.len());
    passages
}

fn close(body: &str, passages: &mut Vec<Passage>, open: Option<Passage>, end: usize) {
    let Some(mut passage) = open else { return };
    let text = &body[passage.start..end.max(passage.start)];
    passage.start += text.len() - text.trim_start().len();
    passage.end = passage.start + text.trim().len();
    if passage.end > passage.start {
        passage.ordinal = passages.len();
        passages.push(passage);
    }
}

fn order(level: char) -> usize {
    match level {
        '编' => 0,
        '章' => 1,
        _ => 2,
    }
}

/// A heading as people read it: "第一章 总 则" becomes "第一章 总则".
fn tidy(line: &str) -> String {
    let plain = line.trim_matches(|c: char| c.is_whitespace() || c == '#' || c == '*');
    let words: Vec<&str> = plain.split_whitespace().collect();
    match words.split_first() {
        Some((first, rest)) if DIVISION.is_match(plain) => format!("{first} {}", rest.concat()).trim_end().to_owned(),
        _ => words.join(" "),
    }
}
