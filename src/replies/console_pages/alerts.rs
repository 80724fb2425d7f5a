//! What somebody must look at. The words of its page in the console, each under the name of what it stands for.

pub const TITLE: &str = "告警";
pub const HEADS: [&str; 4] = ["时间", "发生了什么", "状态", "操作"];
pub const NONE: &str = "没有要处理的告警";
pub const WHAT_COMES_HERE: &str =
    "群联系不上、送达长时间未确认、通知错过时间、台账超期、没人接待、服务器时间跳动时，会出现在这里，同时发到带“管理”标签的群。";
pub const SEE_ALL: &str = "看全部（含处理过的）";
pub const SEE_OPEN: &str = "只看没处理的";
pub const OPEN: &str = "没处理";
pub const SEEN_TO: &str = "标为已处理";
pub const RESOLVED: &str = "已标为处理过；问题还在的话会再次出现";
pub const SEE_DELIVERIES: &str = "逐条说明";
pub const SEE_CHANNEL: &str = "看这个群";
pub const SEE_BULLETIN: &str = "看这条通知";
pub const SEE_ITEM: &str = "看台账";
pub const SEE_INBOX: &str = "去接待";

/// A person said that it is seen to.
pub fn resolved_by(name: &str, at: &str) -> String {
    format!("{name} 已处理，{at}")
}

/// It ended by itself.
pub fn over(at: &str) -> String {
    format!("问题已消除，{at}")
}
