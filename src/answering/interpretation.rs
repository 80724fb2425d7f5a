//! 解读 (F25): what binds is the 公告, so that is cited; the 解读 is offered beside it.

use crate::answering::compose::{best_section, citation, quoted};
use crate::answering::lead;
use crate::answering::understand::Understood;
use crate::domain::answer::Answer;
use crate::domain::document::Document;
use crate::knowledge::sentences;
use crate::replies::answers;
use crate::search::{Hit, PassageId, Snapshot};

/// The passage to answer from: where a 解读 was found, the document it explains, if that answers the question itself.
pub fn binding(understood: &Understood, best: PassageId, hits: &[Hit], snapshot: &Snapshot) -> PassageId {
    let (document, _) = snapshot.passage(best);
    let target = snapshot.interpreted_by(document).filter(|target| target.validity(understood.as_of).holds());
    let Some(first) = target.and_then(|target| snapshot.first_passage(&target.id)) else { return best };
    let section = best_section(understood, first, hits, snapshot);
    let answers_it = lead::score(understood, section, snapshot).iter().any(|scored| scored.score > 0.0)
        && !lead::lacks(understood, &quoted(understood, section, snapshot).text());
    if answers_it { section } else { best }
}

/// Adds the other half to an answer from `document`: its 解读, or the document it is a 解读 of.
pub fn offer(understood: &Understood, document: &Document, snapshot: &Snapshot, answer: &mut Answer) {
    let explained = snapshot.interpreted_by(document).map(|target| (answers::explains(&target.title), target));
    let explaining = snapshot.interpretations_of(document).map(|other| (answers::explained_by(&other.title), other));
    for (line, other) in explained.into_iter().chain(explaining).take(1) {
        let Some(first) = snapshot.first_passage(&other.id) else { continue };
        let (other, passage) = snapshot.passage(first);
        let Some(range) = sentences(passage.text(other)).into_iter().next() else { continue };
        if !answer.citations.iter().any(|citation| citation.document == other.id) {
            answer.details.push(line);
            answer.citations.push(citation(other, passage, passage.start + range.start..passage.start + range.end, understood.as_of));
        }
    }
}
