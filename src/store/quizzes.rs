//! Quizzes, who answered what, and which poll of a platform is which of our messages.

use chrono::NaiveDate;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::draw::Drawn;
use crate::domain::quiz::{DrawnBy, QuizBank, QuizItem, QuizKind};
use crate::domain::time::Timestamp;

/// A quiz as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiz {
    pub id: String,
    pub kind: QuizKind,
    pub title: String,
    pub bank: String,
    pub items: Vec<QuizItem>,
    pub opens_at: Timestamp,
    pub closes_at: Timestamp,
    /// Times one person may answer.
    pub attempts: i64,
    pub pass_percent: i64,
    pub winners: i64,
    pub prize: String,
    pub drawn_by: DrawnBy,
    /// Secret until the draw.
    pub seed: String,
    pub drawn_at: Option<Timestamp>,
    pub drawn: Option<Drawn>,
    /// Its announcement.
    pub bulletin_id: Option<String>,
    pub author: String,
    pub created_at: Timestamp,
}

/// One time one person answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Order of commit.
    pub number: i64,
    /// `telegram`, `web` or `staff`.
    pub channel: String,
    pub person: String,
    pub attempt: i64,
    pub display_name: String,
    /// Questions that were asked.
    pub total: i64,
    pub answered: i64,
    pub correct: i64,
    /// Whether it was made with a mobile number.
    pub with_phone: bool,
    pub created_at: Timestamp,
}

impl Quiz {
    /// Whether an entry is told apart from every other person's by the rule of the draw. Only such ones are drawn.
    pub fn is_one_person(&self, entry: &Entry) -> bool {
        entry.with_phone || self.drawn_by == DrawnBy::PhoneOrAccount && entry.channel != "web"
    }
}

const COLUMNS: &str = "id, kind, title, bank, items, opens_at, closes_at, attempts, pass_percent, winners, prize, drawn_by, seed, drawn_at, result, \
     bulletin_id, author, created_at";
const ENTRY: &str = "e.number, e.channel, e.person, e.attempt, e.display_name, e.total, e.created_at, COUNT(a.item) AS answered, \
     CAST(CASE WHEN e.phone_hash IS NULL THEN 0 ELSE 1 END AS BIGINT) AS with_phone, \
     CAST(COALESCE(SUM(a.correct), 0) AS BIGINT) AS correct FROM quiz_entries e LEFT JOIN quiz_answers a ON a.quiz_id = e.quiz_id AND a.number = e.number";
const ENTRY_GROUP: &str = "GROUP BY e.number, e.channel, e.person, e.attempt, e.display_name, e.total, e.created_at, e.phone_hash";

/// Adds a bank written over the API.
pub async fn insert_bank(conn: &mut AnyConnection, id: &str, bank: &QuizBank, author: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO quiz_banks (id, title, items, author, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(id.to_owned())
        .bind(bank.title.clone())
        .bind(json(&bank.items)?)
        .bind(author.to_owned())
        .bind(now.millis())
        .execute(conn)
        .await?;
    Ok(())
}

/// The banks written over the API, the oldest first.
pub async fn banks(conn: &mut AnyConnection) -> sqlx::Result<Vec<(String, QuizBank)>> {
    let rows = sqlx::query("SELECT id, title, items FROM quiz_banks ORDER BY id LIMIT 500").fetch_all(conn).await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, QuizBank { title: row.try_get("title")?, items: read_json(row, "items")? }))).collect()
}

/// Adds a quiz.
pub async fn insert(conn: &mut AnyConnection, quiz: &Quiz) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO quizzes (id, kind, title, bank, items, opens_at, closes_at, attempts, pass_percent, winners, prize, drawn_by, seed, author, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(quiz.id.clone())
    .bind(quiz.kind.word())
    .bind(quiz.title.clone())
    .bind(quiz.bank.clone())
    .bind(json(&quiz.items)?)
    .bind(quiz.opens_at.millis())
    .bind(quiz.closes_at.millis())
    .bind(quiz.attempts)
    .bind(quiz.pass_percent)
    .bind(quiz.winners)
    .bind(quiz.prize.clone())
    .bind(quiz.drawn_by.word())
    .bind(quiz.seed.clone())
    .bind(quiz.author.clone())
    .bind(quiz.created_at.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// One quiz. `lock` is [`crate::store::Tx::for_update`] in a transaction that will write an entry, else empty.
pub async fn get(conn: &mut AnyConnection, id: &str, lock: &str) -> sqlx::Result<Option<Quiz>> {
    let sql = format!("SELECT {COLUMNS} FROM quizzes WHERE id = $1{lock}");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(quiz).transpose()
}

/// The quiz a bulletin announces.
pub async fn of_bulletin(conn: &mut AnyConnection, bulletin_id: &str) -> sqlx::Result<Option<Quiz>> {
    let sql = format!("SELECT {COLUMNS} FROM quizzes WHERE bulletin_id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(bulletin_id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(quiz).transpose()
}

/// The newest first; `before` is the id of the last one seen, empty for the first page.
pub async fn list(conn: &mut AnyConnection, before: &str, limit: i64) -> sqlx::Result<Vec<Quiz>> {
    let sql = format!("SELECT {COLUMNS} FROM quizzes WHERE $1 = '' OR id < $1 ORDER BY id DESC LIMIT $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(before.to_owned()).bind(limit).fetch_all(conn).await?;
    rows.iter().map(quiz).collect()
}

/// Prize quizzes that close after a time, the first to close first.
pub async fn closing_after(conn: &mut AnyConnection, after: Timestamp) -> sqlx::Result<Vec<Quiz>> {
    let sql = format!("SELECT {COLUMNS} FROM quizzes WHERE kind = $1 AND closes_at > $2 ORDER BY closes_at, id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(QuizKind::Prize.word()).bind(after.millis()).fetch_all(conn).await?;
    rows.iter().map(quiz).collect()
}

/// Quizzes that open or close between two times, the soonest first.
pub async fn between(conn: &mut AnyConnection, from: Timestamp, until: Timestamp) -> sqlx::Result<Vec<Quiz>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM quizzes WHERE (opens_at >= $1 AND opens_at < $2) OR (closes_at >= $1 AND closes_at < $2) \
         ORDER BY opens_at, id"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(from.millis()).bind(until.millis()).fetch_all(conn).await?;
    rows.iter().map(quiz).collect()
}

/// Ties a quiz to its announcement, and to the rule of the draw that it tells.
pub async fn set_bulletin(conn: &mut AnyConnection, id: &str, bulletin_id: &str, rule: DrawnBy) -> sqlx::Result<()> {
    sqlx::query("UPDATE quizzes SET bulletin_id = $1, drawn_by = $2 WHERE id = $3")
        .bind(bulletin_id.to_owned())
        .bind(rule.word())
        .bind(id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes the draw; false where it was made before.
pub async fn set_drawn(conn: &mut AnyConnection, id: &str, drawn: &Drawn, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE quizzes SET result = $1, drawn_at = $2 WHERE id = $3 AND drawn_at IS NULL")
        .bind(json(drawn)?)
        .bind(now.millis())
        .bind(id.to_owned())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Everybody's entries in order of their numbers.
pub async fn entries(conn: &mut AnyConnection, quiz_id: &str) -> sqlx::Result<Vec<Entry>> {
    let sql = format!("SELECT {ENTRY} WHERE e.quiz_id = $1 {ENTRY_GROUP} ORDER BY e.number");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(quiz_id.to_owned()).fetch_all(conn).await?;
    rows.iter().map(entry).collect()
}

/// How many people answered prize quizzes that opened from one day to another.
pub async fn prize_entries(conn: &mut AnyConnection, from: NaiveDate, to: NaiveDate) -> sqlx::Result<i64> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS many FROM quiz_entries e JOIN quizzes q ON q.id = e.quiz_id \
         WHERE q.kind = 'prize' AND q.opens_at >= $1 AND q.opens_at < $2",
    )
    .bind(Timestamp::start_of(from).millis())
    .bind(Timestamp::start_of(to).plus(std::time::Duration::from_secs(24 * 3600)).millis())
    .fetch_one(conn)
    .await?;
    row.try_get("many")
}

/// One person's entries, the first attempt first.
pub async fn entries_of(conn: &mut AnyConnection, quiz_id: &str, channel: &str, person: &str) -> sqlx::Result<Vec<Entry>> {
    let sql = format!("SELECT {ENTRY} WHERE e.quiz_id = $1 AND e.channel = $2 AND e.person = $3 {ENTRY_GROUP} ORDER BY e.attempt");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(quiz_id.to_owned())
        .bind(channel.to_owned())
        .bind(person.to_owned())
        .fetch_all(conn)
        .await?;
    rows.iter().map(entry).collect()
}

/// Adds an entry with the next number, under the lock on its quiz; hands the number back.
pub async fn add_entry(
    conn: &mut AnyConnection,
    quiz_id: &str,
    (channel, person, name): (&str, &str, &str),
    attempt: i64,
    total: i64,
    now: Timestamp,
) -> sqlx::Result<i64> {
    let row = sqlx::query(
        "INSERT INTO quiz_entries (quiz_id, number, channel, person, attempt, display_name, total, created_at) \
         SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, $7 FROM quiz_entries WHERE quiz_id = $1 RETURNING number",
    )
    .bind(quiz_id.to_owned())
    .bind(channel.to_owned())
    .bind(person.to_owned())
    .bind(attempt)
    .bind(name.to_owned())
    .bind(total)
    .bind(now.millis())
    .fetch_one(conn)
    .await?;
    row.try_get("number")
}

/// Writes one answer; the first one counts.
pub async fn add_answer(
    conn: &mut AnyConnection,
    quiz_id: &str,
    number: i64,
    item: &QuizItem,
    choice: usize,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO quiz_answers (quiz_id, number, item, choice, correct, answered_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(quiz_id.to_owned())
    .bind(number)
    .bind(item.key.clone())
    .bind(i64::try_from(choice).unwrap_or(0))
    .bind(i64::from(item.is_right(choice)))
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// What was chosen in an entry: item and choice, from 1.
pub async fn answers(conn: &mut AnyConnection, quiz_id: &str, number: i64) -> sqlx::Result<Vec<(String, usize)>> {
    let rows = sqlx::query("SELECT item, choice FROM quiz_answers WHERE quiz_id = $1 AND number = $2")
        .bind(quiz_id.to_owned())
        .bind(number)
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| Ok((row.try_get("item")?, usize::try_from(row.try_get::<i64, _>("choice")?).unwrap_or(0)))).collect()
}

/// Remembers which message of ours a poll is.
pub async fn remember_poll(conn: &mut AnyConnection, poll_id: &str, delivery_id: &str) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO quiz_polls (poll_id, delivery_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(poll_id.to_owned())
        .bind(delivery_id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Bulletin and part of the message a poll is.
pub async fn poll(conn: &mut AnyConnection, poll_id: &str) -> sqlx::Result<Option<(String, i64)>> {
    let row = sqlx::query("SELECT d.origin_id, d.part FROM quiz_polls p JOIN deliveries d ON d.id = p.delivery_id WHERE p.poll_id = $1")
        .bind(poll_id.to_owned())
        .fetch_optional(conn)
        .await?;
    row.map(|row| Ok((row.try_get("origin_id")?, row.try_get("part")?))).transpose()
}

fn quiz(row: &AnyRow) -> sqlx::Result<Quiz> {
    let (kind, drawn_by): (String, String) = (row.try_get("kind")?, row.try_get("drawn_by")?);
    let at = |name: &str| row.try_get::<i64, _>(name).map(Timestamp::from_millis);
    let result: Option<String> = row.try_get("result")?;
    Ok(Quiz {
        id: row.try_get("id")?,
        kind: QuizKind::parse(&kind).ok_or_else(|| sqlx::Error::Decode(format!("unknown quiz kind {kind}").into()))?,
        title: row.try_get("title")?,
        bank: row.try_get("bank")?,
        items: read_json(row, "items")?,
        opens_at: at("opens_at")?,
        closes_at: at("closes_at")?,
        attempts: row.try_get("attempts")?,
        pass_percent: row.try_get("pass_percent")?,
        winners: row.try_get("winners")?,
        prize: row.try_get("prize")?,
        drawn_by: DrawnBy::parse(&drawn_by).ok_or_else(|| sqlx::Error::Decode(format!("unknown rule of a draw {drawn_by}").into()))?,
        seed: row.try_get("seed")?,
        drawn_at: row.try_get::<Option<i64>, _>("drawn_at")?.map(Timestamp::from_millis),
        drawn: result.map(|text| serde_json::from_str(&text).map_err(|error| sqlx::Error::Decode(error.into()))).transpose()?,
        bulletin_id: row.try_get("bulletin_id")?,
        author: row.try_get("author")?,
        created_at: at("created_at")?,
    })
}

fn entry(row: &AnyRow) -> sqlx::Result<Entry> {
    Ok(Entry {
        number: row.try_get("number")?,
        channel: row.try_get("channel")?,
        person: row.try_get("person")?,
        attempt: row.try_get("attempt")?,
        display_name: row.try_get("display_name")?,
        total: row.try_get("total")?,
        answered: row.try_get("answered")?,
        correct: row.try_get("correct")?,
        with_phone: row.try_get::<i64, _>("with_phone")? == 1,
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
    })
}

fn json<T: serde::Serialize>(value: &T) -> sqlx::Result<String> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

fn read_json<T: serde::de::DeserializeOwned>(row: &AnyRow, name: &str) -> sqlx::Result<T> {
    serde_json::from_str(&row.try_get::<String, _>(name)?).map_err(|error| sqlx::Error::Decode(error.into()))
}
