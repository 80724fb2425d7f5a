//! What people think of the service: the 服务评价 after a person helped, and 有用 or 无用 under answers.

use sqlx::{AnyConnection, Row};

use crate::domain::time::Timestamp;

/// How often each rating was given; `stars[0]` is one star.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Ratings {
    pub stars: [i64; 5],
    /// Inquiries that a person answered and closed, rated or not.
    pub closed: i64,
    pub useful: i64,
    pub useless: i64,
    /// Questions that were answered, judged or not.
    pub answered: i64,
}

/// A low rating.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct LowRating {
    pub inquiry: String,
    pub stars: i64,
    /// Masked.
    pub question: String,
    /// Who answered.
    pub assignee: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub closed_at: Timestamp,
    /// Number of its ledger item.
    pub number: Option<String>,
}

/// All ratings since `since`.
pub async fn since(conn: &mut AnyConnection, since: Timestamp) -> sqlx::Result<Ratings> {
    let mut ratings = Ratings::default();
    let rows = sqlx::query("SELECT stars, COUNT(*) AS many FROM inquiries WHERE stars IS NOT NULL AND closed_at >= $1 GROUP BY stars")
        .bind(since.millis())
        .fetch_all(&mut *conn)
        .await?;
    for row in &rows {
        let stars = usize::try_from(row.try_get::<i64, _>("stars")?).unwrap_or(0);
        if let Some(many) = stars.checked_sub(1).and_then(|at| ratings.stars.get_mut(at)) {
            *many = row.try_get("many")?;
        }
    }
    let row = sqlx::query("SELECT COUNT(*) AS many FROM inquiries WHERE state = 'closed' AND taken_at IS NOT NULL AND closed_at >= $1")
        .bind(since.millis())
        .fetch_one(&mut *conn)
        .await?;
    ratings.closed = row.try_get("many")?;
    let row = sqlx::query(
        "SELECT CAST(COALESCE(SUM(CASE WHEN useful = 1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS useful, \
         CAST(COALESCE(SUM(CASE WHEN useful = 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS useless, COUNT(*) AS answered \
         FROM questions WHERE decision = 'answered' AND asked_at >= $1",
    )
    .bind(since.millis())
    .fetch_one(conn)
    .await?;
    ratings.useful = row.try_get("useful")?;
    ratings.useless = row.try_get("useless")?;
    ratings.answered = row.try_get("answered")?;
    Ok(ratings)
}

/// The latest ratings of at most `most` stars, each with its ledger item.
pub async fn low(conn: &mut AnyConnection, most: i64, since: Timestamp, limit: i64) -> sqlx::Result<Vec<LowRating>> {
    let rows = sqlx::query(
        "SELECT i.id, i.stars, i.question, i.assignee, i.closed_at, l.number FROM inquiries i \
         LEFT JOIN ledger_items l ON l.inquiry_id = i.id \
         WHERE i.stars IS NOT NULL AND i.stars <= $1 AND i.closed_at >= $2 ORDER BY i.closed_at DESC, i.id LIMIT $3",
    )
    .bind(most)
    .bind(since.millis())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(LowRating {
                inquiry: row.try_get("id")?,
                stars: row.try_get("stars")?,
                question: row.try_get("question")?,
                assignee: row.try_get("assignee")?,
                closed_at: Timestamp::from_millis(row.try_get("closed_at")?),
                number: row.try_get("number")?,
            })
        })
        .collect()
}
