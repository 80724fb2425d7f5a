//! Bulletins that go out again and again.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::recurrence::RecurringPlan;
use crate::domain::time::Timestamp;

/// Whether one is made when its time comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecurringState {
    /// Nobody has approved it yet.
    Waiting,
    Active,
    Stopped,
}

/// One with its plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Recurring {
    pub id: String,
    /// File name without ending, or `api`.
    pub source: String,
    pub plan: RecurringPlan,
    pub state: RecurringState,
    pub author: String,
    pub approved_by: Option<String>,
    /// Nothing is made for this instant and before.
    pub made_until: Timestamp,
    pub next_at: Option<Timestamp>,
    /// The year of the calendar it waits for.
    pub missing_year: Option<i32>,
    pub created_at: Timestamp,
}

const COLUMNS: &str = "id, source, plan, state, author, approved_by, made_until, next_at, missing_year, created_at";

impl RecurringState {
    /// The word in store and API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Stopped => "stopped",
        }
    }

    /// The word for people.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Waiting => "待审核",
            Self::Active => "运行中",
            Self::Stopped => "已停止",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Waiting, Self::Active, Self::Stopped].into_iter().find(|state| state.word() == word)
    }
}

/// Writes one, new or changed.
pub async fn put(conn: &mut AnyConnection, recurring: &Recurring, now: Timestamp) -> sqlx::Result<()> {
    let plan = serde_json::to_string(&recurring.plan).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "INSERT INTO recurring (id, source, plan, state, author, approved_by, made_until, next_at, missing_year, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO UPDATE SET plan = excluded.plan, \
         state = excluded.state, author = excluded.author, approved_by = excluded.approved_by, made_until = excluded.made_until, \
         next_at = excluded.next_at, missing_year = excluded.missing_year, updated_at = excluded.updated_at",
    )
    .bind(recurring.id.clone())
    .bind(recurring.source.clone())
    .bind(plan)
    .bind(recurring.state.word())
    .bind(recurring.author.clone())
    .bind(recurring.approved_by.clone())
    .bind(recurring.made_until.millis())
    .bind(recurring.next_at.map(Timestamp::millis))
    .bind(recurring.missing_year.map(i64::from))
    .bind(recurring.created_at.millis())
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// One. `lock` is [`crate::store::Tx::for_update`] in a transaction that will change it, else empty.
pub async fn get(conn: &mut AnyConnection, id: &str, lock: &str) -> sqlx::Result<Option<Recurring>> {
    let sql = format!("SELECT {COLUMNS} FROM recurring WHERE id = $1{lock}");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// The one made from a file.
pub async fn by_source(conn: &mut AnyConnection, source: &str) -> sqlx::Result<Option<Recurring>> {
    let sql = format!("SELECT {COLUMNS} FROM recurring WHERE source = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(source.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// In order of creation, beginning after the id `after`.
pub async fn list(conn: &mut AnyConnection, after: &str, limit: i64) -> sqlx::Result<Vec<Recurring>> {
    let sql = format!("SELECT {COLUMNS} FROM recurring WHERE id > $1 ORDER BY id LIMIT $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after.to_owned()).bind(limit).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// Ids of the active ones whose time has come, and of those whose next time is not known yet.
pub async fn due(conn: &mut AnyConnection, now: Timestamp) -> sqlx::Result<Vec<String>> {
    let rows = sqlx::query("SELECT id FROM recurring WHERE state = 'active' AND (next_at IS NULL OR next_at <= $1) ORDER BY next_at, id")
        .bind(now.millis())
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| row.try_get("id")).collect()
}

fn read(row: &AnyRow) -> sqlx::Result<Recurring> {
    let at = |name: &str| row.try_get::<Option<i64>, _>(name).map(|millis| millis.map(Timestamp::from_millis));
    let state: String = row.try_get("state")?;
    Ok(Recurring {
        id: row.try_get("id")?,
        source: row.try_get("source")?,
        plan: serde_json::from_str(&row.try_get::<String, _>("plan")?).map_err(|error| sqlx::Error::Decode(error.into()))?,
        state: RecurringState::parse(&state).ok_or_else(|| sqlx::Error::Decode(format!("unknown state {state}").into()))?,
        author: row.try_get("author")?,
        approved_by: row.try_get("approved_by")?,
        made_until: at("made_until")?.unwrap_or_default(),
        next_at: at("next_at")?,
        missing_year: row.try_get::<Option<i64>, _>("missing_year")?.and_then(|year| i32::try_from(year).ok()),
        created_at: at("created_at")?.unwrap_or_default(),
    })
}
