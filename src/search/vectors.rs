//! Nearness in meaning, learned from the texts of the collection alone: the vector of a text is the sum of its words', each by its information,
//! without what all texts have in common. Its one rule: vectors serve the very passages they were made of, or nobody.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::search::impacts::TermKey;
use crate::search::postings::idf;
use crate::search::skip_gram::{self, Texts, Vector, WIDTH, product};
use crate::search::snapshot::{PassageId, Snapshot};

/// Fewer passages teach more chance than meaning: from some 1,000 up such vectors helped, on 176 they harmed (the design's own measurement;
/// `taxhome learn --vectors` measures again and writes only what gains).
pub const FEWEST_PASSAGES: usize = 1_000;
/// Passages by which it is told what all have in common.
const SAMPLE: usize = 5_000;
/// Rounds after which the direction all have in common no longer turns.
const TURNS: usize = 50;
/// First line of the file; another number is another form.
const HEADING: &str = "taxhome-vectors 1";
/// A number of a passage's vector is kept in one byte: this many steps from 0 to 1.
const STEPS: f32 = 127.0;
const NUMBER: usize = size_of::<f32>();

/// Vectors that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("不是 taxhome learn --vectors 写的文件，或者已经损坏")]
    Unreadable,
    #[error("是从另一套文件学来的，和现在的段落对不上，不能用；请重新运行 taxhome learn --vectors")]
    OtherPassages,
    #[error("只有 {0} 个段落，少于 {FEWEST_PASSAGES} 个：这么少学不出词义，检索不用词向量照样进行")]
    TooFew(usize),
}

/// Words and passages with their vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    /// Hash of the passages.
    learned_from: String,
    common: Common,
    /// Places in `values` by short names of words.
    words: HashMap<u32, u32>,
    /// Vectors of words, each by the word's information.
    values: Vec<Vector>,
    /// Vectors of passages, in their order.
    passages: Vec<[i8; WIDTH]>,
}

/// What all texts have in common: where they lie on average, and the direction in which they differ most.
#[derive(Debug, Clone, PartialEq)]
struct Common {
    mean: Vector,
    direction: Vector,
}

impl Vectors {
    /// Learns from the passages of a snapshot. Takes a minute for 50,000.
    pub fn learn(snapshot: &Snapshot) -> Result<Self, Unusable> {
        let count = snapshot.passage_count();
        if count < FEWEST_PASSAGES {
            return Err(Unusable::TooFew(count));
        }
        let mut texts = Texts::default();
        let mut spread: HashMap<u32, u64> = HashMap::new();
        for id in snapshot.all_passages() {
            let words = snapshot.dictionary.in_sequence(&text_of(snapshot, id));
            let mut distinct: Vec<u32> = words.iter().map(|word| short(word)).collect();
            distinct.sort_unstable();
            distinct.dedup();
            distinct.into_iter().for_each(|word| *spread.entry(word).or_default() += 1);
            texts.push(words.into_iter());
        }
        let skip_gram::Learned { words, vectors } = texts.learn();
        let weighed = |(word, vector): (&String, Vector)| {
            let information = idf(spread.get(&short(word)).copied().unwrap_or(1), count as u64);
            vector.map(|value| value * information)
        };
        let values: Vec<Vector> = words.iter().zip(vectors).map(weighed).collect();
        let place = |(at, word): (usize, &String)| (short(word), u32::try_from(at).unwrap_or(u32::MAX));
        let mut learned = Self {
            learned_from: name_of(snapshot),
            common: Common { mean: [0.0; WIDTH], direction: [0.0; WIDTH] },
            words: words.iter().enumerate().map(place).collect(),
            values,
            passages: Vec::new(),
        };
        let all: Vec<Option<Vector>> =
            snapshot.all_passages().map(|id| learned.sum(&snapshot.dictionary.in_sequence(&text_of(snapshot, id)))).collect();
        let sample: Vec<Vector> = all.iter().step_by((count / SAMPLE).max(1)).flatten().copied().collect();
        learned.common = Common::of(&sample);
        learned.passages = all.into_iter().map(|sum| quantised(&sum.and_then(|sum| learned.common.taken_from(sum)))).collect();
        Ok(learned)
    }

    /// Whether these are the vectors of the passages of this snapshot.
    pub fn fits(&self, snapshot: &Snapshot) -> Result<(), Unusable> {
        let fits = self.passages.len() == snapshot.passage_count() && self.learned_from == name_of(snapshot);
        if fits { Ok(()) } else { Err(Unusable::OtherPassages) }
    }

    /// How many words have a vector.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether no word has one.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// What they take in memory, in bytes.
    pub fn bytes(&self) -> usize {
        self.values.len() * (size_of::<Vector>() + 2 * size_of::<u64>()) + self.passages.len() * WIDTH
    }

    /// The vector of a text, of length 1; `None` where none of its words has one.
    pub(super) fn of(&self, words: &[String]) -> Option<Vector> {
        self.sum(words).and_then(|sum| self.common.taken_from(sum))
    }

    /// How near a passage is to a text with this vector, -1 to 1.
    pub(super) fn likeness(&self, asked: &Vector, passage: u32) -> f32 {
        let Some(passage) = self.passages.get(passage as usize) else { return 0.0 };
        product(asked, &passage.map(|value| f32::from(value) / STEPS))
    }

    fn sum(&self, words: &[String]) -> Option<Vector> {
        let mut sum = [0.0; WIDTH];
        for at in words.iter().filter_map(|word| self.words.get(&short(word))) {
            sum.iter_mut().zip(&self.values[*at as usize]).for_each(|(sum, value)| *sum += value);
        }
        unit(sum)
    }

    /// As a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.bytes());
        for vector in [&self.common.mean, &self.common.direction].into_iter().chain(&self.values) {
            vector.iter().for_each(|value| body.extend(value.to_le_bytes()));
        }
        let mut words: Vec<(u32, u32)> = self.words.iter().map(|(word, at)| (*at, *word)).collect();
        words.sort_unstable();
        for (at, word) in &words {
            body.extend(word.to_le_bytes());
            body.extend(at.to_le_bytes());
        }
        body.extend(self.passages.iter().flatten().map(|value| value.to_le_bytes()[0]));
        let counts = format!("{} {} {}", self.values.len(), words.len(), self.passages.len());
        let mut file = format!("{HEADING} {} {counts} {}\n", self.learned_from, hex::encode(Sha256::digest(&body))).into_bytes();
        file.append(&mut body);
        file
    }

    /// Reads a file.
    pub fn parse(file: &[u8]) -> Result<Self, Unusable> {
        Self::parsed(file).ok_or(Unusable::Unreadable)
    }

    fn parsed(file: &[u8]) -> Option<Self> {
        let end = file.iter().position(|byte| *byte == b'\n')?;
        let (heading, body) = (str::from_utf8(&file[..end]).ok()?, &file[end + 1..]);
        let mut cells = heading.strip_prefix(HEADING)?.split_whitespace();
        let learned_from = cells.next()?.to_owned();
        let mut count = || cells.next()?.parse::<usize>().ok();
        let (values, words, passages) = (count()?, count()?, count()?);
        let expected = (values.checked_add(2)?.checked_mul(WIDTH * NUMBER)?)
            .checked_add(words.checked_mul(2 * NUMBER)?)?
            .checked_add(passages.checked_mul(WIDTH)?)?;
        if body.len() != expected || cells.next()? != hex::encode(Sha256::digest(body)) {
            return None;
        }
        let (vectors, rest) = body.split_at((values + 2) * WIDTH * NUMBER);
        let (names, rest) = rest.split_at(words * 2 * NUMBER);
        let mut vectors = vectors.chunks_exact(WIDTH * NUMBER).map(|bytes| {
            let mut numbers = bytes.chunks_exact(NUMBER).map(|number| number.try_into().map_or(0.0, f32::from_le_bytes));
            std::array::from_fn(|_| numbers.next().unwrap_or_default())
        });
        let common = Common { mean: vectors.next()?, direction: vectors.next()? };
        let number = |bytes: &[u8]| bytes.try_into().map_or(u32::MAX, u32::from_le_bytes);
        let known: HashMap<u32, u32> =
            names.chunks_exact(2 * NUMBER).map(|pair| (number(&pair[..NUMBER]), number(&pair[NUMBER..]))).collect();
        if known.values().any(|at| *at as usize >= values) {
            return None;
        }
        let passage = |bytes: &[u8]| std::array::from_fn(|at| i8::from_le_bytes([bytes[at]]));
        let (values, passages) = (vectors.collect(), rest.chunks_exact(WIDTH).map(passage).collect());
        Some(Self { learned_from, common, words: known, values, passages })
    }
}

impl Common {
    /// Of vectors of length 1: their mean, and their first principal component by power iteration.
    #[expect(clippy::cast_precision_loss, reason = "a sample has some thousand vectors")]
    fn of(sample: &[Vector]) -> Self {
        let mut mean = [0.0; WIDTH];
        for vector in sample {
            mean.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
        }
        mean.iter_mut().for_each(|sum| *sum /= sample.len().max(1) as f32);
        let mut spread = vec![[0.0; WIDTH]; WIDTH];
        for vector in sample {
            let off: Vector = std::array::from_fn(|at| vector[at] - mean[at]);
            for (row, factor) in spread.iter_mut().zip(off) {
                row.iter_mut().zip(off).for_each(|(sum, value)| *sum += factor * value);
            }
        }
        let mut direction = unit([1.0; WIDTH]).unwrap_or([0.0; WIDTH]);
        for _ in 0..TURNS {
            let turned = std::array::from_fn(|at| product(&spread[at], &direction));
            direction = unit(turned).unwrap_or(direction);
        }
        Self { mean, direction }
    }

    /// What is left of a vector of length 1 without what all have in common, of length 1 again.
    fn taken_from(&self, vector: Vector) -> Option<Vector> {
        let off: Vector = std::array::from_fn(|at| vector[at] - self.mean[at]);
        let along = product(&off, &self.direction);
        unit(std::array::from_fn(|at| off[at] - along * self.direction[at]))
    }
}

/// What of a passage is learned from and compared.
fn text_of(snapshot: &Snapshot, id: PassageId) -> String {
    let (document, passage) = snapshot.passage(id);
    format!("{}\n{}\n{}", document.title, passage.headings.join("\n"), passage.text(document))
}

/// Hash of all that vectors are made of.
fn name_of(snapshot: &Snapshot) -> String {
    let mut hasher = Sha256::new();
    for id in snapshot.all_passages() {
        hasher.update(text_of(snapshot, id).as_bytes());
        hasher.update([0]);
    }
    hex::encode(hasher.finalize())
}

fn short(word: &str) -> u32 {
    TermKey::of(word.as_bytes()).short()
}

/// A vector brought to length 1; `None` where it has no direction.
fn unit(vector: Vector) -> Option<Vector> {
    let length = product(&vector, &vector).sqrt();
    (length > f32::EPSILON).then(|| vector.map(|value| value / length))
}

/// In one byte each; all 0 where there is no direction.
#[expect(clippy::cast_possible_truncation, reason = "numbers of a vector of length 1 lie between -1 and 1")]
fn quantised(vector: &Option<Vector>) -> [i8; WIDTH] {
    vector.map_or([0; WIDTH], |vector| vector.map(|value| (value * STEPS).round() as i8))
}
