//! Who came to which session of a class. A second check-in of the same person to the same session changes nothing.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::check_in::Means;
use crate::domain::time::Timestamp;
use crate::store::classes::{self, Enrolment};

/// One person at one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckIn {
    pub class_id: String,
    /// Number of the session.
    pub session: i64,
    pub enrolment_id: String,
    /// When they stood at the door.
    pub at: Timestamp,
    pub means: Means,
    /// Name of the staff user who noted it; empty where they did it themselves.
    pub staff: String,
}

/// Notes a check-in; false where there was one.
pub async fn insert(conn: &mut AnyConnection, check_in: &CheckIn, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO check_ins (class_id, session, enrolment_id, at, means, staff, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (class_id, session, enrolment_id) DO NOTHING",
    )
    .bind(check_in.class_id.clone())
    .bind(check_in.session)
    .bind(check_in.enrolment_id.clone())
    .bind(check_in.at.millis())
    .bind(check_in.means.word())
    .bind(check_in.staff.clone())
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a check-in back; false where there was none.
pub async fn remove(conn: &mut AnyConnection, class_id: &str, session: i64, enrolment_id: &str) -> sqlx::Result<bool> {
    let done = sqlx::query("DELETE FROM check_ins WHERE class_id = $1 AND session = $2 AND enrolment_id = $3")
        .bind(class_id.to_owned())
        .bind(session)
        .bind(enrolment_id.to_owned())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// One check-in.
pub async fn get(conn: &mut AnyConnection, class_id: &str, session: i64, enrolment_id: &str) -> sqlx::Result<Option<CheckIn>> {
    let row = sqlx::query(
        "SELECT class_id, session, enrolment_id, at, means, staff FROM check_ins WHERE class_id = $1 AND session = $2 AND enrolment_id = $3",
    )
    .bind(class_id.to_owned())
    .bind(session)
    .bind(enrolment_id.to_owned())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(check_in).transpose()
}

/// Every check-in of a class, the earliest first.
pub async fn of_class(conn: &mut AnyConnection, class_id: &str) -> sqlx::Result<Vec<CheckIn>> {
    let rows = sqlx::query(
        "SELECT class_id, session, enrolment_id, at, means, staff FROM check_ins WHERE class_id = $1 ORDER BY at, session, enrolment_id",
    )
    .bind(class_id.to_owned())
    .fetch_all(conn)
    .await?;
    rows.iter().map(check_in).collect()
}

/// Those who came: enrolments with at least one check-in, in order of enrolment.
pub async fn who_came(conn: &mut AnyConnection, class_id: &str) -> sqlx::Result<Vec<Enrolment>> {
    let came = of_class(conn, class_id).await?;
    let mut roster = classes::roster(conn, class_id).await?;
    roster.retain(|enrolment| came.iter().any(|check_in| check_in.enrolment_id == enrolment.id));
    Ok(roster)
}

fn check_in(row: &AnyRow) -> sqlx::Result<CheckIn> {
    let means: String = row.try_get("means")?;
    Ok(CheckIn {
        class_id: row.try_get("class_id")?,
        session: row.try_get("session")?,
        enrolment_id: row.try_get("enrolment_id")?,
        at: Timestamp::from_millis(row.try_get("at")?),
        means: Means::parse(&means).ok_or_else(|| sqlx::Error::Decode(format!("unreadable means {means} of a check-in").into()))?,
        staff: row.try_get("staff")?,
    })
}
