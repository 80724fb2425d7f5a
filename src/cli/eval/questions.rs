//! Questions with known answers, as JSONL; unknown fields are ignored.

use std::fs;
use std::path::Path;

use anyhow::Context;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// One question of a set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Question {
    pub id: String,
    pub question: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
    #[serde(default)]
    pub relevant: Vec<String>,
    #[serde(default)]
    pub gold: Vec<Gold>,
    pub answerable: Option<bool>,
    #[serde(default)]
    pub must_contain: Vec<Piece>,
    /// Asking back is right too.
    #[serde(default)]
    pub clarify_ok: bool,
}

/// An article that answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Gold {
    pub law: String,
    pub article: String,
}

/// A text that must stand in the answer, or alternatives of which one must.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Piece {
    One(String),
    Any(Vec<String>),
}

/// Writes a set as it is read.
pub fn write(path: &Path, questions: &[Question]) -> anyhow::Result<()> {
    let lines: Vec<String> = questions.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    fs::write(path, lines.join("\n") + "\n").with_context(|| format!("无法写入题库 {}", path.display()))
}

/// Reads a set; a broken line is named.
pub fn read(path: &Path) -> anyhow::Result<Vec<Question>> {
    let text = fs::read_to_string(path).with_context(|| format!("无法读取题库 {}", path.display()))?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| serde_json::from_str(line).with_context(|| format!("{} 第{}行不是一道题", path.display(), at + 1)))
        .collect()
}

impl Question {
    /// A question of which nothing else is known.
    pub fn of(question: String) -> Self {
        Self {
            id: question.clone(),
            question,
            as_of: None,
            relevant: Vec::new(),
            gold: Vec::new(),
            answerable: None,
            must_contain: Vec::new(),
            clarify_ok: false,
        }
    }

    /// Keys of what answers: document ids, or law and article.
    pub fn relevant_keys(&self) -> Vec<String> {
        self.relevant.iter().cloned().chain(self.gold.iter().map(|gold| format!("{}#{}", gold.law, gold.article))).collect()
    }

    /// What of `must_contain` the text lacks.
    pub fn lacks(&self, text: &str) -> Vec<String> {
        let flat = flat(text);
        let holds = |piece: &String| flat.contains(&self::flat(piece));
        self.must_contain
            .iter()
            .filter_map(|piece| match piece {
                Piece::One(one) => (!holds(one)).then(|| one.clone()),
                Piece::Any(any) => (!any.iter().any(holds)).then(|| any.join("/")),
            })
            .collect()
    }
}

fn flat(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace() && *c != ',').flat_map(char::to_lowercase).collect()
}
