//! The wording of what is pushed, as files a clerk edits in `broadcasts/templates`. `# ` begins a heading, `> ` small print, the rest is text;
//! `{{field}}` is filled in, and a line whose only fields are empty is left out. An unknown field is found when the files are read.

use std::collections::BTreeMap;
use std::path::Path;

use rust_embed::RustEmbed;

use super::Problem;
use crate::domain::message::{Block, Message};

#[derive(RustEmbed)]
#[folder = "broadcasts/templates"]
struct Embedded;

const BULLETIN: &[&str] = &["title", "number", "summary", "audience", "effective_from", "body", "link"];
const CLASS: &[&str] = &["title", "starts_at", "place"];
const SESSION: &[&str] = &["title", "changed", "starts_at", "place"];
const WAITING: &[&str] = &["title", "starts_at", "place", "position"];
const OFFER: &[&str] = &["title", "starts_at", "place", "until"];

/// A template's name and the fields it may use.
const TEMPLATES: [(&str, &[&str]); 16] = [
    ("bulletin", BULLETIN),
    ("notice", BULLETIN),
    ("class", BULLETIN),
    ("campaign", BULLETIN),
    ("correction", &["corrected_at"]),
    ("recall", &[]),
    ("withdrawn", &["title"]),
    ("reminder", CLASS),
    ("reminder_waiting", WAITING),
    ("class_moved", CLASS),
    ("class_changed", CLASS),
    ("class_cancelled", CLASS),
    ("session_added", SESSION),
    ("session_cancelled", SESSION),
    ("seat_offered", OFFER),
    ("offer_lapsed", OFFER),
];

/// All templates, checked.
#[derive(Debug, Clone)]
pub struct Templates(BTreeMap<&'static str, String>);

impl Templates {
    /// Reads the templates in `folder`; one that is not there is taken from the program.
    pub fn load(folder: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let mut found = BTreeMap::new();
        let mut problems = Vec::new();
        for (name, fields) in TEMPLATES {
            let file = format!("{name}.txt");
            match read(folder, &file) {
                Ok(text) => {
                    problems.extend(unknown_fields(&file, &text, fields));
                    found.insert(name, text);
                }
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(Self(found)) } else { Err(problems) }
    }

    /// Fills in template `name`; empty values drop the lines that only carry them.
    pub fn fill(&self, name: &str, values: &[(&str, &str)]) -> Message {
        let text = self.0.get(name).map(String::as_str).unwrap_or_default();
        let mut blocks = Vec::new();
        let mut paragraph: Vec<String> = Vec::new();
        for line in text.lines() {
            let Some(filled) = fill_line(line, values) else { continue };
            if filled.trim().is_empty() {
                end_paragraph(&mut paragraph, &mut blocks);
            } else if let Some(heading) = filled.strip_prefix("# ") {
                end_paragraph(&mut paragraph, &mut blocks);
                blocks.push(Block::Heading(heading.trim().to_owned()));
            } else if let Some(note) = filled.strip_prefix("> ") {
                end_paragraph(&mut paragraph, &mut blocks);
                blocks.push(Block::Note(note.trim().to_owned()));
            } else {
                paragraph.push(filled);
            }
        }
        end_paragraph(&mut paragraph, &mut blocks);
        Message { blocks, buttons: Vec::new() }
    }
}

fn read(folder: Option<&Path>, file: &str) -> Result<String, Problem> {
    if let Some(path) = folder.map(|folder| folder.join("templates").join(file)).filter(|path| path.exists()) {
        return std::fs::read_to_string(&path).map_err(|error| Problem::file(&format!("templates/{file}"), format!("无法读取：{error}")));
    }
    Embedded::get(file)
        .map(|embedded| String::from_utf8_lossy(&embedded.data).into_owned())
        .ok_or_else(|| Problem::file(&format!("templates/{file}"), "缺少这个模板".to_owned()))
}

fn unknown_fields(file: &str, text: &str, known: &[&str]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for field in fields_of(line) {
            if !known.contains(&field) {
                let usable = if known.is_empty() {
                    "这个模板没有可填的项".to_owned()
                } else {
                    format!("可用的是 {}", known.join("、"))
                };
                problems.push(Problem {
                    file: format!("templates/{file}"),
                    line: index + 1,
                    field: field.to_owned(),
                    message: format!("不认识的项“{field}”，{usable}"),
                });
            }
        }
    }
    problems
}

fn fields_of(line: &str) -> impl Iterator<Item = &str> {
    line.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(field, _)| field.trim())
}

/// `None` where the line has fields and all of them are empty.
fn fill_line(line: &str, values: &[(&str, &str)]) -> Option<String> {
    let (mut filled, mut rest) = (String::new(), line);
    let (mut fields, mut empty) = (0, 0);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((field, tail)) = after.split_once("}}") else { break };
        let value = values.iter().find(|(name, _)| *name == field.trim()).map_or("", |(_, value)| *value);
        fields += 1;
        if value.trim().is_empty() {
            empty += 1;
        }
        filled.push_str(before);
        filled.push_str(value);
        rest = tail;
    }
    filled.push_str(rest);
    (fields == 0 || empty < fields).then_some(filled)
}

fn end_paragraph(paragraph: &mut Vec<String>, blocks: &mut Vec<Block>) {
    if !paragraph.is_empty() {
        blocks.push(Block::Paragraph(paragraph.join("\n")));
        paragraph.clear();
    }
}
