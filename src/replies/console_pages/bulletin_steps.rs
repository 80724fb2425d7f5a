//! The steps of a bulletin's life. The words of its page in the console, each under the name of what it stands for.

pub const SUBMITTED: &str = "已提交，等待另一位审核人员审核";
pub const APPROVED: &str = "审核通过";
pub const REJECTED: &str = "已退回修改";
pub const CONFIRM: &str = "确定";
pub const SEND_AT: &str = "发送时间";
pub const SEND_AT_HINT: &str = "留空就现在发送；静默时段内会等到时段结束";
pub const SEND_AGAIN: &str = "七天内发过同样内容也照发";
pub const SEND_OR_SCHEDULE: &str = "发送或排期";
pub const WRONG_TIME: &str = "时间要写成 2026-11-26T09:00";
pub const SENDING: &str = "已开始发送";
pub const SCHEDULED: &str = "已排期，到时自动发送";
pub const URGE_HINT: &str = "静默时段和休息日也会立即发送；理由记入操作记录";
pub const URGE: &str = "加急";
pub const URGE_REASON: &str = "加急的理由";
pub const URGED: &str = "已加急";
pub const PAUSED: &str = "已暂停，没发出的先不发";
pub const RESUMED: &str = "继续发送，只发还没发出的";
pub const CORRECT_HINT: &str = "能修改的群里会改成新的正文并标明更正；不能修改的群会再发一条更正";
pub const SUBMIT_CORRECTION: &str = "提交更正";
pub const CORRECTED_TEXT: &str = "更正后的正文";
pub const CORRECT: &str = "更正";
pub const CORRECTION_SUBMITTED: &str = "更正已提交，等待另一位审核人员审核";
pub const CANCEL_TELLS: &str = "取消之后，还没发出的不会再发；已经发出的不受影响，需要时请用撤回。";
pub const CANCEL: &str = "取消通知";
pub const CANCEL_THIS: &str = "取消这条通知";
pub const CANCELLED: &str = "已取消";
pub const RECALL_TELLS: &str =
    "撤回会删除各群里已发出的消息；不能删除的群，消息会改成【已撤回】，或另发一条撤回说明。撤回之后不能再发送这条通知。";
pub const RECALL: &str = "撤回通知";
pub const RECALL_THIS: &str = "撤回这条通知";
pub const RECALLING: &str = "正在撤回，结果见下面每个群";

/// A step, and the bulletin it is about.
pub fn about(step: &str, title: &str) -> String {
    format!("{step}：{title}")
}
