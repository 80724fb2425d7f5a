//! The figures of a week: questions, hand-offs, ratings, deliveries, classes.

use axum::extract::State as Extract;
use chrono::NaiveDate;
use serde::Deserialize;

use crate::domain::staff::Permission;
use crate::domain::weekly::{WeekFigures, monday_of};
use crate::store::weekly;
use crate::web::State;
use crate::web::extract::{Json, Query};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// Which week.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Week {
    /// Any day of the week; the running one unless told.
    #[serde(default)]
    pub week: Option<NaiveDate>,
}

/// The figures of a week, Monday to Sunday in Asia/Shanghai.
#[utoipa::path(get, path = "/statistics", summary = "一周的统计（周一到周日）",
    description = "按北京时间，周一到周日。", tag = "service", security(("token" = [])), params(Week),
    responses((status = 200, body = WeekFigures), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub async fn get(Extract(state): Extract<State>, staff: Staff, Query(asked): Query<Week>) -> Result<Json<WeekFigures>, ApiError> {
    staff.require(Permission::Read)?;
    let monday = monday_of(asked.week.unwrap_or_else(|| state.clock.now().date()));
    Ok(Json(weekly::figures(&mut *state.store.read().await?, monday).await?))
}
