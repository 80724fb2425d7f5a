//! Chats the service can send to: registered groups and private chats.

use std::collections::HashMap;

use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::channel::ChannelKind;
use crate::domain::id::new_id;
use crate::domain::inbound::Scope;
use crate::domain::time::Timestamp;

/// A chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Channel {
    pub id: String,
    pub kind: ChannelKind,
    /// The platform's id of the chat.
    pub address: String,
    pub title: String,
    /// Whether it is one person's chat.
    pub private: bool,
    /// Forum topic bulletins go to.
    pub thread: Option<String>,
    /// Whether bulletins may go here.
    pub is_target: bool,
    pub reachable: bool,
    pub unreachable_reason: Option<String>,
    /// Whether questions are answered here (F26's switch).
    pub answers: bool,
    pub tags: Vec<String>,
}

impl Channel {
    /// As people may see it: the key of a robot is a secret, of which the end is enough to tell it from others.
    #[must_use]
    pub fn without_secret(mut self) -> Self {
        if self.kind == ChannelKind::WecomRobot {
            let shown = self.address.len().saturating_sub(4);
            self.address = format!("…{}", &self.address[shown..]);
        }
        self
    }
}

const COLUMNS: &str = "id, kind, address, title, scope, thread, is_target, reachable, unreachable_reason, answers";

/// Registers a chat, or finds the one with this address; `is_target` is only ever raised here.
pub async fn ensure(
    conn: &mut AnyConnection,
    kind: ChannelKind,
    address: &str,
    title: &str,
    scope: Scope,
    is_target: bool,
    now: Timestamp,
) -> sqlx::Result<String> {
    let row = sqlx::query(
        "INSERT INTO channels (id, kind, address, title, scope, is_target, reachable, answers, free_at, frozen_until, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 1, 1, 0, 0, $7) \
         ON CONFLICT (kind, address) DO UPDATE SET is_target = CASE WHEN excluded.is_target = 1 THEN 1 ELSE channels.is_target END, \
         title = CASE WHEN excluded.title = '' THEN channels.title ELSE excluded.title END RETURNING id",
    )
    .bind(new_id("chn", now))
    .bind(kind.word())
    .bind(address.to_owned())
    .bind(title.to_owned())
    .bind(match scope {
        Scope::Private => "private",
        Scope::Group => "group",
    })
    .bind(i64::from(is_target))
    .bind(now.millis())
    .fetch_one(conn)
    .await?;
    row.try_get("id")
}

/// Replaces the tags of a chat.
pub async fn set_tags(conn: &mut AnyConnection, id: &str, tags: &[String]) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM channel_tags WHERE channel_id = $1").bind(id.to_owned()).execute(&mut *conn).await?;
    for tag in tags {
        sqlx::query("INSERT INTO channel_tags (channel_id, tag) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(id.to_owned())
            .bind(tag.clone())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// One chat by id.
pub async fn get(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<Channel>> {
    let sql = format!("SELECT {COLUMNS} FROM channels WHERE id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(&mut *conn).await?;
    match row {
        Some(row) => Ok(Some(with_tags(conn, &row).await?)),
        None => Ok(None),
    }
}

/// One chat by its address.
pub async fn find(conn: &mut AnyConnection, kind: ChannelKind, address: &str) -> sqlx::Result<Option<Channel>> {
    let sql = format!("SELECT {COLUMNS} FROM channels WHERE kind = $1 AND address = $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(kind.word()).bind(address.to_owned()).fetch_optional(&mut *conn).await?;
    match row {
        Some(row) => Ok(Some(with_tags(conn, &row).await?)),
        None => Ok(None),
    }
}

/// Every chat that bulletins may go to, by title.
pub async fn targets(conn: &mut AnyConnection) -> sqlx::Result<Vec<Channel>> {
    let sql = format!("SELECT {COLUMNS} FROM channels WHERE is_target = 1 ORDER BY title, id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *conn).await?;
    let mut channels = Vec::with_capacity(rows.len());
    for row in &rows {
        channels.push(bare(row)?);
    }
    let tags = sqlx::query("SELECT channel_id, tag FROM channel_tags ORDER BY tag").fetch_all(&mut *conn).await?;
    for row in &tags {
        let (id, tag): (String, String) = (row.try_get("channel_id")?, row.try_get("tag")?);
        if let Some(channel) = channels.iter_mut().find(|channel| channel.id == id) {
            channel.tags.push(tag);
        }
    }
    Ok(channels)
}

/// Groups that take no bulletins, by title.
pub async fn switched_off(conn: &mut AnyConnection) -> sqlx::Result<Vec<Channel>> {
    let sql = format!("SELECT {COLUMNS} FROM channels WHERE is_target = 0 AND scope = 'group' ORDER BY title, id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *conn).await?;
    let mut channels = Vec::with_capacity(rows.len());
    for row in &rows {
        channels.push(with_tags(&mut *conn, row).await?);
    }
    Ok(channels)
}

/// Notes that the chat can or (with a reason) cannot be reached; its pending deliveries wait there.
pub async fn set_reachable(conn: &mut AnyConnection, id: &str, unreachable: Option<&str>) -> sqlx::Result<()> {
    sqlx::query("UPDATE channels SET reachable = $1, unreachable_reason = $2 WHERE id = $3")
        .bind(i64::from(unreachable.is_none()))
        .bind(unreachable.map(str::to_owned))
        .bind(id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Gives the chat a new address. Where a chat with that address is registered already, the pending deliveries, tags and being a
/// target move there, and the old one is closed.
pub async fn rekey(conn: &mut AnyConnection, id: &str, address: &str) -> sqlx::Result<()> {
    let Some(old) = get(&mut *conn, id).await? else { return Ok(()) };
    let Some(other) = find(&mut *conn, old.kind, address).await?.filter(|other| other.id != id) else {
        sqlx::query("UPDATE channels SET address = $1, reachable = 1, unreachable_reason = NULL WHERE id = $2")
            .bind(address.to_owned())
            .bind(id.to_owned())
            .execute(conn)
            .await?;
        return Ok(());
    };
    let statements = [
        // A delivery of the same thing waits or went out there already.
        "UPDATE deliveries SET state = 'cancelled', reason = 'the chat moved to one that is a target too' WHERE channel_id = $1 \
         AND state = 'pending' AND EXISTS (SELECT 1 FROM deliveries o WHERE o.channel_id = $2 AND o.origin = deliveries.origin \
         AND o.origin_id = deliveries.origin_id AND o.revision = deliveries.revision AND o.part = deliveries.part \
         AND o.operation = deliveries.operation)",
        "UPDATE deliveries SET channel_id = $2 WHERE channel_id = $1 AND state = 'pending'",
        "INSERT INTO channel_tags (channel_id, tag) SELECT $2, tag FROM channel_tags WHERE channel_id = $1 ON CONFLICT DO NOTHING",
        "UPDATE channels SET is_target = 1 WHERE id = $2 AND EXISTS (SELECT 1 FROM channels o WHERE o.id = $1 AND o.is_target = 1)",
        "UPDATE channels SET wake_at = 0 WHERE id = $2 AND $1 <> $2",
        "UPDATE channels SET is_target = 0, reachable = 0, unreachable_reason = 'moved' WHERE id = $1 AND $1 <> $2",
    ];
    for statement in statements {
        sqlx::query(statement).bind(id.to_owned()).bind(other.id.clone()).execute(&mut *conn).await?;
    }
    Ok(())
}

/// Has the outbox look at this chat at `due_at`, or earlier if something else waits. The row is written in any case: whoever settles a
/// delivery of this chat meanwhile waits for it, and so sees what was added.
pub async fn wake(conn: &mut AnyConnection, id: &str, due_at: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE channels SET wake_at = CASE WHEN wake_at < $1 THEN wake_at ELSE $1 END WHERE id = $2")
        .bind(due_at.millis())
        .bind(id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

async fn with_tags(conn: &mut AnyConnection, row: &AnyRow) -> sqlx::Result<Channel> {
    let mut channel = bare(row)?;
    let tags =
        sqlx::query("SELECT tag FROM channel_tags WHERE channel_id = $1 ORDER BY tag").bind(channel.id.clone()).fetch_all(conn).await?;
    for tag in &tags {
        channel.tags.push(tag.try_get("tag")?);
    }
    Ok(channel)
}

fn bare(row: &AnyRow) -> sqlx::Result<Channel> {
    let kind: String = row.try_get("kind")?;
    let flag = |name: &str| row.try_get::<i64, _>(name).map(|value| value != 0);
    Ok(Channel {
        id: row.try_get("id")?,
        kind: ChannelKind::parse(&kind).ok_or_else(|| sqlx::Error::Decode(format!("unknown channel kind {kind}").into()))?,
        address: row.try_get("address")?,
        title: row.try_get("title")?,
        private: row.try_get::<String, _>("scope")? == "private",
        thread: row.try_get("thread")?,
        is_target: flag("is_target")?,
        reachable: flag("reachable")?,
        unreachable_reason: row.try_get("unreachable_reason")?,
        answers: flag("answers")?,
        tags: Vec::new(),
    })
}

/// At most `limit` chats that were registered or may be sent to, in order of registration, beginning after the id `after`.
/// Private chats are people, not lists for staff.
pub async fn list(conn: &mut AnyConnection, after: &str, limit: i64) -> sqlx::Result<Vec<Channel>> {
    let sql = format!("SELECT {COLUMNS} FROM channels WHERE scope = 'group' AND id > $1 ORDER BY id LIMIT $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after.to_owned()).bind(limit).fetch_all(&mut *conn).await?;
    let mut channels = rows.iter().map(bare).collect::<sqlx::Result<Vec<_>>>()?;
    let (Some(first), Some(last)) = (channels.first(), channels.last()) else { return Ok(channels) };
    // All their tags at once, in the same order.
    let tags = sqlx::query("SELECT channel_id, tag FROM channel_tags WHERE channel_id >= $1 AND channel_id <= $2 ORDER BY channel_id, tag")
        .bind(first.id.clone())
        .bind(last.id.clone())
        .fetch_all(conn)
        .await?;
    let places: HashMap<String, usize> = channels.iter().enumerate().map(|(place, channel)| (channel.id.clone(), place)).collect();
    for row in &tags {
        if let Some(place) = places.get(&row.try_get::<String, _>("channel_id")?) {
            channels[*place].tags.push(row.try_get("tag")?);
        }
    }
    Ok(channels)
}

/// Sets the forum topic bulletins go to.
pub async fn set_thread(conn: &mut AnyConnection, id: &str, thread: Option<String>) -> sqlx::Result<()> {
    sqlx::query("UPDATE channels SET thread = $1 WHERE id = $2").bind(thread).bind(id.to_owned()).execute(conn).await?;
    Ok(())
}

/// Writes title, topic and switches of a chat; its tags have their own function.
pub async fn update(conn: &mut AnyConnection, channel: &Channel) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE channels SET title = $1, thread = $2, is_target = $3, answers = $4, reachable = $5, unreachable_reason = $6 WHERE id = $7",
    )
    .bind(channel.title.clone())
    .bind(channel.thread.clone())
    .bind(i64::from(channel.is_target))
    .bind(i64::from(channel.answers))
    .bind(i64::from(channel.reachable))
    .bind(channel.unreachable_reason.clone())
    .bind(channel.id.clone())
    .execute(conn)
    .await?;
    Ok(())
}
