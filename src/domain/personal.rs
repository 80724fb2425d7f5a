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
