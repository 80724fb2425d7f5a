//! The times at which a class meets, and the code of each.

use chrono::NaiveDate;
use sqlx::{AnyConnection, Row};

use crate::domain::check_in::new_code;
use crate::domain::class::{Class, ClassState, Session};
use crate::domain::report::ReportClass;
use crate::domain::time::Timestamp;

/// Tries at a code nobody else has at the time; with a thousand sessions ahead one try in a thousand fails.
const TRIES: usize = 20;

/// The sessions of a class that are held, and those that were called off, each in the order of their times.
pub async fn of_class(conn: &mut AnyConnection, class_id: &str) -> sqlx::Result<(Vec<Session>, Vec<Session>)> {
    let rows = sqlx::query(
        "SELECT number, starts_at, ends_at, sequence, cancelled_at FROM class_sessions WHERE class_id = $1 ORDER BY starts_at, number",
    )
    .bind(class_id.to_owned())
    .fetch_all(conn)
    .await?;
    let (mut held, mut called_off) = (Vec::new(), Vec::new());
    for row in &rows {
        let session = Session {
            number: row.try_get("number")?,
            starts_at: Timestamp::from_millis(row.try_get("starts_at")?),
            ends_at: Timestamp::from_millis(row.try_get("ends_at")?),
            sequence: row.try_get("sequence")?,
        };
        match row.try_get::<Option<i64>, _>("cancelled_at")? {
            Some(_) => called_off.push(session),
            None => held.push(session),
        }
    }
    Ok((held, called_off))
}

/// Writes the sessions of a class: new ones get a code, known ones keep theirs, those not named go.
pub async fn put(conn: &mut AnyConnection, class: &Class, now: Timestamp) -> sqlx::Result<()> {
    let (held, called_off) = of_class(conn, &class.id).await?;
    let known: Vec<i64> = held.iter().chain(&called_off).map(|session| session.number).collect();
    for gone in known.iter().filter(|known| class.session(**known).is_none() && class.gone_session(**known).is_none()) {
        sqlx::query("DELETE FROM class_sessions WHERE class_id = $1 AND number = $2")
            .bind(class.id.clone())
            .bind(*gone)
            .execute(&mut *conn)
            .await?;
    }
    let all = class.sessions.iter().map(|session| (session, None)).chain(class.called_off.iter().map(|session| (session, Some(now))));
    for (session, cancelled_at) in all {
        let code = if known.contains(&session.number) { String::new() } else { free_code(conn, now).await? };
        sqlx::query(
            "INSERT INTO class_sessions (class_id, number, starts_at, ends_at, sequence, code, cancelled_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (class_id, number) DO UPDATE SET starts_at = excluded.starts_at, \
             ends_at = excluded.ends_at, sequence = excluded.sequence, cancelled_at = CASE WHEN excluded.cancelled_at IS NULL THEN NULL \
             ELSE COALESCE(class_sessions.cancelled_at, excluded.cancelled_at) END",
        )
        .bind(class.id.clone())
        .bind(session.number)
        .bind(session.starts_at.millis())
        .bind(session.ends_at.millis())
        .bind(session.sequence)
        .bind(code)
        .bind(cancelled_at.map(Timestamp::millis))
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
    /// Sessions of the class, also those called off, and the number of this one.
    pub sessions: i64,
    pub number: i64,
    pub starts_at: Timestamp,
}

/// Sessions that are held of classes that are not called off and start between two times, the soonest first.
pub async fn between(conn: &mut AnyConnection, from: Timestamp, until: Timestamp) -> sqlx::Result<Vec<Dated>> {
    let rows = sqlx::query(
        "SELECT s.class_id, s.number, s.starts_at, c.title, c.place, c.state, \
         (SELECT COUNT(*) FROM class_sessions a WHERE a.class_id = s.class_id) AS sessions \
         FROM class_sessions s JOIN classes c ON c.id = s.class_id \
         WHERE c.state <> 'cancelled' AND s.cancelled_at IS NULL AND s.starts_at >= $1 AND s.starts_at < $2 ORDER BY s.starts_at, s.class_id",
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
                number: row.try_get("number")?,
                starts_at: Timestamp::from_millis(row.try_get("starts_at")?),
            })
        })
        .collect()
}

/// Published classes with a session from one day to another, as a report counts them at `now`.
pub async fn reported(conn: &mut AnyConnection, from: NaiveDate, to: NaiveDate, now: Timestamp) -> sqlx::Result<Vec<ReportClass>> {
    let until = Timestamp::start_of(to).plus(std::time::Duration::from_secs(24 * 3600));
    let rows = sqlx::query(
        "SELECT c.id, c.title, c.place, MIN(s.starts_at) AS starts_at, COUNT(*) AS sessions, \
         CAST(SUM(CASE WHEN s.ends_at <= $3 THEN 1 ELSE 0 END) AS BIGINT) AS held, \
         (SELECT COUNT(*) FROM enrolments e WHERE e.class_id = c.id AND e.state = 'enrolled') AS enrolled, \
         (SELECT COUNT(DISTINCT k.enrolment_id) FROM check_ins k JOIN class_sessions h ON h.class_id = k.class_id AND h.number = k.session \
         WHERE k.class_id = c.id AND h.cancelled_at IS NULL AND h.starts_at >= $1 AND h.starts_at < $2) AS came \
         FROM classes c JOIN class_sessions s ON s.class_id = c.id \
         WHERE c.state = 'published' AND s.cancelled_at IS NULL AND s.starts_at >= $1 AND s.starts_at < $2 \
         GROUP BY c.id, c.title, c.place ORDER BY MIN(s.starts_at), c.id",
    )
    .bind(Timestamp::start_of(from).millis())
    .bind(until.millis())
    .bind(now.millis())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(ReportClass {
                id: row.try_get("id")?,
                title: row.try_get("title")?,
                place: row.try_get("place")?,
                starts_at: Timestamp::from_millis(row.try_get("starts_at")?),
                sessions: row.try_get("sessions")?,
                held: row.try_get("held")?,
                enrolled: row.try_get("enrolled")?,
                came: row.try_get("came")?,
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
