//! Messages nobody can say of whether they arrived, of every kind: somebody looks into the chat and says so.

use axum::extract::State as Extract;
use axum::response::Response;

use super::widgets::{Action, Cell, Empty, Table};
use super::{Frame, Pages, done, sheet};
use crate::domain::delivery::Origin;
use crate::domain::staff::Permission;
use crate::replies::console::short_time;
use crate::replies::console_pages::bulletin_ledger as names;
use crate::replies::console_pages::deliveries as text;
use crate::replies::problems;
use crate::store::bulletins;
use crate::store::deliveries::{self, Delivery, StaffOutcome, StaffSettled};
use crate::web::State;
use crate::web::extract::Path;
use crate::web::paging::{Page, Paging};
use crate::web::problem::ApiError;
use crate::web::session::Session;

pub(super) const HERE: &str = "/console/deliveries";

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get(HERE, Permission::Read, list).post("/console/deliveries/{id}/{outcome}", Permission::SettleDeliveries, settle)
}

async fn list(Extract(state): Extract<State>, session: Session, paging: Paging) -> Result<Response, ApiError> {
    let mut conn = state.store.read().await?;
    let found = deliveries::unknown(&mut conn, &paging.after, paging.probe()).await?;
    let page = Page::of(found, &paging, |line| line.id.clone());
    let mut table = Table::new(text::TITLE, &text::HEADS, Empty::new(text::NONE, text::WHAT_COMES_HERE));
    for line in &page.items {
        let what = match line.origin {
            Origin::Bulletin => match bulletins::get(&mut conn, &line.origin_id, "").await? {
                Some(bulletin) => Cell::link(format!("/console/bulletins/{}?show=unknown#ledger", bulletin.id), bulletin.content.title),
                None => Cell::text(text::origin(line.origin)),
            },
            other => Cell::text(text::origin(other)),
        };
        table.row(vec![
            Cell::text(&line.channel_title),
            what,
            Cell::quiet(line.settled_at.map(short_time).unwrap_or_default()),
            Cell::quiet(line.reason.clone().unwrap_or_default()),
            Cell::Actions(settling(HERE, line, &session)),
        ]);
    }
    drop(conn);
    table.next(page.next_cursor.map(|cursor| format!("{HERE}?cursor={cursor}")));
    sheet(Frame::of(&session, HERE, text::TITLE), vec![table.to_string()])
}

/// What somebody who looked may say of it; nothing for whoever may not.
pub(super) fn settling(path: &str, line: &Delivery, session: &Session) -> Vec<Action> {
    if !session.may(Permission::SettleDeliveries) {
        return Vec::new();
    }
    let settle = |outcome: &str, label: &str| Action::send(format!("{path}/{}/{outcome}", line.id), label, &session.csrf);
    vec![settle("delivered", names::DELIVERED), settle("resend", names::RESEND), settle("abandon", names::ABANDON)]
}

/// Notes what somebody found out; says what the next page tells.
pub(super) async fn settled(state: &State, session: &Session, delivery: &str, outcome: &str) -> Result<&'static str, ApiError> {
    let (outcome, said) = match outcome {
        "delivered" => (StaffOutcome::Delivered, text::SETTLED_DELIVERED),
        "resend" => (StaffOutcome::Resend, text::SENT_AGAIN),
        "abandon" => (StaffOutcome::Abandon, text::ABANDONED),
        _ => return Err(ApiError::no_such(text::STEP)),
    };
    let mut tx = state.store.begin().await?;
    match deliveries::settle_by_staff(&mut tx, delivery, outcome, &session.staff.name, state.clock.now()).await? {
        StaffSettled::Done => tx.commit().await?,
        StaffSettled::NotUnknown(found) => return Err(ApiError::Conflict(problems::not_unknown(found))),
        StaffSettled::NoSuchDelivery => return Err(ApiError::no_such(text::DELIVERY)),
    }
    Ok(said)
}

async fn settle(
    Extract(state): Extract<State>,
    session: Session,
    Path((id, outcome)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let said = settled(&state, &session, &id, &outcome).await?;
    done(&state, &session, HERE, said).await
}
