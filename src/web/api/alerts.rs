//! What staff must look at.

use axum::extract::State as Extract;

use crate::domain::alert::Alert;
use crate::domain::staff::Permission;
use crate::replies;
use crate::store::alerts::{self, Resolved};
use crate::web::State;
use crate::web::extract::{Json, Path};
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// Alerts, the newest first; those without `resolved_at` are open.
#[utoipa::path(get, path = "/alerts", summary = "列出提醒",
    description = "新的在前；没有 resolved_at 的还没处理。", tag = "service", security(("token" = [])), params(PagingParameters),
    responses((status = 200, body = Page<Alert>), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub async fn list(Extract(state): Extract<State>, staff: Staff, paging: Paging) -> Result<Json<Page<Alert>>, ApiError> {
    staff.require(Permission::Read)?;
    let found = alerts::list(&mut *state.store.read().await?, &paging.after, paging.probe()).await?;
    Ok(Json(Page::of(found, &paging, |alert| alert.id.clone())))
}

/// Says that somebody looked at it. Raised again where the trouble goes on.
#[utoipa::path(post, path = "/alerts/{id}/resolve", summary = "标记提醒已处理",
    description = "说明有人看过了；问题还在的话会再次提醒。", tag = "service", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = Alert), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem)))]
pub async fn resolve(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<Alert>, ApiError> {
    staff.require(Permission::SettleDeliveries)?;
    let mut tx = state.store.begin().await?;
    match alerts::resolve(&mut tx, &id, &staff.name, state.clock.now()).await? {
        Resolved::Now => {}
        Resolved::Before => return Err(ApiError::Conflict(replies::alerts::resolved_before())),
        Resolved::NoSuchAlert => return Err(ApiError::no_such("提醒")),
    }
    let alert = alerts::get(&mut tx, &id).await?.ok_or_else(|| ApiError::no_such("提醒"))?;
    tx.commit().await?;
    Ok(Json(alert))
}
