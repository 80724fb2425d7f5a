//! All rows of all tables, out and in again, on either engine: what backup, restore and export are made of. A row is a JSON object of
//! texts, numbers and nulls; nothing else is in our columns.
//!
//! Its one rule: a copy brought back sends nothing that may have gone out after it was made. Whatever was due by then is unconfirmed.

use futures::TryStreamExt;
use serde_json::{Map, Value};
use sqlx::migrate::Migrator;
use sqlx::{Any, AnyConnection, Row, Transaction};

use super::schema::{self, Table};
use super::{MIGRATIONS, OpenError, Store, Tx};
use crate::domain::care::Purpose;
use crate::domain::time::Timestamp;

/// What belongs to running processes and is worth nothing in a copy.
const OF_THE_MOMENT: [&str; 2] = ["leadership", "sessions"];
/// What only proves who somebody is; no export carries it.
const SECRETS: [&str; 5] = ["passwords", "tokens", "access_links", "failed_logins", "idempotency"];
/// Set while a copy is being brought back: such a store serves nobody.
const UNFINISHED: &str = "restore.unfinished";

/// What had to be left open when a copy was brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeftOpen {
    /// Messages of which nobody knows whether they went out.
    pub unconfirmed: u64,
    /// Bulletins held for a decision.
    pub held: u64,
    /// Replies and notices that are not sent any more, and updates not answered any more.
    pub dropped: u64,
}

/// The store at one moment.
#[derive(Debug)]
pub struct Snapshot {
    tx: Transaction<'static, Any>,
    pub tables: Vec<Table>,
    /// Migrations that made its tables.
    pub migrations: Vec<i64>,
}

impl Snapshot {
    /// Takes it; tables that `purpose` leaves out are not in it.
    pub async fn take(store: &Store, purpose: Purpose) -> sqlx::Result<Self> {
        let mut tx = store.snapshot().await?;
        let mut tables = schema::tables(&mut tx, store.engine()).await?;
        tables.retain(|table| {
            let name = table.name.as_str();
            !OF_THE_MOMENT.contains(&name) && (purpose == Purpose::Backup || !SECRETS.contains(&name))
        });
        let rows = sqlx::query("SELECT version FROM _sqlx_migrations ORDER BY version").fetch_all(&mut *tx).await?;
        let migrations = rows.iter().map(|row| row.try_get("version")).collect::<sqlx::Result<_>>()?;
        Ok(Self { tx, tables, migrations })
    }

    /// Gives each row of a table to `take`.
    pub async fn each<E: From<sqlx::Error>>(
        &mut self,
        table: &str,
        purpose: Purpose,
        mut take: impl FnMut(Map<String, Value>) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = format!("SELECT * FROM {table}");
        let mut rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch(&mut *self.tx);
        while let Some(row) = rows.try_next().await? {
            let mut row = schema::json(&row)?;
            if purpose == Purpose::Export {
                hide_secrets(table, &mut row);
            }
            take(row)?;
        }
        Ok(())
    }
}

/// A robot's address is its key, the seed of a draw is secret until it was drawn, and with the key of a quiz its hashes tell mobile numbers.
fn hide_secrets(table: &str, row: &mut Map<String, Value>) {
    let hidden = || Value::String("***".to_owned());
    if table == "channels" && row.get("kind").and_then(Value::as_str) == Some("wecom_robot") {
        row.insert("address".to_owned(), hidden());
    }
    if table == "quizzes" && row.get("drawn_at").is_none_or(Value::is_null) {
        row.insert("seed".to_owned(), hidden());
    }
    if table == "quizzes" {
        row.insert("phone_key".to_owned(), hidden());
    }
}

/// Whether every migration of a copy is known here.
pub fn knows(migrations: &[i64]) -> bool {
    migrations.iter().all(|version| MIGRATIONS.version_exists(*version))
}

/// Opens a database that must be empty; `None` where it is not.
pub async fn open_empty(url: &str) -> Result<Option<Store>, OpenError> {
    let store = Store::connect(url).await?;
    let told = |source| OpenError::Connect { url: super::without_password(url), source };
    let mut conn = store.read().await.map_err(told)?;
    let tables = schema::tables(&mut conn, store.engine()).await.map_err(told)?;
    drop(conn);
    Ok(tables.is_empty().then_some(store))
}

/// Makes the tables as they were when the copy was made, in the transaction that fills them empty of what migrations put in.
pub async fn begin_filling(store: &Store, migrations: &[i64]) -> Result<Filling, OpenError> {
    let then = MIGRATIONS.iter().filter(|migration| migrations.contains(&migration.version)).cloned().collect();
    Migrator::with_migrations(then).run(&store.pool).await?;
    let told = |source| OpenError::Connect { url: super::without_password(&store.url), source };
    let mut tx = store.begin().await.map_err(told)?;
    let tables = schema::tables(&mut tx, store.engine()).await.map_err(told)?;
    for table in tables.iter().rev() {
        let sql = format!("DELETE FROM {}", table.name);
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await.map_err(told)?;
    }
    Ok(Filling { tx, tables })
}

/// A store being filled.
#[derive(Debug)]
pub struct Filling {
    tx: Tx,
    /// In an order in which each can be filled.
    pub tables: Vec<Table>,
}

impl Filling {
    /// Puts a row in. A column that is null is left to its default, which is null.
    pub async fn put(&mut self, table: &str, row: Map<String, Value>) -> sqlx::Result<()> {
        let known = self.tables.iter().find(|known| known.name == table);
        let Some(known) = known else { return Err(sqlx::Error::Decode(format!("there is no table {table}").into())) };
        let row: Vec<(String, Value)> = row.into_iter().filter(|(_, value)| !value.is_null()).collect();
        if let Some((column, _)) = row.iter().find(|(column, _)| !known.columns.contains(column)) {
            return Err(sqlx::Error::Decode(format!("table {table} has no column {column}").into()));
        }
        let names: Vec<&str> = row.iter().map(|(column, _)| column.as_str()).collect();
        let places: Vec<String> = (1..=row.len()).map(|place| format!("${place}")).collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), places.join(", "));
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for (_, value) in row {
            query = match value {
                Value::String(text) => query.bind(text),
                Value::Number(number) => match number.as_i64() {
                    Some(whole) => query.bind(whole),
                    None => query.bind(number.as_f64().unwrap_or_default()),
                },
                other => return Err(sqlx::Error::Decode(format!("{other} is no value of a column").into())),
            };
        }
        query.execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Keeps it, with everything unconfirmed that may have gone out after the copy was made; the store is unfinished until [`finish`].
    pub async fn keep(mut self, reason: &str, now: Timestamp) -> sqlx::Result<LeftOpen> {
        let open = leave_open(&mut self.tx, reason, now).await?;
        super::updates::remember(&mut self.tx, UNFINISHED, &now.rfc3339()).await?;
        self.tx.commit().await?;
        Ok(open)
    }
}

/// The last of it, after what time had brought about meanwhile was derived once more.
pub async fn finish(tx: &mut Tx, reason: &str, now: Timestamp) -> sqlx::Result<LeftOpen> {
    let open = leave_open(tx, reason, now).await?;
    sqlx::query("DELETE FROM channel_state WHERE name = $1").bind(UNFINISHED).execute(&mut **tx).await?;
    Ok(open)
}

/// Whether a copy was being brought back and that was not finished.
pub async fn is_unfinished(conn: &mut AnyConnection) -> sqlx::Result<bool> {
    Ok(super::updates::remembered(conn, UNFINISHED).await?.is_some())
}

/// Edits and deletions are safe to repeat and stay; a send is not.
async fn leave_open(tx: &mut Tx, reason: &str, now: Timestamp) -> sqlx::Result<LeftOpen> {
    // What a person decides on: bulletins, and notices of classes.
    let asked = "(origin = 'bulletin' OR origin_id LIKE 'cls:%')";
    let due = "operation = 'send' AND (state = 'sending' OR (state = 'pending' AND due_at <= $1))";
    let unconfirmed = format!(
        "UPDATE deliveries SET state = 'unknown', on_ambiguous = 'ask', reason = $2, settled_at = $1, lease_until = NULL, epoch = epoch + 1 \
         WHERE {due} AND {asked}"
    );
    let unsent = format!(
        "UPDATE deliveries SET state = 'cancelled', reason = $2, settled_at = $1, lease_until = NULL, epoch = epoch + 1 WHERE {due} AND NOT {asked}"
    );
    let held = "UPDATE bulletins SET state = 'held', held_reason = $2 WHERE state = 'scheduled' AND scheduled_at <= $1";
    let updates = "UPDATE updates SET state = 'dead', reason = $2, payload = '', done_at = $1 WHERE state = 'pending' AND $1 > 0";
    let mut many = [0; 4];
    for (sql, many) in [unconfirmed.as_str(), unsent.as_str(), held, updates].into_iter().zip(&mut many) {
        let done = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).bind(now.millis()).bind(reason.to_owned()).execute(&mut **tx).await?;
        *many = done.rows_affected();
    }
    let [unconfirmed, unsent, held, updates] = many;
    Ok(LeftOpen { unconfirmed, held, dropped: unsent + updates })
}
