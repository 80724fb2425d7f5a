//! 排期: what goes out by itself within the next thirty days, day by day.

use axum::extract::State as Extract;
use axum::response::Response;
use chrono::{Datelike, NaiveDate};

use super::widgets::{Cell, Empty, Table};
use super::{Frame, Pages, sheet};
use crate::broadcasts::agenda::AgendaKind;
use crate::domain::staff::Permission;
use crate::domain::time::chinese_date;
use crate::web::State;
use crate::web::problem::ApiError;
use crate::web::session::Session;

const HERE: &str = "/console/agenda";
const WEEKDAYS: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get(HERE, Permission::Read, page)
}

/// The word for people, and where it is looked at.
fn named(what: AgendaKind) -> (&'static str, &'static str, &'static str) {
    match what {
        AgendaKind::Bulletin => ("发送通知", "good", "/console/bulletins"),
        AgendaKind::Recurring => ("定期通知", "wait", "/console/recurring"),
        AgendaKind::Reminder => ("课前提醒", "plain", "/console/classes"),
        AgendaKind::Class => ("上课", "plain", "/console/classes"),
    }
}

fn day(date: NaiveDate, today: NaiveDate) -> String {
    let weekday = WEEKDAYS[date.weekday().num_days_from_monday() as usize];
    let near = match (date - today).num_days() {
        0 => "（今天）",
        1 => "（明天）",
        _ => "",
    };
    format!("{} {weekday}{near}", chinese_date(date))
}

async fn page(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let empty = Empty::new("未来三十天没有排期", "审核通过的通知可以“发送或排期”；定期通知和课前提醒审核、发布之后会自动列在这里。")
        .link("/console/bulletins", "看通知");
    let mut table = Table::new("排期", &["日期", "时间", "做什么", "内容"], empty);
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
    sheet(Frame::of(&session, HERE, "排期"), vec![table.to_string()])
}
