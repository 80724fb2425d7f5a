//! One leader among replicas: it polls Telegram and ticks the schedule; every replica serves and sends. Who leads is a lease in the
//! store by the database's time. A leader that was frozen longer than its lease does not believe itself to lead when it thaws; and what
//! it began before, the store refuses by the epoch: every write of leading work locks the row of the lead, so that the next leader waits
//! for what is being written and nothing of the one before comes after it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sqlx::{AnyConnection, Row};
use tokio::sync::watch;
use tokio::time::Instant;

use super::claims::{LeaseClock, lease_now};
use super::{Engine, Store};
use crate::domain::id::new_id;
use crate::domain::time::Timestamp;

/// How long a leader that says nothing still leads.
pub const LEASE: Duration = Duration::from_secs(6);
/// How often it is renewed or tried for.
pub const RENEW_EVERY: Duration = Duration::from_secs(2);

tokio::task_local! {
    /// Whose work the running task does; unset where any replica may do it.
    static LEADING: Lead;
}

/// A lead as the store knows it.
#[derive(Debug, Clone)]
struct Lead {
    holder: Arc<str>,
    epoch: i64,
}

/// The lead as this process holds it.
#[derive(Debug, Clone, Copy)]
struct Held {
    epoch: i64,
    /// By this process's running time.
    until: Instant,
}

/// This process's part in it; clones share it.
#[derive(Debug, Clone)]
pub struct Leadership {
    store: Store,
    holder: Arc<str>,
    held: Arc<watch::Sender<Option<Held>>>,
}

impl Leadership {
    /// A candidate. On SQLite there is one process, and it leads.
    pub fn new(store: Store, now: Timestamp) -> Self {
        Self { store, holder: new_id("rep", now).into(), held: Arc::new(watch::Sender::new(None)) }
    }

    /// Takes, keeps or misses the lead; says whether it leads now. `now` counts only where the database has no time of its own.
    pub async fn campaign(&self, now: Timestamp) -> sqlx::Result<bool> {
        if self.store.engine() == Engine::Sqlite {
            return Ok(true);
        }
        // Counted from before the question, so that this side never believes longer than the store.
        let until = Instant::now() + LEASE;
        let mut tx = self.store.begin().await?;
        let now = lease_now(&mut tx, LeaseClock::Database, now).await?;
        let row = sqlx::query(
            "INSERT INTO leadership (name, holder, epoch, until_at) VALUES ('service', $1, 1, $2) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at, \
             epoch = CASE WHEN leadership.holder = excluded.holder THEN leadership.epoch ELSE leadership.epoch + 1 END \
             WHERE leadership.holder = excluded.holder OR leadership.until_at <= $3 RETURNING epoch",
        )
        .bind(self.holder.to_string())
        .bind(now.plus(LEASE).millis())
        .bind(now.millis())
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        let epoch = row.map(|row| row.try_get::<i64, _>("epoch")).transpose()?;
        let led = self.leads();
        self.held.send_replace(epoch.map(|epoch| Held { epoch, until }));
        if epoch.is_some() && !led {
            tracing::info!(replica.id = &*self.holder, "this replica leads");
        }
        Ok(epoch.is_some())
    }

    /// Whether this process may poll and tick at this moment.
    pub fn leads(&self) -> bool {
        self.store.engine() == Engine::Sqlite || self.held.borrow().is_some_and(|held| Instant::now() < held.until)
    }

    /// Does `work` as the leader: whatever it writes is refused by the store ([`is_lost`]) once another leads. `None` where it does not
    /// lead now.
    pub async fn lead<W: Future>(&self, work: W) -> Option<W::Output> {
        if self.store.engine() == Engine::Sqlite {
            return Some(work.await);
        }
        let epoch = self.held.borrow().filter(|held| Instant::now() < held.until)?.epoch;
        Some(LEADING.scope(Lead { holder: Arc::clone(&self.holder), epoch }, work).await)
    }

    /// Waits until it leads.
    pub async fn led(&self) {
        let mut held = self.held.subscribe();
        while !self.leads() {
            if held.changed().await.is_err() {
                return;
            }
        }
    }

    /// Lets another replica lead at once, at a clean stop.
    pub async fn resign(&self) -> sqlx::Result<()> {
        self.held.send_replace(None);
        if self.store.engine() == Engine::Sqlite {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        sqlx::query("UPDATE leadership SET until_at = 0 WHERE holder = $1").bind(self.holder.to_string()).execute(&mut *tx).await?;
        tx.commit().await
    }
}

/// The lead was lost while its work was written; nothing of it was.
#[derive(Debug, thiserror::Error)]
#[error("another replica leads by now")]
struct Lost;

/// Whether a write was refused because another replica leads by now.
pub fn is_lost(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::AnyDriverError(cause) if cause.is::<Lost>())
}

/// Holds the row of the lead until the transaction ends, where the running task leads; refuses where another leads by now.
pub(super) async fn fence(conn: &mut AnyConnection) -> sqlx::Result<()> {
    let Ok(lead) = LEADING.try_with(Clone::clone) else { return Ok(()) };
    let held = sqlx::query("SELECT 1 AS held FROM leadership WHERE name = 'service' AND holder = $1 AND epoch = $2 FOR SHARE")
        .bind(lead.holder.to_string())
        .bind(lead.epoch)
        .fetch_optional(conn)
        .await?;
    match held {
        Some(_) => Ok(()),
        None => Err(sqlx::Error::AnyDriverError(Box::new(Lost))),
    }
}
