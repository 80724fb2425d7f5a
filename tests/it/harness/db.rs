//! A store per test: a SQLite file in a folder of its own, or a fresh PostgreSQL database when `TEST_POSTGRES_URL` holds an
//! administrator's url such as `postgres://root@127.0.0.1:5432/postgres`. Both are gone when the test is over.

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::{ConnectOptions, Connection, Executor};
use taxhome::store::Store;
use tempfile::TempDir;

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A store and what must be cleared away after it.
pub struct TestStore {
    store: Store,
    url: String,
    /// A folder the test may use, for the database file and for anything else.
    pub dir: TempDir,
    postgres: Option<PostgresDatabase>,
}

struct PostgresDatabase {
    admin: String,
    name: String,
}

impl TestStore {
    /// The address, to open the same database from another process.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A handle that may be given away.
    pub fn handle(&self) -> Store {
        self.store.clone()
    }
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

/// An empty store with all tables.
pub async fn fresh_store() -> TestStore {
    let (url, dir, postgres) = fresh_database().await;
    let store = Store::open(&url).await.unwrap();
    TestStore { store, url, dir, postgres }
}

/// A store as it was before the migration `version`, filled by these statements and then opened by the service of today.
pub async fn grown_store(version: i64, rows: &[&str]) -> TestStore {
    let (url, dir, postgres) = fresh_database().await;
    sqlx::any::install_default_drivers();
    let pool = sqlx::any::AnyPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
    let all = sqlx::migrate!("src/store/migrations");
    let before: Vec<_> = all.migrations.iter().filter(|migration| migration.version < version).cloned().collect();
    assert!(before.len() < all.migrations.len(), "there is no migration {version}");
    sqlx::migrate::Migrator { migrations: before.into(), ..sqlx::migrate::Migrator::DEFAULT }.run(&pool).await.unwrap();
    for row in rows {
        pool.execute(sqlx::AssertSqlSafe((*row).to_owned())).await.unwrap();
    }
    pool.close().await;
    let store = Store::open(&url).await.unwrap();
    TestStore { store, url, dir, postgres }
}

async fn fresh_database() -> (String, TempDir, Option<PostgresDatabase>) {
    let dir = tempfile::tempdir().unwrap();
    let (url, postgres) = match std::env::var("TEST_POSTGRES_URL") {
        Ok(admin) if !admin.is_empty() => {
            let name = format!("taxhome_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
            administer(&admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            administer(&admin, &format!("CREATE DATABASE {name}")).await;
            (beside(&admin, &name), Some(PostgresDatabase { admin, name }))
        }
        _ => (Store::sqlite_url(dir.path()), None),
    };
    (url, dir, postgres)
}

/// The url of database `name` on the server of `admin`.
fn beside(admin: &str, name: &str) -> String {
    let (address, query) = admin.split_once('?').map_or((admin, String::new()), |(address, query)| (address, format!("?{query}")));
    let server = address.rsplit_once('/').map_or(address, |(server, _)| server);
    format!("{server}/{name}{query}")
}

async fn administer(admin: &str, statement: &str) {
    let options: sqlx::postgres::PgConnectOptions = admin.parse().unwrap();
    let mut connection = options.disable_statement_logging().connect().await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(statement.to_owned())).await.unwrap();
    connection.close().await.unwrap();
}

impl Drop for TestStore {
    fn drop(&mut self) {
        let Some(PostgresDatabase { admin, name }) = self.postgres.take() else { return };
        // A test's runtime may be ending: the database is dropped from a thread with a runtime of its own.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(administer(&admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        });
        let _ = dropped.join();
    }
}
