//! A class afterwards: figures, survey, comments, votes; and what is still to be sent: materials, a vote, the survey's questions.

use axum::extract::State as Extract;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::response::Response;
use chrono::NaiveDateTime;

use super::chart::{Point, columns};
use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Fold, Note, Table, Tile, Tiles};
use super::{Frame, Pages, done, sheet};
use crate::broadcasts::Actor;
use crate::broadcasts::materials::{FILE_BYTES, LONGEST_TITLE};
use crate::domain::class_summary::{ClassSummary, QuestionSummary, VoteResult};
use crate::domain::staff::Permission;
use crate::domain::survey::{Kind, Question};
use crate::domain::time::Timestamp;
use crate::replies::console_pages::class_summary as text;
use crate::replies::{after_class as said, class_summary as words};
use crate::store::materials::{Material, Place};
use crate::store::surveys::Survey;
use crate::web::State;
use crate::web::api::after_class::{file, keep};
use crate::web::extract::{JSON_BYTES, Path};
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

const KINDS: [Kind; 3] = [Kind::Score, Kind::Words, Kind::Unclear];
/// Comments on the page; the workbook has them all.
const MOST_COMMENTS: usize = 50;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/console/classes/{id}/summary", Permission::Read, page)
        .get("/console/classes/{id}/summary/xlsx", Permission::Read, download)
        .upload("/console/classes/{id}/materials", Permission::WriteClasses, FILE_BYTES + JSON_BYTES, add_material)
        .post("/console/classes/{id}/materials/push", Permission::WriteClasses, push)
        .post("/console/classes/{id}/materials/{material}/remove", Permission::WriteClasses, remove)
        .post("/console/classes/{id}/vote", Permission::WriteClasses, begin_vote)
        .post("/console/classes/{id}/survey", Permission::WriteClasses, set_survey)
}

/// A form that came back with a refusal.
#[derive(Default)]
struct Refusals {
    material: Option<Form>,
    vote: Option<Form>,
    survey: Option<Form>,
}

async fn page(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    show(&state, &session, &id, Refusals::default()).await
}

async fn download(Extract(state): Extract<State>, Path(id): Path<String>) -> Result<Response, ApiError> {
    file(&state.broadcasts.class_summary(&id, state.clock.now()).await?)
}

async fn show(state: &State, session: &Session, id: &str, refusals: Refusals) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let summary = state.broadcasts.class_summary(id, now).await?;
    let materials = state.broadcasts.materials(id).await?;
    let survey = state.broadcasts.survey(id).await?;
    let may = session.may(Permission::WriteClasses);
    let here = here(id);
    let actions = vec![Action::open(format!("/console/classes/{id}"), text::BACK), Action::open(format!("{here}/xlsx"), text::DOWNLOAD)];
    let mut blocks = vec![Actions(actions).to_string(), tiles(&summary).to_string()];
    blocks.push(heading(text::SURVEY));
    blocks.extend(survey_blocks(&summary));
    if may && survey.opened_at.is_none() {
        let form = refusals.survey.as_ref().map(|form| Fold::opened(text::CHANGE_SURVEY, form));
        blocks.push(form.unwrap_or_else(|| Fold::closed(text::CHANGE_SURVEY, &survey_form(session, id, &survey))).to_string());
    }
    blocks.push(heading(words::VOTES));
    if summary.votes.is_empty() {
        blocks.push(Empty::new(text::NO_VOTE, text::VOTE_TELLS).to_string());
    }
    for vote in &summary.votes {
        blocks.extend(vote_blocks(vote, state, now));
    }
    if may && summary.votes.iter().all(|vote| vote.closes_at <= now) {
        let form = refusals.vote.as_ref().map(|form| Fold::opened(text::BEGIN_VOTE, form));
        blocks.push(form.unwrap_or_else(|| Fold::closed(text::BEGIN_VOTE, &vote_form(session, id))).to_string());
    }
    blocks.push(heading(text::MATERIALS));
    if may && materials.iter().any(|material| material.pushed_at.is_none()) {
        let push = Action::send(format!("/console/classes/{id}/materials/push"), text::PUSH, &session.csrf).first();
        blocks.push(Actions(vec![push]).to_string());
    }
    blocks.push(material_table(state, session, id, &materials).to_string());
    if may {
        let form = refusals.material.as_ref().map(|form| Fold::opened(text::ADD_MATERIAL, form));
        blocks.push(form.unwrap_or_else(|| Fold::closed(text::ADD_MATERIAL, &material_form(session, id))).to_string());
    }
    sheet(Frame::of(session, "/console/classes", &text::title(&summary.class.title)), blocks)
}

fn here(id: &str) -> String {
    format!("/console/classes/{id}/summary")
}

fn heading(text: &str) -> String {
    format!("<h2>{text}</h2>")
}

fn tiles(summary: &ClassSummary) -> Tiles {
    let mark = |name: &str, many: i64| match name {
        text::CAME if many > 0 => "good",
        text::ABSENT | text::WAITING if many > 0 => "wait",
        _ => "plain",
    };
    let tile = |(name, many): (&str, i64)| Tile { label: name.to_owned(), value: many.to_string(), path: None, mark: mark(name, many) };
    Tiles(words::figures(summary).into_iter().map(tile).collect())
}

fn survey_blocks(summary: &ClassSummary) -> Vec<String> {
    let survey = &summary.survey;
    if survey.questions.is_empty() {
        return vec![Empty::new(text::NO_SURVEY, text::SURVEY_TELLS).to_string()];
    }
    if survey.asked == 0 {
        let text = if summary.ended { text::ASKED_NOBODY } else { text::ASKED_LATER };
        let questions: Vec<String> = survey.questions.iter().map(|question| question.text.clone()).collect();
        return vec![
            Empty::new(text::NO_ANSWER, text).to_string(),
            Note { title: text::QUESTIONS.to_owned(), text: questions.join(" / ") }.to_string(),
        ];
    }
    let mut blocks = vec![Note { title: String::new(), text: words::answered(survey) }.to_string()];
    for question in &survey.questions {
        blocks.push(match question.kind {
            Kind::Score => scores(question),
            Kind::Words | Kind::Unclear => comments(question).to_string(),
        });
    }
    blocks
}

fn scores(question: &QuestionSummary) -> String {
    let title = words::scored(question);
    let points: Vec<Point> =
        (1..).zip(&question.scores).map(|(score, many): (i64, &i64)| Point { label: text::score(score), values: vec![*many] }).collect();
    let chart = if question.mean.is_some() { columns(&title, &[text::PEOPLE], &points) } else { String::new() };
    format!("{}{chart}", Note { title: String::new(), text: title })
}

fn comments(question: &QuestionSummary) -> Table {
    let mut table = Table::new(&question.text, &[text::COMMENTS], Empty::new(&question.text, text::NO_COMMENT));
    for comment in question.comments.iter().take(MOST_COMMENTS) {
        table.row(vec![Cell::text(comment.clone())]);
    }
    if question.comments.len() > MOST_COMMENTS {
        table.note(text::comments_cut(MOST_COMMENTS, question.comments.len()));
    }
    table
}

fn vote_blocks(vote: &VoteResult, state: &State, now: Timestamp) -> Vec<String> {
    let mut table = Table::new(words::VOTES, &text::VOTE_HEADS, Empty::new(text::NO_TOPIC, ""));
    let most = vote.topics.iter().map(|topic| topic.ballots).max().unwrap_or(0);
    for topic in &vote.topics {
        let many = topic.ballots.to_string();
        let many = if most > 0 && topic.ballots == most { Cell::badge("good", many) } else { Cell::text(many) };
        table.row(vec![Cell::text(topic.topic.clone()), many]);
    }
    let page = format!("{}/votes/{}", state.public_url, vote.id);
    vec![
        Note { title: String::new(), text: words::vote_line(vote, now) }.to_string(),
        Actions(vec![Action::open(page, text::OPEN_VOTE)]).to_string(),
        table.to_string(),
    ]
}

fn material_table(state: &State, session: &Session, id: &str, materials: &[Material]) -> Table {
    let empty = Empty::new(text::NO_MATERIAL, text::MATERIALS_TELL);
    let mut table = Table::new(text::MATERIALS, &text::MATERIAL_HEADS, empty);
    for material in materials {
        let kind = match &material.place {
            Place::Link(_) => text::LINK.to_owned(),
            Place::File { bytes, .. } => text::file(bytes / 1024 + 1),
        };
        let remove = Action::send(format!("/console/classes/{id}/materials/{}/remove", material.id), text::REMOVE, &session.csrf).danger();
        let (pushed, actions) = match material.pushed_at {
            Some(at) => (Cell::badge("good", at.chinese()), Cell::quiet("")),
            None if session.may(Permission::WriteClasses) => (Cell::badge("wait", text::NOT_PUSHED), Cell::Actions(vec![remove])),
            None => (Cell::badge("wait", text::NOT_PUSHED), Cell::quiet("")),
        };
        let link = Cell::link(state.broadcasts.material_link(material), material.title.clone());
        table.row(vec![link, Cell::quiet(kind), pushed, actions]);
    }
    table
}

fn material_form(session: &Session, id: &str) -> Form {
    Form::new(session, format!("/console/classes/{id}/materials"), text::ADD_MATERIAL)
        .field(Field::text("title", text::NAME).required().most(LONGEST_TITLE))
        .field(Field::text("link", text::LINK).hint(text::LINK_HINT))
        .field(
            Field::file("file", text::FILE, ".pdf,.docx,.pptx,.xlsx,.jpg,.jpeg,.png,.webp")
                .hint(&said::file_hint(FILE_BYTES / 1024 / 1024)),
        )
}

fn vote_form(session: &Session, id: &str) -> Form {
    Form::new(session, format!("/console/classes/{id}/vote"), text::SEND_VOTE)
        .field(Field::long("topics", text::TOPICS).required().hint(text::TOPICS_HINT))
        .field(Field::time("closes_at", text::CLOSES_AT).required())
}

fn survey_form(session: &Session, id: &str, survey: &Survey) -> Form {
    let lines: Vec<String> =
        survey.questions.iter().map(|question| format!("{}：{}", said::kind_name(question.kind), question.text)).collect();
    Form::new(session, format!("/console/classes/{id}/survey"), text::KEEP_SURVEY)
        .field(Field::long("questions", text::QUESTIONS).value(lines.join("\n")).hint(text::QUESTIONS_HINT))
}

async fn add_material(
    Extract(state): Extract<State>,
    session: Session,
    Path(id): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, ApiError> {
    match keep(&state, &id, form, &Actor::from(&session)).await {
        Ok(_) => done(&state, &session, &here(&id), &said::kept()).await,
        Err(error) => {
            let material = Some(material_form(&session, &id).refused(error)?);
            show(&state, &session, &id, Refusals { material, ..Refusals::default() }).await
        }
    }
}

async fn push(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let people = state.broadcasts.push_materials(&id, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &here(&id), &said::pushed(people)).await
}

async fn remove(
    Extract(state): Extract<State>,
    session: Session,
    Path((id, material)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    state.broadcasts.remove_material(&material, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &here(&id), &said::removed()).await
}

async fn begin_vote(
    Extract(state): Extract<State>,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, ApiError> {
    let topics: Vec<String> = fields.text("topics").lines().map(str::to_owned).collect();
    let begun = match NaiveDateTime::parse_from_str(fields.text("closes_at"), "%Y-%m-%dT%H:%M") {
        Ok(closes_at) => {
            let closes_at = Timestamp::from_local(closes_at);
            let actor = Actor::from(&session);
            state.broadcasts.begin_vote(&id, &topics, closes_at, &actor, state.clock.now()).await.map_err(ApiError::from)
        }
        Err(_) => Err(ApiError::invalid("closes_at", said::wrong_closing())),
    };
    match begun {
        Ok((_, people)) => done(&state, &session, &here(&id), &said::vote_begun(people)).await,
        Err(error) => {
            let vote = Some(vote_form(&session, &id).filled(&fields).refused(error)?);
            show(&state, &session, &id, Refusals { vote, ..Refusals::default() }).await
        }
    }
}

async fn set_survey(
    Extract(state): Extract<State>,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, ApiError> {
    let lines = fields.text("questions").lines().map(str::trim).filter(|line| !line.is_empty());
    let questions: Option<Vec<Question>> = lines.map(read_question).collect();
    let set = match questions {
        Some(questions) => {
            state.broadcasts.set_survey(&id, questions, &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from)
        }
        None => Err(ApiError::invalid("questions", said::wrong_question_line())),
    };
    match set {
        Ok(_) => done(&state, &session, &here(&id), &said::survey_kept()).await,
        Err(error) => {
            let survey = state.broadcasts.survey(&id).await?;
            let survey = Some(survey_form(&session, &id, &survey).filled(&fields).refused(error)?);
            show(&state, &session, &id, Refusals { survey, ..Refusals::default() }).await
        }
    }
}

fn read_question(line: &str) -> Option<Question> {
    let (kind, text) = line.split_once(['：', ':'])?;
    let kind = KINDS.into_iter().find(|known| said::kind_name(*known) == kind.trim())?;
    Some(Question { kind, text: text.trim().to_owned() })
}
