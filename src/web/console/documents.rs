//! Knowledge: every document with the time it holds, as the index sees it; what is due for review; taking one out of the answers.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use chrono::NaiveDate;
use serde::Deserialize;

use super::chart;
use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Confirm, Empty, Facts, Table};
use super::{Frame, Pages, confirm, done, html, sheet};
use crate::domain::document::{Document, Publication, Validity};
use crate::domain::staff::Permission;
use crate::domain::time::chinese_date;
use crate::knowledge::{self, DueKind, NOTICE_DAYS, passages_of};
use crate::replies::{console, pages};
use crate::store::{audit, documents};
use crate::web::State;
use crate::web::api::documents::{Filter, Summary, find, page_of, summary};
use crate::web::extract::{Path, Query};
use crate::web::paging::{Page, Paging};
use crate::web::problem::ApiError;
use crate::web::session::Session;

const PATH: &str = "/console/documents";
/// A quarter: long enough to plan by.
const AHEAD: [(&str, &str); 3] = [("30", "30 天内"), ("90", "90 天内"), ("365", "一年内")];

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
        _ => {
            let filter = Filter { q: Some(wanted.q.clone()), validity: Some(wanted.validity.clone()), ..Filter::default() };
            page_of(find(&state.answering.search().snapshot(), &filter, today)?, &paging)?
        }
    };
    let search = Form::search(PATH, "查找")
        .field(Field::text("q", "标题、文号或主题").value(wanted.q.clone()).most(100))
        .field(Field::choice("validity", "效力", validities()).value(wanted.validity.clone()))
        .field(Field::choice("publication", "状态", publications()).value(wanted.publication.clone()));
    let empty = Empty::new("没有文件", "换个条件再找，或导入新的政策文件。").link("/console/documents/import", "导入文件");
    let mut table = Table::new("文件", &["标题", "文号", "类别", "效力", "施行时间"], empty);
    for summary in &page.items {
        table.row(row(summary, today));
    }
    table.next(page.next_cursor.map(|cursor| {
        let part = |text: &str| askama::filters::urlencode_strict(text).map(|text| text.to_string()).unwrap_or_default();
        format!("{PATH}?q={}&validity={}&publication={}&cursor={}", part(&wanted.q), wanted.validity, wanted.publication, part(&cursor))
    }));
    let mut actions = vec![Action::open("/console/documents/due", "该复核的"), Action::open("/console/explain", "试问并看依据")];
    if session.may(Permission::WriteDocuments) {
        actions.insert(0, Action::open("/console/documents/import", "导入文件").first());
    }
    sheet(Frame::of(&session, PATH, "知识库"), vec![Actions(actions).to_string(), search.to_string(), table.to_string()])
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
        Cell::text(pages::kind_name(summary.kind)),
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
        (None, None) => return Err(ApiError::no_such("文件")),
    };
    let mut facts: Vec<(String, Cell)> = vec![
        ("效力".to_owned(), Cell::badge(mark(document.validity(today)), document.validity(today).word())),
        ("施行时间".to_owned(), Cell::Picture(chart::span(document.effective_from, document.effective_to, today))),
    ];
    facts.extend(pages::facts(&document).into_iter().map(|(name, value)| (name.to_owned(), Cell::text(value))));
    if let Some(by) = &document.superseded_by {
        facts.push(("被替代".to_owned(), Cell::text(by)));
    }
    facts.push(("来源".to_owned(), Cell::text(console::where_kept(publication, version))));
    let mut actions = Vec::new();
    if snapshot.document(&id).is_some() {
        actions.push(Action::open(format!("/policies/{id}"), "对外页面"));
    }
    if publication == Some(Publication::Published) && session.may(Permission::WriteDocuments) {
        actions.push(Action::open(format!("{PATH}/{id}/withdraw"), "撤下").danger());
    }
    let passages = shown(&document);
    let more = passages.len().saturating_sub(MOST_PASSAGES);
    html(&One {
        frame: Frame::of(&session, PATH, &document.title),
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
            let mut place = passage.headings.clone();
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
    let stored = documents::get(&mut *state.store.read().await?, &id).await?.ok_or_else(|| ApiError::no_such("文件"))?;
    let asked = Confirm {
        text: console::ask_withdraw(&stored.document.title),
        action: format!("{PATH}/{id}/withdraw"),
        csrf: session.csrf.clone(),
        hidden: Vec::new(),
        label: "撤下".to_owned(),
        back: format!("{PATH}/{id}"),
    };
    confirm(Frame::of(&session, PATH, "撤下文件"), &asked)
}

async fn withdraw(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    let stored = documents::get(&mut tx, &id).await?.ok_or_else(|| ApiError::no_such("文件"))?;
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
    let known = AHEAD.iter().find(|(days, _)| *days == ahead.days);
    let days = known.and_then(|(days, _)| days.parse().ok()).unwrap_or(NOTICE_DAYS);
    let snapshot = state.answering.search().snapshot();
    let found = knowledge::due(snapshot.documents(), state.clock.now().date(), days);
    let empty = Empty::new("近期没有要复核的文件", "文件快到执行期限，或超过一年没有核对，会提前出现在这里。");
    let mut table = Table::new("该复核的文件", &["日期", "文件", "原因", "受影响的已审答复"], empty);
    for due in found {
        let why = match due.kind {
            DueKind::Expiry => Cell::badge("bad", "执行到期"),
            DueKind::Review => Cell::badge("wait", "满一年未核对"),
        };
        let title = Cell::link(format!("{PATH}/{}", due.document), due.title);
        table.row(vec![Cell::text(chinese_date(due.on)), title, why, Cell::text(due.verified.join("、"))]);
    }
    let search = Form::search("/console/documents/due", "查看").field(Field::choice("days", "时间", AHEAD).value(days.to_string()));
    sheet(Frame::of(&session, PATH, "该复核的文件"), vec![search.to_string(), table.to_string()])
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
        ("", "全部"),
        ("in_force", Validity::InForce.word()),
        ("amended", Validity::Amended.word()),
        ("repealed", Validity::Repealed.word()),
        ("expired", Validity::Expired.word()),
        ("not_yet", Validity::NotYet.word()),
    ]
}

fn publications() -> [(&'static str, &'static str); 3] {
    [("", "已发布"), ("draft", "待发布"), ("withdrawn", "已撤下")]
}
