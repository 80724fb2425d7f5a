//! Documents that were perhaps misread: nobody is answered from them until a person has compared them with their source.

use axum::extract::State as Extract;
use serde::Deserialize;

use crate::broadcasts::Actor;
use crate::domain::bulletin::Targets;
use crate::domain::document::Publication;
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::replies::problems;
use crate::store::documents::{self, StoredDocument};
use crate::store::{Tx, audit};
use crate::web::State;
use crate::web::api::import::{Stored, draft_bulletin};
use crate::web::extract::{Json, Path};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// To whom the drafted bulletin goes.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Tags of groups; `*`, every group, unless told.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// Says that the text was compared with its source and is right: it becomes a draft, with its bulletin.
#[utoipa::path(post, path = "/documents/{id}/release", summary = "确认与原文一致：成为草稿，带通知", tag = "documents", security(("token" = [])), params(("id" = String, Path)),
    request_body = Release,
    responses((status = 200, body = Stored), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn release(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(release): Json<Release>,
) -> Result<Json<Stored>, ApiError> {
    staff.require(Permission::WriteDocuments)?;
    let actor = Actor { id: staff.user_id, name: staff.name };
    let tags = if release.tags.is_empty() { vec!["*".to_owned()] } else { release.tags };
    let (_, stored) = let_go(&state, &id, tags, &actor, state.clock.now()).await?;
    Ok(Json(stored))
}

/// Says that the text was misread: it is never answered from.
#[utoipa::path(post, path = "/documents/{id}/discard", summary = "确认识别错了：不再用来回答", tag = "documents", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn discard(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<axum::http::StatusCode, ApiError> {
    staff.require(Permission::WriteDocuments)?;
    give_up(&state, &id, &staff.name, state.clock.now()).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

/// Makes a draft of what was held back; its title, and what was done.
pub async fn let_go(state: &State, id: &str, tags: Vec<String>, actor: &Actor, now: Timestamp) -> Result<(String, Stored), ApiError> {
    let mut tx = state.store.begin().await?;
    let held = held(&mut tx, id).await?;
    documents::set_publication(&mut tx, id, Publication::Draft, now).await?;
    let targets = Targets { channels: Vec::new(), tags };
    let bulletin = draft_bulletin(state, &mut tx, &held.document, targets, actor, now).await?;
    audit::record(&mut tx, &actor.name, "document.release", id, &held.doubts, now).await?;
    tx.commit().await?;
    Ok((held.document.title, Stored { document: id.to_owned(), quarantined: false, bulletin }))
}

/// Puts aside for good what was held back; its title.
pub async fn give_up(state: &State, id: &str, name: &str, now: Timestamp) -> Result<String, ApiError> {
    let mut tx = state.store.begin().await?;
    let held = held(&mut tx, id).await?;
    documents::set_publication(&mut tx, id, Publication::Withdrawn, now).await?;
    audit::record(&mut tx, name, "document.discard", id, &held.doubts, now).await?;
    tx.commit().await?;
    Ok(held.document.title)
}

async fn held(tx: &mut Tx, id: &str) -> Result<StoredDocument, ApiError> {
    let stored = documents::get(tx, id).await?.ok_or_else(|| ApiError::no_such("文件"))?;
    if stored.publication != Publication::Quarantined {
        return Err(ApiError::Conflict(problems::not_quarantined(&stored.document.title)));
    }
    Ok(stored)
}
