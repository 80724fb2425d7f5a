//! A POST repeated with its key: worked once, answered the same; one that left no answer is not worked again by itself.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use taxhome::clock::Clock;
use taxhome::domain::staff::Role;
use taxhome::store::idempotency;

use crate::api::problem;
use crate::harness::web::{KNOWN, serve};

#[tokio::test]
async fn a_repeated_post_gets_the_first_answer_again() {
    let web = serve().await;
    let publicity = web.staff(Role::Publicity).await;
    let post = |key: &'static str, title: &'static str| {
        let new = json!({ "kind": "print", "address": title, "title": title });
        publicity.post(web.url("/api/v1/channels")).header("idempotency-key", key).json(&new).send()
    };
    let first = post("k1", "甲").await.unwrap();
    assert_eq!(first.status(), 201);
    assert!(!first.headers().contains_key("idempotency-replayed"));
    let first = first.text().await.unwrap();
    let again = post("k1", "甲").await.unwrap();
    assert_eq!((again.status().as_u16(), again.headers()["idempotency-replayed"].to_str().unwrap()), (201, "true"));
    assert_eq!(again.text().await.unwrap(), first);
    let other = problem(post("k1", "乙").await.unwrap(), 422).await;
    assert_eq!(other["field"], "Idempotency-Key");
    let refused = post("k2", "").await.unwrap();
    let refused = (refused.status(), refused.text().await.unwrap());
    let refused_again = post("k2", "").await.unwrap();
    assert_eq!((refused_again.status(), refused_again.text().await.unwrap()), refused, "a refusal is an answer too");
    let bad_key = post("钥匙", "甲").await;
    assert_eq!(bad_key.unwrap().status(), 422);
    // Another person's key is another key; after a day a key is forgotten.
    let admin = web.staff(Role::Admin).await;
    let new = json!({ "kind": "print", "address": "丙", "title": "丙" });
    assert_eq!(admin.post(web.url("/api/v1/channels")).header("idempotency-key", "k1").json(&new).send().await.unwrap().status(), 201);
    web.clock.advance(Duration::from_secs(24 * 3600 + 1));
    assert_eq!(post("k1", "乙").await.unwrap().status(), 201);
}

#[tokio::test]
async fn a_post_repeated_at_the_same_time_works_once() {
    let web = serve().await;
    let admin = web.staff(Role::Admin).await;
    let post = || {
        let user = json!({ "name": "同一人", "role": "desk" });
        admin.post(web.url("/api/v1/users")).header("idempotency-key", "once").json(&user).send()
    };
    let answers = futures::future::join_all((0..8).map(|_| post())).await;
    let statuses: Vec<u16> = answers.into_iter().map(|answer| answer.unwrap().status().as_u16()).collect();
    assert!(statuses.contains(&201), "{statuses:?}");
    let all: Value = admin.get(web.url("/api/v1/users")).send().await.unwrap().json().await.unwrap();
    assert_eq!(all["items"].as_array().unwrap().iter().filter(|user| user["name"] == "同一人").count(), 1);
    for status in statuses {
        assert!(status == 201 || status == 409, "{status}");
    }
}

#[tokio::test]
async fn a_request_that_left_no_answer_is_not_worked_again_by_itself() {
    let web = serve().await;
    let body = json!({ "question": KNOWN }).to_string();
    // As a process leaves it that died amid the work: the key is there, the answer is not.
    let hash = Sha256::digest(format!("\0{body}")).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut tx = web.store.begin().await.unwrap();
    let claim = idempotency::claim(&mut tx, "public /api/v1/questions", "k", &hash, web.clock.now()).await.unwrap();
    assert_eq!(claim, idempotency::Claim::First);
    tx.commit().await.unwrap();
    let post = || {
        let request = web.client.post(web.url("/api/v1/questions")).header("idempotency-key", "k");
        request.header("content-type", "application/json").body(body.clone()).send()
    };
    let working = problem(post().await.unwrap(), 409).await;
    assert!(working["detail"].as_str().unwrap().contains("正在处理"), "{working}");
    web.clock.advance(Duration::from_secs(3600));
    let lost = problem(post().await.unwrap(), 409).await;
    assert!(lost["detail"].as_str().unwrap().contains("没有留下结果"), "{lost}");
}
