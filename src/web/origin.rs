//! Forms are taken from our own pages only.

use axum::http::HeaderMap;

use super::problem::ApiError;
use crate::replies::problems;

/// Refuses a form that another site's page sent. Browsers that say nothing of the origin are held by the cookie's SameSite.
pub fn same_origin(headers: &HeaderMap, public_url: &str) -> Result<(), ApiError> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let refused = || Err(ApiError::Forbidden(problems::foreign_origin()));
    if let Some(site) = text("sec-fetch-site")
        && !matches!(site, "same-origin" | "none")
    {
        return refused();
    }
    let Some(origin) = text("origin") else { return Ok(()) };
    let host = text("host").unwrap_or_default();
    let own = origin.split_once("://").is_some_and(|(_, sender)| sender == host) || origin == public_url;
    if own { Ok(()) } else { refused() }
}
