//! What people think of the service: the 服务评价 after a person helped, the low ones with their ledger item, and 有用 or 无用.

use axum::extract::State as Extract;
use axum::response::Response;

use super::chart::{Point, columns};
use super::widgets::{Cell, Empty, Table, Tile, Tiles};
use super::{Frame, Pages, sheet};
use crate::domain::staff::Permission;
use crate::domain::time::chinese_date;
use crate::replies::console_pages::ratings as text;
use crate::replies::{console, ledger as words};
use crate::web::State;
use crate::web::api::ledger::{LOW_LISTED, rated};
use crate::web::problem::ApiError;
use crate::web::session::Session;

const HERE: &str = "/console/ratings";

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get(HERE, Permission::Read, page)
}

async fn page(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let view = rated(&state, state.clock.now()).await?;
    let ratings = &view.ratings;
    let given: i64 = ratings.stars.iter().sum();
    let good: i64 = ratings.stars[3] + ratings.stars[4];
    let judged = ratings.useful + ratings.useless;
    let tile = |label: &str, value: String, mark| Tile { label: label.to_owned(), value, path: None, mark };
    let tiles = Tiles(vec![
        tile(text::GIVEN, given.to_string(), "plain"),
        tile(text::GOOD, words::share(good, given), "good"),
        tile(text::SHARE_RATED, words::share(given, ratings.closed), "plain"),
        tile(text::SHARE_USEFUL, words::share(ratings.useful, judged), "good"),
        tile(text::JUDGED, words::share(judged, ratings.answered), "plain"),
    ]);
    let mut blocks = vec![tiles.to_string()];
    if given > 0 {
        let points: Vec<Point> = (1..=5)
            .rev()
            .zip(ratings.stars.iter().rev())
            .map(|(stars, many)| Point { label: words::stars(stars).to_owned(), values: vec![*many] })
            .collect();
        blocks.push(columns(text::TITLE, &[text::PEOPLE], &points));
    }
    let empty = if given > 0 { Empty::new(text::NONE_LOW, text::NONE_LOW_LATELY) } else { Empty::new(text::NONE, &words::no_ratings()) };
    let mut table = Table::new(text::LOW, &text::HEADS, empty);
    for low in &view.low {
        table.row(vec![
            Cell::quiet(chinese_date(low.closed_at.date())),
            Cell::badge("bad", words::stars(low.stars)),
            Cell::text(words::short(&low.question)),
            Cell::text(low.assignee.as_deref().unwrap_or("—")),
            match &low.number {
                Some(number) => Cell::link(format!("/console/ledger/{number}"), number),
                None => Cell::quiet("—"),
            },
        ]);
    }
    let low: i64 = ratings.stars[0] + ratings.stars[1];
    if low > LOW_LISTED {
        table.note(console::latest_of(LOW_LISTED, low));
    }
    blocks.push(table.to_string());
    sheet(Frame::of(&session, HERE, text::TITLE), blocks)
}
