//! The audit: who did what. The words of its page in the console, each under the name of what it stands for.

pub const TITLE: &str = "操作记录";
pub const FIND: &str = "查找";
pub const ACTOR: &str = "人员";
pub const ACTION: &str = "操作";
pub const SUBJECT_ID: &str = "对象编号";
pub const NOTHING: &str = "没有找到操作记录";
pub const WHAT_COMES_HERE: &str = "谁在什么时间做了什么，都会自动记在这里，不能修改或删除。有条件时，请放宽条件再找。";
pub const CHECK: &str = "检查完整性";
pub const EXPORT: &str = "导出全部（CSV）";
pub const ALL: &str = "全部";
pub const HEADS: [&str; 5] = ["时间", "人员", "操作", "对象", "说明"];
