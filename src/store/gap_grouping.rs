//! Putting questions into groups, one at a time: what is new, which groups it may belong to, and the counts that follow.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{Store, Tx};
use crate::domain::id::new_id;
use crate::domain::time::Timestamp;

/// Groups that share the most terms with a question and are looked at closely.
const LOOKED_AT: i64 = 12;
/// Wordings of merged groups looked at for them.
const FACES: i64 = 60;

/// Why a question is a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    Unanswered,
    /// Answered, and the asker called it useless.
    Useless,
    /// Handed to a person.
    HandedOff,
}

/// A question that belongs to no group yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ungrouped {
    /// Of the question or the inquiry.
    pub id: String,
    /// Masked.
    pub question: String,
    pub why: Why,
    pub channel: String,
    pub person: String,
    pub asked_at: Timestamp,
}

/// A group a question may belong to, under one of the wordings it is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub gap_id: String,
    pub question: String,
}

/// Takes the turn: on PostgreSQL the next one waits here, so that like questions never open two groups.
pub async fn begin(store: &Store) -> sqlx::Result<Tx> {
    let mut tx = store.begin().await?;
    sqlx::query("UPDATE gap_turns SET turn = turn + 1 WHERE name = 'group'").execute(&mut *tx).await?;
    Ok(tx)
}

/// Whether anything waits: one look at an index.
pub async fn anything_new(conn: &mut AnyConnection, inquiries_from: &str) -> sqlx::Result<bool> {
    Ok(!new_questions(&mut *conn, 1).await?.is_empty()
        || !new_inquiries(&mut *conn, inquiries_from, 1).await?.is_empty()
        || !regained(conn, 1).await?.is_empty())
}

/// Questions without an answer, or with one called useless, that are in no group yet; the oldest first.
pub async fn new_questions(conn: &mut AnyConnection, limit: i64) -> sqlx::Result<Vec<Ungrouped>> {
    let rows = sqlx::query(
        "SELECT id, question, gap, channel, person, asked_at FROM questions WHERE gap_id IS NULL AND (gap = 1 OR useful = 0) \
         AND question <> '' ORDER BY asked_at, id LIMIT $1",
    )
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Ungrouped {
                id: row.try_get("id")?,
                question: row.try_get("question")?,
                why: if row.try_get::<i64, _>("gap")? == 1 { Why::Unanswered } else { Why::Useless },
                channel: row.try_get("channel")?,
                person: row.try_get("person")?,
                asked_at: Timestamp::from_millis(row.try_get("asked_at")?),
            })
        })
        .collect()
}

/// Inquiries from the id `from` on that are in no group yet.
pub async fn new_inquiries(conn: &mut AnyConnection, from: &str, limit: i64) -> sqlx::Result<Vec<Ungrouped>> {
    let rows = sqlx::query(
        "SELECT i.id, i.question, i.channel, i.person, i.queued_at FROM inquiries i WHERE i.id >= $1 AND i.question <> '' \
         AND NOT EXISTS (SELECT 1 FROM gap_inquiries g WHERE g.inquiry_id = i.id) ORDER BY i.id LIMIT $2",
    )
    .bind(from.to_owned())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Ungrouped {
                id: row.try_get("id")?,
                question: row.try_get("question")?,
                why: Why::HandedOff,
                channel: row.try_get("channel")?,
                person: row.try_get("person")?,
                asked_at: Timestamp::from_millis(row.try_get("queued_at")?),
            })
        })
        .collect()
}

/// Questions whose asker took "useless" back, each with its group.
pub async fn regained(conn: &mut AnyConnection, limit: i64) -> sqlx::Result<Vec<(String, String, String)>> {
    let rows =
        sqlx::query("SELECT id, gap_id, question FROM questions WHERE gap_id IS NOT NULL AND gap = 0 AND useful = 1 ORDER BY id LIMIT $1")
            .bind(limit)
            .fetch_all(conn)
            .await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, row.try_get("gap_id")?, row.try_get("question")?))).collect()
}

/// The groups that share most of these terms.
pub async fn candidates(conn: &mut AnyConnection, terms: &[String]) -> sqlx::Result<Vec<Candidate>> {
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (1..=terms.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT t.gap_id, g.question FROM gap_terms t JOIN gaps g ON g.id = t.gap_id WHERE t.term IN ({}) \
         GROUP BY t.gap_id, g.question ORDER BY COUNT(*) DESC, t.gap_id LIMIT {LOOKED_AT}",
        places.join(", ")
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    for term in terms {
        query = query.bind(term.clone());
    }
    let rows = query.fetch_all(&mut *conn).await?;
    let read = |row: &AnyRow| Ok(Candidate { gap_id: row.try_get("gap_id")?, question: row.try_get("question")? });
    let mut found: Vec<Candidate> = rows.iter().map(read).collect::<sqlx::Result<_>>()?;
    found.extend(faces(conn, &found).await?);
    Ok(found)
}

/// The groups again, under the wordings of those that were merged into them.
async fn faces(conn: &mut AnyConnection, groups: &[Candidate]) -> sqlx::Result<Vec<Candidate>> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (1..=groups.len()).map(|place| format!("${place}")).collect();
    let sql = format!("SELECT gap_id, face FROM gap_faces WHERE gap_id IN ({}) ORDER BY gap_id, face LIMIT {FACES}", places.join(", "));
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    for group in groups {
        query = query.bind(group.gap_id.clone());
    }
    let rows = query.fetch_all(conn).await?;
    rows.iter().map(|row| Ok(Candidate { gap_id: row.try_get("gap_id")?, question: row.try_get("face")? })).collect()
}

/// Opens a group for a question like no other; its id.
pub async fn open_group(conn: &mut AnyConnection, question: &Ungrouped, terms: &[String], now: Timestamp) -> sqlx::Result<String> {
    let id = new_id("gap", now);
    sqlx::query(
        "INSERT INTO gaps (id, question, state, asked, useless, handed_off, opens_at, note, first_asked_at, last_asked_at) \
         VALUES ($1, $2, 'open', 0, 0, 0, 0, '', $3, $3)",
    )
    .bind(id.clone())
    .bind(question.question.clone())
    .bind(question.asked_at.millis())
    .execute(&mut *conn)
    .await?;
    for term in terms {
        sqlx::query("INSERT INTO gap_terms (term, gap_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(term.clone())
            .bind(id.clone())
            .execute(&mut *conn)
            .await?;
    }
    Ok(id)
}

/// Puts a question into a group and counts it; a settled group that has grown enough opens again, with `grown` as its note.
pub async fn put(conn: &mut AnyConnection, gap_id: &str, question: &Ungrouped, grown: &str) -> sqlx::Result<()> {
    let counted = match question.why {
        Why::Unanswered | Why::Useless => {
            sqlx::query("UPDATE questions SET gap_id = $1 WHERE id = $2")
                .bind(gap_id.to_owned())
                .bind(question.id.clone())
                .execute(&mut *conn)
                .await?;
            true
        }
        Why::HandedOff => put_inquiry(&mut *conn, gap_id, question).await?,
    };
    sqlx::query(
        "UPDATE gaps SET asked = asked + $1, useless = useless + $2, handed_off = handed_off + $3, \
         last_asked_at = CASE WHEN last_asked_at < $4 THEN $4 ELSE last_asked_at END WHERE id = $5",
    )
    .bind(i64::from(counted))
    .bind(i64::from(question.why == Why::Useless))
    .bind(i64::from(question.why == Why::HandedOff))
    .bind(question.asked_at.millis())
    .bind(gap_id.to_owned())
    .execute(&mut *conn)
    .await?;
    if !counted {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO gap_wordings (gap_id, wording, asked, last_asked_at) VALUES ($1, $2, 1, $3) \
         ON CONFLICT (gap_id, wording) DO UPDATE SET asked = gap_wordings.asked + 1, last_asked_at = excluded.last_asked_at",
    )
    .bind(gap_id.to_owned())
    .bind(question.question.clone())
    .bind(question.asked_at.millis())
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "UPDATE gaps SET state = 'open', opens_at = 0, note = $1 WHERE id = $2 AND state IN ('dismissed', 'published') AND asked >= opens_at",
    )
    .bind(grown.to_owned())
    .bind(gap_id.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether the inquiry counts as one more: not where the same person asked the same in the day before.
async fn put_inquiry(conn: &mut AnyConnection, gap_id: &str, inquiry: &Ungrouped) -> sqlx::Result<bool> {
    const A_DAY_MS: i64 = 24 * 3_600_000;
    let at = inquiry.asked_at.millis();
    let asked = sqlx::query(
        "SELECT 1 AS found FROM questions WHERE gap_id = $1 AND channel = $2 AND person = $3 AND asked_at BETWEEN $4 AND $5 LIMIT 1",
    )
    .bind(gap_id.to_owned())
    .bind(inquiry.channel.clone())
    .bind(inquiry.person.clone())
    .bind(at - A_DAY_MS)
    .bind(at)
    .fetch_optional(&mut *conn)
    .await?;
    sqlx::query("INSERT INTO gap_inquiries (inquiry_id, gap_id, counted) VALUES ($1, $2, $3)")
        .bind(inquiry.id.clone())
        .bind(gap_id.to_owned())
        .bind(i64::from(asked.is_none()))
        .execute(conn)
        .await?;
    Ok(asked.is_none())
}

/// Takes a question out again whose answer was useful after all. A group that nobody is left in, and nobody worked on, goes with it.
pub async fn take_out(conn: &mut AnyConnection, id: &str, gap_id: &str, wording: &str) -> sqlx::Result<()> {
    sqlx::query("UPDATE questions SET gap_id = NULL WHERE id = $1").bind(id.to_owned()).execute(&mut *conn).await?;
    sqlx::query("UPDATE gaps SET asked = asked - 1, useless = useless - 1 WHERE id = $1")
        .bind(gap_id.to_owned())
        .execute(&mut *conn)
        .await?;
    sqlx::query("UPDATE gap_wordings SET asked = asked - 1 WHERE gap_id = $1 AND wording = $2")
        .bind(gap_id.to_owned())
        .bind(wording.to_owned())
        .execute(&mut *conn)
        .await?;
    sqlx::query("DELETE FROM gap_wordings WHERE gap_id = $1 AND asked <= 0").bind(gap_id.to_owned()).execute(&mut *conn).await?;
    const NOBODY_LEFT: &str = "SELECT id FROM gaps WHERE id = $1 AND asked <= 0 AND handed_off = 0 AND state = 'open' AND document IS NULL";
    for table in ["gap_terms", "gap_faces", "gap_drafts"] {
        let sql = format!("DELETE FROM {table} WHERE gap_id IN ({NOBODY_LEFT})");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(gap_id.to_owned()).execute(&mut *conn).await?;
    }
    let sql = format!("DELETE FROM gaps WHERE id IN ({NOBODY_LEFT})");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(gap_id.to_owned()).execute(conn).await?;
    Ok(())
}
