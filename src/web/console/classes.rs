//! Classes: the list, a new one, its roster.

use axum::extract::State as Extract;
use axum::response::Response;
use chrono::NaiveDateTime;

use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Confirm, Empty, Facts, Table, Tile, Tiles};
use super::{Frame, Pages, class_sessions, confirm, done, sheet};
use crate::broadcasts::Actor;
use crate::broadcasts::classes::NewClass;
use crate::domain::bulletin::Targets;
use crate::domain::class::{Class, ClassState};
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::replies::class_console as words;
use crate::replies::classes as said;
use crate::replies::console_pages::class_sessions::ADD;
use crate::replies::console_pages::classes as text;
use crate::store::{classes, subscriptions};
use crate::web::State;
use crate::web::api::classes::roster_file;
use crate::web::extract::{Path, Query};
use crate::web::paging::{Page, Paging, Place};
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

const HERE: &str = "/console/classes";

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get(HERE, Permission::Read, list)
        .get("/console/classes/new", Permission::WriteClasses, new)
        .post(HERE, Permission::WriteClasses, create)
        .get("/console/classes/{id}", Permission::Read, page)
        .post("/console/classes/{id}/publish", Permission::WriteClasses, publish)
        .get("/console/classes/{id}/cancel", Permission::WriteClasses, ask_cancel)
        .post("/console/classes/{id}/cancel", Permission::WriteClasses, cancel)
        .get("/console/classes/{id}/move", Permission::WriteClasses, move_form)
        .post("/console/classes/{id}/move", Permission::WriteClasses, move_to)
        .get("/console/classes/{id}/roster/xlsx", Permission::Read, download)
}

pub(super) fn path(id: &str, rest: &str) -> String {
    format!("{HERE}/{id}{rest}")
}

async fn list(Extract(state): Extract<State>, session: Session, paging: Paging) -> Result<Response, ApiError> {
    let empty = Empty::new(text::NONE_YET, text::BEGIN).link("/console/classes/new", text::NEW);
    let mut table = Table::new(text::TITLE, &text::HEADS, empty);
    let mut conn = state.store.read().await?;
    let found = classes::list(&mut conn, &paging.after, paging.probe()).await?;
    let page = Page::of(found, &paging, |stored| stored.class.id.clone());
    for stored in page.items {
        let (seated, waiting) = classes::seats(&mut conn, &stored.class.id).await?;
        let (mark, word) = words::class_state(&stored.class, state.clock.now());
        table.row(vec![
            Cell::link(path(&stored.class.id, ""), stored.class.title.clone()),
            Cell::quiet(said::when(&stored.class)),
            Cell::text(text::seats(seated, stored.class.capacity, waiting)),
            Cell::badge(mark, word),
        ]);
    }
    drop(conn);
    table.next(page.next_cursor.map(|cursor| format!("{HERE}?cursor={cursor}")));
    let mut blocks = Vec::new();
    if session.may(Permission::WriteClasses) {
        blocks.push(Actions(vec![Action::open("/console/classes/new", text::NEW).first()]).to_string());
    }
    blocks.push(table.to_string());
    sheet(Frame::of(&session, HERE, text::TITLE), blocks)
}

async fn form(state: &State, session: &Session) -> Result<Form, ApiError> {
    let tags = subscriptions::offered(&mut *state.store.read().await?, "").await?;
    let tags = std::iter::once(("*".to_owned(), text::ALL_GROUPS.to_owned())).chain(tags.into_iter().map(|tag| (tag.clone(), tag)));
    Ok(Form::new(session, HERE, text::SAVE_DRAFT)
        .field(Field::text("title", text::NAME).required().most(120))
        .field(Field::time("starts_at", text::STARTS_AT).required())
        .field(Field::time("ends_at", text::ENDS_AT).required())
        .field(Field::text("place", text::PLACE).most(200).hint(text::PLACE_HINT))
        .field(Field::text("online_url", text::ONLINE_URL).most(2000))
        .field(Field::number("capacity", text::CAPACITY).required().value("30"))
        .field(Field::time("enrol_from", text::ENROL_FROM).hint(text::ENROL_FROM_HINT))
        .field(Field::time("enrol_until", text::ENROL_UNTIL).hint(text::ENROL_UNTIL_HINT))
        .field(Field::ticks("reminders", text::REMINDERS, text::REMINDER_TIMES).values(&["1440"]))
        .field(Field::text("trainer", text::TRAINER).most(60))
        .field(Field::ticks("tags", text::TAGS, tags)))
}

async fn new(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let form = form(&state, &session).await?;
    sheet(Frame::of(&session, HERE, text::NEW), vec![form.to_string()])
}

pub(super) fn time(fields: &Fields, name: &'static str) -> Result<Option<Timestamp>, ApiError> {
    match fields.text(name) {
        "" => Ok(None),
        text => match NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M") {
            Ok(at) => Ok(Some(Timestamp::from_local(at))),
            Err(_) => Err(ApiError::invalid(name, text::WRONG_TIME)),
        },
    }
}

/// What was typed, where something was.
pub(super) fn some(fields: &Fields, name: &str) -> Option<String> {
    Some(fields.text(name).to_owned()).filter(|text| !text.is_empty())
}

fn written(fields: &Fields) -> Result<NewClass, ApiError> {
    let some = |name: &str| some(fields, name);
    let capacity = fields.text("capacity").parse().map_err(|_| ApiError::invalid("capacity", text::WRONG_CAPACITY))?;
    Ok(NewClass {
        title: fields.text("title").to_owned(),
        starts_at: time(fields, "starts_at")?,
        ends_at: time(fields, "ends_at")?,
        sessions: Vec::new(),
        place: some("place"),
        online_url: some("online_url"),
        capacity,
        enrol_from: time(fields, "enrol_from")?,
        enrol_until: time(fields, "enrol_until")?,
        reminders: fields.all("reminders").into_iter().filter_map(|minutes| minutes.parse().ok()).collect(),
        targets: Targets { channels: Vec::new(), tags: fields.all("tags").into_iter().map(str::to_owned).collect() },
        trainer: some("trainer"),
        fields: Vec::new(),
        certificate_sessions: None,
    })
}

async fn create(Extract(state): Extract<State>, session: Session, fields: Fields) -> Result<Response, ApiError> {
    let made = match written(&fields) {
        Ok(new) => state.broadcasts.create_class(new, &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from),
        Err(error) => Err(error),
    };
    match made {
        Ok(class) => done(&state, &session, &path(&class.id, ""), text::DRAFT_SAVED).await,
        Err(error) => {
            let form = form(&state, &session).await?.filled(&fields).refused(error)?;
            sheet(Frame::of(&session, HERE, text::NEW), vec![form.to_string()])
        }
    }
}

pub(super) fn tile(label: &str, value: impl Into<String>) -> Tile {
    Tile { label: label.to_owned(), value: value.into(), path: None, mark: "plain" }
}

async fn page(
    Extract(state): Extract<State>,
    session: Session,
    Path(id): Path<String>,
    Query(place): Query<Place>,
) -> Result<Response, ApiError> {
    let listed = state.broadcasts.class(&id).await?;
    let attendance = state.broadcasts.attendance(&id).await?;
    let class = &listed.class;
    let (mark, word) = words::class_state(class, state.clock.now());
    let over = class.state == ClassState::Published && class.ends_at <= state.clock.now();
    let came = attendance.people.iter().filter(|(_, came)| !came.is_empty()).count();
    let mut tiles = vec![Tile { mark, ..tile(text::STATE, word) }, tile(text::ENROLLED, format!("{} / {}", listed.seated, class.capacity))];
    tiles.extend([tile(text::WAITING, listed.waiting.to_string()), tile(text::CAME, came.to_string())]);
    let mut actions = Vec::new();
    if session.may(Permission::WriteClasses) {
        if class.state == ClassState::Draft {
            actions.push(Action::send(path(&id, "/publish"), text::PUBLISH, &session.csrf).first());
        }
        if class.state == ClassState::Published && !over {
            actions.push(Action::open(path(&id, "/move"), text::MOVE));
            actions.push(Action::open(path(&id, "/sessions/new"), ADD));
        }
        if class.state != ClassState::Cancelled {
            actions.push(Action::open(path(&id, "/edit"), text::EDIT));
        }
        if class.state != ClassState::Cancelled && !over {
            actions.push(Action::open(path(&id, "/cancel"), text::CANCEL).danger());
        }
    }
    actions.push(Action::open(path(&id, "/summary"), text::SUMMARY));
    let asks = session.may(Permission::WriteClasses);
    // A series has a table of its times below.
    let series = asks && class.is_series();
    let mut blocks = vec![Tiles(tiles).to_string(), Actions(actions).to_string(), facts(class, asks, !series).to_string()];
    if series {
        blocks.push(class_sessions::table(class, state.clock.now()).to_string());
    }
    let mut roster = Table::new(text::ROSTER, &text::ROSTER_HEADS, Empty::new(text::NOBODY_YET, text::ROSTER_TELLS));
    for (enrolment, came) in place.of(&attendance.people) {
        let (mark, word) = words::enrolment_state(enrolment.state);
        let answers: Vec<String> = enrolment.answers.iter().map(|(label, answer)| format!("{label}：{answer}")).collect();
        let sessions: Vec<String> = came.iter().map(|check_in| text::came_to(check_in.session)).collect();
        roster.row(vec![
            Cell::text(enrolment.display_name.clone()),
            Cell::badge(mark, word),
            Cell::quiet(if asks { answers.join("；") } else { String::new() }),
            Cell::quiet(sessions.join("、")),
        ]);
    }
    roster.next(place.next(&attendance.people).map(|next| path(&id, &format!("?from={next}"))));
    if !attendance.people.is_empty() {
        blocks.push(Actions(vec![Action::open(path(&id, "/roster/xlsx"), text::DOWNLOAD_ROSTER)]).to_string());
    }
    blocks.push(roster.to_string());
    sheet(Frame::of(&session, HERE, &class.title), blocks)
}

/// The roster as a workbook; what people told the trainer is for those who run classes.
async fn download(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    roster_file(&state, &id, session.staff.role).await
}

fn facts(class: &Class, door: bool, times: bool) -> Facts {
    let sessions = if times { class.sessions.as_slice() } else { &[] };
    let mut rows: Vec<(String, Cell)> = sessions
        .iter()
        .map(|session| {
            let text = words::session(class, session);
            let cell = if door && class.state == ClassState::Published {
                Cell::link(path(&class.id, &format!("/sessions/{}", session.number)), text::with_door(&text))
            } else {
                Cell::text(text)
            };
            (text::TIME.to_owned(), cell)
        })
        .collect();
    let more = [(text::PLACE, class.place.clone()), (text::ONLINE, class.online_url.clone()), (text::TRAINER, class.trainer.clone())];
    rows.extend(more.into_iter().filter_map(|(label, value)| Some((label.to_owned(), Cell::text(value?)))));
    Facts(rows)
}

async fn publish(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.publish_class(&id, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &path(&id, ""), text::PUBLISHED).await
}

async fn ask_cancel(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let class = state.broadcasts.class(&id).await?.class;
    let asked = Confirm {
        text: words::ask_cancel(&class.title),
        action: path(&id, "/cancel"),
        csrf: session.csrf.clone(),
        hidden: Vec::new(),
        label: text::CANCEL.to_owned(),
        back: path(&id, ""),
    };
    confirm(Frame::of(&session, HERE, text::CANCEL), &asked)
}

async fn cancel(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.cancel_class(&id, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &path(&id, ""), text::CANCELLED).await
}

fn moving(session: &Session, class: &Class) -> Form {
    let sessions = class.sessions.iter().map(|session| (session.number.to_string(), words::session(class, session)));
    Form::new(session, path(&class.id, "/move"), text::MOVE_AND_TELL)
        .field(Field::choice("session", text::WHICH_SESSION, sessions))
        .field(Field::time("starts_at", text::NEW_START).required().hint(text::NEW_START_HINT))
}

async fn move_form(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let class = state.broadcasts.class(&id).await?.class;
    sheet(Frame::of(&session, HERE, &text::about(text::MOVE, &class.title)), vec![moving(&session, &class).to_string()])
}

async fn move_to(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let class = state.broadcasts.class(&id).await?.class;
    let moved = match time(&fields, "starts_at") {
        Ok(Some(at)) => {
            let number = fields.text("session").parse().ok();
            state.broadcasts.move_class(&id, number, at, &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from)
        }
        Ok(None) => Err(ApiError::invalid("starts_at", text::NO_START)),
        Err(error) => Err(error),
    };
    match moved {
        Ok(_) => done(&state, &session, &path(&id, ""), text::MOVED).await,
        Err(error) => {
            let form = moving(&session, &class).filled(&fields).refused(error)?;
            sheet(Frame::of(&session, HERE, &text::about(text::MOVE, &class.title)), vec![form.to_string()])
        }
    }
}
