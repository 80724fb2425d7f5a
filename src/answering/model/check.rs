//! Whether a model's words may be shown: every figure and condition as in the sources and in the same company, none of the lead's
//! dropped, every other word from the sources or without meaning, no link. In doubt the answer is no: the document's own words are at hand.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::marked::{Kind, Marked, Marker, plain};
use crate::domain::answer::Answer;

/// Characters of any reworded answer, however long the lead.
const LONGEST: usize = 600;
/// A short lead may become so many characters.
const SHORT: usize = 80;
/// Share of the pairs of characters in each stretch of the lead's words that must be found again.
const KEPT: (usize, usize) = (1, 2);
/// Signs an answer may have beside letters and digits, in folded form.
/// A question mark would make a doubt of it.
const SIGNS: &str = ",。;:!、()《》〈〉“”‘’\"'%‰-—·…〔〕. ";

static ASIDE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\([^()]*(?:条|号|款)[^()]*\)").expect("the pattern is fixed"));
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)https?|www\.|://|[a-z0-9-]+\.[a-z]{2,}|@|t\.me").expect("the pattern is fixed"));
static THOUGHTS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?s)^\s*<think>.*?</think>").expect("the pattern is fixed"));

/// What a model's words failed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("an answer without words")]
    Empty,
    #[error("the length")]
    Length,
    #[error("a sign")]
    Sign,
    #[error("an address")]
    Address,
    #[error("a figure")]
    Figure,
    #[error("a condition")]
    Condition,
    #[error("a word")]
    Word,
    #[error("what was left out")]
    Dropped,
}

/// The words to show in place of the lead, or what they failed at.
pub fn check(said: &str, answer: &Answer) -> Result<String, Fault> {
    let words = tidy(said);
    let folded = fold(&words);
    form(&folded, &answer.lead)?;
    let text = Marked::of(&folded);
    let lead = Marked::of(&ASIDE.replace_all(&fold(&answer.lead), ""));
    let sources = Marked::of(&fold(&sources(answer)));
    for marker in &text.markers {
        stands(marker, &text, &sources)?;
    }
    nothing_dropped(&text, &lead)?;
    nothing_new(&text, &sources)?;
    Ok(words)
}

/// Without thoughts, emphasis and line breaks.
fn tidy(said: &str) -> String {
    let said = THOUGHTS.replace(said, "");
    let joined: Vec<&str> = said.split_whitespace().collect();
    joined.join(" ").replace("**", "")
}

/// The form texts are compared in: NFKC, lower case, no commas within numbers.
pub(super) fn fold(text: &str) -> String {
    let folded: Vec<char> = text.nfkc().flat_map(char::to_lowercase).collect();
    let digit = |at: Option<usize>| at.and_then(|at| folded.get(at)).is_some_and(char::is_ascii_digit);
    let kept = folded.iter().enumerate().filter(|(at, c)| !(**c == ',' && digit(at.checked_sub(1)) && digit(Some(at + 1))));
    kept.map(|(_, c)| *c).collect()
}

fn form(folded: &str, lead: &str) -> Result<(), Fault> {
    if !folded.chars().any(char::is_alphanumeric) {
        return Err(Fault::Empty);
    }
    let room = (lead.chars().count() * 3 / 2).clamp(SHORT, LONGEST);
    if folded.chars().count() > room {
        return Err(Fault::Length);
    }
    if ADDRESS.is_match(folded) {
        return Err(Fault::Address);
    }
    // Digits of other scripts would pass for letters.
    let other_digit = |c: char| c.is_numeric() && !c.is_ascii_digit() && c != '〇';
    if folded.chars().any(|c| other_digit(c) || !c.is_alphanumeric() && !SIGNS.contains(c)) {
        return Err(Fault::Sign);
    }
    Ok(())
}

/// All that may be said: the answer's own lines, the quotations, and what they are called.
fn sources(answer: &Answer) -> String {
    let mut text = answer.text();
    for citation in &answer.citations {
        for part in [Some(&citation.quote), Some(&citation.title), citation.number.as_ref(), citation.article.as_ref()] {
            text.push('\n');
            text.push_str(part.map_or("", String::as_str));
        }
    }
    text
}

/// A marker must state what the sources state where they speak of the same.
fn stands(marker: &Marker, text: &Marked, sources: &Marked) -> Result<(), Fault> {
    let nearest = text.nearest(marker, sources);
    let agrees = |other: &&Marker| other.value == marker.value;
    match marker.kind {
        Kind::Figure(_) => {
            // Several figures in equal company: only in the same row as there.
            let row = text.values(&marker.kind, marker.clause);
            let in_row = |other: &&Marker| agrees(other) && sources.values(&other.kind, other.clause) == row;
            let stands = !nearest.is_empty() && nearest.iter().all(agrees) || nearest.iter().any(in_row);
            if stands { Ok(()) } else { Err(Fault::Figure) }
        }
        Kind::Condition(_) | Kind::Denial => {
            if nearest.iter().any(agrees) {
                Ok(())
            } else {
                Err(Fault::Condition)
            }
        }
    }
}

/// Every figure and condition of the lead, and half of each stretch of its words.
fn nothing_dropped(text: &Marked, lead: &Marked) -> Result<(), Fault> {
    let kept = |marker: &Marker| text.markers.iter().any(|other| other.kind == marker.kind && other.value == marker.value);
    if !lead.markers.iter().all(kept) {
        return Err(Fault::Dropped);
    }
    let pairs = pairs(&text.characters);
    for subject in lead.subjects() {
        let kept = subject.windows(2).filter(|pair| pairs.contains(&pair.iter().collect::<String>())).count();
        if kept * KEPT.1 < subject.len().saturating_sub(1) * KEPT.0 {
            return Err(Fault::Dropped);
        }
    }
    Ok(())
}

/// Every character is part of a marker, of a plain word, or of a pair the sources have.
fn nothing_new(text: &Marked, sources: &Marked) -> Result<(), Fault> {
    let known = pairs(&sources.characters);
    let mut covered = text.is_marked();
    for (at, pair) in text.characters.windows(2).enumerate() {
        if known.contains(&pair.iter().collect::<String>()) {
            covered[at..at + 2].fill(true);
        }
    }
    for range in plain(&text.characters) {
        covered[range].fill(true);
    }
    let new = text.characters.iter().zip(covered).any(|(c, covered)| c.is_alphanumeric() && !covered);
    if new { Err(Fault::Word) } else { Ok(()) }
}

fn pairs(characters: &[char]) -> HashSet<String> {
    characters.windows(2).map(|pair| pair.iter().collect()).collect()
}
