//! Opinions and suggestions from the web: a form, and what became of one's own. The number opens only in the browser that sent it.

use askama::Template;
use axum::Form as FormBody;
use axum::extract::State as Extract;
use axum::extract::rejection::FormRejection;
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{PageError, html};
use crate::desk::ledger::LONGEST;
use crate::domain::channel::ChannelKind;
use crate::domain::ledger::LedgerItem;
use crate::domain::time::chinese_date;
use crate::replies::ledger as words;
use crate::store::ledger_items as items;
use crate::web::State;
use crate::web::api::ledger::suggest;
use crate::web::origin::same_origin;
use crate::web::person::Person;
use crate::web::problem::ApiError;
use crate::web::visitors::visitor;

/// Items of one's own that are shown.
const SHOWN: i64 = 20;

#[derive(Template)]
#[template(path = "suggestions.html", config = "src/web/askama.toml")]
struct Suggestions {
    here: &'static str,
    most: usize,
    typed: String,
    failed: String,
    mine: Vec<Mine>,
    /// There are more than those shown.
    older: bool,
}

struct Mine {
    number: String,
    stage: &'static str,
    on: String,
    text: String,
    answer: String,
    due: String,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct Typed {
    #[serde(default)]
    text: String,
}

impl From<LedgerItem> for Mine {
    fn from(item: LedgerItem) -> Self {
        Self {
            stage: words::stage(item.stage),
            on: chinese_date(item.created_at.date()),
            due: if item.stage.is_under_way() { words::due(item.due_on) } else { String::new() },
            number: item.number,
            text: item.text,
            answer: item.answer,
        }
    }
}

/// The form, and what this browser sent before.
pub async fn page(Extract(state): Extract<State>, headers: HeaderMap) -> Result<Response, PageError> {
    show(&state, Person::of(&headers).as_ref(), String::new(), String::new()).await
}

/// Takes a suggestion up.
pub async fn send(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    extensions: Extensions,
    typed: Result<FormBody<Typed>, FormRejection>,
) -> Result<Response, PageError> {
    same_origin(&headers, &state.public_url)?;
    state.visitors.count(visitor(&headers, &extensions), state.clock.now())?;
    let text = typed.map(|FormBody(typed)| typed.text).unwrap_or_default();
    let person = Person::of(&headers).unwrap_or_else(Person::fresh);
    match suggest(&state, &text, person.id()).await {
        Ok(_) => {
            let mut response = Redirect::to("/suggestions").into_response();
            response.headers_mut().insert(header::SET_COOKIE, person.cookie(&state.public_url));
            Ok(response)
        }
        Err(error @ ApiError::Invalid { .. }) => {
            let mut response = show(&state, Some(&person), text, error.detail()).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

async fn show(state: &State, person: Option<&Person>, typed: String, failed: String) -> Result<Response, PageError> {
    let mine = match person {
        Some(person) => items::of_person(&mut *state.store.read().await?, ChannelKind::Web.word(), person.id(), SHOWN + 1).await?,
        None => Vec::new(),
    };
    let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let older = mine.len() > shown;
    let mine = mine.into_iter().take(shown);
    html(&Suggestions { here: "suggestions", most: LONGEST, typed, failed, mine: mine.map(Mine::from).collect(), older })
}
