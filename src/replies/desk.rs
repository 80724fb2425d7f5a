//! What is said when a question goes to a person: place in the queue, hours, who answers, and the 服务评价 at the end.

use crate::domain::inquiry::{InquiryState, Opening, Standing};
use crate::domain::message::{Block, Button, Message};

/// Opens a closed inquiry again.
pub const COME_BACK: &str = "接着咨询";

/// The five steps of the 服务评价, the best first.
pub const STARS: [(i64, &str); 5] = [(5, "非常满意"), (4, "满意"), (3, "基本满意"), (2, "不满意"), (1, "非常不满意")];

/// Who notes what nobody of the staff did.
pub const SERVICE: &str = "系统";

/// Where a waiting asker stands, and the honest promise outside office hours.
pub fn standing(standing: &Standing, hotline: &str) -> String {
    let before = standing.before;
    let place = before + 1;
    match standing.opening {
        Opening::Now if before == 0 => "已转给人工坐席，您排在第 1 位，请稍候。".to_owned(),
        Opening::Now => format!("已转给人工坐席，您前面还有 {before} 位，请稍候。"),
        Opening::At(opens) => {
            let opens = opens.chinese();
            format!("现在不是人工服务时间。您的问题已经记下，排在第 {place} 位，工作人员 {opens} 上班后按顺序回复您。")
        }
        Opening::Unknown => {
            let call = urgent(hotline);
            format!("您的问题已经记下，排在第 {place} 位。放假安排还没有录入，说不准何时有人回复。{call}")
        }
    }
}

/// In the queue: where, and what one may do meanwhile.
pub fn queued(standing: &str) -> Message {
    Message::text(standing)
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
    rating(Message::text("本次人工服务已结束，又由我来回答。请评价这次服务；还没解决可以接着咨询："), inquiry)
}

/// Closed because nobody said anything: told to the asker.
pub fn idle_for_asker(inquiry: &str) -> Message {
    rating(
        Message::text("好一会儿没有新消息，这次人工服务先结束了，又由我来回答。还没解决请点“接着咨询”，会排在原来的位置；解决了请评价："),
        inquiry,
    )
}

fn rating(mut message: Message, inquiry: &str) -> Message {
    for (stars, label) in STARS {
        message = message.with_buttons(vec![Button::data(label, format!("rate:{inquiry}:{stars}"))]);
    }
    message.with_buttons(vec![Button::data(COME_BACK, format!("back:{inquiry}"))])
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
    format!("已收到您的评价“{}”，谢谢！", star_label(stars))
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
    message.with(how_to_answer())
}

fn how_to_answer() -> Block {
    Block::Note("请“回复”本条：直接打字就是答复；/接 接待，/转 姓名或税种 转出，/结 办结。".to_owned())
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

/// The asker came back, told in the staff chat.
pub fn asker_back(name: &str, question: &str, tax: &str) -> Message {
    let about = if tax.is_empty() { String::new() } else { format!("（{tax}）") };
    Message {
        blocks: vec![Block::Heading(format!("接着咨询{about}：{name}")), Block::Paragraph(question.to_owned())], buttons: Vec::new()
    }
    .with(how_to_answer())
}

/// Closed because nobody said anything, told in the staff chat.
pub fn idle_for_staff(name: &str) -> Message {
    Message::text(format!("{name} 的咨询好一会儿没有新消息，已自动结束；提问人可以接着咨询。"))
}

/// Taken in the console, told in the staff chat.
pub fn taken_in_console(staff: &str, asker: &str) -> Message {
    Message::text(format!("{staff} 在工作台接待了 {asker}。"))
}

/// Answered in the console, told in the staff chat.
pub fn answered_in_console(staff: &str, asker: &str, text: &str) -> Message {
    Message {
        blocks: vec![Block::Heading(format!("{staff}（工作台）答复 {asker}：")), Block::Paragraph(text.to_owned())],
        buttons: Vec::new(),
    }
}

/// Handed on in the console, told in the staff chat.
pub fn handed_in_console(staff: &str, asker: &str, to: &str) -> Message {
    Message::text(format!("{staff} 在工作台把 {asker} 转给了 {to}。"))
}

/// Closed in the console, told in the staff chat.
pub fn closed_in_console(staff: &str, asker: &str) -> Message {
    Message::text(format!("{staff} 在工作台办结了 {asker} 的咨询。"))
}

/// A closed inquiry that cannot be opened again.
pub fn not_again() -> String {
    "这次咨询不能再打开：它还没有办结，或已经评价，或提问人另有一次咨询".to_owned()
}

/// A step as noted in the inquiry, after the name of who took it.
pub fn noted_taken() -> String {
    "接待".to_owned()
}

/// As above.
pub fn noted_handed_to(to: &str) -> String {
    format!("转给 {to}")
}

/// As above.
pub fn noted_closed() -> String {
    "办结".to_owned()
}

/// As above: the asker ended it.
pub fn noted_left() -> String {
    "结束了人工服务".to_owned()
}

/// As above: the asker came back.
pub fn noted_back() -> String {
    "接着咨询".to_owned()
}

/// As above: nobody said anything.
pub fn noted_idle() -> String {
    "好一会儿没有新消息，自动结束".to_owned()
}

/// As above: a colleague is there no more.
pub fn noted_freed(colleague: &str) -> String {
    format!("{colleague} 已不在岗，重新排队")
}

/// The asker, in the talk on the page.
pub fn you() -> String {
    "您".to_owned()
}

/// Who answers, as the asker sees it.
pub fn name_label(staff: &str) -> String {
    format!("工作人员 {staff}")
}

/// What staff call a visitor of the page; `label` tells visitors apart.
pub fn visitor_name(label: &str) -> String {
    format!("网页访客{label}")
}

/// A person answers: on the page.
pub fn served_by(staff: &str) -> String {
    format!("工作人员 {staff} 正在为您服务，请直接打字。")
}

/// Under the place in the queue: on the page.
pub fn while_waiting_on_the_page() -> String {
    "等候时可以接着问机器人，工作人员也会看到。关掉页面也不要紧，用这个浏览器再打开就能看到回复。".to_owned()
}

/// Under the name of who answers: on the page.
pub fn while_served_on_the_page() -> String {
    "人工服务期间机器人不插话。".to_owned()
}

/// It is over: on the page. `served`: whether a person ever answered.
pub fn over_on_the_page(served: bool) -> String {
    if served {
        "这次人工服务已结束，又由机器人回答。".to_owned()
    } else {
        "已不再排队，可以接着问机器人。".to_owned()
    }
}

/// 转人工 on the page without a question.
pub fn write_question_first() -> String {
    "请先把要问的问题写在输入框里，再点“转人工”".to_owned()
}

/// An empty message to a person.
pub fn nothing_said() -> String {
    "请先输入要说的话".to_owned()
}

/// It ended while the asker was typing.
pub fn over_while_typing() -> String {
    "这次人工服务已经结束，刚才的话没有发出；需要时请再点“转人工”".to_owned()
}

/// Stars that are none of the five.
pub fn wrong_stars() -> String {
    "请在五个选项里选一个评价".to_owned()
}

/// A step of the 服务评价 in words.
pub fn star_label(stars: i64) -> &'static str {
    STARS.iter().find(|(many, _)| *many == stars).map_or("", |(_, label)| *label)
}

/// Too many from one address wait.
pub fn many_wait_from_here(many: i64, hotline: &str) -> String {
    format!("从您这个网络转来的咨询已有 {many} 个在排队，请等前面的接待后再转。{}", urgent(hotline))
}

/// Too many from one address asked within the hour.
pub fn many_asked_from_here(minutes: i64, hotline: &str) -> String {
    format!("从您这个网络转人工的次数较多，请过 {minutes} 分钟再试。{}", urgent(hotline))
}

fn urgent(hotline: &str) -> String {
    if hotline.is_empty() { String::new() } else { format!("急事请拨 {hotline}。") }
}
