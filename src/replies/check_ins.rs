//! What people and staff hear at the door of a class, and about certificates.

use crate::domain::check_in::{OPENS_BEFORE, Reason};
use crate::domain::class::{Class, Session};
use crate::domain::message::{Button, Message};
use crate::domain::time::{Timestamp, chinese_date};

/// What came of a check-in, as one sentence.
pub fn told(reason: Reason, at: Option<(&Class, &Session)>) -> String {
    let name = at.map(|(class, session)| super::classes::session_name(class, session)).unwrap_or_default();
    match reason {
        Reason::CheckedIn => format!("签到成功：{name}。"),
        Reason::AlreadyIn => format!("已经签到过了：{name}，不用再签。"),
        Reason::NotEnrolled => format!("没有报名{name}，不能自己签到；有空位时请老师在现场登记。"),
        Reason::OtherSession => format!("这是{name}的签到码，现在上的不是这一次；请用现场屏幕上的六位数字。"),
        Reason::TooEarly => match at {
            Some((_, session)) => {
                format!("还没到签到时间：{name}从 {} 起可以签到。", session.starts_at.minus(OPENS_BEFORE).chinese())
            }
            None => "还没到签到时间。".to_owned(),
        },
        Reason::Over => format!("{name}已经结束，不能再签到；确实到过请找老师补登。"),
        Reason::Cancelled => format!("{name}已经取消，不用签到。"),
        Reason::WrongCode => "签到码不对。请看现场屏幕上的六位数字，再试一次。".to_owned(),
        Reason::TooMany => "签到码错得太多，请十分钟后再试，或请老师在现场登记。".to_owned(),
        Reason::Full => format!("{name}没有空位了，不能再登记。"),
    }
}

/// Was in before, since when.
pub fn since(at: Timestamp) -> String {
    format!("签到时间：{}", at.chinese())
}

/// How one checks in.
pub fn how() -> String {
    "上课时请扫现场的二维码签到，或发送：签到 加六位数字，例如“签到 123456”。".to_owned()
}

/// Too many taps at once.
pub fn too_many_taps(most: usize) -> String {
    format!("一次最多上传 {most} 条签到，请分几次")
}

/// A tap without a good id.
pub fn wrong_tap_id() -> String {
    "每条签到要有编号 id：1 到 64 个字母、数字或连字符".to_owned()
}

/// A walk-in's name.
pub fn wrong_name(most: usize) -> String {
    format!("请写到场人的姓名，1 到 {most} 个字")
}

/// A tap is of one of two kinds.
pub fn one_of_two() -> String {
    "每条签到写 enrolment（名单里的人）或 name（没有报名的人），只写一个".to_owned()
}

/// The news that a certificate is there.
pub fn certificate(class: &Class, link: &str) -> Message {
    Message::text(format!("您已完成“{}”，结业证明可以打印或出示：\n{link}", class.title))
        .with_buttons(vec![Button::url("打开结业证明", link)])
}

/// A person's certificates.
pub fn certificates(mine: &[(String, String)]) -> Message {
    if mine.is_empty() {
        return Message::text("您还没有结业证明。上完课并签到后会自动发给您。");
    }
    let lines: Vec<String> = mine.iter().map(|(title, link)| format!("{title}\n{link}")).collect();
    Message::text(format!("您的结业证明：\n{}", lines.join("\n")))
}

/// No certificate has this code.
pub fn no_such_certificate() -> String {
    "没有这个编号的结业证明。请核对编号：12 位字母和数字，例如 7K2M-9QXR-4HTP；字母里没有 I、O，数字里没有 0、1。".to_owned()
}

/// What whoever checks a certificate reads where it does not hold.
pub fn certificate_revoked(at: Option<Timestamp>) -> String {
    let on = at.map(|at| format!("（{}）", chinese_date(at.date()))).unwrap_or_default();
    format!("已撤销{on}：这份结业证明依据的签到记录已被更正，不再有效。")
}

/// What its holder is told when it is taken back.
pub fn certificate_taken_back(class: &Class, code: &str) -> Message {
    Message::text(format!(
        "“{}”的结业证明（编号 {code}）已撤销：签到记录已更正，到课次数不够。有疑问请联系老师；补登签到后会重新发给您。",
        class.title
    ))
}

/// `2026年11月26日`, or from the first day to the last.
pub fn days(from: chrono::NaiveDate, to: chrono::NaiveDate) -> String {
    if from == to { chinese_date(from) } else { format!("{}至{}", chinese_date(from), chinese_date(to)) }
}

/// `3 小时`, `1.5 小时`.
pub fn hours(minutes: i64) -> String {
    if minutes % 60 == 0 {
        format!("{} 小时", minutes / 60)
    } else if minutes % 30 == 0 {
        format!("{}.5 小时", minutes / 60)
    } else {
        format!("{} 小时 {} 分钟", minutes / 60, minutes % 60)
    }
}
