//! Deliveries of which nobody knows whether they arrived: what leaves them so, what takes the doubt away, and what a person may say.

use std::sync::Arc;
use std::time::Duration;

use taxhome::domain::delivery::{DeliveryState, OnAmbiguous};
use taxhome::outbox::Outcome;
use taxhome::store::deliveries::{self, NewDelivery, StaffOutcome, StaffSettled};

use tokio::task::JoinHandle;

use crate::harness::bench::{Bench, LEASE, html, of, outbox, settings};
use crate::harness::fake_telegram::Fault;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_worker_that_stops_in_the_middle_of_a_send_leaves_it_unknown() {
    let mut bench = Bench::new().await;
    let chat = bench.group(-1).await;
    bench.bulletin("b", &chat).await;
    bench.bulletin("c", &chat).await;
    bench.fake.fail_next(-1, Fault::AcceptThenHold);
    let fake = bench.fake.clone();
    tokio::select! {
        _ = bench.outbox.run_once(bench.now) => panic!("the send was to hang"),
        arrived = fake.wait_until(5 * SECOND, |fake| fake.messages(-1).len() == 1) => assert!(arrived),
    }
    bench.advance(Duration::from_millis(100));
    bench.outbox = outbox(&bench.store, &bench.fake.url, settings());
    assert!(matches!(bench.turn().await, Outcome::Idle { .. }), "one in flight per chat: the other one waits");
    bench.advance(LEASE);
    assert_eq!(bench.outbox.sweep(bench.now).await.unwrap().orphans, 1);
    bench.drain(10 * MINUTE).await;
    let mut states = [bench.only("b").await.state, bench.only("c").await.state];
    states.sort_by_key(|state| state.word());
    assert_eq!(states, [DeliveryState::Sent, DeliveryState::Unknown]);
    assert_eq!(bench.fake.messages(-1).len(), 2);
}

#[tokio::test]
async fn the_sweep_at_start_follows_the_policy_of_each_delivery() {
    let mut bench = Bench::new().await;
    let policies = [(1, OnAmbiguous::Ask), (2, OnAmbiguous::Resend), (3, OnAmbiguous::Never)];
    for (person, policy) in policies {
        let chat = bench.private(person).await;
        let part = html("b");
        bench.add(&NewDelivery { on_ambiguous: policy, ..of(policy.word(), &chat, &part, bench.now) }).await;
        bench.fake.fail_next(person, Fault::AcceptThenHold);
    }
    for _ in 0..3 {
        let arrived = bench.fake.calls("sendMessage").len() + 1;
        let fake = bench.fake.clone();
        tokio::select! {
            _ = bench.outbox.run_once(bench.now) => panic!("the send was to hang"),
            seen = fake.wait_until(5 * SECOND, move |fake| fake.calls("sendMessage").len() == arrived) => assert!(seen),
        }
        bench.advance(50 * Duration::from_millis(1));
    }
    // On PostgreSQL another replica might still be sending: there the lease has to be over.
    bench.advance(LEASE);
    assert_eq!(bench.outbox.sweep_at_start(bench.now).await.unwrap().orphans, 3);
    assert_eq!(bench.only("ask").await.state, DeliveryState::Unknown);
    assert_eq!(bench.only("resend").await.state, DeliveryState::Pending);
    assert_eq!(bench.only("never").await.state, DeliveryState::Abandoned);
    bench.drain(MINUTE).await;
    assert_eq!(bench.only("resend").await.state, DeliveryState::Sent);
    assert_eq!([1, 2, 3].map(|person| bench.fake.messages(person).len()), [1, 2, 1]);
}

/// A bulletin that has arrived at -1 and whose answer is held back, its lease over; what will become of the attempt.
async fn answered_after_its_lease() -> (Bench, JoinHandle<sqlx::Result<Outcome>>) {
    let mut bench = Bench::new().await;
    let chat = bench.group(-1).await;
    bench.bulletin("b", &chat).await;
    bench.fake.fail_next(-1, Fault::AcceptThenHold);
    let (sender, at) = (Arc::clone(&bench.outbox), bench.now);
    let slow = tokio::spawn(async move { sender.run_once(at).await });
    assert!(bench.fake.wait_until(5 * SECOND, |fake| fake.messages(-1).len() == 1).await);
    bench.advance(LEASE + SECOND);
    (bench, slow)
}

#[tokio::test]
async fn a_result_after_the_lease_takes_the_doubt_away_and_never_sends_again() {
    let (mut bench, slow) = answered_after_its_lease().await;
    let other = outbox(&bench.store, &bench.fake.url, settings());
    assert_eq!(other.sweep(bench.now).await.unwrap().orphans, 1);
    assert_eq!(bench.only("b").await.state, DeliveryState::Unknown);
    bench.fake.let_go();
    assert!(matches!(slow.await.unwrap().unwrap(), Outcome::Attempted { state: DeliveryState::Sent, .. }));
    bench.drain(10 * MINUTE).await;
    assert_eq!(bench.only("b").await.state, DeliveryState::Sent);
    assert_eq!(bench.fake.messages(-1).len(), 1);
}

#[tokio::test]
async fn a_result_for_a_delivery_that_was_settled_meanwhile_is_recorded_only() {
    let (bench, slow) = answered_after_its_lease().await;
    outbox(&bench.store, &bench.fake.url, settings()).sweep(bench.now).await.unwrap();
    let id = bench.only("b").await.id;
    let mut tx = bench.store.begin().await.unwrap();
    let said = deliveries::settle_by_staff(&mut tx, &id, StaffOutcome::Abandon, "某人", bench.now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(said, StaffSettled::Done);
    bench.fake.let_go();
    assert_eq!(slow.await.unwrap().unwrap(), Outcome::Late { delivery: id });
    let delivery = bench.only("b").await;
    assert_eq!(delivery.state, DeliveryState::Abandoned);
    assert_eq!(delivery.attempts[0].outcome.as_deref(), Some("late_sent"));
}

#[tokio::test]
async fn a_person_settles_an_unknown_delivery_and_nothing_else() {
    let mut bench = Bench::new().await;
    for (id, outcome, state, messages) in [
        ("a", StaffOutcome::Delivered, DeliveryState::Sent, 1),
        ("b", StaffOutcome::Resend, DeliveryState::Sent, 2),
        ("c", StaffOutcome::Abandon, DeliveryState::Abandoned, 1),
    ] {
        let person = i64::from(id.as_bytes()[0]);
        let chat = bench.private(person).await;
        bench.bulletin(id, &chat).await;
        bench.fake.fail_next(person, Fault::AcceptThenDrop);
        bench.drain(SECOND).await;
        // Long after its time: a resend still gets its hour.
        bench.advance(Duration::from_secs(25 * 3600));
        let delivery = bench.only(id).await;
        assert_eq!(delivery.state, DeliveryState::Unknown);
        for expected in [StaffSettled::Done, StaffSettled::NotUnknown(bench_state(outcome))] {
            let mut tx = bench.store.begin().await.unwrap();
            assert_eq!(deliveries::settle_by_staff(&mut tx, &delivery.id, outcome, "某人", bench.now).await.unwrap(), expected);
            tx.commit().await.unwrap();
        }
        bench.drain(MINUTE).await;
        assert_eq!(bench.only(id).await.state, state);
        assert_eq!(bench.fake.messages(person).len(), messages);
    }
}

fn bench_state(outcome: StaffOutcome) -> DeliveryState {
    match outcome {
        StaffOutcome::Delivered => DeliveryState::Sent,
        StaffOutcome::Resend => DeliveryState::Pending,
        StaffOutcome::Abandon => DeliveryState::Abandoned,
    }
}
