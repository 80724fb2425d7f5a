//! What holds for every answer: time and size limits, security headers, request ids, problems instead of bare statuses.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;

use super::extract::JSON_BYTES;
use super::problem::{ApiError, PROBLEM_JSON};
use crate::broadcasts::materials::FILE_BYTES;
use crate::broadcasts::outings::PHOTO_BYTES;
use crate::domain::attachment::PDF_BYTES;
use crate::replies::problems;

/// Largest file that may be uploaded.
pub const UPLOAD_BYTES: usize = 50 * 1024 * 1024;
const REQUEST_TIME: Duration = Duration::from_secs(30);
/// An upload of 50 MB over a county's line.
const UPLOAD_TIME: Duration = Duration::from_secs(600);
/// Where files are uploaded.
pub const UPLOADS: &str = "/api/v1/documents";
/// Where files are uploaded in the console.
pub const CONSOLE_UPLOADS: &str = "/console/documents/import";
/// Any address that takes a photo.
pub const A_PHOTO: &str = "/api/v1/outings/{id}/photos";
/// Any address that takes a material of a class.
pub const A_MATERIAL: &str = "/api/v1/classes/{id}/materials";
/// Any address that takes an attachment of a bulletin.
pub const AN_ATTACHMENT: &str = "/api/v1/bulletins/{id}/attachments";
const BULLETINS: &str = "/api/v1/bulletins/";
const ATTACHMENTS: &str = "/attachments";
const CLASSES: &str = "/api/v1/classes/";
const MATERIALS: &str = "/materials";
const OUTINGS: &str = "/api/v1/outings/";
const PHOTOS: &str = "/photos";

const CONTENT_SECURITY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
/// The interface description's own page writes style attributes; it shows no text of other people.
const CONTENT_SECURITY_DOCS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// The largest body a path takes, in bytes.
pub fn body_limit(path: &str) -> usize {
    if is_upload(path) {
        UPLOAD_BYTES + JSON_BYTES
    } else if path.starts_with(OUTINGS) && path.ends_with(PHOTOS) {
        PHOTO_BYTES + JSON_BYTES
    } else if path.starts_with(CLASSES) && path.ends_with(MATERIALS) {
        FILE_BYTES + JSON_BYTES
    } else if path.starts_with(BULLETINS) && path.ends_with(ATTACHMENTS) {
        PDF_BYTES + JSON_BYTES
    } else {
        JSON_BYTES
    }
}

/// Puts every layer around the routes.
pub fn around(router: Router) -> Router {
    let request_id = HeaderName::from_static("x-request-id");
    router
        .layer(DefaultBodyLimit::max(JSON_BYTES))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            ApiError::Internal(anyhow::anyhow!("a handler panicked")).into_response()
        }))
        .layer(from_fn(in_time))
        .layer(from_fn(dressed))
        .layer(CompressionLayer::new())
        .layer(PropagateRequestIdLayer::new(request_id.clone()))
        .layer(TraceLayer::new_for_http().make_span_with(|request: &Request| {
            let id = request.headers().get("x-request-id").and_then(|value| value.to_str().ok()).unwrap_or_default();
            tracing::info_span!("request", http.method = %request.method(), http.path = request.uri().path(), request.id = id)
        }))
        .layer(SetRequestIdLayer::new(request_id, MakeRequestUuid))
}

fn is_upload(path: &str) -> bool {
    path == UPLOADS || path == CONSOLE_UPLOADS
}

fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

async fn in_time(request: Request, next: Next) -> Response {
    let limit = if is_upload(request.uri().path()) { UPLOAD_TIME } else { REQUEST_TIME };
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::TooSlow.into_response(),
    }
}

async fn dressed(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let mut response = if is_api(&path) { as_problem(response) } else { response };
    let headers = response.headers_mut();
    let policy = if path.starts_with("/docs") { CONTENT_SECURITY_DOCS } else { CONTENT_SECURITY };
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("permissions-policy", HeaderValue::from_static("camera=(), geolocation=(), microphone=()"));
    if is_api(&path) || !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// A bare status of the framework becomes a problem that says what to change.
fn as_problem(response: Response) -> Response {
    let status = response.status();
    let told = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes() == PROBLEM_JSON.as_bytes());
    if told || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let error = match status {
        StatusCode::NOT_FOUND => ApiError::NotFound(problems::no_such_route()),
        StatusCode::METHOD_NOT_ALLOWED => ApiError::WrongMethod,
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge(JSON_BYTES),
        StatusCode::REQUEST_TIMEOUT => ApiError::TooSlow,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ApiError::WrongType(problems::not_json_type()),
        StatusCode::SERVICE_UNAVAILABLE => ApiError::Unavailable(problems::unavailable()),
        _ if status.is_client_error() => ApiError::Malformed(problems::broken_address(status.as_str())),
        _ => ApiError::Internal(anyhow::anyhow!("a layer answered {status}")),
    };
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut problem = error.into_response();
    if let Some(allow) = allow {
        problem.headers_mut().insert(header::ALLOW, allow);
    }
    problem
}
