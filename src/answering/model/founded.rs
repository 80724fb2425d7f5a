//! Whether the figures of a text that a person wrote stand in what it rests on. Stricter words are a model's matter; a person answers
//! for theirs, but a wrong figure is a slip that a machine finds.

use super::check::fold;
use super::figures;

/// The figures of `text`, as written and each once, that stand in none of `sources` with the same value and unit.
pub fn unfounded_figures(text: &str, sources: &[&str]) -> Vec<String> {
    let known: Vec<_> = sources.iter().flat_map(|source| figures::find(&fold(source))).collect();
    let folded = fold(text);
    let mut missing: Vec<String> = Vec::new();
    for figure in figures::find(&folded) {
        let written = folded[figure.range.clone()].trim().to_owned();
        let stands = known.iter().any(|other| other.measure == figure.measure && other.value == figure.value);
        if !stands && !missing.contains(&written) {
            missing.push(written);
        }
    }
    missing
}
