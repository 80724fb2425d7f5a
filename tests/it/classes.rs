//! F60, F61: a class is announced, filled over its capacity, moved, reminded of; in the chat, by command and on the wire.

use serde_json::{Value, json};
use taxhome::domain::staff::Role;

use crate::harness::service::Service;

const MORNING: &str = "2026-11-24T09:00:00+08:00";
const GROUP: i64 = -1001;

fn class(capacity: i64) -> Value {
    json!({
        "title": "新办企业第一课", "starts_at": "2026-11-27T14:00:00+08:00", "ends_at": "2026-11-27T16:00:00+08:00", "place": "办税厅三楼",
        "capacity": capacity, "reminders": [1440, 60], "targets": {"tags": ["*"]}, "trainer": "王老师"
    })
}

/// A published class whose announcement went out.
async fn announced(service: &Service, capacity: i64) -> String {
    let trainer = service.staff("小培", Role::Trainer).await;
    let approver = service.staff("老审", Role::Approver).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.register(GROUP, "城东", &[]).await;
    let id = trainer.does("/classes", &class(capacity)).await["id"].as_str().unwrap().to_owned();
    let bulletin = trainer.does(&format!("/classes/{id}/publish"), &json!({})).await["bulletin"].as_str().unwrap().to_owned();
    approver.does(&format!("/bulletins/{bulletin}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{bulletin}/send"), &json!({})).await;
    service.deliver().await;
    id
}

async fn starts(service: &Service, person: i64, name: &str) {
    service.telegram.private(person, name);
    service.telegram.says(person, person, "/start");
    service.converse().await;
}

#[tokio::test]
async fn a_class_is_filled_over_its_capacity_and_a_freed_seat_is_offered_to_the_first_who_waits() {
    let service = Service::at(MORNING).await;
    let id = announced(&service, 2).await;
    let announcement = service.telegram.messages(GROUP).remove(0);
    assert!(announcement.visible.contains("新办企业第一课") && announcement.visible.contains("名额：2 人"), "{}", announcement.visible);
    for (person, name) in [(11, "甲"), (12, "乙"), (13, "丙"), (14, "丁")] {
        starts(&service, person, name).await;
        service.telegram.taps(GROUP, person, announcement.id, &format!("enrol:{id}"));
        service.telegram.taps(GROUP, person, announcement.id, &format!("enrol:{id}"));
    }
    service.converse().await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let roster = trainer.get(&format!("/classes/{id}/roster")).await;
    let line = |index: usize| (roster["items"][index]["state"].clone(), roster["items"][index]["position"].clone());
    assert_eq!(roster["items"].as_array().unwrap().len(), 4, "tapping twice takes one seat");
    assert_eq!(line(1), (json!("enrolled"), Value::Null));
    assert_eq!(line(2), (json!("waitlisted"), json!(1)));
    assert_eq!(line(3), (json!("waitlisted"), json!(2)));
    assert_eq!(service.said(GROUP).len(), 1, "taps do not flood the group");
    let notices: Vec<String> =
        service.telegram.answered_callbacks().iter().map(|call| call["text"].as_str().unwrap_or_default().to_owned()).collect();
    assert!(notices.iter().any(|notice| notice.contains("候补第 2 位")), "{notices:?}");

    service.telegram.says(11, 11, "/mine");
    service.converse().await;
    let mine = service.telegram.messages(11).pop().unwrap();
    assert!(mine.visible.contains("1. 新办企业第一课（已报名）"), "{}", mine.visible);
    service.telegram.taps(11, 11, mine.id, &format!("withdraw:{id}"));
    service.converse().await;
    assert!(service.said(13).pop().unwrap().starts_with("有名额了：新办企业第一课"));
    assert!(!service.said(14).iter().any(|text| text.contains("有名额了")));
    let roster = trainer.get(&format!("/classes/{id}/roster")).await;
    assert_eq!(roster["items"][2]["state"], "offered");
    assert_eq!(roster["items"][3]["position"], json!(1));
}

#[tokio::test]
async fn reminders_come_once_at_their_time_and_a_moved_class_is_told_and_reminded_anew() {
    let mut service = Service::at(MORNING).await;
    let id = announced(&service, 5).await;
    starts(&service, 11, "甲").await;
    service.telegram.says(11, 11, "/报名 1");
    service.converse().await;
    assert!(service.said(11).pop().unwrap().starts_with("报名成功：新办企业第一课"));
    let reminded = |service: &Service| service.said(11).iter().filter(|text| text.starts_with("上课提醒")).count();
    let at = |text: &str| taxhome::domain::time::Timestamp::parse(text).unwrap();
    service.clock.set(at("2026-11-26T13:59:00+08:00"));
    service.tick().await;
    service.deliver().await;
    assert_eq!(reminded(&service), 0);
    service.clock.set(at("2026-11-26T14:00:10+08:00"));
    for _ in 0..3 {
        service.tick().await;
        service.deliver().await;
    }
    service.restart().await;
    service.tick().await;
    service.deliver().await;
    assert_eq!(reminded(&service), 1, "a day before, once, a restart included");
    {
        let trainer = service.staff("小培", Role::Trainer).await;
        let moved = trainer.does(&format!("/classes/{id}/move"), &json!({"starts_at": "2026-11-30T14:00:00+08:00"})).await;
        assert_eq!((&moved["sequence"], &moved["ends_at"]), (&json!(1), &json!("2026-11-30T16:00:00+08:00")));
    }
    service.deliver().await;
    assert!(service.said(11).pop().unwrap().starts_with("课程改期：新办企业第一课"));
    service.clock.set(at("2026-11-30T13:00:10+08:00"));
    service.tick().await;
    service.deliver().await;
    assert_eq!(reminded(&service), 2, "only the one that is due now, not the missed one as well");
}

#[tokio::test]
async fn a_cancelled_class_tells_everybody_and_takes_no_more_enrolments() {
    let service = Service::at(MORNING).await;
    let id = announced(&service, 5).await;
    starts(&service, 11, "甲").await;
    service.telegram.says(11, 11, "/报名 1");
    service.converse().await;
    let trainer = service.staff("小培", Role::Trainer).await;
    trainer.does(&format!("/classes/{id}/cancel"), &json!({})).await;
    service.deliver().await;
    assert!(service.said(11).pop().unwrap().starts_with("课程取消：新办企业第一课"));
    starts(&service, 12, "乙").await;
    service.telegram.says(12, 12, &format!("/start class_{id}"));
    service.converse().await;
    assert_eq!(service.said(12).pop().unwrap(), "“新办企业第一课”已经取消。");
}

#[tokio::test]
async fn two_people_never_get_the_last_seat() {
    let service = Service::at(MORNING).await;
    let id = announced(&service, 3).await;
    let broadcasts = &service.app.broadcasts;
    let tasks = (0..24).map(|person| {
        let (broadcasts, store, id) = (broadcasts.clone(), service.app.store.clone(), id.clone());
        let now = taxhome::clock::Clock::now(&service.clock);
        tokio::spawn(async move {
            let mut tx = store.begin().await.unwrap();
            let name = person.to_string();
            let who = taxhome::broadcasts::enrolment::Person {
                channel: taxhome::domain::channel::ChannelKind::Web,
                id: &name,
                channel_id: None,
                name: &name,
            };
            let outcome = broadcasts.enrol(&mut tx, &id, &who, now).await.unwrap();
            tx.commit().await.unwrap();
            outcome
        })
    });
    let outcomes = futures::future::join_all(tasks).await;
    let seated = outcomes.iter().filter(|outcome| matches!(outcome, Ok(taxhome::broadcasts::enrolment::Enrolled::Seated(_)))).count();
    assert_eq!(seated, 3);
    let trainer = service.staff("小培", Role::Trainer).await;
    let roster = trainer.get(&format!("/classes/{id}/roster")).await;
    let positions: Vec<i64> = roster["items"].as_array().unwrap().iter().filter_map(|line| line["position"].as_i64()).collect();
    assert_eq!(positions, (1..=21).collect::<Vec<i64>>());
}

#[tokio::test]
async fn impossible_classes_are_refused_by_field() {
    let service = Service::at(MORNING).await;
    service.staff("小宣", Role::Publicity).await.register(GROUP, "城东", &[]).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let with = |field: &str, value: Value| {
        let mut class = class(10);
        class[field] = value;
        class
    };
    let cases = [
        (with("ends_at", json!("2026-11-27T13:00:00+08:00")), "结束时间要晚于开始时间"),
        (with("starts_at", json!("2026-11-20T13:00:00+08:00")), "开始时间已经过去，请选择以后的时间"),
        (with("capacity", json!(0)), "名额要在 1 到 10000 之间"),
        (with("capacity", json!(100_000)), "名额要在 1 到 10000 之间"),
        (with("place", json!("")), "请填写上课地点 place，或线上地址 online_url"),
        (with("enrol_until", json!("2026-11-28T13:00:00+08:00")), "报名截止时间不能晚于上课时间"),
        (with("reminders", json!([-5])), "提醒要在开课以前：写开课前的分钟数，1 到 40320 之间，最多 5 个"),
    ];
    for (class, detail) in cases {
        assert_eq!(trainer.refused("/classes", &class, 422).await, detail);
    }
    assert_eq!(trainer.get("/classes").await["items"], json!([]));
}

#[tokio::test]
async fn the_calendar_file_carries_utc_times_and_its_sequence_rises_with_a_move() {
    let service = Service::at(MORNING).await;
    let id = announced(&service, 5).await;
    let calendar = async |path: &str| {
        let client = crate::harness::web::client(reqwest::header::HeaderMap::new());
        client.get(format!("{}{path}", service.base)).send().await.unwrap().text().await.unwrap()
    };
    let feed = calendar("/calendar.ics").await;
    for line in [
        "BEGIN:VEVENT",
        "DTSTART:20261127T060000Z",
        "DTEND:20261127T080000Z",
        "SEQUENCE:0",
        "SUMMARY:新办企业第一课",
        "LOCATION:办税厅三楼",
    ] {
        assert!(feed.contains(line), "{line} in {feed}");
    }
    let trainer = service.staff("小培", Role::Trainer).await;
    trainer.does(&format!("/classes/{id}/move"), &json!({"starts_at": "2026-11-30T14:00:00+08:00"})).await;
    let moved = calendar(&format!("/classes/{id}/class.ics")).await;
    assert!(moved.contains("DTSTART:20261130T060000Z") && moved.contains("SEQUENCE:1"), "{moved}");
}

#[tokio::test]
async fn an_offer_holds_the_seat_until_it_lapses_and_passes_on() {
    let service = Service::at(MORNING).await;
    let id = announced(&service, 1).await;
    let enrol = format!("enrol:{id}");
    let announcement = service.telegram.messages(GROUP).remove(0);
    for (person, name) in [(11, "甲"), (12, "乙"), (13, "丙"), (14, "丁"), (15, "戊")] {
        starts(&service, person, name).await;
        if person < 15 {
            service.telegram.taps(GROUP, person, announcement.id, &enrol);
            service.converse().await;
        }
    }
    service.telegram.taps(GROUP, 11, announcement.id, &format!("withdraw:{id}"));
    service.converse().await;
    assert!(service.said(12).pop().unwrap().starts_with("有名额了"));
    service.telegram.taps(GROUP, 15, announcement.id, &enrol);
    service.converse().await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let states = async || {
        let roster = trainer.get(&format!("/classes/{id}/roster")).await;
        let word = |line: &Value| line["state"].as_str().unwrap().to_owned();
        roster["items"].as_array().unwrap().iter().map(word).collect::<Vec<_>>()
    };
    assert_eq!(states().await, ["cancelled", "offered", "waitlisted", "waitlisted", "waitlisted"], "nobody takes a seat that is held");
    service.clock.set(taxhome::domain::time::Timestamp::parse("2026-11-24T11:30:00+08:00").unwrap());
    for _ in 0..2 {
        service.tick().await;
        service.deliver().await;
    }
    assert_eq!(states().await, ["cancelled", "cancelled", "offered", "waitlisted", "waitlisted"], "it passes on");
    assert!(service.said(12).pop().unwrap().starts_with("名额已让给下一位"));
    let offer = service.telegram.messages(13).pop().unwrap();
    assert_eq!(service.said(13).iter().filter(|text| text.starts_with("有名额了")).count(), 1, "told once");
    service.telegram.taps(13, 13, offer.id, &enrol);
    service.converse().await;
    assert!(service.said(13).pop().unwrap().starts_with("报名成功"));
    assert_eq!(states().await, ["cancelled", "cancelled", "enrolled", "waitlisted", "waitlisted"]);
}

#[tokio::test]
async fn a_seat_freed_right_before_the_start_is_not_offered() {
    let service = Service::at(MORNING).await;
    let id = announced(&service, 1).await;
    let announcement = service.telegram.messages(GROUP).remove(0);
    for (person, name) in [(11, "甲"), (12, "乙")] {
        starts(&service, person, name).await;
        service.telegram.taps(GROUP, person, announcement.id, &format!("enrol:{id}"));
        service.converse().await;
    }
    service.clock.set(taxhome::domain::time::Timestamp::parse("2026-11-27T13:50:00+08:00").unwrap());
    service.telegram.taps(GROUP, 11, announcement.id, &format!("withdraw:{id}"));
    service.converse().await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let roster = trainer.get(&format!("/classes/{id}/roster")).await;
    assert_eq!(roster["items"][1]["state"], "waitlisted");
}

#[tokio::test]
async fn two_hundred_people_take_twenty_seats_by_taps_and_on_the_web_at_once() {
    let service = Service::with(MORNING, &[("TAXHOME_HTTP__QUESTIONS_PER_MINUTE", "1000")]).await;
    let id = announced(&service, 20).await;
    let announcement = service.telegram.messages(GROUP).remove(0);
    for person in 1001..1101 {
        service.telegram.private(person, &person.to_string());
        service.telegram.taps(GROUP, person, announcement.id, &format!("enrol:{id}"));
    }
    let client = crate::harness::web::client(reqwest::header::HeaderMap::new());
    let web = futures::future::join_all((0..100).map(|person| {
        let form = [("name", format!("网友{person}"))];
        client.post(format!("{}/classes/{id}/enrol", service.base)).form(&form).send()
    }));
    let (_, web) = tokio::join!(service.receive(), web);
    let trainer = service.staff("小培", Role::Trainer).await;
    let roster = trainer.get(&format!("/classes/{id}/roster")).await;
    let lines = roster["items"].as_array().unwrap();
    assert_eq!(lines.len(), 200);
    for (index, line) in (0i64..).zip(lines) {
        let expected = if index < 20 { (json!("enrolled"), Value::Null) } else { (json!("waitlisted"), json!(index - 19)) };
        assert_eq!((line["state"].clone(), line["position"].clone()), expected, "line {index}");
    }
    let mut told: Vec<String> =
        service.telegram.answered_callbacks().iter().map(|call| call["text"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(told.len(), 100, "every tap is answered once");
    for response in web {
        let response = response.unwrap();
        assert_eq!(response.status(), 303);
        let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let page = client.get(format!("{}/classes/{id}", service.base)).header("cookie", cookie).send().await.unwrap();
        told.push(page.text().await.unwrap());
    }
    let seated = told.iter().filter(|text| text.contains("报名成功") || text.contains("您已报名")).count();
    assert_eq!(seated, 20);
    for position in 1..=180 {
        let words = format!("候补第 {position} 位");
        assert_eq!(told.iter().filter(|text| text.contains(&words)).count(), 1, "{words}");
    }
}

#[tokio::test]
async fn the_days_for_enrolling_stand_in_the_calendar_too() {
    let service = Service::at(MORNING).await;
    service.staff("小宣", Role::Publicity).await.register(GROUP, "城东", &[]).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let mut new = class(5);
    new["enrol_from"] = json!("2026-11-24T10:00:00+08:00");
    new["enrol_until"] = json!("2026-11-26T18:00:00+08:00");
    let id = trainer.does("/classes", &new).await["id"].as_str().unwrap().to_owned();
    trainer.does(&format!("/classes/{id}/publish"), &json!({})).await;
    let client = crate::harness::web::client(reqwest::header::HeaderMap::new());
    let text = client.get(format!("{}/calendar.ics", service.base)).send().await.unwrap().text().await.unwrap();
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
    let starts: Vec<_> = text.split("\r\n").filter_map(|line| line.strip_prefix("DTSTART:")).collect();
    assert_eq!(starts, ["20261127T060000Z", "20261124T020000Z"]);
}
