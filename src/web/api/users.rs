//! Staff users and their tokens: the admin's.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::domain::staff::{Permission, Role};
use crate::store::access::Switch;
use crate::store::tokens::{self, Token};
use crate::store::users::{self, User};
use crate::web::State;
use crate::web::accounts;
use crate::web::extract::{Json, Path};
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// A user to add.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    #[schema(min_length = 1, max_length = 40, pattern = r"^[^\s\x00-\x1f\x7f-\x9f]+$")]
    pub name: String,
    pub role: Role,
}

/// What to change of a user; what is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    #[serde(default)]
    pub role: Option<Role>,
    /// False: switched off, nothing of theirs is accepted any more.
    #[serde(default)]
    pub active: Option<bool>,
}

/// A one-time link just made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CreatedLink {
    /// The address to hand to the user; shown this once.
    pub link: String,
}

/// A token to make.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// Name of the user it is for.
    pub user: String,
    /// How long it lives; without it, until it is revoked.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    pub days: Option<u32>,
}

/// A token just made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CreatedToken {
    #[serde(flatten)]
    pub token: Token,
    /// The token itself; shown this once.
    pub secret: String,
}

/// All staff users.
#[utoipa::path(get, path = "/users", summary = "全部工作人员", tag = "staff", security(("token" = [])), params(PagingParameters),
    responses((status = 200, body = Page<User>), (status = 401, body = Problem)))]
pub async fn list(Extract(state): Extract<State>, staff: Staff, paging: Paging) -> Result<Json<Page<User>>, ApiError> {
    staff.require(Permission::Read)?;
    let mut conn = state.store.read().await?;
    let users = users::list(&mut conn, &paging.after, paging.probe()).await?;
    Ok(Json(Page::of(users, &paging, |user| user.id.clone())))
}

/// Adds a staff user.
#[utoipa::path(post, path = "/users", summary = "添加工作人员", tag = "staff", security(("token" = [])), request_body = NewUser,
    responses((status = 201, body = User), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create(Extract(state): Extract<State>, staff: Staff, Json(new): Json<NewUser>) -> Result<(StatusCode, Json<User>), ApiError> {
    staff.require(Permission::ManageUsers)?;
    let user = accounts::create_user(&state, &staff, &new.name, new.role).await?;
    Ok((StatusCode::CREATED, Json(user)))
}

/// Changes a user's role, or switches them off or on. Their sessions end.
#[utoipa::path(patch, path = "/users/{id}", summary = "改角色、停用或启用；其登录随即失效", tag = "staff", security(("token" = [])), params(("id" = String, Path)), request_body = UserChange,
    responses((status = 200, body = User), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(change): Json<UserChange>,
) -> Result<Json<User>, ApiError> {
    staff.require(Permission::ManageUsers)?;
    if let Some(role) = change.role {
        accounts::change_role(&state, &staff, &id, role).await?;
    }
    if let Some(active) = change.active {
        accounts::switch(&state, &staff, &id, if active { Switch::On } else { Switch::Off }).await?;
    }
    let user = users::get(&mut *state.store.read().await?, &id).await?;
    Ok(Json(user.ok_or_else(|| ApiError::no_such("人员"))?))
}

/// Makes a one-time link by which the user sets a password for the console; it lives 24 hours.
#[utoipa::path(post, path = "/users/{id}/link", summary = "生成设置密码的一次性链接，24 小时有效", tag = "staff", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 201, body = CreatedLink), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn create_link(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<CreatedLink>), ApiError> {
    staff.require(Permission::ManageUsers)?;
    let (_, link) = accounts::create_link(&state, &staff, &id).await?;
    Ok((StatusCode::CREATED, Json(CreatedLink { link })))
}

/// All tokens, without their secrets.
#[utoipa::path(get, path = "/tokens", summary = "全部令牌，不含内容", tag = "staff", security(("token" = [])), params(PagingParameters),
    responses((status = 200, body = Page<Token>), (status = 403, body = Problem)))]
pub async fn tokens(Extract(state): Extract<State>, staff: Staff, paging: Paging) -> Result<Json<Page<Token>>, ApiError> {
    staff.require(Permission::ManageUsers)?;
    let mut conn = state.store.read().await?;
    let tokens = tokens::list(&mut conn, &paging.after, paging.probe()).await?;
    Ok(Json(Page::of(tokens, &paging, |token| token.id.clone())))
}

/// Makes a token; its secret is shown in this answer and never again.
#[utoipa::path(post, path = "/tokens", summary = "生成令牌；内容只显示这一次", tag = "staff", security(("token" = [])), request_body = NewToken,
    responses((status = 201, body = CreatedToken), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn create_token(
    Extract(state): Extract<State>,
    staff: Staff,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, Json<CreatedToken>), ApiError> {
    staff.require(Permission::ManageUsers)?;
    let (token, secret) = accounts::create_token(&state, &staff, &new.user, new.days).await?;
    Ok((StatusCode::CREATED, Json(CreatedToken { token, secret })))
}

/// Ends a token at once.
#[utoipa::path(delete, path = "/tokens/{id}", summary = "立即停用令牌", tag = "staff", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn revoke_token(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    staff.require(Permission::ManageUsers)?;
    accounts::revoke_token(&state, &staff, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
