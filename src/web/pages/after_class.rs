//! After a class on the web: a material to download, and the vote for the next topic. A file is served as a download only, under a
//! type that its bytes gave, from an address nobody can guess.

use std::fmt::Write;

use askama::Template;
use axum::Form as FormBody;
use axum::extract::State as Extract;
use axum::extract::rejection::FormRejection;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{PageError, html};
use crate::broadcasts::materials::ending;
use crate::broadcasts::votes::Voted;
use crate::domain::channel::ChannelKind;
use crate::replies::after_class as words;
use crate::replies::pages;
use crate::store::materials::Place;
use crate::web::State;
use crate::web::extract::Path;
use crate::web::origin::same_origin;
use crate::web::person::Person;
use crate::web::problem::ApiError;
use crate::web::visitors::visitor;

#[derive(Template)]
#[template(path = "vote.html", config = "src/web/askama.toml")]
struct VotePage {
    here: &'static str,
    id: String,
    class: String,
    class_id: String,
    said: Option<String>,
    failed: bool,
    /// Each topic, and whether it is the one chosen.
    topics: Vec<(String, bool)>,
    closes: String,
    open: bool,
    voted: bool,
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
pub struct Ballot {
    topic: Option<usize>,
}

/// A material: the file as a download, or on to the link.
pub async fn material(Extract(state): Extract<State>, Path(id): Path<String>) -> Result<Response, PageError> {
    let (material, file) = state.broadcasts.material_with_file(&id).await?;
    let (media, file) = match (material.place, file) {
        (Place::File { media, .. }, Some(file)) => (media, file),
        (Place::Link(link), _) => return Ok(Redirect::to(&link).into_response()),
        (Place::File { .. }, None) => return Err(ApiError::NotFound(pages::not_found()).into()),
    };
    let name = format!("{}.{}", material.title, ending(&media));
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    let disposition = format!("attachment; filename=\"material.{}\"; filename*=UTF-8''{encoded}", ending(&media));
    let header_of = |text: &str| HeaderValue::from_str(text).map_err(|error| ApiError::Internal(error.into()));
    let headers = [(header::CONTENT_TYPE, header_of(&media)?), (header::CONTENT_DISPOSITION, header_of(&disposition)?)];
    Ok((headers, file).into_response())
}

/// The vote.
pub async fn vote_page(Extract(state): Extract<State>, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, PageError> {
    show(&state, &id, Person::of(&headers).as_ref(), None).await
}

/// A ballot; the last one of a browser counts.
pub async fn vote(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
    extensions: Extensions,
    typed: Result<FormBody<Ballot>, FormRejection>,
) -> Result<Response, PageError> {
    same_origin(&headers, &state.public_url)?;
    let now = state.clock.now();
    state.visitors.count(visitor(&headers, &extensions), now)?;
    let person = Person::of(&headers).unwrap_or_else(Person::fresh);
    let Some(topic) = typed.ok().and_then(|FormBody(ballot)| ballot.topic) else {
        return show(&state, &id, Some(&person), Some(words::choose_a_topic())).await;
    };
    let mut tx = state.store.begin().await?;
    let voted = state.broadcasts.cast(&mut tx, &id, topic, ChannelKind::Web, person.id(), now).await?;
    tx.commit().await?;
    match voted {
        Voted::Counted(..) => {
            let mut response = Redirect::to(&format!("/votes/{id}")).into_response();
            response.headers_mut().insert(header::SET_COOKIE, person.cookie(&state.public_url));
            Ok(response)
        }
        Voted::Closed => show(&state, &id, Some(&person), Some(words::vote_closed())).await,
        Voted::NoSuchTopic => Err(ApiError::NotFound(pages::not_found()).into()),
    }
}

async fn show(state: &State, id: &str, person: Option<&Person>, failed: Option<String>) -> Result<Response, PageError> {
    let (vote, mine) = state.broadcasts.vote(id, ChannelKind::Web, person.map(Person::id)).await?;
    let class = state.broadcasts.class(&vote.class_id).await?.class;
    let open = state.clock.now() < vote.closes_at;
    let said = match (&failed, mine.and_then(|topic| vote.topics.get(topic))) {
        (Some(failed), _) => Some(failed.clone()),
        (None, Some(topic)) if open => Some(words::voted(topic, vote.closes_at)),
        (None, _) if !open => Some(words::vote_closed()),
        (None, _) => None,
    };
    let mut response = html(&VotePage {
        here: "classes",
        id: vote.id,
        class: class.title,
        class_id: class.id,
        said,
        failed: failed.is_some(),
        topics: vote.topics.into_iter().enumerate().map(|(number, topic)| (topic, mine == Some(number))).collect(),
        closes: vote.closes_at.chinese(),
        open,
        voted: mine.is_some(),
    })?;
    if failed.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
