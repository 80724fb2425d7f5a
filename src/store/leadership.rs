//! One leader among replicas: it polls Telegram and ticks the schedule; every replica serves and sends. Who leads is a lease in the
//! store by the database's time. A leader that was frozen longer than its lease does not believe itself to lead when it thaws.

use std::sync::Arc;
use std::time::Duration;

use sqlx::Row;
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

/// This process's part in it; clones share it.
#[derive(Debug, Clone)]
pub struct Leadership {
    store: Store,
    holder: Arc<str>,
    /// Until when it holds, by this process's running time.
    until: Arc<watch::Sender<Option<Instant>>>,
}

impl Leadership {
    /// A candidate. On SQLite there is one process, and it leads.
    pub fn new(store: Store, now: Timestamp) -> Self {
        Self { store, holder: new_id("rep", now).into(), until: Arc::new(watch::Sender::new(None)) }
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
        let leads = row.map(|row| row.try_get::<i64, _>("epoch")).transpose()?.is_some();
        let led = self.leads();
        self.until.send_replace(leads.then_some(until));
        if leads && !led {
            tracing::info!(replica.id = &*self.holder, "this replica leads");
        }
        Ok(leads)
    }

    /// Whether this process may poll and tick at this moment.
    pub fn leads(&self) -> bool {
        self.store.engine() == Engine::Sqlite || self.until.borrow().is_some_and(|until| Instant::now() < until)
    }

    /// Waits until it leads.
    pub async fn led(&self) {
        let mut until = self.until.subscribe();
        while !self.leads() {
            if until.changed().await.is_err() {
                return;
            }
        }
    }

    /// Lets another replica lead at once, at a clean stop.
    pub async fn resign(&self) -> sqlx::Result<()> {
        self.until.send_replace(None);
        if self.store.engine() == Engine::Sqlite {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        sqlx::query("UPDATE leadership SET until_at = 0 WHERE holder = $1").bind(self.holder.to_string()).execute(&mut *tx).await?;
        tx.commit().await
    }
}
