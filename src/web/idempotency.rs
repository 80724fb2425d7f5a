//! `Idempotency-Key` on every POST of the API: a repeat of the same request gets the first answer again, to the byte.
//! The work runs to its end even if the caller hangs up, so that its answer is there for the repeat.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{OriginalUri, Request, State as Extract};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::State;
use super::layers::body_limit;
use super::problem::ApiError;
use super::staff::authenticate;
use crate::replies::problems;
use crate::store::idempotency::{self, Claim, Kept};

const HEADER: &str = "idempotency-key";
const LONGEST_KEY: usize = 200;
/// Marks an answer given before.
const REPLAYED: &str = "idempotency-replayed";
/// Answers are JSON or a few kilobytes of events.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;
/// No request works longer than this; an unanswered key older than this will never be answered.
const LONGEST_WORK: Duration = Duration::from_secs(600);

/// Layer for the API's routes.
pub async fn layer(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    match with_key(state, request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn with_key(state: State, request: Request, next: Next) -> Result<Response, ApiError> {
    let key = key(request.headers())?;
    let (mut parts, body) = request.into_parts();
    let who = if parts.headers.contains_key(header::AUTHORIZATION) {
        let staff = authenticate(&state, &parts.headers).await?;
        let id = staff.user_id.clone();
        parts.extensions.insert(staff);
        id
    } else {
        "public".to_owned()
    };
    // Within a nested router the request's own address lacks its first part.
    let path = parts.extensions.get::<OriginalUri>().map_or(parts.uri.path(), |whole| whole.path()).to_owned();
    let scope = format!("{who} {path}");
    let limit = body_limit(&path);
    let body = to_bytes(body, limit).await.map_err(|_| ApiError::TooLarge(limit))?;
    let query = parts.uri.query().unwrap_or_default();
    let hash = request_hash(query, &parts.headers, &body);

    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    let claim = idempotency::claim(&mut tx, &scope, &key, &hash, now).await?;
    tx.commit().await?;
    match claim {
        Claim::First => {}
        Claim::Answered(kept) => return Ok(replay(kept)),
        Claim::InFlight(since) if now.since(since) > LONGEST_WORK => return Err(ApiError::Conflict(problems::key_without_answer())),
        Claim::InFlight(_) => return Err(ApiError::Conflict(problems::key_in_flight())),
        Claim::Different => return Err(ApiError::invalid("Idempotency-Key", problems::key_of_another_request())),
    }
    let request = Request::from_parts(parts, Body::from(body));
    let work = tokio::spawn(async move { answer_and_keep(&state, &scope, &key, next.run(request).await).await });
    work.await.map_err(|error| ApiError::Internal(anyhow::Error::new(error)))?
}

async fn answer_and_keep(state: &State, scope: &str, key: &str, response: Response) -> Result<Response, ApiError> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, LARGEST_ANSWER).await.map_err(|error| ApiError::Internal(error.into()))?;
    let mut tx = state.store.begin().await?;
    if settles(parts.status) {
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("application/json");
        let text = String::from_utf8_lossy(&body).into_owned();
        let kept = Kept { status: parts.status.as_u16(), content_type: content_type.to_owned(), body: text };
        idempotency::keep(&mut tx, scope, key, &kept).await?;
    } else {
        idempotency::release(&mut tx, scope, key).await?;
    }
    tx.commit().await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// Whether an answer is the answer for good; the others did nothing and may be tried again with the same key.
fn settles(status: StatusCode) -> bool {
    let again = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    !status.is_server_error() && !again.contains(&status)
}

fn key(headers: &HeaderMap) -> Result<String, ApiError> {
    let text = headers.get(HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    let well_formed = (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if well_formed { Ok(text.to_owned()) } else { Err(ApiError::invalid("Idempotency-Key", problems::wrong_key())) }
}

/// The same upload repeated has another multipart boundary each time: the boundary does not count.
fn request_hash(query: &str, headers: &HeaderMap, body: &Bytes) -> String {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = content_type.split_once("boundary=").map_or("", |(_, rest)| rest.trim_matches('"'));
    let mut hasher = Sha256::new();
    hasher.update(query.as_bytes());
    hasher.update([0]);
    if boundary.is_empty() {
        hasher.update(body);
    } else {
        let mut rest = &body[..];
        while let Some(at) = rest.windows(boundary.len()).position(|window| window == boundary.as_bytes()) {
            hasher.update(&rest[..at]);
            rest = &rest[at + boundary.len()..];
        }
        hasher.update(rest);
    }
    hex::encode(hasher.finalize())
}

fn replay(kept: Kept) -> Response {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut response = (status, kept.body).into_response();
    if let Ok(content_type) = HeaderValue::from_str(&kept.content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
