//! Votes for the next topic: one ballot a person, the last one counts.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::channel::ChannelKind;
use crate::domain::time::Timestamp;

const COLUMNS: &str = "id, class_id, topics, closes_at";

/// A vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    pub id: String,
    pub class_id: String,
    pub topics: Vec<String>,
    pub closes_at: Timestamp,
}

/// Adds a vote.
pub async fn insert(conn: &mut AnyConnection, vote: &Vote, by: &str, now: Timestamp) -> sqlx::Result<()> {
    let topics = serde_json::to_string(&vote.topics).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query("INSERT INTO topic_votes (id, class_id, topics, closes_at, author, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(vote.id.clone())
        .bind(vote.class_id.clone())
        .bind(topics)
        .bind(vote.closes_at.millis())
        .bind(by.to_owned())
        .bind(now.millis())
        .execute(conn)
        .await?;
    Ok(())
}

/// One vote.
pub async fn get(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<Vote>> {
    let sql = format!("SELECT {COLUMNS} FROM topic_votes WHERE id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(vote).transpose()
}

/// The votes of a class, the oldest first.
pub async fn of_class(conn: &mut AnyConnection, class_id: &str) -> sqlx::Result<Vec<Vote>> {
    let sql = format!("SELECT {COLUMNS} FROM topic_votes WHERE class_id = $1 ORDER BY created_at, id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(class_id.to_owned()).fetch_all(conn).await?;
    rows.iter().map(vote).collect()
}

/// Casts a ballot, or changes it.
pub async fn cast(
    conn: &mut AnyConnection,
    vote_id: &str,
    channel: ChannelKind,
    person: &str,
    topic: i64,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO ballots (vote_id, channel, person, topic, voted_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (vote_id, channel, person) DO UPDATE SET topic = excluded.topic, voted_at = excluded.voted_at",
    )
    .bind(vote_id.to_owned())
    .bind(channel.word())
    .bind(person.to_owned())
    .bind(topic)
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// What somebody voted for, if they did.
pub async fn ballot_of(conn: &mut AnyConnection, vote_id: &str, channel: ChannelKind, person: &str) -> sqlx::Result<Option<i64>> {
    let row = sqlx::query("SELECT topic FROM ballots WHERE vote_id = $1 AND channel = $2 AND person = $3")
        .bind(vote_id.to_owned())
        .bind(channel.word())
        .bind(person.to_owned())
        .fetch_optional(conn)
        .await?;
    row.map(|row| row.try_get("topic")).transpose()
}

/// How many voted for each topic that got a ballot: topic, ballots.
pub async fn count(conn: &mut AnyConnection, vote_id: &str) -> sqlx::Result<Vec<(i64, i64)>> {
    let rows = sqlx::query("SELECT topic, COUNT(*) AS many FROM ballots WHERE vote_id = $1 GROUP BY topic ORDER BY topic")
        .bind(vote_id.to_owned())
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| Ok((row.try_get("topic")?, row.try_get("many")?))).collect()
}

fn vote(row: &AnyRow) -> sqlx::Result<Vote> {
    let topics: String = row.try_get("topics")?;
    Ok(Vote {
        id: row.try_get("id")?,
        class_id: row.try_get("class_id")?,
        topics: serde_json::from_str(&topics).map_err(|error| sqlx::Error::Decode(error.into()))?,
        closes_at: Timestamp::from_millis(row.try_get("closes_at")?),
    })
}
