//! Lists come in pages: `limit` at most 100, and a cursor that is handed back as it came.

use axum::extract::FromRequestParts;
use axum::http::request;
use serde::{Deserialize, Serialize};

use super::State;
use super::extract::Query;
use super::problem::ApiError;
use crate::replies::problems;

/// Most items on a page.
pub const MOST: i64 = 100;
/// Items on a page where nothing is said.
const USUAL: i64 = 20;
/// In characters.
const LONGEST_CURSOR: usize = 200;

/// The page asked for: an extractor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// 1 to 100.
    pub limit: i64,
    /// The last item of the page before; empty at the start, so that `id > after` holds for all.
    pub after: String,
}

/// Parameters of every list, for the API description.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PagingParameters {
    /// Items on a page, 1 to 100; 20 unless told.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    pub limit: Option<String>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    #[param(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub cursor: Option<String>,
}

/// Where a page of a list begins that is whole in memory: an extractor for `?from=`, from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Place {
    #[serde(default)]
    pub from: usize,
}

/// Items on a page of such a list.
pub const PLACES: usize = 100;

impl Place {
    /// What this page shows of `all`.
    pub fn of<T>(self, all: &[T]) -> &[T] {
        let from = self.from.min(all.len());
        &all[from..(from + PLACES).min(all.len())]
    }

    /// Where the next page of `all` begins; `None` on the last.
    pub fn next<T>(self, all: &[T]) -> Option<usize> {
        Some(self.from.saturating_add(PLACES)).filter(|next| *next < all.len())
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Hand it back as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

impl Paging {
    /// One item more than the page holds, to see whether another page follows: ask the store for this many.
    pub fn probe(&self) -> i64 {
        self.limit + 1
    }
}

impl<T> Page<T> {
    /// Makes a page of up to `paging.probe()` items; `cursor` names an item.
    pub fn of(mut items: Vec<T>, paging: &Paging, cursor: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(paging.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = if more { items.last().map(cursor) } else { None };
        Self { items, next_cursor }
    }
}

impl FromRequestParts<State> for Paging {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut request::Parts, state: &State) -> Result<Self, ApiError> {
        let Query(asked) = Query::<PagingParameters>::from_request_parts(parts, state).await?;
        let limit = match asked.limit.as_deref() {
            None => USUAL,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MOST).contains(limit))
                .ok_or_else(|| ApiError::invalid("limit", problems::wrong_limit(MOST)))?,
        };
        let after = asked.cursor.unwrap_or_default();
        if after.chars().count() > LONGEST_CURSOR || after.chars().any(char::is_control) {
            return Err(ApiError::invalid("cursor", problems::wrong_cursor()));
        }
        Ok(Self { limit, after })
    }
}
