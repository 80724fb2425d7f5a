//! Certificates: the page to print, which is also the page on which anybody checks one. It says the name given, the class, its time
//! and hours; nothing else.

use askama::Template;
use axum::extract::State as Extract;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{PageError, html};
use crate::domain::time::chinese_date;
use crate::replies::check_ins as words;
use crate::web::State;
use crate::web::extract::{Path, Query};
use crate::web::qr::as_svg;
use crate::web::visitors::visitor;

const QR_PIXELS: u32 = 160;

#[derive(Template)]
#[template(path = "certificate.html", config = "src/web/askama.toml")]
struct Page {
    here: &'static str,
    name: String,
    title: String,
    dates: String,
    hours: String,
    sessions: usize,
    code: String,
    link: String,
    issued: String,
    /// The address as a QR picture.
    qr: String,
    /// That it was revoked and when; empty where it holds.
    revoked: String,
}

#[derive(Template)]
#[template(path = "certificates.html", config = "src/web/askama.toml")]
struct Search {
    here: &'static str,
    code: String,
    said: String,
}

/// What was typed.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    code: String,
}

/// A field for the code.
pub async fn search(Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    let code: String = wanted.code.trim().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(32).collect();
    if code.is_empty() {
        return html(&Search { here: "classes", code, said: String::new() });
    }
    Ok(Redirect::to(&format!("/certificates/{code}")).into_response())
}

/// One certificate.
pub async fn page(
    Extract(state): Extract<State>,
    Path(code): Path<String>,
    headers: HeaderMap,
    extensions: Extensions,
) -> Result<Response, PageError> {
    state.visitors.count(visitor(&headers, &extensions), state.clock.now())?;
    let Some(found) = state.broadcasts.certificate(&code).await? else {
        let code = code.chars().filter(|c| !c.is_control()).take(32).collect();
        let mut response = html(&Search { here: "classes", code, said: words::no_such_certificate() })?;
        *response.status_mut() = StatusCode::NOT_FOUND;
        return Ok(response);
    };
    let (from, to) = (found.class.starts_at.date(), found.class.ends_at.date());
    let link = format!("{}/certificates/{}", state.public_url, found.certificate.code);
    html(&Page {
        here: "classes",
        name: found.name,
        title: found.class.title,
        dates: words::days(from, to),
        hours: words::hours(found.minutes),
        sessions: found.sessions,
        qr: as_svg(&link, QR_PIXELS)?.split_once("?>").map(|(_, svg)| svg.to_owned()).unwrap_or_default(),
        link,
        code: found.certificate.code,
        issued: chinese_date(found.certificate.issued_at.date()),
        revoked: if found.holds { String::new() } else { words::certificate_revoked(found.certificate.revoked_at) },
    })
}
