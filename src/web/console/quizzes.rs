//! Quizzes in the console: the banks and what is blocked in them, making a quiz, taking the staff's one, scores, announcement and draw.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use chrono::NaiveDateTime;

use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Facts, Note, Table};
use super::{Frame, Pages, done, html, sheet};
use crate::broadcasts::Actor;
use crate::broadcasts::quiz_phones::PrizeCheck;
use crate::broadcasts::quizzes::{Choice, NewQuiz, Quizzed, winners};
use crate::domain::bulletin::Targets;
use crate::domain::draw::commitment;
use crate::domain::phone::Phone;
use crate::domain::quiz::{QuizItem, QuizKind};
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::replies::console_pages::quizzes as text;
use crate::replies::{prize_quiz, quizzes as words};
use crate::store::quizzes::{self, Entry, Quiz};
use crate::web::State;
use crate::web::extract::{Path, Query};
use crate::web::paging::{Page as Listed, Paging, Place};
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

const HERE: &str = "/console/quizzes";
const STAFF: &str = "/console/quizzes/staff";
const PRIZE: &str = "/console/quizzes/prize";
/// Prefix of a question's field.
const QUESTION: &str = "q-";

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get(HERE, Permission::Read, list)
        .get(STAFF, Permission::WriteClasses, new_staff)
        .post(STAFF, Permission::WriteClasses, create_staff)
        .get(PRIZE, Permission::WriteCampaigns, new_prize)
        .post(PRIZE, Permission::WriteCampaigns, create_prize)
        .get("/console/quizzes/{id}", Permission::Read, page)
        .post("/console/quizzes/{id}/answers", Permission::Read, answer)
        .post("/console/quizzes/{id}/announce", Permission::WriteCampaigns, announce)
        .post("/console/quizzes/{id}/draw", Permission::WriteCampaigns, draw)
        .post("/console/quizzes/{id}/prize-check", Permission::WriteCampaigns, check_prize)
}

#[derive(Template)]
#[template(path = "console/quiz.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    /// Above the questions.
    blocks: Vec<String>,
    path: String,
    trouble: String,
    questions: Vec<Question>,
    /// Below the questions.
    results: String,
}

struct Question {
    key: String,
    number: usize,
    question: String,
    options: Vec<(usize, String, bool)>,
}

async fn list(Extract(state): Extract<State>, session: Session, paging: Paging) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let mut actions = Vec::new();
    if session.may(Permission::WriteClasses) {
        actions.push(Action::open(STAFF, text::NEW_STAFF).first());
    }
    if session.may(Permission::WriteCampaigns) {
        actions.push(Action::open(PRIZE, text::NEW_PRIZE).first());
    }
    let empty = Empty::new(text::NONE_YET, &words::none_yet());
    let mut table = Table::new(text::TITLE, &text::HEADS, empty);
    let found = quizzes::list(&mut *state.store.read().await?, &paging.after, paging.probe()).await?;
    let page = Listed::of(found, &paging, |quiz| quiz.id.clone());
    for quiz in page.items {
        let (mark, standing) = standing(&quiz, now);
        table.row(vec![
            Cell::link(format!("{HERE}/{}", quiz.id), quiz.title),
            Cell::quiet(words::kind(quiz.kind)),
            Cell::text(quiz.opens_at.chinese()),
            Cell::text(quiz.closes_at.chinese()),
            Cell::badge(mark, standing),
        ]);
    }
    table.next(page.next_cursor.map(|cursor| format!("{HERE}?cursor={cursor}")));
    let mut banks = Table::new(text::BANKS, &text::BANK_HEADS, Empty::new(text::NO_BANK, &words::no_bank()));
    let mut blocked = Vec::new();
    for (name, bank) in state.broadcasts.quiz_banks().await? {
        let why: Vec<String> =
            bank.items.iter().filter_map(|item| Some(format!("{}：{}", item.question, state.broadcasts.why_blocked(item, now)?))).collect();
        banks.row(vec![
            Cell::quiet(&name),
            Cell::text(bank.title),
            Cell::text(bank.items.len().to_string()),
            if why.is_empty() { Cell::text(text::NONE_BLOCKED) } else { Cell::badge("bad", text::blocked(why.len())) },
            Cell::Actions(vec![Action::open(format!("/lessons/{name}"), text::READ)]),
        ]);
        blocked.extend(why);
    }
    let mut blocks = vec![Actions(actions).to_string(), table.to_string(), banks.to_string()];
    if !blocked.is_empty() {
        blocks.push(Note { title: words::blocked_title(), text: blocked.join("\n") }.to_string());
    }
    sheet(Frame::of(&session, HERE, text::TITLE), blocks)
}

fn standing(quiz: &Quiz, now: Timestamp) -> (&'static str, &'static str) {
    if quiz.drawn_at.is_some() {
        ("plain", text::DRAWN)
    } else if now < quiz.opens_at {
        ("wait", text::NOT_OPEN)
    } else if now < quiz.closes_at {
        ("good", text::OPEN)
    } else {
        ("plain", text::CLOSED)
    }
}

async fn new_form(state: &State, session: &Session, kind: QuizKind) -> Result<Form, ApiError> {
    let banks = state.broadcasts.quiz_banks().await?;
    let banks = banks.into_iter().map(|(name, bank)| (name, text::bank(&bank.title, bank.items.len())));
    let path = if kind == QuizKind::Staff { STAFF } else { PRIZE };
    let form = Form::new(session, path, text::SAVE)
        .field(Field::text("title", text::NAME).required().most(80))
        .field(Field::choice("bank", text::BANKS, banks))
        .field(Field::text("items", text::ITEMS).hint(&words::items_hint()))
        .field(Field::time("opens_at", text::OPENS_AT).required())
        .field(Field::time("closes_at", text::CLOSES_AT).required())
        .field(Field::number("pass_percent", text::PASS_PERCENT).value("80"));
    Ok(match kind {
        QuizKind::Staff => form.field(Field::number("attempts", text::ATTEMPTS).value("2")),
        QuizKind::Prize => {
            form.field(Field::number("winners", text::WINNERS).value("10")).field(Field::text("prize", text::PRIZE).most(200))
        }
    })
}

fn heading(kind: QuizKind) -> &'static str {
    if kind == QuizKind::Staff { text::NEW_STAFF } else { text::NEW_PRIZE }
}

async fn new_staff(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let form = new_form(&state, &session, QuizKind::Staff).await?;
    sheet(Frame::of(&session, HERE, heading(QuizKind::Staff)), vec![form.to_string()])
}

async fn new_prize(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let form = new_form(&state, &session, QuizKind::Prize).await?;
    sheet(Frame::of(&session, HERE, heading(QuizKind::Prize)), vec![form.to_string()])
}

async fn create_staff(Extract(state): Extract<State>, session: Session, fields: Fields) -> Result<Response, ApiError> {
    create(&state, &session, &fields, QuizKind::Staff).await
}

async fn create_prize(Extract(state): Extract<State>, session: Session, fields: Fields) -> Result<Response, ApiError> {
    create(&state, &session, &fields, QuizKind::Prize).await
}

async fn create(state: &State, session: &Session, fields: &Fields, kind: QuizKind) -> Result<Response, ApiError> {
    let made = match read(fields, kind) {
        Ok(new) => state.broadcasts.create_quiz(new, &Actor::from(session), state.clock.now()).await.map_err(ApiError::from),
        Err(error) => Err(error),
    };
    match made {
        Ok(quiz) => done(state, session, &format!("{HERE}/{}", quiz.id), &words::made(kind)).await,
        Err(error) => {
            let form = new_form(state, session, kind).await?.filled(fields).refused(error)?;
            sheet(Frame::of(session, HERE, heading(kind)), vec![form.to_string()])
        }
    }
}

fn read(fields: &Fields, kind: QuizKind) -> Result<NewQuiz, ApiError> {
    let time = |name: &'static str| {
        let found = NaiveDateTime::parse_from_str(fields.text(name), "%Y-%m-%dT%H:%M").ok();
        found.map(Timestamp::from_local).ok_or_else(|| ApiError::invalid(name, words::no_time()))
    };
    let number = |name: &'static str| match fields.text(name) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| ApiError::invalid(name, words::no_number())),
    };
    Ok(NewQuiz {
        kind,
        title: fields.text("title").to_owned(),
        bank: fields.text("bank").to_owned(),
        items: fields.text("items").split(['、', ',', '，', ' ']).map(str::trim).filter(|key| !key.is_empty()).map(str::to_owned).collect(),
        opens_at: time("opens_at")?,
        closes_at: time("closes_at")?,
        attempts: number("attempts")?,
        pass_percent: number("pass_percent")?,
        winners: number("winners")?,
        prize: fields.text("prize").to_owned(),
    })
}

async fn page(
    Extract(state): Extract<State>,
    session: Session,
    Path(id): Path<String>,
    Query(place): Query<Place>,
) -> Result<Response, ApiError> {
    show(&state, &session, &id, place, None).await
}

async fn show(
    state: &State,
    session: &Session,
    id: &str,
    place: Place,
    refused: Option<(&Fields, ApiError)>,
) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let (quiz, entries) = state.broadcasts.quiz_entries(id).await?;
    let mine = entries.iter().filter(|entry| entry.channel == "staff" && entry.person == session.staff.user_id).count();
    let left = quiz.attempts - i64::try_from(mine).unwrap_or(i64::MAX);
    let open = quiz.kind == QuizKind::Staff && quiz.opens_at <= now && now < quiz.closes_at && left > 0;
    let (typed, trouble) = match refused {
        Some((fields, error)) => (Some(fields), error.detail()),
        None => (None, String::new()),
    };
    let asked = state.broadcasts.asked(&quiz, now);
    let questions = if open { asked.iter().enumerate().map(|(at, item)| question(at, item, typed)).collect() } else { Vec::new() };
    let (mark, said) = standing(&quiz, now);
    let mut facts = vec![
        (text::KIND.to_owned(), Cell::text(words::kind(quiz.kind))),
        (text::STATE.to_owned(), Cell::badge(mark, said)),
        (text::TIME.to_owned(), Cell::text(text::from_to(&quiz.opens_at.chinese(), &quiz.closes_at.chinese()))),
        (text::QUESTIONS.to_owned(), Cell::text(words::counted(asked.len(), quiz.items.len() - asked.len()))),
        (text::PASS.to_owned(), Cell::text(format!("{}%", quiz.pass_percent))),
    ];
    match quiz.kind {
        QuizKind::Staff => facts.push((text::LEFT.to_owned(), Cell::text(text::attempts_left(left.max(0))))),
        QuizKind::Prize => {
            facts.push((text::SEED.to_owned(), Cell::quiet(commitment(&quiz.seed))));
            facts.push((text::PAGE.to_owned(), Cell::link(format!("/quizzes/{id}"), text::OPEN_PAGE)));
        }
    }
    let mut blocks = vec![Facts(facts).to_string()];
    if quiz.kind == QuizKind::Prize && session.may(Permission::WriteCampaigns) {
        blocks.extend(steps(session, &quiz, now));
    }
    blocks.extend(draw_note(&quiz, &entries));
    html(&Page {
        frame: Frame::of(session, HERE, &quiz.title),
        blocks,
        path: format!("{HERE}/{id}/answers"),
        trouble,
        questions,
        results: results(&quiz, &entries, place),
    })
}

/// What publicity does next with a prize quiz.
fn steps(session: &Session, quiz: &Quiz, now: Timestamp) -> Vec<String> {
    let path = format!("{HERE}/{}", quiz.id);
    if quiz.bulletin_id.is_none() {
        let form = Form::new(session, format!("{path}/announce"), text::ANNOUNCE)
            .field(Field::text("tags", text::TAGS).value("*").hint(&words::tags_hint()).required());
        return vec![form.to_string()];
    }
    if quiz.drawn_at.is_some() {
        return vec![prize_form(session, quiz).to_string()];
    }
    if now >= quiz.closes_at {
        return vec![Actions(vec![Action::send(format!("{path}/draw"), text::DRAW, &session.csrf).first()]).to_string()];
    }
    vec![Actions(vec![Action::open(format!("/sheets?kind=quiz&id={}", quiz.id), text::PRINT_CODE)]).to_string()]
}

/// The draw, once it was made.
fn draw_note(quiz: &Quiz, entries: &[Entry]) -> Option<String> {
    let drawn = quiz.drawn.as_ref()?;
    let won: Vec<String> = winners(drawn, entries).into_iter().map(|(number, name)| text::winner(number, &name)).collect();
    let text = words::drawn(drawn.entrants.len(), &won, &quiz.seed);
    Some(Note { title: text::RESULT_OF_DRAW.to_owned(), text }.to_string())
}

fn results(quiz: &Quiz, entries: &[Entry], place: Place) -> String {
    let mut table = Table::new(text::RESULTS, &text::RESULT_HEADS, Empty::new(text::NOBODY_YET, &words::nobody_yet()));
    for entry in place.of(entries) {
        let name = match quiz.kind {
            QuizKind::Staff => entry.display_name.clone(),
            QuizKind::Prize => prize_quiz::shortened_name(&entry.display_name),
        };
        let (mark, result) = match quiz.passed(entry) {
            true if quiz.kind == QuizKind::Prize && quiz.drawn.is_none() && !quiz.is_one_person(entry) => ("wait", prize_quiz::NOT_IN_DRAW),
            true => ("good", text::PASSED),
            false => ("bad", text::FAILED),
        };
        table.row(vec![
            Cell::quiet(entry.number.to_string()),
            Cell::text(name),
            Cell::text(entry.attempt.to_string()),
            Cell::text(format!("{} / {}", entry.correct, entry.total)),
            Cell::badge(mark, result),
            Cell::quiet(entry.created_at.chinese()),
        ]);
    }
    table.next(place.next(entries).map(|next| format!("{HERE}/{}?from={next}", quiz.id)));
    table.to_string()
}

fn question(at: usize, item: &QuizItem, typed: Option<&Fields>) -> Question {
    let chosen = typed.map(|fields| fields.text(&format!("{QUESTION}{}", item.key)).to_owned()).unwrap_or_default();
    let options = (1..).zip(&item.options).map(|(number, text)| (number, text.clone(), chosen == number.to_string())).collect();
    Question { key: item.key.clone(), number: at + 1, question: item.question.clone(), options }
}

async fn answer(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let quiz = state.broadcasts.quiz(&id).await?;
    if quiz.kind != QuizKind::Staff {
        return Err(ApiError::no_such(text::EXAM));
    }
    let choices: Vec<Choice> = quiz
        .items
        .iter()
        .filter_map(|item| {
            let choice = fields.text(&format!("{QUESTION}{}", item.key)).parse().ok()?;
            Some(Choice { item: item.key.clone(), choice })
        })
        .collect();
    let who = Quizzed { channel: "staff", person: &session.staff.user_id, name: &session.staff.name, phone: None };
    match state.broadcasts.answer_quiz(&id, who, &choices, state.clock.now()).await.map_err(ApiError::from) {
        Ok(entry) => {
            let said = if quiz.passed(&entry) {
                words::staff_passed(entry.correct, entry.total)
            } else {
                words::staff_failed(entry.correct, entry.total)
            };
            done(&state, &session, &format!("{HERE}/{id}"), &said).await
        }
        Err(error @ (ApiError::Invalid { .. } | ApiError::Conflict(_))) => {
            show(&state, &session, &id, Place::default(), Some((&fields, error))).await
        }
        Err(error) => Err(error),
    }
}

async fn announce(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let tags = fields.text("tags").split(['、', ',', '，', ' ']).map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    let targets = Targets { channels: Vec::new(), tags };
    state.broadcasts.announce_quiz(&id, targets, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("{HERE}/{id}"), &words::announced()).await
}

fn prize_form(session: &Session, quiz: &Quiz) -> Form {
    Form::new(session, format!("{HERE}/{}/prize-check", quiz.id), prize_quiz::PRIZE_CHECK)
        .field(Field::text("phone", prize_quiz::PRIZE_PHONE).required().most(20).hint(prize_quiz::prize_check_hint(quiz.drawn_by)))
}

async fn check_prize(
    Extract(state): Extract<State>,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, ApiError> {
    let Some(phone) = Phone::parse(fields.text("phone")) else {
        let quiz = state.broadcasts.quiz(&id).await?;
        let form = prize_form(&session, &quiz).filled(&fields).refused(ApiError::invalid("phone", prize_quiz::wrong_phone()))?;
        return sheet(Frame::of(&session, HERE, prize_quiz::PRIZE_CHECK), vec![form.to_string()]);
    };
    let found = state.broadcasts.check_prize(&id, &phone, &Actor::from(&session), state.clock.now()).await?;
    let told = match found {
        PrizeCheck::Unknown => prize_quiz::prize_checked(false, None),
        PrizeCheck::NotWon(number) => prize_quiz::prize_checked(false, Some(number)),
        PrizeCheck::Won(number) => prize_quiz::prize_checked(true, Some(number)),
    };
    done(&state, &session, &format!("{HERE}/{id}"), &told).await
}

async fn draw(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.draw_quiz(&id, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("{HERE}/{id}"), &words::result_drafted()).await
}
