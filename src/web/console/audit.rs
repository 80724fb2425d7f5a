//! The audit as auditors read it: searched, checked, taken home as a table.

use axum::extract::State as Extract;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Table};
use super::{Frame, Pages, done, sheet};
use crate::domain::staff::{AuditRow, Permission};
use crate::replies::console;
use crate::replies::console_pages::audit as text;
use crate::store::audit::{self, Filter};
use crate::web::State;
use crate::web::api::audit::before;
use crate::web::extract::Query;
use crate::web::paging::{Page, Paging};
use crate::web::problem::ApiError;
use crate::web::session::Session;

const PATH: &str = "/console/audit";

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get(PATH, Permission::ReadAudit, list).get("/console/audit.csv", Permission::ReadAudit, export).post(
        "/console/audit/verify",
        Permission::ReadAudit,
        verify,
    )
}

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    actor: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    subject: String,
}

async fn list(
    Extract(state): Extract<State>,
    session: Session,
    paging: Paging,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let filter = Filter {
        actor: wanted.actor.trim().to_owned(),
        action: wanted.action.trim().to_owned(),
        subject: wanted.subject.trim().to_owned(),
    };
    let rows = audit::list(&mut *state.store.read().await?, &filter, before(&paging)?, paging.probe()).await?;
    let page = Page::of(rows, &paging, |row| row.place.to_string());
    let search = Form::search(PATH, text::FIND)
        .field(Field::text("actor", text::ACTOR).value(filter.actor.clone()).most(40))
        .field(Field::choice("action", text::ACTION, kinds()).value(filter.action.clone()))
        .field(Field::text("subject", text::SUBJECT_ID).value(filter.subject.clone()).most(60));
    let empty = Empty::new(text::NOTHING, text::WHAT_COMES_HERE);
    let mut table = Table::new(text::TITLE, &text::HEADS, empty);
    for row in &page.items {
        table.row(vec![
            Cell::text(console::short_time(row.at)),
            Cell::text(&row.actor),
            Cell::text(console::action(&row.action)),
            Cell::quiet(&row.subject),
            Cell::quiet(&row.detail),
        ]);
    }
    let next = page.next_cursor.map(|cursor| {
        let part = |text: &str| askama::filters::urlencode_strict(text).map(|text| text.to_string()).unwrap_or_default();
        format!("{PATH}?actor={}&action={}&subject={}&cursor={cursor}", part(&filter.actor), part(&filter.action), part(&filter.subject))
    });
    table.next(next);
    let actions =
        Actions(vec![Action::send("/console/audit/verify", text::CHECK, &session.csrf), Action::open("/console/audit.csv", text::EXPORT)]);
    sheet(Frame::of(&session, PATH, text::TITLE), vec![actions.to_string(), search.to_string(), table.to_string()])
}

async fn verify(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let chain = audit::verify(&state.store).await?;
    done(&state, &session, PATH, &console::chain(&chain)).await
}

/// The whole audit; a byte-order mark makes a spreadsheet read Chinese.
async fn export(Extract(state): Extract<State>) -> Result<Response, ApiError> {
    let mut text = format!("\u{feff}{}\r\n", console::audit_heads());
    let mut place = 0;
    loop {
        let rows = audit::following(&mut *state.store.read().await?, place).await?;
        let Some(last) = rows.last() else { break };
        place = last.place;
        for line in rows.iter().map(AuditRow::csv) {
            text.push_str(&line);
            text.push_str("\r\n");
        }
    }
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\"")];
    Ok((headers, text).into_response())
}

fn kinds() -> [(&'static str, String); 15] {
    [
        "", "bulletin", "delivery", "document", "class", "campaign", "channel", "inquiry", "gap", "ledger", "word", "user", "person",
        "token", "login",
    ]
    .map(|noun| (noun, if noun.is_empty() { text::ALL.to_owned() } else { console::action(noun) }))
}
