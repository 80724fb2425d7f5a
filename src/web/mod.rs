//! The HTTP side: the API for programs and staff, the pages for taxpayers, all on one router.
//! Handlers are thin: extract, call a room below, render.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use crate::answering::{Answering, Freshness};
use crate::broadcasts::Broadcasts;
use crate::channels::telegram::receive::Inbox;
use crate::channels::telegram::self_check::SelfCheck;
use crate::clock::Clock;
use crate::config::Config;
use crate::conversation::Conversation;
use crate::gaps::Gaps;
use crate::replies::problems;
use crate::store::Store;

pub mod accounts;
pub mod api;
pub mod asking;
pub mod class_workbook;
pub mod console;
pub mod extract;
pub mod hand_offs;
pub mod health;
pub mod idempotency;
pub mod layers;
pub mod ledger_files;
pub mod metrics;
pub mod openapi;
pub mod origin;
pub mod pages;
pub mod paging;
pub mod passwords;
pub mod person;
pub mod problem;
pub mod qr;
mod report_document;
pub mod report_files;
pub mod session;
pub mod staff;
pub mod visitors;

use hand_offs::HandOffs;
use passwords::Passwords;
use problem::ApiError;
use visitors::Visitors;

/// What the handlers work with; clones share it. Made once by `app`.
#[derive(Clone)]
pub struct State {
    pub store: Store,
    pub answering: Answering,
    /// Brings the index up to date at once where staff changed what is known.
    pub freshness: Arc<Freshness>,
    pub conversation: Conversation,
    pub broadcasts: Broadcasts,
    pub gaps: Gaps,
    pub clock: Arc<dyn Clock>,
    /// Where people reach the service, without a slash at the end.
    pub public_url: Arc<str>,
    pub visitors: Arc<Visitors>,
    pub hand_offs: Arc<HandOffs>,
    pub passwords: Arc<Passwords>,
    pub config: Arc<Config>,
    /// Set where a bot token is configured.
    pub telegram: Option<Arc<Inbox>>,
    /// The same.
    pub self_check: Option<SelfCheck>,
}

impl State {
    /// The bot's user name, once Telegram has told it.
    pub fn bot_name(&self) -> Option<String> {
        self.telegram.as_ref()?.username()
    }
}

/// Everything under one address.
pub fn router(state: State) -> Router {
    metrics::begin();
    // A wrong method and whatever else the framework refuses becomes a problem in `layers`.
    let api = api::routes()
        .fallback(async || ApiError::NotFound(problems::no_such_route()))
        .layer(from_fn_with_state(state.clone(), api::access::layer))
        .layer(from_fn_with_state(state.clone(), idempotency::layer));
    let (router, description) = OpenApiRouter::with_openapi(openapi::Api::openapi())
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(metrics::metrics))
        .nest("/api/v1", api)
        .split_for_parts();
    let mut description = description;
    openapi::complete(&mut description);
    let shown = Bytes::from(openapi::in_chinese(&description).to_string());
    let router = router
        .route("/openapi.json", get(async move || ([(header::CONTENT_TYPE, "application/json")], shown.clone())))
        .merge(SwaggerUi::new("/docs").config(utoipa_swagger_ui::Config::from("/openapi.json").validator_url("none")))
        .merge(pages::routes())
        .merge(console::routes(&state))
        .with_state(state);
    layers::around(router)
}
