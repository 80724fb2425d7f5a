//! Which mobile number an entry of a prize quiz was made with, as a hash under a key of that quiz: enough to take one number once and to
//! find the winner again, and nothing to call anybody by. The key goes with the hashes ([`super::retention`]).

use sqlx::{AnyConnection, Row};

use super::secrets::new_secret;
use crate::domain::phone::Phone;

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
