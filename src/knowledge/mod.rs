//! What the service knows: documents, glossary and calendar, from files a clerk edits or from what is built into the program.
//! Its one rule: nothing half-read gets in. A file that cannot be read whole is a [`Problem`] naming file, line, field and remedy.

pub mod calendar;
mod contradictions;
pub mod document_number;
mod due;
mod front_matter;
pub mod glossary;
pub mod import;
mod lists;
mod official;
pub mod passages;
mod source;
mod succession;
mod verified;

use std::collections::HashMap;
use std::fmt;

use sha2::{Digest, Sha256};

use crate::domain::document::Document;
use crate::domain::matter_list::MatterList;
use crate::domain::workday::WorkCalendar;

pub use contradictions::contradictions;
pub use due::{Due, DueKind, NOTICE_DAYS, due};
pub use front_matter::parse as parse_digest;
pub use glossary::{Glossary, GlossaryEntry};
pub use lists::holding as lists_holding;
pub use official::{Doubt, parse as parse_official, short_title};
pub use passages::{of as passages_of, sentences};
pub use source::Source;

/// Folders with digest files, beside `glossary.tsv` and `calendar/`.
const DOCUMENT_FOLDERS: [&str; 3] = ["policies/", "guides/", "verified/"];

/// Everything known, ready to be indexed.
#[derive(Debug, Clone, Default)]
pub struct Library {
    /// By id; validity already carries what later documents replaced.
    pub documents: Vec<Document>,
    /// 零跑, 最多跑一次, 容缺; each is a document too.
    pub lists: Vec<MatterList>,
    pub glossary: Glossary,
    pub calendar: WorkCalendar,
    /// Hash of all content: another value means other answers are possible.
    pub fingerprint: String,
}

/// What is wrong with a file, in words for the clerk who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: String,
    /// From 1; 0 where no line can be named.
    pub line: usize,
    pub field: String,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, " 第{}行", self.line)?;
        }
        if !self.field.is_empty() {
            write!(f, "，{}", self.field)?;
        }
        write!(f, "：{}", self.message)
    }
}

/// Reads everything in `source`; on failure all problems at once, so that a clerk corrects them in one go.
pub fn load(source: &Source) -> Result<Library, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut library = Library::default();
    let mut seen: HashMap<String, String> = HashMap::new();
    let files = match source.files() {
        Ok(files) => files,
        Err(problem) => return Err(vec![problem]),
    };
    for (name, bytes) in &files {
        let Ok(text) = std::str::from_utf8(bytes) else {
            problems.push(problem(name, 0, "", "不是 UTF-8 编码，请另存为 UTF-8"));
            continue;
        };
        if name == "glossary.tsv" {
            glossary::parse(name, text, &mut library.glossary, &mut problems);
        } else if let Some(kind) = calendar::kind_of(name) {
            calendar::parse(kind, name, text, &mut library.calendar, &mut problems);
        } else if lists::is_list(name) {
            match lists::parse(name, text) {
                Ok((document, list)) => match seen.insert(document.id.clone(), name.clone()) {
                    Some(other) => problems.push(problem(name, 0, "", &format!("与 {other} 同名，请改文件名"))),
                    None => {
                        library.documents.push(document);
                        library.lists.push(list);
                    }
                },
                Err(found) => problems.extend(found),
            }
        } else if DOCUMENT_FOLDERS.iter().any(|folder| name.starts_with(folder)) && name.ends_with(".md") {
            match front_matter::parse(name, text) {
                Ok(document) => match seen.insert(document.id.clone(), name.clone()) {
                    Some(other) => problems.push(problem(name, 0, "", &format!("与 {other} 同名，请改文件名"))),
                    None => library.documents.push(document),
                },
                Err(problem) => problems.push(problem),
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    library.fingerprint = hash(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_ref())));
    succession::derive(&mut library.documents);
    let mut unknown = verified::unknown_sources(&library.documents);
    unknown.extend(lists::unknown_guides(&library.lists, &library.documents));
    if !unknown.is_empty() {
        return Err(unknown);
    }
    verified::lapse(&mut library.documents);
    Ok(library)
}

impl Library {
    /// A library of these documents alone, with the words and calendar of this one.
    #[must_use]
    pub fn of_documents(documents: Vec<Document>, glossary: Glossary, calendar: WorkCalendar) -> Self {
        let mut library = Self { documents, glossary, calendar, ..Self::default() };
        succession::derive(&mut library.documents);
        verified::lapse(&mut library.documents);
        library.fingerprint = library.content_hash("");
        library
    }

    /// A corpus for measuring: taken as it is, without asking which text replaced which.
    #[must_use]
    pub fn corpus(documents: Vec<Document>, glossary: Glossary, calendar: WorkCalendar) -> Self {
        let mut library = Self { documents, glossary, calendar, ..Self::default() };
        library.fingerprint = library.content_hash("");
        library
    }

    /// This library with documents from the store; one with a known id takes the place of the built-in one.
    #[must_use]
    pub fn with(mut self, stored: Vec<Document>) -> Self {
        if stored.is_empty() {
            return self;
        }
        for document in stored {
            self.lists.retain(|list| list.document != document.id);
            match self.documents.iter_mut().find(|known| known.id == document.id) {
                Some(known) => *known = document,
                None => self.documents.push(document),
            }
        }
        succession::derive(&mut self.documents);
        verified::lapse(&mut self.documents);
        self.fingerprint = self.content_hash(&self.fingerprint);
        self
    }

    /// The same with years of the calendar that staff loaded; they take the place of the files'.
    #[must_use]
    pub fn with_calendar(mut self, loaded: WorkCalendar) -> Self {
        if loaded != WorkCalendar::default() {
            self.fingerprint = hash([(self.fingerprint.as_str(), format!("{loaded:?}").as_bytes())].into_iter());
            self.calendar.work.extend(loaded.work);
            self.calendar.filing.extend(loaded.filing);
        }
        self
    }

    /// This library with the words that staff wrote laid over the table of the file.
    #[must_use]
    pub fn worded<'a>(mut self, words: impl IntoIterator<Item = (&'a str, glossary::WordKind, Option<&'a str>)>) -> Self {
        let mut changed = false;
        for (term, kind, official) in words {
            self.glossary.lay_over(term, kind, official);
            changed = true;
        }
        if changed {
            self.fingerprint = self.content_hash(&self.fingerprint);
        }
        self
    }

    fn content_hash(&self, base: &str) -> String {
        let mut hasher = Sha256::new();
        hasher.update(base.as_bytes());
        for document in &self.documents {
            let mut part = |text: &str| {
                hasher.update(text.len().to_le_bytes());
                hasher.update(text.as_bytes());
            };
            part(&document.id);
            part(&document.title);
            part(document.number.as_deref().unwrap_or_default());
            part(document.interprets.as_deref().unwrap_or_default());
            part(&document.body);
            if let Some(verified) = &document.verified {
                part(&format!("{verified:?}"));
            }
            for question in &document.questions {
                part(question);
            }
            for question in &document.unanswered {
                part(&format!("?{question}"));
            }
            hasher.update(format!("{:?}{:?}{:?}", document.effective_from, document.effective_to, document.status));
        }
        for entry in &self.glossary.entries {
            hasher.update(format!("{}\t{}\t{}\n", entry.term, entry.official, entry.kind.word()));
        }
        hex::encode(hasher.finalize())
    }
}

/// SHA-256 over names and contents, as hex.
fn hash<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut hasher = Sha256::new();
    for (name, bytes) in files {
        hasher.update(name.len().to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update(bytes.len().to_le_bytes());
        hasher.update(bytes);
    }
    hex::encode(hasher.finalize())
}

/// SHA-256 of one text, as hex: tells whether an imported document is already there.
pub fn hash_of(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

fn problem(file: &str, line: usize, field: &str, message: &str) -> Problem {
    Problem { file: file.to_owned(), line, field: field.to_owned(), message: message.to_owned() }
}
