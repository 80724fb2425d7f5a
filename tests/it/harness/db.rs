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
    #[expect(dead_code, reason = "dropped with the store: it takes the database away")]
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
    empty_place().await.open().await
}

/// A store as it was before the migration `version`, filled by these statements and then opened by the service of today.
pub async fn grown_store(version: i64, rows: &[&str]) -> TestStore {
    let place = empty_place().await;
    sqlx::any::install_default_drivers();
    let pool = sqlx::any::AnyPoolOptions::new().max_connections(1).connect(place.url()).await.unwrap();
    let all = sqlx::migrate!("src/store/migrations");
    let before: Vec<_> = all.migrations.iter().filter(|migration| migration.version < version).cloned().collect();
    assert!(before.len() < all.migrations.len(), "there is no migration {version}");
    sqlx::migrate::Migrator { migrations: before.into(), ..sqlx::migrate::Migrator::DEFAULT }.run(&pool).await.unwrap();
    for row in rows {
        pool.execute(sqlx::AssertSqlSafe((*row).to_owned())).await.unwrap();
    }
    pool.close().await;
    place.open().await
}

/// A place for a store on the engine the tests run on.
pub async fn empty_place() -> Place {
    match std::env::var("TEST_POSTGRES_URL") {
        Ok(admin) if !admin.is_empty() => empty_postgres(&admin).await,
        _ => empty_sqlite(),
    }
}

/// A place for a store in which there is nothing yet.
pub struct Place {
    url: String,
    pub dir: TempDir,
    postgres: Option<PostgresDatabase>,
}

impl Place {
    /// The address of the database that is to be.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Opens it, with all tables.
    pub async fn open(self) -> TestStore {
        let store = Store::open(&self.url).await.unwrap();
        TestStore { store, url: self.url, dir: self.dir, postgres: self.postgres }
    }
}

/// One on SQLite.
pub fn empty_sqlite() -> Place {
    let dir = tempfile::tempdir().unwrap();
    Place { url: Store::sqlite_url(dir.path()), dir, postgres: None }
}

/// One on the PostgreSQL server of an administrator's url.
pub async fn empty_postgres(admin: &str) -> Place {
    let name = format!("taxhome_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
    administer(admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    administer(admin, &format!("CREATE DATABASE {name}")).await;
    let postgres = Some(PostgresDatabase { admin: admin.to_owned(), name: name.clone() });
    Place { url: beside(admin, &name), dir: tempfile::tempdir().unwrap(), postgres }
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

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), self.name.clone());
        // A test's runtime may be ending: the database is dropped from a thread with a runtime of its own.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(administer(&admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        });
        let _ = dropped.join();
    }
}
