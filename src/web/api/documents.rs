//! Policy documents and guides. Reading is open to everybody; what staff import waits as a draft for the approval of its bulletin.

use axum::extract::State as Extract;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::document::{Confidence, Document, DocumentKind, Publication, Validity};
use crate::domain::staff::Permission;
use crate::knowledge::{self, Due, NOTICE_DAYS};
use crate::replies::problems;
use crate::search::Snapshot;
use crate::store::documents;
use crate::web::State;
use crate::web::api::formats::WantedValidity;
use crate::web::extract::{Json, Path, Query};
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::{Staff, authenticate};

/// The furthest anybody looks ahead, in days.
const MOST_DAYS: u32 = 366;

/// A document in a list.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Summary {
    pub id: String,
    pub title: String,
    pub number: Option<String>,
    pub issuer: Option<String>,
    pub kind: DocumentKind,
    pub published: Option<NaiveDate>,
    pub effective_from: Option<NaiveDate>,
    pub effective_to: Option<NaiveDate>,
    /// Standing today.
    pub validity: Validity,
    pub topics: Vec<String>,
    pub superseded_by: Option<String>,
    pub confidence: Confidence,
    pub publication: Publication,
    /// Its page.
    pub page: String,
}

/// A whole document.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Whole {
    #[serde(flatten)]
    pub summary: Summary,
    pub audience: Vec<String>,
    pub supersedes: Vec<String>,
    pub source: Option<String>,
    pub official_link: Option<String>,
    pub reviewed: Option<NaiveDate>,
    pub questions: Vec<String>,
    pub matter: Option<String>,
    /// What the importer was not sure of.
    pub doubts: Vec<String>,
    pub text: String,
    pub passages: Vec<PassageRange>,
}

/// A quotable stretch of the text.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PassageRange {
    pub ordinal: usize,
    pub headings: Vec<String>,
    pub article: Option<String>,
    /// Byte range in `text`.
    pub start: usize,
    pub end: usize,
}

/// Which documents to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Words of title, number or topic.
    #[serde(default)]
    pub q: Option<String>,
    #[serde(default)]
    pub topic: Option<String>,
    /// in_force, amended, repealed, expired or not_yet.
    #[serde(default)]
    #[param(inline, value_type = Option<WantedValidity>)]
    pub validity: Option<String>,
    /// published (for everybody), draft, quarantined or withdrawn (for staff).
    #[serde(default)]
    #[param(value_type = Option<Publication>)]
    pub publication: Option<String>,
}

/// Documents, the newest first.
#[utoipa::path(get, path = "/documents", summary = "政策文件，新的在前", tag = "documents", params(PagingParameters, Filter),
    responses((status = 200, body = Page<Summary>), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub async fn list(
    Extract(state): Extract<State>,
    headers: axum::http::HeaderMap,
    paging: Paging,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<Summary>>, ApiError> {
    let today = state.clock.now().date();
    match filter.publication.as_deref().unwrap_or("published") {
        "published" => {
            let found = find(&state.answering.search().snapshot(), &filter, today)?;
            Ok(Json(page_of(found, &paging)?))
        }
        word => {
            let publication = match word {
                "draft" => Publication::Draft,
                "withdrawn" => Publication::Withdrawn,
                "quarantined" => Publication::Quarantined,
                _ => return Err(ApiError::invalid("publication", problems::wrong_publication())),
            };
            authenticate(&state, &headers).await?.require(Permission::Read)?;
            let mut conn = state.store.read().await?;
            let stored = documents::list_by_publication(&mut conn, publication, &paging.after, paging.probe()).await?;
            let summaries = stored.iter().map(|stored| summary(&stored.document, publication, today)).collect();
            Ok(Json(Page::of(summaries, &paging, |summary| summary.id.clone())))
        }
    }
}

/// How far ahead to look.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Ahead {
    /// Days from today, 0 to 366; 30 unless told.
    #[param(minimum = 0, maximum = 366)]
    pub days: Option<u32>,
}

/// Texts that soon expire or are due for review, with the approved answers that rest on them; the nearest first.
#[utoipa::path(get, path = "/documents/due", summary = "快到期或该复核的文件，以及依据它们的答复", tag = "documents", security(("token" = [])), params(Ahead),
    responses((status = 200, body = Vec<Due>), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub async fn due(Extract(state): Extract<State>, staff: Staff, Query(ahead): Query<Ahead>) -> Result<Json<Vec<Due>>, ApiError> {
    staff.require(Permission::Read)?;
    let days = ahead.days.unwrap_or(NOTICE_DAYS);
    if days > MOST_DAYS {
        return Err(ApiError::invalid("days", problems::wrong_days_ahead(MOST_DAYS)));
    }
    Ok(Json(knowledge::due(state.answering.search().snapshot().documents(), state.clock.now().date(), days)))
}

/// One document with its text.
#[utoipa::path(get, path = "/documents/{id}", summary = "一份文件和它的正文", tag = "documents", params(("id" = String, Path)),
    responses((status = 200, body = Whole), (status = 404, body = Problem)))]
pub async fn get(Extract(state): Extract<State>, headers: axum::http::HeaderMap, Path(id): Path<String>) -> Result<Json<Whole>, ApiError> {
    let today = state.clock.now().date();
    let snapshot = state.answering.search().snapshot();
    if let Some(document) = snapshot.document(&id) {
        return Ok(Json(whole(document, Publication::Published, "", today)));
    }
    // A draft is there for staff only; for everybody else it does not exist.
    let staff: Result<Staff, ApiError> = authenticate(&state, &headers).await;
    let mut conn = state.store.read().await?;
    match (staff, documents::get(&mut conn, &id).await?) {
        (Ok(staff), Some(stored)) if staff.require(Permission::Read).is_ok() => {
            Ok(Json(whole(&stored.document, stored.publication, &stored.doubts, today)))
        }
        _ => Err(ApiError::no_such("文件")),
    }
}

/// The published documents that a filter lets through, the newest first.
pub fn find(snapshot: &Snapshot, filter: &Filter, today: NaiveDate) -> Result<Vec<Summary>, ApiError> {
    let validity = match filter.validity.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(word) => Some(parse_validity(word).ok_or_else(|| ApiError::invalid("validity", problems::wrong_validity()))?),
    };
    let words: Vec<String> = filter.q.as_deref().unwrap_or_default().split_whitespace().map(str::to_lowercase).collect();
    let topic = filter.topic.as_deref().map(str::trim).filter(|topic| !topic.is_empty());
    let mut found: Vec<Summary> = snapshot
        .documents()
        .iter()
        .filter(|document| words.iter().all(|word| mentions(document, word)))
        .filter(|document| topic.is_none_or(|topic| document.topics.iter().any(|known| known == topic)))
        .map(|document| summary(document, Publication::Published, today))
        .filter(|summary| validity.is_none_or(|validity| summary.validity == validity))
        .collect();
    let day = |summary: &Summary| summary.published.or(summary.effective_from);
    found.sort_by(|a, b| day(b).cmp(&day(a)).then_with(|| a.id.cmp(&b.id)));
    Ok(found)
}

/// One page of a list that is all in memory; the cursor is the last id shown.
pub fn page_of(mut found: Vec<Summary>, paging: &Paging) -> Result<Page<Summary>, ApiError> {
    if !paging.after.is_empty() {
        let at = found.iter().position(|summary| summary.id == paging.after);
        let at = at.ok_or_else(|| ApiError::NotFound(problems::wrong_cursor()))?;
        found.drain(..=at);
    }
    Ok(Page::of(found, paging, |summary| summary.id.clone()))
}

/// A document as it stands in lists.
pub fn summary(document: &Document, publication: Publication, today: NaiveDate) -> Summary {
    Summary {
        id: document.id.clone(),
        title: document.title.clone(),
        number: document.number.clone(),
        issuer: document.issuer.clone(),
        kind: document.kind,
        published: document.published,
        effective_from: document.effective_from,
        effective_to: document.effective_to,
        validity: document.validity(today),
        topics: document.topics.clone(),
        superseded_by: document.superseded_by.clone(),
        confidence: document.confidence,
        publication,
        page: format!("/policies/{}", document.id),
    }
}

fn whole(document: &Document, publication: Publication, doubts: &str, today: NaiveDate) -> Whole {
    let passages = crate::knowledge::passages_of(document);
    Whole {
        summary: summary(document, publication, today),
        audience: document.audience.clone(),
        supersedes: document.supersedes.clone(),
        source: document.source.clone(),
        official_link: document.link.clone(),
        reviewed: document.reviewed,
        questions: document.questions.clone(),
        matter: document.matter.clone(),
        doubts: doubts.lines().map(str::to_owned).collect(),
        text: document.body.clone(),
        passages: passages
            .into_iter()
            .map(|passage| PassageRange {
                ordinal: passage.ordinal,
                headings: passage.headings.to_vec(),
                article: passage.article,
                start: passage.start,
                end: passage.end,
            })
            .collect(),
    }
}

fn mentions(document: &Document, word: &str) -> bool {
    let in_text = |text: &str| text.to_lowercase().contains(word);
    in_text(&document.title)
        || document.number.as_deref().is_some_and(in_text)
        || document.matter.as_deref().is_some_and(in_text)
        || document.topics.iter().chain(&document.questions).any(|text| in_text(text))
}

fn parse_validity(word: &str) -> Option<Validity> {
    match word {
        "in_force" => Some(Validity::InForce),
        "amended" => Some(Validity::Amended),
        "repealed" => Some(Validity::Repealed),
        "expired" => Some(Validity::Expired),
        "not_yet" => Some(Validity::NotYet),
        _ => None,
    }
}
