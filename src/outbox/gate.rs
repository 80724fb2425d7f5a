//! What leaves this process in time. The store's pace says when a claim may be made; between a claim and its first byte a commit and a
//! busy machine lie. One rule: however late single sends are, no stretch of a window sees more of them leave than the platform allows.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::store::pacing::Rate;

/// What the way to the platform may take off the distance between two sends, at most.
const SHAKEN: Duration = Duration::from_millis(50);

/// The way out for one kind of channel.
pub struct Gate {
    limit: usize,
    window: Duration,
    departures: Mutex<Departures>,
}

/// The last departures, as many as the limit: when each is to leave, or left.
#[derive(Default)]
struct Departures {
    /// How many were before the first of them.
    gone: usize,
    /// The oldest first.
    times: VecDeque<Instant>,
}

impl Gate {
    /// As many in any stretch of the window as the rate says.
    pub fn of(rate: Rate) -> Self {
        let millis = |millis: i64| Duration::from_millis(u64::try_from(millis).unwrap_or(0));
        // Half of what the pace saves: the other half is for waking late, or claims would wait here that are better made later.
        let window = millis(rate.window) + SHAKEN.min(millis(rate.saved() / 2));
        Self { limit: usize::try_from(rate.limit).unwrap_or(1).max(1), window, departures: Mutex::default() }
    }

    /// Waits until whoever may not leave before `earliest` may.
    pub async fn pass(&self, earliest: Instant) {
        let (number, departure) = self.departures().take(earliest, self.limit, self.window);
        tokio::time::sleep_until(departure).await;
        // A busy machine wakes late: what counts for those behind is when this one left.
        self.departures().left(number, Instant::now());
    }

    fn departures(&self) -> MutexGuard<'_, Departures> {
        self.departures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Departures {
    /// Takes the next place: its number and when it leaves.
    fn take(&mut self, earliest: Instant, limit: usize, window: Duration) -> (usize, Instant) {
        let mut departure = earliest.max(self.times.back().copied().unwrap_or(earliest));
        if self.times.len() == limit {
            let oldest = self.times.pop_front();
            self.gone += 1;
            departure = departure.max(oldest.map_or(departure, |oldest| oldest + window));
        }
        self.times.push_back(departure);
        (self.gone + self.times.len() - 1, departure)
    }

    fn left(&mut self, number: usize, at: Instant) {
        if let Some(time) = number.checked_sub(self.gone).and_then(|place| self.times.get_mut(place)) {
            *time = at;
        }
    }
}
