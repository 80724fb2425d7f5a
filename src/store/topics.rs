//! What a person asked last in a chat: what a follow-up adds to. Short-lived on purpose.

use std::time::Duration;

use sqlx::{AnyConnection, Row};

use crate::domain::time::Timestamp;

/// How long a follow-up still belongs to the question before it (F18).
const KEPT: Duration = Duration::from_secs(10 * 60);

/// Whose topic: one person in one chat.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    pub channel: &'a str,
    pub person: &'a str,
    pub chat: &'a str,
}

/// The complete question asked last, if it is not over.
pub async fn recall(conn: &mut AnyConnection, owner: Owner<'_>, now: Timestamp) -> sqlx::Result<Option<String>> {
    let row = sqlx::query("SELECT question FROM topics WHERE channel = $1 AND person = $2 AND chat = $3 AND asked_at > $4")
        .bind(owner.channel.to_owned())
        .bind(owner.person.to_owned())
        .bind(owner.chat.to_owned())
        .bind(oldest(now))
        .fetch_optional(conn)
        .await?;
    row.map(|row| row.try_get("question")).transpose()
}

/// Keeps a question as the topic, and drops all that are over.
pub async fn keep(conn: &mut AnyConnection, owner: Owner<'_>, question: &str, now: Timestamp) -> sqlx::Result<()> {
    drop_old(&mut *conn, now).await?;
    sqlx::query(
        "INSERT INTO topics (channel, person, chat, question, asked_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (channel, person, chat) DO UPDATE SET question = excluded.question, asked_at = excluded.asked_at",
    )
    .bind(owner.channel.to_owned())
    .bind(owner.person.to_owned())
    .bind(owner.chat.to_owned())
    .bind(question.to_owned())
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// Drops all that are over.
pub async fn drop_old(conn: &mut AnyConnection, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM topics WHERE asked_at <= $1").bind(oldest(now)).execute(conn).await?;
    Ok(())
}

/// Forgets the topic.
pub async fn forget(conn: &mut AnyConnection, owner: Owner<'_>) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM topics WHERE channel = $1 AND person = $2 AND chat = $3")
        .bind(owner.channel.to_owned())
        .bind(owner.person.to_owned())
        .bind(owner.chat.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

fn oldest(now: Timestamp) -> i64 {
    now.millis() - i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX)
}
