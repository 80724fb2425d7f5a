//! Drafts of answers to gaps, and who wants to hear when a verified answer changes.

use sqlx::{AnyConnection, Row};

use super::channels;
use crate::domain::gap::{CitedPassage, GapDraft, Standing};
use crate::domain::time::Timestamp;

/// What an author writes.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    pub question: &'a str,
    pub answer: &'a str,
    pub sources: &'a [CitedPassage],
    pub author_id: &'a str,
    pub author: &'a str,
}

/// The draft of a gap.
pub async fn draft(conn: &mut AnyConnection, gap_id: &str) -> sqlx::Result<Option<GapDraft>> {
    let row = sqlx::query(
        "SELECT question, answer, sources, author_id, author, revision, returned, updated_at FROM gap_drafts WHERE gap_id = $1",
    )
    .bind(gap_id.to_owned())
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let sources: String = row.try_get("sources")?;
    Ok(Some(GapDraft {
        question: row.try_get("question")?,
        answer: row.try_get("answer")?,
        sources: serde_json::from_str(&sources).map_err(|error| sqlx::Error::Decode(error.into()))?,
        author_id: row.try_get("author_id")?,
        author: row.try_get("author")?,
        revision: row.try_get("revision")?,
        returned: row.try_get("returned")?,
        updated_at: Timestamp::from_millis(row.try_get("updated_at")?),
    }))
}

/// Writes the draft in place of the one before; its revision.
pub async fn write(conn: &mut AnyConnection, gap_id: &str, written: Written<'_>, now: Timestamp) -> sqlx::Result<i64> {
    let sources = serde_json::to_string(written.sources).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let row = sqlx::query(
        "INSERT INTO gap_drafts (gap_id, question, answer, sources, author_id, author, revision, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 1, $7) ON CONFLICT (gap_id) DO UPDATE SET question = excluded.question, \
         answer = excluded.answer, sources = excluded.sources, author_id = excluded.author_id, author = excluded.author, \
         revision = gap_drafts.revision + 1, returned = NULL, updated_at = excluded.updated_at RETURNING revision",
    )
    .bind(gap_id.to_owned())
    .bind(written.question.to_owned())
    .bind(written.answer.to_owned())
    .bind(sources)
    .bind(written.author_id.to_owned())
    .bind(written.author.to_owned())
    .bind(now.millis())
    .fetch_one(conn)
    .await?;
    row.try_get("revision")
}

/// Sends the draft back to its author.
pub async fn give_back(conn: &mut AnyConnection, gap_id: &str, reason: &str) -> sqlx::Result<()> {
    sqlx::query("UPDATE gap_drafts SET returned = $1 WHERE gap_id = $2")
        .bind(reason.to_owned())
        .bind(gap_id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes the draft away: it is published, or the gap dismissed.
pub async fn remove_draft(conn: &mut AnyConnection, gap_id: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM gap_drafts WHERE gap_id = $1").bind(gap_id.to_owned()).execute(conn).await?;
    Ok(())
}

/// A private chat wants to hear when a verified answer it got changes; again: it got it again.
pub async fn follow(conn: &mut AnyConnection, document: &str, channel_id: &str, got_at: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO answer_follows (document, channel_id, got_at) VALUES ($1, $2, $3) \
         ON CONFLICT (document, channel_id) DO UPDATE SET got_at = excluded.got_at",
    )
    .bind(document.to_owned())
    .bind(channel_id.to_owned())
    .bind(got_at.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// A person who follows an answer got it again.
pub async fn got_again(conn: &mut AnyConnection, document: &str, channel: &str, person: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE answer_follows SET got_at = $1 WHERE document = $2 AND channel_id = \
         (SELECT id FROM channels WHERE kind = $3 AND address = $4 AND scope = 'private')",
    )
    .bind(now.millis())
    .bind(document.to_owned())
    .bind(channel.to_owned())
    .bind(person.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}

/// A private chat wants none of the notices about answers any more; says whether it followed any, or still would have been told.
pub async fn want_no_notices(conn: &mut AnyConnection, channel_id: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM answer_follows WHERE channel_id = $1").bind(channel_id.to_owned()).execute(&mut *conn).await?;
    sqlx::query("INSERT INTO later_answers_unwanted (channel_id, since) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(channel_id.to_owned())
        .bind(now.millis())
        .execute(conn)
        .await?;
    Ok(())
}

/// A private chat wants to hear again when a question it asked is answered later; says whether it had not.
pub async fn want_notices(conn: &mut AnyConnection, channel_id: &str) -> sqlx::Result<bool> {
    let gone = sqlx::query("DELETE FROM later_answers_unwanted WHERE channel_id = $1").bind(channel_id.to_owned()).execute(conn).await?;
    Ok(gone.rows_affected() > 0)
}

/// The chats that follow an answer and got it after `since`.
pub async fn followers(conn: &mut AnyConnection, document: &str, since: Timestamp) -> sqlx::Result<Vec<channels::Channel>> {
    let rows = sqlx::query(
        "SELECT f.channel_id FROM answer_follows f JOIN channels c ON c.id = f.channel_id \
         WHERE f.document = $1 AND f.got_at >= $2 AND c.reachable = 1 ORDER BY f.channel_id",
    )
    .bind(document.to_owned())
    .bind(since.millis())
    .fetch_all(&mut *conn)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.extend(channels::get(&mut *conn, &row.try_get::<String, _>("channel_id")?).await?);
    }
    Ok(found)
}

/// How verified answers stood when they were last looked at.
pub async fn standings(conn: &mut AnyConnection) -> sqlx::Result<Vec<Standing>> {
    let rows = sqlx::query("SELECT document, wording, sources, holds FROM answer_standings ORDER BY document").fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            Ok(Standing {
                document: row.try_get("document")?,
                wording: row.try_get("wording")?,
                sources: row.try_get("sources")?,
                holds: row.try_get::<i64, _>("holds")? != 0,
            })
        })
        .collect()
}

/// Notes how an answer stands now; how often it has changed, which names the change. `None` where another noted the same before.
pub async fn note_standing(conn: &mut AnyConnection, standing: &Standing) -> sqlx::Result<Option<i64>> {
    let row = sqlx::query(
        "INSERT INTO answer_standings (document, wording, sources, holds, changes) VALUES ($1, $2, $3, $4, 0) \
         ON CONFLICT (document) DO UPDATE SET wording = excluded.wording, sources = excluded.sources, holds = excluded.holds, \
         changes = answer_standings.changes + 1 WHERE answer_standings.wording <> excluded.wording \
         OR answer_standings.sources <> excluded.sources OR answer_standings.holds <> excluded.holds RETURNING changes",
    )
    .bind(standing.document.clone())
    .bind(standing.wording.clone())
    .bind(standing.sources.clone())
    .bind(i64::from(standing.holds))
    .fetch_optional(conn)
    .await?;
    row.map(|row| row.try_get("changes")).transpose()
}
