//! The working calendar: which years are loaded, and loading another one. Nothing is computed for a year that is not there.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::staff::Permission;
use crate::domain::workday::{FilingDeadline, FilingYear, Holiday, WorkYear};
use crate::replies::problems;
use crate::store::{audit, calendars};
use crate::web::State;
use crate::web::extract::Json;
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// What the calendar holds.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CalendarView {
    pub years: Vec<YearView>,
    /// A year whose holidays should be loaded by now, in Chinese; null where all is well.
    pub missing: Option<String>,
}

/// One year.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct YearView {
    pub year: i32,
    /// Holidays and make-up workdays.
    pub workdays: Option<WorkYear>,
    /// Filing deadlines.
    pub filing: Option<FilingYear>,
}

/// The holidays of a year, as announced.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWorkYear {
    #[schema(minimum = 2020, maximum = 2100)]
    pub year: i32,
    #[schema(min_items = 1)]
    pub holidays: Vec<Holiday>,
    #[serde(default)]
    pub makeup_workdays: Vec<NaiveDate>,
    /// Where it was announced.
    #[schema(min_length = 1, pattern = r"\S")]
    pub source: String,
}

/// The filing deadlines of a year, as announced.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFilingYear {
    #[schema(minimum = 2020, maximum = 2100)]
    pub year: i32,
    #[schema(min_length = 1, pattern = r"\S")]
    pub title: String,
    /// 文号.
    #[schema(min_length = 1, pattern = r"\S")]
    pub number: String,
    #[serde(default)]
    pub source: String,
    #[serde(default)]
    pub link: Option<String>,
    #[schema(min_items = 1)]
    pub deadlines: Vec<FilingDeadline>,
}

/// The years that are loaded, from the knowledge files and by staff.
#[utoipa::path(get, path = "/calendar", summary = "查已装入的工作日历",
    description = "有哪些年份，来自知识库文件还是工作人员装入。", tag = "calendar", security(("token" = [])),
    responses((status = 200, body = CalendarView), (status = 401, body = Problem)))]
pub async fn get(Extract(state): Extract<State>, staff: Staff) -> Result<Json<CalendarView>, ApiError> {
    staff.require(Permission::Read)?;
    let calendar = state.broadcasts.calendar();
    let mut years: Vec<i32> = calendar.work.keys().chain(calendar.filing.keys()).copied().collect();
    years.sort_unstable();
    years.dedup();
    let view = |year: i32| YearView { year, workdays: calendar.work.get(&year).cloned(), filing: calendar.filing.get(&year).cloned() };
    let missing = state.broadcasts.missing_year(state.clock.now().date()).map(problems::calendar_missing);
    Ok(Json(CalendarView { years: years.into_iter().map(view).collect(), missing }))
}

/// Loads holidays and make-up workdays of a year; they take the place of what was loaded before, within ten seconds everywhere.
#[utoipa::path(post, path = "/calendar/workdays", summary = "装入一年的节假日和调休",
    description = "替换这一年原有的内容，十秒内在所有副本生效。", tag = "calendar", security(("token" = [])), request_body = NewWorkYear,
    responses((status = 201, body = WorkYear), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn put_workdays(
    Extract(state): Extract<State>,
    staff: Staff,
    Json(new): Json<NewWorkYear>,
) -> Result<(StatusCode, Json<WorkYear>), ApiError> {
    staff.require(Permission::WriteDocuments)?;
    let NewWorkYear { year, holidays, makeup_workdays, source } = new;
    let content = WorkYear { holidays, makeup_workdays, source };
    if let Some((field, fault)) = sensible(year).or_else(|| content.fault(year)) {
        return Err(ApiError::invalid(field, fault));
    }
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    calendars::put_workdays(&mut tx, year, &content, &staff.name, now).await?;
    audit::record(&mut tx, &staff.name, "calendar.workdays", &year.to_string(), &content.source, now).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(content)))
}

/// Loads the filing deadlines of a year; they take the place of what was loaded before, within ten seconds everywhere.
#[utoipa::path(post, path = "/calendar/filing", summary = "装入一年的申报期限",
    description = "替换这一年原有的内容，十秒内在所有副本生效。", tag = "calendar", security(("token" = [])), request_body = NewFilingYear,
    responses((status = 201, body = FilingYear), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn put_filing(
    Extract(state): Extract<State>,
    staff: Staff,
    Json(new): Json<NewFilingYear>,
) -> Result<(StatusCode, Json<FilingYear>), ApiError> {
    staff.require(Permission::WriteDocuments)?;
    let NewFilingYear { year, title, number, source, link, deadlines } = new;
    let content = FilingYear { title, number, source, link, deadlines };
    if let Some((field, fault)) = sensible(year).or_else(|| content.fault(year)) {
        return Err(ApiError::invalid(field, fault));
    }
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    calendars::put_filing(&mut tx, year, &content, &staff.name, now).await?;
    audit::record(&mut tx, &staff.name, "calendar.filing", &year.to_string(), &content.number, now).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(content)))
}

fn sensible(year: i32) -> Option<(&'static str, String)> {
    (!(2020..=2100).contains(&year)).then(|| ("year", problems::strange_year(year)))
}
