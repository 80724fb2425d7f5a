//! A document's text as sections and blocks, each line knowing whether it lies within the quotation that led here.
//! Nothing of the text is taken as HTML.

use std::ops::Range;

use crate::domain::document::{Document, Passage};
use crate::knowledge;

/// A passage with its anchor, or the lines between passages.
#[derive(Debug)]
pub struct Section {
    /// `p0`, `p1`, …: what citations link to.
    pub anchor: Option<String>,
    pub blocks: Vec<Block>,
    pub cited: bool,
}

/// One piece of a section.
#[derive(Debug)]
pub enum Block {
    Heading(String),
    Items(Vec<Line>),
    Paragraph(Line),
    Table(Vec<Row>),
}

/// A line of text.
#[derive(Debug)]
pub struct Line {
    /// 第X条 at its head, as printed.
    pub article: Option<String>,
    pub text: String,
    pub cited: bool,
}

/// A line of a table.
#[derive(Debug)]
pub struct Row {
    pub cells: Vec<String>,
    pub cited: bool,
}

/// Lays out the text of `document`; lines that touch the byte range `cited` are marked.
pub fn sections(document: &Document, cited: Option<&Range<usize>>) -> Vec<Section> {
    let passages = knowledge::passages_of(document);
    let mut sections: Vec<Section> = Vec::new();
    let mut inside: Option<Option<usize>> = None;
    let mut start = 0;
    for whole in document.body.split_inclusive('\n') {
        let at = start;
        start += whole.len();
        let line = whole.trim();
        if line.is_empty() || line.starts_with("<!--") || line.trim_start_matches(['#', ' ']) == document.title {
            continue;
        }
        let first = at + (whole.len() - whole.trim_start().len());
        let place = passage_at(&passages, first);
        if inside != Some(place) || sections.is_empty() {
            inside = Some(place);
            // Whoever is led to a passage sees the heading it stands under.
            let blocks = if place.is_some() { headings_before(&mut sections) } else { Vec::new() };
            sections.push(Section { anchor: place.map(|ordinal| format!("p{ordinal}")), blocks, cited: false });
        }
        let touched = cited.is_some_and(|range| range.start < first + line.len() && first < range.end);
        if let Some(section) = sections.last_mut() {
            section.cited |= touched;
            add(&mut section.blocks, line, touched);
        }
    }
    sections
}

/// Takes the headings at the end of the stretch before, where that stretch belongs to no passage.
fn headings_before(sections: &mut Vec<Section>) -> Vec<Block> {
    let Some(last) = sections.last_mut().filter(|section| section.anchor.is_none()) else { return Vec::new() };
    let from = last.blocks.iter().rposition(|block| !matches!(block, Block::Heading(_))).map_or(0, |at| at + 1);
    let headings = last.blocks.split_off(from);
    if last.blocks.is_empty() {
        sections.pop();
    }
    headings
}

/// Chapters of a long text with the anchor of their first passage.
pub fn contents(document: &Document) -> Vec<(String, String)> {
    let mut contents: Vec<(String, String)> = Vec::new();
    for passage in knowledge::passages_of(document) {
        if let Some(heading) = passage.headings.first()
            && contents.last().is_none_or(|(last, _)| last != heading)
        {
            contents.push((heading.clone(), format!("p{}", passage.ordinal)));
        }
    }
    contents
}

fn passage_at(passages: &[Passage], at: usize) -> Option<usize> {
    passages.iter().find(|passage| (passage.start..passage.end).contains(&at)).map(|passage| passage.ordinal)
}

fn add(blocks: &mut Vec<Block>, line: &str, cited: bool) {
    if line.starts_with('#') {
        blocks.push(Block::Heading(line.trim_start_matches('#').trim().to_owned()));
    } else if let Some(item) = line.strip_prefix("- ") {
        let item = Line { article: None, text: plain(item), cited };
        match blocks.last_mut() {
            Some(Block::Items(items)) => items.push(item),
            Some(Block::Heading(_) | Block::Paragraph(_) | Block::Table(_)) | None => blocks.push(Block::Items(vec![item])),
        }
    } else if let Some(inner) = line.strip_prefix('|') {
        if inner.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ')) {
            return;
        }
        let cells = inner.trim_end_matches('|').split('|').map(|cell| plain(cell.trim())).collect();
        let row = Row { cells, cited };
        match blocks.last_mut() {
            Some(Block::Table(rows)) => rows.push(row),
            Some(Block::Heading(_) | Block::Paragraph(_) | Block::Items(_)) | None => blocks.push(Block::Table(vec![row])),
        }
    } else {
        let line = plain(line);
        let article = knowledge::passages::article_of(&line).map(str::to_owned);
        let text = match &article {
            Some(article) => {
                line.trim_start().strip_prefix(article.as_str()).unwrap_or(&line).trim_start_matches(['　', ' ', '：', ':']).to_owned()
            }
            None => line,
        };
        blocks.push(Block::Paragraph(Line { article, text, cited }));
    }
}

/// The text without the stars of bold print.
fn plain(text: &str) -> String {
    text.replace("**", "").trim_matches(['　', ' ']).to_owned()
}
