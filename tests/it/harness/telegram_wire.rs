//! The wire of the fake Bot API: reads a call as Telegram does, lets a fault have its way, answers, rings the webhook.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use tokio::sync::{Notify, watch};

use super::fake_telegram::{Call, Fault};
use super::telegram_chats::{Inner, Refusal, Webhook, number};
use super::telegram_files::{self, PostedFile};

/// The chats behind a lock, and a bell for whoever waits for a change.
pub struct Shared {
    pub token: String,
    pub started: Instant,
    pub inner: Mutex<Inner>,
    pub changed: Notify,
    /// Whether answers that were held back are let go.
    pub let_go: watch::Sender<bool>,
}

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Answers one call.
pub async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let Some((token, method)) = path.strip_prefix("/bot").and_then(|rest| rest.split_once('/')) else {
        return refused(&Refusal::new(404, "Not Found"));
    };
    if token != shared.token {
        return refused(&Refusal::new(401, "Unauthorized"));
    }
    let method = method.to_lowercase();
    let (parameters, file) = parameters_of(request).await;
    let chat = parameters.get("chat_id").and_then(number);
    let fault = shared.lock().next_fault(&method, chat);
    let outcome = match &fault {
        Some(Fault::TooMany { retry_after }) => Err(Refusal {
            code: 429,
            description: format!("Too Many Requests: retry after {retry_after}"),
            parameters: json!({"retry_after": retry_after}),
        }),
        Some(Fault::Refuse { code, description }) => Err(Refusal::new(*code, description)),
        Some(Fault::Migrate { to }) => Err(Refusal::migrated(*to)),
        Some(Fault::ServerError) => Err(Refusal::new(500, "Internal Server Error")),
        Some(Fault::AcceptThenServerError | Fault::AcceptThenHold | Fault::AcceptThenDrop | Fault::AcceptThenGarbage) | None => {
            if method == "getupdates" {
                shared.poll_updates(&parameters).await
            } else {
                shared.lock().perform(&method, &parameters, file.as_ref())
            }
        }
    };
    let answer = match &outcome {
        Ok(result) => axum::Json(json!({"ok": true, "result": result})).into_response(),
        Err(refusal) => refused(refusal),
    };
    let status = answer.status().as_u16();
    shared.lock().journal.push(Call { at: shared.started.elapsed(), method, chat, parameters: Value::Object(parameters), status });
    shared.changed.notify_waiters();
    let latency = shared.lock().latency;
    if chat.is_some() && !latency.is_zero() {
        // The answer is on its way for so long, unless all answers are let go.
        let mut let_go = shared.let_go.subscribe();
        let _ = tokio::time::timeout(latency, let_go.wait_for(|let_go| *let_go)).await;
    }
    disturbed(&shared, answer, fault).await
}

async fn disturbed(shared: &Shared, answer: Response, fault: Option<Fault>) -> Response {
    match fault {
        Some(Fault::AcceptThenServerError) => refused(&Refusal::new(502, "Bad Gateway")),
        Some(Fault::AcceptThenHold) => {
            let mut let_go = shared.let_go.subscribe();
            let_go.wait_for(|let_go| *let_go).await.expect("the fake outlives its calls");
            answer
        }
        Some(Fault::AcceptThenDrop) => {
            let broken = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("the connection broke")) });
            Body::from_stream(broken).into_response()
        }
        Some(Fault::AcceptThenGarbage) => "<html>captive portal</html>".into_response(),
        Some(Fault::TooMany { .. } | Fault::Refuse { .. } | Fault::Migrate { .. } | Fault::ServerError) | None => answer,
    }
}

fn refused(refusal: &Refusal) -> Response {
    let mut body = json!({"ok": false, "error_code": refusal.code, "description": refusal.description});
    if !refusal.parameters.is_null() {
        body["parameters"] = refusal.parameters.clone();
    }
    (StatusCode::from_u16(refusal.code).unwrap_or(StatusCode::BAD_REQUEST), axum::Json(body)).into_response()
}

/// JSON, form or multipart: one map, with numbers and nested JSON understood.
async fn parameters_of(request: Request) -> (Map<String, Value>, Option<PostedFile>) {
    let kind = request.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let mut all = Map::new();
    let mut file = None;
    let query = request.uri().query().unwrap_or_default().to_owned();
    for (key, value) in reqwest::Url::parse(&format!("http://x/?{query}")).expect("a query parses").query_pairs() {
        all.insert(key.into_owned(), loose(&value));
    }
    if kind.starts_with("multipart/") {
        if let Ok(mut fields) = Multipart::from_request(request, &()).await {
            while let Ok(Some(field)) = fields.next_field().await {
                let name = field.name().unwrap_or_default().to_owned();
                let Some(file_name) = field.file_name().map(str::to_owned) else {
                    all.insert(name, loose(&field.text().await.unwrap_or_default()));
                    continue;
                };
                let media = field.content_type().unwrap_or_default().to_owned();
                let bytes = field.bytes().await.unwrap_or_default();
                let posted = PostedFile { photo: name == "photo", name: file_name, media, bytes };
                all.insert(name, telegram_files::described(&posted));
                file = Some(posted);
            }
        }
        return (all, file);
    }
    let body = Bytes::from_request(request, &()).await.unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        let form = String::from_utf8_lossy(&body).into_owned();
        for (key, value) in reqwest::Url::parse(&format!("http://x/?{form}")).expect("a form parses").query_pairs() {
            all.insert(key.into_owned(), loose(&value));
        }
    } else if let Ok(Value::Object(map)) = serde_json::from_slice(&body) {
        all.extend(map);
    }
    (all, file)
}

fn loose(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Array(_) | Value::Object(_) | Value::Number(_) | Value::Bool(_))) => value,
        Ok(Value::Null | Value::String(_)) | Err(_) => Value::String(text.to_owned()),
    }
}

impl Shared {
    /// An update is gone only when a later offset confirms it; of two polls the older one is sent away.
    async fn poll_updates(&self, parameters: &Map<String, Value>) -> Result<Value, Refusal> {
        let offset = parameters.get("offset").and_then(number).unwrap_or(0);
        let limit = parameters.get("limit").and_then(number).and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100).clamp(1, 100);
        let wait = parameters.get("timeout").and_then(number).and_then(|wait| u64::try_from(wait).ok()).unwrap_or(0);
        let deadline = tokio::time::Instant::now() + Duration::from_secs(wait);
        let mine = {
            let mut inner = self.lock();
            inner.poll += 1;
            inner.poll
        };
        self.changed.notify_waiters();
        loop {
            let changed = self.changed.notified();
            {
                let mut inner = self.lock();
                if inner.webhook.is_some() {
                    let words =
                        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
                    return Err(Refusal::new(409, words));
                }
                if inner.poll != mine {
                    let words = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
                    return Err(Refusal::new(409, words));
                }
                inner.updates.retain(|(id, _)| *id >= offset);
                if !inner.updates.is_empty() {
                    return Ok(inner.updates.iter().take(limit).map(|(_, update)| update.clone()).collect());
                }
            }
            if tokio::time::timeout_at(deadline, changed).await.is_err() {
                return Ok(json!([]));
            }
        }
    }
}

/// Telegram repeats a webhook call until it is answered with success.
pub async fn call_webhook(webhook: Webhook, update: Value) {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(10)).no_proxy().build().expect("a plain client");
    let tries = async {
        loop {
            let call = client.post(&webhook.url).header("X-Telegram-Bot-Api-Secret-Token", &webhook.secret).json(&update);
            if call.send().await.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(2), tries).await;
}
