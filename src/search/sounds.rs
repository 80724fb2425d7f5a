//! How the words of the field sound, for reading pinyin and for putting right what was typed by sound.

use std::collections::HashMap;

use pinyin::ToPinyin;

use crate::knowledge::Glossary;

/// Only terms of this length are looked for by sound: shorter ones have too many neighbours.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=8;

/// Words by their sound.
#[derive(Debug, Default)]
pub struct Sounds {
    words: HashMap<String, (String, u32)>,
    terms: Vec<Term>,
    /// Terms by their first sound, the longer ones first.
    by_first: HashMap<&'static str, Vec<usize>>,
}

#[derive(Debug)]
struct Term {
    text: String,
    characters: Vec<char>,
    sounds: Vec<&'static str>,
}

impl Sounds {
    /// `words` with how often each occurs; the official terms of the glossary are what slips are put right to.
    pub(super) fn of(words: HashMap<String, u32>, glossary: &Glossary) -> Self {
        let mut sounds = Self::default();
        for (word, count) in words {
            let syllables: Vec<&str> = word.chars().map(sound).collect();
            if syllables.contains(&"") {
                continue;
            }
            // 率 and 女 are typed with v.
            let entry = sounds.words.entry(syllables.concat().replace('ü', "v")).or_insert_with(|| (word.clone(), count));
            if (count, word.as_str()) > (entry.1, entry.0.as_str()) {
                *entry = (word, count);
            }
        }
        let mut terms: Vec<&str> = glossary.entries.iter().map(|entry| entry.official.as_str()).collect();
        terms.sort_unstable_by_key(|term| (std::cmp::Reverse(term.len()), *term));
        terms.dedup();
        for text in terms {
            let characters: Vec<char> = text.chars().collect();
            let heard: Vec<&'static str> = characters.iter().map(|c| sound(*c)).collect();
            if LENGTHS.contains(&characters.len()) && !heard.contains(&"") {
                sounds.by_first.entry(heard[0]).or_default().push(sounds.terms.len());
                sounds.terms.push(Term { text: text.to_owned(), characters, sounds: heard });
            }
        }
        sounds
    }

    /// The most frequent word that is spelled like this in pinyin without tones.
    pub fn word(&self, pinyin: &str) -> Option<&str> {
        self.words.get(pinyin).map(|(word, _)| word.as_str())
    }

    /// What was typed by sound, with the official term for it: one character may be wrong in a short term, two in a long one.
    pub fn slips(&self, text: &str) -> Vec<(String, &str)> {
        let characters: Vec<char> = text.chars().collect();
        let heard: Vec<&str> = characters.iter().map(|c| sound(*c)).collect();
        let mut slips: Vec<(usize, String)> = Vec::new();
        for from in 0..characters.len() {
            for at in self.by_first.get(heard[from]).into_iter().flatten() {
                let term = &self.terms[*at];
                let length = term.characters.len();
                if heard.get(from..from + length) != Some(&term.sounds[..]) {
                    continue;
                }
                let typed = &characters[from..from + length];
                let same = typed.iter().zip(&term.characters).filter(|(a, b)| a == b).count();
                if same < length && same + 1 + length / 5 >= length && !text.contains(&term.text) {
                    slips.push((*at, typed.iter().collect()));
                }
            }
        }
        slips.sort_unstable();
        slips.into_iter().map(|(at, typed)| (typed, self.terms[at].text.as_str())).collect()
    }
}

/// Pinyin without tone; empty for what is no Chinese character.
fn sound(c: char) -> &'static str {
    c.to_pinyin().map_or("", |sound| sound.plain())
}
