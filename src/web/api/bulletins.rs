//! Bulletins: from draft to recall.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::broadcasts::Actor;
use crate::broadcasts::bulletins::{Draft, Edit, Repeat};
use crate::broadcasts::reach::Reach;
use crate::domain::attachment::Attachment;
use crate::domain::bulletin::{Bulletin, BulletinKind, BulletinState, Targets};
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::Origin;
use crate::domain::render::Part;
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::store::bulletins;
use crate::store::deliveries::{self, Counts};
use crate::web::State;
use crate::web::api::words::require_clean;
use crate::web::extract::{Json, Path};
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// A bulletin as staff see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BulletinView {
    pub id: String,
    pub kind: BulletinKind,
    pub title: String,
    pub number: Option<String>,
    pub summary: String,
    pub audience_text: Option<String>,
    pub effective_from: Option<chrono::NaiveDate>,
    pub link: Option<String>,
    pub body: String,
    pub targets: Targets,
    /// Sent after the text, in this order.
    pub attachments: Vec<Attachment>,
    /// Never on a day off.
    pub workdays_only: bool,
    /// Its message is kept at the top of groups where the bot may pin.
    pub pin: bool,
    /// In WeCom groups a card with title, summary and link follows the text.
    pub card: bool,
    /// An approver let it go out in quiet hours and on days off too.
    pub urgent: bool,
    pub state: BulletinState,
    /// The state in Chinese.
    pub state_text: &'static str,
    pub revision: i64,
    /// User id of the last person who wrote in it.
    pub author: String,
    pub approved_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub scheduled_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sent_at: Option<Timestamp>,
    /// A corrected text that waits for approval.
    pub correction: Option<String>,
    /// What to know or decide next, in Chinese: why it is held, or what it waits for.
    pub note: Option<String>,
    pub counts: Counts,
}

/// When to send.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Send although the same text went to the same channel within 7 days.
    #[serde(default)]
    pub force: bool,
}

/// Whether to send although the same text went out lately.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Send {
    #[serde(default)]
    pub force: bool,
}

/// Why it cannot wait.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Urgent {
    /// Stands in the audit.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub reason: String,
}

/// A corrected text.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    #[schema(min_length = 1, max_length = 20_000, pattern = r"\S")]
    pub body: String,
}

/// What one kind of channel would be sent, to the byte.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Preview {
    pub kind: ChannelKind,
    /// Chats of this kind it goes to; 0: these parts are not sent.
    pub chats: usize,
    /// In Chinese: why none is reached, and which are not reached although they are meant.
    pub missing: Vec<String>,
    /// The parts in order; each is one message. Those with `attachment` are files, with `poll` quiz polls, with `card` cards.
    #[schema(value_type = Vec<Object>)]
    pub parts: Vec<Part>,
}

impl BulletinView {
    fn of(bulletin: Bulletin, counts: Counts, note: Option<String>) -> Self {
        let content = bulletin.content;
        Self {
            id: bulletin.id,
            kind: bulletin.kind,
            title: content.title,
            number: content.number,
            summary: content.summary,
            audience_text: content.audience_text,
            effective_from: content.effective_from,
            link: content.link,
            body: content.body,
            targets: bulletin.targets,
            attachments: bulletin.attachments,
            workdays_only: bulletin.manner.workdays_only,
            pin: bulletin.manner.pin,
            card: bulletin.manner.card,
            urgent: bulletin.manner.urgent,
            state: bulletin.state,
            state_text: bulletin.state.chinese(),
            revision: bulletin.revision,
            author: bulletin.author,
            approved_by: bulletin.approval.map(|approval| approval.by),
            scheduled_at: bulletin.scheduled_at,
            sent_at: bulletin.sent_at,
            correction: bulletin.correction.map(|(body, _)| body),
            note,
            counts,
        }
    }
}

pub(super) async fn shown(state: &State, bulletin: Bulletin) -> Result<Json<BulletinView>, ApiError> {
    let counts = deliveries::counts(&mut *state.store.read().await?, Origin::Bulletin, &bulletin.id).await?;
    let note = state.broadcasts.note_on(&bulletin, counts.pending, state.clock.now());
    Ok(Json(BulletinView::of(bulletin, counts, note)))
}

fn repeat(force: bool) -> Repeat {
    if force { Repeat::Forced } else { Repeat::Refused }
}

/// The newest first.
#[utoipa::path(get, path = "/bulletins", summary = "列出通知",
    description = "新的在前；翻页用返回里的 next_cursor 作为 cursor。", tag = "bulletins", security(("token" = [])), params(PagingParameters),
    responses((status = 200, body = Page<BulletinView>), (status = 401, body = Problem)))]
pub async fn list(Extract(state): Extract<State>, staff: Staff, paging: Paging) -> Result<Json<Page<BulletinView>>, ApiError> {
    staff.require(Permission::Read)?;
    let mut conn = state.store.read().await?;
    let mut views = Vec::new();
    for bulletin in bulletins::list(&mut conn, None, &paging.after, paging.probe()).await? {
        let counts = deliveries::counts(&mut conn, Origin::Bulletin, &bulletin.id).await?;
        let note = state.broadcasts.note_on(&bulletin, counts.pending, state.clock.now());
        views.push(BulletinView::of(bulletin, counts, note));
    }
    Ok(Json(Page::of(views, &paging, |view| view.id.clone())))
}

/// Writes a draft.
#[utoipa::path(post, path = "/bulletins", summary = "写草稿",
    description = "title、body 和 targets 必填；targets 写 {\"tags\": [\"*\"]}（所有群），或 {\"channels\": [群的 id]}。要加图片或 PDF，写好草稿后用 POST /bulletins/{id}/attachments。下一步：POST /bulletins/{id}/submit。", tag = "bulletins", security(("token" = [])), request_body = Draft,
    responses((status = 201, body = BulletinView), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    staff: Staff,
    Json(draft): Json<Draft>,
) -> Result<(StatusCode, Json<BulletinView>), ApiError> {
    staff.require(Permission::WriteBulletins)?;
    require_clean(&state, [("title", Some(&*draft.title)), ("summary", Some(&*draft.summary)), ("body", Some(&*draft.body))])?;
    let bulletin = state.broadcasts.create_bulletin(draft, &Actor::from(&staff), state.clock.now()).await?;
    Ok((StatusCode::CREATED, shown(&state, bulletin).await?))
}

/// One bulletin with its counts.
#[utoipa::path(get, path = "/bulletins/{id}", summary = "看一条通知",
    description = "state 是现在的阶段，counts 是各种结果的条数：更正和撤回也各算一条，置顶不算；note 用中文说现在在等什么、要做什么。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = BulletinView), (status = 404, body = Problem)))]
pub async fn get(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<BulletinView>, ApiError> {
    staff.require(Permission::Read)?;
    let bulletin = state.broadcasts.bulletin(&id).await?;
    shown(&state, bulletin).await
}

/// Changes a draft, or an approved one, whose approval is void from then on.
#[utoipa::path(patch, path = "/bulletins/{id}", summary = "修改还没发出的通知",
    description = "没写的字段不变；修改之后原来的审核作废，要重新提交。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    request_body = Edit, responses((status = 200, body = BulletinView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn edit(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(edit): Json<Edit>,
) -> Result<Json<BulletinView>, ApiError> {
    staff.require(Permission::WriteBulletins)?;
    let texts = [("title", edit.title.as_deref()), ("summary", edit.summary.as_deref()), ("body", edit.body.as_deref())];
    require_clean(&state, texts)?;
    let bulletin = state.broadcasts.edit_bulletin(&id, edit, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, bulletin).await
}

/// What each kind of channel would be sent: equal to the bytes of the deliveries.
#[utoipa::path(get, path = "/bulletins/{id}/preview", summary = "预览每种平台收到的内容",
    description = "和实际发出的一字不差。chats 是发到几个群，0 表示这种平台这次不发；missing 说明为什么不发、哪些群收不到。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = Vec<Preview>), (status = 404, body = Problem)))]
pub async fn preview(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<Vec<Preview>>, ApiError> {
    staff.require(Permission::Read)?;
    let bulletin = state.broadcasts.bulletin(&id).await?;
    let mut previews = Vec::with_capacity(ChannelKind::TARGETS.len());
    let mut conn = state.store.read().await?;
    for kind in ChannelKind::TARGETS {
        let mut parts = state.broadcasts.preview(&bulletin, kind);
        let polls = state.broadcasts.polls(&mut conn, &bulletin, kind, state.clock.now()).await?;
        parts.extend(polls.into_iter().chain(state.broadcasts.after_text(&bulletin, kind)).map(|(_, part)| part));
        let Reach { chats, missing } = state.broadcasts.reach(&mut conn, &bulletin, kind).await?;
        previews.push(Preview { kind, chats, missing, parts });
    }
    Ok(Json(previews))
}

/// Hands a draft to the approver.
#[utoipa::path(post, path = "/bulletins/{id}/submit", summary = "提交审核",
    description = "草稿 → 待审核。不用请求体。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = BulletinView), (status = 409, body = Problem)))]
pub async fn submit(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<BulletinView>, ApiError> {
    staff.require(Permission::WriteBulletins)?;
    let bulletin = state.broadcasts.submit_bulletin(&id, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, bulletin).await
}

/// Approves what is in review or a correction that waits; never one's own text.
#[utoipa::path(post, path = "/bulletins/{id}/approve", summary = "审核通过",
    description = "只有审核人员（approver）能做，而且不能审核自己写的。有更正在等时，通过的是更正。不用请求体。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = BulletinView), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub async fn approve(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<BulletinView>, ApiError> {
    staff.require(Permission::ApproveBulletins)?;
    let bulletin = state.broadcasts.approve_bulletin(&id, None, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, bulletin).await
}

/// Sends it back to its author.
#[utoipa::path(post, path = "/bulletins/{id}/reject", summary = "退回修改",
    description = "待审核 → 草稿。不用请求体。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = BulletinView), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub async fn reject(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<BulletinView>, ApiError> {
    staff.require(Permission::ApproveBulletins)?;
    let bulletin = state.broadcasts.reject_bulletin(&id, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, bulletin).await
}

/// An approver's word that it goes out at once, in quiet hours and on days off too; never for one's own text.
#[utoipa::path(post, path = "/bulletins/{id}/urge", summary = "加急",
    description = "审核人员决定：静默时段和休息日也发；不能给自己写的加急。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    request_body = Urgent,
    responses((status = 200, body = BulletinView), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn urge(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(urgent): Json<Urgent>,
) -> Result<Json<BulletinView>, ApiError> {
    staff.require(Permission::ApproveBulletins)?;
    let bulletin = state.broadcasts.urge_bulletin(&id, &urgent.reason, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, bulletin).await
}

/// Sets its time.
#[utoipa::path(post, path = "/bulletins/{id}/schedule", summary = "排期",
    description = "at 写带时区的时间，例如 2026-12-01T09:00:00+08:00。到时自动发送。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    request_body = Schedule, responses((status = 200, body = BulletinView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn schedule(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(schedule): Json<Schedule>,
) -> Result<Json<BulletinView>, ApiError> {
    staff.require(Permission::SendBulletins)?;
    let now = state.clock.now();
    let bulletin = state.broadcasts.schedule_bulletin(&id, schedule.at, repeat(schedule.force), &Actor::from(&staff), now).await?;
    shown(&state, bulletin).await
}

/// Sends it now.
#[utoipa::path(post, path = "/bulletins/{id}/send", summary = "立即发送",
    description = "审核通过之后才能发。静默时段内先排队，时段结束就发。可以不带请求体。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    request_body(content = Option<Send>), responses((status = 200, body = BulletinView), (status = 409, body = Problem)))]
pub async fn send(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    body: Option<Json<Send>>,
) -> Result<Json<BulletinView>, ApiError> {
    staff.require(Permission::SendBulletins)?;
    let force = body.is_some_and(|Json(send)| send.force);
    let bulletin = state.broadcasts.send_bulletin(&id, repeat(force), &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, bulletin).await
}

/// Stops what has not begun.
#[utoipa::path(post, path = "/bulletins/{id}/pause", summary = "暂停",
    description = "还没发出的先不发。不用请求体。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = BulletinView), (status = 409, body = Problem)))]
pub async fn pause(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<BulletinView>, ApiError> {
    staff.require(Permission::SendBulletins)?;
    let bulletin = state.broadcasts.pause_bulletin(&id, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, bulletin).await
}

/// Goes on with what is missing, and only that.
#[utoipa::path(post, path = "/bulletins/{id}/resume", summary = "继续发送",
    description = "只发还没发出的。不用请求体。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = BulletinView), (status = 409, body = Problem)))]
pub async fn resume(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<BulletinView>, ApiError> {
    staff.require(Permission::SendBulletins)?;
    let bulletin = state.broadcasts.resume_bulletin(&id, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, bulletin).await
}

/// Gives it up: what has not begun never goes out.
#[utoipa::path(post, path = "/bulletins/{id}/cancel", summary = "取消",
    description = "没发出的不再发；已发出的不受影响，要收回请用 recall。不用请求体。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = BulletinView), (status = 409, body = Problem)))]
pub async fn cancel(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<BulletinView>, ApiError> {
    staff.require(Permission::WriteBulletins)?;
    let bulletin = state.broadcasts.cancel_bulletin(&id, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, bulletin).await
}

/// Takes back what arrived and cancels what did not.
#[utoipa::path(post, path = "/bulletins/{id}/recall", summary = "撤回",
    description = "删掉已发出的正文和附件、取消置顶；不能删的平台另发一条撤回说明。不用请求体。结果看 GET /bulletins/{id}/deliveries。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = BulletinView), (status = 409, body = Problem)))]
pub async fn recall(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<BulletinView>, ApiError> {
    staff.require(Permission::SendBulletins)?;
    let bulletin = state.broadcasts.recall_bulletin(&id, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, bulletin).await
}

/// Writes a corrected text, which waits for approval by another person.
#[utoipa::path(post, path = "/bulletins/{id}/correct", summary = "更正正文",
    description = "已发出的通知改正文；要另一位审核人员 approve 之后才生效。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    request_body = Correction, responses((status = 200, body = BulletinView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn correct(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(correction): Json<Correction>,
) -> Result<Json<BulletinView>, ApiError> {
    staff.require(Permission::WriteBulletins)?;
    require_clean(&state, [("body", Some(&*correction.body))])?;
    let bulletin = state.broadcasts.correct_bulletin(&id, &correction.body, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, bulletin).await
}
