//! Certificates: a code and whose it is. One that was revoked stays, so that whoever looks its code up is told so.

use rand::Rng;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::time::Timestamp;

const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// 60 bits: nobody finds one by trying.
const CHARACTERS: usize = 12;
const GROUP: usize = 4;

/// A certificate that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Such as `7K2M-9QXR-4HTP`.
    pub code: String,
    pub class_id: String,
    pub enrolment_id: String,
    pub issued_at: Timestamp,
    /// When the check-ins it rested on were taken back.
    pub revoked_at: Option<Timestamp>,
}

const COLUMNS: &str = "c.code, c.class_id, c.enrolment_id, c.issued_at, c.revoked_at FROM certificates c";

/// Gives a certificate; nothing where there is one that holds.
pub async fn issue(conn: &mut AnyConnection, class_id: &str, enrolment_id: &str, now: Timestamp) -> sqlx::Result<Option<Certificate>> {
    let certificate = Certificate {
        code: new_code(),
        class_id: class_id.to_owned(),
        enrolment_id: enrolment_id.to_owned(),
        issued_at: now,
        revoked_at: None,
    };
    let done = sqlx::query(
        "INSERT INTO certificates (code, class_id, enrolment_id, issued_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (enrolment_id) WHERE revoked_at IS NULL DO NOTHING",
    )
    .bind(certificate.code.clone())
    .bind(certificate.class_id.clone())
    .bind(certificate.enrolment_id.clone())
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok((done.rows_affected() == 1).then_some(certificate))
}

/// Takes a certificate back.
pub async fn revoke(conn: &mut AnyConnection, code: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE certificates SET revoked_at = $1 WHERE code = $2 AND revoked_at IS NULL")
        .bind(now.millis())
        .bind(code.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// The certificate with this code, as [`read_code`] writes it.
pub async fn get(conn: &mut AnyConnection, code: &str) -> sqlx::Result<Option<Certificate>> {
    let sql = format!("SELECT {COLUMNS} WHERE c.code = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(code.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(certificate).transpose()
}

/// Published classes that ended between the two times, in which somebody came to enough sessions and has no certificate yet: none on most
/// ticks, however many classes there were.
pub async fn classes_with_due(conn: &mut AnyConnection, from: Timestamp, until: Timestamp) -> sqlx::Result<Vec<String>> {
    let rows = sqlx::query(
        "SELECT DISTINCT e.class_id FROM enrolments e JOIN classes c ON c.id = e.class_id \
         LEFT JOIN certificates x ON x.enrolment_id = e.id AND x.revoked_at IS NULL \
         WHERE c.state = 'published' AND c.ends_at > $1 AND c.ends_at <= $2 AND COALESCE(c.certificate_sessions, 1) > 0 \
         AND e.state = 'enrolled' AND e.display_name <> '' AND x.code IS NULL \
         AND (SELECT COUNT(*) FROM check_ins k JOIN class_sessions h ON h.class_id = k.class_id AND h.number = k.session \
         WHERE k.class_id = e.class_id AND k.enrolment_id = e.id AND h.cancelled_at IS NULL) >= \
         COALESCE(c.certificate_sessions, \
         (SELECT COUNT(*) FROM class_sessions s WHERE s.class_id = e.class_id AND s.cancelled_at IS NULL)) ORDER BY e.class_id",
    )
    .bind(from.millis())
    .bind(until.millis())
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| row.try_get("class_id")).collect()
}

/// The certificates of a class that hold.
pub async fn of_class(conn: &mut AnyConnection, class_id: &str) -> sqlx::Result<Vec<Certificate>> {
    let sql = format!("SELECT {COLUMNS} WHERE c.class_id = $1 AND c.revoked_at IS NULL ORDER BY c.code");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(class_id.to_owned()).fetch_all(conn).await?;
    rows.iter().map(certificate).collect()
}

/// The certificates of a person that hold, the newest first.
pub async fn of_person(conn: &mut AnyConnection, channel: &str, person: &str) -> sqlx::Result<Vec<Certificate>> {
    let sql = format!(
        "SELECT {COLUMNS} JOIN enrolments e ON e.id = c.enrolment_id \
         WHERE e.channel = $1 AND e.person = $2 AND c.revoked_at IS NULL ORDER BY c.issued_at DESC, c.code"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(channel.to_owned()).bind(person.to_owned()).fetch_all(conn).await?;
    rows.iter().map(certificate).collect()
}

/// A code as somebody typed it: capitals, groups of four; nothing where it cannot be one.
pub fn read_code(text: &str) -> Option<String> {
    let bare: String = text.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_uppercase()).collect();
    (bare.len() == CHARACTERS && bare.bytes().all(|byte| ALPHABET.contains(&byte))).then(|| grouped(&bare))
}

fn new_code() -> String {
    let mut rng = rand::rng();
    let bare: String = (0..CHARACTERS).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect();
    grouped(&bare)
}

fn grouped(bare: &str) -> String {
    let mut code = String::with_capacity(CHARACTERS + 2);
    for (index, c) in bare.chars().enumerate() {
        if index > 0 && index % GROUP == 0 {
            code.push('-');
        }
        code.push(c);
    }
    code
}

fn certificate(row: &AnyRow) -> sqlx::Result<Certificate> {
    Ok(Certificate {
        code: row.try_get("code")?,
        class_id: row.try_get("class_id")?,
        enrolment_id: row.try_get("enrolment_id")?,
        issued_at: Timestamp::from_millis(row.try_get("issued_at")?),
        revoked_at: row.try_get::<Option<i64>, _>("revoked_at")?.map(Timestamp::from_millis),
    })
}
