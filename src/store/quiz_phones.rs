//! Which mobile number an entry of a prize quiz was made with, as a hash under a key of that quiz: enough to take one number once and to
//! find the winner again, and nothing to call anybody by. The key goes with the hashes ([`super::retention`]).

use sqlx::{AnyConnection, Row};

use super::secrets::new_secret;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

/// Stands for a key that was emptied.
const GONE: &str = "gone";

/// The key of a quiz, made when first needed; under the lock on the quiz. None once it was emptied.
pub async fn key(conn: &mut AnyConnection, quiz_id: &str) -> sqlx::Result<Option<String>> {
    let row = sqlx::query("SELECT phone_key FROM quizzes WHERE id = $1").bind(quiz_id.to_owned()).fetch_one(&mut *conn).await?;
    let key: String = row.try_get("phone_key")?;
    match key.as_str() {
        GONE => Ok(None),
        "" => {
            let key = new_secret();
            sqlx::query("UPDATE quizzes SET phone_key = $1 WHERE id = $2").bind(key.clone()).bind(quiz_id.to_owned()).execute(conn).await?;
            Ok(Some(key))
        }
        _ => Ok(Some(key)),
    }
}

/// Number of the entry that was made with this mobile number.
pub async fn entry_of(conn: &mut AnyConnection, quiz_id: &str, key: &str, phone: &Phone) -> sqlx::Result<Option<i64>> {
    let row = sqlx::query("SELECT number FROM quiz_entries WHERE quiz_id = $1 AND phone_hash = $2")
        .bind(quiz_id.to_owned())
        .bind(phone.hash(key))
        .fetch_optional(conn)
        .await?;
    row.map(|row| row.try_get("number")).transpose()
}

/// The private chat of whoever made an entry listens for their mobile number from now on.
pub async fn ask(conn: &mut AnyConnection, quiz_id: &str, number: i64, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE quiz_entries SET phone_asked_at = $1 WHERE quiz_id = $2 AND number = $3")
        .bind(now.millis())
        .bind(quiz_id.to_owned())
        .bind(number)
        .execute(conn)
        .await?;
    Ok(())
}

/// The quiz that runs and for which this person's mobile number is awaited; the one asked for last where there are several.
pub async fn awaited(conn: &mut AnyConnection, channel: &str, person: &str, now: Timestamp) -> sqlx::Result<Option<String>> {
    let row = sqlx::query(
        "SELECT e.quiz_id FROM quiz_entries e JOIN quizzes q ON q.id = e.quiz_id WHERE e.channel = $1 AND e.person = $2 \
         AND e.phone_asked_at IS NOT NULL AND e.phone_hash IS NULL AND q.closes_at > $3 ORDER BY e.phone_asked_at DESC, e.quiz_id DESC LIMIT 1",
    )
    .bind(channel.to_owned())
    .bind(person.to_owned())
    .bind(now.millis())
    .fetch_optional(conn)
    .await?;
    row.map(|row| row.try_get("quiz_id")).transpose()
}

/// Ties an entry to a mobile number.
pub async fn set(conn: &mut AnyConnection, quiz_id: &str, number: i64, key: &str, phone: &Phone) -> sqlx::Result<()> {
    sqlx::query("UPDATE quiz_entries SET phone_hash = $1 WHERE quiz_id = $2 AND number = $3")
        .bind(phone.hash(key))
        .bind(quiz_id.to_owned())
        .bind(number)
        .execute(conn)
        .await?;
    Ok(())
}
