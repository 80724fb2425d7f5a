//! A file of word vectors: a word and its numbers on each line, as word2vec, GloVe and fastText write them as text; a first line with the
//! two counts is skipped. The vector of a text is the mean of its words', each by its information.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::unit;
use crate::search::{Snapshot, View};

/// Numbers a word may have.
const MOST_WIDE: usize = 2_048;
/// Words read; a file with more is taken for a mistake.
const MOST_WORDS: usize = 2_000_000;

/// Words with their vectors.
#[derive(Debug)]
pub struct TokenVectors {
    width: usize,
    words: HashMap<String, Box<[f32]>>,
}

/// A file that holds no word vectors; names the line.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("{file} 无法读取：{source}")]
    File { file: String, source: std::io::Error },
    #[error("{file} 第{line}行要写成：词 数 数 …，每行的数一样多")]
    Line { file: String, line: usize },
}

impl TokenVectors {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, Unreadable> {
        let file = path.display().to_string();
        let failed = |source| Unreadable::File { file: file.clone(), source };
        let mut vectors = Self { width: 0, words: HashMap::new() };
        for (at, line) in BufReader::new(File::open(path).map_err(failed)?).lines().enumerate() {
            let line = line.map_err(failed)?;
            let wrong = || Unreadable::Line { file: file.clone(), line: at + 1 };
            let mut cells = line.split_whitespace();
            let Some(word) = cells.next() else { continue };
            let values: Option<Vec<f32>> = cells.map(|cell| cell.parse::<f32>().ok().filter(|value| value.is_finite())).collect();
            let values = values.ok_or_else(wrong)?;
            if at == 0 && values.len() == 1 && word.parse::<usize>().is_ok() {
                continue;
            }
            if vectors.width == 0 {
                vectors.width = values.len();
            }
            if values.len() != vectors.width || !(2..=MOST_WIDE).contains(&values.len()) || vectors.words.len() == MOST_WORDS {
                return Err(wrong());
            }
            vectors.words.insert(word.to_owned(), values.into());
        }
        if vectors.words.is_empty() {
            return Err(Unreadable::Line { file, line: 1 });
        }
        Ok(vectors)
    }

    /// Numbers in a vector.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The vector of a text, of length 1; `None` where none of its words is known.
    pub fn vector(&self, text: &str, snapshot: &Snapshot) -> Option<Vec<f32>> {
        let mut sum = vec![0.0; self.width];
        for word in snapshot.terms(View::Words, text) {
            let Some(values) = self.words.get(&word) else { continue };
            let information = snapshot.idf(View::Words, &word).unwrap_or_default();
            sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += information * value);
        }
        unit(sum)
    }
}
