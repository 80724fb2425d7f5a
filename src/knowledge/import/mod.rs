//! Import: files of any known format become documents, with a report a person can judge before anything is stored.
//! A refusal names the file and the reason; a file is taken whole or not at all.

pub mod corpus;
mod docx;
mod html;
mod lines;
mod numbering;
mod package;
pub mod pdf;
mod reflow;
mod report;
mod text;
mod workbook;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::document::{Document, DocumentKind};
use crate::knowledge::document_number::squeezed;
use crate::knowledge::official::{self, Doubt};
use crate::knowledge::{front_matter, hash_of, passages};

pub use report::words;
use text::Decoded;

/// Larger files are refused.
pub const MAX_FILE_BYTES: u64 = 50 * 1024 * 1024;
/// Deeper nesting than this is a loop of links.
const MAX_DEPTH: usize = 16;

/// Why a file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{file}：文件或文件夹不存在")]
    Missing { file: String },
    #[error("{file}：无法读取（{reason}）")]
    Unreadable { file: String, reason: String },
    #[error("{file}：{megabytes} MB，超过 50 MB 上限，请拆分后再导入")]
    TooLarge { file: String, megabytes: u64 },
    #[error("{file}：看不出是什么编码，没有导入；请用记事本打开核对，另存为 UTF-8 后再导入")]
    Encoding { file: String },
    #[error("{file}：{reason}")]
    Structure { file: String, reason: String },
    #[error("{file}：没有可用的内容")]
    Empty { file: String },
    #[error(
        "{file}：暂不支持这种格式，可导入 .md、.txt、.html、.docx、.pdf、.xlsx；旧版 .doc、.xls 请先用 Word、Excel 或 WPS 另存为 .docx、.xlsx"
    )]
    Format { file: String },
    #[error("{0}")]
    FrontMatter(String),
}

/// A file that was read.
#[derive(Debug, Clone)]
pub struct Imported {
    pub file: String,
    pub document: Document,
    pub passages: usize,
    pub doubts: Vec<Doubt>,
    /// Hash of the body: equal hashes are the same text.
    pub content_hash: String,
    /// Another file of the same import with the same text.
    pub duplicate_of: Option<String>,
}

/// What an import would do.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub imported: Vec<Imported>,
    pub refused: Vec<Refusal>,
}

/// All importable files under `paths`, folders searched to the bottom, in a fixed order.
pub fn files_under(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<Refusal>) {
    let (mut files, mut refused) = (Vec::new(), Vec::new());
    for path in paths {
        if path.is_dir() {
            gather(path, &mut files, 0);
        } else if path.is_file() {
            files.push(path.clone());
        } else {
            refused.push(Refusal::Missing { file: path.display().to_string() });
        }
    }
    files.sort();
    files.dedup();
    (files, refused)
}

/// Reads one file into a document.
pub fn read(path: &Path) -> Result<Imported, Refusal> {
    let file = path.display().to_string();
    let unreadable = |error: std::io::Error| Refusal::Unreadable { file: path.display().to_string(), reason: error.to_string() };
    let size = fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_FILE_BYTES {
        return Err(Refusal::TooLarge { file, megabytes: size / 1024 / 1024 });
    }
    read_bytes(&file, &fs::read(path).map_err(unreadable)?)
}

/// Reads one uploaded file; `name` decides the format.
pub fn read_bytes(name: &str, bytes: &[u8]) -> Result<Imported, Refusal> {
    let file = name.to_owned();
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Refusal::TooLarge { file, megabytes: bytes.len() as u64 / 1024 / 1024 });
    }
    let Some(format) = Format::of(Path::new(name)) else { return Err(Refusal::Format { file }) };
    let mut listed = None;
    let Decoded { text, doubt } = match format {
        Format::Text => text::decode(&file, bytes, None)?,
        Format::Html => html::read(&file, bytes)?,
        Format::Docx => Decoded::sure(docx::read(&file, bytes)?),
        Format::Pdf => Decoded::sure(pdf::read(&file, bytes)?),
        Format::Workbook => {
            let found = workbook::read(&file, &front_matter::stem(name), bytes)?;
            listed = Some((found.questions, found.unanswered));
            Decoded::sure(found.text)
        }
    };
    if text.trim().is_empty() {
        return Err(Refusal::Empty { file });
    }
    let (mut document, mut doubts) = if front_matter::is_digest(&text) {
        (front_matter::parse(name, &text).map_err(|problem| Refusal::FrontMatter(problem.to_string()))?, Vec::new())
    } else {
        official::parse(name, &text)
    };
    if let Some((questions, unanswered)) = listed {
        // A list of questions has no 文号 or day of its own; each answer names its 依据.
        doubts = unanswered.into_iter().map(Doubt::Unanswered).collect();
        document = Document { kind: DocumentKind::Faq, published: None, effective_from: None, ..document };
        document.number = None;
        document.questions = questions;
    }
    doubts.extend(doubt);
    let strange = unreadable_signs(&document.body);
    if strange > 0 {
        doubts.push(Doubt::Unreadable(strange));
    }
    let passages = passages::of(&document).len();
    if passages == 0 {
        return Err(Refusal::Empty { file });
    }
    let content_hash = hash_of(&document.body);
    Ok(Imported { file, document, passages, doubts, content_hash, duplicate_of: None })
}

impl Imported {
    /// Whether it was perhaps misread, so that a person must compare it with its source first.
    pub fn is_doubtful(&self) -> bool {
        self.doubts.iter().any(|doubt| matches!(doubt, Doubt::EncodingGuessed | Doubt::EncodingMisnamed(_) | Doubt::Unreadable(_)))
    }
}

impl Report {
    /// Notes which texts and 文号 are known already, and which known documents would be replaced.
    pub fn compare(&mut self, known: &[Document]) {
        for imported in &mut self.imported {
            let document = &imported.document;
            for other in known {
                let same_text = hash_of(&other.body) == imported.content_hash;
                if other.id == document.id {
                    imported.doubts.push(if same_text { Doubt::Unchanged } else { Doubt::Replaces(other.title.clone()) });
                } else if same_text {
                    imported.doubts.push(Doubt::TextKnown(other.title.clone()));
                } else if is_same_number(document, other) {
                    imported.doubts.push(Doubt::NumberKnown(other.title.clone()));
                }
            }
        }
    }

    /// Adds a file's outcome, noticing texts that came before in the same import.
    pub fn add(&mut self, outcome: Result<Imported, Refusal>) {
        match outcome {
            Ok(mut imported) => {
                imported.duplicate_of =
                    self.imported.iter().find(|other| other.content_hash == imported.content_hash).map(|other| other.file.clone());
                if imported.duplicate_of.is_none() {
                    let same = self.imported.iter().filter(|other| is_same_number(&other.document, &imported.document));
                    imported.doubts.extend(same.map(|other| Doubt::NumberKnown(other.file.clone())).collect::<Vec<_>>());
                }
                self.imported.push(imported);
            }
            Err(refusal) => self.refused.push(refusal),
        }
    }

    /// The documents to store: duplicates left out, the last of several files with one name taken.
    pub fn documents(self) -> Vec<Imported> {
        let mut by_id: HashMap<String, usize> = HashMap::new();
        let mut kept: Vec<Imported> = Vec::new();
        for imported in self.imported.into_iter().filter(|imported| imported.duplicate_of.is_none()) {
            match by_id.get(&imported.document.id) {
                Some(at) => kept[*at] = imported,
                None => {
                    by_id.insert(imported.document.id.clone(), kept.len());
                    kept.push(imported);
                }
            }
        }
        kept
    }
}

/// Whether two documents carry one 文号 in whatever form, as two versions or a slip of the pen would.
fn is_same_number(one: &Document, other: &Document) -> bool {
    match (&one.number, &other.number) {
        (Some(one), Some(other)) => squeezed(one) == squeezed(other),
        (None | Some(_), None) | (None, Some(_)) => false,
    }
}

/// Signs that no text has: what a font without names for its letters, or a wrong encoding, leaves behind.
fn unreadable_signs(text: &str) -> usize {
    let strange = |c: &char| {
        matches!(c, '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{7f}'..='\u{9f}')
            || c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}')
    };
    text.chars().filter(strange).count()
}

/// What a file is, by the ending of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Html,
    Docx,
    Pdf,
    /// A list of questions.
    Workbook,
}

impl Format {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "md" | "markdown" | "txt" => Some(Self::Text),
            "html" | "htm" => Some(Self::Html),
            "docx" => Some(Self::Docx),
            "pdf" => Some(Self::Pdf),
            "xlsx" => Some(Self::Workbook),
            _ => None,
        }
    }
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>, depth: usize) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let read_me = path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case("readme"));
        if path.is_dir() && !hidden && depth < MAX_DEPTH {
            gather(&path, files, depth + 1);
        } else if path.is_file() && !hidden && !read_me && Format::of(&path).is_some() {
            files.push(path);
        }
    }
}
