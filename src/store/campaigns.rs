//! Promotion months and their items; what an item sends is a bulletin.

use chrono::NaiveDate;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::campaign::{CampaignItem, CampaignPlan};
use crate::domain::time::Timestamp;

/// A programme as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    pub id: String,
    pub title: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub tags: Vec<String>,
    /// File name, or `api`.
    pub source: String,
    pub author: String,
    pub created_at: Timestamp,
}

impl Campaign {
    /// The plan without its items: title, first and last day, tags.
    pub fn span(&self) -> CampaignPlan {
        CampaignPlan {
            title: self.title.clone(),
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            tags: self.tags.clone(),
            items: Vec::new(),
        }
    }
}

/// An item as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredItem {
    pub id: String,
    pub campaign_id: String,
    pub ordinal: i64,
    pub item: CampaignItem,
    /// None: its day is not known, a calendar is missing.
    pub due_at: Option<Timestamp>,
    pub bulletin_id: Option<String>,
}

impl StoredItem {
    /// Its day, if known. The item itself keeps what the plan says.
    pub fn date(&self) -> Option<NaiveDate> {
        self.due_at.map(Timestamp::date)
    }
}

/// Adds a programme.
pub async fn insert(conn: &mut AnyConnection, campaign: &Campaign) -> sqlx::Result<()> {
    let tags = serde_json::to_string(&campaign.tags).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "INSERT INTO campaigns (id, title, starts_on, ends_on, tags, source, author, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(campaign.id.clone())
    .bind(campaign.title.clone())
    .bind(campaign.starts_on.to_string())
    .bind(campaign.ends_on.to_string())
    .bind(tags)
    .bind(campaign.source.clone())
    .bind(campaign.author.clone())
    .bind(campaign.created_at.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds an item.
pub async fn insert_item(conn: &mut AnyConnection, item: &StoredItem) -> sqlx::Result<()> {
    let text = serde_json::to_string(&item.item).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query("INSERT INTO campaign_items (id, campaign_id, ordinal, item, due_at, bulletin_id) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(item.id.clone())
        .bind(item.campaign_id.clone())
        .bind(item.ordinal)
        .bind(text)
        .bind(item.due_at.map_or(0, Timestamp::millis))
        .bind(item.bulletin_id.clone())
        .execute(conn)
        .await?;
    Ok(())
}

/// One programme. `lock` is [`crate::store::Tx::for_update`] in a transaction that will change it, else empty.
pub async fn get(conn: &mut AnyConnection, id: &str, lock: &str) -> sqlx::Result<Option<Campaign>> {
    let sql = format!("SELECT id, title, starts_on, ends_on, tags, source, author, created_at FROM campaigns WHERE id = $1{lock}");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(campaign).transpose()
}

/// The newest first; `before` is the id of the last one seen, empty for the first page.
pub async fn list(conn: &mut AnyConnection, before: &str, limit: i64) -> sqlx::Result<Vec<Campaign>> {
    let rows = sqlx::query(
        "SELECT id, title, starts_on, ends_on, tags, source, author, created_at FROM campaigns WHERE $1 = '' OR id < $1 ORDER BY id DESC LIMIT $2",
    )
    .bind(before.to_owned())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.iter().map(campaign).collect()
}

/// The programmes that have a day between two days, both included, the first to begin first.
pub async fn between(conn: &mut AnyConnection, from: NaiveDate, to: NaiveDate) -> sqlx::Result<Vec<Campaign>> {
    let rows = sqlx::query(
        "SELECT id, title, starts_on, ends_on, tags, source, author, created_at FROM campaigns WHERE starts_on <= $2 AND ends_on >= $1 \
         ORDER BY starts_on, id",
    )
    .bind(from.to_string())
    .bind(to.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(campaign).collect()
}

/// The programme made from this file, if it was imported before.
pub async fn by_source(conn: &mut AnyConnection, source: &str) -> sqlx::Result<Option<String>> {
    let row = sqlx::query("SELECT id FROM campaigns WHERE source = $1").bind(source.to_owned()).fetch_optional(conn).await?;
    row.map(|row| row.try_get("id")).transpose()
}

/// The items in order.
pub async fn items(conn: &mut AnyConnection, campaign_id: &str) -> sqlx::Result<Vec<StoredItem>> {
    let rows = sqlx::query(
        "SELECT id, campaign_id, ordinal, item, due_at, bulletin_id FROM campaign_items WHERE campaign_id = $1 ORDER BY ordinal",
    )
    .bind(campaign_id.to_owned())
    .fetch_all(conn)
    .await?;
    rows.iter().map(stored_item).collect()
}

/// One item. `lock` is [`crate::store::Tx::for_update`] in a transaction that will change it, else empty.
pub async fn item(conn: &mut AnyConnection, id: &str, lock: &str) -> sqlx::Result<Option<StoredItem>> {
    let sql = format!("SELECT id, campaign_id, ordinal, item, due_at, bulletin_id FROM campaign_items WHERE id = $1{lock}");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(stored_item).transpose()
}

/// Programmes with an item whose day is not known.
pub async fn with_undated(conn: &mut AnyConnection) -> sqlx::Result<Vec<String>> {
    let rows = sqlx::query("SELECT DISTINCT campaign_id FROM campaign_items WHERE due_at = 0 ORDER BY campaign_id").fetch_all(conn).await?;
    rows.iter().map(|row| row.try_get("campaign_id")).collect()
}

/// Writes back an item's day and rules.
pub async fn update_item(conn: &mut AnyConnection, item: &StoredItem) -> sqlx::Result<()> {
    let text = serde_json::to_string(&item.item).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query("UPDATE campaign_items SET item = $1, due_at = $2 WHERE id = $3")
        .bind(text)
        .bind(item.due_at.map_or(0, Timestamp::millis))
        .bind(item.id.clone())
        .execute(conn)
        .await?;
    Ok(())
}

/// When the scheduler held a bulletin because its time had passed, if it ever did.
pub async fn held_at(conn: &mut AnyConnection, bulletin_id: &str) -> sqlx::Result<Option<Timestamp>> {
    let row =
        sqlx::query("SELECT at FROM audit WHERE subject = $1 AND action = 'bulletin.tick' AND detail = 'held' ORDER BY at DESC LIMIT 1")
            .bind(bulletin_id.to_owned())
            .fetch_optional(conn)
            .await?;
    row.map(|row| row.try_get("at").map(Timestamp::from_millis)).transpose()
}

fn day(row: &AnyRow, name: &str) -> sqlx::Result<NaiveDate> {
    row.try_get::<String, _>(name)?.parse().map_err(|error: chrono::ParseError| sqlx::Error::Decode(error.into()))
}

fn stored_item(row: &AnyRow) -> sqlx::Result<StoredItem> {
    Ok(StoredItem {
        id: row.try_get("id")?,
        campaign_id: row.try_get("campaign_id")?,
        ordinal: row.try_get("ordinal")?,
        item: serde_json::from_str(&row.try_get::<String, _>("item")?).map_err(|error| sqlx::Error::Decode(error.into()))?,
        due_at: Some(row.try_get("due_at")?).filter(|millis| *millis > 0).map(Timestamp::from_millis),
        bulletin_id: row.try_get("bulletin_id")?,
    })
}

fn campaign(row: &AnyRow) -> sqlx::Result<Campaign> {
    Ok(Campaign {
        id: row.try_get("id")?,
        title: row.try_get("title")?,
        starts_on: day(row, "starts_on")?,
        ends_on: day(row, "ends_on")?,
        tags: serde_json::from_str(&row.try_get::<String, _>("tags")?).map_err(|error| sqlx::Error::Decode(error.into()))?,
        source: row.try_get("source")?,
        author: row.try_get("author")?,
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
    })
}
