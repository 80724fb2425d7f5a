//! F61: reminders of a class on the wire: by how somebody stands, never in the quiet hours, once more where nobody knows whether one arrived.

use serde_json::{Value, json};
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::fake_telegram::Fault;
use crate::harness::service::Service;

const MORNING: &str = "2026-11-24T09:00:00+08:00";

/// A published class from 27 November.
async fn published(service: &Service, starts: &str, capacity: i64, reminders: &[i64]) -> String {
    service.staff("小宣", Role::Publicity).await.register(-1001, "城东", &[]).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let class = json!({"title": "新办企业第一课", "starts_at": format!("2026-11-27T{starts}:00+08:00"), "ends_at": "2026-11-27T16:00:00+08:00",
        "place": "办税厅三楼", "capacity": capacity, "reminders": reminders, "targets": {"tags": ["*"]}});
    let id = trainer.does("/classes", &class).await["id"].as_str().unwrap().to_owned();
    trainer.does(&format!("/classes/{id}/publish"), &json!({})).await;
    id
}

async fn enrols(service: &Service, class: &str, person: i64) {
    service.telegram.private(person, "测试");
    service.telegram.says(person, person, &format!("/start class_{class}"));
    service.converse().await;
}

async fn at(service: &Service, time: &str) {
    service.clock.set(Timestamp::parse(&format!("2026-11-{time}+08:00")).unwrap());
    for _ in 0..2 {
        service.tick().await;
        service.deliver().await;
    }
}

fn many(service: &Service, person: i64, words: &str) -> usize {
    service.said(person).iter().filter(|text| text.contains(words)).count()
}

/// How often each was told to come, and each that they wait at this position.
fn told(service: &Service, people: [i64; 4], position: usize) -> ([usize; 4], [usize; 4]) {
    let waiting = format!("您排在候补第 {position} 位，现在还没有名额");
    (people.map(|person| many(service, person, "上课提醒")), people.map(|person| many(service, person, &waiting)))
}

#[tokio::test]
async fn whoever_has_a_seat_is_told_to_come_and_whoever_waits_how_they_stand() {
    let service = Service::at(MORNING).await;
    let id = published(&service, "14:00", 1, &[1440, 60]).await;
    for person in [11, 12, 13] {
        enrols(&service, &id, person).await;
    }
    let people = [11, 12, 13, 14];
    at(&service, "26T14:00:10").await;
    assert_eq!(told(&service, people, 1), ([1, 0, 0, 0], [0, 1, 0, 0]));
    assert_eq!(told(&service, people, 2).1, [0, 0, 1, 0]);

    // Whoever does not want to wait leaves the line by the button, and whoever joins it late was told their place a moment ago.
    let waiting = service.telegram.messages(12).pop().unwrap();
    let button: Value = waiting.markup["inline_keyboard"][0][0].clone();
    assert_eq!(button["text"], "退出候补");
    service.telegram.taps(12, 12, waiting.id, button["callback_data"].as_str().unwrap());
    service.converse().await;
    assert!(service.said(12).pop().unwrap().contains("已取消报名"));
    enrols(&service, &id, 14).await;
    at(&service, "26T15:00:00").await;
    assert_eq!(told(&service, people, 2), ([1, 0, 0, 0], [0, 0, 1, 0]), "nobody is told twice, and the late one not at all");
    at(&service, "27T13:00:10").await;
    assert_eq!(told(&service, people, 1), ([2, 0, 0, 0], [0, 1, 1, 0]));
    assert_eq!(told(&service, people, 2).1, [0, 0, 1, 1]);

    // Who waited gets the seat, and then the reminder of whoever has one.
    service.telegram.taps(11, 11, waiting.id, &format!("withdraw:{id}"));
    service.converse().await;
    service.telegram.taps(13, 13, waiting.id, &format!("enrol:{id}"));
    service.converse().await;
    at(&service, "27T13:10:00").await;
    assert_eq!(told(&service, people, 1).0, [2, 0, 1, 0]);
}

#[tokio::test]
async fn a_reminder_never_comes_in_the_quiet_hours_and_never_too_late() {
    let service = Service::at(MORNING).await;
    // Nine hours before it is five in the morning.
    let afternoon = published(&service, "14:00", 5, &[540]).await;
    enrols(&service, &afternoon, 11).await;
    // An hour before half past eight it is quiet, and when that is over there would be half an hour left, not more.
    let early = published(&service, "08:20", 5, &[60]).await;
    enrols(&service, &early, 12).await;
    at(&service, "26T20:29:00").await;
    assert_eq!(many(&service, 12, "上课提醒"), 0);
    at(&service, "26T20:30:10").await;
    assert_eq!(many(&service, 12, "上课提醒"), 1, "the evening before");
    at(&service, "27T05:00:10").await;
    assert_eq!(many(&service, 11, "上课提醒"), 0, "it is made and waits");
    at(&service, "27T07:20:00").await;
    at(&service, "27T08:00:10").await;
    assert_eq!((many(&service, 11, "上课提醒"), many(&service, 12, "上课提醒")), (1, 1));
}

#[tokio::test]
async fn a_reminder_of_which_nobody_knows_whether_it_arrived_is_sent_once_more() {
    let service = Service::at(MORNING).await;
    let id = published(&service, "14:00", 5, &[60]).await;
    for person in [11, 12] {
        enrols(&service, &id, person).await;
    }
    service.telegram.fail_next(11, Fault::AcceptThenServerError);
    service.telegram.fail_always(12, Fault::AcceptThenServerError);
    for time in ["27T13:00:10", "27T13:20:00", "27T13:50:00"] {
        at(&service, time).await;
    }
    assert_eq!(many(&service, 11, "上课提醒"), 2, "twice is better than never");
    assert_eq!(many(&service, 12, "上课提醒"), 2, "and not a third time");
}
