//! Gaps: the groups of like questions that found no good answer, the most asked first, and where each stands.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::Tx;
use super::deliveries::word;
use crate::domain::gap::{Gap, GapState, Wording, opens_at};
use crate::domain::time::Timestamp;

const COLUMNS: &str =
    "id, question, state, asked, useless, handed_off, note, settled_by, document, first_asked_at, last_asked_at, published_at";
/// What an answer is being looked for: literally the condition of the index.
const TO_DO: &str = "state IN ('open', 'drafting')";

/// Which gaps to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Open, or with a draft under way.
    ToDo,
    Of(GapState),
}

/// How many gaps stand in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub open: i64,
    pub drafting: i64,
    pub published: i64,
    pub dismissed: i64,
}

/// Who asked and can be told in private, with the wording of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskerChat {
    pub channel_id: String,
    /// Masked.
    pub question: String,
}

/// Gaps, the most asked first.
pub async fn list(conn: &mut AnyConnection, which: Which, skip: i64, limit: i64) -> sqlx::Result<Vec<Gap>> {
    let condition = match which {
        Which::ToDo => TO_DO.to_owned(),
        Which::Of(state) => format!("state = '{}'", state.word()),
    };
    let sql = format!("SELECT {COLUMNS} FROM gaps WHERE {condition} ORDER BY asked DESC, last_asked_at DESC, id LIMIT $1 OFFSET $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(limit).bind(skip).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// How many stand where.
pub async fn counts(conn: &mut AnyConnection) -> sqlx::Result<Counts> {
    let rows = sqlx::query("SELECT state, COUNT(*) AS many FROM gaps GROUP BY state").fetch_all(conn).await?;
    let mut counts = Counts::default();
    for row in &rows {
        let many = row.try_get("many")?;
        match word(row, "state", GapState::parse)? {
            GapState::Open => counts.open = many,
            GapState::Drafting => counts.drafting = many,
            GapState::Published => counts.published = many,
            GapState::Dismissed => counts.dismissed = many,
        }
    }
    Ok(counts)
}

/// One gap.
pub async fn get(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<Gap>> {
    let sql = format!("SELECT {COLUMNS} FROM gaps WHERE id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// One gap, held until the transaction ends.
pub async fn hold(tx: &mut Tx, id: &str) -> sqlx::Result<Option<Gap>> {
    let sql = format!("SELECT {COLUMNS} FROM gaps WHERE id = $1{}", tx.for_update());
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(&mut **tx).await?;
    row.as_ref().map(read).transpose()
}

/// The gap a verified answer came from.
pub async fn of_document(conn: &mut AnyConnection, document: &str) -> sqlx::Result<Option<Gap>> {
    let sql = format!("SELECT {COLUMNS} FROM gaps WHERE document = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(document.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// Gaps whose answer was published after `since`.
pub async fn published_since(conn: &mut AnyConnection, since: Timestamp) -> sqlx::Result<Vec<Gap>> {
    let sql = format!("SELECT {COLUMNS} FROM gaps WHERE state = 'published' AND published_at > $1 ORDER BY id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(since.millis()).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// The ways it was asked, the most used first.
pub async fn wordings(conn: &mut AnyConnection, id: &str, limit: i64) -> sqlx::Result<Vec<Wording>> {
    let rows = sqlx::query(
        "SELECT wording, asked, last_asked_at FROM gap_wordings WHERE gap_id = $1 ORDER BY asked DESC, last_asked_at DESC, wording LIMIT $2",
    )
    .bind(id.to_owned())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Wording {
                wording: row.try_get("wording")?,
                asked: row.try_get("asked")?,
                last_asked_at: Timestamp::from_millis(row.try_get("last_asked_at")?),
            })
        })
        .collect()
}

/// In how many ways it was asked.
pub async fn many_wordings(conn: &mut AnyConnection, id: &str) -> sqlx::Result<i64> {
    sqlx::query("SELECT COUNT(*) AS many FROM gap_wordings WHERE gap_id = $1").bind(id.to_owned()).fetch_one(conn).await?.try_get("many")
}

/// Its answer is approved and stands in `document`.
pub async fn publish(conn: &mut AnyConnection, gap: &Gap, by: &str, document: &str, now: Timestamp) -> sqlx::Result<()> {
    settle(&mut *conn, gap, GapState::Published, by, "").await?;
    sqlx::query("UPDATE gaps SET document = $1, published_at = $2 WHERE id = $3")
        .bind(document.to_owned())
        .bind(now.millis())
        .bind(gap.id.clone())
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes it off the list with a reason; it stays quiet until it has grown.
pub async fn settle(conn: &mut AnyConnection, gap: &Gap, state: GapState, by: &str, note: &str) -> sqlx::Result<()> {
    sqlx::query("UPDATE gaps SET state = $1, settled_by = $2, note = $3, opens_at = $4 WHERE id = $5")
        .bind(state.word())
        .bind(by.to_owned())
        .bind(note.to_owned())
        .bind(opens_at(gap.asked))
        .bind(gap.id.clone())
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts it back on the list, with why.
pub async fn open(conn: &mut AnyConnection, id: &str, note: &str) -> sqlx::Result<()> {
    sqlx::query("UPDATE gaps SET state = 'open', note = $1, opens_at = 0 WHERE id = $2")
        .bind(note.to_owned())
        .bind(id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// A draft is under way.
pub async fn draft(conn: &mut AnyConnection, id: &str) -> sqlx::Result<()> {
    sqlx::query("UPDATE gaps SET state = 'drafting' WHERE id = $1").bind(id.to_owned()).execute(conn).await?;
    Ok(())
}

/// The private chats of those who asked by `until`, each once with the wording they used last; those left out who do not want to be told.
pub async fn askers(conn: &mut AnyConnection, id: &str, until: Timestamp) -> sqlx::Result<Vec<AskerChat>> {
    let rows = sqlx::query(
        "SELECT c.id AS channel_id, q.question, q.asked_at AS at FROM questions q \
         JOIN channels c ON c.kind = q.channel AND c.address = q.person AND c.scope = 'private' \
         WHERE q.gap_id = $1 AND q.scope = 'private' AND q.asked_at <= $2 AND c.reachable = 1 \
         AND NOT EXISTS (SELECT 1 FROM later_answers_unwanted u WHERE u.channel_id = c.id) \
         UNION ALL SELECT i.channel_id, i.question, i.queued_at AS at FROM gap_inquiries g JOIN inquiries i ON i.id = g.inquiry_id \
         JOIN channels c ON c.id = i.channel_id WHERE g.gap_id = $1 AND i.queued_at <= $2 AND c.reachable = 1 \
         AND NOT EXISTS (SELECT 1 FROM later_answers_unwanted u WHERE u.channel_id = c.id) ORDER BY at DESC",
    )
    .bind(id.to_owned())
    .bind(until.millis())
    .fetch_all(conn)
    .await?;
    let mut found: Vec<AskerChat> = Vec::new();
    for row in &rows {
        let channel_id: String = row.try_get("channel_id")?;
        if !found.iter().any(|known| known.channel_id == channel_id) {
            found.push(AskerChat { channel_id, question: row.try_get("question")? });
        }
    }
    Ok(found)
}

/// Every wording of every question with an answer in use, each with its gap and the answer's document: what the answers are measured by.
pub async fn approved(conn: &mut AnyConnection) -> sqlx::Result<Vec<(String, String, String)>> {
    let rows = sqlx::query(
        "SELECT g.id, w.wording, g.document FROM gaps g JOIN gap_wordings w ON w.gap_id = g.id JOIN documents d ON d.id = g.document \
         WHERE d.publication = 'published' ORDER BY g.id, w.wording",
    )
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, row.try_get("wording")?, row.try_get("document")?))).collect()
}

fn read(row: &AnyRow) -> sqlx::Result<Gap> {
    let at = |name: &str| row.try_get(name).map(Timestamp::from_millis);
    Ok(Gap {
        id: row.try_get("id")?,
        question: row.try_get("question")?,
        state: word(row, "state", GapState::parse)?,
        asked: row.try_get("asked")?,
        useless: row.try_get("useless")?,
        handed_off: row.try_get("handed_off")?,
        note: row.try_get("note")?,
        settled_by: row.try_get("settled_by")?,
        document: row.try_get("document")?,
        first_asked_at: at("first_asked_at")?,
        last_asked_at: at("last_asked_at")?,
        published_at: row.try_get::<Option<i64>, _>("published_at")?.map(Timestamp::from_millis),
    })
}
