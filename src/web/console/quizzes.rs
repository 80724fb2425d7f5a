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
use crate::replies::quizzes as words;
use crate::store::quizzes::{self, Entry, Quiz};
use crate::web::State;
use crate::web::extract::Path;
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

const HERE: &str = "/console/quizzes";
const STAFF: &str = "/console/quizzes/staff";
const PRIZE: &str = "/console/quizzes/prize";
const LISTED: i64 = 100;
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

async fn list(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let mut actions = Vec::new();
    if session.may(Permission::WriteClasses) {
        actions.push(Action::open(STAFF, "新建每季一考").first());
    }
    if session.may(Permission::WriteCampaigns) {
        actions.push(Action::open(PRIZE, "新建有奖答题").first());
    }
    let empty = Empty::new("还没有考试和答题", &words::none_yet());
    let mut table = Table::new("考试和答题", &["名称", "类别", "开始", "截止", "状态"], empty);
    for quiz in quizzes::list(&mut *state.store.read().await?, "", LISTED).await? {
        let (mark, standing) = standing(&quiz, now);
        table.row(vec![
            Cell::link(format!("{HERE}/{}", quiz.id), quiz.title),
            Cell::quiet(words::kind(quiz.kind)),
            Cell::text(quiz.opens_at.chinese()),
            Cell::text(quiz.closes_at.chinese()),
            Cell::badge(mark, standing),
        ]);
    }
    let mut banks = Table::new("题库", &["题库", "标题", "题数", "停用", "晚课"], Empty::new("还没有题库", &words::no_bank()));
    let mut blocked = Vec::new();
    for (name, bank) in state.broadcasts.quiz_banks().await? {
        let why: Vec<String> =
            bank.items.iter().filter_map(|item| Some(format!("{}：{}", item.question, state.broadcasts.why_blocked(item, now)?))).collect();
        banks.row(vec![
            Cell::quiet(&name),
            Cell::text(bank.title),
            Cell::text(bank.items.len().to_string()),
            if why.is_empty() { Cell::text("没有") } else { Cell::badge("bad", format!("{} 题", why.len())) },
            Cell::Actions(vec![Action::open(format!("/lessons/{name}"), "阅读")]),
        ]);
        blocked.extend(why);
    }
    let mut blocks = vec![Actions(actions).to_string(), table.to_string(), banks.to_string()];
    if !blocked.is_empty() {
        blocks.push(Note { title: words::blocked_title(), text: blocked.join("\n") }.to_string());
    }
    sheet(Frame::of(&session, HERE, "考试和答题"), blocks)
}

fn standing(quiz: &Quiz, now: Timestamp) -> (&'static str, &'static str) {
    if quiz.drawn_at.is_some() {
        ("plain", "已抽奖")
    } else if now < quiz.opens_at {
        ("wait", "未开始")
    } else if now < quiz.closes_at {
        ("good", "进行中")
    } else {
        ("plain", "已结束")
    }
}

async fn new_form(state: &State, session: &Session, kind: QuizKind) -> Result<Form, ApiError> {
    let banks = state.broadcasts.quiz_banks().await?;
    let banks = banks.into_iter().map(|(name, bank)| (name, format!("{}（{} 题）", bank.title, bank.items.len())));
    let path = if kind == QuizKind::Staff { STAFF } else { PRIZE };
    let form = Form::new(session, path, "保存")
        .field(Field::text("title", "名称").required().most(80))
        .field(Field::choice("bank", "题库", banks))
        .field(Field::text("items", "选题").hint(&words::items_hint()))
        .field(Field::time("opens_at", "开始时间").required())
        .field(Field::time("closes_at", "截止时间").required())
        .field(Field::number("pass_percent", "及格线（%）").value("80"));
    Ok(match kind {
        QuizKind::Staff => form.field(Field::number("attempts", "每人可考几次").value("2")),
        QuizKind::Prize => form.field(Field::number("winners", "抽奖人数").value("10")).field(Field::text("prize", "奖品").most(200)),
    })
}

fn heading(kind: QuizKind) -> &'static str {
    if kind == QuizKind::Staff { "新建每季一考" } else { "新建有奖答题" }
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

async fn page(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    show(&state, &session, &id, None).await
}

async fn show(state: &State, session: &Session, id: &str, refused: Option<(&Fields, ApiError)>) -> Result<Response, ApiError> {
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
        ("类别".to_owned(), Cell::text(words::kind(quiz.kind))),
        ("状态".to_owned(), Cell::badge(mark, said)),
        ("时间".to_owned(), Cell::text(format!("{} 至 {}", quiz.opens_at.chinese(), quiz.closes_at.chinese()))),
        ("题数".to_owned(), Cell::text(words::counted(asked.len(), quiz.items.len() - asked.len()))),
        ("及格线".to_owned(), Cell::text(format!("{}%", quiz.pass_percent))),
    ];
    match quiz.kind {
        QuizKind::Staff => facts.push(("剩余次数".to_owned(), Cell::text(format!("您还可以考 {} 次", left.max(0))))),
        QuizKind::Prize => {
            facts.push(("种子指纹".to_owned(), Cell::quiet(commitment(&quiz.seed))));
            facts.push(("网页".to_owned(), Cell::link(format!("/quizzes/{id}"), "有奖答题的网页（通知审核后公开）")));
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
        results: results(&quiz, &entries),
    })
}

/// What publicity does next with a prize quiz.
fn steps(session: &Session, quiz: &Quiz, now: Timestamp) -> Vec<String> {
    let path = format!("{HERE}/{}", quiz.id);
    if quiz.bulletin_id.is_none() {
        let form = Form::new(session, format!("{path}/announce"), "起草通知，交审核")
            .field(Field::text("tags", "发到哪些群").value("*").hint(&words::tags_hint()).required());
        return vec![form.to_string()];
    }
    if quiz.drawn_at.is_some() {
        return vec![prize_form(session, &quiz.id).to_string()];
    }
    if now >= quiz.closes_at {
        return vec![Actions(vec![Action::send(format!("{path}/draw"), "抽奖并公布种子", &session.csrf).first()]).to_string()];
    }
    vec![Actions(vec![Action::open(format!("/sheets?kind=quiz&id={}", quiz.id), "打印二维码")]).to_string()]
}

/// The draw, once it was made.
fn draw_note(quiz: &Quiz, entries: &[Entry]) -> Option<String> {
    let drawn = quiz.drawn.as_ref()?;
    let won: Vec<String> = winners(drawn, entries).into_iter().map(|(number, name)| format!("{number} 号 {name}")).collect();
    let text = words::drawn(drawn.entrants.len(), &won, &quiz.seed);
    Some(Note { title: "抽奖结果".to_owned(), text }.to_string())
}

fn results(quiz: &Quiz, entries: &[Entry]) -> String {
    let heads = ["号码", "姓名", "第几次", "成绩", "结果", "时间"];
    let mut table = Table::new("成绩", &heads, Empty::new("还没有人答", &words::nobody_yet()));
    for entry in entries {
        let name = match quiz.kind {
            QuizKind::Staff => entry.display_name.clone(),
            QuizKind::Prize => words::shortened_name(&entry.display_name),
        };
        let (mark, result) = match quiz.passed(entry) {
            true if quiz.kind == QuizKind::Prize && quiz.drawn.is_none() && !entry.is_one_person() => ("wait", words::NOT_IN_DRAW),
            true => ("good", "及格"),
            false => ("bad", "未及格"),
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
        return Err(ApiError::no_such("考试"));
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
        Err(error @ (ApiError::Invalid { .. } | ApiError::Conflict(_))) => show(&state, &session, &id, Some((&fields, error))).await,
        Err(error) => Err(error),
    }
}

async fn announce(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let tags = fields.text("tags").split(['、', ',', '，', ' ']).map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    let targets = Targets { channels: Vec::new(), tags };
    state.broadcasts.announce_quiz(&id, targets, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("{HERE}/{id}"), &words::announced()).await
}

fn prize_form(session: &Session, id: &str) -> Form {
    Form::new(session, format!("{HERE}/{id}/prize-check"), words::PRIZE_CHECK)
        .field(Field::text("phone", words::PRIZE_PHONE).required().most(20).hint(words::prize_check_hint()))
}

async fn check_prize(
    Extract(state): Extract<State>,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, ApiError> {
    let Some(phone) = Phone::parse(fields.text("phone")) else {
        let form = prize_form(&session, &id).filled(&fields).refused(ApiError::invalid("phone", words::wrong_phone()))?;
        return sheet(Frame::of(&session, HERE, words::PRIZE_CHECK), vec![form.to_string()]);
    };
    let found = state.broadcasts.check_prize(&id, &phone, &Actor::from(&session), state.clock.now()).await?;
    let told = match found {
        PrizeCheck::Unknown => words::prize_checked(false, None),
        PrizeCheck::NotWon(number) => words::prize_checked(false, Some(number)),
        PrizeCheck::Won(number) => words::prize_checked(true, Some(number)),
    };
    done(&state, &session, &format!("{HERE}/{id}"), &told).await
}

async fn draw(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    state.broadcasts.draw_quiz(&id, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("{HERE}/{id}"), &words::result_drafted()).await
}
