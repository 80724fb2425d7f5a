//! From Telegram to the conversation. Two workers that know each other only through the table `updates`: the intake stores what comes
//! before it is acknowledged; the inbox turns each stored update into a reply, both in one transaction.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use reqwest::Url;
use serde_json::Value;
use teloxide::payloads::{AnswerCallbackQuery, AnswerCallbackQuerySetters as _, GetUpdates, GetUpdatesSetters as _};
use teloxide::types::{CallbackQueryId, Update};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::address::{self, Me, Meant};
use super::client::{CallError, Client};
use super::commands::{self, SetUp};
use crate::clock::Clock;
use crate::config::TelegramMode;
use crate::conversation::Conversation;
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::{OnAmbiguous, Origin};
use crate::domain::inbound::{Act, Inbound, Scope};
use crate::domain::inquiry::STAFF_TAG;
use crate::domain::message::{Message, OPEN};
use crate::domain::time::Timestamp;
use crate::store::leadership::Leadership;
use crate::store::notices::{self, Notice};
use crate::store::updates::{self, MOST_ATTEMPTS};
use crate::store::{Store, Tx, channels, deliveries};

const CHANNEL: &str = "telegram";
/// How long Telegram holds a poll open.
const POLL_SECONDS: u32 = 25;
/// Nobody waits longer for an answer in a chat.
const REPLY_WITHIN: Duration = Duration::from_secs(600);
const AFTER_ERROR: Duration = Duration::from_secs(3);
/// Another poller holds the bot: wait long, say it, try again.
const AFTER_CONFLICT: Duration = Duration::from_secs(15);
const IDLE: Duration = Duration::from_secs(1);
/// Longest text a tapped button shows (Bot API).
const NOTICE_CHARACTERS: usize = 190;

/// Stores updates; clones share it.
#[derive(Clone)]
pub struct Intake {
    store: Store,
    clock: Arc<dyn Clock>,
    bell: Arc<Notify>,
}

impl Intake {
    /// Stores into `store`.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, bell: Arc::default() }
    }

    /// Stores one update; a repeat changes nothing.
    pub async fn store(&self, update: &Value) -> sqlx::Result<()> {
        let Some(id) = update.get("update_id").and_then(Value::as_i64) else { return Ok(()) };
        let mut tx = self.store.begin().await?;
        updates::insert(&mut tx, CHANNEL, &id.to_string(), &chat_of(update), &update.to_string(), self.clock.now()).await?;
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }
}

/// Works off stored updates.
pub struct Inbox {
    store: Store,
    client: Client,
    conversation: Conversation,
    me: RwLock<Option<Me>>,
}

impl Inbox {
    /// Answers through `conversation`.
    pub fn new(store: Store, client: Client, conversation: Conversation) -> Self {
        Self { store, client, conversation, me: RwLock::new(None) }
    }

    /// Tells it who the bot is; before that no update is worked on.
    pub fn introduce(&self, me: Me) {
        *self.me.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(me);
    }

    /// The bot's user name, once it is known.
    pub fn username(&self) -> Option<String> {
        self.me.read().unwrap_or_else(std::sync::PoisonError::into_inner).as_ref().map(|me| me.username.clone())
    }

    /// Works off one update; false if none waits. A failure is counted on the update, never thrown.
    pub async fn run_once(&self, now: Timestamp) -> sqlx::Result<bool> {
        let Some(me) = self.me.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone() else { return Ok(false) };
        let Some(update) = updates::next(&mut *self.store.read().await?, CHANNEL).await? else { return Ok(false) };
        if let Err(problem) = self.work(&update.event_id, &update.payload, &me, now).await {
            warn!(
                update.id = update.event_id,
                update.attempt = update.attempts + 1,
                error = format!("{problem:#}"),
                "an update could not be worked on"
            );
            if update.attempts + 1 >= MOST_ATTEMPTS {
                error!(update.id = update.event_id, "an update failed too often and is set aside");
            }
            let mut tx = self.store.begin().await?;
            updates::fail(&mut tx, CHANNEL, &update.event_id, &format!("{problem:#}"), now).await?;
            tx.commit().await?;
        }
        Ok(true)
    }

    async fn work(&self, event_id: &str, payload: &str, me: &Me, now: Timestamp) -> anyhow::Result<()> {
        let update: Update = serde_json::from_str(payload)?;
        match address::read(&update, me) {
            Meant::Nothing => self.done(event_id, now).await,
            Meant::Membership { chat, title, scope, present } => {
                let mut tx = self.store.begin().await?;
                let id = channels::ensure(&mut tx, ChannelKind::Telegram, &chat, &title, scope, false, now).await?;
                channels::set_reachable(&mut tx, &id, (!present).then_some("机器人已被移出或屏蔽")).await?;
                updates::finish(&mut tx, CHANNEL, event_id, now).await?;
                Ok(tx.commit().await?)
            }
            Meant::Migrated { from, to } => {
                let mut tx = self.store.begin().await?;
                if let Some(channel) = channels::find(&mut tx, ChannelKind::Telegram, &from).await? {
                    channels::rekey(&mut tx, &channel.id, &to).await?;
                }
                updates::finish(&mut tx, CHANNEL, event_id, now).await?;
                Ok(tx.commit().await?)
            }
            Meant::PollAnswer { poll, choice, person, name } => {
                let mut tx = self.store.begin().await?;
                self.conversation.poll_answered(&mut tx, &poll, choice, &person, &name, now).await?;
                updates::finish(&mut tx, CHANNEL, event_id, now).await?;
                Ok(tx.commit().await?)
            }
            Meant::Talk { inbound, callback, replied_to } => self.talk(event_id, inbound, callback, replied_to, me, now).await,
        }
    }

    async fn talk(
        &self,
        event_id: &str,
        inbound: Box<Inbound>,
        callback: Option<String>,
        replied_to: Option<String>,
        me: &Me,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let known = channels::find(&mut *self.store.read().await?, ChannelKind::Telegram, &inbound.chat).await?;
        if known.as_ref().is_some_and(|channel| !channel.answers) && matches!(inbound.act, Act::Text(_) | Act::Command { .. }) {
            return self.done(event_id, now).await;
        }
        if let (Some(channel), Some(message)) = (&known, &replied_to)
            && channel.tags.iter().any(|tag| tag == STAFF_TAG)
            && self.staff_replied(event_id, &channel.id, message, &inbound, now).await?
        {
            return Ok(());
        }
        if let Some(message) = &replied_to {
            let origin = match &known {
                Some(channel) => deliveries::origin_of_message(&mut *self.store.read().await?, &channel.id, message).await?,
                None => None,
            };
            if origin != Some(Origin::Reply) {
                return self.done(event_id, now).await;
            }
        }
        let considered = self.conversation.consider(&inbound, Some(&me.username), now).await?;
        let mut tx = self.store.begin().await?;
        let title = inbound.chat_title.clone().or_else(|| inbound.person_name.clone()).unwrap_or_default();
        let channel = channels::ensure(&mut tx, ChannelKind::Telegram, &inbound.chat, &title, inbound.scope, false, now).await?;
        if inbound.scope == Scope::Private {
            // Whoever writes to the bot has not blocked it any more.
            channels::set_reachable(&mut tx, &channel, None).await?;
        }
        let private = match inbound.scope {
            Scope::Private => Some(channel.clone()),
            Scope::Group => channels::find(&mut tx, ChannelKind::Telegram, &inbound.person).await?.map(|channel| channel.id),
        };
        let concluded = self.conversation.conclude(&mut tx, considered, &inbound, private.as_deref(), now).await?;
        if let Some(reply) = &concluded.reply {
            reply_with(&mut tx, event_id, &channel, &inbound, &reply.message, now).await?;
        }
        if !updates::finish(&mut tx, CHANNEL, event_id, now).await? {
            return Ok(());
        }
        tx.commit().await?;
        if let Some(callback) = callback {
            self.acknowledge(callback, concluded.notice, opened(&inbound.act, me)).await;
        }
        Ok(())
    }

    /// Staff answer an inquiry by replying to its message in their chat. False where the message is no inquiry's.
    async fn staff_replied(&self, event_id: &str, channel: &str, message: &str, inbound: &Inbound, now: Timestamp) -> anyhow::Result<bool> {
        let mut tx = self.store.begin().await?;
        let Some(told) = self.conversation.staff_replied(&mut tx, channel, message, inbound, now).await? else { return Ok(false) };
        reply_with(&mut tx, event_id, channel, inbound, &told, now).await?;
        if updates::finish(&mut tx, CHANNEL, event_id, now).await? {
            tx.commit().await?;
        }
        Ok(true)
    }

    async fn done(&self, event_id: &str, now: Timestamp) -> anyhow::Result<()> {
        let mut tx = self.store.begin().await?;
        updates::finish(&mut tx, CHANNEL, event_id, now).await?;
        Ok(tx.commit().await?)
    }

    /// Stops the spinner on a tapped button. Best effort: what the tap brought about is committed already.
    async fn acknowledge(&self, callback: String, notice: Option<String>, opened: Option<Url>) {
        let mut payload = AnswerCallbackQuery::new(CallbackQueryId(callback));
        if let Some(notice) = notice {
            let short: String = notice.chars().take(NOTICE_CHARACTERS).collect();
            payload = payload.text(short).show_alert(true);
        }
        if let Some(url) = opened {
            payload = payload.url(url);
        }
        if let Err(problem) = self.client.call_raw(&payload).await {
            info!(error = %problem, "a tapped button could not be acknowledged");
        }
    }
}

/// The private chat with the bot that a tapped button opens.
fn opened(act: &Act, me: &Me) -> Option<Url> {
    let Act::Button(data) = act else { return None };
    let payload = data.strip_prefix(OPEN)?;
    Url::parse_with_params(&format!("https://t.me/{}", me.username), [("start", payload)]).ok()
}

/// Stores what is said back, in the chat and topic it answers.
async fn reply_with(tx: &mut Tx, event_id: &str, channel: &str, inbound: &Inbound, message: &Message, now: Timestamp) -> sqlx::Result<()> {
    let thread = inbound.thread.map(|thread| thread.to_string());
    let reply_to = inbound.message_id.as_deref().filter(|_| inbound.scope == Scope::Group);
    let notice = Notice {
        thread: thread.as_deref(),
        reply_to,
        on_ambiguous: OnAmbiguous::Never,
        ..Notice::new(Origin::Reply, event_id, now, now.plus(REPLY_WITHIN))
    };
    notices::hand(tx, (channel, ChannelKind::Telegram), &notice, message, now).await.map(|_| ())
}

/// Fetches or awaits updates until `stop`.
pub async fn run_intake(
    client: Client,
    intake: Intake,
    inbox: Arc<Inbox>,
    setting: SetUp,
    leadership: Leadership,
    stop: CancellationToken,
) {
    loop {
        match stop.run_until_cancelled(commands::set_up(&client, &setting)).await {
            None => return,
            Some(Ok(me)) => {
                info!("the bot is set up");
                inbox.introduce(me);
                intake.bell.notify_one();
                break;
            }
            Some(Err(problem)) => {
                error!(error = %problem, "the bot cannot be set up; it is tried again");
                if stop.run_until_cancelled(tokio::time::sleep(AFTER_CONFLICT)).await.is_none() {
                    return;
                }
            }
        }
    }
    if setting.mode == TelegramMode::Polling {
        // Telegram lets one process poll: the leader.
        while stop.run_until_cancelled(leadership.led()).await.is_some() {
            let Some(result) = stop.run_until_cancelled(poll_once(&client, &intake)).await else { return };
            let wait = match result {
                Ok(()) => continue,
                Err(PollError::Call(CallError::Refused { code: 409, .. })) if !leadership.leads() => continue,
                Err(PollError::Call(CallError::Refused { code: 409, .. })) => {
                    error!("another process polls with this bot's token; only one may");
                    AFTER_CONFLICT
                }
                Err(problem) => {
                    warn!(error = %problem, "updates could not be fetched");
                    AFTER_ERROR
                }
            };
            if stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
                return;
            }
        }
    }
}

/// Why a poll brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// One long poll: everything it brings is stored before the next one confirms it.
pub async fn poll_once(client: &Client, intake: &Intake) -> Result<(), PollError> {
    let offset = updates::remembered(&mut *intake.store.read().await?, "telegram.offset").await?;
    let mut payload = GetUpdates::new().timeout(POLL_SECONDS).allowed_updates(commands::UPDATES);
    payload.offset = offset.and_then(|offset| offset.parse().ok());
    let result = client.call_raw(&payload).await?;
    let mut last = None;
    for update in result.as_array().into_iter().flatten() {
        intake.store(update).await?;
        last = last.max(update.get("update_id").and_then(Value::as_i64));
    }
    if let Some(last) = last {
        let mut tx = intake.store.begin().await?;
        updates::remember(&mut tx, "telegram.offset", &(last + 1).to_string()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Works off what is stored until `stop`.
pub async fn run_inbox(inbox: Arc<Inbox>, intake: Intake, clock: Arc<dyn Clock>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match inbox.run_once(clock.now()).await {
            Ok(true) => {}
            Ok(false) => {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = intake.bell.notified() => {}
                    () = tokio::time::sleep(IDLE) => {}
                }
            }
            Err(problem) => {
                error!(error = %problem, "stored updates cannot be read");
                stop.run_until_cancelled(tokio::time::sleep(AFTER_ERROR)).await;
            }
        }
    }
}

/// The chat an update belongs to, whatever its kind: order is kept within it.
fn chat_of(update: &Value) -> String {
    let kinds = ["message", "my_chat_member", "edited_message"];
    let direct = kinds.iter().find_map(|kind| update.get(kind)?.get("chat")?.get("id")?.as_i64());
    let tapped = || update.get("callback_query")?.get("message")?.get("chat")?.get("id")?.as_i64();
    direct.or_else(tapped).map(|id| id.to_string()).unwrap_or_default()
}
