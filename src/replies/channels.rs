//! What staff are told about a group: how the bot stands there, what to do about it, and what became of a test message.

use crate::domain::bot_status::{BotStatus, Finding, Presence, Rights, Weight};
use crate::domain::delivery::DeliveryState;
use crate::domain::message::{Block, Message};
use crate::domain::time::Timestamp;

/// What follows from how the bot stands in a group; `topic` is the forum topic bulletins go to. The gravest comes first.
pub fn findings(bot_status: &BotStatus, topic: Option<&str>) -> Vec<Finding> {
    let mut found = match bot_status {
        BotStatus::Known(rights) if rights.presence == Presence::Out => vec![not_there()],
        BotStatus::Known(rights) => of_rights(*rights, topic),
        BotStatus::Refused(words) if words.contains("chat not found") || words.contains("kicked") || words.contains("not a member") => {
            vec![not_there()]
        }
        BotStatus::Refused(words) => {
            let to_do = "请核对登记的群编号，并确认机器人还在群里；之后点“重新检查”";
            vec![finding(Weight::Fault, &format!("Telegram 拒绝查询这个群：{words}"), to_do)]
        }
        BotStatus::NotAsked(_) => {
            vec![finding(Weight::Advice, "暂时连不上 Telegram，没有查到", "请检查服务器网络或代理设置，过一会儿点“重新检查”")]
        }
    };
    found.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
    found
}

fn of_rights(rights: Rights, topic: Option<&str>) -> Vec<Finding> {
    let administrator = rights.presence == Presence::Administrator;
    let mut found = Vec::new();
    if !rights.sends {
        let to_do = "请群主在“权限”里允许成员发消息，或把机器人设为管理员";
        found.push(finding(Weight::Fault, "机器人在这个群里不能发言，通知发不出去", to_do));
    } else if !rights.sends_files {
        let to_do = "请群主在“权限”里允许成员发图片和文件，或把机器人设为管理员";
        found.push(finding(Weight::Advice, "机器人在这个群里不能发图片和文件，通知的附件发不出去（正文不受影响）", to_do));
    }
    match (rights.forum, topic) {
        (false, Some(_)) => {
            let to_do = "请在群设置里打开话题，或清空登记的话题编号；现在通知会发到群里";
            found.push(finding(Weight::Advice, "登记了话题，但这个群没有打开话题", to_do));
        }
        (true, _) if !rights.manages_topics => {
            let to_do = "话题一直开着就不用处理；要往关闭的话题里发，请群主给机器人“管理话题”的权限";
            found.push(finding(Weight::Advice, "这个群分了话题，话题关闭之后机器人发不进去", to_do));
        }
        (false, None) | (true, _) => {}
    }
    if !rights.reads_all && !administrator {
        let to_do = "这样就够用时不用处理；要机器人也看到“问 …”这样的话，请群主把机器人设为管理员";
        let what = "隐私模式开着：群友要用 /ask 提问、回复机器人的消息或点按钮，机器人才看得到";
        found.push(finding(Weight::Advice, what, to_do));
    }
    if administrator && !rights.pins {
        found.push(finding(Weight::Advice, "机器人没有置顶消息的权限，通知不能置顶", "请群主在管理员设置里给机器人打开“置顶消息”"));
    } else if !administrator && !rights.pins {
        let to_do = "不需要置顶就不用处理；需要时请群主把机器人设为管理员，并打开“置顶消息”";
        found.push(finding(Weight::Advice, "机器人不是管理员，通知不能置顶", to_do));
    }
    if found.is_empty() {
        found.push(finding(Weight::Fine, "发通知、发附件、置顶都可以", ""));
    }
    found
}

fn not_there() -> Finding {
    finding(Weight::Fault, "机器人不在这个群里，通知发不到", "请群主把机器人加进群；如果群编号登记错了，请重新登记")
}

fn finding(weight: Weight, what: &str, to_do: &str) -> Finding {
    Finding { weight, what: what.to_owned(), to_do: to_do.to_owned() }
}

/// Things that not every group needs.
pub fn has_advice(many: usize) -> String {
    format!("{many} 条建议，看需要")
}

/// A channel that cannot be asked how the bot stands.
pub fn only_a_test_tells() -> &'static str {
    "这个平台查不到机器人的权限，请发一条测试消息，到群里看看"
}

/// A group nobody has asked about yet.
pub fn not_checked_yet() -> &'static str {
    "还没有检查过"
}

/// The test message itself.
pub fn test_message(now: Timestamp) -> Message {
    Message {
        blocks: vec![
            Block::Heading("测试消息".to_owned()),
            Block::Paragraph(format!("能看到这条消息，说明本群可以收到纳税人之家的通知，不用回复。\n{}", now.chinese())),
        ],
        buttons: Vec::new(),
    }
}

/// What became of the last test message.
pub fn test_result(state: DeliveryState, at: Timestamp, reason: Option<&str>) -> String {
    let reason = reason.map(|reason| format!("：{reason}")).unwrap_or_default();
    let at = at.chinese();
    match state {
        DeliveryState::Pending if reason.is_empty() => format!("{at} 的测试消息正在等待发送"),
        DeliveryState::Pending => format!("{at} 的测试消息还没发出，会自动再试{reason}"),
        DeliveryState::Sending => format!("{at} 的测试消息正在发送"),
        DeliveryState::Sent => format!("{at} 的测试消息已送达"),
        DeliveryState::Failed => format!("{at} 的测试消息没有发出{reason}"),
        DeliveryState::Unknown | DeliveryState::Abandoned => format!("{at} 的测试消息不能确认是否送达，请到群里看看"),
        DeliveryState::Expired => format!("{at} 的测试消息十分钟内没能发出，已放弃；请检查网络，或看配置里有没有机器人令牌"),
        DeliveryState::Cancelled => format!("{at} 的测试消息已取消"),
    }
}

/// No test message was ever sent to the chat.
pub fn never_tested() -> &'static str {
    "还没有发过测试消息"
}

/// A test message was handed to the outbox.
pub fn test_on_its_way() -> &'static str {
    "测试消息正在发送，结果显示在下面"
}

/// One was sent a moment ago.
pub fn tested_just_now() -> &'static str {
    "刚刚发过测试消息，没有再发；结果显示在下面"
}

/// Nothing is sent to a chat that was found gone.
pub fn unreachable_first(reason: &str) -> String {
    format!("这个群已记为无法送达（{reason}）；请先处理原因，点“重新启用”，再发测试消息")
}

/// The platform has no account here.
pub fn no_telegram() -> &'static str {
    "没有配置 Telegram 机器人令牌（telegram.token），不能检查，也发不出消息"
}

/// Every group was asked about.
pub fn checked(groups: usize, faults: usize) -> String {
    match (groups, faults) {
        (0, _) => "没有登记 Telegram 群，没有要检查的".to_owned(),
        (groups, 0) => format!("已检查 {groups} 个群，通知都能发出"),
        (groups, faults) => format!("已检查 {groups} 个群，其中 {faults} 个收不到通知，请看下面的说明"),
    }
}
