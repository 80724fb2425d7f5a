//! Changing a class: a draft in everything, a published one in what nobody has to be asked about again. Its time is changed under 改时间,
//! which tells everybody on the list; so does a new place.

use axum::extract::State as Extract;
use axum::response::Response;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::classes::{path, some, time};
use super::form::{Field, Form};
use super::{Frame, Pages, done, sheet};
use crate::broadcasts::Actor;
use crate::broadcasts::classes::{NewClass, SessionTime};
use crate::domain::bulletin::Targets;
use crate::domain::class::{AskedField, ClassState, FieldKind, Session as Meeting};
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::replies::class_console as words;
use crate::replies::console_pages::{class_edit as text, classes as form_text};
use crate::store::classes::{self, StoredClass};
use crate::store::subscriptions;
use crate::web::State;
use crate::web::extract::Path;
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

const HERE: &str = "/console/classes";
const FIELD_TIME: &str = "%Y-%m-%dT%H:%M";
const LINE_TIME: &str = "%Y-%m-%d %H:%M";
/// What people write between two times, beside the words for it.
const DASHES: [char; 4] = ['—', '－', '～', '~'];
/// What parts a line of what is asked.
const BARS: [char; 2] = ['｜', '|'];

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get("/console/classes/{id}/edit", Permission::WriteClasses, page).post(
        "/console/classes/{id}/edit",
        Permission::WriteClasses,
        save,
    )
}

async fn stored(state: &State, id: &str) -> Result<StoredClass, ApiError> {
    let stored = classes::get(&mut *state.store.read().await?, id, "").await?;
    let stored = stored.ok_or_else(|| ApiError::NotFound(words::no_such_class()))?;
    match stored.class.state {
        ClassState::Cancelled => Err(ApiError::Conflict(crate::replies::classes::cancelled_already())),
        ClassState::Draft | ClassState::Published => Ok(stored),
    }
}

async fn form(state: &State, session: &Session, stored: &StoredClass) -> Result<Form, ApiError> {
    let class = &stored.class;
    let draft = class.state == ClassState::Draft;
    let local = |at: Option<Timestamp>| at.map(|at| at.local().format(FIELD_TIME).to_string()).unwrap_or_default();
    let mut form = Form::new(session, path(&class.id, "/edit"), text::SAVE);
    if draft {
        let times: Vec<String> = class.sessions.iter().map(time_line).collect();
        form = form
            .field(Field::text("title", form_text::NAME).required().most(100).value(class.title.clone()))
            .field(Field::long("sessions", text::SESSIONS).required().value(times.join("\n")).hint(words::sessions_hint()));
    }
    let place = Field::text("place", form_text::PLACE).most(200).value(class.place.clone().unwrap_or_default());
    let place = if draft { place.hint(form_text::PLACE_HINT) } else { place.hint(text::PLACE_TELLS) };
    let known = class.reminders.iter().filter(|minutes| !form_text::REMINDER_TIMES.iter().any(|(known, _)| *known == minutes.to_string()));
    let known = known.map(|minutes| (minutes.to_string(), text::minutes_before(*minutes)));
    let reminders = form_text::REMINDER_TIMES.iter().map(|(minutes, label)| ((*minutes).to_owned(), (*label).to_owned())).chain(known);
    let chosen: Vec<String> = class.reminders.iter().map(i64::to_string).collect();
    let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
    let needed = class.certificate_sessions.map(|needed| needed.to_string()).unwrap_or_default();
    form = form
        .field(place)
        .field(Field::text("online_url", form_text::ONLINE_URL).most(200).value(class.online_url.clone().unwrap_or_default()))
        .field(Field::number("capacity", form_text::CAPACITY).required().value(class.capacity.to_string()))
        .field(Field::time("enrol_from", form_text::ENROL_FROM).value(local(class.enrol_from)).hint(form_text::ENROL_FROM_HINT))
        .field(Field::time("enrol_until", form_text::ENROL_UNTIL).value(local(class.enrol_until)).hint(form_text::ENROL_UNTIL_HINT))
        .field(Field::ticks("reminders", form_text::REMINDERS, reminders).values(&chosen))
        .field(Field::text("trainer", form_text::TRAINER).most(60).value(class.trainer.clone().unwrap_or_default()))
        .field(Field::number("certificate_sessions", text::NEEDED).value(needed).hint(text::NEEDED_HINT));
    if draft {
        let asked: Vec<String> = class.fields.iter().map(asked_line).collect();
        let tags = subscriptions::offered(&mut *state.store.read().await?, "").await?;
        let tags =
            std::iter::once(("*".to_owned(), form_text::ALL_GROUPS.to_owned())).chain(tags.into_iter().map(|tag| (tag.clone(), tag)));
        let chosen: Vec<&str> = stored.targets.tags.iter().map(String::as_str).collect();
        form = form
            .field(Field::long("fields", text::ASKED).value(asked.join("\n")).hint(words::asked_hint()))
            .field(Field::ticks("tags", form_text::TAGS, tags).values(&chosen));
    }
    Ok(form)
}

async fn page(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let stored = stored(&state, &id).await?;
    sheet(
        Frame::of(&session, HERE, &form_text::about(text::TITLE, &stored.class.title)),
        vec![form(&state, &session, &stored).await?.to_string()],
    )
}

async fn save(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let before = stored(&state, &id).await?;
    let edited = match written(&before, &fields) {
        Ok(new) => state.broadcasts.edit_class(&id, new, &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from),
        Err(error) => Err(error),
    };
    match edited {
        Ok(class) => {
            let told = (&class.place, &class.online_url) != (&before.class.place, &before.class.online_url);
            let said = if told && class.state == ClassState::Published { text::SAVED_AND_TOLD } else { text::SAVED };
            done(&state, &session, &path(&id, ""), said).await
        }
        Err(error) => {
            let form = form(&state, &session, &before).await?.filled(&fields).refused(error)?;
            sheet(Frame::of(&session, HERE, &form_text::about(text::TITLE, &before.class.title)), vec![form.to_string()])
        }
    }
}

/// The class as it is now, with what was typed in the fields it has in its state.
fn written(before: &StoredClass, fields: &Fields) -> Result<NewClass, ApiError> {
    let class = &before.class;
    let number = |name: &'static str, detail: &str| fields.text(name).parse::<i64>().map_err(|_| ApiError::invalid(name, detail));
    let mut new = NewClass {
        title: class.title.clone(),
        starts_at: None,
        ends_at: None,
        sessions: class.sessions.iter().map(|one| SessionTime { starts_at: one.starts_at, ends_at: one.ends_at }).collect(),
        place: some(fields, "place"),
        online_url: some(fields, "online_url"),
        capacity: number("capacity", form_text::WRONG_CAPACITY)?,
        enrol_from: time(fields, "enrol_from")?,
        enrol_until: time(fields, "enrol_until")?,
        reminders: fields.all("reminders").into_iter().filter_map(|minutes| minutes.parse().ok()).collect(),
        targets: before.targets.clone(),
        trainer: some(fields, "trainer"),
        fields: class.fields.clone(),
        certificate_sessions: match fields.text("certificate_sessions") {
            "" => None,
            _ => Some(number("certificate_sessions", text::WRONG_NEEDED)?),
        },
    };
    if class.state == ClassState::Draft {
        fields.text("title").clone_into(&mut new.title);
        let lines =
            |name: &str| fields.text(name).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let wrong = |name: &'static str, detail: String| move || ApiError::invalid(name, detail);
        new.sessions = lines("sessions")
            .iter()
            .map(|line| read_time(line).ok_or_else(wrong("sessions", words::wrong_session_line(line))))
            .collect::<Result<_, _>>()?;
        new.fields = lines("fields")
            .iter()
            .map(|line| read_asked(line).ok_or_else(wrong("fields", words::wrong_asked_line(line))))
            .collect::<Result<_, _>>()?;
        let tags = fields.all("tags").into_iter().map(str::to_owned).collect();
        new.targets = Targets { channels: before.targets.channels.clone(), tags };
    }
    Ok(new)
}

/// `2026-11-26 14:00-16:00`; with the day again where it ends on another.
fn time_line(one: &Meeting) -> String {
    let (from, to) = (one.starts_at.local(), one.ends_at.local());
    let until = if from.date() == to.date() { to.format("%H:%M") } else { to.format(LINE_TIME) };
    format!("{}-{until}", from.format(LINE_TIME))
}

fn read_time(line: &str) -> Option<SessionTime> {
    let line = line.replace('：', ":").replace(DASHES, "-").replace(text::UNTIL, "-");
    let (day, times) = line.split_once(char::is_whitespace)?;
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
    let (from, until) = times.split_once('-')?;
    let hour = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
    let until = until.trim();
    let ends_at = match hour(until) {
        Some(hour) => day.and_time(hour),
        None => NaiveDateTime::parse_from_str(until, LINE_TIME).ok()?,
    };
    Some(SessionTime { starts_at: Timestamp::from_local(day.and_time(hour(from)?)), ends_at: Timestamp::from_local(ends_at) })
}

/// `单位名称｜准备材料｜必填`.
fn asked_line(field: &AskedField) -> String {
    let kind = words::field_kind(field.kind);
    let must = if field.required { words::MUST } else { "" };
    let parts = [field.label.as_str(), field.reason.as_str(), kind, must];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("｜")
}

fn read_asked(line: &str) -> Option<AskedField> {
    let mut parts = line.split(BARS).map(str::trim);
    let (label, reason) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    let mut field = AskedField { label, reason, kind: FieldKind::Text, required: false };
    for part in parts.filter(|part| !part.is_empty()) {
        let kind = [FieldKind::Number, FieldKind::Phone].into_iter().find(|kind| words::field_kind(*kind) == part);
        match kind {
            Some(kind) => field.kind = kind,
            None if part == words::MUST => field.required = true,
            None => return None,
        }
    }
    Some(field)
}
