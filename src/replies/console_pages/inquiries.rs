//! The inbox and one inquiry. The words of its page in the console, each under the name of what it stands for.

pub const TITLE: &str = "人工咨询";
pub const NONE_CLOSED: &str = "还没有办结的咨询";
pub const WHAT_STAYS_HERE: &str = "办结、提问人结束或长时间没有消息的咨询会留在这里，可以再打开。";
pub const SEE_WAITING: &str = "看等候的";
pub const CLOSED: &str = "已办结";
pub const CLOSED_HEADS: [&str; 5] = ["提问人", "问题", "接待人", "办结时间", "评价"];
pub const CLOSED_TITLE: &str = "已办结的咨询";
pub const INQUIRY: &str = "咨询";
pub const TAKE: &str = "接待";
pub const CLOSE: &str = "办结";
pub const REOPEN: &str = "再打开";
pub const FROM: &str = "来自";
pub const TAX: &str = "税费种";
pub const QUEUED_AT: &str = "转来时间";
pub const STAFF: &str = "接待人";
pub const CLOSED_AT: &str = "办结时间";
pub const RATING: &str = "服务评价";
pub const SEND: &str = "发送";
pub const ANSWER: &str = "答复";
pub const HAND_ON: &str = "转出";
pub const TO: &str = "转给";
pub const WAITING: &str = "等待接待";
pub const QUEUE_HEADS: [&str; 5] = ["提问人", "问题", "税费种", "已等候", "操作"];
pub const NOBODY_WAITS: &str = "没有人等候";
pub const TALK_HEADS: [&str; 4] = ["提问人", "问题", "税费种", "接待人"];
pub const NONE: &str = "没有";
