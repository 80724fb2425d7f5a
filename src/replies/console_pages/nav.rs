//! The ways to the areas of the console. The words of its page in the console, each under the name of what it stands for.

pub const ANNOUNCE: &str = "宣传";
pub const SERVE: &str = "服务";
pub const KNOW: &str = "知识";
pub const MANAGE: &str = "管理";
pub const DASHBOARD: &str = "工作台";
pub const INQUIRIES: &str = "人工咨询";
pub const BULLETINS: &str = "通知";
pub const RECURRING: &str = "定期通知";
pub const AGENDA: &str = "排期";
pub const CALENDAR: &str = "日历";
pub const CHANNELS: &str = "群聊";
pub const CAMPAIGNS: &str = "宣传月";
pub const CODES: &str = "二维码";
pub const QUIZZES: &str = "考试和答题";
pub const CLASSES: &str = "课程";
pub const GAPS: &str = "待补问题";
pub const LEDGER: &str = "意见台账";
pub const RATINGS: &str = "服务评价";
pub const DOCUMENTS: &str = "知识库";
pub const EXPLAIN: &str = "试问";
pub const WORDS: &str = "词表";
pub const STATISTICS: &str = "每周统计";
pub const USERS: &str = "人员";
pub const PEOPLE: &str = "个人信息";
pub const AUDIT: &str = "操作记录";
pub const SETTINGS: &str = "配置";
