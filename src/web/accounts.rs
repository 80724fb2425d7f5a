//! What administrators do to staff users and tokens: the same from the API and from the console, each with its audit row.

use std::time::Duration;

use super::State;
use super::problem::ApiError;
use super::staff::Staff;
use crate::desk;
use crate::domain::staff::{Permission, Role};
use crate::replies::{console, problems};
use crate::store::access::{self, Switch};
use crate::store::tokens::{self, Token};
use crate::store::users::{self, User};
use crate::store::{Tx, audit};

/// Longest name of a user, in characters.
pub const LONGEST_NAME: usize = 40;
/// Longest life of a token.
pub const MOST_DAYS: u32 = 3650;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Adds a staff user.
pub async fn create_user(state: &State, staff: &Staff, name: &str, role: Role) -> Result<User, ApiError> {
    let name = accepted_name(name).ok_or_else(|| ApiError::invalid("name", problems::wrong_user_name()))?;
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    let Some(user) = users::insert(&mut tx, name, role, now).await? else {
        return Err(ApiError::Conflict(problems::user_exists(name)));
    };
    audit::record(&mut tx, &staff.name, "user.create", &user.id, role.word(), now).await?;
    tx.commit().await?;
    Ok(user)
}

/// A one-time link by which the user sets a password; the one before ends. Locks of the name end too.
pub async fn create_link(state: &State, staff: &Staff, user_id: &str) -> Result<(User, String), ApiError> {
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    let user = known(&mut tx, user_id).await?;
    if !user.active {
        return Err(ApiError::Conflict(console::user_is_off(&user.name)));
    }
    let link = access::create_link(&mut tx, Some(user_id), now).await?;
    audit::record(&mut tx, &staff.name, "user.link", user_id, "", now).await?;
    tx.commit().await?;
    Ok((user, format!("{}{}?link={link}", state.public_url, super::console::SET_UP)))
}

/// Gives a user another role; their sessions end. Nobody changes their own, and one administrator stays.
pub async fn change_role(state: &State, staff: &Staff, user_id: &str, role: Role) -> Result<User, ApiError> {
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    let user = known(&mut tx, user_id).await?;
    if user.role == role {
        return Ok(user);
    }
    another(staff, user_id)?;
    access::change_role(&mut tx, user_id, role).await?;
    one_administrator(&mut tx).await?;
    if !role.may(Permission::Answer) {
        desk::free(&mut tx, &user.name, now).await?;
    }
    let detail = format!("{} -> {}", user.role.word(), role.word());
    audit::record(&mut tx, &staff.name, "user.role", user_id, &detail, now).await?;
    tx.commit().await?;
    Ok(User { role, ..user })
}

/// Switches a user on or off; off ends their sessions, and their tokens are refused.
pub async fn switch(state: &State, staff: &Staff, user_id: &str, to: Switch) -> Result<User, ApiError> {
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    let user = known(&mut tx, user_id).await?;
    another(staff, user_id)?;
    let (action, active) = match to {
        Switch::On => ("user.on", true),
        Switch::Off => ("user.off", false),
    };
    if access::switch(&mut tx, user_id, to).await? {
        one_administrator(&mut tx).await?;
        audit::record(&mut tx, &staff.name, action, user_id, "", now).await?;
        if !active {
            desk::free(&mut tx, &user.name, now).await?;
        }
        tx.commit().await?;
    }
    Ok(User { active, ..user })
}

/// Makes a token of the user `name` that lives `days`, or until it is revoked; its secret is handed out this once.
pub async fn create_token(state: &State, staff: &Staff, name: &str, days: Option<u32>) -> Result<(Token, String), ApiError> {
    if days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
        return Err(ApiError::invalid("days", problems::wrong_days(MOST_DAYS)));
    }
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    let user = users::find(&mut tx, name).await?.ok_or_else(|| ApiError::NotFound(problems::no_such_user(name)))?;
    let (token, secret) = tokens::create(&mut tx, &user.id, days.map(|days| now.plus(DAY * days)), now).await?;
    audit::record(&mut tx, &staff.name, "token.create", &token.id, &user.id, now).await?;
    tx.commit().await?;
    Ok((token, secret))
}

/// Ends a token at once.
pub async fn revoke_token(state: &State, staff: &Staff, id: &str) -> Result<(), ApiError> {
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    if !tokens::revoke(&mut tx, id, now).await? {
        return Err(ApiError::no_such("令牌"));
    }
    audit::record(&mut tx, &staff.name, "token.revoke", id, "", now).await?;
    tx.commit().await?;
    Ok(())
}

/// The name as it is kept, where it may be used.
pub fn accepted_name(name: &str) -> Option<&str> {
    let name = name.trim();
    let long = name.chars().count();
    ((1..=LONGEST_NAME).contains(&long) && !name.chars().any(|c| c.is_control() || c.is_whitespace())).then_some(name)
}

async fn known(tx: &mut Tx, user_id: &str) -> Result<User, ApiError> {
    users::get(tx, user_id).await?.ok_or_else(|| ApiError::no_such("人员"))
}

fn another(staff: &Staff, user_id: &str) -> Result<(), ApiError> {
    if staff.user_id == user_id { Err(ApiError::Conflict(console::not_oneself())) } else { Ok(()) }
}

async fn one_administrator(tx: &mut Tx) -> Result<(), ApiError> {
    if access::administrators(tx).await? == 0 { Err(ApiError::Conflict(console::last_administrator())) } else { Ok(()) }
}
