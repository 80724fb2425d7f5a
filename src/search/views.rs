//! The views of a text: words by jieba, pairs of characters, single characters. Index and question go through the same code.

use std::fmt;
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
        self.terms_of_folded(view, &fold(text))
    }

    /// The same of a text that is folded.
    pub(super) fn terms_of_folded(&self, view: View, folded: &str) -> Vec<String> {
        match view {
            View::Words => self.words(folded, TokenizeMode::Search),
            View::Pairs => pairs(folded),
            View::Characters => characters(folded),
        }
    }

    /// The words of a text one after the other, none within another: what stands beside what.
    pub(super) fn in_sequence(&self, text: &str) -> Vec<String> {
        self.words(&fold(text), TokenizeMode::Default)
    }

    fn words(&self, folded: &str, mode: TokenizeMode) -> Vec<String> {
        let tokens = self.0.tokenize(folded, mode, true);
        tokens.into_iter().map(|token| token.word).filter(|word| word.chars().any(char::is_alphanumeric)).map(str::to_owned).collect()
    }
}

/// The form terms are compared in: NFKC, lower case.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0'..='\u{7f}' => folded.push(c.to_ascii_lowercase()),
            '\u{4e00}'..='\u{9fff}' | '、' | '。' | '《'..='】' | '“' | '”' => folded.push(c),
            // Full-width forms stand this far behind the ASCII ones.
            '\u{ff01}'..='\u{ff5e}' => {
                folded.push(char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c).to_ascii_lowercase());
            }
            // Rare characters may change with their neighbours: the whole text goes the long way.
            _ => return text.nfkc().flat_map(char::to_lowercase).collect(),
        }
    }
    folded
}

/// Han characters stand alone, digits and letters in runs.
fn runs(folded: &str) -> Vec<Vec<&str>> {
    let mut groups: Vec<Vec<&str>> = vec![Vec::new()];
    let mut open: Option<usize> = None;
    for (at, c) in folded.char_indices() {
        let in_run = c.is_ascii_alphanumeric() || (open.is_some() && matches!(c, '.' | '%'));
        if in_run {
            open.get_or_insert(at);
            continue;
        }
        if let Some(start) = open.take()
            && let Some(group) = groups.last_mut()
        {
            group.push(&folded[start..at]);
        }
        if c.is_alphanumeric() {
            if let Some(group) = groups.last_mut() {
                group.push(&folded[at..at + c.len_utf8()]);
            }
        } else if groups.last().is_some_and(|group| !group.is_empty()) {
            groups.push(Vec::new());
        }
    }
    if let Some(start) = open
        && let Some(group) = groups.last_mut()
    {
        group.push(&folded[start..]);
    }
    groups
}

fn pairs(folded: &str) -> Vec<String> {
    let mut terms = Vec::new();
    for group in runs(folded) {
        for pair in group.windows(2) {
            terms.push(pair.concat());
        }
    }
    terms
}

fn characters(folded: &str) -> Vec<String> {
    runs(folded).into_iter().flatten().map(str::to_owned).collect()
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
    terms: std::vec::IntoIter<String>,
    token: Token,
}

impl Tokenizer for ViewTokenizer {
    type TokenStream<'a> = TermStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TermStream {
        let folded = fold(text);
        let mut terms = Vec::new();
        for view in View::ALL {
            terms.extend(self.0.terms_of_folded(view, &folded).into_iter().map(|term| view.marked(&term)));
        }
        TermStream { terms: terms.into_iter(), token: Token::default() }
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
        TermStream { terms: self.0.terms(View::Words, text).into_iter(), token: Token::default() }
    }
}

impl TokenStream for TermStream {
    fn advance(&mut self) -> bool {
        let Some(term) = self.terms.next() else { return false };
        self.token.position = self.token.position.wrapping_add(1);
        self.token.text = term;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
