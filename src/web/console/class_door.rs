//! The door of a class on the trainer's phone: the code to scan, the list to tap, walk-ins. With JavaScript (`assets/door.js`) it goes on
//! without a signal: taps are kept on the phone with their time and uploaded later; each is safe to send twice.

use askama::Template;
use axum::Json;
use axum::extract::State as Extract;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::classes::{path, tile};
use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Note, Table, Tiles};
use super::{Frame, Pages, done, html};
use crate::broadcasts::check_in::{Attendance, LONGEST_NAME, Tap};
use crate::broadcasts::{Actor, Refused};
use crate::domain::class::EnrolmentState;
use crate::domain::id::new_id;
use crate::domain::staff::Permission;
use crate::replies::class_console as words;
use crate::replies::console_pages::class_door as text;
use crate::web::State;
use crate::web::extract::{Path, Query};
use crate::web::problem::ApiError;
use crate::web::qr;
use crate::web::session::{Fields, Session};

/// Pixels of the code on the page.
const QR_PIXELS: u32 = 260;
/// People on the page; of more one is looked for by name.
const MOST_LISTED: usize = 300;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/console/classes/{id}/sessions/{number}", Permission::WriteClasses, door)
        .get("/console/classes/{id}/sessions/{number}/qr", Permission::WriteClasses, picture)
        .post("/console/classes/{id}/sessions/{number}/walk-ins", Permission::WriteClasses, walk_in)
        .post("/console/classes/{id}/sessions/{number}/taps", Permission::WriteClasses, upload)
        .post("/console/classes/{id}/sessions/{number}/check-ins/{enrolment}", Permission::WriteClasses, tap)
        .post("/console/classes/{id}/sessions/{number}/check-ins/{enrolment}/undo", Permission::WriteClasses, undo)
}

#[derive(Template)]
#[template(path = "console/class_door.html", config = "src/web/askama.toml")]
struct DoorPage {
    frame: Frame,
    /// Address of this page.
    here: String,
    /// The service's clock in Unix milliseconds: a phone's may be wrong.
    now: i64,
    code: String,
    pixels: u32,
    how: String,
    came: String,
    list: String,
    walk_in: String,
    back: String,
}

/// What came of one uploaded tap.
#[derive(Serialize)]
struct Taken {
    id: String,
    /// Whether the person is in.
    is_in: bool,
    /// The reason as a Chinese sentence.
    detail: String,
}

fn here(id: &str, number: i64) -> String {
    path(id, &format!("/sessions/{number}"))
}

/// Whom to look for on a long list.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    /// Part of the name.
    #[serde(default)]
    q: String,
}

async fn door(
    Extract(state): Extract<State>,
    session: Session,
    Path((id, number)): Path<(String, i64)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let attendance = state.broadcasts.attendance(&id).await?;
    let class = &attendance.class;
    class.session(number).ok_or_else(|| ApiError::NotFound(words::no_such_session()))?;
    let code = state.broadcasts.session_code(&id, number, now).await?;
    let when = class.session(number).map(|session| words::session(class, session)).unwrap_or_default();
    // Named when the page is made: a second click is the same person.
    let walk_in = Form::new(&session, format!("{}/walk-ins", here(&id, number)), text::WALK_IN)
        .hidden("tap", &new_id("tap", now))
        .field(Field::text("name", text::NAME).required().most(LONGEST_NAME));
    // Only where it is needed: without a signal there is no searching.
    let search = if attendance.people.len() > MOST_LISTED {
        Form::search(here(&id, number), text::FIND)
            .field(Field::text("q", text::NAME).value(wanted.q.trim()).most(LONGEST_NAME))
            .to_string()
    } else {
        String::new()
    };
    html(&DoorPage {
        frame: Frame::of(&session, "/console/classes", &text::title(&class.title)),
        here: here(&id, number),
        now: now.millis(),
        code: Tiles(vec![tile(text::CODE, code)]).to_string(),
        pixels: QR_PIXELS,
        how: Note { title: when, text: words::how_to_check_in() }.to_string(),
        came: Tiles(vec![tile(text::CAME, attendance.came(number).to_string())]).to_string(),
        list: format!("{search}{}", list(&attendance, number, &session.csrf, wanted.q.trim())),
        walk_in: walk_in.to_string(),
        back: Actions(vec![Action::open(path(&id, ""), text::BACK)]).to_string(),
    })
}

fn list(attendance: &Attendance, number: i64, csrf: &str, q: &str) -> Table {
    let here = here(&attendance.class.id, number);
    let mut list = Table::new(text::ROLL, &text::HEADS, Empty::new(text::NOBODY_YET, text::WALK_INS_BELOW));
    let mut left_out = 0;
    for (enrolment, came) in attendance.people.iter().filter(|(enrolment, _)| enrolment.display_name.contains(q)) {
        let since = came.iter().find(|check_in| check_in.session == number);
        if enrolment.state == EnrolmentState::Cancelled && since.is_none() {
            continue;
        }
        if list.count() >= MOST_LISTED {
            left_out += 1;
            continue;
        }
        let action = format!("{here}/check-ins/{}", enrolment.id);
        let (state, last) = match since {
            Some(check_in) => (
                Cell::badge("good", text::in_since(&check_in.at.local().format("%H:%M").to_string())),
                Action::send(format!("{action}/undo"), text::UNDO, csrf),
            ),
            None => {
                let (mark, word) = words::enrolment_state(enrolment.state);
                (Cell::badge(mark, word), Action::send(action, text::CHECK_IN, csrf).first())
            }
        };
        list.row(vec![Cell::text(enrolment.display_name.clone()), state, Cell::Actions(vec![last])]);
    }
    if left_out > 0 {
        list.note(text::left_out(left_out));
    }
    list
}

/// The code as a picture, in the colours of paper.
async fn picture(Extract(state): Extract<State>, Path((id, number)): Path<(String, i64)>) -> Result<Response, ApiError> {
    let code = state.broadcasts.session_code(&id, number, state.clock.now()).await?;
    let svg = qr::as_svg(&format!("{}/classes/{id}/check-in?code={code}", state.public_url), QR_PIXELS)?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"))], svg).into_response())
}

async fn tapped(state: &State, session: &Session, id: &str, number: i64, tap: Tap) -> Result<Response, ApiError> {
    let answers = state.broadcasts.take_taps(id, number, &[tap], &Actor::from(session), state.clock.now()).await?;
    let told = answers.into_iter().next().map(|answer| answer.detail).unwrap_or_default();
    done(state, session, &here(id, number), &told).await
}

async fn tap(
    Extract(state): Extract<State>,
    session: Session,
    Path((id, number, enrolment)): Path<(String, i64, String)>,
) -> Result<Response, ApiError> {
    let tap = Tap { id: new_id("tap", state.clock.now()), enrolment: Some(enrolment), name: None, at: None };
    tapped(&state, &session, &id, number, tap).await
}

async fn walk_in(
    Extract(state): Extract<State>,
    session: Session,
    Path((id, number)): Path<(String, i64)>,
    fields: Fields,
) -> Result<Response, ApiError> {
    let tap = Tap { id: fields.text("tap").to_owned(), enrolment: None, name: Some(fields.text("name").to_owned()), at: None };
    tapped(&state, &session, &id, number, tap).await
}

/// What the phone kept. One that is refused keeps none of the others out.
async fn upload(
    Extract(state): Extract<State>,
    session: Session,
    Path((id, number)): Path<(String, i64)>,
    fields: Fields,
) -> Result<Response, ApiError> {
    let taps: Vec<Tap> = serde_json::from_str(fields.text("taps")).map_err(|_| ApiError::invalid("taps", words::wrong_upload()))?;
    let (actor, now) = (Actor::from(&session), state.clock.now());
    let mut taken = Vec::new();
    for tap in taps {
        let tap_id = tap.id.clone();
        match state.broadcasts.take_taps(&id, number, &[tap], &actor, now).await {
            Ok(answers) => {
                taken.extend(answers.into_iter().map(|answer| Taken { id: answer.id, is_in: answer.reason.is_in(), detail: answer.detail }))
            }
            Err(refused @ Refused::Invalid { .. }) => taken.push(Taken { id: tap_id, is_in: false, detail: refused.to_string() }),
            Err(other) => return Err(other.into()),
        }
    }
    Ok(Json(taken).into_response())
}

async fn undo(
    Extract(state): Extract<State>,
    session: Session,
    Path((id, number, enrolment)): Path<(String, i64, String)>,
) -> Result<Response, ApiError> {
    let undone = state.broadcasts.undo_check_in(&id, number, &enrolment, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &here(&id, number), words::undone(undone)).await
}
