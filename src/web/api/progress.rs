//! How far a bulletin has come, as it goes out: server-sent events, one for each change. A stream ends by itself after a while so that
//! the service can always stop; browsers ask again on their own.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State as Extract;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::Serialize;

use crate::domain::bulletin::BulletinState;
use crate::domain::delivery::Origin;
use crate::domain::staff::Permission;
use crate::store::deliveries::{self, Counts};
use crate::web::State;
use crate::web::api::formats::Events;
use crate::web::extract::Path;
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(500);
/// A stream ends after so many looks; a client asks again after [`RETRY`].
const LOOKS: u32 = 20;
const RETRY: Duration = Duration::from_secs(1);

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Progress {
    pub state: BulletinState,
    /// The state in Chinese.
    pub state_text: &'static str,
    /// Deliveries with a result.
    pub done: i64,
    /// All deliveries.
    pub total: i64,
    pub counts: Counts,
}

/// How a bulletin stands now.
pub async fn of(state: &State, id: &str) -> Result<Progress, ApiError> {
    let bulletin = state.broadcasts.bulletin(id).await?;
    let counts = deliveries::counts(&mut *state.store.read().await?, Origin::Bulletin, id).await?;
    let Counts { pending, sending, sent, failed, unknown, expired, cancelled, abandoned } = counts;
    let done = sent + failed + expired + cancelled + abandoned;
    let total = done + pending + sending + unknown;
    Ok(Progress { state: bulletin.state, state_text: bulletin.state.chinese(), done, total, counts })
}

/// Server-sent events named `progress`, one at once and one for each change; the stream ends after about ten seconds, or when nothing is
/// left to come.
#[utoipa::path(get, path = "/bulletins/{id}/progress", summary = "实时看发送进度",
    description = "服务器推送事件（text/event-stream），事件名 progress：先发一次当前进度，之后每有变化发一次，data 是 JSON：state 状态、state_text 状态的中文、done 已有结果的条数、total 全部条数、counts 各种结果的条数；约十秒后或全部发完时结束，想继续看就再连一次。", tag = "bulletins", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, content_type = "text/event-stream", body = Events), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn stream(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Response, ApiError> {
    staff.require(Permission::Read)?;
    let first = of(&state, &id).await?;
    let watch = Watch { state, id, shown: None, next: Some(first), looks: 0 };
    let events = stream::unfold(watch, |mut watch| async move {
        let progress = watch.next_change().await?;
        let event = Event::default().event("progress").retry(RETRY).json_data(&progress).ok()?;
        Some((Ok::<_, Infallible>(event), watch))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

struct Watch {
    state: State,
    id: String,
    shown: Option<Progress>,
    next: Option<Progress>,
    looks: u32,
}

impl Watch {
    /// Waits for something new; nothing when the stream is over.
    async fn next_change(&mut self) -> Option<Progress> {
        if let Some(first) = self.next.take() {
            self.shown = Some(first.clone());
            return Some(first);
        }
        if self.shown.as_ref().is_some_and(is_over) {
            return None;
        }
        while self.looks < LOOKS {
            self.looks += 1;
            tokio::time::sleep(LOOK).await;
            let found = of(&self.state, &self.id).await.ok()?;
            if self.shown.as_ref() != Some(&found) {
                self.shown = Some(found.clone());
                return Some(found);
            }
        }
        None
    }
}

fn is_over(progress: &Progress) -> bool {
    let waits = progress.counts.pending + progress.counts.sending + progress.counts.unknown > 0;
    !waits && progress.state != BulletinState::Sending
}
