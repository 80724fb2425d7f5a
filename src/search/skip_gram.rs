//! Vectors of words from the texts themselves: skip-gram with negative sampling. Words that stand in like company come to lie near each other.
//! Its one rule: the same texts give the same vectors, to the bit: one thread, a fixed seed, no function of the system's mathematics.

use std::collections::HashMap;

/// Numbers in a vector. On laypersons' questions over law articles 100 numbers and ten rounds gained .004 more, at five times the work.
pub const WIDTH: usize = 64;
/// Words to each side that count as company, at most.
const WINDOW: usize = 10;
/// Words drawn by chance against each word that is there.
const NEGATIVE: usize = 5;
/// Words that occur less often have no vector.
const LEAST_OFTEN: u32 = 3;
/// Of a word that makes up more of all texts than this, occurrences are left out by chance. A small collection leaves out fewer.
const OFTEN: [f32; 2] = [1e-4, 1e-3];
/// A collection of fewer words is small.
const SMALL_WORDS: u64 = 1_000_000;
/// Rounds through the texts; more for a small collection, which else says too little.
const ROUNDS: [u32; 2] = [3, 30];
/// How far the first step goes; the last one goes this far times [`SHORTEST`].
const STEP: f32 = 0.025;
const SHORTEST: f32 = 0.004;
/// Places in the table that words are drawn from by chance, each word as many as its count to the power of ¾ deserves.
const PLACES: usize = 1 << 20;
/// Beyond this the logistic function is as good as 0 or 1.
const REACH: f32 = 6.0;
/// Values of the logistic function kept.
const STEPS: usize = 1_024;

/// A vector of a word.
pub type Vector = [f32; WIDTH];

/// Words with their vectors, in an order that depends on nothing but the texts.
#[derive(Debug, Default)]
pub struct Learned {
    pub words: Vec<String>,
    pub vectors: Vec<Vector>,
}

/// Numbers drawn by chance, the same each time (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(((self.next() >> 32) * bound as u64) >> 32).unwrap_or_default()
    }

    /// From 0 to below 1.
    #[expect(clippy::cast_precision_loss, reason = "24 bits fit")]
    fn share(&mut self) -> f32 {
        (self.next() >> 40) as f32 / 16_777_216.0
    }
}

/// Texts as numbers of words, and how often each word occurs.
#[derive(Debug, Default)]
pub struct Texts {
    numbers: HashMap<String, u32>,
    words: Vec<String>,
    counts: Vec<u32>,
    /// All words of all texts, one behind the other.
    all: Vec<u32>,
    /// Where each text ends in `all`.
    ends: Vec<usize>,
}

impl Texts {
    /// Adds a text.
    pub fn push(&mut self, words: impl Iterator<Item = String>) {
        for word in words {
            let number = match self.numbers.get(&word) {
                Some(number) => *number,
                None => {
                    let number = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
                    self.numbers.insert(word.clone(), number);
                    self.words.push(word);
                    self.counts.push(0);
                    number
                }
            };
            self.counts[number as usize] += 1;
            self.all.push(number);
        }
        self.ends.push(self.all.len());
    }

    /// Leaves out the rare words, numbers the others by how often they occur, and learns.
    pub fn learn(self) -> Learned {
        let Self { numbers, words, counts, all, ends } = self;
        drop(numbers);
        let mut order: Vec<usize> = (0..words.len()).filter(|at| counts[*at] >= LEAST_OFTEN).collect();
        order.sort_by(|a, b| counts[*b].cmp(&counts[*a]).then(a.cmp(b)));
        if order.len() < 2 {
            return Learned::default();
        }
        let mut renumbered = vec![u32::MAX; words.len()];
        order.iter().enumerate().for_each(|(new, old)| renumbered[*old] = u32::try_from(new).unwrap_or(u32::MAX));
        let counts: Vec<u32> = order.iter().map(|at| counts[*at]).collect();
        let vectors = Training::new(&counts).through(&all, &ends, &renumbered);
        let mut words: Vec<Option<String>> = words.into_iter().map(Some).collect();
        Learned { words: order.iter().map(|at| words[*at].take().unwrap_or_default()).collect(), vectors }
    }
}

/// What changes while learning, and what it is governed by.
struct Training {
    chance: Chance,
    total: u64,
    rounds: u32,
    /// How likely each word stays where it is.
    keep: Vec<f32>,
    drawn: Vec<u32>,
    logistic: Vec<f32>,
    /// The vectors wanted, and beside them those of words as company.
    words: Vec<Vector>,
    company: Vec<Vector>,
}

impl Training {
    #[expect(clippy::cast_precision_loss, reason = "shares need no more digits")]
    fn new(counts: &[u32]) -> Self {
        let mut chance = Chance(1);
        let total: u64 = counts.iter().map(|count| u64::from(*count)).sum();
        let small = usize::from(total < SMALL_WORDS);
        let keep = counts.iter().map(|count| {
            let ratio = OFTEN[small] * total as f32 / *count as f32;
            ratio.sqrt() + ratio
        });
        let begin = |_| std::array::from_fn(|_| (chance.share() - 0.5) / WIDTH as f32);
        let words: Vec<Vector> = counts.iter().map(begin).collect();
        Self {
            total,
            rounds: ROUNDS[small],
            keep: keep.collect(),
            drawn: table(counts),
            logistic: (0..STEPS).map(|at| logistic((2.0 * (at as f32 + 0.5) / STEPS as f32 - 1.0) * REACH)).collect(),
            company: vec![[0.0; WIDTH]; words.len()],
            words,
            chance,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "the length of a step needs no more digits")]
    fn through(mut self, all: &[u32], ends: &[usize], renumbered: &[u32]) -> Vec<Vector> {
        let whole = (self.total * u64::from(self.rounds)) as f32;
        let (mut done, mut kept) = (0_u64, Vec::new());
        for _ in 0..self.rounds {
            let mut start = 0;
            for end in ends {
                let step = STEP * (1.0 - done as f32 / whole).max(SHORTEST);
                kept.clear();
                for word in all[start..*end].iter().map(|word| renumbered[*word as usize]).filter(|word| *word != u32::MAX) {
                    done += 1;
                    if self.keep[word as usize] > self.chance.share() {
                        kept.push(word);
                    }
                }
                start = *end;
                self.text(&kept, step);
            }
        }
        self.words
    }

    /// Moves the words around each word of a text nearer to it, and away from words drawn by chance.
    fn text(&mut self, text: &[u32], step: f32) {
        for at in 0..text.len() {
            let reach = 1 + self.chance.below(WINDOW);
            // Drawn once for all that stand around a word: a row just used is at hand.
            let drawn: [u32; NEGATIVE] = std::array::from_fn(|_| self.drawn[self.chance.below(PLACES)]);
            let around = at.saturating_sub(reach)..(at + reach + 1).min(text.len());
            for beside in around.filter(|beside| *beside != at) {
                let mut vector = self.words[text[beside] as usize];
                let mut change = [0.0; WIDTH];
                self.pull(text[at], 1.0, step, &vector, &mut change);
                for word in drawn.into_iter().filter(|word| *word != text[at]) {
                    self.pull(word, 0.0, step, &vector, &mut change);
                }
                vector.iter_mut().zip(change).for_each(|(value, change)| *value += change);
                self.words[text[beside] as usize] = vector;
            }
        }
    }

    fn pull(&mut self, word: u32, wanted: f32, step: f32, vector: &Vector, change: &mut Vector) {
        let company = &mut self.company[word as usize];
        let expected = expected(&self.logistic, product(vector, company));
        let pull = (wanted - expected) * step;
        for ((change, company), value) in change.iter_mut().zip(company).zip(vector) {
            *change += pull * *company;
            *company += pull * value;
        }
    }
}

/// The product of two vectors, summed in a fixed order that suits the processor.
pub fn product(a: &Vector, b: &Vector) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0_f32; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        sums.iter_mut().zip(a).zip(b).for_each(|((sum, a), b)| *sum += a * b);
    }
    sums.iter().sum()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the table by the comparison before")]
fn expected(logistic: &[f32], value: f32) -> f32 {
    if value >= REACH {
        1.0
    } else if value <= -REACH {
        0.0
    } else {
        logistic[(((value + REACH) / (2.0 * REACH) * STEPS as f32) as usize).min(STEPS - 1)]
    }
}

/// 1 / (1 + e^-x). The exponential is a power series of a small part, squared again: systems differ in theirs.
fn logistic(value: f32) -> f32 {
    let part = -value / 1_024.0;
    let mut power = 1.0 + part * (1.0 + part / 2.0 * (1.0 + part / 3.0));
    for _ in 0..10 {
        power *= power;
    }
    1.0 / (1.0 + power)
}

/// Words as often as their count to the power of ¾, which square roots give alike everywhere.
#[expect(clippy::cast_precision_loss, reason = "counts of words are far below 2^52")]
fn table(counts: &[u32]) -> Vec<u32> {
    let worth = |count: &u32| {
        let root = f64::from(*count).sqrt();
        root * root.sqrt()
    };
    let all: f64 = counts.iter().map(worth).sum();
    let (mut word, mut reached) = (0_usize, worth(&counts[0]) / all);
    let place = |at: usize| {
        if (at + 1) as f64 / PLACES as f64 > reached && word + 1 < counts.len() {
            word += 1;
            reached += worth(&counts[word]) / all;
        }
        u32::try_from(word).unwrap_or(u32::MAX)
    };
    (0..PLACES).map(place).collect()
}
