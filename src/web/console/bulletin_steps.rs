//! The steps of a bulletin's life as forms and buttons. What cannot be undone asks first.

use axum::extract::State as Extract;
use axum::response::Response;
use chrono::NaiveDateTime;

use super::bulletins::HERE;
use super::form::{Field, Form};
use super::widgets::Confirm;
use super::{Frame, Pages, confirm, done, sheet};
use crate::broadcasts::Actor;
use crate::broadcasts::bulletins::Repeat;
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::replies::problems;
use crate::store::deliveries::{self, StaffOutcome, StaffSettled};
use crate::web::State;
use crate::web::api::words::require_clean;
use crate::web::extract::Path;
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
    back(&state, &session, &id, "已提交，等待另一位审核人员审核").await
}

async fn approve(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.approve_bulletin(&id, &Actor::from(&session), state.clock.now()).await?;
    back(&state, &session, &id, "审核通过").await
}

async fn reject(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.reject_bulletin(&id, &Actor::from(&session), state.clock.now()).await?;
    back(&state, &session, &id, "已退回修改").await
}

fn sending(session: &Session, id: &str) -> Form {
    Form::new(session, format!("{HERE}/{id}/send"), "确定")
        .field(Field::time("at", "发送时间").hint("留空就现在发送；静默时段内会等到时段结束"))
        .field(Field::tick("force", "七天内发过同样内容也照发"))
}

async fn send_form(Extract(_): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    sheet(Frame::of(&session, HERE, "发送或排期"), vec![sending(&session, &id).to_string()])
}

async fn send(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let (actor, now) = (Actor::from(&session), state.clock.now());
    let repeat = if fields.ticked("force") { Repeat::Forced } else { Repeat::Refused };
    let result = match fields.text("at") {
        "" => state.broadcasts.send_bulletin(&id, repeat, &actor, now).await.map_err(ApiError::from),
        text => match NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M") {
            Ok(at) => state.broadcasts.schedule_bulletin(&id, Timestamp::from_local(at), repeat, &actor, now).await.map_err(ApiError::from),
            Err(_) => Err(ApiError::invalid("at", "时间要写成 2026-11-26T09:00")),
        },
    };
    match result {
        Ok(bulletin) if fields.text("at").is_empty() => back(&state, &session, &bulletin.id, "已开始发送").await,
        Ok(bulletin) => back(&state, &session, &bulletin.id, "已排期，到时自动发送").await,
        Err(error) => {
            let form = sending(&session, &id).filled(&fields).refused(error)?;
            sheet(Frame::of(&session, HERE, "发送或排期"), vec![form.to_string()])
        }
    }
}

fn urging(session: &Session, id: &str) -> Form {
    let hint = "静默时段和休息日也会立即发送；理由记入操作记录";
    Form::new(session, format!("{HERE}/{id}/urge"), "加急").field(Field::text("reason", "加急的理由").required().most(200).hint(hint))
}

async fn urge_form(Extract(_): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    sheet(Frame::of(&session, HERE, "加急"), vec![urging(&session, &id).to_string()])
}

async fn urge(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let urged = state.broadcasts.urge_bulletin(&id, fields.text("reason"), &Actor::from(&session), state.clock.now()).await;
    match urged {
        Ok(_) => back(&state, &session, &id, "已加急").await,
        Err(error) => {
            let form = urging(&session, &id).filled(&fields).refused(error.into())?;
            sheet(Frame::of(&session, HERE, "加急"), vec![form.to_string()])
        }
    }
}

async fn pause(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.pause_bulletin(&id, &Actor::from(&session), state.clock.now()).await?;
    back(&state, &session, &id, "已暂停，没发出的先不发").await
}

async fn resume(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.resume_bulletin(&id, &Actor::from(&session), state.clock.now()).await?;
    back(&state, &session, &id, "继续发送，只发还没发出的").await
}

fn correcting(session: &Session, id: &str, body: &str) -> Form {
    let hint = "能修改的群里会改成新的正文并标明更正；不能修改的群会再发一条更正";
    Form::new(session, format!("{HERE}/{id}/correct"), "提交更正")
        .field(Field::long("body", "更正后的正文").required().most(20_000).hint(hint).value(body))
}

async fn correct_form(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let bulletin = state.broadcasts.bulletin(&id).await?;
    sheet(Frame::of(&session, HERE, "更正"), vec![correcting(&session, &id, &bulletin.content.body).to_string()])
}

async fn correct(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let body = fields.text("body");
    let written = match require_clean(&state, [("body", Some(body))]) {
        Ok(()) => state.broadcasts.correct_bulletin(&id, body, &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from),
        Err(error) => Err(error),
    };
    match written {
        Ok(_) => back(&state, &session, &id, "更正已提交，等待另一位审核人员审核").await,
        Err(error) => {
            let form = correcting(&session, &id, body).refused(error)?;
            sheet(Frame::of(&session, HERE, "更正"), vec![form.to_string()])
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

async fn ask_cancel(Extract(_): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let text = "取消之后，还没发出的不会再发；已经发出的不受影响，需要时请用撤回。";
    confirm(Frame::of(&session, HERE, "取消通知"), &asking(&session, &id, "cancel", text, "取消这条通知"))
}

async fn cancel(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.cancel_bulletin(&id, &Actor::from(&session), state.clock.now()).await?;
    back(&state, &session, &id, "已取消").await
}

async fn ask_recall(Extract(_): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let text = "撤回会删除各群里已发出的消息；不能删除的群，消息会改成【已撤回】，或另发一条撤回说明。撤回之后不能再发送这条通知。";
    confirm(Frame::of(&session, HERE, "撤回通知"), &asking(&session, &id, "recall", text, "撤回这条通知"))
}

async fn recall(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.recall_bulletin(&id, &Actor::from(&session), state.clock.now()).await?;
    back(&state, &session, &id, "正在撤回，结果见下面每个群").await
}

async fn settle(
    Extract(state): Extract<State>,
    session: Session,
    Path((id, delivery, outcome)): Path<(String, String, String)>,
) -> Result<Response, ApiError> {
    let (outcome, said) = match outcome.as_str() {
        "delivered" => (StaffOutcome::Delivered, "已记为送达"),
        "resend" => (StaffOutcome::Resend, "正在重发"),
        "abandon" => (StaffOutcome::Abandon, "已记为不再发"),
        _ => return Err(ApiError::no_such("操作")),
    };
    let mut tx = state.store.begin().await?;
    match deliveries::settle_by_staff(&mut tx, &delivery, outcome, &session.staff.name, state.clock.now()).await? {
        StaffSettled::Done => tx.commit().await?,
        StaffSettled::NotUnknown(found) => return Err(ApiError::Conflict(problems::not_unknown(found))),
        StaffSettled::NoSuchDelivery => return Err(ApiError::no_such("发送记录")),
    }
    back(&state, &session, &id, said).await
}
