//! Asking, and saying whether the answer helped: open to everybody. The same question gets the same answer as JSON or as a stream.

use std::convert::Infallible;
use std::future::ready;

use axum::extract::State as Extract;
use axum::http::{Extensions, HeaderMap, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use futures::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};

use crate::domain::answer::Answer;
use crate::replies::problems;
use crate::store::questions::{self, Useful};
use crate::web::State;
use crate::web::api::formats::Events;
use crate::web::asking::{Question, ask};
use crate::web::extract::{Json, Path};
use crate::web::person::Person;
use crate::web::problem::{ApiError, Problem};
use crate::web::visitors::visitor;

/// A question.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewQuestion {
    /// At most 2,000 characters.
    #[schema(min_length = 1, max_length = 2000, pattern = r"\S", example = "小规模纳税人月销售额多少免增值税")]
    pub question: String,
    /// The date asked about; today unless told or named in the question.
    #[serde(default)]
    pub as_of: Option<NaiveDate>,
    /// Any name for the visit, up to 64 letters and digits: follow-up questions of one visit belong together.
    #[serde(default)]
    #[schema(max_length = 64, pattern = r"^[A-Za-z0-9_-]*$")]
    pub session: Option<String>,
}

/// An answer: its lines as data, and all of them as one text.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct QuestionAnswer {
    #[serde(flatten)]
    pub parts: Answer,
    /// Lead and details as plain text.
    pub answer: String,
}

/// Whether an answer helped.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    pub useful: bool,
}

/// Asks a question. Where a person of the desk answers this browser (the chat page's cookie), the answer is 409: the bot is silent. With `Accept: text/event-stream` the answer comes in the events status, lead, detail, citation and done.
#[utoipa::path(post, path = "/questions", summary = "提问",
    description = "网页上正由工作人员接待的（聊天页的 cookie）返回 409，机器人不作声。请求头 Accept 写 text/event-stream 时，答复按 status、lead、detail、citation、done 几种事件逐步返回。", tag = "questions", request_body = NewQuestion,
    responses((status = 200, content((QuestionAnswer = "application/json"), (Events = "text/event-stream"))), (status = 409, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    extensions: Extensions,
    Json(new): Json<NewQuestion>,
) -> Result<Response, ApiError> {
    let question = Question::accept(&new.question, new.as_of, new.session.as_deref())?;
    state.visitors.count(visitor(&headers, &extensions), state.clock.now())?;
    let person = Person::of(&headers);
    if wants_stream(&headers) {
        return Ok(stream(state, question, person));
    }
    let answer = ask(&state, question, person).await?;
    Ok(Json(whole(answer)).into_response())
}

/// Says whether an answer helped; the last word counts.
#[utoipa::path(post, path = "/answers/{id}/feedback", summary = "评价一个答复：有用或没用，以最后一次为准", tag = "questions", params(("id" = String, Path)), request_body = Feedback,
    responses((status = 200, body = Feedback), (status = 404, body = Problem)))]
pub async fn feedback(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Json(feedback): Json<Feedback>,
) -> Result<Json<Feedback>, ApiError> {
    let useful = if feedback.useful { Useful::Yes } else { Useful::No };
    let mut tx = state.store.begin().await?;
    if !questions::feedback(&mut tx, &id, useful).await? {
        return Err(ApiError::no_such("回答"));
    }
    tx.commit().await?;
    Ok(Json(feedback))
}

/// An answer with its plain text.
pub fn whole(parts: Answer) -> QuestionAnswer {
    QuestionAnswer { answer: parts.text(), parts }
}

fn wants_stream(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/event-stream"))
}

fn stream(state: State, question: Question, person: Option<Person>) -> Response {
    let status = stream::once(ready(event("status", &serde_json::json!({ "text": problems::looking() }))));
    let answer = stream::once(async move { stream::iter(events(ask(&state, question, person).await)) }).flatten();
    let mut response = Sse::new(status.chain(answer).map(Ok::<_, Infallible>)).into_response();
    // A proxy that buffers would hand the stream over in one piece.
    response.headers_mut().insert("x-accel-buffering", header::HeaderValue::from_static("no"));
    response
}

fn events(outcome: Result<Answer, ApiError>) -> Vec<Event> {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(error) => {
            let problem = error.problem();
            // Logs the cause of a fault of ours, as every other answer does.
            drop(error.into_response());
            return vec![event("problem", &problem)];
        }
    };
    let mut events = vec![event("lead", &serde_json::json!({ "id": answer.id, "decision": answer.decision, "text": answer.lead }))];
    events.extend(answer.details.iter().map(|line| event("detail", &serde_json::json!({ "text": line }))));
    events.extend(answer.citations.iter().map(|citation| event("citation", citation)));
    events.push(event("done", &whole(answer)));
    events
}

fn event(name: &str, data: &impl Serialize) -> Event {
    Event::default().event(name).json_data(data).unwrap_or_else(|_| Event::default().comment("unreadable"))
}
