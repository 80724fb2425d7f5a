//! Who asked for which bulletins in private chat, and how often.

use sqlx::{AnyConnection, Row};

use super::channels::{self, Channel};
use super::deliveries::word;
use crate::domain::bulletin::Rhythm;
use crate::domain::time::Timestamp;

/// What one person asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    pub channel_id: String,
    pub rhythm: Rhythm,
    pub tags: Vec<String>,
}

/// What the person of this private chat asked for; nothing where they never did.
pub async fn get(conn: &mut AnyConnection, channel_id: &str) -> sqlx::Result<Option<Subscriber>> {
    let row =
        sqlx::query("SELECT rhythm FROM subscribers WHERE channel_id = $1").bind(channel_id.to_owned()).fetch_optional(&mut *conn).await?;
    let Some(row) = row else { return Ok(None) };
    let tags = tags_of(conn, channel_id).await?;
    Ok(Some(Subscriber { channel_id: channel_id.to_owned(), rhythm: word(&row, "rhythm", Rhythm::parse)?, tags }))
}

/// Asks for a tag, or no longer; says whether it is asked for from now on.
pub async fn toggle(conn: &mut AnyConnection, channel_id: &str, tag: &str, now: Timestamp) -> sqlx::Result<bool> {
    let gone = sqlx::query("DELETE FROM subscriptions WHERE channel_id = $1 AND tag = $2")
        .bind(channel_id.to_owned())
        .bind(tag.to_owned())
        .execute(&mut *conn)
        .await?;
    if gone.rows_affected() > 0 {
        return Ok(false);
    }
    set_rhythm_if_new(&mut *conn, channel_id, now).await?;
    sqlx::query("INSERT INTO subscriptions (channel_id, tag) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(channel_id.to_owned())
        .bind(tag.to_owned())
        .execute(conn)
        .await?;
    Ok(true)
}

async fn set_rhythm_if_new(conn: &mut AnyConnection, channel_id: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO subscribers (channel_id, rhythm, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(channel_id.to_owned())
        .bind(Rhythm::AtOnce.word())
        .bind(now.millis())
        .execute(conn)
        .await?;
    Ok(())
}

/// How often the person wants to hear.
pub async fn set_rhythm(conn: &mut AnyConnection, channel_id: &str, rhythm: Rhythm, now: Timestamp) -> sqlx::Result<()> {
    set_rhythm_if_new(&mut *conn, channel_id, now).await?;
    sqlx::query("UPDATE subscribers SET rhythm = $1 WHERE channel_id = $2")
        .bind(rhythm.word())
        .bind(channel_id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends everything the person asked for; says whether there was anything.
pub async fn stop(conn: &mut AnyConnection, channel_id: &str) -> sqlx::Result<bool> {
    sqlx::query("DELETE FROM subscriptions WHERE channel_id = $1").bind(channel_id.to_owned()).execute(&mut *conn).await?;
    let gone = sqlx::query("DELETE FROM subscribers WHERE channel_id = $1").bind(channel_id.to_owned()).execute(conn).await?;
    Ok(gone.rows_affected() > 0)
}

/// The private chats of people who want bulletins with one of `tags` at once.
pub async fn subscribers(conn: &mut AnyConnection, tags: &[String]) -> sqlx::Result<Vec<Channel>> {
    if tags.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (2..tags.len() + 2).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT DISTINCT u.channel_id FROM subscribers u JOIN subscriptions s ON s.channel_id = u.channel_id \
         JOIN channels c ON c.id = u.channel_id WHERE u.rhythm = $1 AND c.reachable = 1 AND s.tag IN ({}) ORDER BY u.channel_id",
        places.join(", ")
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(Rhythm::AtOnce.word());
    for tag in tags {
        query = query.bind(tag.clone());
    }
    let rows = query.fetch_all(&mut *conn).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.extend(channels::get(&mut *conn, &row.try_get::<String, _>("channel_id")?).await?);
    }
    Ok(found)
}

/// Everybody who can be reached and wants a weekly digest.
pub async fn weekly(conn: &mut AnyConnection) -> sqlx::Result<Vec<Subscriber>> {
    let rows = sqlx::query(
        "SELECT u.channel_id FROM subscribers u JOIN channels c ON c.id = u.channel_id \
         WHERE u.rhythm = $1 AND c.reachable = 1 ORDER BY u.channel_id",
    )
    .bind(Rhythm::Weekly.word())
    .fetch_all(&mut *conn)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let channel_id: String = row.try_get("channel_id")?;
        let tags = tags_of(&mut *conn, &channel_id).await?;
        found.push(Subscriber { channel_id, rhythm: Rhythm::Weekly, tags });
    }
    Ok(found)
}

/// The tags groups carry, which people can ask for; `hidden` ones are the staff's own.
pub async fn offered(conn: &mut AnyConnection, hidden: &str) -> sqlx::Result<Vec<String>> {
    let rows = sqlx::query(
        "SELECT DISTINCT t.tag FROM channel_tags t JOIN channels c ON c.id = t.channel_id WHERE c.is_target = 1 AND t.tag <> $1 ORDER BY t.tag",
    )
    .bind(hidden.to_owned())
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| row.try_get("tag")).collect()
}

async fn tags_of(conn: &mut AnyConnection, channel_id: &str) -> sqlx::Result<Vec<String>> {
    let rows =
        sqlx::query("SELECT tag FROM subscriptions WHERE channel_id = $1 ORDER BY tag").bind(channel_id.to_owned()).fetch_all(conn).await?;
    rows.iter().map(|row| row.try_get("tag")).collect()
}
