//! What became of a bulletin at each group. The words of its page in the console, each under the name of what it stands for.

pub const HEADS: [&str; 5] = ["群聊", "内容", "结果", "说明", "操作"];
pub const NOT_SENT_YET: &str = "还没有发送";
pub const WHAT_COMES_HERE: &str = "审核通过并发送后，这里逐个群列出结果。";
pub const NONE_IN_STATE: &str = "没有这样的发送记录";
pub const SEE_ALL: &str = "看全部";
pub const TITLE: &str = "每个群的结果";
pub const SENT_AGAIN: &str = "补发";
pub const SEND: &str = "发送";
pub const EDIT: &str = "更正";
pub const DELETE: &str = "撤回";
pub const PIN: &str = "置顶";
pub const UNPIN: &str = "取消置顶";
pub const DELIVERED: &str = "已送达";
pub const RESEND: &str = "未送达，重发";
pub const ABANDON: &str = "不再发";
pub const PENDING: &str = "等待发送";
pub const SENDING: &str = "发送中";
pub const DONE: &str = "已完成";
pub const FAILED: &str = "失败";
pub const UNKNOWN: &str = "未确认送达";
pub const EXPIRED: &str = "过期未发";
pub const CANCELLED: &str = "已取消";
pub const CARD_OR_POLL: &str = "卡片或题目";

/// Only a part of the ledger is shown.
pub fn only(state: &str) -> String {
    format!("这里只列“{state}”的；要看全部，请从通知列表重新打开。")
}

/// An attachment as a part of a bulletin.
pub fn attachment(name: &str) -> String {
    format!("附件 {name}")
}

/// A part of the text, counted from one.
pub fn part(number: i64) -> String {
    format!("第{number}条")
}
