//! The table of everyday words: `term <tab> official_term <tab> kind`. Staff edit it; the index reads it both ways.

use crate::knowledge::{Problem, problem};

/// What sort of word the everyday term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WordKind {
    Abbreviation,
    Colloquial,
    Typo,
    Traditional,
    Pinyin,
    /// A thing of its own: a text that mentions none of the words in the second column (joined by 、) does not answer a question about it.
    Subject,
    /// Never said and never answered (F22); the second column says what sort of word it is.
    Sensitive,
}

impl WordKind {
    /// Every kind, in the order offered.
    pub const ALL: [Self; 7] =
        [Self::Colloquial, Self::Abbreviation, Self::Typo, Self::Traditional, Self::Pinyin, Self::Subject, Self::Sensitive];

    /// The word in the third column.
    pub fn word(self) -> &'static str {
        match self {
            Self::Abbreviation => "abbrev",
            Self::Colloquial => "colloquial",
            Self::Typo => "typo",
            Self::Traditional => "traditional",
            Self::Pinyin => "pinyin",
            Self::Subject => "subject",
            Self::Sensitive => "sensitive",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlossaryEntry {
    pub term: String,
    pub official: String,
    pub kind: WordKind,
}

/// The whole table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Glossary {
    pub entries: Vec<GlossaryEntry>,
}

impl Glossary {
    /// Lays a line that staff wrote over the table: `None` takes the file's line of this term and kind out.
    pub fn lay_over(&mut self, term: &str, kind: WordKind, official: Option<&str>) {
        let at = self.entries.iter().position(|entry| entry.term == term && entry.kind == kind);
        match (at, official) {
            (Some(at), Some(official)) => official.clone_into(&mut self.entries[at].official),
            (Some(at), None) => {
                self.entries.remove(at);
            }
            (None, Some(official)) => {
                self.entries.push(GlossaryEntry { term: term.to_owned(), official: official.to_owned(), kind });
            }
            (None, None) => {}
        }
    }

    /// Entries that are other words for the same thing (not spelling mistakes).
    pub fn everyday(&self) -> impl Iterator<Item = &GlossaryEntry> {
        self.entries.iter().filter(|entry| matches!(entry.kind, WordKind::Abbreviation | WordKind::Colloquial))
    }

    /// Things that only a text that mentions them can be about.
    pub fn subjects(&self) -> impl Iterator<Item = &GlossaryEntry> {
        self.entries.iter().filter(|entry| entry.kind == WordKind::Subject)
    }

    /// Words that are neither answered nor said.
    pub fn sensitive(&self) -> impl Iterator<Item = &GlossaryEntry> {
        self.entries.iter().filter(|entry| entry.kind == WordKind::Sensitive)
    }

    /// Entries that are another spelling: typing mistakes and pinyin.
    pub fn spellings(&self) -> impl Iterator<Item = &GlossaryEntry> {
        self.entries.iter().filter(|entry| matches!(entry.kind, WordKind::Typo | WordKind::Pinyin | WordKind::Traditional))
    }
}

/// Adds the lines of a table, or says which line is wrong.
pub fn parse(name: &str, text: &str, glossary: &mut Glossary, problems: &mut Vec<Problem>) {
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() || line.starts_with('#') || (at == 0 && line.starts_with("term\t")) {
            continue;
        }
        let mut cells = line.split('\t').map(str::trim);
        let (Some(term), Some(official), kind) = (cells.next(), cells.next(), cells.next().unwrap_or("colloquial")) else {
            problems.push(problem(name, at + 1, "", "每行写三列，用制表符隔开：口语词、规范词、kind"));
            continue;
        };
        let Some(kind) = WordKind::parse(if kind.is_empty() { "colloquial" } else { kind }) else {
            let message = format!("“{kind}”不能用，可用的是 abbrev、colloquial、typo、traditional、pinyin、subject、sensitive");
            problems.push(problem(name, at + 1, "kind", &message));
            continue;
        };
        if term.is_empty() || official.is_empty() {
            problems.push(problem(name, at + 1, "", "口语词和规范词都不能为空"));
            continue;
        }
        glossary.entries.push(GlossaryEntry { term: term.to_owned(), official: official.to_owned(), kind });
    }
}
