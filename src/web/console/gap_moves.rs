//! Groups of questions put right by hand: one merged into another, a wording split off. Both are forms on the page of the group.

use axum::extract::State as Extract;
use axum::response::Response;

use super::form::{Field, Form};
use super::gaps::HERE;
use super::widgets::Fold;
use super::{Pages, done};
use crate::domain::gap::GapState;
use crate::domain::staff::{Actor, Permission};
use crate::replies::gap_moves as words;
use crate::store::gaps::{self, Which};
use crate::web::State;
use crate::web::api::gaps::GapView;
use crate::web::extract::Path;
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

/// Groups offered to merge into: the nearest in words, then those most asked.
const OFFERED: usize = 40;
const OF_EACH: i64 = 20;

pub(super) fn pages(pages: Pages) -> Pages {
    pages.post("/console/gaps/{id}/merge", Permission::Answer, merge).post("/console/gaps/{id}/split", Permission::Answer, split)
}

/// The forms, folded; none where there is nothing to move.
pub(super) async fn forms(state: &State, session: &Session, view: &GapView) -> Result<Vec<String>, ApiError> {
    let gap = &view.gap;
    let mut blocks = Vec::new();
    let others = view.wordings.iter().filter(|wording| wording.wording != gap.question);
    let others: Vec<(String, String)> =
        others.map(|wording| (wording.wording.clone(), words::wording_with_count(&wording.wording, wording.asked))).collect();
    if !others.is_empty() && view.wordings.len() > 1 {
        let form = Form::new(session, format!("{HERE}/{}/split", gap.id), &words::split_button())
            .field(Field::choice("wording", &words::wording_label(), others).hint(&words::split_hint()));
        blocks.push(Fold::closed(&words::split_heading(), &form).to_string());
    }
    if gap.document.is_none() && view.draft.is_none() {
        let targets = targets(state, view).await?;
        if !targets.is_empty() {
            let form = Form::new(session, format!("{HERE}/{}/merge", gap.id), &words::merge_button())
                .field(Field::choice("into", &words::merge_label(), targets).hint(&words::merge_hint()));
            blocks.push(Fold::closed(&words::merge_heading(), &form).to_string());
        }
    }
    Ok(blocks)
}

/// The groups it may go into, each with its state and how often it was asked.
async fn targets(state: &State, view: &GapView) -> Result<Vec<(String, String)>, ApiError> {
    let mut found = state.gaps.near(&view.gap.question, state.clock.now()).await?;
    let mut conn = state.store.read().await?;
    for which in [Which::ToDo, Which::Of(GapState::Published)] {
        found.extend(gaps::list(&mut conn, which, 0, OF_EACH).await?);
    }
    drop(conn);
    let mut targets: Vec<(String, String)> = Vec::new();
    for gap in found.into_iter().filter(|gap| gap.id != view.gap.id && gap.state != GapState::Dismissed) {
        if targets.len() < OFFERED && !targets.iter().any(|(id, _)| *id == gap.id) {
            targets.push((gap.id.clone(), words::group_with_count(&gap.question, gap.asked, gap.state)));
        }
    }
    Ok(targets)
}

async fn merge(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let merged = state.gaps.merge(&id, fields.text("into"), &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("{HERE}/{}", merged.id), &words::merged()).await
}

async fn split(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    // Browsers send line ends in their own way; what was asked is kept as it came.
    let wording = fields.text("wording").replace("\r\n", "\n");
    let split = state.gaps.split(&id, &wording, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("{HERE}/{}", split.id), &words::split()).await
}
