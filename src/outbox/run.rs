//! The thin loop around the outbox: many sends in the air, one claimer, a clean stop. It decides nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use super::Outbox;
use crate::clock::Clock;
use crate::domain::time::Timestamp;
use crate::store::claims::{Claim, Claimed};

/// Sends that wait for the network at the same time.
const MOST_IN_FLIGHT: usize = 16;
/// Rows from other replicas, and a clock that was moved, are noticed this late at most.
const POLL: Duration = Duration::from_millis(500);
/// A chat locked by another replica is free again within this.
const SHORTEST_WAIT: Duration = Duration::from_millis(5);
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
    while !stop.is_cancelled() {
        let wait = if flights.len() < MOST_IN_FLIGHT {
            match next(&outbox, clock.now()).await {
                Ok(Claim::Taken(claimed)) => {
                    flights.spawn(fly(Arc::clone(&outbox), Arc::clone(&clock), *claimed));
                    continue;
                }
                Ok(Claim::Nothing { next }) => until(next, clock.now()),
                Err(problem) => {
                    error!(error = %problem, "the outbox cannot claim");
                    AFTER_STORE_ERROR
                }
            }
        } else {
            POLL
        };
        tokio::select! {
            () = stop.cancelled() => {}
            Some(landed) = flights.join_next(), if !flights.is_empty() => report(landed),
            () = outbox.store.committed(), if flights.len() < MOST_IN_FLIGHT => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
    info!(deliveries = flights.len(), "the outbox stops after what is in the air");
    while let Some(landed) = flights.join_next().await {
        report(landed);
    }
}

async fn next(outbox: &Outbox, now: Timestamp) -> sqlx::Result<Claim> {
    outbox.sweep_if_due(now).await?;
    outbox.claim(now).await
}

fn until(next: Option<Timestamp>, now: Timestamp) -> Duration {
    next.map_or(POLL, |next| next.since(now).clamp(SHORTEST_WAIT, POLL))
}

/// Sends and settles. A store that cannot write the result is asked again for as long as the lease runs; after that the sweep says
/// "unknown", which is then the truth.
async fn fly(outbox: Arc<Outbox>, clock: Arc<dyn Clock>, claimed: Claimed) {
    let verdict = outbox.send(&claimed).await;
    let give_up = clock.now().plus(outbox.settings.lease);
    while let Err(problem) = outbox.settle(&claimed, verdict.clone(), clock.now()).await {
        error!(delivery.id = claimed.id, error = %problem, "the result of a delivery cannot be written yet");
        if clock.now() > give_up {
            return;
        }
        tokio::time::sleep(AFTER_STORE_ERROR).await;
    }
}

fn report(landed: Result<(), tokio::task::JoinError>) {
    if let Err(problem) = landed {
        error!(error = %problem, "a send broke down; its delivery will be unknown when its lease is over");
    }
}
