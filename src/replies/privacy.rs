//! What is said about a person's own data: what is kept, what was forgotten, and what must still stay and why.

use serde_json::{Map, Value};

use crate::domain::message::{Block, Button, Message};
use crate::domain::personal::{Found, Outcome};
use crate::domain::time::Timestamp;

/// Rows of one kind a message shows; the rest is counted.
const SHOWN: usize = 5;
/// Characters of one value a message shows.
const VALUE_CHARACTERS: usize = 60;

/// /mydata.
pub fn shown(kept: &[Found]) -> Message {
    if kept.is_empty() {
        return Message::text(nothing_kept());
    }
    let mut message = Message { blocks: vec![Block::Heading("保存了您的这些信息".to_owned())], buttons: Vec::new() };
    for found in kept {
        message.blocks.push(Block::Paragraph(format!("{}（{} 条）", heading(found.table), found.rows.len())));
        let mut lines: Vec<String> = found
            .rows
            .iter()
            .take(SHOWN)
            .map(|row| cells(found, row).iter().map(|(_, value)| short(value)).collect::<Vec<_>>().join("，"))
            .collect();
        if found.rows.len() > SHOWN {
            lines.push(format!("……以及更早的 {} 条", found.rows.len() - SHOWN));
        }
        message.blocks.push(Block::List(lines));
    }
    message.with(Block::Note(purpose())).with_buttons(vec![Button::data("清除我的信息", "forget:ask")])
}

/// Nothing is kept.
pub fn nothing_kept() -> String {
    "没有保存您的任何信息。".to_owned()
}

/// What for, and how long.
pub fn purpose() -> String {
    "问题只用来改进解答，证件号、手机号、卡号在保存前已隐去；到期自动清除。发 /forget 可以现在就清除。".to_owned()
}

/// The same on the page.
pub fn purpose_on_page() -> String {
    "问题只用来改进解答，证件号、手机号、卡号在保存前已隐去；到期自动清除，也可以在本页最后现在就清除。".to_owned()
}

/// /forget, before it is done.
pub fn are_you_sure(kept: &[Found]) -> Message {
    if kept.is_empty() {
        return Message::text(nothing_kept());
    }
    let kinds: Vec<String> = kept.iter().map(|found| format!("{} {} 条", heading(found.table), found.rows.len())).collect();
    Message::text(format!("将清除：{}。", kinds.join("、")))
        .with(Block::List(consequences()))
        .with(Block::Note("清除后不能恢复。确定请点下面的按钮，或发送“确认忘记我”。".to_owned()))
        .with_buttons(vec![Button::data("确认清除", "forget:yes")])
}

/// What goes with it.
pub fn consequences() -> Vec<String> {
    vec![
        "还没开始的课程会替您取消报名，订阅全部退订，没发出的消息不再发".to_owned(),
        "正在进行的人工服务会结束".to_owned(),
        "只留下不带您身份的次数，用于统计".to_owned(),
    ]
}

/// After it was done; what stays is named.
pub fn forgotten(outcome: &Outcome) -> String {
    let mut lines = vec![if outcome.rows == 0 { nothing_kept() } else { format!("已清除您的信息（{} 条）。", outcome.rows) }];
    if outcome.withdrawn > 0 {
        lines.push(format!("已替您取消 {} 门课程的报名。", outcome.withdrawn));
    }
    if outcome.left_queue {
        lines.push("人工服务已结束；坐席已经看到的消息无法收回。".to_owned());
    }
    lines.extend(outcome.staying.iter().filter_map(|table| why_it_stays(table)));
    if !outcome.staying.is_empty() {
        lines.push("到时请再发一次 /forget。".to_owned());
    }
    lines.join("\n")
}

/// The same, where staff did it on the person's request.
pub fn forgotten_on_request(outcome: &Outcome) -> String {
    format!("按您向工作人员提出的要求：\n{}", forgotten(outcome))
}

/// Why something of a table stays; nothing where it goes by itself within moments.
pub fn why_it_stays(table: &str) -> Option<String> {
    match table {
        "enrolments" => Some("还有一门课程正在进行，签到名单要留到课程结束。".to_owned()),
        "ballots" => Some("您参加的投票还没有截止，票要留到那时。".to_owned()),
        "ledger_items" => Some("您的意见建议还在办理，要留到答复以后。".to_owned()),
        "quiz_entries" => Some("您参加的答题还没结束或还没开奖，为了公平，答题记录要留到那时。".to_owned()),
        _ => None,
    }
}

/// In a group.
pub fn only_in_private() -> String {
    "这是您个人的信息，请私聊我发 /mydata 或 /forget。".to_owned()
}

/// Stands for the name of somebody who was forgotten.
pub fn somebody() -> &'static str {
    "提问人"
}

/// The short notice after a tap.
pub fn done() -> String {
    "好的".to_owned()
}

/// What a table holds.
pub fn heading(table: &str) -> &'static str {
    match table {
        "questions" => "您问过的问题",
        "topics" => "正在谈的话题",
        "web_askers" => "等答复的提问",
        "answers_shown" => "已给您看过的后来的答复",
        "web_notices_unwanted" => "不想看到的答复提醒",
        "inquiry_messages" => "人工服务中的对话",
        "inquiries" => "人工服务",
        "enrolments" => "课程报名",
        "check_ins" => "课程签到",
        "certificates" => "结业证明",
        "enrolment_questions" => "报名时正在问您的",
        "quiz_entries" => "答题记录",
        "survey_answers" => "课后问卷的回答",
        "survey_talks" => "课后问卷",
        "ballots" => "下一课的投票",
        "subscriptions" => "订阅的类别",
        "subscribers" => "订阅",
        "ledger_items" => "意见建议",
        "answer_follows" => "要求提醒的答复",
        "later_answers_unwanted" => "不想收到的答复提醒",
        "deliveries" => "发给您的消息",
        _ => "其他记录",
    }
}

/// The same, said of somebody else.
pub fn of_somebody(table: &str) -> String {
    heading(table).replace('您', "此人")
}

/// The label of a column, on the page.
pub fn label(column: &str) -> &'static str {
    match column {
        "asked_at" | "said_at" | "queued_at" | "created_at" | "issued_at" | "at" | "answered_at" | "updated_at" | "voted_at" => "时间",
        "session" => "第几次",
        "stage" => "阶段",
        "answer" => "答复",
        "document" => "文件",
        "got_at" | "since" | "shown_at" => "时间",
        "code" => "编号",
        "label" => "问题",
        "answers" => "报名时填的",
        "question" => "问题",
        "decision" => "结果",
        "useful" => "您的评价",
        "author" => "谁说的",
        "text" => "内容",
        "state" => "状态",
        "stars" | "score" => "评分",
        "class_id" => "课程",
        "quiz_id" => "答题",
        "display_name" => "姓名",
        "phone_hash" => "手机号的校验值（还原不出号码）",
        "number" | "topic" => "序号",
        "tag" => "类别",
        "rhythm" => "频率",
        "origin" => "来由",
        _ => "内容",
    }
}

/// The values of a row as people read them, each under its column; what is empty is left out.
pub fn cells(found: &Found, row: &Map<String, Value>) -> Vec<(&'static str, String)> {
    let text = |column: &'static str| {
        let text = match row.get(column)? {
            Value::String(text) => text.clone(),
            Value::Number(number) if column == "useful" => if number.as_i64() == Some(1) { "有用" } else { "无用" }.to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
        };
        let text = if column.ends_with("_at") || column == "at" {
            Timestamp::parse(&text).map_or(text, Timestamp::chinese)
        } else {
            word(column, text)
        };
        (!text.is_empty()).then_some((column, text))
    };
    found.columns.iter().filter_map(|column| text(column)).collect()
}

fn word(column: &str, text: String) -> String {
    let word = match (column, text.as_str()) {
        ("decision", "answered") => "已答",
        ("decision", "clarify") => "追问",
        ("decision", "abstained") => "没答上",
        ("state", "waiting") => "排队中",
        ("state", "human") => "服务中",
        ("state", "closed") => "已结束",
        ("state", "enrolled") => "已报名",
        ("state", "offered") => "有名额待确认",
        ("state", "waitlisted") => "候补",
        ("state", "cancelled") => "已取消",
        ("state", "sent") => "已发",
        ("state", "pending" | "sending") => "待发",
        ("state", "failed") => "没发出",
        ("state", _) => "已作废",
        ("author", "asker") => "您",
        ("author", _) => "工作人员",
        ("rhythm", "weekly") => "每周一汇总",
        ("rhythm", _) => "随时发",
        ("origin", "reply") => "回复",
        ("origin", "reminder") => "提醒",
        ("origin", _) => "通知",
        ("tag", "*") => "面向所有人的通知",
        _ => return text,
    };
    word.to_owned()
}

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(VALUE_CHARACTERS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
