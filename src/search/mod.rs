//! The index over passages: a cache of what is known, never the truth. Missing, damaged or of another shape, it is built again.
//! Readers hold a [`Snapshot`]; a refresh swaps it whole, so nobody ever sees half an index.

mod bridge;
mod build;
mod citations;
mod cut;
mod everyday;
mod gist;
mod impacts;
mod interpretations;
mod learned;
mod left_open;
mod likeness;
mod matter;
mod naive;
mod postings;
mod rank;
mod routes;
mod skip_gram;
mod snapshot;
mod sounds;
mod speaks;
mod vectors;
mod views;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use crate::knowledge::Library;

use bridge::Bridge;
use learned::Learned;

pub use bridge::{Meanings, Pair, Unreadable};
pub use build::{FreshlyBuilt, SearchError};
pub use cut::{Cut, Term};
pub use left_open::Open;
pub use likeness::Said;
pub use matter::Levies;
pub use naive::Naive;
pub use rank::{Hit, Part, Request, Standing};
pub use routes::ArticleRoute;
pub use snapshot::{Cutting, PassageId, Snapshot};
pub use sounds::Sounds;
pub use vectors::{FEWEST_PASSAGES, Unusable, Vectors};
pub use views::{View, fold};

/// Where the index lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Memory,
    /// A folder of ours: older indexes in it are removed.
    Folder(PathBuf),
}

/// The searchable knowledge; share it as `Arc<Search>`.
#[derive(Debug)]
pub struct Search {
    place: Place,
    most_bytes: u64,
    current: RwLock<Arc<Snapshot>>,
    /// What was learned, if anything; every snapshot gets what fits it.
    learned: RwLock<Learned>,
}

impl Search {
    /// Opens the index of `library`, building it where there is none that fits. Takes CPU: call it on a blocking thread.
    pub fn open(place: Place, library: Library, cutting: Cutting) -> Result<Self, SearchError> {
        Self::open_within(place, library, cutting, u64::MAX)
    }

    /// The same where the index in memory may take `most_bytes`: a larger one is searched on disk, with the same formula and slower.
    pub fn open_within(place: Place, library: Library, cutting: Cutting, most_bytes: u64) -> Result<Self, SearchError> {
        let snapshot = build::open(&place, library, cutting, most_bytes)?;
        Ok(Self { place, most_bytes, current: RwLock::new(Arc::new(snapshot)), learned: RwLock::default() })
    }

    /// What is known now; keep it for the length of one answer.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes `library` in place of what was known; nothing happens where the content is the same. Takes CPU.
    pub fn replace(&self, library: Library) -> Result<(), SearchError> {
        if self.snapshot().fingerprint() == library.fingerprint {
            return Ok(());
        }
        let snapshot = build::open(&self.place, library, Cutting::Passages, self.most_bytes)?;
        // Vectors are of the passages as they were: the new ones have none until they are learned again.
        snapshot.take(Learned { vectors: None, ..self.learned.read().unwrap_or_else(PoisonError::into_inner).clone() });
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
        Ok(())
    }

    /// Ranks with what was learned from confirmed pairs from now on; `None` ranks without. Takes CPU.
    pub fn cross(&self, meanings: Option<&Meanings>) {
        let bridge = meanings.filter(|meanings| !meanings.is_empty()).map(|meanings| Arc::new(Bridge::from(meanings)));
        let mut learned = self.learned.write().unwrap_or_else(PoisonError::into_inner);
        learned.bridge = bridge;
        self.snapshot().take(learned.clone());
    }

    /// Ranks with the vectors of the passages from now on; those of other passages are refused, and nothing changes. Takes CPU.
    pub fn compare(&self, vectors: Vectors) -> Result<(), Unusable> {
        let snapshot = self.snapshot();
        vectors.fits(&snapshot)?;
        let mut learned = self.learned.write().unwrap_or_else(PoisonError::into_inner);
        learned.vectors = Some(Arc::new(vectors));
        snapshot.take(learned.clone());
        Ok(())
    }

    /// Ranks without vectors from now on.
    pub fn without_vectors(&self) {
        let mut learned = self.learned.write().unwrap_or_else(PoisonError::into_inner);
        learned.vectors = None;
        self.snapshot().take(learned.clone());
    }
}
