//! The bridge between the words people ask in and the words the texts answer in: for each word of questions, the words of passages it was
//! confirmed to mean, learned from questions whose answer is known (IBM Model 1). Its one rule: the same pairs give the same bridge, to the byte.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use crate::search::impacts::TermKey;

/// Rounds of expectation and maximisation; more only learn the pairs by heart.
const ROUNDS: usize = 5;
/// A word of passages that gives a word of questions less often than this is noise.
const LEAST: f64 = 0.005;
/// Passage words kept for a word of questions.
const MOST_LINKS: usize = 60;
/// First line of the file; another number is another form.
const HEADING: &str = "taxhome-bridge 1";
/// Begins a line with a labelled pair; no word is a mark.
const LABELLED: &str = "?\t";
/// How far a confirmed meaning lifts a word over its share among all questions. Chosen by folds.
const LIFT: f32 = 0.3;
/// So many words are added to the length of a passage, so that a short one does not win by its shortness.
const LENGTH: f32 = 20.0;

/// A question with the passage that answers it, as words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub question: BTreeSet<String>,
    pub passage: BTreeSet<String>,
}

/// A word of questions.
#[derive(Debug, Clone, PartialEq, Default)]
struct Asked {
    /// Its share among the words of all questions.
    share: f32,
    /// Words of passages, each with how likely it gives this word; the likeliest first.
    links: Vec<(String, f32)>,
}

/// What was learned, in words: what the file holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Meanings {
    /// Tells whether the pairs are still the same.
    pub learned_from: String,
    /// Question, document and article (or nothing) of the pairs that came from a file of labelled questions: what is learned again keeps them.
    pub labelled: Vec<[String; 3]>,
    words: BTreeMap<String, Asked>,
}

/// A file that holds no bridge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("第{0}行看不懂")]
pub struct Unreadable(pub usize);

impl Meanings {
    /// Learns from pairs; `learned_from` names them.
    pub fn learn(pairs: &[Pair], learned_from: String) -> Self {
        let mut numbers = Numbers::default();
        let pairs: Vec<(Vec<usize>, Vec<usize>)> = pairs
            .iter()
            .map(|pair| {
                // Some words of a question mean nothing in the passage: they are given by number 0.
                let passage = std::iter::once(0).chain(pair.passage.iter().map(|word| numbers.of(word))).collect();
                (pair.question.iter().map(|word| numbers.of(word)).collect(), passage)
            })
            .collect();
        let mut likely: HashMap<(usize, usize), f64> = HashMap::new();
        for (question, passage) in &pairs {
            for asked in question {
                likely.extend(passage.iter().map(|word| ((*asked, *word), 1.0)));
            }
        }
        for _ in 0..ROUNDS {
            improve(&pairs, numbers.words.len() + 1, &mut likely);
        }
        Self { learned_from, labelled: Vec::new(), words: numbers.meanings(&pairs, likely) }
    }

    /// The same with the labelled pairs it was learned from.
    #[must_use]
    pub fn with_labelled(self, labelled: Vec<[String; 3]>) -> Self {
        Self { labelled, ..self }
    }

    /// How many words of questions are known.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether nothing was learned.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Reads a file.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let mut lines = text.lines().enumerate();
        let first = lines.next().and_then(|(_, line)| line.strip_prefix(HEADING)).ok_or(Unreadable(1))?;
        let mut meanings = Self { learned_from: first.trim().to_owned(), ..Self::default() };
        for (at, line) in lines {
            let wrong = || Unreadable(at + 1);
            let number = |cell: &str| cell.parse::<f32>().ok().filter(|value| (0.0..=1.0).contains(value)).ok_or_else(wrong);
            let mut cells = line.split('\t');
            if let Some(pair) = line.strip_prefix(LABELLED) {
                let cells: Vec<String> = pair.split('\t').map(str::to_owned).collect();
                meanings.labelled.push(cells.try_into().map_err(|_| wrong())?);
                continue;
            }
            let (Some(word), Some(share)) = (cells.next(), cells.next()) else { return Err(wrong()) };
            let mut asked = Asked { share: number(share)?, links: Vec::new() };
            while let Some(linked) = cells.next() {
                asked.links.push((linked.to_owned(), number(cells.next().ok_or_else(wrong)?)?));
            }
            meanings.words.insert(word.to_owned(), asked);
        }
        Ok(meanings)
    }
}

impl fmt::Display for Meanings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADING} {}", self.learned_from)?;
        for pair in &self.labelled {
            let cells = pair.each_ref().map(|cell| cell.replace(['\t', '\n', '\r'], " "));
            writeln!(f, "{LABELLED}{}", cells.join("\t"))?;
        }
        for (word, asked) in &self.words {
            write!(f, "{word}\t{:.6}", asked.share)?;
            for (linked, likely) in &asked.links {
                write!(f, "\t{linked}\t{likely:.4}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// Words by number, from 1.
#[derive(Debug, Default)]
struct Numbers {
    known: HashMap<String, usize>,
    words: Vec<String>,
}

impl Numbers {
    fn of(&mut self, word: &str) -> usize {
        if let Some(number) = self.known.get(word) {
            return *number;
        }
        self.words.push(word.to_owned());
        self.known.insert(word.to_owned(), self.words.len());
        self.words.len()
    }

    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "shares need no more digits")]
    fn meanings(&self, pairs: &[(Vec<usize>, Vec<usize>)], likely: HashMap<(usize, usize), f64>) -> BTreeMap<String, Asked> {
        let all = pairs.iter().map(|(question, _)| question.len()).sum::<usize>() as f64;
        let mut words: BTreeMap<String, Asked> = BTreeMap::new();
        for word in pairs.iter().flat_map(|(question, _)| question) {
            words.entry(self.words[word - 1].clone()).or_default().share += (1.0 / all) as f32;
        }
        for ((asked, word), likely) in likely {
            if word > 0 && likely > LEAST {
                words.entry(self.words[asked - 1].clone()).or_default().links.push((self.words[word - 1].clone(), likely as f32));
            }
        }
        for asked in words.values_mut() {
            asked.links.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            asked.links.truncate(MOST_LINKS);
        }
        words
    }
}

/// One round: each word of a question is shared out among the words that may give it; what a word got says what it gives.
fn improve(pairs: &[(Vec<usize>, Vec<usize>)], words: usize, likely: &mut HashMap<(usize, usize), f64>) {
    let mut shared: HashMap<(usize, usize), f64> = HashMap::with_capacity(likely.len());
    let mut given = vec![0.0; words];
    for (question, passage) in pairs {
        for asked in question {
            let all: f64 = passage.iter().map(|word| likely[&(*asked, *word)]).sum();
            for word in passage {
                let part = likely[&(*asked, *word)] / all;
                *shared.entry((*asked, *word)).or_default() += part;
                given[*word] += part;
            }
        }
    }
    for ((asked, word), value) in likely {
        *value = shared[&(*asked, *word)] / given[*word];
    }
}

/// A word's short name in [`Bridge`] and [`PassageWords`]; two of some ten thousand words seldom share one.
fn short(word: &str) -> u32 {
    TermKey::of(word.as_bytes()).short()
}

/// The meanings, ready for ranking.
#[derive(Debug)]
pub struct Bridge {
    words: HashMap<u32, (f32, Vec<(u32, f32)>)>,
}

impl From<&Meanings> for Bridge {
    fn from(meanings: &Meanings) -> Self {
        let links = |asked: &Asked| asked.links.iter().map(|(word, likely)| (short(word), *likely)).collect();
        Self { words: meanings.words.iter().map(|(word, asked)| (short(word), (asked.share, links(asked)))).collect() }
    }
}

/// The words of every passage, for looking up what the bridge leads to.
#[derive(Debug, Default)]
pub struct PassageWords {
    starts: Vec<u32>,
    words: Vec<u32>,
}

impl PassageWords {
    /// Adds the words of the next passage.
    pub fn push(&mut self, words: impl Iterator<Item = String>) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        let mut distinct: Vec<u32> = words.map(|word| short(&word)).collect();
        distinct.sort_unstable();
        distinct.dedup();
        self.words.extend(distinct);
        self.starts.push(u32::try_from(self.words.len()).unwrap_or(u32::MAX));
    }

    fn of(&self, passage: u32) -> &[u32] {
        &self.words[self.starts[passage as usize] as usize..self.starts[passage as usize + 1] as usize]
    }
}

/// What the words of one question lead to.
pub struct Crossing<'a> {
    passages: &'a PassageWords,
    /// Share and information of each word of the question.
    asked: Vec<(f32, f32)>,
    /// By word of passages: which words of the question it gives, and how likely.
    leads: HashMap<u32, Vec<(usize, f32)>>,
}

impl Bridge {
    /// For the words of a question with their information; `None` where the bridge knows none of them.
    pub fn cross<'a>(&self, question: &[(&str, f32)], passages: &'a PassageWords) -> Option<Crossing<'a>> {
        let mut crossing = Crossing { passages, asked: Vec::new(), leads: HashMap::new() };
        for (word, information) in question {
            let Some((share, links)) = self.words.get(&short(word)) else { continue };
            for (linked, likely) in links {
                crossing.leads.entry(*linked).or_default().push((crossing.asked.len(), *likely));
            }
            crossing.asked.push((share.max(LEAST_SHARE), *information));
        }
        (!crossing.leads.is_empty()).then_some(crossing)
    }
}

/// A word asked once in thousands of questions says no more than one asked a little more often.
const LEAST_SHARE: f32 = 1e-4;

impl Crossing<'_> {
    /// How much better the passage accounts for the question's words than any passage would, 0 and up.
    #[expect(clippy::cast_precision_loss, reason = "a passage has far fewer than 2^23 words")]
    pub fn worth(&self, passage: u32) -> f32 {
        let words = self.passages.of(passage);
        let mut reached = vec![0.0_f32; self.asked.len()];
        for (at, likely) in words.iter().filter_map(|word| self.leads.get(word)).flatten() {
            reached[*at] += likely;
        }
        let length = words.len() as f32 + LENGTH;
        self.asked.iter().zip(reached).map(|((share, information), reached)| information * (LIFT * reached / length / share).ln_1p()).sum()
    }
}
