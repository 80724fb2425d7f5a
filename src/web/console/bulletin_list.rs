//! The list of bulletins, by state.

use axum::extract::State as Extract;
use axum::response::Response;
use serde::Deserialize;

use super::bulletins::{HERE, mark};
use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Table};
use super::{Frame, Pages, sheet};
use crate::domain::bulletin::BulletinState;
use crate::domain::delivery::Origin;
use crate::domain::staff::Permission;
use crate::replies::console_pages::bulletins as text;
use crate::store::{bulletins, deliveries};
use crate::web::State;
use crate::web::extract::Query;
use crate::web::paging::{Page, Paging};
use crate::web::problem::ApiError;
use crate::web::session::Session;

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get(HERE, Permission::Read, list)
}

/// Whatever waits for an approver, corrections too.
pub(super) const TO_APPROVE: &str = "to_approve";

/// Which bulletins to list.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    /// A state, or [`TO_APPROVE`]; all where it is neither.
    #[serde(default)]
    state: String,
}

async fn list(
    Extract(state): Extract<State>,
    session: Session,
    paging: Paging,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let only = BulletinState::parse(&wanted.state);
    let mut conn = state.store.read().await?;
    let found = match wanted.state.as_str() {
        TO_APPROVE => bulletins::to_approve(&mut conn, &paging.after, paging.probe()).await?,
        _ => bulletins::list(&mut conn, only, &paging.after, paging.probe()).await?,
    };
    let page = Page::of(found, &paging, |bulletin| bulletin.id.clone());
    let empty = match wanted.state.as_str() {
        "" => Empty::new(text::NONE_YET, text::BEGIN).link("/console/bulletins/new", text::WRITE),
        _ => Empty::new(text::NONE_IN_STATE, "").link(HERE, text::SEE_ALL),
    };
    let mut table = Table::new(text::TITLE, &text::HEADS, empty);
    for bulletin in page.items {
        let counts = deliveries::counts(&mut conn, Origin::Bulletin, &bulletin.id).await?;
        let when = bulletin.sent_at.or(bulletin.scheduled_at).unwrap_or(bulletin.updated_at);
        let waits = if bulletin.correction.is_some() { text::CORRECTION_WAITS } else { "" };
        let arrived = bulletin.sent_at.map(|_| text::arrived(counts.sent, counts.unknown)).unwrap_or_default();
        table.row(vec![
            Cell::link(format!("{HERE}/{}", bulletin.id), bulletin.content.title.clone()),
            Cell::badge(mark(bulletin.state), format!("{}{waits}", bulletin.state.chinese())),
            Cell::quiet(when.chinese()),
            Cell::quiet(arrived),
        ]);
    }
    let shown = if wanted.state == TO_APPROVE { TO_APPROVE } else { only.map_or("", BulletinState::word) };
    table.next(page.next_cursor.map(|cursor| format!("{HERE}?state={shown}&cursor={cursor}")));
    let mut blocks = Vec::new();
    if session.may(Permission::WriteBulletins) {
        blocks.push(Actions(vec![Action::open("/console/bulletins/new", text::WRITE).first()]).to_string());
    }
    let states = BulletinState::ALL.map(|state| (state.word(), state.chinese()));
    let states = [("", text::ALL), (TO_APPROVE, text::TO_APPROVE)].into_iter().chain(states);
    blocks.push(Form::search(HERE, text::SHOW).field(Field::choice("state", text::STATE, states).value(wanted.state)).to_string());
    blocks.push(table.to_string());
    sheet(Frame::of(&session, HERE, text::TITLE), blocks)
}
