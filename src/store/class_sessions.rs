//! The times at which a class meets, and the code of each.

use sqlx::{AnyConnection, Row};

use crate::domain::check_in::new_code;
use crate::domain::class::{Class, ClassState, Session};
use crate::domain::time::Timestamp;

/// Tries at a code nobody else has at the time; with a thousand sessions ahead one try in a thousand fails.
const TRIES: usize = 20;

/// The sessions of a class in the order of their times.
pub async fn of_class(conn: &mut AnyConnection, class_id: &str) -> sqlx::Result<Vec<Session>> {
    let rows =
        sqlx::query("SELECT number, starts_at, ends_at, sequence FROM class_sessions WHERE class_id = $1 ORDER BY starts_at, number")
            .bind(class_id.to_owned())
            .fetch_all(conn)
            .await?;
    rows.iter()
        .map(|row| {
            Ok(Session {
                number: row.try_get("number")?,
                starts_at: Timestamp::from_millis(row.try_get("starts_at")?),
                ends_at: Timestamp::from_millis(row.try_get("ends_at")?),
                sequence: row.try_get("sequence")?,
            })
        })
        .collect()
}

/// Writes the sessions of a class: new ones get a code, known ones keep theirs, those not named go.
pub async fn put(conn: &mut AnyConnection, class: &Class, now: Timestamp) -> sqlx::Result<()> {
    let known = of_class(conn, &class.id).await?;
    for gone in known.iter().filter(|known| class.session(known.number).is_none()) {
        sqlx::query("DELETE FROM class_sessions WHERE class_id = $1 AND number = $2")
            .bind(class.id.clone())
            .bind(gone.number)
            .execute(&mut *conn)
            .await?;
    }
    for session in &class.sessions {
        let code = if known.iter().any(|known| known.number == session.number) { String::new() } else { free_code(conn, now).await? };
        sqlx::query(
            "INSERT INTO class_sessions (class_id, number, starts_at, ends_at, sequence, code) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (class_id, number) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, \
             sequence = excluded.sequence",
        )
        .bind(class.id.clone())
        .bind(session.number)
        .bind(session.starts_at.millis())
        .bind(session.ends_at.millis())
        .bind(session.sequence)
        .bind(code)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// A session with what a calendar says of its class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    pub class_id: String,
    pub title: String,
    pub place: Option<String>,
    pub state: ClassState,
    /// Sessions of the class, and which of them in the order of their times, from 1.
    pub sessions: i64,
    pub place_in_class: i64,
    pub starts_at: Timestamp,
}

/// Sessions of classes that are not called off and start between two times, the soonest first.
pub async fn between(conn: &mut AnyConnection, from: Timestamp, until: Timestamp) -> sqlx::Result<Vec<Dated>> {
    let rows = sqlx::query(
        "SELECT s.class_id, s.starts_at, c.title, c.place, c.state, \
         (SELECT COUNT(*) FROM class_sessions a WHERE a.class_id = s.class_id) AS sessions, \
         (SELECT COUNT(*) FROM class_sessions b WHERE b.class_id = s.class_id AND b.starts_at <= s.starts_at) AS place_in_class \
         FROM class_sessions s JOIN classes c ON c.id = s.class_id \
         WHERE c.state <> 'cancelled' AND s.starts_at >= $1 AND s.starts_at < $2 ORDER BY s.starts_at, s.class_id",
    )
    .bind(from.millis())
    .bind(until.millis())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let state: String = row.try_get("state")?;
            Ok(Dated {
                class_id: row.try_get("class_id")?,
                title: row.try_get("title")?,
                place: row.try_get("place")?,
                state: ClassState::parse(&state).ok_or_else(|| sqlx::Error::Decode(format!("unknown class state {state}").into()))?,
                sessions: row.try_get("sessions")?,
                place_in_class: row.try_get("place_in_class")?,
                starts_at: Timestamp::from_millis(row.try_get("starts_at")?),
            })
        })
        .collect()
}

/// The code of a session; one made before there were codes gets it now. In a transaction.
pub async fn code(conn: &mut AnyConnection, class_id: &str, number: i64, now: Timestamp) -> sqlx::Result<Option<String>> {
    let row = sqlx::query("SELECT code FROM class_sessions WHERE class_id = $1 AND number = $2")
        .bind(class_id.to_owned())
        .bind(number)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(code) = row.map(|row| row.try_get::<String, _>("code")).transpose()? else { return Ok(None) };
    if !code.is_empty() {
        return Ok(Some(code));
    }
    let code = free_code(conn, now).await?;
    sqlx::query("UPDATE class_sessions SET code = $1 WHERE class_id = $2 AND number = $3 AND code = ''")
        .bind(code.clone())
        .bind(class_id.to_owned())
        .bind(number)
        .execute(conn)
        .await?;
    Ok(Some(code))
}

/// Class and number of the session with this code, the one to end first of those that have not; where all have, the last to end.
/// `class` where it must be one of that class.
pub async fn by_code(conn: &mut AnyConnection, code: &str, class: Option<&str>, now: Timestamp) -> sqlx::Result<Option<(String, i64)>> {
    let row = sqlx::query(
        "SELECT class_id, number FROM class_sessions WHERE code = $1 AND ($3 = '' OR class_id = $3) \
         ORDER BY CASE WHEN ends_at >= $2 THEN 0 ELSE 1 END, CASE WHEN ends_at >= $2 THEN ends_at ELSE -ends_at END, class_id LIMIT 1",
    )
    .bind(code.to_owned())
    .bind(now.millis())
    .bind(class.unwrap_or_default().to_owned())
    .fetch_optional(conn)
    .await?;
    row.map(|row| Ok((row.try_get("class_id")?, row.try_get("number")?))).transpose()
}

async fn free_code(conn: &mut AnyConnection, now: Timestamp) -> sqlx::Result<String> {
    let mut code = new_code();
    for _ in 0..TRIES {
        let taken = sqlx::query("SELECT 1 AS one FROM class_sessions WHERE code = $1 AND ends_at > $2")
            .bind(code.clone())
            .bind(now.millis())
            .fetch_optional(&mut *conn)
            .await?;
        if taken.is_none() {
            break;
        }
        code = new_code();
    }
    Ok(code)
}
