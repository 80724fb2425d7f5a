//! Banks of questions, quizzes, scores by person, and the draw.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::broadcasts::Actor;
use crate::broadcasts::quiz_phones::PrizeCheck;
use crate::broadcasts::quizzes::{Choice, NewQuiz, Quizzed, winners};
use crate::domain::bulletin::Targets;
use crate::domain::draw::{Drawn, commitment};
use crate::domain::phone::Phone;
use crate::domain::quiz::{QuizBank, QuizItem, QuizKind};
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::replies::prize_quiz;
use crate::store::quizzes::{self, Entry, Quiz};
use crate::web::State;
use crate::web::api::words::require_clean;
use crate::web::extract::{Json, Path};
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// A bank with the standing of its items.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BankView {
    /// File name without ending, or id.
    pub bank: String,
    pub title: String,
    pub items: Vec<BankItem>,
}

/// An item of a bank.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BankItem {
    pub key: String,
    pub question: String,
    pub options: Vec<String>,
    /// Which option is right, from 1.
    pub answer: usize,
    pub explanation: String,
    /// Id of the document it rests on.
    pub document: String,
    pub article: Option<String>,
    pub quote: Option<String>,
    /// Why it is not asked now; null where it may be.
    pub blocked: Option<String>,
}

impl BankItem {
    fn of(item: QuizItem, blocked: Option<String>) -> Self {
        let QuizItem { key, question, options, answer, explanation, document, article, quote } = item;
        Self { key, question, options, answer, explanation, document, article, quote, blocked }
    }
}

/// A quiz. The right answers are not in it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct QuizView {
    pub id: String,
    pub kind: QuizKind,
    pub title: String,
    pub bank: String,
    #[schema(value_type = String, format = DateTime)]
    pub opens_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub closes_at: Timestamp,
    pub attempts: i64,
    pub pass_percent: i64,
    pub winners: i64,
    pub prize: String,
    /// Questions that are asked now.
    pub questions: Vec<Question>,
    /// Why questions are left out whose source does not hold, a sentence each.
    pub blocked: Vec<String>,
    /// SHA-256 of the seed, fixed when the quiz was made.
    pub seed_hash: String,
    /// Published with the draw.
    pub seed: Option<String>,
    pub draw: Option<Drawn>,
    pub bulletin: Option<String>,
}

/// A question without its answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = QuizQuestion)]
pub struct Question {
    pub item: String,
    pub question: String,
    pub options: Vec<String>,
}

/// What somebody answers.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// One for each question.
    pub answers: Vec<Choice>,
}

/// The score of one attempt.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Score {
    /// Order of commit; in a prize quiz the number of the draw.
    pub number: i64,
    /// Name of a staff user; shortened where it is a taxpayer.
    pub person: String,
    pub attempt: i64,
    pub correct: i64,
    pub total: i64,
    pub passed: bool,
    /// Whether it is told apart from every other person's, so that a prize quiz draws it where it passed.
    pub in_draw: bool,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// Where an announcement goes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    pub targets: Targets,
}

/// A draw that was made, and the bulletin drafted for it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DrawView {
    pub quiz: QuizView,
    pub winners: Vec<Winner>,
    pub bulletin: String,
}

/// Who won.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Winner {
    pub number: i64,
    pub name: String,
}

fn view(state: &State, quiz: Quiz) -> QuizView {
    let now = state.clock.now();
    let asked = state.broadcasts.asked(&quiz, now);
    let question = |item: &&QuizItem| Question { item: item.key.clone(), question: item.question.clone(), options: item.options.clone() };
    let questions = asked.iter().map(question).collect();
    let blocked = quiz.items.iter().filter_map(|item| state.broadcasts.why_blocked(item, now)).collect();
    QuizView {
        questions,
        blocked,
        seed_hash: commitment(&quiz.seed),
        seed: quiz.drawn_at.map(|_| quiz.seed),
        draw: quiz.drawn,
        id: quiz.id,
        kind: quiz.kind,
        title: quiz.title,
        bank: quiz.bank,
        opens_at: quiz.opens_at,
        closes_at: quiz.closes_at,
        attempts: quiz.attempts,
        pass_percent: quiz.pass_percent,
        winners: quiz.winners,
        prize: quiz.prize,
        bulletin: quiz.bulletin_id,
    }
}

fn score(quiz: &Quiz, entry: Entry) -> Score {
    let passed = quiz.passed(&entry);
    let in_draw = quiz.is_one_person(&entry);
    let person = match quiz.kind {
        QuizKind::Staff => entry.display_name,
        QuizKind::Prize => prize_quiz::shortened_name(&entry.display_name),
    };
    Score {
        number: entry.number,
        person,
        attempt: entry.attempt,
        correct: entry.correct,
        total: entry.total,
        passed,
        in_draw: quiz.kind == QuizKind::Prize && in_draw,
        at: entry.created_at,
    }
}

/// Who makes a quiz: trainers that of the staff, publicity the prize quiz.
fn permission(kind: QuizKind) -> Permission {
    match kind {
        QuizKind::Staff => Permission::WriteClasses,
        QuizKind::Prize => Permission::WriteCampaigns,
    }
}

/// Every bank with its right answers, and the items that are blocked and why. Not for whoever only takes the quiz.
#[utoipa::path(get, path = "/quiz-banks", summary = "题库和正确答案，以及被停用的题",
    description = "参加答题的人看不到。", tag = "quizzes", security(("token" = [])),
    responses((status = 200, body = Vec<BankView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn banks(Extract(state): Extract<State>, staff: Staff) -> Result<Json<Vec<BankView>>, ApiError> {
    let sees = [Permission::WriteClasses, Permission::ApproveBulletins, Permission::ReadAudit];
    if !sees.into_iter().any(|permission| staff.role.may(permission)) {
        staff.require(Permission::WriteCampaigns)?;
    }
    let now = state.clock.now();
    let item = |item: QuizItem| {
        let blocked = state.broadcasts.why_blocked(&item, now);
        BankItem::of(item, blocked)
    };
    let banks = state.broadcasts.quiz_banks().await?;
    let banks =
        banks.into_iter().map(|(bank, QuizBank { title, items })| BankView { bank, title, items: items.into_iter().map(item).collect() });
    Ok(Json(banks.collect()))
}

/// Writes a bank; every item needs a source that holds.
#[utoipa::path(post, path = "/quiz-banks", summary = "写题库；每题都要有有效的依据", tag = "quizzes", security(("token" = [])), request_body = QuizBank,
    responses((status = 201, body = BankView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create_bank(
    Extract(state): Extract<State>,
    staff: Staff,
    Json(bank): Json<QuizBank>,
) -> Result<(StatusCode, Json<BankView>), ApiError> {
    if staff.require(Permission::WriteCampaigns).is_err() {
        staff.require(Permission::WriteClasses)?;
    }
    for item in &bank.items {
        require_clean(&state, [("items.question", Some(item.question.as_str())), ("items.explanation", Some(item.explanation.as_str()))])?;
        require_clean(&state, item.options.iter().map(|option| ("items.options", Some(option.as_str()))))?;
    }
    let id = state.broadcasts.create_quiz_bank(bank.clone(), &Actor::from(&staff), state.clock.now()).await?;
    let items = bank.items.into_iter().map(|item| BankItem::of(item, None)).collect();
    Ok((StatusCode::CREATED, Json(BankView { bank: id, title: bank.title, items })))
}

/// Every quiz, the newest first.
#[utoipa::path(get, path = "/quizzes", summary = "答题活动，新的在前", tag = "quizzes", security(("token" = [])), params(PagingParameters),
    responses((status = 200, body = Page<QuizView>), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub async fn list(Extract(state): Extract<State>, staff: Staff, paging: Paging) -> Result<Json<Page<QuizView>>, ApiError> {
    staff.require(Permission::Read)?;
    let found = quizzes::list(&mut *state.store.read().await?, &paging.after, paging.probe()).await?;
    let views = found.into_iter().map(|quiz| view(&state, quiz)).collect();
    Ok(Json(Page::of(views, &paging, |quiz: &QuizView| quiz.id.clone())))
}

/// Makes a quiz of a bank's items.
#[utoipa::path(post, path = "/quizzes", summary = "用题库的题建一次答题", tag = "quizzes", security(("token" = [])), request_body = NewQuiz,
    responses((status = 201, body = QuizView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    staff: Staff,
    Json(new): Json<NewQuiz>,
) -> Result<(StatusCode, Json<QuizView>), ApiError> {
    staff.require(permission(new.kind))?;
    require_clean(&state, [("title", Some(new.title.as_str())), ("prize", Some(new.prize.as_str()))])?;
    let quiz = state.broadcasts.create_quiz(new, &Actor::from(&staff), state.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(view(&state, quiz))))
}

/// One quiz, without the right answers.
#[utoipa::path(get, path = "/quizzes/{id}", summary = "一次答题，不含答案", tag = "quizzes", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = QuizView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn get(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<QuizView>, ApiError> {
    staff.require(Permission::Read)?;
    Ok(Json(view(&state, state.broadcasts.quiz(&id).await?)))
}

/// Answers the staff's quiz as oneself, all questions at once; may be repeated as often as the quiz allows.
#[utoipa::path(post, path = "/quizzes/{id}/answers", summary = "职工答题，一次交全部答案",
    description = "可以重答的次数由这次答题规定。", tag = "quizzes", security(("token" = [])), params(("id" = String, Path)),
    request_body = Answers,
    responses((status = 201, body = Score), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn answer(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(answers): Json<Answers>,
) -> Result<(StatusCode, Json<Score>), ApiError> {
    staff.require(Permission::Read)?;
    let quiz = state.broadcasts.quiz(&id).await?;
    if quiz.kind != QuizKind::Staff {
        return Err(ApiError::no_such("考试"));
    }
    let who = Quizzed { channel: "staff", person: &staff.user_id, name: &staff.name, phone: None };
    let entry = state.broadcasts.answer_quiz(&id, who, &answers.answers, state.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(score(&quiz, entry))))
}

/// Everybody's scores, in order of their numbers.
#[utoipa::path(get, path = "/quizzes/{id}/scores", summary = "全部成绩，按号码排列", tag = "quizzes", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = Vec<Score>), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn scores(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<Vec<Score>>, ApiError> {
    staff.require(Permission::Read)?;
    let (quiz, entries) = state.broadcasts.quiz_entries(&id).await?;
    Ok(Json(entries.into_iter().map(|entry| score(&quiz, entry)).collect()))
}

/// Drafts the announcement of a prize quiz, its questions as Telegram polls behind it, and hands it to the approver.
#[utoipa::path(post, path = "/quizzes/{id}/announce", summary = "写有奖答题的通知并送审",
    description = "题目作为 Telegram 投票跟在通知后面；交审核人员。", tag = "quizzes", security(("token" = [])), params(("id" = String, Path)),
    request_body = Announcement,
    responses((status = 201, body = QuizView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn announce(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(announcement): Json<Announcement>,
) -> Result<(StatusCode, Json<QuizView>), ApiError> {
    staff.require(Permission::WriteCampaigns)?;
    state.broadcasts.announce_quiz(&id, announcement.targets, &Actor::from(&staff), state.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(view(&state, state.broadcasts.quiz(&id).await?))))
}

/// A mobile number somebody names who claims a prize.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    #[schema(pattern = r"^(\+?86)?1[3-9][0-9]{9}$")]
    pub phone: String,
}

/// What a mobile number has to do with the draw.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PrizeChecked {
    pub won: bool,
    /// Number of the entry made with it; null where there is none.
    pub number: Option<i64>,
    /// The same as a Chinese sentence.
    pub detail: String,
}

/// Whether the mobile number of somebody who claims a prize won. The number is not kept; that it was asked is on record.
#[utoipa::path(post, path = "/quizzes/{id}/prize-checks", summary = "领奖时核对手机号是否中奖",
    description = "手机号不保存；查过这件事有记录。", tag = "quizzes", security(("token" = [])), params(("id" = String, Path)),
    request_body = Claim,
    responses((status = 200, body = PrizeChecked), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn check_prize(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(claim): Json<Claim>,
) -> Result<Json<PrizeChecked>, ApiError> {
    staff.require(Permission::WriteCampaigns)?;
    let phone = Phone::parse(&claim.phone).ok_or_else(|| ApiError::invalid("phone", prize_quiz::wrong_phone()))?;
    let found = state.broadcasts.check_prize(&id, &phone, &Actor::from(&staff), state.clock.now()).await?;
    let (won, number) = match found {
        PrizeCheck::Unknown => (false, None),
        PrizeCheck::NotWon(number) => (false, Some(number)),
        PrizeCheck::Won(number) => (true, Some(number)),
    };
    Ok(Json(PrizeChecked { won, number, detail: prize_quiz::prize_checked(won, number) }))
}

/// Draws the winners after the end, publishes the seed, and drafts the bulletin of the result.
#[utoipa::path(post, path = "/quizzes/{id}/draw", summary = "结束后抽奖，公布随机数，结果通知送审", tag = "quizzes", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 201, body = DrawView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn draw(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<(StatusCode, Json<DrawView>), ApiError> {
    staff.require(Permission::WriteCampaigns)?;
    let (quiz, bulletin) = state.broadcasts.draw_quiz(&id, &Actor::from(&staff), state.clock.now()).await?;
    let (_, entries) = state.broadcasts.quiz_entries(&id).await?;
    let won = quiz.drawn.as_ref().map(|drawn| winners(drawn, &entries)).unwrap_or_default();
    let winners = won.into_iter().map(|(number, name)| Winner { number, name }).collect();
    Ok((StatusCode::CREATED, Json(DrawView { quiz: view(&state, quiz), winners, bulletin: bulletin.id })))
}
