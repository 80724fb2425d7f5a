//! The ledger: what became of each part at each target, and a person's word on what nobody knows.

use axum::extract::State as Extract;
use serde::Deserialize;

use crate::domain::delivery::Origin;
use crate::domain::staff::Permission;
use crate::replies::problems;
use crate::store::deliveries::{self, Delivery, StaffOutcome, StaffSettled};
use crate::web::State;
use crate::web::extract::{Json, Path};
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// What a person found out.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    pub outcome: StaffOutcome,
}

/// The ledger of a bulletin, per target and part.
#[utoipa::path(get, path = "/bulletins/{id}/deliveries", summary = "每个群的结果",
    description = "part：0 起是正文各条，100 起是答题，190 是图文卡片，200 起是附件；operation：send 发送、edit 更正、delete 撤回、pin 置顶、unpin 取消置顶。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path), PagingParameters),
    responses((status = 200, body = Page<Delivery>), (status = 404, body = Problem)))]
pub async fn of_bulletin(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    paging: Paging,
) -> Result<Json<Page<Delivery>>, ApiError> {
    staff.require(Permission::Read)?;
    state.broadcasts.bulletin(&id).await?;
    let mut conn = state.store.read().await?;
    let found = deliveries::by_origin(&mut conn, Origin::Bulletin, &id, &paging.after, paging.probe()).await?;
    Ok(Json(Page::of(found, &paging, |delivery| delivery.id.clone())))
}

/// Deliveries nobody can say of whether they arrived, in order of their making.
#[utoipa::path(get, path = "/deliveries/unknown", summary = "不能确认是否送达的",
    description = "最早的在前；请到群里看过之后用 settle 说明。", tag = "bulletins", security(("token" = [])), params(PagingParameters), responses((status = 200, body = Page<Delivery>)))]
pub async fn unknown(Extract(state): Extract<State>, staff: Staff, paging: Paging) -> Result<Json<Page<Delivery>>, ApiError> {
    staff.require(Permission::Read)?;
    let mut conn = state.store.read().await?;
    let found = deliveries::unknown(&mut conn, &paging.after, paging.probe()).await?;
    Ok(Json(Page::of(found, &paging, |delivery| delivery.id.clone())))
}

/// Settles an unknown delivery: it arrived, send it again, or give it up.
#[utoipa::path(post, path = "/deliveries/{id}/settle", summary = "说明不能确认的那一条",
    description = "outcome：delivered 群里看到了，resend 没有、请重发，abandon 不再发。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    request_body = Settle, responses((status = 200, body = Delivery), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn settle(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(settle): Json<Settle>,
) -> Result<Json<Delivery>, ApiError> {
    staff.require(Permission::SettleDeliveries)?;
    let mut tx = state.store.begin().await?;
    match deliveries::settle_by_staff(&mut tx, &id, settle.outcome, &staff.name, state.clock.now()).await? {
        StaffSettled::Done => {}
        StaffSettled::NotUnknown(found) => return Err(ApiError::Conflict(problems::not_unknown(found))),
        StaffSettled::NoSuchDelivery => return Err(ApiError::no_such("发送记录")),
    }
    let delivery = deliveries::get(&mut tx, &id).await?.ok_or_else(|| ApiError::no_such("发送记录"))?;
    tx.commit().await?;
    Ok(Json(delivery))
}
