//! How many questions one visitor may ask: a bucket per address, in memory; it forgets whoever has been quiet for a minute.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};

use super::problem::ApiError;
use crate::domain::time::Timestamp;

const MINUTE_MS: i64 = 60_000;
/// Beyond this many buckets the quiet ones are swept out.
const SWEEP_AT: usize = 10_000;

/// Buckets by visitor: the value is the time at which the bucket is empty again (generic cell rate).
#[derive(Debug)]
pub struct Visitors {
    /// Milliseconds one question costs.
    cost: i64,
    empty_at: Mutex<HashMap<IpAddr, i64>>,
}

impl Visitors {
    /// Each visitor may ask `per_minute` questions a minute, all at once if they like.
    pub fn new(per_minute: u32) -> Self {
        Self { cost: (MINUTE_MS / i64::from(per_minute.max(1))).max(1), empty_at: Mutex::default() }
    }

    /// Counts one question of `visitor`; 429 with the seconds to wait where it is one too many.
    pub fn count(&self, visitor: IpAddr, now: Timestamp) -> Result<(), ApiError> {
        let mut buckets = self.empty_at.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > SWEEP_AT {
            buckets.retain(|_, empty_at| *empty_at > now.millis());
        }
        let empty_at = buckets.entry(visitor).or_insert(0);
        // A clock set back must not lock anybody out: nobody ever waits more than a minute.
        let filled = (*empty_at).clamp(now.millis(), now.millis() + MINUTE_MS) + self.cost;
        let over = filled - (now.millis() + MINUTE_MS);
        if over > 0 {
            return Err(ApiError::TooMany(u64::try_from(over.div_euclid(1000) + 1).unwrap_or(1)));
        }
        *empty_at = filled;
        Ok(())
    }
}

/// The visitor's address. A forwarded address counts only from a proxy on this machine, and only the one the proxy itself added.
pub fn visitor(headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(address)| address.ip());
    if !peer.is_loopback() {
        return network(peer);
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    forwarded.and_then(|list| list.rsplit(',').next()).and_then(|last| last.trim().parse().ok()).map_or(peer, network)
}

/// A household has one IPv4 address, and a whole /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let kept = u128::from(address) & (u128::MAX << 64);
            IpAddr::V6(kept.into())
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}
