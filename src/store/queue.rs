//! How the outbox stands as a whole, and whether the store can be written: for the people who watch the machine.

use std::time::Duration;

use sqlx::{AnyConnection, Row};
use tokio::time::Instant;

use super::Store;
use super::deliveries::word;
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::DeliveryState;
use crate::domain::time::Timestamp;

/// A proof of writing holds for so long: whoever asks often must not wear out the disk.
const PROOF_HOLDS: Duration = Duration::from_secs(1);

/// How many deliveries of a kind of channel stand in a state that is not an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    pub kind: ChannelKind,
    pub state: DeliveryState,
    pub many: i64,
    /// When the oldest of them was due.
    pub oldest_due: Timestamp,
}

/// What waits, is in the air or in doubt, by kind of channel.
pub async fn waiting(conn: &mut AnyConnection) -> sqlx::Result<Vec<Waiting>> {
    let rows = sqlx::query(
        "SELECT c.kind, d.state, COUNT(*) AS many, MIN(d.due_at) AS oldest FROM deliveries d JOIN channels c ON c.id = d.channel_id \
         WHERE d.state IN ('pending', 'sending', 'unknown') GROUP BY c.kind, d.state",
    )
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Waiting {
                kind: word(row, "kind", ChannelKind::parse)?,
                state: word(row, "state", DeliveryState::parse)?,
                many: row.try_get("many")?,
                oldest_due: Timestamp::from_millis(row.try_get("oldest")?),
            })
        })
        .collect()
}

impl Store {
    /// Writes and makes durable one small row: a full or read-only disk is found here before anything is promised.
    pub async fn prove_writable(&self, now: Timestamp) -> sqlx::Result<()> {
        let mut proven = self.proven.lock().await;
        if proven.is_some_and(|at| at.elapsed() < PROOF_HOLDS) {
            return Ok(());
        }
        *proven = None;
        let mut tx = self.begin().await?;
        super::updates::remember(&mut tx, "service.writable", &now.millis().to_string()).await?;
        tx.commit().await?;
        *proven = Some(Instant::now());
        Ok(())
    }
}
