//! Quizzes. The words of its page in the console, each under the name of what it stands for.

pub const HEADS: [&str; 5] = ["名称", "类别", "开始", "截止", "状态"];
pub const BANK_HEADS: [&str; 5] = ["题库", "标题", "题数", "停用", "晚课"];
pub const RESULT_HEADS: [&str; 6] = ["号码", "姓名", "第几次", "成绩", "结果", "时间"];
pub const NEW_STAFF: &str = "新建每季一考";
pub const NEW_PRIZE: &str = "新建有奖答题";
pub const NONE_YET: &str = "还没有考试和答题";
pub const TITLE: &str = "考试和答题";
pub const BANKS: &str = "题库";
pub const NO_BANK: &str = "还没有题库";
pub const NONE_BLOCKED: &str = "没有";
pub const READ: &str = "阅读";
pub const DRAWN: &str = "已抽奖";
pub const NOT_OPEN: &str = "未开始";
pub const OPEN: &str = "进行中";
pub const CLOSED: &str = "已结束";
pub const SAVE: &str = "保存";
pub const NAME: &str = "名称";
pub const ITEMS: &str = "选题";
pub const OPENS_AT: &str = "开始时间";
pub const CLOSES_AT: &str = "截止时间";
pub const PASS_PERCENT: &str = "及格线（%）";
pub const ATTEMPTS: &str = "每人可考几次";
pub const WINNERS: &str = "抽奖人数";
pub const PRIZE: &str = "奖品";
pub const KIND: &str = "类别";
pub const STATE: &str = "状态";
pub const TIME: &str = "时间";
pub const QUESTIONS: &str = "题数";
pub const PASS: &str = "及格线";
pub const LEFT: &str = "剩余次数";
pub const SEED: &str = "种子指纹";
pub const PAGE: &str = "网页";
pub const OPEN_PAGE: &str = "有奖答题的网页（通知审核后公开）";
pub const ANNOUNCE: &str = "起草通知，交审核";
pub const TAGS: &str = "发到哪些群";
pub const DRAW: &str = "抽奖并公布种子";
pub const PRINT_CODE: &str = "打印二维码";
pub const RESULT_OF_DRAW: &str = "抽奖结果";
pub const RESULTS: &str = "成绩";
pub const NOBODY_YET: &str = "还没有人答";
pub const PASSED: &str = "及格";
pub const FAILED: &str = "未及格";
pub const EXAM: &str = "考试";

/// A bank and how many questions are in it.
pub fn bank(title: &str, items: usize) -> String {
    format!("{title}（{items} 题）")
}

/// So many questions are blocked.
pub fn blocked(many: usize) -> String {
    format!("{many} 题")
}

/// From a time to a time, each in Chinese.
pub fn from_to(from: &str, to: &str) -> String {
    format!("{from} 至 {to}")
}

/// How often one may still try.
pub fn attempts_left(left: i64) -> String {
    format!("您还可以考 {left} 次")
}

/// A winner by number and shortened name.
pub fn winner(number: i64, name: &str) -> String {
    format!("{number} 号 {name}")
}
