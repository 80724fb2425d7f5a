//! F60 to F62: one session more or less of a class that is published: everybody on the list is told once, calendars, reminders and the door
//! follow, and what was done is on record.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::calendar_files::{cancelled, read};
use crate::harness::service::{Service, Staff};
use crate::harness::web::client;

const MORNING: &str = "2026-11-24T09:00:00+08:00";

async fn published(service: &Service, capacity: i64, more: Value) -> String {
    service.staff("小宣", Role::Publicity).await.register(-1001, "城东", &[]).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let mut class = json!({"title": "新办企业两讲", "place": "办税厅三楼", "capacity": capacity, "reminders": [1440], "targets": {"tags": ["*"]},
    "sessions": [
        {"starts_at": "2026-11-26T14:00:00+08:00", "ends_at": "2026-11-26T16:00:00+08:00"},
        {"starts_at": "2026-11-30T14:00:00+08:00", "ends_at": "2026-11-30T16:00:00+08:00"}
    ]});
    for (field, value) in more.as_object().unwrap() {
        class[field] = value.clone();
    }
    let id = trainer.does("/classes", &class).await["id"].as_str().unwrap().to_owned();
    trainer.does(&format!("/classes/{id}/publish"), &json!({})).await;
    id
}

async fn enrols(service: &Service, class: &str, person: i64) {
    service.telegram.private(person, &person.to_string());
    service.telegram.says(person, person, &format!("/start class_{class}"));
    service.converse().await;
}

async fn says(service: &Service, person: i64, text: &str) -> String {
    service.telegram.says(person, person, text);
    service.converse().await;
    service.said(person).pop().unwrap_or_default()
}

fn at(service: &Service, time: &str) {
    service.clock.set(Timestamp::parse(time).unwrap());
}

fn many(service: &Service, person: i64, words: &str) -> usize {
    service.said(person).iter().filter(|text| text.contains(words)).count()
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

async fn code(service: &Service, class: &str, session: i64) -> String {
    let page = service.logged_in(Role::Trainer).await.page(&format!("/console/classes/{class}/sessions/{session}")).await;
    page.split(['>', '<']).find(|text| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())).unwrap().to_owned()
}

fn third() -> Value {
    json!({"starts_at": "2026-12-02T14:00:00+08:00", "ends_at": "2026-12-02T16:30:00+08:00"})
}

async fn audited(service: &Service) -> Vec<String> {
    let audit = service.staff("审计", Role::Auditor).await.get("/audit?limit=100").await;
    audit["items"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_session_that_is_added_is_told_to_everybody_and_has_its_calendar_event_reminder_and_door() {
    let service = Service::at(MORNING).await;
    let id = published(&service, 2, json!({})).await;
    for person in [11, 12, 13] {
        enrols(&service, &id, person).await;
    }
    let trainer = service.staff("小培", Role::Trainer).await;
    let before = read(&fetch(&service, &format!("/classes/{id}/class.ics")).await);
    let class = trainer.does(&format!("/classes/{id}/sessions"), &third()).await;
    assert_eq!(json!([class["sessions"][2]["number"], class["ends_at"]]), json!([3, "2026-12-02T16:30:00+08:00"]));
    ticks(&service).await;
    assert_eq!([11, 12, 13].map(|person| many(&service, person, "课程加了一次")), [1, 1, 1], "also whoever waits");
    let told = service.said(11).pop().unwrap();
    for words in ["新加第3次：2026年12月2日 14:00至16:30", "第1次，2026年11月26日 14:00", "第2次，2026年11月30日 14:00", "办税厅三楼"]
    {
        assert!(told.contains(words), "{words}: {told}");
    }
    let after = read(&fetch(&service, &format!("/classes/{id}/class.ics")).await);
    assert_eq!(after[..2], before[..], "the events people have stay as they are");
    assert_eq!((after.len(), after[2].2.as_str()), (3, "2026-12-02T06:00:00+00:00"));
    assert!(fetch(&service, &format!("/classes/{id}")).await.contains("第3次：2026年12月2日 14:00"));

    // Reminded of it a day before, once, and let in by its own code.
    at(&service, "2026-12-01T14:00:05+08:00");
    ticks(&service).await;
    assert_eq!([11, 12, 13].map(|person| many(&service, person, "第3次，2026年12月2日 14:00")), [2, 2, 2], "the news, and the reminder");
    assert_eq!([11, 12, 13].map(|person| many(&service, person, "还在候补：")), [0, 0, 1], "whoever waits is reminded of that");
    at(&service, "2026-12-02T13:50:00+08:00");
    let digits = code(&service, &id, 3).await;
    assert!(says(&service, 11, &format!("签到 {digits}")).await.contains("签到成功"));
    assert!(audited(&service).await.contains(&"class.session_add".to_owned()));
}

#[tokio::test]
async fn a_session_that_is_called_off_is_told_to_everybody_and_leaves_calendar_reminders_door_and_certificate() {
    let service = Service::at(MORNING).await;
    let id = published(&service, 2, json!({"certificate_sessions": 2})).await;
    for person in [11, 12, 13] {
        enrols(&service, &id, person).await;
    }
    let digits = code(&service, &id, 2).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let before = read(&fetch(&service, &format!("/classes/{id}/class.ics")).await);
    let cancel = format!("/classes/{id}/sessions/2/cancel");
    let class = trainer.does(&cancel, &json!({})).await;
    assert_eq!(json!([class["sessions"].as_array().unwrap().len(), class["called_off"][0]["number"]]), json!([1, 2]));
    assert_eq!(trainer.refused(&cancel, &json!({}), 409).await, "第2次已经取消过了", "a second click changes nothing");
    ticks(&service).await;
    assert_eq!([11, 12, 13].map(|person| many(&service, person, "有一次课取消")), [1, 1, 1]);
    let told = service.said(11).pop().unwrap();
    assert!(told.contains("第2次（原定 2026年11月30日 14:00）取消") && told.contains("其余时间：第1次，2026年11月26日 14:00"), "{told}");
    for path in [format!("/classes/{id}/class.ics"), "/calendar.ics".to_owned()] {
        let text = fetch(&service, &path).await;
        let after = read(&text);
        assert_eq!(after[0], before[0], "the other event stays as it is");
        assert!(after[1].0 == before[1].0 && after[1].1 > before[1].1, "the same event, a higher SEQUENCE: {after:?}");
        assert_eq!(cancelled(&text), [before[1].0.clone()], "{text}");
    }
    assert!(fetch(&service, &format!("/classes/{id}")).await.contains("第2次（原定 2026年11月30日 14:00）取消"));

    // The one that is left is enough for the certificate; the other reminds nobody and lets nobody in.
    at(&service, "2026-11-26T13:50:00+08:00");
    let first = code(&service, &id, 1).await;
    assert!(says(&service, 11, &format!("签到 {first}")).await.contains("签到成功"));
    says(&service, 11, &format!("签到 {digits}")).await;
    assert_eq!(many(&service, 11, "第2次已经取消"), 1, "{:?}", service.said(11));
    at(&service, "2026-11-26T16:00:05+08:00");
    ticks(&service).await;
    assert_eq!(many(&service, 11, "结业证明可以打印"), 1, "{:?}", service.said(11));
    at(&service, "2026-11-29T14:00:05+08:00");
    ticks(&service).await;
    assert_eq!(many(&service, 11, "2026年11月30日 14:00\n"), 0, "{:?}", service.said(11));
    let enrolment = trainer.get(&format!("/classes/{id}/roster")).await["items"][0]["enrolment"].clone();
    let late = json!({"items": [{"id": "t1", "enrolment": enrolment, "at": "2026-11-30T13:58:00+08:00"}]});
    let taken = trainer.does(&format!("/classes/{id}/sessions/2/check-ins"), &late).await;
    assert_eq!(taken["items"][0]["reason"], "cancelled", "a phone that did not know: {taken}");
    assert!(audited(&service).await.contains(&"class.session_cancel".to_owned()));
}

#[tokio::test]
async fn news_that_has_not_gone_out_is_void_when_the_times_change_again_and_a_held_seat_is_offered_anew() {
    let service = Service::at(MORNING).await;
    let id = published(&service, 1, json!({})).await;
    for person in [11, 12] {
        enrols(&service, &id, person).await;
    }
    service.telegram.says(11, 11, &format!("/start class_{id}"));
    let trainer = service.staff("小培", Role::Trainer).await;
    service.converse().await;
    let withdraw = format!("withdraw:{id}");
    let message = service.telegram.messages(11).last().unwrap().id;
    service.telegram.taps(11, 11, message, &withdraw);
    service.receive().await;
    // The offer waits in the outbox; the times change twice before it goes out.
    trainer.does(&format!("/classes/{id}/sessions"), &third()).await;
    trainer.does(&format!("/classes/{id}/sessions/2/cancel"), &json!({})).await;
    service.deliver().await;
    ticks(&service).await;
    assert_eq!((many(&service, 12, "有名额了"), many(&service, 12, "课程加了一次"), many(&service, 12, "有一次课取消")), (1, 0, 1));
    let told = service.said(12).join("\n");
    assert!(told.contains("第3次，2026年12月2日 14:00") && !told.contains("第2次，2026年11月30日"), "the latest news has it all: {told}");
}

#[tokio::test]
async fn an_impossible_session_is_refused_with_its_field_and_the_reason() {
    let service = Service::at(MORNING).await;
    let window = json!({"enrol_until": "2026-11-25T18:00:00+08:00"});
    let id = published(&service, 5, window).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let add = format!("/classes/{id}/sessions");
    for (starts_at, ends_at, field, says) in [
        ("2026-12-02T14:00:00+08:00", "2026-12-02T14:00:00+08:00", "ends_at", "结束时间要晚于开始时间"),
        ("2026-11-23T14:00:00+08:00", "2026-11-23T16:00:00+08:00", "starts_at", "开始时间已经过去"),
        ("2026-11-30T15:00:00+08:00", "2026-11-30T17:00:00+08:00", "starts_at", "第2次课和第3次课的时间重叠"),
        ("2026-11-25T09:00:00+08:00", "2026-11-25T10:00:00+08:00", "starts_at", "新加的一次要晚于报名时间（2026年11月25日 18:00）"),
    ] {
        let (status, problem) = trainer.post(&add, &json!({"starts_at": starts_at, "ends_at": ends_at})).await;
        assert_eq!((status, problem["field"].as_str()), (422, Some(field)), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
    }
    trainer.refused(&format!("{add}/9/cancel"), &json!({}), 404).await;
    trainer.does(&format!("{add}/1/cancel"), &json!({})).await;
    assert!(trainer.refused(&format!("{add}/2/cancel"), &json!({}), 409).await.contains("请改用“取消课程”"));
    service.staff("审计", Role::Auditor).await.refused(&add, &third(), 403).await;
    at(&service, "2026-11-30T14:10:00+08:00");
    trainer.does(&add, &third()).await;
    assert!(trainer.refused(&format!("{add}/2/cancel"), &json!({}), 409).await.contains("已经开始或上完"));
    at(&service, "2026-12-02T16:30:00+08:00");
    let more = json!({"starts_at": "2026-12-03T14:00:00+08:00", "ends_at": "2026-12-03T16:00:00+08:00"});
    assert!(trainer.refused(&add, &more, 409).await.contains("已经上完"));
    assert!(
        trainer.refused(&format!("/classes/{id}/cancel"), &json!({}), 409).await.contains("已经上完"),
        "what is over is not called off"
    );
    draft_is_edited(&trainer).await;
}

async fn draft_is_edited(trainer: &Staff<'_>) {
    let class = json!({"title": "草稿", "place": "三楼", "capacity": 5, "targets": {"tags": ["*"]}, "starts_at": "2026-12-20T14:00:00+08:00",
        "ends_at": "2026-12-20T16:00:00+08:00"});
    let id = trainer.does("/classes", &class).await["id"].as_str().unwrap().to_owned();
    let refused = trainer.refused(&format!("/classes/{id}/sessions"), &third(), 409).await;
    assert!(refused.contains("请直接修改课程"), "{refused}");
}

#[tokio::test]
async fn the_console_adds_a_session_and_asks_before_it_calls_one_off() {
    let service = Service::at(MORNING).await;
    let id = published(&service, 5, json!({})).await;
    enrols(&service, &id, 11).await;
    let console = service.logged_in(Role::Trainer).await;
    let here = format!("/console/classes/{id}");
    let page = console.page(&here).await;
    assert!(page.contains(&format!("{here}/sessions/new")) && page.contains(&format!("{here}/sessions/2/cancel")), "{page}");
    let add = format!("{here}/sessions");
    let refused = console.post(&add, &[("starts_at", "2026-12-02T14:00"), ("ends_at", "2026-12-02T13:00")]).await;
    assert!(refused.text.contains("结束时间要晚于开始时间") && refused.text.contains("2026-12-02T14:00"), "{}", refused.text);
    assert!(console.post(&add, &[("starts_at", "2026-12-02T14:00")]).await.text.contains("请填写结束时间"));
    assert!(console.does(&add, &[("starts_at", "2026-12-02T14:00"), ("ends_at", "2026-12-02T16:00")]).await.contains("已加一次"));
    let asked = console.page(&format!("{here}/sessions/3/cancel")).await;
    assert!(asked.contains("第3次（2026年12月2日 14:00至16:00）之后不能恢复"), "{asked}");
    let done = console.does(&format!("{here}/sessions/3/cancel"), &[]).await;
    assert!(done.contains("这一次已取消") && done.contains("已取消</"), "{done}");
    assert_eq!(console.get(&format!("{here}/sessions/3/cancel")).await.status, 404);
    service.deliver().await;
    ticks(&service).await;
    assert_eq!(
        (many(&service, 11, "课程加了一次"), many(&service, 11, "有一次课取消")),
        (0, 1),
        "the first news was void before it went out"
    );
}
