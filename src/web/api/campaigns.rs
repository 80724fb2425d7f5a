//! Promotion months: a plan, and what became of it.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::broadcasts::Actor;
use crate::domain::bulletin::BulletinState;
use crate::domain::campaign::{CampaignItem, CampaignPlan};
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::store::campaigns;
use crate::store::deliveries::Counts;
use crate::web::State;
use crate::web::extract::{Json, Path};
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// A promotion month with its items.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CampaignView {
    pub id: String,
    pub title: String,
    pub starts_on: String,
    pub ends_on: String,
    /// Items that went out or are going out.
    pub sent: usize,
    /// Items still to come.
    pub to_come: usize,
    pub items: Vec<ItemView>,
}

/// An item and what became of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ItemView {
    pub id: String,
    #[serde(flatten)]
    pub item: CampaignItem,
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    pub bulletin: Option<String>,
    pub state: Option<BulletinState>,
    /// The state in Chinese.
    pub state_text: Option<&'static str>,
    pub counts: Counts,
}

/// A line of the list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CampaignLine {
    pub id: String,
    pub title: String,
    pub starts_on: String,
    pub ends_on: String,
}

/// A plan file of `broadcasts/campaigns`.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// Name without ending, such as `2027-04-tax-month`.
    pub file: String,
}

async fn shown(state: &State, id: &str) -> Result<Json<CampaignView>, ApiError> {
    let (campaign, progress) = state.broadcasts.campaign(id).await?;
    let items: Vec<ItemView> = progress
        .into_iter()
        .map(|progress| {
            let state = progress.bulletin.as_ref().map(|bulletin| bulletin.state);
            let bulletin = progress.bulletin.map(|bulletin| bulletin.id);
            ItemView {
                id: progress.id,
                item: progress.item,
                due_at: progress.due_at,
                bulletin,
                state,
                state_text: state.map(BulletinState::chinese),
                counts: progress.counts,
            }
        })
        .collect();
    let out = |item: &&ItemView| {
        matches!(item.state, Some(BulletinState::Sending | BulletinState::Paused | BulletinState::Sent | BulletinState::PartlySent))
    };
    let over = |item: &&ItemView| matches!(item.state, Some(BulletinState::Cancelled | BulletinState::Recalled));
    let sent = items.iter().filter(out).count();
    let to_come = items.len() - sent - items.iter().filter(over).count();
    Ok(Json(CampaignView {
        id: campaign.id,
        title: campaign.title,
        starts_on: campaign.starts_on,
        ends_on: campaign.ends_on,
        sent,
        to_come,
        items,
    }))
}

/// The newest first.
#[utoipa::path(get, path = "/campaigns", tag = "campaigns", security(("token" = [])), params(PagingParameters),
    responses((status = 200, body = Page<CampaignLine>), (status = 401, body = Problem)))]
pub async fn list(Extract(state): Extract<State>, staff: Staff, paging: Paging) -> Result<Json<Page<CampaignLine>>, ApiError> {
    staff.require(Permission::Read)?;
    let mut conn = state.store.read().await?;
    let found = campaigns::list(&mut conn, &paging.after, paging.probe()).await?;
    let lines = found
        .into_iter()
        .map(|campaign| CampaignLine { id: campaign.id, title: campaign.title, starts_on: campaign.starts_on, ends_on: campaign.ends_on })
        .collect();
    Ok(Json(Page::of(lines, &paging, |line: &CampaignLine| line.id.clone())))
}

/// Takes a plan: one bulletin an item, all handed to the approver.
#[utoipa::path(post, path = "/campaigns", tag = "campaigns", security(("token" = [])), request_body = CampaignPlan,
    responses((status = 201, body = CampaignView), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    staff: Staff,
    Json(plan): Json<CampaignPlan>,
) -> Result<(StatusCode, Json<CampaignView>), ApiError> {
    staff.require(Permission::WriteCampaigns)?;
    let id = state.broadcasts.create_campaign(plan, "api", &Actor::from(&staff), state.clock.now()).await?;
    Ok((StatusCode::CREATED, shown(&state, &id).await?))
}

/// Takes a plan file of `broadcasts/campaigns`, once.
#[utoipa::path(post, path = "/campaigns/import", tag = "campaigns", security(("token" = [])), request_body = PlanFile,
    responses((status = 201, body = CampaignView), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn import(
    Extract(state): Extract<State>,
    staff: Staff,
    Json(file): Json<PlanFile>,
) -> Result<(StatusCode, Json<CampaignView>), ApiError> {
    staff.require(Permission::WriteCampaigns)?;
    let (name, plan) =
        state.broadcasts.plans().iter().find(|(name, _)| *name == file.file).cloned().ok_or_else(|| ApiError::no_such("计划文件"))?;
    let id = state.broadcasts.create_campaign(plan, &name, &Actor::from(&staff), state.clock.now()).await?;
    Ok((StatusCode::CREATED, shown(&state, &id).await?))
}

/// A promotion month: what went out and what is to come.
#[utoipa::path(get, path = "/campaigns/{id}", tag = "campaigns", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = CampaignView), (status = 404, body = Problem)))]
pub async fn get(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<CampaignView>, ApiError> {
    staff.require(Permission::Read)?;
    shown(&state, &id).await
}

/// Approves every item in review and sets its time; never one's own plan.
#[utoipa::path(post, path = "/campaigns/{id}/approve", tag = "campaigns", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = CampaignView), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn approve(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<CampaignView>, ApiError> {
    staff.require(Permission::ApproveBulletins)?;
    state.broadcasts.approve_campaign(&id, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, &id).await
}
