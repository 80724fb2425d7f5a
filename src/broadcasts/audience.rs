//! Who a bulletin goes to: the named groups and those with one of the tags, and the people who subscribed to one; each once.

use sqlx::AnyConnection;

use super::Refused;
use crate::domain::bulletin::Targets;
use crate::replies;
use crate::store::channels::{self, Channel};
use crate::store::subscriptions;

/// Every group that takes bulletins.
pub const EVERYWHERE: &str = "*";

/// The groups meant by `targets`, by title. Unreachable ones are among them: the ledger must show them.
pub async fn expand(conn: &mut AnyConnection, targets: &Targets) -> Result<Vec<Channel>, Refused> {
    if targets.channels.is_empty() && targets.tags.is_empty() {
        return Err(Refused::invalid("targets", replies::bulletins::no_targets()));
    }
    let all = channels::targets(conn).await?;
    for id in &targets.channels {
        if !all.iter().any(|channel| &channel.id == id) {
            return Err(Refused::invalid("targets.channels", replies::bulletins::no_such_target(id)));
        }
    }
    let wanted = |channel: &Channel| {
        targets.channels.contains(&channel.id) || targets.tags.iter().any(|tag| tag == EVERYWHERE || channel.tags.contains(tag))
    };
    let chosen: Vec<Channel> = all.into_iter().filter(wanted).collect();
    if chosen.is_empty() {
        return Err(Refused::invalid("targets.tags", replies::bulletins::nobody_has(&targets.tags)));
    }
    Ok(chosen)
}

/// The groups meant by `targets`, then the people who subscribed to one of the tags and want each bulletin at once (F55). An approval
/// is for the groups alone: people come and go by their own wish.
pub async fn everybody(conn: &mut AnyConnection, targets: &Targets) -> Result<Vec<Channel>, Refused> {
    let mut reached = expand(&mut *conn, targets).await?;
    reached.extend(subscriptions::subscribers(conn, &targets.tags).await?);
    Ok(reached)
}
