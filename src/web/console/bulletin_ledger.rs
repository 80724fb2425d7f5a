//! What became of a bulletin at each group, line by line.

use super::bulletins::HERE;
use super::widgets::{Action, Cell, Empty, Table};
use crate::broadcasts::attachments::ATTACHMENTS_FROM;
use crate::domain::bulletin::Bulletin;
use crate::domain::delivery::{AFTER_TEXT, DeliveryState, Operation};
use crate::domain::staff::Permission;
use crate::store::deliveries::Delivery;
use crate::web::session::Session;

/// The ledger of a bulletin; an unknown one can be settled by whoever may.
pub(super) fn table(session: &Session, bulletin: &Bulletin, lines: &[Delivery]) -> Table {
    let empty = Empty::new("还没有发送", "审核通过并发送后，这里逐个群列出结果。");
    let mut table = Table::new("每个群的结果", &["群聊", "内容", "结果", "说明", "操作"], empty);
    for line in lines {
        let (mark, word) = result(line.state);
        let what = match line.operation {
            Operation::Send if line.revision > 1 => "补发",
            Operation::Send => "发送",
            Operation::Edit => "更正",
            Operation::Delete => "撤回",
            Operation::Pin => "置顶",
            Operation::Unpin => "取消置顶",
        };
        let settle = |outcome: &str, label: &str| {
            let path = format!("{HERE}/{}/deliveries/{}/{outcome}", line.origin_id, line.id);
            Action::send(path, label, &session.csrf)
        };
        let actions = if line.state == DeliveryState::Unknown && session.may(Permission::SettleDeliveries) {
            vec![settle("delivered", "已送达"), settle("resend", "未送达，重发"), settle("abandon", "不再发")]
        } else {
            Vec::new()
        };
        table.row(vec![
            Cell::text(line.channel_title.clone()),
            Cell::quiet(format!("{what} {}", part_name(bulletin, line.part))),
            Cell::badge(mark, word),
            Cell::quiet(line.reason.clone().unwrap_or_default()),
            Cell::Actions(actions),
        ]);
    }
    table
}

fn result(state: DeliveryState) -> (&'static str, &'static str) {
    match state {
        DeliveryState::Pending => ("plain", "等待发送"),
        DeliveryState::Sending => ("wait", "发送中"),
        DeliveryState::Sent => ("good", "已完成"),
        DeliveryState::Failed => ("bad", "失败"),
        DeliveryState::Unknown => ("bad", "未确认送达"),
        DeliveryState::Expired => ("bad", "过期未发"),
        DeliveryState::Cancelled => ("plain", "已取消"),
        DeliveryState::Abandoned => ("plain", "不再发"),
    }
}

/// What a part of the ledger is, for people.
fn part_name(bulletin: &Bulletin, part: i64) -> String {
    let attachment = usize::try_from(part - ATTACHMENTS_FROM).ok().and_then(|index| bulletin.attachments.get(index));
    match attachment {
        Some(attachment) => format!("附件 {}", attachment.name),
        None if part >= AFTER_TEXT => "卡片或题目".to_owned(),
        None => format!("第{}条", part + 1),
    }
}
