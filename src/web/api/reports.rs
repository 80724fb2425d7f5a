//! The report of a promotion month: to read, to file away, and as a bulletin to the management's groups.

use std::io::Cursor;

use axum::extract::State as Extract;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use image::{ImageFormat, ImageReader};
use serde::{Deserialize, Serialize};

use crate::broadcasts::Actor;
use crate::broadcasts::outings::SMALL;
use crate::domain::bulletin::BulletinState;
use crate::domain::report::CampaignReport;
use crate::domain::staff::Permission;
use crate::replies::{problems, reports as words};
use crate::web::State;
use crate::web::api::formats::{File, ReportFormat};
use crate::web::extract::{Json, Path, Query};
use crate::web::ledger_files::WORKBOOK;
use crate::web::problem::{ApiError, Problem};
use crate::web::report_document::{self, Picture};
use crate::web::report_files;
use crate::web::staff::Staff;

const DOCUMENT: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// Two rows of two on a page.
const PHOTOS_AN_OUTING: usize = 4;

/// The form the report is wanted in.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Form {
    /// `json` (unless told), `xlsx` or `docx`.
    #[serde(default)]
    #[param(inline, value_type = Option<ReportFormat>)]
    pub format: Option<String>,
}

/// The bulletin drafted for a report.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Drafted {
    pub bulletin: String,
    pub state: BulletinState,
}

/// The report as it stands now.
#[utoipa::path(get, path = "/campaigns/{id}/report", summary = "活动总结（到现在为止）", tag = "campaigns", security(("token" = [])), params(("id" = String, Path), Form),
    responses((status = 200, content((CampaignReport = "application/json"), (File = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (File = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"))), (status = 401, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn get(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Query(form): Query<Form>,
) -> Result<Response, ApiError> {
    staff.require(Permission::Read)?;
    let report = state.broadcasts.campaign_report(&id, state.clock.now()).await?;
    match form.format.as_deref() {
        None | Some("" | "json") => Ok(Json(report).into_response()),
        Some(format) => file(&state, &report, format).await,
    }
}

/// The report as a file to download.
pub async fn file(state: &State, report: &CampaignReport, format: &str) -> Result<Response, ApiError> {
    let (media, bytes) = match format {
        "xlsx" => (WORKBOOK, report_files::workbook(report).map_err(|error| ApiError::Internal(error.into()))?),
        "docx" => {
            let (pictures, left_out) = pictures(state, report).await;
            (DOCUMENT, report_document::document(report, &pictures, left_out)?)
        }
        other => return Err(ApiError::invalid("format", problems::wrong_word(other, "json、xlsx、docx"))),
    };
    let name = format!("attachment; filename=\"report-{}.{format}\"", report.starts_on.format("%Y-%m"));
    let name = HeaderValue::from_str(&name).map_err(|error| ApiError::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(media)), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}

/// The first photos of every outing, and how many are left out: a file of every photo could not be sent by mail.
async fn pictures(state: &State, report: &CampaignReport) -> (Vec<Picture>, usize) {
    let (mut pictures, mut all) = (Vec::new(), 0);
    for item in &report.items {
        all += item.photos.len();
        for id in item.photos.iter().take(PHOTOS_AN_OUTING) {
            let Ok((photo, jpeg)) = state.broadcasts.small_photo(id).await else { continue };
            let size = ImageReader::with_format(Cursor::new(&jpeg), ImageFormat::Jpeg).into_dimensions();
            if let (SMALL, Ok((width, height))) = (photo.media.as_str(), size) {
                pictures.push(Picture { under: words::photo_caption(&item.title, &photo.caption), jpeg, width, height });
            }
        }
    }
    let left_out = all - pictures.len();
    (pictures, left_out)
}

/// Drafts the report's bulletin for the groups tagged 管理 and hands it to the approver; once for each programme.
#[utoipa::path(post, path = "/campaigns/{id}/report-bulletin", summary = "把总结写成给管理群的通知并送审",
    description = "发给带“管理”标签的群，交审核人员；每个宣传月只写一次。", tag = "campaigns", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 201, body = Drafted), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn bulletin(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Drafted>), ApiError> {
    staff.require(Permission::WriteCampaigns)?;
    let bulletin = state.broadcasts.report_bulletin(&id, &Actor::from(&staff), state.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(Drafted { bulletin: bulletin.id, state: bulletin.state })))
}
