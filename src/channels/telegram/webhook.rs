//! Telegram calls us: the secret is compared in constant time, the update is stored, and only then acknowledged.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use subtle::ConstantTimeEq;

use super::receive::Intake;

const SECRET: &str = "x-telegram-bot-api-secret-token";
/// Updates are small; a message has at most 4096 characters.
const LARGEST_UPDATE: usize = 1024 * 1024;

/// `POST /telegram/webhook`.
pub fn router(intake: Intake, secret: &str) -> Router {
    let state = (intake, secret.to_owned());
    Router::new().route("/telegram/webhook", post(receive)).layer(DefaultBodyLimit::max(LARGEST_UPDATE)).with_state(state)
}

async fn receive(State((intake, secret)): State<(Intake, String)>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let given = headers.get(SECRET).map(axum::http::HeaderValue::as_bytes).unwrap_or_default();
    if !bool::from(given.ct_eq(secret.as_bytes())) {
        return StatusCode::FORBIDDEN;
    }
    let Ok(update) = serde_json::from_slice(&body) else { return StatusCode::BAD_REQUEST };
    match intake.store(&update).await {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            tracing::error!(error = %error, "an update could not be stored; telegram is asked to bring it again");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
