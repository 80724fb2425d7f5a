//! One session more or less of a class that is published; everybody on its list is told. A draft is changed under 修改.

use axum::extract::State as Extract;
use axum::response::Response;

use super::classes::{path, time};
use super::form::{Field, Form};
use super::widgets::{Action, Cell, Confirm, Empty, Table};
use super::{Frame, Pages, confirm, done, sheet};
use crate::broadcasts::Actor;
use crate::broadcasts::classes::SessionTime;
use crate::domain::class::{Class, ClassState};
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::replies::class_console as words;
use crate::replies::classes::{span, which};
use crate::replies::console_pages::class_sessions as text;
use crate::web::State;
use crate::web::extract::Path;
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

const HERE: &str = "/console/classes";

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/console/classes/{id}/sessions/new", Permission::WriteClasses, page)
        .post("/console/classes/{id}/sessions", Permission::WriteClasses, add)
        .get("/console/classes/{id}/sessions/{number}/cancel", Permission::WriteClasses, ask)
        .post("/console/classes/{id}/sessions/{number}/cancel", Permission::WriteClasses, call_off)
}

/// The sessions of a published class with what can be done to each now.
pub(super) fn table(class: &Class, now: Timestamp) -> Table {
    let mut table = Table::new(text::TIMES, &text::HEADS, Empty::new("", ""));
    let published = class.state == ClassState::Published;
    for session in &class.sessions {
        let here = path(&class.id, &format!("/sessions/{}", session.number));
        let mut actions = Vec::new();
        if published && class.sessions.len() > 1 && now < session.starts_at {
            actions.push(Action::open(format!("{here}/cancel"), text::CALL_OFF).danger());
        }
        table.row(vec![
            Cell::text(which(class, session.number)),
            Cell::text(span(session.starts_at, session.ends_at)),
            if published { Cell::link(here, text::DOOR) } else { Cell::quiet("") },
            Cell::Actions(actions),
        ]);
    }
    for gone in &class.called_off {
        let time = span(gone.starts_at, gone.ends_at);
        table.row(vec![Cell::text(which(class, gone.number)), Cell::quiet(time), Cell::badge("plain", text::GONE), Cell::quiet("")]);
    }
    table
}

fn form(session: &Session, id: &str) -> Form {
    Form::new(session, path(id, "/sessions"), text::ADD_AND_TELL)
        .field(Field::time("starts_at", text::STARTS_AT).required())
        .field(Field::time("ends_at", text::ENDS_AT).required().hint(text::hint()))
}

async fn page(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.class(&id).await?;
    sheet(Frame::of(&session, HERE, text::ADD), vec![form(&session, &id).to_string()])
}

async fn add(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let added = match read(&fields) {
        Ok(time) => state.broadcasts.add_session(&id, time, &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from),
        Err(error) => Err(error),
    };
    match added {
        Ok(_) => done(&state, &session, &path(&id, ""), text::ADDED).await,
        Err(error) => {
            let form = form(&session, &id).filled(&fields).refused(error)?;
            sheet(Frame::of(&session, HERE, text::ADD), vec![form.to_string()])
        }
    }
}

fn read(fields: &Fields) -> Result<SessionTime, ApiError> {
    let starts_at = time(fields, "starts_at")?.ok_or_else(|| ApiError::invalid("starts_at", text::NO_START))?;
    let ends_at = time(fields, "ends_at")?.ok_or_else(|| ApiError::invalid("ends_at", text::NO_END))?;
    Ok(SessionTime { starts_at, ends_at })
}

async fn ask(Extract(state): Extract<State>, session: Session, Path((id, number)): Path<(String, i64)>) -> Result<Response, ApiError> {
    let class = state.broadcasts.class(&id).await?.class;
    let meeting = class.session(number).ok_or_else(|| ApiError::NotFound(words::no_such_session()))?;
    let asked = Confirm {
        text: text::ask(&class, meeting),
        action: path(&id, &format!("/sessions/{number}/cancel")),
        csrf: session.csrf.clone(),
        hidden: Vec::new(),
        label: text::CALL_OFF.to_owned(),
        back: path(&id, ""),
    };
    confirm(Frame::of(&session, HERE, text::CALL_OFF), &asked)
}

async fn call_off(Extract(state): Extract<State>, session: Session, Path((id, number)): Path<(String, i64)>) -> Result<Response, ApiError> {
    state.broadcasts.cancel_session(&id, number, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &path(&id, ""), text::CALLED_OFF).await
}
