//! What is kept of a person, in which table, and what becomes of it when they want to be forgotten. One list serves showing, erasing and
//! the test over the schema: a table that names people and is not in it fails that test.

use sqlx::{AnyConnection, Row};

use super::{Tx, channels, schema};
use crate::domain::channel::ChannelKind;
use crate::domain::id::new_id;
use crate::domain::personal::Found;
use crate::domain::time::Timestamp;

/// A table that names people.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    pub table: &'static str,
    pub by: By,
    /// Columns the person is shown; none where the rows only belong to another table's.
    pub shown: &'static [&'static str],
    pub after: After,
    /// Which rows must still stay, as a condition over the row with `$now` for Unix milliseconds; empty: none.
    pub stays: &'static str,
}

/// How a table names a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Columns `channel` and `person`.
    Person,
    /// Column `channel_id`: their private chat.
    Chat,
    /// Rows of another table's rows: a condition with `$1` for the channel and `$2` for the person.
    Through(&'static str),
}

/// What becomes of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// They go.
    Gone,
    /// They stay for counting: these columns get these SQL values. `$gone` is a name made up for this once.
    Nameless(&'static [(&'static str, &'static str)]),
}

/// An entry counts until the quiz is over: whoever were forgotten before could answer twice.
const QUIZ_RUNS: &str =
    "EXISTS (SELECT 1 FROM quizzes q WHERE q.id = quiz_id AND (q.closes_at > $now OR (q.kind = 'prize' AND q.drawn_at IS NULL)))";
/// The list at the door is needed while a class runs.
const CLASS_RUNS: &str = "state <> 'cancelled' AND EXISTS (SELECT 1 FROM classes c WHERE c.id = class_id AND c.state = 'published' \
     AND c.starts_at <= $now AND c.ends_at > $now)";

/// A ballot counts until the vote closes: whoever were forgotten before could vote twice.
const VOTE_RUNS: &str = "EXISTS (SELECT 1 FROM topic_votes v WHERE v.id = vote_id AND v.closes_at > $now)";

/// Every table that names people, those that are found through another before that one.
pub const KEPT: &[Kept] = &[
    Kept {
        table: "questions",
        by: By::Person,
        shown: &["asked_at", "question", "decision", "useful"],
        after: After::Nameless(&[("person", "$gone"), ("question", "''"), ("suggestions", "'[]'")]),
        stays: "",
    },
    Kept {
        // Those of a browser that waits for their answer: they were asked under the name of a visit that is over.
        table: "questions",
        by: By::Through("id IN (SELECT question_id FROM web_askers WHERE channel = $1 AND person = $2)"),
        shown: &["asked_at", "question", "decision", "useful"],
        after: After::Nameless(&[("person", "$gone"), ("question", "''"), ("suggestions", "'[]'")]),
        stays: "",
    },
    Kept { table: "web_askers", by: By::Person, shown: &["asked_at"], after: After::Gone, stays: "" },
    Kept { table: "answers_shown", by: By::Person, shown: &["shown_at"], after: After::Gone, stays: "" },
    Kept { table: "web_notices_unwanted", by: By::Person, shown: &["since"], after: After::Gone, stays: "" },
    Kept { table: "topics", by: By::Person, shown: &["asked_at", "question"], after: After::Gone, stays: "" },
    Kept {
        // What staff were told of their question, in the staff's own chat.
        table: "deliveries",
        by: By::Through(
            "origin_id IN (SELECT m.id FROM inquiry_messages m JOIN inquiries i ON i.id = m.inquiry_id WHERE i.channel = $1 AND i.person = $2)",
        ),
        shown: &[],
        after: After::Nameless(&[("content", "''")]),
        stays: "state IN ('pending', 'sending', 'unknown')",
    },
    Kept {
        table: "inquiry_messages",
        by: By::Through("inquiry_id IN (SELECT id FROM inquiries WHERE channel = $1 AND person = $2)"),
        shown: &["said_at", "author", "text"],
        after: After::Nameless(&[("text", "''"), ("name", "CASE WHEN author = 'staff' THEN name ELSE '' END")]),
        stays: "",
    },
    Kept {
        table: "inquiries",
        by: By::Person,
        shown: &["queued_at", "question", "state", "stars"],
        after: After::Nameless(&[
            ("person", "$gone"),
            ("person_name", "''"),
            ("channel_id", "NULL"),
            ("question", "''"),
            ("passages", "'[]'"),
        ]),
        stays: "state <> 'closed'",
    },
    Kept {
        table: "check_ins",
        by: By::Through("enrolment_id IN (SELECT id FROM enrolments WHERE channel = $1 AND person = $2)"),
        shown: &["at", "session"],
        // Who came is told by the enrolment alone.
        after: After::Nameless(&[]),
        stays: "",
    },
    Kept {
        table: "certificates",
        by: By::Through("enrolment_id IN (SELECT id FROM enrolments WHERE channel = $1 AND person = $2)"),
        shown: &["issued_at", "code"],
        // Without a name it proves nothing.
        after: After::Gone,
        stays: "",
    },
    Kept { table: "enrolment_questions", by: By::Person, shown: &["asked_at", "label"], after: After::Gone, stays: "" },
    Kept {
        table: "enrolments",
        by: By::Person,
        shown: &["created_at", "class_id", "display_name", "state", "answers"],
        after: After::Nameless(&[("person", "$gone"), ("display_name", "''"), ("channel_id", "NULL"), ("answers", "'{}'")]),
        stays: CLASS_RUNS,
    },
    Kept {
        table: "quiz_entries",
        by: By::Person,
        shown: &["created_at", "quiz_id", "display_name", "number", "phone_hash"],
        after: After::Nameless(&[("person", "$gone"), ("display_name", "''"), ("phone_hash", "NULL")]),
        stays: QUIZ_RUNS,
    },
    Kept {
        table: "survey_answers",
        by: By::Through("talk_id IN (SELECT id FROM survey_talks WHERE channel = $1 AND person = $2)"),
        shown: &["answered_at", "score", "words"],
        after: After::Nameless(&[("words", "CASE WHEN words IS NULL THEN NULL ELSE '' END")]),
        stays: "",
    },
    Kept {
        table: "survey_talks",
        by: By::Person,
        shown: &["updated_at", "class_id", "state"],
        after: After::Nameless(&[
            ("person", "$gone"),
            ("channel_id", "NULL"),
            ("listens_until", "NULL"),
            ("state", "CASE WHEN state = 'done' THEN state ELSE 'stopped' END"),
        ]),
        stays: "",
    },
    Kept {
        table: "ballots",
        by: By::Person,
        shown: &["voted_at", "topic"],
        after: After::Nameless(&[("person", "$gone")]),
        stays: VOTE_RUNS,
    },
    Kept {
        // What was proposed is seen to first; then the ledger keeps the number, and nothing of the person.
        table: "ledger_items",
        by: By::Person,
        shown: &["created_at", "number", "text", "stage", "answer"],
        after: After::Nameless(&[("person", "$gone"), ("channel_id", "NULL"), ("text", "''"), ("answer", "''")]),
        stays: "stage IN ('received', 'accepted', 'handling')",
    },
    Kept { table: "answer_follows", by: By::Chat, shown: &["got_at", "document"], after: After::Gone, stays: "" },
    Kept { table: "later_answers_unwanted", by: By::Chat, shown: &["since"], after: After::Gone, stays: "" },
    Kept { table: "subscriptions", by: By::Chat, shown: &["tag"], after: After::Gone, stays: "" },
    Kept { table: "subscribers", by: By::Chat, shown: &["created_at", "rhythm"], after: After::Gone, stays: "" },
    Kept {
        table: "deliveries",
        by: By::Chat,
        shown: &["created_at", "origin", "state"],
        // The chat itself goes when the last word has gone out; what was said goes at once.
        after: After::Nameless(&[("content", "''")]),
        stays: "state IN ('pending', 'sending')",
    },
];

/// Columns by which a table names people.
pub const NAMING: [&str; 8] = ["enrolment_id", "inquiry_id", "person", "person_name", "display_name", "channel_id", "chat", "phone"];

/// Tables with such a column that hold nothing of a person, and why.
pub const NOT_PERSONAL: &[(&str, &str)] = &[
    ("channel_tags", "a private chat carries no tags"),
    ("gap_inquiries", "says only which group of questions an inquiry belongs to; who asked stands in the inquiry"),
    ("updates", "emptied when they are worked off; chats of forgotten people are struck out by `leave`"),
];

/// One person: where they write, who they are there, and their private chat where they have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Word of the channel.
    pub channel: String,
    pub person: String,
    /// Id in `channels`.
    pub chat: Option<String>,
}

/// Rows of one table shown at most; more than anybody leaves behind in the time they are kept.
const MOST: i64 = 5_000;

impl Kept {
    /// The condition for the rows of `who`, and what it is bound to; nothing where the table cannot know them.
    fn rows_of(&self, who: &Who) -> Option<(String, Vec<String>)> {
        match self.by {
            By::Person => Some(("channel = $1 AND person = $2".to_owned(), vec![who.channel.clone(), who.person.clone()])),
            By::Through(condition) => Some((condition.to_owned(), vec![who.channel.clone(), who.person.clone()])),
            By::Chat => who.chat.clone().map(|chat| ("channel_id = $1".to_owned(), vec![chat])),
        }
    }

    /// The condition for what must stay.
    fn staying(&self, now: Timestamp) -> String {
        if self.stays.is_empty() { "1 = 0".to_owned() } else { self.stays.replace("$now", &now.millis().to_string()) }
    }
}

/// Everything kept of a person, by table; tables without anything are left out.
pub async fn of(conn: &mut AnyConnection, who: &Who, now: Timestamp) -> sqlx::Result<Vec<Found>> {
    let mut found = Vec::new();
    for kept in KEPT {
        let (Some((rows, values)), Some(first)) = (kept.rows_of(who), kept.shown.first()) else { continue };
        let columns = kept.shown.join(", ");
        let sql = format!(
            "SELECT {columns}, CASE WHEN {} THEN 1 ELSE 0 END AS staying FROM {} WHERE {rows} ORDER BY {first} DESC LIMIT {MOST}",
            kept.staying(now),
            kept.table
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for value in values {
            query = query.bind(value);
        }
        let (mut listed, mut staying) = (Vec::new(), 0);
        for row in query.fetch_all(&mut *conn).await? {
            let mut object = schema::json(&row)?;
            if object.remove("staying").and_then(|value| value.as_i64()) == Some(1) {
                staying += 1;
            }
            for (name, value) in &mut object {
                // Instants read as people write them.
                if let (true, Some(millis)) = (name.ends_with("_at") || name == "at", value.as_i64()) {
                    *value = Timestamp::from_millis(millis).rfc3339().into();
                }
            }
            listed.push(object);
        }
        if !listed.is_empty() {
            found.push(Found { table: kept.table, columns: kept.shown, rows: listed, staying });
        }
    }
    Ok(found)
}

/// Forgets a person, but for what must still stay; how many rows of which table were emptied or taken out.
/// Whatever is running for them must have been ended before, in the same transaction; the answer to their wish is stored after it.
pub async fn forget(tx: &mut Tx, who: &Who, now: Timestamp) -> sqlx::Result<Vec<(&'static str, u64)>> {
    if let Some(chat) = &who.chat {
        sqlx::query(
            "UPDATE deliveries SET state = 'cancelled', reason = 'forgotten', settled_at = $1 WHERE channel_id = $2 AND state = 'pending'",
        )
        .bind(now.millis())
        .bind(chat.clone())
        .execute(&mut **tx)
        .await?;
        sqlx::query("UPDATE deliveries SET state = 'abandoned', reason = 'forgotten' WHERE channel_id = $1 AND state = 'unknown'")
            .bind(chat.clone())
            .execute(&mut **tx)
            .await?;
        sqlx::query("UPDATE channels SET leaving = $1 WHERE id = $2 AND scope = 'private' AND is_target = 0")
            .bind(now.millis())
            .bind(chat.clone())
            .execute(&mut **tx)
            .await?;
    }
    let mut done = Vec::new();
    for kept in KEPT {
        let Some((rows, values)) = kept.rows_of(who) else { continue };
        let what = match kept.after {
            After::Nameless([]) => continue,
            After::Gone => format!("DELETE FROM {}", kept.table),
            After::Nameless(columns) => {
                // A name of its own for each table: nobody can lay two of them side by side.
                let gone = format!("'{}'", new_id("gone", now));
                let set: Vec<String> =
                    columns.iter().map(|(column, value)| format!("{column} = {}", value.replace("$gone", &gone))).collect();
                format!("UPDATE {} SET {}", kept.table, set.join(", "))
            }
        };
        let sql = format!("{what} WHERE {rows} AND NOT ({})", kept.staying(now));
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for value in values {
            query = query.bind(value);
        }
        let many = query.execute(&mut **tx).await?.rows_affected();
        if many > 0 {
            done.push((kept.table, many));
        }
    }
    Ok(done)
}

/// Before an open inquiry of a person is ended for good: `somebody` stands for their name, and what staff were still to be told goes unsent.
pub async fn hide_asker(tx: &mut Tx, who: &Who, somebody: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE inquiries SET person_name = $1 WHERE channel = $2 AND person = $3 AND state <> 'closed'")
        .bind(somebody.to_owned())
        .bind(who.channel.clone())
        .bind(who.person.clone())
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "UPDATE deliveries SET state = 'cancelled', reason = 'forgotten', settled_at = $1 WHERE state = 'pending' AND origin_id IN \
         (SELECT m.id FROM inquiry_messages m JOIN inquiries i ON i.id = m.inquiry_id WHERE i.channel = $2 AND i.person = $3)",
    )
    .bind(now.millis())
    .bind(who.channel.clone())
    .bind(who.person.clone())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Strikes out the chats of people who were forgotten and have been told so; at most `limit`, says how many. Whoever wrote again and has
/// something new is not struck out.
pub async fn leave(tx: &mut Tx, limit: i64) -> sqlx::Result<u64> {
    let rows = sqlx::query(
        "SELECT c.id, c.kind, c.address FROM channels c WHERE c.leaving IS NOT NULL AND NOT EXISTS (SELECT 1 FROM deliveries d \
         WHERE d.channel_id = c.id AND d.state IN ('pending', 'sending', 'unknown')) ORDER BY c.leaving, c.id LIMIT $1",
    )
    .bind(limit)
    .fetch_all(&mut **tx)
    .await?;
    for row in &rows {
        let (id, kind, address): (String, String, String) = (row.try_get("id")?, row.try_get("kind")?, row.try_get("address")?);
        if came_back(tx, &id).await? {
            sqlx::query("UPDATE channels SET leaving = NULL WHERE id = $1").bind(id).execute(&mut **tx).await?;
            continue;
        }
        sqlx::query("UPDATE attempts SET detail = NULL WHERE delivery_id IN (SELECT d.id FROM deliveries d WHERE d.channel_id = $1)")
            .bind(id.clone())
            .execute(&mut **tx)
            .await?;
        sqlx::query("UPDATE deliveries SET content = '', reply_to = NULL, message_id = NULL WHERE channel_id = $1")
            .bind(id.clone())
            .execute(&mut **tx)
            .await?;
        sqlx::query("UPDATE updates SET chat = '', payload = '' WHERE channel = $1 AND chat = $2 AND state <> 'pending'")
            .bind(kind)
            .bind(address)
            .execute(&mut **tx)
            .await?;
        sqlx::query(
            "UPDATE channels SET address = 'gone:' || id, title = '', reachable = 0, unreachable_reason = NULL, leaving = NULL, wake_at = NULL \
             WHERE id = $1",
        )
        .bind(id)
        .execute(&mut **tx)
        .await?;
    }
    Ok(u64::try_from(rows.len()).unwrap_or(0))
}

/// Whether somebody who was forgotten has asked for something since.
async fn came_back(tx: &mut Tx, chat: &str) -> sqlx::Result<bool> {
    let row = sqlx::query(
        "SELECT (SELECT COUNT(*) FROM subscribers WHERE channel_id = $1) + (SELECT COUNT(*) FROM enrolments WHERE channel_id = $1) \
         + (SELECT COUNT(*) FROM inquiries WHERE channel_id = $1 AND state <> 'closed') AS many",
    )
    .bind(chat.to_owned())
    .fetch_one(&mut **tx)
    .await?;
    Ok(row.try_get::<i64, _>("many")? > 0)
}

/// The id of somebody's private chat by its address at the platform.
pub async fn private_chat(conn: &mut AnyConnection, kind: ChannelKind, address: &str) -> sqlx::Result<Option<String>> {
    Ok(channels::find(conn, kind, address).await?.map(|channel| channel.id))
}

/// Whether somebody waits to be struck out.
pub async fn anybody_leaves(conn: &mut AnyConnection) -> sqlx::Result<bool> {
    Ok(sqlx::query("SELECT id FROM channels WHERE leaving IS NOT NULL LIMIT 1").fetch_optional(conn).await?.is_some())
}
