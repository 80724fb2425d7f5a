//! Outings of a promotion month: what was counted, and photos.

use axum::extract::State as Extract;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::broadcasts::Actor;
use crate::broadcasts::outings::{Outing, PHOTO_BYTES};
use crate::domain::staff::Permission;
use crate::replies::{campaigns as words, problems};
use crate::store::outings::{OutingResult, Photo};
use crate::web::State;
use crate::web::api::formats::File;
use crate::web::extract::{Json, Path};
use crate::web::problem::{ApiError, Problem, unknown_field};
use crate::web::staff::Staff;

/// An outing with what came of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OutingView {
    pub id: String,
    pub campaign: String,
    pub title: String,
    #[schema(value_type = Option<String>, format = Date)]
    pub date: Option<NaiveDate>,
    pub time: String,
    pub place: Option<String>,
    /// Who goes.
    pub staff: Vec<String>,
    /// What is taken along.
    pub materials: Vec<String>,
    pub result: Option<OutingResult>,
    pub photos: Vec<PhotoView>,
}

/// A photo; its picture is at `/photos/{id}`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PhotoView {
    pub id: String,
    pub media: String,
    pub bytes: i64,
    pub caption: String,
}

/// What was counted.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// People who came by, 0 to 1000000.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub visitors: i64,
    /// People who asked something.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub inquiries: i64,
    /// Materials given away.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub handouts: i64,
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub note: String,
}

/// What to send: `multipart/form-data`.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only describes the form")]
pub struct PhotoUpload {
    /// One JPEG or PNG of at most 8 MB.
    #[schema(value_type = String, format = Binary)]
    photo: Vec<u8>,
    /// At most 100 characters.
    #[serde(default)]
    #[schema(nullable = false, max_length = 100)]
    caption: Option<String>,
}

impl From<Outing> for OutingView {
    fn from(outing: Outing) -> Self {
        let Outing { stored, result, photos } = outing;
        let date = stored.date();
        Self {
            id: stored.id,
            campaign: stored.campaign_id,
            title: stored.item.title,
            date,
            time: stored.item.time,
            place: stored.item.place,
            staff: stored.item.staff,
            materials: stored.item.materials,
            result,
            photos: photos.into_iter().map(PhotoView::from).collect(),
        }
    }
}

impl From<Photo> for PhotoView {
    fn from(photo: Photo) -> Self {
        Self { id: photo.id, media: photo.media, bytes: photo.bytes, caption: photo.caption }
    }
}

/// One outing.
#[utoipa::path(get, path = "/outings/{id}", summary = "一次外出宣传", tag = "campaigns", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = OutingView), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn get(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<OutingView>, ApiError> {
    staff.require(Permission::Read)?;
    Ok(Json(state.broadcasts.outing(&id).await?.into()))
}

/// Writes what was counted, from the outing's day on; a second time replaces the first.
#[utoipa::path(post, path = "/outings/{id}/result", summary = "填写外出宣传的结果",
    description = "外出当天起可以填，再填一次就替换前一次。", tag = "campaigns", security(("token" = [])), params(("id" = String, Path)),
    request_body = Counted,
    responses((status = 200, body = OutingView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn record(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(counted): Json<Counted>,
) -> Result<Json<OutingView>, ApiError> {
    staff.require(Permission::WriteCampaigns)?;
    let Counted { visitors, inquiries, handouts, note } = counted;
    let result = OutingResult { visitors, inquiries, handouts, note };
    Ok(Json(state.broadcasts.record_outing(&id, result, &Actor::from(&staff), state.clock.now()).await?.into()))
}

/// Keeps a photo.
#[utoipa::path(post, path = "/outings/{id}/photos", summary = "上传照片", tag = "campaigns", security(("token" = [])), params(("id" = String, Path)),
    request_body(content = PhotoUpload, content_type = "multipart/form-data"),
    responses((status = 201, body = PhotoView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub async fn add_photo(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<PhotoView>), ApiError> {
    staff.require(Permission::WriteCampaigns)?;
    let form = form.map_err(|_| ApiError::WrongType(problems::not_multipart()))?;
    let (picture, caption) = read_photo(form).await?;
    let photo = state.broadcasts.add_photo(&id, &picture, &caption, &Actor::from(&staff), state.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(photo.into())))
}

/// Picture and caption of a form; shared with the console.
pub async fn read_photo(mut form: Multipart) -> Result<(Vec<u8>, String), ApiError> {
    let (mut picture, mut caption) = (None, String::new());
    let broken = |status: StatusCode| match status {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge(PHOTO_BYTES),
        _ => ApiError::WrongType(problems::not_multipart()),
    };
    while let Some(field) = form.next_field().await.map_err(|error| broken(error.status()))? {
        match field.name() {
            Some("photo") => picture = Some(field.bytes().await.map_err(|error| broken(error.status()))?.to_vec()),
            Some("caption") => caption = field.text().await.map_err(|error| broken(error.status()))?,
            name => return Err(unknown_field(name, "photo、caption")),
        }
    }
    let picture = picture.filter(|picture| !picture.is_empty()).ok_or_else(|| ApiError::invalid("photo", words::no_photo()))?;
    Ok((picture, caption))
}

/// The picture of a photo.
#[utoipa::path(get, path = "/photos/{id}", summary = "取照片", tag = "campaigns", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, content((File = "image/jpeg"), (File = "image/png"), (File = "image/webp"))), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn photo(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Response, ApiError> {
    staff.require(Permission::Read)?;
    picture(&state, &id).await
}

/// A picture as it is served; the type is what its bytes say.
pub async fn picture(state: &State, id: &str) -> Result<Response, ApiError> {
    served(state.broadcasts.photo(id).await?)
}

/// A picture of this kind as an answer.
pub fn served((photo, bytes): (Photo, Vec<u8>)) -> Result<Response, ApiError> {
    let media = HeaderValue::from_str(&photo.media).map_err(|error| ApiError::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, media)], bytes).into_response())
}

/// Takes a photo away for good.
#[utoipa::path(delete, path = "/photos/{id}", summary = "彻底删除照片", tag = "campaigns", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn remove_photo(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    staff.require(Permission::WriteCampaigns)?;
    state.broadcasts.remove_photo(&id, &Actor::from(&staff), state.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
