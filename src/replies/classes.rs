//! What people are told about classes.

use crate::domain::class::{Class, ClassState, Session};
use crate::domain::time::{Timestamp, chinese_date};

pub const ENROL: &str = "报名";
pub const ENROL_AGAIN: &str = "重新报名";
pub const WITHDRAW: &str = "取消报名";
pub const LEAVE_LINE: &str = "退出候补";
pub const ACCEPT: &str = "确认参加";
pub const DECLINE: &str = "不参加";
/// Name of the calendar of all classes.
pub const CALENDAR: &str = "纳税人学堂";
/// Whoever enrols from a chat that gives no name.
pub const SOMEBODY: &str = "学员";

/// `2026年11月27日 14:00至16:00`.
pub fn span(starts_at: Timestamp, ends_at: Timestamp) -> String {
    let (from, to) = (starts_at.local(), ends_at.local());
    let until = if from.date() == to.date() { to.format("%H:%M").to_string() } else { ends_at.chinese() };
    format!("{} {}至{until}", chinese_date(from.date()), from.format("%H:%M"))
}

/// `第2次`, or nothing where the class meets once.
pub fn which(class: &Class, number: i64) -> String {
    if class.is_series() { format!("第{number}次") } else { String::new() }
}

/// `“新办企业第一课”第2次`.
pub fn session_name(class: &Class, session: &Session) -> String {
    format!("“{}”{}", class.title, which(class, session.number))
}

/// When a session starts, for a reminder.
pub fn session_when(class: &Class, session: &Session) -> String {
    match which(class, session.number).as_str() {
        "" => session.starts_at.chinese(),
        which => format!("{which}，{}", session.starts_at.chinese()),
    }
}

/// When the class starts; every time where it meets more than once.
pub fn when(class: &Class) -> String {
    class.sessions.iter().map(|session| session_when(class, session)).collect::<Vec<_>>().join("；")
}

/// A session's new time, and all the times that stand now.
pub fn session_moved(class: &Class, number: i64) -> String {
    match class.session(number) {
        Some(session) if class.is_series() => {
            format!("{}改到 {}。全部时间：{}", which(class, number), session.starts_at.chinese(), when(class))
        }
        Some(_) | None => when(class),
    }
}

/// A session that is new, with its whole time.
pub fn session_added(class: &Class, number: i64) -> String {
    let time = class.session(number).map(|session| span(session.starts_at, session.ends_at)).unwrap_or_default();
    format!("新加{}：{time}", which(class, number))
}

/// A session that is not held.
pub fn session_called_off(class: &Class, gone: &Session) -> String {
    format!("{}（原定 {}）取消", which(class, gone.number), gone.starts_at.chinese())
}

/// When and where, in a few lines.
pub fn when_and_where(class: &Class) -> String {
    let place = match (&class.place, &class.online_url) {
        (Some(place), _) => format!("地点：{place}"),
        (None, Some(url)) => format!("线上：{url}"),
        (None, None) => String::new(),
    };
    let times = if class.is_series() {
        format!("时间：共{}次\n{}", class.sessions.len(), times(class, span).join("\n"))
    } else {
        format!("时间：{}", span(class.starts_at, class.ends_at))
    };
    format!("{times}\n{place}")
}

/// One line for each session of a series as `span` writes its time; then those that were called off.
pub fn times(class: &Class, span: impl Fn(Timestamp, Timestamp) -> String) -> Vec<String> {
    let held =
        class.sessions.iter().map(|session| format!("{}：{}", which(class, session.number), span(session.starts_at, session.ends_at)));
    held.chain(class.called_off.iter().map(|gone| session_called_off(class, gone))).collect()
}

/// Name of a session in a calendar.
pub fn calendar_title(class: &Class, session: &Session) -> String {
    match which(class, session.number).as_str() {
        "" => class.title.clone(),
        which => format!("{}（{which}）", class.title),
    }
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

/// A time that has passed.
pub fn already_past() -> String {
    "开始时间已经过去，请选择以后的时间".to_owned()
}

/// The end comes before the start.
pub fn ends_before() -> String {
    "结束时间要晚于开始时间".to_owned()
}

/// The end of a session comes before its start.
pub fn session_ends_before(number: i64) -> String {
    format!("第{number}次课的结束时间要晚于开始时间")
}

/// Two sessions at the same time.
pub fn sessions_overlap(one: i64, other: i64) -> String {
    format!("第{one}次课和第{other}次课的时间重叠，请错开")
}

/// Too many sessions.
pub fn too_many_sessions(most: usize) -> String {
    format!("一门课最多 {most} 次，请分成几门")
}

/// No such session.
pub fn no_such_session(number: i64) -> String {
    format!("这门课没有第{number}次")
}

/// A session that is over.
pub fn session_is_over(class: &Class, session: &Session) -> String {
    match which(class, session.number).as_str() {
        "" => "课程已经上完，不能改期".to_owned(),
        which => format!("{which}课已经上完，不能改期；请只改还没上的那一次"),
    }
}

/// A class that is over is changed no more.
pub fn class_is_over() -> String {
    "课程已经上完，不能再改".to_owned()
}

/// A draft is written anew.
pub fn edit_the_draft() -> String {
    "课程还没有发布，加一次或减一次请直接修改课程".to_owned()
}

/// A new session before people have stopped enrolling.
pub fn before_enrolment_ends(window: Timestamp) -> String {
    format!("新加的一次要晚于报名时间（{}）；请先修改报名时间，再加这一次", window.chinese())
}

/// Called off before.
pub fn session_gone_already(class: &Class, gone: &Session) -> String {
    format!("{}已经取消过了", which(class, gone.number))
}

/// It has begun.
pub fn session_has_begun(class: &Class, session: &Session) -> String {
    format!("{}已经开始或上完，不能取消", which(class, session.number))
}

/// Nothing would be left.
pub fn last_session() -> String {
    "只剩这一次课了，请改用“取消课程”".to_owned()
}

/// A start without an end.
pub fn no_end() -> String {
    "请填写结束时间 ends_at".to_owned()
}

/// No time at all.
pub fn no_time() -> String {
    "请填写上课时间 starts_at 和 ends_at，或分次的时间 sessions".to_owned()
}

/// Times given twice.
pub fn two_times() -> String {
    "上课时间 starts_at、ends_at 和分次的时间 sessions 只填一种".to_owned()
}

/// A name that is missing or too long.
pub fn wrong_title(most: usize) -> String {
    format!("请填写课程名称，最多 {most} 个字")
}

/// A line that is too long.
pub fn too_long(most: usize) -> String {
    format!("太长了，最多 {most} 个字")
}

/// Neither a place nor an address.
pub fn no_place() -> String {
    "请填写上课地点 place，或线上地址 online_url".to_owned()
}

/// Both of them.
pub fn two_places() -> String {
    "地点 place 和线上地址 online_url 只填一个".to_owned()
}

/// No web address.
pub fn not_an_address() -> String {
    "线上地址要以 https:// 或 http:// 开头".to_owned()
}

/// No seats, or too many.
pub fn wrong_capacity(most: i64) -> String {
    format!("名额要在 1 到 {most} 之间")
}

/// Fewer seats than people.
pub fn more_are_seated(seated: i64) -> String {
    format!("已经有 {seated} 人占了名额，名额不能比这少")
}

/// Enrolment ends after the start.
pub fn enrols_too_long() -> String {
    "报名截止时间不能晚于上课时间".to_owned()
}

/// Enrolment begins after it ends.
pub fn enrols_from_after_until() -> String {
    "报名开始时间要早于报名截止时间".to_owned()
}

/// Enrolment begins after the start.
pub fn enrols_from_after_start() -> String {
    "报名开始时间要早于上课时间".to_owned()
}

/// Reminders that are impossible.
pub fn wrong_reminders(most: usize, minutes: i64) -> String {
    format!("提醒要在开课以前：写开课前的分钟数，1 到 {minutes} 之间，最多 {most} 个")
}

/// More sessions than there are.
pub fn wrong_certificate_sessions(most: i64) -> String {
    format!("结业要到的次数在 0 到 {most} 之间，0 表示不发结业证明，不写表示每次都要到")
}

/// Too many questions.
pub fn too_many_fields(most: usize) -> String {
    format!("报名时最多问 {most} 项")
}

/// A question without a name.
pub fn wrong_label(most: usize) -> String {
    format!("每一项要有名称，最多 {most} 个字，例如“单位名称”")
}

/// A question without a reason.
pub fn wrong_reason(label: &str, most: usize) -> String {
    format!("请写明为什么要问“{label}”，最多 {most} 个字；报名的人会看到")
}

/// A question asked twice.
pub fn same_label(label: &str) -> String {
    format!("“{label}”问了两次，请删去一个")
}

/// What does not change any more once people have enrolled.
pub fn fixed_once_published(field: &str) -> String {
    match field {
        "starts_at" => "课程已经发布，改时间请用“改时间”，加一次或取消一次也各有按钮，都会通知已报名的人".to_owned(),
        "title" => "课程已经发布，名称不能再改".to_owned(),
        "targets" => "课程已经发布，发到哪些群不能再改".to_owned(),
        _ => "课程已经发布，报名时问什么不能再改".to_owned(),
    }
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
