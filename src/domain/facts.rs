//! What is known of a document besides its text, dates and standing. Most documents of a large collection have nothing of it, so it lies apart
//! and takes no room where there is none.

use std::ops::{Deref, DerefMut};

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Number, issuer, subjects, source, and the questions it answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// 文号; several are joined by "；".
    pub number: Option<String>,
    pub issuer: Option<String>,
    /// Numbers or titles of the documents this one replaces.
    pub supersedes: Vec<String>,
    pub superseded_by: Option<String>,
    /// The tax first, then subjects.
    pub topics: Vec<String>,
    pub audience: Vec<String>,
    pub source: Option<String>,
    /// Address of the official text, where one was seen.
    pub link: Option<String>,
    /// Ways people ask it.
    pub questions: Vec<String>,
    /// Questions near to it that neither it nor another document answers: known gaps, so that nobody is answered past the question.
    #[serde(default)]
    pub unanswered: Vec<String>,
    /// Set for an answer approved by staff.
    #[serde(default)]
    pub verified: Option<Box<Verified>>,
    /// 文号 or title of the document that this 解读 explains.
    #[serde(default)]
    pub interprets: Option<Box<str>>,
    /// Short name of the matter, for guides ("办X要带什么").
    pub matter: Option<String>,
}

/// Who approved an answer, and what it rests on (F13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Name of the approving unit, shown with the answer.
    pub unit: String,
    pub on: NaiveDate,
    /// Ids or 文号 of the documents it rests on; the answer holds as long as all of them do.
    pub rests_on: Vec<String>,
}

/// Facts of one document: a pointer, and nothing behind it where there are none.
#[derive(Debug, Clone, Default)]
pub struct Known(Option<Box<Facts>>);

/// What is read where there are none.
static NONE: Facts = Facts {
    number: None,
    issuer: None,
    supersedes: Vec::new(),
    superseded_by: None,
    topics: Vec::new(),
    audience: Vec::new(),
    source: None,
    link: None,
    questions: Vec::new(),
    unanswered: Vec::new(),
    verified: None,
    interprets: None,
    matter: None,
};

impl From<Facts> for Known {
    fn from(facts: Facts) -> Self {
        Self((facts != NONE).then(|| Box::new(facts)))
    }
}

impl Deref for Known {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for Known {
    fn deref_mut(&mut self) -> &mut Facts {
        self.0.get_or_insert_default()
    }
}

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Serialize for Known {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Known {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Facts::deserialize(deserializer).map(Self::from)
    }
}
