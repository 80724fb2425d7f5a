//! What shares a commit in the loop of the outbox, and what must not: several results at once, one that comes too late, a chat that
//! somebody else holds, and the pace of what is claimed together.

use std::sync::Arc;
use std::time::Duration;

use taxhome::clock::{Clock, SystemClock};
use taxhome::domain::delivery::{DeliveryState, Origin};
use taxhome::outbox::{Settings, run};
use taxhome::store::Engine;
use taxhome::store::deliveries::{self, StaffOutcome, StaffSettled};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::harness::bench::{Bench, LEASE, html, of, outbox, settings};
use crate::harness::fake_telegram::Fault;

const PATIENCE: Duration = Duration::from_secs(20);

/// Deliveries of one bulletin to so many chats, due now by the clock of the machine.
async fn broadcast(bench: &Bench, chats: i64) {
    for chat in 1..=chats {
        let id = bench.group(-chat).await;
        bench.add(&of("b", &id, &html("b"), SystemClock.now())).await;
    }
}

fn working(bench: &Bench, per_second: u32, stop: &CancellationToken) -> JoinHandle<()> {
    let settings = Settings { messages_per_second: per_second, ..settings() };
    tokio::spawn(run(outbox(&bench.store, &bench.fake.url, settings), Arc::new(SystemClock), stop.clone()))
}

async fn stopped(worker: JoinHandle<()>, stop: &CancellationToken) {
    stop.cancel();
    tokio::time::timeout(PATIENCE, worker).await.unwrap().unwrap();
}

/// The state of the delivery to each chat.
async fn states(bench: &Bench, chats: i64) -> Vec<DeliveryState> {
    let mut states = Vec::new();
    for chat in 1..=chats {
        let id = bench.group(-chat).await;
        let ledger = bench.ledger(Origin::Bulletin, "b").await;
        states.extend(ledger.iter().filter(|delivery| delivery.channel_id == id).map(|delivery| delivery.state));
    }
    states
}

async fn until(bench: &Bench, what: &str, done: impl Fn(&[DeliveryState]) -> bool, chats: i64) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !done(&states(bench, chats).await) {
        assert!(tokio::time::Instant::now() < deadline, "{what}: {:?}", states(bench, chats).await);
        bench.fake.wait_until(Duration::from_millis(20), |_| false).await;
    }
}

#[tokio::test]
async fn a_result_that_comes_too_late_changes_nothing_and_spoils_nothing_that_lands_with_it() {
    let bench = Bench::new().await;
    broadcast(&bench, 6).await;
    for chat in 1..=6 {
        bench.fake.fail_next(-chat, Fault::AcceptThenStall(Duration::from_millis(700)));
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
    let sent = |states: &[DeliveryState]| states.iter().filter(|state| **state == DeliveryState::Sent).count();
    until(&bench, "the others are sent", |states| sent(states) == 5, 6).await;
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
    broadcast(&bench, 5).await;
    for chat in 1..=5 {
        bench.fake.fail_next(-chat, Fault::AcceptThenStall(Duration::from_millis(500)));
    }
    let stop = CancellationToken::new();
    let worker = working(&bench, 1_000, &stop);
    assert!(bench.fake.wait_until(PATIENCE, |fake| fake.calls("sendMessage").len() == 5).await);
    let held = bench.group(-2).await;
    let mut tx = bench.store.begin().await.unwrap();
    sqlx::query("UPDATE channels SET title = 'x' WHERE id = $1").bind(held).execute(&mut *tx).await.unwrap();
    let sent = |states: &[DeliveryState]| states.iter().filter(|state| **state == DeliveryState::Sent).count();
    until(&bench, "the others are settled", |states| sent(states) == 4, 5).await;
    assert_eq!(states(&bench, 5).await[1], DeliveryState::Sending);
    tx.commit().await.unwrap();
    until(&bench, "then this one too", |states| sent(states) == 5, 5).await;
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
