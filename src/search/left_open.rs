//! Questions that documents are known to leave open, by their authors: the near misses of what they answer. Whoever asks one of them, or
//! nearly so, is told that it is not known here, however much the document speaks of the matter.

use crate::search::cut::Cut;
use crate::search::gist::Gist;
use crate::search::snapshot::{PassageId, Snapshot};

/// What each question left open says, by document.
#[derive(Debug)]
pub(super) struct LeftOpen(Vec<(u32, Gist)>);

/// How alike a question is to those left open, each 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Open {
    /// To the most alike of all documents.
    pub anywhere: f32,
    /// To the most alike of the passage's own document.
    pub here: f32,
}

impl LeftOpen {
    fn of(snapshot: &Snapshot) -> Self {
        let mut open = Vec::new();
        for (at, document) in (0_u32..).zip(&snapshot.documents) {
            for question in &document.unanswered {
                match snapshot.cut(question) {
                    Ok(cut) => open.push((at, Gist::of(&cut))),
                    Err(error) => tracing::error!(error = %error, "a question left open could not be read"),
                }
            }
        }
        Self(open)
    }
}

impl Snapshot {
    /// How alike a question is to those that are left open.
    pub fn open(&self, question: &Cut, passage: PassageId) -> Open {
        // Worked out at the first use.
        let known = &self.left_open.get_or_init(|| LeftOpen::of(self)).0;
        let mut open = Open::default();
        if known.is_empty() {
            return open;
        }
        let ours = Gist::of(question);
        let own = self.passages[passage.0 as usize].0;
        for (document, gist) in known {
            let likeness = ours.likeness(gist);
            open.anywhere = open.anywhere.max(likeness);
            if *document == own {
                open.here = open.here.max(likeness);
            }
        }
        open
    }
}
