//! What is kept of a person, as they are shown it, and what came of forgetting them.

use serde_json::{Map, Value};

/// What one table holds of a person.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Found {
    pub table: &'static str,
    /// The latest first.
    pub rows: Vec<Map<String, Value>>,
    /// Columns of a row in the order they are shown.
    #[serde(skip)]
    pub columns: &'static [&'static str],
    /// How many of the rows must still stay.
    #[serde(skip)]
    pub staying: usize,
}

/// What came of forgetting.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Rows that were emptied or taken out.
    pub rows: u64,
    /// Seats and places in line that were given up for it.
    pub withdrawn: usize,
    /// An inquiry was ended for it.
    pub left_queue: bool,
    /// Tables of which something must still stay.
    pub staying: Vec<&'static str>,
}

/// What a person shows to staff who act for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// Id of an inquiry.
    Inquiry,
    /// Number of their suggestion in the ledger.
    Suggestion,
    /// Code on their certificate.
    Certificate,
    /// Their id at Telegram.
    Telegram,
}

impl Reference {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Suggestion, Self::Inquiry, Self::Certificate, Self::Telegram];

    /// The word in forms and in the audit.
    pub fn word(self) -> &'static str {
        match self {
            Self::Inquiry => "inquiry",
            Self::Suggestion => "suggestion",
            Self::Certificate => "certificate",
            Self::Telegram => "telegram",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reference| reference.word() == word)
    }
}

/// What was found of one person in several ways, each row once.
pub fn together(found: Vec<Found>) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    for part in found {
        match all.iter_mut().find(|known| known.table == part.table) {
            Some(known) => {
                known.staying += part.staying;
                for row in part.rows {
                    if !known.rows.contains(&row) {
                        known.rows.push(row);
                    }
                }
            }
            None => all.push(part),
        }
    }
    all
}
