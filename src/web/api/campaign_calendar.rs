//! The promotion month as a calendar: its posts and outings, the classes and quizzes beside them, holidays, make-up days, the deadline.

use std::collections::HashMap;

use axum::extract::State as Extract;
use chrono::{Datelike, Days, Months, NaiveDate};
use serde::Serialize;

use super::campaigns::{ItemView, shown};
use crate::broadcasts::programme;
use crate::domain::class::ClassState;
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::domain::workday::WorkCalendar;
use crate::replies::campaigns as words;
use crate::store::{campaigns, class_sessions, quizzes};
use crate::web::State;
use crate::web::extract::{Json, Path};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// What a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    Workday,
    DayOff,
    /// The year's calendar is still to be loaded.
    Unknown,
}

/// One day of a programme.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CalendarDay {
    pub date: NaiveDate,
    /// 1 (Monday) to 7 (Sunday).
    pub weekday: u32,
    /// Not a day of the programme: one beside it that a workday rule counts over.
    pub outside: bool,
    pub kind: DayKind,
    /// The holiday it belongs to.
    pub holiday: Option<String>,
    /// A day of the weekend that is worked for a holiday.
    pub make_up: bool,
    /// Whether the month's filing deadline falls on it.
    pub filing_deadline: bool,
    pub items: Vec<ItemView>,
    /// Classes of that day, and quizzes that open or close on it.
    pub events: Vec<Event>,
}

/// What stands in the calendar beside the programme's own items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// One session of a class.
    Class,
    QuizOpens,
    QuizCloses,
}

/// A class or a quiz on its day.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CalendarEvent)]
pub struct Event {
    pub kind: EventKind,
    /// Id of the class or quiz.
    pub id: String,
    pub title: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub place: Option<String>,
    /// A class that is not published yet.
    pub draft: bool,
}

/// A programme as a calendar.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CampaignCalendar {
    pub id: String,
    pub title: String,
    pub days: Vec<CalendarDay>,
    /// Items whose day is not known yet.
    pub undated: Vec<ItemView>,
}

/// The programme day by day, with holidays and the filing deadline, and the days beside it that a workday rule counts over.
#[utoipa::path(get, path = "/campaigns/{id}/calendar", summary = "方案逐日的日程，带节假日和申报截止日",
    description = "也列出方案以外的日子，因为按工作日推算时会经过它们。", tag = "campaigns", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = CampaignCalendar), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn calendar(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<CampaignCalendar>, ApiError> {
    staff.require(Permission::Read)?;
    Ok(Json(calendar_of(&state, &id).await?))
}

/// The calendar of a programme; shared with the console.
pub async fn calendar_of(state: &State, id: &str) -> Result<CampaignCalendar, ApiError> {
    let Json(view) = shown(state, id).await?;
    let (dated, undated) = view.items.into_iter().partition(|item| item.due_at.is_some());
    let reach = state.broadcasts.campaign_reach(id, state.answering.search().snapshot().calendar()).await?;
    let mut days = days(state, reach, dated).await?;
    days.iter_mut().for_each(|day| day.outside = !(view.starts_on..=view.ends_on).contains(&day.date));
    Ok(CampaignCalendar { id: view.id, title: view.title, days, undated })
}

/// A month over all programmes.
#[derive(Debug)]
pub struct WholeMonth {
    pub days: Vec<CalendarDay>,
    /// Items of the month's programmes whose day is not known yet.
    pub undated: Vec<ItemView>,
    /// The programme of each item, by their ids.
    pub campaigns: HashMap<String, String>,
}

/// The month that begins with the day `first`.
pub async fn month_of(state: &State, first: NaiveDate) -> Result<WholeMonth, ApiError> {
    let last = first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(first);
    let found = campaigns::between(&mut *state.store.read().await?, first, last).await?;
    let (mut dated, mut undated, mut campaigns) = (Vec::new(), Vec::new(), HashMap::new());
    for campaign in found {
        let Json(view) = shown(state, &campaign.id).await?;
        for item in view.items {
            campaigns.insert(item.id.clone(), campaign.id.clone());
            if item.due_at.is_some() { dated.push(item) } else { undated.push(item) }
        }
    }
    Ok(WholeMonth { days: days(state, (first, last), dated).await?, undated, campaigns })
}

/// Every day from one to another with what happens on it.
async fn days(state: &State, (from, to): (NaiveDate, NaiveDate), mut dated: Vec<ItemView>) -> Result<Vec<CalendarDay>, ApiError> {
    let snapshot = state.answering.search().snapshot();
    let mut events = events(state, from, to).await?;
    let mut days = Vec::new();
    let mut date = from;
    while date <= to {
        let (today, others) = dated.into_iter().partition(|item| item.due_at.is_some_and(|due| due.date() == date));
        dated = others;
        let (beside, later) = events.into_iter().partition(|event| event.at.date() == date);
        events = later;
        days.push(day(date, snapshot.calendar(), today, beside));
        let Some(next) = date.checked_add_days(Days::new(1)) else { break };
        date = next;
    }
    Ok(days)
}

/// Classes and quizzes from one day to another, in the order of their times.
async fn events(state: &State, from: NaiveDate, to: NaiveDate) -> Result<Vec<Event>, ApiError> {
    let until = to.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
    let (from, until) = (Timestamp::start_of(from), Timestamp::start_of(until));
    let mut conn = state.store.read().await?;
    let classes = class_sessions::between(&mut conn, from, until).await?;
    let quizzes = quizzes::between(&mut conn, from, until).await?;
    drop(conn);
    let mut events: Vec<Event> = classes
        .into_iter()
        .map(|dated| Event {
            kind: EventKind::Class,
            title: words::class_session(&dated.title, dated.number, dated.sessions),
            id: dated.class_id,
            at: dated.starts_at,
            place: dated.place,
            draft: dated.state == ClassState::Draft,
        })
        .collect();
    for quiz in quizzes {
        for (kind, at) in [(EventKind::QuizOpens, quiz.opens_at), (EventKind::QuizCloses, quiz.closes_at)] {
            if at >= from && at < until {
                events.push(Event { kind, id: quiz.id.clone(), title: quiz.title.clone(), at, place: None, draft: false });
            }
        }
    }
    events.sort_by_key(|event| event.at);
    Ok(events)
}

fn day(date: NaiveDate, calendar: &WorkCalendar, items: Vec<ItemView>, events: Vec<Event>) -> CalendarDay {
    let kind = match calendar.is_workday(date) {
        Ok(true) => DayKind::Workday,
        Ok(false) => DayKind::DayOff,
        Err(_) => DayKind::Unknown,
    };
    CalendarDay {
        date,
        weekday: date.weekday().number_from_monday(),
        outside: false,
        make_up: kind == DayKind::Workday && date.weekday().number_from_monday() > 5,
        kind,
        holiday: programme::name_of(date, calendar).map(str::to_owned),
        filing_deadline: calendar.filing_deadline(date.year(), date.month()).is_some_and(|deadline| deadline.date == date),
        items,
        events,
    }
}
