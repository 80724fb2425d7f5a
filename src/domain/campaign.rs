//! A promotion month: dated posts and outings, from one file or the API.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};

/// What an item of the programme is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A post to the groups.
    Post,
    /// 进园区、进学校、进景区: staff go somewhere; the post invites.
    Outing,
}

/// One dated item of a programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignItem {
    pub kind: ItemKind,
    pub title: String,
    /// A TOML date or a text like `2027-04-01`.
    #[serde(deserialize_with = "date")]
    pub date: NaiveDate,
    /// Time of day of the post, `HH:MM` in Asia/Shanghai; 09:00 unless told.
    #[serde(default = "nine")]
    pub time: String,
    /// Text of the post.
    pub body: String,
    /// Outings: where, who goes, what is taken along.
    #[serde(default)]
    pub place: Option<String>,
    #[serde(default)]
    pub staff: Vec<String>,
    #[serde(default)]
    pub materials: Vec<String>,
    /// Tags of the channels it goes to; empty means the campaign's.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// Plans come as TOML, which has dates of its own, and as JSON, which has not.
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Date(toml::value::Datetime),
    }
    let text = match Written::deserialize(deserializer)? {
        Written::Text(text) => text,
        Written::Date(date) => date.to_string(),
    };
    text.parse().map_err(|_| serde::de::Error::custom(format!("“{text}”不是日期，请写成 2027-04-01 这样的格式")))
}

fn nine() -> String {
    "09:00".to_owned()
}

/// A programme as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignPlan {
    pub title: String,
    #[serde(deserialize_with = "date")]
    pub starts_on: NaiveDate,
    #[serde(deserialize_with = "date")]
    pub ends_on: NaiveDate,
    /// Tags of the channels the posts go to; empty means every group.
    #[serde(default)]
    pub tags: Vec<String>,
    pub items: Vec<CampaignItem>,
}
