//! Promotion months: a plan, and what became of it.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::broadcasts::Actor;
use crate::broadcasts::moving::Consequence;
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
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
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
    /// As planned, but `date` is the day it really has.
    #[serde(flatten)]
    pub item: CampaignItem,
    /// Null while a calendar is missing; `note` says which.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// What staff should know about its day.
    pub note: Option<String>,
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
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
}

/// A plan file of `broadcasts/campaigns`.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// Name without ending, such as `2027-04-tax-month`.
    pub file: String,
}

pub(super) async fn shown(state: &State, id: &str) -> Result<Json<CampaignView>, ApiError> {
    let snapshot = state.answering.search().snapshot();
    let (campaign, progress) = state.broadcasts.campaign(id, snapshot.calendar()).await?;
    let items: Vec<ItemView> = progress
        .into_iter()
        .map(|progress| {
            let state = progress.bulletin.as_ref().map(|bulletin| bulletin.state);
            let bulletin = progress.bulletin.map(|bulletin| bulletin.id);
            ItemView {
                id: progress.id,
                item: CampaignItem { date: progress.due_at.map(Timestamp::date), ..progress.item },
                due_at: progress.due_at,
                note: progress.note,
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
#[utoipa::path(get, path = "/campaigns", summary = "宣传月方案，新的在前", tag = "campaigns", security(("token" = [])), params(PagingParameters),
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
#[utoipa::path(post, path = "/campaigns", summary = "提交方案：每一项成为一条通知，送审",
    description = "每一项成为一条通知，全部交给审核人员。", tag = "campaigns", security(("token" = [])), request_body = CampaignPlan,
    responses((status = 201, body = CampaignView), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    staff: Staff,
    Json(plan): Json<CampaignPlan>,
) -> Result<(StatusCode, Json<CampaignView>), ApiError> {
    staff.require(Permission::WriteCampaigns)?;
    let id = state
        .broadcasts
        .create_campaign(plan, state.answering.search().snapshot().calendar(), "api", &Actor::from(&staff), state.clock.now())
        .await?;
    Ok((StatusCode::CREATED, shown(&state, &id).await?))
}

/// Takes a plan file of `broadcasts/campaigns`, once.
#[utoipa::path(post, path = "/campaigns/import", summary = "导入 broadcasts/campaigns 里的方案文件",
    description = "同一个文件只导入一次。", tag = "campaigns", security(("token" = [])), request_body = PlanFile,
    responses((status = 201, body = CampaignView), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn import(
    Extract(state): Extract<State>,
    staff: Staff,
    Json(file): Json<PlanFile>,
) -> Result<(StatusCode, Json<CampaignView>), ApiError> {
    staff.require(Permission::WriteCampaigns)?;
    let (name, plan) =
        state.broadcasts.plans().iter().find(|(name, _)| *name == file.file).cloned().ok_or_else(|| ApiError::no_such("计划文件"))?;
    let id = state
        .broadcasts
        .create_campaign(plan, state.answering.search().snapshot().calendar(), &name, &Actor::from(&staff), state.clock.now())
        .await?;
    Ok((StatusCode::CREATED, shown(&state, &id).await?))
}

/// A promotion month: what went out and what is to come.
#[utoipa::path(get, path = "/campaigns/{id}", summary = "一个宣传月：发了什么，还有什么", tag = "campaigns", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = CampaignView), (status = 404, body = Problem)))]
pub async fn get(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<CampaignView>, ApiError> {
    staff.require(Permission::Read)?;
    shown(&state, &id).await
}

/// Approves every item in review and sets its time; never one's own plan.
#[utoipa::path(post, path = "/campaigns/{id}/approve", summary = "审核通过全部待审项目并排期",
    description = "审核全部待审项目并定下时间；不能审核自己写的方案。", tag = "campaigns", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = CampaignView), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn approve(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<CampaignView>, ApiError> {
    staff.require(Permission::ApproveBulletins)?;
    state.broadcasts.approve_campaign(&id, state.answering.search().snapshot().calendar(), &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, &id).await
}

/// Where an item is moved to.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// Id of the item.
    pub item: String,
    /// Like `2026-04-23`.
    #[serde(deserialize_with = "crate::domain::campaign::date")]
    pub date: NaiveDate,
    /// `HH:MM`; as it was where left out.
    #[serde(default)]
    #[schema(pattern = r"^([01]?[0-9]|2[0-3]):[0-5]?[0-9]$")]
    pub time: Option<String>,
}

/// An item that was moved.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MovedItem {
    pub item: String,
    pub title: String,
    pub from: Option<NaiveDate>,
    pub to: NaiveDate,
    /// What becomes of its post.
    pub post: Consequence,
}

/// Everything a move moved, the item itself first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MoveReport {
    pub moved: Vec<MovedItem>,
}

/// Moves an item, and with it what follows it.
#[utoipa::path(post, path = "/campaigns/{id}/move", summary = "改一项的日期，跟着它的一起改", tag = "campaigns", security(("token" = [])), params(("id" = String, Path)),
    request_body = Move,
    responses((status = 200, body = MoveReport), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn move_item(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(to): Json<Move>,
) -> Result<Json<MoveReport>, ApiError> {
    staff.require(Permission::WriteCampaigns)?;
    let stored = campaigns::item(&mut *state.store.read().await?, &to.item, "").await?;
    if stored.is_none_or(|stored| stored.campaign_id != id) {
        return Err(ApiError::no_such("宣传月内容"));
    }
    let snapshot = state.answering.search().snapshot();
    let actor = Actor::from(&staff);
    let moved = state.broadcasts.move_item(&to.item, to.date, to.time.as_deref(), snapshot.calendar(), &actor, state.clock.now()).await?;
    let moved = moved
        .into_iter()
        .map(|moved| MovedItem { item: moved.id, title: moved.title, from: moved.from, to: moved.to, post: moved.after })
        .collect();
    Ok(Json(MoveReport { moved }))
}
