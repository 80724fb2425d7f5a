//! How an answer came about, for staff (F24): what was understood, which terms counted how much, what was filtered, what the best passages
//! scored. Worked out only when asked for, by the same code that answers.

use crate::answering::signals::{self, Signals};
use crate::answering::understand::{self, Understood};
use crate::answering::{Answering, Ask, RETRIEVED, lead};
use crate::search::{Hit, Snapshot, Standing, Term};

/// Terms and passages shown.
const SHOWN: usize = 8;

impl Answering {
    /// Lines of plain text on how the answer to this question comes about.
    pub fn explain(&self, ask: &Ask) -> Vec<String> {
        let snapshot = self.search.snapshot();
        let outcome = self.answer(ask);
        let understood = understand::understand(ask, &snapshot);
        let mut lines = vec![
            format!("reason: {}, confidence {:.3}", outcome.reason.word(), outcome.score),
            format!("searched: {}", understood.text),
            format!("as of: {} ({:?}), wish: {:?}", understood.as_of, understood.named, understood.wish),
        ];
        if let Some(read) = &understood.understood_as {
            lines.push(format!("read as: {read}"));
        }
        let held = snapshot.documents().iter().filter(|document| document.validity(understood.as_of).holds()).count();
        lines.push(format!("filter: {held} of {} documents hold on {}", snapshot.documents().len(), understood.as_of));
        lines.extend(terms(&understood));
        let mut hits = self.hits(&snapshot, &understood, Standing::Holding, RETRIEVED);
        if !snapshot.has_only_holding() {
            lead::reorder(&understood, &mut hits, &snapshot);
        }
        lines.extend(hits.iter().take(SHOWN).map(|hit| scored(hit, &understood, &snapshot)));
        lines
    }
}

/// The terms that tell most.
fn terms(understood: &Understood) -> Vec<String> {
    let weight = |term: &Term| term.view.weight() * term.idf;
    let mut terms: Vec<(&Term, &str)> = understood.cut.terms().filter(|(term, _)| !term.common).collect();
    terms.sort_by(|(a, _), (b, _)| weight(b).total_cmp(&weight(a)));
    let line =
        |(term, text): &(&Term, &str)| format!("term {text} ({:?}): weight {:.2}, in {} entries", term.view, weight(term), term.found);
    terms.iter().take(2 * SHOWN).map(line).collect()
}

fn scored(hit: &Hit, understood: &Understood, snapshot: &Snapshot) -> String {
    let (document, passage) = snapshot.passage(hit.passage);
    let signals = Signals::of(understood, hit, snapshot);
    let signs: Vec<String> = signals::NAMES.iter().zip(signals.values).map(|(name, value)| format!("{name} {value:.2}")).collect();
    format!(
        "{} {}#{}: score {:.3} (text {:.3}, question {:.3}, document {:.3}, prior {:.3}, near {:.3}), likelihood {:.3} from {}",
        document.id,
        passage.article.as_deref().unwrap_or("-"),
        passage.ordinal,
        hit.score,
        hit.part.text,
        hit.part.question,
        hit.part.document,
        hit.part.prior,
        hit.part.near,
        signals.likelihood(),
        signs.join(", "),
    )
}
