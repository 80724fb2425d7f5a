//! Browsers that wait for the answer to a question, and what they have been shown. A row knows a browser by its token alone.

use sqlx::{AnyConnection, Row};

use crate::domain::channel::ChannelKind;
use crate::domain::time::Timestamp;

/// Answers shown at one visit; the rest waits for the next.
const AT_ONCE: usize = 5;
/// Rows looked through for them: several questions of one group count once.
const LOOKED_AT: i64 = 50;

/// A question of theirs whose answer is published and was not shown yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredSince {
    pub gap_id: String,
    /// The verified answer.
    pub document: String,
    /// Their own wording, masked.
    pub question: String,
}

fn web() -> String {
    ChannelKind::Web.word().to_owned()
}

/// A browser waits for the answer to a question of the web that has no good one. False where there is no such question, where another
/// browser asked it, or where the browser wants to hear nothing.
pub async fn wait(conn: &mut AnyConnection, question: &str, person: &str) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO web_askers (question_id, channel, person, asked_at) SELECT q.id, q.channel, $2, q.asked_at FROM questions q \
         WHERE q.id = $1 AND q.channel = $3 AND q.question <> '' AND (q.gap = 1 OR q.useful = 0) \
         AND NOT EXISTS (SELECT 1 FROM web_notices_unwanted u WHERE u.channel = $3 AND u.person = $2) ON CONFLICT DO NOTHING",
    )
    .bind(question.to_owned())
    .bind(person.to_owned())
    .bind(web())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What was answered since they asked, their last question first, each group once.
pub async fn answered_since(conn: &mut AnyConnection, person: &str) -> sqlx::Result<Vec<AnsweredSince>> {
    const ANSWERED: &str = "g.state = 'published' AND d.publication = 'published' \
         AND NOT EXISTS (SELECT 1 FROM answers_shown s WHERE s.channel = $1 AND s.person = $2 AND s.gap_id = g.id)";
    let sql = format!(
        "SELECT g.id, g.document, q.question, q.asked_at AS at FROM web_askers a JOIN questions q ON q.id = a.question_id \
         JOIN gaps g ON g.id = q.gap_id JOIN documents d ON d.id = g.document \
         WHERE a.channel = $1 AND a.person = $2 AND q.question <> '' AND (q.gap = 1 OR q.asked_at <= g.published_at) AND {ANSWERED} \
         UNION ALL SELECT g.id, g.document, i.question, i.queued_at AS at FROM inquiries i JOIN gap_inquiries m ON m.inquiry_id = i.id \
         JOIN gaps g ON g.id = m.gap_id JOIN documents d ON d.id = g.document \
         WHERE i.channel = $1 AND i.person = $2 AND i.question <> '' AND i.queued_at <= g.published_at AND {ANSWERED} \
         ORDER BY at DESC LIMIT {LOOKED_AT}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(web()).bind(person.to_owned()).fetch_all(conn).await?;
    let mut found: Vec<AnsweredSince> = Vec::new();
    for row in &rows {
        let gap_id: String = row.try_get("id")?;
        if found.len() < AT_ONCE && !found.iter().any(|known| known.gap_id == gap_id) {
            found.push(AnsweredSince { gap_id, document: row.try_get("document")?, question: row.try_get("question")? });
        }
    }
    Ok(found)
}

/// The answer of a group is shown to them; false where it was before.
pub async fn show(conn: &mut AnyConnection, gap_id: &str, person: &str, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query("INSERT INTO answers_shown (channel, person, gap_id, shown_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
        .bind(web())
        .bind(person.to_owned())
        .bind(gap_id.to_owned())
        .bind(now.millis())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// They want to hear nothing of later answers: what they waited for is let go of, but for inquiries, which are kept as talks.
pub async fn want_none(conn: &mut AnyConnection, person: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM web_askers WHERE channel = $1 AND person = $2")
        .bind(web())
        .bind(person.to_owned())
        .execute(&mut *conn)
        .await?;
    sqlx::query("INSERT INTO web_notices_unwanted (channel, person, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(web())
        .bind(person.to_owned())
        .bind(now.millis())
        .execute(conn)
        .await?;
    Ok(())
}

/// They want to hear again.
pub async fn want_again(conn: &mut AnyConnection, person: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM web_notices_unwanted WHERE channel = $1 AND person = $2")
        .bind(web())
        .bind(person.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether they want to hear nothing.
pub async fn wants_none(conn: &mut AnyConnection, person: &str) -> sqlx::Result<bool> {
    let row = sqlx::query("SELECT since FROM web_notices_unwanted WHERE channel = $1 AND person = $2")
        .bind(web())
        .bind(person.to_owned())
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Lets go of what is from before `before`; at most `limit` rows of each, says how many the larger one lost.
pub async fn drop_old(conn: &mut AnyConnection, before: Timestamp, limit: i64) -> sqlx::Result<u64> {
    let asked = sqlx::query(
        "DELETE FROM web_askers WHERE question_id IN (SELECT question_id FROM web_askers WHERE asked_at < $1 ORDER BY asked_at LIMIT $2)",
    )
    .bind(before.millis())
    .bind(limit)
    .execute(&mut *conn)
    .await?
    .rows_affected();
    let shown = sqlx::query(
        "DELETE FROM answers_shown WHERE (channel, person, gap_id) IN (SELECT channel, person, gap_id FROM answers_shown \
         WHERE shown_at < $1 ORDER BY shown_at LIMIT $2)",
    )
    .bind(before.millis())
    .bind(limit)
    .execute(conn)
    .await?
    .rows_affected();
    Ok(asked.max(shown))
}
