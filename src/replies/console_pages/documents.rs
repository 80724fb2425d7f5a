//! Knowledge: the list, a document, what is due for review. The words of its page in the console, each under the name of what it stands for.

pub const HEADS: [&str; 5] = ["标题", "文号", "类别", "效力", "施行时间"];
pub const DUE_HEADS: [&str; 4] = ["日期", "文件", "原因", "受影响的已审答复"];
pub const TITLE: &str = "知识库";
pub const FIND: &str = "查找";
pub const WORDS: &str = "标题、文号或主题";
pub const VALIDITY: &str = "效力";
pub const STATE: &str = "状态";
pub const NONE: &str = "没有文件";
pub const BEGIN: &str = "换个条件再找，或导入新的政策文件。";
pub const IMPORT: &str = "导入文件";
pub const CAPTION: &str = "文件";
pub const DUE: &str = "该复核的";
pub const TRY: &str = "试问并看依据";
pub const HOLDS: &str = "施行时间";
pub const SUPERSEDED: &str = "被替代";
pub const SOURCE: &str = "来源";
pub const PUBLIC_PAGE: &str = "对外页面";
pub const WITHDRAW: &str = "撤下";
pub const WITHDRAW_TITLE: &str = "撤下文件";
pub const NONE_DUE: &str = "近期没有要复核的文件";
pub const DUE_TELLS: &str = "文件快到执行期限，或超过一年没有核对，会提前出现在这里。";
pub const DUE_TITLE: &str = "该复核的文件";
pub const EXPIRES: &str = "执行到期";
pub const UNCHECKED: &str = "满一年未核对";
pub const CONTRADICTIONS: &str = "互相矛盾的地方";
pub const CONTRADICTION_HEADS: [&str; 2] = ["文件", "请核对"];
pub const NO_CONTRADICTIONS: &str = "没有发现互相矛盾的文件";
pub const CONTRADICTIONS_TELL: &str = "文号重复、日期颠倒、找不到替代文件、问法里的数字正文没有，会出现在这里。";
pub const SHOW: &str = "查看";
pub const AHEAD: &str = "时间";
pub const ANY: &str = "全部";
pub const PUBLISHED: &str = "已发布";
pub const DRAFT: &str = "待发布";
pub const WITHDRAWN: &str = "已撤下";
pub const QUARANTINED: &str = "待核对";
pub const DOUBTS: &str = "请核对";
pub const RELEASE: &str = "核对无误，转为待发布";
pub const DISCARD: &str = "有误，弃用";
pub const COMPARE: &str = "请对照原件逐段核对";
pub const COMPARE_TELLS: &str = "读取时拿不准文字是否正确，核对之前不会用于回答，也不能随通知发布。";

/// How far ahead to look, in days, with what they are called. A quarter is long enough to plan by.
pub const DAYS_AHEAD: [(&str, &str); 3] = [("30", "30 天内"), ("90", "90 天内"), ("365", "一年内")];
