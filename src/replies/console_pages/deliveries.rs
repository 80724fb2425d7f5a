//! Messages nobody can say of whether they arrived. The words of its page in the console, each under the name of what it stands for.

use crate::domain::delivery::Origin;

pub const TITLE: &str = "未确认送达";
pub const HEADS: [&str; 5] = ["群聊或个人", "内容", "时间", "说明", "操作"];
pub const NONE: &str = "没有未确认的消息";
pub const WHAT_COMES_HERE: &str =
    "网络中断时，有的消息不知道对方收到没有；为了不重复发送，会停在这里。请到群里看一看，再选择“已送达”或“未送达，重发”。";
pub const SETTLED_DELIVERED: &str = "已记为送达";
pub const SENT_AGAIN: &str = "正在重发";
pub const ABANDONED: &str = "已记为不再发";
pub const STEP: &str = "操作";
pub const DELIVERY: &str = "发送记录";

/// What a message is a part of, where it is no bulletin.
pub fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Reply => "答复",
        Origin::Reminder => "提醒",
        Origin::Bulletin => "通知",
        Origin::Alert => "告警",
        Origin::Notice => "个人通知",
        Origin::Test => "测试消息",
    }
}
