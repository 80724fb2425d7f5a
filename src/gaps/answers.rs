//! From a gap to a verified answer: drafted from passages, approved by another, stored as a document like those of `knowledge/verified/`.

use super::Gaps;
use crate::answering::unfounded_figures;
use crate::domain::document::{Confidence, Document, DocumentKind, DocumentStatus, Publication};
use crate::domain::facts::{Facts, Verified};
use crate::domain::gap::{CitedPassage, Gap, GapDraft, GapState};
use crate::domain::staff::Actor;
use crate::domain::time::{Timestamp, chinese_date};
use crate::knowledge;
use crate::replies::gaps as words;
use crate::search::{Said, Snapshot};
use crate::store::gap_answers::{self, Written};
use crate::store::refused::Refused;
use crate::store::{Tx, audit, documents, gaps};

/// Longest question, answer and reason, in characters.
pub(super) const LONGEST_QUESTION: usize = 100;
pub(super) const LONGEST_ANSWER: usize = 1_500;
const LONGEST_REASON: usize = 200;
const LONGEST_UNIT: usize = 40;
/// Passages one answer may rest on.
const MOST_SOURCES: usize = 12;
/// Wordings kept beside the answer: by these it is found.
const WORDINGS: i64 = 30;

/// A passage by its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassageRef {
    pub document: String,
    /// From 0.
    pub passage: usize,
}

/// What an author hands in.
#[derive(Debug, Clone)]
pub struct NewDraft {
    /// The question in words that stand for all wordings.
    pub question: String,
    pub answer: String,
    /// What it rests on; at least one.
    pub passages: Vec<PassageRef>,
}

/// What an answer was written for: the question its author put, and the one the group stands under.
pub(super) struct Answered([Said; 2]);

impl Answered {
    pub(super) fn of(gap: &Gap, question: &str, snapshot: &Snapshot) -> Self {
        Self([snapshot.said(question), snapshot.said(&gap.question)])
    }

    /// Whether a wording asks for just that.
    pub(super) fn is(&self, wording: &str, snapshot: &Snapshot) -> bool {
        let wording = snapshot.said(wording);
        self.0.iter().any(|answered| answered.asks_just(&wording))
    }
}

impl Gaps {
    /// Writes the draft of an answer, for another to approve; a published answer stays as it is until then.
    pub async fn draft(&self, id: &str, new: &NewDraft, actor: &Actor, now: Timestamp) -> Result<GapDraft, Refused> {
        let snapshot = self.answering.search().snapshot();
        let (question, answer) = (new.question.trim(), new.answer.trim());
        let sources = check(question, answer, &new.passages, &snapshot, now)?;
        let masked = (self.answering.without_secrets(question), self.answering.without_secrets(answer));
        if masked.0 != question || masked.1 != answer {
            return Err(Refused::invalid("answer", words::holds_secrets()));
        }
        let mut tx = self.store.begin().await?;
        let gap = held(&mut tx, id).await?;
        if gap.state == GapState::Dismissed {
            return Err(Refused::Conflict(words::dismissed_already()));
        }
        let written = Written { question, answer, sources: &sources, author_id: &actor.id, author: &actor.name };
        gap_answers::write(&mut tx, id, written, now).await?;
        gaps::draft(&mut tx, id).await?;
        audit::record(&mut tx, &actor.name, "gap.draft", id, question, now).await?;
        let draft = gap_answers::draft(&mut tx, id).await?.ok_or(Refused::NotFound("答复"))?;
        tx.commit().await?;
        Ok(draft)
    }

    /// Approves exactly the draft of that revision: it becomes a document, and those who asked are told. Never one's own.
    /// The index follows by the store's revision; who cannot wait refreshes it.
    pub async fn approve(&self, id: &str, revision: i64, unit: &str, actor: &Actor, now: Timestamp) -> Result<Gap, Refused> {
        let unit = if unit.trim().is_empty() { &self.unit } else { unit.trim() };
        if unit.chars().count() > LONGEST_UNIT {
            return Err(Refused::invalid("unit", words::unit_too_long(LONGEST_UNIT)));
        }
        let mut tx = self.store.begin().await?;
        let gap = held(&mut tx, id).await?;
        let draft = gap_answers::draft(&mut tx, id).await?.ok_or_else(|| Refused::Conflict(words::nothing_to_approve()))?;
        if draft.author_id == actor.id {
            return Err(Refused::Forbidden(words::own_answer()));
        }
        if draft.revision != revision || draft.returned.is_some() {
            return Err(Refused::Conflict(words::changed_meanwhile()));
        }
        let snapshot = self.answering.search().snapshot();
        let stale = draft.sources.iter().find(|source| !still_reads(source, &snapshot, now));
        if let Some(stale) = stale {
            return Err(Refused::Conflict(words::source_changed(&stale.title)));
        }
        // A group may hold a question that asks for more, or less: the answer is not given to it word for word.
        let answered = Answered::of(&gap, &draft.question, &snapshot);
        let mut wordings: Vec<String> = gaps::wordings(&mut tx, id, WORDINGS).await?.into_iter().map(|wording| wording.wording).collect();
        wordings.retain(|wording| answered.is(wording, &snapshot));
        let document = document_of(&gap, &draft, wordings, unit, &snapshot, now);
        let hash = knowledge::hash_of(&format!("{}\n{}", document.title, document.body));
        documents::put(&mut tx, &document, &hash, Publication::Published, now).await?;
        gaps::publish(&mut tx, &gap, &actor.name, &document.id, now).await?;
        gap_answers::remove_draft(&mut tx, id).await?;
        let detail = format!("{} 起草，{} 名义，{}", draft.author, unit, document.id);
        audit::record(&mut tx, &actor.name, "gap.approve", id, &detail, now).await?;
        let gap = held(&mut tx, id).await?;
        self.tell_askers(&mut tx, &gap, &document, now).await?;
        tx.commit().await?;
        Ok(gap)
    }

    /// Sends a draft back to its author, with why.
    pub async fn give_back(&self, id: &str, reason: &str, actor: &Actor, now: Timestamp) -> Result<GapDraft, Refused> {
        let reason = said(reason)?;
        let mut tx = self.store.begin().await?;
        held(&mut tx, id).await?;
        if gap_answers::draft(&mut tx, id).await?.is_none() {
            return Err(Refused::Conflict(words::nothing_to_approve()));
        }
        gap_answers::give_back(&mut tx, id, reason).await?;
        audit::record(&mut tx, &actor.name, "gap.return", id, reason, now).await?;
        let draft = gap_answers::draft(&mut tx, id).await?.ok_or(Refused::NotFound("答复"))?;
        tx.commit().await?;
        Ok(draft)
    }

    /// Sets a gap aside with a reason; it stays quiet until it has grown as much again.
    pub async fn dismiss(&self, id: &str, reason: &str, actor: &Actor, now: Timestamp) -> Result<Gap, Refused> {
        let reason = said(reason)?;
        let mut tx = self.store.begin().await?;
        let gap = held(&mut tx, id).await?;
        if matches!(gap.state, GapState::Published | GapState::Dismissed) {
            return Err(Refused::Conflict(words::not_on_the_list()));
        }
        gap_answers::remove_draft(&mut tx, id).await?;
        let stored = match &gap.document {
            Some(document) => documents::get(&mut tx, document).await?,
            None => None,
        };
        // With an answer in use, setting aside means that the answer stands.
        let settled = if stored.is_some_and(|stored| stored.publication == Publication::Published) {
            GapState::Published
        } else {
            GapState::Dismissed
        };
        gaps::settle(&mut tx, &gap, settled, &actor.name, reason).await?;
        audit::record(&mut tx, &actor.name, "gap.dismiss", id, reason, now).await?;
        let gap = held(&mut tx, id).await?;
        tx.commit().await?;
        Ok(gap)
    }

    /// Puts a dismissed gap back on the list.
    pub async fn reopen(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<Gap, Refused> {
        let mut tx = self.store.begin().await?;
        let gap = held(&mut tx, id).await?;
        if gap.state != GapState::Dismissed {
            return Err(Refused::Conflict(words::not_dismissed()));
        }
        gaps::open(&mut tx, id, "").await?;
        audit::record(&mut tx, &actor.name, "gap.reopen", id, "", now).await?;
        let gap = held(&mut tx, id).await?;
        tx.commit().await?;
        Ok(gap)
    }

    /// Takes a verified answer out of use; the gap stands on the list again. Those who follow it are told.
    pub async fn withdraw(&self, id: &str, reason: &str, actor: &Actor, now: Timestamp) -> Result<Gap, Refused> {
        let reason = said(reason)?;
        let mut tx = self.store.begin().await?;
        let gap = held(&mut tx, id).await?;
        let Some(document) = gap.document.as_deref().filter(|_| gap.state != GapState::Dismissed) else {
            return Err(Refused::Conflict(words::not_published()));
        };
        documents::set_publication(&mut tx, document, Publication::Withdrawn, now).await?;
        gaps::open(&mut tx, id, &words::was_withdrawn(reason)).await?;
        audit::record(&mut tx, &actor.name, "gap.withdraw", id, reason, now).await?;
        let gap = held(&mut tx, id).await?;
        tx.commit().await?;
        Ok(gap)
    }
}

async fn held(tx: &mut Tx, id: &str) -> Result<Gap, Refused> {
    gaps::hold(tx, id).await?.ok_or(Refused::NotFound("待补问题"))
}

fn said(reason: &str) -> Result<&str, Refused> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(Refused::invalid("reason", words::say_why(LONGEST_REASON)));
    }
    Ok(reason)
}

/// The passages a draft rests on, where it may stand.
fn check(question: &str, answer: &str, passages: &[PassageRef], snapshot: &Snapshot, now: Timestamp) -> Result<Vec<CitedPassage>, Refused> {
    let between = |text: &str, most: usize| (1..=most).contains(&text.chars().count());
    if !between(question, LONGEST_QUESTION) || question.contains('\n') {
        return Err(Refused::invalid("question", words::wrong_question(LONGEST_QUESTION)));
    }
    if !between(answer, LONGEST_ANSWER) {
        return Err(Refused::invalid("answer", words::wrong_answer(LONGEST_ANSWER)));
    }
    if answer.lines().any(|line| line.trim_start().starts_with(['#', '|'])) {
        return Err(Refused::invalid("answer", words::plain_words_only()));
    }
    if passages.is_empty() || passages.len() > MOST_SOURCES {
        return Err(Refused::invalid("passages", words::choose_sources(MOST_SOURCES)));
    }
    let mut sources: Vec<CitedPassage> = Vec::with_capacity(passages.len());
    for wanted in passages {
        let source = cited(wanted, snapshot).ok_or_else(|| Refused::invalid("passages", words::no_such_passage(&wanted.document)))?;
        let document = snapshot.document(&wanted.document);
        if document.is_none_or(|document| document.verified.is_some() || !document.validity(now.date()).holds()) {
            return Err(Refused::invalid("passages", words::source_is_over(&source.title)));
        }
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    let allowed: Vec<&str> = sources.iter().flat_map(texts).collect();
    let missing = unfounded_figures(answer, &allowed);
    if !missing.is_empty() {
        return Err(Refused::invalid("answer", words::unfounded(&missing)));
    }
    Ok(sources)
}

fn texts(source: &CitedPassage) -> impl Iterator<Item = &str> {
    [Some(source.quote.as_str()), Some(source.title.as_str()), source.number.as_deref(), source.article.as_deref()].into_iter().flatten()
}

/// A passage as it reads now.
fn cited(wanted: &PassageRef, snapshot: &Snapshot) -> Option<CitedPassage> {
    let document = snapshot.document(&wanted.document)?;
    let passage = snapshot.passages_of(&wanted.document).into_iter().find(|passage| passage.ordinal == wanted.passage)?;
    Some(CitedPassage {
        document: document.id.clone(),
        passage: passage.ordinal,
        title: document.title.clone(),
        number: document.number.clone(),
        article: passage.article.clone(),
        quote: passage.text(document).trim().to_owned(),
    })
}

/// Whether a source holds and still says what the author saw.
fn still_reads(source: &CitedPassage, snapshot: &Snapshot, now: Timestamp) -> bool {
    let Some(document) = snapshot.document(&source.document) else { return false };
    document.validity(now.date()).holds()
        && snapshot.passages_of(&source.document).iter().any(|passage| passage.text(document).trim() == source.quote)
}

/// The answer as a document of the verified kind.
fn document_of(gap: &Gap, draft: &GapDraft, wordings: Vec<String>, unit: &str, snapshot: &Snapshot, now: Timestamp) -> Document {
    let mut questions = vec![draft.question.clone()];
    questions.extend(wordings.into_iter().filter(|wording| *wording != draft.question));
    let mut rests_on: Vec<String> = Vec::new();
    for source in &draft.sources {
        if !rests_on.contains(&source.document) {
            rests_on.push(source.document.clone());
        }
    }
    let first = rests_on.first().and_then(|id| snapshot.document(id));
    let facts = Facts {
        issuer: Some(unit.to_owned()),
        topics: first.map(|document| document.topics.clone()).unwrap_or_default(),
        source: Some(words::from_gap(&chinese_date(now.date()))),
        questions,
        verified: Some(Box::new(Verified { unit: unit.to_owned(), on: now.date(), rests_on })),
        ..Facts::default()
    };
    Document {
        // The same gap keeps its document through every new wording of the answer.
        id: gap.document.clone().unwrap_or_else(|| format!("verified-{}", gap.id.trim_start_matches("gap_"))),
        title: draft.question.clone(),
        kind: DocumentKind::Faq,
        published: Some(now.date()),
        effective_from: None,
        effective_to: None,
        status: DocumentStatus::InForce,
        reviewed: Some(now.date()),
        confidence: Confidence::Verified,
        facts: facts.into(),
        body: format!("{}\n", draft.answer.trim()),
    }
}
