//! The ledger as people read it: deliveries with their attempts. Nothing is changed here.

use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::deliveries::word;
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::{DeliveryState, Operation, Origin};
use crate::domain::time::Timestamp;

const LEDGER: &str = "SELECT d.id, d.origin, d.origin_id, d.revision, d.channel_id, c.kind, c.title, d.part, d.operation, d.state, d.held, \
     d.message_id, d.reason, d.due_at, d.not_after, d.settled_at FROM deliveries d JOIN channels c ON c.id = d.channel_id";

/// One attempt at a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Attempt {
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// sent, not_sent, frozen, failed, unknown …; nothing while it runs.
    pub outcome: Option<String>,
    pub detail: Option<String>,
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Delivery {
    pub id: String,
    pub origin: Origin,
    pub origin_id: String,
    pub revision: i64,
    pub channel_id: String,
    pub channel_kind: ChannelKind,
    pub channel_title: String,
    pub part: i64,
    pub operation: Operation,
    pub state: DeliveryState,
    /// Its bulletin is paused.
    pub held: bool,
    pub attempts: Vec<Attempt>,
    pub message_id: Option<String>,
    pub reason: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub not_after: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub settled_at: Option<Timestamp>,
}

/// The deliveries of one thing with their attempts, in order of id, beginning after the id `after`.
pub async fn by_origin(conn: &mut AnyConnection, origin: Origin, origin_id: &str, after: &str, limit: i64) -> sqlx::Result<Vec<Delivery>> {
    by_origin_in(conn, (origin, origin_id), None, after, limit).await
}

/// The same, only those in a state.
pub async fn by_origin_in(
    conn: &mut AnyConnection,
    (origin, origin_id): (Origin, &str),
    state: Option<DeliveryState>,
    after: &str,
    limit: i64,
) -> sqlx::Result<Vec<Delivery>> {
    let sql =
        format!("{LEDGER} WHERE d.origin = $1 AND d.origin_id = $2 AND d.id > $3 AND ($5 = '' OR d.state = $5) ORDER BY d.id LIMIT $4");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(origin.word())
        .bind(origin_id.to_owned())
        .bind(after.to_owned())
        .bind(limit)
        .bind(state.map_or("", DeliveryState::word))
        .fetch_all(&mut *conn)
        .await?;
    with_attempts(conn, &rows).await
}

/// One delivery.
pub async fn get(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<Delivery>> {
    let sql = format!("{LEDGER} WHERE d.id = $1");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_all(&mut *conn).await?;
    Ok(with_attempts(conn, &rows).await?.pop())
}

/// The delivery of the last revision of one thing; of several parts the first.
pub async fn last_of(conn: &mut AnyConnection, origin: Origin, origin_id: &str) -> sqlx::Result<Option<Delivery>> {
    let sql = format!("{LEDGER} WHERE d.origin = $1 AND d.origin_id = $2 ORDER BY d.revision DESC, d.part LIMIT 1");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(origin.word()).bind(origin_id.to_owned()).fetch_all(&mut *conn).await?;
    Ok(with_attempts(conn, &rows).await?.pop())
}

/// At most `limit` deliveries nobody can say of whether they arrived, in order of their making, beginning after the id `after`.
pub async fn unknown(conn: &mut AnyConnection, after: &str, limit: i64) -> sqlx::Result<Vec<Delivery>> {
    let sql = format!("{LEDGER} WHERE d.state = 'unknown' AND d.id > $1 ORDER BY d.id LIMIT $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after.to_owned()).bind(limit).fetch_all(&mut *conn).await?;
    with_attempts(conn, &rows).await
}

async fn with_attempts(conn: &mut AnyConnection, rows: &[AnyRow]) -> sqlx::Result<Vec<Delivery>> {
    let mut deliveries = rows.iter().map(bare).collect::<sqlx::Result<Vec<_>>>()?;
    let places: Vec<String> = (1..=deliveries.len()).map(|place| format!("${place}")).collect();
    if places.is_empty() {
        return Ok(deliveries);
    }
    let sql = format!(
        "SELECT delivery_id, started_at, ended_at, outcome, detail FROM attempts WHERE delivery_id IN ({}) ORDER BY delivery_id, epoch",
        places.join(", ")
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    for delivery in &deliveries {
        query = query.bind(delivery.id.clone());
    }
    for row in query.fetch_all(conn).await? {
        let id: String = row.try_get("delivery_id")?;
        let Some(delivery) = deliveries.iter_mut().find(|delivery| delivery.id == id) else { continue };
        delivery.attempts.push(Attempt {
            started_at: Timestamp::from_millis(row.try_get("started_at")?),
            ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(Timestamp::from_millis),
            outcome: row.try_get("outcome")?,
            detail: row.try_get("detail")?,
        });
    }
    Ok(deliveries)
}

fn bare(row: &AnyRow) -> sqlx::Result<Delivery> {
    let at = |name: &str| row.try_get::<i64, _>(name).map(Timestamp::from_millis);
    Ok(Delivery {
        id: row.try_get("id")?,
        origin: word(row, "origin", Origin::parse)?,
        origin_id: row.try_get("origin_id")?,
        revision: row.try_get("revision")?,
        channel_id: row.try_get("channel_id")?,
        channel_kind: word(row, "kind", ChannelKind::parse)?,
        channel_title: row.try_get("title")?,
        part: row.try_get("part")?,
        operation: word(row, "operation", Operation::parse)?,
        state: word(row, "state", DeliveryState::parse)?,
        held: row.try_get::<i64, _>("held")? != 0,
        attempts: Vec::new(),
        message_id: row.try_get("message_id")?,
        reason: row.try_get("reason")?,
        due_at: at("due_at")?,
        not_after: at("not_after")?,
        settled_at: row.try_get::<Option<i64>, _>("settled_at")?.map(Timestamp::from_millis),
    })
}
