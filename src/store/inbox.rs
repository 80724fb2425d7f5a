//! The open inquiries as the inbox shows them: the queue and the talks, each list with its whole count, so that nothing is cut silently.

use sqlx::{AnyConnection, Row};

use super::inquiries::{self, Inquiry};

/// One list of the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tray<'a> {
    /// Nobody has them yet, the longest waiting first.
    Waiting,
    /// Talks of this colleague.
    Of(&'a str),
    /// Talks of all others.
    NotOf(&'a str),
}

impl Tray<'_> {
    /// Its condition, with `$1` for the colleague.
    fn condition(self) -> (&'static str, String) {
        match self {
            Self::Waiting => ("state = 'waiting' AND $1 = ''", String::new()),
            Self::Of(staff) => ("state = 'human' AND assignee = $1", staff.to_owned()),
            Self::NotOf(staff) => ("state = 'human' AND assignee <> $1", staff.to_owned()),
        }
    }
}

/// At most `limit` of a list, leaving out the first `skip`.
pub async fn list(conn: &mut AnyConnection, tray: Tray<'_>, skip: i64, limit: i64) -> sqlx::Result<Vec<Inquiry>> {
    let (condition, staff) = tray.condition();
    inquiries::where_so(conn, condition, staff, skip, limit).await
}

/// How many a list holds.
pub async fn count(conn: &mut AnyConnection, tray: Tray<'_>) -> sqlx::Result<i64> {
    let (condition, staff) = tray.condition();
    let sql = format!("SELECT COUNT(*) AS many FROM inquiries WHERE {condition}");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(staff).fetch_one(conn).await?.try_get("many")
}

/// How many of these askers of a channel wait.
pub async fn waiting_of(conn: &mut AnyConnection, channel: &str, people: &[String]) -> sqlx::Result<i64> {
    if people.is_empty() {
        return Ok(0);
    }
    let places: Vec<String> = (2..people.len() + 2).map(|place| format!("${place}")).collect();
    let sql =
        format!("SELECT COUNT(*) AS many FROM inquiries WHERE state = 'waiting' AND channel = $1 AND person IN ({})", places.join(", "));
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(channel.to_owned());
    for person in people {
        query = query.bind(person.clone());
    }
    query.fetch_one(conn).await?.try_get("many")
}
