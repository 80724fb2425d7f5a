//! Surveys after a class: the questions, how far each person has come, what was answered. Words are masked before they get here.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::Tx;
use crate::domain::channel::ChannelKind;
use crate::domain::survey::{Question, TalkState};
use crate::domain::time::Timestamp;

const COLUMNS: &str = "id, class_id, channel, person, channel_id, state, question, round, listens_until";

/// The questions of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    pub questions: Vec<Question>,
    /// When the first was asked; the questions stay as they are from then on.
    pub opened_at: Option<Timestamp>,
}

/// One person being asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talk {
    pub id: String,
    pub class_id: String,
    pub channel: ChannelKind,
    pub person: String,
    /// Their private chat; empty on the web, and once they are forgotten.
    pub channel_id: String,
    pub state: TalkState,
    /// The question that is asked, from 0.
    pub question: i64,
    /// Raised where it has to be asked again.
    pub round: i64,
    /// Until then words are the answer.
    pub listens_until: Option<Timestamp>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub question: i64,
    pub score: Option<i64>,
    pub words: Option<String>,
}

/// The questions of a class, where it has its own or they were asked.
pub async fn get(conn: &mut AnyConnection, class_id: &str) -> sqlx::Result<Option<Survey>> {
    let row =
        sqlx::query("SELECT questions, opened_at FROM surveys WHERE class_id = $1").bind(class_id.to_owned()).fetch_optional(conn).await?;
    row.map(|row| {
        let questions: String = row.try_get("questions")?;
        Ok(Survey {
            questions: serde_json::from_str(&questions).map_err(|error| sqlx::Error::Decode(error.into()))?,
            opened_at: row.try_get::<Option<i64>, _>("opened_at")?.map(Timestamp::from_millis),
        })
    })
    .transpose()
}

/// Writes the questions of a class; false where they were asked already.
pub async fn put(conn: &mut AnyConnection, class_id: &str, survey: &Survey) -> sqlx::Result<bool> {
    let questions = serde_json::to_string(&survey.questions).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let done = sqlx::query(
        "INSERT INTO surveys (class_id, questions, opened_at) VALUES ($1, $2, $3) ON CONFLICT (class_id) DO UPDATE SET \
         questions = excluded.questions, opened_at = excluded.opened_at WHERE surveys.opened_at IS NULL",
    )
    .bind(class_id.to_owned())
    .bind(questions)
    .bind(survey.opened_at.map(Timestamp::millis))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Published classes that ended after `since` and by `now`.
pub async fn ended_classes(conn: &mut AnyConnection, since: Timestamp, now: Timestamp) -> sqlx::Result<Vec<String>> {
    let rows = sqlx::query("SELECT id FROM classes WHERE state = 'published' AND ends_at > $1 AND ends_at <= $2 ORDER BY ends_at, id")
        .bind(since.millis())
        .bind(now.millis())
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| row.try_get("id")).collect()
}

/// Begins to ask somebody; a repeat changes nothing.
pub async fn begin(conn: &mut AnyConnection, talk: &Talk, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO survey_talks (id, class_id, channel, person, channel_id, state, question, round, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (class_id, channel, person) DO NOTHING",
    )
    .bind(talk.id.clone())
    .bind(talk.class_id.clone())
    .bind(talk.channel.word())
    .bind(talk.person.clone())
    .bind(Some(talk.channel_id.clone()).filter(|id| !id.is_empty()))
    .bind(talk.state.word())
    .bind(talk.question)
    .bind(talk.round)
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes back how far somebody has come.
pub async fn update(conn: &mut AnyConnection, talk: &Talk, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE survey_talks SET state = $1, question = $2, round = $3, listens_until = $4, updated_at = $5 WHERE id = $6")
        .bind(talk.state.word())
        .bind(talk.question)
        .bind(talk.round)
        .bind(talk.listens_until.map(Timestamp::millis))
        .bind(now.millis())
        .bind(talk.id.clone())
        .execute(conn)
        .await?;
    Ok(())
}

/// One talk, held until the transaction ends.
pub async fn hold(tx: &mut Tx, id: &str) -> sqlx::Result<Option<Talk>> {
    let sql = format!("SELECT {COLUMNS} FROM survey_talks WHERE id = $1{}", tx.for_update());
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(&mut **tx).await?;
    row.as_ref().map(talk).transpose()
}

/// The talk that listens to what somebody writes at `now`; none while a person at the desk is asked or answers.
pub async fn listening(conn: &mut AnyConnection, channel: ChannelKind, person: &str, now: Timestamp) -> sqlx::Result<Option<Talk>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM survey_talks WHERE channel = $1 AND person = $2 AND state = 'asked' AND listens_until > $3 AND NOT EXISTS \
         (SELECT 1 FROM inquiries i WHERE i.channel = $1 AND i.person = $2 AND i.state <> 'closed') ORDER BY updated_at DESC LIMIT 1"
    );
    let row =
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(channel.word()).bind(person.to_owned()).bind(now.millis()).fetch_optional(conn).await?;
    row.as_ref().map(talk).transpose()
}

/// Talks whose question is to be sent, to people who are not with the desk and are asked nothing else just now.
pub async fn due(conn: &mut AnyConnection) -> sqlx::Result<Vec<String>> {
    let rows = sqlx::query(
        "SELECT t.id FROM survey_talks t WHERE t.state = 'due' AND NOT EXISTS (SELECT 1 FROM inquiries i WHERE i.channel = t.channel \
         AND i.person = t.person AND i.state <> 'closed') ORDER BY t.updated_at, t.id LIMIT 500",
    )
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| row.try_get("id")).collect()
}

/// Talks in which a question stands while a person at the desk is asked or answers.
pub async fn interrupted(conn: &mut AnyConnection) -> sqlx::Result<Vec<String>> {
    let rows = sqlx::query(
        "SELECT t.id FROM survey_talks t WHERE t.state = 'asked' AND EXISTS (SELECT 1 FROM inquiries i WHERE i.channel = t.channel \
         AND i.person = t.person AND i.state <> 'closed') ORDER BY t.id LIMIT 500",
    )
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| row.try_get("id")).collect()
}

/// Cancels the questions of a talk that have not gone out.
pub async fn cancel_questions(conn: &mut AnyConnection, talk_id: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE deliveries SET state = 'cancelled', settled_at = $1 WHERE state = 'pending' AND SUBSTR(origin_id, 1, LENGTH($2)) = $2 \
         AND channel_id = (SELECT channel_id FROM survey_talks WHERE id = $3)",
    )
    .bind(now.millis())
    .bind(format!("svy:{talk_id}:"))
    .bind(talk_id.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps an answer; a second one to the same question replaces the first.
pub async fn answer(conn: &mut AnyConnection, talk_id: &str, answer: &Answer, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO survey_answers (talk_id, question, score, words, answered_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (talk_id, question) DO UPDATE SET score = excluded.score, words = excluded.words, answered_at = excluded.answered_at",
    )
    .bind(talk_id.to_owned())
    .bind(answer.question)
    .bind(answer.score)
    .bind(answer.words.clone())
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// Everybody asked after a class.
pub async fn talks(conn: &mut AnyConnection, class_id: &str) -> sqlx::Result<Vec<Talk>> {
    let sql = format!("SELECT {COLUMNS} FROM survey_talks WHERE class_id = $1 ORDER BY id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(class_id.to_owned()).fetch_all(conn).await?;
    rows.iter().map(talk).collect()
}

/// Every answer of a class, by question and time; who gave it is not told.
pub async fn answers(conn: &mut AnyConnection, class_id: &str) -> sqlx::Result<Vec<Answer>> {
    let rows = sqlx::query(
        "SELECT a.question, a.score, a.words FROM survey_answers a JOIN survey_talks t ON t.id = a.talk_id WHERE t.class_id = $1 \
         ORDER BY a.question, a.answered_at, a.talk_id",
    )
    .bind(class_id.to_owned())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| Ok(Answer { question: row.try_get("question")?, score: row.try_get("score")?, words: row.try_get("words")? }))
        .collect()
}

fn talk(row: &AnyRow) -> sqlx::Result<Talk> {
    let (state, channel): (String, String) = (row.try_get("state")?, row.try_get("channel")?);
    let unreadable = |word: &str| sqlx::Error::Decode(format!("unreadable word {word} in a survey").into());
    Ok(Talk {
        id: row.try_get("id")?,
        class_id: row.try_get("class_id")?,
        channel: ChannelKind::parse(&channel).ok_or_else(|| unreadable(&channel))?,
        person: row.try_get("person")?,
        channel_id: row.try_get::<Option<String>, _>("channel_id")?.unwrap_or_default(),
        state: TalkState::parse(&state).ok_or_else(|| unreadable(&state))?,
        question: row.try_get("question")?,
        round: row.try_get("round")?,
        listens_until: row.try_get::<Option<i64>, _>("listens_until")?.map(Timestamp::from_millis),
    })
}
