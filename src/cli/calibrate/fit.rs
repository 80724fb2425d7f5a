//! Logistic regression by plain gradient descent: some thousand examples of eleven signs need no more. Deterministic.

use crate::answering::signals::COUNT;

/// Steps of descent; more change nothing in the third digit.
const STEPS: usize = 2_000;
const RATE: f64 = 0.3;
/// Keeps weights small where few examples speak.
const RIDGE: f64 = 0.01;
/// Every fifth example is judged by weights fitted on the others.
const FOLDS: usize = 5;
pub const LABELLED_WEIGHT: f64 = 5.0;

/// A question with its signs, and whether the answer would be right.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    pub values: [f64; COUNT],
    pub right: bool,
    pub origin: Origin,
}

/// Where an example is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A question with a known answer.
    Labelled,
    /// A question written beside a document, put while the document did not have it: right is who found that document.
    Written,
}

impl Example {
    /// So many examples it counts for. There are ten times as many written ones, and they are of one hand with what they are put to.
    fn weight(&self) -> f64 {
        match self.origin {
            Origin::Labelled => LABELLED_WEIGHT,
            Origin::Written => 1.0,
        }
    }
}

/// Weights on the raw values.
#[derive(Debug, Clone, Copy)]
pub struct Fit {
    pub intercept: f64,
    pub weights: [f64; COUNT],
}

/// A threshold and what it gives.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    pub threshold: f64,
    /// Share of the answerable questions that are answered right.
    pub coverage: f64,
    /// Share of the answers that are right.
    pub precision: f64,
    right: usize,
    wrong: usize,
}

impl Fit {
    fn likelihood(&self, values: &[f64; COUNT]) -> f64 {
        let sum: f64 = values.iter().zip(self.weights).map(|(value, weight)| value * weight).sum();
        1.0 / (1.0 + (-(sum + self.intercept)).exp())
    }
}

/// Fits the weights on all examples.
pub fn fit(examples: &[Example]) -> Fit {
    let count = examples.iter().map(Example::weight).sum::<f64>().max(1.0);
    let mut mean = [0.0; COUNT];
    let mut spread = [0.0; COUNT];
    for at in 0..COUNT {
        mean[at] = examples.iter().map(|example| example.weight() * example.values[at]).sum::<f64>() / count;
        let variance = examples.iter().map(|example| example.weight() * (example.values[at] - mean[at]).powi(2)).sum::<f64>() / count;
        spread[at] = variance.sqrt().max(1e-6);
    }
    let scaled: Vec<[f64; COUNT]> =
        examples.iter().map(|example| std::array::from_fn(|at| (example.values[at] - mean[at]) / spread[at])).collect();
    let mut inner = Fit { intercept: 0.0, weights: [0.0; COUNT] };
    for _ in 0..STEPS {
        let mut slope = Fit { intercept: 0.0, weights: inner.weights.map(|weight| RIDGE * weight) };
        for (example, values) in examples.iter().zip(&scaled) {
            let error = example.weight() * (inner.likelihood(values) - f64::from(u8::from(example.right))) / count;
            slope.intercept += error;
            for (weight, value) in slope.weights.iter_mut().zip(values) {
                *weight += error * value;
            }
        }
        inner.intercept -= RATE * slope.intercept;
        for (weight, slope) in inner.weights.iter_mut().zip(slope.weights) {
            *weight -= RATE * slope;
        }
    }
    let weights: [f64; COUNT] = std::array::from_fn(|at| inner.weights[at] / spread[at]);
    let shift: f64 = weights.iter().zip(mean).map(|(weight, mean)| weight * mean).sum();
    Fit { intercept: inner.intercept - shift, weights }
}

/// Likelihood and truth of every labelled example, by weights fitted without its fold.
pub fn by_folds(examples: &[Example]) -> Vec<(f64, bool)> {
    let mut judged = Vec::with_capacity(examples.len());
    for fold in 0..FOLDS {
        let part =
            |inside: bool| examples.iter().enumerate().filter(move |(at, _)| (at % FOLDS == fold) == inside).map(|(_, example)| *example);
        let fit = fit(&part(false).collect::<Vec<_>>());
        let labelled = part(true).filter(|example| example.origin == Origin::Labelled);
        judged.extend(labelled.map(|example| (fit.likelihood(&example.values), example.right)));
    }
    judged
}

/// How often a question that would be answered right is judged likelier than one that would not, 0 to 1.
pub fn ordered(judged: &[(f64, bool)]) -> f64 {
    let (right, wrong): (Vec<_>, Vec<_>) = judged.iter().partition(|(_, right)| *right);
    let above = |(likelihood, _): &(f64, bool)| wrong.iter().filter(|(other, _)| other < likelihood).count();
    number(right.iter().map(above).sum()) / number((right.len() * wrong.len()).max(1))
}

/// What each possible threshold gives, the strictest first.
pub fn curve(judged: &[(f64, bool)]) -> Vec<Point> {
    let mut sorted = judged.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let answerable = sorted.iter().filter(|(_, right)| *right).count().max(1);
    let mut points = Vec::with_capacity(sorted.len());
    let (mut right, mut wrong) = (0, 0);
    for (likelihood, is_right) in sorted {
        if is_right {
            right += 1;
        } else {
            wrong += 1;
        }
        let (coverage, precision) = (number(right) / number(answerable), number(right) / number(right + wrong));
        points.push(Point { threshold: likelihood, coverage, precision, right, wrong });
    }
    points
}

/// The point with the most right answers, each wrong one taken off `wrong_costs` times.
pub fn best(curve: &[Point], wrong_costs: f64) -> Point {
    let worth = |point: &Point| number(point.right) - wrong_costs * number(point.wrong);
    let nothing = Point { threshold: 1.0, coverage: 0.0, precision: 1.0, right: 0, wrong: 0 };
    curve.iter().copied().max_by(|a, b| worth(a).total_cmp(&worth(b))).unwrap_or(nothing)
}

#[expect(clippy::cast_precision_loss, reason = "counts of questions are far below 2^52")]
fn number(count: usize) -> f64 {
    count as f64
}
