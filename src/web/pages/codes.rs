//! The web twin of a code, the page of an outing, and the sheets that are printed and hung up.

use askama::Template;
use axum::extract::State as Extract;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{PageError, html};
use crate::domain::code::{CodeKind, code_of, is_code, web_link};
use crate::replies::{self, pages};
use crate::store::codes::Code;
use crate::store::{campaigns, codes};
use crate::web::State;
use crate::web::extract::{Path, Query};
use crate::web::problem::ApiError;
use crate::web::qr::picture_path;

#[derive(Template)]
#[template(path = "sheet.html", config = "src/web/askama.toml")]
struct Sheet {
    here: &'static str,
    title: String,
    bot: bool,
    codes: Vec<Hung>,
}

struct Hung {
    kind: &'static str,
    title: String,
    /// Parameters of its picture.
    picture: String,
    link: String,
}

#[derive(Template)]
#[template(path = "outing.html", config = "src/web/askama.toml")]
struct OutingPage {
    here: &'static str,
    title: String,
    facts: Vec<(&'static str, String)>,
    body: String,
    over: bool,
}

/// Which sheet: of a place, of one thing, or of one code.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    place: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    code: String,
}

/// Counts the scan and goes to the page of the thing.
pub async fn go(Extract(state): Extract<State>, Path(code): Path<String>, headers: HeaderMap) -> Result<Response, PageError> {
    let known = match is_code(&code) {
        true => codes::get(&mut *state.store.read().await?, &code).await?,
        false => None,
    };
    let known = known.ok_or_else(|| ApiError::NotFound(pages::not_found()))?;
    let target = state.conversation.target(known.kind, &known.target).await?;
    let target = target.ok_or_else(|| ApiError::NotFound(pages::not_found()))?;
    // A browser that looks ahead has not scanned anything.
    if !["purpose", "sec-purpose"].iter().any(|name| headers.get(*name).is_some_and(|value| value.as_bytes().starts_with(b"prefetch"))) {
        state.conversation.count_web_scan(&code, state.clock.now()).await?;
    }
    Ok(Redirect::to(&target.page).into_response())
}

/// What is public of an outing.
pub async fn outing(Extract(state): Extract<State>, Path(id): Path<String>) -> Result<Response, PageError> {
    let lost = || ApiError::NotFound(pages::not_found());
    state.conversation.target(CodeKind::Outing, &id).await?.ok_or_else(lost)?;
    let stored = campaigns::item(&mut *state.store.read().await?, &id, "").await?.ok_or_else(lost)?;
    html(&OutingPage {
        here: "",
        facts: pages::outing_facts(stored.due_at, stored.item.place.as_deref()),
        body: stored.item.body.trim().to_owned(),
        over: stored.date().is_some_and(|date| date < state.clock.now().date()),
        title: stored.item.title,
    })
}

/// A sheet to print: every code of a place, one thing (an outing with what hangs where it goes), or a single code.
pub async fn sheet(Extract(state): Extract<State>, Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    let mut conn = state.store.read().await?;
    let mut found = Vec::new();
    let mut title = wanted.place.trim().to_owned();
    if let Some(kind) = CodeKind::parse(&wanted.kind) {
        // Registered when its picture is fetched; what is not public has no picture and no line on the sheet.
        found.push(Code { code: code_of(kind, &wanted.id, ""), kind, target: wanted.id.clone(), place: String::new(), scans: 0 });
        if kind == CodeKind::Outing
            && let Some(item) = campaigns::item(&mut conn, &wanted.id, "").await?
        {
            found.extend(codes::at_place(&mut conn, item.item.place.unwrap_or_default().trim()).await?);
            title = item.item.title;
        }
    } else if is_code(&wanted.code) {
        found.extend(codes::get(&mut conn, &wanted.code).await?);
        title = found.first().map(|code| code.place.clone()).unwrap_or_default();
    } else if !title.is_empty() {
        found = codes::at_place(&mut conn, &title).await?;
    }
    drop(conn);
    let mut hung = Vec::new();
    for code in found {
        let Some(target) = state.conversation.target(code.kind, &code.target).await? else { continue };
        hung.push(Hung {
            kind: code.kind.chinese(),
            title: target.title,
            picture: picture_path(code.kind, &code.target, &code.place),
            link: web_link(&state.public_url, &code.code),
        });
    }
    if hung.is_empty() {
        return Err(ApiError::NotFound(replies::codes::nothing_at_place()).into());
    }
    let title = if title.is_empty() { replies::codes::sheet_title() } else { title };
    html(&Sheet { here: "", title, bot: state.bot_name().is_some(), codes: hung })
}
