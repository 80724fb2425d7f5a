//! Knowledge: every document with the time it holds, as the index sees it; what is due for review; taking one out of the answers.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use chrono::NaiveDate;
use serde::Deserialize;

use super::chart;
use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Confirm, Empty, Facts, Note, Table};
use super::{Frame, Pages, confirm, done, html, sheet};
use crate::domain::document::{Document, Publication, Validity};
use crate::domain::staff::Permission;
use crate::domain::time::chinese_date;
use crate::knowledge::{self, DueKind, NOTICE_DAYS, passages_of};
use crate::replies::console_pages::documents as text;
use crate::replies::{console, pages};
use crate::store::{audit, documents};
use crate::web::State;
use crate::web::api::documents::{Filter, Summary, find, page_of, summary};
use crate::web::extract::{Path, Query};
use crate::web::paging::{Page, Paging};
use crate::web::problem::ApiError;
use crate::web::session::Session;

const PATH: &str = "/console/documents";

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get(PATH, Permission::Read, list)
        .get("/console/documents/due", Permission::Read, due)
        .get("/console/documents/{id}", Permission::Read, one)
        .get("/console/documents/{id}/withdraw", Permission::WriteDocuments, ask_withdraw)
        .post("/console/documents/{id}/withdraw", Permission::WriteDocuments, withdraw)
}

/// Which documents to list.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    validity: String,
    #[serde(default)]
    publication: String,
}

/// A passage as the index sees it.
struct Shown {
    ordinal: usize,
    place: String,
    bytes: String,
    text: String,
}

#[derive(Template)]
#[template(path = "console/document.html", config = "src/web/askama.toml")]
struct One {
    frame: Frame,
    /// Shown while the text waits to be compared with its source.
    note: Option<Note>,
    actions: Actions,
    facts: Facts,
    questions: Vec<String>,
    passages: Vec<Shown>,
    /// Passages beyond those shown.
    more: usize,
}

async fn list(
    Extract(state): Extract<State>,
    session: Session,
    paging: Paging,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let today = state.clock.now().date();
    let page = match wanted.publication.as_str() {
        "draft" => stored(&state, Publication::Draft, &paging, today).await?,
        "withdrawn" => stored(&state, Publication::Withdrawn, &paging, today).await?,
        "quarantined" => stored(&state, Publication::Quarantined, &paging, today).await?,
        _ => {
            let filter = Filter { q: Some(wanted.q.clone()), validity: Some(wanted.validity.clone()), ..Filter::default() };
            page_of(find(&state.answering.search().snapshot(), &filter, today)?, &paging)?
        }
    };
    let search = Form::search(PATH, text::FIND)
        .field(Field::text("q", text::WORDS).value(wanted.q.clone()).most(100))
        .field(Field::choice("validity", text::VALIDITY, validities()).value(wanted.validity.clone()))
        .field(Field::choice("publication", text::STATE, publications()).value(wanted.publication.clone()));
    let empty = Empty::new(text::NONE, text::BEGIN).link("/console/documents/import", text::IMPORT);
    let mut table = Table::new(text::CAPTION, &text::HEADS, empty);
    for summary in &page.items {
        table.row(row(summary, today));
    }
    table.next(page.next_cursor.map(|cursor| {
        let part = |text: &str| askama::filters::urlencode_strict(text).map(|text| text.to_string()).unwrap_or_default();
        format!("{PATH}?q={}&validity={}&publication={}&cursor={}", part(&wanted.q), wanted.validity, wanted.publication, part(&cursor))
    }));
    let mut actions = vec![Action::open("/console/documents/due", text::DUE), Action::open("/console/explain", text::TRY)];
    if session.may(Permission::WriteDocuments) {
        actions.insert(0, Action::open("/console/documents/import", text::IMPORT).first());
    }
    sheet(Frame::of(&session, PATH, text::TITLE), vec![Actions(actions).to_string(), search.to_string(), table.to_string()])
}

async fn stored(state: &State, publication: Publication, paging: &Paging, today: NaiveDate) -> Result<Page<Summary>, ApiError> {
    let found = documents::list_by_publication(&mut *state.store.read().await?, publication, &paging.after, paging.probe()).await?;
    let summaries = found.iter().map(|stored| summary(&stored.document, publication, today)).collect();
    Ok(Page::of(summaries, paging, |summary| summary.id.clone()))
}

fn row(summary: &Summary, today: NaiveDate) -> Vec<Cell> {
    vec![
        Cell::link(format!("{PATH}/{}", summary.id), &summary.title),
        Cell::quiet(summary.number.clone().unwrap_or_default()),
        Cell::badge("plain", pages::kind_name(summary.kind)),
        Cell::badge(mark(summary.validity), summary.validity.word()),
        Cell::Picture(chart::span(summary.effective_from, summary.effective_to, today)),
    ]
}

async fn one(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    /// A law of a thousand articles is read on its own page, not here.
    const MOST_PASSAGES: usize = 200;
    let today = state.clock.now().date();
    let snapshot = state.answering.search().snapshot();
    let kept = documents::get(&mut *state.store.read().await?, &id).await?;
    let publication = kept.as_ref().map(|stored| stored.publication);
    let (document, version) = match (snapshot.document(&id), &kept) {
        (Some(document), kept) => (document.clone(), kept.as_ref().map(|stored| stored.version)),
        (None, Some(stored)) => (stored.document.clone(), Some(stored.version)),
        (None, None) => return Err(ApiError::no_such(text::CAPTION)),
    };
    let mut facts: Vec<(String, Cell)> = vec![
        (text::VALIDITY.to_owned(), Cell::badge(mark(document.validity(today)), document.validity(today).word())),
        (text::HOLDS.to_owned(), Cell::Picture(chart::span(document.effective_from, document.effective_to, today))),
    ];
    facts.extend(pages::facts(&document).into_iter().map(|(name, value)| (name.to_owned(), Cell::text(value))));
    if let Some(by) = &document.superseded_by {
        facts.push((text::SUPERSEDED.to_owned(), Cell::text(by)));
    }
    facts.push((text::SOURCE.to_owned(), Cell::text(console::where_kept(publication, version))));
    for doubt in kept.iter().flat_map(|stored| stored.doubts.lines()) {
        facts.push((text::DOUBTS.to_owned(), Cell::badge("wait", doubt)));
    }
    let mut actions = Vec::new();
    if publication == Some(Publication::Quarantined) && session.may(Permission::WriteDocuments) {
        actions.push(Action::send(format!("{PATH}/{id}/release"), text::RELEASE, &session.csrf).first());
        actions.push(Action::send(format!("{PATH}/{id}/discard"), text::DISCARD, &session.csrf).danger());
    }
    if snapshot.document(&id).is_some() {
        actions.push(Action::open(format!("/policies/{id}"), text::PUBLIC_PAGE));
    }
    if publication == Some(Publication::Published) && session.may(Permission::WriteDocuments) {
        actions.push(Action::open(format!("{PATH}/{id}/withdraw"), text::WITHDRAW).danger());
    }
    let passages = shown(&document);
    let more = passages.len().saturating_sub(MOST_PASSAGES);
    html(&One {
        frame: Frame::of(&session, PATH, &document.title),
        note: (publication == Some(Publication::Quarantined))
            .then(|| Note { title: text::COMPARE.to_owned(), text: text::COMPARE_TELLS.to_owned() }),
        actions: Actions(actions),
        facts: Facts(facts),
        questions: document.questions.clone(),
        passages: passages.into_iter().take(MOST_PASSAGES).collect(),
        more,
    })
}

fn shown(document: &Document) -> Vec<Shown> {
    passages_of(document)
        .into_iter()
        .map(|passage| {
            let mut place = passage.headings.to_vec();
            place.extend(passage.article.clone());
            Shown {
                ordinal: passage.ordinal + 1,
                place: place.join(" › "),
                bytes: console::bytes(passage.start, passage.end),
                text: passage.text(document).to_owned(),
            }
        })
        .collect()
}

async fn ask_withdraw(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let stored = documents::get(&mut *state.store.read().await?, &id).await?.ok_or_else(|| ApiError::no_such(text::CAPTION))?;
    let asked = Confirm {
        text: console::ask_withdraw(&stored.document.title),
        action: format!("{PATH}/{id}/withdraw"),
        csrf: session.csrf.clone(),
        hidden: Vec::new(),
        label: text::WITHDRAW.to_owned(),
        back: format!("{PATH}/{id}"),
    };
    confirm(Frame::of(&session, PATH, text::WITHDRAW_TITLE), &asked)
}

async fn withdraw(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    let stored = documents::get(&mut tx, &id).await?.ok_or_else(|| ApiError::no_such(text::CAPTION))?;
    if stored.publication != Publication::Published {
        return Err(ApiError::Conflict(console::not_published(&stored.document.title)));
    }
    documents::set_publication(&mut tx, &id, Publication::Withdrawn, now).await?;
    audit::record(&mut tx, &session.staff.name, "document.withdraw", &id, "", now).await?;
    tx.commit().await?;
    state.freshness.refresh_if_changed().await?;
    done(&state, &session, PATH, &console::withdrawn(&stored.document.title)).await
}

/// How far ahead to look.
#[derive(Debug, Default, Deserialize)]
struct Ahead {
    #[serde(default)]
    days: String,
}

async fn due(Extract(state): Extract<State>, session: Session, Query(ahead): Query<Ahead>) -> Result<Response, ApiError> {
    let known = text::DAYS_AHEAD.iter().find(|(days, _)| *days == ahead.days);
    let days = known.and_then(|(days, _)| days.parse().ok()).unwrap_or(NOTICE_DAYS);
    let snapshot = state.answering.search().snapshot();
    let found = knowledge::due(snapshot.documents(), state.clock.now().date(), days);
    let empty = Empty::new(text::NONE_DUE, text::DUE_TELLS);
    let mut table = Table::new(text::DUE_TITLE, &text::DUE_HEADS, empty);
    for due in found {
        let why = match due.kind {
            DueKind::Expiry => Cell::badge("bad", text::EXPIRES),
            DueKind::Review => Cell::badge("wait", text::UNCHECKED),
        };
        let title = Cell::link(format!("{PATH}/{}", due.document), due.title);
        table.row(vec![Cell::text(chinese_date(due.on)), title, why, Cell::text(due.verified.join("、"))]);
    }
    let search = Form::search("/console/documents/due", text::SHOW)
        .field(Field::choice("days", text::AHEAD, text::DAYS_AHEAD).value(days.to_string()));
    let mut contradictions =
        Table::new(text::CONTRADICTIONS, &text::CONTRADICTION_HEADS, Empty::new(text::NO_CONTRADICTIONS, text::CONTRADICTIONS_TELL));
    for line in knowledge::contradictions(snapshot.documents()) {
        let (id, what) = line.split_once('：').unwrap_or(("", &line));
        contradictions.row(vec![Cell::link(format!("{PATH}/{id}"), id), Cell::text(what)]);
    }
    sheet(Frame::of(&session, PATH, text::DUE_TITLE), vec![search.to_string(), table.to_string(), contradictions.to_string()])
}

fn mark(validity: Validity) -> &'static str {
    match validity {
        Validity::InForce | Validity::Amended => "good",
        Validity::Repealed | Validity::Expired => "bad",
        Validity::NotYet => "wait",
    }
}

fn validities() -> [(&'static str, &'static str); 6] {
    [
        ("", text::ANY),
        ("in_force", Validity::InForce.word()),
        ("amended", Validity::Amended.word()),
        ("repealed", Validity::Repealed.word()),
        ("expired", Validity::Expired.word()),
        ("not_yet", Validity::NotYet.word()),
    ]
}

fn publications() -> [(&'static str, &'static str); 4] {
    [("", text::PUBLISHED), ("draft", text::DRAFT), ("quarantined", text::QUARANTINED), ("withdrawn", text::WITHDRAWN)]
}
