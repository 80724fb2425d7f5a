//! Opaque ids: a kind, then 9 characters of time, 3 of a running number and 9 of chance, so that they sort by age, in one process also
//! within a millisecond (what is said first goes out first), and cannot be guessed.

use std::sync::atomic::{AtomicU64, Ordering};

use rand::Rng;

use super::time::Timestamp;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TIME_CHARACTERS: u32 = 9;
const SEQUENCE_CHARACTERS: u32 = 3;
const RANDOM_CHARACTERS: usize = 9;

/// The running number; it begins again after 32,768, long after the millisecond is over.
static SEQUENCE: AtomicU64 = AtomicU64::new(0);

/// What every id of this kind made at `at` or later sorts behind.
pub fn from_then_on(kind: &str, at: Timestamp) -> String {
    let mut id = String::with_capacity(kind.len() + 10);
    push_time(&mut id, kind, at);
    id
}

/// A new id such as `bul_01jf3k8m2x7q9w4z5r1t`; `kind` is two to four letters naming the noun.
pub fn new_id(kind: &str, now: Timestamp) -> String {
    let mut id = String::with_capacity(kind.len() + 22);
    push_time(&mut id, kind, now);
    push_number(&mut id, SEQUENCE.fetch_add(1, Ordering::Relaxed), SEQUENCE_CHARACTERS);
    let mut rng = rand::rng();
    for _ in 0..RANDOM_CHARACTERS {
        id.push(character(rng.random_range(0..32)));
    }
    id
}

fn push_time(id: &mut String, kind: &str, at: Timestamp) {
    id.push_str(kind);
    id.push('_');
    push_number(id, u64::try_from(at.millis()).unwrap_or(0), TIME_CHARACTERS);
}

/// The lowest five bits for each of so many characters.
fn push_number(id: &mut String, number: u64, characters: u32) {
    for place in (0..characters).rev() {
        id.push(character(number >> (place * 5)));
    }
}

fn character(five_bits: u64) -> char {
    char::from(ALPHABET[usize::try_from(five_bits & 31).unwrap_or(0)])
}
