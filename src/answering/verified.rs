//! Answers approved by staff (F13): returned word for word, with who approved them and when, and the text they rest on.

use super::compose::{citation, cite_sentence};
use super::decide::Reason;
use super::understand::Understood;
use super::{Outcome, only_words};
use crate::domain::answer::Decision;
use crate::domain::document::{Document, Passage};
use crate::domain::facts::Verified;
use crate::replies::answers;
use crate::search::Snapshot;

/// The approved answer to a question that asks the same as one of its wordings, where it holds: what staff approved for it goes before
/// all that is worked out.
pub fn asked<'s>(understood: &Understood, snapshot: &'s Snapshot) -> Option<(&'s Document, &'s Passage)> {
    let mut approved = snapshot.approved().peekable();
    approved.peek()?;
    let ours = snapshot.said(&understood.plain);
    let mut best: Option<(f32, &Document)> = None;
    for (document, question) in approved.filter(|(document, _)| document.validity(understood.as_of).holds()) {
        if let Some(likeness) = ours.same(question).filter(|likeness| best.is_none_or(|(known, _)| *likeness > known)) {
            best = Some((likeness, document));
        }
    }
    Some(snapshot.passage(snapshot.first_passage(&best?.1.id)?))
}

/// The approved words; nothing is left out and nothing put between them.
pub fn answer(
    understood: &Understood,
    (document, passage): (&Document, &Passage),
    verified: &Verified,
    confidence: f32,
    snapshot: &Snapshot,
) -> Outcome {
    let mut answer = only_words(String::new(), understood.as_of);
    answer.decision = Decision::Answered;
    let mut lines = document.body.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    answer.lead = lines.next().unwrap_or_default().to_owned();
    answer.details = lines.map(str::to_owned).collect();
    answer.details.push(answers::approved(&verified.unit, verified.on));
    answer.citations.push(citation(document, passage, 0..document.body.len(), understood.as_of));
    for source in &verified.rests_on {
        let by_number = || snapshot.by_number(source).into_iter().next();
        if let Some(cited) = snapshot.document(source).or_else(by_number)
            && let Some(citation) = cite_sentence(snapshot, cited, |_| true, understood.as_of)
        {
            answer.citations.push(citation);
        }
    }
    Outcome { answer, reason: Reason::Verified, score: f64::from(confidence), ranked: Vec::new(), asked: String::new() }
}
