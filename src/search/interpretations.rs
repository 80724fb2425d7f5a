//! Which 解读 explains which document (F25), by 文号 or title.

use std::collections::HashMap;

use crate::domain::document::Document;
use crate::knowledge::short_title;
use crate::search::snapshot::Snapshot;

/// Places of the 解读 of a document, by the document's id.
pub type Interpretations = HashMap<String, Vec<u32>>;

impl Snapshot {
    /// The document that `document` explains, if it is a 解读 of one that is known.
    pub fn interpreted_by(&self, document: &Document) -> Option<&Document> {
        let name = document.interprets.as_deref()?;
        let by_title = || {
            let wanted = short_title(name);
            self.documents.iter().find(|other| other.id != document.id && (short_title(&other.title) == wanted || other.id == name))
        };
        self.by_number(name).into_iter().find(|other| other.id != document.id).or_else(by_title)
    }

    /// The 解读 of a document.
    pub fn interpretations_of(&self, document: &Document) -> impl Iterator<Item = &Document> {
        self.interpretations.get(&document.id).into_iter().flatten().map(|at| &self.documents[*at as usize])
    }

    /// Works the table out; done once, when the snapshot is made.
    pub(super) fn link_interpretations(&mut self) {
        let mut table = Interpretations::new();
        for (at, document) in self.documents.iter().enumerate().filter(|(_, document)| document.interprets.is_some()) {
            if let Some(target) = self.interpreted_by(document) {
                table.entry(target.id.clone()).or_default().push(u32::try_from(at).unwrap_or(u32::MAX));
            }
        }
        self.interpretations = table;
    }
}
