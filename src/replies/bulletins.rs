//! What staff are told about bulletins: what is not possible, and what is.

use chrono::NaiveDate;

use crate::domain::bulletin::{BulletinState, Step};
use crate::domain::time::{Timestamp, chinese_date};

const STEPS: [(Step, &str); 12] = [
    (Step::Edit, "修改"),
    (Step::Submit, "提交审核"),
    (Step::Approve, "审核通过"),
    (Step::Reject, "退回"),
    (Step::Schedule, "排期"),
    (Step::Send, "立即发送"),
    (Step::Pause, "暂停"),
    (Step::Resume, "继续发送"),
    (Step::Cancel, "取消"),
    (Step::Recall, "撤回"),
    (Step::Correct, "更正"),
    (Step::Urge, "加急"),
];

/// A step that is not allowed from this state, and which are.
pub fn illegal_step(state: BulletinState, wanted: Step) -> String {
    let possible: Vec<&str> = STEPS.iter().filter(|(step, _)| state.after(*step).is_some()).map(|(_, name)| *name).collect();
    let possible = if possible.is_empty() { "不能再操作".to_owned() } else { format!("可以：{}", possible.join("、")) };
    format!("通知现在是“{}”，不能{}；{possible}", state.chinese(), step_name(wanted))
}

fn step_name(wanted: Step) -> &'static str {
    STEPS.iter().find(|(step, _)| *step == wanted).map_or("这样做", |(_, name)| *name)
}

/// A draft was made from the same thing before.
pub fn drafted_already() -> String {
    "已经为它起草过通知，请在原来的通知上修改".to_owned()
}

/// Authors do not approve.
pub fn own_text() -> String {
    "不能审核自己写的通知，请由另一位审核人员操作".to_owned()
}

/// The document has not been compared with its source.
pub fn document_quarantined(title: &str) -> String {
    format!("《{title}》还在待核对中，请先到知识库核对文字，再审核通知")
}

/// The approval does not fit what stands there now.
pub fn approval_void() -> String {
    "通知内容或发送对象在审核之后有变化，请重新提交审核".to_owned()
}

/// It is not what the approver looked at.
pub fn changed_since_seen() -> String {
    "通知在您打开之后又改过，没有通过审核；请刷新页面，看过现在的内容再审核".to_owned()
}

/// The groups meant are no longer those that were approved.
pub fn targets_changed(added: &[&str], gone: usize) -> String {
    let mut changes = Vec::new();
    if !added.is_empty() {
        changes.push(format!("多了 {}", some_of(added)));
    }
    if gone > 0 {
        changes.push(format!("少了 {gone} 个群"));
    }
    format!("审核之后发送对象有变化：{}；请修改后重新提交审核", changes.join("，"))
}

/// A bulletin for workdays only, on a day off.
pub fn day_off(date: NaiveDate, next: Option<NaiveDate>) -> String {
    let next = next.map_or_else(String::new, |next| format!("，下一个工作日是 {}", chinese_date(next)));
    format!("{} 是休息日，这条通知只在工作日发送{next}；请改排期，或由审核人员加急", chinese_date(date))
}

/// An urgent override needs a reason.
pub fn why_urgent(longest: usize) -> String {
    format!("请写明加急的理由 reason，最多 {longest} 个字")
}

/// Why a bulletin that missed its time is held.
pub fn missed(at: Timestamp) -> String {
    format!("原定 {} 发送，因故错过；请决定立即发送、重新排期或取消", at.chinese())
}

/// It waits for the quiet hours to be over.
pub fn waits_for_morning(at: Timestamp) -> String {
    format!("现在是静默时段，将在 {} 开始发送；急事可由审核人员加急", at.chinese())
}

/// The time lies behind.
pub fn time_has_passed(at: Timestamp) -> String {
    format!("发送时间 {} 已经过去，请选择以后的时间，或改用立即发送", at.chinese())
}

/// The same text went to these groups within seven days.
pub fn sent_lately(titles: &[&str]) -> String {
    format!("同样的内容 7 天内已发给 {}；确定要再发，请加上 \"force\": true", some_of(titles))
}

/// The first three names, and how many there are where there are more.
fn some_of(titles: &[&str]) -> String {
    let shown = titles.iter().take(3).copied().collect::<Vec<_>>().join("、");
    if titles.len() > 3 { format!("{shown}等 {} 个群", titles.len()) } else { shown }
}

/// A field is too long.
pub fn too_long(name: &str, longest: usize) -> String {
    format!("{name}太长，最多 {longest} 个字")
}

/// A field is empty.
pub fn missing(name: &str) -> String {
    format!("请填写{name}")
}

/// Not an address.
pub fn wrong_link() -> String {
    "链接要以 https:// 或 http:// 开头".to_owned()
}

/// A card leads somewhere.
pub fn card_without_link() -> String {
    "企业微信图文卡片要有原文网址：请填写 link，或不发卡片".to_owned()
}

/// A file that is none of ours.
pub fn wrong_attachment() -> String {
    "附件只能是 PNG、JPEG 图片或 PDF；Word、表格请另存为 PDF".to_owned()
}

/// No file came.
pub fn no_attachment() -> String {
    "请选择附件文件（字段名 file）".to_owned()
}

/// Several files in one form.
pub fn one_attachment_at_a_time() -> String {
    "一次只能加一个附件，请分几次上传".to_owned()
}

/// A file that some channel would refuse.
pub fn attachment_too_large(kind: &str, most: usize) -> String {
    format!("{kind}太大，最多 {} MB；请压缩后再上传", most / 1024 / 1024)
}

/// More would flood a group.
pub fn too_many_attachments(most: usize) -> String {
    format!("一条通知最多 {most} 个附件，请先删掉不要的")
}

/// The same file twice.
pub fn attached_already(name: &str) -> String {
    format!("这个文件已经是附件“{name}”，不用再传")
}

/// Under a file in a chat: what it belongs to.
pub fn attachment_caption(title: &str, name: &str) -> String {
    format!("《{title}》附件：{name}")
}

/// No group is meant by these tags; `*` is every group.
pub fn nobody_has(tags: &[String]) -> String {
    if tags.iter().any(|tag| tag == "*") {
        return "还没有登记可以发通知的群聊，请先登记（工作台“群聊”，或接口 POST /api/v1/channels）".to_owned();
    }
    format!("没有群聊带有标签“{}”：请检查标签有没有写错，或先给群聊加上这个标签", tags.join("”“"))
}

/// A channel id that is none.
pub fn no_such_target(id: &str) -> String {
    format!("群聊 {id} 不存在，或已关闭通知；请用 GET /api/v1/channels 查编号")
}

/// A group that is meant and cannot be reached.
pub fn not_reached(title: &str, reason: Option<&str>) -> String {
    format!("{title}：现在无法送达（{}）", reason.unwrap_or("原因不明"))
}

/// A group that has the tag and takes no bulletins.
pub fn switched_off(title: &str) -> String {
    format!("{title}：没有打开通知，这次不发")
}

/// No channel of this kind is there.
pub fn none_registered(kind: &str) -> String {
    format!("没有登记{kind}的群，这次不发")
}

/// Channels of this kind are there, none is meant.
pub fn none_chosen(kind: &str) -> String {
    format!("选的标签和群里没有{kind}的群，这次不发")
}

/// More than are named.
pub fn and_more(many: usize) -> String {
    format!("还有 {many} 个群")
}

/// A correction waits already.
pub fn correction_waits() -> String {
    "已有一份更正在等待审核，请先处理它".to_owned()
}

/// Why an unreachable group was not sent to.
pub fn unreachable(reason: &str) -> String {
    format!("群聊无法送达：{reason}")
}

/// Title of the bulletin drafted for a new document.
pub fn new_policy_title(title: &str) -> String {
    let title: String = title.chars().take(100).collect();
    format!("新政策：{title}")
}

/// What stands in place of a recalled bulletin's text.
pub fn page_recalled() -> String {
    "这条通知已由发布单位撤回，请不要再转发。".to_owned()
}

/// Above a corrected bulletin.
pub fn page_corrected(at: Timestamp) -> String {
    format!("【更正】{} 更正，以这里的内容为准。", at.chinese())
}

/// Nobody to send to.
pub fn no_targets() -> String {
    "请选择发送对象：targets.channels 写群聊编号，或 targets.tags 写标签（\"*\" 表示全部群）".to_owned()
}

/// A recurring bulletin is not in the state the step needs.
pub fn recurring_is(state: &str) -> String {
    format!("这条定期通知现在是“{state}”，不能这样操作")
}

/// Beside a bulletin under way: whom it would reach.
pub fn reach(groups: usize, people: usize) -> String {
    match (groups, people) {
        (0, _) => "还没有选择发给谁".to_owned(),
        (groups, 0) => format!("将发给 {groups} 个群"),
        (groups, people) => format!("将发给 {groups} 个群和 {people} 位订阅的人"),
    }
}

/// How much a channel is sent.
pub fn measure(parts: usize, characters: usize) -> String {
    if parts > 1 { format!("分 {parts} 条，共 {characters} 字") } else { format!("{characters} 字") }
}

/// The number of what a bulletin is about, on a line of its own.
pub fn number_line(number: &str) -> String {
    format!("文号：{number}\n")
}

/// Name of the feeds.
pub const FEED: &str = "纳税人之家 政策通知";
