//! The survey after a class for whoever has no chat: one page, found from their own enrolment page.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form as FormBody;
use axum::extract::State as Extract;
use axum::extract::rejection::FormRejection;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::{PageError, html};
use crate::broadcasts::Refused;
use crate::domain::survey::{BEST, Kind};
use crate::replies::after_class as words;
use crate::web::State;
use crate::web::extract::Path;
use crate::web::origin::same_origin;
use crate::web::person::Person;
use crate::web::visitors::visitor;

#[derive(Template)]
#[template(path = "class_survey.html", config = "src/web/askama.toml")]
struct Page {
    here: &'static str,
    id: String,
    title: String,
    said: Option<String>,
    failed: bool,
    items: Vec<Item>,
    scores: Vec<i64>,
}

struct Item {
    /// `q0`, `q1`, …
    name: String,
    text: String,
    score: bool,
    unclear: bool,
    value: String,
}

/// The questions.
pub async fn page(Extract(state): Extract<State>, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, PageError> {
    show(&state, &id, &headers, None, &BTreeMap::new()).await
}

/// What was answered, all at once.
pub async fn answer(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
    extensions: Extensions,
    typed: Result<FormBody<BTreeMap<String, String>>, FormRejection>,
) -> Result<Response, PageError> {
    same_origin(&headers, &state.public_url)?;
    let now = state.clock.now();
    state.visitors.count(visitor(&headers, &extensions), now)?;
    let typed = typed.map(|FormBody(typed)| typed).unwrap_or_default();
    let Some(person) = Person::of(&headers) else { return show(&state, &id, &headers, None, &BTreeMap::new()).await };
    let number = |name: &str| name.strip_prefix('q').and_then(|number| number.parse::<usize>().ok());
    let answers: BTreeMap<usize, String> =
        typed.iter().filter_map(|(name, text)| Some((number(name)?, state.answering.without_secrets(text.trim())))).collect();
    match state.broadcasts.answer_web_survey(&id, person.id(), &answers, now).await {
        Ok(_) => Ok(Redirect::to(&format!("/classes/{id}/survey")).into_response()),
        Err(Refused::Invalid { detail, .. }) => show(&state, &id, &headers, Some(detail), &answers).await,
        Err(other) => Err(other.into()),
    }
}

async fn show(
    state: &State,
    id: &str,
    headers: &HeaderMap,
    refused: Option<String>,
    typed: &BTreeMap<usize, String>,
) -> Result<Response, PageError> {
    let listed = super::classes::visible(state, id).await?;
    let asked = match Person::of(headers) {
        Some(person) => state.broadcasts.web_survey(id, person.id(), state.clock.now()).await?,
        None => None,
    };
    let failed = refused.is_some();
    let answered = match Person::of(headers) {
        Some(person) if asked.is_none() => state.broadcasts.web_survey_answered(&listed.class.id, person.id()).await?,
        Some(_) | None => false,
    };
    let said = refused.or_else(|| asked.is_none().then(|| words::no_web_survey(answered)));
    let questions = asked.map(|(_, survey)| survey.questions).unwrap_or_default();
    let item = |(number, question): (usize, crate::domain::survey::Question)| Item {
        name: format!("q{number}"),
        score: question.kind == Kind::Score,
        unclear: question.kind == Kind::Unclear,
        text: question.text,
        value: typed.get(&number).cloned().unwrap_or_default(),
    };
    let mut response = html(&Page {
        here: "classes",
        id: listed.class.id,
        title: listed.class.title,
        said,
        failed,
        items: questions.into_iter().enumerate().map(item).collect(),
        scores: (1..=BEST).rev().collect(),
    })?;
    if failed {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
