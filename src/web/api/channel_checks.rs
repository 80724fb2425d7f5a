//! How the bot stands in each group, and test messages.

use axum::extract::State as Extract;
use serde::Serialize;

use crate::broadcasts::Actor;
use crate::domain::bot_status::{Finding, Weight};
use crate::domain::channel::ChannelKind;
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::replies::channels as words;
use crate::store::deliveries::Delivery;
use crate::store::{bot_statuses, channels};
use crate::web::State;
use crate::web::extract::{Json, Path};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

/// What was found of one group.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Check {
    pub channel: String,
    pub title: String,
    /// When Telegram was asked; null: never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub checked_at: Option<Timestamp>,
    /// The gravest first; empty while nobody asked.
    pub findings: Vec<Finding>,
}

/// What became of a test message.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TestResult {
    /// In Chinese: on its way, arrived, or why not.
    pub result: String,
    /// False where one was on its way, or sent less than 30 seconds ago: then none was sent by this call.
    pub new: bool,
    /// Null: none was ever sent there.
    pub delivery: Option<Delivery>,
}

/// How the bot stands in every Telegram group, as it was found last.
pub async fn checks(state: &State) -> Result<Vec<Check>, ApiError> {
    let mut conn = state.store.read().await?;
    let known = bot_statuses::all(&mut conn, ChannelKind::Telegram).await?;
    let mut found = Vec::new();
    for group in bot_statuses::groups(&mut conn, ChannelKind::Telegram).await? {
        let checked = known.get(&group.id);
        let findings = checked.map(|checked| words::findings(&checked.bot_status, group.thread.as_deref())).unwrap_or_default();
        found.push(Check { channel: group.id, title: group.title, checked_at: checked.map(|checked| checked.at), findings });
    }
    Ok(found)
}

/// Asks Telegram anew; hands back what is found.
pub async fn check_again(state: &State) -> Result<Vec<Check>, ApiError> {
    let check = state.self_check.as_ref().ok_or_else(|| ApiError::Conflict(words::no_telegram().to_owned()))?;
    check.run(state.clock.now()).await?;
    checks(state).await
}

/// How many groups no bulletin reaches.
pub fn faults(checks: &[Check]) -> usize {
    checks.iter().filter(|check| check.findings.iter().any(|finding| finding.weight == Weight::Fault)).count()
}

/// What was found last of the bot's rights in each Telegram group: privacy mode, whether it is there, administrator, topics; at start, and
/// whenever somebody asks anew.
#[utoipa::path(get, path = "/channels/checks", summary = "看机器人在各群的权限",
    description = "启动时查一次，之后按 POST 重查。findings 里 what 是情况，to_do 是怎么办。只查 Telegram。", tag = "channels", security(("token" = [])),
    responses((status = 200, body = Vec<Check>), (status = 401, body = Problem)))]
pub async fn list(Extract(state): Extract<State>, staff: Staff) -> Result<Json<Vec<Check>>, ApiError> {
    staff.require(Permission::Read)?;
    Ok(Json(checks(&state).await?))
}

/// Asks Telegram anew about every group. Sends nothing to the groups.
#[utoipa::path(post, path = "/channels/checks", summary = "重新检查权限",
    description = "向 Telegram 查询，不会往群里发消息。不用请求体。", tag = "channels", security(("token" = [])),
    responses((status = 200, body = Vec<Check>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub async fn run(Extract(state): Extract<State>, staff: Staff) -> Result<Json<Vec<Check>>, ApiError> {
    staff.require(Permission::WriteChannels)?;
    Ok(Json(check_again(&state).await?))
}

/// What became of the last test message to a chat.
#[utoipa::path(get, path = "/channels/{id}/test", summary = "测试消息的结果",
    description = "result 用中文说明；没有发过时 delivery 是 null。", tag = "channels", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = TestResult), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn last_test(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<TestResult>, ApiError> {
    staff.require(Permission::Read)?;
    let delivery = state.broadcasts.last_test(&id).await?;
    if delivery.is_none() && channels::get(&mut *state.store.read().await?, &id).await?.is_none() {
        return Err(ApiError::no_such("群聊"));
    }
    let result = delivery.as_ref().map_or_else(|| words::never_tested().to_owned(), told);
    Ok(Json(TestResult { result, new: false, delivery }))
}

/// Sends a test message that everybody in the chat sees; what became of it is read by GET a few seconds later. A second call while one is on
/// its way, or within 30 seconds, sends nothing.
#[utoipa::path(post, path = "/channels/{id}/test", summary = "发测试消息",
    description = "群里的人都看得到。正在发或 30 秒内发过就不再发（new 是 false）。几秒后用 GET 看结果。不用请求体。", tag = "channels", security(("token" = [])), params(("id" = String, Path)),
    responses((status = 200, body = TestResult), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn test(Extract(state): Extract<State>, staff: Staff, Path(id): Path<String>) -> Result<Json<TestResult>, ApiError> {
    staff.require(Permission::WriteChannels)?;
    let test = state.broadcasts.send_test(&id, &Actor::from(&staff), state.clock.now()).await?;
    Ok(Json(TestResult { result: told(&test.delivery), new: test.new, delivery: Some(test.delivery) }))
}

/// What became of a test message, in Chinese.
pub fn told(test: &Delivery) -> String {
    words::test_result(test.state, test.settled_at.unwrap_or(test.due_at), test.reason.as_deref())
}
