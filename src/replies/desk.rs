//! What is said when a question goes to a person: place in the queue, hours, who answers, and the 服务评价 at the end.

use crate::domain::inquiry::InquiryState;
use crate::domain::message::{Block, Button, Message};
use crate::domain::time::Timestamp;

/// The five steps of the 服务评价, the best first.
const STARS: [(i64, &str); 5] = [(5, "非常满意"), (4, "满意"), (3, "基本满意"), (2, "不满意"), (1, "非常不满意")];

/// In the queue, within office hours; `before` others wait longer.
pub fn waiting(before: i64) -> Message {
    let place = if before == 0 { "您排在第 1 位".to_owned() } else { format!("您前面还有 {before} 位") };
    still_asking(Message::text(format!("已转给人工坐席，{place}，请稍候。")))
}

/// In the queue, outside office hours.
pub fn closed_now(before: i64, opens: Timestamp) -> Message {
    let words =
        format!("现在不是人工服务时间。您的问题已经记下，排在第 {} 位，工作人员 {} 上班后按顺序回复您。", before + 1, opens.chinese());
    still_asking(Message::text(words))
}

/// In the queue, and the calendar of the year is not loaded.
pub fn hours_unknown(before: i64, hotline: &str) -> Message {
    let call = if hotline.is_empty() { String::new() } else { format!("急事请拨 {hotline}。") };
    let words = format!("您的问题已经记下，排在第 {} 位。放假安排还没有录入，说不准何时有人回复。{call}", before + 1);
    still_asking(Message::text(words))
}

fn still_asking(message: Message) -> Message {
    message
        .with(Block::Note("等候时可以接着问我，也可以补充情况；不需要人工了请点“结束人工”。".to_owned()))
        .with_buttons(vec![Button::data("结束人工", "unhuman")])
}

/// 转人工 without a question.
pub fn ask_first() -> Message {
    Message::text("请把要问的问题写在后面，例如：转人工 我的小规模纳税人季度申报该怎么填")
}

/// 转人工 in a group.
pub fn only_in_private() -> Message {
    Message::text("人工服务请私聊我，发送“转人工”加上您的问题，以免在群里暴露您的情况。")
}

/// Somebody took it: told to the asker.
pub fn taken(staff: &str) -> Message {
    Message::text(format!("工作人员 {staff} 正在为您服务，请直接打字。"))
        .with(Block::Note("人工服务期间我不插话。结束请发送“结束人工”。".to_owned()))
}

/// It goes to others: told to the asker.
pub fn moving() -> Message {
    Message::text("正在为您转给负责这项业务的工作人员，请稍候。")
}

/// A person's answer, with the name label.
pub fn answer(staff: &str, text: &str) -> Message {
    Message { blocks: vec![Block::Heading(format!("工作人员 {staff}：")), Block::Paragraph(text.to_owned())], buttons: Vec::new() }
}

/// Closed after a person answered: asks for the 服务评价.
pub fn rate_us(inquiry: &str) -> Message {
    let mut message = Message::text("本次人工服务已结束，又由我来回答。请评价这次服务：");
    for (stars, label) in STARS {
        message = message.with_buttons(vec![Button::data(label, format!("rate:{inquiry}:{stars}"))]);
    }
    message
}

/// Left the queue before anybody answered.
pub fn left_queue() -> Message {
    Message::text("已取消排队，您可以接着问我；需要时再发送“转人工”。")
}

/// 结束人工 where nothing is open.
pub fn nothing_open() -> Message {
    Message::text("您现在没有人工服务。需要时发送“转人工”加上您的问题。")
}

/// After a rating.
pub fn rated(stars: i64) -> String {
    let label = STARS.iter().find(|(many, _)| *many == stars).map_or("", |(_, label)| *label);
    format!("已收到您的评价“{label}”，谢谢！")
}

/// A rating that does not count.
pub fn not_rated() -> String {
    "这次服务已经评价过，或还没有结束。".to_owned()
}

/// A button tapped while a person answers.
pub fn a_person_answers() -> String {
    "工作人员正在为您服务，请直接打字；结束请发送“结束人工”。".to_owned()
}

/// A new inquiry, told in the staff chat.
pub fn for_staff(name: &str, question: &str, passages: &[String], score: f64, tax: &str) -> Message {
    let about = if tax.is_empty() { String::new() } else { format!("（{tax}）") };
    let mut message = Message {
        blocks: vec![Block::Heading(format!("转人工{about}：{name}")), Block::Paragraph(question.to_owned())],
        buttons: Vec::new(),
    };
    if passages.is_empty() {
        message = message.with(Block::Note("知识库里没有找到相近的依据。".to_owned()));
    } else {
        message = message.with(Block::Note(format!("找到的依据，把握 {score:.2}："))).with(Block::List(passages.to_vec()));
    }
    message.with(Block::Note("请“回复”本条：直接打字就是答复；/接 接待，/转 姓名或税种 转出，/结 办结。".to_owned()))
}

/// What the asker adds, told in the staff chat.
pub fn asker_says(name: &str, text: &str) -> Message {
    Message { blocks: vec![Block::Heading(format!("{name}：")), Block::Paragraph(text.to_owned())], buttons: Vec::new() }
}

/// The asker ended it, told in the staff chat.
pub fn asker_left(name: &str) -> Message {
    Message::text(format!("{name} 结束了这次人工服务。"))
}

/// Told to whoever answers in the staff chat.
pub fn sent_on() -> Message {
    Message::text("已转给提问人。")
}

/// Taken, told in the staff chat.
pub fn you_took(staff: &str) -> Message {
    Message::text(format!("由 {staff} 接待。"))
}

/// Handed on, told in the staff chat.
pub fn handed_to(to: &str) -> Message {
    Message::text(format!("已转给 {to}。"))
}

/// Closed, told in the staff chat.
pub fn you_closed() -> Message {
    Message::text("已办结，已请提问人评价。")
}

/// Whom to hand it to.
pub fn hand_to_whom() -> String {
    "请写明转给谁，例如：/转 王芳，或 /转 发票".to_owned()
}

/// Nothing to send.
pub fn nothing_to_say() -> String {
    "请写答复内容".to_owned()
}

/// A step its state does not allow.
pub fn not_now(state: InquiryState, assignee: Option<&str>) -> String {
    match (state, assignee) {
        (InquiryState::Closed, _) => "这次咨询已经办结；提问人可以再次发送“转人工”".to_owned(),
        (InquiryState::Human, Some(name)) => format!("已由 {name} 接待"),
        (InquiryState::Human | InquiryState::Waiting, _) => "这次咨询还没有人接待".to_owned(),
    }
}

/// A wrong word for a state.
pub fn wrong_state() -> String {
    "state 要写 waiting、human 或 closed".to_owned()
}

/// A text that is too long.
pub fn too_long(most: usize) -> String {
    format!("最多 {most} 个字")
}
