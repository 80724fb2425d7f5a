//! Who of the staff is calling: `Authorization: Bearer` with a token. Default deny: a handler names the permission it needs.

use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, header, request};

use super::State;
use super::problem::ApiError;
use crate::broadcasts::Actor;
use crate::domain::staff::{Permission, Role};
use crate::replies::problems;
use crate::store::tokens;

/// A staff user whose token was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub user_id: String,
    /// Name for the audit and for authorship.
    pub name: String,
    pub role: Role,
}

impl Staff {
    /// Refuses with 403 where the role may not.
    pub fn require(&self, permission: Permission) -> Result<(), ApiError> {
        if self.role.may(permission) { Ok(()) } else { Err(ApiError::Forbidden(problems::not_permitted(self.role, permission))) }
    }
}

impl From<&Staff> for Actor {
    fn from(staff: &Staff) -> Self {
        Self { id: staff.user_id.clone(), name: staff.name.clone() }
    }
}

/// The staff user of a request; 401 where no token or a bad one came.
pub async fn authenticate(state: &State, headers: &HeaderMap) -> Result<Staff, ApiError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(ApiError::Unauthenticated(problems::token_missing()));
    };
    let token = value.to_str().ok().and_then(|text| text.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, token)) = token else {
        return Err(ApiError::Unauthenticated(problems::token_missing()));
    };
    let now = state.clock.now();
    let mut conn = state.store.read().await?;
    let Some((holder, token)) = tokens::holder(&mut conn, token.trim(), now).await? else {
        return Err(ApiError::Unauthenticated(problems::token_refused()));
    };
    drop(conn);
    if token.use_is_news(now) {
        let mut tx = state.store.begin().await?;
        tokens::used(&mut tx, &token.id, now).await?;
        tx.commit().await?;
    }
    Ok(Staff { user_id: holder.user_id, name: holder.name, role: holder.role })
}

impl FromRequestParts<State> for Staff {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut request::Parts, state: &State) -> Result<Self, ApiError> {
        // The idempotency layer may have looked already.
        if let Some(staff) = parts.extensions.get::<Self>() {
            return Ok(staff.clone());
        }
        authenticate(state, &parts.headers).await
    }
}
