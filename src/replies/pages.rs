//! What the pages say that is made by the program; the standing text of a page is in its template.

use chrono::NaiveDate;

use crate::domain::bulletin::Content;
use crate::domain::class::{Class, ClassState, Standing};
use crate::domain::document::{Document, DocumentKind, Validity};
use crate::domain::time::{Timestamp, chinese_date};

/// Questions offered to whoever opens the page for the first time.
pub fn examples() -> [&'static str; 6] {
    [
        "小规模一个月多少钱不交增值税",
        "办一般纳税人登记要带什么材料",
        "个税年度汇算什么时候办",
        "小型微利企业所得税怎么算优惠",
        "晚报税有罚款吗",
        "这个月申报期到几号",
    ]
}

/// Heading of the page for a wrong address.
pub fn not_found_title() -> String {
    "没有找到这个页面".to_owned()
}

/// Text of the page for a wrong address.
pub fn not_found() -> String {
    "地址可能写错了，或者内容已经撤下。您可以直接提问，或到政策库里查找。".to_owned()
}

/// `2026年1月1日起施行`.
pub fn effective_from(date: NaiveDate) -> String {
    format!("{}起施行", chinese_date(date))
}

/// `至2027年12月31日`.
pub fn effective_to(date: NaiveDate) -> String {
    format!("至{}", chinese_date(date))
}

/// Only one source was found for it.
pub fn single_source() -> String {
    "这份内容目前只有一个来源，请再核对官方原文。".to_owned()
}

/// What replaced a document.
pub fn replaced_by(by: &str) -> String {
    format!("已被替代：{by}")
}

/// What is to be said above a document that is not simply in force.
pub fn notice(document: &Document, validity: Validity) -> Option<String> {
    let replaced = document.superseded_by.as_deref().map(|by| format!("，由{by}替代")).unwrap_or_default();
    match validity {
        Validity::InForce => None,
        Validity::Amended => Some("本文件部分内容已经修改，请结合最新规定使用。".to_owned()),
        Validity::Repealed => Some(format!("本文件已废止{replaced}，不能再作为办理依据。")),
        Validity::Expired => match document.effective_to {
            Some(date) => Some(format!("本文件执行到{}，现已失效{replaced}。", chinese_date(date))),
            None => Some(format!("本文件已失效{replaced}。")),
        },
        Validity::NotYet => Some(match document.effective_from {
            Some(date) => format!("本文件自{}起施行，目前尚未生效。", chinese_date(date)),
            None => "本文件尚未生效。".to_owned(),
        }),
    }
}

/// Name of a kind of document.
pub fn kind_name(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Law => "法律",
        DocumentKind::Regulation => "行政法规",
        DocumentKind::Rule => "部门规章",
        DocumentKind::Notice => "规范性文件",
        DocumentKind::Interpretation => "政策解读",
        DocumentKind::Guide => "办事指南",
        DocumentKind::Faq => "问答",
    }
}

/// The facts of a document, name and value, those that are known.
pub fn facts(document: &Document) -> Vec<(&'static str, String)> {
    let date = |date: Option<NaiveDate>| date.map(chinese_date);
    let some = |values: &[String], gap: &str| (!values.is_empty()).then(|| values.join(gap));
    let facts = [
        ("文号", document.number.clone()),
        ("类别", Some(kind_name(document.kind).to_owned())),
        ("发文机关", document.issuer.clone()),
        ("发布日期", date(document.published)),
        ("施行日期", date(document.effective_from)),
        ("执行到", date(document.effective_to)),
        ("适用对象", some(&document.audience, "、")),
        ("替代文件", some(&document.supersedes, "；")),
        ("核对日期", date(document.reviewed)),
    ];
    facts.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect()
}

/// The facts of an outing, name and value.
pub fn outing_facts(due_at: Option<Timestamp>, place: Option<&str>) -> Vec<(&'static str, String)> {
    named([("时间", due_at.map(Timestamp::chinese)), ("地点", place.map(str::to_owned))])
}

/// The facts of a bulletin that was sent, name and value.
pub fn bulletin_facts(sent_at: Option<Timestamp>, content: &Content) -> Vec<(&'static str, String)> {
    named([
        ("发布", sent_at.map(|at| chinese_date(at.date()))),
        ("文号", content.number.clone()),
        ("适用对象", content.audience_text.clone()),
        ("施行日期", content.effective_from.map(chinese_date)),
    ])
}

/// Those that are known.
fn named<const MANY: usize>(facts: [(&'static str, Option<String>); MANY]) -> Vec<(&'static str, String)> {
    facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Between two characters where a line must not break, so that a time of day stands whole on a phone.
const UNBROKEN: char = '\u{2060}';

/// How many seats are left.
pub fn seats(class: &Class, seated: i64, waiting: i64) -> String {
    let left = class.capacity - seated;
    match class.state {
        ClassState::Cancelled => "已取消".to_owned(),
        ClassState::Draft | ClassState::Published if left > 0 && waiting == 0 => format!("还有 {left} 个名额"),
        ClassState::Draft | ClassState::Published if waiting > 0 => format!("名额已满，{waiting} 人候补"),
        ClassState::Draft | ClassState::Published => "名额已满，可候补".to_owned(),
    }
}

/// Instead of its seats, once it is over.
pub fn class_over() -> String {
    "已上完".to_owned()
}

/// The facts of a class, name and value.
pub fn class_facts(class: &Class) -> Vec<(&'static str, String)> {
    let span = |from: Timestamp, to: Timestamp| format!("{}{UNBROKEN}—{UNBROKEN}{}", from.chinese(), end(from, to));
    let time = if class.is_series() { super::classes::times(class, span).join("\n") } else { span(class.starts_at, class.ends_at) };
    named([
        ("时间", Some(time)),
        ("地点", class.place.clone()),
        ("主讲", class.trainer.clone()),
        ("名额", Some(format!("{} 人", class.capacity))),
        ("报名开始", class.enrol_from.map(|at| at.chinese())),
        ("报名截止", class.enrol_until.map(|at| at.chinese())),
    ])
}

/// The end of a span: the time of day where it is the same day.
fn end(from: Timestamp, to: Timestamp) -> String {
    if from.date() == to.date() { to.local().format("%H:%M").to_string() } else { to.chinese() }
}

/// On the enrolment button.
pub fn enrol_button(full: bool) -> &'static str {
    if full { "排候补" } else { "报名" }
}

/// Has a seat.
pub fn you_are_enrolled() -> String {
    "您已报名，请按时参加，到时用这部手机签到。网页报名收不到提醒，可以点“加到手机日历”。".to_owned()
}

/// A seat is held.
pub fn you_are_offered(until: Timestamp) -> String {
    format!("有名额了，为您保留到 {}，请在此之前确认，过时让给下一位。", until.chinese())
}

/// On the button that takes an offered seat.
pub fn accept_button() -> &'static str {
    super::classes::ACCEPT
}

/// On the button that gives up what one has.
pub fn withdraw_button(standing: Standing) -> &'static str {
    match standing {
        Standing::Seated => super::classes::WITHDRAW,
        Standing::Offered(_) => super::classes::DECLINE,
        Standing::Waiting(_) => super::classes::LEAVE_LINE,
    }
}

/// Waits for a seat.
pub fn you_wait(position: i64) -> String {
    format!("名额已满，您排在候补第 {position} 位；有人退出时名额会为您保留一段时间，请常回本页查看并确认。")
}

/// `2026年4月30日 18:00 截止`.
pub fn until(at: Timestamp) -> String {
    format!("{} 截止", at.chinese())
}

/// The facts of a prize quiz, name and value.
pub fn quiz_facts(opens_at: Timestamp, closes_at: Timestamp, prize: &str, winners: i64, pass_percent: i64) -> Vec<(&'static str, String)> {
    let share = if pass_percent == 100 { "全部答对".to_owned() } else { format!("答对 {pass_percent}% 以上") };
    let mut facts =
        vec![("开始", opens_at.chinese()), ("截止", closes_at.chinese()), ("抽奖", format!("{share}的参加，抽出 {winners} 人"))];
    if !prize.is_empty() {
        facts.push(("奖品", prize.to_owned()));
    }
    facts
}
