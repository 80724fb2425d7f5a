//! A text with its markers: figures and conditions, each with the clause and sentence it stands in, so that a figure that moved into
//! another's place is seen.

use std::collections::HashSet;
use std::ops::Range;

use super::figures::{self, Measure};
use super::words::{CONDITIONS, DENIALS, Group, OTHERWISE, PLAIN};

/// Characters after a denial that say what is denied.
const DENIED: usize = 2;
/// A clause says more about its markers than the rest of the sentence.
const CLAUSE_WEIGHT: usize = 3;

/// What kind of thing a marker states; only markers of one kind can be mistaken for each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Kind {
    Figure(Measure),
    Condition(Group),
    Denial,
}

/// A figure, condition or denial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    pub kind: Kind,
    pub value: String,
    /// In characters.
    pub range: Range<usize>,
    pub clause: usize,
    sentence: usize,
}

/// A folded text, cut and marked.
#[derive(Debug)]
pub struct Marked {
    pub characters: Vec<char>,
    pub markers: Vec<Marker>,
    /// Characters that belong to a marker or a plain word.
    taken: Vec<bool>,
    /// What each clause and each sentence speaks of: characters and pairs that are no markers.
    clause_words: Vec<HashSet<String>>,
    sentence_words: Vec<HashSet<String>>,
}

impl Marked {
    /// Marks a folded text.
    pub fn of(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        let (clauses, sentences) = cut(&characters);
        let mut taken = vec![false; characters.len()];
        let mut markers = Vec::new();
        for figure in figures::find(text) {
            let range = text[..figure.range.start].chars().count()..text[..figure.range.end].chars().count();
            taken[range.clone()].fill(true);
            markers.push((Kind::Figure(figure.measure), figure.value, range));
        }
        conditions(&characters, &mut taken, &mut markers);
        let markers: Vec<Marker> = markers
            .into_iter()
            .map(|(kind, value, range)| Marker { kind, value, clause: clauses[range.start], sentence: sentences[range.start], range })
            .collect();
        for range in plain(&characters) {
            taken[range].fill(true);
        }
        let clause_words = words(&characters, &taken, &clauses);
        let sentence_words = words(&characters, &taken, &sentences);
        Self { characters, markers, taken, clause_words, sentence_words }
    }

    /// The stretches of characters between markers, plain words and signs: what the text speaks of.
    pub fn subjects(&self) -> impl Iterator<Item = &[char]> {
        let place = |at: &usize| self.taken[*at] || !self.characters[*at].is_alphanumeric();
        let mut ends: Vec<usize> = (0..self.characters.len()).filter(place).collect();
        ends.push(self.characters.len());
        let starts = std::iter::once(0).chain(ends.clone().into_iter().map(|end| end + 1));
        starts.zip(ends).map(|(start, end)| &self.characters[start..end])
    }

    /// The markers of `sources` of the same kind whose company is most like that of `marker`.
    pub fn nearest<'a>(&self, marker: &Marker, sources: &'a Self) -> Vec<&'a Marker> {
        let likeness = |other: &Marker| {
            let clause = self.clause_words[marker.clause].intersection(&sources.clause_words[other.clause]).count();
            let sentence = self.sentence_words[marker.sentence].intersection(&sources.sentence_words[other.sentence]).count();
            let (beside_in_clause, beside_in_sentence) = self.beside(marker, other, sources);
            CLAUSE_WEIGHT * (clause + beside_in_clause) + sentence + beside_in_sentence
        };
        let same: Vec<(usize, &Marker)> =
            sources.markers.iter().filter(|other| other.kind == marker.kind).map(|other| (likeness(other), other)).collect();
        let best = same.iter().map(|(likeness, _)| *likeness).max().unwrap_or_default();
        same.into_iter().filter(|(likeness, _)| *likeness == best).map(|(_, other)| other).collect()
    }

    /// How many markers of other kinds stand beside both, in clause and sentence.
    fn beside(&self, marker: &Marker, other: &Marker, sources: &Self) -> (usize, usize) {
        let (mut in_clause, mut in_sentence) = (0, 0);
        for mine in self.markers.iter().filter(|mine| mine.sentence == marker.sentence && mine.kind != marker.kind) {
            let same = |theirs: &&Marker| theirs.sentence == other.sentence && theirs.kind == mine.kind && theirs.value == mine.value;
            in_sentence += usize::from(sources.markers.iter().any(|theirs| same(&theirs)));
            let in_same_clause = |theirs: &Marker| same(&theirs) && theirs.clause == other.clause;
            in_clause += usize::from(mine.clause == marker.clause && sources.markers.iter().any(in_same_clause));
        }
        (in_clause, in_sentence)
    }

    /// The values of one kind in a clause, in order.
    pub fn values(&self, kind: &Kind, clause: usize) -> Vec<&str> {
        self.markers.iter().filter(|marker| marker.kind == *kind && marker.clause == clause).map(|marker| marker.value.as_str()).collect()
    }

    /// Where each character stands, for those who walk the text.
    pub fn is_marked(&self) -> Vec<bool> {
        let mut marked = vec![false; self.characters.len()];
        for marker in &self.markers {
            marked[marker.range.clone()].fill(true);
        }
        marked
    }
}

/// Clause and sentence of each character.
fn cut(characters: &[char]) -> (Vec<usize>, Vec<usize>) {
    let (mut clause, mut sentence) = (0, 0);
    let mut clauses = Vec::with_capacity(characters.len());
    let mut sentences = Vec::with_capacity(characters.len());
    for (at, c) in characters.iter().enumerate() {
        clauses.push(clause);
        sentences.push(sentence);
        let between_digits = *c == ':' && characters.get(at + 1).is_some_and(char::is_ascii_digit);
        if "。;!?\n".contains(*c) {
            sentence += 1;
            clause += 1;
        } else if ",:".contains(*c) && !between_digits {
            clause += 1;
        }
    }
    (clauses, sentences)
}

fn conditions(characters: &[char], taken: &mut [bool], markers: &mut Vec<(Kind, String, Range<usize>)>) {
    let mut at = 0;
    while at < characters.len() {
        if taken[at] {
            at += 1;
            continue;
        }
        let fits = |word: &&str| starts_with(characters, at, word);
        let otherwise = OTHERWISE.iter().filter(|word| fits(word)).map(|word| word.chars().count()).max().unwrap_or(0);
        let condition = CONDITIONS
            .iter()
            .flat_map(|(group, class, words)| words.iter().map(move |word| (*group, *class, *word)))
            .filter(|(_, _, word)| fits(word))
            .map(|(group, class, word)| (word.chars().count(), Kind::Condition(group), class.to_owned()))
            .max_by_key(|(length, _, _)| *length);
        let denial = DENIALS.iter().find(|word| fits(word)).map(|word| {
            let length = word.chars().count();
            let denied = characters[(at + length).min(characters.len())..].iter().take(DENIED).collect();
            (length, Kind::Denial, denied)
        });
        match condition.or(denial) {
            Some((length, kind, value)) if length > otherwise => {
                taken[at..at + length].fill(true);
                markers.push((kind, value, at..at + length));
                at += length;
            }
            _ => at += otherwise.max(1),
        }
    }
}

/// Where plain words stand.
pub fn plain(characters: &[char]) -> Vec<Range<usize>> {
    (0..characters.len())
        .filter_map(|at| {
            let length = PLAIN.iter().filter(|word| starts_with(characters, at, word)).map(|word| word.chars().count()).max()?;
            Some(at..at + length)
        })
        .collect()
}

fn starts_with(characters: &[char], at: usize, word: &str) -> bool {
    word.chars().enumerate().all(|(step, c)| characters.get(at + step) == Some(&c))
}

fn words(characters: &[char], taken: &[bool], parts: &[usize]) -> Vec<HashSet<String>> {
    let mut words = vec![HashSet::new(); parts.last().map_or(1, |last| last + 1)];
    for (at, c) in characters.iter().enumerate() {
        if taken[at] || !c.is_alphanumeric() {
            continue;
        }
        words[parts[at]].insert(c.to_string());
        if let Some(next) = characters.get(at + 1).filter(|next| next.is_alphanumeric() && !taken[at + 1]) {
            words[parts[at]].insert(format!("{c}{next}"));
        }
    }
    words
}
