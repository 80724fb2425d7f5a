//! What a scanned code opens, in words, and what staff are told about codes.

use crate::domain::campaign::CampaignItem;
use crate::domain::class::{Class, ClassState};
use crate::domain::document::{Document, Validity};
use crate::domain::message::{Block, Button, Message};
use crate::domain::time::{Timestamp, chinese_date};

/// Questions offered on the card of a document.
const QUESTIONS: usize = 3;
/// Longest question a button shows whole.
const BUTTON_CHARACTERS: usize = 28;

/// The card of a document or guide.
pub fn document(document: &Document, validity: Validity, excerpt: &[String], code: &str, link: &str) -> Message {
    let mut message = Message { blocks: vec![Block::Heading(document.title.clone())], buttons: Vec::new() };
    let since = document.effective_from.map(|date| format!("{}起施行", chinese_date(date)));
    let facts: Vec<String> = [document.number.clone(), since, Some(validity.word().to_owned())].into_iter().flatten().collect();
    message.blocks.push(Block::Note(facts.join(" · ")));
    if !excerpt.is_empty() {
        message.blocks.push(Block::List(excerpt.to_vec()));
    }
    message.blocks.push(Block::Link { label: "打开全文".to_owned(), url: link.to_owned() });
    for (number, question) in document.questions.iter().take(QUESTIONS).enumerate() {
        message.buttons.push(vec![Button::data(shortened(question), format!("card:{code}:{number}"))]);
    }
    message
}

/// The card of a class.
pub fn class(class: &Class, seated: i64, waiting: i64, link: &str) -> Message {
    let message = Message { blocks: vec![Block::Heading(class.title.clone())], buttons: Vec::new() }
        .with(Block::Paragraph(super::classes::when_and_where(class)))
        .with(Block::Paragraph(super::pages::seats(class, seated, waiting)))
        .with(Block::Link { label: "在网页上看".to_owned(), url: link.to_owned() });
    match class.state {
        ClassState::Published => message.with_buttons(vec![Button::data("报名", format!("enrol:{}", class.id))]),
        ClassState::Draft | ClassState::Cancelled => message,
    }
}

/// The card of an outing.
pub fn outing(item: &CampaignItem, due_at: Option<Timestamp>, link: &str) -> Message {
    let mut message = Message { blocks: vec![Block::Heading(item.title.clone())], buttons: Vec::new() }
        .with(Block::Paragraph(super::campaigns::outing_time(&due_at.map_or_else(|| "待定".to_owned(), Timestamp::chinese))));
    if let Some(place) = &item.place {
        message = message.with(Block::Paragraph(format!("地点：{place}")));
    }
    message
        .with(Block::Paragraph(item.body.trim().to_owned()))
        .with(Block::Link { label: "在网页上看".to_owned(), url: link.to_owned() })
}

/// A code whose thing is not there.
pub fn gone() -> Message {
    Message::text("这个二维码对应的内容已经撤下或更新，请直接发送您的问题，或发送 /help 看看能做什么。")
}

/// Not a form of picture we draw.
pub fn wrong_format() -> String {
    "format 要写 svg 或 png".to_owned()
}

/// Not one of the two links.
pub fn wrong_link() -> String {
    "link 要写 web（网页）或 chat（Telegram 聊天）".to_owned()
}

/// No bot to link to.
pub fn no_bot() -> String {
    "还没有连上 Telegram 机器人，聊天链接暂时没有；请用 link=web".to_owned()
}

/// Not a kind of thing that has codes.
pub fn wrong_kind() -> String {
    "类别要写 document、guide、class、outing 或 quiz".to_owned()
}

/// A size that cannot be printed.
pub fn wrong_size(least: u32, most: u32) -> String {
    format!("size 要在 {least} 到 {most} 之间，单位是像素")
}

/// A place name that cannot stand on a sheet.
pub fn wrong_place(most: usize) -> String {
    format!("张贴位置最多 {most} 个字，例如“2号窗口”，不能有换行")
}

/// Nothing hangs at this place.
pub fn nothing_at_place() -> String {
    "这个位置还没有二维码，请先添加".to_owned()
}

/// Title of a sheet for no place in particular.
pub fn sheet_title() -> String {
    "扫码看政策".to_owned()
}

/// Under the field for an id.
pub fn id_hint() -> String {
    "文件、指南写地址里最后一段，例如 /policies/vehicle-purchase 写 vehicle-purchase；课程、外出活动和答题写它们的编号。".to_owned()
}

/// Under the field for a place.
pub fn place_hint() -> String {
    "例如“2号窗口”。同一内容贴在不同位置，次数分开统计；不分位置就留空。".to_owned()
}

/// No code yet.
pub fn none_yet() -> String {
    "在下面选一份文件、指南、课程或外出活动，生成二维码，打印后贴在窗口或带到活动现场。".to_owned()
}

/// A code for no place in particular.
pub fn anywhere() -> String {
    "不分位置".to_owned()
}

/// The thing of a code is not there.
pub fn gone_title() -> String {
    "内容已撤下".to_owned()
}

/// On the button to the sheet of a place.
pub fn sheet_of(place: &str) -> String {
    format!("打印“{place}”")
}

/// After a code was made.
pub fn made() -> String {
    "二维码已生成，可以打印".to_owned()
}

/// No scan yet.
pub fn never_scanned() -> String {
    "还没有人扫过。只记次数，不记是谁扫的。".to_owned()
}

fn shortened(question: &str) -> String {
    if question.chars().count() <= BUTTON_CHARACTERS {
        return question.to_owned();
    }
    let head: String = question.chars().take(BUTTON_CHARACTERS - 1).collect();
    format!("{head}…")
}

/// The way to the sheet before.
pub fn earlier_sheet() -> &'static str {
    "上一张"
}

/// The way to the next sheet.
pub fn later_sheet() -> &'static str {
    "下一张"
}

/// Which of the codes of a place are on this sheet, counted from 1.
pub fn part_of_place(first: i64, last: i64, all: i64) -> String {
    format!("第 {first} 到 {last} 个，这里共有 {all} 个码；每张打印最多 60 个")
}
