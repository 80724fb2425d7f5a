//! F60 to F62: what a trainer asks, the sessions of a class, its door by code and by taps, and the certificate; from the outside only.

use serde_json::{Value, json};
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::service::{Service, Staff};
use crate::harness::web::client;

const MORNING: &str = "2026-11-24T09:00:00+08:00";
const FIRST: &str = "2026-11-26T14:00:00+08:00";
const SECOND: &str = "2026-11-27T14:00:00+08:00";

fn series() -> Value {
    json!({
        "title": "新办企业两讲", "place": "办税厅三楼", "capacity": 3, "targets": {"tags": ["*"]},
        "sessions": [
            {"starts_at": FIRST, "ends_at": "2026-11-26T16:00:00+08:00"},
            {"starts_at": SECOND, "ends_at": "2026-11-27T15:30:00+08:00"}
        ],
        "fields": [
            {"label": "单位名称", "reason": "准备材料", "required": true},
            {"label": "人数", "reason": "安排座位", "kind": "number"}
        ]
    })
}

async fn published(service: &Service) -> String {
    let trainer = service.staff("小培", Role::Trainer).await;
    service.staff("小宣", Role::Publicity).await.register(-1001, "城东", &[]).await;
    let id = trainer.does("/classes", &series()).await["id"].as_str().unwrap().to_owned();
    trainer.does(&format!("/classes/{id}/publish"), &json!({})).await;
    id
}

async fn says(service: &Service, person: i64, text: &str) -> String {
    service.telegram.says(person, person, text);
    service.converse().await;
    service.said(person).pop().unwrap_or_default()
}

async fn enrols(service: &Service, class: &str, person: i64, name: &str) {
    service.telegram.private(person, name);
    says(service, person, &format!("/start class_{class}")).await;
    says(service, person, &format!("{name}商行")).await;
    says(service, person, "2").await;
}

fn at(service: &Service, time: &str) {
    service.clock.set(Timestamp::parse(time).unwrap());
}

/// The six digits on the trainer's page.
async fn code(service: &Service, class: &str, session: i64) -> String {
    let page = service.logged_in(Role::Trainer).await.page(&format!("/console/classes/{class}/sessions/{session}")).await;
    let code = page.split(['>', '<']).find(|text| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()));
    code.unwrap_or_else(|| panic!("no code on {page}")).to_owned()
}

async fn roster(staff: &Staff<'_>, class: &str) -> Vec<Value> {
    staff.get(&format!("/classes/{class}/roster")).await["items"].as_array().unwrap().clone()
}

async fn tap(staff: &Staff<'_>, class: &str, session: i64, items: &Value) -> Vec<String> {
    let answer = staff.does(&format!("/classes/{class}/sessions/{session}/check-ins"), &json!({"items": items})).await;
    answer["items"].as_array().unwrap().iter().map(|item| item["reason"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_a_trainer_asks_is_asked_one_by_one_and_seen_by_trainers_only() {
    let service = Service::at(MORNING).await;
    let id = published(&service).await;
    service.telegram.private(11, "甲");
    says(&service, 11, &format!("/start class_{id}")).await;
    let said = service.said(11).join("\n");
    assert!(said.contains("请回复：单位名称") && said.contains("用途：准备材料"), "{said}");
    assert!(says(&service, 11, "甲商行").await.contains("请回复：人数"));
    assert!(says(&service, 11, "两三个").await.contains("请只写一个整数"), "a number is a number");
    assert!(says(&service, 11, "3").await.contains("填好了"));
    let (trainer, auditor) = (service.staff("小培", Role::Trainer).await, service.staff("审计", Role::Auditor).await);
    assert_eq!(roster(&trainer, &id).await[0]["answers"], json!({"单位名称": "甲商行", "人数": "3"}));
    assert!(roster(&auditor, &id).await[0].get("answers").is_none(), "for those who run classes only");
    assert!(!says(&service, 11, "小规模开票几个点").await.contains("请回复"), "words are questions again");
}

#[tokio::test]
async fn the_door_lets_in_once_by_the_right_code_at_the_right_time_and_says_why_not() {
    let service = Service::at(MORNING).await;
    let id = published(&service).await;
    enrols(&service, &id, 11, "甲").await;
    service.telegram.private(12, "乙");
    says(&service, 12, "/start").await;
    let (one, two) = (code(&service, &id, 1).await, code(&service, &id, 2).await);
    assert_ne!(one, two);
    assert!(says(&service, 11, &format!("签到 {one}")).await.contains("还没到签到时间"));
    at(&service, "2026-11-26T13:40:00+08:00");
    assert!(says(&service, 11, &format!("签到 {two}")).await.contains("现在上的不是这一次"));
    assert!(says(&service, 12, &format!("签到 {one}")).await.contains("没有报名"));
    let wide: String = one.chars().map(|c| char::from_u32(u32::from(c) - u32::from('0') + u32::from('０')).unwrap()).collect();
    assert!(says(&service, 11, &format!("签到 {wide}")).await.contains("签到成功"), "full-width digits too");
    assert!(says(&service, 11, &format!("签到 {one}")).await.contains("已经签到过了"));
    let trainer = service.staff("小培", Role::Trainer).await;
    assert_eq!(roster(&trainer, &id).await[0]["came"], json!([1]));
    at(&service, "2026-11-26T16:30:00+08:00");
    assert!(says(&service, 11, &format!("签到 {two}")).await.contains("还没到签到时间"));

    // Guessing ends after five, for the right code too.
    let wrong = if one == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        service.clock.advance(std::time::Duration::from_secs(2));
        says(&service, 12, &format!("签到 {wrong}")).await;
    }
    assert!(says(&service, 12, &format!("签到 {two}")).await.contains("错得太多"));
}

#[tokio::test]
async fn taps_of_a_phone_without_a_signal_are_taken_later_once_and_walk_ins_get_free_seats() {
    let service = Service::at(MORNING).await;
    let id = published(&service).await;
    enrols(&service, &id, 11, "甲").await;
    enrols(&service, &id, 12, "乙").await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let lines = roster(&trainer, &id).await;
    let of = |index: usize| lines[index]["enrolment"].clone();
    // Uploaded in the evening: what counts is when somebody stood at the door.
    at(&service, "2026-11-26T20:00:00+08:00");
    let taps = json!([
        {"id": "t1", "enrolment": of(0), "at": "2026-11-26T13:55:00+08:00"},
        {"id": "t2", "name": "路过的丙", "at": "2026-11-26T13:56:00+08:00"},
        {"id": "t3", "name": "再来的丁", "at": "2026-11-26T13:57:00+08:00"},
        {"id": "t4", "enrolment": "enr_none"},
        {"id": "t5", "enrolment": of(1), "at": "2026-11-26T09:00:00+08:00"}
    ]);
    let first = tap(&trainer, &id, 1, &taps).await;
    assert_eq!(first, ["checked_in", "checked_in", "full", "not_enrolled", "too_early"]);
    let again = tap(&trainer, &id, 1, &taps).await;
    assert_eq!(again, ["already_in", "already_in", "full", "not_enrolled", "too_early"], "sent twice changes nothing");
    assert_eq!(roster(&trainer, &id).await.len(), 3, "one line for the walk-in");
    trainer.refused(&format!("/classes/{id}/sessions/9/check-ins"), &json!({"items": []}), 404).await;
    let both = json!({"items": [{"id": "t9", "enrolment": of(0), "name": "甲"}]});
    assert!(trainer.refused(&format!("/classes/{id}/sessions/1/check-ins"), &both, 422).await.contains("只写一个"));
    let auditor = service.staff("审计", Role::Auditor).await;
    auditor.refused(&format!("/classes/{id}/sessions/1/check-ins"), &json!({"items": []}), 403).await;
}

#[tokio::test]
async fn whoever_came_to_all_sessions_gets_a_certificate_that_anybody_can_check() {
    let service = Service::at(MORNING).await;
    let id = published(&service).await;
    for (person, name) in [(11, "甲"), (12, "乙")] {
        enrols(&service, &id, person, name).await;
    }
    for (session, time) in [(1, FIRST), (2, SECOND)] {
        let code = code(&service, &id, session).await;
        at(&service, time);
        assert!(says(&service, 11, &format!("签到 {code}")).await.contains("签到成功"));
        if session == 1 {
            says(&service, 12, &format!("签到 {code}")).await;
        }
    }
    at(&service, "2026-11-27T15:31:00+08:00");
    for _ in 0..3 {
        service.tick().await;
        service.deliver().await;
    }
    let told: Vec<String> = service.said(11).into_iter().filter(|text| text.contains("结业证明")).collect();
    assert_eq!(told.len(), 1, "told once: {told:?}");
    assert!(!service.said(12).iter().any(|text| text.contains("结业证明")), "one session of two is not enough");
    let number = told[0].rsplit('/').next().unwrap().trim().to_owned();
    // The fake names whoever writes 测试 and their number.
    let seen: Value = client(Default::default())
        .get(format!("{}/api/v1/certificates/{number}", service.base))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&seen["name"], &seen["sessions"], &seen["minutes"], &seen["valid"]),
        (&json!("测试11"), &json!(2), &json!(210), &json!(true))
    );
    let page = client(Default::default()).get(format!("{}/certificates/{number}", service.base)).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("3.5 小时"));
    let none = client(Default::default()).get(format!("{}/api/v1/certificates/AAAA-BBBB-CCCC", service.base)).send().await.unwrap();
    assert_eq!(none.status(), 404);
    assert!(says(&service, 12, "/certificates").await.contains("还没有结业证明"));
}

#[tokio::test]
async fn an_impossible_class_is_refused_at_its_field() {
    let service = Service::at(MORNING).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    service.staff("小宣", Role::Publicity).await.register(-1001, "城东", &[]).await;
    let with = |field: &str, value: Value| {
        let mut class = series();
        class[field] = value;
        class
    };
    let times = |pairs: [[&str; 2]; 2]| json!(pairs.map(|[from, to]| json!({"starts_at": from, "ends_at": to})));
    for (class, words) in [
        (with("capacity", json!(0)), "名额"),
        (with("capacity", json!(100_000)), "名额"),
        (with("reminders", json!([-60])), "提醒"),
        (with("enrol_until", json!("2026-11-28T00:00:00+08:00")), "报名"),
        (with("sessions", times([[FIRST, "2026-11-26T13:00:00+08:00"], [SECOND, "2026-11-27T16:00:00+08:00"]])), "结束"),
        (with("sessions", times([[FIRST, "2026-11-26T16:00:00+08:00"], ["2026-11-26T15:00:00+08:00", "2026-11-26T17:00:00+08:00"]])), "重"),
        (with("certificate_sessions", json!(3)), "次"),
        (with("fields", json!([{"label": "", "reason": "准备材料"}])), "字"),
    ] {
        let said = trainer.refused("/classes", &class, 422).await;
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[tokio::test]
async fn what_a_trainer_asks_is_asked_on_the_web_too_and_nothing_typed_is_lost() {
    let service = Service::at(MORNING).await;
    let id = published(&service).await;
    let browser = client(Default::default());
    let page = format!("{}/classes/{id}", service.base);
    let shown = browser.get(&page).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("单位名称") && shown.contains("用途：准备材料") && shown.contains("人数（可不填）"), "{shown}");
    let enrol = async |fields: &[(&str, &str)]| browser.post(format!("{page}/enrol")).form(fields).send().await.unwrap();
    for (fields, says) in [
        ([("name", "小王"), ("a0", ""), ("a1", "2")], "单位名称"),
        ([("name", "小王"), ("a0", "甲商行"), ("a1", "两三个")], "人数"),
        ([("name", ""), ("a0", "甲商行"), ("a1", "2")], "姓名"),
    ] {
        let refused = enrol(&fields).await;
        assert_eq!(refused.status(), 422, "{fields:?}");
        let text = refused.text().await.unwrap();
        let said = text.split("role=\"status\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        assert!(said.contains(says), "{fields:?}: {said}");
        for (_, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            assert!(text.contains(&format!("value=\"{value}\"")), "what was typed stays: {value}");
        }
    }
    let trainer = service.staff("小培", Role::Trainer).await;
    assert_eq!(roster(&trainer, &id).await.len(), 0, "nobody has a seat by half");
    assert_eq!(enrol(&[("name", "小王"), ("a0", "甲商行 13812345678"), ("a1", "2")]).await.status(), 303);
    let line = roster(&trainer, &id).await.remove(0);
    assert_eq!((&line["person"], &line["answers"]["人数"]), (&json!("小王"), &json!("2")));
    let unit = line["answers"]["单位名称"].as_str().unwrap();
    assert!(unit.starts_with("甲商行") && !unit.contains("13812345678"), "{unit}");
}
