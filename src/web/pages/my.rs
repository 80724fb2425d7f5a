//! `/my`: what is kept of the visitor, by the token in their cookie and the name of their chat's visit; as a page, as a file, and no longer.
//! Whoever holds the token is the person: nobody else's data can be asked for.

use askama::Template;
use axum::Form as FormBody;
use axum::extract::State as Extract;
use axum::http::{Extensions, HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{PageError, html};
use crate::domain::channel::ChannelKind;
use crate::domain::personal::{Found, Outcome, together};
use crate::replies::privacy as words;
use crate::store::personal::Who;
use crate::web::State;
use crate::web::asking::checked_session;
use crate::web::extract::Query;
use crate::web::origin::same_origin;
use crate::web::person::Person;
use crate::web::problem::ApiError;
use crate::web::visitors::visitor;

/// Rows of one table on the page; the file has them all.
const SHOWN: usize = 50;

/// The visit, as the chat's script names it.
#[derive(Debug, Default, Deserialize)]
pub struct Visit {
    #[serde(default)]
    session: String,
}

struct Part {
    heading: &'static str,
    many: usize,
    /// Label and value of each cell.
    rows: Vec<Vec<(&'static str, String)>>,
    left_out: usize,
}

#[derive(Template)]
#[template(path = "my.html", config = "src/web/askama.toml")]
struct MyPage {
    here: &'static str,
    session: String,
    parts: Vec<Part>,
    said: Vec<String>,
    nothing: String,
    purpose: String,
    consequences: Vec<String>,
}

/// The page.
pub async fn page(Extract(state): Extract<State>, headers: HeaderMap, Query(visit): Query<Visit>) -> Result<Response, PageError> {
    let kept = kept(&state, &who(&headers, &visit)?).await?;
    show(&visit, &kept, None)
}

/// All of it as a file.
pub async fn file(Extract(state): Extract<State>, headers: HeaderMap, Query(visit): Query<Visit>) -> Result<Response, PageError> {
    let kept = kept(&state, &who(&headers, &visit)?).await?;
    let text = serde_json::to_string_pretty(&kept).map_err(|error| ApiError::Internal(error.into()))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"my-data.json\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, text).into_response())
}

/// Forgets the visitor; the page then says what went and what stays.
pub async fn forget(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    extensions: Extensions,
    FormBody(visit): FormBody<Visit>,
) -> Result<Response, PageError> {
    same_origin(&headers, &state.public_url)?;
    let now = state.clock.now();
    state.visitors.count(visitor(&headers, &extensions), now)?;
    let mut all = Outcome::default();
    let mut tx = state.store.begin().await?;
    for who in who(&headers, &visit)? {
        let forgotten = state.conversation.forget(&mut tx, &who, now).await.map_err(ApiError::Internal)?;
        all.rows += forgotten.rows;
        all.withdrawn += forgotten.withdrawn;
        all.left_queue |= forgotten.left_queue;
        all.staying.extend(forgotten.staying);
    }
    tx.commit().await?;
    let left = kept(&state, &who(&headers, &visit)?).await?;
    show(&visit, &left, Some(&all))
}

/// Under which names this browser may be known.
fn who(headers: &HeaderMap, visit: &Visit) -> Result<Vec<Who>, ApiError> {
    let session = checked_session(&visit.session)?;
    let cookie = Person::of(headers).map(|person| person.id().to_owned());
    let names = cookie.into_iter().chain((!session.is_empty()).then(|| session.to_owned()));
    Ok(names.map(|person| Who { channel: ChannelKind::Web.word().to_owned(), person, chat: None }).collect())
}

async fn kept(state: &State, who: &[Who]) -> Result<Vec<Found>, ApiError> {
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    let mut all = Vec::new();
    for who in who {
        all.extend(state.conversation.kept_of(&mut tx, who, now).await?);
    }
    // Questions that wait are known by the cookie and by the visit.
    Ok(together(all))
}

fn show(visit: &Visit, kept: &[Found], outcome: Option<&Outcome>) -> Result<Response, PageError> {
    let part = |found: &Found| Part {
        heading: words::heading(found.table),
        many: found.rows.len(),
        rows: found
            .rows
            .iter()
            .take(SHOWN)
            .map(|row| words::cells(found, row).into_iter().map(|(column, text)| (words::label(column), text)).collect())
            .collect(),
        left_out: found.rows.len().saturating_sub(SHOWN),
    };
    let page = MyPage {
        here: "my",
        session: visit.session.clone(),
        parts: kept.iter().map(part).collect(),
        said: outcome.map(words::forgotten).map(|said| said.lines().map(str::to_owned).collect()).unwrap_or_default(),
        nothing: words::nothing_kept(),
        purpose: words::purpose_on_page(),
        consequences: words::consequences(),
    };
    let mut response = html(&page)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
