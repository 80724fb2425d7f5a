//! What goes out by itself. The words of its page in the console, each under the name of what it stands for.

pub const WEEKDAYS: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
pub const HEADS: [&str; 4] = ["日期", "时间", "做什么", "内容"];
pub const BULLETIN: &str = "发送通知";
pub const RECURRING: &str = "定期通知";
pub const REMINDER: &str = "课前提醒";
pub const CLASS: &str = "上课";
pub const TODAY: &str = "（今天）";
pub const TOMORROW: &str = "（明天）";
pub const NOTHING: &str = "未来三十天没有排期";
pub const WHAT_COMES_HERE: &str = "审核通过的通知可以“发送或排期”；定期通知和课前提醒审核、发布之后会自动列在这里。";
pub const SEE_BULLETINS: &str = "看通知";
pub const TITLE: &str = "排期";
