//! Codes people scan (F59): each opens one thing, in the chat or on the web. A code follows from what it opens and where it hangs, so that
//! printed paper stays right when the database is made anew.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Characters of a code: 32^10 of them, so that two things never share one.
const LENGTH: usize = 10;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// What a code's start payload begins with.
const PAYLOAD: &str = "q_";

/// What a code opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeKind {
    Document,
    /// 办事指南.
    Guide,
    Class,
    /// An outing of a promotion month.
    Outing,
    Quiz,
}

/// Through which door a scan came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    Web,
    Chat,
}

const KINDS: [CodeKind; 5] = [CodeKind::Document, CodeKind::Guide, CodeKind::Class, CodeKind::Outing, CodeKind::Quiz];

impl CodeKind {
    /// The word in store, API and addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Guide => "guide",
            Self::Class => "class",
            Self::Outing => "outing",
            Self::Quiz => "quiz",
        }
    }

    /// The word for people.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Document => "政策文件",
            Self::Guide => "办事指南",
            Self::Class => "课程",
            Self::Outing => "外出活动",
            Self::Quiz => "答题",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        KINDS.into_iter().find(|kind| kind.word() == word)
    }
}

impl Entry {
    /// The word in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Chat => "chat",
        }
    }
}

/// The code of a thing at a place; the same thing at the same place always has the same.
pub fn code_of(kind: CodeKind, target: &str, place: &str) -> String {
    let digest = Sha256::digest(format!("{}\n{target}\n{place}", kind.word()).as_bytes());
    digest.iter().take(LENGTH).map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

/// Whether a text could be a code.
pub fn is_code(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// What stands after `?start=`: at most 64 of A-Z a-z 0-9 _ - (core.telegram.org/bots/features#deep-linking).
pub fn payload(code: &str) -> String {
    format!("{PAYLOAD}{code}")
}

/// The code in a start payload.
pub fn read_payload(payload: &str) -> Option<&str> {
    payload.strip_prefix(PAYLOAD).filter(|code| is_code(code))
}

/// The link that opens a code in the chat with the bot called `bot`.
pub fn chat_link(bot: &str, code: &str) -> String {
    format!("https://t.me/{bot}?start={}", payload(code))
}

/// The link that opens a code in a browser.
pub fn web_link(public_url: &str, code: &str) -> String {
    format!("{public_url}/go/{code}")
}
