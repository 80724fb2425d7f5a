//! Secrets that are shown once and kept as hashes: tokens, sessions, one-time links. 256 bits of chance need no slow hash.

use rand::Rng;
use sha2::{Digest, Sha256};

/// 256 bits.
pub(super) const SECRET_BYTES: usize = 32;

/// A new secret as hexadecimal digits.
pub(super) fn new_secret() -> String {
    let secret: [u8; SECRET_BYTES] = rand::rng().random();
    hex::encode(secret)
}

/// What is kept of a secret.
pub(super) fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}
