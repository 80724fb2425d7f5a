//! Other spellings (F12): traditional characters, pinyin, typing mistakes of the glossary, and characters that sound like an official term.

use std::sync::LazyLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use pinyin::ToPinyin;

use crate::knowledge::glossary::WordKind;
use crate::search::{Snapshot, Sounds};

/// Pinyin is read only from at least this many Latin letters, and only where they are most of the text.
const MIN_LATIN: usize = 6;

static CONVERTER: LazyLock<Option<OpenCC>> = LazyLock::new(|| OpenCC::from_config(BuiltinConfig::T2s).ok());

/// Simplified characters.
pub fn simplified(text: &str) -> String {
    match CONVERTER.as_ref() {
        Some(converter) => converter.convert(text),
        None => text.to_owned(),
    }
}

/// The text in Chinese characters if it is pinyin; `None` if it is not.
pub fn from_pinyin(text: &str, snapshot: &Snapshot) -> Option<String> {
    let latin = text.chars().filter(char::is_ascii_alphabetic).count();
    let han = text.chars().filter(|c| c.to_pinyin().is_some()).count();
    if latin < MIN_LATIN || han * 4 > latin {
        return None;
    }
    let mut read = Vec::new();
    let (mut letters, mut known) = (0, 0);
    for token in text.to_lowercase().split(|c: char| !c.is_ascii_alphabetic()).filter(|token| !token.is_empty()) {
        letters += token.len();
        let words = words_in(token, snapshot.sounds());
        known += words.iter().map(|(_, length)| length).sum::<usize>();
        read.push(words.into_iter().map(|(word, _)| word).collect::<String>());
    }
    // Latin text that is not pinyin (a brand, English, noise) reads badly: leave it alone.
    (letters > 0 && known * 10 >= letters * 8).then(|| read.join(" "))
}

/// The text with slips of the pen put right by the glossary and by sound, if there were any.
pub fn corrected(text: &str, snapshot: &Snapshot) -> Option<String> {
    let mut right = text.to_owned();
    for entry in snapshot.glossary().spellings() {
        if matches!(entry.kind, WordKind::Typo | WordKind::Pinyin) && right.contains(entry.term.as_str()) && !entry.official.contains('（')
        {
            right = right.replace(entry.term.as_str(), &entry.official);
        }
    }
    for (typed, meant) in snapshot.sounds().slips(&right) {
        right = right.replace(&typed, meant);
    }
    (right != text).then_some(right)
}

/// Cuts a run of letters into known words, the fewest and the most frequent; letters that fit nothing are left out.
fn words_in(token: &str, sounds: &Sounds) -> Vec<(String, usize)> {
    #[derive(Clone)]
    struct Best {
        skipped: usize,
        words: usize,
        from: usize,
        word: Option<String>,
    }
    let length = token.len();
    let mut best: Vec<Option<Best>> = vec![None; length + 1];
    best[0] = Some(Best { skipped: 0, words: 0, from: 0, word: None });
    for start in 0..length {
        let Some(here) = best[start].clone() else { continue };
        let mut offer = |to: usize, skipped: usize, word: Option<String>| {
            let candidate = Best { skipped: here.skipped + skipped, words: here.words + 1, from: start, word };
            let better = best[to].as_ref().is_none_or(|known| (candidate.skipped, candidate.words) < (known.skipped, known.words));
            if better {
                best[to] = Some(candidate);
            }
        };
        offer(start + 1, 1, None);
        for end in start + 1..=length {
            if let Some(word) = sounds.word(&token[start..end]) {
                offer(end, 0, Some(word.to_owned()));
            }
        }
    }
    let mut words = Vec::new();
    let mut at = length;
    while at > 0 {
        let Some(step) = best[at].clone() else { break };
        if let Some(word) = step.word {
            words.push((word, at - step.from));
        }
        at = step.from;
    }
    words.reverse();
    words
}
