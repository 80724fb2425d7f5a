//! Settlements: the second commit of a delivery. One counts only while the delivery is still `sending` under the epoch of its claim;
//! an attempt that comes too late is recorded and changes nothing, except that a late "sent" takes the doubt off an unknown one.

use std::collections::HashSet;
use std::time::Duration;

use sqlx::{AnyConnection, Row};

use super::claims::{Claimed, LeaseClock, bot_key, lease_now};
use super::deliveries::word;
use super::{Engine, Tx, pacing, padded, rows_of_places};
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::{AFTER_TEXT, DeliveryState, OnAmbiguous, Operation};
use crate::domain::id::new_id;
use crate::domain::render::Part;
use crate::domain::time::Timestamp;

/// So many chats frozen within `BOT_FREEZE_WITHIN_MS` mean that the bot as a whole is too fast.
const FROZEN_CHATS_FOR_BOT: i64 = 3;
const BOT_FREEZE_WITHIN_MS: i64 = 1_000;
/// No part has a number like this.
const OUT_OF_THE_WAY: i64 = 1_000_000;

/// What a delivery becomes.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    pub state: DeliveryState,
    /// Word of the attempt: sent, not_sent, frozen, migrated, unreachable, failed, unknown, plain_text, split, thread_gone, bot_stopped.
    pub outcome: &'static str,
    pub reason: Option<String>,
    pub message_id: Option<String>,
    /// For pending: not before; unchanged if missing.
    pub due_at: Option<Timestamp>,
    pub counts: Counts,
    pub change: Change,
}

/// Whether the attempt counts for the back-off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    Yes,
    No,
}

/// What is different the next time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Nothing,
    Content(Box<Part>),
    /// The first half takes the place, the second comes right after it.
    Split(Box<(Part, Part)>),
    NoThread,
}

/// Whether a settlement took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fence {
    Held,
    /// Somebody else settled it first.
    Passed,
}

/// A claimed delivery that was sent, to be settled together with others.
#[derive(Debug, Clone)]
pub struct Sent {
    pub claimed: Claimed,
    pub message_id: String,
    pub remark: Option<String>,
    /// For so many milliseconds from the settlement its chat takes nothing.
    pub chat_gap: i64,
}

/// How often the outcome of a delivery was unknown before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    First,
    Again,
}

/// A delivery found in flight that nobody waits for any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    pub id: String,
    pub epoch: i64,
    pub channel_id: String,
    pub operation: Operation,
    pub on_ambiguous: OnAmbiguous,
}

/// Which deliveries in flight count as orphans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orphans {
    /// Whatever is in flight: this process has just started and is the only one.
    All,
    LeaseOver(LeaseClock),
}

/// Settles a claimed delivery; afterwards the chat is free again `chat_gap` milliseconds from `now`.
pub async fn settle(
    tx: &mut Tx,
    id: &str,
    epoch: i64,
    channel_id: &str,
    settlement: &Settlement,
    chat_gap: i64,
    now: Timestamp,
) -> sqlx::Result<Fence> {
    let fence = change_row(tx, id, epoch, settlement, now).await?;
    let outcome = match fence {
        Fence::Held => settlement.outcome.to_owned(),
        Fence::Passed => format!("late_{}", settlement.outcome),
    };
    sqlx::query("UPDATE attempts SET ended_at = $1, outcome = $2, detail = $3 WHERE delivery_id = $4 AND epoch = $5")
        .bind(now.millis())
        .bind(outcome)
        .bind(settlement.reason.clone().or_else(|| settlement.message_id.clone()))
        .bind(id.to_owned())
        .bind(epoch)
        .execute(&mut **tx)
        .await?;
    if fence == Fence::Held {
        if let Change::Split(halves) = &settlement.change {
            add_after(tx, id, &json(&halves.1)?, now).await?;
        }
        release_chat(tx, channel_id, Timestamp::from_millis(now.millis() + chat_gap), now).await?;
    }
    Ok(fence)
}

/// Settles several that were sent, with the statements that one takes. Of each, in their order, whether it took effect; nothing where
/// its chat is held by another transaction just now: waiting for one chat while others are held could wait for ever.
pub async fn settle_sent(tx: &mut Tx, sent: &[Sent], now: Timestamp) -> sqlx::Result<Vec<Option<Fence>>> {
    let free = chats_not_held(tx, sent).await?;
    let ours: Vec<&Sent> = sent.iter().filter(|sent| free.contains(&sent.claimed.channel_id)).collect();
    if ours.is_empty() {
        return Ok(vec![None; sent.len()]);
    }
    let held = change_sent_rows(tx, &ours, now).await?;
    end_attempts(tx, &ours, &held, now).await?;
    let served: Vec<&Sent> = ours.into_iter().filter(|sent| held.contains(&sent.claimed.id)).collect();
    if !served.is_empty() {
        let served = padded(&served);
        let sql = format!(
            "UPDATE channels SET free_at = CASE WHEN free_at < v.column2 THEN v.column2 ELSE free_at END, wake_at = {} \
             FROM (VALUES {}) v WHERE channels.id = v.column1",
            wake_if_pending("$1"),
            rows_of_places(served.len(), 2, 2)
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(now.millis());
        for sent in &served {
            query = query.bind(sent.claimed.channel_id.clone()).bind(now.millis() + sent.chat_gap);
        }
        query.execute(&mut **tx).await?;
    }
    let fence = |id: &String| if held.contains(id) { Fence::Held } else { Fence::Passed };
    Ok(sent.iter().map(|sent| free.contains(&sent.claimed.channel_id).then(|| fence(&sent.claimed.id))).collect())
}

/// The chats of these that nobody else holds, held from now on.
async fn chats_not_held(tx: &mut Tx, sent: &[Sent]) -> sqlx::Result<HashSet<String>> {
    if sent.is_empty() || tx.engine == Engine::Sqlite {
        return Ok(sent.iter().map(|sent| sent.claimed.channel_id.clone()).collect());
    }
    let sent = padded(sent);
    let sql = format!("SELECT id FROM channels WHERE id IN {}{}", rows_of_places(1, sent.len(), 1), tx.skip_locked());
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    for sent in sent {
        query = query.bind(sent.claimed.channel_id.clone());
    }
    query.fetch_all(&mut **tx).await?.iter().map(|row| row.try_get("id")).collect()
}

/// The ids of those that were still ours to settle.
async fn change_sent_rows(tx: &mut Tx, sent: &[&Sent], now: Timestamp) -> sqlx::Result<HashSet<String>> {
    let sent = padded(sent);
    let sql = format!(
        "UPDATE deliveries SET state = 'sent', message_id = v.column3, reason = v.column4, settled_at = $1, lease_until = NULL \
         FROM (VALUES {}) v WHERE deliveries.id = v.column1 AND deliveries.epoch = v.column2 \
         AND deliveries.state IN ('sending', 'unknown') RETURNING deliveries.id AS id",
        rows_of_places(sent.len(), 4, 2)
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(now.millis());
    for sent in sent {
        query = query.bind(sent.claimed.id.clone()).bind(sent.claimed.epoch).bind(sent.message_id.clone()).bind(sent.remark.clone());
    }
    query.fetch_all(&mut **tx).await?.iter().map(|row| row.try_get("id")).collect()
}

async fn end_attempts(tx: &mut Tx, sent: &[&Sent], held: &HashSet<String>, now: Timestamp) -> sqlx::Result<()> {
    let sent = padded(sent);
    let sql = format!(
        "UPDATE attempts SET ended_at = $1, outcome = v.column3, detail = v.column4 FROM (VALUES {}) v \
         WHERE attempts.delivery_id = v.column1 AND attempts.epoch = v.column2",
        rows_of_places(sent.len(), 4, 2)
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(now.millis());
    for sent in sent {
        let outcome = if held.contains(&sent.claimed.id) { "sent" } else { "late_sent" };
        let detail = sent.remark.clone().unwrap_or_else(|| sent.message_id.clone());
        query = query.bind(sent.claimed.id.clone()).bind(sent.claimed.epoch).bind(outcome).bind(detail);
    }
    query.execute(&mut **tx).await?;
    Ok(())
}

async fn change_row(tx: &mut Tx, id: &str, epoch: i64, settlement: &Settlement, now: Timestamp) -> sqlx::Result<Fence> {
    let pending = settlement.state == DeliveryState::Pending;
    let content = match &settlement.change {
        Change::Content(part) => Some(json(part)?),
        Change::Split(halves) => Some(json(&halves.0)?),
        Change::Nothing | Change::NoThread => None,
    };
    let done = sqlx::query(
        "UPDATE deliveries SET state = $1, reason = $2, message_id = COALESCE($3, message_id), due_at = COALESCE($4, due_at), \
         attempts = attempts - $5, content = COALESCE($6, content), thread = CASE WHEN $7 = 1 THEN NULL ELSE thread END, \
         settled_at = $8, lease_until = NULL \
         WHERE id = $9 AND epoch = $10 AND (state = 'sending' OR (state = 'unknown' AND $1 = 'sent'))",
    )
    .bind(settlement.state.word())
    .bind(settlement.reason.clone())
    .bind(settlement.message_id.clone())
    .bind(settlement.due_at.map(Timestamp::millis))
    .bind(i64::from(settlement.counts == Counts::No))
    .bind(content)
    .bind(i64::from(settlement.change == Change::NoThread))
    .bind((!pending).then_some(now.millis()))
    .bind(id.to_owned())
    .bind(epoch)
    .execute(&mut **tx)
    .await?;
    Ok(if done.rows_affected() == 1 { Fence::Held } else { Fence::Passed })
}

/// The chat may take the next from `free_at`, and whoever was served goes behind those who wait.
async fn release_chat(tx: &mut Tx, channel_id: &str, free_at: Timestamp, now: Timestamp) -> sqlx::Result<()> {
    let wake_at = match tx.engine {
        Engine::Sqlite => wake_if_pending("$2"),
        // Whoever adds a delivery just now is not seen from here.
        Engine::Postgres => "CAST($2 AS BIGINT)".to_owned(),
    };
    let sql = format!("UPDATE channels SET free_at = CASE WHEN free_at < $1 THEN $1 ELSE free_at END, wake_at = {wake_at} WHERE id = $3");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(free_at.millis()).bind(now.millis()).bind(channel_id.to_owned()).execute(&mut **tx).await?;
    Ok(())
}

/// A chat that was just served is looked at again where something is left. Only for whoever holds the chat since an earlier statement, or
/// is the only writer: nobody can have added a delivery unseen.
fn wake_if_pending(now: &str) -> String {
    format!(
        "CASE WHEN EXISTS (SELECT 1 FROM deliveries d WHERE d.channel_id = channels.id AND d.state = 'pending' AND d.held = 0) \
         THEN CAST({now} AS BIGINT) END"
    )
}

/// Puts another part right behind this one; those that follow move up by one.
async fn add_after(tx: &mut Tx, id: &str, content: &str, now: Timestamp) -> sqlx::Result<()> {
    let later = "UPDATE deliveries SET part = part + $2 WHERE operation = 'send' AND part < $3 AND part > $4 AND EXISTS \
         (SELECT 1 FROM deliveries d WHERE d.id = $1 AND d.origin = deliveries.origin AND d.origin_id = deliveries.origin_id \
         AND d.revision = deliveries.revision AND d.channel_id = deliveries.channel_id)";
    let row = sqlx::query("SELECT part FROM deliveries WHERE id = $1").bind(id.to_owned()).fetch_one(&mut **tx).await?;
    let part: i64 = row.try_get("part")?;
    // By way of numbers that nothing has: the key is looked at row by row.
    for (step, below, above) in [(OUT_OF_THE_WAY, AFTER_TEXT, part), (1 - OUT_OF_THE_WAY, i64::MAX, OUT_OF_THE_WAY)] {
        sqlx::query(later).bind(id.to_owned()).bind(step).bind(below).bind(above).execute(&mut **tx).await?;
    }
    sqlx::query(
        "INSERT INTO deliveries (id, origin, origin_id, revision, channel_id, part, operation, content, thread, reply_to, priority, state, \
         held, on_ambiguous, due_at, not_after, epoch, attempts, message_id, created_at) \
         SELECT $2, origin, origin_id, revision, channel_id, part + 1, operation, $3, thread, NULL, priority, 'pending', held, on_ambiguous, \
         due_at, not_after, 0, 0, NULL, created_at FROM deliveries WHERE id = $1",
    )
    .bind(id.to_owned())
    .bind(new_id("dlv", now))
    .bind(content.to_owned())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn json(part: &Part) -> sqlx::Result<String> {
    serde_json::to_string(part).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}

/// Nothing to this chat for `time`. When several chats were frozen within a second, nothing from the whole bot; says so.
pub async fn freeze(tx: &mut Tx, kind: ChannelKind, channel_id: &str, time: Duration, now: Timestamp) -> sqlx::Result<bool> {
    let until = now.plus(time);
    sqlx::query("UPDATE channels SET frozen_until = $1, free_at = CASE WHEN free_at < $1 THEN $1 ELSE free_at END WHERE id = $2")
        .bind(until.millis())
        .bind(channel_id.to_owned())
        .execute(&mut **tx)
        .await?;
    let row = sqlx::query(
        "SELECT COUNT(DISTINCT d.channel_id) AS many FROM attempts a JOIN deliveries d ON d.id = a.delivery_id \
         JOIN channels c ON c.id = d.channel_id WHERE a.outcome = 'frozen' AND a.ended_at > $1 AND c.kind = $2",
    )
    .bind(now.millis() - BOT_FREEZE_WITHIN_MS)
    .bind(kind.word())
    .fetch_one(&mut **tx)
    .await?;
    let whole_bot = row.try_get::<i64, _>("many")? >= FROZEN_CHATS_FOR_BOT;
    if whole_bot {
        stop_bot(tx, kind, until).await?;
    }
    Ok(whole_bot)
}

/// Nothing from the bot of this kind before `until`.
pub async fn stop_bot(tx: &mut Tx, kind: ChannelKind, until: Timestamp) -> sqlx::Result<()> {
    pacing::freeze(tx, &bot_key(kind), until).await
}

/// Whether an earlier attempt at this delivery had an unknown outcome already.
pub async fn doubt(conn: &mut AnyConnection, id: &str, epoch: i64) -> sqlx::Result<Doubt> {
    let row =
        sqlx::query("SELECT COUNT(*) AS many FROM attempts WHERE delivery_id = $1 AND epoch < $2 AND outcome IN ('unknown', 'orphan')")
            .bind(id.to_owned())
            .bind(epoch)
            .fetch_one(conn)
            .await?;
    Ok(if row.try_get::<i64, _>("many")? > 0 { Doubt::Again } else { Doubt::First })
}

/// Deliveries in flight that nobody will settle, locked.
pub async fn orphans(tx: &mut Tx, which: Orphans, now: Timestamp) -> sqlx::Result<Vec<Orphan>> {
    let before = match which {
        Orphans::All => i64::MAX,
        Orphans::LeaseOver(clock) => lease_now(tx, clock, now).await?.millis(),
    };
    let sql = format!(
        "SELECT id, epoch, channel_id, operation, on_ambiguous FROM deliveries WHERE state = 'sending' \
         AND (lease_until IS NULL OR lease_until <= $1) ORDER BY id{}",
        tx.skip_locked()
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(before).fetch_all(&mut **tx).await?;
    rows.iter()
        .map(|row| {
            Ok(Orphan {
                id: row.try_get("id")?,
                epoch: row.try_get("epoch")?,
                channel_id: row.try_get("channel_id")?,
                operation: word(row, "operation", Operation::parse)?,
                on_ambiguous: word(row, "on_ambiguous", OnAmbiguous::parse)?,
            })
        })
        .collect()
}

/// Pending deliveries whose time is over become expired; says how many.
pub async fn expire(tx: &mut Tx, now: Timestamp) -> sqlx::Result<u64> {
    // In the words of the index `deliveries_expiring`.
    let done = sqlx::query(
        "UPDATE deliveries SET state = 'expired', settled_at = $1 WHERE state = 'pending' AND not_after > 0 AND not_after <= $1",
    )
    .bind(now.millis())
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

/// Repairs `wake_at` where a chat has something pending that could be claimed and nobody would look; says how many.
pub async fn wake_waiting(tx: &mut Tx, now: Timestamp) -> sqlx::Result<u64> {
    let done = sqlx::query(
        "UPDATE channels SET wake_at = $1 WHERE (wake_at IS NULL OR wake_at > $1) AND EXISTS \
         (SELECT 1 FROM deliveries d WHERE d.channel_id = channels.id AND d.state = 'pending' AND d.held = 0 AND d.due_at <= $1)",
    )
    .bind(now.millis())
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}
