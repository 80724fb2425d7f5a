//! Adding a session to a published class and calling one off. The words of these pages in the console.

use crate::domain::class::{Class, Session};
use crate::replies::classes::{span, which};

pub const ADD: &str = "加一次课";
pub const ADD_AND_TELL: &str = "加一次，并通知报名的人";
pub const STARTS_AT: &str = "开始时间";
pub const ENDS_AT: &str = "结束时间";
pub const NO_START: &str = "请填写开始时间";
pub const NO_END: &str = "请填写结束时间";
pub const ADDED: &str = "已加一次，报名和候补的人会收到通知";
pub const CALL_OFF: &str = "取消这一次";
pub const CALLED_OFF: &str = "这一次已取消，报名和候补的人会收到通知";
pub const TIMES: &str = "课次";
pub const HEADS: [&str; 4] = ["课次", "时间", "签到", "改动"];
pub const DOOR: &str = "签到";
pub const GONE: &str = "已取消";

/// Before everybody on the list is told.
pub fn ask(class: &Class, session: &Session) -> String {
    format!(
        "取消“{}”{}（{}）之后不能恢复，所有报名和候补的人会收到通知；其余几次照常上。",
        class.title,
        which(class, session.number),
        span(session.starts_at, session.ends_at)
    )
}

/// What was said of the form: the seats go along.
pub fn hint() -> &'static str {
    "已报名的人自动包括这一次；日历、提醒和签到会跟着加上"
}
