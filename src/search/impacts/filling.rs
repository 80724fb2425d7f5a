//! Filling the impact index in two passes over the stored one: what is counted first is then put where it belongs, so that the stored index
//! can be read piece by piece, memory is taken once and to the byte, and how much it will be is known before any of it is taken.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use super::{BEGIN_BITS, Impacts, PLACE, Postings, SHARD, STEPS, Shard, TermKey, index};

/// Takes the key as it is: it is a hash already.
#[derive(Debug, Default)]
pub struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash << 8) | u64::from(*byte));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// Terms by their keys.
pub type TermSet = HashSet<TermKey, BuildHasherDefault<AsItIs>>;
type ByTerm = HashMap<TermKey, u32, BuildHasherDefault<AsItIs>>;

/// The first pass: in how many entries of each shard a term stands.
#[derive(Debug)]
pub struct Counts {
    entries: usize,
    shards: Vec<ByTerm>,
}

/// The second pass: the impacts are put into the room made for them.
#[derive(Debug)]
pub struct Filling {
    shards: Vec<Shard>,
    /// For each term of a shard how many of its entries are there already.
    filled: Vec<Vec<u32>>,
    /// In how many entries a term stands, where that is more than one shard knows.
    found: Option<ByTerm>,
    step: f32,
}

impl Counts {
    /// For `entries` entries, none counted.
    pub fn new(entries: usize) -> Self {
        Self { entries, shards: vec![ByTerm::default(); entries.div_ceil(SHARD).max(1)] }
    }

    /// The shard an entry lies in.
    pub fn shard_of(entry: u32) -> usize {
        entry as usize / SHARD
    }

    /// Counts a term in `many` more entries of a shard.
    pub fn add(&mut self, key: TermKey, shard: usize, many: u32) {
        if let Some(terms) = self.shards.get_mut(shard) {
            *terms.entry(key).or_default() += many;
        }
    }

    /// Bytes the index will take: as many as [`Impacts::bytes`] says when it is filled. `common` says of a number of entries whether a term
    /// in so many is only counted.
    pub fn bytes(&self, common: impl Fn(u64) -> bool) -> u64 {
        let found = self.found();
        let mut bytes = 0;
        for terms in &self.shards {
            bytes += terms.len() * size_of::<Postings>() + begins() * size_of::<u32>();
            for (key, many) in terms {
                if !common(found_in(found.as_ref(), *key, *many)) {
                    bytes += *many as usize * (PLACE + 1);
                }
            }
        }
        bytes as u64
    }

    /// Bytes the terms alone take: what the index will take at least.
    pub fn least_bytes(&self) -> u64 {
        self.shards.iter().map(|terms| terms.len() * size_of::<Postings>()).sum::<usize>() as u64
    }

    /// Makes room for all that was counted. No impact put in may exceed `highest`; `common` as for [`Self::bytes`].
    pub fn lay_out(self, highest: f32, common: impl Fn(u64) -> bool) -> Filling {
        let found = self.found();
        let mut filling = Filling { shards: Vec::new(), filled: Vec::new(), found, step: highest / STEPS };
        let entries: Vec<usize> = (0..self.shards.len()).map(|at| self.entries_of(at)).collect();
        for (terms, entries) in self.shards.into_iter().zip(entries) {
            filling.filled.push(vec![0; terms.len()]);
            filling.shards.push(Shard::for_terms(&terms, entries, |key, many| common(found_in(filling.found.as_ref(), key, many))));
        }
        // After the tables for counting are gone, so that both never are in memory together.
        for shard in &mut filling.shards {
            shard.make_room();
        }
        filling
    }

    fn entries_of(&self, shard: usize) -> usize {
        self.entries.saturating_sub(shard * SHARD).min(SHARD)
    }

    /// In how many entries of all shards each term stands; `None` where there is only one shard.
    fn found(&self) -> Option<ByTerm> {
        let (first, others) = self.shards.split_first().filter(|(_, others)| !others.is_empty())?;
        let mut found = first.clone();
        for (key, many) in others.iter().flatten() {
            *found.entry(*key).or_default() += many;
        }
        Some(found)
    }
}

fn found_in(found: Option<&ByTerm>, key: TermKey, in_shard: u32) -> u64 {
    u64::from(found.map_or(in_shard, |found| found.get(&key).copied().unwrap_or_default()))
}

/// Length of the table of beginnings.
const fn begins() -> usize {
    (1 << BEGIN_BITS) + 1
}

impl Filling {
    /// In how many entries a term stands.
    pub fn found(&self, key: TermKey) -> u64 {
        match &self.found {
            Some(found) => u64::from(found.get(&key).copied().unwrap_or_default()),
            None => self.shards.iter().filter_map(|shard| shard.find(key)).map(|postings| u64::from(postings.more) + 1).sum(),
        }
    }

    /// Puts in entries of a term, ascending, and the impact on each; they lie behind those put in before. What was not counted is left out.
    pub fn put(&mut self, key: TermKey, postings: &[(u32, f32)]) {
        let mut rest = postings;
        while let Some((entry, _)) = rest.first() {
            let at = Counts::shard_of(*entry);
            let (here, behind) = rest.split_at(rest.partition_point(|(entry, _)| Counts::shard_of(*entry) == at));
            if let Some(shard) = self.shards.get_mut(at)
                && let Some(term) = shard.place_of(key)
            {
                shard.put(term, here, self.step, &mut self.filled[at][term]);
            }
            rest = behind;
        }
    }

    /// From here on the index can be searched.
    pub fn finish(self) -> Impacts {
        Impacts { shards: self.shards, step: self.step }
    }
}

impl Shard {
    fn for_terms(terms: &ByTerm, entries: usize, common: impl Fn(TermKey, u32) -> bool) -> Self {
        let postings = |(key, many): (&TermKey, &u32)| {
            let more = u16::try_from(many.saturating_sub(1)).unwrap_or(u16::MAX);
            Postings { key: *key, start: 0, more, highest: 0, listed: !common(*key, *many) }
        };
        let mut terms: Vec<Postings> = terms.iter().map(postings).collect();
        terms.sort_unstable_by_key(|postings| postings.key);
        let mut begins = Vec::with_capacity(self::begins());
        let mut at = 0;
        for begin in 0..=1_u64 << BEGIN_BITS {
            at += terms[at..].iter().take_while(|postings| postings.key.upper() < begin).count();
            begins.push(index(at));
        }
        Self { entries, terms, begins, ..Self::default() }
    }

    fn make_room(&mut self) {
        let mut listed = 0;
        for postings in self.terms.iter_mut().filter(|postings| postings.listed) {
            postings.start = index(listed);
            listed += usize::from(postings.more) + 1;
        }
        self.places = vec![0; listed];
        self.impacts = vec![0; listed];
    }

    fn put(&mut self, term: usize, postings: &[(u32, f32)], step: f32, filled: &mut u32) {
        let Postings { start, more, listed, .. } = self.terms[term];
        if !listed {
            return;
        }
        let room = (u32::from(more) + 1).saturating_sub(*filled) as usize;
        for (entry, impact) in postings.iter().take(room) {
            let place = *entry as usize % SHARD;
            let impact = quantised(*impact, step);
            let at = (start + *filled) as usize;
            self.places[at] = u16::try_from(place).expect("a place within a shard takes two bytes");
            self.impacts[at] = impact;
            *filled += 1;
            self.terms[term].highest = self.terms[term].highest.max(impact);
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to one byte")]
fn quantised(impact: f32, step: f32) -> u8 {
    (impact / step).round().clamp(1.0, STEPS) as u8
}
