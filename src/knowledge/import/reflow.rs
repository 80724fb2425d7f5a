//! Printed lines back to paragraphs: a PDF knows only where each line stands and how large. Lines are joined where the one before is full
//! and its sentence goes on; larger lines are headings; page numbers and what repeats at the edges of pages are layout.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::knowledge::import::lines;
use crate::knowledge::official::TITLE_ENDS;

/// Before a line that is larger than the text.
pub const HEADING: char = '\u{2}';
/// A line this full, of the widest one, goes on in the next.
const FULL: f64 = 0.82;
/// Lines at the top and at the bottom of a page among which its head and foot are.
const EDGE: usize = 2;
/// Characters of the longest heading; what is longer is text set large.
const LONGEST_HEADING: usize = 60;

static NEW_PARAGRAPH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:第[零〇一二三四五六七八九十百\d]+[编章节条](?:之[一二三四五六七八九十]+)?(?:\s|$)|[（(][一二三四五六七八九十\d]+[）)]|[一二三四五六七八九十]+、|\d{1,2}[.．、]|附[件表录注]|目\s*录|注[：:1-9]|[-•·●■])")
        .expect("the pattern is fixed")
});
static PAGE_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[-—–－ ]*\d{1,4}[-—–－ ]*|第\s*\d+\s*页(?:\s*[，,/]?\s*共\s*\d+\s*页)?|\d+\s*/\s*\d+)$").expect("the pattern is fixed")
});
/// What browsers print at the edges of a page: when it was printed, and where it came from.
static PRINTED_BY_BROWSER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:\d{1,4}/\d{1,2}/\d{1,4},?\s+(?:上午|下午)?\d{1,2}:\d{2}.*|(?:https?|file)://\S+(?:\s+\d+\s*/\s*\d+)?)$")
        .expect("the pattern is fixed")
});
/// An item that the reader put behind the one before.
static NEXT_ITEM: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"([；。])(（[一二三四五六七八九十]+）)").expect("the pattern is fixed"));
static COLUMNS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\s{3,}|\t+").expect("the pattern is fixed"));
static DIGITS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d+").expect("the pattern is fixed"));
/// The name of a division, which its title follows.
static DIVISION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(第[零〇一二三四五六七八九十百\d]+[编章节])\s*(\S.*)$").expect("the pattern is fixed"));

/// A line as it stands on its page.
struct Printed<'a> {
    text: &'a str,
    large: bool,
}

/// A piece of the text that is made.
struct Piece {
    text: String,
    /// Set larger than the text.
    large: bool,
}

/// The text of a document from its pages: a heading, then paragraphs, headings and rows of tables.
pub fn paragraphs(pages: &[&str]) -> String {
    let pages: Vec<Vec<Printed<'_>>> = pages.iter().map(|page| printed(page)).collect();
    let repeated = repeated(&pages);
    let mut out: Vec<Piece> = Vec::new();
    let mut open = false;
    let mut heads_of_tables: Vec<String> = Vec::new();
    for page in &pages {
        let kept = page.iter().enumerate().filter(|(at, line)| !is_layout(line, is_edge(*at, page.len()), &repeated, &mut heads_of_tables));
        let kept: Vec<&Printed<'_>> = kept.map(|(_, line)| line).collect();
        let widest = kept.iter().filter(|line| !line.large).map(|line| width(line.text)).max().unwrap_or_default();
        for line in kept {
            let text = plain(line.text);
            let row = row(line.text);
            let follows = |before: &&mut Piece| open && row.is_none() && before.large == line.large && !NEW_PARAGRAPH.is_match(&text);
            match out.last_mut().filter(follows) {
                Some(paragraph) => join(&mut paragraph.text, &text),
                None => out.push(Piece { text: row.clone().unwrap_or_else(|| text.clone()), large: line.large }),
            }
            let full = line.large || width(line.text) as f64 >= FULL * widest as f64;
            open = row.is_none() && full && !text.ends_with(['。', '；', '：', '！', '？', '|']);
        }
    }
    let headed = headed(out);
    lines::tidy(&NEXT_ITEM.replace_all(&headed.join("\n"), "$1\n$2"))
}

fn printed(page: &str) -> Vec<Printed<'_>> {
    page.lines()
        .map(|line| Printed { text: line.trim_start_matches(HEADING), large: line.starts_with(HEADING) })
        .filter(|line| !line.text.trim().is_empty())
        .collect()
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

fn is_edge(at: usize, lines: usize) -> bool {
    at < EDGE || at + EDGE >= lines
}

fn is_layout(line: &Printed<'_>, edge: bool, repeated: &[String], heads_of_tables: &mut Vec<String>) -> bool {
    let text = lines::squeezed(line.text);
    if PAGE_NUMBER.is_match(&text) || edge && PRINTED_BY_BROWSER.is_match(&text) {
        return true;
    }
    let text = without_numbers(&text);
    if !edge || line.large || !repeated.contains(&text) {
        return false;
    }
    // The head of a table that runs over pages is layout from the second time on.
    if row(line.text).is_some() && !heads_of_tables.contains(&text) {
        heads_of_tables.push(text);
        return false;
    }
    true
}

/// What stands at the edges of most pages, whatever numbers it has: running heads and feet.
fn repeated(pages: &[Vec<Printed<'_>>]) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for page in pages {
        let edges = page.iter().enumerate().filter(|(at, line)| is_edge(*at, page.len()) && !line.large);
        let mut here: Vec<String> =
            edges.map(|(_, line)| lines::squeezed(line.text)).filter(|text| can_run(text)).map(|text| without_numbers(&text)).collect();
        here.sort();
        here.dedup();
        for edge in here {
            *seen.entry(edge).or_default() += 1;
        }
    }
    let printed = pages.iter().filter(|page| !page.is_empty()).count();
    seen.into_iter().filter(|(_, times)| *times >= 2 && *times * 2 > printed).map(|(line, _)| line).collect()
}

/// Whether a line can be a running head or foot: a name, no sentence and no item.
fn can_run(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).count() >= 2 && !text.ends_with(['。', '；', '：', '，']) && !NEW_PARAGRAPH.is_match(text)
}

fn without_numbers(text: &str) -> String {
    DIGITS.replace_all(text, "0").into_owned()
}

/// The lines with their marks: the title, then the headings. Without any larger line the title is known by how titles end.
fn headed(mut out: Vec<Piece>) -> Vec<String> {
    let title = out.iter().position(|piece| piece.large && can_head(&piece.text) && !NEW_PARAGRAPH.is_match(&piece.text));
    match title {
        Some(at) => {
            for (place, piece) in out.iter_mut().enumerate().filter(|(_, piece)| piece.large && can_head(&piece.text)) {
                piece.text =
                    if place == at { format!("# {}", piece.text) } else { format!("## {}", DIVISION.replace(&piece.text, "$1 $2")) };
            }
        }
        None => titled(&mut out),
    }
    out.into_iter().map(|piece| piece.text).collect()
}

fn can_head(text: &str) -> bool {
    text.chars().count() <= LONGEST_HEADING && !text.contains(['。', '；', '|'])
}

/// Marks the title, which may take two lines.
fn titled(out: &mut Vec<Piece>) {
    let ends = |text: &str| TITLE_ENDS.iter().any(|end| text.ends_with(end));
    if out.len() > 1 && !ends(&out[0].text) && ends(&out[1].text) && !out[0].text.contains('。') && !NEW_PARAGRAPH.is_match(&out[1].text) {
        let rest = out.remove(1);
        out[0].text.push_str(&rest.text);
    }
    if let Some(first) = out.first_mut().filter(|first| !first.text.contains('。') && !first.text.starts_with('|')) {
        first.text.insert_str(0, "# ");
    }
}
