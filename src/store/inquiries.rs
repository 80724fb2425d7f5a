//! Inquiries; what was said in them is in `inquiry_messages`. A step is taken only from the state it needs, so that two people cannot both take it.

use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::Tx;
use crate::domain::id::new_id;
use crate::domain::inquiry::{InquiryState, STAFF_TAG};
use crate::domain::time::Timestamp;

/// An inquiry.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Inquiry {
    pub id: String,
    /// Where the asker is: `telegram` or `web`.
    pub channel: String,
    pub person_name: String,
    /// The asker's private chat; null on the web, where the page is asked what was said.
    pub channel_id: Option<String>,
    /// Masked.
    pub question: String,
    /// What the search found, best first.
    pub passages: Vec<String>,
    pub score: f64,
    /// Type of tax it is routed by; empty where none is named.
    pub tax: String,
    pub state: InquiryState,
    /// Who answers, or answered.
    pub assignee: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub queued_at: Timestamp,
    /// Since when it waits, where it waits: one that came back keeps its place but has not waited all that time.
    #[schema(value_type = String, format = DateTime)]
    pub waiting_at: Timestamp,
    /// Whether a person ever answered it.
    #[serde(skip)]
    pub served: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Timestamp>,
    /// 服务评价, 1 to 5.
    pub stars: Option<i64>,
}

/// What opens an inquiry.
#[derive(Debug, Clone, Copy)]
pub struct NewInquiry<'a> {
    pub channel: &'a str,
    pub person: &'a str,
    pub person_name: &'a str,
    pub channel_id: Option<&'a str>,
    pub question: &'a str,
    pub passages: &'a [String],
    pub score: f64,
    pub tax: &'a str,
}

/// A chat in which staff answer, and its forum topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffTopic {
    pub channel_id: String,
    pub thread: Option<String>,
}

const COLUMNS: &str = "id, channel, person_name, channel_id, question, passages, score, tax, state, assignee, queued_at, \
     waiting_at, taken_at, closed_at, stars";

/// Opens an inquiry; its id, or `None` where the person has one open already.
pub async fn open(conn: &mut AnyConnection, new: &NewInquiry<'_>, now: Timestamp) -> sqlx::Result<Option<String>> {
    let id = new_id("inq", now);
    let passages = serde_json::to_string(new.passages).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let done = sqlx::query(
        "INSERT INTO inquiries (id, channel, person, person_name, channel_id, question, passages, score, tax, state, queued_at, \
         waiting_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', $10, $10) \
         ON CONFLICT (channel, person) WHERE state <> 'closed' DO NOTHING",
    )
    .bind(id.clone())
    .bind(new.channel.to_owned())
    .bind(new.person.to_owned())
    .bind(new.person_name.to_owned())
    .bind(new.channel_id.map(str::to_owned))
    .bind(new.question.to_owned())
    .bind(passages)
    .bind(new.score)
    .bind(new.tax.to_owned())
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok((done.rows_affected() == 1).then_some(id))
}

/// One inquiry.
pub async fn get(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<Inquiry>> {
    let sql = format!("SELECT {COLUMNS} FROM inquiries WHERE id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// One inquiry, held until the transaction ends.
pub async fn hold(tx: &mut Tx, id: &str) -> sqlx::Result<Option<Inquiry>> {
    let sql = format!("SELECT {COLUMNS} FROM inquiries WHERE id = $1{}", tx.for_update());
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(&mut **tx).await?;
    row.as_ref().map(read).transpose()
}

/// The open inquiry of a person, held until the transaction ends: nobody takes it while a reply is stored.
pub async fn hold_open(tx: &mut Tx, channel: &str, person: &str) -> sqlx::Result<Option<Inquiry>> {
    let sql = format!("SELECT {COLUMNS} FROM inquiries WHERE channel = $1 AND person = $2 AND state <> 'closed'{}", tx.for_update());
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(channel.to_owned()).bind(person.to_owned()).fetch_optional(&mut **tx).await?;
    row.as_ref().map(read).transpose()
}

/// What the chat page shows of a person: the open inquiry, else the last one closed after `since` and not cleared away.
pub async fn shown(conn: &mut AnyConnection, channel: &str, person: &str, since: Timestamp) -> sqlx::Result<Option<Inquiry>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM inquiries WHERE channel = $1 AND person = $2 AND (state <> 'closed' OR (hidden = 0 AND closed_at >= $3)) \
         ORDER BY CASE WHEN state = 'closed' THEN 1 ELSE 0 END, closed_at DESC LIMIT 1"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(channel.to_owned())
        .bind(person.to_owned())
        .bind(since.millis())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Clears what is closed of a person off their page.
pub async fn hide(conn: &mut AnyConnection, channel: &str, person: &str) -> sqlx::Result<()> {
    sqlx::query("UPDATE inquiries SET hidden = 1 WHERE channel = $1 AND person = $2 AND state = 'closed' AND hidden = 0")
        .bind(channel.to_owned())
        .bind(person.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Inquiries of a condition with `$1`, the longest waiting first.
pub(super) async fn where_so(
    conn: &mut AnyConnection,
    condition: &'static str,
    value: String,
    skip: i64,
    limit: i64,
) -> sqlx::Result<Vec<Inquiry>> {
    let sql = format!("SELECT {COLUMNS} FROM inquiries WHERE {condition} ORDER BY queued_at, id LIMIT $2 OFFSET $3");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(value).bind(limit).bind(skip).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// What is closed, the newest first, beginning before the id `before` (empty: from the newest).
pub async fn closed(conn: &mut AnyConnection, before: &str, limit: i64) -> sqlx::Result<Vec<Inquiry>> {
    let sql = format!("SELECT {COLUMNS} FROM inquiries WHERE state = 'closed' AND ($1 = '' OR id < $1) ORDER BY id DESC LIMIT $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(before.to_owned()).bind(limit).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// The open inquiries of a colleague.
pub async fn held_by(conn: &mut AnyConnection, staff: &str) -> sqlx::Result<Vec<Inquiry>> {
    let sql = format!("SELECT {COLUMNS} FROM inquiries WHERE state = 'human' AND assignee = $1 ORDER BY id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(staff.to_owned()).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// Whether a person answers somebody now: then the bot says nothing to them.
pub async fn is_with_a_person(conn: &mut AnyConnection, channel: &str, person: &str) -> sqlx::Result<bool> {
    let row = sqlx::query("SELECT id FROM inquiries WHERE channel = $1 AND person = $2 AND state = 'human'")
        .bind(channel.to_owned())
        .bind(person.to_owned())
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Whether a person is talking with whoever sits in this private chat: nobody else speaks there then.
pub async fn person_answers_in(conn: &mut AnyConnection, channel_id: &str) -> sqlx::Result<bool> {
    let row = sqlx::query("SELECT 1 AS found FROM inquiries WHERE channel_id = $1 AND state = 'human' LIMIT 1")
        .bind(channel_id.to_owned())
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// The private chat of whoever asked; nothing where the service cannot write to them.
pub async fn chat_of(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<String>> {
    let row = sqlx::query("SELECT c.id FROM inquiries i JOIN channels c ON c.id = i.channel_id WHERE i.id = $1")
        .bind(id.to_owned())
        .fetch_optional(conn)
        .await?;
    row.map(|row| row.try_get("id")).transpose()
}

/// A chat of the staff with this tag, the least specialised there is.
pub async fn chat_tagged(conn: &mut AnyConnection, tag: &str) -> sqlx::Result<Option<String>> {
    let row = sqlx::query(
        "SELECT c.id FROM channels c JOIN channel_tags t ON t.channel_id = c.id AND t.tag = $1 WHERE c.reachable = 1 \
         ORDER BY (SELECT COUNT(*) FROM channel_tags o WHERE o.channel_id = c.id), c.id LIMIT 1",
    )
    .bind(tag.to_owned())
    .fetch_optional(conn)
    .await?;
    row.map(|row| row.try_get("id")).transpose()
}

/// Inquiries in a state, the longest waiting first, beginning after the id `after`.
pub async fn list(conn: &mut AnyConnection, state: InquiryState, after: &str, limit: i64) -> sqlx::Result<Vec<Inquiry>> {
    let sql = format!("SELECT {COLUMNS} FROM inquiries WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(state.word()).bind(after.to_owned()).bind(limit).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// How many wait before this one.
pub async fn waiting_before(conn: &mut AnyConnection, inquiry: &Inquiry) -> sqlx::Result<i64> {
    let row =
        sqlx::query("SELECT COUNT(*) AS many FROM inquiries WHERE state = 'waiting' AND (queued_at < $1 OR (queued_at = $1 AND id < $2))")
            .bind(inquiry.queued_at.millis())
            .bind(inquiry.id.clone())
            .fetch_one(conn)
            .await?;
    row.try_get("many")
}

/// Since when the first of those who wait does.
pub async fn waiting_since(conn: &mut AnyConnection) -> sqlx::Result<Option<Timestamp>> {
    let row = sqlx::query("SELECT MIN(waiting_at) AS since FROM inquiries WHERE state = 'waiting'").fetch_one(conn).await?;
    Ok(row.try_get::<Option<i64>, _>("since")?.map(Timestamp::from_millis))
}

/// A person takes it over. False if it does not wait.
pub async fn take(conn: &mut AnyConnection, id: &str, staff: &str, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE inquiries SET state = 'human', assignee = $1, taken_at = $2 WHERE id = $3 AND state = 'waiting'")
        .bind(staff.to_owned())
        .bind(now.millis())
        .bind(id.to_owned())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Hands it to a colleague, who then answers.
pub async fn reassign(conn: &mut AnyConnection, id: &str, staff: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE inquiries SET state = 'human', assignee = $1, taken_at = COALESCE(taken_at, $2) WHERE id = $3 AND state <> 'closed'",
    )
    .bind(staff.to_owned())
    .bind(now.millis())
    .bind(id.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts it back into the queue, for those who know `tax` where one is named; it keeps its place.
pub async fn requeue(conn: &mut AnyConnection, id: &str, tax: Option<&str>, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE inquiries SET waiting_at = CASE WHEN state = 'waiting' THEN waiting_at ELSE $1 END, state = 'waiting', assignee = NULL, \
         tax = COALESCE($2, tax) WHERE id = $3 AND state <> 'closed'",
    )
    .bind(now.millis())
    .bind(tax.map(str::to_owned))
    .bind(id.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether it is this person's.
pub async fn is_of(conn: &mut AnyConnection, id: &str, channel: &str, person: &str) -> sqlx::Result<bool> {
    let row = sqlx::query("SELECT id FROM inquiries WHERE id = $1 AND channel = $2 AND person = $3")
        .bind(id.to_owned())
        .bind(channel.to_owned())
        .bind(person.to_owned())
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Opens a closed inquiry again; it keeps the place in the queue of its first coming. False where it is open, was rated, or the person
/// has another one open.
pub async fn reopen(conn: &mut AnyConnection, id: &str, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE inquiries SET state = 'waiting', waiting_at = $2, assignee = NULL, closed_at = NULL, hidden = 0 \
         WHERE id = $1 AND state = 'closed' AND stars IS NULL AND NOT EXISTS (SELECT 1 FROM inquiries o \
         WHERE o.channel = inquiries.channel AND o.person = inquiries.person AND o.state <> 'closed')",
    )
    .bind(id.to_owned())
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Closes it. False if it is closed already.
pub async fn close(conn: &mut AnyConnection, id: &str, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE inquiries SET state = 'closed', closed_at = $1 WHERE id = $2 AND state <> 'closed'")
        .bind(now.millis())
        .bind(id.to_owned())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes the asker's stars, once. False where it is another's, was never answered by a person, is open, or has stars.
pub async fn rate(conn: &mut AnyConnection, id: &str, channel: &str, person: &str, stars: i64) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE inquiries SET stars = $1 WHERE id = $2 AND channel = $3 AND person = $4 AND state = 'closed' \
         AND taken_at IS NOT NULL AND stars IS NULL",
    )
    .bind(stars)
    .bind(id.to_owned())
    .bind(channel.to_owned())
    .bind(person.to_owned())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The staff chat for a tax: one tagged with it, else the least specialised there is.
pub async fn staff_topic(conn: &mut AnyConnection, tax: &str) -> sqlx::Result<Option<StaffTopic>> {
    let row = sqlx::query(
        "SELECT c.id, c.thread FROM channels c JOIN channel_tags t ON t.channel_id = c.id AND t.tag = $1 \
         LEFT JOIN channel_tags x ON x.channel_id = c.id AND x.tag = $2 WHERE c.reachable = 1 \
         ORDER BY CASE WHEN x.tag IS NULL THEN 1 ELSE 0 END, \
         (SELECT COUNT(*) FROM channel_tags o WHERE o.channel_id = c.id), c.id LIMIT 1",
    )
    .bind(STAFF_TAG)
    .bind(tax.to_owned())
    .fetch_optional(conn)
    .await?;
    row.map(|row| Ok(StaffTopic { channel_id: row.try_get("id")?, thread: row.try_get("thread")? })).transpose()
}

/// Takes back what the bot was about to say in a chat.
pub async fn hush(conn: &mut AnyConnection, channel_id: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE deliveries SET state = 'cancelled', reason = 'a person answers', settled_at = $1 WHERE channel_id = $2 \
         AND state = 'pending' AND origin = 'reply' AND NOT EXISTS (SELECT 1 FROM inquiry_messages m WHERE m.id = deliveries.origin_id)",
    )
    .bind(now.millis())
    .bind(channel_id.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}

fn read(row: &AnyRow) -> sqlx::Result<Inquiry> {
    let (passages, state): (String, String) = (row.try_get("passages")?, row.try_get("state")?);
    Ok(Inquiry {
        id: row.try_get("id")?,
        channel: row.try_get("channel")?,
        person_name: row.try_get("person_name")?,
        channel_id: row.try_get("channel_id")?,
        question: row.try_get("question")?,
        passages: serde_json::from_str(&passages).map_err(|error| sqlx::Error::Decode(error.into()))?,
        score: row.try_get("score")?,
        tax: row.try_get("tax")?,
        state: InquiryState::parse(&state).ok_or_else(|| sqlx::Error::Decode(format!("unknown inquiry state {state}").into()))?,
        assignee: row.try_get("assignee")?,
        queued_at: Timestamp::from_millis(row.try_get("queued_at")?),
        waiting_at: Timestamp::from_millis(row.try_get("waiting_at")?),
        served: row.try_get::<Option<i64>, _>("taken_at")?.is_some(),
        closed_at: row.try_get::<Option<i64>, _>("closed_at")?.map(Timestamp::from_millis),
        stars: row.try_get("stars")?,
    })
}
