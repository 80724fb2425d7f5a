//! What people are told about classes.

use crate::domain::class::{Class, ClassState};
use crate::domain::time::{Timestamp, chinese_date};

/// When and where, in one or two lines.
pub fn when_and_where(class: &Class) -> String {
    let (from, to) = (class.starts_at.local(), class.ends_at.local());
    let until = if from.date() == to.date() { to.format("%H:%M").to_string() } else { class.ends_at.chinese() };
    let place = match (&class.place, &class.online_url) {
        (Some(place), _) => format!("地点：{place}"),
        (None, Some(url)) => format!("线上：{url}"),
        (None, None) => String::new(),
    };
    format!("时间：{} {}至{until}\n{place}", chinese_date(from.date()), from.format("%H:%M"))
}

/// Name of the days for enrolling, in a calendar.
pub fn enrolment_window(title: &str) -> String {
    format!("报名：{title}")
}

/// Body of the announcement.
pub fn announcement(class: &Class) -> String {
    let mut text = when_and_where(class);
    if let Some(trainer) = &class.trainer {
        text.push_str(&format!("\n主讲：{trainer}"));
    }
    text.push_str(&format!("\n名额：{} 人", class.capacity));
    if let Some(from) = class.enrol_from {
        text.push_str(&format!("\n报名开始：{}", from.chinese()));
    }
    if let Some(until) = class.enrol_until {
        text.push_str(&format!("\n报名截止：{}", until.chinese()));
    }
    text
}

/// Only a draft is published.
pub fn not_draft(state: ClassState) -> String {
    match state {
        ClassState::Published => "课程已经发布过了".to_owned(),
        ClassState::Cancelled => "课程已经取消，不能再发布；请新建一个".to_owned(),
        ClassState::Draft => "课程还是草稿".to_owned(),
    }
}

/// Cancelled before.
pub fn cancelled_already() -> String {
    "课程已经取消".to_owned()
}

/// Moved to where it was.
pub fn same_time() -> String {
    "新的时间和原来一样，请换一个时间".to_owned()
}

/// Got a seat.
pub fn seated(class: &Class) -> String {
    format!("报名成功：{}\n{}", class.title, when_and_where(class))
}

/// Had a seat.
pub fn seated_already(class: &Class) -> String {
    format!("您已经报过名了：{}\n{}", class.title, when_and_where(class))
}

/// Waits.
pub fn waiting(class: &Class, position: i64) -> String {
    format!("“{}”名额已满，您排在候补第 {position} 位。有人退出时会通知您确认。", class.title)
}

/// Enrolment has not begun.
pub fn not_yet(class: &Class, from: Timestamp) -> String {
    format!("“{}”还没开始报名，{} 开始。", class.title, from.chinese())
}

/// Enrolment is over.
pub fn over(class: &Class) -> String {
    format!("“{}”的报名已经截止。", class.title)
}

/// The class was called off.
pub fn cancelled(class: &Class) -> String {
    format!("“{}”已经取消。", class.title)
}

/// No such class.
pub fn no_such_class() -> String {
    "没有找到这门课程，发送 /课程 看看近期课程。".to_owned()
}

/// Gave up the seat.
pub fn withdrawn(class: &Class) -> String {
    format!("已取消报名：{}。名额会让给候补的人。", class.title)
}

/// Was not on the list.
pub fn not_enrolled(class: &Class) -> String {
    format!("您没有报名“{}”，不用取消。", class.title)
}

/// It has begun.
pub fn too_late(class: &Class) -> String {
    format!("“{}”已经开始，不能再取消报名。", class.title)
}
