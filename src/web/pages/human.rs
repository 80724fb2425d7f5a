//! 转人工 on the chat page: queue, talk, end and 服务评价 for whoever holds this browser's token. The page asks every few seconds what was
//! said; all of it is in the store, so a reload or a restart loses nothing. Without JavaScript the same forms lead back to the page.

use askama::Template;
use axum::Form as FormBody;
use axum::extract::State as Extract;
use axum::extract::rejection::FormRejection;
use axum::http::{Extensions, HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Redirect, Response};
use rand::Rng;
use serde::Deserialize;

use super::{PageError, html};
use crate::conversation::{Talk, Visitor};
use crate::desk;
use crate::domain::channel::ChannelKind;
use crate::domain::inquiry::{Author, InquiryState};
use crate::replies::desk::{self as words, STARS};
use crate::replies::problems::{self, QUESTION_CHARACTERS};
use crate::store::inquiries;
use crate::web::State;
use crate::web::origin::same_origin;
use crate::web::person::Person;
use crate::web::problem::ApiError;
use crate::web::visitors::visitor;

/// Sent by the page's script, which takes the talk alone and problems as data.
const LIVE: HeaderName = HeaderName::from_static("x-live");
const LONGEST_TOKEN: usize = 64;

/// What the talk looks like.
#[derive(Template)]
#[template(path = "human.html", config = "src/web/askama.toml")]
pub struct HumanView {
    /// none, waiting, human or closed.
    state: &'static str,
    inquiry: String,
    standing: String,
    note: String,
    said: Vec<SaidView>,
    /// The five steps, where one may be given.
    stars: &'static [(i64, &'static str)],
    may_come_back: bool,
}

/// Something said.
struct SaidView {
    id: String,
    author: &'static str,
    name: String,
    text: String,
    time: String,
}

/// What the forms send.
#[derive(Debug, Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    q: String,
    /// The answer under which 转人工 was pressed.
    #[serde(default)]
    answer: String,
    #[serde(default)]
    once: String,
    #[serde(default)]
    inquiry: String,
    #[serde(default)]
    stars: String,
}

type Sent = Result<FormBody<Typed>, FormRejection>;

impl HumanView {
    /// The talk of a browser, if it has one.
    pub async fn of(state: &State, person: Option<&Person>) -> Result<Self, ApiError> {
        let talk = match person {
            Some(person) => state.conversation.talk_of(person.id(), state.clock.now()).await?,
            None => None,
        };
        Ok(match talk {
            Some(talk) => Self::shown(talk, state.conversation.hotline()),
            None => Self::none(),
        })
    }

    /// No talk.
    pub fn none() -> Self {
        let (inquiry, standing, note) = (String::new(), String::new(), String::new());
        Self { state: "none", inquiry, standing, note, said: Vec::new(), stars: &[], may_come_back: false }
    }

    fn shown(talk: Talk, hotline: &str) -> Self {
        let inquiry = talk.inquiry;
        let (standing, note) = match inquiry.state {
            InquiryState::Waiting => {
                let standing = talk.standing.map(|standing| words::standing(&standing, hotline));
                (standing.unwrap_or_default(), words::while_waiting_on_the_page())
            }
            InquiryState::Human => (words::served_by(inquiry.assignee.as_deref().unwrap_or_default()), words::while_served_on_the_page()),
            InquiryState::Closed => (words::over_on_the_page(inquiry.served), inquiry.stars.map(words::rated).unwrap_or_default()),
        };
        let closed = inquiry.state == InquiryState::Closed;
        let unrated = closed && inquiry.stars.is_none();
        let said = talk.said.into_iter().map(|said| SaidView {
            id: said.id,
            author: said.author.word(),
            name: match said.author {
                Author::Asker => words::you(),
                Author::Staff => words::name_label(&said.name),
                Author::Service if said.name == inquiry.person_name => words::you(),
                Author::Service if said.name == words::SERVICE => said.name,
                Author::Service => words::name_label(&said.name),
            },
            text: said.text,
            time: said.said_at.local().format("%H:%M").to_string(),
        });
        Self {
            state: inquiry.state.word(),
            inquiry: inquiry.id,
            standing,
            note,
            said: said.collect(),
            stars: if unrated && inquiry.served { &STARS } else { &[] },
            may_come_back: unrated,
        }
    }

    /// Whether what is typed goes to a person.
    pub fn talking(&self) -> bool {
        self.state == "human"
    }

    /// Whether a person was asked for and not yet done with.
    pub fn open(&self) -> bool {
        matches!(self.state, "waiting" | "human")
    }
}

/// A token for a form, by which a second click is known.
pub fn once_token() -> String {
    let token: u128 = rand::rng().random();
    format!("{token:032x}")
}

/// The talk as it stands.
pub async fn talk(Extract(state): Extract<State>, headers: HeaderMap) -> Response {
    let shown = answered(&state, &headers, Person::of(&headers)).await;
    told(&headers, shown)
}

/// A person is wanted for the question typed, or the one under whose answer the button stands.
pub async fn call(Extract(state): Extract<State>, headers: HeaderMap, extensions: Extensions, sent: Sent) -> Response {
    let person = Person::of(&headers).unwrap_or_else(Person::fresh);
    let done = async {
        let typed = accepted(&state, &headers, &extensions, sent)?;
        let now = state.clock.now();
        let found = state.conversation.found_for_staff(&typed.q, &typed.answer, now).await?;
        let found = found.ok_or_else(|| ApiError::invalid("q", words::write_question_first()))?;
        let name = words::visitor_name(&person.label());
        state.hand_offs.admit(&state.store, visitor(&headers, &extensions), person.id(), now).await?;
        let mut tx = state.store.begin().await?;
        state.conversation.visitor_queues(&mut tx, Visitor { person: person.id(), name: &name }, &found, now).await?;
        tx.commit().await?;
        let mut response = answered(&state, &headers, Some(person.clone())).await?;
        response.headers_mut().insert(header::SET_COOKIE, person.cookie(&state.public_url));
        Ok(response)
    };
    told(&headers, done.await)
}

/// Something said to the person who answers, or to those who will.
pub async fn say(Extract(state): Extract<State>, headers: HeaderMap, extensions: Extensions, sent: Sent) -> Response {
    let done = async {
        let typed = accepted(&state, &headers, &extensions, sent)?;
        let text = typed.q.trim();
        if text.is_empty() {
            return Err(ApiError::invalid("q", words::nothing_said()));
        }
        let once = Some(typed.once.as_str()).filter(|once| !once.is_empty());
        let person = known(&headers)?;
        let mut tx = state.store.begin().await?;
        if !state.conversation.visitor_says(&mut tx, person.id(), text, once, state.clock.now()).await? {
            return Err(ApiError::Conflict(words::over_while_typing()));
        }
        tx.commit().await?;
        answered(&state, &headers, Some(person)).await
    };
    told(&headers, done.await)
}

/// No person is wanted any more.
pub async fn end(Extract(state): Extract<State>, headers: HeaderMap, extensions: Extensions, sent: Sent) -> Response {
    let done = async {
        accepted(&state, &headers, &extensions, sent)?;
        let person = known(&headers)?;
        let mut tx = state.store.begin().await?;
        desk::leave(&mut tx, ChannelKind::Web.word(), person.id(), state.clock.now()).await?;
        tx.commit().await?;
        answered(&state, &headers, Some(person)).await
    };
    told(&headers, done.await)
}

/// What was closed goes on.
pub async fn back(Extract(state): Extract<State>, headers: HeaderMap, extensions: Extensions, sent: Sent) -> Response {
    let done = async {
        let typed = accepted(&state, &headers, &extensions, sent)?;
        let person = known(&headers)?;
        let mut tx = state.store.begin().await?;
        // A second click finds it open already: that is what was wanted.
        if desk::come_back(&mut tx, &typed.inquiry, ChannelKind::Web.word(), person.id(), state.clock.now()).await? {
            tx.commit().await?;
        }
        answered(&state, &headers, Some(person)).await
    };
    told(&headers, done.await)
}

/// 服务评价, once per closing.
pub async fn rate(Extract(state): Extract<State>, headers: HeaderMap, extensions: Extensions, sent: Sent) -> Response {
    let done = async {
        let typed = accepted(&state, &headers, &extensions, sent)?;
        let stars = typed.stars.parse().ok().filter(|stars| STARS.iter().any(|(known, _)| known == stars));
        let stars = stars.ok_or_else(|| ApiError::invalid("stars", words::wrong_stars()))?;
        let person = known(&headers)?;
        let mut tx = state.store.begin().await?;
        if !state.conversation.rated(&mut tx, &typed.inquiry, ChannelKind::Web, person.id(), stars, state.clock.now()).await? {
            return Err(ApiError::Conflict(words::not_rated()));
        }
        tx.commit().await?;
        answered(&state, &headers, Some(person)).await
    };
    told(&headers, done.await)
}

/// Clears what is closed off the page.
pub async fn hide(Extract(state): Extract<State>, headers: HeaderMap, extensions: Extensions, sent: Sent) -> Response {
    let done = async {
        accepted(&state, &headers, &extensions, sent)?;
        let person = known(&headers)?;
        let mut tx = state.store.begin().await?;
        inquiries::hide(&mut tx, ChannelKind::Web.word(), person.id()).await?;
        tx.commit().await?;
        answered(&state, &headers, Some(person)).await
    };
    told(&headers, done.await)
}

/// What was sent, where it came from our page, not too often and not too long.
fn accepted(state: &State, headers: &HeaderMap, extensions: &Extensions, sent: Sent) -> Result<Typed, ApiError> {
    same_origin(headers, &state.public_url)?;
    state.visitors.count(visitor(headers, extensions), state.clock.now())?;
    let FormBody(typed) = sent.map_err(|_| ApiError::Malformed(problems::broken_form()))?;
    if typed.q.chars().count() > QUESTION_CHARACTERS {
        return Err(ApiError::invalid("q", problems::question_too_long()));
    }
    if typed.once.len() > LONGEST_TOKEN {
        return Err(ApiError::Malformed(problems::broken_form()));
    }
    Ok(typed)
}

fn known(headers: &HeaderMap) -> Result<Person, ApiError> {
    Person::of(headers).ok_or_else(|| ApiError::Conflict(words::over_while_typing()))
}

/// The talk for the script, or the way back to the page.
async fn answered(state: &State, headers: &HeaderMap, person: Option<Person>) -> Result<Response, ApiError> {
    if !headers.contains_key(LIVE) {
        return Ok(Redirect::to("/#human").into_response());
    }
    let view = HumanView::of(state, person.as_ref()).await?;
    html(&view).map_err(|PageError(error)| error)
}

fn told(headers: &HeaderMap, done: Result<Response, ApiError>) -> Response {
    match done {
        Ok(response) => response,
        Err(error) if headers.contains_key(LIVE) => error.into_response(),
        Err(error) => PageError(error).into_response(),
    }
}
