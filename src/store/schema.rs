//! What tables and columns there are, asked of the engine itself: for whatever goes over all of them. Each engine keeps its own list;
//! this is the one place that reads it.

use sqlx::any::{AnyRow, AnyTypeInfoKind};
use sqlx::{AnyConnection, Column, Row, TypeInfo, ValueRef};

use super::Engine;

/// A table and its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<String>,
}

/// Every table of ours, each after those it refers to: a table can only refer to one made before it.
pub async fn tables(conn: &mut AnyConnection, engine: Engine) -> sqlx::Result<Vec<Table>> {
    let (names, columns) = match engine {
        Engine::Sqlite => (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%sqlx%' ORDER BY rowid",
            "SELECT name FROM pragma_table_info($1) ORDER BY cid",
        ),
        Engine::Postgres => (
            "SELECT CAST(c.relname AS TEXT) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind = 'r' AND n.nspname = current_schema() AND c.relname NOT LIKE '%sqlx%' ORDER BY c.oid",
            "SELECT CAST(column_name AS TEXT) AS name FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position",
        ),
    };
    let mut found = Vec::new();
    for row in sqlx::query(names).fetch_all(&mut *conn).await? {
        let name: String = row.try_get("name")?;
        let rows = sqlx::query(columns).bind(name.clone()).fetch_all(&mut *conn).await?;
        let columns = rows.iter().map(|row| row.try_get("name")).collect::<sqlx::Result<Vec<String>>>()?;
        found.push(Table { name, columns });
    }
    Ok(found)
}

/// Every row of a table, as JSON; the table's name is one of [`tables`].
pub async fn rows(conn: &mut AnyConnection, table: &str) -> sqlx::Result<Vec<serde_json::Map<String, serde_json::Value>>> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT * FROM {table}"))).fetch_all(conn).await?;
    rows.iter().map(json).collect()
}

/// A row as JSON: texts, whole numbers, fractions and nulls, which is all our columns hold.
pub fn json(row: &AnyRow) -> sqlx::Result<serde_json::Map<String, serde_json::Value>> {
    let mut object = serde_json::Map::new();
    for column in row.columns() {
        let raw = row.try_get_raw(column.ordinal())?;
        let kind = raw.type_info().kind();
        let value = if raw.is_null() {
            serde_json::Value::Null
        } else {
            match kind {
                AnyTypeInfoKind::Null => serde_json::Value::Null,
                AnyTypeInfoKind::Text => row.try_get::<String, _>(column.ordinal())?.into(),
                AnyTypeInfoKind::SmallInt | AnyTypeInfoKind::Integer | AnyTypeInfoKind::BigInt => {
                    row.try_get::<i64, _>(column.ordinal())?.into()
                }
                AnyTypeInfoKind::Double | AnyTypeInfoKind::Real => row.try_get::<f64, _>(column.ordinal())?.into(),
                AnyTypeInfoKind::Bool | AnyTypeInfoKind::Blob => {
                    let told = format!("column {} holds a {}, which is not written out", column.name(), raw.type_info().name());
                    return Err(sqlx::Error::Decode(told.into()));
                }
            }
        };
        object.insert(column.name().to_owned(), value);
    }
    Ok(object)
}
