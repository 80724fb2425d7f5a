//! A question from the web: what a visitor sent, checked; then the same way as every other channel's. The one way in for API and pages.

use chrono::NaiveDate;

use super::State;
use super::person::Person;
use super::problem::ApiError;
use crate::conversation::{Asked, Asker};
use crate::domain::answer::Answer;
use crate::domain::channel::ChannelKind;
use crate::domain::inbound::Scope;
use crate::domain::time::Timestamp;
use crate::replies::desk;
use crate::replies::problems::{self, QUESTION_CHARACTERS};
use crate::store::inquiries;

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
        let session = checked_session(session.unwrap_or_default())?;
        Ok(Self { text: text.to_owned(), as_of, session: session.to_owned() })
    }
}

/// The name of a visit, if it may be one; empty is none.
pub fn checked_session(session: &str) -> Result<&str, ApiError> {
    let plain = session.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if session.len() > LONGEST_SESSION || !plain {
        return Err(ApiError::invalid("session", problems::wrong_session(LONGEST_SESSION)));
    }
    Ok(session)
}

/// Answers a question and notes it. A note that cannot be written is our trouble, not the asker's. While a person of the desk answers this
/// browser, the bot is silent: 409.
pub async fn ask(state: &State, question: Question, person: Option<Person>) -> Result<Answer, ApiError> {
    let now = state.clock.now();
    if let Some(person) = &person {
        let mut conn = state.store.read().await?;
        if inquiries::is_with_a_person(&mut conn, ChannelKind::Web.word(), person.id()).await? {
            return Err(ApiError::Conflict(desk::a_person_answers()));
        }
    }
    let asker = Asker { channel: ChannelKind::Web, person: question.session, chat: String::new(), scope: Scope::Private };
    let asked = state.conversation.ask(&asker, &question.text, question.as_of, now).await.map_err(ApiError::Internal)?;
    match note(state, &asked, &asker, person.as_ref(), &question.text, now).await {
        // Somebody took over while the answer was looked up.
        Ok(false) => return Err(ApiError::Conflict(desk::a_person_answers())),
        Ok(true) => {}
        Err(error) => tracing::error!(error = %error, "a question could not be noted"),
    }
    Ok(asked.outcome.answer)
}

/// False where a person answers by now; then nothing is noted.
async fn note(state: &State, asked: &Asked, asker: &Asker, person: Option<&Person>, text: &str, now: Timestamp) -> sqlx::Result<bool> {
    let mut tx = state.store.begin().await?;
    if let Some(person) = person
        && !state.conversation.visitor_asked(&mut tx, person.id(), text, now).await?
    {
        return Ok(false);
    }
    state.conversation.note(&mut tx, asked, asker, now).await?;
    tx.commit().await?;
    Ok(true)
}
