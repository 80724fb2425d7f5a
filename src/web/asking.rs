//! A question from the web: understood and answered, then logged masked. The one way in for API and pages.

use std::time::Instant;

use chrono::NaiveDate;

use super::State;
use super::problem::ApiError;
use crate::answering::{self, Ask};
use crate::domain::answer::Answer;
use crate::domain::channel::ChannelKind;
use crate::domain::id::new_id;
use crate::replies::problems::{self, QUESTION_CHARACTERS};
use crate::store::questions::{self, NewQuestion};

/// Longest name of a visitor's session.
const LONGEST_SESSION: usize = 64;

/// A question that may be asked.
#[derive(Debug, Clone)]
pub struct Question {
    pub text: String,
    pub as_of: Option<NaiveDate>,
    /// Names the visit, chosen by the caller; follow-up questions of one visit belong together.
    pub session: String,
}

impl Question {
    /// Checks what a visitor sent.
    pub fn accept(text: &str, as_of: Option<NaiveDate>, session: Option<&str>) -> Result<Self, ApiError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ApiError::invalid("question", problems::empty("问题")));
        }
        if text.chars().count() > QUESTION_CHARACTERS {
            return Err(ApiError::invalid("question", problems::question_too_long()));
        }
        let session = session.unwrap_or_default();
        let plain = session.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if session.len() > LONGEST_SESSION || !plain {
            return Err(ApiError::invalid("session", problems::wrong_session(LONGEST_SESSION)));
        }
        Ok(Self { text: text.to_owned(), as_of, session: session.to_owned() })
    }
}

/// Answers a question and logs it. A log that cannot be written is our trouble, not the asker's.
pub async fn ask(state: &State, question: Question) -> Result<Answer, ApiError> {
    let now = state.clock.now();
    let ask = Ask { question: question.text.clone(), as_of: question.as_of, today: now.date() };
    let started = Instant::now();
    let responded = state.answering.respond(ask, now).await.map_err(|error| ApiError::Internal(error.into()))?;
    let mut outcome = responded.outcome;
    outcome.answer.id = new_id("ans", now);
    let answer = &outcome.answer;
    let logged = NewQuestion {
        id: answer.id.clone(),
        channel: ChannelKind::Web.word().to_owned(),
        person: question.session,
        scope: "private".to_owned(),
        question: answering::mask(&question.text),
        decision: answer.decision.word().to_owned(),
        reason: outcome.reason.word().to_owned(),
        gap: outcome.reason.is_gap(),
        document: answer.citations.first().map(|citation| citation.document.clone()),
        score: outcome.score,
        suggestions: answer.suggestions.clone(),
        took_us: i64::try_from(started.elapsed().as_micros()).unwrap_or(i64::MAX),
        asked_at: now,
    };
    if let Err(error) = log(state, &logged).await {
        tracing::error!(error = %error, "a question could not be logged");
    }
    Ok(outcome.answer)
}

async fn log(state: &State, question: &NewQuestion) -> sqlx::Result<()> {
    let mut tx = state.store.begin().await?;
    questions::log(&mut tx, question).await?;
    tx.commit().await
}
