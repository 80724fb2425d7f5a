//! What the API and the pages say when something is wrong: what happened, and what to change. A fault of ours never shows its cause.

use super::console;
use crate::domain::delivery::DeliveryState;
use crate::domain::staff::{Permission, ROLES, Role};

/// Longest question, in characters.
pub const QUESTION_CHARACTERS: usize = 2_000;

/// No or no good token.
pub fn token_missing() -> String {
    "请在请求头中带上 Authorization: Bearer 令牌；令牌用 taxhome token create 生成".to_owned()
}

/// A token that is wrong, expired or revoked: which one is not said.
pub fn token_refused() -> String {
    "令牌无效、已过期或已停用，请换一个有效的令牌".to_owned()
}

/// The role may not do this; these may.
pub fn not_permitted(role: Role, permission: Permission) -> String {
    let may = ROLES.into_iter().filter(|role| role.may(permission)).map(|role| format!("“{}”", role_name(role)));
    let may = may.collect::<Vec<String>>().join("或");
    format!("“{}”角色不能{}，请由{may}角色的人员操作", role_name(role), permission_name(permission))
}

/// A role in words.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Admin => "管理员",
        Role::Publicity => "宣传",
        Role::Approver => "审核",
        Role::Trainer => "培训",
        Role::Desk => "服务台",
        Role::Auditor => "审计",
    }
}

fn permission_name(permission: Permission) -> &'static str {
    match permission {
        Permission::Read => "查看这些内容",
        Permission::WriteBulletins => "编写通知",
        Permission::ApproveBulletins => "审核通知",
        Permission::SendBulletins => "发送通知",
        Permission::WriteChannels => "管理群聊",
        Permission::WriteDocuments => "导入文件",
        Permission::WriteClasses => "管理课程",
        Permission::WriteCampaigns => "管理宣传月",
        Permission::SettleDeliveries => "处理送达结果",
        Permission::Answer => "答复咨询",
        Permission::ManageUsers => "管理人员和令牌",
        Permission::ReadAudit => "查看操作记录和配置",
    }
}

/// No such address.
pub fn no_such_route() -> String {
    "没有这个地址，可在 /docs 查看全部接口".to_owned()
}

/// No such thing of a kind ("通知", "课程").
pub fn no_such(noun: &str) -> String {
    format!("没有找到这个{noun}，请检查编号")
}

/// The address does not take this method.
pub fn wrong_method() -> String {
    "这个地址不支持该请求方法，可在 /docs 查看用法".to_owned()
}

/// The body is too large.
pub fn too_large(limit_bytes: usize) -> String {
    if limit_bytes >= 1024 * 1024 {
        format!("内容太大，最多 {} MB，请拆分后再提交", limit_bytes / 1024 / 1024)
    } else {
        format!("内容太大，最多 {} KB，请缩短后再提交", limit_bytes / 1024)
    }
}

/// The request took too long.
pub fn too_slow() -> String {
    "处理超时，请稍后再试；再次提交时请带同一个 Idempotency-Key".to_owned()
}

/// A fault of ours.
pub fn our_fault() -> String {
    "服务出了问题，已记录，请稍后再试".to_owned()
}

/// Something the service needs is away.
pub fn unavailable() -> String {
    "服务正在准备，请稍后再试".to_owned()
}

/// Too many questions.
pub fn too_many(retry_after_seconds: u64) -> String {
    format!("问得太快了，请在 {retry_after_seconds} 秒后再试")
}

/// Words of the sensitive list in a text for everybody.
pub fn sensitive_words(words: &[String]) -> String {
    let named: Vec<String> = words.iter().map(|word| format!("“{word}”")).collect();
    format!("含有敏感词{}，请改写后再提交（词表在 glossary.tsv 里）", named.join("、"))
}

/// A number of days to look ahead that makes no sense.
pub fn wrong_days_ahead(most: u32) -> String {
    format!("要写 0 到 {most} 的天数")
}

/// The content type is not JSON.
pub fn not_json_type() -> String {
    "请求头 Content-Type 要写成 application/json".to_owned()
}

/// The content type is not a multipart form.
pub fn not_multipart() -> String {
    "请用 multipart/form-data 上传，文件字段名为 file".to_owned()
}

/// The body is not JSON at all.
pub fn broken_json(line: usize, column: usize) -> String {
    format!("请求内容不是正确的 JSON（第 {line} 行第 {column} 列附近）")
}

/// A form of a page that cannot be read.
pub fn broken_form() -> String {
    "表单不完整，请刷新页面后再试".to_owned()
}

/// The JSON lacks a field.
pub fn field_missing(field: &str) -> String {
    format!("缺少必填项 {field}")
}

/// The JSON has a field nobody knows.
pub fn field_unknown(field: &str, known: &str) -> String {
    if known.is_empty() {
        format!("不认识的项 {field}，请删除")
    } else {
        format!("不认识的项 {field}，可用的是 {known}")
    }
}

/// A field has a value of another type or out of range; `reason` is what the reader said.
pub fn field_wrong(field: &str, reason: &str) -> String {
    if field.is_empty() { format!("内容不符合要求：{reason}") } else { format!("{field} 不符合要求：{reason}") }
}

/// A value of another JSON type.
pub fn wrong_type(expected: &str) -> String {
    format!("这里要写{expected}")
}

/// A text that is no day.
pub fn wrong_date() -> String {
    "日期要写成 2026-01-20".to_owned()
}

/// A word that is not one of the allowed.
pub fn wrong_word(word: &str, allowed: &str) -> String {
    format!("不能写“{word}”，可用的是 {allowed}")
}

/// The address or its parameters cannot be read.
pub fn broken_address(reason: &str) -> String {
    format!("地址中的参数不符合要求：{reason}")
}

/// `limit` out of range.
pub fn wrong_limit(most: i64) -> String {
    format!("limit 要在 1 到 {most} 之间")
}

/// A cursor that is not ours.
pub fn wrong_cursor() -> String {
    "cursor 要原样使用上一页返回的 next_cursor".to_owned()
}

/// An idempotency key that cannot be used.
pub fn wrong_key() -> String {
    "Idempotency-Key 要用 1 到 200 个可见的英文字符，建议每次操作用一个新的 UUID".to_owned()
}

/// The key was used for another request.
pub fn key_of_another_request() -> String {
    "这个 Idempotency-Key 已用于另一个不同的请求，请换一个新的".to_owned()
}

/// The same request is being worked.
pub fn key_in_flight() -> String {
    "同一个请求正在处理，请稍后再查询结果".to_owned()
}

/// The same request was begun long ago and left no answer.
pub fn key_without_answer() -> String {
    "上次用这个 Idempotency-Key 的请求没有留下结果，请先查询它是否已生效，确需重做再换一个新的".to_owned()
}

/// A field that must not be empty.
pub fn empty(what: &str) -> String {
    format!("请填写{what}")
}

/// A field that is too long.
pub fn too_long(what: &str, characters: usize) -> String {
    format!("{what}最多 {characters} 个字")
}

/// A question over the limit.
pub fn question_too_long() -> String {
    format!("问题太长了，请用 {QUESTION_CHARACTERS} 字以内说明，一次问一件事")
}

/// A page another site sent the form from.
pub fn foreign_origin() -> String {
    "请在本网站的页面上提交".to_owned()
}

/// A user of this name exists.
pub fn user_exists(name: &str) -> String {
    format!("已有名为“{name}”的人员，请换一个名字")
}

/// No user of this name.
pub fn no_such_user(name: &str) -> String {
    format!("没有名为“{name}”的人员，请先用 taxhome user add 添加")
}

/// A name that cannot be used for a user.
pub fn wrong_user_name() -> String {
    "姓名或账号要 1 到 40 个字，不能有空格或控制字符".to_owned()
}

/// A number of days a token cannot live.
pub fn wrong_days(most: u32) -> String {
    format!("令牌有效天数要在 1 到 {most} 之间")
}

/// A role nobody knows.
pub fn wrong_role() -> String {
    "角色要写 admin、publicity、approver、trainer、desk 或 auditor".to_owned()
}

/// A Telegram chat id that is none.
pub fn wrong_telegram_address() -> String {
    "Telegram 群聊地址要写群的数字编号，例如 -1001234567890".to_owned()
}

/// The web page cannot be sent to.
pub fn web_is_no_target() -> String {
    "网页聊天不能作为发送对象，请用 telegram 或 print".to_owned()
}

/// A forum topic that is none.
pub fn wrong_thread() -> String {
    "话题编号 thread 要写正整数，不用话题请留空".to_owned()
}

/// Tags that cannot be used.
pub fn wrong_tags(most: usize, characters: usize) -> String {
    format!("标签最多 {most} 个，每个 1 到 {characters} 个字")
}

/// A session name that cannot be used.
pub fn wrong_session(most: usize) -> String {
    format!("session 只能用字母、数字、- 和 _，最多 {most} 个字符")
}

/// While an answer is being looked for.
pub fn looking() -> String {
    "正在查找依据…".to_owned()
}

/// A document of this id is published with another text.
pub fn document_published(title: &str) -> String {
    format!("《{title}》已经发布，请换一个文件名导入新版，并在 supersedes 中写明它替代的文号")
}

/// Only a document that waits to be looked at can be released or given up.
pub fn not_quarantined(title: &str) -> String {
    format!("《{title}》不在待核对中，不用再处理")
}

/// An upload without a file.
pub fn no_file() -> String {
    "请在 file 字段中附上要导入的文件".to_owned()
}

/// Too many files at once.
pub fn too_many_files(most: usize) -> String {
    format!("一次最多导入 {most} 个文件，请分批上传")
}

/// Files that were refused: nothing of the upload was stored.
pub fn refused_files(reasons: &[String]) -> String {
    format!("有 {} 个文件不能导入，本次全部没有保存：{}", reasons.len(), reasons.join("；"))
}

/// A word for which documents to list.
pub fn wrong_publication() -> String {
    "publication 要写 published、draft、quarantined 或 withdrawn".to_owned()
}

/// A word for a standing.
pub fn wrong_validity() -> String {
    "validity 要写 in_force、amended、repealed、expired 或 not_yet".to_owned()
}

/// Only an unknown delivery is settled by a person.
pub fn not_unknown(state: DeliveryState) -> String {
    let word = console::delivery_state(state);
    format!("这条记录的结果是“{word}”，只有“未确认”的才需要人工处理")
}

/// A name that cannot stand on a list.
pub fn wrong_person_name(most: usize) -> String {
    format!("请填写姓名，1 到 {most} 个字")
}

/// A year far off.
pub fn strange_year(year: i32) -> String {
    format!("年份 {year} 不对，请写 2020 到 2100 之间的年份")
}

/// A year's holidays should be loaded by now.
pub fn calendar_missing(year: i32) -> String {
    format!("{year}年的放假和调休安排还没有录入，届时只在工作日发送的通知和按工作日推算的提醒都会停下等待")
}

/// Not the address of a WeCom robot.
pub fn wrong_wecom_address() -> String {
    "企业微信群机器人的地址要写完整的 Webhook 地址（…/webhook/send?key=…），或只写 key 后面的内容".to_owned()
}

/// How far a recurring bulletin's times are known.
pub fn recurring_reaches(year: i32) -> String {
    format!("{year}年的日历还没有录入，只能算到这里；录入后自动接着算，不会推算")
}
