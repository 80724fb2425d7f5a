//! Recurring bulletins. The words of its page in the console, each under the name of what it stands for.

pub const TITLE: &str = "定期通知";
pub const NONE: &str = "还没有定期通知";
pub const HOW_TO_ADD: &str = "把每月要发的提醒写成文件放进 broadcasts/recurring，重启后就会出现在这里，审核后自动按时发送。";
pub const HEADS: [&str; 3] = ["标题", "状态", "下一次"];
pub const APPROVE: &str = "审核通过，开始运行";
pub const STOP: &str = "停止";
pub const NO_TIME: &str = "还算不出时间";
pub const CALENDAR_MISSING: &str = "需要的日历还没有录入，录入后自动算出。";
pub const NEXT_TEN: &str = "接下来十次";
pub const TIMES_HEADS: [&str; 3] = ["发送时间", "申报截止日", "标题"];
pub const STATE: &str = "状态";
pub const BODY: &str = "正文";
pub const CALENDAR: &str = "日历";
pub const APPROVED: &str = "审核通过，到时自动发送";
pub const WHAT_STOPS: &str = "停止之后不再生成新的通知；已经排期的那一条不受影响，可以在“通知”里取消。";
pub const STOPPED: &str = "已停止";

/// The calendar of a year is missing.
pub fn waits_for_calendar(year: i32) -> String {
    format!("等待{year}年日历")
}

/// What is to be stopped.
pub fn about_stop(title: &str) -> String {
    format!("停止定期通知：{title}")
}

/// A text with what is filled in each time named in words.
pub fn readable(template: &str) -> String {
    template.replace("{{month}}", "〔月份〕").replace("{{deadline}}", "〔截止日〕")
}
