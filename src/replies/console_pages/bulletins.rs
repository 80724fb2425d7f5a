//! Bulletins: the list, the form, the page of one. The words of its page in the console, each under the name of what it stands for.

pub const HEADS: [&str; 4] = ["标题", "状态", "时间", "送达"];
pub const TITLE: &str = "通知";
pub const ALL: &str = "全部";
pub const SHOW: &str = "查看";
pub const NONE_YET: &str = "还没有通知";
pub const NONE_IN_STATE: &str = "没有这样的通知";
pub const SEE_ALL: &str = "看全部";
pub const TO_APPROVE: &str = "等待审核（含更正）";
pub const BEGIN: &str = "先登记群聊，再写第一条通知；写好后由另一位审核人员审核，就可以发送。";
pub const WRITE: &str = "写通知";
pub const CORRECTION_WAITS: &str = "（更正待审核）";
pub const ALL_GROUPS: &str = "全部群";
pub const SAVE: &str = "保存";
pub const HEADING: &str = "标题";
pub const NUMBER: &str = "文号";
pub const NUMBER_HINT: &str = "没有文号的通知不用填";
pub const AUDIENCE: &str = "适用对象";
pub const EFFECTIVE_FROM: &str = "施行日期";
pub const SUMMARY: &str = "摘要";
pub const BODY: &str = "正文";
pub const LINK: &str = "原文网址";
pub const LINK_HINT: &str = "以 https:// 开头";
pub const TAGS_FIELD: &str = "发给哪些群（按标签）";
pub const GROUPS_FIELD: &str = "或者指定群";
pub const WORKDAYS_ONLY: &str = "只在工作日发送";
pub const PIN_FIELD: &str = "在 Telegram 群里置顶（机器人要有置顶权限）";
pub const CARD_FIELD: &str = "在企业微信群里另发一张图文卡片（要填原文网址）";
pub const WRONG_DAY: &str = "日期要写成 2026-01-20";
pub const SAVED: &str = "已保存草稿，请核对下面的样子再提交审核";
pub const CHANGE_TITLE: &str = "修改通知";
pub const CHANGED: &str = "已保存；改过的通知要重新提交审核";
pub const STATE: &str = "状态";
pub const GOES_TO: &str = "发给";
pub const ARRIVED: &str = "送达";
pub const UNKNOWN: &str = "未确认";
pub const FAILED: &str = "失败";
pub const PROGRESS: &str = "发送进度";
pub const SUBMIT: &str = "提交审核";
pub const APPROVE: &str = "审核通过";
pub const REJECT: &str = "退回修改";
pub const SEND: &str = "发送或排期";
pub const URGE: &str = "加急";
pub const PAUSE: &str = "暂停";
pub const RESUME: &str = "继续发送";
pub const EDIT: &str = "修改";
pub const CORRECT: &str = "更正";
pub const CANCEL: &str = "取消";
pub const RECALL: &str = "撤回";
pub const YES: &str = "是";
pub const NO: &str = "否";
pub const ORIGINAL: &str = "原文";
pub const TAGS: &str = "标签";
pub const PINNED: &str = "置顶";
pub const CARD: &str = "图文卡片";
pub const SCHEDULE: &str = "排期";

/// So many messages arrived, and of so many nobody knows.
pub fn arrived(sent: i64, unknown: i64) -> String {
    match unknown {
        0 => messages(sent),
        unknown => format!("{}，{unknown} 条未确认", messages(sent)),
    }
}

/// So many messages.
pub fn messages(many: i64) -> String {
    format!("{many} 条")
}

/// So many groups.
pub fn groups(many: usize) -> String {
    format!("{many} 个")
}

/// What so many chats of a kind will see; none: it is not sent there.
pub fn seen_by(kind: &str, chats: usize) -> String {
    match chats {
        0 => format!("{kind}（这次不发）"),
        chats => format!("{kind}看到的样子（{chats} 个）"),
    }
}

/// A card, which is more than its text.
pub fn card(text: &str) -> String {
    format!("［图文卡片］{text}")
}
