//! The words of the weekly figures: on the page, in the workbook, to the management's groups.

use chrono::{Days, NaiveDate};

use super::console::delivery_state;
use crate::domain::delivery::DeliveryState;
use crate::domain::message::{Block, Message};
use crate::domain::time::chinese_date;
use crate::domain::weekly::WeekFigures;

/// Names of the days.
pub const DAYS: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
/// Heads of the table of days.
pub const DAY_HEADS: [&str; 7] = ["日期", "提问", "答上", "追问", "没答上", "有用", "无用"];
/// Heads of the table of questions.
pub const TOP_HEADS: [&str; 2] = ["问题", "次数"];
/// Heads of the table of deliveries.
pub const DELIVERY_HEADS: [&str; 2] = ["结果", "条数"];
/// Questions in a message; the page has twenty.
const TOLD: usize = 5;

/// `每周统计：2026年11月16日—11月22日`.
pub fn title(monday: NaiveDate) -> String {
    format!("每周统计：{}", period(monday))
}

/// `2026年11月16日—11月22日`.
pub fn period(monday: NaiveDate) -> String {
    let sunday = monday.checked_add_days(Days::new(6)).unwrap_or(monday);
    format!("{}—{}", chinese_date(monday), sunday.format("%-m月%-d日"))
}

/// Label and value of each figure.
pub fn figures(week: &WeekFigures) -> Vec<(&'static str, String)> {
    let sent = week.deliveries.iter().filter(|found| found.state == DeliveryState::Sent).map(|found| found.count).sum::<i64>();
    let rated = week.sum(|day| day.useful) + week.sum(|day| day.useless);
    vec![
        ("提问", week.asked().to_string()),
        ("直接答上", share(week.sum(|day| day.answered), week.asked())),
        ("没答上", week.sum(|day| day.abstained).to_string()),
        ("转人工", week.handed_off.to_string()),
        ("评价有用", share(week.sum(|day| day.useful), rated)),
        ("服务评分", stars(week)),
        ("送达消息", sent.to_string()),
        ("开课", week.classes.to_string()),
        ("报名", week.seats.to_string()),
        ("到课", week.came.to_string()),
    ]
}

fn share(part: i64, all: i64) -> String {
    if all == 0 { "—".to_owned() } else { format!("{}%", (part * 100 + all / 2) / all) }
}

/// `4.5 分（2 人）`.
fn stars(week: &WeekFigures) -> String {
    if week.ratings == 0 {
        return "—".to_owned();
    }
    let tenths = (week.stars * 10 + week.ratings / 2) / week.ratings;
    format!("{}.{} 分（{} 人）", tenths / 10, tenths % 10, week.ratings)
}

/// One row for each day.
pub fn day_rows(week: &WeekFigures) -> Vec<Vec<String>> {
    week.days
        .iter()
        .zip(DAYS)
        .zip(week.monday.iter_days())
        .map(|((day, name), date)| {
            let asked = day.answered + day.clarified + day.abstained;
            let numbers = [asked, day.answered, day.clarified, day.abstained, day.useful, day.useless].map(|number| number.to_string());
            std::iter::once(format!("{} {name}", date.format("%-m月%-d日"))).chain(numbers).collect()
        })
        .collect()
}

/// One row for each question.
pub fn top_rows(week: &WeekFigures) -> Vec<Vec<String>> {
    week.top.iter().map(|top| vec![top.question.clone(), top.count.to_string()]).collect()
}

/// One row for each state.
pub fn delivery_rows(week: &WeekFigures) -> Vec<Vec<String>> {
    week.deliveries.iter().map(|found| vec![delivery_state(found.state).to_owned(), found.count.to_string()]).collect()
}

/// To the management's groups; `None` where nothing happened.
pub fn notice(week: &WeekFigures, public_url: &str) -> Option<Message> {
    if week.is_empty() {
        return None;
    }
    let lines = figures(week).into_iter().filter(|(_, value)| value != "—" && value != "0");
    let mut message = Message {
        blocks: vec![Block::Heading(title(week.monday)), Block::List(lines.map(|(label, value)| format!("{label}：{value}")).collect())],
        buttons: Vec::new(),
    };
    if !week.top.is_empty() {
        message.blocks.push(Block::Paragraph("问得最多的：".to_owned()));
        let top = week.top.iter().take(TOLD).map(|top| format!("{}（{} 次）", top.question, top.count)).collect();
        message.blocks.push(Block::List(top));
    }
    Some(
        message
            .with(Block::Link {
                label: "在工作台看全部".to_owned(), url: format!("{public_url}/console/statistics?week={}", week.monday)
            }),
    )
}

/// The area's name, and captions.
pub const AREA: &str = "每周统计";
pub const DAYS_TITLE: &str = "每天的提问";
pub const TOP_TITLE: &str = "问得最多的 20 个问题";
pub const DELIVERIES_TITLE: &str = "本周发送";
pub const SERIES: [&str; 3] = ["答上", "追问", "没答上"];
pub const EARLIER: &str = "前一周";
pub const LATER: &str = "后一周";
pub const DOWNLOAD: &str = "下载 Excel";
pub const PICK: &str = "选一周（其中任一天）";
pub const SHOW: &str = "查看";

/// A week in which nothing happened.
pub fn nothing() -> (&'static str, &'static str) {
    (
        "这一周没有数据",
        "把网页问答的地址发到群里，或把机器人拉进群；有人提问、有通知发出、有课程开课后，数字会出现在这里。也可以换一周看看。",
    )
}

/// A week that cannot be read.
pub fn wrong_week(text: &str) -> String {
    format!("week“{text}”要写成日期，例如 2026-11-23")
}
