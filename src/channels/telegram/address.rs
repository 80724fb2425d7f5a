//! Which updates are meant for the service (F26), and what they say. In a group the bot reacts to its commands, to /问 and 问, to a
//! mention, and to a reply to its own answer; never to bots, automatic forwards, channel posts, edits, or calls to everybody.

use teloxide::types::{
    ChatKind, MaybeInaccessibleMessage, MediaKind, Message, MessageEntityKind, MessageKind, PublicChatKind, Update, UpdateKind, User,
};

use crate::domain::channel::ChannelKind;
use crate::domain::inbound::{Act, Inbound, Scope};

/// Who the bot is, from getMe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    pub id: u64,
    pub username: String,
}

/// What an update means for the service.
#[derive(Debug, Clone, PartialEq)]
pub enum Meant {
    /// Nothing to do.
    Nothing,
    /// Somebody talks to the service. `replied_to` is a message of ours it answers: only answers count, not bulletins.
    Talk { inbound: Box<Inbound>, callback: Option<String>, replied_to: Option<String> },
    /// The bot was let in or thrown out.
    Membership { chat: String, title: String, scope: Scope, present: bool },
    /// Somebody answered a quiz poll; `choice` from 1.
    PollAnswer { poll: String, choice: usize, person: String, name: String },
    /// The group has become a supergroup with another id.
    Migrated { from: String, to: String },
}

/// Reads an update.
pub fn read(update: &Update, me: &Me) -> Meant {
    match &update.kind {
        UpdateKind::Message(message) => read_message(update, message, me),
        UpdateKind::CallbackQuery(query) => {
            let Some(data) = &query.data else { return Meant::Nothing };
            let Some(message) = query.message.as_ref() else { return Meant::Nothing };
            let (chat, thread) = match message {
                MaybeInaccessibleMessage::Regular(message) => (&message.chat, thread_of(message)),
                MaybeInaccessibleMessage::Inaccessible(message) => (&message.chat, None),
            };
            let inbound = Inbound {
                channel: ChannelKind::Telegram,
                event_id: update.id.0.to_string(),
                chat: chat.id.0.to_string(),
                chat_title: chat.title().map(str::to_owned),
                person: query.from.id.0.to_string(),
                person_name: Some(name_of(&query.from)),
                scope: scope_of(&chat.kind),
                thread,
                message_id: None,
                act: Act::Button(data.clone()),
            };
            Meant::Talk { inbound: Box::new(inbound), callback: Some(query.id.0.clone()), replied_to: None }
        }
        UpdateKind::PollAnswer(answer) => {
            let (Some(user), Some(choice)) = (answer.voter.user(), answer.option_ids.first()) else { return Meant::Nothing };
            Meant::PollAnswer {
                poll: answer.poll_id.0.clone(),
                choice: usize::from(*choice) + 1,
                person: user.id.0.to_string(),
                name: name_of(user),
            }
        }
        UpdateKind::MyChatMember(change) => Meant::Membership {
            chat: change.chat.id.0.to_string(),
            title: change.chat.title().unwrap_or_default().to_owned(),
            scope: scope_of(&change.chat.kind),
            present: change.new_chat_member.is_present(),
        },
        _ => Meant::Nothing,
    }
}

fn read_message(update: &Update, message: &Message, me: &Me) -> Meant {
    if let Some(to) = message.migrate_to_chat_id() {
        return Meant::Migrated { from: message.chat.id.0.to_string(), to: to.0.to_string() };
    }
    let (Some(text), Some(from)) = (words(message), message.from.as_ref()) else { return Meant::Nothing };
    if from.is_bot || message.is_automatic_forward() || message.sender_chat.is_some() || message.via_bot.is_some() {
        return Meant::Nothing;
    }
    let scope = scope_of(&message.chat.kind);
    let mention = format!("@{}", me.username);
    let mentioned = mentions(message, &mention);
    let ours = message.reply_to_message().filter(|replied| replied.from.as_ref().is_some_and(|from| from.id.0 == me.id));
    let Some(act) = act_of(text, &mention) else { return Meant::Nothing };
    let explicit = mentioned || is_command(&act) || asks(text);
    let mut replied_to = None;
    if scope == Scope::Group && !explicit {
        // A quotation of a bulletin comes as a reply with a quote; whoever wants an answer to it says so.
        match ours {
            Some(answered) if message.quote().is_none() && !calls_everybody(text) => replied_to = Some(answered.id.0.to_string()),
            _ => return Meant::Nothing,
        }
    }
    let inbound = Inbound {
        channel: ChannelKind::Telegram,
        event_id: update.id.0.to_string(),
        chat: message.chat.id.0.to_string(),
        chat_title: message.chat.title().map(str::to_owned),
        person: from.id.0.to_string(),
        person_name: Some(name_of(from)),
        scope,
        thread: thread_of(message),
        message_id: Some(message.id.0.to_string()),
        act,
    };
    Meant::Talk { inbound: Box::new(inbound), callback: None, replied_to }
}

/// The words of a text message; a forwarded text in private is a question too.
fn words(message: &Message) -> Option<&str> {
    match &message.kind {
        MessageKind::Common(common) => match &common.media_kind {
            MediaKind::Text(text) => Some(&text.text),
            _ => None,
        },
        _ => None,
    }
}

/// Takes the mention out. `None` for a command that names another bot.
fn act_of(text: &str, mention: &str) -> Option<Act> {
    let without = remove_ignoring_case(text, mention);
    let Some(command) = text.trim_start().strip_prefix('/') else { return Some(Act::Text(without.trim().to_owned())) };
    let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let (name, bot) = name.split_once('@').unwrap_or((name, ""));
    if !bot.is_empty() && !mention[1..].eq_ignore_ascii_case(bot) {
        return None;
    }
    Some(Act::Command { name: name.to_owned(), rest: remove_ignoring_case(rest, mention).trim().to_owned() })
}

fn is_command(act: &Act) -> bool {
    const OURS: [&str; 20] = [
        "subscribe",
        "订阅",
        "stop",
        "unsubscribe",
        "退订",
        "start",
        "help",
        "ask",
        "latest",
        "classes",
        "mine",
        "enrol",
        "withdraw",
        "问",
        "最新",
        "课程",
        "帮助",
        "报名",
        "取消报名",
        "我的",
    ];
    matches!(act, Act::Command { name, .. } if OURS.contains(&name.to_lowercase().as_str()))
}

/// "问 几号截止": the word, then a space.
fn asks(text: &str) -> bool {
    text.trim_start().strip_prefix('问').is_some_and(|rest| rest.starts_with([' ', '\u{3000}', '：', ':']))
}

fn calls_everybody(text: &str) -> bool {
    ["@all", "@所有人", "@全体"].iter().any(|call| text.contains(call))
}

fn mentions(message: &Message, mention: &str) -> bool {
    message.parse_entities().is_some_and(|entities| {
        entities.iter().any(|entity| matches!(entity.kind(), MessageEntityKind::Mention) && entity.text().eq_ignore_ascii_case(mention))
    })
}

fn remove_ignoring_case(text: &str, mention: &str) -> String {
    let lower = text.to_ascii_lowercase();
    match lower.find(&mention.to_ascii_lowercase()) {
        Some(at) => format!("{}{}", &text[..at], &text[at + mention.len()..]),
        None => text.to_owned(),
    }
}

fn scope_of(kind: &ChatKind) -> Scope {
    match kind {
        ChatKind::Private(_) => Scope::Private,
        ChatKind::Public(public) => match public.kind {
            PublicChatKind::Group | PublicChatKind::Supergroup(_) | PublicChatKind::Channel(_) => Scope::Group,
        },
    }
}

/// Only in a forum: elsewhere the thread is that of a reply, which we do not follow.
fn thread_of(message: &Message) -> Option<i64> {
    message.is_topic_message.then_some(message.thread_id).flatten().map(|thread| i64::from(thread.0.0))
}

fn name_of(user: &User) -> String {
    user.full_name()
}
