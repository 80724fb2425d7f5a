//! One error for all of the API: a status and a problem+json with a Chinese sentence that says what to change.
//! A fault of ours is logged here, once, and never shown.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::broadcasts::Refused;
use crate::desk;
use crate::replies::problems;

/// Media type of RFC 9457.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What went wrong with a request. The `String`s are whole Chinese sentences from `replies`.
#[derive(Debug)]
pub enum ApiError {
    /// 400: it cannot be read at all.
    Malformed(String),
    /// 401: who is asking is not known.
    Unauthenticated(String),
    /// 403: they may not.
    Forbidden(String),
    /// 404.
    NotFound(String),
    /// 405.
    WrongMethod,
    /// 408: it took longer than a request may.
    TooSlow,
    /// 409: not from this state.
    Conflict(String),
    /// 413, with the limit in bytes.
    TooLarge(usize),
    /// 415.
    WrongType(String),
    /// 422: readable, but a value is not acceptable.
    Invalid { field: Option<String>, detail: String },
    /// 429, with the seconds to wait.
    TooMany(u64),
    /// 500: ours; the cause goes to the log only.
    Internal(anyhow::Error),
    /// 503: something the service needs is away.
    Unavailable(String),
}

/// The body of every error of the API (RFC 9457).
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Names the kind of problem; stable.
    #[serde(rename = "type")]
    #[schema(example = "urn:taxhome:problem:invalid")]
    pub kind: &'static str,
    pub title: &'static str,
    pub status: u16,
    /// What to change, in Chinese.
    pub detail: String,
    /// The field at fault, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl ApiError {
    /// A value of `field` that is not acceptable.
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        Self::Invalid { field: Some(field.to_owned()), detail: detail.into() }
    }

    /// A `noun` ("通知", "课程") that does not exist.
    pub fn no_such(noun: &str) -> Self {
        Self::NotFound(problems::no_such(noun))
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What the person is told.
    pub fn detail(&self) -> String {
        match self {
            Self::Malformed(detail)
            | Self::Unauthenticated(detail)
            | Self::Forbidden(detail)
            | Self::NotFound(detail)
            | Self::Conflict(detail)
            | Self::WrongType(detail)
            | Self::Unavailable(detail)
            | Self::Invalid { detail, .. } => detail.clone(),
            Self::WrongMethod => problems::wrong_method(),
            Self::TooSlow => problems::too_slow(),
            Self::TooLarge(limit) => problems::too_large(*limit),
            Self::TooMany(seconds) => problems::too_many(*seconds),
            Self::Internal(_) => problems::our_fault(),
        }
    }

    fn kind(&self) -> (&'static str, &'static str) {
        match self {
            Self::Malformed(_) => ("urn:taxhome:problem:malformed", "请求无法识别"),
            Self::Unauthenticated(_) => ("urn:taxhome:problem:unauthenticated", "需要身份验证"),
            Self::Forbidden(_) => ("urn:taxhome:problem:forbidden", "没有权限"),
            Self::NotFound(_) => ("urn:taxhome:problem:not-found", "没有找到"),
            Self::WrongMethod => ("urn:taxhome:problem:wrong-method", "请求方法不支持"),
            Self::TooSlow => ("urn:taxhome:problem:too-slow", "处理超时"),
            Self::Conflict(_) => ("urn:taxhome:problem:conflict", "当前状态不允许"),
            Self::TooLarge(_) => ("urn:taxhome:problem:too-large", "内容太大"),
            Self::WrongType(_) => ("urn:taxhome:problem:wrong-type", "内容类型不支持"),
            Self::Invalid { .. } => ("urn:taxhome:problem:invalid", "内容不符合要求"),
            Self::TooMany(_) => ("urn:taxhome:problem:too-many", "请求太频繁"),
            Self::Internal(_) => ("urn:taxhome:problem:internal", "服务出错"),
            Self::Unavailable(_) => ("urn:taxhome:problem:unavailable", "服务暂不可用"),
        }
    }

    /// The body people and programs read.
    pub fn problem(&self) -> Problem {
        let (kind, title) = self.kind();
        let field = match self {
            Self::Invalid { field, .. } => field.clone(),
            _ => None,
        };
        Problem { kind, title, status: self.status().as_u16(), detail: self.detail(), field }
    }
}

/// A field of a form that is none of those it has (`known`, parted by 、).
pub fn unknown_field(name: Option<&str>, known: &str) -> ApiError {
    let name = name.unwrap_or_default();
    ApiError::invalid(name, problems::field_unknown(name, known))
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotFound(noun) => Self::no_such(noun),
            Refused::Conflict(detail) => Self::Conflict(detail),
            Refused::Forbidden(detail) => Self::Forbidden(detail),
            Refused::Invalid { field, detail } => Self::invalid(field, detail),
            Refused::Store(error) => error.into(),
        }
    }
}

impl From<desk::Refused> for ApiError {
    fn from(refused: desk::Refused) -> Self {
        match refused {
            desk::Refused::NoSuchInquiry => Self::no_such("咨询"),
            desk::Refused::NotNow(detail) => Self::Conflict(detail),
            desk::Refused::Invalid { field, detail } => Self::invalid(field, detail),
            desk::Refused::Store(error) => error.into(),
        }
    }
}

impl From<anyhow::Error> for ApiError {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::Internal(cause) = &self {
            tracing::error!(error = format!("{cause:#}"), "a request failed through a fault of the service");
        }
        let mut response = (self.status(), axum::Json(self.problem())).into_response();
        // The console makes a page of it.
        response.extensions_mut().insert(self.problem());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        match self {
            Self::Unauthenticated(_) => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::TooMany(seconds) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            _ => {}
        }
        response
    }
}
