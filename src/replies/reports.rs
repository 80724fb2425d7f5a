//! The report of a promotion month in words: headings, table heads, and the short form that goes to the management's groups.

use crate::domain::campaign::ItemKind;
use crate::domain::report::{CampaignReport, ReportClass, ReportItem};
use crate::domain::time::chinese_date;

/// Heads of the table of items.
pub const ITEM_HEADS: [&str; 6] = ["计划时间", "内容", "类别", "结果", "实际发出", "送达/未达"];
/// Heads of the table of outings.
pub const OUTING_HEADS: [&str; 7] = ["时间", "活动", "地点", "到场人数", "咨询人数", "发放资料", "扫码次数"];

/// Heads of the table of classes.
pub const CLASS_HEADS: [&str; 6] = ["时间", "课程", "地点", "上课", "报名人数", "到课人数"];

/// Its title.
pub fn title(report: &CampaignReport) -> String {
    let title: String = report.title.chars().take(100).collect();
    format!("{title}工作情况")
}

/// The period it is about.
pub fn period(report: &CampaignReport) -> String {
    format!("{}至{}", chinese_date(report.starts_on), chinese_date(report.ends_on))
}

/// The conclusion, in two or three sentences.
pub fn summary(report: &CampaignReport) -> Vec<String> {
    let sums = &report.totals;
    let mut lines = vec![format!(
        "计划 {} 项，按时发出 {} 项{}{}{}{}{}。",
        sums.planned,
        sums.on_time,
        some(sums.late, "补发"),
        some(sums.partly, "部分送达"),
        some(sums.held, "错过时间待处理"),
        some(sums.to_come, "未到时间"),
        some(sums.not_sent, "没有发出"),
    )];
    lines.push(match sums.missing {
        0 => format!("送达群消息 {} 条，没有遗漏。", sums.delivered),
        missing => format!("送达群消息 {} 条，{missing} 条未送达或未确认，详见明细。", sums.delivered),
    });
    if sums.outings > 0 {
        let open = sums.outings - sums.outings_counted;
        let open = if open > 0 { format!("（{open} 次还没有登记人数）") } else { String::new() };
        lines.push(format!(
            "外出活动 {} 次{open}，到场 {} 人次，咨询 {} 人次，发放资料 {} 份，扫码 {} 次。",
            sums.outings, sums.visitors, sums.inquiries, sums.handouts, sums.scans
        ));
    }
    if sums.classes > 0 {
        lines.push(format!(
            "纳税人学堂 {} 门课，已上 {} 次，报名 {} 人，到课 {} 人。",
            sums.classes, sums.sessions_held, sums.enrolled, sums.came
        ));
    }
    if sums.quizzed > 0 {
        lines.push(format!("有奖答题 {} 人次参加。", sums.quizzed));
    }
    lines
}

/// The bulletin for the management: the conclusion, and what still needs somebody.
pub fn body(report: &CampaignReport) -> String {
    let mut lines = vec![period(report)];
    lines.extend(summary(report));
    let open: Vec<String> = report
        .items
        .iter()
        .filter(|item| !item.outcome.went_out())
        .map(|item| format!("· {}（{}）", item.title, item.outcome.chinese()))
        .collect();
    if !open.is_empty() {
        lines.push(format!("没有发出的内容：\n{}", open.join("\n")));
    }
    lines.join("\n")
}

/// One item as a row of the table.
pub fn item_row(item: &ReportItem) -> [String; 6] {
    [
        item.planned_at.map_or_else(|| "待定".to_owned(), |at| at.chinese()),
        item.title.clone(),
        kind(item.kind).to_owned(),
        item.outcome.chinese().to_owned(),
        item.sent_at.map(|at| at.chinese()).unwrap_or_default(),
        if item.delivered + item.missing > 0 { format!("{} / {}", item.delivered, item.missing) } else { String::new() },
    ]
}

/// One outing as a row of the table.
pub fn outing_row(item: &ReportItem) -> [String; 7] {
    let count = |value: Option<i64>| value.map_or_else(|| "未登记".to_owned(), |value| value.to_string());
    [
        item.planned_at.map_or_else(|| "待定".to_owned(), |at| at.chinese()),
        item.title.clone(),
        item.place.clone().unwrap_or_default(),
        count(item.visitors),
        count(item.inquiries),
        count(item.handouts),
        item.scans.to_string(),
    ]
}

/// One class as a row of the table.
pub fn class_row(class: &ReportClass) -> [String; 6] {
    [
        class.starts_at.chinese(),
        class.title.clone(),
        class.place.clone().unwrap_or_else(|| "线上".to_owned()),
        if class.held == class.sessions {
            format!("{} 次", class.held)
        } else {
            format!("{} 次中的 {} 次", class.sessions, class.held)
        },
        class.enrolled.to_string(),
        class.came.to_string(),
    ]
}

/// What an item is.
pub fn kind(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Post => "群发内容",
        ItemKind::Outing => "外出活动",
    }
}

/// Heading over the items.
pub fn items_heading() -> &'static str {
    "发送情况"
}

/// Heading over the outings.
pub fn outings_heading() -> &'static str {
    "外出活动"
}

/// Heading over the classes.
pub fn classes_heading() -> &'static str {
    "纳税人学堂"
}

/// Heading over the photos.
pub fn photos_heading() -> &'static str {
    "现场照片"
}

/// What was noted at an outing.
pub fn outing_note(item: &ReportItem) -> String {
    format!("{}：{}", item.title, item.note)
}

/// Under a photo: the outing, and what staff wrote.
pub fn photo_caption(outing: &str, caption: &str) -> String {
    if caption.is_empty() { outing.to_owned() } else { format!("{outing}：{caption}") }
}

/// Photos that are not in the file.
pub fn photos_left_out(many: usize) -> String {
    format!("另有 {many} 张照片，可在工作台的外出活动页面查看。")
}

/// When the report was made.
pub fn made_at(report: &CampaignReport) -> String {
    format!("统计到 {}", report.made_at.chinese())
}

/// After the report's bulletin was drafted.
pub fn drafted() -> String {
    "通报已起草，发给带“管理”标签的群，等审核人员审核".to_owned()
}

fn some(many: i64, what: &str) -> String {
    if many > 0 { format!("，{what} {many} 项") } else { String::new() }
}
