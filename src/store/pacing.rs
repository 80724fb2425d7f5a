//! Pacing in the store, so that it survives a restart and is shared by replicas: a generic cell rate per key, and freezes.

use std::collections::HashMap;

use sqlx::Row;

use super::{Tx, rows_of_places};
use crate::domain::time::Timestamp;

/// At most `limit` in any stretch of `window` milliseconds, in a bunch or evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub limit: i64,
    /// In milliseconds.
    pub window: i64,
    /// Milliseconds between two, once a bunch is used up.
    gap: i64,
    /// How far ahead of its time one may go, in milliseconds.
    slack: i64,
}

impl Rate {
    /// `limit` in any `window` milliseconds, at least 1; the gap is a fiftieth or a bit more longer than an even share, and what that saves is
    /// the slack ((limit − 1) · gap − slack < window holds for every limit, so a stretch never sees more).
    pub const fn new(limit: i64, window: i64) -> Self {
        let gap = (window * 51 / 50 + limit - 1) / limit;
        Self { limit, window, gap, slack: limit * gap - window }
    }

    /// The same limit, with bunches: a gap longer by a third leaves a slack of a quarter of the limit.
    pub const fn bunched(limit: i64, window: i64) -> Self {
        let gap = window * 4 / (limit * 3) + 1;
        Self { limit, window, gap, slack: limit * gap - window }
    }

    /// What the gaps of `limit` save over the window, in milliseconds: so far single sends may be late or early and no stretch sees more.
    pub fn saved(self) -> i64 {
        self.slack
    }

    /// Milliseconds that so many take.
    fn for_many(self, many: usize) -> i64 {
        self.gap * i64::try_from(many).unwrap_or(i64::MAX / self.gap)
    }
}

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    arrival_at: i64,
    frozen_until: i64,
}

impl Standing {
    /// The first instant at which one more may go; without a rate only a freeze counts.
    pub fn free_at(self, rate: Option<Rate>) -> Timestamp {
        let in_turn = rate.map_or(0, |rate| self.arrival_at - rate.slack);
        Timestamp::from_millis(self.frozen_until.max(in_turn))
    }

    /// How many may go at `now`, at most `most`.
    pub fn room(self, rate: Option<Rate>, most: usize, now: Timestamp) -> usize {
        if self.free_at(rate) > now {
            return 0;
        }
        let Some(rate) = rate else { return most };
        let ahead = now.millis() + rate.slack - self.arrival_at.max(now.millis());
        most.min(1 + usize::try_from(ahead / rate.gap).unwrap_or(0))
    }

    /// How long whoever is taken at `now` as the `place`th, counted from 0, waits until its even share of the time comes, in milliseconds.
    pub fn early(self, rate: Rate, place: usize, now: Timestamp) -> i64 {
        (self.arrival_at - now.millis()).max(0) + rate.for_many(place)
    }

    /// After so many were taken at `now`.
    pub fn after(self, rate: Rate, many: usize, now: Timestamp) -> Self {
        Self { arrival_at: self.arrival_at.max(now.millis()) + rate.for_many(many), ..self }
    }
}

/// Whether others wait until the transaction ends: what will be taken of is held, what is only looked at is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    Held,
    Looked,
}

/// Where each of `keys` stands, in their order.
pub async fn standings(tx: &mut Tx, keys: &[String], hold: Hold) -> sqlx::Result<Vec<Standing>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = known(tx, keys, hold).await?;
    if hold == Hold::Held && found.len() < keys.len() {
        let mut new: Vec<&String> = keys.iter().filter(|key| !found.contains_key(*key)).collect();
        // In one order, so that no two claimers wait for each other.
        new.sort_unstable();
        let sql = format!(
            "INSERT INTO pacing (key, arrival_at, frozen_until) VALUES {} ON CONFLICT (key) DO NOTHING",
            rows_of_places(new.len(), 3, 1)
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for key in new {
            query = query.bind(key.clone()).bind(0_i64).bind(0_i64);
        }
        query.execute(&mut **tx).await?;
        found = known(tx, keys, hold).await?;
    }
    Ok(keys.iter().map(|key| found.get(key).copied().unwrap_or_default()).collect())
}

async fn known(tx: &mut Tx, keys: &[String], hold: Hold) -> sqlx::Result<HashMap<String, Standing>> {
    let sql = format!(
        "SELECT key, arrival_at, frozen_until FROM pacing WHERE key IN {} ORDER BY key{}",
        rows_of_places(1, keys.len(), 1),
        match hold {
            Hold::Held => tx.for_update(),
            Hold::Looked => "",
        }
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    for key in keys {
        query = query.bind(key.clone());
    }
    let rows = query.fetch_all(&mut **tx).await?;
    rows.iter()
        .map(|row| {
            let standing = Standing { arrival_at: row.try_get("arrival_at")?, frozen_until: row.try_get("frozen_until")? };
            Ok((row.try_get("key")?, standing))
        })
        .collect()
}

/// Takes `many` of each key, at `now`; their standing was read in this transaction.
pub async fn take(tx: &mut Tx, keys: &[String], rate: Rate, many: usize, now: Timestamp) -> sqlx::Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "UPDATE pacing SET arrival_at = CASE WHEN arrival_at > $1 THEN arrival_at ELSE $1 END + $2 WHERE key IN {}",
        rows_of_places(1, keys.len(), 3)
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(now.millis()).bind(rate.for_many(many));
    for key in keys {
        query = query.bind(key.clone());
    }
    query.execute(&mut **tx).await?;
    Ok(())
}

/// Nothing under `key` before `until`.
pub async fn freeze(tx: &mut Tx, key: &str, until: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO pacing (key, arrival_at, frozen_until) VALUES ($1, 0, $2) \
         ON CONFLICT (key) DO UPDATE SET frozen_until = CASE WHEN pacing.frozen_until > excluded.frozen_until \
         THEN pacing.frozen_until ELSE excluded.frozen_until END",
    )
    .bind(key.to_owned())
    .bind(until.millis())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
