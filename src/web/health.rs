//! Is it alive, and may it be sent work: for load balancers and the container.

use axum::Json;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::State;
use crate::store::users;

/// How the service stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Readiness {
    pub ready: bool,
    /// What is missing, where something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

/// The process answers.
#[utoipa::path(get, path = "/healthz", summary = "进程是否在运行", tag = "service", responses((status = 200, description = "The process answers", body = String)))]
pub async fn healthz() -> &'static str {
    "ok"
}

/// The store answers and takes what is written: a full or read-only disk says 503 until there is room again.
#[utoipa::path(get, path = "/readyz", summary = "数据库能否读写；磁盘满或只读时返回 503", tag = "service",
    responses((status = 200, body = Readiness), (status = 503, description = "Not yet, with the reason", body = Readiness)))]
pub async fn readyz(Extract(state): Extract<State>) -> Response {
    let reason = if !store_answers(&state).await {
        Some("store")
    } else if let Err(error) = state.store.prove_writable(state.clock.now()).await {
        tracing::error!(error = %error, "the store cannot be written; nothing is sent until it can");
        Some("disk")
    } else {
        None
    };
    let status = if reason.is_none() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready: reason.is_none(), reason })).into_response()
}

async fn store_answers(state: &State) -> bool {
    let Ok(mut conn) = state.store.read().await else { return false };
    users::any(&mut conn).await.is_ok()
}
