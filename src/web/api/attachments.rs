//! Attachments of a bulletin.

use axum::extract::State as Extract;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::bulletins::{BulletinView, shown};
use crate::broadcasts::Actor;
use crate::domain::attachment::{Attachment, PDF_BYTES};
use crate::domain::staff::Permission;
use crate::replies::{bulletins as words, problems};
use crate::web::State;
use crate::web::api::formats::File;
use crate::web::extract::{Json, Path};
use crate::web::problem::{ApiError, Problem, unknown_field};
use crate::web::staff::Staff;

/// What to send: `multipart/form-data`.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only describes the form")]
pub struct AttachmentUpload {
    /// One PNG or JPEG of at most 10 MB, or PDF of at most 20 MB, with its file name. Its bytes say what it is.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Adds a file to a bulletin that has not gone out, at most five; an approval is void from then on. It is sent after the text, as a
/// message of its own: a picture that fails never holds the text back.
#[utoipa::path(post, path = "/bulletins/{id}/attachments", summary = "加附件",
    description = "表单字段 file：PNG、JPEG 最多 10 MB，PDF 最多 20 MB，一条通知最多 5 个，按文件内容认类型。加了之后原来的审核作废。附件跟在正文后面单独发，附件发不出不影响正文。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    request_body(content = AttachmentUpload, content_type = "multipart/form-data"),
    responses((status = 201, body = BulletinView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<BulletinView>), ApiError> {
    staff.require(Permission::WriteBulletins)?;
    let form = form.map_err(|_| ApiError::WrongType(problems::not_multipart()))?;
    let (name, file) = read_attachment(form).await?;
    let bulletin = state.broadcasts.attach(&id, &name, file, &Actor::from(&staff), state.clock.now()).await?;
    Ok((StatusCode::CREATED, shown(&state, bulletin).await?))
}

/// Name and bytes of the field `file`; shared with the console.
pub async fn read_attachment(mut form: Multipart) -> Result<(String, Vec<u8>), ApiError> {
    let broken = |status: StatusCode| match status {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge(PDF_BYTES),
        _ => ApiError::WrongType(problems::not_multipart()),
    };
    let mut found = None;
    while let Some(field) = form.next_field().await.map_err(|error| broken(error.status()))? {
        if field.name() != Some("file") {
            return Err(unknown_field(field.name(), "file"));
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let file = field.bytes().await.map_err(|error| broken(error.status()))?.to_vec();
        // A browser sends an empty one where nothing was chosen.
        if !file.is_empty() && found.replace((name, file)).is_some() {
            return Err(ApiError::invalid("file", words::one_attachment_at_a_time()));
        }
    }
    found.ok_or_else(|| ApiError::invalid("file", words::no_attachment()))
}

/// The file of an attachment.
#[utoipa::path(get, path = "/bulletins/{id}/attachments/{attachment}", summary = "取附件文件",
    description = "编号在通知的 attachments 里。", tag = "bulletins", security(("token" = [])),
    params(("id" = String, Path), ("attachment" = String, Path)),
    responses((status = 200, content((File = "application/pdf"), (File = "image/jpeg"), (File = "image/png"))), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn get(
    Extract(state): Extract<State>,
    staff: Staff,
    Path((id, attachment)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    staff.require(Permission::Read)?;
    let bulletin = state.broadcasts.bulletin(&id).await?;
    let (attachment, file) = state.broadcasts.attachment(&bulletin, &attachment).await?;
    served(&attachment, file)
}

/// A file as it is served: the type is what its bytes said, and its name is kept.
pub fn served(attachment: &Attachment, file: Vec<u8>) -> Result<Response, ApiError> {
    let name: String = attachment.name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let shown = HeaderValue::from_str(&format!("inline; filename*=UTF-8''{name}")).map_err(|error| ApiError::Internal(error.into()))?;
    let media = HeaderValue::from_static(attachment.media.word());
    Ok(([(header::CONTENT_TYPE, media), (header::CONTENT_DISPOSITION, shown)], file).into_response())
}

/// Takes a file off a bulletin that has not gone out; an approval is void from then on.
#[utoipa::path(delete, path = "/bulletins/{id}/attachments/{attachment}", summary = "删附件",
    description = "只能在发出之前；原来的审核作废。", tag = "bulletins", security(("token" = [])),
    params(("id" = String, Path), ("attachment" = String, Path)),
    responses((status = 200, body = BulletinView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn remove(
    Extract(state): Extract<State>,
    staff: Staff,
    Path((id, attachment)): Path<(String, String)>,
) -> Result<Json<BulletinView>, ApiError> {
    staff.require(Permission::WriteBulletins)?;
    let bulletin = state.broadcasts.detach(&id, &attachment, &Actor::from(&staff), state.clock.now()).await?;
    shown(&state, bulletin).await
}
