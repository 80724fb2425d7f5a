//! How a question stands to a text that speaks of its matter: whether the thing asked for is of the kind that such texts hold. "多少"
//! beside a text with the word is mostly answered there; "怎么填", "在哪办", "丢了" beside one without them mostly not. What counts how
//! much is learned by `taxhome calibrate` from the questions that documents answer and those they leave open, whatever the document:
//! each single character and pair of the question says one thing where the text has it and another where it lacks it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use crate::search::fold;

/// Longest run of characters that counts by itself.
const LONGEST: usize = 2;
/// Of runs up to this length the share that the text has counts as well.
const LONGEST_SHARE: usize = 3;

/// What was learned, as `taxhome calibrate` wrote it; the file says on what.
static LEARNED: LazyLock<Manner> =
    LazyLock::new(|| Manner::read(include_str!("manner.tsv")).expect("the built-in table is checked by the tests"));

/// What each sign is worth.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Manner {
    /// Added to every question.
    pub intercept: f32,
    /// By the sign's name.
    pub weights: HashMap<String, f32>,
}

/// The sign that stands for no other in the table.
const INTERCEPT: &str = "intercept";

impl Manner {
    /// What was learned.
    pub fn learned() -> &'static Self {
        &LEARNED
    }

    /// Reads a table: a sign and its weight a line, lines with `#` passed over. `None` where a line is neither.
    pub fn read(table: &str) -> Option<Self> {
        let mut manner = Self::default();
        for line in table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (sign, weight) = line.split_once('\t')?;
            let weight = weight.parse().ok()?;
            if sign == INTERCEPT {
                manner.intercept = weight;
            } else {
                manner.weights.insert(sign.to_owned(), weight);
            }
        }
        Some(manner)
    }

    /// The table as it is read, in the order of the signs.
    pub fn table(&self) -> String {
        let mut table = format!("{INTERCEPT}\t{:.2}\n", self.intercept);
        // What is written as nothing is left out.
        let told: BTreeMap<_, _> = self.weights.iter().filter(|(_, weight)| weight.abs() >= 0.005).collect();
        for (sign, weight) in told {
            table.push_str(&format!("{sign}\t{weight:.2}\n"));
        }
        table
    }

    /// How likely a text answers, 0 to 1, by its signs alone.
    pub fn likelihood(&self, signs: &[(String, f32)]) -> f32 {
        self.likely(signs.iter().filter_map(|(sign, value)| Some(value * self.weights.get(sign)?)).sum())
    }

    /// The same of a question beside a text (folded).
    pub fn likelihood_beside(&self, question: &str, told: &str) -> f32 {
        let mut known: Vec<(f32, f32)> = Vec::new();
        let length = each_sign(question, told, |sign, value| known.extend(self.weights.get(sign).map(|weight| (value, *weight))));
        self.likely(known.into_iter().map(|(value, weight)| value / length * weight).sum())
    }

    fn likely(&self, sum: f32) -> f32 {
        1.0 / (1.0 + (-(sum + self.intercept)).exp())
    }
}

/// The signs of a question beside a text (folded), each once; their values make a vector of length 1.
pub fn signs(question: &str, told: &str) -> Vec<(String, f32)> {
    let mut signs: Vec<(String, f32)> = Vec::new();
    let length = each_sign(question, told, |sign, value| signs.push((sign.to_owned(), value)));
    signs.iter_mut().for_each(|(_, value)| *value /= length);
    signs
}

/// Hands over the signs one by one, their values not yet divided by the length of the vector, which is given back.
fn each_sign(question: &str, told: &str, mut sign: impl FnMut(&str, f32)) -> f32 {
    let told = without_figures(told);
    let asked: Vec<char> = std::iter::once('^')
        .chain(without_figures(&fold(question)).chars().filter(|c| c.is_alphanumeric()))
        .chain(std::iter::once('$'))
        .collect();
    let mut squares = 0.0_f32;
    let mut give = |name: &str, value: f32| {
        squares += value * value;
        sign(name, value);
    };
    let mut seen: HashSet<&[char]> = HashSet::with_capacity(asked.len() * LONGEST_SHARE);
    let mut name = String::new();
    for length in 1..=LONGEST_SHARE {
        let (mut runs, mut had) = (0.0_f32, 0.0_f32);
        for run in asked.windows(length) {
            name.clear();
            name.push('+');
            name.extend(run);
            let inner = name[1..].trim_matches(['^', '$']);
            if inner.is_empty() || !seen.insert(run) {
                continue;
            }
            let has = told.contains(inner);
            if inner.len() + 1 == name.len() {
                runs += 1.0;
                had += if has { 1.0 } else { 0.0 };
            }
            if length <= LONGEST {
                if !has {
                    name.replace_range(..1, "-");
                }
                give(&name, 1.0);
            }
        }
        if runs > 0.0 {
            give(&format!("share{length}"), had / runs);
        }
    }
    squares.sqrt().max(f32::MIN_POSITIVE)
}

/// Every figure as one 0: which figure it is says nothing of what is asked.
fn without_figures(text: &str) -> String {
    let mut flat = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_ascii_digit() {
            flat.push(c);
        } else if !flat.ends_with('0') {
            flat.push('0');
        }
    }
    flat
}
