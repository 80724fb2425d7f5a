//! The figures of a week: to look at, to file away.

use askama::Template;
use axum::extract::State as Extract;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{Days, NaiveDate};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde::Deserialize;

use super::chart::{Point, columns};
use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Table, Tile, Tiles};
use super::{Frame, Pages, html};
use crate::domain::staff::Permission;
use crate::domain::weekly::{WeekFigures, monday_of};
use crate::replies::weekly as words;
use crate::store::weekly;
use crate::web::State;
use crate::web::extract::Query;
use crate::web::ledger_files::WORKBOOK;
use crate::web::problem::ApiError;
use crate::web::session::Session;

const PATH: &str = "/console/statistics";

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get(PATH, Permission::Read, page).get("/console/statistics/xlsx", Permission::Read, download)
}

/// Which week: any day of it; the running one unless told.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    week: String,
}

impl Asked {
    fn monday(&self, state: &State) -> Result<NaiveDate, ApiError> {
        let text = self.week.trim();
        if text.is_empty() {
            return Ok(monday_of(state.clock.now().date()));
        }
        text.parse().map(monday_of).map_err(|_| ApiError::invalid("week", words::wrong_week(text)))
    }
}

#[derive(Template)]
#[template(path = "console/statistics.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    actions: Actions,
    form: String,
    /// Shown instead of all figures; empty where there are some.
    nothing: String,
    tiles: Tiles,
    days_title: &'static str,
    chart: String,
    days: Table,
    top_title: &'static str,
    top: Table,
    deliveries_title: &'static str,
    deliveries: Table,
}

async fn page(Extract(state): Extract<State>, session: Session, Query(asked): Query<Asked>) -> Result<Response, ApiError> {
    let monday = asked.monday(&state)?;
    let week = weekly::figures(&mut *state.store.read().await?, monday).await?;
    let to = |days: i64| {
        let moved = if days < 0 { monday.checked_sub_days(Days::new(7)) } else { monday.checked_add_days(Days::new(7)) };
        format!("{PATH}?week={}", moved.unwrap_or(monday))
    };
    let mut actions = vec![Action::open(to(-7), words::EARLIER)];
    if monday < monday_of(state.clock.now().date()) {
        actions.push(Action::open(to(7), words::LATER));
    }
    if !week.is_empty() {
        actions.push(Action::open(format!("{PATH}/xlsx?week={monday}"), words::DOWNLOAD));
    }
    let form = Form::search(PATH, words::SHOW).field(Field::date("week", words::PICK).value(monday.to_string()));
    let (nothing_title, nothing_text) = words::nothing();
    html(&Page {
        frame: Frame::of(&session, PATH, &words::title(monday)),
        actions: Actions(actions),
        form: form.to_string(),
        nothing: if week.is_empty() { Empty::new(nothing_title, nothing_text).to_string() } else { String::new() },
        tiles: tiles(&week),
        days_title: words::DAYS_TITLE,
        chart: chart(&week),
        days: table(words::DAYS_TITLE, &words::DAY_HEADS, words::day_rows(&week)),
        top_title: words::TOP_TITLE,
        top: table(words::TOP_TITLE, &words::TOP_HEADS, words::top_rows(&week)),
        deliveries_title: words::DELIVERIES_TITLE,
        deliveries: table(words::DELIVERIES_TITLE, &words::DELIVERY_HEADS, words::delivery_rows(&week)),
    })
}

fn tiles(week: &WeekFigures) -> Tiles {
    let tile = |(label, value): (&str, String)| Tile { label: label.to_owned(), value, path: None, mark: "plain" };
    Tiles(words::figures(week).into_iter().map(tile).collect())
}

fn chart(week: &WeekFigures) -> String {
    let points: Vec<Point> = week
        .days
        .iter()
        .zip(words::DAYS)
        .map(|(day, name)| Point { label: name.to_owned(), values: vec![day.answered, day.clarified, day.abstained] })
        .collect();
    columns(words::DAYS_TITLE, &words::SERIES, &points)
}

fn table(caption: &str, heads: &[&'static str], rows: Vec<Vec<String>>) -> Table {
    let (title, text) = words::nothing();
    let mut table = Table::new(caption, heads, Empty::new(title, text));
    for row in rows {
        table.row(row.into_iter().map(Cell::text).collect());
    }
    table
}

async fn download(Extract(state): Extract<State>, Query(asked): Query<Asked>) -> Result<Response, ApiError> {
    let monday = asked.monday(&state)?;
    let week = weekly::figures(&mut *state.store.read().await?, monday).await?;
    let bytes = workbook(&week).map_err(|error| ApiError::Internal(error.into()))?;
    let name =
        HeaderValue::from_str(&format!("attachment; filename=\"week-{monday}.xlsx\"")).map_err(|error| ApiError::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(WORKBOOK)), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}

/// One sheet: the figures, then the three tables, numbers as numbers.
fn workbook(week: &WeekFigures) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let sheet = book.add_worksheet();
    sheet.set_name(words::AREA)?;
    sheet.set_column_width(0, 44)?;
    sheet.write_with_format(0, 0, words::title(week.monday), &bold)?;
    let mut row = 1;
    let figures = words::figures(week).into_iter().map(|(label, value)| vec![label.to_owned(), value]).collect();
    let parts: [(&[&str], Vec<Vec<String>>); 4] = [
        (&[], figures),
        (&words::DAY_HEADS, words::day_rows(week)),
        (&words::TOP_HEADS, words::top_rows(week)),
        (&words::DELIVERY_HEADS, words::delivery_rows(week)),
    ];
    for (heads, rows) in parts {
        for (column, head) in (0..).zip(heads) {
            sheet.write_with_format(row, column, *head, &bold)?;
        }
        row += u32::from(!heads.is_empty());
        for cells in rows {
            for (column, cell) in (0..).zip(cells) {
                match cell.parse::<u32>() {
                    Ok(number) => sheet.write(row, column, number)?,
                    Err(_) => sheet.write(row, column, cell)?,
                };
            }
            row += 1;
        }
        row += 1;
    }
    book.save_to_buffer()
}
