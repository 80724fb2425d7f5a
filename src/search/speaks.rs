//! What a passage speaks of: the texts that a question is held against to see whether it is answered there.

use std::borrow::Cow;

use crate::search::build::folded_text;
use crate::search::snapshot::{PassageId, Snapshot};
use crate::search::views::{fold, fold_onto};

/// What stands before a thing that somebody won or was given: then the thing is not what is taxed.
const WON: [&str; 9] = ["抽中", "抽到", "抽中了", "抽到了", "中了", "赢了", "奖", "送", "送了"];
/// What may stand between.
const MEASURES: [char; 7] = ['一', '两', '台', '辆', '个', '部', '套'];

/// A body up to so many bytes is read as one: some fifteen sentences.
const SHORT_BODY_BYTES: usize = 4_000;

impl Snapshot {
    /// A sentence with the everyday words for what it speaks of, folded.
    pub fn with_everyday_words(&self, sentence: &str) -> String {
        let mut told = fold(sentence);
        let words = fold(&self.everyday.words_for(&told));
        told.push(' ');
        told.push_str(&words);
        told
    }

    /// All a passage speaks of, folded: its text, title and headings, the curated questions of its document, and their everyday words.
    pub fn known_text(&self, id: PassageId) -> String {
        let (document, passage) = self.passage(id);
        let mut known = folded_text(document, &passage.headings, passage.text(document), &self.everyday);
        for question in &document.questions {
            known.push('\n');
            fold_onto(&mut known, question);
        }
        known
    }

    /// The thing a question is about that the passage never mentions, if there is one: however alike the rest, it answers something else.
    pub fn other_subject(&self, question: &str, id: PassageId) -> Option<&str> {
        let mut named = self.everyday.subjects_in(question).peekable();
        named.peek()?;
        let known = self.known_text(id);
        named
            .find(|entry| {
                !is_won(question, &entry.term)
                    && !known.contains(&entry.term)
                    && !entry.official.split('、').any(|word| known.contains(word))
            })
            .map(|entry| entry.term.as_str())
    }

    /// Share of the question's information that a passage speaks of, 0 to 1. `terms` are words and pairs of the question with their
    /// information, `known` is all the passage speaks of: see [`Self::known_text`].
    pub fn coverage(terms: &[(String, f32)], known: &str) -> f32 {
        let (mut reached, mut all) = (0.0, 0.0);
        for (term, information) in terms {
            all += information;
            if known.contains(term) {
                reached += information;
            }
        }
        if all > 0.0 { reached / all } else { 0.0 }
    }

    /// What is read beside a question to see whether it is answered there, folded: the whole of a short text, the passage of a long one, with
    /// title, topics and everyday words.
    pub fn told(&self, id: PassageId) -> String {
        let (document, passage) = self.passage(id);
        let text = if document.body.len() <= SHORT_BODY_BYTES { document.body.as_str() } else { passage.text(document) };
        folded_text(document, &document.topics, text, &self.everyday)
    }

    /// The same, which of a text without topics and curated questions is all it speaks of, `known` already: see [`Self::known_text`].
    pub fn told_knowing<'k>(&self, id: PassageId, known: &'k str) -> Cow<'k, str> {
        let (document, passage) = self.passage(id);
        let whole = document.body.len() > SHORT_BODY_BYTES || (passage.start == 0 && passage.end == document.body.len());
        if whole && document.questions.is_empty() && *passage.headings == *document.topics {
            Cow::Borrowed(known)
        } else {
            Cow::Owned(self.told(id))
        }
    }
}

/// Whether a thing is named as what somebody won or was given: "抽中一台电动车".
fn is_won(question: &str, thing: &str) -> bool {
    let before = question.find(thing).map_or("", |at| question[..at].trim_end_matches(MEASURES));
    WON.iter().any(|word| before.ends_with(word))
}
