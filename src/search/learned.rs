//! What a snapshot ranks with beyond its index: what confirmed pairs taught, and what the texts themselves did. Either may come and go.

use std::sync::{Arc, PoisonError};

use crate::search::bridge::{Bridge, PassageWords};
use crate::search::build::folded_text;
use crate::search::postings::is_common;
use crate::search::snapshot::{PassageId, Snapshot};
use crate::search::vectors::Vectors;
use crate::search::views::View;

/// What was learned, if anything.
#[derive(Debug, Clone, Default)]
pub struct Learned {
    /// From confirmed pairs.
    pub bridge: Option<Arc<Bridge>>,
    /// From the texts.
    pub vectors: Option<Arc<Vectors>>,
}

impl Snapshot {
    /// Ranks with what was learned from now on.
    pub(super) fn take(&self, learned: Learned) {
        if learned.bridge.is_some() {
            self.passage_words();
        }
        *self.learned.write().unwrap_or_else(PoisonError::into_inner) = learned;
    }

    /// The bridge in use.
    pub(super) fn bridge(&self) -> Option<Arc<Bridge>> {
        self.learned.read().unwrap_or_else(PoisonError::into_inner).bridge.clone()
    }

    /// The vectors in use.
    pub fn vectors(&self) -> Option<Arc<Vectors>> {
        self.learned.read().unwrap_or_else(PoisonError::into_inner).vectors.clone()
    }

    /// The words of all passages; worked out at the first use.
    pub(super) fn passage_words(&self) -> &PassageWords {
        self.passage_words.get_or_init(|| {
            let mut words = PassageWords::default();
            for id in self.all_passages() {
                words.push(self.telling_words(id));
            }
            words
        })
    }

    /// Every passage, in order.
    pub(super) fn all_passages(&self) -> impl Iterator<Item = PassageId> + use<> {
        (0..u32::try_from(self.passages.len()).unwrap_or(u32::MAX)).map(PassageId)
    }

    /// The words of a passage that tell it apart: title, headings and everyday words included.
    pub fn telling_words(&self, id: PassageId) -> impl Iterator<Item = String> + use<'_> {
        let (document, passage) = self.passage(id);
        self.telling_words_in(&folded_text(document, &passage.headings, passage.text(document), &self.everyday))
    }

    /// The words of a text that do not stand everywhere.
    pub fn telling_words_in(&self, text: &str) -> impl Iterator<Item = String> + use<'_> {
        let entries = self.postings.entries();
        let words = self.dictionary.terms(View::Words, text);
        words.into_iter().filter(move |word| self.postings.found(View::Words, word).is_ok_and(|found| !is_common(found, entries)))
    }
}
