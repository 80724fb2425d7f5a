//! A corpus for measuring: `.jsonl` or `.jsonl.gz` of `{id, title, text}`, one passage each. Read line by line, never whole.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;

use crate::domain::document::{Confidence, Document, DocumentKind, DocumentStatus};
use crate::domain::facts::Known;
use crate::knowledge::import::Refusal;

#[derive(Debug, Deserialize)]
struct Line {
    id: String,
    title: String,
    text: String,
}

/// Whether the file is a corpus.
pub fn is_corpus(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with(".jsonl") || name.ends_with(".jsonl.gz")
}

/// Reads a corpus; a broken line is named.
pub fn read(path: &Path) -> Result<Vec<Document>, Refusal> {
    let file = path.display().to_string();
    let unreadable = |reason: String| Refusal::Unreadable { file: file.clone(), reason };
    let open = File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let reader: Box<dyn Read> = if file.ends_with(".gz") { Box::new(MultiGzDecoder::new(open)) } else { Box::new(open) };
    let mut documents = Vec::new();
    for (at, line) in BufReader::new(reader).lines().enumerate() {
        let line = line.map_err(|error| unreadable(format!("第{}行：{error}", at + 1)))?;
        if line.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(&line).map_err(|error| unreadable(format!("第{}行：{error}", at + 1)))?;
        documents.push(document(line));
    }
    documents.shrink_to_fit();
    Ok(documents)
}

fn document(line: Line) -> Document {
    Document {
        id: line.id,
        title: line.title,
        kind: DocumentKind::Law,
        published: None,
        effective_from: None,
        effective_to: None,
        status: DocumentStatus::InForce,
        reviewed: None,
        confidence: Confidence::Verified,
        facts: Known::default(),
        body: line.text,
    }
}
