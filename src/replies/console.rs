//! What the console says that is made by the program; the standing text of a page is in its template.

use crate::domain::delivery::DeliveryState;
use crate::domain::document::Publication;
use crate::domain::staff::{Broken, Chain, Role};
use crate::domain::time::Timestamp;

/// The console without a session.
pub fn log_in_first() -> String {
    "请先登录".to_owned()
}

/// A form without the session's token.
pub fn stale_form() -> String {
    "页面已过期，请返回上一页刷新后再提交".to_owned()
}

/// A password that is too short or too long.
pub fn wrong_password(shortest: usize, longest: usize) -> String {
    format!("密码要 {shortest} 到 {longest} 个字符，可以用一句好记的话")
}

/// A password anybody would try.
pub fn simple_password() -> String {
    "密码不能包含账号，也不能全是同一个字符".to_owned()
}

/// The two passwords typed differ.
pub fn passwords_differ() -> String {
    "两次输入的密码不一样".to_owned()
}

/// Name or password is wrong: which one is not said.
pub fn login_refused() -> String {
    "账号或密码不对".to_owned()
}

/// The name is locked, whether or not there is such a user.
pub fn login_locked() -> String {
    "连续输错次数太多，请 15 分钟后再试，或请管理员重新发登录链接".to_owned()
}

/// The present password is wrong.
pub fn wrong_present_password() -> String {
    "原密码不对".to_owned()
}

/// A one-time link that is used up, too old or none.
pub fn link_over() -> String {
    "这个链接已经用过或已过期。请管理员重新生成；还没有管理员的，请重启服务，终端会显示新的链接。".to_owned()
}

/// After log-in.
pub fn welcome(name: &str) -> String {
    format!("{name}，您好")
}

/// After a change of one's own password.
pub fn password_changed() -> String {
    "密码已修改，其他设备上的登录已退出".to_owned()
}

/// `11月26日 15:04`: a time in a list of this year.
pub fn short_time(at: Timestamp) -> String {
    at.local().format("%-m月%-d日 %H:%M").to_string()
}

/// A user who is switched off.
pub fn user_is_off(name: &str) -> String {
    format!("“{name}”已停用，请先启用")
}

/// Nobody changes their own role or switches themselves off.
pub fn not_oneself() -> String {
    "不能修改自己的角色，也不能停用自己，请由另一位管理员操作".to_owned()
}

/// One administrator must stay.
pub fn last_administrator() -> String {
    "至少要保留一位管理员".to_owned()
}

/// What the chain of the audit says of itself.
pub fn chain(chain: &Chain) -> String {
    let holds = format!("共 {} 条", chain.rows);
    match &chain.broken {
        None if chain.rows == 0 => "还没有操作记录".to_owned(),
        None => format!("{holds}，全部完整。最后一条的校验值：{}", chain.end),
        Some(Broken::Missing { place }) => format!("记录不完整：缺少第 {place} 条"),
        Some(Broken::Changed { place, id }) => format!("记录不完整：第 {place} 条（{id}）被改动过"),
        Some(Broken::EndChanged) => "记录不完整：最后一条与链尾不符".to_owned(),
        Some(Broken::Outside { id }) => format!("记录不完整：{id} 不在链上"),
    }
}

/// An action of the audit in words, such as `bulletin.approve`.
pub fn action(action: &str) -> String {
    let (noun, verb) = action.split_once('.').unwrap_or((action, ""));
    let noun = match noun {
        "login" => "登录",
        "password" => "密码",
        "user" => "人员",
        "token" => "令牌",
        "bulletin" => "通知",
        "channel" => "群聊",
        "class" => "课程",
        "campaign" => "宣传月",
        "document" => "文件",
        "delivery" => "送达",
        "code" => "二维码",
        "word" => "词表",
        "outing" => "外出宣传",
        "inquiry" => "咨询",
        "gap" => "待补问题",
        "ledger" => "台账",
        "person" => "个人信息",
        "certificate" => "结业证明",
        "quiz" => "答题",
        other => other,
    };
    let verb = match verb {
        "" => "",
        "create" => "新建",
        "change" => "修改",
        "edit" => "修改",
        "submit" => "送审",
        "approve" => "审核通过",
        "reject" => "退回",
        "schedule" => "定时",
        "send" => "发送",
        "pause" => "暂停",
        "resume" => "继续",
        "cancel" => "取消",
        "recall" => "撤回",
        "attach" => "加附件",
        "detach" => "删附件",
        "test" => "发测试消息",
        "correct" => "更正",
        "settle" => "处理",
        "publish" => "发布",
        "withdraw" => "撤下",
        "release" => "核对无误",
        "discard" => "弃用",
        "move" => "改期",
        "import" => "导入",
        "revoke" => "停用",
        "role" => "改角色",
        "link" => "发登录链接",
        "on" => "启用",
        "off" => "停用",
        "set" => "设置",
        "lock" => "锁定",
        "tick" => "自动推进",
        "take" => "接待",
        "merge" => "合并",
        "split" => "拆分",
        "look" => "查条数",
        "export" => "导出",
        "forget" => "清除",
        "forget_for" => "代为清除",
        "answer" => "答复",
        "transfer" => "转出",
        "close" => "办结",
        "reopen" => "再打开",
        "draft" => "起草答复",
        "return" => "退回答复",
        "dismiss" => "忽略",
        "open" => "登记",
        "step" => "办理",
        "remove" => "删除",
        "take_back" => "撤销",
        "session_add" => "加一次课",
        "session_cancel" => "取消一次课",
        "check_in" => "签到",
        "check_in_undo" => "撤销签到",
        "draw" => "抽奖",
        "prize_check" => "核对领奖",
        other => return format!("{noun} {other}"),
    };
    format!("{noun}{verb}")
}

/// A hash written down earlier is no longer in the chain.
pub fn chain_cut() -> String {
    "链上没有这个校验值：记录的末尾可能被截掉过".to_owned()
}

/// Heads of the exported audit.
pub fn audit_heads() -> &'static str {
    "序号,时间,人员,操作,对象,说明,校验值"
}

/// A role and what it may, as a line to choose from.
pub fn role_line(role: Role) -> &'static str {
    match role {
        Role::Admin => "管理员：管理人员和全部内容，不能审核通知",
        Role::Publicity => "宣传：写通知、管群聊、导入文件，发送已审核的通知",
        Role::Approver => "审核：审核别人写的通知",
        Role::Trainer => "培训：管理课程",
        Role::Desk => "服务台：答复咨询",
        Role::Auditor => "审计：查看全部内容和操作记录，不能修改",
    }
}

/// A new role took effect.
pub fn role_changed(name: &str, role: &str) -> String {
    format!("“{name}”的角色已改为{role}，本人需要重新登录")
}

/// The user may come in again.
pub fn switched_on(name: &str) -> String {
    format!("“{name}”已启用")
}

/// The user may not come in any more.
pub fn switched_off(name: &str) -> String {
    format!("“{name}”已停用，登录和令牌都已失效")
}

/// A token ended.
pub fn token_revoked() -> String {
    "令牌已停用".to_owned()
}

/// Above a one-time link.
pub fn hand_over_link(name: &str) -> String {
    format!("请把下面的链接交给“{name}”本人，由本人设置密码。链接 24 小时内有效，只能用一次，离开本页后不再显示。")
}

/// Above a token.
pub fn hand_over_token(name: &str) -> String {
    format!("“{name}”的接口令牌如下，离开本页后不再显示，请妥善保管。")
}

/// How much is known.
pub fn documents_known(documents: usize) -> String {
    format!("{documents} 份文件")
}

/// How the configuration is changed.
pub fn where_settings_are() -> String {
    "本页只供查看。要修改，请由运行服务的人员编辑 taxhome.toml 或环境变量，然后重启服务；令牌和密码不会显示在这里。".to_owned()
}

/// What became of a message.
pub fn delivery_state(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Pending => "等待发送",
        DeliveryState::Sending => "正在发送",
        DeliveryState::Sent => "已送达",
        DeliveryState::Failed => "发送失败",
        DeliveryState::Unknown => "未确认",
        DeliveryState::Expired => "已过期",
        DeliveryState::Cancelled => "已取消",
        DeliveryState::Abandoned => "已放弃",
    }
}

/// Which bytes of the text a passage is.
pub fn bytes(start: usize, end: usize) -> String {
    format!("字节 {start}–{end}")
}

/// Where a document lies.
pub fn where_kept(publication: Option<Publication>, version: Option<i64>) -> String {
    let version = version.map(|version| format!("，第 {version} 版")).unwrap_or_default();
    match publication {
        None => "知识文件夹里的文件".to_owned(),
        Some(Publication::Draft) => format!("导入，等待通知审核通过后发布{version}"),
        Some(Publication::Published) => format!("导入，已发布{version}"),
        Some(Publication::Withdrawn) => format!("导入，已撤下{version}"),
        Some(Publication::Quarantined) => format!("导入，待核对，不用于回答{version}"),
    }
}

/// Before a document is taken out of the answers.
pub fn ask_withdraw(title: &str) -> String {
    format!("撤下《{title}》后，它马上不再用于回答，对外页面也看不到了；已经发出的通知不受影响。")
}

/// A document was taken out.
pub fn withdrawn(title: &str) -> String {
    format!("《{title}》已撤下")
}

/// Only a published document is withdrawn.
pub fn not_published(title: &str) -> String {
    format!("《{title}》没有发布，不用撤下")
}

/// A date that is none.
pub fn wrong_date() -> String {
    "日期要写成 2026-11-26 这样".to_owned()
}

/// Above the report of an upload.
pub fn look_at_report() -> String {
    "请先看检查结果，有疑问的回到文件里改好再上传。导入后每份文件是一份草稿，并自动起草一条通知；通知审核通过，文件才会用于回答。"
        .to_owned()
}

/// The same text was in the upload before.
pub fn duplicate_of(other: &str) -> String {
    format!("与 {other} 内容相同，不重复导入")
}

/// An upload that was imported before, or was never read to its end.
pub fn nothing_to_import() -> String {
    "这次上传已经导入过，或还没有读完".to_owned()
}

/// So many documents became drafts, so many of them wait to be compared with their source.
pub fn imported(many: usize, held: usize) -> String {
    match held {
        0 => format!("已导入 {many} 份文件，通知草稿也已生成"),
        _ => format!("已导入 {many} 份文件，其中 {held} 份文字可疑，要先核对才能发布"),
    }
}

/// A document was found right.
pub fn released(title: &str) -> String {
    format!("《{title}》已核对，转为待发布，通知草稿也已生成")
}

/// A document was found wrong.
pub fn discarded(title: &str) -> String {
    format!("《{title}》已弃用，不会用于回答")
}

/// A kind of word of the glossary.
pub fn word_kind(word: &str) -> &'static str {
    match word {
        "abbrev" => "简称",
        "colloquial" => "口语词",
        "typo" => "常见错字",
        "traditional" => "繁体",
        "pinyin" => "拼音",
        "subject" => "专门事项",
        _ => "敏感词",
    }
}

/// Who wrote a word and when.
pub fn written_by(author: &str, at: Timestamp) -> String {
    format!("{author}，{}", short_time(at))
}

/// How many words were found.
pub fn words_found(many: usize) -> String {
    format!("共 {many} 条。修改后几秒内生效，不用重启。")
}

/// A word was kept.
pub fn word_kept(term: &str) -> String {
    format!("“{term}”已保存，马上生效")
}

/// A word was taken out.
pub fn word_removed(term: &str) -> String {
    format!("“{term}”已删除，马上生效")
}

/// A word that cannot stand in the table.
pub fn wrong_word(most: usize) -> String {
    format!("要写 1 到 {most} 个字，不能换行")
}

/// A kind nobody knows.
pub fn wrong_word_kind() -> String {
    "请选一个类别".to_owned()
}

/// A word that means itself.
pub fn same_word() -> String {
    "两个词一样，不用添加".to_owned()
}

/// Under a list that shows the latest of more.
pub fn latest_of(shown: i64, all: i64) -> String {
    format!("这里列出最近的 {shown} 条，共 {all} 条")
}

/// The way back to the first page.
pub fn back() -> String {
    "回到工作台".to_owned()
}
