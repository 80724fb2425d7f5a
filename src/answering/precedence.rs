//! Two documents that bear on one question: which goes before, by the general rules of legislation (higher before lower, later before
//! earlier, special before general). Said with "不一致的", for whether they disagree is for a person to see.

use crate::domain::document::{Document, DocumentKind};
use crate::knowledge::document_number::squeezed;
use crate::replies::answers;

/// A line that says which of two documents goes before; `None` where their kinds and dates do not tell.
pub fn between(first: &Document, second: &Document) -> Option<String> {
    let same = |document: &Document| document.number.as_deref().map(squeezed);
    if same(first).is_some() && same(first) == same(second) {
        return None;
    }
    if !on_one_matter(first, second) {
        return None;
    }
    let (one, other) = (rank(first.kind)?, rank(second.kind)?);
    let newer = match (first.effective_from, second.effective_from) {
        (Some(a), Some(b)) if a > b => Some((first, a)),
        (Some(a), Some(b)) if a < b => Some((second, b)),
        _ => None,
    };
    if one == other {
        return newer.map(|(newer, from)| answers::later_prevails(&newer.title, from));
    }
    let (higher, lower) = if one < other { (first, second) } else { (second, first) };
    match newer {
        // A notice issued under a law that stood before it is the law's special rule for its cases.
        Some((newer, _)) if newer.id == lower.id => Some(answers::special_prevails(&lower.title, &higher.title)),
        Some(_) | None => Some(answers::higher_prevails(&higher.title)),
    }
}

/// Whether both are on one tax and, where both say more, on one subject of it: others cannot disagree. Topics name the tax first; official
/// texts as they are imported have none and may be on anything.
fn on_one_matter(first: &Document, second: &Document) -> bool {
    match (first.topics.split_first(), second.topics.split_first()) {
        (Some((tax, subjects)), Some((other, others))) => {
            tax == other && (subjects.is_empty() || others.is_empty() || subjects.iter().any(|subject| others.contains(subject)))
        }
        (None, _) | (_, None) => true,
    }
}

/// Place in the order of legislation, the highest first; `None` for what makes no rules.
fn rank(kind: DocumentKind) -> Option<u8> {
    match kind {
        DocumentKind::Law => Some(0),
        DocumentKind::Regulation => Some(1),
        DocumentKind::Rule => Some(2),
        DocumentKind::Notice => Some(3),
        DocumentKind::Interpretation | DocumentKind::Guide | DocumentKind::Faq => None,
    }
}
