//! Everyday words are added to the passages, not to the question: a passage about 个体工商户 also says 小店, 夫妻店, 个体户.
//! Measured: worth more than expanding questions, and it costs nothing when somebody asks.

use std::collections::{BTreeSet, HashMap};

use aho_corasick::AhoCorasick;

use crate::knowledge::{Glossary, GlossaryEntry};
use crate::search::views::fold;

/// Words that make any text one of the field.
const PLAIN_WORDS: [&str; 9] = ["税", "票", "优惠", "申报", "减免", "抵扣", "%", "征收", "社保"];

/// Official terms with the words people use for them.
#[derive(Debug)]
pub struct Everyday {
    officials: Vec<String>,
    patterns: AhoCorasick,
    terms: HashMap<String, Vec<String>>,
    /// Things of their own, and where they are named.
    subjects: Vec<GlossaryEntry>,
    named: AhoCorasick,
    /// Official and everyday words alike: a text with none of them is hardly about taxes.
    field: AhoCorasick,
}

impl Everyday {
    /// Prepares the table; an official term written as "甲（乙、丙）" stands for each of its parts.
    pub fn of(glossary: &Glossary) -> Self {
        let mut terms: HashMap<String, Vec<String>> = HashMap::new();
        for entry in glossary.everyday() {
            for part in parts(&entry.official) {
                let list = terms.entry(fold(part)).or_default();
                if !list.contains(&entry.term) {
                    list.push(entry.term.clone());
                }
            }
        }
        let mut officials: Vec<String> = terms.keys().cloned().collect();
        officials.sort();
        let patterns = finder(&officials);
        let said = terms.values().flatten().map(|term| fold(term)).chain(officials.iter().cloned());
        let field = finder(&said.filter(|word| word.chars().count() >= 2).collect::<Vec<_>>());
        let subjects: Vec<GlossaryEntry> = glossary.subjects().cloned().collect();
        let named = finder(&subjects.iter().map(|entry| entry.term.clone()).collect::<Vec<_>>());
        Self { officials, patterns, terms, subjects, named, field }
    }

    /// Everyday words for what `text` (folded) speaks of, joined by spaces.
    pub fn words_for(&self, text: &str) -> String {
        let mut words: Vec<&str> = Vec::new();
        let found: BTreeSet<usize> = self.patterns.find_overlapping_iter(text).map(|found| found.pattern().as_usize()).collect();
        for at in found {
            for term in &self.terms[&self.officials[at]] {
                if !text.contains(term.as_str()) && !words.contains(&term.as_str()) {
                    words.push(term);
                }
            }
        }
        words.join(" ")
    }
}

impl Everyday {
    /// The things of their own that a text names, in the order of the table.
    pub fn subjects_in(&self, text: &str) -> impl Iterator<Item = &GlossaryEntry> {
        let named: BTreeSet<usize> = self.named.find_overlapping_iter(text).map(|found| found.pattern().as_usize()).collect();
        named.into_iter().map(|at| &self.subjects[at])
    }

    /// Whether the text (folded) uses a word of the field.
    pub fn speaks_of_taxes(&self, text: &str) -> bool {
        PLAIN_WORDS.iter().any(|word| text.contains(word)) || self.field.is_match(text)
    }
}

/// Finds any of the words; of no words, none.
fn finder(words: &[String]) -> AhoCorasick {
    AhoCorasick::new(words).expect("a table that people write is far below the limit of states")
}

/// The parts of an official term of at least two characters.
pub fn parts(official: &str) -> impl Iterator<Item = &str> {
    official.split(['（', '）', '、', '，', '；', '：', '/']).map(str::trim).filter(|part| part.chars().count() >= 2)
}
