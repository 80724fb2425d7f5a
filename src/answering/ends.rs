//! A question about a day on which today's rule will be over and nothing is announced yet: that is said first, then the rule of today.

use chrono::NaiveDate;

use crate::answering::dates::Named;
use crate::answering::understand::Understood;
use crate::answering::{Outcome, Reason, compose};
use crate::replies::answers;
use crate::search::{Hit, PassageId, Snapshot};

/// The best passage, if its document holds today and ends before the date asked about, with its last day.
pub fn ends_before(understood: &Understood, hits: &[Hit], others: &[Hit], snapshot: &Snapshot) -> Option<(PassageId, NaiveDate)> {
    if understood.spoken_date != Named::Future {
        return None;
    }
    let best = others.first()?;
    if hits.first().is_some_and(|hit| hit.score > best.score) {
        return None;
    }
    let (document, _) = snapshot.passage(best.passage);
    let last = document.effective_to.filter(|last| *last < understood.as_of)?;
    document.validity(understood.today).holds().then_some((best.passage, last))
}

/// That the rule ends, then the rule.
pub fn answer(understood: &Understood, id: PassageId, last: NaiveDate, confidence: f32, snapshot: &Snapshot) -> Outcome {
    let now = Understood { as_of: understood.today, ..understood.clone() };
    let mut answer = compose::quoted(&now, id, snapshot);
    let rule = std::mem::replace(&mut answer.lead, answers::ends(last));
    answer.details.insert(0, rule);
    Outcome { answer, reason: Reason::EndsBefore, score: f64::from(confidence), ranked: Vec::new(), asked: String::new() }
}
