//! What the fake Bot API keeps, and what each of its methods does to it: chats with their messages, members, updates, the journal.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::fake_telegram::{BOT_ID, BOT_NAME, Call, Fault, Posted};
use super::telegram_files::{self, PostedFile};
use super::telegram_rules::{check_commands, check_keyboard, check_poll, visible_text};

/// Seconds, any fixed instant will do: 2027-04-01.
pub const MESSAGE_DATE: i64 = 1_806_508_800;

/// A chat.
#[derive(Debug, Default)]
pub struct Chat {
    pub group: bool,
    /// A broadcast channel: only its owner speaks.
    pub channel: bool,
    pub title: String,
    pub threads: Vec<i64>,
    pub messages: Vec<Posted>,
    pub migrated_to: Option<i64>,
    /// Too old to be deleted.
    pub undeletable: bool,
    /// What getChat says everybody may do.
    pub permissions: Value,
}

/// Where updates go instead of waiting.
#[derive(Debug, Clone)]
pub struct Webhook {
    pub url: String,
    pub secret: String,
}

/// Everything behind the wire.
#[derive(Default)]
pub struct Inner {
    pub chats: BTreeMap<i64, Chat>,
    pub journal: Vec<Call>,
    pub faults_of_chat: HashMap<i64, VecDeque<Fault>>,
    pub lasting_faults: HashMap<i64, Fault>,
    pub faults_of_method: HashMap<String, VecDeque<Fault>>,
    pub updates: VecDeque<(i64, Value)>,
    pub next_update: i64,
    pub next_message: i64,
    /// Counts polls; an older poll ends with 409 when a newer one comes.
    pub poll: u64,
    pub webhook: Option<Webhook>,
    pub commands: Value,
    pub answered_callbacks: Vec<Value>,
    pub members: HashMap<(i64, i64), Value>,
    pub reads_all: bool,
    pub open: bool,
    /// How long the answer to a send takes.
    pub latency: Duration,
}

/// What a call is refused with.
pub struct Refusal {
    pub code: u16,
    pub description: String,
    pub parameters: Value,
}

impl Refusal {
    pub fn new(code: u16, description: &str) -> Self {
        Self { code, description: description.to_owned(), parameters: Value::Null }
    }

    pub fn bad(description: impl Into<String>) -> Self {
        Self { code: 400, description: description.into(), parameters: Value::Null }
    }

    pub fn migrated(to: i64) -> Self {
        let description = "Bad Request: group chat was upgraded to a supergroup chat".to_owned();
        Self { code: 400, description, parameters: json!({"migrate_to_chat_id": to}) }
    }
}

impl Inner {
    pub fn next_fault(&mut self, method: &str, chat: Option<i64>) -> Option<Fault> {
        if let Some(fault) = self.faults_of_method.get_mut(method).and_then(VecDeque::pop_front) {
            return Some(fault);
        }
        if !["sendmessage", "sendpoll", "sendphoto", "senddocument", "editmessagetext", "deletemessage"].contains(&method) {
            return None;
        }
        let chat = chat?;
        self.faults_of_chat.get_mut(&chat).and_then(VecDeque::pop_front).or_else(|| self.lasting_faults.get(&chat).cloned())
    }

    pub fn perform(&mut self, method: &str, parameters: &Map<String, Value>, file: Option<&PostedFile>) -> Result<Value, Refusal> {
        let of = |name: &str| parameters.get(name).cloned().unwrap_or(Value::Null);
        let text_of = |name: &str| of(name).as_str().unwrap_or_default().to_owned();
        match method {
            "getme" => {
                let mut me = bot();
                for (key, value) in [
                    ("can_join_groups", true),
                    ("can_read_all_group_messages", self.reads_all),
                    ("supports_inline_queries", false),
                    ("can_connect_to_business", false),
                    ("has_main_web_app", false),
                ] {
                    me[key] = json!(value);
                }
                Ok(me)
            }
            "sendmessage" => self.send(parameters),
            "sendpoll" => self.send_poll(parameters),
            "sendphoto" => self.send_file(parameters, file, true),
            "senddocument" => self.send_file(parameters, file, false),
            "editmessagetext" => self.edit(parameters),
            "editmessagecaption" => self.edit_caption(parameters),
            "pinchatmessage" => self.pin(parameters, true),
            "unpinchatmessage" => self.pin(parameters, false),
            "deletemessage" => self.delete(parameters),
            "answercallbackquery" => {
                if text_of("text").chars().count() > 200 {
                    return Err(Refusal::bad("Bad Request: MESSAGE_TOO_LONG"));
                }
                let url = text_of("url");
                if !url.is_empty() && !url.starts_with(&format!("https://t.me/{BOT_NAME}?start=")) {
                    return Err(Refusal::bad("Bad Request: URL_INVALID"));
                }
                self.answered_callbacks.push(Value::Object(parameters.clone()));
                Ok(json!(true))
            }
            "setmycommands" => {
                check_commands(&of("commands")).map_err(Refusal::bad)?;
                self.commands = of("commands");
                Ok(json!(true))
            }
            "setwebhook" => {
                let url = text_of("url");
                self.webhook = (!url.is_empty()).then(|| Webhook { url, secret: text_of("secret_token") });
                Ok(json!(true))
            }
            "deletewebhook" => {
                self.webhook = None;
                if of("drop_pending_updates") == json!(true) {
                    self.updates.clear();
                }
                Ok(json!(true))
            }
            "getwebhookinfo" => {
                let url = self.webhook.as_ref().map(|webhook| webhook.url.clone()).unwrap_or_default();
                Ok(json!({"url": url, "has_custom_certificate": false, "pending_update_count": self.updates.len()}))
            }
            "getchat" => {
                let chat = self.existing(parameters)?;
                let mut described = self.describe(chat);
                if let Some(found) = self.chats.get(&chat).filter(|found| found.group && !found.permissions.is_null()) {
                    described["permissions"] = found.permissions.clone();
                }
                Ok(described)
            }
            "getchatmember" => {
                let chat = self.existing(parameters)?;
                let person = number(&of("user_id")).unwrap_or_default();
                let mut member = self.members.get(&(chat, person)).cloned().unwrap_or_else(|| json!({"status": "member"}));
                member["user"] = human(person);
                Ok(member)
            }
            "sendchataction" | "setmydescription" | "setmyshortdescription" | "setchatmenubutton" | "deletemycommands" => Ok(json!(true)),
            _ => Err(Refusal::new(404, "Not Found: method not found")),
        }
    }

    fn existing(&mut self, parameters: &Map<String, Value>) -> Result<i64, Refusal> {
        let chat = parameters.get("chat_id").and_then(number).ok_or_else(|| Refusal::bad("Bad Request: chat_id is empty"))?;
        if self.open {
            self.chats.entry(chat).or_insert_with(|| Chat { group: chat < 0, title: format!("{chat}"), ..Chat::default() });
        }
        let Some(found) = self.chats.get(&chat) else { return Err(Refusal::bad("Bad Request: chat not found")) };
        match found.migrated_to {
            Some(to) => Err(Refusal::migrated(to)),
            None => Ok(chat),
        }
    }

    fn send(&mut self, parameters: &Map<String, Value>) -> Result<Value, Refusal> {
        let chat = self.existing(parameters)?;
        let text = parameters.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
        let visible = visible_text(&text, parameters.get("parse_mode").and_then(Value::as_str)).map_err(Refusal::bad)?;
        let markup = parameters.get("reply_markup").cloned().unwrap_or(Value::Null);
        check_keyboard(&markup).map_err(Refusal::bad)?;
        let thread = parameters.get("message_thread_id").and_then(number);
        let found = self.chats.entry(chat).or_default();
        if thread.is_some_and(|thread| !found.threads.contains(&thread)) {
            return Err(Refusal::bad("Bad Request: message thread not found"));
        }
        let reply_to = parameters.get("reply_parameters").and_then(|reply| reply.get("message_id")).and_then(number);
        self.next_message += 1;
        let id = self.next_message;
        found.messages.push(Posted {
            id,
            text,
            visible: visible.clone(),
            thread,
            reply_to,
            markup,
            edited: 0,
            deleted: false,
            poll: None,
            file: None,
            pinned: false,
        });
        Ok(json!({"message_id": id, "date": MESSAGE_DATE, "chat": self.describe(chat), "from": bot(), "text": visible}))
    }

    fn send_poll(&mut self, parameters: &Map<String, Value>) -> Result<Value, Refusal> {
        let chat = self.existing(parameters)?;
        check_poll(parameters).map_err(Refusal::bad)?;
        if self.chats.get(&chat).is_some_and(|chat| chat.channel) && parameters.get("is_anonymous") == Some(&json!(false)) {
            return Err(Refusal::bad("Bad Request: non-anonymous polls can't be sent to channel chats"));
        }
        let of = |name: &str| parameters.get(name).cloned().unwrap_or(Value::Null);
        self.next_message += 1;
        let id = self.next_message;
        let question = of("question").as_str().unwrap_or_default().to_owned();
        let poll = json!({"id": format!("poll{id}"), "question": question, "options": of("options"), "correct_option_id": of("correct_option_id"),
            "explanation": of("explanation"), "is_anonymous": of("is_anonymous"), "type": of("type")});
        let found = self.chats.entry(chat).or_default();
        found.messages.push(Posted {
            id,
            text: question.clone(),
            visible: question,
            thread: None,
            reply_to: None,
            markup: Value::Null,
            edited: 0,
            deleted: false,
            poll: Some(poll.clone()),
            file: None,
            pinned: false,
        });
        Ok(json!({"message_id": id, "date": MESSAGE_DATE, "chat": self.describe(chat), "from": bot(), "poll": poll}))
    }

    fn edit(&mut self, parameters: &Map<String, Value>) -> Result<Value, Refusal> {
        let chat = self.existing(parameters)?;
        let text = parameters.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
        let visible = visible_text(&text, parameters.get("parse_mode").and_then(Value::as_str)).map_err(Refusal::bad)?;
        let markup = parameters.get("reply_markup").cloned().unwrap_or(Value::Null);
        check_keyboard(&markup).map_err(Refusal::bad)?;
        let id = parameters.get("message_id").and_then(number).unwrap_or_default();
        let message = self.message(chat, id).ok_or_else(|| Refusal::bad("Bad Request: message to edit not found"))?;
        if message.file.is_some() {
            return Err(Refusal::bad("Bad Request: there is no text in the message to edit"));
        }
        if message.visible == visible && message.markup == markup {
            return Err(Refusal::bad(
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current \
                 content and reply markup of the message",
            ));
        }
        message.text = text;
        message.visible.clone_from(&visible);
        message.markup = markup;
        message.edited += 1;
        Ok(json!({"message_id": id, "date": MESSAGE_DATE, "chat": self.describe(chat), "from": bot(), "text": visible}))
    }

    fn send_file(&mut self, parameters: &Map<String, Value>, file: Option<&PostedFile>, photo: bool) -> Result<Value, Refusal> {
        let chat = self.existing(parameters)?;
        let allowed = |name: &str| self.chats.get(&chat).is_none_or(|chat| chat.permissions.get(name) != Some(&json!(false)));
        if !allowed(if photo { "can_send_photos" } else { "can_send_documents" }) {
            let what = if photo { "photos" } else { "documents" };
            return Err(Refusal::bad(format!("Bad Request: not enough rights to send {what} to the chat")));
        }
        telegram_files::check(file, photo, parameters).map_err(Refusal::bad)?;
        let text = parameters.get("caption").and_then(Value::as_str).unwrap_or_default().to_owned();
        let thread = parameters.get("message_thread_id").and_then(number);
        self.next_message += 1;
        let id = self.next_message;
        let found = self.chats.entry(chat).or_default();
        if thread.is_some_and(|thread| !found.threads.contains(&thread)) {
            return Err(Refusal::bad("Bad Request: message thread not found"));
        }
        let (visible, markup, file) = (text.clone(), Value::Null, file.cloned());
        found.messages.push(Posted {
            id,
            text,
            visible,
            thread,
            reply_to: None,
            markup,
            edited: 0,
            deleted: false,
            poll: None,
            file,
            pinned: false,
        });
        Ok(json!({"message_id": id, "date": MESSAGE_DATE, "chat": self.describe(chat), "from": bot()}))
    }

    fn edit_caption(&mut self, parameters: &Map<String, Value>) -> Result<Value, Refusal> {
        let chat = self.existing(parameters)?;
        let id = parameters.get("message_id").and_then(number).unwrap_or_default();
        let text = parameters.get("caption").and_then(Value::as_str).unwrap_or_default().to_owned();
        let message = self.message(chat, id).ok_or_else(|| Refusal::bad("Bad Request: message to edit not found"))?;
        if message.file.is_none() {
            return Err(Refusal::bad("Bad Request: there is no caption in the message to edit"));
        }
        (message.visible, message.text) = (text.clone(), text);
        message.edited += 1;
        Ok(json!({"message_id": id, "date": MESSAGE_DATE, "chat": self.describe(chat), "from": bot()}))
    }

    /// A member pins where everybody may, an administrator where it was given the right.
    fn pin(&mut self, parameters: &Map<String, Value>, pinned: bool) -> Result<Value, Refusal> {
        let chat = self.existing(parameters)?;
        let id = parameters.get("message_id").and_then(number).unwrap_or_default();
        let member = self.members.get(&(chat, BOT_ID)).cloned().unwrap_or_default();
        let everybody = self.chats.get(&chat).map(|chat| chat.permissions["can_pin_messages"] == json!(true)).unwrap_or_default();
        if member["status"] == "administrator" && member["can_pin_messages"] != json!(true)
            || member["status"] != "administrator" && !everybody
        {
            return Err(Refusal::bad("Bad Request: not enough rights to manage pinned messages in the chat"));
        }
        let word = if pinned { "pin" } else { "unpin" };
        let message = self.message(chat, id).ok_or_else(|| Refusal::bad(format!("Bad Request: message to {word} not found")))?;
        message.pinned = pinned;
        Ok(json!(true))
    }

    fn delete(&mut self, parameters: &Map<String, Value>) -> Result<Value, Refusal> {
        let chat = self.existing(parameters)?;
        let undeletable = self.chats.get(&chat).is_some_and(|chat| chat.undeletable);
        let id = parameters.get("message_id").and_then(number).unwrap_or_default();
        let message = self.message(chat, id).ok_or_else(|| Refusal::bad("Bad Request: message to delete not found"))?;
        if undeletable {
            return Err(Refusal::bad("Bad Request: message can't be deleted for everyone"));
        }
        message.deleted = true;
        Ok(json!(true))
    }

    fn message(&mut self, chat: i64, id: i64) -> Option<&mut Posted> {
        self.chats.get_mut(&chat)?.messages.iter_mut().find(|message| message.id == id && !message.deleted)
    }

    pub fn describe(&self, chat: i64) -> Value {
        let found = self.chats.get(&chat);
        if let Some(Chat { channel: true, title, .. }) = found {
            return json!({"id": chat, "type": "channel", "title": title});
        }
        let title = found.map(|chat| chat.title.clone()).unwrap_or_default();
        if found.map_or(chat < 0, |chat| chat.group) {
            let forum = found.is_some_and(|chat| !chat.threads.is_empty());
            json!({"id": chat, "type": "supergroup", "title": title, "is_forum": forum})
        } else {
            json!({"id": chat, "type": "private", "first_name": title})
        }
    }
}

pub fn bot() -> Value {
    json!({"id": BOT_ID, "is_bot": true, "first_name": "纳税人之家", "username": BOT_NAME})
}

pub fn human(person: i64) -> Value {
    json!({"id": person, "is_bot": false, "first_name": format!("测试{person}"), "language_code": "zh-hans"})
}

pub fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
