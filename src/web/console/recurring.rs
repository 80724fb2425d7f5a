//! Recurring bulletins in the console: what runs, what waits for approval, and the next ten times of each.

use axum::extract::State as Extract;
use axum::response::Response;

use super::widgets::{Action, Actions, Cell, Confirm, Empty, Note, Table};
use super::{Frame, Pages, confirm, done, sheet};
use crate::broadcasts::Actor;
use crate::domain::staff::Permission;
use crate::domain::time::chinese_date;
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
    let empty =
        Empty::new("还没有定期通知", "把每月要发的提醒写成文件放进 broadcasts/recurring，重启后就会出现在这里，审核后自动按时发送。");
    let mut table = Table::new("定期通知", &["标题", "状态", "下一次"], empty);
    for each in page.items {
        let path = format!("{HERE}/{}", each.id);
        let next = match (each.next_at, each.missing_year) {
            (Some(at), _) => at.chinese(),
            (None, Some(year)) => format!("等待{year}年日历"),
            (None, None) => String::new(),
        };
        table.row(vec![Cell::link(path, each.plan.title.clone()), Cell::badge(mark(each.state), each.state.chinese()), Cell::quiet(next)]);
    }
    table.next(page.next_cursor.map(|cursor| format!("{HERE}?cursor={cursor}")));
    sheet(Frame::of(&session, HERE, "定期通知"), vec![table.to_string()])
}

async fn page(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let found = recurring::get(&mut *state.store.read().await?, &id, "").await?.ok_or_else(|| ApiError::no_such("定期通知"))?;
    let own = found.author == session.staff.user_id;
    let view = view(&state, found);
    let mut actions = Vec::new();
    if view.state == RecurringState::Waiting && session.may(Permission::ApproveBulletins) && !own {
        actions.push(Action::send(format!("{HERE}/{id}/approve"), "审核通过，开始运行", &session.csrf).first());
    }
    if view.state != RecurringState::Stopped && session.may(Permission::WriteBulletins) {
        actions.push(Action::open(format!("{HERE}/{id}/stop"), "停止").danger());
    }
    let empty = Empty::new("还算不出时间", "需要的日历还没有录入，录入后自动算出。");
    let mut table = Table::new("接下来十次", &["发送时间", "申报截止日", "标题"], empty);
    for time in &view.next {
        let deadline = time.deadline.map(chinese_date).unwrap_or_default();
        table.row(vec![Cell::text(time.at.chinese()), Cell::quiet(deadline), Cell::text(time.title.clone())]);
    }
    let note = |title: &str, text: String| Note { title: title.to_owned(), text }.to_string();
    let mut blocks = vec![Actions(actions).to_string(), note("状态", view.state_text.to_owned()), note("正文", view.plan.body.clone())];
    blocks.push(table.to_string());
    blocks.extend(view.note.map(|text| note("日历", text)));
    sheet(Frame::of(&session, HERE, &view.plan.title), blocks)
}

async fn approve(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.approve_recurring(&id, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("{HERE}/{id}"), "审核通过，到时自动发送").await
}

async fn ask_stop(Extract(_): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let asked = Confirm {
        text: "停止之后不再生成新的通知；已经排期的那一条不受影响，可以在“通知”里取消。".to_owned(),
        action: format!("{HERE}/{id}/stop"),
        csrf: session.csrf.clone(),
        hidden: Vec::new(),
        label: "停止".to_owned(),
        back: format!("{HERE}/{id}"),
    };
    confirm(Frame::of(&session, HERE, "停止定期通知"), &asked)
}

async fn stop(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.stop_recurring(&id, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("{HERE}/{id}"), "已停止").await
}
