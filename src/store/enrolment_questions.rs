//! What somebody who enrolled is being asked in a chat, what they said, and how often a person gave a wrong code.

use std::collections::BTreeMap;

use sqlx::{AnyConnection, Row};

use crate::domain::time::Timestamp;

/// The question that is open for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub class_id: String,
    pub label: String,
    pub asked_at: Timestamp,
}

/// The question that is open for a person.
pub async fn open(conn: &mut AnyConnection, channel: &str, person: &str) -> sqlx::Result<Option<Open>> {
    let row = sqlx::query("SELECT class_id, label, asked_at FROM enrolment_questions WHERE channel = $1 AND person = $2")
        .bind(channel.to_owned())
        .bind(person.to_owned())
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        Ok(Open {
            class_id: row.try_get("class_id")?,
            label: row.try_get("label")?,
            asked_at: Timestamp::from_millis(row.try_get("asked_at")?),
        })
    })
    .transpose()
}

/// Opens a question, in place of any other.
pub async fn ask(conn: &mut AnyConnection, channel: &str, person: &str, open: &Open) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO enrolment_questions (channel, person, class_id, label, asked_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (channel, person) DO UPDATE SET class_id = excluded.class_id, label = excluded.label, asked_at = excluded.asked_at",
    )
    .bind(channel.to_owned())
    .bind(person.to_owned())
    .bind(open.class_id.clone())
    .bind(open.label.clone())
    .bind(open.asked_at.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// Nothing is asked any more.
pub async fn close(conn: &mut AnyConnection, channel: &str, person: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM enrolment_questions WHERE channel = $1 AND person = $2")
        .bind(channel.to_owned())
        .bind(person.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps what somebody said.
pub async fn keep(conn: &mut AnyConnection, enrolment_id: &str, answers: &BTreeMap<String, String>, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE enrolments SET answers = $1, updated_at = $2 WHERE id = $3")
        .bind(serde_json::to_string(answers).map_err(|error| sqlx::Error::Encode(error.into()))?)
        .bind(now.millis())
        .bind(enrolment_id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes a wrong code of `who`, and forgets those before `since`.
pub async fn note_wrong_code(conn: &mut AnyConnection, who: &str, since: Timestamp, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM wrong_codes WHERE at < $1").bind(since.millis()).execute(&mut *conn).await?;
    sqlx::query("INSERT INTO wrong_codes (who, at) VALUES ($1, $2)").bind(who.to_owned()).bind(now.millis()).execute(conn).await?;
    Ok(())
}

/// How many wrong codes `who` gave since then.
pub async fn wrong_codes(conn: &mut AnyConnection, who: &str, since: Timestamp) -> sqlx::Result<i64> {
    let row = sqlx::query("SELECT COUNT(*) AS many FROM wrong_codes WHERE who = $1 AND at >= $2")
        .bind(who.to_owned())
        .bind(since.millis())
        .fetch_one(conn)
        .await?;
    row.try_get("many")
}
