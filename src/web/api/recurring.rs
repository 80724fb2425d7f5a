//! Bulletins that go out again and again: the plan, its next times before anybody approves it, and its end.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use chrono::NaiveDate;
use serde::Serialize;

use crate::broadcasts::Actor;
use crate::domain::recurrence::RecurringPlan;
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::replies::problems;
use crate::store::recurring::{self, Recurring, RecurringState};
use crate::web::State;
use crate::web::api::words::require_clean;
use crate::web::extract::{Json, Path};
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// A recurring bulletin as staff see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RecurringView {
    pub id: String,
    /// File it comes from, or `api`.
    pub source: String,
    pub plan: RecurringPlan,
    pub state: RecurringState,
    /// The state in Chinese.
    pub state_text: &'static str,
    pub author: String,
    pub approved_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    /// The next ten times, as far as the calendar reaches.
    pub next: Vec<NextTime>,
    /// What is missing, in Chinese.
    pub note: Option<String>,
}

/// One time, and what is said then.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NextTime {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The filing deadline it reminds of.
    pub deadline: Option<NaiveDate>,
    pub title: String,
}

/// The view of one.
pub fn view(state: &State, recurring: Recurring) -> RecurringView {
    let (times, missing) = state.broadcasts.next_times(&recurring.plan, state.clock.now());
    let next = times
        .iter()
        .map(|time| NextTime { at: time.at, deadline: time.deadline, title: RecurringPlan::filled(&recurring.plan.title, time) })
        .collect();
    RecurringView {
        id: recurring.id,
        source: recurring.source,
        state: recurring.state,
        state_text: recurring.state.chinese(),
        author: recurring.author,
        approved_by: recurring.approved_by,
        next_at: recurring.next_at,
        next,
        note: missing.map(|year| problems::recurring_reaches(year.0)),
        plan: recurring.plan,
    }
}

fn clean(state: &State, plan: &RecurringPlan) -> Result<(), ApiError> {
    require_clean(state, [("title", Some(&*plan.title)), ("summary", Some(&*plan.summary)), ("body", Some(&*plan.body))])
}

/// All of them, with their next ten times.
#[utoipa::path(get, path = "/recurring", summary = "列出定期通知",
    description = "每条带接下来的十个时间。", tag = "bulletins", security(("token" = [])), params(PagingParameters),
    responses((status = 200, body = Page<RecurringView>), (status = 401, body = Problem)))]
pub async fn list(Extract(state): Extract<State>, staff: Staff, paging: Paging) -> Result<Json<Page<RecurringView>>, ApiError> {
    staff.require(Permission::Read)?;
    let found = recurring::list(&mut *state.store.read().await?, &paging.after, paging.probe()).await?;
    let views = found.into_iter().map(|recurring| view(&state, recurring)).collect();
    Ok(Json(Page::of(views, &paging, |view: &RecurringView| view.id.clone())))
}

/// Writes one, which waits for approval; the answer shows the next ten times.
#[utoipa::path(post, path = "/recurring", summary = "新建定期通知",
    description = "写明规则和内容，等另一个人审核后才开始；回答里有接下来的十个时间，先核对再交审。", tag = "bulletins", security(("token" = [])), request_body = RecurringPlan,
    responses((status = 201, body = RecurringView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    staff: Staff,
    Json(plan): Json<RecurringPlan>,
) -> Result<(StatusCode, Json<RecurringView>), ApiError> {
    staff.require(Permission::WriteBulletins)?;
    clean(&state, &plan)?;
    let created = state.broadcasts.create_recurring(plan, &Actor::from(&staff), state.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(view(&state, created))))
}

/// One with its next ten times.
#[utoipa::path(get, path = "/recurring/{id}", summary = "查一条定期通知",
    description = "带接下来的十个时间。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = RecurringView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn get(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<RecurringView>, ApiError> {
    staff.require(Permission::Read)?;
    let found = recurring::get(&mut *state.store.read().await?, &id, "").await?.ok_or_else(|| ApiError::no_such("定期通知"))?;
    Ok(Json(view(&state, found)))
}

/// Replaces the plan; it waits for approval again.
#[utoipa::path(patch, path = "/recurring/{id}", summary = "修改定期通知",
    description = "整条替换，原来的审核作废，要重新审核。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    request_body = RecurringPlan,
    responses((status = 200, body = RecurringView), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn edit(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(plan): Json<RecurringPlan>,
) -> Result<Json<RecurringView>, ApiError> {
    staff.require(Permission::WriteBulletins)?;
    clean(&state, &plan)?;
    let changed = state.broadcasts.edit_recurring(&id, plan, &Actor::from(&staff), state.clock.now()).await?;
    Ok(Json(view(&state, changed)))
}

/// Lets it run; never one's own text.
#[utoipa::path(post, path = "/recurring/{id}/approve", summary = "审核定期通知",
    description = "审核后按规则自动生成通知；不能审核自己写的。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = RecurringView), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn approve(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<RecurringView>, ApiError> {
    staff.require(Permission::ApproveBulletins)?;
    let approved = state.broadcasts.approve_recurring(&id, &Actor::from(&staff), state.clock.now()).await?;
    Ok(Json(view(&state, approved)))
}

/// Ends it: nothing more is made.
#[utoipa::path(post, path = "/recurring/{id}/stop", summary = "停止定期通知",
    description = "以后不再生成；已经生成的通知不受影响。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = RecurringView), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn stop(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<RecurringView>, ApiError> {
    staff.require(Permission::WriteBulletins)?;
    let stopped = state.broadcasts.stop_recurring(&id, &Actor::from(&staff), state.clock.now()).await?;
    Ok(Json(view(&state, stopped)))
}
