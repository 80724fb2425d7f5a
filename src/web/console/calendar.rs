//! 日历: one month over all promotion months, classes and quizzes.

use axum::extract::State as Extract;
use axum::response::Response;
use chrono::{Datelike, Months, NaiveDate};
use serde::Deserialize;

use super::campaigns::{Month, drawn, lead, shown};
use super::form::{Field, Form};
use super::widgets::{Action, Actions};
use super::{Frame, Pages, html};
use crate::domain::staff::Permission;
use crate::replies::console_pages::calendar as text;
use crate::web::State;
use crate::web::api::campaign_calendar::{EventKind, month_of};
use crate::web::extract::Query;
use crate::web::problem::ApiError;
use crate::web::session::Session;

pub(super) const HERE: &str = "/console/calendar";

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get(HERE, Permission::Read, page)
}

/// Which month: `2027-04`, the running one where it is empty.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    month: String,
}

async fn page(Extract(state): Extract<State>, session: Session, Query(wanted): Query<Wanted>) -> Result<Response, ApiError> {
    let today = state.clock.now().date();
    let first = match wanted.month.trim() {
        "" => today.with_day(1).unwrap_or(today),
        month => format!("{month}-01").parse().map_err(|_| ApiError::invalid("month", text::NO_SUCH_MONTH))?,
    };
    let month = month_of(&state, first).await?;
    let other = |date: Option<NaiveDate>| date.map(|date| format!("{HERE}?month={}", date.format("%Y-%m")));
    let earlier = other(first.checked_sub_months(Months::new(1))).map(|path| Action::open(path, text::EARLIER));
    let later = other(first.checked_add_months(Months::new(1))).map(|path| Action::open(path, text::LATER));
    let choice = Form::search(HERE, text::SHOW).field(Field::month("month", text::MONTH).value(first.format("%Y-%m").to_string()));
    let events = || month.days.iter().flat_map(|day| &day.events);
    let classes = events().filter(|event| event.kind == EventKind::Class).count();
    let items = month.days.iter().map(|day| day.items.len()).sum();
    let counts = text::counts(items, classes, events().count() - classes);
    let path = |campaign: &str| format!("/console/campaigns/{campaign}");
    let path_of = |id: &str| path(month.campaigns.get(id).map_or("", String::as_str));
    html(&Month {
        frame: Frame::of(&session, HERE, &text::month(first)),
        actions: Actions([earlier, Some(Action::open(HERE, text::THIS_MONTH)), later].into_iter().flatten().collect()),
        choice: choice.to_string(),
        counts,
        lead: lead(&month.days),
        undated: month.undated.into_iter().map(|item| shown(&path_of(&item.id), item)).collect(),
        days: month.days.into_iter().map(|day| drawn(day, today, |item| path_of(&item.id))).collect(),
    })
}
