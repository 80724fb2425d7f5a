//! The impact index: for each term the entries that have it, with what it adds to their score as one small number worked out beforehand.
//! It is read from the stored index when that is opened and lies flat in memory; a question then only adds and compares integers.
//! One rule: the best K it gives are exactly the best K, whatever it skips.
//!
//! A collection is cut into shards of 65,536 entries, so that a place within a shard takes two bytes and the sums of a shard stay in the
//! processor's cache. Lists are added up from the rarest on; once what is left cannot lift an entry that has little into the best K, only
//! the entries that have enough are looked up in the rest.

mod filling;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::num::NonZero;
use std::sync::LazyLock;

pub use filling::{Counts, Filling, TermSet};

/// Entries in a shard: what two bytes can tell apart.
const SHARD: usize = 1 << 16;
/// The largest impact.
const STEPS: f32 = 255.0;
/// Sums are compared in blocks of this many entries at a time.
const BLOCK: usize = 16;
/// So many blocks lie in each other, for the processor to find the highest sum of all of them at once: the first entries of each, then the
/// second ones, and so on.
const BESIDE: usize = 64;
/// Entries of the blocks that lie in each other.
const STRETCH: usize = BLOCK * BESIDE;
/// A list at most this many times longer than the candidates is added whole: that is cheaper than looking each candidate up.
const ADD_WHOLE: usize = 12;
/// Upper bits of a key by which terms are looked up: some ten terms share them in a full shard.
const BEGIN_BITS: u32 = 16;
/// Terms looked for at most: the sum of their impacts then fits two bytes.
pub const MOST_TERMS: usize = 256;
/// Sums counted at a time, in two bytes.
const COUNTED: usize = 1 << 12;
/// Candidates are looked up one by one where they are at most one of this many entries.
const FEW: usize = 8;
/// One block of this many is looked at to see whether it is worth looking at all.
const SAMPLED: usize = 16;
/// Bits of a sum by which sums are told apart when those at the top are counted.
const TOLD_BITS: u32 = 10;
/// Postings of a list that are added in one go: written out, so that the processor need not wait for one before the next.
const AT_ONCE: usize = 8;
/// Shards that keep a processor busy for longer than it takes to get another one to help.
const SHARDS_EACH: usize = 4;
/// How many processors may help.
static PROCESSORS: LazyLock<usize> = LazyLock::new(|| std::thread::available_parallelism().map_or(1, NonZero::get));
/// Bytes of a place within a shard.
const PLACE: usize = size_of::<u16>();
/// So many sums that blocks never end outside.
const fn padded(entries: usize) -> usize {
    entries.div_ceil(STRETCH) * STRETCH
}

/// Where FNV-1a begins.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// A term's name in the index: a hash of it. Two names out of a million collide once in some 30 million collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermKey(u64);

impl TermKey {
    /// The key of a term as it stands in the index.
    pub fn of(term: &[u8]) -> Self {
        Self::mixed(hashed(OFFSET, term))
    }

    /// The key of a term behind its mark, without putting the two together.
    pub fn of_marked(mark: char, term: &str) -> Self {
        Self::mixed(hashed(hashed(OFFSET, mark.encode_utf8(&mut [0; 4]).as_bytes()), term.as_bytes()))
    }

    fn mixed(hash: u64) -> Self {
        let hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(hash ^ (hash >> 29))
    }

    /// Its upper half, where four bytes tell enough apart.
    pub fn short(self) -> u32 {
        (self.0 >> 32) as u32
    }

    fn upper(self) -> u64 {
        self.0 >> (u64::BITS - BEGIN_BITS)
    }
}

/// FNV-1a: stable across machines and fast for a few bytes.
fn hashed(seed: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(seed, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// Where a term's entries lie in its shard.
#[derive(Debug, Clone, Copy)]
struct Postings {
    key: TermKey,
    /// First entry in the lists.
    start: u32,
    /// Entries in this shard, less one.
    more: u16,
    /// The largest impact in this shard.
    highest: u8,
    /// Whether its entries are there: what is so frequent that it tells nothing apart is only counted.
    listed: bool,
}

#[derive(Debug, Default)]
struct Shard {
    entries: usize,
    /// By key.
    terms: Vec<Postings>,
    /// Where the terms begin whose keys have these upper bits, so that a lookup reads one stretch of memory.
    begins: Vec<u32>,
    places: Vec<u16>,
    impacts: Vec<u8>,
}

/// The index; ready to be searched.
#[derive(Debug, Default)]
pub struct Impacts {
    shards: Vec<Shard>,
    step: f32,
}

/// An entry found, with its score in the units of the impacts put in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    pub entry: u32,
    pub score: f32,
}

/// What the entries of a shard have so far; in two bytes, so that as many as possible are added at once.
type Sums = [u16; SHARD];

thread_local! {
    /// Kept from question to question: taking and giving back this much memory costs as much as adding up the lists.
    static SUMS: RefCell<Box<Sums>> = RefCell::new(vec![0; SHARD].into_boxed_slice().try_into().expect("it has the length of a shard"));
}

impl Shard {
    /// Where a term stands among the terms.
    fn place_of(&self, key: TermKey) -> Option<usize> {
        let begin = usize::try_from(key.upper()).ok()?;
        let from = *self.begins.get(begin)? as usize;
        let near = &self.terms[from..*self.begins.get(begin + 1)? as usize];
        near.iter().position(|postings| postings.key == key).map(|at| from + at)
    }

    fn find(&self, key: TermKey) -> Option<Postings> {
        self.place_of(key).map(|at| self.terms[at])
    }

    fn list(&self, postings: Postings) -> (&[u16], &[u8]) {
        let range = postings.start as usize..postings.start as usize + usize::from(postings.more) + 1;
        (&self.places[range.clone()], &self.impacts[range])
    }

    /// Raises `best` by the entries of this shard, the first of which has the number `first`.
    fn search(&self, wanted: &[TermKey], first: u32, allowed: Option<&[bool]>, best: &mut Best, sums: &mut Sums) {
        let mut terms: Vec<Postings> = wanted.iter().filter_map(|key| self.find(*key)).filter(|postings| postings.listed).collect();
        terms.sort_unstable_by_key(|postings| postings.more);
        let width = padded(self.entries);
        sums[..width].fill(0);
        let ahead = |from: usize| terms[from..].iter().map(|postings| u16::from(postings.highest)).sum::<u16>();
        let mut done = 0;
        while done < terms.len() && ahead(done) >= best.least() {
            self.add(terms[done], sums);
            done += 1;
        }
        let left = ahead(done);
        let allowed = allowed.map(|allowed| &allowed[first as usize..first as usize + self.entries]);
        leave_out(&mut sums[..width], allowed);
        let candidates = if let Some(few) = self.liftable(left, best, &sums[..width]) {
            for postings in &terms[done..] {
                self.add_to(&few, *postings, sums);
            }
            few
        } else {
            for postings in &terms[done..] {
                self.add(*postings, sums);
            }
            leave_out(&mut sums[..width], allowed);
            let highest = highest_of_blocks(&sums[..width]);
            over(&sums[..width], &highest, best.least().max(reached_by(&highest, best.limit).saturating_sub(1)))
        };
        let bar = best.least();
        let good = candidates.into_iter().map(|place| (first + u32::from(place), sums[usize::from(place)]));
        best.take(good.filter(|(_, sum)| *sum > bar).map(packed));
    }

    /// The entries that what is `left` to come can lift into the best K; `None` where they are too many to be looked up one by one.
    fn liftable(&self, left: u16, best: &Best, sums: &[u16]) -> Option<Vec<u16>> {
        let bar = |reached: u16| best.least().max(reached).checked_sub(left)?.checked_sub(1);
        let sample: Vec<u16> = sums.chunks_exact(BLOCK * SAMPLED).map(|blocks| highest_of(&blocks[..BLOCK])).collect();
        bar(reached_by(&sample, best.limit.div_ceil(SAMPLED)))?;
        // What entries have already bounds the best K from below; with what is left to come others may still get there.
        let highest = highest_of_blocks(sums);
        let bar = bar(reached_by(&highest, best.limit))?;
        (count_over(sums, bar) * FEW <= self.entries).then(|| over(sums, &highest, bar))
    }

    /// Adds the impacts of a term to all sums.
    fn add(&self, postings: Postings, sums: &mut Sums) {
        let (places, impacts) = self.list(postings);
        let (places, last_places) = places.as_chunks::<AT_ONCE>();
        let (impacts, last_impacts) = impacts.as_chunks::<AT_ONCE>();
        for (places, impacts) in places.iter().zip(impacts) {
            for at in 0..AT_ONCE {
                sums[usize::from(places[at])] += u16::from(impacts[at]);
            }
        }
        for (place, impact) in last_places.iter().zip(last_impacts) {
            sums[usize::from(*place)] += u16::from(*impact);
        }
    }

    /// Adds a term's impacts to the sums of the candidates (ascending).
    fn add_to(&self, candidates: &[u16], postings: Postings, sums: &mut Sums) {
        let (places, impacts) = self.list(postings);
        if places.len() <= ADD_WHOLE * candidates.len() {
            return self.add(postings, sums);
        }
        let mut from = 0;
        for place in candidates {
            from += places[from..].partition_point(|known| known < place);
            if places.get(from) == Some(place) {
                sums[usize::from(*place)] += u16::from(impacts[from]);
            }
        }
    }
}

impl Impacts {
    /// In how many entries a term stands.
    pub fn found(&self, key: TermKey) -> u64 {
        self.shards.iter().filter_map(|shard| shard.find(key)).map(|postings| u64::from(postings.more) + 1).sum()
    }

    /// The best `limit` entries that are `allowed`, best first, equal scores in the order of the entries. Entries with nothing in common
    /// with the question are never found. Of more than [`MOST_TERMS`] terms the first are taken.
    pub fn search(&self, wanted: &[TermKey], allowed: Option<&[bool]>, limit: usize) -> Vec<Found> {
        let wanted = &wanted[..wanted.len().min(MOST_TERMS)];
        let workers = (self.shards.len() / SHARDS_EACH).clamp(1, *PROCESSORS);
        let each = self.shards.len().div_ceil(workers).max(1);
        let search = |at: usize, shards: &[Shard]| {
            let mut best = Best { limit, entries: Vec::new() };
            SUMS.with_borrow_mut(|sums| {
                for (shard, first) in shards.iter().zip((at * each * SHARD..).step_by(SHARD)) {
                    shard.search(wanted, index(first), allowed, &mut best, sums);
                }
            });
            best
        };
        // The first run of shards is searched here, the others beside.
        let best = std::thread::scope(|scope| {
            let search = &search;
            let mut runs = self.shards.chunks(each).enumerate();
            let first = runs.next();
            let beside: Vec<_> = runs.map(|(at, shards)| scope.spawn(move || search(at, shards))).collect();
            let mut best = first.map_or(Best { limit, entries: Vec::new() }, |(at, shards)| search(at, shards));
            for run in beside {
                match run.join() {
                    Ok(found) => best.take(found.entries),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            best
        });
        best.entries.into_iter().map(unpacked).map(|(entry, sum)| Found { entry, score: f32::from(sum) * self.step }).collect()
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> u64 {
        let of = |shard: &Shard| {
            let begins = shard.begins.capacity() * size_of::<u32>();
            let lists = shard.places.capacity() * PLACE + shard.impacts.capacity();
            shard.terms.capacity() * size_of::<Postings>() + begins + lists
        };
        self.shards.iter().map(of).sum::<usize>() as u64
    }
}

/// The best K so far, best first, equal ones in the order of the entries.
#[derive(Debug)]
struct Best {
    limit: usize,
    /// Sum and entry in one number each, of which the smallest is the best; see [`packed`].
    entries: Vec<u64>,
}

impl Best {
    /// The sum an entry must exceed to get in, as entries come in their order; 0 while there is room.
    fn least(&self) -> u16 {
        if self.limit == 0 {
            return u16::MAX;
        }
        self.entries.get(self.limit - 1).map_or(0, |packed| unpacked(*packed).1)
    }

    /// Takes in the entries that are good enough; see [`packed`].
    fn take(&mut self, entries: impl IntoIterator<Item = u64>) {
        self.entries.extend(entries);
        if self.limit < self.entries.len() {
            self.entries.select_nth_unstable(self.limit);
            self.entries.truncate(self.limit);
        }
        self.entries.sort_unstable();
    }
}

/// An entry and its sum as one number: sorted by it, the highest sums come first, equal ones in the order of the entries.
fn packed((entry, sum): (u32, u16)) -> u64 {
    (u64::from(u16::MAX - sum) << u32::BITS) | u64::from(entry)
}

#[expect(clippy::cast_possible_truncation, reason = "each half is what was put in")]
fn unpacked(packed: u64) -> (u32, u16) {
    (packed as u32, u16::MAX - (packed >> u32::BITS) as u16)
}

/// Sums of entries that are not allowed become 0.
fn leave_out(sums: &mut [u16], allowed: Option<&[bool]>) {
    for (sum, allowed) in sums.iter_mut().zip(allowed.into_iter().flatten()) {
        *sum *= u16::from(*allowed);
    }
}

fn highest_of(sums: &[u16]) -> u16 {
    sums.iter().fold(0, |highest, sum| highest.max(*sum))
}

/// The highest sum of each block.
fn highest_of_blocks(sums: &[u16]) -> Vec<u16> {
    let mut all = vec![0; sums.len() / BLOCK];
    for (sums, highest) in sums.chunks_exact(STRETCH).zip(all.chunks_exact_mut(BESIDE)) {
        for sums in sums.chunks_exact(BESIDE) {
            highest.iter_mut().zip(sums).for_each(|(highest, sum)| *highest = (*highest).max(*sum));
        }
    }
    all
}

/// What K of the sums reach: the K-th largest or little less; 0 where there are not so many. Of blocks' highest sums it is a lower bound for
/// that of the sums.
fn reached_by(sums: &[u16], k: usize) -> u16 {
    let told = (u16::BITS - highest_of(sums).leading_zeros()).saturating_sub(TOLD_BITS);
    let mut counted = [0_usize; 1 << TOLD_BITS];
    for sum in sums {
        counted[usize::from(*sum >> told)] += 1;
    }
    let mut missing = k;
    for (sum, many) in counted.into_iter().enumerate().rev() {
        if many >= missing {
            return u16::try_from(sum << told).unwrap_or(u16::MAX);
        }
        missing -= many;
    }
    0
}

/// How many sums are over the bar: quick to tell, for nothing is remembered.
fn count_over(sums: &[u16], bar: u16) -> usize {
    sums.chunks(COUNTED).map(|sums| usize::from(sums.iter().map(|sum| u16::from(*sum > bar)).sum::<u16>())).sum()
}

/// Places whose sum is over the bar, ascending. A block is compared as a whole: a guess at each of its sums would often be wrong.
fn over(sums: &[u16], highest: &[u16], bar: u16) -> Vec<u16> {
    let mut places = Vec::with_capacity(BLOCK * highest.iter().filter(|highest| **highest > bar).count());
    for (stretch, (sums, highest)) in sums.chunks_exact(STRETCH).zip(highest.chunks_exact(BESIDE)).enumerate() {
        // For each entry of the blocks, which of them have it over the bar: a bit for each.
        let mut good = [0_u64; BLOCK];
        for (block, _) in highest.iter().enumerate().filter(|(_, highest)| **highest > bar) {
            for (at, good) in good.iter_mut().enumerate() {
                *good |= u64::from(sums[at * BESIDE + block] > bar) << block;
            }
        }
        for (at, mut good) in good.into_iter().enumerate() {
            while good != 0 {
                let place = stretch * STRETCH + at * BESIDE + good.trailing_zeros() as usize;
                places.push(u16::try_from(place).expect("a place within a shard takes two bytes"));
                good &= good - 1;
            }
        }
    }
    places
}

fn index(at: usize) -> u32 {
    u32::try_from(at).expect("entries are counted in four bytes")
}
