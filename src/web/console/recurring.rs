//! Recurring bulletins in the console: what runs, what waits for approval, and the next ten times of each.

use axum::extract::State as Extract;
use axum::response::Response;

use super::widgets::{Action, Actions, Cell, Confirm, Empty, Note, Table};
use super::{Frame, Pages, confirm, done, sheet};
use crate::broadcasts::Actor;
use crate::domain::staff::Permission;
use crate::domain::time::chinese_date;
use crate::replies::console_pages::recurring as text;
use crate::store::recurring::{self, RecurringState};
use crate::web::State;
use crate::web::api::recurring::view;
use crate::web::extract::Path;
use crate::web::paging::{Page, Paging};
use crate::web::problem::ApiError;
use crate::web::session::Session;

const HERE: &str = "/console/recurring";

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get(HERE, Permission::Read, list)
        .get("/console/recurring/{id}", Permission::Read, page)
        .post("/console/recurring/{id}/approve", Permission::ApproveBulletins, approve)
        .get("/console/recurring/{id}/stop", Permission::WriteBulletins, ask_stop)
        .post("/console/recurring/{id}/stop", Permission::WriteBulletins, stop)
}

fn mark(state: RecurringState) -> &'static str {
    match state {
        RecurringState::Waiting => "wait",
        RecurringState::Active => "good",
        RecurringState::Stopped => "plain",
    }
}

async fn list(Extract(state): Extract<State>, session: Session, paging: Paging) -> Result<Response, ApiError> {
    let found = recurring::list(&mut *state.store.read().await?, &paging.after, paging.probe()).await?;
    let page = Page::of(found, &paging, |each| each.id.clone());
    let empty = Empty::new(text::NONE, text::HOW_TO_ADD);
    let mut table = Table::new(text::TITLE, &text::HEADS, empty);
    for each in page.items {
        let path = format!("{HERE}/{}", each.id);
        let next = match (each.next_at, each.missing_year) {
            (Some(at), _) => at.chinese(),
            (None, Some(year)) => text::waits_for_calendar(year),
            (None, None) => String::new(),
        };
        table.row(vec![
            Cell::link(path, text::readable(&each.plan.title)),
            Cell::badge(mark(each.state), each.state.chinese()),
            Cell::quiet(next),
        ]);
    }
    table.next(page.next_cursor.map(|cursor| format!("{HERE}?cursor={cursor}")));
    sheet(Frame::of(&session, HERE, text::TITLE), vec![table.to_string()])
}

async fn page(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let found = recurring::get(&mut *state.store.read().await?, &id, "").await?.ok_or_else(|| ApiError::no_such(text::TITLE))?;
    let own = found.author == session.staff.user_id;
    let view = view(&state, found);
    let mut actions = Vec::new();
    if view.state == RecurringState::Waiting && session.may(Permission::ApproveBulletins) && !own {
        actions.push(Action::send(format!("{HERE}/{id}/approve"), text::APPROVE, &session.csrf).first());
    }
    if view.state != RecurringState::Stopped && session.may(Permission::WriteBulletins) {
        actions.push(Action::open(format!("{HERE}/{id}/stop"), text::STOP).danger());
    }
    let empty = Empty::new(text::NO_TIME, text::CALENDAR_MISSING);
    let mut table = Table::new(text::NEXT_TEN, &text::TIMES_HEADS, empty);
    for time in &view.next {
        let deadline = time.deadline.map(chinese_date).unwrap_or_default();
        table.row(vec![Cell::text(time.at.chinese()), Cell::quiet(deadline), Cell::text(time.title.clone())]);
    }
    let note = |title: &str, text: String| Note { title: title.to_owned(), text }.to_string();
    let mut blocks = vec![
        Actions(actions).to_string(),
        note(text::STATE, view.state_text.to_owned()),
        note(text::BODY, text::readable(&view.plan.body)),
    ];
    blocks.push(table.to_string());
    blocks.extend(view.note.map(|text| note(text::CALENDAR, text)));
    sheet(Frame::of(&session, HERE, &text::readable(&view.plan.title)), blocks)
}

async fn approve(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.approve_recurring(&id, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("{HERE}/{id}"), text::APPROVED).await
}

async fn ask_stop(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let found = recurring::get(&mut *state.store.read().await?, &id, "").await?.ok_or_else(|| ApiError::no_such(text::TITLE))?;
    let asked = Confirm {
        text: text::WHAT_STOPS.to_owned(),
        action: format!("{HERE}/{id}/stop"),
        csrf: session.csrf.clone(),
        hidden: Vec::new(),
        label: text::STOP.to_owned(),
        back: format!("{HERE}/{id}"),
    };
    confirm(Frame::of(&session, HERE, &text::about_stop(&text::readable(&found.plan.title))), &asked)
}

async fn stop(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.stop_recurring(&id, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("{HERE}/{id}"), text::STOPPED).await
}
