//! Row by row: what the outside world's answers mean for a delivery. The real client, a real socket, the fake Bot API behind it.

use std::sync::Arc;
use std::time::Duration;

use taxhome::channels::Senders;
use taxhome::channels::telegram::{Client, Telegram};
use taxhome::domain::channel::ChannelKind;
use taxhome::domain::delivery::{DeliveryState, OnAmbiguous, Origin};
use taxhome::domain::inbound::Scope;
use taxhome::domain::message::{Button, Message};
use taxhome::domain::render::{Part, PartMarkup, render};
use taxhome::outbox::{Outbox, Outcome, Settings};
use taxhome::store::channels;
use taxhome::store::deliveries::NewDelivery;

use crate::harness::bench::{Bench, TOKEN, html, of, outbox, settings, telegram_config};
use crate::harness::fake_telegram::{FakeTelegram, Fault};

const SECOND: Duration = Duration::from_secs(1);

fn outcomes(delivery: &taxhome::store::deliveries::Delivery) -> Vec<&str> {
    delivery.attempts.iter().map(|attempt| attempt.outcome.as_deref().unwrap_or("-")).collect()
}

#[tokio::test]
async fn a_200_with_a_message_id_is_sent() {
    let bench = Bench::new().await;
    let chat = bench.group(-1).await;
    bench.bulletin("b", &chat).await;
    assert_eq!(bench.attempt().await, DeliveryState::Sent);
    let posted = bench.fake.messages(-1);
    assert_eq!(posted.len(), 1);
    assert_eq!(posted[0].visible, "b");
    let delivery = bench.only("b").await;
    assert_eq!(delivery.message_id, Some(posted[0].id.to_string()));
    assert_eq!(outcomes(&delivery), ["sent"]);
    assert!(delivery.settled_at.is_some());
}

#[tokio::test]
async fn thread_reply_and_buttons_arrive_as_asked() {
    let bench = Bench::new().await;
    let chat = bench.group(-1).await;
    bench.fake.topic(-1, 77);
    let message =
        Message::text("正文 1<2 & 3").with_buttons(vec![Button::data("报名", "enrol:1"), Button::url("原文", "https://example.org/a")]);
    let part = render(&message, ChannelKind::Telegram.limits()).remove(0);
    bench.add(&NewDelivery { thread: Some("77"), reply_to: Some("5"), ..of("b", &chat, &part, bench.now) }).await;
    assert_eq!(bench.attempt().await, DeliveryState::Sent);
    let posted = bench.fake.messages(-1).remove(0);
    assert_eq!((posted.thread, posted.reply_to), (Some(77), Some(5)));
    assert_eq!(posted.visible, "正文 1<2 & 3");
    assert_eq!(posted.markup["inline_keyboard"][0][0]["callback_data"], "enrol:1");
    assert_eq!(posted.markup["inline_keyboard"][0][1]["url"], "https://example.org/a");
}

#[tokio::test]
async fn a_refused_connection_is_not_sent_and_backs_off_1_2_5_15_60_60() {
    let mut bench = Bench::new().await;
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    bench.outbox = outbox(&bench.store, &closed, settings());
    let chat = bench.group(-1).await;
    bench.bulletin("b", &chat).await;
    for expected in [1, 2, 5, 15, 60, 60] {
        assert_eq!(bench.attempt().await, DeliveryState::Pending);
        let delivery = bench.only("b").await;
        assert_eq!(delivery.due_at.since(bench.now), Duration::from_secs(expected));
        let reason = delivery.reason.unwrap();
        assert!(!reason.contains(TOKEN) && !reason.contains("bot7000001"), "the token leaked: {reason}");
        assert!(matches!(bench.turn().await, Outcome::Idle { .. }));
        bench.advance(Duration::from_secs(expected));
    }
    bench.outbox = outbox(&bench.store, &bench.fake.url, settings());
    assert_eq!(bench.attempt().await, DeliveryState::Sent);
    assert_eq!(bench.fake.messages(-1).len(), 1);
}

#[tokio::test]
async fn a_name_nobody_knows_and_a_server_without_tls_are_not_sent() {
    let plain = FakeTelegram::start(TOKEN).await;
    for address in ["http://nobody.invalid".to_owned(), plain.url.replace("http://", "https://")] {
        let mut bench = Bench::new().await;
        bench.outbox = outbox(&bench.store, &address, settings());
        let chat = bench.group(-1).await;
        bench.bulletin("b", &chat).await;
        assert_eq!(bench.attempt().await, DeliveryState::Pending, "{address}");
        assert_eq!(outcomes(&bench.only("b").await), ["not_sent"], "{address}");
    }
    assert!(plain.journal().is_empty());
}

/// Takes the five seconds of the connect time-out.
#[tokio::test]
async fn a_server_that_takes_no_connection_is_not_sent() {
    let full = tokio::net::TcpSocket::new_v4().unwrap();
    full.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = full.local_addr().unwrap();
    let listener = full.listen(1).unwrap();
    // Nobody accepts, and the line of those who wait is full: whoever comes next is not even refused.
    let in_line: Vec<_> = (0..8).map(|_| tokio::spawn(tokio::net::TcpStream::connect(address))).collect();
    let mut bench = Bench::new().await;
    let client = Client::new(&telegram_config(&format!("http://{address}"))).unwrap();
    let senders = Senders::default().with(ChannelKind::Telegram, Arc::new(Telegram::new(client)));
    bench.outbox = Arc::new(Outbox::new(bench.store.clone(), senders, settings()));
    let chat = bench.group(-1).await;
    bench.bulletin("b", &chat).await;
    assert_eq!(bench.attempt().await, DeliveryState::Pending);
    let delivery = bench.only("b").await;
    assert_eq!(outcomes(&delivery), ["not_sent"]);
    assert_eq!(delivery.due_at.since(bench.now), SECOND, "it is tried again like any other that found no server");
    drop((listener, in_line));
}

#[tokio::test]
async fn back_off_is_shaken_by_a_fifth_at_most() {
    for (shake, milliseconds) in [(-1.0, 800), (0.5, 1_100), (1.0, 1_200), (9.0, 1_200)] {
        let mut bench = Bench::new().await;
        bench.outbox = outbox(&bench.store, "http://127.0.0.1:9", Settings { jitter: Arc::new(move || shake), ..settings() });
        let chat = bench.group(-1).await;
        bench.bulletin("b", &chat).await;
        assert_eq!(bench.attempt().await, DeliveryState::Pending);
        assert_eq!(bench.only("b").await.due_at.since(bench.now), Duration::from_millis(milliseconds));
    }
}

#[tokio::test]
async fn what_may_have_arrived_is_unknown_and_never_sent_again_by_itself() {
    let faults = [Fault::AcceptThenServerError, Fault::AcceptThenDrop, Fault::AcceptThenGarbage, Fault::AcceptThenHold, Fault::ServerError];
    for fault in faults {
        let mut bench = Bench::new().await;
        let chat = bench.group(-1).await;
        bench.bulletin("b", &chat).await;
        bench.fake.fail_next(-1, fault.clone());
        assert_eq!(bench.attempt().await, DeliveryState::Unknown, "{fault:?}");
        bench.drain(Duration::from_secs(3600)).await;
        let delivery = bench.only("b").await;
        assert_eq!(delivery.state, DeliveryState::Unknown, "{fault:?}");
        assert!(!delivery.reason.unwrap().contains(TOKEN));
        assert!(bench.fake.messages(-1).len() <= 1, "{fault:?} sent it twice");
    }
}

#[tokio::test]
async fn a_policy_of_resending_sends_once_more_and_not_a_third_time() {
    let mut bench = Bench::new().await;
    let chat = bench.group(-1).await;
    let part = html("b");
    bench.add(&NewDelivery { on_ambiguous: OnAmbiguous::Resend, ..of("b", &chat, &part, bench.now) }).await;
    bench.fake.fail_always(-1, Fault::AcceptThenServerError);
    assert_eq!(bench.attempt().await, DeliveryState::Pending);
    assert!(bench.only("b").await.reason.unwrap().starts_with("sent once more by policy"));
    bench.drain(Duration::from_secs(3600)).await;
    let delivery = bench.only("b").await;
    assert_eq!(delivery.state, DeliveryState::Unknown);
    assert_eq!(outcomes(&delivery), ["unknown", "unknown"]);
    assert_eq!(bench.fake.messages(-1).len(), 2);
}

#[tokio::test]
async fn a_policy_of_never_resending_gives_up_an_unknown_outcome() {
    let mut bench = Bench::new().await;
    let chat = bench.private(9).await;
    let part = html("b");
    bench.add(&NewDelivery { on_ambiguous: OnAmbiguous::Never, ..of("b", &chat, &part, bench.now) }).await;
    bench.fake.fail_next(9, Fault::AcceptThenDrop);
    assert_eq!(bench.attempt().await, DeliveryState::Abandoned);
    bench.drain(Duration::from_secs(3600)).await;
    assert_eq!(bench.fake.messages(9).len(), 1);
}

#[tokio::test]
async fn a_429_freezes_its_chat_for_as_long_as_it_says_and_costs_no_attempt() {
    let mut bench = Bench::new().await;
    let (slow, other) = (bench.group(-1).await, bench.group(-2).await);
    bench.bulletin("b", &slow).await;
    bench.fake.fail_next(-1, Fault::TooMany { retry_after: 7 });
    assert_eq!(bench.attempt().await, DeliveryState::Pending);
    bench.bulletin("c", &other).await;
    bench.advance(SECOND);
    assert_eq!(bench.attempt().await, DeliveryState::Sent, "another chat goes on");
    bench.advance(5 * SECOND);
    assert_eq!(bench.turn().await, Outcome::Idle { next_due: Some(bench.now.plus(SECOND)) });
    bench.advance(SECOND);
    assert_eq!(bench.attempt().await, DeliveryState::Sent);
    assert_eq!(outcomes(&bench.only("b").await), ["frozen", "sent"]);
    assert_eq!(bench.fake.messages(-1).len(), 1);
}

#[tokio::test]
async fn three_chats_frozen_within_a_second_freeze_the_bot() {
    let mut bench = Bench::new().await;
    for chat in [-1, -2, -3, -4] {
        let id = bench.group(chat).await;
        bench.bulletin("b", &id).await;
    }
    for chat in [-1, -2, -3, -4] {
        bench.fake.fail_next(chat, Fault::TooMany { retry_after: 9 });
    }
    let start = bench.now;
    bench.drain(3 * SECOND).await;
    assert_eq!(bench.fake.calls("sendMessage").len(), 3, "the fourth chat waits with the bot");
    bench.drain(60 * SECOND).await;
    assert!(bench.now.since(start) >= 9 * SECOND);
    assert!(bench.ledger(Origin::Bulletin, "b").await.iter().all(|delivery| delivery.state == DeliveryState::Sent));
}

#[tokio::test]
async fn an_upgraded_group_gets_its_pending_messages_at_its_new_address() {
    let mut bench = Bench::new().await;
    let chat = bench.group(-1).await;
    bench.bulletin("b", &chat).await;
    bench.bulletin("c", &chat).await;
    bench.fake.migrate(-1, -1001);
    bench.drain(10 * SECOND).await;
    assert_eq!(bench.fake.messages(-1).len(), 0);
    assert_eq!(bench.fake.messages(-1001).len(), 2);
    let channel = channels::get(&mut bench.store.read().await.unwrap(), &chat).await.unwrap().unwrap();
    assert_eq!(channel.address, "-1001");
}

#[tokio::test]
async fn an_upgraded_group_that_is_registered_twice_gets_the_message_once() {
    let mut bench = Bench::new().await;
    let (old, new) = (bench.group(-1).await, bench.group(-1001).await);
    bench.bulletin("b", &new).await;
    bench.drain(SECOND).await;
    assert_eq!(bench.fake.messages(-1001).len(), 1);
    bench.bulletin("c", &old).await;
    bench.bulletin("b", &old).await;
    bench.fake.migrate(-1, -1001);
    bench.drain(60 * SECOND).await;
    let texts: Vec<String> = bench.fake.messages(-1001).into_iter().map(|message| message.visible).collect();
    assert_eq!(texts, ["c"], "b went out to the new address before it was registered twice");
    let closed = channels::get(&mut bench.store.read().await.unwrap(), &old).await.unwrap().unwrap();
    assert!(!closed.is_target && !closed.reachable);
}

#[tokio::test]
async fn a_403_fails_the_delivery_and_holds_what_else_waits_for_the_chat_until_it_is_reachable_again() {
    let mut bench = Bench::new().await;
    let chat = bench.group(-1).await;
    bench.bulletin("b", &chat).await;
    bench.bulletin("c", &chat).await;
    bench.fake.fail_always(-1, Fault::Refuse { code: 403, description: "Forbidden: bot was kicked from the supergroup chat" });
    bench.drain(60 * SECOND).await;
    assert_eq!(bench.fake.calls("sendMessage").len(), 1);
    let channel = channels::get(&mut bench.store.read().await.unwrap(), &chat).await.unwrap().unwrap();
    assert!(!channel.reachable);
    assert!(channel.unreachable_reason.unwrap().contains("kicked"));
    let mut states = vec![bench.only("b").await.state, bench.only("c").await.state];
    states.sort_by_key(|state| state.word());
    assert_eq!(states, [DeliveryState::Failed, DeliveryState::Pending]);

    bench.fake.heal(-1);
    let mut tx = bench.store.begin().await.unwrap();
    channels::set_reachable(&mut tx, &chat, None).await.unwrap();
    tx.commit().await.unwrap();
    bench.drain(60 * SECOND).await;
    assert_eq!(bench.fake.messages(-1).len(), 1);
}

#[tokio::test]
async fn every_403_makes_the_chat_unreachable() {
    for description in [
        "Forbidden: bot was kicked from the group chat",
        "Forbidden: bot was blocked by the user",
        "Forbidden: user is deactivated",
        "Forbidden: bot can't initiate conversation with a user",
        "Forbidden: the group chat was deleted",
    ] {
        let mut bench = Bench::new().await;
        let chat = bench.group(-1).await;
        bench.bulletin("b", &chat).await;
        bench.fake.fail_always(-1, Fault::Refuse { code: 403, description });
        bench.drain(60 * SECOND).await;
        assert_eq!(outcomes(&bench.only("b").await), ["unreachable"], "{description}");
        let channel = channels::get(&mut bench.store.read().await.unwrap(), &chat).await.unwrap().unwrap();
        assert_eq!((channel.reachable, channel.unreachable_reason), (false, Some(format!("403 {description}"))));
    }
}

#[tokio::test]
async fn a_400_that_nothing_can_help_fails() {
    for description in [
        "Bad Request: chat not found",
        "Bad Request: not enough rights to send text messages to the chat",
        "Bad Request: CHAT_WRITE_FORBIDDEN",
    ] {
        let mut bench = Bench::new().await;
        let chat = bench.group(-1).await;
        bench.bulletin("b", &chat).await;
        bench.fake.fail_always(-1, Fault::Refuse { code: 400, description });
        assert_eq!(bench.attempt().await, DeliveryState::Failed);
        bench.drain(3600 * SECOND).await;
        let delivery = bench.only("b").await;
        assert_eq!(delivery.reason.as_deref(), Some(format!("400 {description}").as_str()));
        assert_eq!(bench.fake.calls("sendMessage").len(), 1);
    }
}

#[tokio::test]
async fn a_chat_the_fake_does_not_know_fails_in_its_words() {
    let bench = Bench::new().await;
    let chat = bench.channel(-404, Scope::Group).await;
    bench.bulletin("b", &chat).await;
    assert_eq!(bench.attempt().await, DeliveryState::Failed);
    assert!(bench.only("b").await.reason.unwrap().contains("chat not found"));
}

#[tokio::test]
async fn a_lost_topic_falls_back_to_general_once() {
    let mut bench = Bench::new().await;
    let chat = bench.group(-1).await;
    let part = html("b");
    bench.add(&NewDelivery { thread: Some("9"), ..of("b", &chat, &part, bench.now) }).await;
    bench.drain(10 * SECOND).await;
    let posted = bench.fake.messages(-1);
    assert_eq!((posted.len(), posted[0].thread), (1, None));
    assert_eq!(outcomes(&bench.only("b").await), ["thread_gone", "sent"]);

    bench.fake.fail_always(-1, Fault::Refuse { code: 400, description: "Bad Request: message thread not found" });
    bench.add(&NewDelivery { thread: Some("9"), ..of("c", &chat, &part, bench.now) }).await;
    bench.drain(60 * SECOND).await;
    let delivery = bench.only("c").await;
    assert_eq!(delivery.state, DeliveryState::Failed);
    assert_eq!(delivery.attempts.len(), 2);
}

#[tokio::test]
async fn refused_markup_goes_out_once_more_as_plain_text() {
    let mut bench = Bench::new().await;
    let chat = bench.group(-1).await;
    let broken = Part {
        text: "<b>标题".to_owned(),
        markup: PartMarkup::Html,
        plain: "标题 <原文>".to_owned(),
        buttons: Vec::new(),
        poll: None,
        attachment: None,
        card: None,
    };
    bench.add(&of("b", &chat, &broken, bench.now)).await;
    bench.drain(10 * SECOND).await;
    assert_eq!(bench.fake.messages(-1)[0].visible, "标题 <原文>");
    assert_eq!(outcomes(&bench.only("b").await), ["plain_text", "sent"]);
}

#[tokio::test]
async fn a_text_that_is_too_long_for_the_platform_is_sent_in_two() {
    let mut bench = Bench::new().await;
    let chat = bench.group(-1).await;
    let long = html(&"长".repeat(4097));
    bench.add(&of("b", &chat, &long, bench.now)).await;
    bench.drain(60 * SECOND).await;
    let deliveries = bench.ledger(Origin::Bulletin, "b").await;
    let parts: Vec<_> = deliveries.iter().map(|delivery| (delivery.part, delivery.state, outcomes(delivery))).collect();
    assert_eq!(parts, [(0, DeliveryState::Sent, vec!["split", "sent"]), (1, DeliveryState::Sent, vec!["sent"])]);
    let said: Vec<String> = bench.fake.messages(-1).into_iter().map(|message| message.visible).collect();
    assert_eq!((said.len(), said.concat()), (2, "长".repeat(4097)));
}

#[tokio::test]
async fn what_is_refused_again_without_markup_or_cannot_be_cut_fails() {
    for description in ["Bad Request: can't parse entities", "Bad Request: message is too long"] {
        let mut bench = Bench::new().await;
        let chat = bench.group(-1).await;
        bench.add(&of("b", &chat, &html("长"), bench.now)).await;
        bench.fake.fail_always(-1, Fault::Refuse { code: 400, description });
        bench.drain(600 * SECOND).await;
        let delivery = bench.only("b").await;
        assert_eq!(delivery.state, DeliveryState::Failed, "{description}");
        assert!(bench.fake.calls("sendMessage").len() <= 2, "{description}");
        assert!(delivery.reason.unwrap().contains(description));
    }
}

#[tokio::test]
async fn a_refused_bot_pauses_sending_and_loses_nothing() {
    for code in [401, 404] {
        let mut bench = Bench::new().await;
        for chat in [-1, -2, -3] {
            let id = bench.group(chat).await;
            bench.bulletin("b", &id).await;
        }
        bench.fake.fail_method("sendMessage", Fault::Refuse { code, description: "Unauthorized" });
        assert_eq!(bench.attempt().await, DeliveryState::Pending);
        bench.drain(30 * SECOND).await;
        assert_eq!(bench.fake.calls("sendMessage").len(), 1, "nothing else is tried");
        bench.drain(120 * SECOND).await;
        let ledger = bench.ledger(Origin::Bulletin, "b").await;
        assert!(ledger.iter().all(|delivery| delivery.state == DeliveryState::Sent));
    }
}
