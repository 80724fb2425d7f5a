//! Everyday words are added to the passages, not to the question: a passage about 个体工商户 also says 小店, 夫妻店, 个体户.
//! Measured: worth more than expanding questions, and it costs nothing when somebody asks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aho_corasick::AhoCorasick;

use crate::knowledge::{Glossary, GlossaryEntry};
use crate::search::views::fold;

/// Words that make any text one of the field.
const PLAIN_WORDS: [&str; 9] = ["税", "票", "优惠", "申报", "减免", "抵扣", "%", "征收", "社保"];

/// Official terms with the words people use for them.
#[derive(Debug)]
pub struct Everyday {
    /// Finds official terms and, behind them, the words people use.
    patterns: AhoCorasick,
    /// For each of the official terms, in their order, the places of the words people use.
    terms: Vec<Vec<usize>>,
    /// The words people use, each once.
    words: Vec<String>,
    /// Things of their own, and where they are named.
    subjects: Vec<GlossaryEntry>,
    named: AhoCorasick,
    /// Official and everyday words alike: a text with none of them is hardly about taxes.
    field: AhoCorasick,
}

impl Everyday {
    /// Prepares the table; an official term written as "甲（乙、丙）" stands for each of its parts.
    pub fn of(glossary: &Glossary) -> Self {
        let mut terms: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let (mut words, mut places): (Vec<String>, HashMap<&str, usize>) = Default::default();
        for entry in glossary.everyday() {
            for part in parts(&entry.official) {
                let place = *places.entry(&entry.term).or_insert_with(|| {
                    words.push(entry.term.clone());
                    words.len() - 1
                });
                let list = terms.entry(fold(part)).or_default();
                if !list.contains(&place) {
                    list.push(place);
                }
            }
        }
        let (officials, terms): (Vec<String>, Vec<Vec<usize>>) = terms.into_iter().unzip();
        let patterns = finder(&officials.iter().chain(&words).cloned().collect::<Vec<_>>());
        let said = words.iter().map(|word| fold(word)).chain(officials);
        let field = finder(&said.filter(|word| word.chars().count() >= 2).collect::<Vec<_>>());
        let subjects: Vec<GlossaryEntry> = glossary.subjects().cloned().collect();
        let named = finder(&subjects.iter().map(|entry| entry.term.clone()).collect::<Vec<_>>());
        Self { patterns, terms, words, subjects, named, field }
    }

    /// Everyday words for what `text` (folded) speaks of, joined by spaces.
    pub fn words_for(&self, text: &str) -> String {
        let mut found: Vec<usize> = self.patterns.find_overlapping_iter(text).map(|found| found.pattern().as_usize()).collect();
        found.sort_unstable();
        found.dedup();
        let officials = self.terms.len();
        let (official, said) = found.split_at(found.partition_point(|at| *at < officials));
        let mut words: Vec<usize> = Vec::new();
        for word in official.iter().flat_map(|at| &self.terms[*at]) {
            if said.binary_search(&(officials + word)).is_err() && !words.contains(word) {
                words.push(*word);
            }
        }
        words.iter().map(|word| self.words[*word].as_str()).collect::<Vec<_>>().join(" ")
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
