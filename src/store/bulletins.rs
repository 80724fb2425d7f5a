//! Bulletins: one row each; what was sent where stands in `deliveries`.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::channels::{self, Channel};
use crate::domain::bulletin::{Approval, Bulletin, BulletinKind, BulletinState, Content, Manner, Targets};
use crate::domain::delivery::DeliveryState;
use crate::domain::time::Timestamp;

const COLUMNS: &str = "id, kind, origin_id, title, number, summary, audience_text, effective_from, link, body, targets, state, revision, \
     author, approved_by, approved_hash, approved_at, scheduled_at, correction, correction_author, created_at, updated_at, sent_at, \
     workdays_only, urgent, forced, held_reason, approved_targets, attachments, pin, card, reviewed";

/// Adds a bulletin; `false` where one was already drafted from the same thing.
pub async fn insert(conn: &mut AnyConnection, bulletin: &Bulletin) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO bulletins (id, kind, origin_id, title, number, summary, audience_text, effective_from, link, body, targets, state, \
         revision, author, created_at, updated_at, workdays_only, attachments, pin, card) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $17, $18, $19) \
         ON CONFLICT (kind, origin_id) DO NOTHING",
    )
    .bind(bulletin.id.clone())
    .bind(bulletin.kind.word())
    .bind(bulletin.origin_id.clone())
    .bind(bulletin.content.title.clone())
    .bind(bulletin.content.number.clone())
    .bind(bulletin.content.summary.clone())
    .bind(bulletin.content.audience_text.clone())
    .bind(bulletin.content.effective_from.map(|date| date.to_string()))
    .bind(bulletin.content.link.clone())
    .bind(bulletin.content.body.clone())
    .bind(json(&bulletin.targets)?)
    .bind(bulletin.state.word())
    .bind(bulletin.revision)
    .bind(bulletin.author.clone())
    .bind(bulletin.created_at.millis())
    .bind(i64::from(bulletin.manner.workdays_only))
    .bind(json(&bulletin.attachments)?)
    .bind(i64::from(bulletin.manner.pin))
    .bind(i64::from(bulletin.manner.card))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes back everything that may change.
pub async fn update(conn: &mut AnyConnection, bulletin: &Bulletin, now: Timestamp) -> sqlx::Result<()> {
    let (by, hash, at, groups) = match &bulletin.approval {
        Some(approval) => {
            (Some(approval.by.clone()), Some(approval.hash.clone()), Some(approval.at.millis()), Some(json(&approval.targets)?))
        }
        None => (None, None, None, None),
    };
    let (correction, correction_author) = bulletin.correction.clone().map_or((None, None), |(body, author)| (Some(body), Some(author)));
    sqlx::query(
        "UPDATE bulletins SET title = $1, number = $2, summary = $3, audience_text = $4, effective_from = $5, link = $6, body = $7, \
         targets = $8, state = $9, revision = $10, approved_by = $11, approved_hash = $12, approved_at = $13, scheduled_at = $14, \
         correction = $15, correction_author = $16, sent_at = $17, author = $18, updated_at = $19, workdays_only = $21, \
         urgent = $22, forced = $23, held_reason = $24, approved_targets = $25, attachments = $26, pin = $27, card = $28, reviewed = $29 WHERE id = $20",
    )
    .bind(bulletin.content.title.clone())
    .bind(bulletin.content.number.clone())
    .bind(bulletin.content.summary.clone())
    .bind(bulletin.content.audience_text.clone())
    .bind(bulletin.content.effective_from.map(|date| date.to_string()))
    .bind(bulletin.content.link.clone())
    .bind(bulletin.content.body.clone())
    .bind(json(&bulletin.targets)?)
    .bind(bulletin.state.word())
    .bind(bulletin.revision)
    .bind(by)
    .bind(hash)
    .bind(at)
    .bind(bulletin.scheduled_at.map(Timestamp::millis))
    .bind(correction)
    .bind(correction_author)
    .bind(bulletin.sent_at.map(Timestamp::millis))
    .bind(bulletin.author.clone())
    .bind(now.millis())
    .bind(bulletin.id.clone())
    .bind(i64::from(bulletin.manner.workdays_only))
    .bind(i64::from(bulletin.manner.urgent))
    .bind(i64::from(bulletin.manner.forced))
    .bind(bulletin.held_reason.clone())
    .bind(groups)
    .bind(json(&bulletin.attachments)?)
    .bind(i64::from(bulletin.manner.pin))
    .bind(i64::from(bulletin.manner.card))
    .bind(bulletin.reviewed.as_ref().map(json).transpose()?)
    .execute(conn)
    .await?;
    Ok(())
}

/// The bulletin that was drafted from a document, class or campaign item.
pub async fn of_origin(conn: &mut AnyConnection, kind: BulletinKind, origin_id: &str) -> sqlx::Result<Option<String>> {
    let row = sqlx::query("SELECT id FROM bulletins WHERE kind = $1 AND origin_id = $2")
        .bind(kind.word())
        .bind(origin_id.to_owned())
        .fetch_optional(conn)
        .await?;
    row.map(|row| row.try_get("id")).transpose()
}

/// One bulletin. `lock` is [`crate::store::Tx::for_update`] in a transaction that will change it, else empty.
pub async fn get(conn: &mut AnyConnection, id: &str, lock: &str) -> sqlx::Result<Option<Bulletin>> {
    let sql = format!("SELECT {COLUMNS} FROM bulletins WHERE id = $1{lock}");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(bulletin).transpose()
}

/// The newest first; `before` is the id of the last one seen, empty for the first page.
pub async fn list(conn: &mut AnyConnection, state: Option<BulletinState>, before: &str, limit: i64) -> sqlx::Result<Vec<Bulletin>> {
    let state = state.map_or("", BulletinState::word);
    let sql = format!("SELECT {COLUMNS} FROM bulletins WHERE ($1 = '' OR state = $1) AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(state).bind(before.to_owned()).bind(limit).fetch_all(conn).await?;
    rows.iter().map(bulletin).collect()
}

/// What waits for an approver: in review, or with a correction; the newest first, as in [`list`].
pub async fn to_approve(conn: &mut AnyConnection, before: &str, limit: i64) -> sqlx::Result<Vec<Bulletin>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM bulletins WHERE (state = 'in_review' OR correction_author IS NOT NULL) AND ($1 = '' OR id < $1) \
         ORDER BY id DESC LIMIT $2"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(before.to_owned()).bind(limit).fetch_all(conn).await?;
    rows.iter().map(bulletin).collect()
}

/// Went out, still stands, and was not meant for the staff's own groups alone.
const PUBLIC: &str = "state IN ('sending', 'paused', 'sent', 'partly_sent') AND sent_at IS NOT NULL AND targets NOT LIKE '%\"管理\"%' \
     AND NOT EXISTS (SELECT 1 FROM channel_tags t WHERE t.tag = '管理' AND bulletins.targets LIKE '%' || t.channel_id || '%')";

/// The last ones that went out for everybody to see, the newest first.
pub async fn latest(conn: &mut AnyConnection, limit: i64) -> sqlx::Result<Vec<Bulletin>> {
    published(conn, None, limit).await
}

/// The same, from before the one that went out at this instant under this id.
pub async fn published(conn: &mut AnyConnection, before: Option<(Timestamp, &str)>, limit: i64) -> sqlx::Result<Vec<Bulletin>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM bulletins WHERE {PUBLIC} AND (sent_at < $1 OR (sent_at = $1 AND id < $2)) ORDER BY sent_at DESC, id DESC LIMIT $3"
    );
    let (at, id) = before.map_or((i64::MAX, ""), |(at, id)| (at.millis(), id));
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(at).bind(id.to_owned()).bind(limit).fetch_all(conn).await?;
    rows.iter().map(bulletin).collect()
}

/// One that everybody may see, or could before it was recalled.
pub async fn public(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<Bulletin>> {
    let seen = PUBLIC.replace("'partly_sent')", "'partly_sent', 'recalled')");
    let sql = format!("SELECT {COLUMNS} FROM bulletins WHERE id = $1 AND {seen}");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(bulletin).transpose()
}

/// The id of the bulletin that an attachment belongs to.
pub async fn with_attachment(conn: &mut AnyConnection, attachment_id: &str) -> sqlx::Result<Option<String>> {
    let row = sqlx::query(r#"SELECT id FROM bulletins WHERE attachments LIKE '%"' || $1 || '"%'"#)
        .bind(attachment_id.to_owned())
        .fetch_optional(conn)
        .await?;
    row.map(|row| row.try_get("id")).transpose()
}

/// Ids of the scheduled ones whose time has come, and of the ones being sent: what a tick looks at.
pub async fn due(conn: &mut AnyConnection, now: Timestamp) -> sqlx::Result<Vec<String>> {
    let rows = sqlx::query(
        "SELECT id FROM bulletins WHERE (state = 'scheduled' AND scheduled_at <= $1) OR state = 'sending' ORDER BY scheduled_at, id",
    )
    .bind(now.millis())
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| row.try_get("id")).collect()
}

/// The channels that were sent the same text since `since` by another bulletin (F56).
pub async fn same_content_since(conn: &mut AnyConnection, bulletin: &Bulletin, since: Timestamp) -> sqlx::Result<Vec<String>> {
    let rows = sqlx::query(
        "SELECT DISTINCT d.channel_id FROM deliveries d JOIN bulletins b ON b.id = d.origin_id WHERE d.origin = 'bulletin' \
         AND b.id <> $1 AND b.title = $2 AND b.body = $3 AND d.created_at >= $4 AND d.operation = 'send' \
         AND d.state IN ('pending', 'sending', 'sent', 'unknown')",
    )
    .bind(bulletin.id.clone())
    .bind(bulletin.content.title.clone())
    .bind(bulletin.content.body.clone())
    .bind(since.millis())
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| row.try_get("channel_id")).collect()
}

fn bulletin(row: &AnyRow) -> sqlx::Result<Bulletin> {
    let at = |name: &str| row.try_get::<Option<i64>, _>(name).map(|millis| millis.map(Timestamp::from_millis));
    let text = |name: &str| row.try_get::<Option<String>, _>(name);
    let flag = |name: &str| row.try_get::<i64, _>(name).map(|value| value != 0);
    let wrong = |what: &str| sqlx::Error::Decode(format!("bulletin with an unreadable {what}").into());
    let approval = match (text("approved_by")?, text("approved_hash")?, at("approved_at")?) {
        (Some(by), Some(hash), Some(at)) => Some(Approval { by, hash, targets: ids(text("approved_targets")?)?, at }),
        (None, None, None) => None,
        _ => return Err(wrong("approval")),
    };
    Ok(Bulletin {
        id: row.try_get("id")?,
        kind: BulletinKind::parse(&row.try_get::<String, _>("kind")?).ok_or_else(|| wrong("kind"))?,
        origin_id: text("origin_id")?,
        content: Content {
            title: row.try_get("title")?,
            number: text("number")?,
            summary: row.try_get("summary")?,
            audience_text: text("audience_text")?,
            effective_from: text("effective_from")?.and_then(|date| date.parse().ok()),
            link: text("link")?,
            body: row.try_get("body")?,
        },
        targets: serde_json::from_str::<Targets>(&row.try_get::<String, _>("targets")?)
            .map_err(|error| sqlx::Error::Decode(error.into()))?,
        attachments: serde_json::from_str(&row.try_get::<String, _>("attachments")?).map_err(|error| sqlx::Error::Decode(error.into()))?,
        manner: Manner {
            workdays_only: flag("workdays_only")?,
            urgent: flag("urgent")?,
            forced: flag("forced")?,
            pin: flag("pin")?,
            card: flag("card")?,
        },
        state: BulletinState::parse(&row.try_get::<String, _>("state")?).ok_or_else(|| wrong("state"))?,
        revision: row.try_get("revision")?,
        author: row.try_get("author")?,
        approval,
        scheduled_at: at("scheduled_at")?,
        held_reason: text("held_reason")?,
        correction: text("correction")?.zip(text("correction_author")?),
        reviewed: text("reviewed")?
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| sqlx::Error::Decode(error.into()))?,
        created_at: at("created_at")?.unwrap_or_default(),
        updated_at: at("updated_at")?.unwrap_or_default(),
        sent_at: at("sent_at")?,
    })
}

fn json(value: &impl serde::Serialize) -> sqlx::Result<String> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

fn ids(text: Option<String>) -> sqlx::Result<Vec<String>> {
    text.map_or(Ok(Vec::new()), |text| serde_json::from_str(&text)).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// The chats something of this bulletin was made for, wherever its targets point by now.
pub async fn channels_of(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Vec<Channel>> {
    let rows = sqlx::query("SELECT DISTINCT channel_id FROM deliveries WHERE origin = 'bulletin' AND origin_id = $1 ORDER BY channel_id")
        .bind(id.to_owned())
        .fetch_all(&mut *conn)
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.extend(channels::get(&mut *conn, &row.try_get::<String, _>("channel_id")?).await?);
    }
    Ok(found)
}

/// Lets what waits go out in quiet hours too, before everything but replies and recalls.
pub async fn hurry(conn: &mut AnyConnection, id: &str, now: Timestamp) -> sqlx::Result<()> {
    let statements = [
        "UPDATE deliveries SET priority = 9, due_at = CASE WHEN due_at > $2 THEN $2 ELSE due_at END \
         WHERE origin = 'bulletin' AND origin_id = $1 AND operation = 'send' AND state = 'pending'",
        "UPDATE channels SET wake_at = $2 WHERE (wake_at IS NULL OR wake_at > $2) AND id IN (SELECT channel_id FROM deliveries \
         WHERE origin = 'bulletin' AND origin_id = $1 AND state = 'pending')",
    ];
    for statement in statements {
        sqlx::query(statement).bind(id.to_owned()).bind(now.millis()).execute(&mut *conn).await?;
    }
    Ok(())
}

/// The parts that stand, may stand or will stand in a chat: part, state of its last send, message id.
pub async fn parts_at(conn: &mut AnyConnection, id: &str, channel_id: &str) -> sqlx::Result<Vec<(i64, DeliveryState, Option<String>)>> {
    let rows = sqlx::query(
        "SELECT part, state, message_id FROM deliveries WHERE origin = 'bulletin' AND origin_id = $1 AND channel_id = $2 \
         AND operation = 'send' AND state IN ('pending', 'sending', 'sent', 'unknown') ORDER BY part, revision",
    )
    .bind(id.to_owned())
    .bind(channel_id.to_owned())
    .fetch_all(conn)
    .await?;
    let mut parts: Vec<(i64, DeliveryState, Option<String>)> = Vec::with_capacity(rows.len());
    for row in &rows {
        let word: String = row.try_get("state")?;
        let state = DeliveryState::parse(&word).ok_or_else(|| sqlx::Error::Decode(format!("unknown delivery state {word}").into()))?;
        parts.push((row.try_get("part")?, state, row.try_get("message_id")?));
    }
    Ok(parts)
}

/// Settles what cannot go to an unreachable chat as failed, with the reason.
pub async fn fail_pending(conn: &mut AnyConnection, id: &str, channel_id: &str, reason: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE deliveries SET state = 'failed', reason = $1, settled_at = $2 WHERE origin = 'bulletin' AND origin_id = $3 \
         AND channel_id = $4 AND state = 'pending'",
    )
    .bind(reason.to_owned())
    .bind(now.millis())
    .bind(id.to_owned())
    .bind(channel_id.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}

/// Cancels the parts before `before` that wait for one chat.
pub async fn cancel_pending_at(conn: &mut AnyConnection, id: &str, channel_id: &str, before: i64, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE deliveries SET state = 'cancelled', settled_at = $1 WHERE origin = 'bulletin' AND origin_id = $2 AND channel_id = $3 \
         AND state = 'pending' AND part < $4",
    )
    .bind(now.millis())
    .bind(id.to_owned())
    .bind(channel_id.to_owned())
    .bind(before)
    .execute(conn)
    .await?;
    Ok(())
}

/// Cancels a part that a correction made superfluous before it was sent.
pub async fn cancel_pending_part(conn: &mut AnyConnection, id: &str, channel_id: &str, part: i64, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE deliveries SET state = 'cancelled', settled_at = $1 WHERE origin = 'bulletin' AND origin_id = $2 AND channel_id = $3 \
         AND part = $4 AND operation = 'send' AND state = 'pending'",
    )
    .bind(now.millis())
    .bind(id.to_owned())
    .bind(channel_id.to_owned())
    .bind(part)
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether its message was pinned in a chat, or may have been.
pub async fn was_pinned(conn: &mut AnyConnection, id: &str, channel_id: &str) -> sqlx::Result<bool> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS many FROM deliveries WHERE origin = 'bulletin' AND origin_id = $1 AND channel_id = $2 AND operation = 'pin' \
         AND state IN ('sending', 'sent', 'unknown')",
    )
    .bind(id.to_owned())
    .bind(channel_id.to_owned())
    .fetch_one(conn)
    .await?;
    Ok(row.try_get::<i64, _>("many")? > 0)
}
