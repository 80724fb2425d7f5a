//! When an approved answer holds: as long as every text it rests on does (F13).

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::domain::document::{Document, DocumentStatus};
use crate::knowledge::document_number::squeezed;
use crate::knowledge::{Problem, problem};

/// Ends every approved answer with the first of its sources that ends; one whose source is gone is over.
pub fn lapse(documents: &mut [Document]) {
    if documents.iter().all(|document| document.verified.is_none()) {
        return;
    }
    let spans = spans(documents);
    for document in documents.iter_mut() {
        let Some(verified) = &document.facts.verified else { continue };
        for source in &verified.rests_on {
            match spans.get(&squeezed(source)) {
                Some((from, to, holds)) => {
                    document.effective_from = document.effective_from.max(*from);
                    document.effective_to = document.effective_to.into_iter().chain(*to).min();
                    if !holds && to.is_none() {
                        document.status = DocumentStatus::Expired;
                    }
                }
                None => {
                    document.status = DocumentStatus::Expired;
                    document.effective_to = document.effective_from.and_then(|from| from.pred_opt());
                }
            }
        }
    }
}

/// Approved answers that rest on a text nobody has.
pub fn unknown_sources(documents: &[Document]) -> Vec<Problem> {
    let spans = spans(documents);
    let mut problems = Vec::new();
    for document in documents {
        let sources = document.verified.iter().flat_map(|verified| &verified.rests_on);
        for source in sources.filter(|source| !spans.contains_key(&squeezed(source))) {
            let file = format!("verified/{}.md", document.id);
            problems.push(problem(&file, 0, "rests_on", &format!("知识库里没有“{source}”，请写依据文件的文件名（不带 .md）或文号")));
        }
    }
    problems
}

type Span = (Option<NaiveDate>, Option<NaiveDate>, bool);

/// First and last day and standing of every text that can be a source, by id and by 文号.
fn spans(documents: &[Document]) -> HashMap<String, Span> {
    let mut spans = HashMap::new();
    for document in documents.iter().filter(|document| document.verified.is_none()) {
        let holds = matches!(document.status, DocumentStatus::InForce | DocumentStatus::Amended);
        let span = (document.effective_from, document.effective_to, holds);
        spans.insert(squeezed(&document.id), span);
        for number in document.number.iter().flat_map(|number| number.split('；')) {
            spans.insert(squeezed(number), span);
        }
    }
    spans
}
