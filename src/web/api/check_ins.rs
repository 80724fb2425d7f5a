//! Checking in at the door of a class, and what a certificate says.

use axum::extract::State as Extract;
use axum::http::{Extensions, HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use crate::broadcasts::Actor;
use crate::broadcasts::check_in::{Guest, Tap, Tapped};
use crate::domain::channel::ChannelKind;
use crate::domain::check_in::Reason;
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::replies::check_ins as words;
use crate::web::State;
use crate::web::extract::{Json, Path};
use crate::web::pages::address_of;
use crate::web::person::Person;
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// Seconds to wait after too many wrong codes.
const WAIT_SECONDS: u64 = 600;

/// A session's code.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenCode {
    /// Six digits, as the trainer shows them.
    #[schema(pattern = r"^[0-9]{6}$")]
    pub code: String,
}

/// What came of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CheckedIn {
    pub reason: Reason,
    /// The reason as a Chinese sentence.
    pub detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<i64>,
    /// When they were checked in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
}

/// Taps of a trainer's phone.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Taps {
    /// At most 500.
    #[schema(max_items = 500)]
    pub items: Vec<Tap>,
}

/// One answer a tap, in order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TapAnswers {
    pub items: Vec<Tapped>,
}

/// What a certificate says.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CertificateView {
    pub code: String,
    /// Name as given when enrolling.
    pub name: String,
    pub class: String,
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// Sessions come to.
    pub sessions: usize,
    /// Time of the sessions come to.
    pub minutes: i64,
    /// False where it was revoked: the check-ins it rested on were taken back.
    pub valid: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
}

/// Checks in whoever enrolled with this browser (its cookie), by the code the trainer shows. Safe to repeat: the second time says
/// `already_in`. A wrong code is 422, too many of them 429.
#[utoipa::path(post, path = "/classes/{id}/check-ins", summary = "用讲师出示的签到码签到",
    description = "报名时用的是这个浏览器（看 cookie）才能签到。可以重复提交：第二次返回 already_in。签到码不对是 422，错得太多是 429。", tag = "classes", params(("id" = String, Path)), request_body = GivenCode,
    responses((status = 200, body = CheckedIn), (status = 404, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
    extensions: Extensions,
    Json(given): Json<GivenCode>,
) -> Result<Json<CheckedIn>, ApiError> {
    state.broadcasts.class(&id).await?;
    let person = Person::of(&headers).unwrap_or_else(Person::fresh);
    let address = address_of(&headers, &extensions);
    let guest = Guest { channel: ChannelKind::Web, person: person.id(), address: Some(&address) };
    let mut tx = state.store.begin().await?;
    let checked = state.broadcasts.check_in(&mut tx, Some(&id), &given.code, guest, state.clock.now()).await?;
    tx.commit().await?;
    let detail = words::told(checked.reason, checked.at.as_ref().map(|(class, session)| (class, session)));
    match checked.reason {
        Reason::WrongCode => Err(ApiError::invalid("code", detail)),
        Reason::TooMany => Err(ApiError::TooMany(WAIT_SECONDS)),
        reason => Ok(Json(CheckedIn { reason, detail, session: checked.at.map(|(_, session)| session.number), at: checked.since })),
    }
}

/// Takes what was tapped on a trainer's phone, now or while it had no signal: people of the list by their enrolment, walk-ins by name.
/// Safe to repeat; each tap is answered with its reason.
#[utoipa::path(post, path = "/classes/{id}/sessions/{number}/check-ins", summary = "讲师代签到，没信号时的也在这里补",
    description = "名单上的人按报名编号，临时来的按姓名。可以重复提交；每一条都返回结果和原因。", tag = "classes", security(("token" = [])),
    params(("id" = String, Path), ("number" = i64, Path)), request_body = Taps,
    responses((status = 200, body = TapAnswers), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn taps(
    Extract(state): Extract<State>,
    staff: Staff,
    Path((id, number)): Path<(String, i64)>,
    Json(taps): Json<Taps>,
) -> Result<Json<TapAnswers>, ApiError> {
    staff.require(Permission::WriteClasses)?;
    let items = state.broadcasts.take_taps(&id, number, &taps.items, &Actor::from(&staff), state.clock.now()).await?;
    Ok(Json(TapAnswers { items }))
}

/// Takes back a check-in tapped by mistake. Safe to repeat; a walk-in who came to nothing else gives the seat back.
#[utoipa::path(delete, path = "/classes/{id}/sessions/{number}/check-ins/{enrolment}", summary = "撤销点错的签到",
    description = "可以重复提交；临时来的人如果别的课都没到，名额退回。", tag = "classes", security(("token" = [])),
    params(("id" = String, Path), ("number" = i64, Path), ("enrolment" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn undo(
    Extract(state): Extract<State>,
    staff: Staff,
    Path((id, number, enrolment)): Path<(String, i64, String)>,
) -> Result<StatusCode, ApiError> {
    staff.require(Permission::WriteClasses)?;
    state.broadcasts.undo_check_in(&id, number, &enrolment, &Actor::from(&staff), state.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the certificate with this code says; anybody may ask.
#[utoipa::path(get, path = "/certificates/{code}", summary = "核验证书",
    description = "谁都可以查。", tag = "classes", params(("code" = String, Path)),
    responses((status = 200, body = CertificateView), (status = 404, body = Problem), (status = 429, body = Problem)))]
pub async fn certificate(
    Extract(state): Extract<State>,
    Path(code): Path<String>,
    headers: HeaderMap,
    extensions: Extensions,
) -> Result<Json<CertificateView>, ApiError> {
    state.visitors.count(crate::web::visitors::visitor(&headers, &extensions), state.clock.now())?;
    let found = state.broadcasts.certificate(&code).await?;
    let found = found.ok_or_else(|| ApiError::NotFound(words::no_such_certificate()))?;
    Ok(Json(CertificateView {
        revoked_at: found.certificate.revoked_at,
        code: found.certificate.code,
        name: found.name,
        class: found.class.title,
        starts_at: found.class.starts_at,
        ends_at: found.class.ends_at,
        sessions: found.sessions,
        minutes: found.minutes,
        valid: found.holds,
    }))
}
