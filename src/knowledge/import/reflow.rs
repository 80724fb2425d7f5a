//! Printed lines back to paragraphs: a PDF knows only where each line stands. Lines are joined where the one before is full and its sentence
//! goes on; page numbers and what repeats at the head of every page are layout.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::knowledge::import::lines;

/// A line this full, of the widest one, goes on in the next.
const FULL: f64 = 0.82;
/// A head or foot stands on at least this many pages.
const REPEATED_PAGES: usize = 3;
/// Titles end so.
const TITLE_ENDS: [&str; 14] =
    ["法", "条例", "细则", "办法", "规定", "公告", "通知", "解释", "规则", "决定", "意见", "解读", "批复", "指引"];

static NEW_PARAGRAPH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:第[零〇一二三四五六七八九十百\d]+[编章节条](?:之[一二三四五六七八九十]+)?(?:\s|$)|[（(][一二三四五六七八九十\d]+[）)]|[一二三四五六七八九十]+、|\d{1,2}[.．、]|附[件表录注]|目\s*录|注[：:1-9]|[-•·●■])")
        .expect("the pattern is fixed")
});
static PAGE_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[-—–－ ]*\d{1,4}[-—–－ ]*|第\s*\d+\s*页(?:\s*[，,/]?\s*共\s*\d+\s*页)?|\d+\s*/\s*\d+)$").expect("the pattern is fixed")
});
/// An item that the reader put behind the one before.
static NEXT_ITEM: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"([；。])(（[一二三四五六七八九十]+）)").expect("the pattern is fixed"));
static COLUMNS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\s{3,}|\t+").expect("the pattern is fixed"));

/// The text of a document from its pages: a heading, then paragraphs and rows of tables.
pub fn paragraphs(pages: &[&str]) -> String {
    let repeated = repeated(pages);
    let mut out: Vec<String> = Vec::new();
    let mut open = false;
    for page in pages {
        let printed: Vec<&str> = page.lines().filter(|line| !is_layout(line, &repeated)).collect();
        let widest = printed.iter().map(|line| width(line)).max().unwrap_or_default();
        for line in printed {
            let text = plain(line);
            let row = row(line);
            match out.last_mut().filter(|_| open && row.is_none() && !NEW_PARAGRAPH.is_match(&text)) {
                Some(paragraph) => join(paragraph, &text),
                None => out.push(row.clone().unwrap_or_else(|| text.clone())),
            }
            open = row.is_none() && width(line) as f64 >= FULL * widest as f64 && !text.ends_with(['。', '；', '：', '！', '？', '|']);
        }
    }
    titled(&mut out);
    lines::tidy(&NEXT_ITEM.replace_all(&out.join("\n"), "$1\n$2"))
}

/// One form for every character: compatibility forms that fonts bring (⼀ for 一) are undone, full-width punctuation stays.
fn plain(line: &str) -> String {
    let normal: String = line.chars().flat_map(|c| if is_radical(c) { c.nfkc().collect::<Vec<_>>() } else { vec![c] }).collect();
    lines::squeezed(&normal)
}

fn is_radical(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}')
}

/// Chinese needs no space where a line ended; words and numbers do.
fn join(paragraph: &mut String, text: &str) {
    let apart = paragraph.ends_with(|c: char| c.is_ascii_alphabetic()) && text.starts_with(|c: char| c.is_ascii_alphabetic());
    if apart {
        paragraph.push(' ');
    }
    paragraph.push_str(text);
}

/// The line as a row, where it is set in columns.
fn row(line: &str) -> Option<String> {
    let cells: Vec<String> = COLUMNS.split(line.trim()).map(plain).filter(|cell| !cell.is_empty()).collect();
    (cells.len() > 1 && !NEW_PARAGRAPH.is_match(&cells[0])).then(|| format!("| {} |", cells.join(" | ")))
}

/// Columns a line takes: Chinese characters are twice as wide.
fn width(line: &str) -> usize {
    line.trim().chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

fn is_layout(line: &str, repeated: &[String]) -> bool {
    let text = lines::squeezed(line);
    text.is_empty() || PAGE_NUMBER.is_match(&text) || repeated.contains(&text)
}

/// First and last lines that stand on most pages.
fn repeated(pages: &[&str]) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for page in pages {
        let mut printed = page.lines().map(lines::squeezed).filter(|line| !line.is_empty());
        for edge in printed.next().into_iter().chain(printed.next_back()) {
            *seen.entry(edge).or_default() += 1;
        }
    }
    seen.into_iter().filter(|(_, times)| *times >= REPEATED_PAGES && *times * 2 > pages.len()).map(|(line, _)| line).collect()
}

/// Marks the title, which may take two lines.
fn titled(out: &mut Vec<String>) {
    let ends = |text: &str| TITLE_ENDS.iter().any(|end| text.ends_with(end));
    if out.len() > 1 && !ends(&out[0]) && ends(&out[1]) && !out[0].contains('。') && !NEW_PARAGRAPH.is_match(&out[1]) {
        let rest = out.remove(1);
        out[0].push_str(&rest);
    }
    if let Some(first) = out.first_mut().filter(|first| !first.contains('。') && !first.starts_with('|')) {
        first.insert_str(0, "# ");
    }
}
