//! What the inbox in the console says to staff: who waits and how long, and what a step brought about.

use std::time::Duration;

use crate::domain::inquiry::InquiryState;

/// How long somebody waits.
pub fn waited(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    match minutes {
        0 => "不到 1 分钟".to_owned(),
        1..60 => format!("{minutes} 分钟"),
        60..1_440 => format!("{} 小时 {} 分", minutes / 60, minutes % 60),
        _ => format!("{} 天 {} 小时", minutes / 1_440, minutes % 1_440 / 60),
    }
}

/// The queue.
pub fn waiting_heading() -> &'static str {
    "等待接待"
}

/// One's own talks.
pub fn mine_heading() -> &'static str {
    "我接待的"
}

/// The talks of the others.
pub fn others_heading() -> &'static str {
    "同事接待的"
}

/// Which part of a long list is shown.
pub fn part_of(first: i64, last: i64, all: i64) -> String {
    format!("第 {first} 到 {last} 个，共 {all} 个")
}

/// Nobody waits.
pub fn nobody_waits() -> String {
    "现在没有人等候".to_owned()
}

/// What the empty inbox is for.
pub fn what_comes_here() -> String {
    "有人在网页或 Telegram 里点“转人工”，问题就会出现在这里，并发到带“坐席”标签的群里；在哪一边答复都可以。".to_owned()
}

/// How an inquiry stands, for the one who looks at it.
pub fn standing_for_staff(state: InquiryState, assignee: Option<&str>, me: &str) -> String {
    match (state, assignee) {
        (InquiryState::Waiting, _) => "等待接待".to_owned(),
        (InquiryState::Human, Some(name)) if name == me => "由您接待".to_owned(),
        (InquiryState::Human, name) => format!("由 {} 接待", name.unwrap_or_default()),
        (InquiryState::Closed, _) => "已办结".to_owned(),
    }
}

/// Taken in the console.
pub fn you_answer_now() -> String {
    "由您接待，机器人不再插话".to_owned()
}

/// Handed on in the console.
pub fn handed_on(to: &str) -> String {
    format!("已转给 {to}")
}

/// Closed in the console.
pub fn closed_and_asked() -> String {
    "已办结，已请提问人评价".to_owned()
}

/// Under the answer's field.
pub fn answered_under(name: &str) -> String {
    format!("以“工作人员 {name}”的名义发给提问人；等候中的会同时由您接待")
}

/// A colleague to hand to.
pub fn colleague(name: &str, myself: bool) -> String {
    if myself { format!("{name}（我）") } else { name.to_owned() }
}

/// A queue to hand to.
pub fn queue_of(tax: &str) -> String {
    format!("{tax}（重新排队）")
}

/// Who asks, and from where.
pub fn asker_from(name: &str, channel: &str) -> String {
    if name.starts_with(channel) { name.to_owned() } else { format!("{name}（{channel}）") }
}

/// What waits on the first page of the console.
pub fn waiting_now() -> String {
    "等人工接待".to_owned()
}

/// As above, and how long the first of them waits.
pub fn waiting_longest(time: Duration) -> String {
    format!("等人工接待，最久 {}", waited(time))
}

/// Somebody is overlooked: the alert.
pub fn nobody_answers() -> String {
    "有人等人工接待已超过 1 个工作小时。请到工作台“人工咨询”接待，或在坐席群里回复。".to_owned()
}

/// A question whose text is kept no longer.
pub fn cleared() -> String {
    "（文字已按期清除）".to_owned()
}
