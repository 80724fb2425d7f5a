//! Classes on the web: what is coming, and a seat for whoever gives a name. Who it is, is a random token in a cookie;
//! a form counts only when our own page sent it.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form as FormBody;
use axum::extract::State as Extract;
use axum::extract::rejection::FormRejection;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{PageError, html};
use crate::broadcasts::asked::read_answers;
use crate::broadcasts::classes::Listed;
use crate::broadcasts::enrolment::{self, Enrolled, Withdrawn};
use crate::broadcasts::ics;
use crate::domain::channel::ChannelKind;
use crate::domain::check_in::open_session;
use crate::domain::class::{AskedField, Class, ClassState, FieldKind, Standing};
use crate::domain::time::Timestamp;
use crate::replies::{classes, pages, problems};
use crate::web::State;
use crate::web::extract::Path;
use crate::web::origin::same_origin;
use crate::web::person::Person;
use crate::web::problem::ApiError;
use crate::web::visitors::visitor;

const LONGEST_NAME: usize = 30;

#[derive(Template)]
#[template(path = "classes.html", config = "src/web/askama.toml")]
struct ListPage {
    here: &'static str,
    items: Vec<Item>,
}

struct Item {
    id: String,
    title: String,
    when: String,
    seats: String,
    mark: &'static str,
}

/// What the person may do now.
enum Form {
    Enrol,
    /// Take the seat that is held, or not.
    Offer,
    /// With the words on its button.
    Withdraw(&'static str),
    None,
}

#[derive(Template)]
#[template(path = "class.html", config = "src/web/askama.toml")]
struct ClassPage {
    here: &'static str,
    id: String,
    title: String,
    seats: String,
    mark: &'static str,
    facts: Vec<(&'static str, String)>,
    online_link: Option<String>,
    calendar: bool,
    said: Option<String>,
    failed: bool,
    form: Form,
    /// Title and address of what was handed out, for whoever is on the list.
    materials: Vec<(String, String)>,
    name: String,
    button: &'static str,
    accept: &'static str,
    decline: &'static str,
    asked: Vec<Asked>,
    check_in: bool,
    /// Whether there are questions to answer about it.
    survey: bool,
    /// The vote that runs, for whoever is on the list.
    vote: Option<String>,
    /// Code of the certificate, where there is one.
    certificate: Option<String>,
}

/// What the trainer asks, as a field of the form.
struct Asked {
    name: String,
    label: String,
    reason: String,
    required: bool,
    kind: &'static str,
    value: String,
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    name: String,
    /// `a0`, `a1`, …: the answers in the order of the questions.
    #[serde(flatten)]
    answers: BTreeMap<String, String>,
}

/// What is to be told about a step just taken.
struct Told {
    words: String,
    name: String,
    answers: Vec<(String, String)>,
}

/// What is coming.
pub async fn list(Extract(state): Extract<State>) -> Result<Response, PageError> {
    let now = state.clock.now();
    let listed = state.broadcasts.upcoming_classes(now).await?;
    let item = |listed: Listed| Item {
        seats: pages::seats(&listed.class, listed.seated, listed.waiting),
        mark: mark(&listed, now),
        when: classes::when_and_where(&listed.class),
        id: listed.class.id,
        title: listed.class.title,
    };
    html(&ListPage { here: "classes", items: listed.into_iter().map(item).collect() })
}

/// One class.
pub async fn page(Extract(state): Extract<State>, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, PageError> {
    show(&state, &id, Person::of(&headers).as_ref(), None).await
}

/// The class as a calendar file.
pub async fn calendar(Extract(state): Extract<State>, Path(id): Path<String>) -> Result<Response, PageError> {
    let listed = visible(&state, &id).await?;
    Ok(calendar_file(&[listed.class], HeaderValue::from_static("attachment; filename=\"class.ics\""), &state))
}

/// Every class still to come as one calendar, to subscribe to.
pub async fn feed(Extract(state): Extract<State>) -> Result<Response, PageError> {
    let listed = state.broadcasts.upcoming_classes(state.clock.now()).await?;
    let classes: Vec<Class> = listed.into_iter().map(|listed| listed.class).collect();
    Ok(calendar_file(&classes, HeaderValue::from_static("inline; filename=\"calendar.ics\""), &state))
}

fn calendar_file(classes: &[Class], disposition: HeaderValue, state: &State) -> Response {
    let text = ics::calendar(classes, &state.public_url, state.clock.now());
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")), (header::CONTENT_DISPOSITION, disposition)];
    (headers, text).into_response()
}

/// Takes a seat or a place in line.
pub async fn enrol(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
    extensions: Extensions,
    typed: Result<FormBody<Typed>, FormRejection>,
) -> Result<Response, PageError> {
    same_origin(&headers, &state.public_url)?;
    let now = state.clock.now();
    state.visitors.count(visitor(&headers, &extensions), now)?;
    let typed = typed.map(|FormBody(typed)| typed).unwrap_or_default();
    let mut name = typed.name.trim().to_owned();
    let class = visible(&state, &id).await?.class;
    let answers = answers_of(&state, &class, &typed.answers);
    let person = Person::of(&headers).unwrap_or_else(Person::fresh);
    if name.is_empty() {
        // Whoever takes an offered seat gave the name before.
        name = state.broadcasts.name_of(&id, ChannelKind::Web, person.id()).await?.unwrap_or_default();
    }
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        let told = Told { words: problems::wrong_person_name(LONGEST_NAME), name, answers };
        return show(&state, &id, Some(&person), Some(told)).await;
    }
    // Whoever takes an offered seat was asked before.
    let asked =
        !answers.is_empty() && !typed.answers.is_empty() || state.broadcasts.name_of(&id, ChannelKind::Web, person.id()).await?.is_none();
    if asked && let Err(refused) = read_answers(&class, &answers) {
        return show(&state, &id, Some(&person), Some(Told { words: refused.to_string(), name, answers })).await;
    }
    let mut tx = state.store.begin().await?;
    let who = enrolment::Person { channel: ChannelKind::Web, id: person.id(), channel_id: None, name: &name };
    let enrolled = state.broadcasts.enrol(&mut tx, &id, &who, now).await?;
    if asked && matches!(enrolled, Enrolled::Seated(_) | Enrolled::Waiting(..)) {
        state.broadcasts.keep_answers(&mut tx, &class, ChannelKind::Web, person.id(), &answers, now).await?;
    }
    tx.commit().await?;
    let words = match enrolled {
        // The page itself says who is seated and who waits.
        Enrolled::Seated(_) | Enrolled::SeatedAlready(_) | Enrolled::Waiting(..) | Enrolled::WaitingAlready(..) => {
            let mut response = back_to(&id);
            let cookie = person.cookie(&state.public_url);
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            return Ok(response);
        }
        Enrolled::NotYet(class, from) => classes::not_yet(&class, from),
        Enrolled::Over(class) => classes::over(&class),
        Enrolled::Cancelled(class) => classes::cancelled(&class),
        Enrolled::NoSuchClass => return Err(ApiError::NotFound(pages::not_found()).into()),
    };
    show(&state, &id, Some(&person), Some(Told { words, name, answers })).await
}

/// Gives the seat up.
pub async fn withdraw(Extract(state): Extract<State>, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, PageError> {
    same_origin(&headers, &state.public_url)?;
    let Some(person) = Person::of(&headers) else { return Ok(back_to(&id)) };
    let mut tx = state.store.begin().await?;
    let withdrawn = state.broadcasts.withdraw(&mut tx, &id, ChannelKind::Web, person.id(), state.clock.now()).await?;
    tx.commit().await?;
    match withdrawn {
        Withdrawn::Done(_) | Withdrawn::NotEnrolled(_) => Ok(back_to(&id)),
        Withdrawn::TooLate(class) => {
            let told = Told { words: classes::too_late(&class), name: String::new(), answers: Vec::new() };
            show(&state, &id, Some(&person), Some(told)).await
        }
        Withdrawn::NoSuchClass => Err(ApiError::NotFound(pages::not_found()).into()),
    }
}

/// The answers of the form by the label of their question, as they may be kept.
fn answers_of(state: &State, class: &Class, typed: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let of = |index: usize, field: &AskedField| {
        let text = typed.get(&format!("a{index}")).map_or("", |text| text.trim());
        // A number the trainer asks for is kept as given; nothing else that looks like one is.
        let text = if field.kind == FieldKind::Text { state.answering.without_secrets(text) } else { text.to_owned() };
        (field.label.clone(), text)
    };
    class.fields.iter().enumerate().map(|(index, field)| of(index, field)).collect()
}

fn asked(index: usize, field: &AskedField, given: &[(String, String)]) -> Asked {
    Asked {
        name: format!("a{index}"),
        label: field.label.clone(),
        reason: field.reason.clone(),
        required: field.required,
        kind: match field.kind {
            FieldKind::Text => "text",
            FieldKind::Number => "numeric",
            FieldKind::Phone => "tel",
        },
        value: given.iter().find(|(label, _)| *label == field.label).map(|(_, text)| text.clone()).unwrap_or_default(),
    }
}

pub(super) async fn visible(state: &State, id: &str) -> Result<Listed, ApiError> {
    let listed = state.broadcasts.class(id).await?;
    match listed.class.state {
        ClassState::Draft => Err(ApiError::NotFound(pages::not_found())),
        ClassState::Published | ClassState::Cancelled => Ok(listed),
    }
}

async fn show(state: &State, id: &str, person: Option<&Person>, told: Option<Told>) -> Result<Response, PageError> {
    let now = state.clock.now();
    let listed = visible(state, id).await?;
    let mine = match person {
        Some(person) => {
            let mine = state.broadcasts.my_classes(ChannelKind::Web, person.id(), now).await?;
            mine.into_iter().find(|(class, _)| class.id == id).map(|(_, standing)| standing)
        }
        None => None,
    };
    let materials = materials(state, id, person).await?;
    let failed = told.is_some();
    let (said, name, given) = match told {
        Some(told) => (Some(told.words), told.name, told.answers),
        None => (standing(&listed.class, mine), String::new(), Vec::new()),
    };
    let certificate = match person {
        Some(person) => state.broadcasts.certificate_of(id, ChannelKind::Web, person.id()).await?,
        None => None,
    };
    let survey = match person {
        Some(person) => state.broadcasts.web_survey(id, person.id(), now).await?.is_some(),
        None => false,
    };
    let vote = match person {
        Some(person) if state.broadcasts.name_of(id, ChannelKind::Web, person.id()).await?.is_some() => {
            state.broadcasts.open_vote(id, now).await?
        }
        Some(_) | None => None,
    };
    let full = listed.seated >= listed.class.capacity || listed.waiting > 0;
    let mut response = html(&ClassPage {
        here: "classes",
        seats: match listed.class.state {
            ClassState::Published if listed.class.ends_at <= now => pages::class_over(),
            ClassState::Draft | ClassState::Published | ClassState::Cancelled => pages::seats(&listed.class, listed.seated, listed.waiting),
        },
        mark: mark(&listed, now),
        facts: pages::class_facts(&listed.class),
        online_link: listed.class.online_url.clone().filter(|link| link.starts_with("https://") || link.starts_with("http://")),
        calendar: listed.class.state == ClassState::Published,
        said,
        failed,
        form: form(&listed.class, mine, now),
        materials,
        name,
        button: pages::enrol_button(full),
        accept: pages::accept_button(),
        decline: pages::withdraw_button(Standing::Offered(now)),
        asked: (0..).zip(&listed.class.fields).map(|(index, field)| asked(index, field, &given)).collect(),
        check_in: mine.is_some() && listed.class.state == ClassState::Published && open_session(&listed.class, now).is_some(),
        survey,
        vote,
        certificate,
        id: listed.class.id,
        title: listed.class.title,
    })?;
    if failed {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// What was handed out, for somebody who is on the list.
async fn materials(state: &State, id: &str, person: Option<&Person>) -> Result<Vec<(String, String)>, PageError> {
    let Some(person) = person else { return Ok(Vec::new()) };
    if state.broadcasts.name_of(id, ChannelKind::Web, person.id()).await?.is_none() {
        return Ok(Vec::new());
    }
    let handed_out = state.broadcasts.materials(id).await?.into_iter().filter(|material| material.pushed_at.is_some());
    Ok(handed_out.map(|material| (material.title.clone(), state.broadcasts.material_link(&material))).collect())
}

fn standing(class: &Class, mine: Option<Standing>) -> Option<String> {
    if class.state == ClassState::Cancelled {
        return Some(classes::cancelled(class));
    }
    mine.map(|standing| match standing {
        Standing::Waiting(position) => pages::you_wait(position),
        Standing::Offered(until) => pages::you_are_offered(until),
        Standing::Seated => pages::you_are_enrolled(),
    })
}

fn form(class: &Class, mine: Option<Standing>, now: Timestamp) -> Form {
    let open = class.state == ClassState::Published && now < class.enrol_until.unwrap_or(class.starts_at);
    match mine {
        Some(Standing::Offered(until)) if class.state == ClassState::Published && now < until => Form::Offer,
        Some(standing) if class.state == ClassState::Published && now < class.starts_at => Form::Withdraw(pages::withdraw_button(standing)),
        Some(_) => Form::None,
        None if open && class.enrol_from.is_none_or(|from| from <= now) => Form::Enrol,
        None => Form::None,
    }
}

fn mark(listed: &Listed, now: Timestamp) -> &'static str {
    if listed.class.ends_at <= now || listed.class.state == ClassState::Cancelled || listed.seated >= listed.class.capacity {
        "full"
    } else {
        "open"
    }
}

fn back_to(id: &str) -> Response {
    Redirect::to(&format!("/classes/{id}")).into_response()
}
