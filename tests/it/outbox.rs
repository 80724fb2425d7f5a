//! The outbox's promises: every delivery ends in one visible state, nothing is lost, nothing is sent twice, nobody is flooded.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use taxhome::clock::{Clock, SystemClock};
use taxhome::domain::channel::ChannelKind;
use taxhome::domain::delivery::{DeliveryState, Operation, Origin};
use taxhome::domain::inbound::Scope;
use taxhome::domain::time::Timestamp;
use taxhome::outbox::{Outcome, Settings, run};
use taxhome::store::deliveries::{self, Hold, NewDelivery};
use taxhome::store::{channels, settlements};
use tokio_util::sync::CancellationToken;

use crate::harness::bench::{Bench, html, of, outbox, settings};
use crate::harness::fake_telegram::Fault;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Starts of all attempts at one bulletin, by channel.
async fn starts(bench: &Bench, id: &str) -> Vec<(String, Timestamp)> {
    let ledger = bench.ledger(Origin::Bulletin, id).await;
    let mut starts: Vec<(String, Timestamp)> = ledger
        .iter()
        .flat_map(|delivery| delivery.attempts.iter().map(|attempt| (delivery.channel_id.clone(), attempt.started_at)))
        .collect();
    starts.sort_by_key(|(_, at)| *at);
    starts
}

fn most_within(times: &[Timestamp], window: Duration) -> usize {
    times.iter().enumerate().map(|(at, first)| times[at..].iter().take_while(|time| time.since(*first) < window).count()).max().unwrap_or(0)
}

fn by_state(ledger: &[deliveries::Delivery]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for delivery in ledger {
        *counts.entry(delivery.state.word()).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn pacing_keeps_every_limit_and_uses_what_is_allowed() {
    let mut bench = Bench::new().await;
    for chat in 1..=90 {
        let id = bench.group(-chat).await;
        bench.bulletin("b", &id).await;
    }
    bench.drain(MINUTE).await;
    let times: Vec<Timestamp> = starts(&bench, "b").await.into_iter().map(|(_, at)| at).collect();
    assert_eq!(times.len(), 90);
    assert!(most_within(&times, SECOND) <= 30, "{} in a second", most_within(&times, SECOND));
    let took = times[89].since(times[0]);
    assert!(took < Duration::from_millis(3100), "too slow: {took:?}");
}

#[tokio::test]
async fn one_group_gets_one_message_a_second_and_twenty_a_minute() {
    let mut bench = Bench::new().await;
    let chat = bench.group(-1).await;
    let part = html("b");
    for number in 0..45 {
        bench.add(&NewDelivery { part: number, ..of("b", &chat, &part, bench.now) }).await;
    }
    bench.drain(10 * MINUTE).await;
    let times: Vec<Timestamp> = starts(&bench, "b").await.into_iter().map(|(_, at)| at).collect();
    assert_eq!(times.len(), 45);
    assert_eq!(most_within(&times, SECOND), 1);
    assert!(most_within(&times, MINUTE) <= 20, "{} in a minute", most_within(&times, MINUTE));
    assert!(times[5].since(times[0]) <= 6 * SECOND, "a short conversation is not slowed down");
}

#[tokio::test]
async fn parts_arrive_in_order_even_when_one_is_delayed() {
    let mut bench = Bench::new().await;
    let chat = bench.private(1).await;
    for number in [2, 0, 1] {
        bench.add(&NewDelivery { part: number, ..of("b", &chat, &html(&number.to_string()), bench.now) }).await;
    }
    bench.fake.fail_next(1, Fault::TooMany { retry_after: 3 });
    let lost = Fault::Refuse { code: 407, description: "proxy" };
    bench.fake.fail_next(1, lost);
    bench.drain(MINUTE).await;
    let texts: Vec<String> = bench.fake.messages(1).into_iter().map(|message| message.visible).collect();
    assert_eq!(texts, ["1", "2"], "the first part failed for good, the others follow in order");
}

#[tokio::test]
async fn replies_go_before_bulletins_and_bulletins_are_not_starved() {
    let mut bench = Bench::new().await;
    let mut chats = Vec::new();
    for person in 1..=40 {
        chats.push(bench.private(person).await);
    }
    for chat in &chats[..20] {
        bench.bulletin("b", chat).await;
    }
    bench.advance(SECOND);
    let part = html("答");
    for (at, chat) in chats[20..].iter().enumerate() {
        bench.add(&NewDelivery { origin: Origin::Reply, ..of(&format!("r{at}"), chat, &part, bench.now) }).await;
    }
    for _ in 0..20 {
        while let Outcome::Idle { next_due } = bench.turn().await {
            bench.now = next_due.unwrap();
        }
    }
    let texts: Vec<String> = bench.fake.calls("sendMessage").iter().map(|call| call.parameters["text"].to_string()).collect();
    let replies = texts.iter().filter(|text| text.contains('答')).count();
    assert_eq!(replies, 18, "of twenty turns two are the floor share of bulletins: {texts:?}");
}

#[tokio::test]
async fn quiet_hours_hold_bulletins_but_neither_replies_nor_recalls() {
    let mut bench = Bench::quiet("21:00", "08:00").await;
    let chat = bench.private(1).await;
    bench.bulletin("early", &chat).await;
    bench.drain(SECOND).await;
    bench.now = Timestamp::parse("2027-04-01T22:30:00+08:00").unwrap();
    bench.bulletin("late", &chat).await;
    assert_eq!(bench.turn().await, Outcome::Idle { next_due: Timestamp::parse("2027-04-02T08:00:00+08:00").ok() });
    let part = html("答");
    bench.add(&NewDelivery { origin: Origin::Reply, ..of("r", &chat, &part, bench.now) }).await;
    bench.add(&NewDelivery { operation: Operation::Delete, ..of("early", &chat, &part, bench.now) }).await;
    bench.drain(MINUTE).await;
    let posted = bench.fake.messages(1);
    assert_eq!(
        posted.iter().map(|message| (message.visible.as_str(), message.deleted)).collect::<Vec<_>>(),
        [("early", true), ("答", false)]
    );
    bench.drain(Duration::from_secs(10 * 3600)).await;
    assert_eq!(bench.only("late").await.state, DeliveryState::Sent);
    assert!(bench.only("late").await.settled_at >= Timestamp::parse("2027-04-02T08:00:00+08:00").ok());
}

#[tokio::test]
async fn a_paused_bulletin_waits_and_goes_on_when_released() {
    let mut bench = Bench::new().await;
    let chat = bench.group(-1).await;
    bench.bulletin("b", &chat).await;
    let mut tx = bench.store.begin().await.unwrap();
    assert_eq!(deliveries::set_held(&mut tx, Origin::Bulletin, "b", Hold::Paused, bench.now).await.unwrap(), 1);
    tx.commit().await.unwrap();
    bench.drain(MINUTE).await;
    assert!(bench.only("b").await.held);
    assert!(bench.fake.journal().is_empty());
    let mut tx = bench.store.begin().await.unwrap();
    deliveries::set_held(&mut tx, Origin::Bulletin, "b", Hold::Released, bench.now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bench.attempt().await, DeliveryState::Sent);
}

#[tokio::test]
async fn a_cancelled_bulletin_is_never_sent() {
    let mut bench = Bench::new().await;
    let chat = bench.group(-1).await;
    bench.bulletin("b", &chat).await;
    let mut tx = bench.store.begin().await.unwrap();
    assert_eq!(deliveries::cancel_pending(&mut tx, Origin::Bulletin, "b", bench.now).await.unwrap(), 1);
    tx.commit().await.unwrap();
    bench.drain(MINUTE).await;
    assert_eq!(bench.only("b").await.state, DeliveryState::Cancelled);
    assert!(bench.fake.journal().is_empty());
}

#[tokio::test]
async fn what_is_too_late_expires_and_is_never_blasted_out_late() {
    let mut bench = Bench::new().await;
    let chat = bench.group(-1).await;
    let part = html("b");
    bench.add(&NewDelivery { not_after: bench.now.plus(MINUTE), ..of("b", &chat, &part, bench.now) }).await;
    bench.advance(MINUTE);
    assert!(matches!(bench.turn().await, Outcome::Idle { .. }));
    assert_eq!(bench.only("b").await.state, DeliveryState::Expired);
    assert!(bench.fake.journal().is_empty());
}

#[tokio::test]
async fn the_same_delivery_is_added_once() {
    let mut bench = Bench::new().await;
    let chat = bench.group(-1).await;
    let part = html("b");
    bench.add(&of("b", &chat, &part, bench.now)).await;
    let mut tx = bench.store.begin().await.unwrap();
    assert!(!deliveries::insert(&mut tx, &of("b", &chat, &part, bench.now), bench.now).await.unwrap());
    tx.commit().await.unwrap();
    bench.drain(MINUTE).await;
    assert_eq!(bench.fake.messages(-1).len(), 1);
}

#[tokio::test]
async fn the_print_channel_needs_no_account_and_keeps_the_same_ledger() {
    let mut bench = Bench::new().await;
    let mut tx = bench.store.begin().await.unwrap();
    let chat = channels::ensure(&mut tx, ChannelKind::Print, "大厅", "大厅", Scope::Group, true, bench.now).await.unwrap();
    tx.commit().await.unwrap();
    bench.bulletin("b", &chat).await;
    bench.drain(MINUTE).await;
    let part = html("更正");
    bench.add(&NewDelivery { operation: Operation::Edit, revision: 2, ..of("b", &chat, &part, bench.now) }).await;
    bench.drain(MINUTE).await;
    let ledger = bench.ledger(Origin::Bulletin, "b").await;
    assert_eq!(by_state(&ledger), BTreeMap::from([("sent", 2)]));
    assert!(ledger.iter().all(|delivery| delivery.message_id.as_deref().is_some_and(|id| id.starts_with("print-"))));
}

#[tokio::test]
async fn three_hundred_targets_with_a_429_and_a_403_all_end_in_a_visible_state() {
    let mut bench = Bench::new().await;
    for chat in 1..=300 {
        let id = bench.group(-chat).await;
        bench.bulletin("b", &id).await;
    }
    bench.fake.fail_next(-7, Fault::TooMany { retry_after: 5 });
    bench.fake.fail_always(-9, Fault::Refuse { code: 403, description: "Forbidden: bot was kicked from the group chat" });
    let start = bench.now;
    // A restart in the middle: another worker goes on where the first stood.
    for _ in 0..200 {
        if let Outcome::Idle { next_due } = bench.turn().await {
            bench.now = next_due.unwrap();
        }
    }
    bench.outbox = outbox(&bench.store, &bench.fake.url, settings());
    assert_eq!(bench.outbox.sweep_at_start(bench.now).await.unwrap().orphans, 0);
    bench.drain(10 * MINUTE).await;
    assert_eq!(by_state(&bench.ledger(Origin::Bulletin, "b").await), BTreeMap::from([("failed", 1), ("sent", 299)]));
    for chat in 1..=300 {
        assert_eq!(bench.fake.messages(-chat).len(), usize::from(chat != 9), "chat {chat}");
    }
    assert!(bench.now.since(start) < 20 * SECOND, "30 a second were allowed, it took {:?}", bench.now.since(start));
}

#[tokio::test]
async fn two_replicas_that_share_a_store_send_everything_once_and_stop_cleanly() {
    let bench = Bench::new().await;
    for chat in 1..=120 {
        let id = bench.group(-chat).await;
        bench.add(&of("b", &id, &html("b"), SystemClock.now())).await;
    }
    let stop = CancellationToken::new();
    let fast = || Settings { messages_per_second: 200, ..settings() };
    let workers: Vec<_> =
        (0..2).map(|_| tokio::spawn(run(outbox(&bench.store, &bench.fake.url, fast()), Arc::new(SystemClock), stop.clone()))).collect();
    let done = |fake: &crate::harness::fake_telegram::FakeTelegram| fake.calls("sendMessage").len() >= 120;
    assert!(bench.fake.wait_until(Duration::from_secs(30), done).await);
    stop.cancel();
    for worker in workers {
        tokio::time::timeout(10 * SECOND, worker).await.unwrap().unwrap();
    }
    assert_eq!(by_state(&bench.ledger(Origin::Bulletin, "b").await), BTreeMap::from([("sent", 120)]));
    assert!((1..=120).all(|chat| bench.fake.messages(-chat).len() == 1));
}

#[tokio::test]
async fn a_clean_stop_waits_for_what_is_in_the_air() {
    let bench = Bench::new().await;
    for chat in 1..=30 {
        let id = bench.group(-chat).await;
        bench.add(&of("b", &id, &html("b"), SystemClock.now())).await;
        bench.fake.fail_next(-chat, Fault::AcceptThenHold);
    }
    let stop = CancellationToken::new();
    let settings = Settings { messages_per_second: 1000, ..settings() };
    let worker = tokio::spawn(run(outbox(&bench.store, &bench.fake.url, settings), Arc::new(SystemClock), stop.clone()));
    assert!(bench.fake.wait_until(5 * SECOND, |fake| fake.calls("sendMessage").len() >= 8).await);
    stop.cancel();
    bench.fake.let_go();
    tokio::time::timeout(10 * SECOND, worker).await.unwrap().unwrap();
    let counts = by_state(&bench.ledger(Origin::Bulletin, "b").await);
    assert_eq!(counts.keys().copied().collect::<Vec<_>>(), ["pending", "sent"], "{counts:?}");
    assert_eq!(counts["sent"], bench.fake.calls("sendMessage").len());
}

#[tokio::test]
async fn a_delivery_added_while_the_worker_sleeps_wakes_it() {
    let bench = Bench::new().await;
    let (other, chat) = (bench.private(2).await, bench.private(1).await);
    let stop = CancellationToken::new();
    let worker = tokio::spawn(run(Arc::clone(&bench.outbox), Arc::new(SystemClock), stop.clone()));
    let part = html("答");
    bench.add(&NewDelivery { origin: Origin::Reply, ..of("before", &other, &part, SystemClock.now()) }).await;
    // After its last one it sleeps.
    assert!(bench.fake.wait_until(5 * SECOND, |fake| fake.messages(2).len() == 1).await);
    let asked = tokio::time::Instant::now();
    bench.add(&NewDelivery { origin: Origin::Reply, ..of("r", &chat, &part, SystemClock.now()) }).await;
    assert!(bench.fake.wait_until(5 * SECOND, |fake| fake.messages(1).len() == 1).await);
    assert!(asked.elapsed() < Duration::from_millis(400), "it was not woken: {:?}", asked.elapsed());
    stop.cancel();
    worker.await.unwrap();
}

#[tokio::test]
async fn a_lost_wake_up_is_repaired_by_the_sweep() {
    let bench = Bench::new().await;
    let chat = bench.group(-1).await;
    bench.bulletin("b", &chat).await;
    let mut tx = bench.store.begin().await.unwrap();
    assert_eq!(settlements::wake_waiting(&mut tx, bench.now).await.unwrap(), 0, "nothing to repair");
    sqlx::query("UPDATE channels SET wake_at = NULL").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bench.attempt().await, DeliveryState::Sent, "the first turn sweeps");
    assert_eq!(bench.only("b").await.state, DeliveryState::Sent);
}
