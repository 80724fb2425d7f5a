//! What people are told once a class is over: materials, the vote for the next topic, the survey.

use crate::domain::message::{Block, Button, Message};
use crate::domain::survey::{BEST, Kind, Question};
use crate::domain::time::Timestamp;

/// What was handed out: title and address of each.
pub fn materials(class: &str, links: Vec<(String, String)>) -> Message {
    let mut message = Message { blocks: vec![Block::Heading(format!("课程资料：{class}"))], buttons: Vec::new() };
    message.blocks.extend(links.into_iter().map(|(label, url)| Block::Link { label, url }));
    message.with(Block::Note("点标题打开或下载".to_owned()))
}

/// Asks for the next topic.
pub fn vote(id: &str, class: &str, topics: &[String], closes_at: Timestamp) -> Message {
    let message = Message { blocks: vec![Block::Heading("下一课讲什么？".to_owned())], buttons: Vec::new() }
        .with(Block::Paragraph(format!("您参加过“{class}”，请选一个最想听的内容。")))
        .with(Block::Note(format!("每人一票，{} 前可以改选", closes_at.chinese())));
    (0..).zip(topics).fold(message, |message, (number, topic): (usize, &String)| {
        message.with_buttons(vec![Button::data(topic.clone(), format!("vote:{id}:{number}"))])
    })
}

/// The ballot counts.
pub fn voted(topic: &str, closes_at: Timestamp) -> String {
    format!("已投：{topic}。{} 前可以改选。", closes_at.chinese())
}

/// Too late to vote.
pub fn vote_closed() -> String {
    "投票已经截止，谢谢关注。".to_owned()
}

/// No such vote or topic.
pub fn no_such_vote() -> String {
    "没有找到这次投票。".to_owned()
}

/// Nothing was chosen on the page.
pub fn choose_a_topic() -> String {
    "请先选一个内容，再点“投票”。".to_owned()
}

/// One question of a survey; buttons name the talk and the question.
pub fn survey_question(class: &str, talk: &str, number: usize, of: usize, question: &Question, minutes: u64) -> Message {
    let mut message = Message { blocks: vec![Block::Heading(format!("课后问卷 {}/{of}：{class}", number + 1))], buttons: Vec::new() }
        .with(Block::Paragraph(question.text.clone()));
    match question.kind {
        Kind::Score => {
            message = message.with(Block::Note("1 分很不满意，5 分很满意".to_owned()));
            let score = |score: i64| Button::data(format!("{score} 分"), format!("svy:{talk}:{number}:{score}"));
            message = message.with_buttons((1..=BEST).map(score).collect());
        }
        Kind::Words | Kind::Unclear => {
            message = message.with(Block::Note(format!("直接回复文字即可，{minutes} 分钟内有效；过后您写的话仍按提问处理")));
        }
    }
    message.with_buttons(vec![
        Button::data("跳过", format!("svy:{talk}:{number}:skip")),
        Button::data("不再回答", format!("svy:{talk}:{number}:stop")),
    ])
}

/// The last question was answered.
pub fn survey_thanks() -> Message {
    Message::text("问卷答完了，谢谢您。您写的意见会转给老师。")
}

/// A score was noted.
pub fn scored(score: i64) -> String {
    format!("已记下：{score} 分")
}

/// A score was changed.
pub fn score_changed(score: i64) -> String {
    format!("已改为 {score} 分")
}

/// A question was passed over.
pub fn skipped() -> String {
    "已跳过".to_owned()
}

/// Was answered before.
pub fn answered_already() -> String {
    "这一题已经过去了".to_owned()
}

/// No more questions.
pub fn survey_stopped() -> String {
    "好的，这份问卷不再问您了。".to_owned()
}

/// Too late, or another person's.
pub fn survey_over() -> String {
    "这份问卷已经结束。".to_owned()
}

/// Words were kept as an answer.
pub fn words_kept(kind: Kind) -> Message {
    let text = match kind {
        Kind::Unclear => "已记下，会转给老师整理。",
        Kind::Words | Kind::Score => "已记下，谢谢您的建议。",
    };
    Message::text(text).with(Block::Note("如果您是想现在提问，请发：/问 加上您的问题".to_owned()))
}

/// Refusals to staff.
pub fn wrong_material_title(most: usize) -> String {
    format!("请填写资料名称，最多 {most} 个字")
}

/// Neither link nor file, or both.
pub fn link_or_file() -> String {
    "请填写链接，或者选一个文件，两样只要一样".to_owned()
}

/// Not an address.
pub fn wrong_link() -> String {
    "链接要以 https:// 或 http:// 开头".to_owned()
}

/// Too large.
pub fn file_too_large(megabytes: usize) -> String {
    format!("文件最大 {megabytes} MB，请压缩或分成几份")
}

/// Not one of the kinds.
pub fn wrong_file() -> String {
    "只收 PDF、Word、PowerPoint、Excel（不带宏）和 JPG、PNG、WebP 图片".to_owned()
}

/// What a file may be.
pub fn file_hint(megabytes: usize) -> String {
    format!("PDF、Word、PowerPoint、Excel 或图片，最大 {megabytes} MB")
}

/// Enough.
pub fn too_many_materials(most: usize) -> String {
    format!("一门课最多 {most} 份资料")
}

/// Nothing new to push.
pub fn nothing_to_push() -> String {
    "没有新的资料要发：请先添加资料".to_owned()
}

/// Nobody to tell.
pub fn nobody_to_tell() -> String {
    "还没有人参加这门课，没有人可以发；有人报名以后（课程结束后是有人签到以后）再发".to_owned()
}

/// It was called off.
pub fn class_not_on() -> String {
    "课程没有发布或已经取消，不能发给学员".to_owned()
}

/// Told already.
pub fn pushed_already() -> String {
    "这份资料已经发给学员，不能再删".to_owned()
}

/// Wrong number of topics.
pub fn wrong_topics(least: usize, most: usize, longest: usize) -> String {
    format!("请写 {least} 到 {most} 个候选内容，一行一个，各不相同，每个最多 {longest} 个字")
}

/// Wrong end of a vote.
pub fn wrong_closing() -> String {
    "截止时间要在十分钟以后、六十天以内".to_owned()
}

/// One vote at a time.
pub fn vote_runs(until: Timestamp) -> String {
    format!("上一次投票还没有截止（{}），请等它结束", until.chinese())
}

/// Asked already.
pub fn survey_opened() -> String {
    "问卷已经发出，问题不能再改".to_owned()
}

/// Wrong questions.
pub fn wrong_questions(most: usize, longest: usize) -> String {
    format!("问卷最多 {most} 个问题，每个写 1 到 {longest} 个字")
}

/// A line of the console's form that is not a question.
pub fn wrong_question_line() -> String {
    "每行一个问题，以“打分：”“文字：”或“疑问：”开头".to_owned()
}

/// Name of a kind, as staff write it before a question.
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Score => "打分",
        Kind::Words => "文字",
        Kind::Unclear => "疑问",
    }
}

/// What happened, for the console.
pub fn kept() -> String {
    "资料已添加，点“发给学员”才会发出".to_owned()
}

/// The material is gone.
pub fn removed() -> String {
    "资料已删除".to_owned()
}

/// How many are being told.
pub fn pushed(people: usize) -> String {
    format!("正在发给 {people} 位学员，每人一条消息")
}

/// How many are asked.
pub fn vote_begun(people: usize) -> String {
    format!("投票已发给 {people} 位学员，也可以把投票页的链接贴到别处")
}

/// The questions were changed.
pub fn survey_kept() -> String {
    "问卷已保存，课程结束后发给签到的学员".to_owned()
}

/// Nothing was answered.
pub fn answer_one() -> String {
    "请至少回答一个问题再提交".to_owned()
}

/// Somebody has answered; or nobody is asked here, or not any more.
pub fn no_web_survey(answered: bool) -> String {
    if answered {
        "问卷已收到，谢谢您的意见。".to_owned()
    } else {
        "没有要填的问卷：课还没上完、没有签到，或已过七天。".to_owned()
    }
}
