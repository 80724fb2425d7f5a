//! From a question to an answer in the documents' own words, or to an honest "I don't know": understand → retrieve → decide → compose.
//! Its one rule: nothing is claimed that cannot be cut out of a document again. All of it is pure CPU work;
//! [`Answering::respond`], which every door uses, gives it a blocking thread and lets the optional model reword the result.

mod clarify;
mod compose;
mod dates;
mod deadlines;
mod decide;
mod dialect;
pub mod embeddings;
mod ends;
mod explain;
mod follow_up;
mod fresh;
mod interpretation;
mod lead;
pub mod learning;
mod lists;
pub mod manner;
mod mask;
mod measure;
mod model;
mod precedence;
mod refuse;
pub mod signals;
mod spelling;
mod table;
mod understand;
pub mod vectors;
mod verified;
mod whole;

use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::answer::{Answer, Decision, Ranked};
use crate::domain::id::new_id;
use crate::domain::time::Timestamp;
use crate::replies;
use crate::search::{Hit, Request, Search, Snapshot, Standing};

use decide::Finding;
use signals::Signals;

pub use decide::Reason;
pub use embeddings::Embeddings;
pub use fresh::{Freshness, check, index_folder, library, open};
pub use mask::{has_personal_data, mask};
pub use model::{Model, unfounded_figures};
pub use understand::Understood;

/// Longer questions are refused politely.
pub const MAX_QUESTION_CHARACTERS: usize = 2_000;
/// Passages looked at for an answer; `eval` asks for more.
const RETRIEVED: usize = 40;

/// A question and the dates it is to be understood by.
#[derive(Debug, Clone)]
pub struct Ask {
    pub question: String,
    /// The date asked about, where the caller knows it; else it is read from the question.
    pub as_of: Option<NaiveDate>,
    /// The present date in Asia/Shanghai.
    pub today: NaiveDate,
    /// The complete question the person asked before, where it is fresh: what a follow-up adds to.
    pub topic: Option<String>,
}

/// What became of a question.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub answer: Answer,
    pub reason: Reason,
    /// Confidence the decision rests on, 0 to 1 and a little over; 0 where nothing was searched.
    pub score: f64,
    /// Best first.
    pub ranked: Vec<Ranked>,
    /// The question as it was answered, complete and masked; empty where nothing was looked for.
    pub asked: String,
}

/// An outcome as people get it.
#[derive(Debug, Clone)]
pub struct Responded {
    pub outcome: Outcome,
    /// Whose words the answer is in and why, for staff (F24), where a model was considered.
    pub wording: Option<String>,
}

/// What would be answered if every question were.
#[derive(Debug)]
pub struct Rehearsed {
    pub signals: Signals,
    /// How the question stands to the text; see [`manner::signs`].
    pub manner: Vec<(String, f32)>,
    /// Id of the document that would be cited.
    pub document: String,
    pub outcome: Outcome,
}

/// Answers questions; clones share the index.
#[derive(Debug, Clone)]
pub struct Answering {
    search: Arc<Search>,
    hotline: Arc<str>,
    model: Option<Arc<Model>>,
    embeddings: Option<Arc<Embeddings>>,
}

impl Answering {
    /// Answers from `search`; `hotline` is where people are sent when the service does not know.
    pub fn new(search: Arc<Search>, hotline: &str) -> Self {
        Self { search, hotline: hotline.into(), model: None, embeddings: None }
    }

    /// The same with a model that may reword answers.
    #[must_use]
    pub fn with_model(self, model: Option<Model>) -> Self {
        Self { model: model.map(Arc::new), ..self }
    }

    /// The same with embeddings that take part in ranking.
    #[must_use]
    pub fn with_embeddings(self, embeddings: Option<Arc<Embeddings>>) -> Self {
        Self { embeddings, ..self }
    }

    /// The index behind it.
    pub fn search(&self) -> &Arc<Search> {
        &self.search
    }

    /// Answers one question as people get it: found on a blocking thread, reworded where a model is configured and its words hold.
    pub async fn respond(&self, ask: Ask, now: Timestamp) -> Result<Responded, tokio::task::JoinError> {
        if let Some(embeddings) = &self.embeddings {
            embeddings.prepare(&ask.question, &self.search.snapshot(), now).await;
        }
        let (answering, question) = (self.clone(), ask.question.clone());
        let mut outcome = tokio::task::spawn_blocking(move || answering.answer(&ask)).await?;
        let wording = match &self.model {
            Some(model) => model.reword(&question, &mut outcome, now).await,
            None => None,
        };
        Ok(Responded { outcome, wording })
    }

    /// Answers one question.
    pub fn answer(&self, ask: &Ask) -> Outcome {
        self.answer_ranking(ask, RETRIEVED)
    }

    /// Answers one question and ranks `limit` passages.
    pub fn answer_ranking(&self, ask: &Ask, limit: usize) -> Outcome {
        let snapshot = self.search.snapshot();
        let mut draft = self.clarified(ask, limit, &snapshot);
        // A sentence may be a whole table; what is left of a table cut in two is its first row.
        draft.answer.lead = table::readable(&draft.answer.lead);
        draft.answer.details.iter_mut().for_each(|detail| *detail = table::readable(detail));
        draft.answer.id = new_id("ans", Timestamp::start_of(ask.today));
        draft
    }

    /// What would be answered if every question were, with the signs for and against it; `None` where no passage is weighed (a refusal, a
    /// date, a 文号). For calibrating.
    pub fn rehearse(&self, ask: &Ask) -> Option<Rehearsed> {
        let snapshot = self.search.snapshot();
        let understood = understand::understand(ask, &snapshot);
        let elsewhere = lists::recognise(&understood, &snapshot).is_some()
            || refuse::refuse(&understood).is_some()
            || deadlines::recognise(&understood, ask.today, snapshot.calendar()).is_some()
            || decide::named(&understood, &snapshot).is_some();
        if elsewhere {
            return None;
        }
        let (hits, others) = self.both(&snapshot, &understood, RETRIEVED);
        if ends::ends_before(&understood, &hits, &others, &snapshot).is_some() {
            return None;
        }
        // Nothing here may rest on the decision file: it is what is being fitted.
        let best = decide::best_about(&understood, &hits, &snapshot)?;
        let signals = Signals::of(&understood, best, &snapshot);
        let finding = Finding::Passage { best: best.passage, confidence: signals.likelihood() };
        let outcome = compose::compose(&understood, &finding, &hits, &others, &snapshot, &self.hotline);
        let document = snapshot.passage(best.passage).0.id.clone();
        let manner = manner::signs(&understood.text, &snapshot.told(best.passage));
        (outcome.reason == Reason::Answered).then_some(Rehearsed { signals, manner, document, outcome })
    }

    /// How a question stands to the text of a document; `None` for a document that is not known. For calibrating.
    pub fn manner(&self, ask: &Ask, document: &str) -> Option<Vec<(String, f32)>> {
        let snapshot = self.search.snapshot();
        let understood = understand::understand(ask, &snapshot);
        Some(manner::signs(&understood.text, &snapshot.told(snapshot.first_passage(document)?)))
    }

    /// The draft, or the choice between two that differ by the kind of taxpayer.
    fn clarified(&self, ask: &Ask, limit: usize, snapshot: &Snapshot) -> Outcome {
        let (found, kinds) = self.draft(ask, limit, snapshot);
        let Some(kinds) = kinds else { return found };
        let asked = found.asked.clone();
        let each = kinds.map(|kind| {
            let ask = Ask { question: format!("{kind}{asked}"), topic: None, ..ask.clone() };
            self.draft(&ask, RETRIEVED, snapshot).0
        });
        clarify::between(kinds, found, &each)
    }

    /// The passages nearest to a question that hold today, best first: document and place within it.
    pub fn passages_near(&self, ask: &Ask, limit: usize) -> Vec<(String, usize)> {
        let snapshot = self.search.snapshot();
        let understood = understand::understand(ask, &snapshot);
        let hits = self.hits(&snapshot, &understood, Standing::Holding, limit);
        let place = |hit: &Hit| {
            let (document, passage) = snapshot.passage(hit.passage);
            (document.id.clone(), passage.ordinal)
        };
        hits.iter().map(place).collect()
    }

    /// The words of a question that are searched: put right, without greeting and filler.
    pub fn searched(&self, question: &str, now: Timestamp) -> String {
        let ask = Ask { question: question.to_owned(), as_of: None, today: now.date(), topic: None };
        let understood = understand::understand(&ask, &self.search.snapshot());
        if understood.text.is_empty() { understood.plain } else { understood.text }
    }

    /// The question as it may be kept: personal data and sensitive words masked.
    pub fn without_secrets(&self, question: &str) -> String {
        let mut masked = mask(question);
        for word in self.sensitive_in(question) {
            masked = masked.replace(&word, "**");
        }
        masked
    }

    /// The sensitive words of the glossary that stand in a text (F22), each once.
    pub fn sensitive_in(&self, text: &str) -> Vec<String> {
        sensitive_in(&self.search.snapshot(), text)
    }

    /// What is answered before anybody is asked back, and the kinds of taxpayer it may depend on.
    fn draft(&self, ask: &Ask, limit: usize, snapshot: &Snapshot) -> (Outcome, Option<[&'static str; 2]>) {
        if ask.question.chars().count() > MAX_QUESTION_CHARACTERS {
            return (said(ask, Reason::TooLong, replies::answers::too_long(MAX_QUESTION_CHARACTERS)), None);
        }
        if !sensitive_in(snapshot, &ask.question).is_empty() {
            return (said(ask, Reason::Sensitive, replies::answers::sensitive()), None);
        }
        let understood = understand::understand(ask, snapshot);
        let mut outcome = self.found(ask, &understood, limit, snapshot);
        if !sensitive_in(snapshot, &outcome.answer.text()).is_empty() {
            // Such words come from a text somebody imported; what cannot be said is not said in part.
            return (said(ask, Reason::Sensitive, replies::answers::not_known(&self.hotline)), None);
        }
        if outcome.reason.is_topic() {
            outcome.asked.clone_from(&understood.plain);
        }
        let kinds = clarify::kinds(&understood, &outcome);
        (outcome, kinds)
    }

    fn found(&self, ask: &Ask, understood: &Understood, limit: usize, snapshot: &Snapshot) -> Outcome {
        let hotline = &*self.hotline;
        if understood.text.is_empty() && !refuse::is_small_talk(&understood.plain) {
            return said(ask, Reason::Empty, replies::answers::empty());
        }
        if let Some((document, passage)) = verified::asked(understood, snapshot)
            && let Some(approved) = &document.verified
        {
            let mut outcome = verified::answer(understood, (document, passage), approved, 1.0, snapshot);
            outcome.ranked = self.ranked(snapshot, understood, limit);
            return outcome;
        }
        if let Some(wanted) = lists::recognise(understood, snapshot) {
            let mut outcome = lists::answer(&wanted, understood, snapshot, hotline);
            outcome.ranked = self.ranked(snapshot, understood, limit);
            return outcome;
        }
        if let Some(refusal) = refuse::refuse(understood) {
            let mut outcome = said(ask, refusal.reason(), refusal.words(hotline));
            if refusal.wants_ranking() {
                outcome.ranked = self.ranked(snapshot, understood, limit);
            }
            return outcome;
        }
        if let Some(deadline) = deadlines::recognise(understood, ask.today, snapshot.calendar()) {
            let mut outcome = deadlines::answer(&deadline, understood, snapshot, hotline);
            outcome.ranked = self.ranked(snapshot, understood, limit);
            return outcome;
        }
        let (hits, others) = self.both(snapshot, understood, limit);
        let finding = decide::decide(understood, &hits, &others, snapshot);
        let mut outcome = compose::compose(understood, &finding, &hits, &others, snapshot, hotline);
        outcome.ranked = ranked(snapshot, &hits);
        outcome
    }

    /// What holds on the date, and the best of all that is known; the latter empty where validity plays no part.
    fn both(&self, snapshot: &Snapshot, understood: &Understood, limit: usize) -> (Vec<Hit>, Vec<Hit>) {
        let mut hits = self.hits(snapshot, understood, Standing::Holding, limit);
        if snapshot.has_only_holding() {
            return (hits, Vec::new());
        }
        let mut others = self.hits(snapshot, understood, Standing::Any, RETRIEVED);
        lead::reorder(understood, &mut hits, snapshot);
        lead::reorder(understood, &mut others, snapshot);
        (hits, others)
    }

    fn hits(&self, snapshot: &Snapshot, understood: &Understood, standing: Standing, limit: usize) -> Vec<Hit> {
        let request = Request { cut: &understood.cut, as_of: understood.as_of, standing, limit };
        let hits = snapshot.search(&request).unwrap_or_else(|error| {
            tracing::error!(error = %error, "the index could not be searched");
            Vec::new()
        });
        match &self.embeddings {
            Some(embeddings) => embeddings.fused(hits, &understood.asked, snapshot, (standing, understood.as_of), limit),
            None => hits,
        }
    }

    fn ranked(&self, snapshot: &Snapshot, understood: &Understood, limit: usize) -> Vec<Ranked> {
        ranked(snapshot, &self.hits(snapshot, understood, Standing::Holding, limit))
    }
}

fn sensitive_in(snapshot: &Snapshot, text: &str) -> Vec<String> {
    snapshot.glossary().sensitive().filter(|entry| text.contains(entry.term.as_str())).map(|entry| entry.term.clone()).collect()
}

fn ranked(snapshot: &Snapshot, hits: &[Hit]) -> Vec<Ranked> {
    hits.iter()
        .map(|hit| {
            let (document, passage) = snapshot.passage(hit.passage);
            Ranked { document: document.id.clone(), title: document.title.clone(), article: passage.article.clone(), score: hit.score }
        })
        .collect()
}

/// An outcome that is only words: nothing is claimed, nothing cited.
fn said(ask: &Ask, reason: Reason, words: String) -> Outcome {
    Outcome { answer: only_words(words, ask.as_of.unwrap_or(ask.today)), reason, score: 0.0, ranked: Vec::new(), asked: String::new() }
}

fn only_words(lead: String, as_of: NaiveDate) -> Answer {
    Answer {
        id: String::new(),
        decision: Decision::Abstained,
        lead,
        details: Vec::new(),
        citations: Vec::new(),
        suggestions: Vec::new(),
        as_of,
        caution: replies::answers::caution(),
        understood_as: None,
        code: None,
    }
}
