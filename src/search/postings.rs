//! Where the postings are searched: in memory as an impact index made from the stored one, or, for a collection too large for that, in the
//! stored index itself. One rule: both rank by the same formula, so that only speed and memory differ.

use std::sync::Arc;

use tantivy::collector::{FilterCollector, TopDocs};
use tantivy::fieldnorm::FieldNormReader;
use tantivy::query::{Bm25Weight, BooleanQuery, BoostQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, Index, InvertedIndexReader, ReloadPolicy, Searcher, Segment, SegmentReader, TERMINATED, Term};

use crate::search::build::FIRST_QUESTION;
use crate::search::impacts::{Counts, Filling, Found, Impacts, TermKey};
use crate::search::views::View;

/// BM25's saturation: no term scores above idf × (k1 + 1).
pub(super) const K1_PLUS_ONE: f32 = 2.2;
/// Terms in more than this share of the entries tell nothing apart; dropping them measured better and faster.
const COMMON_SHARE: f64 = 0.3;
/// The same in a large collection, where the longest lists cost most of the time. Elsewhere it would lose on questions about all laws
/// (nDCG@10 .4201 → .4180) and gain on those about tax laws (.7708 → .7786).
const COMMON_SHARE_OF_LARGE: f64 = 0.2;
/// From so many entries on a collection is large.
const LARGE_COLLECTION: u64 = 500_000;
/// In a small collection every term counts.
const SMALL_COLLECTION: u64 = 200;

/// The postings of one snapshot. Entries are numbered passages first, then curated questions.
pub(super) enum Postings {
    Memory { impacts: Impacts, entries: u64 },
    Disk { searcher: Searcher, text: Field, passages: u32 },
}

/// A term of a question.
pub(super) struct Sought<'a> {
    pub view: View,
    pub term: &'a str,
    pub key: TermKey,
}

impl Postings {
    /// Reads the postings of `index`: its first `passages` entries are passages, `questions` more are questions. What would take more than
    /// `most_bytes` in memory is searched on disk.
    pub(super) fn of(index: &Index, text: Field, passages: usize, questions: usize, most_bytes: u64) -> tantivy::Result<Self> {
        let entries = passages + questions;
        if let Some(impacts) = read(index, text, passages, entries, most_bytes)? {
            return Ok(Self::Memory { impacts, entries: entries as u64 });
        }
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self::Disk { searcher: reader.searcher(), text, passages: u32::try_from(passages).unwrap_or(u32::MAX) })
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
                let wanted: Vec<TermKey> = sought.iter().map(|term| term.key).collect();
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
    let share = if entries < LARGE_COLLECTION { COMMON_SHARE } else { COMMON_SHARE_OF_LARGE };
    entries > SMALL_COLLECTION && found as f64 / entries as f64 > share
}

/// The number an entry of the stored index has in memory.
fn place(entry: u64, passages: u32) -> u32 {
    match entry.checked_sub(FIRST_QUESTION) {
        Some(question) => passages + u32::try_from(question).unwrap_or(u32::MAX - passages),
        None => u32::try_from(entry).unwrap_or(u32::MAX),
    }
}

/// A segment of the stored index while it is read: of all of them only one is open at a time.
struct Piece {
    inverted: Arc<InvertedIndexReader>,
    norms: Option<FieldNormReader>,
    /// For each of its entries the number in memory.
    places: Vec<u32>,
}

impl Piece {
    fn open(segment: &Segment, text: Field, passages: u32) -> tantivy::Result<Self> {
        let reader = SegmentReader::open(segment)?;
        let numbers = reader.fast_fields().u64("entry")?;
        let places = (0..reader.max_doc()).map(|doc| place(numbers.first(doc).unwrap_or_default(), passages)).collect();
        Ok(Self { inverted: reader.inverted_index(text)?, norms: reader.fieldnorms_readers().get_field(text)?, places })
    }

    /// The shard all its entries lie in, if it is one.
    fn shard(&self) -> Option<usize> {
        let (first, last) = (self.places.iter().min()?, self.places.iter().max()?);
        (Counts::shard_of(*first) == Counts::shard_of(*last)).then(|| Counts::shard_of(*first))
    }

    fn count(&self, counts: &mut Counts) -> tantivy::Result<()> {
        let shard = self.shard();
        let mut terms = self.inverted.terms().stream()?;
        while terms.advance() {
            let key = TermKey::of(terms.key());
            match shard {
                Some(shard) => counts.add(key, shard, terms.value().doc_freq),
                None => {
                    let mut list = self.inverted.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
                    while list.doc() != TERMINATED {
                        counts.add(key, Counts::shard_of(self.places[list.doc() as usize]), 1);
                        list.advance();
                    }
                }
            }
        }
        Ok(())
    }

    fn put(&self, filling: &mut Filling, entries: u64, average: f32) -> tantivy::Result<()> {
        let Some(norms) = &self.norms else { return Ok(()) };
        let mut postings: Vec<(u32, f32)> = Vec::new();
        let mut terms = self.inverted.terms().stream()?;
        while terms.advance() {
            let Some(view) = View::of_marked(terms.key()) else { continue };
            let key = TermKey::of(terms.key());
            let found = filling.found(key);
            if is_common(found, entries) {
                continue;
            }
            let weight = Bm25Weight::for_one_term_without_explain(found, entries, average);
            postings.clear();
            let mut list = self.inverted.read_postings_from_terminfo(terms.value(), IndexRecordOption::WithFreqs)?;
            let mut doc = list.doc();
            while doc != TERMINATED {
                let score = weight.score(norms.fieldnorm_id(doc), tantivy::postings::Postings::term_freq(&list));
                postings.push((self.places[doc as usize], score * view.weight()));
                doc = list.advance();
            }
            if !postings.is_sorted_by_key(|(place, _)| *place) {
                postings.sort_unstable_by_key(|(place, _)| *place);
            }
            filling.put(key, &postings);
        }
        Ok(())
    }
}

/// The impact index of what is stored, piece by piece; `None` where it would take more than `most_bytes`.
fn read(index: &Index, text: Field, passages: usize, entries: usize, most_bytes: u64) -> tantivy::Result<Option<Impacts>> {
    let passages = u32::try_from(passages).unwrap_or(u32::MAX);
    let count = entries as u64;
    let mut counts = Counts::new(entries);
    let mut tokens = 0;
    let mut segments = Vec::new();
    for segment in index.searchable_segments()? {
        let piece = Piece::open(&segment, text, passages)?;
        piece.count(&mut counts)?;
        if counts.least_bytes() > most_bytes {
            return Ok(None);
        }
        tokens += piece.inverted.total_num_tokens();
        segments.push((piece.places.first().copied(), segment));
    }
    let common = |found: u64| is_common(found, count);
    if counts.bytes(common) > most_bytes {
        return Ok(None);
    }
    // Each segment holds a run of entries, so that postings then come in the order of the entries.
    segments.sort_by_key(|(first, _)| *first);
    #[expect(clippy::cast_precision_loss, reason = "an average length needs no more digits")]
    let average = tokens as f32 / entries.max(1) as f32;
    let highest = View::ALL.map(View::weight).into_iter().fold(0.0, f32::max) * idf(1, count) * K1_PLUS_ONE;
    let mut filling = counts.lay_out(highest, common);
    for (_, segment) in &segments {
        Piece::open(segment, text, passages)?.put(&mut filling, count, average)?;
    }
    Ok(Some(filling.finish()))
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
