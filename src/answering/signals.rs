//! What speaks for and against answering with the passage found: each sign a number, so that how much it counts can be fitted.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::answering::dates::Named;
use crate::answering::lead;
use crate::answering::manner::Manner;
use crate::answering::understand::{FRAME, Understood, Wish};
use crate::search::{Hit, Snapshot};

/// Number of signs.
pub const COUNT: usize = 11;
/// Their names, in the order of the values; the decision file has a weight for each.
pub const NAMES: [&str; COUNT] =
    ["text", "coverage", "question", "missing", "wish", "other_levy", "outside", "other_time", "open_here", "open_anywhere", "manner"];
/// Place of the likeness to any question left open.
const OPEN_ANYWHERE: usize = 9;
/// Place of the one that is itself learned.
pub const MANNER: usize = 10;
/// Words shorter than this are particles more often than subjects.
const WORD: usize = 2;
/// A passage that fits the levy named less than this is about another one.
const SAME_LEVY: f32 = 0.5;

/// Weights and threshold as fitted by `taxhome calibrate`; the file says on what.
static DECISION: LazyLock<DecisionFile> =
    LazyLock::new(|| toml::from_str(include_str!("decision.toml")).expect("the built-in decision file is checked by the tests"));

#[derive(Debug, Deserialize)]
struct DecisionFile {
    threshold: f32,
    intercept: f32,
    weights: Weights,
}

#[derive(Debug, Deserialize)]
struct Weights {
    text: f32,
    coverage: f32,
    question: f32,
    missing: f32,
    wish: f32,
    other_levy: f32,
    outside: f32,
    other_time: f32,
    open_here: f32,
    open_anywhere: f32,
    manner: f32,
}

/// The signs for one question and its best passage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signals {
    /// In the order of [`NAMES`], each 0 to 1: share of the possible score; share of the question's information the passage speaks of;
    /// likeness to a curated question; information of the most telling word it never mentions; whether it holds the kind of thing asked for;
    /// whether it is about another levy than the one named; whether no word of the field was used; whether another time was named;
    /// likeness to a question that the document, and that any, is known to leave open; how likely such a text answers what is asked like
    /// this.
    pub values: [f32; COUNT],
}

impl Signals {
    /// Reads the signs.
    pub fn of(understood: &Understood, hit: &Hit, snapshot: &Snapshot) -> Self {
        let (document, _) = snapshot.passage(hit.passage);
        // Read once for all signs.
        let known = snapshot.known_text(hit.passage);
        let wish = match understood.wish {
            Wish::Other | Wish::Whether | Wish::Who => 0.5,
            wish => {
                let scored = lead::score(understood, hit.passage, snapshot);
                let best = scored.iter().max_by(|a, b| a.score.total_cmp(&b.score));
                lead::grants(wish, best.map_or("", |best| &document.body[best.range.clone()]))
            }
        };
        let open = snapshot.open(&understood.cut, hit.passage);
        let flag = |set: bool| if set { 1.0 } else { 0.0 };
        Self {
            values: [
                hit.part.text,
                Snapshot::coverage(&telling(understood), &known),
                hit.part.question,
                missing(understood, &known),
                wish,
                flag(snapshot.levy_fit(understood.levies, hit.passage).is_some_and(|fit| fit < SAME_LEVY)),
                flag(!snapshot.speaks_of_taxes(&understood.plain)),
                flag(understood.spoken_date != Named::No),
                open.here,
                open.anywhere,
                Manner::learned().likelihood_beside(&understood.text, &snapshot.told_knowing(hit.passage, &known)),
            ],
        }
    }

    /// Likeness to the most alike of all questions known to be left open, 0 to 1.
    pub fn likeness_to_left_open(&self) -> f32 {
        self.values[OPEN_ANYWHERE]
    }

    /// How likely the passage answers, 0 to 1.
    pub fn likelihood(&self) -> f32 {
        let Weights { text, coverage, question, missing, wish, other_levy, outside, other_time, open_here, open_anywhere, manner } =
            DECISION.weights;
        let weights = [text, coverage, question, missing, wish, other_levy, outside, other_time, open_here, open_anywhere, manner];
        let sum: f32 = self.values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        1.0 / (1.0 + (-(sum + DECISION.intercept)).exp())
    }
}

/// Likelihood from which a question is answered.
pub fn threshold() -> f32 {
    DECISION.threshold
}

/// The terms that say what a question is about.
fn telling(understood: &Understood) -> Vec<(String, f32)> {
    understood.terms.iter().filter(|(term, _)| !term.chars().all(|c| FRAME.contains(c))).cloned().collect()
}

/// Information of the most telling word that the passage never mentions, against the most telling of all.
fn missing(understood: &Understood, known: &str) -> f32 {
    let (mut lost, mut most) = (0.0_f32, f32::MIN_POSITIVE);
    for (word, information) in understood.terms[..understood.words].iter().filter(|(word, _)| word.chars().count() >= WORD) {
        most = most.max(*information);
        if !known.contains(word) {
            lost = lost.max(*information);
        }
    }
    lost / most
}
