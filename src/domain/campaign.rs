//! A promotion month: dated posts and outings, from one file or the API. An item has a date, or follows another one, or is counted back
//! from the month's filing deadline.

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

/// Where an item goes whose day is not worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayOff {
    /// To the next workday.
    Next,
    /// To the workday before.
    Previous,
}

/// One item of a programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignItem {
    pub kind: ItemKind,
    #[schema(min_length = 1, pattern = r"\S")]
    pub title: String,
    /// Short name by which other items follow this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// A TOML date or a text like `2027-04-01`. Left out where the day follows from `after` or `before_deadline`.
    #[serde(default, deserialize_with = "date_or_none")]
    pub date: Option<NaiveDate>,
    /// `key` of the item this one follows: when that one moves, this one moves too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Days after that item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 60)]
    pub days: Option<u32>,
    /// Workdays after that item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 60)]
    pub workdays: Option<u32>,
    /// Workdays before the filing deadline of the month the programme starts in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 60)]
    pub before_deadline: Option<u32>,
    /// What to do where the day is not worked; left out, it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_off: Option<DayOff>,
    /// Time of day of the post, `HH:MM` in Asia/Shanghai; 09:00 unless told.
    #[serde(default = "nine")]
    #[schema(pattern = r"^([01]?[0-9]|2[0-3]):[0-5]?[0-9]$")]
    pub time: String,
    /// Text of the post.
    #[schema(min_length = 1, pattern = r"\S")]
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
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Date(toml::value::Datetime),
}

impl Written {
    fn read<E: serde::de::Error>(self) -> Result<NaiveDate, E> {
        let text = match self {
            Self::Text(text) => text,
            Self::Date(date) => date.to_string(),
        };
        text.parse().map_err(|_| E::custom(format!("“{text}”不是日期，请写成 2027-04-01 这样的格式")))
    }
}

/// Reads a date as a plan or a request writes it.
pub fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    Written::deserialize(deserializer)?.read()
}

fn date_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    Option::<Written>::deserialize(deserializer)?.map(Written::read).transpose()
}

fn nine() -> String {
    "09:00".to_owned()
}

/// A programme as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignPlan {
    #[schema(min_length = 1, pattern = r"\S")]
    pub title: String,
    #[serde(deserialize_with = "date")]
    pub starts_on: NaiveDate,
    #[serde(deserialize_with = "date")]
    pub ends_on: NaiveDate,
    /// Tags of the channels the posts go to; empty means every group.
    #[serde(default)]
    pub tags: Vec<String>,
    #[schema(min_items = 1, max_items = 200)]
    pub items: Vec<CampaignItem>,
}
