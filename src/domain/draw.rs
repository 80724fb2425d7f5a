//! The fair draw: the seed's hash is public before anybody answers, the seed after the draw, and from both anybody can draw again.
//!
//! With `n` entrants left, in order of their numbers, the winner in round `r` (from 1) is the one at place
//! `int(first 16 bytes of SHA-256("seed:r")) mod n`; they leave the list, and the next round begins.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A draw that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Drawn {
    /// Numbers of everybody who could win, in order.
    pub entrants: Vec<i64>,
    /// In the order they were drawn.
    pub winners: Vec<i64>,
}

/// What is published beforehand: SHA-256 of the seed, in hexadecimal.
pub fn commitment(seed: &str) -> String {
    hex::encode(Sha256::digest(seed.as_bytes()))
}

/// Draws up to `winners` of the entrants.
pub fn draw(seed: &str, entrants: &[i64], winners: usize) -> Drawn {
    let mut sorted = entrants.to_vec();
    sorted.sort_unstable();
    let mut left = sorted.clone();
    let mut won = Vec::new();
    for round in 1..=winners.min(left.len()) {
        let digest = Sha256::digest(format!("{seed}:{round}").as_bytes());
        let number = digest.iter().take(16).fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
        let place = number % u128::try_from(left.len()).unwrap_or(1);
        won.push(left.remove(usize::try_from(place).unwrap_or(0)));
    }
    Drawn { entrants: sorted, winners: won }
}
