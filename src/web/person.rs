//! Who enrols or talks to a person on the web: a random token that only this browser holds. It names nobody and leads nowhere else.

use axum::http::{HeaderMap, HeaderValue, header};
use rand::Rng;
use sha2::{Digest, Sha256};

const COOKIE: &str = "taxhome_person";
/// Half a year: longer than any class is announced ahead.
const MAX_AGE_SECONDS: u32 = 180 * 24 * 3600;
const TOKEN_CHARACTERS: usize = 32;

/// A browser that enrolled or asked for a person, or is about to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person(String);

impl Person {
    /// A browser not seen before.
    pub fn fresh() -> Self {
        let token: u128 = rand::rng().random();
        Self(format!("{token:032x}"))
    }

    /// The browser that sent the request, if it was seen before.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
        let token = cookies.filter_map(|cookie| cookie.trim().split_once('=')).find(|(name, _)| *name == COOKIE)?.1;
        let whole = token.len() == TOKEN_CHARACTERS && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        whole.then(|| Self(token.to_owned()))
    }

    /// The token that enrolments and talks are kept under.
    pub fn id(&self) -> &str {
        &self.0
    }

    /// Four characters by which staff tell visitors apart; nothing follows from them.
    pub fn label(&self) -> String {
        let digest = Sha256::digest(self.0.as_bytes());
        format!("{:02X}{:02X}", digest[0], digest[1])
    }

    /// The cookie to send. Lax: a link from a chat must still find the enrolment; forms are checked by their origin.
    pub fn cookie(&self, public_url: &str) -> HeaderValue {
        let secure = if public_url.starts_with("https://") { "; Secure" } else { "" };
        let text = format!("{COOKIE}={}; Path=/; Max-Age={MAX_AGE_SECONDS}; HttpOnly; SameSite=Lax{secure}", self.0);
        HeaderValue::from_str(&text).expect("hexadecimal digits and fixed words are a header value")
    }
}
