//! The bureau's lists of matters by what they cost a taxpayer in visits: 零跑, 最多跑一次, 容缺 (F16).

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// How often somebody must come in person, or that papers may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitClass {
    /// 零跑: never.
    Zero,
    /// 最多跑一次.
    Once,
    /// 容缺: accepted before all papers are there.
    Supplement,
}

impl VisitClass {
    /// The name people know the list by.
    pub fn word(self) -> &'static str {
        match self {
            Self::Zero => "零跑",
            Self::Once => "最多跑一次",
            Self::Supplement => "容缺办理",
        }
    }
}

/// One list, as a document of its own whose lines are quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterList {
    /// Id of the document that holds its lines.
    pub document: String,
    pub class: VisitClass,
    /// What holds for every item (until when papers may follow, the text of the promise), as byte ranges of the document's text.
    pub rules: Vec<Range<usize>>,
    /// In the order of the file; never empty.
    pub items: Vec<MatterItem>,
}

/// One matter of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterItem {
    pub name: String,
    /// Id of the guide that tells how it is done.
    pub guide: Option<String>,
    /// Its line, as a byte range of the document's text.
    pub line: Range<usize>,
}
