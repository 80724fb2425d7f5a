//! Claims: the first of the two commits of a delivery, durable before any byte leaves. The second is in `settlements`.
//!
//! One commit may claim for several chats, and may settle what has landed meanwhile: what is durable is then shared, what is promised of
//! each delivery is not. Whose turn it is stands in `turns`.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use sqlx::Row;
use sqlx::any::AnyRow;
use tokio::time::Instant;

use super::deliveries::word;
use super::pacing::{self, Hold, Rate, Standing};
use super::turns::{self, Chat, Turn};
use super::{Engine, Tx, padded, rows_of_places};
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::{OnAmbiguous, Operation};
use crate::domain::render::Part;
use crate::domain::time::Timestamp;

/// How many chats without anything to claim one commit looks at before it lets others write.
const MOST_CHATS_IN_VAIN: usize = 64;

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
    /// How many may be claimed, at least 1.
    pub places: usize,
    /// End of the quiet hours, if it is quiet now.
    pub quiet_until: Option<Timestamp>,
    pub lease_ms: i64,
    pub lease_clock: LeaseClock,
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
    /// So much before its even share of what all chats together may get.
    pub early: Duration,
}

/// What was claimed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims {
    pub taken: Vec<Claimed>,
    /// When there may be more; nothing where nothing waits.
    pub next: Option<Timestamp>,
}

/// A kind of channel that may be used now.
struct Open {
    pace: Pace,
    standing: Standing,
    /// How many its pace still allows.
    room: usize,
    used: usize,
}

/// The key of a whole bot in `pacing`.
pub fn bot_key(kind: ChannelKind) -> String {
    format!("bot:{}", kind.word())
}

/// Claims what is due, at most `terms.places`, one for each chat.
pub async fn claim(tx: &mut Tx, terms: &Terms<'_>, now: Timestamp) -> sqlx::Result<Claims> {
    let mut claims = Claims::default();
    let mut open = open_kinds(tx, terms, now).await?;
    let mut in_vain = 0;
    while in_vain < MOST_CHATS_IN_VAIN {
        let wanted = terms.places - claims.taken.len();
        let kinds: Vec<(ChannelKind, usize)> =
            open.iter().filter(|kind| kind.room > 0).map(|kind| (kind.pace.kind, kind.room.min(wanted))).collect();
        if kinds.is_empty() || wanted == 0 {
            break;
        }
        let chats = turns::look(tx, terms, &kinds, wanted, now).await?;
        let ready = sort_out(tx, terms, &mut open, chats, wanted, now).await?;
        claims.taken.extend(take(tx, terms, &ready.chats, now).await?);
        if ready.in_vain == 0 {
            break;
        }
        in_vain += ready.in_vain;
    }
    for kind in open.iter_mut().filter(|kind| kind.used > 0) {
        if let Some(rate) = kind.pace.everybody {
            let ours = claims.taken.iter_mut().filter(|claimed| claimed.kind == kind.pace.kind);
            for (place, claimed) in ours.enumerate() {
                claimed.early = Duration::from_millis(u64::try_from(kind.standing.early(rate, place, now)).unwrap_or(0));
            }
            pacing::take(tx, &[bot_key(kind.pace.kind)], rate, kind.used, now).await?;
            kind.standing = kind.standing.after(rate, kind.used, now);
        }
    }
    claims.next = next(tx, terms, &open, claims.taken.len(), in_vain, now).await?;
    Ok(claims)
}

/// When there may be more, after so many were claimed and so many looked at in vain.
async fn next(
    tx: &mut Tx,
    terms: &Terms<'_>,
    open: &[Open],
    taken: usize,
    in_vain: usize,
    now: Timestamp,
) -> sqlx::Result<Option<Timestamp>> {
    let free_at = |kind: &&Open| kind.standing.free_at(kind.pace.everybody);
    let (free, paced): (Vec<&Open>, Vec<&Open>) = open.iter().partition(|kind| free_at(kind) <= now);
    // Where every place was taken and every kind may go on, whoever has a place again looks anyway.
    let cut_short = in_vain >= MOST_CHATS_IN_VAIN || (paced.is_empty() && taken == terms.places);
    let waiting = if cut_short { Some(now) } else { turns::next_wake(tx, free.iter().map(|kind| kind.pace.kind)).await? };
    Ok(paced.iter().map(free_at).chain(waiting).min())
}

/// How each kind may be used now.
async fn open_kinds(tx: &mut Tx, terms: &Terms<'_>, now: Timestamp) -> sqlx::Result<Vec<Open>> {
    let mut open = Vec::new();
    for hold in [Hold::Held, Hold::Looked] {
        let paces: Vec<Pace> = terms.paces.iter().filter(|pace| pace.everybody.is_some() == (hold == Hold::Held)).copied().collect();
        let keys: Vec<String> = paces.iter().map(|pace| bot_key(pace.kind)).collect();
        for (pace, standing) in paces.into_iter().zip(pacing::standings(tx, &keys, hold).await?) {
            open.push(Open { pace, standing, room: standing.room(pace.everybody, terms.places, now), used: 0 });
        }
    }
    Ok(open)
}

/// The chats of a look that take something now.
struct Ready {
    chats: Vec<Chat>,
    /// So many had nothing, or must wait.
    in_vain: usize,
}

/// Keeps the chats that may take something, within what each kind allows; says of the others when to look again.
async fn sort_out(
    tx: &mut Tx,
    terms: &Terms<'_>,
    open: &mut [Open],
    chats: Vec<Chat>,
    wanted: usize,
    now: Timestamp,
) -> sqlx::Result<Ready> {
    let group_rate =
        |chat: &Chat| open.iter().find(|kind| kind.pace.kind == chat.kind).and_then(|kind| kind.pace.group).filter(|_| chat.group);
    let mut seen = HashSet::new();
    let chats: Vec<(Option<Rate>, Chat)> =
        chats.into_iter().filter(|chat| seen.insert(chat.id.clone())).map(|chat| (group_rate(&chat), chat)).collect();
    let groups: Vec<String> = chats.iter().filter(|(rate, _)| rate.is_some()).map(|(_, chat)| chat.id.clone()).collect();
    let standings: HashMap<String, Standing> = groups.iter().cloned().zip(pacing::standings(tx, &groups, Hold::Held).await?).collect();
    let mut ready = Ready { chats: Vec::new(), in_vain: 0 };
    for (rate, chat) in chats {
        let free_at = standings.get(&chat.id).map(|standing| standing.free_at(rate)).filter(|free_at| *free_at > now);
        if let Some(free_at) = free_at {
            set_free_at(tx, &[chat.id], free_at).await?;
            ready.in_vain += 1;
        } else if chat.head.is_none() {
            turns::rest_until(tx, &chat.id, terms, now).await?;
            ready.in_vain += 1;
        } else if let Some(kind) = open.iter_mut().find(|kind| kind.pace.kind == chat.kind && kind.room > 0)
            && ready.chats.len() < wanted
        {
            kind.room -= 1;
            kind.used += 1;
            ready.chats.push(chat);
        }
    }
    Ok(ready)
}

async fn set_free_at(tx: &mut Tx, chats: &[String], free_at: Timestamp) -> sqlx::Result<()> {
    let sql = format!("UPDATE channels SET free_at = $1 WHERE id IN {}", rows_of_places(1, chats.len(), 2));
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(free_at.millis());
    for chat in chats {
        query = query.bind(chat.clone());
    }
    query.execute(&mut **tx).await?;
    Ok(())
}

/// Writes the claims: state, epoch, lease, attempt, and what they take of the chats' paces. Whatever is not pending any more is left.
async fn take(tx: &mut Tx, terms: &Terms<'_>, chats: &[Chat], now: Timestamp) -> sqlx::Result<Vec<Claimed>> {
    if chats.is_empty() {
        return Ok(Vec::new());
    }
    let (lease_until, lease) = if by_database(tx, terms.lease_clock) {
        (format!("{DATABASE_NOW} + $1"), terms.lease_ms)
    } else {
        ("$1".to_owned(), now.millis() + terms.lease_ms)
    };
    // Seen with the chats locked: whoever claimed here between the look and the lock is in flight by now.
    let heads = padded(chats);
    let sql = format!(
        "UPDATE deliveries SET state = 'sending', epoch = epoch + 1, attempts = attempts + 1, lease_until = {lease_until}, \
         reason = NULL WHERE id IN {} AND state = 'pending' \
         AND NOT EXISTS (SELECT 1 FROM deliveries s WHERE s.channel_id = deliveries.channel_id AND s.state = 'sending') \
         RETURNING id, epoch, attempts, channel_id, operation, content, thread, reply_to, message_id, on_ambiguous",
        rows_of_places(1, heads.len(), 2)
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(lease);
    for chat in heads {
        query = query.bind(chat.head.clone());
    }
    let rows = query.fetch_all(&mut **tx).await?;
    let mut taken = Vec::with_capacity(rows.len());
    for chat in chats {
        for row in &rows {
            if row.try_get::<String, _>("channel_id")? == chat.id {
                taken.push(claimed(row, chat)?);
            }
        }
    }
    for claimed in taken.iter_mut().filter(|claimed| claimed.operation != Operation::Send && claimed.message_id.is_none()) {
        claimed.message_id = message_of(tx, &claimed.id).await?;
    }
    if !taken.is_empty() {
        begin_attempts(tx, &taken, now).await?;
        take_of_chats(tx, terms, chats, &taken, now).await?;
    }
    Ok(taken)
}

async fn begin_attempts(tx: &mut Tx, taken: &[Claimed], now: Timestamp) -> sqlx::Result<()> {
    let sql = format!("INSERT INTO attempts (delivery_id, epoch, started_at) VALUES {}", rows_of_places(taken.len(), 3, 1));
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    for claimed in taken {
        query = query.bind(claimed.id.clone()).bind(claimed.epoch).bind(now.millis());
    }
    query.execute(&mut **tx).await?;
    Ok(())
}

async fn take_of_chats(tx: &mut Tx, terms: &Terms<'_>, chats: &[Chat], taken: &[Claimed], now: Timestamp) -> sqlx::Result<()> {
    for pace in terms.paces {
        let served = |chat: &&Chat| chat.kind == pace.kind && taken.iter().any(|claimed| claimed.channel_id == chat.id);
        let served: Vec<&Chat> = chats.iter().filter(served).collect();
        if let Some(rate) = pace.group {
            let groups: Vec<String> = served.iter().filter(|chat| chat.group).map(|chat| chat.id.clone()).collect();
            pacing::take(tx, &groups, rate, 1, now).await?;
        }
        if pace.chat_gap > 0 && !served.is_empty() {
            let all: Vec<String> = served.iter().map(|chat| chat.id.clone()).collect();
            set_free_at(tx, &all, Timestamp::from_millis(now.millis() + pace.chat_gap)).await?;
        }
    }
    Ok(())
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
        early: Duration::ZERO,
    })
}
