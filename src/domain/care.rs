//! Copies of everything.

/// Whom a copy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To be brought back: everything, secrets too.
    Backup,
    /// To be read elsewhere: no secrets.
    Export,
}
