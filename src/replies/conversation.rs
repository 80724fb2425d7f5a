//! What the service says in a conversation besides answers: greetings, lists, thanks, limits.

use crate::domain::bulletin::Bulletin;
use crate::domain::class::{Class, Standing};
use crate::domain::message::{Block, Button, Message};
use crate::domain::time::chinese_date;

/// Bulletins listed by /最新.
pub const LATEST: i64 = 5;

/// /start: what it can do, and what is kept (PIPL: purpose told first).
pub fn start(hotline: &str) -> Message {
    Message::text("您好，这里是纳税人之家。")
        .with(Block::List(vec![
            "直接发问题，例如“小规模一个月多少钱不交增值税”，我只按政策文件回答，并写明依据".to_owned(),
            "/latest 最新政策通知".to_owned(),
            "/classes 近期课程和报名".to_owned(),
            "/mine 我的报名".to_owned(),
            "/subscribe 订阅政策通知，随时可退订".to_owned(),
            "/mydata 看看保存了您的哪些信息，/forget 全部清除".to_owned(),
        ]))
        .with(Block::Note(format!(
            "为了改进解答，您的问题会保存一段时间，证件号、手机号会自动隐去。请不要发送身份证号、银行卡号。人工咨询请拨 {hotline}。"
        )))
}

/// /help.
pub fn help(hotline: &str) -> Message {
    Message::text("这样用：")
        .with(Block::List(vec![
            "私聊：直接发问题".to_owned(),
            "群里：发“/问 问题”，或 @ 我再写问题，或回复我的回答".to_owned(),
            "/latest 最新政策通知".to_owned(),
            "/classes 近期课程和报名".to_owned(),
            "/mine 我的报名，可以取消".to_owned(),
            "/subscribe 订阅通知；发“退订”就不再收到".to_owned(),
            "私聊发“转人工”加上问题，请工作人员回答；发“结束人工”结束".to_owned(),
            "可以接着问，例如“那小规模呢”；换话题发 /new".to_owned(),
            "/mydata 看看保存了您的哪些信息，/forget 全部清除".to_owned(),
        ]))
        .with(Block::Note(format!("我答不了的，请拨 {hotline}。")))
}

/// After /new.
pub fn forgotten() -> Message {
    Message::text("好的，换个话题，请问。")
}

/// A question command without a question.
pub fn ask_what() -> Message {
    Message::text("请把问题写在后面，例如：/问 小规模一个月多少钱不交增值税")
}

/// The last bulletins.
pub fn latest(bulletins: &[Bulletin]) -> Message {
    if bulletins.is_empty() {
        return Message::text("还没有发布过政策通知。");
    }
    let items = bulletins.iter().map(|bulletin| {
        let date = bulletin.sent_at.map(|at| chinese_date(at.date())).unwrap_or_default();
        let number = bulletin.content.number.as_ref().map(|number| format!("（{number}）")).unwrap_or_default();
        format!("{}{number} {date}", bulletin.content.title)
    });
    Message { blocks: vec![Block::Heading("最新通知".to_owned()), Block::List(items.collect())], buttons: Vec::new() }
}

/// Upcoming classes with a button each.
pub fn classes(listed: &[(Class, i64, i64)], public_url: &str) -> Message {
    if listed.is_empty() {
        return Message::text("近期没有课程，开新课时会在群里通知。");
    }
    let mut message = Message { blocks: vec![Block::Heading("近期课程".to_owned())], buttons: Vec::new() };
    for (number, (class, seated, waiting)) in (1..).zip(listed) {
        let left = (class.capacity - seated).max(0);
        let seats = if left > 0 { format!("还有 {left} 个名额") } else { format!("名额已满，{waiting} 人候补") };
        message.blocks.push(Block::Paragraph(format!("{number}. {}\n{}\n{seats}", class.title, super::classes::when_and_where(class))));
        message.buttons.push(vec![Button::data(format!("报名 {number}"), format!("enrol:{}", class.id))]);
    }
    message.with(Block::Link { label: "在网页上看".to_owned(), url: format!("{public_url}/classes") })
}

/// A person's classes, with a button to give each up.
pub fn mine(classes: &[(Class, Standing)]) -> Message {
    if classes.is_empty() {
        return Message::text("您还没有报名课程。发送 /classes 看看近期课程。");
    }
    let mut message = Message { blocks: vec![Block::Heading("我的报名".to_owned())], buttons: Vec::new() };
    for (number, (class, standing)) in (1..).zip(classes) {
        let words = match standing {
            Standing::Seated => "已报名".to_owned(),
            Standing::Offered(until) => format!("有名额了，请在 {} 前确认", until.chinese()),
            Standing::Waiting(position) => format!("候补第 {position} 位"),
        };
        message.blocks.push(Block::Paragraph(format!("{number}. {}（{words}）\n{}", class.title, super::classes::when_and_where(class))));
        let withdraw = |label: &str| Button::data(format!("{label} {number}"), format!("withdraw:{}", class.id));
        message.buttons.push(match standing {
            Standing::Seated if !class.fields.is_empty() => {
                vec![withdraw("取消报名"), Button::data(format!("{} {number}", super::asked::fill_in()), format!("fields:{}", class.id))]
            }
            Standing::Seated => vec![withdraw("取消报名")],
            Standing::Offered(_) => vec![Button::data(format!("确认参加 {number}"), format!("enrol:{}", class.id)), withdraw("不参加")],
            Standing::Waiting(_) => vec![withdraw("退出候补")],
        });
    }
    message
}

/// A class number that is not on the list.
pub fn no_such_number() -> Message {
    Message::text("没有这个序号的课程，发送 /classes 看看近期课程。")
}

/// After 有用.
pub fn thanks() -> String {
    "谢谢您的反馈！".to_owned()
}

/// After 无用.
pub fn sorry(hotline: &str) -> String {
    format!("已记下，我们会改进。急事请拨 {hotline}。")
}

/// A button whose thing is gone.
pub fn button_expired() -> String {
    "这个按钮已经失效，请重新提问。".to_owned()
}

/// Too many messages.
pub fn slow_down() -> Message {
    Message::text("您发得太快了，请一分钟后再问。")
}

/// Personal data in a group.
pub fn go_private(bot: Option<&str>) -> Message {
    let message = Message::text("您的消息里好像有证件号、手机号或卡号。为了保护您的信息，请撤回它，并私聊我继续。");
    match bot {
        Some(name) => message.with_buttons(vec![Button::url("私聊我", format!("https://t.me/{name}?start=group"))]),
        None => message,
    }
}
