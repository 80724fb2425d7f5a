//! The first page. The words of its page in the console, each under the name of what it stands for.

pub const TITLE: &str = "工作台";
pub const ALERTS: &str = "没处理的告警";
pub const UNKNOWN: &str = "送达未确认";
pub const TO_APPROVE: &str = "等待审核";
pub const UNREACHABLE: &str = "联系不上的群";
pub const GAPS: &str = "没答上的问题";
pub const DRAFTS: &str = "待发布文件";
pub const DUE: &str = "该复核的文件";
pub const DAILY_QUESTIONS: &str = "每天的提问";
pub const DECISIONS: [&str; 3] = ["已答", "追问", "未答"];
pub const DAILY_RATINGS: &str = "每天的评价和转人工";
pub const RATINGS: [&str; 3] = ["有用", "无用", "转人工"];
pub const ASKED_TODAY: &str = "今天提问";
pub const ASKED: &str = "两周提问";
pub const ANSWERED: &str = "直接答上";
pub const USEFUL: &str = "评价有用";
pub const HANDED_OFF: &str = "转人工";
pub const TOP: &str = "问得最多的";
pub const TOP_HEADS: [&str; 2] = ["问题", "次数"];
pub const NOBODY_ASKED: &str = "还没有人提问";
pub const HOW_PEOPLE_COME: &str = "把网页问答的地址发到群里，或把机器人拉进群，提问就会出现在这里。";
pub const SENT: &str = "两周发送";
pub const SENT_HEADS: [&str; 2] = ["结果", "条数"];
pub const NOTHING_SENT: &str = "还没有发送";
pub const WHAT_COMES_HERE: &str = "通知审核通过并发送后，送达情况会出现在这里。";
