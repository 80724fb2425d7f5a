//! Keeping the index up to date: knowledge files by a look at their dates, imported documents by the store's revision number.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use tokio::sync::Mutex;

use crate::answering::{Answering, Embeddings, Model, learning, vectors};
use crate::config::Config;
use crate::domain::document::Document;
use crate::domain::time::Timestamp;
use crate::domain::workday::WorkCalendar;
use crate::knowledge::glossary::WordKind;
use crate::knowledge::{self, Source};
use crate::search::{Cutting, Place, Search};
use crate::store::words::{self, Change, Word};
use crate::store::{Store, calendars, documents, questions};

/// What the index was last built from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    files: String,
    revision: i64,
}

/// What staff brought in, beside the files.
struct Stored {
    published: Vec<Document>,
    calendar: WorkCalendar,
    words: Vec<Word>,
}

impl Stored {
    /// A year staff loaded takes the place of the file's; a word they wrote lies over the file's line.
    fn added_to(self, library: knowledge::Library) -> knowledge::Library {
        let words = self.words.iter().filter_map(|word| {
            let official = match &word.change {
                Change::Means(official) => Some(official.as_str()),
                Change::Removed => None,
            };
            Some((word.term.as_str(), WordKind::parse(&word.kind)?, official))
        });
        library.with(self.published).with_calendar(self.calendar).worded(words)
    }
}

/// Watches both sources of knowledge.
#[derive(Debug)]
pub struct Freshness {
    source: Source,
    store: Store,
    search: Arc<Search>,
    embeddings: Option<Arc<Embeddings>>,
    /// Where the learned words are, if anything was learned.
    bridge: PathBuf,
    /// Size and date of that file when it was read; empty where there was none.
    learned: Mutex<String>,
    /// Where the vectors learned from the texts are, if any were, and how that file was when it was read.
    vectors: PathBuf,
    compared: Mutex<String>,
    seen: Mutex<Mark>,
}

/// Opens knowledge, store documents and index as configured; the index lies in the data folder.
pub async fn open(config: &Config, store: &Store) -> anyhow::Result<(Answering, Freshness)> {
    let source = Source::of(config);
    let (mark, stored) = stored(&source, store).await?;
    let place = Place::Folder(index_folder(&config.data_dir));
    let reading = source.clone();
    let bridge = learning::bridge_file(&config.data_dir);
    let (learned, file) = (stamp(&bridge), bridge.clone());
    let vectors = vectors::vectors_file(&config.data_dir);
    let (compared, of_vectors) = (stamp(&vectors), vectors.clone());
    let (wanted, most_bytes) = (config.embeddings.clone(), config.search.memory_bytes());
    let (search, embeddings) = tokio::task::spawn_blocking(move || -> anyhow::Result<(Search, Option<Embeddings>)> {
        let embeddings = Embeddings::from_config(&wanted)?;
        let library = stored.added_to(load(&reading)?);
        let search = Search::open_within(place, library, Cutting::Passages, most_bytes)?;
        search.cross(learning::read(&file).as_ref());
        vectors::take(&search, &of_vectors);
        if let Some(embeddings) = &embeddings {
            embeddings.follow_here(&search.snapshot());
        }
        Ok((search, embeddings))
    })
    .await
    .context("index task")??;
    let (search, embeddings) = (Arc::new(search), embeddings.map(Arc::new));
    let answering = Answering::new(Arc::clone(&search), &config.desk.hotline)
        .with_model(Model::from_config(&config.model)?)
        .with_embeddings(embeddings.clone());
    let (learned, compared, seen) = (Mutex::new(learned), Mutex::new(compared), Mutex::new(mark));
    Ok((answering, Freshness { source, store: store.clone(), search, embeddings, bridge, learned, vectors, compared, seen }))
}

/// Everything known as it would be answered from: the files, what staff brought in and wrote, verified answers included.
pub async fn library(config: &Config, store: &Store) -> anyhow::Result<knowledge::Library> {
    let source = Source::of(config);
    let (_, stored) = stored(&source, store).await?;
    tokio::task::spawn_blocking(move || Ok(stored.added_to(load(&source)?))).await.context("reading task")?
}

/// Reads the knowledge files as configured and keeps nothing: for finding mistakes before anything is opened.
pub fn check(config: &Config) -> anyhow::Result<()> {
    load(&Source::of(config)).map(drop)
}

/// Where the index of a data folder lies.
pub fn index_folder(data_dir: &Path) -> std::path::PathBuf {
    data_dir.join("index")
}

impl Freshness {
    /// Brings the index up to date if files or imported documents changed; true if they did. A broken file changes nothing: the error names it.
    pub async fn refresh_if_changed(&self) -> anyhow::Result<bool> {
        let read = self.follow_bridge().await? | self.follow_vectors().await?;
        if !self.follow_knowledge().await? {
            return Ok(read);
        }
        self.learn_again().await?;
        self.learn_vectors_again().await?;
        Ok(true)
    }

    /// Brings the vectors of the passages up to what is known, where embeddings are configured.
    pub async fn follow_meaning(&self, now: Timestamp) {
        if let Some(embeddings) = &self.embeddings {
            embeddings.follow(&self.search.snapshot(), now).await;
        }
    }

    /// Takes the learned words where `taxhome learn` wrote new ones; true if it did.
    async fn follow_bridge(&self) -> anyhow::Result<bool> {
        let mut learned = self.learned.lock().await;
        let (now, file, search) = (stamp(&self.bridge), self.bridge.clone(), Arc::clone(&self.search));
        if *learned == now {
            return Ok(false);
        }
        tokio::task::spawn_blocking(move || search.cross(learning::read(&file).as_ref())).await.context("learning task")?;
        *learned = now;
        Ok(true)
    }

    /// Takes the vectors where `taxhome learn --vectors` wrote new ones; true if it did.
    async fn follow_vectors(&self) -> anyhow::Result<bool> {
        let mut compared = self.compared.lock().await;
        let (now, file, search) = (stamp(&self.vectors), self.vectors.clone(), Arc::clone(&self.search));
        if *compared == now {
            return Ok(false);
        }
        tokio::task::spawn_blocking(move || vectors::take(&search, &file)).await.context("vectors task")?;
        *compared = now;
        Ok(true)
    }

    /// Learns the vectors of the changed texts, if any were ever learned; until then ranking goes on without.
    async fn learn_vectors_again(&self) -> anyhow::Result<()> {
        let mut compared = self.compared.lock().await;
        if compared.is_empty() {
            return Ok(());
        }
        let (file, search) = (self.vectors.clone(), Arc::clone(&self.search));
        let followed = tokio::task::spawn_blocking(move || vectors::follow(&search, &file)).await.context("vectors task")?;
        followed.context("the learned vectors could not be written")?;
        *compared = stamp(&self.vectors);
        Ok(())
    }

    /// Learns again from the changed knowledge, if anything was ever learned.
    async fn learn_again(&self) -> anyhow::Result<()> {
        let mut learned = self.learned.lock().await;
        if learned.is_empty() {
            return Ok(());
        }
        let useful = questions::found_useful(&mut *self.store.read().await?).await?;
        let (file, search) = (self.bridge.clone(), Arc::clone(&self.search));
        tokio::task::spawn_blocking(move || -> std::io::Result<()> {
            let Some(known) = learning::read(&file) else { return Ok(()) };
            let snapshot = search.snapshot();
            let confirmed = learning::confirmed(&snapshot, useful, &known);
            if learning::name_of(&snapshot, &confirmed) != known.learned_from {
                let meanings = learning::learn(&snapshot, &confirmed).with_labelled(known.labelled);
                learning::write(&file, &meanings)?;
                search.cross(Some(&meanings));
            }
            Ok(())
        })
        .await
        .context("learning task")?
        .context("the learned words could not be written")?;
        *learned = stamp(&self.bridge);
        Ok(())
    }

    async fn follow_knowledge(&self) -> anyhow::Result<bool> {
        let source = self.source.clone();
        let files = tokio::task::spawn_blocking(move || source.fingerprint()).await.context("listing task")?;
        let revision = documents::revision(&mut *self.store.read().await?).await?;
        let now = Mark { files, revision };
        if *self.seen.lock().await == now {
            return Ok(false);
        }
        let (mark, stored) = stored(&self.source, &self.store).await?;
        let (source, search) = (self.source.clone(), Arc::clone(&self.search));
        tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
            let library = stored.added_to(load(&source)?);
            Ok(search.replace(library)?)
        })
        .await
        .context("index task")??;
        *self.seen.lock().await = mark;
        Ok(true)
    }
}

async fn stored(source: &Source, store: &Store) -> anyhow::Result<(Mark, Stored)> {
    let source = source.clone();
    let files = tokio::task::spawn_blocking(move || source.fingerprint()).await.context("listing task")?;
    let mut conn = store.read().await?;
    // The number is read first: a document that comes in between is then read twice, never missed.
    let revision = documents::revision(&mut conn).await?;
    let published = documents::published(&mut conn).await?;
    let calendar = calendars::all(&mut conn).await?;
    let words = words::all(&mut conn).await?;
    Ok((Mark { files, revision }, Stored { published, calendar, words }))
}

/// Changes with a file's content; empty where there is no file.
fn stamp(file: &Path) -> String {
    let Ok(facts) = fs::metadata(file) else { return String::new() };
    format!("{}:{:?}", facts.len(), facts.modified().ok())
}

fn load(source: &Source) -> anyhow::Result<knowledge::Library> {
    knowledge::load(source).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow!("知识库有 {} 处需要修改：\n{}", lines.len(), lines.join("\n"))
    })
}
