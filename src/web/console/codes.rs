//! Codes people scan: what hangs where, how often it was scanned, and the sheets to print.

use axum::extract::State as Extract;
use axum::response::Response;

use super::chart::{Point, columns};
use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Facts, Note, Table};
use super::{Frame, Pages, done, sheet};
use crate::domain::code::{CodeKind, chat_link, is_code, web_link};
use crate::domain::staff::Permission;
use crate::replies::codes as words;
use crate::replies::console_pages::codes as text;
use crate::store::codes;
use crate::web::State;
use crate::web::api::qr::{NewCode, place_code};
use crate::web::extract::{Path, Query};
use crate::web::paging::MOST;
use crate::web::problem::ApiError;
use crate::web::qr::picture_path;
use crate::web::session::{Fields, Session};

const HERE: &str = "/console/codes";
/// Days a chart shows.
const CHARTED: usize = 31;

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get(HERE, Permission::Read, list).post(HERE, Permission::WriteCampaigns, create).get(
        "/console/codes/{code}",
        Permission::Read,
        page,
    )
}

#[derive(Debug, Default, serde::Deserialize)]
struct From {
    #[serde(default)]
    after: String,
}

fn new_form(session: &Session) -> Form {
    let kinds = [CodeKind::Guide, CodeKind::Document, CodeKind::Class, CodeKind::Outing, CodeKind::Quiz];
    Form::new(session, HERE, text::ADD)
        .field(Field::choice("kind", text::KIND_CHOICE, kinds.map(|kind| (kind.word(), kind.chinese()))))
        .field(Field::text("id", text::ID).hint(&words::id_hint()).required().most(200))
        .field(Field::text("place", text::PLACE).hint(&words::place_hint()).most(40))
}

async fn list(Extract(state): Extract<State>, session: Session, Query(from): Query<From>) -> Result<Response, ApiError> {
    show(&state, &session, &from.after, new_form(&session)).await
}

async fn show(state: &State, session: &Session, after: &str, form: Form) -> Result<Response, ApiError> {
    let mut conn = state.store.read().await?;
    let mut found = codes::list(&mut conn, after, MOST + 1).await?;
    let places = codes::places(&mut conn).await?;
    drop(conn);
    let more = found.len() > usize::try_from(MOST).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    let next = if more { found.last().map(|code| format!("{HERE}?after={}", code.code)) } else { None };
    let empty = Empty::new(text::NONE, &words::none_yet());
    let mut table = Table::new(text::TITLE, &text::HEADS, empty);
    for code in found {
        let target = state.conversation.target(code.kind, &code.target).await?;
        let title = target
            .map_or_else(|| Cell::badge("bad", words::gone_title()), |target| Cell::link(format!("{HERE}/{}", code.code), target.title));
        table.row(vec![
            title,
            Cell::quiet(code.kind.chinese()),
            Cell::text(if code.place.is_empty() { words::anywhere() } else { code.place }),
            Cell::text(code.scans.to_string()),
            Cell::Actions(vec![Action::open(format!("/sheets?code={}", code.code), text::PRINT)]),
        ]);
    }
    table.next(next);
    let mut blocks = Vec::new();
    if !places.is_empty() {
        let encoded = |text: &str| askama::filters::urlencode(text).map(|text| text.to_string()).unwrap_or_default();
        let sheets = places.iter().map(|place| Action::open(format!("/sheets?place={}", encoded(place)), &words::sheet_of(place)));
        blocks.push(Actions(sheets.collect()).to_string());
    }
    blocks.push(table.to_string());
    if session.may(Permission::WriteCampaigns) {
        blocks.push(form.to_string());
    }
    sheet(Frame::of(session, HERE, text::TITLE), blocks)
}

async fn create(Extract(state): Extract<State>, session: Session, fields: Fields) -> Result<Response, ApiError> {
    let made = match CodeKind::parse(fields.text("kind")) {
        Some(kind) => {
            let new = NewCode { kind, id: fields.text("id").to_owned(), place: fields.text("place").to_owned() };
            place_code(&state, &session.staff, &new).await.map_err(|error| match error {
                ApiError::NotFound(detail) => ApiError::invalid("id", detail),
                other => other,
            })
        }
        None => Err(ApiError::invalid("kind", words::wrong_kind())),
    };
    match made {
        Ok(code) => done(&state, &session, &format!("{HERE}/{}", code.code), &words::made()).await,
        Err(error) => {
            let form = new_form(&session).filled(&fields).refused(error)?;
            show(&state, &session, "", form).await
        }
    }
}

async fn page(Extract(state): Extract<State>, session: Session, Path(code): Path<String>) -> Result<Response, ApiError> {
    let lost = || ApiError::no_such(text::TITLE);
    if !is_code(&code) {
        return Err(lost());
    }
    let mut conn = state.store.read().await?;
    let known = codes::get(&mut conn, &code).await?.ok_or_else(lost)?;
    let days = codes::days(&mut conn, &code).await?;
    drop(conn);
    let target = state.conversation.target(known.kind, &known.target).await?;
    let title = target.as_ref().map_or_else(words::gone_title, |target| target.title.clone());
    let mut facts = vec![
        (text::KIND.to_owned(), Cell::text(known.kind.chinese())),
        (text::PLACE.to_owned(), Cell::text(if known.place.is_empty() { words::anywhere() } else { known.place.clone() })),
        (text::SCANS.to_owned(), Cell::text(known.scans.to_string())),
        (text::WEB_LINK.to_owned(), Cell::text(web_link(&state.public_url, &code))),
    ];
    if let Some(bot) = state.bot_name() {
        facts.push((text::CHAT_LINK.to_owned(), Cell::text(chat_link(&bot, &code))));
    }
    let picture = picture_path(known.kind, &known.target, &known.place);
    let actions = vec![
        Action::open(format!("/sheets?code={code}"), text::PRINT).first(),
        Action::open(format!("{picture}&format=png&size=1024"), text::PICTURE),
        Action::open(HERE, text::ALL),
    ];
    let points: Vec<Point> = days
        .iter()
        .take(CHARTED)
        .rev()
        .map(|day| Point { label: day.day.get(5..).unwrap_or_default().to_owned(), values: vec![day.web, day.chat] })
        .collect();
    let mut blocks = vec![Actions(actions).to_string(), Facts(facts).to_string()];
    if points.is_empty() {
        blocks.push(Note { title: String::new(), text: words::never_scanned() }.to_string());
    } else {
        blocks.push(columns(text::DAILY, &text::DAILY_HEADS, &points));
    }
    sheet(Frame::of(&session, HERE, &title), blocks)
}
