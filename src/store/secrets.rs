//! Secrets that are shown once and kept as hashes: tokens, sessions, one-time links. 256 bits of chance need no slow hash.

use std::fmt::Write;

use rand::Rng;
use sha2::{Digest, Sha256};

/// 256 bits.
pub(super) const SECRET_BYTES: usize = 32;

/// A new secret as hexadecimal digits.
pub(super) fn new_secret() -> String {
    let secret: [u8; SECRET_BYTES] = rand::rng().random();
    hexadecimal(&secret)
}

/// What is kept of a secret.
pub(super) fn hash(secret: &str) -> String {
    hexadecimal(&Sha256::digest(secret.as_bytes()))
}

/// Bytes as hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
