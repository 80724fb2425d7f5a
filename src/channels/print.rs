//! The channel for trying things out: writes what it would send to the log and calls it sent (F79).

use futures::future::BoxFuture;
use tracing::info;

use super::{Outgoing, Sender, Verdict};
use crate::domain::delivery::Operation;

/// Sends to the log.
#[derive(Debug, Clone, Copy, Default)]
pub struct Print;

impl Sender for Print {
    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let text = match outgoing.operation {
                Operation::Send | Operation::Edit => outgoing.part.plain.as_str(),
                Operation::Delete | Operation::Pin | Operation::Unpin => "",
            };
            info!(
                delivery.id = outgoing.delivery,
                delivery.operation = outgoing.operation.word(),
                channel.address = outgoing.address,
                text,
                attachment = outgoing.part.attachment.as_ref().map(|attachment| attachment.id.as_str()),
                "the print channel was given a message"
            );
            let message_id = outgoing.message_id.clone().unwrap_or_else(|| format!("print-{}", outgoing.delivery));
            Verdict::Sent { message_id, remark: None }
        })
    }
}
