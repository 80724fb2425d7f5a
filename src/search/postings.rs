//! Where the postings are searched: in memory as an impact index made from the stored one, or, for a collection too large for that, in the
//! stored index itself. One rule: both rank by the same formula, so that only speed and memory differ.

use std::sync::Arc;

use tantivy::collector::{FilterCollector, TopDocs};
use tantivy::fieldnorm::FieldNormReader;
use tantivy::query::{Bm25Weight, BooleanQuery, BoostQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::termdict::TermMerger;
use tantivy::{DocSet, InvertedIndexReader, Searcher, TERMINATED, Term};

use crate::search::build::FIRST_QUESTION;
use crate::search::impacts::{Builder, Found, Impacts, TermKey};
use crate::search::views::View;

/// BM25's saturation: no term scores above idf × (k1 + 1).
pub(super) const K1_PLUS_ONE: f32 = 2.2;
/// Terms in more than this share of the entries tell nothing apart; dropping them measured better and faster.
const COMMON_SHARE: f64 = 0.3;
/// In a small collection every term counts.
const SMALL_COLLECTION: u64 = 200;
/// Collections with more entries than this are searched on disk: in memory they would take over 2 GB.
const IN_MEMORY: usize = 3_000_000;

/// The postings of one snapshot. Entries are numbered passages first, then curated questions.
pub(super) enum Postings {
    Memory { impacts: Impacts, entries: u64 },
    Disk { searcher: Searcher, text: Field, passages: u32 },
}

/// A term of a question.
pub(super) struct Sought<'a> {
    pub view: View,
    pub term: &'a str,
}

impl Postings {
    /// Reads the postings of `searcher`; the first `passages` entries are passages, `questions` more are questions.
    pub(super) fn of(searcher: Searcher, text: Field, passages: usize, questions: usize) -> tantivy::Result<Self> {
        let entries = passages + questions;
        if entries > IN_MEMORY {
            let passages = u32::try_from(passages).unwrap_or(u32::MAX);
            return Ok(Self::Disk { searcher, text, passages });
        }
        Ok(Self::Memory { impacts: read(&searcher, text, passages, entries)?, entries: entries as u64 })
    }

    /// How many entries there are.
    pub(super) fn entries(&self) -> u64 {
        match self {
            Self::Memory { entries, .. } => *entries,
            Self::Disk { searcher, .. } => searcher.num_docs(),
        }
    }

    /// In how many entries a term stands.
    pub(super) fn found(&self, view: View, term: &str) -> tantivy::Result<u64> {
        match self {
            Self::Memory { impacts, .. } => Ok(impacts.found(TermKey::of_marked(view.mark(), term))),
            Self::Disk { searcher, text, .. } => searcher.doc_freq(&Term::from_field_text(*text, &view.marked(term))),
        }
    }

    /// Bytes held in memory.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Memory { impacts, .. } => impacts.bytes(),
            Self::Disk { .. } => 0,
        }
    }

    /// The best entries, best first; only those `allowed`, if that is given.
    pub(super) fn search(&self, sought: &[Sought<'_>], allowed: Option<&Arc<[bool]>>, limit: usize) -> tantivy::Result<Vec<Found>> {
        match self {
            Self::Memory { impacts, .. } => {
                let wanted: Vec<TermKey> = sought.iter().map(|term| TermKey::of_marked(term.view.mark(), term.term)).collect();
                Ok(impacts.search(&wanted, allowed.map(|allowed| &allowed[..]), limit))
            }
            Self::Disk { searcher, text, passages } => on_disk(searcher, *text, *passages, sought, allowed, limit),
        }
    }
}

/// Information of a term that stands in `found` of `entries`.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a logarithm of a count needs no more digits")]
pub(super) fn idf(found: u64, entries: u64) -> f32 {
    let (found, entries) = (found as f64, entries as f64);
    (1.0 + (entries - found + 0.5) / (found + 0.5)).ln() as f32
}

/// Whether a term stands in so many entries that it tells nothing apart.
#[expect(clippy::cast_precision_loss, reason = "a share of a count needs no more digits")]
pub(super) fn is_common(found: u64, entries: u64) -> bool {
    entries > SMALL_COLLECTION && found as f64 / entries as f64 > COMMON_SHARE
}

/// The number an entry of the stored index has in memory.
fn place(entry: u64, passages: u32) -> u32 {
    match entry.checked_sub(FIRST_QUESTION) {
        Some(question) => passages + u32::try_from(question).unwrap_or(u32::MAX - passages),
        None => u32::try_from(entry).unwrap_or(u32::MAX),
    }
}

/// A segment of the stored index, opened for reading its postings.
struct Segment {
    inverted: Arc<InvertedIndexReader>,
    norms: FieldNormReader,
    /// For each of its entries the number in memory.
    places: Vec<u32>,
}

fn read(searcher: &Searcher, text: Field, passages: usize, entries: usize) -> tantivy::Result<Impacts> {
    let passages = u32::try_from(passages).unwrap_or(u32::MAX);
    let mut segments: Vec<Segment> = Vec::new();
    for segment in searcher.segment_readers() {
        let numbers = segment.fast_fields().u64("entry")?;
        let places = (0..segment.max_doc()).map(|doc| place(numbers.first(doc).unwrap_or_default(), passages)).collect();
        let Some(norms) = segment.fieldnorms_readers().get_field(text)? else { continue };
        segments.push(Segment { inverted: segment.inverted_index(text)?, norms, places });
    }
    // Postings then come in the order of the entries, whatever order the segments are in.
    segments.sort_by_key(|segment| segment.places.first().copied());
    let mut expected = 0;
    let mut terms = merged(&segments)?;
    while terms.advance() {
        let found = found_in(&terms);
        expected += if is_common(found, entries as u64) { 0 } else { usize::try_from(found).unwrap_or(usize::MAX) };
    }
    let highest = View::ALL.map(View::weight).into_iter().fold(0.0, f32::max) * idf(1, entries as u64) * K1_PLUS_ONE;
    let mut builder = Builder::new(entries, highest, expected);
    let tokens: u64 = segments.iter().map(|segment| segment.inverted.total_num_tokens()).sum();
    #[expect(clippy::cast_precision_loss, reason = "an average length needs no more digits")]
    let average = tokens as f32 / entries.max(1) as f32;
    let mut postings: Vec<(u32, f32)> = Vec::new();
    let mut terms = merged(&segments)?;
    while terms.advance() {
        let Some(view) = View::of_marked(terms.key()) else { continue };
        let found = found_in(&terms);
        let weight = Bm25Weight::for_one_term_without_explain(found, entries as u64, average);
        postings.clear();
        for (at, info) in terms.current_segment_ords_and_term_infos() {
            let segment = &segments[at];
            let mut list = segment.inverted.read_postings_from_terminfo(&info, IndexRecordOption::WithFreqs)?;
            let mut doc = list.doc();
            while doc != TERMINATED {
                let score = weight.score(segment.norms.fieldnorm_id(doc), tantivy::postings::Postings::term_freq(&list));
                postings.push((segment.places[doc as usize], score * view.weight()));
                doc = list.advance();
            }
        }
        if !postings.is_sorted_by_key(|(place, _)| *place) {
            postings.sort_unstable_by_key(|(place, _)| *place);
        }
        builder.add(TermKey::of(terms.key()), &postings, is_common(found, entries as u64));
    }
    Ok(builder.finish())
}

/// All terms of the segments, each once.
fn merged(segments: &[Segment]) -> tantivy::Result<TermMerger<'_>> {
    let streams = segments.iter().map(|segment| segment.inverted.terms().stream()).collect::<Result<Vec<_>, _>>()?;
    Ok(TermMerger::new(streams))
}

fn found_in(terms: &TermMerger<'_>) -> u64 {
    terms.current_segment_ords_and_term_infos().map(|(_, info)| u64::from(info.doc_freq)).sum()
}

fn on_disk(
    searcher: &Searcher,
    text: Field,
    passages: u32,
    sought: &[Sought<'_>],
    allowed: Option<&Arc<[bool]>>,
    limit: usize,
) -> tantivy::Result<Vec<Found>> {
    if sought.is_empty() || limit == 0 {
        return Ok(Vec::new());
    }
    let clauses = sought.iter().map(|term| {
        let query = TermQuery::new(Term::from_field_text(text, &term.view.marked(term.term)), IndexRecordOption::WithFreqs);
        let boosted: Box<dyn Query> = Box::new(BoostQuery::new(Box::new(query), term.view.weight()));
        (Occur::Should, boosted)
    });
    let query = BooleanQuery::new(clauses.collect());
    let top = TopDocs::with_limit(limit).order_by_score();
    let found = match allowed.cloned() {
        None => searcher.search(&query, &top)?,
        Some(allowed) => {
            let holds = move |entry: u64| allowed.get(place(entry, passages) as usize).copied().unwrap_or_default();
            searcher.search(&query, &FilterCollector::new("entry".to_owned(), holds, top))?
        }
    };
    let mut entries = Vec::with_capacity(found.len());
    for (score, address) in found {
        let column = searcher.segment_reader(address.segment_ord).fast_fields().u64("entry")?;
        if let Some(entry) = column.first(address.doc_id) {
            entries.push(Found { entry: place(entry, passages), score });
        }
    }
    Ok(entries)
}
