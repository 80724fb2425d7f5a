//! What follows a class: materials, the vote for the next topic, the survey, and the summary of it all.

use axum::extract::State as Extract;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::broadcasts::Actor;
use crate::broadcasts::materials::FILE_BYTES;
use crate::domain::class_summary::{ClassSummary, VoteResult};
use crate::domain::staff::Permission;
use crate::domain::survey::Question;
use crate::domain::time::Timestamp;
use crate::replies::{after_class as words, problems};
use crate::store::materials::{Material, Place};
use crate::store::surveys::Survey;
use crate::web::State;
use crate::web::api::formats::{File, SheetFormat};
use crate::web::class_workbook::workbook;
use crate::web::extract::{Json, Path, Query};
use crate::web::ledger_files::WORKBOOK;
use crate::web::problem::{ApiError, Problem, unknown_field};
use crate::web::staff::Staff;

/// A material.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MaterialView {
    pub id: String,
    pub title: String,
    /// Where people open it.
    pub link: String,
    /// Media type and size where it is a file of ours.
    pub media: Option<String>,
    pub bytes: Option<i64>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub pushed_at: Option<Timestamp>,
}

/// What to send: `multipart/form-data` with a link or a file.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only describes the form")]
pub struct MaterialUpload {
    /// At most 60 characters.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f\s][^\x00-\x1f\x7f-\x9f]*$")]
    title: String,
    /// Address of what is elsewhere; or `file`.
    #[serde(default)]
    #[schema(nullable = false, max_length = 500, pattern = r"^(https?://[!-~]*)?$")]
    link: Option<String>,
    /// PDF, DOCX, PPTX, XLSX without macros, JPEG, PNG or WebP of at most 20 MB.
    #[serde(default)]
    #[schema(value_type = Option<String>, nullable = false, format = Binary)]
    file: Option<Vec<u8>>,
}

/// How many people are told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Pushed {
    pub people: usize,
}

/// What may be voted for.
#[derive(utoipa::ToSchema)]
#[schema(min_length = 1, max_length = 30, pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f\s][^\x00-\x1f\x7f-\x9f]*$")]
#[expect(dead_code, reason = "only describes the list's items")]
pub struct VoteTopic(String);

/// What to vote for.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVote {
    /// 2 to 8, each at most 30 characters.
    #[schema(min_items = 2, max_items = 8, value_type = Vec<VoteTopic>)]
    pub topics: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    pub closes_at: Timestamp,
}

/// A vote that has begun.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BegunVote {
    pub id: String,
    /// The page anybody may vote on.
    pub link: String,
    pub people: usize,
}

/// The questions of a class.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSurvey {
    /// At most 10; none: nobody is asked.
    #[schema(max_items = 10)]
    pub questions: Vec<Question>,
}

/// The questions of a class, and since when they are asked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SurveyView {
    pub questions: Vec<Question>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opened_at: Option<Timestamp>,
}

impl From<Survey> for SurveyView {
    fn from(survey: Survey) -> Self {
        Self { questions: survey.questions, opened_at: survey.opened_at }
    }
}

/// The form the summary is wanted in.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SummaryForm {
    /// `json` (unless told) or `xlsx`.
    #[serde(default)]
    #[param(inline, value_type = Option<SheetFormat>)]
    pub format: Option<String>,
}

fn shown(state: &State, material: Material) -> MaterialView {
    let link = state.broadcasts.material_link(&material);
    let (media, bytes) = match material.place {
        Place::Link(_) => (None, None),
        Place::File { media, bytes } => (Some(media), Some(bytes)),
    };
    MaterialView { id: material.id, title: material.title, link, media, bytes, pushed_at: material.pushed_at }
}

/// The materials of a class.
#[utoipa::path(get, path = "/classes/{id}/materials", summary = "课程资料", tag = "classes", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = [MaterialView]), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn materials(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<Vec<MaterialView>>, ApiError> {
    staff.require(Permission::Read)?;
    state.broadcasts.class(&id).await?;
    let materials = state.broadcasts.materials(&id).await?;
    Ok(Json(materials.into_iter().map(|material| shown(&state, material)).collect()))
}

/// Keeps a material; nobody is told yet.
#[utoipa::path(post, path = "/classes/{id}/materials", summary = "添加资料；先不通知", tag = "classes", security(("token" = [])), params(("id" = String, Path)),
    request_body(content = MaterialUpload, content_type = "multipart/form-data"),
    responses((status = 201, body = MaterialView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub async fn add_material(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<MaterialView>), ApiError> {
    staff.require(Permission::WriteClasses)?;
    let material = keep(&state, &id, form, &Actor::from(&staff)).await?;
    Ok((StatusCode::CREATED, Json(shown(&state, material))))
}

/// Reads the form of a material and keeps it; shared with the console.
pub async fn keep(state: &State, class: &str, form: Result<Multipart, MultipartRejection>, actor: &Actor) -> Result<Material, ApiError> {
    let mut form = form.map_err(|_| ApiError::WrongType(problems::not_multipart()))?;
    let (mut title, mut link, mut file) = (String::new(), String::new(), Vec::new());
    let broken = |status: StatusCode| match status {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge(FILE_BYTES),
        _ => ApiError::WrongType(problems::not_multipart()),
    };
    while let Some(field) = form.next_field().await.map_err(|error| broken(error.status()))? {
        match field.name() {
            Some("title") => title = field.text().await.map_err(|error| broken(error.status()))?,
            Some("link") => link = field.text().await.map_err(|error| broken(error.status()))?,
            Some("file") => file = field.bytes().await.map_err(|error| broken(error.status()))?.to_vec(),
            name => return Err(unknown_field(name, "title、link、file")),
        }
    }
    let now = state.clock.now();
    match (link.trim().is_empty(), file.is_empty()) {
        (false, true) => Ok(state.broadcasts.add_link(class, &title, &link, actor, now).await?),
        (true, false) => Ok(state.broadcasts.add_file(class, &title, file, actor, now).await?),
        (true, true) | (false, false) => Err(ApiError::invalid("link", words::link_or_file())),
    }
}

/// Hands what is new to everybody who takes part: one message each.
#[utoipa::path(post, path = "/classes/{id}/materials/push", summary = "把新资料发给参加的人",
    description = "每人一条消息，只发还没发过的。", tag = "classes", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = Pushed), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn push_materials(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<Pushed>, ApiError> {
    staff.require(Permission::WriteClasses)?;
    let people = state.broadcasts.push_materials(&id, &Actor::from(&staff), state.clock.now()).await?;
    Ok(Json(Pushed { people }))
}

/// Takes a material away that nobody was told of.
#[utoipa::path(delete, path = "/materials/{id}", summary = "删除还没发出的资料", tag = "classes", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn remove_material(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    staff.require(Permission::WriteClasses)?;
    state.broadcasts.remove_material(&id, &Actor::from(&staff), state.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The votes of a class with their results so far.
#[utoipa::path(get, path = "/classes/{id}/votes", summary = "课程的投票和目前结果", tag = "classes", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = [VoteResult]), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn votes(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<Vec<VoteResult>>, ApiError> {
    staff.require(Permission::Read)?;
    state.broadcasts.class(&id).await?;
    Ok(Json(state.broadcasts.vote_results(&id).await?))
}

/// Begins a vote for the next topic and asks everybody who takes part.
#[utoipa::path(post, path = "/classes/{id}/votes", summary = "发起下期选题投票", tag = "classes", security(("token" = [])), params(("id" = String, Path)),
    request_body = NewVote,
    responses((status = 201, body = BegunVote), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn begin_vote(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(new): Json<NewVote>,
) -> Result<(StatusCode, Json<BegunVote>), ApiError> {
    staff.require(Permission::WriteClasses)?;
    let (vote, people) = state.broadcasts.begin_vote(&id, &new.topics, new.closes_at, &Actor::from(&staff), state.clock.now()).await?;
    let link = format!("{}/votes/{}", state.public_url, vote.id);
    Ok((StatusCode::CREATED, Json(BegunVote { id: vote.id, link, people })))
}

/// What those who come are asked afterwards.
#[utoipa::path(get, path = "/classes/{id}/survey", summary = "课后问卷的题目", tag = "classes", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = SurveyView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn survey(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<SurveyView>, ApiError> {
    staff.require(Permission::Read)?;
    Ok(Json(state.broadcasts.survey(&id).await?.into()))
}

/// Gives a class questions of its own; a second time replaces the first, until the class has ended.
#[utoipa::path(post, path = "/classes/{id}/survey", summary = "设置课后问卷的题目，课程结束前可以改",
    description = "再提交一次就替换前一次，课程结束前都可以。", tag = "classes", security(("token" = [])), params(("id" = String, Path)),
    request_body = NewSurvey,
    responses((status = 200, body = SurveyView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn set_survey(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(new): Json<NewSurvey>,
) -> Result<Json<SurveyView>, ApiError> {
    staff.require(Permission::WriteClasses)?;
    Ok(Json(state.broadcasts.set_survey(&id, new.questions, &Actor::from(&staff), state.clock.now()).await?.into()))
}

/// Seats, who came, scores, comments and votes.
#[utoipa::path(get, path = "/classes/{id}/summary", summary = "课程小结：名额、到课、评分、意见和投票", tag = "classes", security(("token" = [])), params(("id" = String, Path), SummaryForm),
    responses((status = 200, content((ClassSummary = "application/json"), (File = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), (status = 401, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn summary(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Query(form): Query<SummaryForm>,
) -> Result<Response, ApiError> {
    staff.require(Permission::Read)?;
    let summary = state.broadcasts.class_summary(&id, state.clock.now()).await?;
    match form.format.as_deref() {
        None | Some("" | "json") => Ok(Json(summary).into_response()),
        Some("xlsx") => file(&summary),
        Some(other) => Err(ApiError::invalid("format", problems::wrong_word(other, "json、xlsx"))),
    }
}

/// The summary as a workbook to download; shared with the console.
pub fn file(summary: &ClassSummary) -> Result<Response, ApiError> {
    let bytes = workbook(summary).map_err(|error| ApiError::Internal(error.into()))?;
    let name = format!("attachment; filename=\"class-{}.xlsx\"", summary.class.starts_at.date());
    let name = HeaderValue::from_str(&name).map_err(|error| ApiError::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(WORKBOOK)), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}
