//! What a short text says: its words and pairs with their information. Two ways of asking the same thing share most of it.

use crate::search::impacts::TermKey;
use crate::search::postings::{Postings, idf};
use crate::search::views::{Dictionary, View};

/// Words and pairs of a text, each once, in the order of their keys.
#[derive(Debug, Default)]
pub(super) struct Gist {
    terms: Vec<(TermKey, f32)>,
    weight: f32,
}

impl Gist {
    /// Reads a text; it takes a lookup per term.
    pub(super) fn of(text: &str, dictionary: &Dictionary, postings: &Postings) -> tantivy::Result<Self> {
        let mut terms: Vec<(TermKey, f32)> = Vec::new();
        for view in [View::Words, View::Pairs] {
            for term in dictionary.terms(view, text) {
                let key = TermKey::of(term.as_bytes());
                if !terms.iter().any(|(known, _)| *known == key) {
                    terms.push((key, idf(postings.found(view, &term)?, postings.entries())));
                }
            }
        }
        terms.sort_unstable_by_key(|(key, _)| *key);
        let weight = terms.iter().map(|(_, weight)| weight).sum();
        Ok(Self { terms, weight })
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
