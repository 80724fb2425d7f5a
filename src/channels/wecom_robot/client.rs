//! One call to WeCom, made once, its raw outcome told apart. The key of a robot is in the address, so no address gets into an error.

use std::time::Duration;

use reqwest::RequestBuilder;
use reqwest::multipart::{Form, Part};
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A short total time-out makes ambiguous outcomes out of slow ones.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(60);
/// Connections idle for longer are likely to be closed by the other end in the middle of our next request.
const IDLE_CONNECTION: Duration = Duration::from_secs(10);

/// A client for every robot. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
}

/// The client cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("无法建立到企业微信的网络客户端")]
pub struct ClientError(#[source] reqwest::Error);

/// Why a call was not answered. Texts never contain an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// Nothing reached WeCom: DNS, refused, TLS, connect time-out.
    NotReached(String),
    /// It may have been carried out: read time-out, reset, 5xx, unreadable answer.
    Unclear(String),
    /// Something in between said: too many.
    TooMany,
}

/// WeCom's answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Answer {
    pub errcode: i64,
    #[serde(default)]
    pub errmsg: String,
}

/// WeCom's answer to a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Uploaded {
    #[serde(flatten)]
    pub answer: Answer,
    #[serde(default)]
    pub media_id: String,
}

impl Client {
    /// A client that calls the WeCom at `base`.
    pub fn new(base: &str) -> Result<Self, ClientError> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .pool_idle_timeout(IDLE_CONNECTION)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .build()
            .map_err(|error| ClientError(error.without_url()))?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned() })
    }

    /// Hands WeCom a file for the robot of `key`; nothing is posted yet, so it may be repeated. It is kept there for three days.
    pub async fn upload(&self, key: &str, name: &str, media: &'static str, file: Vec<u8>) -> Result<Uploaded, Unanswered> {
        let url = format!("{}/cgi-bin/webhook/upload_media", self.base);
        let part = Part::bytes(file).file_name(name.to_owned()).mime_str(media);
        let part = part.map_err(|error| Unanswered::NotReached(error.to_string()))?;
        // Names in UTF-8 as they are, as curl sends them.
        let form = Form::new().percent_encode_noop().part("media", part);
        read(self.http.post(url).query(&[("key", key), ("type", "file")]).multipart(form)).await
    }

    /// Posts a message with the robot of `key`.
    pub async fn send(&self, key: &str, message: &Value) -> Result<Answer, Unanswered> {
        let url = format!("{}/cgi-bin/webhook/send", self.base);
        read(self.http.post(url).query(&[("key", key)]).json(message)).await
    }
}

async fn read<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Unanswered> {
    let response = request.send().await.map_err(|error| not_answered(&error.without_url()))?;
    let status = response.status();
    let body = response.bytes().await.map_err(|error| Unanswered::Unclear(format!("answer broke off: {}", error.without_url())))?;
    match (status.as_u16(), serde_json::from_slice::<T>(&body)) {
        (200..=299, Ok(answer)) => Ok(answer),
        (429, _) => Err(Unanswered::TooMany),
        // A client error is WeCom's or a proxy's no; nothing was posted.
        (400..=407 | 409..=499, _) => Err(Unanswered::NotReached(format!("HTTP {status}"))),
        _ => Err(Unanswered::Unclear(format!("HTTP {status} without an answer of WeCom"))),
    }
}

fn not_answered(error: &reqwest::Error) -> Unanswered {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        words.push_str(": ");
        words.push_str(&inner.to_string());
        cause = inner.source();
    }
    if error.is_connect() || error.is_builder() { Unanswered::NotReached(words) } else { Unanswered::Unclear(words) }
}
