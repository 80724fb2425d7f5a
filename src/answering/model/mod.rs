//! An optional language model that may put an answer into plainer words (F70).
//! Its one rule: what the model writes is shown only if `check` finds every word of it covered by the cited text; in every other case,
//! and whatever goes wrong, the document's own words are the answer.

pub mod breaker;
mod check;
mod client;
mod figures;
mod founded;
mod marked;
mod prompt;
mod words;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::answering::{Outcome, Reason, mask};
use crate::config;
use crate::domain::answer::Decision;
use crate::domain::time::Timestamp;

use breaker::Breaker;
use client::Client;

pub use client::ClientError;
pub use founded::unfounded_figures;

/// Calls under way at once; who comes beyond them gets the document's own words without waiting.
const MOST_AT_ONCE: usize = 8;

/// The configured model.
#[derive(Debug)]
pub struct Model {
    client: Client,
    deadline: Duration,
    breaker: Mutex<Breaker>,
    places: Semaphore,
}

/// Why the model's words are not shown; none of these holds any text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Kept {
    #[error("the model is left alone after failures")]
    Resting,
    #[error("too many calls are under way")]
    Busy,
    #[error("no answer in time")]
    Slow,
    #[error(transparent)]
    Failed(#[from] client::CallError),
    #[error("{0} is not covered by the cited text")]
    Refused(check::Fault),
}

impl Model {
    /// The model of the configuration, if there is one.
    pub fn from_config(model: &config::Model) -> Result<Option<Self>, ClientError> {
        if !model.enabled() {
            return Ok(None);
        }
        Ok(Some(Self {
            client: Client::new(model)?,
            deadline: Duration::from_secs(model.timeout_seconds),
            breaker: Mutex::default(),
            places: Semaphore::new(MOST_AT_ONCE),
        }))
    }

    /// Puts the lead of an answered outcome into the model's words where these hold; else leaves it as it is. Tells staff which, and why.
    pub async fn reword(&self, question: &str, outcome: &mut Outcome, now: Timestamp) -> Option<String> {
        if !may_be_reworded(outcome) {
            return None;
        }
        let begun = Instant::now();
        let worded = self.words_for(question, outcome, now).await;
        let took = begun.elapsed().as_millis();
        match worded {
            Ok(words) => {
                tracing::info!(took_ms = took, "the model's words are shown");
                outcome.answer.lead = words;
                Some(format!("model: reworded in {took} ms"))
            }
            Err(kept) => {
                tracing::warn!(took_ms = took, reason = %kept, "the document's own words are shown");
                Some(format!("model: the document's own words after {took} ms: {kept}"))
            }
        }
    }

    async fn words_for(&self, question: &str, outcome: &Outcome, now: Timestamp) -> Result<String, Kept> {
        if self.breaker().is_open(now) {
            return Err(Kept::Resting);
        }
        let _place = self.places.try_acquire().map_err(|_| Kept::Busy)?;
        let messages = prompt::messages(&mask(question), &outcome.answer);
        let said = match tokio::time::timeout(self.deadline, self.client.complete(&messages)).await {
            Ok(Ok(said)) => said,
            Ok(Err(failed)) => {
                self.breaker().failed(now);
                return Err(failed.into());
            }
            Err(_) => {
                self.breaker().failed(now);
                return Err(Kept::Slow);
            }
        };
        self.breaker().worked();
        check::check(&said, &outcome.answer).map_err(Kept::Refused)
    }

    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Only sentences of a document that holds are put differently: tables, what is over, to come, or said by us stay as they are.
fn may_be_reworded(outcome: &Outcome) -> bool {
    outcome.answer.decision == Decision::Answered
        && matches!(outcome.reason, Reason::Answered | Reason::ByNumber | Reason::ByArticle)
        && !outcome.answer.lead.contains('\n')
        && outcome.answer.citations.first().is_some_and(|citation| citation.validity.holds())
}
