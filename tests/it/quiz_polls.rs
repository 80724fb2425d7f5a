//! F64: what comes back from Telegram quizzes: answers to polls that are not ours, taken back, or anonymous change nothing and stop nothing;
//! a broadcast channel gets its questions for practice.

use serde_json::{Value, json};
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::service::Service;

const GROUP: i64 = -1001;
const CHANNEL: i64 = -1007;
const PERSON: i64 = 501;

/// A prize quiz of one question that has been announced.
async fn announced(service: &Service) -> String {
    let publicity = service.staff("小宣", Role::Publicity).await;
    let item = json!({"key": "a", "question": "题目？", "options": ["甲", "乙"], "answer": 1, "explanation": "见原文。",
        "document": "vat-threshold", "quote": "月销售额没有达到10万元的，免征增值税"});
    let bank = publicity.does("/quiz-banks", &json!({"title": "一题", "items": [item]})).await;
    let quiz = json!({"kind": "prize", "title": "四月答题", "bank": bank["bank"], "opens_at": "2026-04-10T09:00:00+08:00",
        "closes_at": "2026-04-12T18:00:00+08:00"});
    let id = publicity.does("/quizzes", &quiz).await["id"].as_str().unwrap().to_owned();
    let announced = publicity.does(&format!("/quizzes/{id}/announce"), &json!({"targets": {"tags": ["*"]}})).await;
    let bulletin = announced["bulletin"].as_str().unwrap();
    service.staff("老审", Role::Approver).await.does(&format!("/bulletins/{bulletin}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{bulletin}/send"), &json!({})).await;
    service.deliver().await;
    service.tick().await;
    assert_eq!(publicity.get(&format!("/bulletins/{bulletin}")).await["state"], "sent");
    id
}

async fn numbers(service: &Service, id: &str) -> Value {
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.get(&format!("/quizzes/{id}/scores")).await.as_array().unwrap().iter().map(|score| score["correct"].clone()).collect()
}

#[tokio::test]
async fn answers_to_unknown_polls_taken_back_or_without_a_person_change_nothing_and_stop_nothing() {
    let service = Service::at("2026-04-09T10:00:00+08:00").await;
    service.staff("小宣", Role::Publicity).await.register(GROUP, "城东", &[]).await;
    service.telegram.private(PERSON, "测试");
    let id = announced(&service).await;
    service.clock.set(Timestamp::parse("2026-04-10T10:00:00+08:00").unwrap());
    let poll = service.telegram.messages(GROUP).into_iter().find_map(|posted| posted.poll).unwrap()["id"].clone();
    let user = json!({"id": PERSON, "is_bot": false, "first_name": "测试"});
    let sender = json!({"id": GROUP, "type": "supergroup", "title": "城东"});
    for answer in [
        json!({"poll_id": "5000000000000000001", "user": user, "option_ids": [0]}),
        json!({"poll_id": "' OR 1=1 --", "user": user, "option_ids": [0]}),
        json!({"poll_id": poll, "user": user, "option_ids": []}),
        json!({"poll_id": poll, "user": user, "option_ids": [9]}),
        json!({"poll_id": poll, "voter_chat": sender, "option_ids": [0]}),
    ] {
        service.telegram.push_update(json!({"poll_answer": answer}));
    }
    // Somebody else's quiz is closed, and a word comes behind all of it.
    let closed = json!({"id": "5000000000000000001", "question": "？", "options": [], "total_voter_count": 3, "is_closed": true,
        "is_anonymous": true, "type": "regular", "allows_multiple_answers": false});
    service.telegram.push_update(json!({"poll": closed}));
    service.telegram.says(PERSON, PERSON, "/start");
    service.converse().await;
    // Telegram forgets an update when the next fetch confirms it.
    service.receive().await;
    assert_eq!(service.telegram.waiting_updates(), 0, "nothing stays in the way of what comes behind it");
    assert!(!service.said(PERSON).is_empty(), "the bot still answers");
    assert_eq!(numbers(&service, &id).await, json!([]));
    service.telegram.push_update(json!({"poll_answer": {"poll_id": poll, "user": user, "option_ids": [0]}}));
    service.receive().await;
    assert_eq!(numbers(&service, &id).await, json!([1]), "a real answer still counts");
}

#[tokio::test]
async fn a_broadcast_channel_gets_the_questions_for_practice_and_the_page_to_take_part() {
    let service = Service::at("2026-04-09T10:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.register(GROUP, "城东", &[]).await;
    publicity.register(CHANNEL, "税讯频道", &[]).await;
    service.telegram.channel(CHANNEL, "税讯频道");
    let id = announced(&service).await;
    let polls = |chat: i64| -> Vec<Value> { service.telegram.messages(chat).into_iter().filter_map(|posted| posted.poll).collect() };
    assert_eq!((polls(GROUP).len(), &polls(GROUP)[0]["is_anonymous"]), (1, &json!(false)));
    assert_eq!((polls(CHANNEL).len(), &polls(CHANNEL)[0]["is_anonymous"]), (1, &json!(true)));
    let told = service.telegram.messages(CHANNEL)[0].visible.clone();
    assert!(told.contains("在频道里点选只作练习") && told.contains(&format!("/quizzes/{id}")), "{told}");
}
