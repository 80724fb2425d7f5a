//! Who a bulletin goes to: the named channels and those with one of the tags, each once.

use sqlx::AnyConnection;

use super::Refused;
use crate::domain::bulletin::Targets;
use crate::store::channels::{self, Channel};

/// Every group that takes bulletins.
pub const EVERYWHERE: &str = "*";

/// The channels meant by `targets`, by title. Unreachable ones are among them: the ledger must show them.
pub async fn expand(conn: &mut AnyConnection, targets: &Targets) -> Result<Vec<Channel>, Refused> {
    if targets.channels.is_empty() && targets.tags.is_empty() {
        return Err(Refused::invalid("targets", "请选择发送对象：targets.channels 写群聊编号，或 targets.tags 写标签（\"*\" 表示全部群）"));
    }
    let all = channels::targets(conn).await?;
    for id in &targets.channels {
        if !all.iter().any(|channel| &channel.id == id) {
            return Err(Refused::invalid("targets.channels", format!("群聊 {id} 不存在，或没有登记为发送对象")));
        }
    }
    let wanted = |channel: &Channel| {
        targets.channels.contains(&channel.id) || targets.tags.iter().any(|tag| tag == EVERYWHERE || channel.tags.contains(tag))
    };
    let chosen: Vec<Channel> = all.into_iter().filter(wanted).collect();
    if chosen.is_empty() {
        return Err(Refused::invalid("targets.tags", format!("没有群聊带有标签 {}，请检查标签或先登记群聊", targets.tags.join("、"))));
    }
    Ok(chosen)
}
