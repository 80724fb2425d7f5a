//! The ledger of opinions and suggestions. The words of its page in the console, each under the name of what it stands for.

pub const OVERDUE: &str = "已逾期";
pub const MY_OVERDUE: &str = "我的逾期";
pub const ALL: &str = "全部";
pub const FIND: &str = "查找";
pub const STAGE: &str = "阶段";
pub const OWNER: &str = "责任人";
pub const UNTIL: &str = "期限";
pub const ONLY_OVERDUE: &str = "只看逾期";
pub const NOTHING_FOUND: &str = "没有找到";
pub const NONE: &str = "台账还是空的";
pub const TITLE: &str = "意见建议台账";
pub const HEADS: [&str; 6] = ["编号", "内容", "来源", "阶段", "责任人", "办理期限"];
pub const EXCEL: &str = "导出 Excel";
pub const CSV: &str = "导出 CSV";
pub const SOURCE: &str = "来源";
pub const NOBODY_YET: &str = "还没有人受理";
pub const DUE: &str = "办理期限";
pub const OPENED: &str = "登记";
pub const RATING: &str = "评价";
pub const BACK: &str = "回到台账";
pub const CONTENT: &str = "内容";
pub const ANSWER: &str = "给提出人的答复";
pub const STEPS: &str = "办理经过";
pub const STEP_HEADS: [&str; 4] = ["时间", "阶段", "人员", "说明"];
pub const NO_STEPS: &str = "还没有办理";
pub const SERVICE: &str = "系统";
pub const SAME_OWNER: &str = "不变";
pub const ONLY_A_NOTE: &str = "只写说明，不推进";
pub const SAVE: &str = "保存";
pub const NEXT: &str = "下一步";
pub const NOTE: &str = "说明（选“答复提出人”时，这里的文字会发给提出人）";
pub const DUE_HINT: &str = "登记时按 10 个工作日自动算出，可以改。";
pub const ITEM: &str = "台账事项";

/// A due date that is over.
pub fn overdue(due: &str) -> String {
    format!("{due}（逾期）")
}

/// The rating an item came from.
pub fn rated(stars: i64, word: &str) -> String {
    format!("{stars} 星，{word}")
}
