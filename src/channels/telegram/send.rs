//! Sends, edits and deletes through the Bot API, and says what each answer means: the table "What the outside world's answers mean".

use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::Value;
use teloxide::payloads::{
    DeleteMessage, EditMessageCaption, EditMessageText, EditMessageTextSetters as _, PinChatMessage, PinChatMessageSetters as _,
    SendMessage, SendMessageSetters as _, SendPoll, SendPollSetters as _, UnpinChatMessage, UnpinChatMessageSetters as _,
};
use teloxide::types::{
    ChatId, InlineKeyboardButton, InlineKeyboardMarkup, InputPollOption, LinkPreviewOptions, MessageId, ParseMode, PollType, Recipient,
    ReplyParameters, ThreadId,
};

use super::client::{CallError, Client};
use super::files;
use crate::channels::{Outgoing, Sender, Verdict};
use crate::domain::delivery::Operation;
use crate::domain::message::{Button, ButtonAction};
use crate::domain::render::{Part, PartMarkup};

/// A 429 without a figure: Telegram's usual shortest pause, doubled.
const FREEZE_WITHOUT_FIGURE: Duration = Duration::from_secs(10);
const EDITED_INSTEAD: &str = "the message was too old to delete, its text was replaced";

/// Sends through the Bot API.
#[derive(Debug, Clone)]
pub struct Telegram {
    client: Client,
}

impl Telegram {
    /// A sender that uses `client`.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    async fn attempt(&self, outgoing: &Outgoing) -> Verdict {
        match outgoing.operation {
            Operation::Send if outgoing.part.poll.is_some() => match self.post_poll(outgoing).await {
                Ok(result) => posted_poll(&result),
                Err(error) => judge_send(error),
            },
            Operation::Send if outgoing.part.attachment.is_some() => files::post(&self.client, outgoing).await,
            Operation::Send => match self.post(outgoing).await {
                Ok(result) => match result.get("message_id").and_then(Value::as_i64) {
                    Some(id) => Verdict::Sent { message_id: id.to_string(), remark: None },
                    None => Verdict::Unknown { reason: "the answer has no message id".to_owned() },
                },
                Err(error) => judge_send(error),
            },
            Operation::Edit => match message_id(outgoing) {
                Some(id) => done_or(self.edit(outgoing, id).await, id, judge_edit),
                None => no_message(),
            },
            Operation::Delete => match message_id(outgoing) {
                Some(id) => self.delete(outgoing, id).await,
                None => no_message(),
            },
            Operation::Pin => match message_id(outgoing) {
                Some(id) => done_or(self.pin(outgoing, id).await, id, judge_pin),
                None => no_message(),
            },
            Operation::Unpin => match message_id(outgoing) {
                Some(id) => done_or(self.unpin(outgoing, id).await, id, judge_unpin),
                None => no_message(),
            },
        }
    }

    async fn post(&self, outgoing: &Outgoing) -> Result<Value, CallError> {
        let mut payload = SendMessage::new(recipient(&outgoing.address), words(&outgoing.part));
        payload.parse_mode = parse_mode(&outgoing.part);
        payload.reply_markup = keyboard(&outgoing.part).map(Into::into);
        payload = payload.link_preview_options(no_preview());
        if let Some(thread) = number(outgoing.thread.as_deref()) {
            payload = payload.message_thread_id(ThreadId(MessageId(thread)));
        }
        if let Some(answered) = number(outgoing.reply_to.as_deref()) {
            // The question may have been deleted meanwhile; the answer goes out all the same.
            payload = payload.reply_parameters(ReplyParameters::new(MessageId(answered)).allow_sending_without_reply());
        }
        self.client.call_raw(&payload).await
    }

    /// A quiz whose answers come back with the person's id: only such polls can be counted. A broadcast channel takes none, there it is
    /// for practice and people take part on the page the announcement links to.
    async fn post_poll(&self, outgoing: &Outgoing) -> Result<Value, CallError> {
        let Some(poll) = &outgoing.part.poll else { return self.post(outgoing).await };
        let options = poll.options.iter().map(InputPollOption::new);
        let mut payload = SendPoll::new(recipient(&outgoing.address), &poll.question, options)
            .is_anonymous(false)
            .type_(PollType::Quiz)
            .correct_option_id(poll.correct)
            .explanation(&poll.explanation);
        if let Some(thread) = number(outgoing.thread.as_deref()) {
            payload = payload.message_thread_id(ThreadId(MessageId(thread)));
        }
        match self.client.call_raw(&payload).await {
            Err(error) if is_bad_request(&error, &["non-anonymous polls"]) => self.client.call_raw(&payload.is_anonymous(true)).await,
            other => other,
        }
    }

    /// Without a sound: the message itself was heard a moment ago.
    async fn pin(&self, outgoing: &Outgoing, id: i32) -> Result<Value, CallError> {
        self.client.call_raw(&PinChatMessage::new(recipient(&outgoing.address), MessageId(id)).disable_notification(true)).await
    }

    async fn unpin(&self, outgoing: &Outgoing, id: i32) -> Result<Value, CallError> {
        self.client.call_raw(&UnpinChatMessage::new(recipient(&outgoing.address)).message_id(MessageId(id))).await
    }

    async fn edit(&self, outgoing: &Outgoing, id: i32) -> Result<Value, CallError> {
        if outgoing.part.attachment.is_some() {
            let mut payload = EditMessageCaption::new(recipient(&outgoing.address), MessageId(id));
            payload.caption = Some(words(&outgoing.part).to_owned());
            payload.parse_mode = parse_mode(&outgoing.part);
            return self.client.call_raw(&payload).await;
        }
        let mut payload = EditMessageText::new(recipient(&outgoing.address), MessageId(id), words(&outgoing.part));
        payload.parse_mode = parse_mode(&outgoing.part);
        payload.reply_markup = keyboard(&outgoing.part);
        self.client.call_raw(&payload.link_preview_options(no_preview())).await
    }

    /// Telegram deletes a bot's message within 48 hours; later its words are replaced.
    async fn delete(&self, outgoing: &Outgoing, id: i32) -> Verdict {
        let payload = DeleteMessage::new(recipient(&outgoing.address), MessageId(id));
        let refused = match self.client.call_raw(&payload).await {
            Ok(_) => return sent(id),
            Err(error) => error,
        };
        if !is_bad_request(&refused, &["message can't be deleted"]) {
            return judge_delete(refused, id);
        }
        match done_or(self.edit(outgoing, id).await, id, judge_edit) {
            Verdict::Sent { message_id, remark: _ } => Verdict::Sent { message_id, remark: Some(EDITED_INSTEAD.to_owned()) },
            other => other,
        }
    }
}

impl Sender for Telegram {
    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> BoxFuture<'a, Verdict> {
        Box::pin(self.attempt(outgoing))
    }
}

/// What a send without success means. Unclear outcomes stay unclear.
pub(super) fn judge_send(error: CallError) -> Verdict {
    match error {
        CallError::NotReached(reason) => Verdict::NotSent { reason },
        CallError::Unclear(reason) => Verdict::Unknown { reason },
        CallError::Refused { code, description, retry_after, migrate_to } => judge_refusal(code, &description, retry_after, migrate_to),
    }
}

/// The same for what may be repeated safely.
fn judge_repeatable(error: CallError) -> Verdict {
    match error {
        CallError::NotReached(reason) | CallError::Unclear(reason) => Verdict::NotSent { reason },
        CallError::Refused { code, description, retry_after, migrate_to } => judge_refusal(code, &description, retry_after, migrate_to),
    }
}

fn judge_edit(error: CallError, id: i32) -> Verdict {
    if is_bad_request(&error, &["message is not modified"]) { sent(id) } else { judge_repeatable(error) }
}

/// Nobody can say more than that it is not there: a pin harms nobody where it fails.
fn judge_pin(error: CallError, id: i32) -> Verdict {
    if is_bad_request(&error, &["chat_not_modified", "message is already pinned"]) { sent(id) } else { judge_repeatable(error) }
}

fn judge_unpin(error: CallError, id: i32) -> Verdict {
    let gone = ["message to unpin not found", "chat_not_modified", "message not found", "message_id_invalid"];
    if is_bad_request(&error, &gone) { sent(id) } else { judge_repeatable(error) }
}

fn judge_delete(error: CallError, id: i32) -> Verdict {
    if is_bad_request(&error, &["message to delete not found"]) { sent(id) } else { judge_repeatable(error) }
}

fn judge_refusal(code: u16, description: &str, retry_after: Option<Duration>, migrate_to: Option<i64>) -> Verdict {
    if let Some(to) = migrate_to {
        return Verdict::Migrated { to: to.to_string() };
    }
    let words = description.to_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
    let reason = format!("{code} {description}");
    match code {
        429 => Verdict::Frozen { retry_after: retry_after.unwrap_or(FREEZE_WITHOUT_FIGURE) },
        401 | 404 => Verdict::BotStopped { reason },
        403 => Verdict::Unreachable { reason },
        400 if says(&["thread not found", "topic_closed", "topic_deleted"]) => Verdict::ThreadGone { reason },
        400 if says(&["can't parse entities"]) => Verdict::PlainText { reason },
        400 if says(&["too long", "too_long"]) => Verdict::TooLong { reason },
        _ => Verdict::Failed { reason },
    }
}

pub(super) fn is_bad_request(error: &CallError, phrases: &[&str]) -> bool {
    let CallError::Refused { code: 400, description, .. } = error else { return false };
    let words = description.to_lowercase();
    phrases.iter().any(|phrase| words.contains(phrase))
}

fn done_or(outcome: Result<Value, CallError>, id: i32, judge: fn(CallError, i32) -> Verdict) -> Verdict {
    match outcome {
        Ok(_) => sent(id),
        Err(error) => judge(error, id),
    }
}

fn posted_poll(result: &Value) -> Verdict {
    let message = result.get("message_id").and_then(Value::as_i64);
    let poll = result.get("poll").and_then(|poll| poll.get("id")).and_then(Value::as_str);
    match (message, poll) {
        (Some(message), Some(poll)) => Verdict::Posted { message_id: message.to_string(), poll: poll.to_owned() },
        _ => Verdict::Unknown { reason: "the answer has no message or poll id".to_owned() },
    }
}

fn sent(id: i32) -> Verdict {
    Verdict::Sent { message_id: id.to_string(), remark: None }
}

fn no_message() -> Verdict {
    Verdict::Failed { reason: "there is no message to act on".to_owned() }
}

fn message_id(outgoing: &Outgoing) -> Option<i32> {
    number(outgoing.message_id.as_deref())
}

fn number(text: Option<&str>) -> Option<i32> {
    text?.parse().ok()
}

fn recipient(address: &str) -> Recipient {
    match address.parse() {
        Ok(id) => Recipient::Id(ChatId(id)),
        Err(_) => Recipient::ChannelUsername(address.to_owned()),
    }
}

fn words(part: &Part) -> &str {
    match part.markup {
        PartMarkup::Html => &part.text,
        PartMarkup::Plain | PartMarkup::WecomMarkdown => &part.plain,
    }
}

fn parse_mode(part: &Part) -> Option<ParseMode> {
    match part.markup {
        PartMarkup::Html => Some(ParseMode::Html),
        PartMarkup::Plain | PartMarkup::WecomMarkdown => None,
    }
}

/// Links in a bulletin are sources; a preview would push the text off the screen.
fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions { is_disabled: true, url: None, prefer_small_media: false, prefer_large_media: false, show_above_text: false }
}

fn keyboard(part: &Part) -> Option<InlineKeyboardMarkup> {
    let rows: Vec<Vec<InlineKeyboardButton>> =
        part.buttons.iter().map(|row| row.iter().filter_map(button).collect::<Vec<_>>()).filter(|row| !row.is_empty()).collect();
    (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows))
}

/// An address Telegram would refuse loses its button, not the message.
fn button(button: &Button) -> Option<InlineKeyboardButton> {
    match &button.action {
        ButtonAction::Data(data) => Some(InlineKeyboardButton::callback(&button.label, data)),
        ButtonAction::Url(url) => Some(InlineKeyboardButton::url(&button.label, reqwest::Url::parse(url).ok()?)),
    }
}
