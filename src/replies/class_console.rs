//! What staff read in the console about classes: lists, the form, the door.

use super::classes::which;
use crate::domain::class::{Class, ClassState, EnrolmentState, Session};

/// State of a class.
pub fn class_state(state: ClassState) -> (&'static str, &'static str) {
    match state {
        ClassState::Draft => ("plain", "草稿"),
        ClassState::Published => ("good", "报名中"),
        ClassState::Cancelled => ("bad", "已取消"),
    }
}

/// How somebody stands.
pub fn enrolment_state(state: EnrolmentState) -> (&'static str, &'static str) {
    match state {
        EnrolmentState::Enrolled => ("good", "已报名"),
        EnrolmentState::Offered => ("wait", "保留名额中"),
        EnrolmentState::Waitlisted => ("wait", "候补"),
        EnrolmentState::Cancelled => ("plain", "已取消"),
    }
}

/// A session and its time.
pub fn session(class: &Class, session: &Session) -> String {
    let time = format!("{}至{}", session.starts_at.chinese(), session.ends_at.local().format("%H:%M"));
    match which(class, session.number).as_str() {
        "" => time,
        which => format!("{which}，{time}"),
    }
}

/// What the code on the trainer's page is for.
pub fn how_to_check_in() -> String {
    "请学员扫二维码，或在对话里发“签到 六位数字”。没带手机的，在下面的名单里点“签到”。".to_owned()
}

/// Before everybody on the list is told.
pub fn ask_cancel(title: &str) -> String {
    format!("取消“{title}”之后不能恢复，所有报名和候补的人会收到通知。")
}
