//! The report of a promotion month. The words of its page in the console, each under the name of what it stands for.

pub const BACK: &str = "回到日历";
pub const WORD: &str = "下载 Word";
pub const EXCEL: &str = "下载 Excel";
pub const DRAFT: &str = "起草给管理群的通报";
pub const PLANNED: &str = "计划";
pub const ON_TIME: &str = "按时发出";
pub const LATE: &str = "补发";
pub const HELD: &str = "待处理";
pub const DELIVERED: &str = "送达群消息";
pub const MISSING: &str = "未送达";
pub const OUTINGS: &str = "外出活动";
pub const VISITORS: &str = "到场人次";
pub const SESSIONS: &str = "上课次数";
pub const CAME: &str = "到课人数";
pub const NONE: &str = "没有内容";
pub const NONE_HERE: &str = "这个宣传月没有内容。";
pub const NO_OUTINGS: &str = "没有外出活动";
pub const VISITORS_CHART: &str = "外出活动的到场人数";
pub const VISITORS_HEADS: [&str; 1] = ["到场"];
