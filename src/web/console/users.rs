//! Staff, their roles, log-in links and tokens: the administrator's. A link and a token are shown once, on the page that made them.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};

use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Facts, Table};
use super::{Frame, Pages, done, html, sheet};
use crate::domain::staff::{Permission, ROLES, Role};
use crate::domain::time::Timestamp;
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
    let mut table = Table::new("人员", &["姓名", "角色", "状态", "添加时间"], Empty::new("还没有人员", "先添加一位同事。"));
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
        blocks.push(Actions(vec![Action::open("/console/users/new", "添加人员").first()]).to_string());
    }
    blocks.push(table.to_string());
    sheet(Frame::of(&session, PATH, "人员"), blocks)
}

async fn new(session: Session) -> Result<Response, ApiError> {
    sheet(Frame::of(&session, PATH, "添加人员"), vec![new_form(&session).to_string()])
}

async fn create(Extract(state): Extract<State>, session: Session, typed: Fields) -> Result<Response, ApiError> {
    match created(&state, &session, &typed).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let status = error.status();
            let form = new_form(&session).filled(&typed).refused(error)?;
            Ok((status, sheet(Frame::of(&session, PATH, "添加人员"), vec![form.to_string()])?).into_response())
        }
    }
}

async fn created(state: &State, session: &Session, typed: &Fields) -> Result<Response, ApiError> {
    let user = accounts::create_user(state, &session.staff, typed.text("name"), role_of(typed)?).await?;
    show_link(state, session, &user.id).await
}

async fn one(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let mut conn = state.store.read().await?;
    let user = users::get(&mut conn, &id).await?.ok_or_else(|| ApiError::no_such("人员"))?;
    let tokens = tokens::of_user(&mut conn, &id).await?;
    drop(conn);
    let facts = Facts(vec![
        ("角色".to_owned(), Cell::text(problems::role_name(user.role))),
        ("状态".to_owned(), standing(&user)),
        ("添加时间".to_owned(), Cell::text(user.created_at.chinese())),
    ]);
    let path = |step: &str| format!("{PATH}/{id}/{step}");
    let switch = if user.active {
        Action::send(path("off"), "停用", &session.csrf).danger()
    } else {
        Action::send(path("on"), "启用", &session.csrf)
    };
    let link = Action::send(path("link"), "生成登录链接（设置或重设密码）", &session.csrf);
    let actions = if user.active { vec![link, switch] } else { vec![switch] };
    let role = Form::new(&session, path("role"), "保存角色").field(role_field().value(user.role.word()));
    let token = Form::new(&session, path("tokens"), "生成接口令牌")
        .field(Field::number("days", "有效天数").hint("供程序调用接口；不填则一直有效，直到停用"));
    let empty = Empty::new("没有接口令牌", "只有程序要调用接口时才需要令牌。");
    let mut table = Table::new("接口令牌", &["编号", "生成时间", "有效期", "最近使用", "操作"], empty);
    for token in &tokens {
        let revoke = Action::send(format!("{PATH}/{id}/tokens/{}/revoke", token.id), "停用", &session.csrf).danger();
        let action = if token.revoked_at.is_some() { Cell::badge("bad", "已停用") } else { Cell::Actions(vec![revoke]) };
        table.row(vec![Cell::quiet(&token.id), time(Some(token.created_at)), until(token), time(token.last_used_at), action]);
    }
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
    let frame = Frame::of(session, PATH, "登录链接");
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
    let user = users::get(&mut *state.store.read().await?, &id).await?.ok_or_else(|| ApiError::no_such("人员"))?;
    let (_, secret) = accounts::create_token(&state, &session.staff, &user.name, days).await?;
    let frame = Frame::of(&session, PATH, "接口令牌");
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
    Form::new(session, PATH, "添加，并生成登录链接")
        .field(Field::text("name", "姓名或账号").required().most(LONGEST_NAME).hint("登录时用它，操作记录里也显示它"))
        .field(role_field().value(Role::Publicity.word()))
}

fn role_field() -> Field {
    Field::choice("role", "角色", ROLES.map(|role| (role.word(), console::role_line(role))))
}

fn role_of(typed: &Fields) -> Result<Role, ApiError> {
    Role::parse(typed.text("role")).ok_or_else(|| ApiError::invalid("role", problems::wrong_role()))
}

fn standing(user: &User) -> Cell {
    if user.active { Cell::badge("good", "在用") } else { Cell::badge("bad", "已停用") }
}

fn time(at: Option<Timestamp>) -> Cell {
    Cell::quiet(at.map(console::short_time).unwrap_or_default())
}

fn until(token: &Token) -> Cell {
    Cell::text(token.expires_at.map_or_else(|| "一直有效".to_owned(), |at| at.chinese()))
}
