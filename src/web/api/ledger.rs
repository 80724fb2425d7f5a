//! The ledger of opinions and suggestions, and what people think of the service. Anybody may propose, and look their own number up.

use axum::extract::State as Extract;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::desk::ledger::{self, Proposer, Step};
use crate::domain::channel::ChannelKind;
use crate::domain::ledger::{LOW_RATING, LedgerItem, LedgerStep, Stage, read_number};
use crate::domain::staff::{Actor, Permission};
use crate::domain::time::Timestamp;
use crate::replies::{ledger as words, problems};
use crate::store::ledger_items::{self as items, Filter};
use crate::store::ratings::{self, LowRating, Ratings};
use crate::web::State;
use crate::web::api::formats::{File, LedgerFormat, OnlyThose, WantedStage};
use crate::web::asking::checked_session;
use crate::web::extract::{Json, Path, Query};
use crate::web::ledger_files::{self, WORKBOOK};
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;
use crate::web::visitors::visitor;

/// Days the ratings are counted over.
const RATED_DAYS: u64 = 90;
pub const LOW_LISTED: i64 = 50;

/// An opinion or a suggestion.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSuggestion {
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", example = "大厅能不能加个儿童座椅")]
    pub text: String,
    /// Any name for the visit, up to 64 letters and digits; with it the number can be looked up later.
    #[serde(default)]
    #[schema(max_length = 64, pattern = r"^[A-Za-z0-9_-]*$")]
    pub session: Option<String>,
}

/// What the proposer gets.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Receipt {
    pub number: String,
    pub stage: Stage,
    /// The last day to answer; null where the working calendar of that year is not loaded.
    pub due_on: Option<NaiveDate>,
    /// What was answered; empty before.
    pub answer: String,
}

/// Whose number it is.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Whose {
    /// The name of the visit it was proposed in.
    #[serde(default)]
    #[param(max_length = 64, pattern = r"^[A-Za-z0-9_-]*$")]
    pub session: Option<String>,
}

/// Which items to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// received, accepted, handling, answered or closed; all where nothing is said.
    #[serde(default)]
    #[param(inline, value_type = Option<WantedStage>)]
    pub stage: Option<String>,
    /// Name of the owner.
    #[serde(default)]
    pub owner: Option<String>,
    /// `true`: only those whose last day has passed.
    #[serde(default)]
    #[param(inline, value_type = Option<OnlyThose>)]
    pub overdue: Option<String>,
}

/// What the file is.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Format {
    /// csv or xlsx; csv where nothing is said.
    #[serde(default)]
    #[param(inline, value_type = Option<LedgerFormat>)]
    pub format: Option<String>,
}

/// An item with its steps.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LedgerItemView)]
pub struct ItemView {
    #[serde(flatten)]
    pub item: LedgerItem,
    pub steps: Vec<LedgerStep>,
}

/// A step: a stage further, another owner, another last day, or a note.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepIn {
    #[serde(default)]
    pub stage: Option<Stage>,
    /// What was done; for the stage `answered`, what the proposer is told.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub note: String,
    /// Name of a staff user who sees to it from now on.
    #[serde(default)]
    pub owner: Option<String>,
    #[serde(default)]
    pub due_on: Option<NaiveDate>,
}

/// What people think of the service, over the last 90 days.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RatingsView {
    #[serde(flatten)]
    pub ratings: Ratings,
    /// Ratings of one or two stars, the latest first, each with the number of its ledger item.
    pub low: Vec<LowRating>,
}

impl From<LedgerItem> for Receipt {
    fn from(item: LedgerItem) -> Self {
        Self { number: item.number, stage: item.stage, due_on: item.due_on, answer: item.answer }
    }
}

/// Takes a suggestion up from the web; `person` is what its number is looked up with.
pub async fn suggest(state: &State, text: &str, person: &str) -> Result<LedgerItem, ApiError> {
    let masked = state.answering.without_secrets(text);
    let proposer = Proposer { channel: ChannelKind::Web.word(), person, channel_id: None };
    let mut tx = state.store.begin().await?;
    let item = ledger::suggest(&mut tx, proposer, &masked, &state.broadcasts.calendar(), state.clock.now()).await?;
    tx.commit().await?;
    Ok(item)
}

/// Reads what is wanted of the list.
pub fn filter(wanted: &Wanted, today: NaiveDate) -> Result<Filter, ApiError> {
    let stage = match wanted.stage.as_deref() {
        None | Some("") => None,
        Some(word) => Some(Stage::parse(word).ok_or_else(|| ApiError::invalid("stage", words::wrong_stage()))?),
    };
    let overdue = match wanted.overdue.as_deref() {
        None | Some("" | "false") => false,
        Some("true") => true,
        Some(other) => return Err(ApiError::invalid("overdue", problems::wrong_word(other, "true、false"))),
    };
    let owner = wanted.owner.as_deref().unwrap_or_default().trim().to_owned();
    Ok(Filter { stage, owner, overdue_on: overdue.then_some(today) })
}

/// The ratings since 90 days before `now`.
pub async fn rated(state: &State, now: Timestamp) -> Result<RatingsView, ApiError> {
    let since = now.minus(std::time::Duration::from_secs(RATED_DAYS * 24 * 3_600));
    let mut conn = state.store.read().await?;
    let ratings = ratings::since(&mut conn, since).await?;
    let low = ratings::low(&mut conn, LOW_RATING, since, LOW_LISTED).await?;
    Ok(RatingsView { ratings, low })
}

/// Proposes something, or complains; the receipt names the number.
#[utoipa::path(post, path = "/ledger", summary = "提意见或建议，返回受理编号", tag = "ledger", request_body = NewSuggestion,
    responses((status = 201, body = Receipt), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    extensions: Extensions,
    Json(new): Json<NewSuggestion>,
) -> Result<(StatusCode, Json<Receipt>), ApiError> {
    let person = checked_session(new.session.as_deref().unwrap_or_default())?;
    state.visitors.count(visitor(&headers, &extensions), state.clock.now())?;
    let item = suggest(&state, &new.text, person).await?;
    Ok((StatusCode::CREATED, Json(item.into())))
}

/// Where one's own item stands. Somebody else's number is as good as none.
#[utoipa::path(get, path = "/ledger/numbers/{number}", summary = "凭编号查自己的意见办到哪了",
    description = "别人的编号查不到。", tag = "ledger", params(("number" = String, Path, description = "受理编号，例如 JY-2026-0001"), Whose),
    responses((status = 200, body = Receipt), (status = 404, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn look_up(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    extensions: Extensions,
    Path(number): Path<String>,
    Query(whose): Query<Whose>,
) -> Result<Json<Receipt>, ApiError> {
    let person = checked_session(whose.session.as_deref().unwrap_or_default())?;
    state.visitors.count(visitor(&headers, &extensions), state.clock.now())?;
    let unknown = || ApiError::NotFound(words::not_yours());
    let number = read_number(&number).ok_or_else(unknown)?;
    let item = items::own(&mut *state.store.read().await?, &number, ChannelKind::Web.word(), person).await?.ok_or_else(unknown)?;
    Ok(Json(item.into()))
}

/// The ledger, the newest first.
#[utoipa::path(get, path = "/ledger", summary = "意见建议台账，新的在前", tag = "ledger", security(("token" = [])), params(Wanted, PagingParameters),
    responses((status = 200, body = Page<LedgerItem>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn list(
    Extract(state): Extract<State>,
    staff: Staff,
    Query(wanted): Query<Wanted>,
    paging: Paging,
) -> Result<Json<Page<LedgerItem>>, ApiError> {
    staff.require(Permission::Read)?;
    let filter = filter(&wanted, state.clock.now().date())?;
    let found = items::list(&mut *state.store.read().await?, &filter, &paging.after, paging.probe()).await?;
    Ok(Json(Page::of(found, &paging, |item| item.id.clone())))
}

/// One item with its steps; its id or its number.
#[utoipa::path(get, path = "/ledger/{id}", summary = "一件意见和它的办理过程",
    description = "用编号或受理编号都可以。", tag = "ledger", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = ItemView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn get(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<ItemView>, ApiError> {
    staff.require(Permission::Read)?;
    Ok(Json(view(&state, &id).await?))
}

/// An item and its steps.
pub async fn view(state: &State, id: &str) -> Result<ItemView, ApiError> {
    let mut conn = state.store.read().await?;
    let item = items::get(&mut conn, id).await?.ok_or_else(|| ApiError::no_such("台账事项"))?;
    let steps = items::steps(&mut conn, &item.id).await?;
    Ok(ItemView { item, steps })
}

/// Takes a step of an item: accept, handle, answer (which the proposer is told), close; or names another owner or last day.
#[utoipa::path(post, path = "/ledger/{id}/steps", summary = "办理一步：受理、办理、答复、办结，或改经办人、期限",
    description = "答复会告诉提出人。", tag = "ledger", security(("token" = [])), params(("id" = String, Path)), request_body = StepIn,
    responses((status = 200, body = LedgerItem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn step(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(step): Json<StepIn>,
) -> Result<Json<LedgerItem>, ApiError> {
    staff.require(Permission::Answer)?;
    let step = Step { stage: step.stage, note: step.note, owner: step.owner.unwrap_or_default(), due_on: step.due_on };
    let mut tx = state.store.begin().await?;
    let item = ledger::step(&mut tx, &id, &step, &Actor::from(&staff), state.clock.now()).await?;
    tx.commit().await?;
    Ok(Json(item))
}

/// The ledger as a file for a spreadsheet.
#[utoipa::path(get, path = "/ledger/file", summary = "台账表格文件", tag = "ledger", security(("token" = [])), params(Wanted, Format),
    responses((status = 200, content((String = "text/csv"), (File = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 422, body = Problem)))]
pub async fn download(
    Extract(state): Extract<State>,
    staff: Staff,
    Query(wanted): Query<Wanted>,
    Query(format): Query<Format>,
) -> Result<Response, ApiError> {
    staff.require(Permission::Read)?;
    file(&state, &wanted, format.format.as_deref().unwrap_or("csv")).await
}

/// The items that are wanted, as a file.
pub async fn file(state: &State, wanted: &Wanted, format: &str) -> Result<Response, ApiError> {
    const AT_ONCE: i64 = 500;
    let today = state.clock.now().date();
    let filter = filter(wanted, today)?;
    let mut found: Vec<LedgerItem> = Vec::new();
    loop {
        let before = found.last().map(|item| item.id.clone()).unwrap_or_default();
        let more = items::list(&mut *state.store.read().await?, &filter, &before, AT_ONCE).await?;
        if more.is_empty() {
            break;
        }
        found.extend(more);
    }
    let (media, bytes) = match format {
        "" | "csv" => ("text/csv; charset=utf-8", ledger_files::csv(&found, today).into_bytes()),
        "xlsx" => (WORKBOOK, ledger_files::workbook(&found, today).map_err(|error| ApiError::Internal(error.into()))?),
        other => return Err(ApiError::invalid("format", problems::wrong_word(other, "csv、xlsx"))),
    };
    let ending = if format == "xlsx" { "xlsx" } else { "csv" };
    let name = HeaderValue::from_str(&format!("attachment; filename=\"ledger-{today}.{ending}\""));
    let name = name.map_err(|error| ApiError::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(media)), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}

/// What people think of the service: 服务评价, and 有用 or 无用, over the last 90 days.
#[utoipa::path(get, path = "/ratings", summary = "最近 90 天的服务评价", tag = "ledger", security(("token" = [])),
    responses((status = 200, body = RatingsView), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn ratings_view(Extract(state): Extract<State>, staff: Staff) -> Result<Json<RatingsView>, ApiError> {
    staff.require(Permission::Read)?;
    Ok(Json(rated(&state, state.clock.now()).await?))
}
