//! What a short text says: its words and pairs with their information. Two ways of asking the same thing share most of it.

use crate::search::cut::Cut;
use crate::search::impacts::TermKey;
use crate::search::views::View;

/// Words and pairs of a text, each once, in the order of their keys.
#[derive(Debug, Default)]
pub(super) struct Gist {
    terms: Box<[(TermKey, f32)]>,
    weight: f32,
}

impl Gist {
    /// Reads a text that is cut.
    pub(super) fn of(cut: &Cut) -> Self {
        let told = cut.terms().filter(|(term, _)| term.view != View::Characters);
        let mut terms: Vec<(TermKey, f32)> = told.map(|(term, text)| (TermKey::of(text.as_bytes()), term.idf)).collect();
        // Stable: of a word that is a pair too the word comes first and is what counts.
        terms.sort_by_key(|(key, _)| *key);
        terms.dedup_by_key(|(key, _)| *key);
        let weight = terms.iter().map(|(_, weight)| weight).sum();
        Self { terms: terms.into_boxed_slice(), weight }
    }

    /// Share of the information that is in both, 0 to 1.
    pub(super) fn likeness(&self, other: &Self) -> f32 {
        let mut shared = 0.0;
        let mut rest = other.terms.iter().peekable();
        for (key, weight) in &self.terms {
            while rest.next_if(|(known, _)| known < key).is_some() {}
            if rest.next_if(|(known, _)| known == key).is_some() {
                shared += weight;
            }
        }
        let all = self.weight + other.weight;
        if all > 0.0 { 2.0 * shared / all } else { 0.0 }
    }
}
