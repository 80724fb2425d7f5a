//! Learns what the manner of asking is worth: logistic regression over many sparse signs, by passes over the examples in a fixed order.

use std::collections::{BTreeMap, HashMap};

use crate::answering::manner::Manner;

/// Passes over all examples; more change nothing that shows.
const PASSES: usize = 60;
/// How strongly weights are held near 0, by the folds.
const RIDGE: f32 = 1.0 / 10.0;
/// Signs that fewer examples have are left out: they would only name a document.
const FEWEST: usize = 3;
/// A prime step through the examples: each pass visits all, and neighbours, which are of one document, far apart.
const STRIDE: usize = 7_919;

/// A question with its signs beside the document it was written for, and whether that answers it.
#[derive(Debug, Clone)]
pub struct Put {
    pub signs: Vec<(String, f32)>,
    pub answered: bool,
}

/// Learns from all examples.
pub fn learn<'a>(examples: impl IntoIterator<Item = &'a Put>) -> Manner {
    let examples: Vec<&Put> = examples.into_iter().collect();
    let mut had: BTreeMap<&str, usize> = BTreeMap::new();
    for (sign, _) in examples.iter().flat_map(|example| &example.signs) {
        *had.entry(sign).or_default() += 1;
    }
    let names: Vec<&str> = had.iter().filter(|(_, had)| **had >= FEWEST).map(|(sign, _)| *sign).collect();
    let places: HashMap<&str, usize> = names.iter().enumerate().map(|(at, sign)| (*sign, at)).collect();
    let rows: Vec<(Vec<(usize, f32)>, f32)> = examples
        .iter()
        .map(|example| {
            let row = example.signs.iter().filter_map(|(sign, value)| Some((*places.get(sign.as_str())?, *value))).collect();
            (row, if example.answered { 1.0 } else { 0.0 })
        })
        .collect();
    let (mut weights, mut intercept) = (vec![0.0_f32; names.len()], 0.0_f32);
    // A rare sign is held back at each of its few steps as much as a common one in all of them together.
    let shrink: Vec<f32> = names.iter().map(|name| RIDGE / count(had[name])).collect();
    for pass in 0..PASSES {
        let rate = 2.0 / (1.0 + count(pass) / 4.0);
        for at in 0..rows.len() {
            let (row, answered) = &rows[(at * STRIDE + pass) % rows.len()];
            let sum: f32 = row.iter().map(|(place, value)| weights[*place] * value).sum::<f32>() + intercept;
            let error = 1.0 / (1.0 + (-sum).exp()) - answered;
            for (place, value) in row {
                let weight = &mut weights[*place];
                *weight -= rate * (error * value + shrink[*place] * *weight);
            }
            intercept -= rate * error * 0.01;
        }
    }
    let weights = names.into_iter().map(str::to_owned).zip(weights).collect();
    Manner { intercept, weights }
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand")]
fn count(many: usize) -> f32 {
    many as f32
}
