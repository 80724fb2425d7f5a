//! The ledger of opinions and suggestions: what came in, who sees to it until when, the steps, the file.

use axum::extract::State as Extract;
use axum::response::Response;

use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Facts, Note, Table, Tile, Tiles};
use super::{Frame, Pages, done, sheet};
use crate::desk::ledger::{self, Step};
use crate::domain::ledger::{LedgerItem, Stage};
use crate::domain::staff::{Actor, Permission};
use crate::replies::console_pages::ledger as text;
use crate::replies::{console, inbox, ledger as words};
use crate::store::ledger_items::{self as items, Filter};
use crate::store::users;
use crate::web::State;
use crate::web::api::ledger::{Wanted, file, filter, view};
use crate::web::extract::{Path, Query};
use crate::web::paging::{Page, Paging};
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

const HERE: &str = "/console/ledger";
/// Staff offered as owners.
const MOST_STAFF: i64 = 2_000;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get(HERE, Permission::Read, list)
        .get("/console/ledger/file/{format}", Permission::Read, download)
        .get("/console/ledger/{id}", Permission::Read, page)
        .post("/console/ledger/{id}/steps", Permission::Answer, step)
}

fn mark(item: &LedgerItem, overdue: bool) -> &'static str {
    match item.stage {
        _ if overdue => "bad",
        Stage::Received => "bad",
        Stage::Accepted | Stage::Handling => "wait",
        Stage::Answered => "good",
        Stage::Closed => "plain",
    }
}

async fn list(
    Extract(state): Extract<State>,
    session: Session,
    paging: Paging,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let today = state.clock.now().date();
    let chosen = filter(&wanted, today)?;
    let mut conn = state.store.read().await?;
    let counts = items::counts(&mut conn).await?;
    let mine = Filter { owner: session.staff.name.clone(), overdue_on: Some(today), stage: None };
    let mine = items::count(&mut conn, &mine).await?;
    let late = items::count(&mut conn, &Filter { overdue_on: Some(today), ..Filter::default() }).await?;
    let found = items::list(&mut conn, &chosen, &paging.after, paging.probe()).await?;
    let staff = users::list(&mut conn, "", MOST_STAFF).await?;
    drop(conn);
    let page = Page::of(found, &paging, |item| item.id.clone());
    let many = |stage: Stage| counts.iter().find(|(known, _)| *known == stage).map_or(0, |(_, many)| *many);
    let tile =
        |label: &str, value: i64, path: String, mark| Tile { label: label.to_owned(), value: value.to_string(), path: Some(path), mark };
    let mut tiles: Vec<Tile> = Stage::ALL
        .into_iter()
        .map(|stage| {
            let mark = if stage == Stage::Received && many(stage) > 0 { "bad" } else { "plain" };
            tile(words::stage(stage), many(stage), format!("{HERE}?stage={}", stage.word()), mark)
        })
        .collect();
    tiles.push(tile(text::OVERDUE, late, format!("{HERE}?overdue=true"), if late > 0 { "bad" } else { "plain" }));
    if mine > 0 {
        let name = part(&session.staff.name);
        tiles.push(tile(text::MY_OVERDUE, mine, format!("{HERE}?overdue=true&owner={name}"), "bad"));
    }
    let stages = std::iter::once((String::new(), text::ALL.to_owned()))
        .chain(Stage::ALL.map(|stage| (stage.word().to_owned(), words::stage(stage).to_owned())));
    let owners = std::iter::once((String::new(), text::ALL.to_owned())).chain(staff.into_iter().map(|user| (user.name.clone(), user.name)));
    let search = Form::search(HERE, text::FIND)
        .field(Field::choice("stage", text::STAGE, stages).value(wanted.stage.clone().unwrap_or_default()))
        .field(Field::choice("owner", text::OWNER, owners).value(chosen.owner.clone()))
        .field(
            Field::choice("overdue", text::UNTIL, [("", text::ALL), ("true", text::ONLY_OVERDUE)])
                .value(wanted.overdue.clone().unwrap_or_default()),
        );
    let anything = counts.iter().any(|(_, many)| *many > 0);
    let empty = if anything { Empty::new(text::NOTHING_FOUND, &words::none_found()) } else { Empty::new(text::NONE, &words::none_yet()) };
    let mut table = Table::new(text::TITLE, &text::HEADS, empty);
    for item in &page.items {
        let overdue = item.is_overdue(today);
        let until = if overdue { text::overdue(&words::due(item.due_on)) } else { words::due(item.due_on) };
        table.row(vec![
            Cell::link(format!("{HERE}/{}", item.id), &item.number),
            Cell::text(if item.text.is_empty() { inbox::cleared() } else { words::short(&item.text) }),
            Cell::quiet(words::source(item.source)),
            Cell::badge(mark(item, overdue), words::stage(item.stage)),
            Cell::text(if item.owner.is_empty() { "—" } else { &item.owner }),
            Cell::quiet(until),
        ]);
    }
    let query = format!(
        "stage={}&owner={}&overdue={}",
        part(wanted.stage.as_deref().unwrap_or_default()),
        part(&chosen.owner),
        part(wanted.overdue.as_deref().unwrap_or_default())
    );
    table.next(page.next_cursor.map(|cursor| format!("{HERE}?{query}&cursor={cursor}")));
    let actions = Actions(vec![
        Action::open(format!("{HERE}/file/xlsx?{query}"), text::EXCEL),
        Action::open(format!("{HERE}/file/csv?{query}"), text::CSV),
    ]);
    let blocks = vec![Tiles(tiles).to_string(), actions.to_string(), search.to_string(), table.to_string()];
    sheet(Frame::of(&session, HERE, text::TITLE), blocks)
}

fn part(text: &str) -> String {
    askama::filters::urlencode_strict(text).map(|text| text.to_string()).unwrap_or_default()
}

async fn download(Extract(state): Extract<State>, Path(format): Path<String>, Query(wanted): Query<Wanted>) -> Result<Response, ApiError> {
    file(&state, &wanted, &format).await
}

async fn page(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    show(&state, &session, &id, None).await
}

async fn show(state: &State, session: &Session, id: &str, refused: Option<(&Fields, ApiError)>) -> Result<Response, ApiError> {
    let view = view(state, id).await?;
    let item = &view.item;
    let overdue = item.is_overdue(state.clock.now().date());
    let mut facts = vec![
        (text::STAGE.to_owned(), Cell::badge(mark(item, overdue), words::stage(item.stage))),
        (text::SOURCE.to_owned(), Cell::text(words::source(item.source))),
        (text::OWNER.to_owned(), Cell::text(if item.owner.is_empty() { text::NOBODY_YET } else { &item.owner })),
        (text::DUE.to_owned(), Cell::text(if overdue { text::overdue(&words::due(item.due_on)) } else { words::due(item.due_on) })),
        (text::OPENED.to_owned(), Cell::quiet(item.created_at.chinese())),
    ];
    if let Some(stars) = item.stars {
        facts.push((text::RATING.to_owned(), Cell::text(text::rated(stars, words::stars(stars)))));
    }
    let mut blocks = vec![
        Actions(vec![Action::open(HERE, text::BACK)]).to_string(),
        Facts(facts).to_string(),
        Note { title: text::CONTENT.to_owned(), text: if item.text.is_empty() { inbox::cleared() } else { item.text.clone() } }.to_string(),
    ];
    if !item.answer.is_empty() {
        blocks.push(Note { title: text::ANSWER.to_owned(), text: item.answer.clone() }.to_string());
    }
    if session.may(Permission::Answer) && item.stage != Stage::Closed {
        let mut form = step_form(state, session, item).await?;
        if let Some((fields, error)) = refused {
            form = form.filled(fields).refused(error)?;
        }
        blocks.push(form.to_string());
    }
    let mut steps = Table::new(text::STEPS, &text::STEP_HEADS, Empty::new(text::NO_STEPS, ""));
    for step in &view.steps {
        let actor = if step.actor == "service" { text::SERVICE } else { &step.actor };
        steps.row(vec![
            Cell::quiet(console::short_time(step.at)),
            Cell::text(words::stage(step.stage)),
            Cell::text(actor),
            Cell::text(if step.note.is_empty() { "—" } else { &step.note }),
        ]);
    }
    blocks.push(steps.to_string());
    sheet(Frame::of(session, HERE, &item.number), blocks)
}

async fn step_form(state: &State, session: &Session, item: &LedgerItem) -> Result<Form, ApiError> {
    let staff = users::list(&mut *state.store.read().await?, "", MOST_STAFF).await?;
    let owners = std::iter::once((String::new(), text::SAME_OWNER.to_owned()))
        .chain(staff.into_iter().filter(|user| user.active).map(|user| (user.name.clone(), user.name)));
    let next = item.stage.next().iter().map(|next| (next.word().to_owned(), words::doing(*next).to_owned()));
    let stages = next.chain(std::iter::once((String::new(), text::ONLY_A_NOTE.to_owned())));
    let due = item.due_on.map(|due| due.to_string()).unwrap_or_default();
    Ok(Form::new(session, format!("{HERE}/{}/steps", item.id), text::SAVE)
        .field(Field::choice("stage", text::NEXT, stages))
        .field(Field::long("note", text::NOTE).most(ledger::LONGEST_NOTE))
        .field(Field::choice("owner", text::OWNER, owners))
        .field(Field::date("due_on", text::DUE).value(due).hint(text::DUE_HINT)))
}

async fn step(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    match taken(&state, &session, &id, &fields).await {
        Ok(item) => done(&state, &session, &format!("{HERE}/{id}"), &words::stepped(&item)).await,
        Err(error) => show(&state, &session, &id, Some((&fields, error))).await,
    }
}

async fn taken(state: &State, session: &Session, id: &str, fields: &Fields) -> Result<LedgerItem, ApiError> {
    let before = items::get(&mut *state.store.read().await?, id).await?.ok_or_else(|| ApiError::no_such(text::ITEM))?;
    let stage = match fields.text("stage") {
        "" => None,
        word => Some(Stage::parse(word).ok_or_else(|| ApiError::invalid("stage", words::wrong_stage()))?),
    };
    let due_on = match fields.text("due_on") {
        "" => None,
        text => Some(text.parse().map_err(|_| ApiError::invalid("due_on", words::wrong_due()))?),
    };
    let step = Step {
        stage,
        note: fields.text("note").replace('\r', ""),
        owner: fields.text("owner").to_owned(),
        // What stood in the field already is no change, even where that day has passed.
        due_on: due_on.filter(|due| before.due_on != Some(*due)),
    };
    let mut tx = state.store.begin().await?;
    let item = ledger::step(&mut tx, id, &step, &Actor::from(session), state.clock.now()).await?;
    tx.commit().await?;
    Ok(item)
}
