//! Letting go of texts that are older than they are kept. Rows stay where they are counted; only what people wrote, and who, is emptied.
//! One rule: at most [`BATCH`] rows a transaction, so that nobody waits behind the clearing.

use sqlx::Row;

use super::{Tx, later_answers};
use crate::domain::time::Timestamp;

/// Rows of one step.
pub const BATCH: i64 = 500;

/// What is let go of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// Questions asked, and who asked.
    Questions,
    /// What was said in closed inquiries, and who asked.
    Inquiries,
    /// Updates of platforms that were worked off or set aside.
    Updates,
    /// Replies and notices that went out to people; bulletins are public and stay.
    Messages,
    /// What was written in questionnaires after a class, and who answered; the scores stay.
    Surveys,
    /// Suggestions that are answered, with the steps and the answer, and who proposed; number and stage stay.
    Ledger,
    /// Of prize quizzes drawn (or closed and never drawn): who answered, and what told their mobile numbers apart; score and number stay, and
    /// of the name the first character, which is what was published.
    Quizzes,
}

impl Texts {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Questions, Self::Inquiries, Self::Updates, Self::Messages, Self::Surveys, Self::Ledger, Self::Quizzes];
}

/// Takes one step with what is from before `before`; true while there may be more.
pub async fn step(tx: &mut Tx, texts: Texts, before: Timestamp) -> sqlx::Result<bool> {
    let many = match texts {
        Texts::Questions => questions(tx, before).await?,
        Texts::Inquiries => inquiries(tx, before).await?,
        Texts::Updates => sqlx::query(
            "DELETE FROM updates WHERE (channel, event_id) IN \
             (SELECT channel, event_id FROM updates WHERE done_at < $1 AND state <> 'pending' ORDER BY done_at LIMIT $2)",
        )
        .bind(before.millis())
        .bind(BATCH)
        .execute(&mut **tx)
        .await?
        .rows_affected(),
        Texts::Messages => sqlx::query(
            "UPDATE deliveries SET content = '' WHERE id IN (SELECT id FROM deliveries WHERE settled_at < $1 AND origin <> 'bulletin' \
             AND content <> '' AND state NOT IN ('pending', 'sending', 'unknown') ORDER BY settled_at LIMIT $2)",
        )
        .bind(before.millis())
        .bind(BATCH)
        .execute(&mut **tx)
        .await?
        .rows_affected(),
        Texts::Surveys => surveys(tx, before).await?,
        Texts::Ledger => ledger(tx, before).await?,
        Texts::Quizzes => quizzes(tx, before).await?,
    };
    Ok(many >= u64::try_from(BATCH).unwrap_or(u64::MAX))
}

/// The questions, and which browsers wait for their answers.
async fn questions(tx: &mut Tx, before: Timestamp) -> sqlx::Result<u64> {
    let emptied = sqlx::query(
        "UPDATE questions SET question = '', suggestions = '[]', person = '' WHERE id IN \
         (SELECT id FROM questions WHERE asked_at < $1 AND question <> '' ORDER BY asked_at LIMIT $2)",
    )
    .bind(before.millis())
    .bind(BATCH)
    .execute(&mut **tx)
    .await?
    .rows_affected();
    Ok(emptied.max(later_answers::drop_old(tx, before, BATCH).await?))
}

async fn inquiries(tx: &mut Tx, before: Timestamp) -> sqlx::Result<u64> {
    let rows =
        sqlx::query("SELECT id FROM inquiries WHERE state = 'closed' AND closed_at < $1 AND question <> '' ORDER BY closed_at LIMIT $2")
            .bind(before.millis())
            .bind(BATCH)
            .fetch_all(&mut **tx)
            .await?;
    for row in &rows {
        let id: String = row.try_get("id")?;
        sqlx::query("UPDATE inquiry_messages SET text = '', name = CASE WHEN author = 'staff' THEN name ELSE '' END WHERE inquiry_id = $1")
            .bind(id.clone())
            .execute(&mut **tx)
            .await?;
        sqlx::query("UPDATE inquiries SET question = '', passages = '[]', person = 'gone:' || id, person_name = '', channel_id = NULL WHERE id = $1")
            .bind(id)
            .execute(&mut **tx)
            .await?;
    }
    Ok(u64::try_from(rows.len()).unwrap_or(0))
}

async fn surveys(tx: &mut Tx, before: Timestamp) -> sqlx::Result<u64> {
    let words = sqlx::query(
        "UPDATE survey_answers SET words = '' WHERE (talk_id, question) IN (SELECT talk_id, question FROM survey_answers \
         WHERE answered_at < $1 AND words <> '' ORDER BY answered_at LIMIT $2)",
    )
    .bind(before.millis())
    .bind(BATCH)
    .execute(&mut **tx)
    .await?
    .rows_affected();
    let people = sqlx::query(
        "UPDATE survey_talks SET person = 'gone:' || id, channel_id = NULL, listens_until = NULL, \
         state = CASE WHEN state = 'done' THEN state ELSE 'stopped' END WHERE id IN (SELECT id FROM survey_talks \
         WHERE updated_at < $1 AND person NOT LIKE 'gone%' ORDER BY updated_at LIMIT $2)",
    )
    .bind(before.millis())
    .bind(BATCH)
    .execute(&mut **tx)
    .await?
    .rows_affected();
    Ok(words.max(people))
}

async fn quizzes(tx: &mut Tx, before: Timestamp) -> sqlx::Result<u64> {
    sqlx::query(
        "UPDATE quizzes SET phone_key = 'gone' WHERE kind = 'prize' AND COALESCE(drawn_at, closes_at) < $1 AND phone_key <> 'gone'",
    )
    .bind(before.millis())
    .execute(&mut **tx)
    .await?;
    let emptied = sqlx::query(
        "UPDATE quiz_entries SET phone_hash = NULL, person = 'gone:' || number, display_name = SUBSTR(display_name, 1, 1) \
         WHERE (quiz_id, number) IN (SELECT e.quiz_id, e.number FROM quiz_entries e JOIN quizzes q ON q.id = e.quiz_id \
         WHERE q.phone_key = 'gone' AND e.person NOT LIKE 'gone%' ORDER BY e.quiz_id, e.number LIMIT $1)",
    )
    .bind(BATCH)
    .execute(&mut **tx)
    .await?;
    Ok(emptied.rows_affected())
}

async fn ledger(tx: &mut Tx, before: Timestamp) -> sqlx::Result<u64> {
    let rows = sqlx::query(
        "SELECT id FROM ledger_items WHERE stage IN ('answered', 'closed') AND updated_at < $1 AND person NOT LIKE 'gone%' \
         ORDER BY updated_at LIMIT $2",
    )
    .bind(before.millis())
    .bind(BATCH)
    .fetch_all(&mut **tx)
    .await?;
    for row in &rows {
        let id: String = row.try_get("id")?;
        sqlx::query("UPDATE ledger_steps SET note = '' WHERE item_id = $1").bind(id.clone()).execute(&mut **tx).await?;
        sqlx::query("UPDATE ledger_items SET text = '', answer = '', person = 'gone:' || id, channel_id = NULL WHERE id = $1")
            .bind(id)
            .execute(&mut **tx)
            .await?;
    }
    Ok(u64::try_from(rows.len()).unwrap_or(0))
}
