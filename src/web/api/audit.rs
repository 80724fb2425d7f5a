//! Who did what: for administrators and auditors, to read and to verify.

use axum::extract::State as Extract;
use serde::{Deserialize, Serialize};

use crate::domain::staff::{AuditRow, Permission};
use crate::replies::{console, problems};
use crate::store::audit;
use crate::web::State;
use crate::web::extract::{Json, Query};
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// Which rows to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Name of who did it.
    #[serde(default)]
    pub actor: String,
    /// Beginning of the action, such as `bulletin` or `bulletin.approve`.
    #[serde(default)]
    pub action: String,
    /// Id of what it was done to.
    #[serde(default)]
    pub subject: String,
}

/// Whether the chain holds.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Verified {
    pub ok: bool,
    /// Rows that hold.
    pub rows: i64,
    /// Hash of the last of them.
    pub end: String,
    /// What is wrong, or that nothing is.
    pub detail: String,
}

/// Who did what, the newest first.
#[utoipa::path(get, path = "/audit", summary = "操作记录，新的在前", tag = "staff", security(("token" = [])), params(PagingParameters, Filter),
    responses((status = 200, body = Page<AuditRow>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn list(
    Extract(state): Extract<State>,
    staff: Staff,
    paging: Paging,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<AuditRow>>, ApiError> {
    staff.require(Permission::ReadAudit)?;
    let before = before(&paging)?;
    let filter = audit::Filter { actor: filter.actor, action: filter.action, subject: filter.subject };
    let rows = audit::list(&mut *state.store.read().await?, &filter, before, paging.probe()).await?;
    Ok(Json(Page::of(rows, &paging, |row| row.place.to_string())))
}

/// Reads the whole chain and says whether anything was changed, taken out or put in.
#[utoipa::path(get, path = "/audit/verify", summary = "核对整条操作记录有没有被改动", tag = "staff", security(("token" = [])),
    responses((status = 200, body = Verified), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn verify(Extract(state): Extract<State>, staff: Staff) -> Result<Json<Verified>, ApiError> {
    staff.require(Permission::ReadAudit)?;
    let chain = audit::verify(&state.store).await?;
    Ok(Json(Verified { ok: chain.broken.is_none(), rows: chain.rows, detail: console::chain(&chain), end: chain.end }))
}

/// The place a page begins before; 0 for the newest.
pub fn before(paging: &Paging) -> Result<i64, ApiError> {
    if paging.after.is_empty() {
        return Ok(0);
    }
    paging.after.parse().ok().filter(|place| *place > 0).ok_or_else(|| ApiError::NotFound(problems::wrong_cursor()))
}
