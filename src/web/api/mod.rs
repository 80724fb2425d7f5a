//! The routes of `/api/v1`, one file per noun.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::State;

pub mod channels;
pub mod documents;
pub mod questions;
pub mod users;

/// Every route of the API; paths are relative to `/api/v1`.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(questions::create))
        .routes(routes!(questions::feedback))
        .routes(routes!(questions::gaps))
        .routes(routes!(documents::list))
        .routes(routes!(documents::get))
        .routes(routes!(channels::list, channels::create))
        .routes(routes!(channels::change))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::tokens, users::create_token))
        .routes(routes!(users::revoke_token))
}
