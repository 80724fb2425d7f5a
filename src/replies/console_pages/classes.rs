//! Classes: the list, the form, the page of one. The words of its page in the console, each under the name of what it stands for.

pub const HEADS: [&str; 4] = ["课程", "时间", "名额", "状态"];
pub const ROSTER_HEADS: [&str; 4] = ["姓名", "状态", "报名时填的", "到课"];
pub const TITLE: &str = "课程";
pub const NONE_YET: &str = "还没有课程";
pub const BEGIN: &str = "写好时间、地点和名额，发布后通知会送去审核，纳税人在群里和网页上报名。";
pub const NEW: &str = "新建课程";
pub const ALL_GROUPS: &str = "全部群";
pub const SAVE_DRAFT: &str = "保存草稿";
pub const NAME: &str = "课程名称";
pub const STARTS_AT: &str = "开始时间";
pub const ENDS_AT: &str = "结束时间";
pub const PLACE: &str = "地点";
pub const PLACE_HINT: &str = "线上课程不填，改填网址";
pub const ONLINE_URL: &str = "线上课堂网址";
pub const CAPACITY: &str = "名额";
pub const ENROL_FROM: &str = "从什么时候开始报名";
pub const ENROL_FROM_HINT: &str = "不填就是发布以后";
pub const ENROL_UNTIL: &str = "报名截止";
pub const ENROL_UNTIL_HINT: &str = "不填就是开课以前";
pub const REMINDERS: &str = "提醒";
pub const TRAINER: &str = "讲课老师";
pub const TAGS: &str = "通知发给哪些群（按标签）";
pub const WRONG_TIME: &str = "时间要写成 2026-11-26T09:00";
pub const WRONG_CAPACITY: &str = "名额要写成数字，例如 30";
pub const DRAFT_SAVED: &str = "已保存草稿";
pub const STATE: &str = "状态";
pub const ENROLLED: &str = "已报名";
pub const WAITING: &str = "候补";
pub const CAME: &str = "到课";
pub const PUBLISH: &str = "发布，并把通知送审";
pub const MOVE: &str = "改时间";
pub const EDIT: &str = "修改";
pub const CANCEL: &str = "取消课程";
pub const SUMMARY: &str = "小结、资料和问卷";
pub const ROSTER: &str = "名单";
pub const NOBODY_YET: &str = "还没有人报名";
pub const ROSTER_TELLS: &str = "报名的人会列在这里。";
pub const DOWNLOAD_ROSTER: &str = "下载名单 Excel";
pub const TIME: &str = "时间";
pub const ONLINE: &str = "线上课堂";
pub const PUBLISHED: &str = "已发布，通知等待审核";
pub const CANCELLED: &str = "已取消，报名的人会收到通知";
pub const MOVE_AND_TELL: &str = "改时间，并通知报名的人";
pub const WHICH_SESSION: &str = "哪一次";
pub const NEW_START: &str = "新的开始时间";
pub const NEW_START_HINT: &str = "课的长短不变";
pub const NO_START: &str = "请填写新的开始时间";
pub const MOVED: &str = "时间已改，报名的人会收到通知";

/// Minutes before the start when people can be reminded, with what they are called.
pub const REMINDER_TIMES: [(&str, &str); 4] =
    [("4320", "提前 3 天"), ("1440", "提前 1 天"), ("120", "提前 2 小时"), ("30", "提前 30 分钟")];

/// Seats taken of those there are, and who waits.
pub fn seats(seated: i64, capacity: i64, waiting: i64) -> String {
    let waits = if waiting > 0 { format!("，候补 {waiting}") } else { String::new() };
    format!("{seated} / {capacity}{waits}")
}

/// A session somebody came to.
pub fn came_to(number: i64) -> String {
    format!("第{number}次")
}

/// A session whose door can be opened.
pub fn with_door(session: &str) -> String {
    format!("{session}（签到）")
}

/// What is done, and to which class.
pub fn about(what: &str, class: &str) -> String {
    format!("{what}：{class}")
}
