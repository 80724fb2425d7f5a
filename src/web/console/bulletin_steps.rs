//! The steps of a bulletin's life as forms and buttons. What cannot be undone asks first.

use axum::extract::State as Extract;
use axum::response::Response;
use chrono::NaiveDateTime;

use super::bulletins::HERE;
use super::deliveries::settled;
use super::form::{Field, Form};
use super::widgets::Confirm;
use super::{Frame, Pages, confirm, done, sheet};
use crate::broadcasts::Actor;
use crate::broadcasts::bulletins::Repeat;
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::replies::console_pages::bulletin_steps as text;
use crate::web::State;
use crate::web::api::words::require_clean;
use crate::web::extract::{Path, Query};
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .post("/console/bulletins/{id}/submit", Permission::WriteBulletins, submit)
        .post("/console/bulletins/{id}/approve", Permission::ApproveBulletins, approve)
        .post("/console/bulletins/{id}/reject", Permission::ApproveBulletins, reject)
        .get("/console/bulletins/{id}/send", Permission::SendBulletins, send_form)
        .post("/console/bulletins/{id}/send", Permission::SendBulletins, send)
        .get("/console/bulletins/{id}/urge", Permission::ApproveBulletins, urge_form)
        .post("/console/bulletins/{id}/urge", Permission::ApproveBulletins, urge)
        .post("/console/bulletins/{id}/pause", Permission::SendBulletins, pause)
        .post("/console/bulletins/{id}/resume", Permission::SendBulletins, resume)
        .get("/console/bulletins/{id}/correct", Permission::WriteBulletins, correct_form)
        .post("/console/bulletins/{id}/correct", Permission::WriteBulletins, correct)
        .get("/console/bulletins/{id}/cancel", Permission::WriteBulletins, ask_cancel)
        .post("/console/bulletins/{id}/cancel", Permission::WriteBulletins, cancel)
        .get("/console/bulletins/{id}/recall", Permission::SendBulletins, ask_recall)
        .post("/console/bulletins/{id}/recall", Permission::SendBulletins, recall)
        .post("/console/bulletins/{id}/deliveries/{delivery}/{outcome}", Permission::SettleDeliveries, settle)
}

async fn back(state: &State, session: &Session, id: &str, said: &str) -> Result<Response, ApiError> {
    done(state, session, &format!("{HERE}/{id}"), said).await
}

async fn submit(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.submit_bulletin(&id, &Actor::from(&session), state.clock.now()).await?;
    back(&state, &session, &id, text::SUBMITTED).await
}

/// What the approver had before them when they pressed the button.
#[derive(Debug, Default, serde::Deserialize)]
struct Looked {
    seen: Option<String>,
}

async fn approve(
    Extract(state): Extract<State>,
    session: Session,
    Path(id): Path<String>,
    Query(looked): Query<Looked>,
) -> Result<Response, ApiError> {
    state.broadcasts.approve_bulletin(&id, looked.seen.as_deref(), &Actor::from(&session), state.clock.now()).await?;
    back(&state, &session, &id, text::APPROVED).await
}

async fn reject(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.reject_bulletin(&id, &Actor::from(&session), state.clock.now()).await?;
    back(&state, &session, &id, text::REJECTED).await
}

/// The frame of a step, which names the bulletin it is about.
async fn frame(state: &State, session: &Session, id: &str, step: &str) -> Result<Frame, ApiError> {
    let bulletin = state.broadcasts.bulletin(id).await?;
    Ok(Frame::of(session, HERE, &text::about(step, &bulletin.content.title)))
}

fn sending(session: &Session, id: &str) -> Form {
    Form::new(session, format!("{HERE}/{id}/send"), text::CONFIRM)
        .field(Field::time("at", text::SEND_AT).hint(text::SEND_AT_HINT))
        .field(Field::tick("force", text::SEND_AGAIN))
}

async fn send_form(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    sheet(frame(&state, &session, &id, text::SEND_OR_SCHEDULE).await?, vec![sending(&session, &id).to_string()])
}

async fn send(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let (actor, now) = (Actor::from(&session), state.clock.now());
    let repeat = if fields.ticked("force") { Repeat::Forced } else { Repeat::Refused };
    let result = match fields.text("at") {
        "" => state.broadcasts.send_bulletin(&id, repeat, &actor, now).await.map_err(ApiError::from),
        text => match NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M") {
            Ok(at) => state.broadcasts.schedule_bulletin(&id, Timestamp::from_local(at), repeat, &actor, now).await.map_err(ApiError::from),
            Err(_) => Err(ApiError::invalid("at", text::WRONG_TIME)),
        },
    };
    match result {
        Ok(bulletin) if fields.text("at").is_empty() => back(&state, &session, &bulletin.id, text::SENDING).await,
        Ok(bulletin) => back(&state, &session, &bulletin.id, text::SCHEDULED).await,
        Err(error) => {
            let form = sending(&session, &id).filled(&fields).refused(error)?;
            sheet(frame(&state, &session, &id, text::SEND_OR_SCHEDULE).await?, vec![form.to_string()])
        }
    }
}

fn urging(session: &Session, id: &str) -> Form {
    Form::new(session, format!("{HERE}/{id}/urge"), text::URGE)
        .field(Field::text("reason", text::URGE_REASON).required().most(200).hint(text::URGE_HINT))
}

async fn urge_form(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    sheet(frame(&state, &session, &id, text::URGE).await?, vec![urging(&session, &id).to_string()])
}

async fn urge(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let urged = state.broadcasts.urge_bulletin(&id, fields.text("reason"), &Actor::from(&session), state.clock.now()).await;
    match urged {
        Ok(_) => back(&state, &session, &id, text::URGED).await,
        Err(error) => {
            let form = urging(&session, &id).filled(&fields).refused(error.into())?;
            sheet(frame(&state, &session, &id, text::URGE).await?, vec![form.to_string()])
        }
    }
}

async fn pause(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.pause_bulletin(&id, &Actor::from(&session), state.clock.now()).await?;
    back(&state, &session, &id, text::PAUSED).await
}

async fn resume(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.resume_bulletin(&id, &Actor::from(&session), state.clock.now()).await?;
    back(&state, &session, &id, text::RESUMED).await
}

fn correcting(session: &Session, id: &str, body: &str) -> Form {
    Form::new(session, format!("{HERE}/{id}/correct"), text::SUBMIT_CORRECTION)
        .field(Field::long("body", text::CORRECTED_TEXT).required().most(20_000).hint(text::CORRECT_HINT).value(body))
}

async fn correct_form(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let bulletin = state.broadcasts.bulletin(&id).await?;
    sheet(frame(&state, &session, &id, text::CORRECT).await?, vec![correcting(&session, &id, &bulletin.content.body).to_string()])
}

async fn correct(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let body = fields.text("body");
    let written = match require_clean(&state, [("body", Some(body))]) {
        Ok(()) => state.broadcasts.correct_bulletin(&id, body, &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from),
        Err(error) => Err(error),
    };
    match written {
        Ok(_) => back(&state, &session, &id, text::CORRECTION_SUBMITTED).await,
        Err(error) => {
            let form = correcting(&session, &id, body).refused(error)?;
            sheet(frame(&state, &session, &id, text::CORRECT).await?, vec![form.to_string()])
        }
    }
}

fn asking(session: &Session, id: &str, step: &str, text: &str, label: &str) -> Confirm {
    Confirm {
        text: text.to_owned(),
        action: format!("{HERE}/{id}/{step}"),
        csrf: session.csrf.clone(),
        hidden: Vec::new(),
        label: label.to_owned(),
        back: format!("{HERE}/{id}"),
    }
}

async fn ask_cancel(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    confirm(frame(&state, &session, &id, text::CANCEL).await?, &asking(&session, &id, "cancel", text::CANCEL_TELLS, text::CANCEL_THIS))
}

async fn cancel(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.cancel_bulletin(&id, &Actor::from(&session), state.clock.now()).await?;
    back(&state, &session, &id, text::CANCELLED).await
}

async fn ask_recall(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    confirm(frame(&state, &session, &id, text::RECALL).await?, &asking(&session, &id, "recall", text::RECALL_TELLS, text::RECALL_THIS))
}

async fn recall(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.recall_bulletin(&id, &Actor::from(&session), state.clock.now()).await?;
    back(&state, &session, &id, text::RECALLING).await
}

async fn settle(
    Extract(state): Extract<State>,
    session: Session,
    Path((id, delivery, outcome)): Path<(String, String, String)>,
) -> Result<Response, ApiError> {
    let said = settled(&state, &session, &delivery, &outcome).await?;
    back(&state, &session, &id, said).await
}
