//! Promotion months: the plans, the month as a calendar, and moving what has slipped.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use chrono::NaiveDate;

use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Facts, Table};
use super::{Frame, Pages, done, html, sheet};
use crate::broadcasts::Actor;
use crate::broadcasts::moving::{Consequence, Moved};
use crate::domain::bulletin::BulletinState;
use crate::domain::campaign::ItemKind;
use crate::domain::staff::Permission;
use crate::domain::time::chinese_date;
use crate::replies::console_pages::campaigns as text;
use crate::replies::{campaigns as words, reports};
use crate::store::campaigns;
use crate::web::State;
use crate::web::api::campaign_calendar::{CalendarDay, DayKind, Event, EventKind, calendar_of};
use crate::web::api::campaigns::ItemView;
use crate::web::extract::{Path, Query};
use crate::web::paging::{Page, Paging};
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

const HERE: &str = "/console/campaigns";

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get(HERE, Permission::Read, list)
        .post("/console/campaigns/import", Permission::WriteCampaigns, import)
        .get("/console/campaigns/{id}", Permission::Read, month)
        .post("/console/campaigns/{id}/approve", Permission::ApproveBulletins, approve)
        .get("/console/campaigns/{id}/items/{item}", Permission::Read, item)
        .post("/console/campaigns/{id}/items/{item}/move", Permission::WriteCampaigns, move_item)
}

#[derive(Template)]
#[template(path = "console/month.html", config = "src/web/askama.toml")]
pub(super) struct Month {
    pub(super) frame: Frame,
    pub(super) actions: Actions,
    /// Chooses another month; empty where there is but one.
    pub(super) choice: String,
    pub(super) counts: String,
    /// Empty places before the first day, so that Monday stands at the left.
    pub(super) lead: Vec<()>,
    pub(super) days: Vec<Day>,
    pub(super) undated: Vec<Shown>,
}

pub(super) struct Day {
    /// As machines read it: 2026-04-20.
    date: String,
    label: String,
    weekday: &'static str,
    look: &'static str,
    today: bool,
    outside: bool,
    /// 清明节, 申报截止日 and the like.
    told: Vec<String>,
    items: Vec<Shown>,
}

pub(super) struct Shown {
    path: String,
    title: String,
    time: String,
    place: String,
    /// 外出, 课程 and the like; empty for a post.
    kind: &'static str,
    mark: &'static str,
    state: String,
    note: String,
}

async fn list(Extract(state): Extract<State>, session: Session, paging: Paging) -> Result<Response, ApiError> {
    let mut conn = state.store.read().await?;
    let found = campaigns::list(&mut conn, &paging.after, paging.probe()).await?;
    let page = Page::of(found, &paging, |campaign| campaign.id.clone());
    let mut plans = Vec::new();
    for (name, plan) in state.broadcasts.plans() {
        if campaigns::by_source(&mut conn, name).await?.is_none() {
            plans.push((name.clone(), plan.title.clone(), plan.items.len()));
        }
    }
    drop(conn);
    let empty = Empty::new(text::NONE_YET, text::BEGIN);
    let mut table = Table::new(text::TITLE, &text::HEADS, empty);
    for campaign in page.items {
        let path = format!("{HERE}/{}", campaign.id);
        table.row(vec![
            Cell::link(&path, campaign.title),
            Cell::text(text::from_to(&chinese_date(campaign.starts_on), &chinese_date(campaign.ends_on))),
            Cell::Actions(vec![Action::open(&path, text::CALENDAR), Action::open(format!("{path}/report"), text::REPORT)]),
        ]);
    }
    table.next(page.next_cursor.map(|cursor| format!("{HERE}?cursor={cursor}")));
    let all = Actions(vec![Action::open(super::calendar::HERE, text::ALL_CALENDAR)]);
    let mut blocks = vec![all.to_string(), table.to_string()];
    if !plans.is_empty() {
        let mut files = Table::new(text::FILES, &text::FILE_HEADS, Empty::new("", ""));
        for (name, title, items) in plans {
            let form = if session.may(Permission::WriteCampaigns) {
                vec![Action::send(format!("{HERE}/import?file={name}"), text::IMPORT, &session.csrf).first()]
            } else {
                Vec::new()
            };
            files.row(vec![Cell::quiet(name), Cell::text(title), Cell::text(text::items(items)), Cell::Actions(form)]);
        }
        blocks.push(files.to_string());
    }
    sheet(Frame::of(&session, HERE, text::TITLE), blocks)
}

/// The file's name stands in the address: a button sends no fields of its own.
#[derive(serde::Deserialize)]
struct File {
    #[serde(default)]
    file: String,
}

async fn import(Extract(state): Extract<State>, session: Session, Query(File { file }): Query<File>) -> Result<Response, ApiError> {
    let plan = state.broadcasts.plans().iter().find(|(name, _)| *name == file).cloned();
    let (name, plan) = plan.ok_or_else(|| ApiError::no_such(text::FILE))?;
    let calendar = state.broadcasts.calendar();
    let id = state.broadcasts.create_campaign(plan, &calendar, &name, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("{HERE}/{id}"), &words::imported()).await
}

async fn month(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let calendar = calendar_of(&state, &id).await?;
    let path = format!("{HERE}/{id}");
    let mut actions = vec![Action::open(format!("{path}/report"), text::REPORT)];
    let all = || calendar.days.iter().flat_map(|day| &day.items).chain(&calendar.undated);
    let in_state = |wanted: BulletinState| all().filter(|item| item.state == Some(wanted)).count();
    let waiting = in_state(BulletinState::InReview);
    if waiting > 0 && session.may(Permission::ApproveBulletins) {
        actions.insert(0, Action::send(format!("{path}/approve"), &words::approve_all(waiting), &session.csrf).first());
    }
    let today = state.clock.now().date();
    let title = calendar.title.clone();
    html(&Month {
        counts: words::counts(all().count(), waiting, in_state(BulletinState::Held), calendar.undated.len()),
        actions: Actions(actions),
        choice: String::new(),
        lead: lead(&calendar.days),
        undated: calendar.undated.into_iter().map(|item| shown(&path, item)).collect(),
        days: calendar.days.into_iter().map(|day| drawn(day, today, |_| path.clone())).collect(),
        frame: Frame::of(&session, HERE, &title),
    })
}

/// Empty places before the first day, so that Monday stands at the left.
pub(super) fn lead(days: &[CalendarDay]) -> Vec<()> {
    (1..days.first().map_or(1, |day| day.weekday)).map(|_| ()).collect()
}

/// A day as it is drawn; `path_of` is the page of the campaign an item belongs to.
pub(super) fn drawn(day: CalendarDay, today: NaiveDate, path_of: impl Fn(&ItemView) -> String) -> Day {
    let told = [day.holiday, day.make_up.then(words::worked_weekend), day.filing_deadline.then(words::filing_deadline)];
    let items = day.items.into_iter().map(|item| shown(&path_of(&item), item));
    let mut items: Vec<Shown> = items.chain(day.events.into_iter().map(beside)).collect();
    items.sort_by(|a, b| a.time.cmp(&b.time));
    Day {
        date: day.date.to_string(),
        today: day.date == today,
        label: text::day(day.date),
        weekday: words::weekday(day.weekday),
        outside: day.outside,
        look: match day.kind {
            DayKind::Workday => "work",
            DayKind::DayOff => "off",
            DayKind::Unknown => "unknown",
        },
        told: told.into_iter().flatten().collect(),
        items,
    }
}

pub(super) fn shown(path: &str, item: ItemView) -> Shown {
    Shown {
        path: format!("{path}/items/{}", item.id),
        title: item.item.title,
        time: item.item.time,
        place: item.item.place.filter(|_| item.item.kind == ItemKind::Outing).unwrap_or_default(),
        kind: match item.item.kind {
            ItemKind::Outing => words::outing_kind(),
            ItemKind::Post => "",
        },
        mark: item.state.map_or("plain", mark),
        state: item.state_text.unwrap_or_default().to_owned(),
        note: item.note.unwrap_or_default(),
    }
}

fn beside(event: Event) -> Shown {
    let (path, kind) = match event.kind {
        EventKind::Class => (format!("/console/classes/{}", event.id), words::class_kind()),
        EventKind::QuizOpens => (format!("/console/quizzes/{}", event.id), words::quiz_opens()),
        EventKind::QuizCloses => (format!("/console/quizzes/{}", event.id), words::quiz_closes()),
    };
    Shown {
        path,
        title: event.title,
        time: event.at.local().format("%H:%M").to_string(),
        place: event.place.unwrap_or_default(),
        kind,
        mark: "wait",
        state: if event.draft { words::class_draft().to_owned() } else { String::new() },
        note: String::new(),
    }
}

fn mark(state: BulletinState) -> &'static str {
    match state {
        BulletinState::Sent | BulletinState::Sending | BulletinState::Scheduled | BulletinState::Approved => "good",
        BulletinState::Held | BulletinState::PartlySent => "bad",
        BulletinState::InReview | BulletinState::Draft | BulletinState::Paused => "wait",
        BulletinState::Cancelled | BulletinState::Recalled => "plain",
    }
}

async fn approve(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let calendar = state.broadcasts.calendar();
    let scheduled = state.broadcasts.approve_campaign(&id, &calendar, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("{HERE}/{id}"), &words::approved(scheduled)).await
}

async fn item(Extract(state): Extract<State>, session: Session, Path((id, item)): Path<(String, String)>) -> Result<Response, ApiError> {
    let form = move_form(&session, &id, &item);
    show_item(&state, &session, &id, &item, form).await
}

fn move_form(session: &Session, id: &str, item: &str) -> Form {
    Form::new(session, format!("{HERE}/{id}/items/{item}/move"), text::MOVE)
        .field(Field::date("date", text::NEW_DATE).hint(text::NEW_DATE_HINT).required())
        .field(Field::text("time", text::TIME).hint(text::TIME_HINT).most(5))
}

async fn show_item(state: &State, session: &Session, id: &str, item: &str, form: Form) -> Result<Response, ApiError> {
    let (_, items) = state.broadcasts.campaign(id, &state.broadcasts.calendar()).await?;
    let found = items.into_iter().find(|progress| progress.id == item).ok_or_else(|| ApiError::no_such(text::ITEM))?;
    let mut facts = vec![
        (text::KIND.to_owned(), Cell::text(reports::kind(found.item.kind))),
        (text::TIME.to_owned(), Cell::text(found.due_at.map_or_else(words::undated, |at| at.chinese()))),
        (text::BODY.to_owned(), Cell::text(found.item.body.trim())),
    ];
    let texts = [
        (text::PLACE, found.item.place.unwrap_or_default()),
        (text::STAFF, found.item.staff.join("、")),
        (text::MATERIALS, found.item.materials.join("、")),
        (text::NOTE, found.note.unwrap_or_default()),
    ];
    facts.extend(texts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name.to_owned(), Cell::text(text))));
    if let Some(bulletin) = &found.bulletin {
        facts.push((text::BULLETIN.to_owned(), Cell::badge(mark(bulletin.state), bulletin.state.chinese())));
    }
    let mut actions = vec![Action::open(format!("{HERE}/{id}"), text::BACK)];
    if found.item.kind == ItemKind::Outing {
        actions.insert(0, Action::open(format!("/console/outings/{item}"), text::RECORD).first());
        actions.push(Action::open(format!("/sheets?kind=outing&id={item}"), text::PRINT_CODE));
    }
    let mut blocks = vec![Actions(actions).to_string(), Facts(facts).to_string()];
    if session.may(Permission::WriteCampaigns) {
        blocks.push(form.to_string());
    }
    sheet(Frame::of(session, HERE, &found.item.title), blocks)
}

async fn move_item(
    Extract(state): Extract<State>,
    session: Session,
    Path((id, item)): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, ApiError> {
    match moved(&state, &session, &item, &fields).await {
        Ok(moved) => done(&state, &session, &format!("{HERE}/{id}"), &told(&moved)).await,
        Err(error) => {
            let form = move_form(&session, &id, &item).filled(&fields).refused(error)?;
            show_item(&state, &session, &id, &item, form).await
        }
    }
}

async fn moved(state: &State, session: &Session, item: &str, fields: &Fields) -> Result<Vec<Moved>, ApiError> {
    let date = fields.text("date");
    let date = date.parse().map_err(|_| ApiError::invalid("date", words::no_such_day(date)))?;
    let time = Some(fields.text("time")).filter(|time| !time.is_empty());
    let calendar = state.broadcasts.calendar();
    Ok(state.broadcasts.move_item(item, date, time, &calendar, &Actor::from(session), state.clock.now()).await?)
}

fn told(moved: &[Moved]) -> String {
    let again = moved.iter().filter(|moved| matches!(moved.after, Consequence::ReviewAgain | Consequence::Corrected)).count();
    let days: Vec<(&str, chrono::NaiveDate)> = moved.iter().map(|moved| (moved.title.as_str(), moved.to)).collect();
    words::moved(&days, again)
}
