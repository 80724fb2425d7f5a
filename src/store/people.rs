//! Who somebody is that staff act for: found by what the person can show (the number of their suggestion, their certificate, their inquiry,
//! their id at the platform), never by looking around.

use sqlx::{AnyConnection, Row};

use super::personal::{self, Who};
use crate::domain::channel::ChannelKind;
use crate::domain::personal::Reference;

/// The person behind a reference; nobody where it leads nowhere, or where they were forgotten.
pub async fn find(conn: &mut AnyConnection, reference: Reference, number: &str) -> sqlx::Result<Option<Who>> {
    let sql = match reference {
        Reference::Inquiry => "SELECT channel, person FROM inquiries WHERE id = $1",
        Reference::Suggestion => "SELECT channel, person FROM ledger_items WHERE number = $1",
        Reference::Certificate => {
            "SELECT e.channel, e.person FROM certificates c JOIN enrolments e ON e.id = c.enrolment_id WHERE c.code = $1"
        }
        Reference::Telegram => {
            let channel = ChannelKind::Telegram.word().to_owned();
            return whole(conn, channel, number.to_owned()).await.map(Some);
        }
    };
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(number.to_owned()).fetch_optional(&mut *conn).await?;
    let Some(row) = row else { return Ok(None) };
    let (channel, person): (String, String) = (row.try_get("channel")?, row.try_get("person")?);
    if person.is_empty() || person.starts_with("gone") {
        return Ok(None);
    }
    whole(conn, channel, person).await.map(Some)
}

/// With their private chat, where they have one.
async fn whole(conn: &mut AnyConnection, channel: String, person: String) -> sqlx::Result<Who> {
    let chat = match ChannelKind::parse(&channel) {
        Some(kind) => personal::private_chat(conn, kind, &person).await?,
        None => None,
    };
    Ok(Who { channel, person, chat })
}
