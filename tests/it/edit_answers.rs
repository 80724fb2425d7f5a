//! What the outside world's answers mean for a change of a message that is there: edits and deletions, which are safe to repeat.

use std::time::Duration;

use taxhome::domain::delivery::{DeliveryState, Operation, Origin};
use taxhome::store::deliveries::{NewDelivery, SentMessage, sent_messages};

use crate::harness::bench::{Bench, html, of};
use crate::harness::fake_telegram::Fault;

const SECOND: Duration = Duration::from_secs(1);

async fn sent_message(bench: &Bench, id: &str) -> SentMessage {
    sent_messages(&mut bench.store.read().await.unwrap(), Origin::Bulletin, id).await.unwrap().remove(0)
}

async fn follow_up(bench: &Bench, chat: &str, operation: Operation, revision: i64, text: &str) {
    let part = html(text);
    bench.add(&NewDelivery { operation, revision, ..of("b", chat, &part, bench.now) }).await;
}

async fn sent_bulletin() -> (Bench, String) {
    let mut bench = Bench::new().await;
    let chat = bench.group(-1).await;
    bench.bulletin("b", &chat).await;
    bench.drain(SECOND).await;
    assert_eq!(sent_message(&bench, "b").await.state, DeliveryState::Sent);
    bench.advance(5 * SECOND);
    (bench, chat)
}

#[tokio::test]
async fn an_edit_that_is_there_already_counts_as_done() {
    let (bench, chat) = sent_bulletin().await;
    follow_up(&bench, &chat, Operation::Edit, 2, "b").await;
    assert_eq!(bench.attempt().await, DeliveryState::Sent);
    assert_eq!(bench.fake.calls("editMessageText")[0].status, 400);
}

#[tokio::test]
async fn edits_and_deletes_are_repeated_after_an_unclear_answer() {
    let (mut bench, chat) = sent_bulletin().await;
    follow_up(&bench, &chat, Operation::Edit, 2, "更正").await;
    bench.fake.fail_next(-1, Fault::AcceptThenServerError);
    assert_eq!(bench.attempt().await, DeliveryState::Pending);
    bench.drain(60 * SECOND).await;
    assert_eq!(bench.fake.messages(-1)[0].visible, "更正");

    follow_up(&bench, &chat, Operation::Delete, 2, "【已撤回】").await;
    bench.fake.fail_next(-1, Fault::AcceptThenDrop);
    bench.drain(60 * SECOND).await;
    assert!(bench.fake.messages(-1)[0].deleted);
    let ledger = bench.ledger(Origin::Bulletin, "b").await;
    assert!(ledger.iter().all(|delivery| delivery.state == DeliveryState::Sent), "{ledger:?}");
}

#[tokio::test]
async fn a_message_too_old_to_delete_is_replaced_and_reported() {
    let (mut bench, chat) = sent_bulletin().await;
    bench.fake.make_undeletable(-1);
    follow_up(&bench, &chat, Operation::Delete, 1, "【已撤回】").await;
    bench.drain(10 * SECOND).await;
    let posted = bench.fake.messages(-1).remove(0);
    assert_eq!((posted.visible.as_str(), posted.deleted), ("【已撤回】", false));
    let ledger = bench.ledger(Origin::Bulletin, "b").await;
    let recall = ledger.iter().find(|delivery| delivery.operation == Operation::Delete).unwrap();
    assert_eq!(recall.state, DeliveryState::Sent);
    assert!(recall.reason.as_deref().unwrap().contains("too old to delete"));
}

#[tokio::test]
async fn an_edit_waits_for_its_send_and_lists_as_waiting_while_that_is_unknown() {
    let mut bench = Bench::new().await;
    let chat = bench.group(-1).await;
    bench.bulletin("b", &chat).await;
    follow_up(&bench, &chat, Operation::Edit, 2, "更正").await;
    bench.fake.fail_next(-1, Fault::AcceptThenDrop);
    bench.drain(600 * SECOND).await;
    assert_eq!(bench.fake.calls("editMessageText").len(), 0);
    assert_eq!(sent_message(&bench, "b").await.state, DeliveryState::Unknown);
    let ledger = bench.ledger(Origin::Bulletin, "b").await;
    assert!(ledger.iter().any(|delivery| delivery.operation == Operation::Edit && delivery.state == DeliveryState::Pending));
}
