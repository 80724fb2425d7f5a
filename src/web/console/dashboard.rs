//! The first page: what needs somebody now, and how the service is doing.

use axum::extract::State as Extract;
use axum::response::Response;
use chrono::{Days, NaiveDate};
use std::time::Duration;

use super::chart::{self, Point};
use super::widgets::{Cell, Empty, Table, Tile, Tiles};
use super::{Frame, Pages, html};
use crate::domain::delivery::DeliveryState;
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::knowledge::{self, NOTICE_DAYS};
use crate::replies::console_pages::dashboard as text;
use crate::replies::{console, inbox};
use crate::store::overview::{self, Day};
use crate::web::State;
use crate::web::problem::ApiError;
use crate::web::session::Session;

/// The charts show two weeks.
const SHOWN_DAYS: u64 = 14;
const TOP_QUESTIONS: i64 = 10;
/// A question in the list is cut here: the page shows what people ask, not a letter.
const SHOWN_CHARACTERS: usize = 60;

#[derive(askama::Template)]
#[template(path = "console/dashboard.html", config = "src/web/askama.toml")]
struct Dashboard {
    frame: Frame,
    now: Tiles,
    quiet: bool,
    figures: Tiles,
    questions: String,
    useful: String,
    top: Table,
    deliveries: Table,
    asked: bool,
}

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get("/console", Permission::Read, dashboard)
}

async fn dashboard(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let today = now.date();
    let first = today.checked_sub_days(Days::new(SHOWN_DAYS - 1)).unwrap_or(today);
    let since = Timestamp::start_of(first);
    let mut conn = state.store.read().await?;
    let mut days = overview::days(&mut conn, since).await?;
    for (day, many) in overview::handed_off(&mut conn, since).await? {
        match days.iter_mut().find(|known| known.day == day) {
            Some(known) => known.handed_off = many,
            None => days.push(Day { day, handed_off: many, ..Day::default() }),
        }
    }
    let top = overview::top_questions(&mut conn, since, TOP_QUESTIONS).await?;
    let deliveries = overview::deliveries(&mut conn, since).await?;
    let waiting = overview::waiting(&mut conn).await?;
    let gaps = overview::gaps(&mut conn, since).await?;
    drop(conn);
    let due = knowledge::due(state.answering.search().snapshot().documents(), today, NOTICE_DAYS).len();
    let due = i64::try_from(due).unwrap_or(i64::MAX);
    let waits = match waiting.waits_since {
        Some(since) => inbox::waiting_longest(now.since(since)),
        None => inbox::waiting_now(),
    };
    let needs = [
        (waits.as_str(), waiting.inquiries, "/console/inquiries", "bad"),
        (text::ALERTS, waiting.alerts, "/console/alerts", "bad"),
        (text::UNKNOWN, waiting.unknown, "/console/deliveries", "bad"),
        (text::TO_APPROVE, waiting.approvals, "/console/bulletins?state=to_approve", "wait"),
        (text::UNREACHABLE, waiting.unreachable, "/console/channels?show=faults", "bad"),
        (text::GAPS, gaps, "/console/gaps", "wait"),
        (text::DRAFTS, waiting.drafts, "/console/documents?publication=draft", "wait"),
        (text::DUE, due, "/console/documents/due", "wait"),
    ];
    let tiles = needs.into_iter().filter(|(_, many, _, _)| *many > 0).map(|(label, many, path, mark)| Tile {
        label: label.to_owned(),
        value: many.to_string(),
        path: Some(path.to_owned()),
        mark,
    });
    let needed = Tiles(tiles.collect());
    html(&Dashboard {
        quiet: needed.0.is_empty(),
        now: needed,
        figures: figures(&days, overview::day_of(now)),
        questions: chart::columns(
            text::DAILY_QUESTIONS,
            &text::DECISIONS,
            &points(&days, first, |day| vec![day.answered, day.clarified, day.abstained]),
        ),
        useful: chart::lines(
            text::DAILY_RATINGS,
            &text::RATINGS,
            &points(&days, first, |day| vec![day.useful, day.useless, day.handed_off]),
        ),
        top: top_table(top),
        deliveries: delivery_table(deliveries),
        asked: !days.is_empty(),
        frame: Frame::of(&session, "/console", text::TITLE),
    })
}

fn figures(days: &[Day], today: i64) -> Tiles {
    let asked = |day: &Day| day.answered + day.clarified + day.abstained;
    let all: i64 = days.iter().map(asked).sum();
    let sum = |of: fn(&Day) -> i64| days.iter().map(of).sum::<i64>();
    let rated = sum(|day| day.useful) + sum(|day| day.useless);
    let plain = |label: &str, value: String| Tile { label: label.to_owned(), value, path: None, mark: "plain" };
    Tiles(vec![
        plain(text::ASKED_TODAY, days.iter().find(|day| day.day == today).map_or(0, asked).to_string()),
        plain(text::ASKED, all.to_string()),
        plain(text::ANSWERED, share(sum(|day| day.answered), all)),
        plain(text::USEFUL, share(sum(|day| day.useful), rated)),
        plain(text::HANDED_OFF, sum(|day| day.handed_off).to_string()),
    ])
}

/// `85%`, or a dash where there is nothing to share.
fn share(part: i64, all: i64) -> String {
    if all == 0 { "—".to_owned() } else { format!("{}%", (part * 100 + all / 2) / all) }
}

/// One point for each day shown, days without questions too.
fn points(days: &[Day], first: NaiveDate, values: fn(&Day) -> Vec<i64>) -> Vec<Point> {
    (0..SHOWN_DAYS)
        .filter_map(|offset| first.checked_add_days(Days::new(offset)))
        .map(|date| {
            let number = overview::day_of(Timestamp::start_of(date).plus(Duration::from_secs(1)));
            let day = days.iter().find(|day| day.day == number).copied().unwrap_or_default();
            Point { label: date.format("%-m/%-d").to_string(), values: values(&day) }
        })
        .collect()
}

fn top_table(top: Vec<overview::Asked>) -> Table {
    let mut table = Table::new(text::TOP, &text::TOP_HEADS, Empty::new(text::NOBODY_ASKED, text::HOW_PEOPLE_COME));
    for asked in top {
        table.row(vec![Cell::text(cut(&asked.question)), Cell::text(asked.many.to_string())]);
    }
    table
}

fn delivery_table(states: Vec<(String, i64)>) -> Table {
    let mut table = Table::new(text::SENT, &text::SENT_HEADS, Empty::new(text::NOTHING_SENT, text::WHAT_COMES_HERE));
    for (word, many) in states {
        let Some(state) = DeliveryState::parse(&word) else { continue };
        table.row(vec![Cell::badge(mark(state), console::delivery_state(state)), Cell::text(many.to_string())]);
    }
    table
}

fn mark(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Sent => "good",
        DeliveryState::Pending | DeliveryState::Sending => "wait",
        DeliveryState::Failed | DeliveryState::Unknown => "bad",
        DeliveryState::Expired | DeliveryState::Cancelled | DeliveryState::Abandoned => "plain",
    }
}

fn cut(text: &str) -> String {
    let mut cut: String = text.chars().take(SHOWN_CHARACTERS).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}
