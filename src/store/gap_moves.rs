//! Groups put together and taken apart by hand. What moved where is kept, so that a second click and an old link find it.

use sqlx::{AnyConnection, Row};

use crate::domain::gap::Gap;
use crate::domain::time::Timestamp;

/// The group that a merged one stands in today.
pub async fn merged_into(conn: &mut AnyConnection, gap_id: &str) -> sqlx::Result<Option<String>> {
    let row = sqlx::query("SELECT into_id FROM gap_merges WHERE gap_id = $1").bind(gap_id.to_owned()).fetch_optional(conn).await?;
    row.map(|row| row.try_get("into_id")).transpose()
}

/// The group that a wording was split off to.
pub async fn split_off(conn: &mut AnyConnection, gap_id: &str, wording: &str) -> sqlx::Result<Option<String>> {
    let row = sqlx::query("SELECT into_id FROM gap_splits WHERE gap_id = $1 AND wording = $2")
        .bind(gap_id.to_owned())
        .bind(wording.to_owned())
        .fetch_optional(conn)
        .await?;
    row.map(|row| row.try_get("into_id")).transpose()
}

/// How often a wording of a group was asked, and when last; nothing where the group has no such wording.
pub async fn wording(conn: &mut AnyConnection, gap_id: &str, wording: &str) -> sqlx::Result<Option<(i64, Timestamp)>> {
    let row = sqlx::query("SELECT asked, last_asked_at FROM gap_wordings WHERE gap_id = $1 AND wording = $2")
        .bind(gap_id.to_owned())
        .bind(wording.to_owned())
        .fetch_optional(conn)
        .await?;
    row.map(|row| Ok((row.try_get("asked")?, Timestamp::from_millis(row.try_get("last_asked_at")?)))).transpose()
}

/// Moves everything of one group into another and takes the first away. New questions like the first then find the other.
pub async fn merge(conn: &mut AnyConnection, from: &Gap, into: &str, now: Timestamp) -> sqlx::Result<()> {
    for sql in [
        "UPDATE questions SET gap_id = $2 WHERE gap_id = $1",
        "UPDATE gap_inquiries SET gap_id = $2 WHERE gap_id = $1",
        "UPDATE gap_splits SET into_id = $2 WHERE into_id = $1",
        "UPDATE gap_merges SET into_id = $2 WHERE into_id = $1",
        "INSERT INTO gap_wordings (gap_id, wording, asked, last_asked_at) SELECT $2, w.wording, w.asked, w.last_asked_at FROM gap_wordings w \
         WHERE w.gap_id = $1 ON CONFLICT (gap_id, wording) DO UPDATE SET asked = gap_wordings.asked + excluded.asked, \
         last_asked_at = CASE WHEN gap_wordings.last_asked_at < excluded.last_asked_at THEN excluded.last_asked_at \
         ELSE gap_wordings.last_asked_at END",
        "INSERT INTO gap_terms (term, gap_id) SELECT t.term, $2 FROM gap_terms t WHERE t.gap_id = $1 ON CONFLICT DO NOTHING",
        "INSERT INTO gap_faces (gap_id, face) SELECT $2, f.face FROM gap_faces f WHERE f.gap_id = $1 ON CONFLICT DO NOTHING",
        "INSERT INTO gap_faces (gap_id, face) SELECT $2, g.question FROM gaps g WHERE g.id = $1 ON CONFLICT DO NOTHING",
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(from.id.clone()).bind(into.to_owned()).execute(&mut *conn).await?;
    }
    for table in ["gap_wordings", "gap_terms", "gap_faces", "gap_splits"] {
        let sql = format!("DELETE FROM {table} WHERE gap_id = $1");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(from.id.clone()).execute(&mut *conn).await?;
    }
    sqlx::query(
        "UPDATE gaps SET asked = asked + $1, useless = useless + $2, handed_off = handed_off + $3, \
         opens_at = CASE WHEN opens_at > 0 THEN opens_at + $1 ELSE 0 END, \
         first_asked_at = CASE WHEN first_asked_at > $4 THEN $4 ELSE first_asked_at END, \
         last_asked_at = CASE WHEN last_asked_at < $5 THEN $5 ELSE last_asked_at END WHERE id = $6",
    )
    .bind(from.asked)
    .bind(from.useless)
    .bind(from.handed_off)
    .bind(from.first_asked_at.millis())
    .bind(from.last_asked_at.millis())
    .bind(into.to_owned())
    .execute(&mut *conn)
    .await?;
    sqlx::query("DELETE FROM gaps WHERE id = $1").bind(from.id.clone()).execute(&mut *conn).await?;
    sqlx::query("INSERT INTO gap_merges (gap_id, into_id, merged_at) VALUES ($1, $2, $3)")
        .bind(from.id.clone())
        .bind(into.to_owned())
        .bind(now.millis())
        .execute(conn)
        .await?;
    Ok(())
}

/// Moves a wording, asked `asked` times, with all that was asked in it from one group into the new group `into`.
pub async fn split(conn: &mut AnyConnection, gap: &Gap, wording: &str, asked: i64, into: &str) -> sqlx::Result<()> {
    const ITS_INQUIRIES: &str = "inquiry_id IN (SELECT i.id FROM inquiries i WHERE i.question = $2)";
    let useless = sqlx::query("SELECT COUNT(*) AS many FROM questions WHERE gap_id = $1 AND question = $2 AND gap = 0 AND useful = 0")
        .bind(gap.id.clone())
        .bind(wording.to_owned())
        .fetch_one(&mut *conn)
        .await?
        .try_get::<i64, _>("many")?;
    sqlx::query("UPDATE questions SET gap_id = $3 WHERE gap_id = $1 AND question = $2")
        .bind(gap.id.clone())
        .bind(wording.to_owned())
        .bind(into.to_owned())
        .execute(&mut *conn)
        .await?;
    let sql = format!("UPDATE gap_inquiries SET gap_id = $3 WHERE gap_id = $1 AND {ITS_INQUIRIES}");
    let handed = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(gap.id.clone())
        .bind(wording.to_owned())
        .bind(into.to_owned())
        .execute(&mut *conn)
        .await?
        .rows_affected();
    let handed = i64::try_from(handed).unwrap_or(i64::MAX);
    sqlx::query("UPDATE gap_wordings SET gap_id = $3 WHERE gap_id = $1 AND wording = $2")
        .bind(gap.id.clone())
        .bind(wording.to_owned())
        .bind(into.to_owned())
        .execute(&mut *conn)
        .await?;
    sqlx::query("DELETE FROM gap_faces WHERE gap_id = $1 AND face = $2")
        .bind(gap.id.clone())
        .bind(wording.to_owned())
        .execute(&mut *conn)
        .await?;
    for (id, sign) in [(gap.id.as_str(), -1), (into, 1)] {
        // A settled group keeps its distance to opening again.
        sqlx::query(
            "UPDATE gaps SET asked = asked + $1, useless = useless + $2, handed_off = handed_off + $3, \
             opens_at = CASE WHEN opens_at > 0 THEN opens_at + $1 ELSE 0 END WHERE id = $4",
        )
        .bind(sign * asked)
        .bind(sign * useless)
        .bind(sign * handed)
        .bind(id.to_owned())
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query(
        "INSERT INTO gap_splits (gap_id, wording, into_id) VALUES ($1, $2, $3) \
         ON CONFLICT (gap_id, wording) DO UPDATE SET into_id = excluded.into_id",
    )
    .bind(gap.id.clone())
    .bind(wording.to_owned())
    .bind(into.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}
