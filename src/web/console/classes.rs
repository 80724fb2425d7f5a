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
use crate::replies::console_pages::class_sessions as text;
use crate::store::{classes, subscriptions};
use crate::web::State;
use crate::web::api::classes::roster_file;
use crate::web::extract::Path;
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

const HERE: &str = "/console/classes";
/// Classes listed; the older ones are in the API.
const LISTED: i64 = 100;
/// Minutes before the start, with what they are called.
pub(super) const REMINDERS: [(&str, &str); 4] =
    [("4320", "提前 3 天"), ("1440", "提前 1 天"), ("120", "提前 2 小时"), ("30", "提前 30 分钟")];

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

async fn list(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let empty = Empty::new("还没有课程", "写好时间、地点和名额，发布后通知会送去审核，纳税人在群里和网页上报名。")
        .link("/console/classes/new", "新建课程");
    let mut table = Table::new("课程", &["课程", "时间", "名额", "状态"], empty);
    let mut conn = state.store.read().await?;
    for stored in classes::list(&mut conn, "", LISTED).await? {
        let (seated, waiting) = classes::seats(&mut conn, &stored.class.id).await?;
        let (mark, word) = words::class_state(&stored.class, state.clock.now());
        let waits = if waiting > 0 { format!("，候补 {waiting}") } else { String::new() };
        table.row(vec![
            Cell::link(path(&stored.class.id, ""), stored.class.title.clone()),
            Cell::quiet(said::when(&stored.class)),
            Cell::text(format!("{seated} / {}{waits}", stored.class.capacity)),
            Cell::badge(mark, word),
        ]);
    }
    drop(conn);
    let mut blocks = Vec::new();
    if session.may(Permission::WriteClasses) {
        blocks.push(Actions(vec![Action::open("/console/classes/new", "新建课程").first()]).to_string());
    }
    blocks.push(table.to_string());
    sheet(Frame::of(&session, HERE, "课程"), blocks)
}

async fn form(state: &State, session: &Session) -> Result<Form, ApiError> {
    let tags = subscriptions::offered(&mut *state.store.read().await?, "").await?;
    let tags = std::iter::once(("*".to_owned(), "全部群".to_owned())).chain(tags.into_iter().map(|tag| (tag.clone(), tag)));
    Ok(Form::new(session, HERE, "保存草稿")
        .field(Field::text("title", "课程名称").required().most(120))
        .field(Field::time("starts_at", "开始时间").required())
        .field(Field::time("ends_at", "结束时间").required())
        .field(Field::text("place", "地点").most(200).hint("线上课程不填，改填网址"))
        .field(Field::text("online_url", "线上课堂网址").most(2000))
        .field(Field::number("capacity", "名额").required().value("30"))
        .field(Field::time("enrol_from", "从什么时候开始报名").hint("不填就是发布以后"))
        .field(Field::time("enrol_until", "报名截止").hint("不填就是开课以前"))
        .field(Field::ticks("reminders", "提醒", REMINDERS).values(&["1440"]))
        .field(Field::text("trainer", "讲课老师").most(60))
        .field(Field::ticks("tags", "通知发给哪些群（按标签）", tags)))
}

async fn new(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let form = form(&state, &session).await?;
    sheet(Frame::of(&session, HERE, "新建课程"), vec![form.to_string()])
}

pub(super) fn time(fields: &Fields, name: &'static str) -> Result<Option<Timestamp>, ApiError> {
    match fields.text(name) {
        "" => Ok(None),
        text => match NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M") {
            Ok(at) => Ok(Some(Timestamp::from_local(at))),
            Err(_) => Err(ApiError::invalid(name, "时间要写成 2026-11-26T09:00")),
        },
    }
}

/// What was typed, where something was.
pub(super) fn some(fields: &Fields, name: &str) -> Option<String> {
    Some(fields.text(name).to_owned()).filter(|text| !text.is_empty())
}

fn written(fields: &Fields) -> Result<NewClass, ApiError> {
    let some = |name: &str| some(fields, name);
    let capacity = fields.text("capacity").parse().map_err(|_| ApiError::invalid("capacity", "名额要写成数字，例如 30"))?;
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
        Ok(class) => done(&state, &session, &path(&class.id, ""), "已保存草稿").await,
        Err(error) => {
            let form = form(&state, &session).await?.filled(&fields).refused(error)?;
            sheet(Frame::of(&session, HERE, "新建课程"), vec![form.to_string()])
        }
    }
}

pub(super) fn tile(label: &str, value: impl Into<String>) -> Tile {
    Tile { label: label.to_owned(), value: value.into(), path: None, mark: "plain" }
}

async fn page(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let listed = state.broadcasts.class(&id).await?;
    let attendance = state.broadcasts.attendance(&id).await?;
    let class = &listed.class;
    let (mark, word) = words::class_state(class, state.clock.now());
    let over = class.state == ClassState::Published && class.ends_at <= state.clock.now();
    let came = attendance.people.iter().filter(|(_, came)| !came.is_empty()).count();
    let mut tiles = vec![Tile { mark, ..tile("状态", word) }, tile("已报名", format!("{} / {}", listed.seated, class.capacity))];
    tiles.extend([tile("候补", listed.waiting.to_string()), tile("到课", came.to_string())]);
    let mut actions = Vec::new();
    if session.may(Permission::WriteClasses) {
        if class.state == ClassState::Draft {
            actions.push(Action::send(path(&id, "/publish"), "发布，并把通知送审", &session.csrf).first());
        }
        if class.state == ClassState::Published && !over {
            actions.push(Action::open(path(&id, "/move"), "改时间"));
            actions.push(Action::open(path(&id, "/sessions/new"), text::ADD));
        }
        if class.state != ClassState::Cancelled {
            actions.push(Action::open(path(&id, "/edit"), "修改"));
        }
        if class.state != ClassState::Cancelled && !over {
            actions.push(Action::open(path(&id, "/cancel"), "取消课程").danger());
        }
    }
    actions.push(Action::open(path(&id, "/summary"), "小结、资料和问卷"));
    let asks = session.may(Permission::WriteClasses);
    // A series has a table of its times below.
    let series = asks && class.is_series();
    let mut blocks = vec![Tiles(tiles).to_string(), Actions(actions).to_string(), facts(class, asks, !series).to_string()];
    if series {
        blocks.push(class_sessions::table(class, state.clock.now()).to_string());
    }
    let mut roster =
        Table::new("名单", &["姓名", "状态", "报名时填的", "到课"], Empty::new("还没有人报名", "发布以后，报名的人列在这里。"));
    for (enrolment, came) in &attendance.people {
        let (mark, word) = words::enrolment_state(enrolment.state);
        let answers: Vec<String> = enrolment.answers.iter().map(|(label, answer)| format!("{label}：{answer}")).collect();
        let sessions: Vec<String> = came.iter().map(|check_in| format!("第{}次", check_in.session)).collect();
        roster.row(vec![
            Cell::text(enrolment.display_name.clone()),
            Cell::badge(mark, word),
            Cell::quiet(if asks { answers.join("；") } else { String::new() }),
            Cell::quiet(sessions.join("、")),
        ]);
    }
    if !attendance.people.is_empty() {
        blocks.push(Actions(vec![Action::open(path(&id, "/roster/xlsx"), "下载名单 Excel")]).to_string());
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
                Cell::link(path(&class.id, &format!("/sessions/{}", session.number)), format!("{text}（签到）"))
            } else {
                Cell::text(text)
            };
            ("时间".to_owned(), cell)
        })
        .collect();
    let more = [("地点", class.place.clone()), ("线上课堂", class.online_url.clone()), ("讲课老师", class.trainer.clone())];
    rows.extend(more.into_iter().filter_map(|(label, value)| Some((label.to_owned(), Cell::text(value?)))));
    Facts(rows)
}

async fn publish(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.publish_class(&id, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &path(&id, ""), "已发布，通知等待审核").await
}

async fn ask_cancel(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let class = state.broadcasts.class(&id).await?.class;
    let asked = Confirm {
        text: words::ask_cancel(&class.title),
        action: path(&id, "/cancel"),
        csrf: session.csrf.clone(),
        hidden: Vec::new(),
        label: "取消课程".to_owned(),
        back: path(&id, ""),
    };
    confirm(Frame::of(&session, HERE, "取消课程"), &asked)
}

async fn cancel(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.cancel_class(&id, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &path(&id, ""), "已取消，报名的人会收到通知").await
}

fn moving(session: &Session, class: &Class) -> Form {
    let sessions = class.sessions.iter().map(|session| (session.number.to_string(), words::session(class, session)));
    Form::new(session, path(&class.id, "/move"), "改时间，并通知报名的人")
        .field(Field::choice("session", "哪一次", sessions))
        .field(Field::time("starts_at", "新的开始时间").required().hint("课的长短不变"))
}

async fn move_form(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let class = state.broadcasts.class(&id).await?.class;
    sheet(Frame::of(&session, HERE, "改时间"), vec![moving(&session, &class).to_string()])
}

async fn move_to(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let class = state.broadcasts.class(&id).await?.class;
    let moved = match time(&fields, "starts_at") {
        Ok(Some(at)) => {
            let number = fields.text("session").parse().ok();
            state.broadcasts.move_class(&id, number, at, &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from)
        }
        Ok(None) => Err(ApiError::invalid("starts_at", "请填写新的开始时间")),
        Err(error) => Err(error),
    };
    match moved {
        Ok(_) => done(&state, &session, &path(&id, ""), "时间已改，报名的人会收到通知").await,
        Err(error) => {
            let form = moving(&session, &class).filled(&fields).refused(error)?;
            sheet(Frame::of(&session, HERE, "改时间"), vec![form.to_string()])
        }
    }
}
