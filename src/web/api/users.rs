//! Staff users and their tokens: the admin's.

use std::time::Duration;

use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::domain::staff::{Permission, Role};
use crate::replies::problems;
use crate::store::audit;
use crate::store::tokens::{self, Token};
use crate::store::users::{self, User};
use crate::web::State;
use crate::web::extract::{Json, Path};
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// Longest name of a user, in characters.
const LONGEST_NAME: usize = 40;
/// Longest life of a token.
pub const MOST_DAYS: u32 = 3650;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A user to add.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    pub name: String,
    pub role: Role,
}

/// A token to make.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// Name of the user it is for.
    pub user: String,
    /// How long it lives; without it, until it is revoked.
    #[serde(default)]
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
#[utoipa::path(get, path = "/users", tag = "staff", security(("token" = [])), params(PagingParameters),
    responses((status = 200, body = Page<User>), (status = 401, body = Problem)))]
pub async fn list(Extract(state): Extract<State>, staff: Staff, paging: Paging) -> Result<Json<Page<User>>, ApiError> {
    staff.require(Permission::Read)?;
    let mut conn = state.store.read().await?;
    let users = users::list(&mut conn, &paging.after, paging.probe()).await?;
    Ok(Json(Page::of(users, &paging, |user| user.id.clone())))
}

/// Adds a staff user.
#[utoipa::path(post, path = "/users", tag = "staff", security(("token" = [])), request_body = NewUser,
    responses((status = 201, body = User), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create(Extract(state): Extract<State>, staff: Staff, Json(new): Json<NewUser>) -> Result<(StatusCode, Json<User>), ApiError> {
    staff.require(Permission::ManageUsers)?;
    let name = accepted_name(&new.name).ok_or_else(|| ApiError::invalid("name", problems::wrong_user_name()))?;
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    let Some(user) = users::insert(&mut tx, name, new.role, now).await? else {
        return Err(ApiError::Conflict(problems::user_exists(name)));
    };
    audit::record(&mut tx, &staff.name, "user.create", &user.id, new.role.word(), now).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(user)))
}

/// All tokens, without their secrets.
#[utoipa::path(get, path = "/tokens", tag = "staff", security(("token" = [])), params(PagingParameters),
    responses((status = 200, body = Page<Token>), (status = 403, body = Problem)))]
pub async fn tokens(Extract(state): Extract<State>, staff: Staff, paging: Paging) -> Result<Json<Page<Token>>, ApiError> {
    staff.require(Permission::ManageUsers)?;
    let mut conn = state.store.read().await?;
    let tokens = tokens::list(&mut conn, &paging.after, paging.probe()).await?;
    Ok(Json(Page::of(tokens, &paging, |token| token.id.clone())))
}

/// Makes a token; its secret is shown in this answer and never again.
#[utoipa::path(post, path = "/tokens", tag = "staff", security(("token" = [])), request_body = NewToken,
    responses((status = 201, body = CreatedToken), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn create_token(
    Extract(state): Extract<State>,
    staff: Staff,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, Json<CreatedToken>), ApiError> {
    staff.require(Permission::ManageUsers)?;
    if new.days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
        return Err(ApiError::invalid("days", problems::wrong_days(MOST_DAYS)));
    }
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    let user = users::find(&mut tx, &new.user).await?.ok_or_else(|| ApiError::NotFound(problems::no_such_user(&new.user)))?;
    let expires_at = new.days.map(|days| now.plus(DAY * days));
    let (token, secret) = tokens::create(&mut tx, &user.id, expires_at, now).await?;
    audit::record(&mut tx, &staff.name, "token.create", &token.id, &user.id, now).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(CreatedToken { token, secret })))
}

/// Ends a token at once.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "staff", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn revoke_token(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    staff.require(Permission::ManageUsers)?;
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    if !tokens::revoke(&mut tx, &id, now).await? {
        return Err(ApiError::no_such("令牌"));
    }
    audit::record(&mut tx, &staff.name, "token.revoke", &id, "", now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The name as it is kept, where it may be used.
pub fn accepted_name(name: &str) -> Option<&str> {
    let name = name.trim();
    let long = name.chars().count();
    ((1..=LONGEST_NAME).contains(&long) && !name.chars().any(|c| c.is_control() || c.is_whitespace())).then_some(name)
}
