//! Claims: the first of the two commits of a delivery, durable before any byte leaves. The second is in `settlements`.
//!
//! Claims go by channel, not by row: `channels.wake_at` says when a chat may next have something, so chats that wait or are frozen
//! cost nothing. It is a hint that may be too early, never too late; `settlements::wake_waiting` repairs it.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use tokio::time::Instant;

use super::deliveries::word;
use super::pacing::{self, Rate};
use super::{Engine, Store, Tx, mishap};
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::{OnAmbiguous, Operation};
use crate::domain::render::Part;
use crate::domain::time::Timestamp;

/// How many chats one claim looks at before it lets others write.
const MOST_CHATS_PER_CLAIM: usize = 64;
/// Priorities below this are claimed in quiet hours too: replies, and recalls, which make no sound.
const LOUD_PRIORITY: i64 = 10;

/// A row of the chat waits: for lower parts of the same thing; an edit, delete or pin for its send and for older edits and pins.
const NOT_BLOCKED: &str = "NOT EXISTS (SELECT 1 FROM deliveries b WHERE b.origin = d.origin AND b.origin_id = d.origin_id \
     AND b.channel_id = d.channel_id AND b.id <> d.id AND ( \
     (b.operation = d.operation AND b.revision = d.revision AND b.part < d.part AND b.state IN ('pending', 'sending')) \
     OR (d.operation <> 'send' AND b.operation = 'send' AND b.part = d.part AND b.state IN ('pending', 'sending', 'unknown')) \
     OR (d.operation <> 'send' AND b.operation IN ('edit', 'pin') AND b.part = d.part AND b.revision < d.revision \
     AND b.state IN ('pending', 'sending'))))";
/// The chat can take something now.
const CHAT_IS_FREE: &str = "c.reachable = 1 AND c.free_at <= $1 \
     AND NOT EXISTS (SELECT 1 FROM deliveries s WHERE s.channel_id = c.id AND s.state = 'sending')";

/// PostgreSQL's own time in milliseconds.
const DATABASE_NOW: &str = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

/// How fast one kind of channel may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    pub kind: ChannelKind,
    /// All chats together.
    pub everybody: Option<Rate>,
    /// Milliseconds between two to one chat.
    pub chat_gap: i64,
    /// One group.
    pub group: Option<Rate>,
}

/// Whose turn it is: every few claims the longest waiting goes first, so that nobody starves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    ByPriority,
    LongestWaiting,
}

/// Which time a lease is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseClock {
    /// The caller's `now`.
    Given,
    /// The database's own, so that replicas whose clocks differ agree (PostgreSQL; SQLite has one machine's clock anyway).
    Database,
}

/// What a claim goes by.
#[derive(Debug, Clone)]
pub struct Terms<'a> {
    pub paces: &'a [Pace],
    pub turn: Turn,
    /// End of the quiet hours, if it is quiet now.
    pub quiet_until: Option<Timestamp>,
    pub lease_ms: i64,
    pub lease_clock: LeaseClock,
    /// The claim before found something, so there is probably more: the writer's place is taken without looking first.
    pub more_expected: bool,
}

/// A delivery that is ours to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    pub id: String,
    pub epoch: i64,
    /// This one counted.
    pub attempts: i64,
    pub channel_id: String,
    pub kind: ChannelKind,
    pub address: String,
    pub operation: Operation,
    pub part: Part,
    pub thread: Option<String>,
    pub reply_to: Option<String>,
    pub message_id: Option<String>,
    pub on_ambiguous: OnAmbiguous,
    /// When it was taken, by this process's running time.
    pub taken: Instant,
}

/// What a claim found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    Taken(Box<Claimed>),
    /// Nothing now; perhaps something then.
    Nothing {
        next: Option<Timestamp>,
    },
}

struct Chat {
    id: String,
    kind: ChannelKind,
    address: String,
    group: bool,
    /// The delivery whose turn it is.
    head: Option<String>,
}

/// The key of a whole bot in `pacing`.
pub fn bot_key(kind: ChannelKind) -> String {
    format!("bot:{}", kind.word())
}

/// Claims at most one delivery.
pub async fn claim(store: &Store, terms: &Terms<'_>, now: Timestamp) -> sqlx::Result<Claim> {
    let kinds = kind_list(terms.paces.iter().map(|pace| pace.kind));
    if !terms.more_expected {
        let mut conn = store.read().await?;
        let next = next_wake(&mut conn, &kinds).await?;
        if next.is_none_or(|next| next > now) {
            return Ok(Claim::Nothing { next });
        }
    }
    let mut tx = store.begin().await?;
    let mut open = Vec::new();
    let mut next: Option<Timestamp> = None;
    let keys: Vec<String> = terms.paces.iter().map(|pace| bot_key(pace.kind)).collect();
    for (pace, standing) in terms.paces.iter().zip(pacing::standings(&mut tx, &keys).await?) {
        let free_at = standing.free_at(pace.everybody);
        if free_at > now {
            next = earlier(next, free_at);
        } else {
            open.push(*pace);
        }
    }
    if open.is_empty() {
        return Ok(Claim::Nothing { next });
    }
    let found = look_through(&mut tx, terms, &open, now).await?;
    match found {
        Look::Found(chat, id) => match take(&mut tx, terms, &chat, &id, now).await {
            Ok(claimed) => {
                mishap::pass("before_claim_commit");
                tx.commit().await?;
                mishap::pass("after_claim_commit");
                Ok(Claim::Taken(Box::new(claimed)))
            }
            // Another replica was faster (the index that allows one in flight per chat says so), or it was just cancelled.
            Err(sqlx::Error::RowNotFound) => Ok(Claim::Nothing { next: Some(now) }),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(Claim::Nothing { next: Some(now) }),
            Err(error) => Err(error),
        },
        Look::Unfinished => {
            tx.commit().await?;
            Ok(Claim::Nothing { next: Some(now) })
        }
        Look::Over => {
            let waiting = next_wake(&mut tx, &kind_list(open.iter().map(|pace| pace.kind))).await?;
            tx.commit().await?;
            Ok(Claim::Nothing { next: waiting.map_or(next, |waiting| earlier(next, waiting)) })
        }
    }
}

enum Look {
    Found(Chat, String),
    /// There is more to look at.
    Unfinished,
    Over,
}

/// Goes from free chat to free chat until one has something to claim.
async fn look_through(tx: &mut Tx, terms: &Terms<'_>, open: &[Pace], now: Timestamp) -> sqlx::Result<Look> {
    let kinds = kind_list(open.iter().map(|pace| pace.kind));
    let mut replies_first = terms.turn == Turn::ByPriority;
    for _ in 0..MOST_CHATS_PER_CLAIM {
        let chat = if replies_first { chat_with_reply(tx, terms, &kinds, now).await? } else { None };
        replies_first = chat.is_some();
        let chat = match chat {
            Some(chat) => chat,
            None => match next_chat(tx, terms, &kinds, now).await? {
                Some(chat) => chat,
                None => return Ok(Look::Over),
            },
        };
        if let Some(free_at) = group_free_at(tx, open, &chat).await?
            && free_at > now
        {
            set_free_at(tx, &chat.id, free_at).await?;
            continue;
        }
        match chat.head.clone() {
            Some(id) => return Ok(Look::Found(chat, id)),
            None => {
                replies_first = false;
                rest_until(tx, &chat.id, terms, now).await?;
            }
        }
    }
    Ok(Look::Unfinished)
}

/// `'telegram', 'print'`, for an IN list.
fn kind_list(kinds: impl Iterator<Item = ChannelKind>) -> String {
    let words: Vec<String> = kinds.map(|kind| format!("'{}'", kind.word())).collect();
    if words.is_empty() { "''".to_owned() } else { words.join(", ") }
}

fn earlier(first: Option<Timestamp>, second: Timestamp) -> Option<Timestamp> {
    Some(first.map_or(second, |first| first.min(second)))
}

async fn next_wake(conn: &mut AnyConnection, kinds: &str) -> sqlx::Result<Option<Timestamp>> {
    let sql = format!(
        "SELECT MIN(CASE WHEN c.wake_at > c.free_at THEN c.wake_at ELSE c.free_at END) AS next FROM channels c \
         WHERE c.wake_at IS NOT NULL AND c.reachable = 1 AND c.kind IN ({kinds}) \
         AND NOT EXISTS (SELECT 1 FROM deliveries s WHERE s.channel_id = c.id AND s.state = 'sending')"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(conn).await?;
    Ok(row.try_get::<Option<i64>, _>("next")?.map(Timestamp::from_millis))
}

async fn group_free_at(tx: &mut Tx, open: &[Pace], chat: &Chat) -> sqlx::Result<Option<Timestamp>> {
    let Some(rate) = open.iter().find(|pace| pace.kind == chat.kind).and_then(|pace| pace.group).filter(|_| chat.group) else {
        return Ok(None);
    };
    Ok(Some(pacing::standing(tx, &chat.id).await?.free_at(Some(rate))))
}

async fn chat_with_reply(tx: &mut Tx, terms: &Terms<'_>, kinds: &str, now: Timestamp) -> sqlx::Result<Option<Chat>> {
    let which = format!(
        "SELECT c.id, c.kind, c.address, c.scope FROM deliveries d JOIN channels c ON c.id = d.channel_id \
         WHERE d.state = 'pending' AND d.priority = 0 AND d.held = 0 AND d.due_at <= $1 AND d.not_after > $1 AND c.kind IN ({kinds}) \
         AND {CHAT_IS_FREE} AND {NOT_BLOCKED} ORDER BY d.due_at, d.id LIMIT 1{}",
        tx.skip_locked()
    );
    fetch_chat(tx, terms, &which, now).await
}

async fn next_chat(tx: &mut Tx, terms: &Terms<'_>, kinds: &str, now: Timestamp) -> sqlx::Result<Option<Chat>> {
    let which = format!(
        "SELECT c.id, c.kind, c.address, c.scope FROM channels c WHERE c.wake_at <= $1 AND c.kind IN ({kinds}) AND {CHAT_IS_FREE} \
         ORDER BY c.wake_at, c.id LIMIT 1{}",
        tx.skip_locked()
    );
    fetch_chat(tx, terms, &which, now).await
}

/// The chat of the query `which`, with the delivery whose turn it is there.
async fn fetch_chat(tx: &mut Tx, terms: &Terms<'_>, which: &str, now: Timestamp) -> sqlx::Result<Option<Chat>> {
    let order = match terms.turn {
        Turn::ByPriority => "d.priority, d.due_at, d.created_at, d.part, d.id",
        // A reply to what was just said comes before anything else in its chat, whoever's turn it is.
        Turn::LongestWaiting => "CASE WHEN d.priority = 0 THEN 0 ELSE 1 END, d.due_at, d.priority, d.created_at, d.part, d.id",
    };
    let sql = format!(
        "SELECT c.id, c.kind, c.address, c.scope, (SELECT d.id FROM deliveries d WHERE d.channel_id = c.id AND d.state = 'pending' \
         AND d.held = 0 AND d.due_at <= $1 AND d.not_after > $1 AND d.priority < $2 AND {NOT_BLOCKED} ORDER BY {order} LIMIT 1) AS head \
         FROM ({which}) c"
    );
    let priorities = if terms.quiet_until.is_some() { LOUD_PRIORITY } else { i64::MAX };
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(now.millis()).bind(priorities).fetch_optional(&mut **tx).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Chat {
        id: row.try_get("id")?,
        kind: word(&row, "kind", ChannelKind::parse)?,
        address: row.try_get("address")?,
        group: row.try_get::<String, _>("scope")? == "group",
        head: row.try_get("head")?,
    }))
}

/// Nothing to claim in this chat: when to look again. What waits for another delivery is woken by that one's settlement.
async fn rest_until(tx: &mut Tx, channel_id: &str, terms: &Terms<'_>, now: Timestamp) -> sqlx::Result<()> {
    let row = sqlx::query(
        "SELECT MIN(CASE WHEN due_at > $2 THEN due_at END) AS later, MIN(CASE WHEN due_at <= $2 AND priority >= $3 THEN 1 END) AS loud \
         FROM deliveries WHERE channel_id = $1 AND state = 'pending' AND held = 0",
    )
    .bind(channel_id.to_owned())
    .bind(now.millis())
    .bind(LOUD_PRIORITY)
    .fetch_one(&mut **tx)
    .await?;
    let later: Option<i64> = row.try_get("later")?;
    let loud: Option<i64> = row.try_get("loud")?;
    let morning = terms.quiet_until.filter(|_| loud.is_some()).map(Timestamp::millis);
    sqlx::query("UPDATE channels SET wake_at = $1 WHERE id = $2")
        .bind(later.into_iter().chain(morning).min())
        .bind(channel_id.to_owned())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn set_free_at(tx: &mut Tx, channel_id: &str, free_at: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE channels SET free_at = $1 WHERE id = $2")
        .bind(free_at.millis())
        .bind(channel_id.to_owned())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Writes the claim: state, epoch, lease, attempt, and what it takes of the pace.
async fn take(tx: &mut Tx, terms: &Terms<'_>, chat: &Chat, id: &str, now: Timestamp) -> sqlx::Result<Claimed> {
    let (lease_until, lease) = if by_database(tx, terms.lease_clock) {
        (format!("{DATABASE_NOW} + $1"), terms.lease_ms)
    } else {
        ("$1".to_owned(), now.millis() + terms.lease_ms)
    };
    let sql = format!(
        "UPDATE deliveries SET state = 'sending', epoch = epoch + 1, attempts = attempts + 1, lease_until = {lease_until}, \
         reason = NULL WHERE id = $2 AND state = 'pending' \
         RETURNING id, epoch, attempts, operation, content, thread, reply_to, message_id, on_ambiguous"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(lease).bind(id.to_owned()).fetch_one(&mut **tx).await?;
    let mut claimed = claimed(&row, chat)?;
    if claimed.operation != Operation::Send && claimed.message_id.is_none() {
        claimed.message_id = message_of(tx, id).await?;
    }
    sqlx::query("INSERT INTO attempts (delivery_id, epoch, started_at) VALUES ($1, $2, $3)")
        .bind(id.to_owned())
        .bind(claimed.epoch)
        .bind(now.millis())
        .execute(&mut **tx)
        .await?;
    for pace in terms.paces.iter().filter(|pace| pace.kind == chat.kind) {
        if let Some(rate) = pace.everybody {
            pacing::take(tx, &bot_key(pace.kind), rate, now).await?;
        }
        if let Some(rate) = pace.group.filter(|_| chat.group) {
            pacing::take(tx, &chat.id, rate, now).await?;
        }
        if pace.chat_gap > 0 {
            set_free_at(tx, &chat.id, Timestamp::from_millis(now.millis() + pace.chat_gap)).await?;
        }
    }
    Ok(claimed)
}

/// The message an edit or delete acts on: the one its send brought.
async fn message_of(tx: &mut Tx, id: &str) -> sqlx::Result<Option<String>> {
    let row = sqlx::query(
        "SELECT s.message_id FROM deliveries d JOIN deliveries s ON s.origin = d.origin AND s.origin_id = d.origin_id \
         AND s.channel_id = d.channel_id AND s.part = d.part AND s.operation = 'send' AND s.state = 'sent' \
         WHERE d.id = $1 ORDER BY s.revision DESC LIMIT 1",
    )
    .bind(id.to_owned())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| row.try_get("message_id")).transpose()?.flatten())
}

/// The present instant for leases.
pub(super) async fn lease_now(tx: &mut Tx, clock: LeaseClock, now: Timestamp) -> sqlx::Result<Timestamp> {
    if !by_database(tx, clock) {
        return Ok(now);
    }
    let row = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {DATABASE_NOW} AS now"))).fetch_one(&mut **tx).await?;
    Ok(Timestamp::from_millis(row.try_get("now")?))
}

fn by_database(tx: &Tx, clock: LeaseClock) -> bool {
    clock == LeaseClock::Database && tx.engine == Engine::Postgres
}

fn claimed(row: &AnyRow, chat: &Chat) -> sqlx::Result<Claimed> {
    let content: String = row.try_get("content")?;
    Ok(Claimed {
        id: row.try_get("id")?,
        epoch: row.try_get("epoch")?,
        attempts: row.try_get("attempts")?,
        channel_id: chat.id.clone(),
        kind: chat.kind,
        address: chat.address.clone(),
        operation: word(row, "operation", Operation::parse)?,
        part: serde_json::from_str::<Part>(&content).map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        thread: row.try_get("thread")?,
        reply_to: row.try_get("reply_to")?,
        message_id: row.try_get("message_id")?,
        on_ambiguous: word(row, "on_ambiguous", OnAmbiguous::parse)?,
        taken: Instant::now(),
    })
}
