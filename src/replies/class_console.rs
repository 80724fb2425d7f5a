//! What staff read in the console about classes: lists, the form, the door.

use super::classes::which;
use crate::domain::class::{Class, ClassState, EnrolmentState, FieldKind, Session};
use crate::domain::time::Timestamp;

/// State of a class at `now`.
pub fn class_state(class: &Class, now: Timestamp) -> (&'static str, &'static str) {
    match class.state {
        ClassState::Draft => ("plain", "草稿"),
        ClassState::Published if class.ends_at <= now => ("plain", "已上完"),
        ClassState::Published if class.starts_at <= now => ("wait", "已开课"),
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

/// A check-in was taken back, or there was none.
pub fn undone(done: bool) -> &'static str {
    if done { "已撤销签到" } else { "没有签到记录，不用撤销" }
}

/// What a phone uploads cannot be read.
pub fn wrong_upload() -> String {
    "上传的签到读不出来，请刷新本页再试".to_owned()
}

/// Sheets, heads and words of the roster's workbook.
pub const ROSTER: &str = "名单";
pub const ABSENT: &str = "缺席";
pub const ABSENT_HEADS: [&str; 3] = ["课次", "时间", "姓名"];
pub const ROSTER_HEADS: [&str; 4] = ["序号", "姓名", "状态", "候补第几位"];
pub const TIMES_COME: &str = "到课次数";

/// Head of a session's column: when each came.
pub fn came_to(class: &Class, number: i64) -> String {
    format!("{}签到时间", which(class, number))
}

/// Stands above those who did not come.
pub fn absent_note() -> &'static str {
    "有名额而没有签到的人，只列已经上完的课"
}

/// No such class.
pub fn no_such_class() -> String {
    "没有这门课程".to_owned()
}

/// No such session, or it was called off.
pub fn no_such_session() -> String {
    "没有这一次课，或者已经取消".to_owned()
}

/// Marks what must be answered.
pub const MUST: &str = "必填";

/// What an answer must be; nothing for plain words.
pub fn field_kind(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "",
        FieldKind::Number => "数字",
        FieldKind::Phone => "手机号",
    }
}

/// How times are written.
pub fn sessions_hint() -> &'static str {
    "一行写一次，例如 2026-11-26 14:00-16:00；加一次就加一行，减一次就删一行"
}

/// How questions are written.
pub fn asked_hint() -> &'static str {
    "一行一项，最多 5 项：名称｜用途，后面可以加｜数字、｜手机号、｜必填，例如 单位名称｜准备材料｜必填"
}

/// A time that cannot be read.
pub fn wrong_session_line(line: &str) -> String {
    format!("上课时间“{line}”读不出来，请写成 2026-11-26 14:00-16:00 这样")
}

/// A question that cannot be read.
pub fn wrong_asked_line(line: &str) -> String {
    format!("“{line}”读不出来，请写成 单位名称｜准备材料｜必填 这样")
}

/// Whether a column of this heading holds times.
pub fn is_time(head: &str) -> bool {
    head.ends_with("时间")
}
