//! How the bot stands in a group: what the platform says it may do there, and what that means for staff (F27).

use serde::{Deserialize, Serialize};

/// What asking the platform brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BotStatus {
    Known(Rights),
    /// The platform said no, in its own words: the bot is not there, or the group is gone.
    Refused(String),
    /// The platform could not be asked.
    NotAsked(String),
}

/// What the bot may do in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    pub presence: Presence,
    /// Privacy mode is off: the bot sees every message of every group.
    pub reads_all: bool,
    pub sends: bool,
    pub sends_files: bool,
    pub pins: bool,
    /// Opens closed topics and writes in them.
    pub manages_topics: bool,
    /// The group has topics.
    pub forum: bool,
}

/// Whether the bot is in the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    Administrator,
    Member,
    Out,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// As it should be.
    Fine,
    /// Something does not work that not every group needs.
    Advice,
    /// Bulletins do not arrive.
    Fault,
}

/// One thing found, in Chinese: what it is and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Finding {
    pub weight: Weight,
    pub what: String,
    /// What to do and who can; empty where there is nothing to do.
    pub to_do: String,
}
