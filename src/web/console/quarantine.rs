//! What was perhaps misread: released or given up on the document's page, after a look at the original.

use axum::extract::State as Extract;
use axum::response::Response;

use super::{Pages, done};
use crate::broadcasts::Actor;
use crate::domain::staff::Permission;
use crate::replies::console;
use crate::web::State;
use crate::web::api::quarantine::{give_up, let_go};
use crate::web::extract::Path;
use crate::web::problem::ApiError;
use crate::web::session::Session;

const HELD: &str = "/console/documents?publication=quarantined";

pub(super) fn pages(pages: Pages) -> Pages {
    pages.post("/console/documents/{id}/release", Permission::WriteDocuments, release).post(
        "/console/documents/{id}/discard",
        Permission::WriteDocuments,
        discard,
    )
}

async fn release(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let (title, _) = let_go(&state, &id, vec!["*".to_owned()], &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, "/console/documents?publication=draft", &console::released(&title)).await
}

async fn discard(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let title = give_up(&state, &id, &session.staff.name, state.clock.now()).await?;
    done(&state, &session, HELD, &console::discarded(&title)).await
}
