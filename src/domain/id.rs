//! Opaque ids: a kind, then 8 characters of time and 12 of chance, so that they sort by age and cannot be guessed.

use rand::Rng;

use super::time::Timestamp;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TIME_CHARACTERS: u32 = 9;
const RANDOM_CHARACTERS: usize = 12;

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
    let mut rng = rand::rng();
    for _ in 0..RANDOM_CHARACTERS {
        id.push(character(rng.random_range(0..32)));
    }
    id
}

fn push_time(id: &mut String, kind: &str, at: Timestamp) {
    id.push_str(kind);
    id.push('_');
    let millis = u64::try_from(at.millis()).unwrap_or(0);
    for place in (0..TIME_CHARACTERS).rev() {
        id.push(character((millis >> (place * 5)) & 31));
    }
}

fn character(five_bits: u64) -> char {
    char::from(ALPHABET[usize::try_from(five_bits & 31).unwrap_or(0)])
}
