//! What people are asked when they enrol, and what they hear about their answers.

use crate::domain::class::{AskedField, FieldKind};
use crate::domain::message::{Block, Button, Message};

/// The question.
pub fn question(field: &AskedField) -> Message {
    let how = match field.kind {
        FieldKind::Text => "",
        FieldKind::Number => "（请回数字）",
        FieldKind::Phone => "（11 位手机号）",
    };
    let mut message = Message { blocks: vec![Block::Paragraph(format!("请回复：{}{how}", field.label))], buttons: Vec::new() }
        .with(Block::Note(format!("用途：{}。只给主讲老师看，取消报名就删除。", field.reason.trim_end_matches('。'))));
    if !field.required {
        message = message.with_buttons(vec![Button::data("跳过", "answer:skip"), Button::data("以后再填", "answer:later")]);
    } else {
        message = message.with_buttons(vec![Button::data("以后再填", "answer:later")]);
    }
    message
}

/// The answer does not fit; the question again.
pub fn again(field: &AskedField, why: &str) -> Message {
    let mut message = question(field);
    message.blocks.insert(0, Block::Paragraph(format!("这样写不行：{why}。")));
    message
}

/// It may not be skipped.
pub fn is_required(field: &AskedField) -> Message {
    let mut message = question(field);
    message.blocks.insert(0, Block::Paragraph("这一项必须填写，不能跳过。".to_owned()));
    message
}

/// All is said.
pub fn thanks(title: &str) -> Message {
    Message::text(format!("“{title}”的报名信息填好了，谢谢。"))
}

/// No more now.
pub fn later() -> Message {
    Message::text("好的，名额为您留着。发送 /mine 可以随时补填。")
}

/// On the button that asks what is still missing.
pub fn fill_in() -> &'static str {
    "补填信息"
}

/// Too long, or nothing.
pub fn too_long(most: usize) -> String {
    format!("请写 1 到 {most} 个字")
}

/// No number.
pub fn not_a_number() -> String {
    "请只写一个整数，例如 3".to_owned()
}

/// No mobile number.
pub fn not_a_phone() -> String {
    "请写 11 位手机号".to_owned()
}

/// A required answer is missing.
pub fn missing(label: &str) -> String {
    format!("请填写“{label}”")
}

/// An answer does not fit.
pub fn wrong(label: &str, why: &str) -> String {
    format!("“{label}”不对：{why}")
}
