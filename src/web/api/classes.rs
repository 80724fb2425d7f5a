//! Classes of the taxpayer school.

use std::collections::BTreeMap;

use axum::extract::State as Extract;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::broadcasts::Actor;
use crate::broadcasts::classes::{NewClass, SessionTime};
use crate::domain::class::{Class, EnrolmentState};
use crate::domain::staff::{Permission, Role};
use crate::domain::time::Timestamp;
use crate::replies::problems;
use crate::store::classes;
use crate::web::State;
use crate::web::api::formats::{File, SheetFormat};
use crate::web::class_workbook;
use crate::web::extract::{Json, Path, Query};
use crate::web::ledger_files::WORKBOOK;
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// A class with its seats.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ClassView {
    #[serde(flatten)]
    pub class: Class,
    /// Seats taken.
    pub seated: i64,
    pub waiting: i64,
    /// The announcement, once published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulletin: Option<String>,
}

/// A new time.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClassMove)]
pub struct Move {
    /// Number of the one session that moves; the whole class where it is not given.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub session: Option<i64>,
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
}

/// A line of the roster.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RosterLine {
    /// Name as given.
    pub person: String,
    pub state: EnrolmentState,
    /// Place in the waiting line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// Names the line, for a check-in.
    pub enrolment: String,
    /// Numbers of the sessions they came to.
    pub came: Vec<i64>,
    /// What they told the trainer, by label; only for those who write classes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, String>,
}

/// The roster in order of enrolment.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Roster {
    pub items: Vec<RosterLine>,
}

async fn shown(state: &State, id: &str, bulletin: Option<String>) -> Result<Json<ClassView>, ApiError> {
    let listed = state.broadcasts.class(id).await?;
    Ok(Json(ClassView { class: listed.class, seated: listed.seated, waiting: listed.waiting, bulletin }))
}

/// The newest first.
#[utoipa::path(get, path = "/classes", summary = "课程，新的在前", tag = "classes", security(("token" = [])), params(PagingParameters),
    responses((status = 200, body = Page<ClassView>), (status = 401, body = Problem)))]
pub async fn list(Extract(state): Extract<State>, staff: Staff, paging: Paging) -> Result<Json<Page<ClassView>>, ApiError> {
    staff.require(Permission::Read)?;
    let mut conn = state.store.read().await?;
    let mut views = Vec::new();
    for stored in classes::list(&mut conn, &paging.after, paging.probe()).await? {
        let (seated, waiting) = classes::seats(&mut conn, &stored.class.id).await?;
        views.push(ClassView { class: stored.class, seated, waiting, bulletin: None });
    }
    Ok(Json(Page::of(views, &paging, |view| view.class.id.clone())))
}

/// Writes a class; it is not seen until it is published.
#[utoipa::path(post, path = "/classes", summary = "写一门课；发布前没人看得到", tag = "classes", security(("token" = [])), request_body = NewClass,
    responses((status = 201, body = ClassView), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    staff: Staff,
    Json(new): Json<NewClass>,
) -> Result<(StatusCode, Json<ClassView>), ApiError> {
    staff.require(Permission::WriteClasses)?;
    let class = state.broadcasts.create_class(new, &Actor::from(&staff), state.clock.now()).await?;
    Ok((StatusCode::CREATED, shown(&state, &class.id, None).await?))
}

/// One class with its seats.
#[utoipa::path(get, path = "/classes/{id}", summary = "一门课和它的名额", tag = "classes", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = ClassView), (status = 404, body = Problem)))]
pub async fn get(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<ClassView>, ApiError> {
    staff.require(Permission::Read)?;
    shown(&state, &id, None).await
}

/// Writes it anew, whole. Of a published class the title, the times, whom it is for and what is asked stay; a new place is told to all.
#[utoipa::path(put, path = "/classes/{id}", summary = "修改课程",
    description = "整份重写。已发布的课程，标题、时间、对象和报名要填的内容不变；换地点会通知名单上的人。", tag = "classes", security(("token" = [])), params(("id" = String, Path)), request_body = NewClass,
    responses((status = 200, body = ClassView), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn edit(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(new): Json<NewClass>,
) -> Result<Json<ClassView>, ApiError> {
    staff.require(Permission::WriteClasses)?;
    state.broadcasts.edit_class(&id, new, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, &id, None).await
}

/// Opens enrolment and hands the announcement to the approver; `bulletin` is its id.
#[utoipa::path(post, path = "/classes/{id}/publish", summary = "开放报名，开课通知送审",
    description = "返回里的 bulletin 是开课通知的编号，它还要审核。", tag = "classes", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = ClassView), (status = 409, body = Problem)))]
pub async fn publish(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<ClassView>, ApiError> {
    staff.require(Permission::WriteClasses)?;
    let (_, bulletin) = state.broadcasts.publish_class(&id, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, &id, Some(bulletin)).await
}

/// Calls it off and tells everybody on the list.
#[utoipa::path(post, path = "/classes/{id}/cancel", summary = "取消课程并通知名单上的人", tag = "classes", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = ClassView), (status = 409, body = Problem)))]
pub async fn cancel(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<ClassView>, ApiError> {
    staff.require(Permission::WriteClasses)?;
    state.broadcasts.cancel_class(&id, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, &id, None).await
}

/// Moves it and tells everybody on the list; its length stays.
#[utoipa::path(post, path = "/classes/{id}/move", summary = "改期并通知名单上的人",
    description = "时长不变。", tag = "classes", security(("token" = [])), params(("id" = String, Path)), request_body = Move,
    responses((status = 200, body = ClassView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn move_to(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(to): Json<Move>,
) -> Result<Json<ClassView>, ApiError> {
    staff.require(Permission::WriteClasses)?;
    state.broadcasts.move_class(&id, to.session, to.starts_at, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, &id, None).await
}

/// Adds a session to a published class and tells everybody on the list; its number is never that of another.
#[utoipa::path(post, path = "/classes/{id}/sessions", summary = "加一次课并通知名单上的人",
    description = "新加的一次用新的编号，不重复用旧编号。", tag = "classes", security(("token" = [])), params(("id" = String, Path)),
    request_body = SessionTime,
    responses((status = 201, body = ClassView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn add_session(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(time): Json<SessionTime>,
) -> Result<(StatusCode, Json<ClassView>), ApiError> {
    staff.require(Permission::WriteClasses)?;
    state.broadcasts.add_session(&id, time, &Actor::from(&staff), state.clock.now()).await?;
    Ok((StatusCode::CREATED, shown(&state, &id, None).await?))
}

/// Calls one session of a published class off, before it begins, and tells everybody on the list. The last one left is called off with the class.
#[utoipa::path(post, path = "/classes/{id}/sessions/{number}/cancel", summary = "取消一次课并通知名单上的人",
    description = "要在开始之前。只剩一次时，整门课一起取消。", tag = "classes", security(("token" = [])),
    params(("id" = String, Path), ("number" = i64, Path)),
    responses((status = 200, body = ClassView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn cancel_session(
    Extract(state): Extract<State>,
    staff: Staff,
    Path((id, number)): Path<(String, i64)>,
) -> Result<Json<ClassView>, ApiError> {
    staff.require(Permission::WriteClasses)?;
    state.broadcasts.cancel_session(&id, number, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, &id, None).await
}

/// As a page for programs, or as a workbook.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RosterForm {
    /// json (where it is not given) or xlsx.
    #[serde(default)]
    #[param(inline, value_type = Option<SheetFormat>)]
    pub format: Option<String>,
}

/// The roster as a workbook to download; shared with the console.
pub async fn roster_file(state: &State, id: &str, role: Role) -> Result<Response, ApiError> {
    let attendance = state.broadcasts.attendance(id).await?;
    let bytes = class_workbook::roster(&attendance, role.may(Permission::WriteClasses), state.clock.now());
    let bytes = bytes.map_err(|error| ApiError::Internal(error.into()))?;
    let name = format!("attachment; filename=\"roster-{}.xlsx\"", attendance.class.starts_at.date());
    let name = HeaderValue::from_str(&name).map_err(|error| ApiError::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(WORKBOOK)), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}

/// Who has a seat, who waits; as a workbook also when each came and who did not.
#[utoipa::path(get, path = "/classes/{id}/roster", summary = "名单：报上的、候补的、签到的",
    description = "导出工作簿时还有每个人签到的时间，以及谁没来。", tag = "classes", security(("token" = [])), params(("id" = String, Path), RosterForm),
    responses((status = 200, content((Roster = "application/json"), (File = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn roster(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Query(form): Query<RosterForm>,
) -> Result<Response, ApiError> {
    staff.require(Permission::Read)?;
    match form.format.as_deref() {
        None | Some("" | "json") => {}
        Some("xlsx") => return roster_file(&state, &id, staff.role).await,
        Some(other) => return Err(ApiError::invalid("format", problems::wrong_word(other, "json、xlsx"))),
    }
    let attendance = state.broadcasts.attendance(&id).await?;
    let asks = staff.role.may(Permission::WriteClasses);
    let mut position = 0;
    let mut items = Vec::new();
    for (enrolment, came) in attendance.people {
        let waits = enrolment.state == EnrolmentState::Waitlisted;
        position += i64::from(waits);
        items.push(RosterLine {
            person: enrolment.display_name,
            state: enrolment.state,
            position: waits.then_some(position),
            enrolment: enrolment.id,
            came: came.iter().map(|check_in| check_in.session).collect(),
            answers: if asks { enrolment.answers } else { BTreeMap::new() },
        });
    }
    Ok(Json(Roster { items }).into_response())
}
