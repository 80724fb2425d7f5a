//! The ledger of opinions and suggestions: items with their numbers, the steps taken, who may look one up.

use chrono::NaiveDate;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::Tx;
use super::deliveries::word;
use crate::domain::id::new_id;
use crate::domain::ledger::{LedgerItem, LedgerSource, LedgerStep, Stage, number};
use crate::domain::time::Timestamp;

const COLUMNS: &str = "id, number, source, stars, channel, text, stage, owner, due_on, answer, created_at, updated_at";
/// Stages in which the due date counts: literally the condition of the index.
const UNDER_WAY: &str = "stage IN ('received', 'accepted', 'handling')";

/// What opens an item.
#[derive(Debug, Clone, Copy)]
pub struct NewItem<'a> {
    pub source: LedgerSource,
    pub inquiry_id: Option<&'a str>,
    pub stars: Option<i64>,
    pub channel: &'a str,
    pub person: &'a str,
    /// The private chat receipts go to.
    pub channel_id: Option<&'a str>,
    /// Masked.
    pub text: &'a str,
    pub due_on: Option<NaiveDate>,
}

/// Which items to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub stage: Option<Stage>,
    /// Name of the owner; empty for all.
    pub owner: String,
    /// Only those under way whose last day is before this one.
    pub overdue_on: Option<NaiveDate>,
}

/// Opens an item and gives it the next number of its year; `None` where its inquiry has one.
pub async fn open(conn: &mut AnyConnection, new: &NewItem<'_>, year: i32, now: Timestamp) -> sqlx::Result<Option<LedgerItem>> {
    // The row of the year is locked until the commit: a number that is not kept is given to the next.
    let row = sqlx::query(
        "INSERT INTO ledger_numbers (year, last) VALUES ($1, 1) ON CONFLICT (year) DO UPDATE SET last = ledger_numbers.last + 1 RETURNING last",
    )
    .bind(i64::from(year))
    .fetch_one(&mut *conn)
    .await?;
    let id = new_id("led", now);
    let done = sqlx::query(
        "INSERT INTO ledger_items (id, number, source, inquiry_id, stars, channel, person, channel_id, text, stage, owner, due_on, answer, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'received', '', $10, '', $11, $11) \
         ON CONFLICT (inquiry_id) DO NOTHING",
    )
    .bind(id.clone())
    .bind(number(year, row.try_get("last")?))
    .bind(new.source.word())
    .bind(new.inquiry_id.map(str::to_owned))
    .bind(new.stars)
    .bind(new.channel.to_owned())
    .bind(new.person.to_owned())
    .bind(new.channel_id.map(str::to_owned))
    .bind(new.text.to_owned())
    .bind(new.due_on.map(|due| due.to_string()))
    .bind(now.millis())
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        sqlx::query("UPDATE ledger_numbers SET last = last - 1 WHERE year = $1").bind(i64::from(year)).execute(conn).await?;
        return Ok(None);
    }
    get(conn, &id).await
}

/// One item by its id or its number.
pub async fn get(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<LedgerItem>> {
    let sql = format!("SELECT {COLUMNS} FROM ledger_items WHERE id = $1 OR number = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// One item, held until the transaction ends.
pub async fn hold(tx: &mut Tx, id: &str) -> sqlx::Result<Option<LedgerItem>> {
    let sql = format!("SELECT {COLUMNS} FROM ledger_items WHERE id = $1{}", tx.for_update());
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(&mut **tx).await?;
    row.as_ref().map(read).transpose()
}

/// The private chat of an item's proposer.
pub async fn channel_of(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<String>> {
    let row = sqlx::query("SELECT channel_id FROM ledger_items WHERE id = $1").bind(id.to_owned()).fetch_optional(conn).await?;
    row.map(|row| row.try_get("channel_id")).transpose().map(Option::flatten)
}

/// The item of an inquiry's low rating.
pub async fn of_inquiry(conn: &mut AnyConnection, inquiry: &str) -> sqlx::Result<Option<LedgerItem>> {
    let sql = format!("SELECT {COLUMNS} FROM ledger_items WHERE inquiry_id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(inquiry.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// The latest items of one proposer.
pub async fn of_person(conn: &mut AnyConnection, channel: &str, person: &str, limit: i64) -> sqlx::Result<Vec<LedgerItem>> {
    let sql = format!("SELECT {COLUMNS} FROM ledger_items WHERE channel = $1 AND person = $2 AND person <> '' ORDER BY id DESC LIMIT $3");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(channel.to_owned()).bind(person.to_owned()).bind(limit).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// An item by its number, if this proposer opened it.
pub async fn own(conn: &mut AnyConnection, number: &str, channel: &str, person: &str) -> sqlx::Result<Option<LedgerItem>> {
    let sql = format!("SELECT {COLUMNS} FROM ledger_items WHERE number = $1 AND channel = $2 AND person = $3 AND person <> ''");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(number.to_owned())
        .bind(channel.to_owned())
        .bind(person.to_owned())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Items, the newest first, older than the id `before` (empty: from the newest).
pub async fn list(conn: &mut AnyConnection, filter: &Filter, before: &str, limit: i64) -> sqlx::Result<Vec<LedgerItem>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM ledger_items WHERE ($1 = '' OR id < $1) AND ($2 = '' OR stage = $2) AND ($3 = '' OR owner = $3) \
         AND ($4 = '' OR ({UNDER_WAY} AND due_on < $4)) ORDER BY id DESC LIMIT $5"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(before.to_owned())
        .bind(filter.stage.map_or("", Stage::word))
        .bind(filter.owner.clone())
        .bind(filter.overdue_on.map_or_else(String::new, |day| day.to_string()))
        .bind(limit)
        .fetch_all(conn)
        .await?;
    rows.iter().map(read).collect()
}

/// How many items there are of a kind.
pub async fn count(conn: &mut AnyConnection, filter: &Filter) -> sqlx::Result<i64> {
    let sql = format!(
        "SELECT COUNT(*) AS many FROM ledger_items WHERE ($1 = '' OR stage = $1) AND ($2 = '' OR owner = $2) \
         AND ($3 = '' OR ({UNDER_WAY} AND due_on < $3))"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(filter.stage.map_or("", Stage::word))
        .bind(filter.owner.clone())
        .bind(filter.overdue_on.map_or_else(String::new, |day| day.to_string()))
        .fetch_one(conn)
        .await?;
    row.try_get("many")
}

/// How many items stand in each stage.
pub async fn counts(conn: &mut AnyConnection) -> sqlx::Result<Vec<(Stage, i64)>> {
    let rows = sqlx::query("SELECT stage, COUNT(*) AS many FROM ledger_items GROUP BY stage").fetch_all(conn).await?;
    rows.iter().map(|row| Ok((word(row, "stage", Stage::parse)?, row.try_get("many")?))).collect()
}

/// Writes what a step changed.
pub async fn update(conn: &mut AnyConnection, item: &LedgerItem, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE ledger_items SET stage = $1, owner = $2, due_on = $3, answer = $4, updated_at = $5 WHERE id = $6")
        .bind(item.stage.word())
        .bind(item.owner.clone())
        .bind(item.due_on.map(|due| due.to_string()))
        .bind(item.answer.clone())
        .bind(now.millis())
        .bind(item.id.clone())
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes a step; its id, which its notice goes by.
pub async fn note(conn: &mut AnyConnection, item: &str, stage: Stage, actor: &str, text: &str, now: Timestamp) -> sqlx::Result<String> {
    let id = new_id("lst", now);
    sqlx::query("INSERT INTO ledger_steps (id, item_id, stage, actor, note, at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(id.clone())
        .bind(item.to_owned())
        .bind(stage.word())
        .bind(actor.to_owned())
        .bind(text.to_owned())
        .bind(now.millis())
        .execute(conn)
        .await?;
    Ok(id)
}

/// The steps of an item in order.
pub async fn steps(conn: &mut AnyConnection, item: &str) -> sqlx::Result<Vec<LedgerStep>> {
    let rows = sqlx::query("SELECT stage, actor, note, at FROM ledger_steps WHERE item_id = $1 ORDER BY at, id")
        .bind(item.to_owned())
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(LedgerStep {
                stage: word(row, "stage", Stage::parse)?,
                actor: row.try_get("actor")?,
                note: row.try_get("note")?,
                at: Timestamp::from_millis(row.try_get("at")?),
            })
        })
        .collect()
}

/// Items under way without a last day, because a year's calendar was missing.
pub async fn undated(conn: &mut AnyConnection) -> sqlx::Result<Vec<LedgerItem>> {
    let sql = format!("SELECT {COLUMNS} FROM ledger_items WHERE {UNDER_WAY} AND due_on IS NULL ORDER BY id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// Items whose last day is before `today` and whose owner was not reminded today.
pub async fn to_remind(conn: &mut AnyConnection, today: NaiveDate) -> sqlx::Result<Vec<LedgerItem>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM ledger_items WHERE {UNDER_WAY} AND due_on < $1 AND (reminded_on IS NULL OR reminded_on < $1) ORDER BY id"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(today.to_string()).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// Notes that the owner was reminded; false where another did it today.
pub async fn reminded(conn: &mut AnyConnection, id: &str, today: NaiveDate) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE ledger_items SET reminded_on = $1 WHERE id = $2 AND (reminded_on IS NULL OR reminded_on < $1)")
        .bind(today.to_string())
        .bind(id.to_owned())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

fn read(row: &AnyRow) -> sqlx::Result<LedgerItem> {
    let due_on: Option<String> = row.try_get("due_on")?;
    let due_on = due_on.map(|due| due.parse()).transpose().map_err(|error: chrono::ParseError| sqlx::Error::Decode(error.into()))?;
    Ok(LedgerItem {
        id: row.try_get("id")?,
        number: row.try_get("number")?,
        source: word(row, "source", LedgerSource::parse)?,
        stars: row.try_get("stars")?,
        channel: row.try_get("channel")?,
        text: row.try_get("text")?,
        stage: word(row, "stage", Stage::parse)?,
        owner: row.try_get("owner")?,
        due_on,
        answer: row.try_get("answer")?,
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
        updated_at: Timestamp::from_millis(row.try_get("updated_at")?),
    })
}
