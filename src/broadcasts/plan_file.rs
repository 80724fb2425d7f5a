//! TOML files a clerk writes (plans, question banks): every fault is named by file, line and field, with what to write instead.

use std::path::Path;

use rust_embed::RustEmbed;
use serde::de::DeserializeOwned;

use super::Problem;
use crate::replies;

/// A file by name without its ending, with its text or why it cannot be read.
pub type Text = (String, Result<String, Problem>);

/// The `.toml` files of `subfolder` in `folder`; those of `Built` where there is no such folder.
pub fn texts<Built: RustEmbed>(folder: Option<&Path>, subfolder: &str) -> Vec<Text> {
    let Some(folder) = folder.map(|folder| folder.join(subfolder)).filter(|folder| folder.is_dir()) else {
        return Built::iter()
            .filter_map(|file| {
                let text = String::from_utf8_lossy(&Built::get(&file)?.data).into_owned();
                Some((file.strip_suffix(".toml")?.to_owned(), Ok(text)))
            })
            .collect();
    };
    let mut found: Vec<Text> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().strip_suffix(".toml")?.to_owned();
            let text = std::fs::read_to_string(entry.path()).map_err(|error| Problem::file("", replies::campaigns::unreadable(&error)));
            Some((name, text))
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// Reads one file's text; the problem has line and field.
pub fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Problem> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start.min(text.len()));
        let number = text[..at].matches('\n').count() + 1;
        let line = text.lines().nth(number - 1).unwrap_or_default();
        let said = error.message();
        let quoted: Vec<&str> = said.split('`').skip(1).step_by(2).collect();
        let (field, message) = match quoted.split_first() {
            Some((name, known)) if said.starts_with("unknown field") => (*name, replies::problems::field_unknown(name, &known.join("、"))),
            Some((name, _)) if said.starts_with("missing field") => (*name, replies::problems::field_missing(name)),
            Some((word, allowed)) if said.starts_with("unknown variant") => {
                (key_of(line), replies::problems::wrong_word(word, &allowed.join("、")))
            }
            _ => (key_of(line), explained(key_of(line), line, said)),
        };
        Problem { file: file.to_owned(), line: number, field: field.to_owned(), message: replies::campaigns::in_field(field, &message) }
    })
}

/// The line of `field` in the nth (from 0) `[[table]]` of a text, or of the table's head where the field is not written.
pub fn line_of(text: &str, table: &str, index: usize, field: &str) -> usize {
    let head = format!("[[{table}]]");
    let mut seen = 0;
    let mut found = 0;
    for (number, line) in text.lines().enumerate() {
        if line.trim() == head {
            if seen == index + 1 {
                break;
            }
            seen += 1;
            found = if seen == index + 1 { number + 1 } else { found };
        } else if seen == index + 1 && key_of(line) == field {
            return number + 1;
        }
    }
    found
}

/// The line of a field before any table.
pub fn line_of_top(text: &str, field: &str) -> usize {
    text.lines().take_while(|line| !line.trim_start().starts_with("[[")).position(|line| key_of(line) == field).map_or(0, |at| at + 1)
}

fn key_of(line: &str) -> &str {
    let key = line.split_once('=').map_or("", |(key, _)| key.trim());
    if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') { key } else { "" }
}

/// Our own Chinese sentences pass; what the TOML reader says in English is put into words by what stands there.
fn explained(key: &str, line: &str, said: &str) -> String {
    if said.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) {
        return said.to_owned();
    }
    let value = line.split_once('=').map_or(line, |(_, value)| value).trim();
    if matches!(key, "date" | "starts_on" | "ends_on") {
        replies::campaigns::no_such_day(value)
    } else {
        replies::campaigns::wrong_form(value)
    }
}
