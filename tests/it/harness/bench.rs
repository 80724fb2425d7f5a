//! An outbox on a workbench: a store of its own, the fake Bot API, and time moved by hand.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use taxhome::channels::print::Print;
use taxhome::channels::telegram::{Client, Telegram};
use taxhome::channels::{Sender, Senders};
use taxhome::config::{Config, QuietHours};
use taxhome::domain::channel::ChannelKind;
use taxhome::domain::delivery::{DeliveryState, OnAmbiguous, Operation, Origin};
use taxhome::domain::inbound::Scope;
use taxhome::domain::render::{Part, PartMarkup};
use taxhome::domain::time::Timestamp;
use taxhome::outbox::{Outbox, Outcome, Settings};
use taxhome::store::claims::LeaseClock;
use taxhome::store::deliveries::{self, Delivery, NewDelivery};
use taxhome::store::{Store, channels};

use super::db::{TestStore, fresh_store};
use super::fake_telegram::FakeTelegram;

pub const TOKEN: &str = "7000001:test";
pub const LEASE: Duration = Duration::from_secs(120);
/// A Thursday, nine in the morning in Shanghai.
pub const MORNING: &str = "2027-04-01T09:00:00+08:00";

pub struct Bench {
    pub store: TestStore,
    pub fake: FakeTelegram,
    pub outbox: Arc<Outbox>,
    pub now: Timestamp,
}

pub fn morning() -> Timestamp {
    Timestamp::parse(MORNING).unwrap()
}

pub fn telegram_config(api_url: &str) -> taxhome::config::Telegram {
    let mut telegram = Config::defaults().unwrap().telegram;
    telegram.token = SecretString::from(TOKEN);
    api_url.clone_into(&mut telegram.api_url);
    telegram
}

pub fn settings() -> Settings {
    Settings { lease: LEASE, lease_clock: LeaseClock::Given, quiet: None, messages_per_second: 30, jitter: Arc::new(|| 0.0) }
}

pub fn telegram_at(api_url: &str) -> Arc<dyn Sender> {
    let client = Client::new(&telegram_config(api_url)).unwrap().patient_for(Duration::from_secs(1));
    Arc::new(Telegram::new(client))
}

pub fn senders(api_url: &str) -> Senders {
    Senders::default().with(ChannelKind::Telegram, telegram_at(api_url)).with(ChannelKind::Print, Arc::new(Print))
}

pub fn outbox(store: &Store, api_url: &str, settings: Settings) -> Arc<Outbox> {
    Arc::new(Outbox::new(store.clone(), senders(api_url), settings))
}

pub fn html(text: &str) -> Part {
    Part {
        text: format!("<b>{text}</b>"),
        markup: PartMarkup::Html,
        plain: text.to_owned(),
        buttons: Vec::new(),
        poll: None,
        attachment: None,
        card: None,
    }
}

/// A bulletin's part for a chat, due now.
pub fn of<'a>(origin_id: &'a str, channel_id: &'a str, content: &'a Part, now: Timestamp) -> NewDelivery<'a> {
    NewDelivery {
        origin: Origin::Bulletin,
        origin_id,
        revision: 1,
        channel_id,
        part: 0,
        operation: Operation::Send,
        content,
        thread: None,
        reply_to: None,
        message_id: None,
        on_ambiguous: OnAmbiguous::Ask,
        due_at: now,
        not_after: now.plus(Duration::from_secs(24 * 3600)),
    }
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(settings()).await
    }

    pub async fn quiet(from: &str, to: &str) -> Self {
        let time = |text: &str| chrono::NaiveTime::parse_from_str(text, "%H:%M").unwrap();
        Self::with(Settings { quiet: Some(QuietHours { from: time(from), to: time(to) }), ..settings() }).await
    }

    pub async fn with(settings: Settings) -> Self {
        let store = fresh_store().await;
        let fake = FakeTelegram::start(TOKEN).await;
        let outbox = outbox(&store, &fake.url, settings);
        Self { store, fake, outbox, now: morning() }
    }

    /// Registers a group, at the fake too; its id.
    pub async fn group(&self, chat: i64) -> String {
        self.fake.group(chat, "测试群");
        self.channel(chat, Scope::Group).await
    }

    pub async fn private(&self, person: i64) -> String {
        self.fake.private(person, "某人");
        self.channel(person, Scope::Private).await
    }

    pub async fn channel(&self, chat: i64, scope: Scope) -> String {
        let mut tx = self.store.begin().await.unwrap();
        let id = channels::ensure(&mut tx, ChannelKind::Telegram, &chat.to_string(), "测试群", scope, true, self.now).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    pub async fn add(&self, new: &NewDelivery<'_>) {
        let mut tx = self.store.begin().await.unwrap();
        assert!(deliveries::insert(&mut tx, new, self.now).await.unwrap(), "the delivery is there already");
        tx.commit().await.unwrap();
    }

    /// A bulletin of one part to one chat.
    pub async fn bulletin(&self, id: &str, channel_id: &str) {
        self.add(&of(id, channel_id, &html(id), self.now)).await;
    }

    /// One turn of the worker.
    pub async fn turn(&self) -> Outcome {
        self.outbox.run_once(self.now).await.unwrap()
    }

    /// One turn that must attempt something; the state it ends in.
    pub async fn attempt(&self) -> DeliveryState {
        match self.turn().await {
            Outcome::Attempted { state, .. } => state,
            other => panic!("nothing was attempted: {other:?}"),
        }
    }

    pub fn advance(&mut self, by: Duration) {
        self.now = self.now.plus(by);
    }

    /// Turns until nothing is left to do within `limit` from now, moving time to when the next is due.
    pub async fn drain(&mut self, limit: Duration) {
        let end = self.now.plus(limit);
        loop {
            match self.turn().await {
                Outcome::Attempted { .. } | Outcome::Late { .. } => {}
                Outcome::Idle { next_due: Some(next) } if next <= end => self.now = next.max(self.now.plus(Duration::from_millis(1))),
                Outcome::Idle { .. } => return,
            }
        }
    }

    pub async fn ledger(&self, origin: Origin, id: &str) -> Vec<Delivery> {
        let mut conn = self.store.read().await.unwrap();
        deliveries::by_origin(&mut conn, origin, id, "", i64::MAX).await.unwrap()
    }

    /// The only delivery of a bulletin.
    pub async fn only(&self, id: &str) -> Delivery {
        let mut all = self.ledger(Origin::Bulletin, id).await;
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
}
