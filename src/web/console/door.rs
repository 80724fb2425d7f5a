//! The door: log in, and the one-time link by which somebody sets a password. It never tells whether a user exists.

use axum::extract::{Request, State as Extract};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::alone;
use super::form::{Field, Form};
use super::widgets::Empty;
use crate::domain::staff::Role;
use crate::domain::time::Timestamp;
use crate::replies::console_pages::door as text;
use crate::replies::{console, problems};
use crate::store::access::{self, LinkFor};
use crate::store::users::User;
use crate::store::{audit, sessions, users};
use crate::web::State;
use crate::web::accounts::accepted_name;
use crate::web::extract::Query;
use crate::web::problem::ApiError;
use crate::web::session::{self, Fields, LOGIN};

/// Where a one-time link leads; its secret comes as `?link=`, which is not logged.
pub const SET_UP: &str = "/console/set-up";
const CONSOLE: &str = "/console";

/// Where to go after the log-in.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    next: String,
}

/// The secret of a one-time link.
#[derive(Debug, Default, Deserialize)]
pub struct Link {
    #[serde(default)]
    link: String,
}

/// The log-in page; whoever is in already goes on.
pub async fn login_page(Extract(state): Extract<State>, headers: HeaderMap, Query(wanted): Query<Wanted>) -> Result<Response, ApiError> {
    if session::of(&state, &headers, state.clock.now()).await?.is_some() {
        return Ok(Redirect::to(inside(&wanted.next)).into_response());
    }
    alone(text::LOG_IN, vec![login_form(&wanted.next).to_string()])
}

/// Logs in.
pub async fn login(Extract(state): Extract<State>, request: Request) -> Result<Response, ApiError> {
    let typed = session::open_form(&state, request).await?;
    match logged_in(&state, &typed).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let status = error.status();
            let form = login_form(typed.text("next")).filled(&typed).refused(error)?;
            Ok((status, alone(text::LOG_IN, vec![form.to_string()])?).into_response())
        }
    }
}

async fn logged_in(state: &State, typed: &Fields) -> Result<Response, ApiError> {
    let (name, password) = (typed.text("name"), typed.raw("password"));
    if name.is_empty() || password.is_empty() {
        return Err(ApiError::invalid("", console::login_refused()));
    }
    let now = state.clock.now();
    let found = {
        let mut conn = state.store.read().await?;
        if access::locked_until(&mut conn, name, now).await?.is_some() {
            return Err(ApiError::Conflict(console::login_locked()));
        }
        access::password(&mut conn, name).await?
    };
    let phc = found.as_ref().map(|(_, phc)| phc.clone());
    let right = state.passwords.check(password, phc).await?;
    let mut tx = state.store.begin().await?;
    // Others may have locked the name while this password was being hashed.
    if access::locked_until(&mut tx, name, now).await?.is_some() {
        return Err(ApiError::Conflict(console::login_locked()));
    }
    let Some((user, _)) = found.filter(|_| right) else {
        let locked = access::failed(&mut tx, name, now).await?;
        if locked {
            // The name typed may be a password typed into the wrong field: it is not written down.
            audit::record(&mut tx, "console", "login.lock", "", "", now).await?;
        }
        tx.commit().await?;
        let told = if locked { ApiError::Conflict(console::login_locked()) } else { ApiError::invalid("", console::login_refused()) };
        return Err(told);
    };
    access::succeeded(&mut tx, name).await?;
    let secret = sessions::begin(&mut tx, &user.id, now).await?;
    audit::record(&mut tx, &user.name, "login", &user.id, "", now).await?;
    tx.commit().await?;
    Ok(let_in(state, &secret, inside(typed.text("next"))))
}

/// The page of a one-time link.
pub async fn set_up_page(Extract(state): Extract<State>, Query(link): Query<Link>) -> Result<Response, ApiError> {
    let mut conn = state.store.read().await?;
    match access::link(&mut conn, &link.link, state.clock.now()).await? {
        Some(whom) => alone(title_for(&whom), vec![set_up_form(&whom, &link.link).to_string()]),
        None => alone(text::LINK_OVER, vec![over()]),
    }
}

/// Sets the password, makes the first administrator where there is none, and lets them in.
pub async fn set_up(Extract(state): Extract<State>, request: Request) -> Result<Response, ApiError> {
    let typed = session::open_form(&state, request).await?;
    let (secret, now) = (typed.text("link").to_owned(), state.clock.now());
    let whom = access::link(&mut *state.store.read().await?, &secret, now).await?;
    let Some(whom) = whom else { return alone(text::LINK_OVER, vec![over()]) };
    match password_set(&state, &typed, &whom, now).await {
        Ok(cookie) => Ok(let_in(&state, &cookie, CONSOLE)),
        Err(error) => {
            let status = error.status();
            let form = set_up_form(&whom, &secret).filled(&typed).refused(error)?;
            Ok((status, alone(title_for(&whom), vec![form.to_string()])?).into_response())
        }
    }
}

async fn password_set(state: &State, typed: &Fields, whom: &LinkFor, now: Timestamp) -> Result<String, ApiError> {
    let name = match whom {
        LinkFor::First => {
            accepted_name(typed.text("name")).ok_or_else(|| ApiError::invalid("name", problems::wrong_user_name()))?.to_owned()
        }
        LinkFor::User(user) => user.name.clone(),
    };
    let phc = new_password(state, typed, &name).await?;
    let mut tx = state.store.begin().await?;
    // Asked again inside: of two who hold the link, one gets in.
    if access::link(&mut tx, typed.text("link"), now).await?.as_ref() != Some(whom)
        || !access::use_link(&mut tx, typed.text("link"), now).await?
    {
        return Err(ApiError::Conflict(console::link_over()));
    }
    let user: User = match whom {
        LinkFor::First => {
            let user = users::insert(&mut tx, &name, Role::Admin, now).await?;
            let user = user.ok_or_else(|| ApiError::Conflict(problems::user_exists(&name)))?;
            audit::record(&mut tx, &user.name, "user.create", &user.id, Role::Admin.word(), now).await?;
            user
        }
        LinkFor::User(user) => user.clone(),
    };
    access::set_password(&mut tx, &user.id, &phc, now).await?;
    access::succeeded(&mut tx, &user.name).await?;
    let cookie = sessions::begin(&mut tx, &user.id, now).await?;
    audit::record(&mut tx, &user.name, "password.set", &user.id, "", now).await?;
    tx.commit().await?;
    Ok(cookie)
}

/// The hash of a new password typed twice.
pub(super) async fn new_password(state: &State, typed: &Fields, name: &str) -> Result<String, ApiError> {
    if typed.raw("password") != typed.raw("again") {
        return Err(ApiError::invalid("again", console::passwords_differ()));
    }
    state.passwords.hash("password", typed.raw("password"), name).await
}

fn let_in(state: &State, secret: &str, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().insert(header::SET_COOKIE, session::cookie(&state.public_url, secret));
    response
}

/// Only pages of the console are gone on to.
fn inside(next: &str) -> &str {
    let ours = next == CONSOLE || next.starts_with("/console/") || next.starts_with("/console?");
    if ours && !next.contains(['\\', '\r', '\n']) { next } else { CONSOLE }
}

fn title_for(whom: &LinkFor) -> &'static str {
    match whom {
        LinkFor::First => text::FIRST,
        LinkFor::User(_) => text::SET_PASSWORD,
    }
}

fn over() -> String {
    Empty::new(text::LINK_OVER, &console::link_over()).link(LOGIN, text::GO_TO_LOG_IN).to_string()
}

fn login_form(next: &str) -> Form {
    let form = Form::open(LOGIN, text::LOG_IN)
        .field(Field::text("name", text::ACCOUNT).required().most(40).complete("username"))
        .field(Field::password("password", text::PASSWORD, "current-password").required());
    if inside(next) == CONSOLE { form } else { form.hidden("next", next) }
}

fn set_up_form(whom: &LinkFor, link: &str) -> Form {
    let form = Form::open(SET_UP, text::SAVE_AND_LOG_IN).hidden("link", link);
    let form = match whom {
        LinkFor::First => {
            form.field(Field::text("name", text::FIRST_NAME).required().most(40).complete("username").hint(text::FIRST_NAME_HINT))
        }
        LinkFor::User(user) => form.field(Field::text("name", text::ACCOUNT).value(user.name.clone()).complete("username").fixed()),
    };
    password_fields(form, text::PASSWORD)
}

/// A new password, typed twice.
pub(super) fn password_fields(form: Form, label: &str) -> Form {
    form.field(Field::password("password", label, "new-password").required().hint(text::PASSWORD_HINT))
        .field(Field::password("again", text::AGAIN, "new-password").required())
}
