//! Alerts for staff: what happened, and what to do about it.

use crate::domain::alert::Trouble;
use crate::domain::message::{Block, Message};
use crate::domain::time::Timestamp;

/// Longest title quoted.
const TITLE_CHARACTERS: usize = 60;

/// What the alert says.
pub fn words(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Unconfirmed { title, many, .. } => {
            let about = title.as_deref().map(|title| format!("通知“{}”", short(title))).unwrap_or_else(|| "提醒或答复".to_owned());
            format!("{about}有 {many} 条超过 30 分钟仍未确认是否送达。请到群里看一看，再在工作台选择“已送达”或“未送达·重发”。")
        }
        Trouble::Unreachable { title, reason, .. } => {
            format!("群“{}”发不进去了（{reason}）。等待发送的消息已暂存；请把机器人重新加入群，恢复后自动继续。", short(title))
        }
        Trouble::BotRefused { channel_kind, reason } => {
            let platform = channel_kind.chinese();
            format!("{platform} 拒绝了机器人本身（{reason}）。发送已暂停，消息都保留着；请检查机器人的令牌和接口地址。")
        }
        Trouble::LedgerOverdue { number, owner, due_on, .. } => super::ledger::overdue_words(number, owner, Some(*due_on)),
        Trouble::BulletinHeld { title, reason, .. } => format!("通知“{}”没有自动发出，等待决定：{reason}", short(title)),
        Trouble::CalendarMissing { year } => {
            format!(
                "{year}年的放假和调休安排还没有录入。国务院办公厅公布后请尽快录入，否则{year}年按工作日算的通知、期限和排班都会停下来等。"
            )
        }
    }
}

/// The notice for the management's groups.
pub fn notice(words: &str) -> Message {
    Message::default().with(Block::Heading("需要处理".to_owned())).with(Block::Paragraph(words.to_owned()))
}

/// The clock jumped by so many milliseconds and shows `wall` now.
pub fn clock_jumped(off_ms: i64, wall: Timestamp) -> String {
    let way = if off_ms > 0 { "快" } else { "慢" };
    let minutes = off_ms.unsigned_abs() / 60_000;
    format!(
        "服务器时间突然拨{way}了 {minutes} 分钟，现在显示 {}。到点发送已暂停；时间若正确，请把这条提醒标为已处理，发送随即继续；若不正确，请改正时间。",
        wall.chinese()
    )
}

/// A second "resolved".
pub fn resolved_before() -> String {
    "这条提醒已经处理过了".to_owned()
}

fn short(title: &str) -> String {
    title.chars().take(TITLE_CHARACTERS).collect()
}
