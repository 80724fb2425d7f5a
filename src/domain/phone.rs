//! A mobile number that is told apart from others without being kept: what is stored is a keyed hash of it.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const DIGITS: usize = 11;
/// People write it with the country's number before it.
const COUNTRY: [&str; 3] = ["+86", "0086", "86"];

/// A mainland mobile number. It is neither shown nor logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// Reads a number as people type it: spaces, hyphens, full-width digits and the country's number are fine.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| match c {
            '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10).unwrap_or(c),
            '＋' => '+',
            other => other,
        };
        let typed: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '－' | '—')).map(plain).collect();
        let bare = COUNTRY.iter().find_map(|country| typed.strip_prefix(country)).unwrap_or(&typed);
        let mobile =
            bare.len() == DIGITS && bare.bytes().all(|byte| byte.is_ascii_digit()) && bare.starts_with('1') && bare.as_bytes()[1] > b'2';
        mobile.then(|| Self(bare.to_owned()))
    }

    /// HMAC-SHA-256 under `key`, in hexadecimal: the same number under the same key gives the same. Whoever has the key can try all numbers,
    /// so the key is thrown away as soon as it is needed no more.
    pub fn hash(&self, key: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key of any length is one");
        mac.update(self.0.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}
