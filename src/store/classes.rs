//! Classes and who has a seat in them. A seat is taken under a lock on the class row, so that two people never get the last one.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::bulletin::Targets;
use crate::domain::channel::ChannelKind;
use crate::domain::class::{Class, ClassState, EnrolmentState};
use crate::domain::time::Timestamp;
use crate::store::class_sessions;

const COLUMNS: &str = "id, title, starts_at, ends_at, place, online_url, capacity, enrol_from, enrol_until, reminders, targets, trainer, state, \
     sequence, author, fields, certificate_sessions";
const ENROLMENT: &str = "id, class_id, channel, person, channel_id, display_name, state, place_in_line, offered_until, offers, answers, \
     updated_at";

/// A class with what only staff need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredClass {
    pub class: Class,
    pub targets: Targets,
    pub author: String,
}

/// One person's enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    pub id: String,
    pub class_id: String,
    pub channel: ChannelKind,
    /// The platform's id of the person.
    pub person: String,
    /// Private chat notices go to; none for the web page.
    pub channel_id: Option<String>,
    pub display_name: String,
    pub state: EnrolmentState,
    /// Order of commit.
    pub place_in_line: i64,
    /// Set while a seat is offered.
    pub offered_until: Option<Timestamp>,
    /// Seats offered so far.
    pub offers: i64,
    /// What they said to what the trainer asks, by label; empty where they skipped it.
    pub answers: BTreeMap<String, String>,
    /// When any of it was last written.
    pub changed_at: Timestamp,
}

/// Adds a class.
pub async fn insert(conn: &mut AnyConnection, stored: &StoredClass, now: Timestamp) -> sqlx::Result<()> {
    let class = &stored.class;
    sqlx::query(
        "INSERT INTO classes (id, title, starts_at, ends_at, place, online_url, capacity, enrol_from, enrol_until, reminders, targets, trainer, \
         state, sequence, author, fields, certificate_sessions, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18)",
    )
    .bind(class.id.clone())
    .bind(class.title.clone())
    .bind(class.starts_at.millis())
    .bind(class.ends_at.millis())
    .bind(class.place.clone())
    .bind(class.online_url.clone())
    .bind(class.capacity)
    .bind(class.enrol_from.map(Timestamp::millis))
    .bind(class.enrol_until.map(Timestamp::millis))
    .bind(json(&class.reminders)?)
    .bind(json(&stored.targets)?)
    .bind(class.trainer.clone())
    .bind(class.state.word())
    .bind(class.sequence)
    .bind(stored.author.clone())
    .bind(json(&class.fields)?)
    .bind(class.certificate_sessions)
    .bind(now.millis())
    .execute(&mut *conn)
    .await?;
    class_sessions::put(conn, class, now).await
}

/// Writes back everything staff may change.
pub async fn update(conn: &mut AnyConnection, stored: &StoredClass, now: Timestamp) -> sqlx::Result<()> {
    let class = &stored.class;
    sqlx::query(
        "UPDATE classes SET starts_at = $1, ends_at = $2, enrol_from = $3, enrol_until = $4, state = $5, sequence = $6, title = $7, \
         place = $8, online_url = $9, capacity = $10, reminders = $11, targets = $12, trainer = $13, fields = $14, \
         certificate_sessions = $15, updated_at = $16 WHERE id = $17",
    )
    .bind(class.starts_at.millis())
    .bind(class.ends_at.millis())
    .bind(class.enrol_from.map(Timestamp::millis))
    .bind(class.enrol_until.map(Timestamp::millis))
    .bind(class.state.word())
    .bind(class.sequence)
    .bind(class.title.clone())
    .bind(class.place.clone())
    .bind(class.online_url.clone())
    .bind(class.capacity)
    .bind(json(&class.reminders)?)
    .bind(json(&stored.targets)?)
    .bind(class.trainer.clone())
    .bind(json(&class.fields)?)
    .bind(class.certificate_sessions)
    .bind(now.millis())
    .bind(class.id.clone())
    .execute(&mut *conn)
    .await?;
    class_sessions::put(conn, class, now).await
}

/// One class. `lock` is [`crate::store::Tx::for_update`] in a transaction that will seat people, else empty.
pub async fn get(conn: &mut AnyConnection, id: &str, lock: &str) -> sqlx::Result<Option<StoredClass>> {
    let sql = format!("SELECT {COLUMNS} FROM classes WHERE id = $1{lock}");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(&mut *conn).await?;
    match row {
        Some(row) => Ok(with_sessions(conn, vec![stored(&row)?]).await?.pop()),
        None => Ok(None),
    }
}

/// All classes, the newest first; `before` is the id of the last one seen, empty for the first page.
pub async fn list(conn: &mut AnyConnection, before: &str, limit: i64) -> sqlx::Result<Vec<StoredClass>> {
    let sql = format!("SELECT {COLUMNS} FROM classes WHERE $1 = '' OR id < $1 ORDER BY id DESC LIMIT $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(before.to_owned()).bind(limit).fetch_all(&mut *conn).await?;
    with_sessions(conn, rows.iter().map(stored).collect::<sqlx::Result<_>>()?).await
}

/// Published classes that have not ended, the soonest first.
pub async fn upcoming(conn: &mut AnyConnection, now: Timestamp) -> sqlx::Result<Vec<StoredClass>> {
    let sql = format!("SELECT {COLUMNS} FROM classes WHERE state = 'published' AND ends_at > $1 ORDER BY starts_at, id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(now.millis()).fetch_all(&mut *conn).await?;
    with_sessions(conn, rows.iter().map(stored).collect::<sqlx::Result<_>>()?).await
}

/// One enrolment by its id.
pub async fn enrolment_by_id(conn: &mut AnyConnection, id: &str) -> sqlx::Result<Option<Enrolment>> {
    let sql = format!("SELECT {ENROLMENT} FROM enrolments WHERE id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(enrolment).transpose()
}

/// Everyone who is or was on the list, in order of commit.
pub async fn roster(conn: &mut AnyConnection, class_id: &str) -> sqlx::Result<Vec<Enrolment>> {
    let sql = format!("SELECT {ENROLMENT} FROM enrolments WHERE class_id = $1 ORDER BY place_in_line");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(class_id.to_owned()).fetch_all(conn).await?;
    rows.iter().map(enrolment).collect()
}

/// One person's enrolment.
pub async fn enrolment_of(conn: &mut AnyConnection, class_id: &str, channel: ChannelKind, person: &str) -> sqlx::Result<Option<Enrolment>> {
    let sql = format!("SELECT {ENROLMENT} FROM enrolments WHERE class_id = $1 AND channel = $2 AND person = $3");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(class_id.to_owned())
        .bind(channel.word())
        .bind(person.to_owned())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(enrolment).transpose()
}

/// A person's live enrolments in classes that have not ended, with the class ids.
pub async fn enrolments_of_person(conn: &mut AnyConnection, channel: ChannelKind, person: &str) -> sqlx::Result<Vec<Enrolment>> {
    let sql = format!("SELECT {ENROLMENT} FROM enrolments WHERE channel = $1 AND person = $2 AND state <> 'cancelled' ORDER BY created_at");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(channel.word()).bind(person.to_owned()).fetch_all(conn).await?;
    rows.iter().map(enrolment).collect()
}

/// How many hold a seat, and how many wait.
pub async fn seats(conn: &mut AnyConnection, class_id: &str) -> sqlx::Result<(i64, i64)> {
    let row = sqlx::query(
        "SELECT CAST(COALESCE(SUM(CASE WHEN state IN ('enrolled', 'offered') THEN 1 ELSE 0 END), 0) AS BIGINT) AS seated, \
         CAST(COALESCE(SUM(CASE WHEN state = 'waitlisted' THEN 1 ELSE 0 END), 0) AS BIGINT) AS waiting FROM enrolments WHERE class_id = $1",
    )
    .bind(class_id.to_owned())
    .fetch_one(conn)
    .await?;
    Ok((row.try_get("seated")?, row.try_get("waiting")?))
}

/// The next place in line.
pub async fn next_place(conn: &mut AnyConnection, class_id: &str) -> sqlx::Result<i64> {
    let row = sqlx::query("SELECT COALESCE(MAX(place_in_line), 0) + 1 AS next FROM enrolments WHERE class_id = $1")
        .bind(class_id.to_owned())
        .fetch_one(conn)
        .await?;
    row.try_get("next")
}

/// Adds or renews a person's enrolment.
pub async fn put(conn: &mut AnyConnection, enrolment: &Enrolment, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO enrolments (id, class_id, channel, person, channel_id, display_name, state, place_in_line, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) ON CONFLICT (class_id, channel, person) DO UPDATE SET \
         channel_id = excluded.channel_id, display_name = excluded.display_name, state = excluded.state, \
         place_in_line = excluded.place_in_line, updated_at = excluded.updated_at",
    )
    .bind(enrolment.id.clone())
    .bind(enrolment.class_id.clone())
    .bind(enrolment.channel.word())
    .bind(enrolment.person.clone())
    .bind(enrolment.channel_id.clone())
    .bind(enrolment.display_name.clone())
    .bind(enrolment.state.word())
    .bind(enrolment.place_in_line)
    .bind(now.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes the state of one enrolment; what somebody who gives up told the trainer is forgotten.
pub async fn set_state(conn: &mut AnyConnection, id: &str, state: EnrolmentState, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE enrolments SET state = $1, updated_at = $2, answers = CASE WHEN $1 = 'cancelled' THEN '{}' ELSE answers END WHERE id = $3",
    )
    .bind(state.word())
    .bind(now.millis())
    .bind(id.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}

/// Holds a seat for somebody who waits.
pub async fn offer(conn: &mut AnyConnection, id: &str, until: Timestamp, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE enrolments SET state = 'offered', offered_until = $1, offers = offers + 1, updated_at = $2 WHERE id = $3")
        .bind(until.millis())
        .bind(now.millis())
        .bind(id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Offers of a class that is moved lapse by its new start at the latest.
pub async fn cap_offers(conn: &mut AnyConnection, class_id: &str, starts_at: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE enrolments SET offered_until = $1 WHERE class_id = $2 AND state = 'offered' AND offered_until > $1")
        .bind(starts_at.millis())
        .bind(class_id.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Classes in which an offer has lapsed by `now`.
pub async fn with_lapsed_offers(conn: &mut AnyConnection, now: Timestamp) -> sqlx::Result<Vec<String>> {
    let rows = sqlx::query("SELECT DISTINCT class_id FROM enrolments WHERE state = 'offered' AND offered_until <= $1 ORDER BY class_id")
        .bind(now.millis())
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| row.try_get("class_id")).collect()
}

/// Cancels the notices of a class that have not gone out: those to one person (prefix `cls:{class}:{enrolment}:`) or all (`cls:{class}:`).
pub async fn cancel_notices(conn: &mut AnyConnection, prefix: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE deliveries SET state = 'cancelled', settled_at = $1 WHERE origin = 'reminder' AND state = 'pending' \
         AND SUBSTR(origin_id, 1, LENGTH($2)) = $2",
    )
    .bind(now.millis())
    .bind(prefix.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}

async fn with_sessions(conn: &mut AnyConnection, mut classes: Vec<StoredClass>) -> sqlx::Result<Vec<StoredClass>> {
    for stored in &mut classes {
        (stored.class.sessions, stored.class.called_off) = class_sessions::of_class(conn, &stored.class.id).await?;
    }
    Ok(classes)
}

fn stored(row: &AnyRow) -> sqlx::Result<StoredClass> {
    let at = |name: &str| row.try_get::<Option<i64>, _>(name).map(|millis| millis.map(Timestamp::from_millis));
    let state: String = row.try_get("state")?;
    Ok(StoredClass {
        class: Class {
            id: row.try_get("id")?,
            title: row.try_get("title")?,
            starts_at: at("starts_at")?.unwrap_or_default(),
            ends_at: at("ends_at")?.unwrap_or_default(),
            place: row.try_get("place")?,
            online_url: row.try_get("online_url")?,
            capacity: row.try_get("capacity")?,
            enrol_from: at("enrol_from")?,
            enrol_until: at("enrol_until")?,
            reminders: from_json(&row.try_get::<String, _>("reminders")?)?,
            trainer: row.try_get("trainer")?,
            state: ClassState::parse(&state).ok_or_else(|| unreadable(&state))?,
            sequence: row.try_get("sequence")?,
            sessions: Vec::new(),
            called_off: Vec::new(),
            fields: from_json(&row.try_get::<String, _>("fields")?)?,
            certificate_sessions: row.try_get("certificate_sessions")?,
        },
        targets: from_json(&row.try_get::<String, _>("targets")?)?,
        author: row.try_get("author")?,
    })
}

fn enrolment(row: &AnyRow) -> sqlx::Result<Enrolment> {
    let (state, channel): (String, String) = (row.try_get("state")?, row.try_get("channel")?);
    Ok(Enrolment {
        id: row.try_get("id")?,
        class_id: row.try_get("class_id")?,
        channel: ChannelKind::parse(&channel).ok_or_else(|| unreadable(&channel))?,
        person: row.try_get("person")?,
        channel_id: row.try_get("channel_id")?,
        display_name: row.try_get("display_name")?,
        state: EnrolmentState::parse(&state).ok_or_else(|| unreadable(&state))?,
        place_in_line: row.try_get("place_in_line")?,
        offered_until: row.try_get::<Option<i64>, _>("offered_until")?.map(Timestamp::from_millis),
        offers: row.try_get("offers")?,
        answers: from_json(&row.try_get::<String, _>("answers")?)?,
        changed_at: Timestamp::from_millis(row.try_get("updated_at")?),
    })
}

/// Cancels the notices of a class that have not gone out and have `mark` in their names: the reminders of one session, or one kind of news.
pub async fn cancel_marked(conn: &mut AnyConnection, class_id: &str, mark: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE deliveries SET state = 'cancelled', settled_at = $1 WHERE origin = 'reminder' AND state = 'pending' \
         AND SUBSTR(origin_id, 1, LENGTH($2)) = $2 AND origin_id LIKE $3",
    )
    .bind(now.millis())
    .bind(format!("cls:{class_id}:"))
    .bind(format!("%{mark}%"))
    .execute(conn)
    .await?;
    Ok(())
}

fn unreadable(word: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("unreadable word {word} in a class or enrolment").into())
}

fn json<T: serde::Serialize>(value: &T) -> sqlx::Result<String> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> sqlx::Result<T> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(error.into()))
}
