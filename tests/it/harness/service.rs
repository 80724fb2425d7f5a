//! The whole service against the fake Bot API, moved by hand: what comes in is fetched, what is due is made, what waits is sent.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use taxhome::app::App;
use taxhome::channels::telegram::commands::{self, SetUp};
use taxhome::channels::telegram::receive;
use taxhome::clock::{Clock, ManualClock};
use taxhome::config::{Config, TelegramMode};
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;
use taxhome::outbox::Outcome;
use taxhome::store::{tokens, users};
use tokio::net::TcpListener;

use super::db::{TestStore, fresh_store};
use super::fake_telegram::FakeTelegram;
use super::fake_wecom::FakeWecom;
use super::web::{Console, bearer, write_knowledge};

pub const TOKEN: &str = "7000001:TEST";

/// The service, its fake Telegram and its clock.
pub struct Service {
    pub telegram: FakeTelegram,
    pub wecom: FakeWecom,
    pub clock: ManualClock,
    pub store: TestStore,
    pub app: Arc<App>,
    pub base: String,
    more: Vec<(String, String)>,
}

impl Service {
    /// Started at `at` (RFC 3339).
    pub async fn at(at: &str) -> Self {
        Self::with(at, &[]).await
    }

    /// Started at `at` with more variables.
    pub async fn with(at: &str, more: &[(&str, &str)]) -> Self {
        let store = fresh_store().await;
        let telegram = FakeTelegram::start(TOKEN).await;
        let clock = ManualClock::at(Timestamp::parse(at).unwrap());
        let more: Vec<(String, String)> = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let wecom = FakeWecom::start(clock.clone()).await;
        let (app, base) = build(&store, &telegram, &wecom, &clock, &more).await;
        let service = Self { telegram, wecom, clock, store, app, base, more };
        service.introduce().await;
        service
    }

    /// Everything in memory is lost; store, clock and Telegram stay.
    pub async fn restart(&mut self) {
        let (app, base) = build(&self.store, &self.telegram, &self.wecom, &self.clock, &self.more).await;
        self.app = app;
        self.base = base;
        self.introduce().await;
    }

    /// The same service on another store; clock and Telegram stay.
    pub async fn move_to(&mut self, store: TestStore) {
        self.store = store;
        self.restart().await;
    }

    async fn introduce(&self) {
        let parts = self.app.telegram.as_ref().unwrap();
        let setting = SetUp { mode: TelegramMode::Polling, public_url: self.base.clone(), secret: String::new().into() };
        parts.inbox.introduce(commands::set_up(&parts.client, &setting).await.unwrap());
    }

    /// Fetches what waits at Telegram and works it off; says how many updates.
    pub async fn receive(&self) -> usize {
        let parts = self.app.telegram.as_ref().unwrap();
        if self.telegram.waiting_updates() > 0 {
            receive::poll_once(&parts.client, &parts.intake).await.unwrap();
        }
        let mut worked = 0;
        while parts.inbox.run_once(self.clock.now()).await.unwrap() {
            worked += 1;
            assert!(worked < 2_000, "the inbox never comes to an end");
        }
        worked
    }

    /// Makes what is due by now.
    pub async fn tick(&self) {
        self.app.broadcasts.tick(self.clock.now()).await.unwrap();
        self.app.conversation.tend(self.clock.now()).await.unwrap();
        self.app.care.tick(self.clock.now()).await.unwrap();
    }

    /// Sends what waits, moving the clock to whenever the next thing is due within two hours; then closes what is finished.
    pub async fn deliver(&self) {
        for _ in 0..5_000 {
            match self.app.outbox.run_once(self.clock.now()).await.unwrap() {
                Outcome::Idle { next_due: Some(next) } if next.since(self.clock.now()) <= Duration::from_secs(7_200) => {
                    self.clock.set(next.plus(Duration::from_millis(1)).max(self.clock.now()));
                }
                Outcome::Idle { .. } => return self.tick().await,
                Outcome::Attempted { .. } | Outcome::Late { .. } => {}
            }
        }
        panic!("the outbox never comes to an end");
    }

    /// Receives and delivers.
    pub async fn converse(&self) {
        self.receive().await;
        self.deliver().await;
    }

    /// A client with the token of a user `name` of that role.
    pub async fn staff(&self, name: &str, role: Role) -> Staff<'_> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await.unwrap();
        let user = match users::find(&mut tx, name).await.unwrap() {
            Some(user) => user,
            None => users::insert(&mut tx, name, role, now).await.unwrap().unwrap(),
        };
        let (_, token) = tokens::create(&mut tx, &user.id, None, now).await.unwrap();
        tx.commit().await.unwrap();
        Staff { service: self, client: bearer(&token) }
    }

    /// A staff user of that role, logged in to the console.
    pub async fn logged_in(&self, role: Role) -> Console {
        Console::enter(&self.base, &self.store, role, self.clock.now()).await
    }

    /// The visible texts of a chat's messages that were not deleted.
    pub fn said(&self, chat: i64) -> Vec<String> {
        self.telegram.messages(chat).into_iter().filter(|posted| !posted.deleted).map(|posted| posted.visible).collect()
    }
}

async fn build(
    store: &TestStore,
    telegram: &FakeTelegram,
    wecom: &FakeWecom,
    clock: &ManualClock,
    more: &[(String, String)],
) -> (Arc<App>, String) {
    write_knowledge(store.dir.path());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let variables = [
        ("TAXHOME_DATA_DIR", store.dir.path().display().to_string()),
        ("TAXHOME_DATABASE__URL", store.url().to_owned()),
        ("TAXHOME_KNOWLEDGE_DIR", store.dir.path().join("knowledge").display().to_string()),
        ("TAXHOME_HTTP__PUBLIC_URL", base.clone()),
        ("TAXHOME_TELEGRAM__TOKEN", TOKEN.to_owned()),
        ("TAXHOME_TELEGRAM__API_URL", telegram.url.clone()),
        ("TAXHOME_WECOM__API_URL", wecom.url.clone()),
    ];
    let config =
        Config::load(None, variables.map(|(name, value)| (name.to_owned(), value)).into_iter().chain(more.iter().cloned())).unwrap();
    let app = Arc::new(App::build(config, Arc::new(clock.clone())).await.unwrap());
    let router = app.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (app, base)
}

/// A staff user at the admin API.
pub struct Staff<'a> {
    service: &'a Service,
    client: reqwest::Client,
}

impl Staff<'_> {
    /// POSTs and returns status and body.
    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/api/v1{path}", self.service.base);
        let response = self.client.post(url).json(body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
    }

    /// POSTs what must succeed.
    pub async fn does(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.post(path, body).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    /// POSTs what must be refused with `status`; returns the Chinese detail.
    pub async fn refused(&self, path: &str, body: &Value, status: u16) -> String {
        let (found, answer) = self.post(path, body).await;
        assert_eq!(found, status, "{path}: {answer}");
        answer["detail"].as_str().unwrap().to_owned()
    }

    /// The client with this user's token.
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Uploads a form, which must succeed.
    pub async fn upload(&self, path: &str, form: reqwest::multipart::Form) -> Value {
        let url = format!("{}/api/v1{path}", self.service.base);
        let response = self.client.post(url).multipart(form).send().await.unwrap();
        let (status, body) = (response.status().as_u16(), response.json::<Value>().await.unwrap_or(Value::Null));
        assert!((200..300).contains(&status), "{path}: {status} {body}");
        body
    }

    /// PATCHes and returns the body.
    pub async fn patch(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/api/v1{path}", self.service.base);
        self.client.patch(url).json(body).send().await.unwrap().json().await.unwrap()
    }

    /// GETs a body.
    pub async fn get(&self, path: &str) -> Value {
        let url = format!("{}/api/v1{path}", self.service.base);
        self.client.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// Registers a Telegram group as a target; returns the channel's id.
    pub async fn register(&self, chat: i64, title: &str, tags: &[&str]) -> String {
        self.service.telegram.group(chat, title);
        let channel = self.does("/channels", &json!({"kind": "telegram", "address": chat.to_string(), "title": title, "tags": tags})).await;
        channel["id"].as_str().unwrap().to_owned()
    }
}
