//! The report of a promotion month: to read, to print, to file away, to send to the management's groups.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;

use super::chart::{Point, columns};
use super::widgets::{Action, Actions, Cell, Empty, Table, Tile, Tiles};
use super::{Frame, Pages, done, html};
use crate::broadcasts::Actor;
use crate::domain::campaign::ItemKind;
use crate::domain::report::{CampaignReport, ItemOutcome, ReportItem};
use crate::domain::staff::Permission;
use crate::replies::console_pages::reports as text;
use crate::replies::reports as words;
use crate::store::outings;
use crate::web::State;
use crate::web::api::reports::file;
use crate::web::extract::Path;
use crate::web::problem::ApiError;
use crate::web::report_files::notes;
use crate::web::session::Session;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/console/campaigns/{id}/report", Permission::Read, page)
        .get("/console/campaigns/{id}/report/{format}", Permission::Read, download)
        .post("/console/campaigns/{id}/report/bulletin", Permission::WriteCampaigns, bulletin)
}

#[derive(Template)]
#[template(path = "console/report.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    actions: Actions,
    period: String,
    summary: Vec<String>,
    tiles: Tiles,
    items_heading: &'static str,
    items: Table,
    outings_heading: &'static str,
    outings: Option<Table>,
    notes: Vec<String>,
    chart: String,
    classes_heading: &'static str,
    classes: Option<Table>,
    /// Address of each photo, and what stands under it.
    photos: Vec<(String, String)>,
    made_at: String,
}

async fn page(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let report = state.broadcasts.campaign_report(&id, state.clock.now()).await?;
    let path = format!("/console/campaigns/{id}");
    let mut actions = vec![
        Action::open(&path, text::BACK),
        Action::open(format!("{path}/report/docx"), text::WORD),
        Action::open(format!("{path}/report/xlsx"), text::EXCEL),
    ];
    if session.may(Permission::WriteCampaigns) {
        actions.push(Action::send(format!("{path}/report/bulletin"), text::DRAFT, &session.csrf));
    }
    let held: Vec<&ReportItem> = report.items.iter().filter(|item| item.kind == ItemKind::Outing).collect();
    let mut photos = Vec::new();
    let mut conn = state.store.read().await?;
    for item in held.iter().filter(|item| !item.photos.is_empty()) {
        let taken = outings::photos(&mut conn, &item.id).await?;
        photos
            .extend(taken.iter().map(|photo| (format!("/console/photos/{}", photo.id), words::photo_caption(&item.title, &photo.caption))));
    }
    html(&Page {
        frame: Frame::of(&session, "/console/campaigns", &words::title(&report)),
        actions: Actions(actions),
        period: words::period(&report),
        summary: words::summary(&report),
        tiles: tiles(&report),
        items_heading: words::items_heading(),
        items: items(&report),
        outings_heading: words::outings_heading(),
        outings: (!held.is_empty()).then(|| outing_table(&held)),
        notes: notes(&report),
        chart: chart(&held),
        classes_heading: words::classes_heading(),
        classes: (!report.classes.is_empty()).then(|| class_table(&report)),
        photos,
        made_at: words::made_at(&report),
    })
}

fn tiles(report: &CampaignReport) -> Tiles {
    let sums = &report.totals;
    let tile = |label: &str, value: i64, mark| Tile { label: label.to_owned(), value: value.to_string(), path: None, mark };
    let bad = |value: i64| if value > 0 { "bad" } else { "plain" };
    Tiles(vec![
        tile(text::PLANNED, sums.planned, "plain"),
        tile(text::ON_TIME, sums.on_time, "good"),
        tile(text::LATE, sums.late, if sums.late > 0 { "wait" } else { "plain" }),
        tile(text::HELD, sums.held, bad(sums.held)),
        tile(text::DELIVERED, sums.delivered, "plain"),
        tile(text::MISSING, sums.missing, bad(sums.missing)),
        tile(text::OUTINGS, sums.outings, "plain"),
        tile(text::VISITORS, sums.visitors, "plain"),
        tile(text::SESSIONS, sums.sessions_held, "plain"),
        tile(text::CAME, sums.came, "plain"),
    ])
}

fn items(report: &CampaignReport) -> Table {
    let mut table = Table::new(words::items_heading(), &words::ITEM_HEADS, Empty::new(text::NONE, text::NONE_HERE));
    for item in &report.items {
        let [planned, title, kind, outcome, sent, reached] = words::item_row(item);
        let path = format!("/console/campaigns/{}/items/{}", report.id, item.id);
        table.row(vec![
            Cell::text(planned),
            Cell::link(path, title),
            Cell::quiet(kind),
            Cell::badge(mark(item.outcome), outcome),
            Cell::text(sent),
            Cell::text(reached),
        ]);
    }
    table
}

fn mark(outcome: ItemOutcome) -> &'static str {
    match outcome {
        ItemOutcome::OnTime => "good",
        ItemOutcome::Late | ItemOutcome::ToCome | ItemOutcome::Undated => "wait",
        ItemOutcome::Partly | ItemOutcome::Held | ItemOutcome::NotApproved => "bad",
        ItemOutcome::CalledOff => "plain",
    }
}

fn outing_table(outings: &[&ReportItem]) -> Table {
    let mut table = Table::new(words::outings_heading(), &words::OUTING_HEADS, Empty::new(text::NO_OUTINGS, ""));
    for item in outings {
        let [at, title, place, visitors, inquiries, handouts, scans] = words::outing_row(item);
        table.row(vec![
            Cell::text(at),
            Cell::link(format!("/console/outings/{}", item.id), title),
            Cell::text(place),
            Cell::text(visitors),
            Cell::text(inquiries),
            Cell::text(handouts),
            Cell::text(scans),
        ]);
    }
    table
}

fn class_table(report: &CampaignReport) -> Table {
    let mut table = Table::new(words::classes_heading(), &words::CLASS_HEADS, Empty::new("", ""));
    for class in &report.classes {
        let [at, title, place, held, enrolled, came] = words::class_row(class);
        table.row(vec![
            Cell::text(at),
            Cell::link(format!("/console/classes/{}", class.id), title),
            Cell::text(place),
            Cell::text(held),
            Cell::text(enrolled),
            Cell::text(came),
        ]);
    }
    table
}

fn chart(outings: &[&ReportItem]) -> String {
    let points: Vec<Point> = outings
        .iter()
        .filter_map(|item| Some(Point { label: item.title.chars().take(6).collect(), values: vec![item.visitors?] }))
        .collect();
    // One column alone tells less than the table above it.
    if points.len() < 2 { String::new() } else { columns(text::VISITORS_CHART, &text::VISITORS_HEADS, &points) }
}

async fn download(Extract(state): Extract<State>, Path((id, format)): Path<(String, String)>) -> Result<Response, ApiError> {
    let report = state.broadcasts.campaign_report(&id, state.clock.now()).await?;
    file(&state, &report, &format).await
}

async fn bulletin(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.report_bulletin(&id, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("/console/campaigns/{id}/report"), &words::drafted()).await
}
