//! Staff, their roles, log-in links and tokens: the administrator's. A link and a token are shown once, on the page that made them.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};

use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Facts, Table};
use super::{Frame, Pages, done, html, sheet};
use crate::domain::staff::{Permission, ROLES, Role};
use crate::domain::time::Timestamp;
use crate::replies::console_pages::users as text;
use crate::replies::{console, problems};
use crate::store::access::Switch;
use crate::store::tokens::{self, Token};
use crate::store::users::{self, User};
use crate::web::State;
use crate::web::accounts::{self, LONGEST_NAME};
use crate::web::extract::Path;
use crate::web::paging::{Page, Paging};
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

const PATH: &str = "/console/users";

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get(PATH, Permission::Read, list)
        .get("/console/users/new", Permission::ManageUsers, new)
        .post(PATH, Permission::ManageUsers, create)
        .get("/console/users/{id}", Permission::ManageUsers, one)
        .post("/console/users/{id}/role", Permission::ManageUsers, change_role)
        .post("/console/users/{id}/link", Permission::ManageUsers, create_link)
        .post("/console/users/{id}/on", Permission::ManageUsers, switch_on)
        .post("/console/users/{id}/off", Permission::ManageUsers, switch_off)
        .post("/console/users/{id}/tokens", Permission::ManageUsers, create_token)
        .post("/console/users/{id}/tokens/{token}/revoke", Permission::ManageUsers, revoke_token)
}

/// Something shown this once.
#[derive(Template)]
#[template(path = "console/secret.html", config = "src/web/askama.toml")]
struct Secret {
    frame: Frame,
    text: String,
    secret: String,
    back: String,
}

async fn list(Extract(state): Extract<State>, session: Session, paging: Paging) -> Result<Response, ApiError> {
    let found = users::list(&mut *state.store.read().await?, &paging.after, paging.probe()).await?;
    let page = Page::of(found, &paging, |user| user.id.clone());
    let manages = session.may(Permission::ManageUsers);
    let mut table = Table::new(text::TITLE, &text::HEADS, Empty::new(text::NONE, text::ADD_FIRST));
    for user in &page.items {
        let name = if manages { Cell::link(format!("{PATH}/{}", user.id), &user.name) } else { Cell::text(&user.name) };
        table.row(vec![
            name,
            Cell::text(problems::role_name(user.role)),
            standing(user),
            Cell::quiet(console::short_time(user.created_at)),
        ]);
    }
    table.next(page.next_cursor.map(|cursor| format!("{PATH}?cursor={cursor}")));
    let mut blocks = Vec::new();
    if manages {
        blocks.push(Actions(vec![Action::open("/console/users/new", text::ADD).first()]).to_string());
    }
    blocks.push(table.to_string());
    sheet(Frame::of(&session, PATH, text::TITLE), blocks)
}

async fn new(session: Session) -> Result<Response, ApiError> {
    sheet(Frame::of(&session, PATH, text::ADD), vec![new_form(&session).to_string()])
}

async fn create(Extract(state): Extract<State>, session: Session, typed: Fields) -> Result<Response, ApiError> {
    match created(&state, &session, &typed).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let status = error.status();
            let form = new_form(&session).filled(&typed).refused(error)?;
            Ok((status, sheet(Frame::of(&session, PATH, text::ADD), vec![form.to_string()])?).into_response())
        }
    }
}

async fn created(state: &State, session: &Session, typed: &Fields) -> Result<Response, ApiError> {
    let user = accounts::create_user(state, &session.staff, typed.text("name"), role_of(typed)?).await?;
    show_link(state, session, &user.id).await
}

async fn one(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, paging: Paging) -> Result<Response, ApiError> {
    let mut conn = state.store.read().await?;
    let user = users::get(&mut conn, &id).await?.ok_or_else(|| ApiError::no_such(text::TITLE))?;
    let tokens = tokens::of_user(&mut conn, &id, &paging.after, paging.probe()).await?;
    drop(conn);
    let tokens = Page::of(tokens, &paging, |token| token.id.clone());
    let facts = Facts(vec![
        (text::ROLE.to_owned(), Cell::text(problems::role_name(user.role))),
        (text::STATE.to_owned(), standing(&user)),
        (text::ADDED_AT.to_owned(), Cell::text(user.created_at.chinese())),
    ]);
    let path = |step: &str| format!("{PATH}/{id}/{step}");
    let switch = if user.active {
        Action::send(path("off"), text::SWITCH_OFF, &session.csrf).danger()
    } else {
        Action::send(path("on"), text::SWITCH_ON, &session.csrf)
    };
    let link = Action::send(path("link"), text::MAKE_LINK, &session.csrf);
    let actions = if user.active { vec![link, switch] } else { vec![switch] };
    let role = Form::new(&session, path("role"), text::SAVE_ROLE).field(role_field().value(user.role.word()));
    let token = Form::new(&session, path("tokens"), text::MAKE_TOKEN).field(Field::number("days", text::DAYS).hint(text::DAYS_HINT));
    let empty = Empty::new(text::NO_TOKENS, text::WHAT_TOKENS_ARE_FOR);
    let mut table = Table::new(text::TOKENS, &text::TOKEN_HEADS, empty);
    for token in &tokens.items {
        let revoke = Action::send(format!("{PATH}/{id}/tokens/{}/revoke", token.id), text::SWITCH_OFF, &session.csrf).danger();
        let action = if token.revoked_at.is_some() { Cell::badge("bad", text::OFF) } else { Cell::Actions(vec![revoke]) };
        table.row(vec![Cell::quiet(&token.id), time(Some(token.created_at)), until(token), time(token.last_used_at), action]);
    }
    table.next(tokens.next_cursor.map(|cursor| format!("{PATH}/{id}?cursor={cursor}")));
    let mut blocks = vec![facts.to_string(), Actions(actions).to_string()];
    if user.id != session.staff.user_id {
        blocks.push(role.to_string());
    }
    blocks.extend([table.to_string(), token.to_string()]);
    sheet(Frame::of(&session, PATH, &user.name), blocks)
}

async fn change_role(
    Extract(state): Extract<State>,
    session: Session,
    Path(id): Path<String>,
    typed: Fields,
) -> Result<Response, ApiError> {
    let user = accounts::change_role(&state, &session.staff, &id, role_of(&typed)?).await?;
    done(&state, &session, &format!("{PATH}/{id}"), &console::role_changed(&user.name, problems::role_name(user.role))).await
}

async fn create_link(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    show_link(&state, &session, &id).await
}

async fn show_link(state: &State, session: &Session, id: &str) -> Result<Response, ApiError> {
    let (user, secret) = accounts::create_link(state, &session.staff, id).await?;
    let frame = Frame::of(session, PATH, text::LINK_TITLE);
    html(&Secret { frame, text: console::hand_over_link(&user.name), secret, back: format!("{PATH}/{id}") })
}

async fn switch_on(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let user = accounts::switch(&state, &session.staff, &id, Switch::On).await?;
    done(&state, &session, &format!("{PATH}/{id}"), &console::switched_on(&user.name)).await
}

async fn switch_off(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let user = accounts::switch(&state, &session.staff, &id, Switch::Off).await?;
    done(&state, &session, &format!("{PATH}/{id}"), &console::switched_off(&user.name)).await
}

async fn create_token(
    Extract(state): Extract<State>,
    session: Session,
    Path(id): Path<String>,
    typed: Fields,
) -> Result<Response, ApiError> {
    let days = match typed.text("days") {
        "" => None,
        text => Some(text.parse().map_err(|_| ApiError::invalid("days", problems::wrong_days(accounts::MOST_DAYS)))?),
    };
    let user = users::get(&mut *state.store.read().await?, &id).await?.ok_or_else(|| ApiError::no_such(text::TITLE))?;
    let (_, secret) = accounts::create_token(&state, &session.staff, &user.name, days).await?;
    let frame = Frame::of(&session, PATH, text::TOKENS);
    html(&Secret { frame, text: console::hand_over_token(&user.name), secret, back: format!("{PATH}/{id}") })
}

async fn revoke_token(
    Extract(state): Extract<State>,
    session: Session,
    Path((id, token)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    accounts::revoke_token(&state, &session.staff, &token).await?;
    done(&state, &session, &format!("{PATH}/{id}"), &console::token_revoked()).await
}

fn new_form(session: &Session) -> Form {
    Form::new(session, PATH, text::ADD_AND_LINK)
        .field(Field::text("name", text::NAME).required().most(LONGEST_NAME).hint(text::NAME_HINT))
        .field(role_field().value(Role::Publicity.word()))
}

fn role_field() -> Field {
    Field::choice("role", text::ROLE, ROLES.map(|role| (role.word(), console::role_line(role))))
}

fn role_of(typed: &Fields) -> Result<Role, ApiError> {
    Role::parse(typed.text("role")).ok_or_else(|| ApiError::invalid("role", problems::wrong_role()))
}

fn standing(user: &User) -> Cell {
    if user.active { Cell::badge("good", text::ON) } else { Cell::badge("bad", text::OFF) }
}

fn time(at: Option<Timestamp>) -> Cell {
    Cell::quiet(at.map(console::short_time).unwrap_or_default())
}

fn until(token: &Token) -> Cell {
    Cell::text(token.expires_at.map_or_else(|| text::FOR_GOOD.to_owned(), |at| at.chinese()))
}
