//! Later answers on the chat page: what the browser asked before and is answered now, once; and whether it wants to be told at all.
//! A browser gets its token only when it has something to wait for.

use askama::Template;
use axum::Form as FormBody;
use axum::extract::State as Extract;
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::PageError;
use crate::domain::channel::ChannelKind;
use crate::gaps::{LaterAnswer, Wanted};
use crate::replies::gaps as words;
use crate::web::State;
use crate::web::origin::same_origin;
use crate::web::person::Person;
use crate::web::problem::ApiError;
use crate::web::visitors::visitor;

/// What the page says of it.
#[derive(Template)]
#[template(path = "later.html", config = "src/web/askama.toml")]
pub struct LaterView {
    answers: Vec<LaterAnswer>,
    /// What was just chosen.
    said: String,
    /// The way back, after it was turned off.
    off: bool,
}

/// The answer somebody waits for.
#[derive(Debug, Default, Deserialize)]
pub struct Waiting {
    #[serde(default)]
    answer: String,
}

/// What was just chosen, in the page's address.
#[derive(Debug, Default, Deserialize)]
pub struct Chosen {
    #[serde(default)]
    later: String,
}

impl LaterView {
    /// What is new for a browser; a page that is only fetched ahead shows nothing, so that nothing counts as seen.
    pub async fn of(state: &State, headers: &HeaderMap, chosen: &Chosen) -> Self {
        let (said, off) = match chosen.later.as_str() {
            "off" => (words::no_more_on_page(), true),
            "on" => (words::again_on_page(), false),
            _ => (String::new(), false),
        };
        let ahead =
            ["sec-purpose", "purpose"].iter().any(|name| headers.get(*name).is_some_and(|value| value.as_bytes().starts_with(b"prefetch")));
        let Some(person) = Person::of(headers).filter(|_| !ahead) else { return Self { answers: Vec::new(), said, off } };
        let answers = state.gaps.later_answers(ChannelKind::Web.word(), person.id(), state.clock.now()).await;
        let answers = answers.unwrap_or_else(|error| {
            tracing::error!(error = %error, "later answers could not be read; they are shown at the next visit");
            Vec::new()
        });
        Self { answers, said, off }
    }

    /// Nothing new.
    pub fn none() -> Self {
        Self { answers: Vec::new(), said: String::new(), off: false }
    }
}

/// The page's script tells that an answer was none, or was called useless: the browser waits for a better one.
pub async fn wait(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    extensions: Extensions,
    FormBody(waiting): FormBody<Waiting>,
) -> Result<Response, ApiError> {
    same_origin(&headers, &state.public_url)?;
    state.visitors.count(visitor(&headers, &extensions), state.clock.now())?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(person) = waits(&state, &headers, &waiting.answer).await? {
        response.headers_mut().insert(header::SET_COOKIE, person.cookie(&state.public_url));
    }
    Ok(response)
}

/// The browser that waits for this answer now, with the token it is to keep; nothing where there is nothing to wait for.
pub async fn waits(state: &State, headers: &HeaderMap, answer: &str) -> Result<Option<Person>, ApiError> {
    let person = Person::of(headers).unwrap_or_else(Person::fresh);
    Ok(state.gaps.wait(answer, person.id()).await?.then_some(person))
}

/// No more of it.
pub async fn off(Extract(state): Extract<State>, headers: HeaderMap, extensions: Extensions) -> Result<Response, PageError> {
    choose(&state, &headers, &extensions, Wanted::No).await?;
    Ok(Redirect::to("/?later=off").into_response())
}

/// Again, please.
pub async fn on(Extract(state): Extract<State>, headers: HeaderMap, extensions: Extensions) -> Result<Response, PageError> {
    choose(&state, &headers, &extensions, Wanted::Yes).await?;
    Ok(Redirect::to("/?later=on").into_response())
}

async fn choose(state: &State, headers: &HeaderMap, extensions: &Extensions, wanted: Wanted) -> Result<(), ApiError> {
    same_origin(headers, &state.public_url)?;
    let now = state.clock.now();
    state.visitors.count(visitor(headers, extensions), now)?;
    // Who has no token is not told anything anyway.
    if let Some(person) = Person::of(headers) {
        state.gaps.tell_later(person.id(), wanted, now).await?;
    }
    Ok(())
}
