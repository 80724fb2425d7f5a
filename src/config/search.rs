//! How much memory finding may take.

use serde::Deserialize;

use super::ConfigError;

/// What `[search]` says.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    pub memory_mb: u64,
}

impl Search {
    /// What the index may take in memory, in bytes.
    pub fn memory_bytes(self) -> u64 {
        self.memory_mb * 1024 * 1024
    }

    pub(super) fn check(self) -> Result<(), ConfigError> {
        if !(1..=1_000_000).contains(&self.memory_mb) {
            return Err(ConfigError("search.memory_mb 要在 1 到 1000000 之间".to_owned()));
        }
        Ok(())
    }
}
