//! A question cut into its terms, each looked up once, for all that reads it: understanding, ranking, deciding.

use std::ops::Range;

use crate::search::impacts::{TermKey, TermSet};
use crate::search::matter::{Levies, LevyNames};
use crate::search::postings::{Postings, idf, is_common};
use crate::search::snapshot::Snapshot;
use crate::search::views::{Dictionary, View, fold};

/// A text and its terms.
#[derive(Debug, Clone, Default)]
pub struct Cut {
    text: String,
    folded: String,
    terms: Vec<Term>,
    levies: Levies,
}

/// A term of a text.
#[derive(Debug, Clone)]
pub struct Term {
    pub view: View,
    /// Its information: 0 for one that stands everywhere.
    pub idf: f32,
    /// In how many entries it stands.
    pub found: u64,
    /// Whether it stands in so many that it is left out of ranking.
    pub common: bool,
    pub(super) key: TermKey,
    range: Range<usize>,
}

impl Cut {
    /// The text as given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its terms by view, in the order of the text, each once.
    pub fn terms(&self) -> impl Iterator<Item = (&Term, &str)> {
        self.terms.iter().map(|term| (term, &self.folded[term.range.clone()]))
    }

    /// The taxes and levies it names.
    pub fn levies(&self) -> Levies {
        self.levies
    }

    /// Words and pairs, what is both only once, and how many of them are words; the words come first.
    pub fn telling(&self) -> (Vec<(String, f32)>, usize) {
        let mut seen = TermSet::default();
        let (mut telling, mut words) = (Vec::with_capacity(self.terms.len()), 0);
        for (term, text) in self.terms().filter(|(term, _)| term.view != View::Characters) {
            if seen.insert(TermKey::of(text.as_bytes())) {
                telling.push((text.to_owned(), term.idf));
                words += usize::from(term.view == View::Words);
            }
        }
        (telling, words)
    }
}

impl Cut {
    /// Cuts a text and looks its terms up.
    pub(super) fn of(text: &str, dictionary: &Dictionary, postings: &Postings, names: &LevyNames) -> tantivy::Result<Self> {
        let folded = fold(text);
        let entries = postings.entries();
        let mut terms: Vec<Term> = Vec::with_capacity(folded.len());
        let mut seen = TermSet::default();
        for view in View::ALL {
            dictionary.cut(view, &folded, |range| {
                let key = TermKey::of_marked(view.mark(), &folded[range.clone()]);
                if seen.insert(key) {
                    terms.push(Term { view, idf: 0.0, found: 0, common: false, key, range });
                }
            });
        }
        for term in &mut terms {
            term.found = postings.found(term.view, &folded[term.range.clone()])?;
            term.idf = idf(term.found, entries);
            term.common = is_common(term.found, entries);
        }
        Ok(Self { text: text.to_owned(), levies: names.named_in(text), folded, terms })
    }
}

impl Snapshot {
    /// A text cut into its terms, each looked up.
    pub fn cut(&self, text: &str) -> tantivy::Result<Cut> {
        Cut::of(text, &self.dictionary, &self.postings, &self.levies)
    }
}
