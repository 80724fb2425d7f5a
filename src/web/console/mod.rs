//! The console at `/console`: server-rendered pages for staff, simple Chinese, usable by keyboard, on a phone and without JavaScript.
//! Its one rule: a page is registered with the permission it needs; without one nobody gets in.
//!
//! How to add an area:
//! 1. A file `src/web/console/<noun>.rs` with `pub(super) fn pages(pages: Pages) -> Pages`, which registers each handler by
//!    `pages.get("/console/nouns", Permission::Read, list).post("/console/nouns/{id}/step", Permission::WriteNouns, step)`;
//!    add it to [`pages`], and its line to `NAV` in `nav.rs`.
//! 2. A handler takes `State`, [`Session`] (who it is; `Actor::from(&session)` for the audit) and for a form [`Fields`]; it returns
//!    `Result<Response, ApiError>`: any `ApiError` becomes a page in the frame by itself, in Chinese, with its status.
//! 3. A page is a template in `templates/console/` that extends `console/base.html` and has a field `frame: Frame`
//!    ([`Frame::of`]), rendered by [`html`]. Where a page is only tables, forms and texts, [`sheet`] needs no template.
//! 4. Widgets of `widgets.rs`, `form.rs`, `chart.rs` are shown with `{{ widget|safe }}`: they have escaped their texts already.
//!    Tables become cards on a phone, a table without rows shows its [`Empty`], which says what to do first.
//! 5. A form carries the session's token by itself ([`form::Form`]); written by hand it needs
//!    `<input type="hidden" name="csrf" value="{{ frame.csrf }}">`, and an upload the address `…?csrf={{ frame.csrf }}`.
//!    A refused value comes back to its field by [`form::Form::refused`]; a change ends with [`done`]: the next page says what happened.
//! 6. What cannot be undone asks first: [`confirm`].
//! 7. The words of a page are in `replies/console_pages/`, not here: `use crate::replies::console_pages::nouns as text;`.
//! 8. No inline style or script (the CSP refuses them): classes are in `assets/console.css`. `data-live="5"` on an element with an id
//!    fetches the page again every 5 seconds and puts the new one in its place.

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State as Extract};
use axum::handler::Handler;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, post};

use super::State;
use super::problem::{ApiError, Problem};
use super::session::{self, Session};
use crate::domain::staff::Permission;
use crate::replies::console;
use crate::store::sessions;

mod agenda;
mod alerts;
mod audit;
mod bulletin_attachments;
mod bulletin_changes;
mod bulletin_ledger;
mod bulletin_list;
mod bulletin_preview;
mod bulletin_steps;
mod bulletins;
mod calendar;
mod campaigns;
mod channels;
pub mod chart;
mod class_door;
mod class_edit;
mod class_sessions;
mod class_summary;
mod classes;
mod codes;
mod dashboard;
mod deliveries;
mod documents;
mod door;
mod explain;
pub mod form;
mod gap_moves;
mod gaps;
mod import;
mod inquiries;
mod ledger;
mod nav;
mod outings;
mod own;
mod people;
mod quarantine;
mod quizzes;
mod ratings;
mod recurring;
mod reports;
mod settings;
mod statistics;
mod users;
pub mod widgets;
mod words;

pub use door::SET_UP;
pub use nav::Frame;
use widgets::{Confirm, Empty};

/// Every page behind the door.
fn pages(pages: Pages) -> Pages {
    let pages = bulletins::pages(bulletin_list::pages(pages));
    let pages = bulletin_attachments::pages(bulletin_steps::pages(bulletin_preview::pages(pages)));
    let pages = calendar::pages(agenda::pages(pages));
    let pages = recurring::pages(pages);
    let pages = channels::pages(pages);
    let pages = classes::pages(class_sessions::pages(class_edit::pages(class_door::pages(class_summary::pages(dashboard::pages(pages))))));
    let pages = quarantine::pages(documents::pages(pages));
    let pages = inquiries::pages(pages);
    let pages = import::pages(pages);
    let pages = explain::pages(pages);
    let pages = words::pages(pages);
    let pages = users::pages(pages);
    let pages = audit::pages(pages);
    let pages = statistics::pages(settings::pages(pages));
    let pages = reports::pages(outings::pages(campaigns::pages(pages)));
    let pages = quizzes::pages(codes::pages(pages));
    let pages = ratings::pages(ledger::pages(gap_moves::pages(gaps::pages(pages))));
    let pages = alerts::pages(deliveries::pages(pages));
    own::pages(people::pages(pages))
}

/// The whole console.
pub fn routes(state: &State) -> Router<State> {
    let open = Router::new()
        .route(session::LOGIN, get(door::login_page).post(door::login))
        .route(SET_UP, get(door::set_up_page).post(door::set_up));
    let guarded = pages(Pages::default()).router.layer(from_fn_with_state(state.clone(), session::layer));
    guarded.merge(open).layer(from_fn(framed))
}

/// Method, path and permission of every page behind the door.
pub fn guarded() -> Vec<Guarded> {
    pages(Pages::default()).guarded
}

/// A page and who may open it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guarded {
    pub method: &'static str,
    pub path: &'static str,
    pub permission: Permission,
}

/// Pages being registered.
#[derive(Default)]
pub struct Pages {
    router: Router<State>,
    guarded: Vec<Guarded>,
}

impl Pages {
    /// A page to look at.
    pub fn get<H: Handler<T, State>, T: 'static>(self, path: &'static str, permission: Permission, handler: H) -> Self {
        self.add(Guarded { method: "GET", path, permission }, get(handler))
    }

    /// A form that is sent; the permission is asked before the form is looked at.
    pub fn post<H: Handler<T, State>, T: 'static>(self, path: &'static str, permission: Permission, handler: H) -> Self {
        self.add(Guarded { method: "POST", path, permission }, post(handler))
    }

    /// A file that is sent, of at most `limit` bytes with everything around it.
    pub fn upload<H: Handler<T, State>, T: 'static>(self, path: &'static str, permission: Permission, limit: usize, handler: H) -> Self {
        self.add(Guarded { method: "POST", path, permission }, post(handler).layer(DefaultBodyLimit::max(limit)))
    }

    fn add(mut self, page: Guarded, route: MethodRouter<State>) -> Self {
        let route = route.layer(from_fn_with_state(page.permission, permitted));
        self.router = self.router.route(page.path, route);
        self.guarded.push(page);
        self
    }
}

/// Asks for the permission of a page before its handler looks at anything.
async fn permitted(Extract(permission): Extract<Permission>, request: Request, next: Next) -> Response {
    let session = request.extensions().get::<Session>();
    let allowed = session.map_or_else(|| Err(ApiError::Unauthenticated(console::log_in_first())), |session| session.require(permission));
    match allowed {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// Renders a page.
pub fn html(page: &impl Template) -> Result<Response, ApiError> {
    let text = page.render().map_err(|error| ApiError::Internal(error.into()))?;
    Ok(Html(text).into_response())
}

#[derive(Template)]
#[template(path = "console/sheet.html", config = "src/web/askama.toml")]
struct Sheet {
    frame: Frame,
    /// Rendered widgets, one under the other.
    blocks: Vec<String>,
}

/// A page of widgets, one under the other: `sheet(Frame::of(&session, PATH, text::TITLE), vec![table.to_string()])`.
pub fn sheet(frame: Frame, blocks: Vec<String>) -> Result<Response, ApiError> {
    html(&Sheet { frame, blocks })
}

/// A page that asks before something is done that cannot be undone.
pub fn confirm(frame: Frame, confirm: &Confirm) -> Result<Response, ApiError> {
    sheet(frame, vec![confirm.to_string()])
}

/// After a change: shows the page `to`, which tells `said`.
pub async fn done(state: &State, session: &Session, to: &str, said: &str) -> Result<Response, ApiError> {
    let mut tx = state.store.begin().await?;
    sessions::say(&mut tx, &session.token_hash, said).await?;
    tx.commit().await?;
    Ok(Redirect::to(to).into_response())
}

#[derive(Template)]
#[template(path = "console/alone.html", config = "src/web/askama.toml")]
struct Alone {
    title: String,
    blocks: Vec<String>,
}

/// A page without a frame, for somebody who is not in yet.
fn alone(title: &str, blocks: Vec<String>) -> Result<Response, ApiError> {
    html(&Alone { title: title.to_owned(), blocks })
}

/// An error becomes a page: in the frame where it is known who it is, alone where not.
async fn framed(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    let told = Empty::new(problem.title, &problem.detail).link("/console", &console::back()).to_string();
    let page = match response.extensions_mut().remove::<Session>() {
        Some(session) => sheet(Frame::of(&session, "", problem.title), vec![told]),
        None => alone(problem.title, vec![told]),
    };
    let Ok(page) = page else { return response };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut page = (status, page).into_response();
    if let Some(wait) = response.headers().get(header::RETRY_AFTER).cloned() {
        page.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    page.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    page
}
