//! The loop around the outbox: many sends in the air, one that writes, a clean stop. Each of its turns is one commit, in which what has
//! landed is settled and what may fly next is claimed. It decides nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use super::{Outbox, SHORTEST_WAIT};
use crate::channels::Verdict;
use crate::clock::Clock;
use crate::domain::time::Timestamp;
use crate::store::claims::Claimed;
use crate::store::settlements::Sent;

/// Sends that wait for the network at the same time.
const MOST_IN_FLIGHT: usize = 16;
/// Rows from other replicas, and a clock that was moved, are noticed this late at most.
const POLL: Duration = Duration::from_millis(500);
/// Longest wait for an answer before more is claimed.
const QUICK_ANSWER: Duration = Duration::from_millis(1);
const AFTER_STORE_ERROR: Duration = Duration::from_secs(1);

/// Works until `stop`: then claims nothing more, lets what is in the air settle, and returns.
pub async fn run(outbox: Arc<Outbox>, clock: Arc<dyn Clock>, stop: CancellationToken) {
    while let Err(problem) = outbox.sweep_at_start(clock.now()).await {
        error!(error = %problem, "the outbox cannot read its deliveries");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(AFTER_STORE_ERROR) => {}
        }
    }
    let mut flights = JoinSet::new();
    let mut landed = Vec::new();
    let mut told = false;
    loop {
        // Whoever lands in the same moment shares the commit.
        tokio::task::yield_now().await;
        while let Some(flight) = flights.try_join_next() {
            landed.extend(report(flight));
        }
        let stopping = stop.is_cancelled();
        if stopping && !told {
            info!(deliveries = flights.len() + landed.len(), "the outbox stops after what is in the air");
            told = true;
        }
        if stopping && flights.is_empty() && landed.is_empty() {
            return;
        }
        let free = MOST_IN_FLIGHT.saturating_sub(flights.len());
        // Little more than it settles: what is claimed and not yet on its way when the machine dies must be looked after by people.
        let places = if stopping { 0 } else { free.min(2 * landed.len() + 1) };
        let wait = match outbox.turn(&mut landed, places, clock.now()).await {
            Ok(turned) => {
                let (now, next) = (clock.now(), turned.claims.next);
                let more = !turned.claims.taken.is_empty() && next.is_some_and(|next| next <= now);
                for claimed in turned.claims.taken {
                    flights.spawn(fly(Arc::clone(&outbox), Arc::clone(&clock), claimed));
                }
                if more {
                    // Quick answers ride with the next claim.
                    let answers = async {
                        while let Some(flight) = flights.join_next().await {
                            landed.extend(report(flight));
                        }
                    };
                    if tokio::time::timeout(QUICK_ANSWER, answers).await.is_ok() || flights.len() < MOST_IN_FLIGHT {
                        continue;
                    }
                }
                if landed.is_empty() { until(next, now) } else { SHORTEST_WAIT }
            }
            Err(problem) => {
                error!(error = %problem, "the outbox cannot write");
                // Each by itself, so that one that cannot be written keeps no other.
                for Sent { claimed, message_id, remark, .. } in landed.drain(..) {
                    let (outbox, clock) = (Arc::clone(&outbox), Arc::clone(&clock));
                    flights.spawn(async move {
                        settle(&outbox, &*clock, &claimed, Verdict::Sent { message_id, remark }).await;
                        None
                    });
                }
                AFTER_STORE_ERROR
            }
        };
        if stopping && flights.is_empty() && landed.is_empty() {
            // Nothing is left to wait for.
            continue;
        }
        let full = flights.len() >= MOST_IN_FLIGHT;
        tokio::select! {
            () = stop.cancelled(), if !stopping => {}
            Some(flight) = flights.join_next(), if !flights.is_empty() => landed.extend(report(flight)),
            () = outbox.store.committed(), if !full && !stopping => {}
            () = tokio::time::sleep(if full { POLL } else { wait }) => {}
        }
    }
}

fn until(next: Option<Timestamp>, now: Timestamp) -> Duration {
    next.map_or(POLL, |next| next.since(now).clamp(SHORTEST_WAIT, POLL))
}

/// Sends, when its time comes. What was sent is settled with the next commit; whatever else came of it settles here.
async fn fly(outbox: Arc<Outbox>, clock: Arc<dyn Clock>, claimed: Claimed) -> Option<Sent> {
    outbox.turn_comes(&claimed).await;
    let verdict = outbox.send(&claimed).await;
    match outbox.sent(claimed, verdict) {
        Ok(sent) => Some(sent),
        Err(apart) => {
            let (claimed, verdict) = *apart;
            settle(&outbox, &*clock, &claimed, verdict).await;
            None
        }
    }
}

/// A store that cannot write the result is asked again for as long as the lease runs; after that the sweep says "unknown", which is then
/// the truth.
async fn settle(outbox: &Outbox, clock: &dyn Clock, claimed: &Claimed, verdict: Verdict) {
    let give_up = clock.now().plus(outbox.settings.lease);
    while let Err(problem) = outbox.settle(claimed, verdict.clone(), clock.now()).await {
        error!(delivery.id = claimed.id, error = %problem, "the result of a delivery cannot be written yet");
        if clock.now() > give_up {
            return;
        }
        tokio::time::sleep(AFTER_STORE_ERROR).await;
    }
}

fn report(flight: Result<Option<Sent>, tokio::task::JoinError>) -> Option<Sent> {
    match flight {
        Ok(sent) => sent,
        Err(problem) => {
            error!(error = %problem, "a send broke down; its delivery will be unknown when its lease is over");
            None
        }
    }
}
