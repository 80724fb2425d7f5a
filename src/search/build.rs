//! Building and opening the index. A folder's name carries the hash of schema, words and content, so that "does it fit" is a look at a name;
//! a half-written index never has a final name.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;

use sha2::{Digest, Sha256};
use tantivy::directory::MmapDirectory;
use tantivy::merge_policy::NoMergePolicy;
use tantivy::schema::{FAST, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions};
use tantivy::{Index, IndexWriter, TantivyDocument};

use crate::domain::document::Document;
use crate::knowledge::{Glossary, Library, hash_of};
use crate::search::Place;
use crate::search::everyday::{Everyday, parts};
use crate::search::postings::Postings;
use crate::search::snapshot::{Cutting, Opened, Prepared, Snapshot};
use crate::search::views::{Dictionary, ViewTokenizer, fold, fold_onto};

/// Raise it whenever schema, tokenizers or what is indexed changes: older indexes are then built again.
const SHAPE: u32 = 2;
/// Little above tantivy's smallest arena for one thread; more only costs memory here.
const WRITER_BYTES: usize = 16 * 1024 * 1024;
/// Texts handed to the writer before it must have written them.
const QUEUED: usize = 1_000;
/// Segments a large collection is written in.
const SEGMENTS: usize = 60;
/// Curated questions are numbered from here on, passages from 0.
pub(super) const FIRST_QUESTION: u64 = 1 << 32;
const PREFIX: &str = "index-";
/// File with the hash of all others.
const SEAL: &str = "seal";
/// Read at a time while hashing, so that a large index is never in memory whole.
const CHUNK_BYTES: usize = 256 * 1024;
/// Lock files of tantivy come and go.
const LOCK_ENDING: &str = ".lock";

/// Whether opening found an index or made one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreshlyBuilt {
    Built,
    Found,
}

/// Why there is no index.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("检索索引无法建立：{0}")]
    Index(#[from] tantivy::TantivyError),
    #[error("检索索引文件夹 {folder} 无法写入：{source}")]
    Folder { folder: String, source: std::io::Error },
}

struct Fields {
    schema: Schema,
    text: Field,
    entry: Field,
}

/// Opens the index of `library` at `place`; what is searched in memory may take `most_bytes`.
pub(super) fn open(place: &Place, library: Library, cutting: Cutting, most_bytes: u64) -> Result<Snapshot, SearchError> {
    let dictionary = Dictionary::with_words(lexicon(&library).iter().map(String::as_str));
    let everyday = Everyday::of(&library.glossary);
    let prepared = Prepared::of(&library, cutting);
    let fields = fields();
    let text = fields.text;
    let entries = prepared.passages.len() + prepared.asked.len();
    let (index, built, index_bytes) = match place {
        Place::Memory => {
            let index = Index::create_in_ram(fields.schema.clone());
            write(&index, &fields, &library, &prepared, &dictionary, &everyday)?;
            let bytes = index.searchable_segment_metas()?.iter().map(|segment| u64::from(segment.max_doc())).sum::<u64>();
            (index, FreshlyBuilt::Built, bytes)
        }
        Place::Folder(root) => in_folder(root, &fields, &library, &prepared, &dictionary, &everyday, entries)?,
    };
    let postings = Postings::of(&index, text, prepared.passages.len(), prepared.asked.len(), most_bytes)?;
    drop(index);
    let opened = Opened { postings, built, index_bytes };
    Ok(Snapshot::assemble(library, cutting, prepared, dictionary, everyday, opened)?)
}

fn in_folder(
    root: &Path,
    fields: &Fields,
    library: &Library,
    prepared: &Prepared,
    dictionary: &Dictionary,
    everyday: &Everyday,
    entries: usize,
) -> Result<(Index, FreshlyBuilt, u64), SearchError> {
    let failed = |source| SearchError::Folder { folder: root.display().to_string(), source };
    fs::create_dir_all(root).map_err(failed)?;
    let key = hash_of(&format!("{SHAPE}|{}|{}", library.fingerprint, glossary_key(&library.glossary)));
    let folder = root.join(format!("{PREFIX}{}", &key[..24]));
    if let Some(index) = found(&folder, fields, entries) {
        let bytes = size_of(&folder);
        return Ok((index, FreshlyBuilt::Found, bytes));
    }
    let unfinished = tempfile::Builder::new().prefix("unfinished-").tempdir_in(root).map_err(failed)?;
    let index = Index::create_in_dir(unfinished.path(), fields.schema.clone())?;
    write(&index, fields, library, prepared, dictionary, everyday)?;
    drop(index);
    let seal = seal_of(unfinished.path()).map_err(failed)?;
    fs::write(unfinished.path().join(SEAL), seal).map_err(failed)?;
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(failed)?;
    }
    fs::rename(unfinished.path(), &folder).map_err(failed)?;
    remove_older(root, &folder);
    let index = Index::open(MmapDirectory::open(&folder).map_err(tantivy::TantivyError::from)?)?;
    let bytes = size_of(&folder);
    Ok((index, FreshlyBuilt::Built, bytes))
}

/// The index in `folder`, if it is whole: readable, of our schema, with the right number of entries, and unchanged since it was sealed.
fn found(folder: &Path, fields: &Fields, entries: usize) -> Option<Index> {
    // The seal is looked at first: tantivy itself may panic on a file that was cut short.
    if fs::read_to_string(folder.join(SEAL)).ok()? != seal_of(folder).ok()? {
        return None;
    }
    let index = Index::open(MmapDirectory::open(folder).ok()?).ok()?;
    let counted: usize = index.searchable_segment_metas().ok()?.iter().map(|segment| segment.num_docs() as usize).sum();
    (index.schema() == fields.schema && counted == entries).then_some(index)
}

/// Hash over names and contents of the index files.
fn seal_of(folder: &Path) -> std::io::Result<String> {
    let mut names: Vec<_> = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?.iter().map(|entry| entry.file_name()).collect();
    names.retain(|name| name != SEAL && !name.to_string_lossy().ends_with(LOCK_ENDING));
    names.sort();
    let mut hasher = Sha256::new();
    for name in names {
        hasher.update(name.as_encoded_bytes());
        let mut file = BufReader::with_capacity(CHUNK_BYTES, fs::File::open(folder.join(&name))?);
        loop {
            let chunk = file.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            hasher.update(chunk);
            let read = chunk.len();
            file.consume(read);
        }
    }
    Ok(hex::encode(hasher.finalize()))
}

fn write(
    index: &Index,
    fields: &Fields,
    library: &Library,
    prepared: &Prepared,
    dictionary: &Dictionary,
    everyday: &Everyday,
) -> Result<(), SearchError> {
    index.tokenizers().register(ViewTokenizer::NAME, ViewTokenizer(dictionary.clone()));
    let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES)?;
    // Searched is what is read from the segments; merging them would cost memory and gain nothing.
    writer.set_merge_policy(Box::new(NoMergePolicy));
    // The writer's queue takes ten thousand texts; a commit now and then keeps them from piling up, and segments from being many.
    let queued = QUEUED.max(prepared.passages.len() / SEGMENTS);
    for (at, (document, passage)) in prepared.passages.iter().enumerate() {
        let document = &library.documents[*document as usize];
        let text = folded_text(document, &passage.headings, passage.text(document), everyday);
        writer.add_document(entry(fields, at as u64, &text))?;
        if (at + 1) % queued == 0 {
            writer.commit()?;
        }
    }
    for (at, asked) in prepared.asked.iter().enumerate() {
        let document = &library.documents[asked.document as usize];
        let spoken = format!("{} {}", asked.question, everyday.words_for(&fold(&format!("{} {}", document.title, asked.question))));
        writer.add_document(entry(fields, FIRST_QUESTION + at as u64, &spoken))?;
    }
    writer.commit()?;
    writer.wait_merging_threads()?;
    Ok(())
}

/// What is indexed of a passage, folded: title and headings stand in the same text (a title field of its own measured worse).
pub(super) fn folded_text(document: &Document, headings: &[String], text: &str, everyday: &Everyday) -> String {
    let mut folded = String::with_capacity(document.title.len() + text.len() + 128);
    fold_onto(&mut folded, &document.title);
    for part in headings {
        folded.push('\n');
        fold_onto(&mut folded, part);
    }
    folded.push('\n');
    fold_onto(&mut folded, text);
    let words = everyday.words_for(&folded);
    if !words.is_empty() {
        folded.push('\n');
        fold_onto(&mut folded, &words);
    }
    folded
}

fn entry(fields: &Fields, number: u64, text: &str) -> TantivyDocument {
    let mut entry = TantivyDocument::new();
    entry.add_text(fields.text, text);
    entry.add_u64(fields.entry, number);
    entry
}

fn fields() -> Fields {
    let mut builder = Schema::builder();
    let indexing = TextFieldIndexing::default().set_tokenizer(ViewTokenizer::NAME).set_index_option(IndexRecordOption::WithFreqs);
    let text = builder.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
    let entry = builder.add_u64_field("entry", NumericOptions::default() | FAST);
    Fields { schema: builder.build(), text, entry }
}

/// Words jieba must not cut: official terms, everyday terms, topics.
fn lexicon(library: &Library) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut add = |word: &str| {
        let length = word.chars().count();
        if (2..=10).contains(&length) && word.chars().all(char::is_alphanumeric) {
            words.insert(fold(word));
        }
    };
    for entry in library.glossary.everyday() {
        add(&entry.term);
        parts(&entry.official).for_each(&mut add);
    }
    for document in &library.documents {
        document.topics.iter().chain(&document.audience).for_each(|topic| add(topic));
    }
    words
}

fn glossary_key(glossary: &Glossary) -> String {
    glossary.entries.iter().map(|entry| format!("{}\t{}\n", entry.term, entry.official)).collect()
}

fn size_of(folder: &Path) -> u64 {
    fs::read_dir(folder).map_or(0, |entries| entries.flatten().filter_map(|entry| entry.metadata().ok()).map(|facts| facts.len()).sum())
}

/// Indexes of earlier content; one that is in use elsewhere stays readable there until it is closed.
fn remove_older(root: &Path, keep: &Path) {
    let Ok(entries) = fs::read_dir(root) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let ours = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
        if ours
            && path != keep
            && let Err(error) = fs::remove_dir_all(&path)
        {
            tracing::debug!(error = %error, "an older index could not be removed");
        }
    }
}
