//! What a person must look at again: texts whose last day comes near, and texts that nobody has checked for a year (F69).

use chrono::{Days, NaiveDate};

use crate::domain::document::{Document, Validity};
use crate::knowledge::document_number::squeezed;

/// A text is looked at again this many days after its last review: tax rules change with the year.
const REVIEW_AFTER_DAYS: u64 = 365;
/// Staff are told this many days before.
pub const NOTICE_DAYS: u32 = 30;

/// Why a text is on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DueKind {
    /// Its last day in force.
    Expiry,
    /// A year since its last review.
    Review,
}

/// A text to look at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Due {
    pub document: String,
    pub title: String,
    pub kind: DueKind,
    /// The last day in force, or the day the review falls due; may lie in the past for a review.
    pub on: NaiveDate,
    /// Approved answers that rest on the text.
    pub verified: Vec<String>,
}

/// Texts in force whose end or review falls within `days` of `today`, the nearest first.
pub fn due(documents: &[Document], today: NaiveDate, days: u32) -> Vec<Due> {
    let horizon = today.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX);
    let mut found = Vec::new();
    for document in documents.iter().filter(|document| matches!(document.validity(today), Validity::InForce | Validity::Amended)) {
        let review = document.reviewed.and_then(|on| on.checked_add_days(Days::new(REVIEW_AFTER_DAYS)));
        for (kind, on) in [(DueKind::Expiry, document.effective_to), (DueKind::Review, review)] {
            if let Some(on) = on.filter(|on| *on <= horizon) {
                let verified = resting_on(documents, document);
                found.push(Due { document: document.id.clone(), title: document.title.clone(), kind, on, verified });
            }
        }
    }
    found.sort_by(|a, b| (a.on, a.kind, &a.document).cmp(&(b.on, b.kind, &b.document)));
    found
}

fn resting_on(documents: &[Document], source: &Document) -> Vec<String> {
    let names: Vec<String> =
        std::iter::once(source.id.as_str()).chain(source.number.iter().flat_map(|number| number.split('；'))).map(squeezed).collect();
    documents
        .iter()
        .filter(|document| {
            document.verified.as_ref().is_some_and(|verified| verified.rests_on.iter().any(|on| names.contains(&squeezed(on))))
        })
        .map(|document| document.id.clone())
        .collect()
}
