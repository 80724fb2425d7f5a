//! Questions without a good answer, grouped by likeness: the list, and the way from a group to a verified answer.

use axum::extract::State as Extract;
use serde::{Deserialize, Serialize};

use crate::domain::gap::{Gap, GapDraft, GapState, Wording};
use crate::domain::staff::{Actor, Permission};
use crate::gaps::{NewDraft, PassageRef};
use crate::replies::{gaps as words, problems};
use crate::store::gaps::{self, Which};
use crate::store::{gap_answers, gap_moves};
use crate::web::State;
use crate::web::api::formats::WantedState;
use crate::web::extract::{Json, Path, Query};
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// Wordings shown with a gap.
pub const WORDINGS: i64 = 50;

/// Which gaps to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// open, drafting, published, dismissed; or to_do, which is the first two and what is listed where nothing is said.
    #[serde(default)]
    #[param(inline, value_type = Option<WantedState>)]
    pub state: Option<String>,
}

/// A gap with everything around it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct GapView {
    #[serde(flatten)]
    pub gap: Gap,
    /// The ways people put it, the most used first; at most 50.
    pub wordings: Vec<Wording>,
    /// How many there are in all.
    pub many_wordings: i64,
    /// The answer that waits for approval.
    pub draft: Option<GapDraft>,
}

/// The draft of an answer.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftIn {
    /// The question in words that stand for all wordings.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    pub question: String,
    /// Plain sentences; every figure must stand in the passages.
    #[schema(min_length = 1, max_length = 1500, pattern = r"\S")]
    pub answer: String,
    /// What it rests on: 1 to 12 passages.
    #[schema(min_items = 1, max_items = 12)]
    pub passages: Vec<PassageIn>,
}

/// A passage by its place.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PassageIn {
    /// Id of the document.
    pub document: String,
    /// Place within the document, from 0.
    pub passage: u32,
}

/// An approval of exactly one revision.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    pub revision: i64,
    /// In whose name; the configured unit where nothing is said.
    #[serde(default)]
    #[schema(max_length = 40)]
    pub unit: Option<String>,
}

/// Why.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Why {
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub reason: String,
}

/// Where to.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeIn {
    /// Id of the group it is put into.
    #[schema(min_length = 1, max_length = 64)]
    pub into: String,
}

/// What is taken out.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitIn {
    /// One of the group's wordings, character by character; not the one the group is called by.
    #[schema(min_length = 1, max_length = 2000)]
    pub wording: String,
}

/// What the word of a list means.
pub fn which(state: Option<&str>) -> Result<Which, ApiError> {
    match state {
        None | Some("" | "to_do") => Ok(Which::ToDo),
        Some(word) => GapState::parse(word).map(Which::Of).ok_or_else(|| ApiError::invalid("state", words::wrong_state())),
    }
}

/// Groups what came in since the last turn, so that a list is never behind. Where that cannot be done, the list is as it was.
pub async fn catch_up(state: &State) {
    if let Err(error) = state.gaps.catch_up_a_little(state.clock.now()).await {
        tracing::warn!(error = format!("{error:#}"), "new gaps could not be grouped; they are at the next turn");
    }
}

/// A gap and what stands around it; one that was merged into another is found there.
pub async fn view(state: &State, id: &str) -> Result<GapView, ApiError> {
    let mut conn = state.store.read().await?;
    let merged = gap_moves::merged_into(&mut conn, id).await?;
    let id = merged.as_deref().unwrap_or(id);
    let gap = gaps::get(&mut conn, id).await?.ok_or_else(|| ApiError::no_such("待补问题"))?;
    let wordings = gaps::wordings(&mut conn, id, WORDINGS).await?;
    let many_wordings = gaps::many_wordings(&mut conn, id).await?;
    let draft = gap_answers::draft(&mut conn, id).await?;
    Ok(GapView { gap, wordings, many_wordings, draft })
}

/// The questions that found no answer, whose answer did not help, or that went to a person: like ones together, the most asked first.
#[utoipa::path(get, path = "/gaps", summary = "没答上的问题，问得多的在前", tag = "gaps", security(("token" = [])), params(Wanted, PagingParameters),
    responses((status = 200, body = Page<Gap>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn list(
    Extract(state): Extract<State>,
    staff: Staff,
    Query(wanted): Query<Wanted>,
    paging: Paging,
) -> Result<Json<Page<Gap>>, ApiError> {
    staff.require(Permission::Read)?;
    // Counts change while one reads on: the cursor is a place in the list.
    let from: i64 = match paging.after.as_str() {
        "" => 0,
        text => text.parse().ok().filter(|from| *from >= 0).ok_or_else(|| ApiError::NotFound(problems::wrong_cursor()))?,
    };
    let which = which(wanted.state.as_deref())?;
    catch_up(&state).await;
    let found = gaps::list(&mut *state.store.read().await?, which, from, paging.probe()).await?;
    Ok(Json(Page::of(found, &paging, |_| (from.saturating_add(paging.limit)).to_string())))
}

/// One gap with the ways it was asked and the draft that waits.
#[utoipa::path(get, path = "/gaps/{id}", summary = "一个问题的各种问法和待审的答复", tag = "gaps", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = GapView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn get(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<GapView>, ApiError> {
    staff.require(Permission::Read)?;
    Ok(Json(view(&state, &id).await?))
}

/// Drafts the answer for another person to approve. A figure that stands in none of the passages is refused.
#[utoipa::path(post, path = "/gaps/{id}/draft", summary = "写答复，交另一个人审核",
    description = "答复里的数字必须在引用的段落里有，否则拒绝。", tag = "gaps", security(("token" = [])), params(("id" = String, Path)), request_body = DraftIn,
    responses((status = 200, body = GapDraft), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn draft(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(draft): Json<DraftIn>,
) -> Result<Json<GapDraft>, ApiError> {
    staff.require(Permission::Answer)?;
    let place =
        |passage: PassageIn| PassageRef { document: passage.document, passage: usize::try_from(passage.passage).unwrap_or(usize::MAX) };
    let new = NewDraft { question: draft.question, answer: draft.answer, passages: draft.passages.into_iter().map(place).collect() };
    Ok(Json(state.gaps.draft(&id, &new, &Actor::from(&staff), state.clock.now()).await?))
}

/// Approves a draft of another: it is published as a verified answer, and those who asked are told.
#[utoipa::path(post, path = "/gaps/{id}/approve", summary = "审核通过别人写的答复并告诉问过的人",
    description = "不能审核自己写的；通过后成为审定答复并发布。", tag = "gaps", security(("token" = [])), params(("id" = String, Path)), request_body = Approval,
    responses((status = 200, body = Gap), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn approve(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(approval): Json<Approval>,
) -> Result<Json<Gap>, ApiError> {
    staff.require(Permission::ApproveBulletins)?;
    let unit = approval.unit.unwrap_or_default();
    let gap = state.gaps.approve(&id, approval.revision, &unit, &Actor::from(&staff), state.clock.now()).await?;
    state.freshness.refresh_if_changed().await?;
    Ok(Json(gap))
}

/// Sends a draft back to its author.
#[utoipa::path(post, path = "/gaps/{id}/return", summary = "把答复退回给写的人", tag = "gaps", security(("token" = [])), params(("id" = String, Path)), request_body = Why,
    responses((status = 200, body = GapDraft), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn give_back(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(why): Json<Why>,
) -> Result<Json<GapDraft>, ApiError> {
    staff.require(Permission::ApproveBulletins)?;
    Ok(Json(state.gaps.give_back(&id, &why.reason, &Actor::from(&staff), state.clock.now()).await?))
}

/// Takes a gap off the list, with a reason; it comes back when it has grown as much again.
#[utoipa::path(post, path = "/gaps/{id}/dismiss", summary = "移出列表，写明原因",
    description = "以后又问了同样多次，会再回到列表。", tag = "gaps", security(("token" = [])), params(("id" = String, Path)), request_body = Why,
    responses((status = 200, body = Gap), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn dismiss(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(why): Json<Why>,
) -> Result<Json<Gap>, ApiError> {
    staff.require(Permission::Answer)?;
    Ok(Json(state.gaps.dismiss(&id, &why.reason, &Actor::from(&staff), state.clock.now()).await?))
}

/// Puts a dismissed gap back on the list.
#[utoipa::path(post, path = "/gaps/{id}/reopen", summary = "放回列表", tag = "gaps", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = Gap), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn reopen(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<Gap>, ApiError> {
    staff.require(Permission::Answer)?;
    Ok(Json(state.gaps.reopen(&id, &Actor::from(&staff), state.clock.now()).await?))
}

/// Takes a verified answer out of use; those who follow it are told.
#[utoipa::path(post, path = "/gaps/{id}/withdraw", summary = "停用审定答复并告诉关注的人", tag = "gaps", security(("token" = [])), params(("id" = String, Path)), request_body = Why,
    responses((status = 200, body = Gap), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn withdraw(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(why): Json<Why>,
) -> Result<Json<Gap>, ApiError> {
    staff.require(Permission::ApproveBulletins)?;
    let gap = state.gaps.withdraw(&id, &why.reason, &Actor::from(&staff), state.clock.now()).await?;
    state.freshness.refresh_if_changed().await?;
    Ok(Json(gap))
}

/// Puts a group that has no answer into another that asks the same; its old address leads there. Where that one is answered, those who
/// asked are told. Done again, nothing changes.
#[utoipa::path(post, path = "/gaps/{id}/merge", summary = "并入问同一件事的另一组",
    description = "并入的组还没有答复才行，原来的地址会指到新的组；那一组已有答复的，会告诉问过的人。重复提交没有影响。", tag = "gaps", security(("token" = [])), params(("id" = String, Path)), request_body = MergeIn,
    responses((status = 200, body = Gap), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn merge(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(to): Json<MergeIn>,
) -> Result<Json<Gap>, ApiError> {
    staff.require(Permission::Answer)?;
    Ok(Json(state.gaps.merge(&id, &to.into, &Actor::from(&staff), state.clock.now()).await?))
}

/// Takes a wording, with all who asked in it, out into a group of its own; the new group. Done again, nothing changes.
#[utoipa::path(post, path = "/gaps/{id}/split", summary = "把一种问法分出去单独成组",
    description = "这种问法和用它问过的人一起分出去，返回新的组。重复提交没有影响。", tag = "gaps", security(("token" = [])), params(("id" = String, Path)), request_body = SplitIn,
    responses((status = 200, body = Gap), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn split(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(out): Json<SplitIn>,
) -> Result<Json<Gap>, ApiError> {
    staff.require(Permission::Answer)?;
    Ok(Json(state.gaps.split(&id, &out.wording, &Actor::from(&staff), state.clock.now()).await?))
}
