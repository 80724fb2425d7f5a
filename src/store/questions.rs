//! Questions asked, with what became of them. The text is masked before it gets here.

use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::time::Timestamp;

/// What is logged of a question.
#[derive(Debug, Clone)]
pub struct NewQuestion {
    /// The answer's id: feedback and suggestions refer to it.
    pub id: String,
    pub channel: String,
    pub person: String,
    /// `private` or `group`.
    pub scope: String,
    /// Masked.
    pub question: String,
    /// `answered`, `clarify` or `abstained`.
    pub decision: String,
    /// Why, as one word.
    pub reason: String,
    /// Whether it belongs on the list of unanswered questions.
    pub gap: bool,
    /// The document quoted first.
    pub document: Option<String>,
    pub score: f64,
    /// At most 3 questions offered to tap.
    pub suggestions: Vec<String>,
    pub took_us: i64,
    pub asked_at: Timestamp,
}

/// A question as stored.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Question {
    pub id: String,
    pub channel: String,
    pub question: String,
    pub decision: String,
    pub reason: String,
    pub document: Option<String>,
    pub suggestions: Vec<String>,
    /// What the asker said of the answer.
    pub useful: Option<bool>,
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Timestamp,
}

const COLUMNS: &str = "id, channel, question, decision, reason, document, suggestions, useful, asked_at";

/// Logs a question.
pub async fn log(conn: &mut AnyConnection, question: &NewQuestion) -> sqlx::Result<()> {
    let suggestions = serde_json::to_string(&question.suggestions).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "INSERT INTO questions (id, channel, person, scope, question, decision, reason, gap, document, score, suggestions, took_us, asked_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(question.id.clone())
    .bind(question.channel.clone())
    .bind(question.person.clone())
    .bind(question.scope.clone())
    .bind(question.question.clone())
    .bind(question.decision.clone())
    .bind(question.reason.clone())
    .bind(i64::from(question.gap))
    .bind(question.document.clone())
    .bind(question.score)
    .bind(suggestions)
    .bind(question.took_us)
    .bind(question.asked_at.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes 有用 or 无用; the last word counts. False if there is no such question.
pub async fn feedback(conn: &mut AnyConnection, id: &str, useful: Useful) -> sqlx::Result<bool> {
    let value: i64 = match useful {
        Useful::Yes => 1,
        Useful::No => 0,
    };
    let done = sqlx::query("UPDATE questions SET useful = $1 WHERE id = $2").bind(value).bind(id.to_owned()).execute(conn).await?;
    Ok(done.rows_affected() > 0)
}

/// What the asker says of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Useful {
    Yes,
    No,
}

/// One question.
pub async fn get(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<Question>> {
    let sql = format!("SELECT {COLUMNS} FROM questions WHERE id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// The question somebody asked last in private.
pub async fn last_of(conn: &mut AnyConnection, channel: &str, person: &str) -> sqlx::Result<Option<String>> {
    let row = sqlx::query(
        "SELECT question FROM questions WHERE channel = $1 AND person = $2 AND scope = 'private' ORDER BY asked_at DESC, id DESC LIMIT 1",
    )
    .bind(channel.to_owned())
    .bind(person.to_owned())
    .fetch_optional(conn)
    .await?;
    row.map(|row| row.try_get("question")).transpose()
}

/// Questions the service could not answer, or whose answer was called useless, latest first; `before` is the id the page before ended with.
pub async fn unanswered(conn: &mut AnyConnection, before: Option<&str>, limit: i64) -> sqlx::Result<Vec<Question>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM questions WHERE (gap = 1 OR useful = 0) AND question <> '' AND ($1 = '' \
         OR asked_at < (SELECT page.asked_at FROM questions page WHERE page.id = $1) \
         OR (asked_at = (SELECT page.asked_at FROM questions page WHERE page.id = $1) AND id < $1)) \
         ORDER BY asked_at DESC, id DESC LIMIT $2"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(before.unwrap_or_default().to_owned()).bind(limit).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> sqlx::Result<Question> {
    let suggestions: String = row.try_get("suggestions")?;
    Ok(Question {
        id: row.try_get("id")?,
        channel: row.try_get("channel")?,
        question: row.try_get("question")?,
        decision: row.try_get("decision")?,
        reason: row.try_get("reason")?,
        document: row.try_get("document")?,
        suggestions: serde_json::from_str(&suggestions).map_err(|error| sqlx::Error::Decode(error.into()))?,
        useful: row.try_get::<Option<i64>, _>("useful")?.map(|value| value != 0),
        asked_at: Timestamp::from_millis(row.try_get("asked_at")?),
    })
}

/// A question whose answer people found useful, with the document that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundUseful {
    /// Masked.
    pub question: String,
    pub document: String,
}

/// Questions whose answer at least two people found useful and nobody useless: one click teaches nothing, and one objection is enough.
pub async fn found_useful(conn: &mut AnyConnection) -> sqlx::Result<Vec<FoundUseful>> {
    let rows = sqlx::query(
        "SELECT question, document FROM questions WHERE decision = 'answered' AND document IS NOT NULL AND useful IS NOT NULL AND question <> '' \
         GROUP BY question, document HAVING MIN(useful) = 1 AND COUNT(DISTINCT person) >= 2 ORDER BY question, document",
    )
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(FoundUseful { question: row.try_get("question")?, document: row.try_get("document")? })).collect()
}
