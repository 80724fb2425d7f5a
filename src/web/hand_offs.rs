//! How many fresh visitors of one address may ask for a person: so many an hour, and so many waiting at once. A cookie is free, an address is
//! not. Kept in memory, each replica for itself; addresses are never stored.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use super::problem::ApiError;
use crate::domain::channel::ChannelKind;
use crate::domain::time::Timestamp;
use crate::replies::desk as words;
use crate::store::{Store, inbox};

const HOUR_MS: i64 = 3_600_000;
/// Beyond this many addresses the quiet ones are swept out.
const SWEEP_AT: usize = 10_000;

/// Who asked for a person from which address within the hour.
#[derive(Debug)]
pub struct HandOffs {
    per_hour: usize,
    waiting: i64,
    /// Where to call meanwhile.
    hotline: String,
    asked: Mutex<HashMap<IpAddr, Vec<(i64, String)>>>,
}

impl HandOffs {
    /// An address may bring so many askers an hour, and have so many of them waiting.
    pub fn new(per_hour: u32, waiting: u32, hotline: &str) -> Self {
        Self {
            per_hour: usize::try_from(per_hour).unwrap_or(usize::MAX),
            waiting: i64::from(waiting),
            hotline: hotline.to_owned(),
            asked: Mutex::default(),
        }
    }

    /// Lets an asker into the queue, or says when to come again. Whoever was let in within the hour is let in again: a second click.
    pub async fn admit(&self, store: &Store, address: IpAddr, person: &str, now: Timestamp) -> Result<(), ApiError> {
        let others = match self.reserve(address, person, now)? {
            Some(others) => others,
            None => return Ok(()),
        };
        let waiting = inbox::waiting_of(&mut *store.read().await?, ChannelKind::Web.word(), &others).await?;
        if waiting >= self.waiting {
            self.take_back(address, person);
            return Err(ApiError::Conflict(words::many_wait_from_here(waiting, &self.hotline)));
        }
        Ok(())
    }

    /// The others of the address; nothing where this one is in already.
    fn reserve(&self, address: IpAddr, person: &str, now: Timestamp) -> Result<Option<Vec<String>>, ApiError> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let since = now.millis() - HOUR_MS;
        if asked.len() > SWEEP_AT {
            asked.retain(|_, askers| askers.iter().any(|(at, _)| *at > since));
        }
        let askers = asked.entry(address).or_default();
        askers.retain(|(at, _)| *at > since);
        if askers.iter().any(|(_, known)| known == person) {
            return Ok(None);
        }
        if askers.len() >= self.per_hour {
            let first = askers.first().map_or(now.millis(), |(at, _)| *at);
            let minutes = (first + HOUR_MS - now.millis()).div_euclid(60_000) + 1;
            return Err(ApiError::Conflict(words::many_asked_from_here(minutes, &self.hotline)));
        }
        let others = askers.iter().map(|(_, known)| known.clone()).collect();
        askers.push((now.millis(), person.to_owned()));
        Ok(Some(others))
    }

    fn take_back(&self, address: IpAddr, person: &str) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(askers) = asked.get_mut(&address) {
            askers.retain(|(_, known)| known != person);
        }
    }
}
