//! Hearing at once that another replica changed the knowledge. What is heard is a hint: whoever listens looks at the revision itself,
//! and looks again every so often, because a broken connection hears nothing.

use std::time::Duration;

use sqlx::postgres::PgListener;
use sqlx::{AnyConnection, Executor};

use super::{Engine, Store};

/// PostgreSQL's name of what is listened to.
const KNOWLEDGE: &str = "taxhome_knowledge";
/// A connection that cannot be had is tried for again after this long.
const AFTER_ERROR: Duration = Duration::from_secs(5);

/// One listener.
pub struct Changes {
    store: Store,
    listener: Option<PgListener>,
}

impl Changes {
    /// Listens to the store; it connects with the first wait.
    pub fn of(store: Store) -> Self {
        Self { store, listener: None }
    }

    /// Waits until the knowledge may have changed. On SQLite nobody else changes it unheard, and this never ends.
    pub async fn heard(&mut self) {
        if self.store.engine() == Engine::Sqlite {
            return std::future::pending().await;
        }
        loop {
            match self.listen().await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(error = %error, "changes by other replicas are not heard now, only looked for");
                    self.listener = None;
                    tokio::time::sleep(AFTER_ERROR).await;
                }
            }
        }
    }

    async fn listen(&mut self) -> sqlx::Result<()> {
        let listener = match &mut self.listener {
            Some(listener) => listener,
            None => {
                let mut listener = PgListener::connect(self.store.url()).await?;
                listener.listen(KNOWLEDGE).await?;
                self.listener.insert(listener)
            }
        };
        // `None`: the connection broke and was made again; what was said in between is lost, so it counts as heard.
        listener.try_recv().await.map(|_| ())
    }
}

/// Tells every replica, when the transaction commits.
pub(super) async fn tell(conn: &mut AnyConnection) -> sqlx::Result<()> {
    if conn.backend_name() == "PostgreSQL" {
        conn.execute(sqlx::AssertSqlSafe(format!("NOTIFY {KNOWLEDGE}"))).await?;
    }
    Ok(())
}
