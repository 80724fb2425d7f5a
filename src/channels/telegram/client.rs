//! One call to the Bot API, made once, its raw outcome told apart.
//!
//! teloxide's own requester is not used: it hides the HTTP status, sleeps ten seconds on a 5xx, and cannot say whether a request left
//! the machine. The ledger needs all three, and repeating is the outbox's decision. Payloads and replies are teloxide's types.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use reqwest::redirect::Policy;
use reqwest::{Proxy, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use teloxide::requests::Payload;

use crate::config;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A short total time-out makes ambiguous outcomes out of slow ones.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(60);
/// What a long poll gets beyond the time it asked for.
const POLL_MARGIN: Duration = Duration::from_secs(15);
/// Connections idle for longer are likely to be closed by the other end in the middle of our next request.
const IDLE_CONNECTION: Duration = Duration::from_secs(10);

/// A client for one bot. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    /// `{api_url}/bot{token}`: a secret because of the token.
    base: SecretString,
    total: Duration,
}

/// The configuration does not make a client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("telegram.proxy 写得不对，要写成 socks5h://主机:端口 或 http://主机:端口")]
    Proxy,
    #[error("无法建立到 Telegram 的网络客户端")]
    Http(#[source] reqwest::Error),
}

/// Why a call brought no result. Texts never contain the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Nothing reached the Bot API: DNS, refused, TLS, connect time-out, or somebody in between said no.
    #[error("not reached: {0}")]
    NotReached(String),
    /// The request may have been carried out: read time-out, reset, 5xx, unreadable 200.
    #[error("no clear answer: {0}")]
    Unclear(String),
    /// The Bot API said no.
    #[error("refused with {code}: {description}")]
    Refused { code: u16, description: String, retry_after: Option<Duration>, migrate_to: Option<i64> },
}

#[derive(Debug, Deserialize)]
struct Envelope {
    ok: bool,
    result: Option<Value>,
    error_code: Option<u16>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Debug, Default, Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

impl Client {
    /// A client for the configured bot; the token is not checked here.
    pub fn new(telegram: &config::Telegram) -> Result<Self, ClientError> {
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_CONNECTION)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy();
        if !telegram.proxy.is_empty() {
            builder = builder.proxy(Proxy::all(&telegram.proxy).map_err(|_| ClientError::Proxy)?);
        }
        let base = format!("{}/bot{}", telegram.api_url.trim_end_matches('/'), telegram.token.expose_secret());
        let http = builder.build().map_err(|error| ClientError::Http(error.without_url()))?;
        Ok(Self { http, base: SecretString::from(base), total: TOTAL_TIMEOUT })
    }

    /// The same client with another total time-out; tests cannot wait a minute.
    #[must_use]
    pub fn patient_for(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }

    /// Calls a method and reads its result as teloxide's type.
    pub async fn call<P>(&self, payload: &P) -> Result<P::Output, CallError>
    where
        P: Payload + Serialize + Sync,
        P::Output: DeserializeOwned,
    {
        let result = self.call_raw(payload).await?;
        serde_json::from_value(result).map_err(|error| CallError::Unclear(format!("unreadable result: {error}")))
    }

    /// Calls a method with a file; file methods take multipart only.
    pub async fn upload(&self, method: &str, parameters: Vec<(&'static str, String)>, file: Upload) -> Result<Value, CallError> {
        // Telegram reads names in UTF-8 as they are, as curl sends them, and not as RFC 5987 writes them.
        let mut form = Form::new().percent_encode_noop();
        for (name, value) in parameters {
            form = form.text(name, value);
        }
        let part = Part::bytes(file.bytes).file_name(file.name).mime_str(file.media);
        let part = part.map_err(|error| CallError::NotReached(error.to_string()))?;
        let url = format!("{}/{method}", self.base.expose_secret());
        let answered = self.http.post(url).timeout(self.total).multipart(form.part(file.parameter, part)).send().await;
        match answered {
            Ok(response) => read(response).await,
            Err(error) => Err(not_answered(&error.without_url())),
        }
    }

    /// Calls a method and hands back its `result` as it came.
    pub async fn call_raw<P>(&self, payload: &P) -> Result<Value, CallError>
    where
        P: Payload + Serialize + Sync,
    {
        let total = payload.timeout_hint().map_or(self.total, |hint| self.total.max(hint + POLL_MARGIN));
        let url = format!("{}/{}", self.base.expose_secret(), P::NAME);
        let answered = self.http.post(url).timeout(total).json(payload).send().await;
        match answered {
            Ok(response) => read(response).await,
            Err(error) => Err(not_answered(&error.without_url())),
        }
    }
}

/// A file that goes along with a call.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Name of the parameter.
    pub parameter: &'static str,
    /// Without quotes and control signs.
    pub name: String,
    pub media: &'static str,
    pub bytes: Vec<u8>,
}

async fn read(response: Response) -> Result<Value, CallError> {
    let status = response.status();
    let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let body = match response.bytes().await {
        Ok(body) => body,
        Err(error) => return Err(CallError::Unclear(format!("answer broke off: {}", causes(&error.without_url())))),
    };
    match serde_json::from_slice::<Envelope>(&body) {
        Ok(Envelope { ok: true, result: Some(result), .. }) if status.is_success() => Ok(result),
        Ok(Envelope { ok: false, error_code, description, parameters, .. }) => {
            let code = error_code.unwrap_or(status.as_u16());
            if code >= 500 {
                return Err(CallError::Unclear(format!("{code} {description}")));
            }
            let retry_after = parameters.retry_after.or(header).map(Duration::from_secs);
            Err(CallError::Refused { code, description, retry_after, migrate_to: parameters.migrate_to_chat_id })
        }
        Ok(_) | Err(_) => Err(unreadable(status, header)),
    }
}

/// An answer that is not the Bot API's: from a proxy in between, or cut to pieces.
fn unreadable(status: StatusCode, retry_after: Option<u64>) -> CallError {
    let description = format!("HTTP {status} without a Bot API answer");
    match status.as_u16() {
        code @ (401 | 404 | 429) => {
            CallError::Refused { code, description, retry_after: retry_after.map(Duration::from_secs), migrate_to: None }
        }
        408 | 500.. | 100..=299 => CallError::Unclear(description),
        _ => CallError::NotReached(description),
    }
}

fn not_answered(error: &reqwest::Error) -> CallError {
    let words = causes(error);
    if error.is_connect() || error.is_builder() { CallError::NotReached(words) } else { CallError::Unclear(words) }
}

/// The error with its causes; the URL was taken off before.
fn causes(error: &reqwest::Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        words.push_str(": ");
        words.push_str(&inner.to_string());
        cause = inner.source();
    }
    words
}
