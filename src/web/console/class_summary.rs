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
    let actions = vec![Action::open(format!("/console/classes/{id}"), "回到课程"), Action::open(format!("{here}/xlsx"), "下载 Excel")];
    let mut blocks = vec![Actions(actions).to_string(), tiles(&summary).to_string()];
    blocks.push(heading("问卷"));
    blocks.extend(survey_blocks(&summary));
    if may && survey.opened_at.is_none() {
        let form = refusals.survey.as_ref().map(|form| Fold::opened("改问卷的问题", form));
        blocks.push(form.unwrap_or_else(|| Fold::closed("改问卷的问题", &survey_form(session, id, &survey))).to_string());
    }
    blocks.push(heading(words::VOTES));
    if summary.votes.is_empty() {
        blocks.push(Empty::new("还没有投票", "写几个候选内容，发给学员选下一课讲什么。").to_string());
    }
    for vote in &summary.votes {
        blocks.extend(vote_blocks(vote, state, now));
    }
    if may && summary.votes.iter().all(|vote| vote.closes_at <= now) {
        let form = refusals.vote.as_ref().map(|form| Fold::opened("发起投票", form));
        blocks.push(form.unwrap_or_else(|| Fold::closed("发起投票", &vote_form(session, id))).to_string());
    }
    blocks.push(heading("课程资料"));
    if may && materials.iter().any(|material| material.pushed_at.is_none()) {
        let push = Action::send(format!("/console/classes/{id}/materials/push"), "把新资料发给学员", &session.csrf).first();
        blocks.push(Actions(vec![push]).to_string());
    }
    blocks.push(material_table(state, session, id, &materials).to_string());
    if may {
        let form = refusals.material.as_ref().map(|form| Fold::opened("添加资料", form));
        blocks.push(form.unwrap_or_else(|| Fold::closed("添加资料", &material_form(session, id))).to_string());
    }
    sheet(Frame::of(session, "/console/classes", &format!("课程情况：{}", summary.class.title)), blocks)
}

fn here(id: &str) -> String {
    format!("/console/classes/{id}/summary")
}

fn heading(text: &str) -> String {
    format!("<h2>{text}</h2>")
}

fn tiles(summary: &ClassSummary) -> Tiles {
    let mark = |name: &str, many: i64| match name {
        "到课" if many > 0 => "good",
        "缺席" | "候补" if many > 0 => "wait",
        _ => "plain",
    };
    let tile = |(name, many): (&str, i64)| Tile { label: name.to_owned(), value: many.to_string(), path: None, mark: mark(name, many) };
    Tiles(words::figures(summary).into_iter().map(tile).collect())
}

fn survey_blocks(summary: &ClassSummary) -> Vec<String> {
    let survey = &summary.survey;
    if survey.questions.is_empty() {
        return vec![Empty::new("这门课不发问卷", "要发的话，在下面写上问题。").to_string()];
    }
    if survey.asked == 0 {
        let text = if summary.ended {
            "没有签到记录，或签到的人没有在聊天里报名，问卷没有发给任何人。"
        } else {
            "课程结束后，签到的学员会在聊天里逐条收到这些问题。"
        };
        let questions: Vec<String> = survey.questions.iter().map(|question| question.text.clone()).collect();
        return vec![
            Empty::new("还没有回答", text).to_string(),
            Note { title: "问题".to_owned(), text: questions.join(" / ") }.to_string(),
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
        (1..).zip(&question.scores).map(|(score, many): (i64, &i64)| Point { label: format!("{score} 分"), values: vec![*many] }).collect();
    let chart = if question.mean.is_some() { columns(&title, &["人"], &points) } else { String::new() };
    format!("{}{chart}", Note { title: String::new(), text: title })
}

fn comments(question: &QuestionSummary) -> Table {
    let mut table = Table::new(&question.text, &["留言"], Empty::new(&question.text, "还没有人写。"));
    for comment in question.comments.iter().take(MOST_COMMENTS) {
        table.row(vec![Cell::text(comment.clone())]);
    }
    table
}

fn vote_blocks(vote: &VoteResult, state: &State, now: Timestamp) -> Vec<String> {
    let mut table = Table::new(words::VOTES, &["内容", "票数"], Empty::new("没有内容", ""));
    let most = vote.topics.iter().map(|topic| topic.ballots).max().unwrap_or(0);
    for topic in &vote.topics {
        let many = topic.ballots.to_string();
        let many = if most > 0 && topic.ballots == most { Cell::badge("good", many) } else { Cell::text(many) };
        table.row(vec![Cell::text(topic.topic.clone()), many]);
    }
    let page = format!("{}/votes/{}", state.public_url, vote.id);
    vec![
        Note { title: String::new(), text: words::vote_line(vote, now) }.to_string(),
        Actions(vec![Action::open(page, "打开投票页")]).to_string(),
        table.to_string(),
    ]
}

fn material_table(state: &State, session: &Session, id: &str, materials: &[Material]) -> Table {
    let empty = Empty::new("还没有资料", "讲义、表样或链接放在这里，一键发给学员，每人只收到一条消息。");
    let mut table = Table::new("课程资料", &["名称", "类型", "发给学员", ""], empty);
    for material in materials {
        let kind = match &material.place {
            Place::Link(_) => "链接".to_owned(),
            Place::File { bytes, .. } => format!("文件 {} KB", bytes / 1024 + 1),
        };
        let remove = Action::send(format!("/console/classes/{id}/materials/{}/remove", material.id), "删除", &session.csrf).danger();
        let (pushed, actions) = match material.pushed_at {
            Some(at) => (Cell::badge("good", at.chinese()), Cell::quiet("")),
            None if session.may(Permission::WriteClasses) => (Cell::badge("wait", "还没发"), Cell::Actions(vec![remove])),
            None => (Cell::badge("wait", "还没发"), Cell::quiet("")),
        };
        let link = Cell::link(state.broadcasts.material_link(material), material.title.clone());
        table.row(vec![link, Cell::quiet(kind), pushed, actions]);
    }
    table
}

fn material_form(session: &Session, id: &str) -> Form {
    Form::new(session, format!("/console/classes/{id}/materials"), "添加资料")
        .field(Field::text("title", "名称").required().most(LONGEST_TITLE))
        .field(Field::text("link", "链接").hint("以 https:// 开头；要传文件就空着"))
        .field(
            Field::file("file", "或者文件", ".pdf,.docx,.pptx,.xlsx,.jpg,.jpeg,.png,.webp")
                .hint(&said::file_hint(FILE_BYTES / 1024 / 1024)),
        )
}

fn vote_form(session: &Session, id: &str) -> Form {
    Form::new(session, format!("/console/classes/{id}/vote"), "发给学员投票")
        .field(Field::long("topics", "候选内容").required().hint("一行一个，2 到 8 个，每个最多 30 个字"))
        .field(Field::time("closes_at", "截止时间").required())
}

fn survey_form(session: &Session, id: &str, survey: &Survey) -> Form {
    let lines: Vec<String> =
        survey.questions.iter().map(|question| format!("{}：{}", said::kind_name(question.kind), question.text)).collect();
    Form::new(session, format!("/console/classes/{id}/survey"), "保存问卷").field(
        Field::long("questions", "问题")
            .value(lines.join("\n"))
            .hint("一行一个，以“打分：”“文字：”或“疑问：”开头；疑问会进入待补充的问题清单。全部删掉就不发问卷"),
    )
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
