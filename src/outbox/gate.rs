//! What leaves this process in time. The store's pace says when a claim may be made; between a claim and its first byte a commit and a
//! busy machine lie. One rule: however late single sends are, no stretch of a window sees more of them leave than the platform allows.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::store::pacing::Rate;

/// What the way to the platform may take off the distance between two sends, at most.
const SHAKEN: Duration = Duration::from_millis(50);

/// The way out for one kind of channel.
pub struct Gate {
    limit: usize,
    window: Duration,
    /// The last `limit` departures, the oldest first.
    departures: Mutex<VecDeque<Instant>>,
}

impl Gate {
    /// As many in any stretch of the window as the rate says.
    pub fn of(rate: Rate) -> Self {
        let millis = |millis: i64| Duration::from_millis(u64::try_from(millis).unwrap_or(0));
        // A bit less than the pace saves, or claims would wait here that are better made later.
        let window = millis(rate.window) + SHAKEN.min(millis(rate.saved() * 9 / 10));
        Self { limit: usize::try_from(rate.limit).unwrap_or(1).max(1), window, departures: Mutex::default() }
    }

    /// When whoever may not leave before `earliest` leaves; the place is taken.
    pub fn departure(&self, earliest: Instant) -> Instant {
        let mut departures = self.departures.lock().unwrap_or_else(PoisonError::into_inner);
        let full = if departures.len() < self.limit { None } else { departures.pop_front().map(|oldest| oldest + self.window) };
        let departure = [full, departures.back().copied()].into_iter().flatten().fold(earliest, Instant::max);
        departures.push_back(departure);
        departure
    }
}
