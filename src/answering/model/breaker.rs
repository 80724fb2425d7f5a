//! Leaves a failing model alone for a while, so that nobody waits for it in vain.

use std::time::Duration;

use crate::domain::time::Timestamp;

/// Failures in a row after which the model is left alone.
const FAILURES: u32 = 3;
/// How long it is left alone.
const REST: Duration = Duration::from_secs(60);

/// Counts failures in a row; after a rest one more failure is enough for the next rest.
#[derive(Debug, Default)]
pub struct Breaker {
    failures: u32,
    opened: Option<Timestamp>,
}

impl Breaker {
    /// Whether the model is left alone now. A clock set back ends the rest.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.opened.is_some_and(|opened| now >= opened && now.since(opened) < REST)
    }

    /// The model failed.
    pub fn failed(&mut self, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES {
            self.opened = Some(now);
        }
    }

    /// The model answered.
    pub fn worked(&mut self) {
        *self = Self::default();
    }
}
