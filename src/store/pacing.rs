//! Pacing in the store, so that it survives a restart and is shared by replicas: a generic cell rate per key, and freezes.

use std::collections::HashMap;

use sqlx::Row;

use super::Tx;
use crate::domain::time::Timestamp;

/// At most `limit` in any stretch of `window` milliseconds, in a bunch or evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Milliseconds between two, once a bunch is used up.
    gap: i64,
    /// How far ahead of its time one may go, in milliseconds.
    slack: i64,
}

impl Rate {
    /// `limit` in any `window` milliseconds, at least 1; the gap is a bit longer than an even share, and what that saves is the slack
    /// ((limit − 1) · gap − slack < window holds for every limit, so a stretch never sees more).
    pub const fn new(limit: i64, window: i64) -> Self {
        let gap = window / limit + 1;
        Self { gap, slack: limit * gap - window }
    }

    /// The same limit, with bunches: a gap longer by a third leaves a slack of a quarter of the limit.
    pub const fn bunched(limit: i64, window: i64) -> Self {
        let gap = window * 4 / (limit * 3) + 1;
        Self { gap, slack: limit * gap - window }
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
}

/// Where `key` stands, locked until the transaction ends.
pub async fn standing(tx: &mut Tx, key: &str) -> sqlx::Result<Standing> {
    Ok(standings(tx, &[key.to_owned()]).await?.first().copied().unwrap_or_default())
}

/// Where each of `keys` stands, in their order, locked until the transaction ends.
pub async fn standings(tx: &mut Tx, keys: &[String]) -> sqlx::Result<Vec<Standing>> {
    let mut found = known(tx, keys).await?;
    if found.len() < keys.len() {
        for key in keys.iter().filter(|key| !found.contains_key(*key)) {
            sqlx::query("INSERT INTO pacing (key, arrival_at, frozen_until) VALUES ($1, 0, 0) ON CONFLICT (key) DO NOTHING")
                .bind(key.clone())
                .execute(&mut **tx)
                .await?;
        }
        found = known(tx, keys).await?;
    }
    Ok(keys.iter().map(|key| found.get(key).copied().unwrap_or_default()).collect())
}

async fn known(tx: &mut Tx, keys: &[String]) -> sqlx::Result<HashMap<String, Standing>> {
    let places: Vec<String> = (1..=keys.len()).map(|place| format!("${place}")).collect();
    // In one order, so that no two claimers wait for each other.
    let sql =
        format!("SELECT key, arrival_at, frozen_until FROM pacing WHERE key IN ({}) ORDER BY key{}", places.join(", "), tx.for_update());
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

/// Takes one, at `now`, of a key whose standing was read in this transaction.
pub async fn take(tx: &mut Tx, key: &str, rate: Rate, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE pacing SET arrival_at = CASE WHEN arrival_at > $1 THEN arrival_at ELSE $1 END + $2 WHERE key = $3")
        .bind(now.millis())
        .bind(rate.gap)
        .bind(key.to_owned())
        .execute(&mut **tx)
        .await?;
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
