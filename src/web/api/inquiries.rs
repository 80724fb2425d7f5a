//! Questions handed to a person: the queue, what was said, and the steps staff take.

use axum::extract::State as Extract;
use serde::{Deserialize, Serialize};

use crate::desk::{self, Answer, By, LONGEST};
use crate::domain::inquiry::InquiryState;
use crate::domain::staff::Permission;
use crate::replies::desk as words;
use crate::store::inquiries::{self, Inquiry};
use crate::store::inquiry_messages::{self, InquiryMessage};
use crate::web::State;
use crate::web::api::formats::WantedInquiry;
use crate::web::extract::{Json, Path, Query};
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// Which inquiries to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Waiting where nothing is said.
    #[serde(default)]
    #[param(inline, value_type = Option<WantedInquiry>)]
    pub state: Option<String>,
}

/// An inquiry and everything said in it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InquiryView {
    #[serde(flatten)]
    pub inquiry: Inquiry,
    pub messages: Vec<InquiryMessage>,
}

/// A person's answer.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffAnswer {
    #[schema(min_length = 1, max_length = 3000, pattern = r"\S")]
    pub text: String,
}

/// Whom it goes to.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// A colleague's name, or a type of tax.
    #[schema(min_length = 1, max_length = 40, pattern = r"\S")]
    pub to: String,
}

/// The inquiries in one state, in order of their coming.
#[utoipa::path(get, path = "/inquiries", summary = "某一状态的人工咨询，按先后", tag = "inquiries", security(("token" = [])), params(Which, PagingParameters),
    responses((status = 200, body = Page<Inquiry>), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub async fn list(
    Extract(state): Extract<State>,
    staff: Staff,
    Query(which): Query<Which>,
    paging: Paging,
) -> Result<Json<Page<Inquiry>>, ApiError> {
    staff.require(Permission::Read)?;
    let wanted = match which.state.as_deref() {
        None | Some("") => InquiryState::Waiting,
        Some(word) => InquiryState::parse(word).ok_or_else(|| ApiError::invalid("state", words::wrong_state()))?,
    };
    let found = inquiries::list(&mut *state.store.read().await?, wanted, &paging.after, paging.probe()).await?;
    Ok(Json(Page::of(found, &paging, |inquiry| inquiry.id.clone())))
}

/// One inquiry with everything said in it.
#[utoipa::path(get, path = "/inquiries/{id}", summary = "一次人工咨询的全部对话", tag = "inquiries", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = InquiryView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn get(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<InquiryView>, ApiError> {
    staff.require(Permission::Read)?;
    let mut conn = state.store.read().await?;
    let inquiry = inquiries::get(&mut conn, &id).await?.ok_or_else(|| ApiError::no_such("咨询"))?;
    let messages = inquiry_messages::said(&mut conn, &id).await?;
    Ok(Json(InquiryView { inquiry, messages }))
}

/// Takes a waiting inquiry over: the bot is silent from here on.
#[utoipa::path(post, path = "/inquiries/{id}/take", summary = "接待：机器人从此不作声", tag = "inquiries", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = Inquiry), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn take(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<Inquiry>, ApiError> {
    staff.require(Permission::Answer)?;
    let mut tx = state.store.begin().await?;
    let inquiry = desk::take(&mut tx, &id, By::console(&staff.name), state.clock.now()).await?;
    tx.commit().await?;
    Ok(Json(inquiry))
}

/// Answers the asker under one's own name; a waiting inquiry is taken by it.
#[utoipa::path(post, path = "/inquiries/{id}/answers", summary = "以自己的名义回答",
    description = "还在等候的咨询，回答即接待。", tag = "inquiries", security(("token" = [])), params(("id" = String, Path)),
    request_body = StaffAnswer,
    responses((status = 200, body = Inquiry), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn answer(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(answer): Json<StaffAnswer>,
) -> Result<Json<Inquiry>, ApiError> {
    staff.require(Permission::Answer)?;
    if answer.text.chars().count() > LONGEST {
        return Err(ApiError::invalid("text", words::too_long(LONGEST)));
    }
    let said = Answer { text: &answer.text, once: None };
    let mut tx = state.store.begin().await?;
    let inquiry = desk::answer(&mut tx, &id, By::console(&staff.name), said, state.clock.now()).await?;
    tx.commit().await?;
    Ok(Json(inquiry))
}

/// Hands an inquiry to a colleague, or back into the queue of a type of tax.
#[utoipa::path(post, path = "/inquiries/{id}/transfer", summary = "转给同事，或退回某一税种的等候", tag = "inquiries", security(("token" = [])), params(("id" = String, Path)),
    request_body = Transfer,
    responses((status = 200, body = Inquiry), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn transfer(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(transfer): Json<Transfer>,
) -> Result<Json<Inquiry>, ApiError> {
    staff.require(Permission::Answer)?;
    let mut tx = state.store.begin().await?;
    let inquiry = desk::transfer(&mut tx, &id, By::console(&staff.name), &transfer.to, state.clock.now()).await?;
    tx.commit().await?;
    Ok(Json(inquiry))
}

/// Closes an inquiry; the asker is asked for a rating.
#[utoipa::path(post, path = "/inquiries/{id}/close", summary = "结束咨询，并请咨询人评价", tag = "inquiries",
    security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = Inquiry), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn close(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<Inquiry>, ApiError> {
    staff.require(Permission::Answer)?;
    let mut tx = state.store.begin().await?;
    let inquiry = desk::close(&mut tx, &id, By::console(&staff.name), state.clock.now()).await?;
    tx.commit().await?;
    Ok(Json(inquiry))
}

/// Opens a closed inquiry that was not rated again, and takes it over.
#[utoipa::path(post, path = "/inquiries/{id}/reopen", summary = "重新打开已办结、还没评价的咨询",
    description = "打开后由自己接待。", tag = "inquiries", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = Inquiry), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn reopen(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<Inquiry>, ApiError> {
    staff.require(Permission::Answer)?;
    let mut tx = state.store.begin().await?;
    let inquiry = desk::reopen(&mut tx, &id, By::console(&staff.name), state.clock.now()).await?;
    tx.commit().await?;
    Ok(Json(inquiry))
}
