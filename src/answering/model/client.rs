//! One call to an OpenAI-compatible `/chat/completions`, streamed. Only the configured host is called, no redirect is followed, and no
//! more is read than an answer may be long.

use std::time::Duration;

use futures::StreamExt;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::prompt::Message;
use crate::config;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const IDLE_CONNECTION: Duration = Duration::from_secs(30);
/// Tokens asked for; an answer is a few sentences.
const MOST_TOKENS: u32 = 800;
/// Bytes of text taken, thinking aloud included.
const MOST_TEXT: usize = 16 * 1024;
/// Bytes read in all: an event of some 300 bytes may carry a single character.
const MOST_BYTES: usize = 512 * 1024;

/// Calls one model.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    name: String,
    key: SecretString,
}

/// The configuration does not make a client.
#[derive(Debug, thiserror::Error)]
#[error("无法建立到模型服务的网络客户端")]
pub struct ClientError(#[source] reqwest::Error);

/// Why a call brought no text; never holds the address, the key or any text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("the endpoint could not be reached")]
    NotReached,
    #[error("the answer broke off")]
    BrokeOff,
    #[error("HTTP {0}")]
    Status(u16),
    #[error("an answer that cannot be read")]
    Unreadable,
    #[error("an answer without end")]
    Oversized,
}

#[derive(Debug, Deserialize)]
struct Completion {
    #[serde(default)]
    choices: Vec<Choice>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    #[serde(default, alias = "message")]
    delta: Delta,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Delta {
    #[serde(default)]
    content: Option<String>,
}

/// What has been read of an answer.
#[derive(Debug, Default)]
struct Reading {
    text: String,
    finished: bool,
}

impl Client {
    /// A client for the configured endpoint.
    pub fn new(model: &config::Model) -> Result<Self, ClientError> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_CONNECTION)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .build()
            .map_err(|error| ClientError(error.without_url()))?;
        let base = model.url.trim().trim_end_matches('/').trim_end_matches("/chat/completions");
        Ok(Self { http, url: format!("{base}/chat/completions"), name: model.name.trim().to_owned(), key: model.key.clone() })
    }

    /// The model's whole text; the caller sets the deadline.
    pub async fn complete(&self, messages: &[Message]) -> Result<String, CallError> {
        let body = json!({ "model": self.name, "messages": messages, "stream": true, "temperature": 0, "max_tokens": MOST_TOKENS });
        let response = self.with_key(self.http.post(&self.url).json(&body)).send().await.map_err(|_| CallError::NotReached)?;
        if response.status().as_u16() != 200 {
            return Err(CallError::Status(response.status().as_u16()));
        }
        let streamed = response.headers().get(CONTENT_TYPE).is_none_or(is_stream);
        if streamed { read_stream(response).await } else { read_whole(response).await }
    }

    fn with_key(&self, request: RequestBuilder) -> RequestBuilder {
        match self.key.expose_secret() {
            "" => request,
            key => request.bearer_auth(key),
        }
    }
}

fn is_stream(kind: &HeaderValue) -> bool {
    !kind.to_str().is_ok_and(|kind| kind.starts_with("application/json"))
}

async fn read_stream(response: Response) -> Result<String, CallError> {
    let mut chunks = response.bytes_stream();
    let (mut reading, mut line, mut bytes) = (Reading::default(), Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| CallError::BrokeOff)?;
        bytes += chunk.len();
        if bytes > MOST_BYTES {
            return Err(CallError::Oversized);
        }
        for byte in chunk {
            if byte != b'\n' {
                line.push(byte);
                continue;
            }
            if reading.take(&line)? {
                return reading.whole();
            }
            line.clear();
        }
    }
    reading.take(&line)?;
    reading.whole()
}

/// A server that does not stream sends one document.
async fn read_whole(response: Response) -> Result<String, CallError> {
    let mut chunks = response.bytes_stream();
    let mut body = Vec::new();
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk.map_err(|_| CallError::BrokeOff)?);
        if body.len() > MOST_BYTES {
            return Err(CallError::Oversized);
        }
    }
    let mut reading = Reading::default();
    reading.add(&body)?;
    reading.whole()
}

impl Reading {
    /// Takes a line of the stream; true when it was the last.
    fn take(&mut self, line: &[u8]) -> Result<bool, CallError> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || line.starts_with(b":") {
            return Ok(false);
        }
        let Some(data) = line.strip_prefix(b"data:") else {
            // Names, ids and retry times of events say nothing to us; anything else is no event stream.
            let known = [&b"event:"[..], b"id:", b"retry:"].iter().any(|name| line.starts_with(name));
            return if known { Ok(false) } else { Err(CallError::Unreadable) };
        };
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            self.finished = true;
            return Ok(true);
        }
        self.add(data)?;
        Ok(false)
    }

    fn add(&mut self, data: &[u8]) -> Result<(), CallError> {
        let completion: Completion = serde_json::from_slice(data).map_err(|_| CallError::Unreadable)?;
        let Some(choice) = completion.choices.into_iter().next() else { return Ok(()) };
        self.text.push_str(choice.delta.content.as_deref().unwrap_or_default());
        if self.text.len() > MOST_TEXT {
            return Err(CallError::Oversized);
        }
        match choice.finish_reason.as_deref() {
            None => {}
            Some("stop") => self.finished = true,
            // Cut at the limit, filtered, or wanting a tool: not a whole answer.
            Some(_) => return Err(CallError::BrokeOff),
        }
        Ok(())
    }

    fn whole(self) -> Result<String, CallError> {
        if self.finished { Ok(self.text) } else { Err(CallError::BrokeOff) }
    }
}
