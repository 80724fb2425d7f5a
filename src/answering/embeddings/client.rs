//! One call to an OpenAI-compatible `/embeddings`. Only the configured host is called, no redirect is followed, and no more is read than the
//! vectors of a batch may be long.

use std::time::Duration;

use futures::StreamExt;
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::unit;
use crate::config;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Bytes read of an answer.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Calls one endpoint.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    name: String,
    key: SecretString,
}

/// Why there is no vector; never holds the address, the key or any text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("no answer in time")]
    Slow,
    #[error("the endpoint could not be reached")]
    NotReached,
    #[error("the answer broke off")]
    BrokeOff,
    #[error("HTTP {0}")]
    Status(u16),
    #[error("an answer that cannot be used")]
    Unreadable,
    #[error("an answer without end")]
    Oversized,
}

#[derive(Debug, Deserialize)]
struct Given {
    data: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    index: usize,
    embedding: Vec<f32>,
}

impl Client {
    /// A client for the configured endpoint.
    pub fn new(embeddings: &config::Embeddings) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .build()
            .map_err(reqwest::Error::without_url)?;
        let base = embeddings.url.trim().trim_end_matches('/').trim_end_matches("/embeddings");
        let name = embeddings.name.trim().to_owned();
        Ok(Self { http, url: format!("{base}/embeddings"), name, key: embeddings.key.clone() })
    }

    /// A vector of length 1 for each text, in their order; the caller sets the deadline.
    pub async fn vectors(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, Unusable> {
        let mut request = self.http.post(&self.url).json(&json!({ "model": self.name, "input": texts }));
        if !self.key.expose_secret().is_empty() {
            request = request.bearer_auth(self.key.expose_secret());
        }
        let response = request.send().await.map_err(|_| Unusable::NotReached)?;
        if response.status().as_u16() != 200 {
            return Err(Unusable::Status(response.status().as_u16()));
        }
        let (mut chunks, mut body) = (response.bytes_stream(), Vec::new());
        while let Some(chunk) = chunks.next().await {
            body.extend_from_slice(&chunk.map_err(|_| Unusable::BrokeOff)?);
            if body.len() > MOST_BYTES {
                return Err(Unusable::Oversized);
            }
        }
        let mut given: Given = serde_json::from_slice(&body).map_err(|_| Unusable::Unreadable)?;
        given.data.sort_by_key(|item| item.index);
        if given.data.len() != texts.len() || given.data.iter().enumerate().any(|(at, item)| item.index != at) {
            return Err(Unusable::Unreadable);
        }
        given.data.into_iter().map(|item| unit(item.embedding).ok_or(Unusable::Unreadable)).collect()
    }
}
