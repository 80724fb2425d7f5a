//! The store is the truth: SQLite by default, PostgreSQL when several replicas run. The only SQL of the crate is in this room,
//! one file per noun, and one SQL text serves both engines.
//!
//! Every function takes `&mut AnyConnection`; a change and what follows from it share one [`Tx`].

pub mod access;
pub mod alerts;
pub mod attachment_pieces;
pub mod audit;
pub mod bot_statuses;
pub mod bulletins;
pub mod calendars;
pub mod campaigns;
pub mod certificates;
pub mod changes;
pub mod channels;
pub mod check_ins;
pub mod claims;
pub mod class_sessions;
pub mod classes;
pub mod codes;
pub mod copy;
pub mod deliveries;
pub mod documents;
pub mod enrolment_questions;
pub mod gap_answers;
pub mod gap_grouping;
pub mod gap_moves;
pub mod gaps;
pub mod idempotency;
pub mod inbox;
pub mod inquiries;
pub mod inquiry_messages;
pub mod later_answers;
pub mod leadership;
pub mod ledger;
pub mod ledger_items;
pub mod materials;
pub mod mishap;
pub mod notices;
pub mod outings;
pub mod overview;
pub mod pacing;
pub mod people;
pub mod personal;
pub mod questions;
pub mod queue;
pub mod quiz_phones;
pub mod quizzes;
pub mod ratings;
pub mod recurring;
pub mod refused;
pub mod retention;
pub mod schema;
mod secrets;
pub mod sessions;
pub mod settlements;
pub mod subscriptions;
pub mod surveys;
pub mod tokens;
pub mod topics;
pub mod turns;
pub mod updates;
pub mod uploads;
pub mod users;
pub mod votes;
pub mod weekly;
pub mod words;

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::str::FromStr;
use std::sync::{Arc, Once};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard};

/// How long SQLite waits for another process (the command line beside a running service) before it says "busy".
const BUSY_TIMEOUT_MS: u32 = 5_000;
/// Readers beside the one writer; more adds nothing on 2 cores.
const SQLITE_READERS: u32 = 6;
const POSTGRES_READERS: u32 = 8;
const POSTGRES_WRITERS: u32 = 10;

static DRIVERS: Once = Once::new();
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("src/store/migrations");

/// Which engine serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A handle to the store; clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    pool: AnyPool,
    /// Where write transactions run. On SQLite one connection of its own, which keeps its prepared statements and its pages: a connection
    /// drops its pages whenever another one has written. On PostgreSQL connections that plan a statement once: planning a claim anew took
    /// ten times as long as making it.
    write_pool: AnyPool,
    engine: Engine,
    /// SQLite has one writer: whoever holds this. Waiting here costs nothing, waiting in SQLite costs seconds.
    writer: Arc<Mutex<()>>,
    /// Rings at every commit of this process.
    bell: Arc<Notify>,
    /// When the store was last seen to take a row.
    proven: Arc<Mutex<Option<tokio::time::Instant>>>,
    url: Arc<str>,
}

/// A write transaction. Dropped without `commit`, nothing happened.
#[derive(Debug)]
pub struct Tx {
    inner: sqlx::Transaction<'static, Any>,
    engine: Engine,
    bell: Arc<Notify>,
    /// Rows of the audit that take their place at the commit.
    audited: Vec<audit::Waiting>,
    _writer: Option<OwnedMutexGuard<()>>,
}

/// What can go wrong when the store is opened, in words for the person who started the service.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("数据库地址“{0}”无法识别：请写成 sqlite:///路径/taxhome.db 或 postgres://用户@主机/库名")]
    Url(String),
    #[error("无法打开数据库 {url}：{source}")]
    Connect { url: String, source: sqlx::Error },
    #[error("数据库结构升级失败，数据未改动：{0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

impl Store {
    /// Opens the database at `url` and brings its tables up to date.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let store = Self::connect(url).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Brings the tables up to date.
    pub(crate) async fn migrate(&self) -> Result<(), OpenError> {
        Ok(MIGRATIONS.run(&self.pool).await?)
    }

    /// Opens the database at `url` as it is.
    pub(crate) async fn connect(url: &str) -> Result<Self, OpenError> {
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let engine = if url.starts_with("sqlite:") {
            Engine::Sqlite
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Engine::Postgres
        } else {
            return Err(OpenError::Url(url.to_owned()));
        };
        let options = AnyConnectOptions::from_str(url).map_err(|_| OpenError::Url(without_password(url)))?;
        let connect = |connections: u32, purpose: Purpose| {
            let options = options.clone();
            async move {
                pool_options(engine, connections, purpose)
                    .connect_with(options)
                    .await
                    .map_err(|source| OpenError::Connect { url: without_password(url), source })
            }
        };
        let (readers, writers) = match engine {
            Engine::Sqlite => (SQLITE_READERS, 1),
            Engine::Postgres => (POSTGRES_READERS, POSTGRES_WRITERS),
        };
        let pool = connect(readers, Purpose::Reading).await?;
        let write_pool = connect(writers, Purpose::Writing).await?;
        Ok(Self {
            pool,
            write_pool,
            engine,
            writer: Arc::new(Mutex::new(())),
            bell: Arc::new(Notify::new()),
            proven: Arc::default(),
            url: url.into(),
        })
    }

    /// The default address: one SQLite file in the data folder.
    pub fn sqlite_url(data_dir: &Path) -> String {
        format!("sqlite://{}?mode=rwc", data_dir.join("taxhome.db").display())
    }

    /// Which engine serves.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The address it was opened with. Holds the password: never log it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection for reading.
    pub async fn read(&self) -> sqlx::Result<PoolConnection<Any>> {
        self.pool.acquire().await
    }

    /// A write transaction: on SQLite it takes the writer's place and `BEGIN IMMEDIATE`.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        let (writer, begin) = match self.engine {
            Engine::Sqlite => (Some(Arc::clone(&self.writer).lock_owned().await), "BEGIN IMMEDIATE"),
            Engine::Postgres => (None, "BEGIN"),
        };
        let mut inner = self.write_pool.begin_with(begin).await?;
        leadership::fence(&mut inner).await?;
        Ok(Tx { inner, engine: self.engine, bell: Arc::clone(&self.bell), audited: Vec::new(), _writer: writer })
    }

    /// Everything as it is at one moment, whatever is written meanwhile.
    pub(crate) async fn snapshot(&self) -> sqlx::Result<sqlx::Transaction<'static, Any>> {
        let begin = match self.engine {
            Engine::Sqlite => "BEGIN",
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        self.pool.begin_with(begin).await
    }

    /// Waits until this process commits something; a commit since the last wait counts. For one listener: the outbox.
    pub async fn committed(&self) {
        self.bell.notified().await;
    }

    /// Closes all connections after their work is done.
    pub async fn close(&self) {
        self.write_pool.close().await;
        self.pool.close().await;
    }
}

impl Tx {
    /// Makes everything done in this transaction durable.
    pub async fn commit(self) -> sqlx::Result<()> {
        let bell = Arc::clone(&self.bell);
        self.commit_unrung().await?;
        bell.notify_one();
        Ok(())
    }

    /// The same for the outbox itself, which looks again anyway: the bell is not rung.
    pub(crate) async fn commit_unrung(mut self) -> sqlx::Result<()> {
        if !self.audited.is_empty() {
            let rows = std::mem::take(&mut self.audited);
            audit::chain(&mut self.inner, rows).await?;
        }
        self.inner.commit().await
    }

    /// ` FOR UPDATE` on PostgreSQL; SQLite's single writer needs none.
    pub fn for_update(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR UPDATE",
        }
    }

    /// ` FOR UPDATE SKIP LOCKED` on PostgreSQL.
    pub fn skip_locked(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }
}

impl Deref for Tx {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }
}

/// `($4, $5), ($6, $7)`: so many rows of so many values, the first of which is `$first`.
fn rows_of_places(rows: usize, values: usize, first: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (0..values).map(|value| format!("${}", first + row * values + value)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<String>>().join(", ")
}

/// The last one repeated up to a power of two: a list that only says which rows keeps to few texts, which the engine plans once each.
fn padded<T>(items: &[T]) -> Vec<&T> {
    items.iter().chain(std::iter::repeat_n(items.last(), items.len().next_power_of_two() - items.len()).flatten()).collect()
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Reading,
    Writing,
}

fn pool_options(engine: Engine, connections: u32, purpose: Purpose) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        // A connection to a server may have died meanwhile; one to a file is tested below without asking it.
        .test_before_acquire(engine == Engine::Postgres)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                match (engine, purpose) {
                    (Engine::Sqlite, _) => {
                        connection.execute("PRAGMA journal_mode = WAL").await?;
                        connection.execute("PRAGMA synchronous = FULL").await?;
                        connection.execute("PRAGMA foreign_keys = ON").await?;
                        let busy = format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}");
                        connection.execute(sqlx::AssertSqlSafe(busy)).await?;
                    }
                    (Engine::Postgres, Purpose::Writing) => {
                        connection.execute("SET plan_cache_mode = force_generic_plan").await?;
                        // A plan made while the tables were empty must be right when they are full: every look of a write has its index.
                        connection.execute("SET enable_seqscan = off").await?;
                    }
                    (Engine::Postgres, Purpose::Reading) => {}
                }
                Ok(())
            })
        })
        // A disk that fills up ends SQLite's transaction behind sqlx's back: the connection counts it as open for ever and takes no
        // other. Such a one is closed, and the next is opened in its place.
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
}

fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => format!("{}://…{}", &url[..scheme], &url[at..]),
        _ => url.to_owned(),
    }
}
