//! The groups bulletins go to. The words of its page in the console, each under the name of what it stands for.

pub const HEADS: [&str; 4] = ["名称", "平台和标签", "状态", "要处理的事"];
pub const RIGHTS_HEADS: [&str; 3] = ["结果", "情况", "怎么办"];
pub const TITLE: &str = "群聊";
pub const NONE_YET: &str = "还没有群聊";
pub const BEGIN: &str = "登记群聊之后，通知才有地方可发。没有账号也可以先登记一个“试用”群看看效果。";
pub const REGISTER_GROUP: &str = "登记群聊";
pub const NONE_FOUND: &str = "没有找到群聊";
pub const SEARCH_AGAIN: &str = "换个名称或标签再找。";
pub const FIND: &str = "查找";
pub const NAME_OR_TAG: &str = "群名称或标签";
pub const TO_MEND: &str = "要处理";
pub const CHECK_ALL: &str = "重新检查全部群";
pub const UNREACHABLE: &str = "无法送达";
pub const FINE: &str = "正常";
pub const NO_TARGET: &str = "不发通知";
pub const STATE: &str = "状态";
pub const PLATFORM: &str = "平台";
pub const ADDRESS: &str = "地址";
pub const TOPIC: &str = "话题";
pub const TAGS: &str = "标签";
pub const ANSWERS: &str = "回答提问";
pub const CHECKED_AT: &str = "检查时间";
pub const TEST: &str = "测试消息";
pub const RIGHTS: &str = "机器人权限";
pub const ALL: &str = "全部群聊";
pub const SEND_TEST: &str = "发测试消息";
pub const TRY_AGAIN: &str = "重新启用";
pub const CHECK_AGAIN: &str = "重新检查";
pub const AS_NEEDED: &str = "看需要";
pub const NOTHING_TO_DO: &str = "不用处理";
pub const CHECKED: &str = "已重新检查，结果见下面";
pub const REGISTER: &str = "登记";
pub const ADDRESS_HINT: &str = "Telegram 写群的编号，例如 -1001234567890；企业微信写机器人的 Webhook 地址；试用随便写一个名字";
pub const NAME: &str = "群名称";
pub const TAGS_HINT: &str = "用顿号隔开，例如 个体户、园区";
pub const REGISTERED: &str = "已登记";
pub const CHOOSE_PLATFORM: &str = "请选择平台";
pub const TRIED_AGAIN: &str = "已重新启用，下一次发送会再试";

/// Whether a group is answered.
pub fn yes_or_no(yes: bool) -> &'static str {
    if yes { "是" } else { "否" }
}

/// Before a test message is sent to a group.
pub fn ask_test(title: &str) -> String {
    format!("会马上往“{title}”发一条测试消息，群里的人都看得到。")
}
