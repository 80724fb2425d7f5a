//! What shares a commit in the loop of the outbox, and what must not: several results at once, one that comes too late, a chat that
//! somebody else holds, and the pace of what is claimed together.

use std::sync::Arc;
use std::time::Duration;

use taxhome::channels::Senders;
use taxhome::channels::telegram::{Client, Telegram};
use taxhome::clock::{Clock, SystemClock};
use taxhome::domain::channel::ChannelKind;
use taxhome::domain::delivery::{DeliveryState, Origin};
use taxhome::outbox::{Outbox, Settings, run};
use taxhome::store::Engine;
use taxhome::store::deliveries::{self, StaffOutcome, StaffSettled};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::harness::bench::{Bench, LEASE, html, of, outbox, settings, telegram_config};
use crate::harness::fake_telegram::Fault;

const PATIENCE: Duration = Duration::from_secs(20);

/// Deliveries of one bulletin to so many chats, due now by the clock of the machine; the ids of their channels.
async fn broadcast(bench: &Bench, chats: i64) -> Vec<String> {
    let mut channels = Vec::new();
    for chat in 1..=chats {
        let id = bench.group(-chat).await;
        bench.add(&of("b", &id, &html("b"), SystemClock.now())).await;
        channels.push(id);
    }
    channels
}

fn working(bench: &Bench, per_second: u32, stop: &CancellationToken) -> JoinHandle<()> {
    let client = Client::new(&telegram_config(&bench.fake.url)).unwrap();
    let senders = Senders::default().with(ChannelKind::Telegram, Arc::new(Telegram::new(client)));
    let settings = Settings { messages_per_second: per_second, ..settings() };
    let outbox = Outbox::new(bench.store.handle(), senders, settings);
    tokio::spawn(run(Arc::new(outbox), Arc::new(SystemClock), stop.clone()))
}

async fn stopped(worker: JoinHandle<()>, stop: &CancellationToken) {
    stop.cancel();
    tokio::time::timeout(PATIENCE, worker).await.unwrap().unwrap();
}

/// The state of the delivery to this channel.
async fn state_at(bench: &Bench, channel: &str) -> DeliveryState {
    let ledger = bench.ledger(Origin::Bulletin, "b").await;
    ledger.iter().find(|delivery| delivery.channel_id == channel).unwrap().state
}

async fn until_sent(bench: &Bench, many: usize) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let ledger = bench.ledger(Origin::Bulletin, "b").await;
        if ledger.iter().filter(|delivery| delivery.state == DeliveryState::Sent).count() == many {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "not {many} are sent: {ledger:?}");
        bench.fake.is_called_within(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_result_that_comes_too_late_changes_nothing_and_spoils_nothing_that_lands_with_it() {
    let bench = Bench::new().await;
    broadcast(&bench, 6).await;
    for chat in 1..=6 {
        bench.fake.fail_next(-chat, Fault::AcceptThenHold);
    }
    let stop = CancellationToken::new();
    let worker = working(&bench, 1_000, &stop);
    assert!(bench.fake.wait_until(PATIENCE, |fake| fake.calls("sendMessage").len() == 6).await);
    // As another replica that finds the leases over, and a person who then gives one up.
    let later = SystemClock.now().plus(LEASE * 2);
    assert_eq!(outbox(&bench.store, &bench.fake.url, settings()).sweep(later).await.unwrap().orphans, 6);
    let given_up = bench.ledger(Origin::Bulletin, "b").await.remove(3).id;
    let mut tx = bench.store.begin().await.unwrap();
    let said = deliveries::settle_by_staff(&mut tx, &given_up, StaffOutcome::Abandon, "某人", later).await.unwrap();
    assert_eq!(said, StaffSettled::Done);
    tx.commit().await.unwrap();
    bench.fake.let_go();
    until_sent(&bench, 5).await;
    stopped(worker, &stop).await;
    for delivery in bench.ledger(Origin::Bulletin, "b").await {
        let (state, outcome) =
            if delivery.id == given_up { (DeliveryState::Abandoned, "late_sent") } else { (DeliveryState::Sent, "sent") };
        assert_eq!((delivery.state, delivery.attempts[0].outcome.as_deref()), (state, Some(outcome)));
        assert_eq!(delivery.attempts.len(), 1);
    }
    assert!((1..=6).all(|chat| bench.fake.messages(-chat).len() == 1));
}

#[tokio::test]
async fn a_chat_that_is_being_written_keeps_no_other_waiting() {
    let bench = Bench::new().await;
    if bench.store.engine() == Engine::Sqlite {
        // One writer: whoever holds a chat holds everything.
        return;
    }
    let channels = broadcast(&bench, 5).await;
    for chat in 1..=5 {
        bench.fake.fail_next(-chat, Fault::AcceptThenHold);
    }
    let stop = CancellationToken::new();
    let worker = working(&bench, 1_000, &stop);
    assert!(bench.fake.wait_until(PATIENCE, |fake| fake.calls("sendMessage").len() == 5).await);
    let mut tx = bench.store.begin().await.unwrap();
    sqlx::query("UPDATE channels SET title = 'x' WHERE id = $1").bind(channels[1].clone()).execute(&mut *tx).await.unwrap();
    bench.fake.let_go();
    until_sent(&bench, 4).await;
    assert_eq!(state_at(&bench, &channels[1]).await, DeliveryState::Sending);
    tx.commit().await.unwrap();
    until_sent(&bench, 5).await;
    stopped(worker, &stop).await;
    assert!((1..=5).all(|chat| bench.fake.messages(-chat).len() == 1));
}

#[tokio::test]
async fn what_is_claimed_together_keeps_the_pace() {
    let bench = Bench::new().await;
    broadcast(&bench, 150).await;
    let stop = CancellationToken::new();
    let worker = working(&bench, 100, &stop);
    assert!(bench.fake.wait_until(PATIENCE, |fake| fake.calls("sendMessage").len() == 150).await);
    stopped(worker, &stop).await;
    let ledger = bench.ledger(Origin::Bulletin, "b").await;
    assert!(ledger.iter().all(|delivery| delivery.state == DeliveryState::Sent && delivery.attempts.len() == 1));
    let mut begun: Vec<i64> = ledger.iter().map(|delivery| delivery.attempts[0].started_at.millis()).collect();
    begun.sort_unstable();
    let most = begun.iter().enumerate().map(|(at, first)| begun[at..].iter().take_while(|time| **time < first + 1_000).count()).max();
    assert!(most.unwrap() <= 100, "{most:?} in a second");
}
