//! How fast one person may write: one message a second with five at once, twenty a minute; then one notice and a minute of silence.

use std::collections::HashMap;
use std::time::Duration;

use crate::domain::time::Timestamp;

const BURST: usize = 5;
const BURST_WINDOW: Duration = Duration::from_secs(5);
const A_MINUTE: Duration = Duration::from_secs(60);
const MOST_A_MINUTE: usize = 20;
/// Beyond this many people the quiet ones are forgotten.
const PEOPLE_KEPT: usize = 10_000;

/// Whether a message is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    Free,
    /// Not taken, and said so once.
    Notice,
    Silence,
}

#[derive(Debug, Default)]
struct Person {
    recent: Vec<Timestamp>,
    silent_until: Timestamp,
}

/// Everybody's pace, in memory: a restart forgives.
#[derive(Debug, Default)]
pub struct Paces(HashMap<String, Person>);

impl Paces {
    /// Counts a message of `person`.
    pub fn take(&mut self, person: &str, now: Timestamp) -> Pace {
        if self.0.len() > PEOPLE_KEPT {
            self.0.retain(|_, person| person.silent_until > now || person.recent.last().is_some_and(|last| now.since(*last) < A_MINUTE));
        }
        let person = self.0.entry(person.to_owned()).or_default();
        if now < person.silent_until {
            return Pace::Silence;
        }
        person.recent.retain(|at| now.since(*at) < A_MINUTE);
        let lately = person.recent.iter().filter(|at| now.since(**at) < BURST_WINDOW).count();
        if person.recent.len() >= MOST_A_MINUTE || lately >= BURST {
            person.silent_until = now.plus(A_MINUTE);
            return Pace::Notice;
        }
        person.recent.push(now);
        Pace::Free
    }
}
