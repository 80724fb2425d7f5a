//! The questions written beside the documents: those each answers and those it leaves open. By folds, so that each can be put to a library
//! whose authors never thought of it.

use chrono::NaiveDate;

use crate::answering::{Answering, Ask};
use crate::cli::calibrate::manner::Put;
use crate::domain::facts::Facts;
use crate::knowledge::Library;

/// Every fifth is held back at a time.
pub const FOLDS: usize = 5;

/// All of them, in the order of the documents.
pub struct Written(Vec<Question>);

struct Question {
    document: String,
    question: String,
    answered: bool,
}

impl Written {
    /// The questions of a library.
    pub fn of(library: &Library) -> Self {
        let mut written = Vec::new();
        for document in &library.documents {
            let lists = [(&document.questions, true), (&document.unanswered, false)];
            for (question, answered) in lists.iter().flat_map(|(list, answered)| list.iter().map(move |question| (question, *answered))) {
                written.push(Question { document: document.id.clone(), question: question.clone(), answered });
            }
        }
        Self(written)
    }

    /// How each stands to its own document.
    pub fn puts(&self, answering: &Answering, today: NaiveDate) -> Vec<Put> {
        let put = |Question { document, question, answered }: &Question| {
            let ask = Ask { question: question.clone(), as_of: None, today, topic: None };
            Put { signs: answering.manner(&ask, document).unwrap_or_default(), answered: *answered }
        };
        self.0.iter().map(put).collect()
    }

    /// Those of one fold: document, question, whether it is answered there.
    pub fn held(&self, fold: usize) -> impl Iterator<Item = (&str, &str, bool)> {
        self.0
            .iter()
            .skip(fold)
            .step_by(FOLDS)
            .map(|Question { document, question, answered }| (document.as_str(), question.as_str(), *answered))
    }

    /// The library without them.
    pub fn without(&self, library: &Library, fold: usize) -> Library {
        let mut library = library.clone();
        let mut at = 0;
        for document in &mut library.documents {
            let facts: &mut Facts = document;
            for list in [&mut facts.questions, &mut facts.unanswered] {
                list.retain(|_| {
                    at += 1;
                    (at - 1) % FOLDS != fold
                });
            }
        }
        library
    }
}
