//! The real binary, killed with SIGKILL in the middle of a broadcast: nothing is lost, nothing is sent twice, what nobody can know is
//! listed as unknown. `KILL_ROUNDS=50` runs the whole measure; without it a few rounds.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rand::Rng;
use taxhome::clock::{Clock, SystemClock};
use taxhome::domain::channel::ChannelKind;
use taxhome::domain::delivery::{DeliveryState, Operation, Origin};
use taxhome::domain::inbound::Scope;
use taxhome::store::deliveries::{self, Delivery, NewDelivery};
use taxhome::store::{Engine, Store, channels};
use tokio::process::{Child, Command};

use crate::harness::bench::{TOKEN, html, of};
use crate::harness::db::{TestStore, fresh_store};
use crate::harness::fake_telegram::FakeTelegram;
use crate::harness::web::write_knowledge;

const TARGETS: i64 = 300;
/// Of the binary in these tests, in seconds: the least that can be configured.
const LEASE: &str = "5";
const PATIENCE: Duration = Duration::from_secs(60);

/// What a round adds to the account.
#[derive(Debug, Default)]
pub struct Account {
    pub sent: usize,
    pub unknown: usize,
    unknown_that_arrived: usize,
    taken_back: usize,
}

/// The binary, with the test's database and the fake Bot API.
fn start(store: &TestStore, fake: &FakeTelegram) -> Child {
    start_killed_at(store, fake, None)
}

/// The same, to die at a named point. `KILL_BINARY` names another binary, so that a long run is not disturbed by a new build.
fn start_killed_at(store: &TestStore, fake: &FakeTelegram, point: Option<&str>) -> Child {
    let mut command = command(store.dir.path(), store.url(), fake);
    if let Some(point) = point {
        command.env("OUTBOX_KILL_AT", point);
    }
    command.spawn().unwrap()
}

/// The service on a folder and a database, not yet started.
pub fn command(folder: &Path, database: &str, fake: &FakeTelegram) -> Command {
    let binary = std::env::var("KILL_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_taxhome").to_owned());
    let knowledge = folder.join("knowledge");
    let mut command = Command::new(binary);
    if knowledge.is_dir() {
        command.env("TAXHOME_KNOWLEDGE_DIR", knowledge);
    }
    command
        .arg("serve")
        .current_dir(folder)
        .env("TAXHOME_DATA_DIR", folder)
        .env("TAXHOME_DATABASE__URL", database)
        .env("TAXHOME_HTTP__LISTEN", "127.0.0.1:0")
        .env("TAXHOME_TELEGRAM__TOKEN", TOKEN)
        .env("TAXHOME_TELEGRAM__API_URL", &fake.url)
        .env("TAXHOME_TELEGRAM__MESSAGES_PER_SECOND", "400")
        .env("TAXHOME_DELIVERY__QUIET_HOURS", "")
        .env("TAXHOME_DELIVERY__LEASE_SECONDS", LEASE)
        .env("TAXHOME_LOG__FILTER", "warn")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

/// The chat of one target of one round.
fn chat_of(round: i64, target: i64) -> i64 {
    -(10_000_000 + round * 1_000 + target)
}

fn name_of(round: i64) -> String {
    format!("round{round}")
}

pub async fn broadcast(store: &Store, fake: &FakeTelegram, round: i64, targets: i64) {
    let now = SystemClock.now();
    let (name, part) = (name_of(round), html("通知"));
    let mut tx = store.begin().await.unwrap();
    for target in 0..targets {
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
pub async fn settled(store: &Store, fake: &FakeTelegram, round: i64) {
    let (mut deadline, mut left) = (tokio::time::Instant::now() + PATIENCE, i64::MAX);
    loop {
        let counts = deliveries::counts(&mut store.read().await.unwrap(), Origin::Bulletin, &name_of(round)).await.unwrap();
        if counts.pending + counts.sending == 0 {
            return;
        }
        // However many there are: patience ends when nothing moves any more.
        if counts.pending + counts.sending < left {
            (deadline, left) = (tokio::time::Instant::now() + PATIENCE, counts.pending + counts.sending);
        }
        assert!(tokio::time::Instant::now() < deadline, "round {round} does not come to an end: {counts:?}");
        fake.is_called_within(Duration::from_millis(200)).await;
    }
}

/// Compares ledger and chats, target by target.
pub async fn check(store: &Store, fake: &FakeTelegram, round: i64, targets: i64, account: &mut Account) {
    let mut at: BTreeMap<String, i64> = BTreeMap::new();
    for target in 0..targets {
        let chat = chat_of(round, target);
        let found = channels::find(&mut store.read().await.unwrap(), ChannelKind::Telegram, &chat.to_string()).await.unwrap().unwrap();
        at.insert(found.id, chat);
    }
    let all = ledger(store, round).await;
    let sends = all.iter().filter(|delivery| delivery.operation == Operation::Send).count();
    assert_eq!(sends, usize::try_from(targets).unwrap());
    for delivery in all {
        let messages = fake.messages(at[&delivery.channel_id]);
        if delivery.operation == Operation::Delete {
            assert_eq!(delivery.state, DeliveryState::Sent, "a recall is repeated until it is done: {delivery:?}");
            assert!(messages.iter().all(|message| message.deleted), "recalled and still there: {delivery:?}");
            account.taken_back += 1;
            continue;
        }
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

/// The service works on for so long, and does not end by itself: then it can be killed at a moment nobody chose.
async fn goes_on_for(pause: Duration, service: &mut Child) {
    let ended = tokio::time::timeout(pause, service.wait()).await;
    assert!(ended.is_err(), "it ended by itself: {ended:?}");
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
        broadcast(&store, &fake, round, TARGETS).await;
        let (moment, pause) = {
            let mut rng = rand::rng();
            (rng.random_range(1..usize::try_from(TARGETS).unwrap() - 20), Duration::from_micros(rng.random_range(0..30_000)))
        };
        assert!(fake.wait_until(PATIENCE, |fake| arrived(fake, round) >= moment).await, "round {round}: nothing is sent");
        goes_on_for(pause, &mut service).await;
        service.kill().await.unwrap();
        let at_kill = arrived(&fake, round);
        service = start(&store, &fake);
        settled(&store, &fake, round).await;
        check(&store, &fake, round, TARGETS, &mut account).await;
        println!("round {round}: killed after {at_kill} of {TARGETS}, now {account:?}");
    }
    service.kill().await.unwrap();
    let engine = match store.engine() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    println!("{engine}: {rounds} kills, {account:?}, lost 0, silent duplicates 0");
}

/// Where the next kill comes. The first six are passed by the process itself, which then dies by SIGKILL (`store::mishap`); the
/// others are seen by the fake, which holds its answers back.
const MOMENTS: [&str; 9] = [
    "before_claim_commit",
    "after_claim_commit",
    "before_connect",
    "after_reply",
    "before_settle_commit",
    "after_settle_commit",
    "after_write",
    "during_recall",
    "at_random",
];
/// New targets for each kill.
const TARGETS_PER_KILL: i64 = 12;

/// Takes back what of `round` has arrived, as a recall does; says how many messages.
async fn recall(store: &Store, round: i64) -> usize {
    let (now, name) = (SystemClock.now(), name_of(round));
    let part = html("【已撤回】");
    let mut tx = store.begin().await.unwrap();
    let mut many = 0;
    for message in deliveries::sent_messages(&mut tx, Origin::Bulletin, &name).await.unwrap() {
        if message.state == DeliveryState::Sent {
            let new = of(&name, &message.channel_id, &part, now);
            let new = NewDelivery { operation: Operation::Delete, revision: 2, message_id: message.message_id.as_deref(), ..new };
            many += usize::from(deliveries::insert(&mut tx, &new, now).await.unwrap());
        }
    }
    tx.commit().await.unwrap();
    many
}

/// Kills the service at `moment`, seen `times` times.
async fn killed_at(moment: &str, times: usize, service: &mut Child, fake: &FakeTelegram, before: usize) {
    let method = match moment {
        "after_write" | "at_random" => "sendmessage",
        "during_recall" => "deletemessage",
        _ => {
            let ended = tokio::time::timeout(PATIENCE, service.wait()).await;
            assert!(ended.is_ok(), "{moment} is never passed");
            return;
        }
    };
    let wanted = if moment == "during_recall" { 1 } else { times };
    assert!(fake.wait_until(PATIENCE, |fake| fake.calls_since(before, method) >= wanted).await, "{moment}: nothing arrives");
    if moment == "at_random" {
        let pause = rand::rng().random_range(0..40_000);
        goes_on_for(Duration::from_micros(pause), service).await;
    }
    service.kill().await.unwrap();
}

/// Until nothing is pending or in flight.
async fn all_settled(store: &Store, fake: &FakeTelegram, rounds: i64) {
    let deadline = tokio::time::Instant::now() + PATIENCE + Duration::from_millis(200) * u32::try_from(rounds).unwrap();
    for round in 0..rounds {
        loop {
            let counts = deliveries::counts(&mut store.read().await.unwrap(), Origin::Bulletin, &name_of(round)).await.unwrap();
            if counts.pending + counts.sending == 0 {
                break;
            }
            assert!(tokio::time::Instant::now() < deadline, "round {round} does not come to an end: {counts:?}");
            fake.is_called_within(Duration::from_millis(100)).await;
        }
    }
}

/// `KILLS=1000 cargo test --test it -- kill::killed_at_every_named --nocapture` is the whole measure; without it each moment once.
#[cfg(debug_assertions)]
#[tokio::test]
async fn killed_at_every_named_moment_nothing_is_lost_and_nothing_sent_twice() {
    let kills: usize = std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(MOMENTS.len());
    let store = fresh_store().await;
    write_knowledge(store.dir.path());
    let fake = FakeTelegram::start(TOKEN).await;
    fake.answer_after(Duration::from_millis(15));
    let (mut done, mut recalled) = (BTreeMap::<&str, usize>::new(), 0);
    for kill in 0..kills {
        let moment = MOMENTS[kill % MOMENTS.len()];
        let round = i64::try_from(kill).unwrap();
        broadcast(&store, &fake, round, TARGETS_PER_KILL).await;
        let mut taken_back = 0;
        if moment == "during_recall" {
            // The kills leave a backlog, so the newest rounds may have nothing that arrived yet.
            for earlier in (0..round).rev() {
                taken_back = recall(&store, earlier).await;
                if taken_back > 0 {
                    break;
                }
            }
            assert!(taken_back > 0, "kill {kill}: nothing has arrived that could be taken back");
        }
        recalled += taken_back;
        let before = fake.calls_since(0, "");
        let times = rand::rng().random_range(1..=8);
        let mut service = start_killed_at(&store, &fake, Some(&format!("{moment}:{times}")));
        killed_at(moment, times, &mut service, &fake, before).await;
        *done.entry(moment).or_default() += 1;
        if kill % 50 == 49 {
            println!("{} kills", kill + 1);
        }
    }
    let rounds = i64::try_from(kills).unwrap();
    let mut service = start(&store, &fake);
    all_settled(&store, &fake, rounds).await;
    service.kill().await.unwrap();
    let mut account = Account::default();
    for round in 0..rounds {
        check(&store, &fake, round, TARGETS_PER_KILL, &mut account).await;
    }
    assert_eq!(account.taken_back, recalled, "every recalled message is gone");
    let total = account.sent + account.unknown;
    assert_eq!(total, kills * usize::try_from(TARGETS_PER_KILL).unwrap());
    println!("{:?}: {kills} kills {done:?}, {total} deliveries, {account:?}, lost 0, silent duplicates 0", store.engine());
}

#[cfg(unix)]
#[tokio::test]
async fn a_sigterm_during_a_broadcast_leaves_nothing_unknown() {
    let store = fresh_store().await;
    let fake = FakeTelegram::start(TOKEN).await;
    fake.answer_after(Duration::from_millis(50));
    let mut service = start(&store, &fake);
    broadcast(&store, &fake, 0, TARGETS).await;
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
    check(&store, &fake, 0, TARGETS, &mut account).await;
    assert_eq!(account.sent, usize::try_from(TARGETS).unwrap());
}
