//! A class afterwards. The words of its page in the console, each under the name of what it stands for.

pub const VOTE_HEADS: [&str; 2] = ["内容", "票数"];
pub const MATERIAL_HEADS: [&str; 4] = ["名称", "类型", "发给学员", ""];
pub const BACK: &str = "回到课程";
pub const DOWNLOAD: &str = "下载 Excel";
pub const SURVEY: &str = "问卷";
pub const CHANGE_SURVEY: &str = "改问卷的问题";
pub const NO_VOTE: &str = "还没有投票";
pub const VOTE_TELLS: &str = "写几个候选内容，发给学员选下一课讲什么。";
pub const BEGIN_VOTE: &str = "发起投票";
pub const MATERIALS: &str = "课程资料";
pub const PUSH: &str = "把新资料发给学员";
pub const ADD_MATERIAL: &str = "添加资料";
pub const CAME: &str = "到课";
pub const ABSENT: &str = "缺席";
pub const WAITING: &str = "候补";
pub const NO_SURVEY: &str = "这门课不发问卷";
pub const SURVEY_TELLS: &str = "要发的话，在下面写上问题。";
pub const ASKED_NOBODY: &str = "没有签到记录，或签到的人没有在聊天里报名，问卷没有发给任何人。";
pub const ASKED_LATER: &str = "课程结束后，签到的学员会在聊天里逐条收到这些问题。";
pub const NO_ANSWER: &str = "还没有回答";
pub const QUESTIONS: &str = "问题";
pub const PEOPLE: &str = "人";
pub const COMMENTS: &str = "留言";
pub const NO_COMMENT: &str = "还没有人写。";
pub const NO_TOPIC: &str = "没有内容";
pub const OPEN_VOTE: &str = "打开投票页";
pub const NO_MATERIAL: &str = "还没有资料";
pub const MATERIALS_TELL: &str = "讲义、表样或链接放在这里，一键发给学员，每人只收到一条消息。";
pub const LINK: &str = "链接";
pub const REMOVE: &str = "删除";
pub const NOT_PUSHED: &str = "还没发";
pub const NAME: &str = "名称";
pub const LINK_HINT: &str = "以 https:// 开头；要传文件就空着";
pub const FILE: &str = "或者文件";
pub const SEND_VOTE: &str = "发给学员投票";
pub const TOPICS: &str = "候选内容";
pub const TOPICS_HINT: &str = "一行一个，2 到 8 个，每个最多 30 个字";
pub const CLOSES_AT: &str = "截止时间";
pub const KEEP_SURVEY: &str = "保存问卷";
pub const QUESTIONS_HINT: &str = "一行一个，以“打分：”“文字：”或“疑问：”开头；疑问会进入待补充的问题清单。全部删掉就不发问卷";

/// The title of the page.
pub fn title(class: &str) -> String {
    format!("课程情况：{class}")
}

/// Not every comment stands on the page.
pub fn comments_cut(shown: usize, all: usize) -> String {
    format!("这里列出 {shown} 条，共 {all} 条，全部在 Excel 里")
}

/// A mark of the survey, one to five.
pub fn score(score: i64) -> String {
    format!("{score} 分")
}

/// A file of so many kilobytes.
pub fn file(kilobytes: i64) -> String {
    format!("文件 {kilobytes} KB")
}
