//! Promotion months. The words of its page in the console, each under the name of what it stands for.

use chrono::NaiveDate;

pub const HEADS: [&str; 3] = ["名称", "时间", "操作"];
pub const FILE_HEADS: [&str; 4] = ["计划文件", "标题", "内容", "操作"];
pub const TITLE: &str = "宣传月";
pub const NONE_YET: &str = "还没有宣传月";
pub const BEGIN: &str = "把计划写成文件放进 broadcasts/campaigns，就会出现在下面，导入后由审核人员一次审核。";
pub const ALL_CALENDAR: &str = "看全部日历";
pub const CALENDAR: &str = "日历";
pub const REPORT: &str = "工作情况";
pub const FILES: &str = "还没有导入的计划文件";
pub const IMPORT: &str = "导入";
pub const FILE: &str = "计划文件";
pub const MOVE: &str = "改到这一天";
pub const NEW_DATE: &str = "新的日期";
pub const NEW_DATE_HINT: &str = "跟在它后面的内容会一起改。";
pub const TIME: &str = "时间";
pub const TIME_HINT: &str = "写成 09:00，不改就留空。";
pub const ITEM: &str = "宣传月内容";
pub const KIND: &str = "类别";
pub const BODY: &str = "正文";
pub const PLACE: &str = "地点";
pub const STAFF: &str = "人员";
pub const MATERIALS: &str = "物料";
pub const NOTE: &str = "说明";
pub const BULLETIN: &str = "通知";
pub const BACK: &str = "回到日历";
pub const RECORD: &str = "登记人数和照片";
pub const PRINT_CODE: &str = "打印二维码";

/// From a day to a day, each in Chinese.
pub fn from_to(from: &str, to: &str) -> String {
    format!("{from}至{to}")
}

/// So many items of a plan.
pub fn items(many: usize) -> String {
    format!("{many} 项")
}

/// A day of the calendar.
pub fn day(date: NaiveDate) -> String {
    date.format("%-m月%-d日").to_string()
}
