//! What is said about a prize quiz and its draw: the rules, who is drawn, what is kept of whom, and the result.

use crate::domain::draw::{Drawn, commitment};
use crate::domain::message::{Block, Message};
use crate::domain::quiz::DrawnBy;
use crate::domain::time::Timestamp;

/// Entrants named in the bulletin of a result; the page has all.
const NAMED: usize = 50;

/// In the console: passed, and not drawn.
pub const NOT_IN_DRAW: &str = "及格，没留手机号";
/// On the button under the announcement, which opens the private chat.
pub const MY_NUMBER: &str = "查成绩、领抽奖号";
pub const PRIZE_CHECK: &str = "核对领奖";
pub const PRIZE_PHONE: &str = "来领奖的人报的手机号";

/// The mobile number took part before.
pub fn phone_taken() -> String {
    "这个手机号已经参加了抽奖，一个手机号只参加一次。要只答题、不抽奖，请把手机号清空再提交".to_owned()
}

/// Not a mobile number.
pub fn wrong_phone() -> String {
    "手机号要写 11 位数字，例如 13800000000".to_owned()
}

/// A number was given without consent.
pub fn not_agreed() -> String {
    "填了手机号，请勾选下面的“同意”；不想留手机号，就把它清空，只答题、不抽奖".to_owned()
}

/// Whoever joins the draw has answered.
pub fn answer_first() -> String {
    "请先答题，再参加抽奖".to_owned()
}

/// What the draw and the prizes rest on was emptied.
pub fn let_go_of() -> String {
    "参加人的登记已按保存期限清除，不能再抽奖或核对".to_owned()
}

/// There is no winner yet.
pub fn not_drawn_yet() -> String {
    "还没有抽奖，抽奖以后再核对".to_owned()
}

/// What a mobile number has to do with the draw.
pub fn prize_checked(won: bool, number: Option<i64>) -> String {
    match number {
        Some(number) if won => format!("中奖了：这个手机号的抽奖号是 {number} 号，可以领奖"),
        Some(number) => format!("没有中奖：这个手机号的抽奖号是 {number} 号"),
        None => "没有人用这个手机号参加这次抽奖".to_owned(),
    }
}

/// What one agrees to with a mobile number.
pub fn agreement(days: u32) -> String {
    format!("同意用这个手机号参加抽奖：只存它的校验值，不存号码；用来保证一个手机号只抽一次、领奖时核对；抽奖 {days} 天后删除")
}

/// What is kept of whoever answers, and why.
pub fn kept(days: u32, rule: DrawnBy) -> Vec<String> {
    let one = match rule {
        DrawnBy::Phone => "一个手机号一个抽奖号，在群里答、在网页答都一样；不留手机号也能答题、看成绩，只是不参加抽奖。",
        DrawnBy::PhoneOrAccount => "在群里点选的，一个账号算一次；在网页答的，一个手机号算一次。同一个人两边都答了，最多领一份奖。",
    };
    vec![
        "称呼：公布中奖时只显示第一个字。答案和分数：用来评分。".to_owned(),
        "手机号（自愿填）：系统用只属于这次答题的密钥算出一个校验值存下来，号码本身不保存，也不给别人看。用来做两件事：一个手机号只抽一次；领奖时请您报号码核对。"
            .to_owned(),
        format!("抽奖 {days} 天后，校验值、密钥和称呼（除第一个字）都会删除。想提前删除，打开“我的信息”页清除；答题还没结束的，结束以后再删。"),
        format!("{one}随便编的手机号抽中了也领不到：领奖要报得出号码、接得通电话。"),
    ]
}

/// Body of the announcement.
pub fn announcement(prize: &str, questions: usize, winners: i64, pass_percent: i64, closes_at: Timestamp, seed: &str) -> String {
    let prize = if prize.is_empty() { String::new() } else { format!("\n奖品：{prize}") };
    let share = if pass_percent == 100 { "全部答对".to_owned() } else { format!("答对 {pass_percent}% 以上") };
    format!(
        "一共 {questions} 道题，每题都有政策依据，每人答一次，以第一次选择为准。在群里直接点选，或打开下面的网页答；在频道里点选只作练习。\n\
         参加抽奖要留手机号，一个手机号一个抽奖号：在群里答的，答完点“{MY_NUMBER}”；在网页答的，提交时填。\n\
         截止：{}{prize}\n{share}的参加抽奖，抽出 {winners} 人。\n抽奖种子的指纹（先公布，防止事后更改）：{}",
        closes_at.chinese(),
        commitment(seed)
    )
}

/// Title of the result.
pub fn result_title(title: &str) -> String {
    format!("{title}：抽奖结果")
}

/// Body of the result, with all that is needed to draw again.
pub fn result(entries: usize, drawn: &Drawn, winners: &[(i64, String)], seed: &str, rule: DrawnBy) -> String {
    let won: Vec<String> = winners.iter().map(|(number, name)| format!("{number} 号 {name}")).collect();
    let won = if won.is_empty() { "没有符合条件的参加者".to_owned() } else { won.join("、") };
    let numbers: Vec<String> = drawn.entrants.iter().take(NAMED).map(ToString::to_string).collect();
    let more = if drawn.entrants.len() > NAMED { "…（全部号码在网页上）" } else { "" };
    let claim = match rule {
        DrawnBy::Phone => "领奖请报参加抽奖时留的手机号。",
        DrawnBy::PhoneOrAccount => "领奖：在群里答的请出示答题的账号，在网页答的请报参加时填的手机号。",
    };
    format!(
        "参加 {entries} 人，符合抽奖条件 {} 人。\n中奖：{won}\n{claim}\n\n\
         抽奖种子：{seed}\n指纹：{}\n参加抽奖的号码：{}{more}\n算法写在网页上，任何人都可以重算。",
        drawn.entrants.len(),
        commitment(seed),
        numbers.join("、"),
    )
}

/// How the draw is made, for the page.
pub fn method() -> &'static str {
    "号码从小到大排好；第 1 轮把“种子:1”算 SHA-256，取前 16 个字节当作一个大整数，除以剩余人数取余数，余数是几，就从第几个（从 0 数）抽出；抽出的人离开名单，\
     第 2 轮用“种子:2”，依此类推。种子的 SHA-256 就是事先公布的指纹。"
}

/// After answering.
pub fn passed(number: i64) -> String {
    format!("符合抽奖条件，您的抽奖号是 {number} 号，请记下。")
}

/// After answering on the web without a mobile number.
pub fn passed_without_phone() -> String {
    "分数够了。还没有填手机号，不参加抽奖；想参加，在下面填写。".to_owned()
}

/// After the end, for whoever waits for the draw.
pub fn waits_for_draw(number: i64) -> String {
    format!("答题已结束，您的抽奖号是 {number} 号，等待抽奖。")
}

/// After the end, without a mobile number.
pub fn not_in_draw() -> String {
    "没有留手机号，没有参加抽奖。".to_owned()
}

/// After the draw, to a winner.
pub fn won(number: i64) -> String {
    format!("恭喜，您的 {number} 号中奖了。请按通知里的说明领奖，领奖时报参加时留的手机号。")
}

/// After the draw, to whoever took part in it.
pub fn not_won(number: i64) -> String {
    format!("已经抽奖，您的 {number} 号没有抽中，谢谢参加。")
}

/// After answering, not well enough.
pub fn not_passed(percent: i64) -> String {
    if percent == 100 {
        "全部答对才参加抽奖，这次没有达到。".to_owned()
    } else {
        format!("答对 {percent}% 以上才参加抽奖，这次没有达到。")
    }
}

/// Under that field.
pub fn prize_check_hint(rule: DrawnBy) -> &'static str {
    match rule {
        DrawnBy::Phone => "号码不保存，只和参加时留下的校验值比对",
        DrawnBy::PhoneOrAccount => "号码不保存，只和参加时留下的校验值比对；在群里答题的请看账号",
    }
}

/// A name as others may see it: its first character.
pub fn shortened_name(name: &str) -> String {
    match name.trim().chars().next() {
        Some(first) => format!("{first}**"),
        None => "匿名".to_owned(),
    }
}

/// In the private chat: where somebody who has not answered does so.
pub fn card(title: &str, link: &str) -> Message {
    Message { blocks: vec![Block::Heading(title.to_owned())], buttons: Vec::new() }
        .with(Block::Paragraph("您还没有答题。在群里点选，或点下面的链接在网页上答，每人一次。".to_owned()))
        .with(Block::Link { label: "开始答题".to_owned(), url: link.to_owned() })
}

/// In the private chat: how somebody stands.
pub fn standing(title: &str, told: &str) -> Message {
    Message { blocks: vec![Block::Heading(title.to_owned())], buttons: Vec::new() }.with(Block::Paragraph(told.to_owned()))
}

/// In the private chat: some questions are open still.
pub fn go_on(left: i64) -> String {
    format!("还有 {left} 题没有答，可以回群里接着点选。")
}

/// In the private chat: asks for the mobile number.
pub fn ask_phone(standing: Message, days: u32) -> Message {
    standing
        .with(Block::Paragraph("分数够了。想参加抽奖，请直接回复手机号（11 位数字）；在网页上用这个号码参加过的，不用再报。".to_owned()))
        .with(Block::Note(format!("回复手机号就是{}。不想参加，不用回复。", agreement(days))))
}

/// In the private chat: is in the draw now.
pub fn joined(number: i64) -> String {
    format!("已参加抽奖，您的抽奖号是 {number} 号，请记下。号码本身没有保存。开奖后再点“{MY_NUMBER}”看结果。")
}

/// In the private chat: the number has its number in the draw.
pub fn phone_drawn_already() -> String {
    "这个手机号已经参加了这次抽奖，一个手机号一个抽奖号，不用再报。在网页上参加的，请用当时的浏览器看抽奖号。".to_owned()
}

/// In a group: it is told in private.
pub fn only_in_private() -> String {
    "成绩和抽奖号只在私聊里说，请私聊机器人再点一次。".to_owned()
}
