//! A stateful fake Bot API over HTTP: chats with their messages, updates with Telegram's offset rule, faults on request, a journal of
//! every call. It judges requests as Telegram does (`telegram_rules`), so that what passes here has a chance outside.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

use super::telegram_chats::{Chat, Inner, MESSAGE_DATE, bot, human};
use super::telegram_files::PostedFile;
use super::telegram_wire::{Shared, answer, call_webhook};

pub const BOT_ID: i64 = 7_000_001;
pub const BOT_NAME: &str = "taxhome_test_bot";

/// Something that goes wrong with one call.
#[derive(Debug, Clone)]
pub enum Fault {
    /// 429.
    TooMany { retry_after: u64 },
    /// Refused with a code and a description.
    Refuse { code: u16, description: &'static str },
    /// The group became a supergroup with another id.
    Migrate { to: i64 },
    /// 500, nothing was done.
    ServerError,
    /// 500, but it was done.
    AcceptThenServerError,
    /// Done; the answer is held back until [`FakeTelegram::let_go`].
    AcceptThenHold,
    /// Done; the connection breaks before the answer.
    AcceptThenDrop,
    /// Done; the answer is not JSON.
    AcceptThenGarbage,
}

/// A message in a chat's ledger.
#[derive(Debug, Clone)]
pub struct Posted {
    pub id: i64,
    pub text: String,
    /// What people see.
    pub visible: String,
    pub thread: Option<i64>,
    pub reply_to: Option<i64>,
    pub markup: Value,
    pub edited: u32,
    pub deleted: bool,
    /// What sendPoll was given, and the poll's id.
    pub poll: Option<Value>,
    /// What sendPhoto or sendDocument was given; the text is its caption.
    pub file: Option<PostedFile>,
    pub pinned: bool,
}

/// A call that arrived.
#[derive(Debug, Clone)]
pub struct Call {
    /// Since the fake was started.
    pub at: Duration,
    /// Lower case.
    pub method: String,
    pub chat: Option<i64>,
    pub parameters: Value,
    /// Status of the answer.
    pub status: u16,
}

/// The fake, listening. Clones talk about the same one.
#[derive(Clone)]
pub struct FakeTelegram {
    pub url: String,
    shared: Arc<Shared>,
}

impl FakeTelegram {
    /// Listens on a port of its own; `token` is the only one it knows.
    pub async fn start(token: &str) -> Self {
        Self::start_at(token, 0).await
    }

    /// Listens on `port`.
    pub async fn start_at(token: &str, port: u16) -> Self {
        let shared = Arc::new(Shared {
            token: token.to_owned(),
            started: Instant::now(),
            inner: Mutex::new(Inner { next_update: 1000, next_message: 1, ..Inner::default() }),
            changed: Notify::new(),
            let_go: watch::Sender::new(false),
        });
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
        let url = format!("http://{}", listener.local_addr().expect("a bound listener has an address"));
        let router = Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, shared }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.shared.lock()
    }

    /// Every chat anybody writes to exists; for trying things out by hand.
    pub fn open_to_all(&self) {
        self.inner().open = true;
    }

    /// From now on the answer to a send takes this long; what was asked is done at once.
    pub fn answer_after(&self, latency: Duration) {
        self.inner().latency = latency;
    }

    /// Answers that are held back are given, and none is held back from now on.
    pub fn let_go(&self) {
        self.shared.let_go.send_replace(true);
    }

    /// A group the bot is in.
    pub fn group(&self, chat: i64, title: &str) {
        self.inner().chats.insert(chat, Chat { group: true, title: title.to_owned(), ..Chat::default() });
    }

    /// A broadcast channel the bot may post to.
    pub fn channel(&self, chat: i64, title: &str) {
        self.inner().chats.insert(chat, Chat { channel: true, title: title.to_owned(), ..Chat::default() });
    }

    /// A private chat the bot may write to.
    pub fn private(&self, person: i64, name: &str) {
        self.inner().chats.insert(person, Chat { title: name.to_owned(), ..Chat::default() });
    }

    /// A topic of a forum group.
    pub fn topic(&self, chat: i64, thread: i64) {
        if let Some(chat) = self.inner().chats.get_mut(&chat) {
            chat.threads.push(thread);
        }
    }

    /// From now on no message of this chat can be deleted (older than 48 hours).
    pub fn make_undeletable(&self, chat: i64) {
        if let Some(chat) = self.inner().chats.get_mut(&chat) {
            chat.undeletable = true;
        }
    }

    /// The group becomes a supergroup: the old id is refused, the new one works.
    pub fn migrate(&self, from: i64, to: i64) {
        let mut inner = self.inner();
        let title = inner.chats.get(&from).map(|chat| chat.title.clone()).unwrap_or_default();
        inner.chats.insert(to, Chat { group: true, title, ..Chat::default() });
        if let Some(chat) = inner.chats.get_mut(&from) {
            chat.migrated_to = Some(to);
        }
    }

    /// The next call to this chat goes wrong; several are used up in order.
    pub fn fail_next(&self, chat: i64, fault: Fault) {
        self.inner().faults_of_chat.entry(chat).or_default().push_back(fault);
    }

    /// Every call to this chat goes wrong, until `heal`.
    pub fn fail_always(&self, chat: i64, fault: Fault) {
        self.inner().lasting_faults.insert(chat, fault);
    }

    /// No fault is left for this chat.
    pub fn heal(&self, chat: i64) {
        let mut inner = self.inner();
        inner.lasting_faults.remove(&chat);
        inner.faults_of_chat.remove(&chat);
    }

    /// The next call of this method goes wrong.
    pub fn fail_method(&self, method: &str, fault: Fault) {
        self.inner().faults_of_method.entry(method.to_lowercase()).or_default().push_back(fault);
    }

    /// Status answered by getChatMember, such as `left` or `administrator`; `member` if never set.
    pub fn set_member(&self, chat: i64, person: i64, status: &str) {
        self.set_rights(chat, person, json!({"status": status}));
    }

    /// What getChatMember answers of somebody: `status` and rights.
    pub fn set_rights(&self, chat: i64, person: i64, rights: Value) {
        self.inner().members.insert((chat, person), rights);
    }

    /// What everybody may do in a group, as getChat says.
    pub fn set_permissions(&self, chat: i64, permissions: Value) {
        if let Some(chat) = self.inner().chats.get_mut(&chat) {
            chat.permissions = permissions;
        }
    }

    /// Privacy mode is switched off at BotFather.
    pub fn read_all(&self) {
        self.inner().reads_all = true;
    }

    /// What stands in a chat, oldest first, deleted ones too.
    pub fn messages(&self, chat: i64) -> Vec<Posted> {
        self.inner().chats.get(&chat).map(|chat| chat.messages.clone()).unwrap_or_default()
    }

    /// Ids of all chats.
    pub fn chats(&self) -> Vec<i64> {
        self.inner().chats.keys().copied().collect()
    }

    /// Every call so far.
    pub fn journal(&self) -> Vec<Call> {
        self.inner().journal.clone()
    }

    /// Calls of one method.
    pub fn calls(&self, method: &str) -> Vec<Call> {
        let method = method.to_lowercase();
        self.journal().into_iter().filter(|call| call.method == method).collect()
    }

    /// How many calls of `method` (of any where it is empty) came after the first `before`.
    pub fn calls_since(&self, before: usize, method: &str) -> usize {
        self.inner().journal.iter().skip(before).filter(|call| method.is_empty() || call.method == method).count()
    }

    /// The command menu set last.
    pub fn commands(&self) -> Value {
        self.inner().commands.clone()
    }

    /// Parameters of every answerCallbackQuery.
    pub fn answered_callbacks(&self) -> Vec<Value> {
        self.inner().answered_callbacks.clone()
    }

    /// Updates nobody has confirmed yet.
    pub fn waiting_updates(&self) -> usize {
        self.inner().updates.len()
    }

    /// Most messages within any second, over all chats.
    pub fn most_in_a_second(&self) -> usize {
        most_within(&self.sends(None), Duration::from_secs(1))
    }

    /// Most messages to one chat within any stretch of `window`.
    pub fn most_to_one_chat(&self, window: Duration) -> usize {
        self.chats().into_iter().map(|chat| most_within(&self.sends(Some(chat)), window)).max().unwrap_or(0)
    }

    fn sends(&self, to: Option<i64>) -> Vec<Duration> {
        let wanted = |call: &&Call| call.method == "sendmessage" && (to.is_none() || call.chat == to);
        self.inner().journal.iter().filter(wanted).map(|call| call.at).collect()
    }

    /// Waits until `done` says so, at most `limit`; false if it never did.
    pub async fn wait_until(&self, limit: Duration, done: impl Fn(&Self) -> bool) -> bool {
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            let changed = self.shared.changed.notified();
            if done(self) {
                return true;
            }
            if tokio::time::timeout_at(deadline, changed).await.is_err() {
                return done(self);
            }
        }
    }

    /// Waits for the next call, at most `limit`: whoever waits for what follows from calls looks again then. False if none came.
    pub async fn is_called_within(&self, limit: Duration) -> bool {
        let seen = self.calls_since(0, "");
        self.wait_until(limit, |fake| fake.calls_since(0, "") > seen).await
    }

    /// Adds an update as it is, with the next update id; a webhook gets it at once.
    pub fn push_update(&self, mut update: Value) -> i64 {
        let (id, webhook) = {
            let mut inner = self.inner();
            inner.next_update += 1;
            let id = inner.next_update;
            update["update_id"] = json!(id);
            if inner.webhook.is_none() {
                inner.updates.push_back((id, update.clone()));
            }
            (id, inner.webhook.clone())
        };
        if let Some(webhook) = webhook {
            tokio::spawn(call_webhook(webhook, update));
        }
        self.shared.changed.notify_waiters();
        id
    }

    /// A person writes in a chat; a leading `/command` gets its entity. Hands back the message id.
    pub fn says(&self, chat: i64, person: i64, text: &str) -> i64 {
        self.says_with(chat, person, text, &json!({}))
    }

    /// The same with further fields of the message (`message_thread_id`, `reply_to_message`, `entities` …).
    pub fn says_with(&self, chat: i64, person: i64, text: &str, more: &Value) -> i64 {
        let mut message = self.message_of(chat, person);
        message["text"] = json!(text);
        if text.starts_with('/') {
            let length = text.split_whitespace().next().unwrap_or_default().encode_utf16().count();
            message["entities"] = json!([{"type": "bot_command", "offset": 0, "length": length}]);
        }
        for (key, value) in more.as_object().cloned().unwrap_or_default() {
            message[key] = value;
        }
        let id = message["message_id"].as_i64().unwrap_or_default();
        self.push_update(json!({"message": message}));
        id
    }

    /// A person taps a button under a message of the bot.
    pub fn taps(&self, chat: i64, person: i64, message_id: i64, data: &str) -> i64 {
        let mut message = self.message_of(chat, person);
        message["message_id"] = json!(message_id);
        message["from"] = bot();
        message["text"] = json!("…");
        self.push_update(json!({"callback_query": {
            "id": format!("callback{message_id}{person}"), "from": human(person), "message": message,
            "chat_instance": "1", "data": data
        }}))
    }

    /// A person answers a quiz poll; `option` from 0. Telegram tells the bot only of polls that are not anonymous.
    pub fn votes(&self, chat: i64, person: i64, message_id: i64, option: u8) {
        let posted = self.messages(chat).into_iter().find(|posted| posted.id == message_id);
        let poll = posted.and_then(|posted| posted.poll).unwrap_or_default();
        if poll["is_anonymous"] == json!(false) {
            self.push_update(json!({"poll_answer": {"poll_id": poll["id"], "user": human(person), "option_ids": [option]}}));
        }
    }

    /// The bot's own membership in a chat changes: `member`, `kicked`, `left`.
    pub fn membership(&self, chat: i64, person: i64, status: &str) -> i64 {
        let old = if status == "member" { "left" } else { "member" };
        let member = |status: &str| match status {
            "kicked" => json!({"user": bot(), "status": status, "until_date": 0}),
            _ => json!({"user": bot(), "status": status}),
        };
        let at = self.message_of(chat, person);
        self.push_update(json!({"my_chat_member": {
            "chat": at["chat"], "from": human(person), "date": MESSAGE_DATE,
            "old_chat_member": member(old), "new_chat_member": member(status)
        }}))
    }

    fn message_of(&self, chat: i64, person: i64) -> Value {
        let mut inner = self.inner();
        inner.next_message += 1;
        let id = inner.next_message;
        let described = inner.describe(chat);
        json!({"message_id": id, "date": MESSAGE_DATE, "chat": described, "from": human(person)})
    }
}

fn most_within(times: &[Duration], window: Duration) -> usize {
    times.iter().enumerate().map(|(at, first)| times[at..].iter().take_while(|time| **time - *first < window).count()).max().unwrap_or(0)
}
