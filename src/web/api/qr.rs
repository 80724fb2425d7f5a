//! Codes people scan: pictures for everybody, places and counts for staff.

use axum::extract::State as Extract;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::domain::code::{CodeKind, chat_link, code_of, is_code, web_link};
use crate::domain::staff::Permission;
use crate::replies;
use crate::store::audit;
use crate::store::codes::{self, Code, DayScans};
use crate::web::State;
use crate::web::api::formats::{File, PictureFormat, PictureLink};
use crate::web::extract::{Json, Path, Query};
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::qr;
use crate::web::staff::Staff;

const LEAST_PIXELS: u32 = 64;
const MOST_PIXELS: u32 = 2048;
const USUAL_PIXELS: u32 = 320;
const LONGEST_PLACE: usize = 40;

/// How the picture is wanted.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Picture {
    /// `svg` (unless told) or `png`.
    #[serde(default)]
    #[param(inline, value_type = Option<PictureFormat>)]
    pub format: Option<String>,
    /// `web` (unless told): opens in a browser; `chat`: opens in the chat with the bot.
    #[serde(default)]
    #[param(inline, value_type = Option<PictureLink>)]
    pub link: Option<String>,
    /// Least width in pixels, 64 to 2048; 320 unless told.
    #[serde(default)]
    #[param(minimum = 64, maximum = 2048)]
    pub size: Option<u32>,
    /// Where it hangs, if a code was made for that place.
    #[serde(default)]
    pub place: Option<String>,
}

/// A code to be made for a place.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCode {
    pub kind: CodeKind,
    /// Id of the document, guide, class, outing or quiz.
    pub id: String,
    /// Where it will hang, such as 2号窗口; its scans are counted apart.
    #[serde(default)]
    #[schema(max_length = 40, pattern = r"^\s*[^\x00-\x1f\x7f-\x9f]*\s*$")]
    pub place: String,
}

/// A code with its links and scans.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CodeView {
    pub code: String,
    pub kind: CodeKind,
    /// Id of what it opens.
    pub id: String,
    pub title: Option<String>,
    pub place: String,
    pub web_link: String,
    /// Null where no bot is connected.
    pub chat_link: Option<String>,
    pub scans: i64,
    /// By day, the newest first; only where one code is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<DayScans>,
}

async fn view(state: &State, code: Code, days: Vec<DayScans>) -> Result<CodeView, ApiError> {
    let target = state.conversation.target(code.kind, &code.target).await?;
    Ok(CodeView {
        web_link: web_link(&state.public_url, &code.code),
        chat_link: state.bot_name().map(|bot| chat_link(&bot, &code.code)),
        title: target.map(|target| target.title),
        kind: code.kind,
        id: code.target,
        place: code.place,
        scans: code.scans,
        code: code.code,
        days,
    })
}

/// The QR picture of a thing.
#[utoipa::path(get, path = "/qr/{kind}/{id}", summary = "取二维码图片", tag = "codes",
    params(("kind" = CodeKind, Path), ("id" = String, Path), Picture),
    responses((status = 200, content((String = "image/svg+xml"), (File = "image/png"))), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn picture(
    Extract(state): Extract<State>,
    Path((kind, id)): Path<(String, String)>,
    Query(wanted): Query<Picture>,
) -> Result<Response, ApiError> {
    let kind = CodeKind::parse(&kind).ok_or_else(|| ApiError::invalid("kind", replies::codes::wrong_kind()))?;
    let size = wanted.size.unwrap_or(USUAL_PIXELS);
    if !(LEAST_PIXELS..=MOST_PIXELS).contains(&size) {
        return Err(ApiError::invalid("size", replies::codes::wrong_size(LEAST_PIXELS, MOST_PIXELS)));
    }
    state.conversation.target(kind, &id).await?.ok_or_else(|| ApiError::no_such(kind.chinese()))?;
    let code = match wanted.place.as_deref().map(str::trim) {
        None | Some("") => registered(&state, kind, &id).await?,
        Some(place) => {
            let code = code_of(kind, &id, place);
            let known = codes::get(&mut *state.store.read().await?, &code).await?;
            known.ok_or_else(|| ApiError::NotFound(replies::codes::nothing_at_place()))?.code
        }
    };
    let link = match wanted.link.as_deref() {
        None | Some("" | "web") => web_link(&state.public_url, &code),
        Some("chat") => {
            let bot = state.bot_name().ok_or_else(|| ApiError::Conflict(replies::codes::no_bot()))?;
            chat_link(&bot, &code)
        }
        Some(_) => return Err(ApiError::invalid("link", replies::codes::wrong_link())),
    };
    let (media, bytes) = match wanted.format.as_deref() {
        None | Some("" | "svg") => ("image/svg+xml", qr::as_svg(&link, size)?.into_bytes()),
        Some("png") => ("image/png", qr::as_png(&link, size)?),
        Some(_) => return Err(ApiError::invalid("format", replies::codes::wrong_format())),
    };
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(media))], bytes).into_response())
}

/// The code of a thing that hangs nowhere in particular, registered when first wanted.
async fn registered(state: &State, kind: CodeKind, id: &str) -> Result<String, ApiError> {
    let code = code_of(kind, id, "");
    if codes::get(&mut *state.store.read().await?, &code).await?.is_some() {
        return Ok(code);
    }
    let mut tx = state.store.begin().await?;
    codes::ensure(&mut tx, kind, id, "", state.clock.now()).await?;
    tx.commit().await?;
    Ok(code)
}

/// Every code that was made, with its scans.
#[utoipa::path(get, path = "/codes", summary = "全部二维码和扫码次数", tag = "codes", security(("token" = [])), params(PagingParameters),
    responses((status = 200, body = Page<CodeView>), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub async fn list(Extract(state): Extract<State>, staff: Staff, paging: Paging) -> Result<Json<Page<CodeView>>, ApiError> {
    staff.require(Permission::Read)?;
    let found = codes::list(&mut *state.store.read().await?, &paging.after, paging.probe()).await?;
    let page = Page::of(found, &paging, |code: &Code| code.code.clone());
    let mut items = Vec::with_capacity(page.items.len());
    for code in page.items {
        items.push(view(&state, code, Vec::new()).await?);
    }
    Ok(Json(Page { items, next_cursor: page.next_cursor }))
}

/// Makes the code of a thing for a place; the same thing at the same place has one code.
#[utoipa::path(post, path = "/codes", summary = "为一件事在一处生成二维码",
    description = "同一件事在同一处只有一个码。", tag = "codes", security(("token" = [])), request_body = NewCode,
    responses((status = 201, body = CodeView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    staff: Staff,
    Json(new): Json<NewCode>,
) -> Result<(StatusCode, Json<CodeView>), ApiError> {
    staff.require(Permission::WriteCampaigns)?;
    let code = place_code(&state, &staff, &new).await?;
    Ok((StatusCode::CREATED, Json(view(&state, code, Vec::new()).await?)))
}

/// Makes a code and writes it down; shared with the console.
pub async fn place_code(state: &State, staff: &Staff, new: &NewCode) -> Result<Code, ApiError> {
    let place = new.place.trim();
    if place.chars().count() > LONGEST_PLACE || place.chars().any(char::is_control) {
        return Err(ApiError::invalid("place", replies::codes::wrong_place(LONGEST_PLACE)));
    }
    state.conversation.target(new.kind, &new.id).await?.ok_or_else(|| ApiError::no_such(new.kind.chinese()))?;
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    let code = codes::ensure(&mut tx, new.kind, &new.id, place, now).await?;
    audit::record(&mut tx, &staff.name, "code.create", &code, place, now).await?;
    let stored = codes::get(&mut tx, &code).await?.ok_or_else(|| ApiError::no_such("二维码"))?;
    tx.commit().await?;
    Ok(stored)
}

/// One code with its scans by day.
#[utoipa::path(get, path = "/codes/{id}", summary = "一个二维码每天的扫码次数", tag = "codes", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = CodeView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn get(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<CodeView>, ApiError> {
    staff.require(Permission::Read)?;
    if !is_code(&id) {
        return Err(ApiError::no_such("二维码"));
    }
    let mut conn = state.store.read().await?;
    let code = codes::get(&mut conn, &id).await?.ok_or_else(|| ApiError::no_such("二维码"))?;
    let days = codes::days(&mut conn, &id).await?;
    drop(conn);
    Ok(Json(view(&state, code, days).await?))
}
