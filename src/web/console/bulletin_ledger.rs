//! What became of a bulletin at each group, line by line.

use super::bulletins::HERE;
use super::deliveries::settling;
use super::widgets::{Cell, Empty, Table};
use crate::broadcasts::attachments::ATTACHMENTS_FROM;
use crate::domain::bulletin::Bulletin;
use crate::domain::delivery::{AFTER_TEXT, DeliveryState, Operation};
use crate::replies::console_pages::bulletin_ledger as text;
use crate::store::deliveries::Delivery;
use crate::web::paging::Page;
use crate::web::session::Session;

/// The ledger of a bulletin, a page of it and perhaps only those in one state; an unknown one can be settled by whoever may.
pub(super) fn table(session: &Session, bulletin: &Bulletin, lines: &Page<Delivery>, only: Option<DeliveryState>) -> Table {
    let all = format!("{HERE}/{}", bulletin.id);
    let empty = match only {
        None => Empty::new(text::NOT_SENT_YET, text::WHAT_COMES_HERE),
        Some(_) => Empty::new(text::NONE_IN_STATE, "").link(&all, text::SEE_ALL),
    };
    let mut table = Table::new(text::TITLE, &text::HEADS, empty);
    for line in &lines.items {
        let (mark, word) = result(line.state);
        let what = match line.operation {
            Operation::Send if line.revision > 1 => text::SENT_AGAIN,
            Operation::Send => text::SEND,
            Operation::Edit => text::EDIT,
            Operation::Delete => text::DELETE,
            Operation::Pin => text::PIN,
            Operation::Unpin => text::UNPIN,
        };
        let unknown = line.state == DeliveryState::Unknown;
        let actions = if unknown { settling(&format!("{HERE}/{}/deliveries", line.origin_id), line, session) } else { Vec::new() };
        table.row(vec![
            Cell::text(line.channel_title.clone()),
            Cell::quiet(format!("{what} {}", part_name(bulletin, line.part))),
            Cell::badge(mark, word),
            Cell::quiet(line.reason.clone().unwrap_or_default()),
            Cell::Actions(actions),
        ]);
    }
    let shown = only.map_or("", DeliveryState::word);
    table.next(lines.next_cursor.as_ref().map(|cursor| format!("{all}?show={shown}&cursor={cursor}#ledger")));
    if let Some(state) = only {
        table.note(text::only(result(state).1));
    }
    table
}

fn result(state: DeliveryState) -> (&'static str, &'static str) {
    match state {
        DeliveryState::Pending => ("plain", text::PENDING),
        DeliveryState::Sending => ("wait", text::SENDING),
        DeliveryState::Sent => ("good", text::DONE),
        DeliveryState::Failed => ("bad", text::FAILED),
        DeliveryState::Unknown => ("bad", text::UNKNOWN),
        DeliveryState::Expired => ("bad", text::EXPIRED),
        DeliveryState::Cancelled => ("plain", text::CANCELLED),
        DeliveryState::Abandoned => ("plain", text::ABANDON),
    }
}

/// What a part of the ledger is, for people.
fn part_name(bulletin: &Bulletin, part: i64) -> String {
    let attachment = usize::try_from(part - ATTACHMENTS_FROM).ok().and_then(|index| bulletin.attachments.get(index));
    match attachment {
        Some(attachment) => text::attachment(&attachment.name),
        None if part >= AFTER_TEXT => text::CARD_OR_POLL.to_owned(),
        None => text::part(part + 1),
    }
}
