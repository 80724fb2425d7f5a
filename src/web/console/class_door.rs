//! The door of a class on the trainer's phone: the code to scan, the list to tap, walk-ins. With JavaScript (`assets/door.js`) it goes on
//! without a signal: taps are kept on the phone with their time and uploaded later; each is safe to send twice.

use askama::Template;
use axum::Json;
use axum::extract::State as Extract;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

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
use crate::web::State;
use crate::web::extract::Path;
use crate::web::problem::ApiError;
use crate::web::qr;
use crate::web::session::{Fields, Session};

/// Pixels of the code on the page.
const QR_PIXELS: u32 = 260;

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

async fn door(Extract(state): Extract<State>, session: Session, Path((id, number)): Path<(String, i64)>) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let attendance = state.broadcasts.attendance(&id).await?;
    let class = &attendance.class;
    class.session(number).ok_or_else(|| ApiError::NotFound(words::no_such_session()))?;
    let code = state.broadcasts.session_code(&id, number, now).await?;
    let when = class.session(number).map(|session| words::session(class, session)).unwrap_or_default();
    // Named when the page is made: a second click is the same person.
    let walk_in = Form::new(&session, format!("{}/walk-ins", here(&id, number)), "没报名，现场签到")
        .hidden("tap", &new_id("tap", now))
        .field(Field::text("name", "姓名").required().most(LONGEST_NAME));
    html(&DoorPage {
        frame: Frame::of(&session, "/console/classes", &format!("签到：{}", class.title)),
        here: here(&id, number),
        now: now.millis(),
        code: Tiles(vec![tile("签到码", code)]).to_string(),
        pixels: QR_PIXELS,
        how: Note { title: when, text: words::how_to_check_in() }.to_string(),
        came: Tiles(vec![tile("已到", attendance.came(number).to_string())]).to_string(),
        list: list(&attendance, number, &session.csrf).to_string(),
        walk_in: walk_in.to_string(),
        back: Actions(vec![Action::open(path(&id, ""), "回到课程")]).to_string(),
    })
}

fn list(attendance: &Attendance, number: i64, csrf: &str) -> Table {
    let here = here(&attendance.class.id, number);
    let mut list = Table::new("点名", &["姓名", "状态", "签到"], Empty::new("还没有人报名", "没报名的人在下面写姓名，有空位就能进。"));
    for (enrolment, came) in &attendance.people {
        let since = came.iter().find(|check_in| check_in.session == number);
        if enrolment.state == EnrolmentState::Cancelled && since.is_none() {
            continue;
        }
        let action = format!("{here}/check-ins/{}", enrolment.id);
        let (state, last) = match since {
            Some(check_in) => (
                Cell::badge("good", format!("已到 {}", check_in.at.local().format("%H:%M"))),
                Action::send(format!("{action}/undo"), "撤销", csrf),
            ),
            None => {
                let (mark, word) = words::enrolment_state(enrolment.state);
                (Cell::badge(mark, word), Action::send(action, "签到", csrf).first())
            }
        };
        list.row(vec![Cell::text(enrolment.display_name.clone()), state, Cell::Actions(vec![last])]);
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
