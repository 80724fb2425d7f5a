//! Optional embeddings (F71): passages near in meaning, fused by rank with those that share words.
//! Its one rule: whatever goes wrong, the ranking by words is the ranking, and nobody waits longer than the time-out.

mod client;
mod tokens;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use chrono::NaiveDate;

use crate::answering::mask;
use crate::answering::model::breaker::Breaker;
use crate::config;
use crate::domain::time::Timestamp;
use crate::search::{Hit, Part, PassageId, Snapshot, Standing};

use client::{Client, Unusable};
use tokens::TokenVectors;

pub use tokens::Unreadable;

/// Passages sent to the endpoint at once.
const BATCH: usize = 32;
/// How long a batch of passages may take; nobody waits for it.
const BATCH_DEADLINE: Duration = Duration::from_secs(30);
/// Passages near in meaning that take part.
const NEAR: usize = 100;
/// Evens out the first ranks against each other, as reciprocal rank fusion does.
const RANK: f32 = 60.0;
/// Weight of the ranking by meaning against the one by words.
const WEIGHT: f32 = 0.5;
/// Questions whose vector is remembered.
const REMEMBERED: usize = 256;

/// Where vectors come from.
#[derive(Debug)]
enum Origin {
    Endpoint(Client),
    File(TokenVectors),
}

/// The vectors of the passages of one snapshot, each of length 1 or all 0.
struct Known {
    fingerprint: String,
    width: usize,
    values: Vec<f32>,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").field("width", &self.width).field("values", &self.values.len()).finish_non_exhaustive()
    }
}

/// The configured embeddings.
#[derive(Debug)]
pub struct Embeddings {
    origin: Origin,
    deadline: Duration,
    breaker: Mutex<Breaker>,
    known: RwLock<Option<Arc<Known>>>,
    asked: Mutex<Vec<(String, Arc<[f32]>)>>,
}

/// Embeddings that cannot be used as configured.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddingsError {
    #[error("embeddings.file：{0}")]
    File(#[from] Unreadable),
    #[error("无法建立到 embeddings.url 的网络客户端")]
    Client(#[source] reqwest::Error),
}

impl Embeddings {
    /// The embeddings of the configuration, if there are any. Reads the file: call it on a blocking thread.
    pub fn from_config(embeddings: &config::Embeddings) -> Result<Option<Self>, EmbeddingsError> {
        let origin = if !embeddings.file.is_empty() {
            Origin::File(TokenVectors::read(embeddings.file.as_ref())?)
        } else if !embeddings.url.trim().is_empty() {
            Origin::Endpoint(Client::new(embeddings).map_err(EmbeddingsError::Client)?)
        } else {
            return Ok(None);
        };
        Ok(Some(Self {
            origin,
            deadline: Duration::from_millis(embeddings.timeout_ms),
            breaker: Mutex::default(),
            known: RwLock::default(),
            asked: Mutex::default(),
        }))
    }

    /// Brings the vectors of the passages up to a snapshot; while that takes, and where it fails, ranking goes on by words alone.
    pub async fn follow(self: &Arc<Self>, snapshot: &Arc<Snapshot>, now: Timestamp) {
        if self.known_of(snapshot).is_some() || (self.breaker().is_open(now) && matches!(self.origin, Origin::Endpoint(_))) {
            return;
        }
        match &self.origin {
            Origin::File(_) => {
                let (this, of) = (Arc::clone(self), Arc::clone(snapshot));
                if tokio::task::spawn_blocking(move || this.follow_here(&of)).await.is_err() {
                    tracing::error!("the vectors of the passages could not be worked out; ranking goes on by words");
                }
            }
            Origin::Endpoint(client) => match from_endpoint(client, snapshot).await {
                Ok(made) => self.keep(snapshot, made),
                Err(error) => {
                    self.breaker().failed(now);
                    tracing::warn!(error = %error, "the passages have no vectors yet; ranking goes on by words");
                }
            },
        }
    }

    /// The same where the vectors come from a file; an endpoint is left for later. Takes CPU.
    pub fn follow_here(&self, snapshot: &Snapshot) {
        let Origin::File(tokens) = &self.origin else { return };
        let mut values = Vec::with_capacity(snapshot.passage_count() * tokens.width());
        for text in texts(snapshot) {
            match tokens.vector(&text, snapshot) {
                Some(vector) => values.extend(vector),
                None => values.resize(values.len() + tokens.width(), 0.0),
            }
        }
        self.keep(snapshot, Some((tokens.width(), values)));
    }

    fn keep(&self, snapshot: &Snapshot, made: Option<(usize, Vec<f32>)>) {
        if let Some((width, values)) = made {
            let known = Known { fingerprint: snapshot.fingerprint().to_owned(), width, values };
            *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(known));
        }
    }

    /// Asks the endpoint for the vector of a question, masked, so that [`Embeddings::fused`] finds it. Takes at most the time-out.
    pub async fn prepare(&self, question: &str, snapshot: &Snapshot, now: Timestamp) {
        let Origin::Endpoint(client) = &self.origin else { return };
        let masked = mask(question.trim());
        if self.known_of(snapshot).is_none() || self.remembered(&masked).is_some() || self.breaker().is_open(now) {
            return;
        }
        let given = tokio::time::timeout(self.deadline, client.vectors(std::slice::from_ref(&masked))).await;
        match given.map_err(|_| Unusable::Slow).and_then(|given| given) {
            Ok(vectors) => {
                self.breaker().worked();
                let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
                if asked.len() == REMEMBERED {
                    asked.remove(0);
                }
                asked.extend(vectors.into_iter().map(|vector| (masked.clone(), vector.into())));
            }
            Err(error) => {
                self.breaker().failed(now);
                tracing::warn!(error = %error, "the question has no vector; it is ranked by words");
            }
        }
    }

    /// The hits with those near in meaning among them; as they were where there is nothing to compare with.
    pub fn fused(
        &self,
        hits: Vec<Hit>,
        asked: &str,
        snapshot: &Snapshot,
        (standing, as_of): (Standing, NaiveDate),
        limit: usize,
    ) -> Vec<Hit> {
        let vector = match &self.origin {
            Origin::Endpoint(_) => self.remembered(asked),
            Origin::File(tokens) => tokens.vector(asked, snapshot).map(Into::into),
        };
        match (vector, self.known_of(snapshot)) {
            (Some(vector), Some(known)) if vector.len() == known.width => {
                let holds = |id: PassageId| standing == Standing::Any || snapshot.passage(id).0.validity(as_of).holds();
                by_rank(hits, &known.nearest(&vector, holds), limit)
            }
            _ => hits,
        }
    }

    fn known_of(&self, snapshot: &Snapshot) -> Option<Arc<Known>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|known| known.fingerprint == snapshot.fingerprint()).cloned()
    }

    fn remembered(&self, asked: &str) -> Option<Arc<[f32]>> {
        let known = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(question, _)| question == asked).map(|(_, vector)| Arc::clone(vector))
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The passages nearest to a vector of length 1, nearest first; only what holds.
    fn nearest(&self, vector: &[f32], holds: impl Fn(PassageId) -> bool) -> Vec<PassageId> {
        let near = |(at, values): (usize, &[f32])| {
            let id = PassageId(u32::try_from(at).unwrap_or(u32::MAX));
            (values.iter().zip(vector).map(|(a, b)| a * b).sum::<f32>(), id)
        };
        let mut all: Vec<(f32, PassageId)> = self.values.chunks_exact(self.width).enumerate().map(near).collect();
        all.retain(|(likeness, id)| *likeness > 0.0 && holds(*id));
        all.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        all.truncate(NEAR);
        all.into_iter().map(|(_, id)| id).collect()
    }
}

/// Reciprocal rank fusion; the scores stay those of the ranking by words, given to the places anew, so that what follows can compare them.
fn by_rank(hits: Vec<Hit>, near: &[PassageId], limit: usize) -> Vec<Hit> {
    #[expect(clippy::cast_precision_loss, reason = "a rank is a small number")]
    let worth = |rank: usize| 1.0 / (RANK + rank as f32 + 1.0);
    let scores: Vec<f32> = hits.iter().map(|hit| hit.score).collect();
    let lowest = scores.last().copied().unwrap_or_default();
    let mut worths: HashMap<PassageId, f32> = near.iter().enumerate().map(|(rank, id)| (*id, WEIGHT * worth(rank))).collect();
    let mut all = hits;
    all.iter().enumerate().for_each(|(rank, hit)| *worths.entry(hit.passage).or_default() += worth(rank));
    for id in near {
        if !all.iter().any(|hit| hit.passage == *id) {
            all.push(Hit { passage: *id, score: lowest, part: Part::default(), asked: None });
        }
    }
    all.sort_by(|a, b| worths[&b.passage].total_cmp(&worths[&a.passage]).then(a.passage.cmp(&b.passage)));
    all.truncate(limit);
    all.iter_mut().enumerate().for_each(|(at, hit)| hit.score = scores.get(at).copied().unwrap_or(lowest));
    all
}

/// What is embedded of each passage, in their order.
fn texts(snapshot: &Snapshot) -> impl Iterator<Item = String> + use<'_> {
    (0..snapshot.passage_count()).map(|at| {
        let (document, passage) = snapshot.passage(PassageId(u32::try_from(at).unwrap_or(u32::MAX)));
        format!("{}\n{}", document.title, passage.text(document))
    })
}

async fn from_endpoint(client: &Client, snapshot: &Snapshot) -> Result<Option<(usize, Vec<f32>)>, Unusable> {
    let all: Vec<String> = texts(snapshot).collect();
    let (mut width, mut values) = (0, Vec::new());
    for batch in all.chunks(BATCH) {
        let given = tokio::time::timeout(BATCH_DEADLINE, client.vectors(batch)).await.map_err(|_| Unusable::Slow)??;
        for vector in given {
            if width == 0 {
                width = vector.len();
            }
            if vector.len() != width {
                return Err(Unusable::Unreadable);
            }
            values.extend(vector);
        }
    }
    Ok((width > 0).then_some((width, values)))
}

/// A vector brought to length 1; `None` where it has no direction.
fn unit(mut vector: Vec<f32>) -> Option<Vec<f32>> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if !length.is_finite() || length <= f32::EPSILON {
        return None;
    }
    vector.iter_mut().for_each(|value| *value /= length);
    Some(vector)
}
