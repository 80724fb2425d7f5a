//! Collections of many shards, which are searched by several processors: larger than any that the other tests can make.

use std::collections::HashMap;

use super::{Counts, Impacts, SHARD, SHARDS_EACH, STEPS, TermKey};

const TERMS: u32 = 12;
const LIMIT: usize = 300;

/// Enough for three to search, the last shard nearly empty.
fn entries() -> u32 {
    u32::try_from(SHARD * SHARDS_EACH * 3 + 5).expect("it is a small number")
}

/// What a term adds to an entry, from 1 to 9, so that many are equal; nothing for most entries.
fn impact(term: u32, entry: u32) -> Option<u16> {
    let mixed = entry.wrapping_mul(0x9e37_79b9).rotate_left(term) ^ entry.wrapping_mul(term + 7);
    mixed.is_multiple_of(7 * (term + 1)).then_some(u16::try_from(mixed / 97 % 9 + 1).unwrap_or(1))
}

fn key(term: u32) -> TermKey {
    TermKey::of(&term.to_le_bytes())
}

fn index() -> Impacts {
    let mut counts = Counts::new(entries() as usize);
    let of = |term| (0..entries()).filter_map(move |entry| Some((entry, f32::from(impact(term, entry)?))));
    for term in 0..TERMS {
        of(term).for_each(|(entry, _)| counts.add(key(term), Counts::shard_of(entry), 1));
    }
    // A step of 1: what is put in is what is added up.
    let mut filling = counts.lay_out(STEPS, |_| false);
    for term in 0..TERMS {
        filling.put(key(term), &of(term).collect::<Vec<_>>());
    }
    filling.finish()
}

#[test]
fn the_best_of_many_shards_are_the_best_of_all_equal_ones_in_order() {
    let index = index();
    let mut sums: HashMap<u32, u16> = HashMap::new();
    for term in 0..TERMS {
        for entry in 0..entries() {
            if let Some(impact) = impact(term, entry) {
                *sums.entry(entry).or_default() += impact;
            }
        }
    }
    let keys: Vec<TermKey> = (0..TERMS).map(key).collect();
    let odd: Vec<bool> = (0..entries()).map(|entry| entry % 2 == 1).collect();
    for allowed in [None, Some(&odd[..])] {
        let mut best: Vec<(u32, u16)> = sums
            .iter()
            .map(|(entry, sum)| (*entry, *sum))
            .filter(|(entry, _)| allowed.is_none_or(|allowed| allowed[*entry as usize]))
            .collect();
        best.sort_unstable_by_key(|(entry, sum)| (u16::MAX - sum, *entry));
        best.truncate(LIMIT);
        let found: Vec<(u32, f32)> = index.search(&keys, allowed, LIMIT).into_iter().map(|found| (found.entry, found.score)).collect();
        assert_eq!(found, best.into_iter().map(|(entry, sum)| (entry, f32::from(sum))).collect::<Vec<_>>());
    }
}
