//! A fake OpenAI-compatible endpoint that behaves well or badly, as told; it keeps what it was sent.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// How the endpoint answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Manner {
    /// Streams this text, a character an event.
    Says(String),
    /// The same as one JSON document.
    SaysWhole(String),
    /// Streams the text and breaks off before the end is told.
    BreaksOff(String),
    /// Stops at the limit of tokens.
    CutShort(String),
    /// Takes the call and never answers.
    Stalls,
    /// Begins to answer and never goes on.
    StallsMidway(String),
    Garbage,
    NotUtf8,
    /// Text without end.
    Endless,
    /// One line without end.
    EndlessLine,
    Status(u16),
    /// Sends the caller on to this address.
    Redirects(String),
}

/// A call that arrived.
#[derive(Debug, Clone)]
pub struct Call {
    pub body: Value,
    pub authorization: Option<String>,
}

#[derive(Debug)]
struct Inner {
    manner: Manner,
    calls: Vec<Call>,
}

/// The endpoint; clones share it.
#[derive(Debug, Clone)]
pub struct FakeModel {
    /// What goes into `model.url`.
    pub url: String,
    inner: Arc<Mutex<Inner>>,
}

impl FakeModel {
    /// Started with a manner.
    pub async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let fake = Self { url, inner: Arc::new(Mutex::new(Inner { manner, calls: Vec::new() })) };
        let router = Router::new().route("/v1/chat/completions", post(complete)).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        fake
    }

    /// From now on it answers so.
    pub fn behave(&self, manner: Manner) {
        self.inner.lock().unwrap().manner = manner;
    }

    /// From now on it says this.
    pub fn says(&self, text: &str) {
        self.behave(Manner::Says(text.to_owned()));
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.inner.lock().unwrap().calls.clone()
    }
}

async fn complete(State(fake): State<FakeModel>, headers: HeaderMap, body: Bytes) -> Response {
    let authorization = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let manner = {
        let mut inner = fake.inner.lock().unwrap();
        inner.calls.push(Call { body: serde_json::from_slice(&body).unwrap(), authorization });
        inner.manner.clone()
    };
    match manner {
        Manner::Says(text) => streamed(
            events(&text)
                .chain(["data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n".to_owned(), "data: [DONE]\n\n".to_owned()]),
        ),
        Manner::SaysWhole(text) => {
            axum::Json(json!({"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]})).into_response()
        }
        Manner::BreaksOff(text) => streamed(events(&text)),
        Manner::CutShort(text) => {
            streamed(events(&text).chain(["data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n".to_owned()]))
        }
        Manner::Stalls => std::future::pending().await,
        Manner::StallsMidway(text) => {
            let begun = stream::iter(events(&text).map(Ok::<_, Infallible>).collect::<Vec<_>>());
            event_stream(Body::from_stream(begun.chain(stream::pending())))
        }
        Manner::Garbage => streamed(["<html>502 Bad Gateway</html>\n".to_owned(), "data: {\n\n".to_owned()].into_iter()),
        Manner::NotUtf8 => {
            event_stream(Body::from(&b"data: {\"choices\":[{\"delta\":{\"content\":\"\xff\xfe\"}}]}\n\ndata: [DONE]\n\n"[..]))
        }
        Manner::Endless => {
            let event = event("税");
            event_stream(Body::from_stream(stream::repeat_with(move || Ok::<_, Infallible>(event.clone()))))
        }
        Manner::EndlessLine => event_stream(Body::from_stream(stream::repeat_with(|| Ok::<_, Infallible>("税".repeat(1_000))))),
        Manner::Status(code) => (StatusCode::from_u16(code).unwrap(), "{\"error\":{\"message\":\"…\"}}").into_response(),
        Manner::Redirects(to) => (StatusCode::TEMPORARY_REDIRECT, [("location", to)]).into_response(),
    }
}

fn event(text: &str) -> String {
    format!(
        ": keep-alive\n\ndata: {}\r\n\r\n",
        json!({"id": "x", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]})
    )
}

fn events(text: &str) -> impl Iterator<Item = String> + use<> {
    let first = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n".to_owned();
    let events: Vec<String> = text.chars().map(|c| event(&c.to_string())).collect();
    std::iter::once(first).chain(events)
}

fn streamed(events: impl Iterator<Item = String>) -> Response {
    let events: Vec<Result<String, Infallible>> = events.map(Ok).collect();
    event_stream(Body::from_stream(stream::iter(events)))
}

fn event_stream(body: Body) -> Response {
    ([("content-type", "text/event-stream")], body).into_response()
}
