//! F62: a certificate whose check-in is taken back is revoked, which whoever checks it reads with the day; a new check-in brings a new one.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::service::Service;
use crate::harness::web::client;

fn at(service: &Service, time: &str) {
    service.clock.set(Timestamp::parse(time).unwrap());
}

async fn ticks(service: &Service) {
    for _ in 0..2 {
        service.tick().await;
        service.deliver().await;
    }
}

async fn fetch(service: &Service, path: &str) -> String {
    client(HeaderMap::new()).get(format!("{}{path}", service.base)).send().await.unwrap().text().await.unwrap()
}

async fn certificate(service: &Service, number: &str) -> Value {
    serde_json::from_str(&fetch(service, &format!("/api/v1/certificates/{number}")).await).unwrap()
}

/// A class that is over, and its two who came: each has a certificate.
async fn over(service: &Service, more: &Value) -> (String, Vec<Value>) {
    service.staff("小宣", Role::Publicity).await.register(-1001, "城东", &[]).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let mut class = json!({"title": "新办企业第一课", "place": "办税厅三楼", "capacity": 5, "targets": {"tags": ["*"]},
    "sessions": [
        {"starts_at": "2026-11-26T14:00:00+08:00", "ends_at": "2026-11-26T16:00:00+08:00"},
        {"starts_at": "2026-11-27T14:00:00+08:00", "ends_at": "2026-11-27T16:00:00+08:00"}
    ]});
    for (field, value) in more.as_object().unwrap() {
        class[field] = value.clone();
    }
    let id = trainer.does("/classes", &class).await["id"].as_str().unwrap().to_owned();
    trainer.does(&format!("/classes/{id}/publish"), &json!({})).await;
    for person in [11, 12] {
        service.telegram.private(person, &person.to_string());
        service.telegram.says(person, person, &format!("/start class_{id}"));
        service.converse().await;
    }
    let people: Vec<Value> = trainer.get(&format!("/classes/{id}/roster")).await["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["enrolment"].clone())
        .collect();
    let tap = |number: usize, day: &str| json!({"id": format!("{day}-{number}"), "enrolment": people[number], "at": format!("{day}T14:00:00+08:00")});
    at(service, "2026-11-27T16:00:05+08:00");
    for (session, day) in [(1, "2026-11-26"), (2, "2026-11-27")] {
        let came = json!({"items": [tap(0, day), tap(1, day)]});
        trainer.does(&format!("/classes/{id}/sessions/{session}/check-ins"), &came).await;
    }
    ticks(service).await;
    (id, people)
}

fn number(service: &Service, person: i64) -> String {
    let told = service.said(person).into_iter().rev().find(|text| text.contains("结业证明可以打印")).unwrap();
    told.rsplit('/').next().unwrap().trim().to_owned()
}

#[tokio::test]
async fn taking_a_check_in_back_revokes_the_certificate_with_its_day_and_a_new_check_in_brings_a_new_one() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let (id, people) = over(&service, &json!({})).await;
    let first = number(&service, 11);
    assert!(fetch(&service, &format!("/certificates/{first}")).await.contains("核验结果：有效"));
    at(&service, "2026-11-28T09:30:00+08:00");
    let console = service.logged_in(Role::Trainer).await;
    let check_in = format!("/console/classes/{id}/sessions/2/check-ins/{}", people[0].as_str().unwrap());
    assert!(console.does(&format!("{check_in}/undo"), &[]).await.contains("已撤销签到"));
    assert!(console.does(&format!("{check_in}/undo"), &[]).await.contains("不用撤销"), "a second click");
    let seen = certificate(&service, &first).await;
    assert_eq!(json!([seen["valid"], seen["revoked_at"]]), json!([false, "2026-11-28T09:30:00+08:00"]));
    let page = fetch(&service, &format!("/certificates/{first}")).await;
    assert!(page.contains("已撤销（2026年11月28日）") && !page.contains("核验结果：有效") && !page.contains("到课"), "{page}");
    ticks(&service).await;
    let told = service.said(11).into_iter().filter(|text| text.contains("已撤销")).collect::<Vec<_>>();
    assert!(told.len() == 1 && told[0].contains(&first), "{told:?}");
    service.telegram.says(11, 11, "/certificates");
    service.converse().await;
    assert!(service.said(11).pop().unwrap().contains("还没有结业证明"));
    assert_eq!(certificate(&service, &number(&service, 12)).await["valid"], true, "nobody else's");
    let audit = service.staff("审计", Role::Auditor).await.get("/audit?limit=20").await.to_string();
    assert!(audit.contains("certificate.take_back"), "{audit}");

    // They were there after all.
    at(&service, "2026-11-28T10:00:00+08:00");
    let console = service.logged_in(Role::Trainer).await;
    console.does(&check_in, &[]).await;
    ticks(&service).await;
    let second = number(&service, 11);
    assert_ne!(first, second);
    assert_eq!(certificate(&service, &second).await["valid"], true);
    assert_eq!(certificate(&service, &first).await["valid"], false, "the old paper stays revoked");
    ticks(&service).await;
    assert_eq!(service.said(11).iter().filter(|text| text.contains("结业证明可以打印")).count(), 2, "told once each");
}

#[tokio::test]
async fn asking_for_more_sessions_afterwards_revokes_what_is_not_earned_any_more() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let (id, people) = over(&service, &json!({"certificate_sessions": 1})).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let undo = format!("{}/api/v1/classes/{id}/sessions/1/check-ins/{}", service.base, people[0].as_str().unwrap());
    assert_eq!(trainer.client().delete(&undo).send().await.unwrap().status(), 204);
    assert_eq!(certificate(&service, &number(&service, 11)).await["valid"], true, "one session is still enough");
    let url = format!("{}/api/v1/classes/{id}", service.base);
    let mut class = trainer.get(&format!("/classes/{id}")).await;
    let times = class["sessions"].as_array().unwrap().iter();
    let times: Vec<Value> = times.map(|session| json!({"starts_at": session["starts_at"], "ends_at": session["ends_at"]})).collect();
    class = json!({"title": class["title"], "place": class["place"], "capacity": 5, "targets": {"tags": ["*"]}, "sessions": times});
    let answer = trainer.client().put(url).json(&class).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    assert_eq!(certificate(&service, &number(&service, 11)).await["valid"], false);
    assert_eq!(certificate(&service, &number(&service, 12)).await["valid"], true);
}
