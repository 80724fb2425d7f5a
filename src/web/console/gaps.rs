//! The gap queue: what people asked and got no good answer to, the most asked first; drafting an answer beside the passages found,
//! approving another's, setting aside.

use axum::extract::State as Extract;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Facts, Fold, Note, Table, Tile, Tiles};
use super::{Frame, Pages, done, gap_moves, sheet};
use crate::answering::Ask;
use crate::domain::gap::{GapDraft, GapState};
use crate::domain::staff::{Actor, Permission};
use crate::domain::time::chinese_date;
use crate::gaps::{NewDraft, PassageRef};
use crate::replies::console_pages::gaps as text;
use crate::replies::gaps as words;
use crate::search::Snapshot;
use crate::store::gaps::{self, Which};
use crate::web::State;
use crate::web::api::gaps::{GapView, catch_up, view, which};
use crate::web::extract::{Path, Query};
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

pub(super) const HERE: &str = "/console/gaps";
/// Gaps on a page.
const SHOWN: i64 = 30;
/// Passages offered beside a gap.
const PASSAGES: usize = 8;
/// Characters of a passage in the list of those to tick.
const PASSAGE_CHARACTERS: usize = 160;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get(HERE, Permission::Read, list)
        .get("/console/gaps/{id}", Permission::Read, page)
        .post("/console/gaps/{id}/draft", Permission::Answer, draft)
        .post("/console/gaps/{id}/dismiss", Permission::Answer, dismiss)
        .post("/console/gaps/{id}/reopen", Permission::Answer, reopen)
        .post("/console/gaps/{id}/approve", Permission::ApproveBulletins, approve)
        .post("/console/gaps/{id}/return", Permission::ApproveBulletins, give_back)
        .post("/console/gaps/{id}/withdraw", Permission::ApproveBulletins, withdraw)
}

/// Which list, and from where.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    state: String,
    #[serde(default)]
    from: i64,
}

/// More passages to choose from: those of one document, or what these words find.
#[derive(Debug, Default, Deserialize)]
struct Looking {
    #[serde(default)]
    q: String,
}

fn mark(state: GapState) -> &'static str {
    match state {
        GapState::Open => "bad",
        GapState::Drafting => "wait",
        GapState::Published => "good",
        GapState::Dismissed => "plain",
    }
}

async fn list(Extract(state): Extract<State>, session: Session, Query(wanted): Query<Wanted>) -> Result<Response, ApiError> {
    let which = which(Some(&wanted.state))?;
    let from = wanted.from.max(0);
    catch_up(&state).await;
    let mut conn = state.store.read().await?;
    let counts = gaps::counts(&mut conn).await?;
    let mut found = gaps::list(&mut conn, which, from, SHOWN + 1).await?;
    drop(conn);
    let more = found.len() > usize::try_from(SHOWN).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(SHOWN).unwrap_or(usize::MAX));
    let tile = |label: &str, value: i64, word: &str, mark| Tile {
        label: label.to_owned(),
        value: value.to_string(),
        path: Some(format!("{HERE}?state={word}")),
        mark,
    };
    let tiles = Tiles(vec![
        tile(text::TO_DO, counts.open, "to_do", if counts.open > 0 { "bad" } else { "plain" }),
        tile(text::TO_APPROVE, counts.drafting, "drafting", if counts.drafting > 0 { "wait" } else { "plain" }),
        tile(text::PUBLISHED, counts.published, "published", "good"),
        tile(text::DISMISSED, counts.dismissed, "dismissed", "plain"),
    ]);
    let empty = match which {
        Which::ToDo => Empty::new(text::NOTHING_TO_DO, &words::nothing_to_do()),
        Which::Of(_) => Empty::new(text::NONE_HERE, &words::none_here()),
    };
    let mut table = Table::new(text::TITLE, &text::HEADS, empty);
    for gap in found {
        let mut of = Vec::new();
        if gap.useless > 0 {
            of.push(text::useless(gap.useless));
        }
        if gap.handed_off > 0 {
            of.push(text::handed_off(gap.handed_off));
        }
        table.row(vec![
            Cell::link(format!("{HERE}/{}", gap.id), gap.question),
            Cell::text(gap.asked.to_string()),
            Cell::quiet(if of.is_empty() { "—".to_owned() } else { of.join("，") }),
            Cell::quiet(chinese_date(gap.last_asked_at.date())),
            Cell::badge(mark(gap.state), words::state(gap.state)),
        ]);
    }
    table.next(more.then(|| format!("{HERE}?state={}&from={}", wanted.state, from + SHOWN)));
    sheet(Frame::of(&session, HERE, text::TITLE), vec![tiles.to_string(), table.to_string()])
}

async fn page(
    Extract(state): Extract<State>,
    session: Session,
    Path(id): Path<String>,
    Query(looking): Query<Looking>,
) -> Result<Response, ApiError> {
    show(&state, &session, &id, &looking.q, Refused::Nothing).await
}

/// Which form came back.
enum Refused<'a> {
    Nothing,
    Draft(&'a Fields, ApiError),
    Other(&'static str, &'a Fields, ApiError),
}

async fn show(state: &State, session: &Session, id: &str, looking: &str, refused: Refused<'_>) -> Result<Response, ApiError> {
    let view = view(state, id).await?;
    if view.gap.id != id {
        // Merged into another since.
        return Ok(Redirect::to(&format!("{HERE}/{}", view.gap.id)).into_response());
    }
    let path = format!("{HERE}/{id}");
    let mut blocks = vec![Actions(vec![Action::open(HERE, text::BACK)]).to_string(), facts(&view).to_string()];
    if let Some(draft) = &view.draft {
        blocks.extend(shown(draft));
    }
    let mut wordings = Table::new(text::WORDINGS, &text::WORDING_HEADS, Empty::new(text::NO_WORDINGS, text::WORDINGS_CLEARED));
    for wording in &view.wordings {
        let on = Cell::quiet(chinese_date(wording.last_asked_at.date()));
        wordings.row(vec![Cell::text(&wording.wording), Cell::text(wording.asked.to_string()), on]);
    }
    let shown = i64::try_from(wordings.count()).unwrap_or(i64::MAX);
    if shown < view.many_wordings {
        wordings.note(text::most_asked_of(shown, view.many_wordings));
    }
    let waits = view.draft.as_ref().is_some_and(|draft| draft.returned.is_none());
    let returned = view.draft.is_some() && !waits;
    let (draft_refused, other) = match refused {
        Refused::Nothing => (None, None),
        Refused::Draft(fields, error) => (Some((fields, error)), None),
        Refused::Other(name, fields, error) => (None, Some((name, fields, error))),
    };
    let mut other = other;
    let mut folded = |name: &'static str, label: &str, form: Form| -> Result<String, ApiError> {
        match other.take_if(|(wrong, ..)| *wrong == name) {
            Some((_, fields, error)) => Ok(Fold::opened(label, &form.filled(fields).refused(error)?).to_string()),
            None => Ok(Fold::closed(label, &form).to_string()),
        }
    };
    if session.may(Permission::ApproveBulletins) && waits {
        let revision = view.draft.as_ref().map(|draft| draft.revision).unwrap_or_default();
        let approve = Form::new(session, format!("{path}/approve"), text::APPROVE)
            .hidden("revision", &revision.to_string())
            .field(Field::text("unit", text::UNIT).value(state.gaps.unit()).required().most(40));
        blocks.push(Note { title: text::APPROVAL.to_owned(), text: words::look_before() }.to_string());
        blocks.push(approve.to_string());
        let back = Form::new(session, format!("{path}/return"), text::RETURN)
            .field(Field::text("reason", text::RETURN_REASON).required().most(200));
        blocks.push(folded("return", text::RETURN_HEADING, back)?);
    }
    blocks.push(wordings.to_string());
    if session.may(Permission::Answer) {
        if view.gap.state == GapState::Dismissed {
            blocks.push(Actions(vec![Action::send(format!("{path}/reopen"), text::REOPEN, &session.csrf).first()]).to_string());
        } else {
            let open = draft_refused.is_some() || !looking.is_empty() || view.gap.state == GapState::Open || returned;
            let inside = drafting(state, session, &view, looking, draft_refused).await?;
            let label = if view.gap.document.is_some() || view.draft.is_some() { text::CHANGE_ANSWER } else { text::DRAFT_ANSWER };
            let fold = if open { Fold::opened(label, &inside) } else { Fold::closed(label, &inside) };
            blocks.push(fold.to_string());
        }
        if matches!(view.gap.state, GapState::Open | GapState::Drafting) {
            let form = Form::new(session, format!("{path}/dismiss"), text::DISMISS)
                .field(Field::text("reason", text::REASON).required().most(200));
            let label = if view.gap.document.is_some() { text::ANSWER_STANDS } else { text::NO_ANSWER_NEEDED };
            blocks.push(folded("dismiss", label, form)?);
        }
        blocks.extend(gap_moves::forms(state, session, &view).await?);
    }
    if session.may(Permission::ApproveBulletins) && view.gap.document.is_some() && view.gap.state == GapState::Published {
        let form =
            Form::new(session, format!("{path}/withdraw"), text::WITHDRAW).field(Field::text("reason", text::REASON).required().most(200));
        blocks.push(folded("withdraw", text::WITHDRAW_HEADING, form)?);
    }
    sheet(Frame::of(session, HERE, &view.gap.question), blocks)
}

fn facts(view: &GapView) -> Facts {
    let gap = &view.gap;
    let mut facts = vec![
        (text::STATE.to_owned(), Cell::badge(mark(gap.state), words::state(gap.state))),
        (text::ASKED.to_owned(), Cell::text(text::asked(gap.asked, gap.useless, gap.handed_off))),
    ];
    if !gap.note.is_empty() {
        facts.push((text::NOTE.to_owned(), Cell::text(&gap.note)));
    }
    if let Some(document) = &gap.document {
        facts.push((text::VERIFIED.to_owned(), Cell::link(format!("/console/documents/{document}"), text::SEE_VERIFIED)));
    }
    if let (Some(by), Some(at)) = (&gap.settled_by, gap.published_at) {
        facts.push((text::PUBLISHED_BY.to_owned(), Cell::quiet(format!("{by}，{}", words::published_on(at.date())))));
    }
    Facts(facts)
}

/// The draft as it would be published, with what it rests on.
fn shown(draft: &GapDraft) -> Vec<String> {
    let mut blocks = Vec::new();
    if let Some(reason) = &draft.returned {
        blocks.push(Note { title: text::RETURNED.to_owned(), text: reason.clone() }.to_string());
    }
    blocks.push(Note { title: draft.question.clone(), text: draft.answer.clone() }.to_string());
    let caption = text::sources(&draft.author, draft.revision);
    let mut sources = Table::new(&caption, &text::SOURCE_HEADS, Empty::new(text::NO_SOURCES, ""));
    for source in &draft.sources {
        sources.row(vec![
            Cell::link(format!("/console/documents/{}", source.document), &source.title),
            Cell::quiet(source.article.clone().unwrap_or_default()),
            Cell::text(&source.quote),
        ]);
    }
    blocks.push(sources.to_string());
    blocks
}

/// The form of a draft beside the passages it may rest on, and the way to look for others.
async fn drafting(
    state: &State,
    session: &Session,
    view: &GapView,
    looking: &str,
    refused: Option<(&Fields, ApiError)>,
) -> Result<String, ApiError> {
    let path = format!("{HERE}/{}", view.gap.id);
    let snapshot = state.answering.search().snapshot();
    let mut places: Vec<PassageRef> = Vec::new();
    if let Some(draft) = &view.draft {
        places.extend(draft.sources.iter().map(|source| PassageRef { document: source.document.clone(), passage: source.passage }));
    }
    let chosen = places.len();
    if let Some((fields, _)) = &refused {
        places.extend(fields.all("passages").into_iter().filter_map(place));
    }
    let about = if looking.trim().is_empty() { view.gap.question.as_str() } else { looking.trim() };
    places.extend(found(state, about).await?);
    let mut choices: Vec<(String, String)> = Vec::new();
    for place in &places {
        let value = key(place);
        if let Some(label) = label(place, &snapshot).filter(|_| !choices.iter().any(|(known, _)| *known == value)) {
            choices.push((value, label));
        }
    }
    let ticked: Vec<String> = places.iter().take(chosen).map(key).collect();
    let ticked: Vec<&str> = ticked.iter().map(String::as_str).collect();
    let none = choices.is_empty();
    let before = view.gap.document.as_deref().and_then(|document| snapshot.document(document));
    let (question, answer) = match (&view.draft, before) {
        (Some(draft), _) => (draft.question.clone(), draft.answer.clone()),
        (None, Some(document)) => (document.title.clone(), document.body.trim().to_owned()),
        (None, None) => (view.gap.question.clone(), String::new()),
    };
    let mut form = Form::new(session, format!("{path}/draft"), text::SUBMIT)
        .field(Field::text("question", text::QUESTION).value(question).hint(&words::question_hint()).required().most(100))
        .field(Field::ticks("passages", text::PASSAGES, choices).values(&ticked))
        .field(Field::long("answer", text::ANSWER).value(answer).hint(&words::answer_hint()).required().most(1_500));
    if let Some((fields, error)) = refused {
        form = form.filled(fields).refused(error)?;
    }
    let search = Form::search(path, text::FIND).field(Field::text("q", text::FIND_LABEL).value(looking).most(100));
    let hint = if none { Empty::new(text::NOTHING_NEAR, &words::no_passage()).to_string() } else { String::new() };
    Ok(format!("{search}{hint}{form}"))
}

/// The passages that the search finds for these words, or those of the document they name.
async fn found(state: &State, about: &str) -> Result<Vec<PassageRef>, ApiError> {
    let snapshot = state.answering.search().snapshot();
    let of = |document: &str| -> Vec<PassageRef> {
        let passages = snapshot.passages_of(document);
        passages.iter().map(|passage| PassageRef { document: document.to_owned(), passage: passage.ordinal }).collect()
    };
    let named = snapshot.document(about).or_else(|| snapshot.by_number(about).into_iter().next());
    if let Some(named) = named {
        return Ok(of(&named.id));
    }
    let ask = Ask { question: about.to_owned(), as_of: None, today: state.clock.now().date(), topic: None };
    let answering = state.answering.clone();
    let near = tokio::task::spawn_blocking(move || answering.passages_near(&ask, PASSAGES)).await;
    let near = near.map_err(|error| ApiError::Internal(error.into()))?;
    Ok(near.into_iter().map(|(document, passage)| PassageRef { document, passage }).collect())
}

fn key(place: &PassageRef) -> String {
    format!("{}#{}", place.document, place.passage)
}

fn place(key: &str) -> Option<PassageRef> {
    let (document, passage) = key.rsplit_once('#')?;
    Some(PassageRef { document: document.to_owned(), passage: passage.parse().ok()? })
}

fn label(place: &PassageRef, snapshot: &Snapshot) -> Option<String> {
    let document = snapshot.document(&place.document).filter(|document| document.verified.is_none())?;
    let passage = snapshot.passages_of(&place.document).into_iter().find(|passage| passage.ordinal == place.passage)?;
    let text: String = passage.text(document).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut quote: String = text.chars().take(PASSAGE_CHARACTERS).collect();
    if quote.len() < text.len() {
        quote.push('…');
    }
    let article = passage.article.as_deref().unwrap_or_default();
    Some(format!("《{}》{article}：{quote}", document.title))
}

async fn draft(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let new = NewDraft {
        question: fields.text("question").to_owned(),
        answer: fields.text("answer").replace('\r', ""),
        passages: fields.all("passages").into_iter().filter_map(place).collect(),
    };
    match state.gaps.draft(&id, &new, &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from) {
        Ok(_) => done(&state, &session, &format!("{HERE}/{id}"), &words::drafted()).await,
        Err(error) => show(&state, &session, &id, "", Refused::Draft(&fields, error)).await,
    }
}

async fn approve(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let revision = fields.text("revision").parse().unwrap_or_default();
    state.gaps.approve(&id, revision, fields.text("unit"), &Actor::from(&session), state.clock.now()).await?;
    state.freshness.refresh_if_changed().await?;
    done(&state, &session, &format!("{HERE}/{id}"), &words::published()).await
}

async fn give_back(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    match state.gaps.give_back(&id, fields.text("reason"), &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from) {
        Ok(_) => done(&state, &session, &format!("{HERE}/{id}"), &words::given_back()).await,
        Err(error) => show(&state, &session, &id, "", Refused::Other("return", &fields, error)).await,
    }
}

async fn dismiss(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    match state.gaps.dismiss(&id, fields.text("reason"), &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from) {
        Ok(_) => done(&state, &session, HERE, &words::dismissed()).await,
        Err(error) => show(&state, &session, &id, "", Refused::Other("dismiss", &fields, error)).await,
    }
}

async fn reopen(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.gaps.reopen(&id, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("{HERE}/{id}"), &words::reopened()).await
}

async fn withdraw(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    match state.gaps.withdraw(&id, fields.text("reason"), &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from) {
        Ok(_) => {
            state.freshness.refresh_if_changed().await?;
            done(&state, &session, &format!("{HERE}/{id}"), &words::withdrawn()).await
        }
        Err(error) => show(&state, &session, &id, "", Refused::Other("withdraw", &fields, error)).await,
    }
}
