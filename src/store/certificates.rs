//! Certificates: a code and whose it is. Whether it holds follows from the check-ins.

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
}

/// Gives a certificate; nothing where there is one.
pub async fn issue(conn: &mut AnyConnection, class_id: &str, enrolment_id: &str, now: Timestamp) -> sqlx::Result<Option<Certificate>> {
    let certificate =
        Certificate { code: new_code(), class_id: class_id.to_owned(), enrolment_id: enrolment_id.to_owned(), issued_at: now };
    let done = sqlx::query(
        "INSERT INTO certificates (code, class_id, enrolment_id, issued_at) VALUES ($1, $2, $3, $4) ON CONFLICT (enrolment_id) DO NOTHING",
    )
    .bind(certificate.code.clone())
    .bind(certificate.class_id.clone())
    .bind(certificate.enrolment_id.clone())
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok((done.rows_affected() == 1).then_some(certificate))
}

/// The certificate with this code, as [`read_code`] writes it.
pub async fn get(conn: &mut AnyConnection, code: &str) -> sqlx::Result<Option<Certificate>> {
    let row = sqlx::query("SELECT code, class_id, enrolment_id, issued_at FROM certificates WHERE code = $1")
        .bind(code.to_owned())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(certificate).transpose()
}

/// Published classes that ended between the two times, in which somebody came to enough sessions and has no certificate yet: none on most
/// ticks, however many classes there were.
pub async fn classes_with_due(conn: &mut AnyConnection, from: Timestamp, until: Timestamp) -> sqlx::Result<Vec<String>> {
    let rows = sqlx::query(
        "SELECT DISTINCT e.class_id FROM enrolments e JOIN classes c ON c.id = e.class_id \
         LEFT JOIN certificates x ON x.enrolment_id = e.id \
         WHERE c.state = 'published' AND c.ends_at > $1 AND c.ends_at <= $2 AND COALESCE(c.certificate_sessions, 1) > 0 \
         AND e.state = 'enrolled' AND e.display_name <> '' AND x.code IS NULL \
         AND (SELECT COUNT(*) FROM check_ins k WHERE k.class_id = e.class_id AND k.enrolment_id = e.id) >= \
         COALESCE(c.certificate_sessions, (SELECT COUNT(*) FROM class_sessions s WHERE s.class_id = e.class_id)) ORDER BY e.class_id",
    )
    .bind(from.millis())
    .bind(until.millis())
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| row.try_get("class_id")).collect()
}

/// The certificates of a class.
pub async fn of_class(conn: &mut AnyConnection, class_id: &str) -> sqlx::Result<Vec<Certificate>> {
    let rows = sqlx::query("SELECT code, class_id, enrolment_id, issued_at FROM certificates WHERE class_id = $1 ORDER BY code")
        .bind(class_id.to_owned())
        .fetch_all(conn)
        .await?;
    rows.iter().map(certificate).collect()
}

/// The certificates of a person, the newest first.
pub async fn of_person(conn: &mut AnyConnection, channel: &str, person: &str) -> sqlx::Result<Vec<Certificate>> {
    let rows = sqlx::query(
        "SELECT c.code, c.class_id, c.enrolment_id, c.issued_at FROM certificates c JOIN enrolments e ON e.id = c.enrolment_id \
         WHERE e.channel = $1 AND e.person = $2 ORDER BY c.issued_at DESC, c.code",
    )
    .bind(channel.to_owned())
    .bind(person.to_owned())
    .fetch_all(conn)
    .await?;
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
    })
}
