//! A stateful fake Bot API over HTTP: chats with their messages, updates with Telegram's offset rule, faults on request, a journal of
//! every call. It judges requests as Telegram does (`telegram_rules`), so that what passes here has a chance outside.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::telegram_files::{self, PostedFile};
use super::telegram_rules::{check_commands, check_keyboard, check_poll, visible_text};

/// Seconds, any fixed instant will do: 2027-04-01.
const MESSAGE_DATE: i64 = 1_806_508_800;
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
    /// Done; the answer comes after this long.
    AcceptThenStall(Duration),
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

#[derive(Debug, Default)]
struct Chat {
    group: bool,
    /// A broadcast channel: only its owner speaks.
    channel: bool,
    title: String,
    threads: Vec<i64>,
    messages: Vec<Posted>,
    migrated_to: Option<i64>,
    /// Too old to be deleted.
    undeletable: bool,
    /// What getChat says everybody may do.
    permissions: Value,
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

#[derive(Debug, Clone)]
struct Webhook {
    url: String,
    secret: String,
}

#[derive(Default)]
struct Inner {
    chats: BTreeMap<i64, Chat>,
    journal: Vec<Call>,
    faults_of_chat: HashMap<i64, VecDeque<Fault>>,
    lasting_faults: HashMap<i64, Fault>,
    faults_of_method: HashMap<String, VecDeque<Fault>>,
    updates: VecDeque<(i64, Value)>,
    next_update: i64,
    next_message: i64,
    /// Counts polls; an older poll ends with 409 when a newer one comes.
    poll: u64,
    webhook: Option<Webhook>,
    pub commands: Value,
    answered_callbacks: Vec<Value>,
    members: HashMap<(i64, i64), Value>,
    reads_all: bool,
    open: bool,
    /// How long the answer to a send takes.
    latency: Duration,
}

struct Shared {
    token: String,
    started: Instant,
    inner: Mutex<Inner>,
    changed: Notify,
}

/// The fake, listening. Clones talk about the same one.
#[derive(Clone)]
pub struct FakeTelegram {
    pub url: String,
    shared: Arc<Shared>,
}

/// What a call is refused with.
struct Refusal {
    code: u16,
    description: String,
    parameters: Value,
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

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn most_within(times: &[Duration], window: Duration) -> usize {
    times.iter().enumerate().map(|(at, first)| times[at..].iter().take_while(|time| **time - *first < window).count()).max().unwrap_or(0)
}

fn bot() -> Value {
    json!({"id": BOT_ID, "is_bot": true, "first_name": "纳税人之家", "username": BOT_NAME})
}

fn human(person: i64) -> Value {
    json!({"id": person, "is_bot": false, "first_name": format!("测试{person}"), "language_code": "zh-hans"})
}

/// Telegram repeats a webhook call until it is answered with success.
async fn call_webhook(webhook: Webhook, update: Value) {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(10)).no_proxy().build().expect("a plain client");
    for _ in 0..20 {
        let call = client.post(&webhook.url).header("X-Telegram-Bot-Api-Secret-Token", &webhook.secret).json(&update);
        if call.send().await.is_ok_and(|answer| answer.status().is_success()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let Some((token, method)) = path.strip_prefix("/bot").and_then(|rest| rest.split_once('/')) else {
        return refused(&Refusal::new(404, "Not Found"));
    };
    if token != shared.token {
        return refused(&Refusal::new(401, "Unauthorized"));
    }
    let method = method.to_lowercase();
    let (parameters, file) = parameters_of(request).await;
    let chat = parameters.get("chat_id").and_then(number);
    let fault = shared.lock().next_fault(&method, chat);
    let outcome = match &fault {
        Some(Fault::TooMany { retry_after }) => Err(Refusal {
            code: 429,
            description: format!("Too Many Requests: retry after {retry_after}"),
            parameters: json!({"retry_after": retry_after}),
        }),
        Some(Fault::Refuse { code, description }) => Err(Refusal::new(*code, description)),
        Some(Fault::Migrate { to }) => Err(Refusal::migrated(*to)),
        Some(Fault::ServerError) => Err(Refusal::new(500, "Internal Server Error")),
        Some(Fault::AcceptThenServerError | Fault::AcceptThenStall(_) | Fault::AcceptThenDrop | Fault::AcceptThenGarbage) | None => {
            if method == "getupdates" {
                shared.poll_updates(&parameters).await
            } else {
                shared.lock().perform(&method, &parameters, file.as_ref())
            }
        }
    };
    let answer = match &outcome {
        Ok(result) => axum::Json(json!({"ok": true, "result": result})).into_response(),
        Err(refusal) => refused(refusal),
    };
    let status = answer.status().as_u16();
    shared.lock().journal.push(Call { at: shared.started.elapsed(), method, chat, parameters: Value::Object(parameters), status });
    shared.changed.notify_waiters();
    let latency = shared.lock().latency;
    if chat.is_some() && !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    disturbed(answer, fault).await
}

async fn disturbed(answer: Response, fault: Option<Fault>) -> Response {
    match fault {
        Some(Fault::AcceptThenServerError) => refused(&Refusal::new(502, "Bad Gateway")),
        Some(Fault::AcceptThenStall(time)) => {
            tokio::time::sleep(time).await;
            answer
        }
        Some(Fault::AcceptThenDrop) => {
            let broken = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("the connection broke")) });
            Body::from_stream(broken).into_response()
        }
        Some(Fault::AcceptThenGarbage) => "<html>captive portal</html>".into_response(),
        Some(Fault::TooMany { .. } | Fault::Refuse { .. } | Fault::Migrate { .. } | Fault::ServerError) | None => answer,
    }
}

fn refused(refusal: &Refusal) -> Response {
    let mut body = json!({"ok": false, "error_code": refusal.code, "description": refusal.description});
    if !refusal.parameters.is_null() {
        body["parameters"] = refusal.parameters.clone();
    }
    (StatusCode::from_u16(refusal.code).unwrap_or(StatusCode::BAD_REQUEST), axum::Json(body)).into_response()
}

/// JSON, form or multipart: one map, with numbers and nested JSON understood.
async fn parameters_of(request: Request) -> (Map<String, Value>, Option<PostedFile>) {
    let kind = request.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let mut all = Map::new();
    let mut file = None;
    let query = request.uri().query().unwrap_or_default().to_owned();
    for (key, value) in reqwest::Url::parse(&format!("http://x/?{query}")).expect("a query parses").query_pairs() {
        all.insert(key.into_owned(), loose(&value));
    }
    if kind.starts_with("multipart/") {
        if let Ok(mut fields) = Multipart::from_request(request, &()).await {
            while let Ok(Some(field)) = fields.next_field().await {
                let name = field.name().unwrap_or_default().to_owned();
                let Some(file_name) = field.file_name().map(str::to_owned) else {
                    all.insert(name, loose(&field.text().await.unwrap_or_default()));
                    continue;
                };
                let media = field.content_type().unwrap_or_default().to_owned();
                let bytes = field.bytes().await.unwrap_or_default();
                let posted = PostedFile { photo: name == "photo", name: file_name, media, bytes };
                all.insert(name, telegram_files::described(&posted));
                file = Some(posted);
            }
        }
        return (all, file);
    }
    let body = Bytes::from_request(request, &()).await.unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        let form = String::from_utf8_lossy(&body).into_owned();
        for (key, value) in reqwest::Url::parse(&format!("http://x/?{form}")).expect("a form parses").query_pairs() {
            all.insert(key.into_owned(), loose(&value));
        }
    } else if let Ok(Value::Object(map)) = serde_json::from_slice(&body) {
        all.extend(map);
    }
    (all, file)
}

fn loose(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Array(_) | Value::Object(_) | Value::Number(_) | Value::Bool(_))) => value,
        Ok(Value::Null | Value::String(_)) | Err(_) => Value::String(text.to_owned()),
    }
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

impl Refusal {
    fn new(code: u16, description: &str) -> Self {
        Self { code, description: description.to_owned(), parameters: Value::Null }
    }

    fn bad(description: impl Into<String>) -> Self {
        Self { code: 400, description: description.into(), parameters: Value::Null }
    }

    fn migrated(to: i64) -> Self {
        let description = "Bad Request: group chat was upgraded to a supergroup chat".to_owned();
        Self { code: 400, description, parameters: json!({"migrate_to_chat_id": to}) }
    }
}

impl Shared {
    /// An update is gone only when a later offset confirms it; of two polls the older one is sent away.
    async fn poll_updates(&self, parameters: &Map<String, Value>) -> Result<Value, Refusal> {
        let offset = parameters.get("offset").and_then(number).unwrap_or(0);
        let limit = parameters.get("limit").and_then(number).and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100).clamp(1, 100);
        let wait = parameters.get("timeout").and_then(number).and_then(|wait| u64::try_from(wait).ok()).unwrap_or(0);
        let deadline = tokio::time::Instant::now() + Duration::from_secs(wait);
        let mine = {
            let mut inner = self.lock();
            inner.poll += 1;
            inner.poll
        };
        self.changed.notify_waiters();
        loop {
            let changed = self.changed.notified();
            {
                let mut inner = self.lock();
                if inner.webhook.is_some() {
                    let words =
                        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
                    return Err(Refusal::new(409, words));
                }
                if inner.poll != mine {
                    let words = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
                    return Err(Refusal::new(409, words));
                }
                inner.updates.retain(|(id, _)| *id >= offset);
                if !inner.updates.is_empty() {
                    return Ok(inner.updates.iter().take(limit).map(|(_, update)| update.clone()).collect());
                }
            }
            if tokio::time::timeout_at(deadline, changed).await.is_err() {
                return Ok(json!([]));
            }
        }
    }
}

impl Inner {
    fn next_fault(&mut self, method: &str, chat: Option<i64>) -> Option<Fault> {
        if let Some(fault) = self.faults_of_method.get_mut(method).and_then(VecDeque::pop_front) {
            return Some(fault);
        }
        if !["sendmessage", "sendpoll", "sendphoto", "senddocument", "editmessagetext", "deletemessage"].contains(&method) {
            return None;
        }
        let chat = chat?;
        self.faults_of_chat.get_mut(&chat).and_then(VecDeque::pop_front).or_else(|| self.lasting_faults.get(&chat).cloned())
    }

    fn perform(&mut self, method: &str, parameters: &Map<String, Value>, file: Option<&PostedFile>) -> Result<Value, Refusal> {
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

    fn describe(&self, chat: i64) -> Value {
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
