//! The views of a text: words by jieba, pairs of characters, single characters. Index and question go through the same code.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use jieba_rs::{Jieba, TokenizeMode};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::UnicodeNormalization;

/// One way of cutting a text into terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    Words,
    Pairs,
    Characters,
}

impl View {
    /// All views.
    pub const ALL: [Self; 3] = [Self::Words, Self::Pairs, Self::Characters];

    /// A term as it stands in the index, where all views share one field.
    pub fn marked(self, term: &str) -> String {
        let mut marked = String::with_capacity(term.len() + 1);
        marked.push(self.mark());
        marked.push_str(term);
        marked
    }

    /// The view of a term as it stands in the index.
    pub fn of_marked(term: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|view| term.first().is_some_and(|mark| char::from(*mark) == view.mark()))
    }

    /// What its terms stand behind in the index.
    pub fn mark(self) -> char {
        match self {
            Self::Words => 'w',
            Self::Pairs => 'p',
            Self::Characters => 'c',
        }
    }

    /// Weight in the fusion, measured on statutes and digests alike.
    pub fn weight(self) -> f32 {
        match self {
            Self::Words => 0.4,
            Self::Pairs | Self::Characters => 1.0,
        }
    }
}

/// The dictionary, shared: jieba's own adapter would copy it for every thread.
#[derive(Clone)]
pub struct Dictionary(Arc<Jieba>);

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dictionary")
    }
}

impl Dictionary {
    /// The general dictionary with our own words, which win over any cut through them.
    pub fn with_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut jieba = Jieba::new();
        for word in words {
            jieba.add_word(word, None, None);
        }
        Self(Arc::new(jieba))
    }

    /// The terms of `text` in a view; `text` need not be folded.
    pub fn terms(&self, view: View, text: &str) -> Vec<String> {
        let folded = fold(text);
        let mut terms = Vec::new();
        self.cut(view, &folded, |term| terms.push(folded[term].to_owned()));
        terms
    }

    /// Where the terms of a folded text stand in it, one by one.
    pub(super) fn cut(&self, view: View, folded: &str, mut term: impl FnMut(Range<usize>)) {
        match view {
            View::Words => {
                for token in self.0.tokenize(folded, TokenizeMode::Search, true) {
                    if token.word.chars().any(is_letter) {
                        term(token.byte_start..token.byte_end);
                    }
                }
            }
            View::Pairs => {
                for pair in runs(folded).windows(2).filter(|pair| pair[1].joined) {
                    term(pair[0].start..pair[1].end);
                }
            }
            View::Characters => runs(folded).iter().for_each(|run| term(run.start..run.end)),
        }
    }

    /// The words of a text one after the other, none within another: what stands beside what.
    pub(super) fn in_sequence(&self, text: &str) -> Vec<String> {
        let folded = fold(text);
        let tokens = self.0.tokenize(&folded, TokenizeMode::Default, true);
        tokens.into_iter().map(|token| token.word).filter(|word| word.chars().any(is_letter)).map(str::to_owned).collect()
    }
}

/// The form terms are compared in: NFKC, lower case.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_onto(&mut folded, text);
    folded
}

/// Folds a text onto the end of another.
pub(super) fn fold_onto(folded: &mut String, text: &str) {
    let begin = folded.len();
    for c in text.chars() {
        match c {
            '\0'..='\u{7f}' => folded.push(c.to_ascii_lowercase()),
            '\u{4e00}'..='\u{9fff}' | '、' | '。' | '《'..='】' | '“' | '”' => folded.push(c),
            // Full-width forms stand this far behind the ASCII ones.
            '\u{ff01}'..='\u{ff5e}' => {
                folded.push(char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c).to_ascii_lowercase());
            }
            // Rare characters may change with their neighbours: the whole text goes the long way.
            _ => {
                folded.truncate(begin);
                folded.extend(text.nfkc().flat_map(char::to_lowercase));
                return;
            }
        }
    }
}

/// A character that stands alone, or digits and letters in a row.
struct Run {
    start: usize,
    end: usize,
    /// Whether it follows the one before with nothing between.
    joined: bool,
}

/// Han characters stand alone, digits and letters in runs.
fn runs(folded: &str) -> Vec<Run> {
    let mut runs = Vec::with_capacity(folded.len() / 3 + 1);
    let (mut open, mut joined) = (None, false);
    for (at, c) in folded.char_indices() {
        if c.is_ascii_alphanumeric() || (open.is_some() && matches!(c, '.' | '%')) {
            open.get_or_insert(at);
            continue;
        }
        if let Some(start) = open.take() {
            runs.push(Run { start, end: at, joined });
            joined = true;
        }
        let letter = is_letter(c);
        if letter {
            runs.push(Run { start: at, end: at + c.len_utf8(), joined });
        }
        joined = letter;
    }
    if let Some(start) = open {
        runs.push(Run { start, end: folded.len(), joined });
    }
    runs
}

/// Whether a character makes a term: the common case first, for the table of all of them is slow.
fn is_letter(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}') || c.is_alphanumeric()
}

/// The tokenizer tantivy calls while indexing: the terms of all views, each behind the mark of its view.
#[derive(Debug, Clone)]
pub struct ViewTokenizer(pub Dictionary);

impl ViewTokenizer {
    /// Name it is registered by.
    pub const NAME: &'static str = "views";
}

/// Terms already cut, handed out one by one.
#[derive(Debug)]
pub struct TermStream {
    folded: String,
    /// Each behind the mark of its view, where views share a field.
    terms: std::vec::IntoIter<(Option<char>, Range<usize>)>,
    token: Token,
}

impl Tokenizer for ViewTokenizer {
    type TokenStream<'a> = TermStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TermStream {
        let folded = fold(text);
        let mut terms = Vec::new();
        for view in View::ALL {
            self.0.cut(view, &folded, |term| terms.push((Some(view.mark()), term)));
        }
        TermStream { folded, terms: terms.into_iter(), token: Token::default() }
    }
}

/// Words alone: what the naive index is made with.
#[derive(Debug, Clone)]
pub struct WordTokenizer(pub Dictionary);

impl WordTokenizer {
    /// Name it is registered by.
    pub const NAME: &'static str = "words";
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = TermStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TermStream {
        let folded = fold(text);
        let mut terms = Vec::new();
        self.0.cut(View::Words, &folded, |term| terms.push((None, term)));
        TermStream { folded, terms: terms.into_iter(), token: Token::default() }
    }
}

impl TokenStream for TermStream {
    fn advance(&mut self) -> bool {
        let Some((mark, term)) = self.terms.next() else { return false };
        self.token.position = self.token.position.wrapping_add(1);
        self.token.text.clear();
        self.token.text.extend(mark);
        self.token.text.push_str(&self.folded[term]);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
