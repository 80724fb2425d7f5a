//! 排期: what goes out by itself within the next thirty days, day by day.

use axum::extract::State as Extract;
use axum::response::Response;
use chrono::{Datelike, NaiveDate};

use super::widgets::{Cell, Empty, Table};
use super::{Frame, Pages, sheet};
use crate::broadcasts::agenda::AgendaKind;
use crate::domain::staff::Permission;
use crate::domain::time::chinese_date;
use crate::replies::console_pages::agenda as text;
use crate::web::State;
use crate::web::problem::ApiError;
use crate::web::session::Session;

const HERE: &str = "/console/agenda";

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get(HERE, Permission::Read, page)
}

/// The word for people, and where it is looked at.
fn named(what: AgendaKind) -> (&'static str, &'static str, &'static str) {
    match what {
        AgendaKind::Bulletin => (text::BULLETIN, "good", "/console/bulletins"),
        AgendaKind::Recurring => (text::RECURRING, "wait", "/console/recurring"),
        AgendaKind::Reminder => (text::REMINDER, "plain", "/console/classes"),
        AgendaKind::Class => (text::CLASS, "plain", "/console/classes"),
    }
}

fn day(date: NaiveDate, today: NaiveDate) -> String {
    let weekday = text::WEEKDAYS[date.weekday().num_days_from_monday() as usize];
    let near = match (date - today).num_days() {
        0 => text::TODAY,
        1 => text::TOMORROW,
        _ => "",
    };
    format!("{} {weekday}{near}", chinese_date(date))
}

async fn page(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let empty = Empty::new(text::NOTHING, text::WHAT_COMES_HERE).link("/console/bulletins", text::SEE_BULLETINS);
    let mut table = Table::new(text::TITLE, &text::HEADS, empty);
    let mut last = None;
    for coming in state.broadcasts.agenda(now).await? {
        let (word, mark, path) = named(coming.what);
        let date = coming.at.date();
        let named_day = day(date, now.date());
        let shown = if last == Some(date) { Cell::quiet(named_day) } else { Cell::text(named_day) };
        last = Some(date);
        table.row(vec![
            shown,
            Cell::text(coming.at.local().format("%H:%M").to_string()),
            Cell::badge(mark, word),
            Cell::link(format!("{path}/{}", coming.id), coming.title),
        ]);
    }
    sheet(Frame::of(&session, HERE, text::TITLE), vec![table.to_string()])
}
