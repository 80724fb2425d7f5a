//! The inbox: questions handed to a person, answered here beside the staff chat. What one side says, the other sees.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::form::{Field, Form};
use super::widgets::{Action, Cell, Empty, Table};
use super::{Frame, Pages, done, html};
use crate::desk::{self, Answer, By, LONGEST};
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::DeliveryState;
use crate::domain::inquiry::{InquiryState, taxes};
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::replies::console::{delivery_state, short_time};
use crate::replies::console_pages::inquiries as text;
use crate::replies::{desk as words, inbox};
use crate::store::inbox::{self as inbox_of, Tray};
use crate::store::inquiries::{self, Inquiry};
use crate::store::inquiry_messages;
use crate::store::users::{self, User};
use crate::web::State;
use crate::web::extract::{Path, Query};
use crate::web::pages::once_token;
use crate::web::paging::{Page, Paging};
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

pub(super) const HERE: &str = "/console/inquiries";
/// Inquiries of one list on a page.
const LISTED: i64 = 50;
/// Colleagues an inquiry may be handed to.
const COLLEAGUES: i64 = 2_000;
const SHOWN_CHARACTERS: usize = 60;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get(HERE, Permission::Read, list)
        .get("/console/inquiries/closed", Permission::Read, closed)
        .get("/console/inquiries/{id}", Permission::Read, one)
        .post("/console/inquiries/{id}/take", Permission::Answer, take)
        .post("/console/inquiries/{id}/answer", Permission::Answer, answer)
        .post("/console/inquiries/{id}/transfer", Permission::Answer, transfer)
        .post("/console/inquiries/{id}/close", Permission::Answer, close)
        .post("/console/inquiries/{id}/reopen", Permission::Answer, reopen)
}

/// Where each list begins.
#[derive(Debug, Default, Deserialize)]
struct From {
    #[serde(default)]
    waiting: i64,
    #[serde(default)]
    mine: i64,
    #[serde(default)]
    others: i64,
}

impl From {
    fn of(&self, tray: Tray<'_>) -> i64 {
        match tray {
            Tray::Waiting => self.waiting,
            Tray::Of(_) => self.mine,
            Tray::NotOf(_) => self.others,
        }
    }
}

#[derive(Template)]
#[template(path = "console/inquiries.html", config = "src/web/askama.toml")]
struct Inbox {
    frame: Frame,
    /// Heading, how many, table.
    groups: Vec<(&'static str, usize, String)>,
    empty: Option<Empty>,
}

/// Something said, and by whom.
struct Line {
    author: &'static str,
    name: String,
    text: String,
    time: String,
    /// Mark and word of an answer that has not arrived.
    missing: Option<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "console/inquiry.html", config = "src/web/askama.toml")]
struct OnePage {
    frame: Frame,
    state: InquiryState,
    mark: &'static str,
    standing: String,
    waits: Option<String>,
    actions: Vec<Action>,
    lines: Vec<Line>,
    form: Option<Form>,
    transfer: Option<Form>,
    facts: Vec<(&'static str, String)>,
    passages: Vec<String>,
    score: String,
}

async fn list(Extract(state): Extract<State>, session: Session, Query(from): Query<From>) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let me = session.staff.name.as_str();
    let mut conn = state.store.read().await?;
    let mut groups = Vec::new();
    for (place, tray) in [("waiting", Tray::Waiting), ("mine", Tray::Of(me)), ("others", Tray::NotOf(me))] {
        let many = inbox_of::count(&mut conn, tray).await?;
        let skip = from.of(tray).clamp(0, many.saturating_sub(1).max(0));
        let found = inbox_of::list(&mut conn, tray, skip, LISTED).await?;
        if found.is_empty() {
            continue;
        }
        let (heading, mut table) = match tray {
            Tray::Waiting => (inbox::waiting_heading(), queue_table()),
            Tray::Of(_) => (inbox::mine_heading(), talk_table(inbox::mine_heading())),
            Tray::NotOf(_) => (inbox::others_heading(), talk_table(inbox::others_heading())),
        };
        for inquiry in &found {
            table.row(if tray == Tray::Waiting { queue_row(inquiry, &session, now) } else { talk_row(inquiry) });
        }
        let next = skip + LISTED;
        if many > LISTED {
            table.note(inbox::part_of(skip + 1, next.min(many), many));
        }
        table.next((next < many).then(|| format!("{HERE}?{place}={next}")));
        groups.push((heading, usize::try_from(many).unwrap_or(usize::MAX), table.to_string()));
    }
    drop(conn);
    html(&Inbox {
        frame: Frame::of(&session, HERE, text::TITLE),
        empty: groups.is_empty().then(|| Empty::new(&inbox::nobody_waits(), &inbox::what_comes_here())),
        groups,
    })
}

async fn closed(Extract(state): Extract<State>, session: Session, paging: Paging) -> Result<Response, ApiError> {
    let found = inquiries::closed(&mut *state.store.read().await?, &paging.after, paging.probe()).await?;
    let page = Page::of(found, &paging, |inquiry| inquiry.id.clone());
    let empty = Empty::new(text::NONE_CLOSED, text::WHAT_STAYS_HERE).link(HERE, text::SEE_WAITING);
    let mut table = Table::new(text::CLOSED, &text::CLOSED_HEADS, empty);
    for inquiry in &page.items {
        table.row(vec![
            asker(inquiry),
            question(inquiry),
            Cell::text(inquiry.assignee.clone().unwrap_or_default()),
            Cell::quiet(inquiry.closed_at.map(short_time).unwrap_or_default()),
            stars(inquiry.stars),
        ]);
    }
    table.next(page.next_cursor.map(|cursor| format!("{HERE}/closed?cursor={cursor}")));
    html(&Inbox { frame: Frame::of(&session, HERE, text::CLOSED_TITLE), groups: vec![("", 0, table.to_string())], empty: None })
}

async fn one(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    html(&shown(&state, &session, &id, None).await?)
}

async fn take(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let mut tx = state.store.begin().await?;
    let said = match desk::take(&mut tx, &id, By::console(&session.staff.name), state.clock.now()).await {
        Ok(_) => {
            tx.commit().await?;
            inbox::you_answer_now()
        }
        // Somebody was quicker, or it is the second click: the page shows how it stands.
        Err(desk::Refused::NotNow(why)) => {
            drop(tx);
            why
        }
        Err(error) => return Err(error.into()),
    };
    done(&state, &session, &format!("{HERE}/{id}"), &said).await
}

async fn answer(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, typed: Fields) -> Result<Response, ApiError> {
    let said = Answer { text: typed.text("text"), once: Some(typed.text("once")).filter(|once| !once.is_empty()) };
    let mut tx = state.store.begin().await?;
    let answered = desk::answer(&mut tx, &id, By::console(&session.staff.name), said, state.clock.now()).await;
    match answered {
        Ok(_) => {
            tx.commit().await?;
            Ok(axum::response::Redirect::to(&format!("{HERE}/{id}#answer")).into_response())
        }
        Err(error) => {
            drop(tx);
            refused(&state, &session, &id, &typed, error.into()).await
        }
    }
}

async fn transfer(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, typed: Fields) -> Result<Response, ApiError> {
    let mut tx = state.store.begin().await?;
    let to = typed.text("to");
    desk::transfer(&mut tx, &id, By::console(&session.staff.name), to, state.clock.now()).await?;
    tx.commit().await?;
    done(&state, &session, &format!("{HERE}/{id}"), &inbox::handed_on(to)).await
}

async fn close(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let mut tx = state.store.begin().await?;
    desk::close(&mut tx, &id, By::console(&session.staff.name), state.clock.now()).await?;
    tx.commit().await?;
    done(&state, &session, HERE, &inbox::closed_and_asked()).await
}

async fn reopen(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let mut tx = state.store.begin().await?;
    desk::reopen(&mut tx, &id, By::console(&session.staff.name), state.clock.now()).await?;
    tx.commit().await?;
    done(&state, &session, &format!("{HERE}/{id}"), &inbox::you_answer_now()).await
}

/// The page again, with what was typed and why it was not sent.
async fn refused(state: &State, session: &Session, id: &str, typed: &Fields, error: ApiError) -> Result<Response, ApiError> {
    if matches!(error, ApiError::NotFound(_) | ApiError::Internal(_)) {
        return Err(error);
    }
    let status = error.status();
    let page = shown(state, session, id, Some((typed, error))).await?;
    Ok((status, html(&page)?).into_response())
}

async fn shown(state: &State, session: &Session, id: &str, again: Option<(&Fields, ApiError)>) -> Result<OnePage, ApiError> {
    let now = state.clock.now();
    let mut conn = state.store.read().await?;
    let inquiry = inquiries::get(&mut conn, id).await?.ok_or_else(|| ApiError::no_such(text::INQUIRY))?;
    let said = inquiry_messages::said(&mut conn, id).await?;
    let missing = match &inquiry.channel_id {
        Some(channel) => inquiry_messages::not_arrived(&mut conn, id, channel).await?,
        None => Vec::new(),
    };
    let colleagues = users::list(&mut conn, "", COLLEAGUES).await?;
    drop(conn);
    let answers = session.may(Permission::Answer);
    let path = |step: &str| format!("{HERE}/{id}/{step}");
    let open = inquiry.state != InquiryState::Closed;
    let form = match again {
        // What was typed is shown even where it cannot be sent any more.
        Some((typed, error)) => Some(answer_form(session, &path("answer")).filled(typed).refused(error)?),
        None => (answers && open).then(|| answer_form(session, &path("answer"))),
    };
    let mut actions = Vec::new();
    if answers {
        match inquiry.state {
            InquiryState::Waiting => actions.push(Action::send(path("take"), text::TAKE, &session.csrf).first()),
            InquiryState::Human => actions.push(Action::send(path("close"), text::CLOSE, &session.csrf)),
            InquiryState::Closed if inquiry.stars.is_none() => actions.push(Action::send(path("reopen"), text::REOPEN, &session.csrf)),
            InquiryState::Closed => {}
        }
    }
    let rated = inquiry.stars.map(words::star_label);
    let facts = [
        (text::FROM, channel_name(&inquiry)),
        (text::TAX, inquiry.tax.clone()),
        (text::QUEUED_AT, inquiry.queued_at.chinese()),
        (text::STAFF, inquiry.assignee.clone().unwrap_or_default()),
        (text::CLOSED_AT, inquiry.closed_at.map(Timestamp::chinese).unwrap_or_default()),
        (text::RATING, rated.unwrap_or_default().to_owned()),
    ];
    let missing = |message: &str| {
        let (_, state) = missing.iter().find(|(id, _)| id == message)?;
        let under_way = matches!(state, DeliveryState::Pending | DeliveryState::Sending);
        Some((if under_way { "wait" } else { "bad" }, delivery_state(*state)))
    };
    let lines = said.into_iter().map(|said| Line {
        missing: missing(&said.id),
        author: said.author.word(),
        name: said.name,
        text: said.text,
        time: if said.said_at.date() == now.date() { said.said_at.local().format("%H:%M").to_string() } else { short_time(said.said_at) },
    });
    Ok(OnePage {
        frame: Frame::of(session, HERE, &inquiry.person_name),
        state: inquiry.state,
        mark: mark(inquiry.state),
        standing: inbox::standing_for_staff(inquiry.state, inquiry.assignee.as_deref(), &session.staff.name),
        waits: (inquiry.state == InquiryState::Waiting).then(|| inbox::waited(now.since(inquiry.waiting_at))),
        actions,
        lines: lines.collect(),
        form,
        transfer: (answers && open).then(|| transfer_form(session, &path("transfer"), &inquiry, &colleagues)),
        facts: facts.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
        score: format!("{:.2}", inquiry.score),
        passages: inquiry.passages,
    })
}

fn answer_form(session: &Session, action: &str) -> Form {
    Form::new(session, action, text::SEND)
        .hidden("once", &once_token())
        .field(Field::long("text", text::ANSWER).required().most(LONGEST).hint(&inbox::answered_under(&session.staff.name)))
}

fn transfer_form(session: &Session, action: &str, inquiry: &Inquiry, users: &[User]) -> Form {
    let free = |user: &&User| user.active && user.role.may(Permission::Answer) && Some(user.name.as_str()) != inquiry.assignee.as_deref();
    let colleagues =
        users.iter().filter(free).map(|user| (user.name.clone(), inbox::colleague(&user.name, user.name == session.staff.name)));
    let queues = taxes().map(|tax| (tax.to_owned(), inbox::queue_of(tax)));
    Form::new(session, action, text::HAND_ON).field(Field::choice("to", text::TO, colleagues.chain(queues)))
}

fn queue_table() -> Table {
    Table::new(text::WAITING, &text::QUEUE_HEADS, Empty::new(text::NOBODY_WAITS, ""))
}

fn queue_row(inquiry: &Inquiry, session: &Session, now: Timestamp) -> Vec<Cell> {
    let take = Action::send(format!("{HERE}/{}/take", inquiry.id), text::TAKE, &session.csrf).first();
    vec![
        asker(inquiry),
        question(inquiry),
        Cell::text(&inquiry.tax),
        Cell::badge("wait", inbox::waited(now.since(inquiry.waiting_at))),
        if session.may(Permission::Answer) { Cell::Actions(vec![take]) } else { Cell::text("") },
    ]
}

fn talk_table(name: &str) -> Table {
    Table::new(name, &text::TALK_HEADS, Empty::new(text::NONE, ""))
}

fn talk_row(inquiry: &Inquiry) -> Vec<Cell> {
    // A talk goes on at its end.
    let talk = Cell::link(format!("{HERE}/{}#answer", inquiry.id), short(inquiry));
    vec![asker(inquiry), talk, Cell::text(&inquiry.tax), Cell::text(inquiry.assignee.clone().unwrap_or_default())]
}

fn asker(inquiry: &Inquiry) -> Cell {
    Cell::text(inbox::asker_from(&inquiry.person_name, &channel_name(inquiry)))
}

fn question(inquiry: &Inquiry) -> Cell {
    Cell::link(format!("{HERE}/{}", inquiry.id), short(inquiry))
}

fn short(inquiry: &Inquiry) -> String {
    if inquiry.question.is_empty() {
        return inbox::cleared();
    }
    let mut short: String = inquiry.question.chars().take(SHOWN_CHARACTERS).collect();
    if short.len() < inquiry.question.len() {
        short.push('…');
    }
    short
}

fn channel_name(inquiry: &Inquiry) -> String {
    ChannelKind::parse(&inquiry.channel).map_or(inquiry.channel.clone(), |kind| kind.chinese().to_owned())
}

fn stars(stars: Option<i64>) -> Cell {
    match stars {
        None => Cell::text(""),
        Some(many) => Cell::badge(if many <= 2 { "bad" } else { "good" }, words::star_label(many)),
    }
}

fn mark(state: InquiryState) -> &'static str {
    match state {
        InquiryState::Waiting => "wait",
        InquiryState::Human => "good",
        InquiryState::Closed => "plain",
    }
}
