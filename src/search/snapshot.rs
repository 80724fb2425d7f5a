//! What is known at one moment: documents, their passages and the index over them. Never changes; a refresh makes another.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use chrono::NaiveDate;

use crate::domain::document::{Document, Passage};
use crate::domain::matter_list::MatterList;
use crate::domain::workday::WorkCalendar;
use crate::knowledge::document_number::DocumentNumber;
use crate::knowledge::{Glossary, Library, lists_holding, passages_of};
use crate::search::bridge::PassageWords;
use crate::search::build::FreshlyBuilt;
use crate::search::citations::priors;
use crate::search::cut::Cut;
use crate::search::everyday::Everyday;
use crate::search::gist::Gist;
use crate::search::interpretations::Interpretations;
use crate::search::learned::Learned;
use crate::search::left_open::LeftOpen;
use crate::search::likeness::{Asking, Said};
use crate::search::matter::{Levies, LevyNames, Matter};
use crate::search::postings::Postings;
use crate::search::routes;
use crate::search::sounds::Sounds;
use crate::search::views::{Dictionary, View, fold};

/// Place of a passage within its snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PassageId(pub u32);

/// How documents become passages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cutting {
    /// At articles, headings or paragraphs.
    Passages,
    /// Each document is one passage, and nothing is filtered by validity: a corpus for measuring.
    Whole,
}

/// A way of asking, written by the author of a document.
#[derive(Debug, Clone)]
pub struct Asked {
    pub document: u32,
    pub question: String,
}

/// A passage in brief.
#[derive(Debug, Clone, Copy)]
pub(super) struct Brief {
    pub document: u32,
    /// The text its document belongs to: itself, or in a corpus of articles its law.
    pub text: u32,
    /// Which levies it is about.
    pub matter: Matter,
}

/// Documents, passages and index of one moment.
pub struct Snapshot {
    pub(super) documents: Vec<Document>,
    pub(super) passages: Vec<(u32, Passage)>,
    /// What ranking wants of each passage, closely packed: it looks up hundreds of them.
    pub(super) briefs: Vec<Brief>,
    /// First passage of each document, and one past the last.
    pub(super) starts: Vec<u32>,
    pub(super) asked: Vec<Asked>,
    /// What each curated question says.
    pub(super) gists: Vec<Gist>,
    pub(super) numbers: HashMap<(u16, u16), Vec<(u32, DocumentNumber)>>,
    pub(super) titles: Vec<(String, u32)>,
    pub(super) interpretations: Interpretations,
    pub(super) cutting: Cutting,
    pub(super) dictionary: Dictionary,
    pub(super) everyday: Everyday,
    pub(super) postings: Postings,
    pub(super) built: FreshlyBuilt,
    pub(super) index_bytes: u64,
    pub(super) levies: LevyNames,
    /// For each text how often the others cite it, 0 to 1 for the one cited most: what people ask about is mostly in much-cited laws.
    pub(super) priors: Vec<f32>,
    glossary: Glossary,
    calendar: WorkCalendar,
    lists: Vec<MatterList>,
    fingerprint: String,
    sounds: OnceLock<Sounds>,
    /// For the last dates asked about, whether each entry holds.
    pub(super) holding: Mutex<Vec<(NaiveDate, Arc<[bool]>)>>,
    /// What was learned from confirmed pairs and from the texts, if anything, and what the former leads to.
    pub(super) learned: RwLock<Learned>,
    pub(super) passage_words: OnceLock<PassageWords>,
    /// The wordings of verified answers, ready to be compared, each with its document.
    approved: OnceLock<Vec<(u32, Said)>>,
    asking: OnceLock<Asking>,
    pub(super) left_open: OnceLock<LeftOpen>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("documents", &self.documents.len()).field("passages", &self.passages.len()).finish_non_exhaustive()
    }
}

/// Documents cut into passages, before there is an index over them.
pub(super) struct Prepared {
    pub passages: Vec<(u32, Passage)>,
    pub starts: Vec<u32>,
    pub asked: Vec<Asked>,
    pub groups: Vec<u32>,
    pub priors: Vec<f32>,
}

impl Prepared {
    /// Cuts the documents of a library.
    pub(super) fn of(library: &Library, cutting: Cutting) -> Self {
        let groups = groups(&library.documents, cutting);
        let mut prepared = Self {
            passages: Vec::new(),
            starts: Vec::with_capacity(library.documents.len() + 1),
            asked: Vec::new(),
            groups,
            priors: Vec::new(),
        };
        for (at, document) in library.documents.iter().enumerate() {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            prepared.starts.push(u32::try_from(prepared.passages.len()).unwrap_or(u32::MAX));
            match cutting {
                Cutting::Whole => {
                    let whole = Passage { ordinal: 0, headings: Arc::default(), article: None, start: 0, end: document.body.len() };
                    prepared.passages.push((at, whole));
                }
                // A list of a hundred matters names every tax and answers nothing; it has a way of its own.
                Cutting::Passages if library.lists.iter().any(|list| list.document == document.id) => {}
                Cutting::Passages => prepared.passages.extend(passages_of(document).into_iter().map(|passage| (at, passage))),
            }
            prepared.asked.extend(document.questions.iter().map(|question| Asked { document: at, question: question.clone() }));
        }
        prepared.starts.push(u32::try_from(prepared.passages.len()).unwrap_or(u32::MAX));
        prepared.passages.shrink_to_fit();
        // Counting citations takes memory for a while: better now than beside the index.
        prepared.priors = priors(&library.documents, &prepared.passages, &prepared.groups, cutting);
        prepared
    }
}

/// What an opened index consists of.
pub(super) struct Opened {
    pub postings: Postings,
    pub built: FreshlyBuilt,
    pub index_bytes: u64,
}

impl Snapshot {
    pub(super) fn assemble(
        library: Library,
        cutting: Cutting,
        prepared: Prepared,
        words: Dictionary,
        everyday: Everyday,
        index: Opened,
    ) -> tantivy::Result<Self> {
        let numbers = match cutting {
            Cutting::Passages => routes::numbers(&library.documents),
            Cutting::Whole => HashMap::new(),
        };
        let titles = match cutting {
            Cutting::Passages => routes::titles(&library.documents),
            Cutting::Whole => Vec::new(),
        };
        let levies = LevyNames::of(&library.glossary);
        let gist = |asked: &Asked| Cut::of(&asked.question, &words, &index.postings, &levies).map(|cut| Gist::of(&cut));
        let gists = prepared.asked.iter().map(gist).collect::<tantivy::Result<_>>()?;
        let brief = |(at, passage): &(u32, Passage)| {
            let document = &library.documents[*at as usize];
            Brief { document: *at, text: prepared.groups[*at as usize], matter: Matter::of(document, passage.text(document)) }
        };
        let mut snapshot = Self {
            interpretations: Interpretations::new(),
            priors: prepared.priors,
            gists,
            briefs: prepared.passages.iter().map(brief).collect(),
            levies,
            numbers,
            titles,
            documents: library.documents,
            passages: prepared.passages,
            starts: prepared.starts,
            asked: prepared.asked,
            cutting,
            dictionary: words,
            everyday,
            postings: index.postings,
            built: index.built,
            index_bytes: index.index_bytes,
            glossary: library.glossary,
            calendar: library.calendar,
            lists: library.lists,
            fingerprint: library.fingerprint,
            sounds: OnceLock::new(),
            holding: Mutex::default(),
            learned: RwLock::default(),
            passage_words: OnceLock::new(),
            approved: OnceLock::new(),
            asking: OnceLock::new(),
            left_open: OnceLock::new(),
        };
        snapshot.link_interpretations();
        Ok(snapshot)
    }

    /// All documents.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The document with this id.
    pub fn document(&self, id: &str) -> Option<&Document> {
        self.documents.iter().find(|document| document.id == id)
    }

    /// The passages of a document, in order.
    pub fn passages_of(&self, id: &str) -> Vec<&Passage> {
        self.passage_ids(id).map(|id| self.passage(id).1).collect()
    }

    /// The passages of the document with this id.
    pub fn passage_ids(&self, id: &str) -> impl Iterator<Item = PassageId> + use<> {
        let at = self.documents.iter().position(|document| document.id == id);
        let range = at.map_or(0..0, |at| self.starts[at]..self.starts[at + 1]);
        range.map(PassageId)
    }

    /// The first passage of the document with this id.
    pub fn first_passage(&self, id: &str) -> Option<PassageId> {
        self.passage_ids(id).next()
    }

    /// A passage and its document.
    pub fn passage(&self, id: PassageId) -> (&Document, &Passage) {
        let (document, passage) = &self.passages[id.0 as usize];
        (&self.documents[*document as usize], passage)
    }

    /// The passages of the document a passage belongs to.
    pub fn siblings(&self, id: PassageId) -> impl Iterator<Item = PassageId> + use<> {
        let document = self.passages[id.0 as usize].0 as usize;
        (self.starts[document]..self.starts[document + 1]).map(PassageId)
    }

    /// How many passages there are.
    pub fn passage_count(&self) -> usize {
        self.passages.len()
    }

    /// Hash of the content it was built from.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Whether the index was built just now or found.
    pub fn built(&self) -> FreshlyBuilt {
        self.built
    }

    /// Size of the index in bytes.
    pub fn index_bytes(&self) -> u64 {
        self.index_bytes
    }

    /// Size of what is searched in memory, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        self.postings.bytes()
    }

    /// The working and filing calendar.
    pub fn calendar(&self) -> &WorkCalendar {
        &self.calendar
    }

    /// The bureau's lists of matters that hold on a date, the newest of each class first.
    pub fn lists(&self, date: NaiveDate) -> Vec<&MatterList> {
        lists_holding(&self.lists, &self.documents, date)
    }

    /// The everyday words.
    pub fn glossary(&self) -> &Glossary {
        &self.glossary
    }

    /// The dictionary that index and questions are cut with.
    pub fn terms(&self, view: View, text: &str) -> Vec<String> {
        self.dictionary.terms(view, text)
    }

    /// Whether a text uses any word of the field, official or everyday.
    pub fn speaks_of_taxes(&self, text: &str) -> bool {
        self.everyday.speaks_of_taxes(&fold(text))
    }

    /// The taxes and levies a text names, by their official or everyday names.
    pub fn levies_in(&self, text: &str) -> Levies {
        self.levies.named_in(text)
    }

    /// Whether validity plays no part: a corpus for measuring.
    pub fn has_only_holding(&self) -> bool {
        self.cutting == Cutting::Whole
    }

    /// How the words of the field sound: what pinyin and slips of the pen are read against. Worked out at the first use.
    pub fn sounds(&self) -> &Sounds {
        self.sounds.get_or_init(|| Sounds::of(self.words_with_counts(), &self.glossary))
    }

    /// The wordings of verified answers, each with its document. Worked out at the first use.
    pub fn approved(&self) -> impl Iterator<Item = (&Document, &Said)> {
        let approved = self.approved.get_or_init(|| {
            let of_approved = self.asked.iter().filter(|asked| self.documents[asked.document as usize].verified.is_some());
            of_approved.map(|asked| (asked.document, self.said(&asked.question))).collect()
        });
        approved.iter().map(|(document, said)| (&self.documents[*document as usize], said))
    }

    /// What questions are compared by. Worked out at the first use.
    pub(super) fn asking(&self) -> &Asking {
        self.asking.get_or_init(|| self.count_asking())
    }

    /// Words of titles, curated questions and glossary with how often they occur.
    fn words_with_counts(&self) -> HashMap<String, u32> {
        let mut words: HashMap<String, u32> = HashMap::new();
        let documents = self.documents.iter().filter(|_| self.cutting == Cutting::Passages);
        for text in documents.flat_map(|document| std::iter::once(&document.title).chain(&document.questions)) {
            for word in self.dictionary.terms(View::Words, text) {
                if word.chars().all(|c| !c.is_ascii()) {
                    *words.entry(word).or_default() += 1;
                }
            }
        }
        for entry in &self.glossary.entries {
            if entry.official.chars().count() <= 8 && !entry.official.contains('（') {
                *words.entry(entry.official.clone()).or_default() += 3;
            }
        }
        words
    }
}

/// Articles of one law in a corpus belong together by their title up to 第X条.
fn groups(documents: &[Document], cutting: Cutting) -> Vec<u32> {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    match cutting {
        Cutting::Passages => (0..documents.len()).map(place).collect(),
        Cutting::Whole => {
            let mut laws: HashMap<&str, u32> = HashMap::new();
            documents
                .iter()
                .enumerate()
                .map(|(at, document)| *laws.entry(document.title.split('第').next().unwrap_or_default()).or_insert_with(|| place(at)))
                .collect()
        }
    }
}
