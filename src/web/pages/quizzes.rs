//! The prize quiz on the web, with its draw, and the reader of an evening lesson. Who answers is a random token in a cookie, as in classes.

use std::collections::HashMap;
use std::time::Duration;

use askama::Template;
use axum::Form as FormBody;
use axum::extract::State as Extract;
use axum::extract::rejection::FormRejection;
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::{PageError, html};
use crate::broadcasts::Refused;
use crate::broadcasts::quiz_phones;
use crate::broadcasts::quizzes::{Choice, Quizzed, winners};
use crate::domain::draw::commitment;
use crate::domain::phone::Phone;
use crate::domain::quiz::QuizItem;
use crate::domain::time::Timestamp;
use crate::replies::quizzes as words;
use crate::replies::{pages, prize_quiz};
use crate::store::quizzes::{self, Entry, Quiz};
use crate::web::State;
use crate::web::extract::Path;
use crate::web::origin::same_origin;
use crate::web::person::Person;
use crate::web::problem::ApiError;
use crate::web::visitors::visitor;

const LONGEST_NAME: usize = 20;
const LONGEST_PHONE: usize = 20;
/// How long a quiz that is over stays in the list.
const SHOWN_AFTER: Duration = Duration::from_secs(30 * 24 * 3600);
/// Prefix of the form's fields.
const FIELD: &str = "q-";

#[derive(Template)]
#[template(path = "quizzes.html", config = "src/web/askama.toml")]
struct ListPage {
    here: &'static str,
    items: Vec<(String, String, String)>,
}

/// What the person may do.
enum Stage {
    Form,
    Answered,
    Nothing,
}

struct Question {
    key: String,
    number: usize,
    question: String,
    options: Vec<Offered>,
    /// After answering.
    told: Option<Told>,
}

struct Offered {
    number: usize,
    text: String,
    chosen: bool,
    right: bool,
}

struct Told {
    verdict: &'static str,
    mark: &'static str,
    explanation: String,
    source: String,
    page: String,
}

struct DrawShown {
    seed: String,
    entrants: String,
    winners: Vec<(i64, String)>,
}

#[derive(Template)]
#[template(path = "quiz.html", config = "src/web/askama.toml")]
struct QuizPage {
    here: &'static str,
    id: String,
    title: String,
    facts: Vec<(&'static str, String)>,
    said: Option<String>,
    failed: bool,
    stage: Stage,
    questions: Vec<Question>,
    name: String,
    /// As typed, where it has to be corrected.
    phone: String,
    agreement: String,
    /// The private chat in which whoever answered in a group is told how they stand; none without a bot, or once it is drawn.
    chat: Option<String>,
    /// Whether whoever answered may still give a mobile number and be drawn.
    may_join: bool,
    kept: Vec<String>,
    seed_hash: String,
    method: &'static str,
    draw: Option<DrawShown>,
}

#[derive(Template)]
#[template(path = "lesson.html", config = "src/web/askama.toml")]
struct LessonPage {
    here: &'static str,
    title: String,
    documents: Vec<Read>,
}

struct Read {
    title: String,
    number: String,
    page: String,
    lines: Vec<String>,
}

/// Every prize quiz that is open or will be, and for a while those that are over: whoever took part looks for the draw.
pub async fn list(Extract(state): Extract<State>) -> Result<Response, PageError> {
    let now = state.clock.now();
    let found = quizzes::closing_after(&mut *state.store.read().await?, now.minus(SHOWN_AFTER)).await?;
    let mut items = Vec::new();
    for quiz in found {
        if let Some(quiz) = state.broadcasts.public_quiz(&quiz.id).await? {
            let standing = match quiz.drawn_at {
                Some(_) => words::drawn_here(),
                None if now >= quiz.closes_at => words::closed(quiz.closes_at),
                None => pages::until(quiz.closes_at),
            };
            items.push((quiz.id, quiz.title, standing));
        }
    }
    html(&ListPage { here: "", items })
}

/// One prize quiz: its questions, one's own score, or the draw.
pub async fn page(Extract(state): Extract<State>, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, PageError> {
    show(&state, &id, Person::of(&headers).as_ref(), None).await
}

/// Takes the answers.
pub async fn answer(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
    extensions: Extensions,
    typed: Result<FormBody<HashMap<String, String>>, FormRejection>,
) -> Result<Response, PageError> {
    same_origin(&headers, &state.public_url)?;
    let now = state.clock.now();
    state.visitors.count(visitor(&headers, &extensions), now)?;
    state.broadcasts.public_quiz(&id).await?.ok_or_else(|| ApiError::NotFound(pages::not_found()))?;
    let typed = typed.map(|FormBody(typed)| typed).unwrap_or_default();
    let name = typed.get("name").map(|name| name.trim().to_owned()).unwrap_or_default();
    let choices: Vec<Choice> = typed
        .iter()
        .filter_map(|(field, value)| Some(Choice { item: field.strip_prefix(FIELD)?.to_owned(), choice: value.parse().ok()? }))
        .collect();
    let person = Person::of(&headers).unwrap_or_else(Person::fresh);
    let kept = |said: String| Kept { said, name: name.clone(), phone: phone_typed(&typed), choices: choices.clone() };
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return show(&state, &id, Some(&person), Some(kept(words::wrong_name(LONGEST_NAME)))).await;
    }
    let phone = match read_phone(&typed) {
        Ok(phone) => phone,
        Err(said) => return show(&state, &id, Some(&person), Some(kept(said))).await,
    };
    let who = Quizzed { channel: "web", person: person.id(), name: &name, phone: phone.as_ref() };
    match state.broadcasts.answer_quiz(&id, who, &choices, now).await {
        Ok(_) => {
            let mut response = Redirect::to(&format!("/quizzes/{id}")).into_response();
            response.headers_mut().insert(header::SET_COOKIE, person.cookie(&state.public_url));
            Ok(response)
        }
        Err(Refused::Invalid { detail, .. } | Refused::Conflict(detail)) => show(&state, &id, Some(&person), Some(kept(detail))).await,
        Err(other) => Err(ApiError::from(other).into()),
    }
}

/// Puts whoever answered without a mobile number into the draw.
pub async fn join(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
    extensions: Extensions,
    typed: Result<FormBody<HashMap<String, String>>, FormRejection>,
) -> Result<Response, PageError> {
    same_origin(&headers, &state.public_url)?;
    let now = state.clock.now();
    state.visitors.count(visitor(&headers, &extensions), now)?;
    state.broadcasts.public_quiz(&id).await?.ok_or_else(|| ApiError::NotFound(pages::not_found()))?;
    let typed = typed.map(|FormBody(typed)| typed).unwrap_or_default();
    let Some(person) = Person::of(&headers) else { return Ok(Redirect::to(&format!("/quizzes/{id}")).into_response()) };
    let joined = match read_phone(&typed) {
        Ok(phone) => {
            let who = Quizzed { channel: "web", person: person.id(), name: "", phone: phone.as_ref() };
            let mut tx = state.store.begin().await?;
            match state.broadcasts.join_draw(&mut tx, &id, who, now).await {
                Ok(_) => {
                    tx.commit().await?;
                    Ok(())
                }
                Err(Refused::Invalid { detail, .. } | Refused::Conflict(detail)) => Err(detail),
                Err(other) => return Err(ApiError::from(other).into()),
            }
        }
        Err(said) => Err(said),
    };
    match joined {
        Ok(()) => Ok(Redirect::to(&format!("/quizzes/{id}")).into_response()),
        Err(said) => {
            let (_, choices) = state.broadcasts.my_entries(&id, "web", person.id()).await?;
            let choices = choices.into_iter().map(|(item, choice)| Choice { item, choice }).collect();
            show(&state, &id, Some(&person), Some(Kept { said, name: String::new(), phone: phone_typed(&typed), choices })).await
        }
    }
}

fn phone_typed(typed: &HashMap<String, String>) -> String {
    typed.get("phone").map(|text| text.trim().chars().take(LONGEST_PHONE).collect()).unwrap_or_default()
}

/// The mobile number somebody gave with their consent; none where the field was left empty.
fn read_phone(typed: &HashMap<String, String>) -> Result<Option<Phone>, String> {
    let text = phone_typed(typed);
    if text.is_empty() {
        return Ok(None);
    }
    let phone = Phone::parse(&text).ok_or_else(prize_quiz::wrong_phone)?;
    if !typed.contains_key("agree") {
        return Err(prize_quiz::not_agreed());
    }
    Ok(Some(phone))
}

/// What was typed and could not be taken.
struct Kept {
    said: String,
    name: String,
    phone: String,
    choices: Vec<Choice>,
}

async fn show(state: &State, id: &str, person: Option<&Person>, kept: Option<Kept>) -> Result<Response, PageError> {
    let now = state.clock.now();
    let quiz = state.broadcasts.public_quiz(id).await?.ok_or_else(|| ApiError::NotFound(pages::not_found()))?;
    let (entries, chosen) = match person {
        Some(person) => state.broadcasts.my_entries(id, "web", person.id()).await?,
        None => (Vec::new(), Vec::new()),
    };
    let entry = entries.last();
    let stage = match entry {
        Some(_) => Stage::Answered,
        None if quiz.opens_at <= now && now < quiz.closes_at => Stage::Form,
        None => Stage::Nothing,
    };
    let failed = kept.is_some();
    let (said, name, phone, typed) = match kept {
        Some(Kept { said, name, phone, choices }) => {
            (Some(said), name, phone, choices.into_iter().map(|choice| (choice.item, choice.choice)).collect())
        }
        None => (standing(&quiz, entry, now), String::new(), String::new(), chosen),
    };
    let days = state.config.retention.quiz_days;
    let questions = match stage {
        Stage::Nothing => Vec::new(),
        Stage::Form => {
            state.broadcasts.asked(&quiz, now).into_iter().enumerate().map(|(at, item)| question(at, item, &typed, None)).collect()
        }
        Stage::Answered => {
            let answered = quiz.items.iter().filter(|item| typed.iter().any(|(key, _)| *key == item.key));
            answered.enumerate().map(|(at, item)| question(at, item, &typed, Some(state))).collect()
        }
    };
    let draw = match &quiz.drawn {
        Some(drawn) => {
            let (_, entries) = state.broadcasts.quiz_entries(id).await?;
            let entrants: Vec<String> = drawn.entrants.iter().map(ToString::to_string).collect();
            Some(DrawShown { seed: quiz.seed.clone(), entrants: entrants.join("、"), winners: winners(drawn, &entries) })
        }
        None => None,
    };
    let mut response = html(&QuizPage {
        here: "",
        facts: pages::quiz_facts(quiz.opens_at, quiz.closes_at, &quiz.prize, quiz.winners, quiz.pass_percent),
        said,
        failed,
        stage,
        questions,
        name,
        phone,
        agreement: prize_quiz::agreement(days),
        chat: state.bot_name().filter(|_| entry.is_none()).map(|bot| format!("https://t.me/{bot}?start=quiz_{}", quiz.id)),
        may_join: now < quiz.closes_at && entry.is_some_and(|entry| quiz.passed(entry) && !quiz.is_one_person(entry)),
        kept: prize_quiz::kept(days, quiz.drawn_by),
        seed_hash: commitment(&quiz.seed),
        method: prize_quiz::method(),
        draw,
        id: quiz.id,
        title: quiz.title,
    })?;
    if failed {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn standing(quiz: &Quiz, entry: Option<&Entry>, now: Timestamp) -> Option<String> {
    match entry {
        Some(entry) => Some(quiz_phones::standing(quiz, entry, now)),
        None if now < quiz.opens_at => Some(words::not_open_yet(quiz.opens_at)),
        None if now >= quiz.closes_at => Some(words::closed(quiz.closes_at)),
        None => None,
    }
}

/// A question to ask; with `told` set, what was right and why.
fn question(at: usize, item: &QuizItem, chosen: &[(String, usize)], told: Option<&State>) -> Question {
    let choice = chosen.iter().find(|(key, _)| *key == item.key).map(|(_, choice)| *choice);
    let options = (1..)
        .zip(&item.options)
        .map(|(number, text)| Offered {
            number,
            text: text.clone(),
            chosen: choice == Some(number),
            right: told.is_some() && item.is_right(number),
        })
        .collect();
    let told = told.map(|state| {
        let right = choice.is_some_and(|choice| item.is_right(choice));
        let document = state.answering.search().snapshot().document(&item.document).map(|document| document.title.clone());
        Told {
            verdict: words::verdict(right),
            mark: if right { "open" } else { "full" },
            explanation: item.explanation.clone(),
            source: document.unwrap_or_default(),
            page: format!("/policies/{}", item.document),
        }
    });
    Question { key: item.key.clone(), number: at + 1, question: item.question.clone(), options, told }
}

/// The passages an evening lesson is about.
pub async fn lesson(Extract(state): Extract<State>, Path(name): Path<String>) -> Result<Response, PageError> {
    let bank = state.broadcasts.quiz_bank(&name).await?;
    let read = state.broadcasts.lesson(&bank, state.clock.now());
    let documents = read
        .into_iter()
        .map(|(document, lines)| Read {
            page: format!("/policies/{}", document.id),
            number: document.number.clone().unwrap_or_default(),
            title: document.title,
            lines,
        })
        .collect();
    html(&LessonPage { here: "", title: bank.title, documents })
}
