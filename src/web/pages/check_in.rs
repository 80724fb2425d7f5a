//! Checking in on the web, by the code on the screen of the room: a page with one button, so that a browser that looks ahead checks
//! nobody in.

use askama::Template;
use axum::Form as FormBody;
use axum::extract::State as Extract;
use axum::extract::rejection::FormRejection;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{PageError, html};
use crate::broadcasts::check_in::Guest;
use crate::domain::channel::ChannelKind;
use crate::domain::class::ClassState;
use crate::replies::{check_ins as words, classes, pages};
use crate::web::State;
use crate::web::extract::{Path, Query};
use crate::web::origin::same_origin;
use crate::web::person::Person;
use crate::web::problem::ApiError;
use crate::web::visitors::visitor;

#[derive(Template)]
#[template(path = "check_in.html", config = "src/web/askama.toml")]
struct Page {
    here: &'static str,
    id: String,
    title: String,
    when: String,
    code: String,
    said: String,
    /// Whether they are in.
    done: bool,
}

/// The code, in the address or the form.
#[derive(Debug, Default, Deserialize)]
pub struct Given {
    #[serde(default)]
    code: String,
}

/// Names an address for a while without keeping it.
pub fn address_of(headers: &HeaderMap, extensions: &Extensions) -> String {
    let digest = Sha256::digest(visitor(headers, extensions).to_string().as_bytes());
    format!("address:{}", hex::encode(&digest[..12]))
}

/// What a scanned sheet opens.
pub async fn page(Extract(state): Extract<State>, Path(id): Path<String>, Query(given): Query<Given>) -> Result<Response, PageError> {
    show(&state, &id, given.code, String::new(), false).await
}

/// Checks in whoever enrolled with this browser.
pub async fn check_in(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
    extensions: Extensions,
    given: Result<FormBody<Given>, FormRejection>,
) -> Result<Response, PageError> {
    same_origin(&headers, &state.public_url)?;
    let code = given.map(|FormBody(given)| given.code).unwrap_or_default();
    let person = Person::of(&headers).unwrap_or_else(Person::fresh);
    let address = address_of(&headers, &extensions);
    let guest = Guest { channel: ChannelKind::Web, person: person.id(), address: Some(&address) };
    let mut tx = state.store.begin().await?;
    let checked = state.broadcasts.check_in(&mut tx, Some(&id), &code, guest, state.clock.now()).await?;
    tx.commit().await?;
    let mut said = words::told(checked.reason, checked.at.as_ref().map(|(class, session)| (class, session)));
    if let Some(since) = checked.since {
        said = format!("{said}{}", words::since(since));
    }
    let done = checked.reason.is_in();
    let mut response = show(&state, &id, code, said, done).await?;
    if !done {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn show(state: &State, id: &str, code: String, said: String, done: bool) -> Result<Response, PageError> {
    let class = state.broadcasts.class(id).await?.class;
    if class.state == ClassState::Draft {
        return Err(ApiError::NotFound(pages::not_found()).into());
    }
    let code = code.chars().filter(|c| !c.is_control()).take(12).collect();
    html(&Page { here: "classes", id: class.id.clone(), when: classes::when_and_where(&class), title: class.title, code, said, done })
}
