//! The real binary, killed with SIGKILL in the middle of a broadcast: nothing is lost, nothing is sent twice, what nobody can know is
//! listed as unknown. `KILL_ROUNDS=50` runs the whole measure; without it a few rounds.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use rand::Rng;
use taxhome::clock::{Clock, SystemClock};
use taxhome::domain::channel::ChannelKind;
use taxhome::domain::delivery::{DeliveryState, Origin};
use taxhome::domain::inbound::Scope;
use taxhome::store::deliveries::{self, Delivery};
use taxhome::store::{Engine, Store, channels};
use tokio::process::{Child, Command};

use crate::harness::bench::{TOKEN, html, of};
use crate::harness::db::{TestStore, fresh_store};
use crate::harness::fake_telegram::FakeTelegram;

const TARGETS: i64 = 300;
/// Of the binary in these tests, in seconds: the least that can be configured.
const LEASE: &str = "5";
const PATIENCE: Duration = Duration::from_secs(60);

/// What a round adds to the account.
#[derive(Debug, Default)]
struct Account {
    sent: usize,
    unknown: usize,
    unknown_that_arrived: usize,
}

/// The binary, with the test's database and the fake Bot API.
fn start(store: &TestStore, fake: &FakeTelegram) -> Child {
    Command::new(env!("CARGO_BIN_EXE_taxhome"))
        .arg("serve")
        .current_dir(store.dir.path())
        .env("TAXHOME_DATA_DIR", store.dir.path())
        .env("TAXHOME_DATABASE__URL", store.url())
        .env("TAXHOME_HTTP__LISTEN", "127.0.0.1:0")
        .env("TAXHOME_TELEGRAM__TOKEN", TOKEN)
        .env("TAXHOME_TELEGRAM__API_URL", &fake.url)
        .env("TAXHOME_TELEGRAM__MESSAGES_PER_SECOND", "400")
        .env("TAXHOME_DELIVERY__QUIET_HOURS", "")
        .env("TAXHOME_DELIVERY__LEASE_SECONDS", LEASE)
        .env("TAXHOME_LOG__FILTER", "warn")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// The chat of one target of one round.
fn chat_of(round: i64, target: i64) -> i64 {
    -(1_000_000 + round * 1_000 + target)
}

fn name_of(round: i64) -> String {
    format!("round{round}")
}

async fn broadcast(store: &Store, fake: &FakeTelegram, round: i64) {
    let now = SystemClock.now();
    let (name, part) = (name_of(round), html("通知"));
    let mut tx = store.begin().await.unwrap();
    for target in 0..TARGETS {
        let chat = chat_of(round, target);
        fake.group(chat, "测试群");
        let id = channels::ensure(&mut tx, ChannelKind::Telegram, &chat.to_string(), "测试群", Scope::Group, true, now).await.unwrap();
        assert!(deliveries::insert(&mut tx, &of(&name, &id, &part, now), now).await.unwrap());
    }
    tx.commit().await.unwrap();
}

fn arrived(fake: &FakeTelegram, round: i64) -> usize {
    (0..TARGETS).map(|target| fake.messages(chat_of(round, target)).len()).sum()
}

async fn ledger(store: &Store, round: i64) -> Vec<Delivery> {
    let mut conn = store.read().await.unwrap();
    deliveries::by_origin(&mut conn, Origin::Bulletin, &name_of(round), "", i64::MAX).await.unwrap()
}

/// Waits until nothing of the round is pending or in flight.
async fn settled(store: &Store, fake: &FakeTelegram, round: i64) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let counts = deliveries::counts(&mut store.read().await.unwrap(), Origin::Bulletin, &name_of(round)).await.unwrap();
        if counts.pending + counts.sending == 0 {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "round {round} does not come to an end: {counts:?}");
        fake.wait_until(Duration::from_millis(200), |_| false).await;
    }
}

/// Compares ledger and chats, target by target.
async fn check(store: &Store, fake: &FakeTelegram, round: i64, account: &mut Account) {
    let mut at: BTreeMap<String, i64> = BTreeMap::new();
    for target in 0..TARGETS {
        let chat = chat_of(round, target);
        let found = channels::find(&mut store.read().await.unwrap(), ChannelKind::Telegram, &chat.to_string()).await.unwrap().unwrap();
        at.insert(found.id, chat);
    }
    let all = ledger(store, round).await;
    assert_eq!(all.len(), usize::try_from(TARGETS).unwrap());
    for delivery in all {
        let messages = fake.messages(at[&delivery.channel_id]);
        match delivery.state {
            DeliveryState::Sent => {
                assert_eq!(messages.len(), 1, "sent means once: {delivery:?}");
                assert_eq!(delivery.message_id, Some(messages[0].id.to_string()));
                account.sent += 1;
            }
            DeliveryState::Unknown => {
                assert!(messages.len() <= 1, "a silent duplicate: {delivery:?}");
                account.unknown += 1;
                account.unknown_that_arrived += messages.len();
            }
            other => panic!("neither sent nor unknown but {}: {delivery:?}", other.word()),
        }
    }
}

#[tokio::test]
async fn killed_at_random_moments_of_broadcasts_nothing_is_lost_and_nothing_sent_twice() {
    let rounds: i64 = std::env::var("KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(2);
    let store = fresh_store().await;
    let fake = FakeTelegram::start(TOKEN).await;
    fake.answer_after(Duration::from_millis(15));
    let mut account = Account::default();
    let mut service = start(&store, &fake);
    for round in 0..rounds {
        broadcast(&store, &fake, round).await;
        let (moment, pause) = {
            let mut rng = rand::rng();
            (rng.random_range(1..usize::try_from(TARGETS).unwrap() - 20), Duration::from_micros(rng.random_range(0..30_000)))
        };
        assert!(fake.wait_until(PATIENCE, |fake| arrived(fake, round) >= moment).await, "round {round}: nothing is sent");
        tokio::time::sleep(pause).await;
        service.kill().await.unwrap();
        let at_kill = arrived(&fake, round);
        service = start(&store, &fake);
        settled(&store, &fake, round).await;
        check(&store, &fake, round, &mut account).await;
        println!("round {round}: killed after {at_kill} of {TARGETS}, now {account:?}");
    }
    service.kill().await.unwrap();
    let engine = match store.engine() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    println!("{engine}: {rounds} kills, {account:?}, lost 0, silent duplicates 0");
}

#[cfg(unix)]
#[tokio::test]
async fn a_sigterm_during_a_broadcast_leaves_nothing_unknown() {
    let store = fresh_store().await;
    let fake = FakeTelegram::start(TOKEN).await;
    fake.answer_after(Duration::from_millis(50));
    let mut service = start(&store, &fake);
    broadcast(&store, &fake, 0).await;
    assert!(fake.wait_until(PATIENCE, |fake| arrived(fake, 0) >= 40).await);
    let id = service.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    let status = tokio::time::timeout(PATIENCE, service.wait()).await.unwrap().unwrap();
    assert!(status.success(), "{status}");
    let sent = ledger(&store, 0).await.iter().filter(|delivery| delivery.state == DeliveryState::Sent).count();
    let counts = deliveries::counts(&mut store.read().await.unwrap(), Origin::Bulletin, &name_of(0)).await.unwrap();
    assert_eq!((counts.sending, counts.unknown), (0, 0), "{counts:?}");
    assert_eq!(sent, arrived(&fake, 0));
    let mut service = start(&store, &fake);
    settled(&store, &fake, 0).await;
    service.kill().await.unwrap();
    let mut account = Account::default();
    check(&store, &fake, 0, &mut account).await;
    assert_eq!(account.sent, usize::try_from(TARGETS).unwrap());
}
