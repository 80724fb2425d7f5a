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
    /// Which part of a place this is; empty where it is all of it.
    part: String,
    /// The sheets before and after it.
    around: Vec<(&'static str, String)>,
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
    /// Of a place with many: how many come before this sheet.
    #[serde(default)]
    from: i64,
}

/// Codes of a place on one sheet.
const ON_A_SHEET: i64 = 60;
/// More than any place has; keeps what is typed into an address from overflowing.
const MOST_FROM: i64 = 1_000_000;

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
    let from = wanted.from.clamp(0, MOST_FROM);
    // The place whose codes are on the sheet, of how many, and the address of another part of it.
    let mut hangs = (String::new(), 0, String::new());
    if let Some(kind) = CodeKind::parse(&wanted.kind) {
        // Registered when its picture is fetched; what is not public has no picture and no line on the sheet.
        found.push(Code { code: code_of(kind, &wanted.id, ""), kind, target: wanted.id.clone(), place: String::new(), scans: 0 });
        if kind == CodeKind::Outing
            && let Some(item) = campaigns::item(&mut conn, &wanted.id, "").await?
        {
            hangs.0 = item.item.place.as_deref().unwrap_or_default().trim().to_owned();
            hangs.2 = format!("/sheets?kind={}&id={}", kind.word(), encoded(&wanted.id));
            title = item.item.title;
        }
    } else if is_code(&wanted.code) {
        found.extend(codes::get(&mut conn, &wanted.code).await?);
        title = found.first().map(|code| code.place.clone()).unwrap_or_default();
    } else if !title.is_empty() {
        hangs.0.clone_from(&title);
        hangs.2 = format!("/sheets?place={}", encoded(&title));
    }
    if !hangs.0.is_empty() {
        hangs.1 = codes::many_at_place(&mut conn, &hangs.0).await?;
        found.extend(codes::at_place(&mut conn, &hangs.0, from, ON_A_SHEET).await?);
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
    let (_, many, address) = hangs;
    let mut around = Vec::new();
    if from > 0 {
        around.push((replies::codes::earlier_sheet(), format!("{address}&from={}", (from - ON_A_SHEET).max(0))));
    }
    if from + ON_A_SHEET < many {
        around.push((replies::codes::later_sheet(), format!("{address}&from={}", from + ON_A_SHEET)));
    }
    let part = match around.is_empty() {
        true => String::new(),
        false => replies::codes::part_of_place(from + 1, (from + ON_A_SHEET).min(many), many),
    };
    html(&Sheet { here: "", title, bot: state.bot_name().is_some(), codes: hung, part, around })
}

fn encoded(text: &str) -> String {
    askama::filters::urlencode(text).map(|text| text.to_string()).unwrap_or_default()
}
