//! Asks Telegram how the bot stands in each group (F27): privacy mode, whether it is there, what it may do, whether there are topics.
//! At start and at a person's word; what was found is kept in the store.

use futures::StreamExt;
use serde_json::Value;
use teloxide::payloads::{GetChat, GetChatMember, GetMe};
use teloxide::types::{ChatId, Recipient, UserId};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::client::{CallError, Client};
use crate::domain::bot_status::{BotStatus, Presence, Rights};
use crate::domain::channel::ChannelKind;
use crate::domain::time::Timestamp;
use crate::store::channels::Channel;
use crate::store::{Store, bot_statuses};

/// Groups asked about at the same time.
const AT_ONCE: usize = 8;
const AFTER_ERROR: std::time::Duration = std::time::Duration::from_secs(60);

/// Asks and remembers; clones share the connections.
#[derive(Debug, Clone)]
pub struct SelfCheck {
    store: Store,
    client: Client,
}

impl SelfCheck {
    /// Asks through `client`.
    pub fn new(store: Store, client: Client) -> Self {
        Self { store, client }
    }

    /// Asks about every registered Telegram group; hands back how many.
    pub async fn run(&self, now: Timestamp) -> Result<usize, sqlx::Error> {
        let groups = bot_statuses::groups(&mut *self.store.read().await?, ChannelKind::Telegram).await?;
        let me = self.client.call_raw(&GetMe::new()).await;
        let (many, me) = (groups.len(), &me);
        let asked: Vec<(String, BotStatus)> = futures::stream::iter(groups)
            .map(|group| async move { (group.id.clone(), self.ask(me.as_ref(), &group).await) })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut tx = self.store.begin().await?;
        for (id, bot_status) in &asked {
            bot_statuses::remember(&mut tx, id, bot_status, now).await?;
        }
        tx.commit().await?;
        Ok(many)
    }

    async fn ask(&self, me: Result<&Value, &CallError>, group: &Channel) -> BotStatus {
        let me = match me {
            Ok(me) => me,
            Err(error) => return judged(error),
        };
        let (Ok(chat), Some(id)) = (group.address.parse().map(ChatId), me.get("id").and_then(Value::as_u64)) else {
            return BotStatus::NotAsked("the address is no number".to_owned());
        };
        let member = match self.client.call_raw(&GetChatMember::new(chat, UserId(id))).await {
            Ok(member) => member,
            Err(error) => return judged(&error),
        };
        match self.client.call_raw(&GetChat::new(Recipient::Id(chat))).await {
            Ok(chat) => BotStatus::Known(rights(me, &member, &chat)),
            Err(error) => judged(&error),
        }
    }
}

/// Runs once Telegram can be reached, then no more: staff ask again by a button.
pub async fn run_at_start(check: SelfCheck, clock: std::sync::Arc<dyn crate::clock::Clock>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match stop.run_until_cancelled(check.run(clock.now())).await {
            None => return,
            Some(Ok(groups)) => {
                info!(groups, "Telegram was asked how the bot stands in its groups");
                return;
            }
            Some(Err(error)) => {
                warn!(error = %error, "how the bot stands in its groups could not be kept; it is tried again");
                if stop.run_until_cancelled(tokio::time::sleep(AFTER_ERROR)).await.is_none() {
                    return;
                }
            }
        }
    }
}

fn judged(error: &CallError) -> BotStatus {
    match error {
        CallError::Refused { code: 400 | 403, description, .. } => BotStatus::Refused(description.clone()),
        CallError::Refused { .. } | CallError::NotReached(_) | CallError::Unclear(_) => BotStatus::NotAsked(error.to_string()),
    }
}

/// What the three answers come to. A member has the rights of the group, an administrator its own, a restricted member the narrower ones.
fn rights(me: &Value, member: &Value, chat: &Value) -> Rights {
    let flag = |object: &Value, name: &str| object.get(name).and_then(Value::as_bool);
    let everybody = chat.get("permissions").cloned().unwrap_or(Value::Null);
    let status = member.get("status").and_then(Value::as_str).unwrap_or_default();
    let (presence, own) = match status {
        "creator" | "administrator" => (Presence::Administrator, None),
        "member" => (Presence::Member, None),
        "restricted" if flag(member, "is_member") != Some(false) => (Presence::Member, Some(member)),
        _ => (Presence::Out, None),
    };
    let administrator = presence == Presence::Administrator;
    let may =
        |name: &str, unsaid: bool| flag(&everybody, name).unwrap_or(unsaid) && own.is_none_or(|own| flag(own, name).unwrap_or(unsaid));
    let rights_of_its_own = |name: &str| status == "creator" || flag(member, name).unwrap_or(false);
    Rights {
        presence,
        reads_all: flag(me, "can_read_all_group_messages").unwrap_or(false),
        sends: administrator || may("can_send_messages", true),
        sends_files: administrator || (may("can_send_photos", true) && may("can_send_documents", true)),
        pins: if administrator { rights_of_its_own("can_pin_messages") } else { may("can_pin_messages", false) },
        manages_topics: administrator && rights_of_its_own("can_manage_topics"),
        forum: flag(chat, "is_forum").unwrap_or(false),
    }
}
