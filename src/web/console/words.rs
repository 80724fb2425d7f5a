//! The glossary and the sensitive words, edited here: what staff write lies over the file's table and counts within seconds.

use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::form::{Field, Form};
use super::widgets::{Action, Cell, Empty, Fold, Note, Table};
use super::{Frame, Pages, done, sheet};
use crate::domain::staff::Permission;
use crate::knowledge::GlossaryEntry;
use crate::knowledge::glossary::WordKind;
use crate::replies::console;
use crate::replies::console_pages::words as text;
use crate::store::audit;
use crate::store::words::{self, Change, Word};
use crate::web::State;
use crate::web::extract::Query;
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

const PATH: &str = "/console/words";
const ADD: &str = text::ADD;
const LONGEST: usize = 60;
/// Lines on a page.
const SHOWN: usize = 50;

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get(PATH, Permission::Read, list).post(PATH, Permission::WriteDocuments, add).post(
        "/console/words/remove",
        Permission::WriteDocuments,
        remove,
    )
}

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    from: usize,
}

async fn list(Extract(state): Extract<State>, session: Session, Query(wanted): Query<Wanted>) -> Result<Response, ApiError> {
    page(&state, &session, &wanted, Fold::closed(ADD, &add_form(&session))).await
}

async fn page(state: &State, session: &Session, wanted: &Wanted, add: Fold) -> Result<Response, ApiError> {
    let ours = words::all(&mut *state.store.read().await?).await?;
    let snapshot = state.answering.search().snapshot();
    let (q, kind) = (wanted.q.trim(), WordKind::parse(&wanted.kind));
    let fits = |entry: &&GlossaryEntry| {
        kind.is_none_or(|kind| entry.kind == kind) && (q.is_empty() || entry.term.contains(q) || entry.official.contains(q))
    };
    let found: Vec<&GlossaryEntry> = snapshot.glossary().entries.iter().filter(fits).collect();
    let empty = Empty::new(text::NOTHING, text::LOOK_OR_ADD);
    let mut table = Table::new(text::TITLE, &text::HEADS, empty);
    for entry in found.iter().skip(wanted.from).take(SHOWN) {
        let written = ours.iter().find(|word| word.term == entry.term && word.kind == entry.kind.word());
        let source =
            written.map_or_else(|| Cell::quiet(text::BUILT_IN), |word| Cell::quiet(console::written_by(&word.author, word.updated_at)));
        let action = if session.may(Permission::WriteDocuments) {
            let part = |text: &str| askama::filters::urlencode_strict(text).map(|text| text.to_string()).unwrap_or_default();
            let path = format!("/console/words/remove?term={}&kind={}", part(&entry.term), entry.kind.word());
            Cell::Actions(vec![Action::send(path, text::REMOVE, &session.csrf).danger()])
        } else {
            Cell::text("")
        };
        table.row(vec![
            Cell::text(&entry.term),
            Cell::text(console::word_kind(entry.kind.word())),
            Cell::text(&entry.official),
            source,
            action,
        ]);
    }
    let next = wanted.from + SHOWN;
    table.next((next < found.len()).then(|| format!("{PATH}?q={}&kind={}&from={next}", urlencoded(q), wanted.kind)));
    let search = Form::search(PATH, text::FIND)
        .field(Field::text("q", text::TERM).value(q).most(LONGEST))
        .field(Field::choice("kind", text::KIND, std::iter::once(("", text::ALL)).chain(kinds())).value(wanted.kind.clone()));
    let mut blocks = vec![search.to_string()];
    if session.may(Permission::WriteDocuments) {
        blocks.push(add.to_string());
    }
    blocks.push(Note { title: String::new(), text: console::words_found(found.len()) }.to_string());
    blocks.push(table.to_string());
    sheet(Frame::of(session, PATH, text::TITLE), blocks)
}

async fn add(Extract(state): Extract<State>, session: Session, typed: Fields) -> Result<Response, ApiError> {
    match added(&state, &session, &typed).await {
        Ok(term) => done(&state, &session, PATH, &console::word_kept(&term)).await,
        Err(error) => {
            let status = error.status();
            let form = add_form(&session).filled(&typed).refused(error)?;
            Ok((status, page(&state, &session, &Wanted::default(), Fold::opened(ADD, &form)).await?).into_response())
        }
    }
}

async fn added(state: &State, session: &Session, typed: &Fields) -> Result<String, ApiError> {
    let kind = WordKind::parse(typed.text("kind")).ok_or_else(|| ApiError::invalid("kind", console::wrong_word_kind()))?;
    let term = accepted("term", typed.text("term"))?;
    let official = accepted("official", typed.text("official"))?;
    if term == official {
        return Err(ApiError::invalid("official", console::same_word()));
    }
    write(
        state,
        session,
        Word {
            term: term.clone(),
            kind: kind.word().to_owned(),
            change: Change::Means(official),
            author: session.staff.name.clone(),
            updated_at: state.clock.now(),
        },
    )
    .await?;
    Ok(term)
}

async fn remove(Extract(state): Extract<State>, session: Session, Query(word): Query<Named>) -> Result<Response, ApiError> {
    let kind = WordKind::parse(&word.kind).ok_or_else(|| ApiError::no_such(text::TERM))?;
    let known = state.answering.search().snapshot().glossary().entries.iter().any(|entry| entry.term == word.term && entry.kind == kind);
    if !known {
        return Err(ApiError::no_such(text::TERM));
    }
    write(
        &state,
        &session,
        Word {
            term: word.term.clone(),
            kind: kind.word().to_owned(),
            change: Change::Removed,
            author: session.staff.name.clone(),
            updated_at: state.clock.now(),
        },
    )
    .await?;
    done(&state, &session, PATH, &console::word_removed(&word.term)).await
}

/// The word a button is for.
#[derive(Debug, Default, Deserialize)]
struct Named {
    #[serde(default)]
    term: String,
    #[serde(default)]
    kind: String,
}

async fn write(state: &State, session: &Session, word: Word) -> Result<(), ApiError> {
    let now = state.clock.now();
    let action = match word.change {
        Change::Means(_) => "word.set",
        Change::Removed => "word.remove",
    };
    let mut tx = state.store.begin().await?;
    words::put(&mut tx, &word).await?;
    audit::record(&mut tx, &session.staff.name, action, &word.term, &word.kind, now).await?;
    tx.commit().await?;
    // This process at once, others at their next look.
    state.freshness.refresh_if_changed().await?;
    Ok(())
}

fn accepted(field: &str, text: &str) -> Result<String, ApiError> {
    let long = text.chars().count();
    if !(1..=LONGEST).contains(&long) || text.contains(['\t', '\n', '\r']) {
        return Err(ApiError::invalid(field, console::wrong_word(LONGEST)));
    }
    Ok(text.to_owned())
}

fn add_form(session: &Session) -> Form {
    Form::new(session, PATH, text::SAVE)
        .field(Field::text("term", text::TERM).required().most(LONGEST).hint(text::TERM_HINT))
        .field(Field::choice("kind", text::KIND, kinds()))
        .field(Field::text("official", text::OFFICIAL).required().most(LONGEST).hint(text::OFFICIAL_HINT))
}

fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    WordKind::ALL.iter().map(|kind| (kind.word(), console::word_kind(kind.word())))
}

fn urlencoded(text: &str) -> String {
    askama::filters::urlencode_strict(text).map(|text| text.to_string()).unwrap_or_default()
}
