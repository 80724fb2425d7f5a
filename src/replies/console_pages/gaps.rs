//! The gap queue. The words of its page in the console, each under the name of what it stands for.

pub const TO_DO: &str = "待答复";
pub const TO_APPROVE: &str = "待审核";
pub const PUBLISHED: &str = "已发布";
pub const DISMISSED: &str = "已忽略";
pub const NOTHING_TO_DO: &str = "没有待答复的问题";
pub const NONE_HERE: &str = "这里还没有问题";
pub const TITLE: &str = "待补问题";
pub const HEADS: [&str; 5] = ["问题", "次数", "其中", "最近一次", "状态"];
pub const BACK: &str = "回到列表";
pub const WORDINGS: &str = "大家的问法";
pub const WORDING_HEADS: [&str; 3] = ["问法", "次数", "最近一次"];
pub const NO_WORDINGS: &str = "没有问法";
pub const WORDINGS_CLEARED: &str = "原来的问法已按保存期限清理。";
pub const APPROVE: &str = "通过并发布";
pub const UNIT: &str = "审核单位";
pub const APPROVAL: &str = "审核";
pub const RETURN: &str = "退回";
pub const RETURN_REASON: &str = "退回原因";
pub const RETURN_HEADING: &str = "退回起草人";
pub const REOPEN: &str = "重新打开";
pub const CHANGE_ANSWER: &str = "修改答复";
pub const DRAFT_ANSWER: &str = "起草答复";
pub const DISMISS: &str = "忽略";
pub const REASON: &str = "原因";
pub const ANSWER_STANDS: &str = "答复不用改";
pub const NO_ANSWER_NEEDED: &str = "不需要答复";
pub const WITHDRAW: &str = "撤下";
pub const WITHDRAW_HEADING: &str = "撤下答复";
pub const STATE: &str = "状态";
pub const ASKED: &str = "问过";
pub const NOTE: &str = "说明";
pub const VERIFIED: &str = "审定答复";
pub const SEE_VERIFIED: &str = "查看正在使用的答复";
pub const PUBLISHED_BY: &str = "发布";
pub const RETURNED: &str = "已退回";
pub const SOURCE_HEADS: [&str; 3] = ["文件", "条款", "原文"];
pub const NO_SOURCES: &str = "没有依据";
pub const SUBMIT: &str = "提交审核";
pub const QUESTION: &str = "问题";
pub const PASSAGES: &str = "依据（至少勾选一段）";
pub const ANSWER: &str = "答复";
pub const FIND: &str = "查找依据";
pub const FIND_LABEL: &str = "换个说法，或填文号、文件编号";
pub const NOTHING_NEAR: &str = "没有找到相近的段落";

/// So many called the answer useless.
pub fn useless(many: i64) -> String {
    format!("无用 {many}")
}

/// So many were handed to a person.
pub fn handed_off(many: i64) -> String {
    format!("转人工 {many}")
}

/// How often it was asked, and of these.
pub fn asked(many: i64, useless: i64, handed_off: i64) -> String {
    format!("{many} 次（无用 {useless}，转人工 {handed_off}）")
}

/// Above the passages a draft rests on.
pub fn sources(author: &str, revision: i64) -> String {
    format!("依据（{author} 起草，第 {revision} 稿）")
}

/// Only the wordings most asked are listed.
pub fn most_asked_of(shown: i64, all: i64) -> String {
    format!("这里列出问得最多的 {shown} 种问法，共 {all} 种")
}
