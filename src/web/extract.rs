//! Extractors whose refusals are problems in Chinese that name the field and say what to write.

use axum::body::{Body, to_bytes};
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::http::{StatusCode, header, request};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::State;
use super::problem::ApiError;
use crate::replies::problems;

/// Largest JSON body: a bulletin with its text, or a year's programme.
pub const JSON_BYTES: usize = 1024 * 1024;

/// A JSON body, in and out.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

/// Parts of the address.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

/// Parameters after the `?`.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest<State> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &State) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, JSON_BYTES).await.map_err(|_| ApiError::TooLarge(JSON_BYTES))?;
        // A list would be read field by field, as if the names stood beside the values.
        if bytes.trim_ascii_start().first() == Some(&b'[') {
            return Err(ApiError::Invalid { field: None, detail: problems::wrong_type(type_name("struct")) });
        }
        let again = Request::from_parts(parts, Body::from(bytes.clone()));
        match <axum::Json<T> as FromRequest<State>>::from_request(again, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(JsonRejection::JsonDataError(error)) => match with_whole_numbers(&bytes).map(|bytes| axum::Json::<T>::from_bytes(&bytes)) {
                Some(Ok(axum::Json(value))) => Ok(Self(value)),
                _ => Err(refuse_json(&JsonRejection::JsonDataError(error))),
            },
            Err(rejection) => Err(refuse_json(&rejection)),
        }
    }
}

impl<T: DeserializeOwned> OptionalFromRequest<State> for Json<T> {
    type Rejection = ApiError;

    /// Nothing where no body came, or `null`.
    async fn from_request(request: Request, state: &State) -> Result<Option<Self>, ApiError> {
        if !request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(None);
        }
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, JSON_BYTES).await.map_err(|_| ApiError::TooLarge(JSON_BYTES))?;
        // Clients name a type for a body that is empty, too.
        if bytes.trim_ascii().is_empty() {
            return Ok(None);
        }
        let request = Request::from_parts(parts, Body::from(bytes));
        let Json(value) = <Json<Option<T>> as FromRequest<State>>::from_request(request, state).await?;
        Ok(value.map(Self))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<State> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut request::Parts, state: &State) -> Result<Self, ApiError> {
        let found: Result<axum::extract::Path<T>, PathRejection> = axum::extract::Path::from_request_parts(parts, state).await;
        found.map(|axum::extract::Path(value)| Self(value)).map_err(|_| ApiError::NotFound(problems::no_such_route()))
    }
}

impl<T: DeserializeOwned> FromRequestParts<State> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut request::Parts, state: &State) -> Result<Self, ApiError> {
        let found: Result<axum::extract::Query<T>, QueryRejection> = axum::extract::Query::from_request_parts(parts, state).await;
        found.map(|axum::extract::Query(value)| Self(value)).map_err(|rejection| {
            let (_, said) = without_prefix(&rejection.body_text());
            explain(&said)
        })
    }
}

/// The same JSON with `30.0` written as `30`: to JSON they are one number. Nothing where there is none such.
fn with_whole_numbers(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(bytes).ok()?;
    make_whole(&mut value).then(|| serde_json::to_vec(&value).ok()).flatten()
}

/// Every one of them; says whether there was any.
fn make_whole(value: &mut Value) -> bool {
    match value {
        Value::Array(items) => items.iter_mut().map(make_whole).filter(|found| *found).count() > 0,
        Value::Object(fields) => fields.values_mut().map(make_whole).filter(|found| *found).count() > 0,
        Value::Number(number) => {
            /// Beyond it not every whole number is a double.
            const MOST: f64 = 9_007_199_254_740_992.0;
            let whole = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() <= MOST);
            let whole = whole.and_then(|float| format!("{float:.0}").parse::<i64>().ok());
            if let Some(whole) = whole {
                *number = whole.into();
            }
            whole.is_some()
        }
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

fn refuse_json(rejection: &JsonRejection) -> ApiError {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => ApiError::WrongType(problems::not_json_type()),
        JsonRejection::JsonSyntaxError(error) => {
            let (line, column) = place(&error.body_text());
            ApiError::Malformed(problems::broken_json(line, column))
        }
        JsonRejection::JsonDataError(error) => {
            let (field, said) = without_prefix(&error.body_text());
            match explain(&said) {
                ApiError::Invalid { field: None, detail } if !field.is_empty() => {
                    ApiError::Invalid { detail: problems::field_wrong(&field, &detail), field: Some(field) }
                }
                other => other,
            }
        }
        other if other.status() == StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge(JSON_BYTES),
        other => ApiError::Malformed(problems::field_wrong("", &other.body_text())),
    }
}

/// Splits serde's text, as axum words it, into the path of the field and what was said of it.
fn without_prefix(text: &str) -> (String, String) {
    let said = text.split_once("target type: ").map_or(text, |(_, said)| said);
    let said = said.split_once("query string: ").map_or(said, |(_, said)| said);
    let said = said.split(" at line ").next().unwrap_or(said).trim();
    match said.split_once(": ") {
        Some((path, rest)) if is_path(path) => (path.to_owned(), rest.to_owned()),
        _ => (String::new(), said.to_owned()),
    }
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.[]?".contains(c))
}

/// Says in Chinese what serde said in English. Our own sentences pass as they are.
fn explain(said: &str) -> ApiError {
    let quoted: Vec<&str> = said.split('`').skip(1).step_by(2).collect();
    let first = quoted.first().copied().unwrap_or_default();
    let rest = quoted.get(1..).unwrap_or_default().join("、");
    let named = |detail: String| ApiError::Invalid { field: Some(first.to_owned()), detail };
    let unnamed = |detail: String| ApiError::Invalid { field: None, detail };
    if said.starts_with("missing field") {
        named(problems::field_missing(first))
    } else if said.starts_with("unknown field") {
        named(problems::field_unknown(first, &rest))
    } else if said.starts_with("duplicate field") {
        named(problems::field_wrong(first, "重复出现"))
    } else if said.starts_with("unknown variant") {
        unnamed(problems::wrong_word(first, &rest))
    } else if let Some((_, expected)) = said.split_once("expected ") {
        unnamed(problems::wrong_type(type_name(expected)))
    } else if NO_DATE.iter().any(|words| said.starts_with(words)) {
        unnamed(problems::wrong_date())
    } else {
        unnamed(said.to_owned())
    }
}

/// What chrono says of a text that is no date.
const NO_DATE: [&str; 4] = ["input contains invalid characters", "premature end of input", "input is out of range", "trailing input"];

fn type_name(expected: &str) -> &str {
    match expected.split([' ', ',']).next().unwrap_or_default() {
        "a" if expected.starts_with("a string") => "文字，用引号括起来",
        "a" if expected.starts_with("a boolean") => " true 或 false",
        "a" if expected.starts_with("a sequence") => "列表，用 [ ] 括起来",
        "a" if expected.starts_with("a borrowed string") => "文字，用引号括起来",
        "i64" | "i32" | "u64" | "u32" | "usize" | "u16" | "u8" | "f64" => "数字",
        "struct" => "一个对象，用 { } 括起来",
        _ => expected,
    }
}

fn place(text: &str) -> (usize, usize) {
    let number = |after: &str| {
        let rest = text.rsplit_once(after).map_or("", |(_, rest)| rest);
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(1)
    };
    (number("line "), number("column "))
}
