//! What somebody must look at: what happened, the way to it, and "seen to". After a jump of the clock this is what lets sending go on.

use axum::extract::State as Extract;
use axum::response::Response;
use serde::Deserialize;

use super::widgets::{Action, Actions, Cell, Empty, Table};
use super::{Frame, Pages, done, sheet};
use crate::domain::alert::{Alert, AlertKind};
use crate::domain::staff::Permission;
use crate::replies::alerts::resolved_before;
use crate::replies::console::short_time;
use crate::replies::console_pages::alerts as text;
use crate::store::alerts::{self, Resolved};
use crate::web::State;
use crate::web::extract::{Path, Query};
use crate::web::paging::{Page, Paging};
use crate::web::problem::ApiError;
use crate::web::session::Session;

pub(super) const HERE: &str = "/console/alerts";

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get(HERE, Permission::Read, list).post("/console/alerts/{id}/resolve", Permission::SettleDeliveries, resolve)
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    /// `all`: those that are over too.
    #[serde(default)]
    show: String,
}

async fn list(
    Extract(state): Extract<State>,
    session: Session,
    Query(wanted): Query<Wanted>,
    paging: Paging,
) -> Result<Response, ApiError> {
    let all = wanted.show == "all";
    let mut conn = state.store.read().await?;
    let page = if all {
        let found = alerts::list(&mut conn, &paging.after, paging.probe()).await?;
        Page::of(found, &paging, |alert| alert.id.clone())
    } else {
        Page { items: alerts::open(&mut conn).await?, next_cursor: None }
    };
    drop(conn);
    let mut table = Table::new(text::TITLE, &text::HEADS, Empty::new(text::NONE, text::WHAT_COMES_HERE));
    for alert in &page.items {
        table.row(row(alert, &session));
    }
    table.next(page.next_cursor.map(|cursor| format!("{HERE}?show=all&cursor={cursor}")));
    let other = if all { Action::open(HERE, text::SEE_OPEN) } else { Action::open(format!("{HERE}?show=all"), text::SEE_ALL) };
    sheet(Frame::of(&session, HERE, text::TITLE), vec![Actions(vec![other]).to_string(), table.to_string()])
}

fn row(alert: &Alert, session: &Session) -> Vec<Cell> {
    let mut actions = Vec::new();
    if let Some((path, label)) = place(alert) {
        actions.push(Action::open(path, label));
    }
    if alert.resolved_at.is_none() && session.may(Permission::SettleDeliveries) {
        actions.push(Action::send(format!("{HERE}/{}/resolve", alert.id), text::SEEN_TO, &session.csrf));
    }
    let standing = match (alert.resolved_at, alert.resolved_by.as_deref()) {
        (None, _) => Cell::badge("bad", text::OPEN),
        (Some(at), Some(name)) if name != alerts::SERVICE => Cell::quiet(text::resolved_by(name, &short_time(at))),
        (Some(at), _) => Cell::quiet(text::over(&short_time(at))),
    };
    vec![Cell::quiet(short_time(alert.raised_at)), Cell::text(&alert.words), standing, Cell::Actions(actions)]
}

/// Where it is seen to.
fn place(alert: &Alert) -> Option<(String, &'static str)> {
    let subject = &alert.subject;
    match alert.kind {
        AlertKind::Unconfirmed => Some((super::deliveries::HERE.to_owned(), text::SEE_DELIVERIES)),
        AlertKind::Unreachable => Some((format!("/console/channels/{subject}"), text::SEE_CHANNEL)),
        AlertKind::BulletinHeld => Some((format!("/console/bulletins/{subject}"), text::SEE_BULLETIN)),
        AlertKind::LedgerOverdue => Some((format!("/console/ledger/{subject}"), text::SEE_ITEM)),
        AlertKind::NobodyAnswers => Some((super::inquiries::HERE.to_owned(), text::SEE_INBOX)),
        AlertKind::BotRefused | AlertKind::ClockJumped | AlertKind::CalendarMissing => None,
    }
}

async fn resolve(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let mut tx = state.store.begin().await?;
    let said = match alerts::resolve(&mut tx, &id, &session.staff.name, state.clock.now()).await? {
        Resolved::Now => {
            tx.commit().await?;
            text::RESOLVED.to_owned()
        }
        // Somebody was quicker, or it is the second click.
        Resolved::Before => {
            drop(tx);
            resolved_before()
        }
        Resolved::NoSuchAlert => return Err(ApiError::no_such(text::TITLE)),
    };
    done(&state, &session, HERE, &said).await
}
