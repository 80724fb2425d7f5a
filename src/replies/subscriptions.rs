//! What is said about subscriptions: what there is, what holds now, the weekly digest.

use crate::domain::bulletin::{Bulletin, Rhythm};
use crate::domain::message::{Block, Button, Message};
use crate::domain::time::chinese_date;

/// What one may tap: key and tag of each, those chosen ticked.
pub fn list(choices: &[(String, String)], chosen: &[String], rhythm: Rhythm) -> Message {
    let names: Vec<String> = chosen.iter().map(|tag| name(tag)).collect();
    let now = if names.is_empty() {
        "您还没有订阅。点下面的类别就能订阅，再点一次取消。".to_owned()
    } else {
        format!("您已订阅：{}。点一下可以增减。", names.join("、"))
    };
    let mut message = Message { blocks: vec![Block::Heading("订阅政策通知".to_owned()), Block::Paragraph(now)], buttons: Vec::new() };
    for pair in choices.chunks(2) {
        let button = |(key, tag): &(String, String)| {
            let mark = if chosen.contains(tag) { "✓ " } else { "" };
            Button::data(format!("{mark}{}", name(tag)), format!("sub:{key}"))
        };
        message.buttons.push(pair.iter().map(button).collect());
    }
    let rhythms = [(Rhythm::AtOnce, "随时发"), (Rhythm::Weekly, "每周一汇总")];
    let button = |(each, label): (Rhythm, &str)| {
        let mark = if each == rhythm && !chosen.is_empty() { "✓ " } else { "" };
        Button::data(format!("{mark}{label}"), format!("rhythm:{}", each.word()))
    };
    message.buttons.push(rhythms.map(button).into());
    message.with(Block::Note("发“退订”就不再收到任何通知。".to_owned()))
}

/// The name of a tag; `*` is what goes to every group.
pub fn name(tag: &str) -> String {
    if tag == "*" { "面向所有人的通知".to_owned() } else { tag.to_owned() }
}

/// After a tap.
pub fn subscribed(tag: &str) -> String {
    format!("已订阅“{}”", name(tag))
}

/// After the second tap.
pub fn left(tag: &str) -> String {
    format!("不再发送“{}”", name(tag))
}

/// After choosing how often.
pub fn rhythm_set(rhythm: Rhythm) -> String {
    match rhythm {
        Rhythm::AtOnce => "好的，有通知就发给您".to_owned(),
        Rhythm::Weekly => "好的，每周一上午汇总发给您".to_owned(),
    }
}

/// After 退订.
pub fn stopped() -> String {
    "已退订，不再给您发通知。想恢复时发 /subscribe。".to_owned()
}

/// 退订 of somebody who has nothing.
pub fn nothing_to_stop() -> String {
    "您没有订阅过通知。想订阅时发 /subscribe。".to_owned()
}

/// A tag no group carries any more.
pub fn no_such_tag() -> String {
    "这个类别已经没有了，请发 /subscribe 重新选择。".to_owned()
}

/// In a group.
pub fn only_in_private() -> String {
    "订阅是您个人的，请私聊我发 /subscribe。".to_owned()
}

/// The week's bulletins for one person.
pub fn digest(bulletins: &[&Bulletin], public_url: &str) -> Message {
    let mut message =
        Message { blocks: vec![Block::Heading(format!("上周通知汇总（{} 条）", bulletins.len()))], buttons: Vec::new() };
    for bulletin in bulletins {
        let date = bulletin.sent_at.map(|at| chinese_date(at.date())).unwrap_or_default();
        let label = format!("{} {date}", bulletin.content.title);
        message.blocks.push(Block::Link { label, url: format!("{public_url}/bulletins/{}", bulletin.id) });
    }
    message.with(Block::Note("发 /subscribe 增减订阅，发“退订”不再收到。".to_owned()))
}
