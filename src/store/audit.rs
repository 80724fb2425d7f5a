//! Who did what to what. Rows are only ever added, in the transaction of the change.

use sqlx::AnyConnection;

use crate::domain::id::new_id;
use crate::domain::time::Timestamp;

/// Adds a row. `detail` carries no personal data.
pub async fn record(conn: &mut AnyConnection, actor: &str, action: &str, subject: &str, detail: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO audit (id, at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(new_id("aud", now))
        .bind(now.millis())
        .bind(actor.to_owned())
        .bind(action.to_owned())
        .bind(subject.to_owned())
        .bind(detail.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}
