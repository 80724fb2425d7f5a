//! A promotion month: dated posts and outings, from one file or the API.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

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

fn nine() -> String {
    "09:00".to_owned()
}

/// A programme as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignPlan {
    pub title: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    /// Tags of the channels the posts go to; empty means every group.
    #[serde(default)]
    pub tags: Vec<String>,
    pub items: Vec<CampaignItem>,
}
