//! The chat page. With JavaScript it asks the API; without, the form asks here and the page comes back with the answer.

use askama::Template;
use axum::extract::State as Extract;
use axum::http::{Extensions, HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::answer::AnswerView;
use super::human::{HumanView, once_token};
use super::later::{self, Chosen, LaterView};
use super::{PageError, html};
use crate::replies::pages;
use crate::replies::problems::QUESTION_CHARACTERS;
use crate::web::State;
use crate::web::api::questions::whole;
use crate::web::asking::{Question, ask};
use crate::web::extract::Query;
use crate::web::person::Person;
use crate::web::problem::ApiError;
use crate::web::visitors::visitor;

#[derive(Template)]
#[template(path = "chat.html", config = "src/web/askama.toml")]
struct Chat {
    here: &'static str,
    examples: [&'static str; 6],
    most: usize,
    asked: Option<Asked>,
    human: HumanView,
    later: LaterView,
    /// A token for the next message to a person.
    once: String,
}

/// A question asked by form, and what came of it.
struct Asked {
    question: String,
    /// The answer object, for the script to take over; empty where there is none.
    json: String,
    outcome: Result<AnswerView, String>,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct Typed {
    #[serde(default)]
    q: String,
}

/// The page as one opens it.
pub async fn page(Extract(state): Extract<State>, headers: HeaderMap, Query(chosen): Query<Chosen>) -> Result<Response, PageError> {
    let later = LaterView::of(&state, &headers, &chosen).await;
    html(&chat(&state, &headers, None, later).await)
}

/// The page with one question answered.
pub async fn ask_page(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    extensions: Extensions,
    Query(typed): Query<Typed>,
) -> Result<Response, PageError> {
    if typed.q.trim().is_empty() {
        return Ok(Redirect::to("/").into_response());
    }
    let outcome = answered(&state, &headers, &extensions, &typed.q).await;
    let status = outcome.as_ref().err().map(ApiError::status);
    let waits = match &outcome {
        Ok(answer) => later::waits(&state, &headers, &answer.id).await?,
        Err(_) => None,
    };
    let (json, outcome) = match outcome {
        Ok(answer) => {
            let view = AnswerView::of(&answer);
            (serde_json::to_string(&whole(answer)).map_err(|error| ApiError::Internal(error.into()))?, Ok(view))
        }
        Err(error) => {
            let told = error.detail();
            // Logs the cause of a fault of ours.
            drop(error.into_response());
            (String::new(), Err(told))
        }
    };
    let mut response = html(&chat(&state, &headers, Some(Asked { question: typed.q, json, outcome }), LaterView::none()).await)?;
    if let Some(status) = status {
        *response.status_mut() = status;
    }
    if let Some(person) = waits {
        response.headers_mut().insert(header::SET_COOKIE, person.cookie(&state.public_url));
    }
    Ok(response)
}

async fn answered(
    state: &State,
    headers: &HeaderMap,
    extensions: &Extensions,
    text: &str,
) -> Result<crate::domain::answer::Answer, ApiError> {
    let question = Question::accept(text, None, None)?;
    state.visitors.count(visitor(headers, extensions), state.clock.now())?;
    ask(state, question, Person::of(headers)).await
}

async fn chat(state: &State, headers: &HeaderMap, asked: Option<Asked>, later: LaterView) -> Chat {
    // A talk that cannot be read now stands on the page when it is opened again; asking the bot goes on.
    let human = HumanView::of(state, Person::of(headers).as_ref()).await.unwrap_or_else(|error| {
        drop(error.into_response());
        HumanView::none()
    });
    Chat { here: "chat", examples: pages::examples(), most: QUESTION_CHARACTERS, asked, human, later, once: once_token() }
}
