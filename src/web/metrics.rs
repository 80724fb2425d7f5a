//! `GET /metrics` for Prometheus: how the outbox stands, read from the store, and what this process counted. No names, no texts.

use std::sync::OnceLock;
use std::time::Duration;

use axum::extract::State as Extract;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::State;
use super::problem::{ApiError, Problem};
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::DeliveryState;
use crate::store::queue;

/// Upper ends of the classes of answer times, in seconds.
const ANSWER_SECONDS: [f64; 8] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.3, 1.0, 5.0];
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to count; once for the process, however many services run in it.
pub fn begin() {
    let handle = HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(&ANSWER_SECONDS).ok()?;
        builder.install_recorder().ok()
    });
    if handle.is_none() {
        tracing::warn!("nothing is counted for /metrics: another recorder is installed");
    }
    describe_gauge!("taxhome_outbox_deliveries", "Deliveries that are pending, sending or unknown, by kind of channel");
    describe_gauge!("taxhome_outbox_oldest_due_seconds", Unit::Seconds, "How long the oldest pending delivery has been due");
    describe_counter!("taxhome_outbox_attempts_total", "Attempts by kind of channel and outcome; outcome frozen is a 429");
    describe_counter!("taxhome_questions_total", "Questions by channel and decision");
    describe_histogram!("taxhome_answer_seconds", Unit::Seconds, "How long understanding, searching and composing took");
}

/// Figures for Prometheus.
#[utoipa::path(get, path = "/metrics", summary = "Prometheus 指标", tag = "service",
    responses((status = 200, description = "Prometheus text", body = String, content_type = "text/plain"), (status = 500, body = Problem)))]
pub async fn metrics(Extract(state): Extract<State>) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let waiting = queue::waiting(&mut *state.store.read().await?).await?;
    for kind in ChannelKind::TARGETS {
        for delivery_state in [DeliveryState::Pending, DeliveryState::Sending, DeliveryState::Unknown] {
            let found = waiting.iter().find(|found| found.kind == kind && found.state == delivery_state);
            let many = found.map_or(0, |found| found.many);
            gauge!("taxhome_outbox_deliveries", "channel_kind" => kind.word(), "state" => delivery_state.word()).set(number(many));
            if delivery_state == DeliveryState::Pending {
                let age = found.map_or(Duration::ZERO, |found| now.since(found.oldest_due));
                gauge!("taxhome_outbox_oldest_due_seconds", "channel_kind" => kind.word()).set(age.as_secs_f64());
            }
        }
    }
    let Some(Some(handle)) = HANDLE.get() else { return Err(ApiError::Internal(anyhow::anyhow!("nothing is counted"))) };
    handle.run_upkeep();
    Ok(([(header::CONTENT_TYPE, TEXT)], handle.render()).into_response())
}

#[expect(clippy::cast_precision_loss, reason = "a count of deliveries is far below 2^52")]
fn number(many: i64) -> f64 {
    many as f64
}
