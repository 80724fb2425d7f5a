//! What is said about the ledger of opinions and suggestions: to proposers, to owners, in the console.

use chrono::NaiveDate;

use crate::domain::ledger::{LedgerItem, LedgerSource, Stage, WORKDAYS};
use crate::domain::message::{Block, Message};
use crate::domain::time::chinese_date;

/// Characters of an item shown in a list or a notice.
const SHOWN: usize = 60;
/// Heads of the file.
pub const HEADS: [&str; 11] = ["编号", "来源", "评价", "渠道", "内容", "阶段", "责任人", "登记日期", "办理期限", "是否逾期", "答复"];

/// The first words of an item.
pub fn short(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = line.chars().take(SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    shown
}

/// The word for a stage.
pub fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Received => "待受理",
        Stage::Accepted => "已受理",
        Stage::Handling => "办理中",
        Stage::Answered => "已答复",
        Stage::Closed => "已办结",
    }
}

/// The word for what is done to get there.
pub fn doing(stage: Stage) -> &'static str {
    match stage {
        Stage::Received => "登记",
        Stage::Accepted => "受理",
        Stage::Handling => "开始办理",
        Stage::Answered => "答复提出人",
        Stage::Closed => "办结",
    }
}

/// Where it comes from.
pub fn source(source: LedgerSource) -> &'static str {
    match source {
        LedgerSource::Rating => "服务评价",
        LedgerSource::Suggestion => "意见建议",
    }
}

/// The last day, or that it cannot be told.
pub fn due(due_on: Option<NaiveDate>) -> String {
    due_on.map_or_else(|| "该年放假安排未录入，暂不能计算".to_owned(), chinese_date)
}

/// The text of an item that a low rating opened.
pub fn low_rating(stars: i64, assignee: Option<&str>, question: &str) -> String {
    let who = assignee.map(|name| format!("（接待：{name}）")).unwrap_or_default();
    format!("服务评价 {stars} 星{who}。咨询的问题：{question}")
}

/// The receipt.
pub fn receipt(item: &LedgerItem) -> String {
    let by = match item.due_on {
        Some(due) => format!("，{}前（{WORKDAYS} 个工作日内）答复您", chinese_date(due)),
        None => format!("，{WORKDAYS} 个工作日内答复您"),
    };
    format!("已登记，编号 {}{by}。发“/建议 {}”可以查看办理情况。", item.number, item.number)
}

/// The receipt on the web.
pub fn web_receipt(item: &LedgerItem) -> String {
    let by = item.due_on.map(|due| format!("{}前", chinese_date(due))).unwrap_or_else(|| format!("{WORKDAYS} 个工作日内"));
    format!("已登记，编号 {}，我们{by}答复。请用这个浏览器再打开本页查看办理情况。", item.number)
}

/// Added to the thanks for a low rating.
pub fn rated(item: &LedgerItem) -> String {
    format!("很抱歉没有让您满意，已登记为 {}，办理后告诉您。", item.number)
}

/// 建议 without words.
pub fn how_to(mine: &[LedgerItem]) -> Message {
    let mut message =
        Message::text("想提意见建议，请把内容写在后面，例如：/建议 大厅能不能加个儿童座椅\n请不要写身份证号、电话等个人信息。");
    if !mine.is_empty() {
        message = message.with(Block::Heading("您提过的：".to_owned()));
        message = message.with(Block::List(mine.iter().map(|item| format!("{}：{}", item.number, stage(item.stage))).collect()));
    }
    message
}

/// Where one's own item stands.
pub fn standing(item: &LedgerItem) -> Message {
    let mut message = Message {
        blocks: vec![Block::Heading(format!("{}：{}", item.number, stage(item.stage))), Block::Paragraph(short(&item.text))],
        buttons: Vec::new(),
    };
    if !item.answer.is_empty() {
        message = message.with(Block::Quote(format!("答复：{}", item.answer)));
    } else if item.stage.is_under_way() {
        message = message.with(Block::Note(format!("办理期限：{}", due(item.due_on))));
    }
    message
}

/// Somebody else's number, or none.
pub fn not_yours() -> String {
    "没有找到这个编号。只能查看自己提的意见建议，请核对编号，并用当时提交的账号或浏览器查看。".to_owned()
}

/// In a group.
pub fn only_in_private() -> String {
    "请私聊我提意见建议，以免在群里暴露您的情况。".to_owned()
}

/// Told to the proposer with the answer.
pub fn answered(item: &LedgerItem) -> Message {
    Message {
        blocks: vec![
            Block::Heading(format!("您的意见建议 {} 有答复了", item.number)),
            Block::Quote(short(&item.text)),
            Block::Paragraph(item.answer.clone()),
        ],
        buttons: Vec::new(),
    }
}

/// A new item, told to the management.
pub fn new_item(item: &LedgerItem) -> Message {
    Message {
        blocks: vec![
            Block::Heading(format!("新的意见建议 {}（{}）", item.number, source(item.source))),
            Block::Paragraph(short(&item.text)),
            Block::Note(format!("办理期限：{}。请在工作台“意见台账”受理。", due(item.due_on))),
        ],
        buttons: Vec::new(),
    }
}

/// Overdue, told to the owner where staff work.
pub fn overdue(item: &LedgerItem) -> Message {
    Message::text(overdue_words(&item.number, &item.owner, item.due_on)).with(Block::Quote(short(&item.text)))
}

/// Overdue, in one sentence.
pub fn overdue_words(number: &str, owner: &str, due_on: Option<NaiveDate>) -> String {
    let who = if owner.is_empty() { "还没有人受理".to_owned() } else { format!("责任人 {owner}") };
    format!("意见台账 {number} 已过办理期限（{}），{who}，请尽快答复。", due(due_on))
}

/// A suggestion that is none.
pub fn wrong_text(most: usize) -> String {
    format!("请写出意见建议，{most} 字以内")
}

/// A note that is too long.
pub fn note_too_long(most: usize) -> String {
    format!("说明最多 {most} 个字")
}

/// A step of a closed item.
pub fn closed_already(number: &str) -> String {
    format!("{number} 已办结，不能再改")
}

/// An owner who is not of the staff.
pub fn no_such_owner(name: &str) -> String {
    format!("没有叫“{name}”的工作人员，或账号已停用；请写人员列表里的姓名")
}

/// A last day that cannot be.
pub fn wrong_due() -> String {
    "办理期限要在今天到一年以内，写成 2026-12-10 这样".to_owned()
}

/// A stage that does not follow.
pub fn wrong_step(from: Stage, to: Stage) -> String {
    let next: Vec<&str> = from.next().iter().map(|next| stage(*next)).collect();
    format!("现在是“{}”，不能直接到“{}”；下一步是：{}", stage(from), stage(to), next.join("、"))
}

/// An answer without words.
pub fn say_the_answer() -> String {
    "请写答复内容，它会发给提出人".to_owned()
}

/// A step without anything in it.
pub fn nothing_written() -> String {
    "请写说明，或选择下一步、责任人、期限".to_owned()
}

/// A stage nobody knows.
pub fn wrong_stage() -> String {
    "stage 要写 received、accepted、handling、answered 或 closed".to_owned()
}

/// After a step.
pub fn stepped(item: &LedgerItem) -> String {
    format!("已保存，{} 现在是“{}”", item.number, stage(item.stage))
}

/// Nothing in the ledger.
pub fn none_yet() -> String {
    "纳税人发“/建议”、在网页提交意见，或服务评价 2 星及以下，会自动登记在这里，编号并算出办理期限。".to_owned()
}

/// Nothing that fits.
pub fn none_found() -> String {
    "没有符合条件的事项，请放宽条件再找。".to_owned()
}

/// An item as a row of the file, in the order of [`HEADS`].
pub fn row(item: &LedgerItem, today: NaiveDate) -> [String; 11] {
    [
        item.number.clone(),
        source(item.source).to_owned(),
        item.stars.map(|stars| format!("{stars} 星")).unwrap_or_default(),
        if item.channel == "web" { "网页".to_owned() } else { "Telegram".to_owned() },
        item.text.clone(),
        stage(item.stage).to_owned(),
        item.owner.clone(),
        item.created_at.date().to_string(),
        item.due_on.map_or_else(|| due(None), |due| due.to_string()),
        if item.is_overdue(today) { "是" } else { "否" }.to_owned(),
        item.answer.clone(),
    ]
}

/// No rating yet.
pub fn no_ratings() -> String {
    "人工服务结束时会请纳税人评价，五档：非常满意、满意、基本满意、不满意、非常不满意。2 星及以下自动登记到意见台账。".to_owned()
}

/// The label of a number of stars.
pub fn stars(stars: i64) -> &'static str {
    match stars {
        5 => "非常满意",
        4 => "满意",
        3 => "基本满意",
        2 => "不满意",
        _ => "非常不满意",
    }
}

/// A share as people read it.
pub fn share(part: i64, of: i64) -> String {
    if of == 0 { "—".to_owned() } else { format!("{}%", (part * 100 + of / 2) / of) }
}
