//! Bad input around classes and the promotion month: each is refused with a Chinese sentence that names the field, and the field by its name,
//! on every way in; nothing of it is kept.

use serde_json::{Value, json};
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::service::Service;
use crate::harness::web::client;

const MORNING: &str = "2026-11-24T09:00:00+08:00";
const PERSON: i64 = 11;

fn class(title: &str, day: &str) -> Value {
    json!({"title": title, "starts_at": format!("{day}T14:00:00+08:00"), "ends_at": format!("{day}T16:00:00+08:00"), "place": "办税厅三楼",
        "capacity": 20, "reminders": [60], "targets": {"tags": ["*"]}})
}

async fn started() -> Service {
    let service = Service::at(MORNING).await;
    service.staff("小宣", Role::Publicity).await.register(-1001, "城东", &[]).await;
    service.telegram.private(PERSON, "甲");
    service
}

async fn published(service: &Service, class: &Value) -> String {
    let trainer = service.staff("小培", Role::Trainer).await;
    let id = trainer.does("/classes", class).await["id"].as_str().unwrap().to_owned();
    trainer.does(&format!("/classes/{id}/publish"), &json!({})).await;
    id
}

async fn says(service: &Service, text: &str) -> String {
    service.telegram.says(PERSON, PERSON, text);
    service.converse().await;
    service.said(PERSON).pop().unwrap_or_default()
}

#[tokio::test]
async fn an_impossible_class_is_refused_with_its_field_and_a_sentence_that_names_it() {
    let service = started().await;
    let trainer = service.staff("小培", Role::Trainer).await;
    for (field, value, says) in [
        ("ends_at", json!("2026-11-27T13:59:00+08:00"), "结束时间"),
        ("ends_at", json!("2026-11-27T14:00:00+08:00"), "结束时间"),
        ("capacity", json!(0), "名额"),
        ("capacity", json!(100_000), "名额"),
        ("reminders", json!([-30]), "提醒要在开课以前"),
        ("reminders", json!([0]), "提醒要在开课以前"),
        ("enrol_until", json!("2026-11-27T14:01:00+08:00"), "报名截止时间"),
    ] {
        let mut wrong = class("第一课", "2026-11-27");
        wrong[field] = value.clone();
        let (status, problem) = trainer.post("/classes", &wrong).await;
        assert_eq!((status, problem["field"].as_str()), (422, Some(field)), "{value}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{value}: {problem}");
    }
    assert_eq!(trainer.get("/classes").await["items"], json!([]), "nothing is kept");
}

#[tokio::test]
async fn whoever_enrols_after_the_window_is_told_so_in_the_chat_and_on_the_page() {
    let service = started().await;
    let mut early = class("早截止的课", "2026-11-27");
    early["enrol_from"] = json!("2026-11-24T10:00:00+08:00");
    early["enrol_until"] = json!("2026-11-25T10:00:00+08:00");
    let id = published(&service, &early).await;
    let page = format!("{}/classes/{id}/enrol", service.base);
    let enrol = async || client(Default::default()).post(&page).form(&[("name", "王芳")]).send().await.unwrap().text().await.unwrap();
    assert!(says(&service, &format!("/start class_{id}")).await.contains("还没开始报名"));
    assert!(enrol().await.contains("还没开始报名"));
    service.clock.set(Timestamp::parse("2026-11-25T10:00:00+08:00").unwrap());
    let said = says(&service, &format!("/start class_{id}")).await;
    assert!(said.contains("“早截止的课”的报名已经截止"), "{said}");
    let told = enrol().await;
    assert!(told.contains("“早截止的课”的报名已经截止"), "{told}");
    let roster = service.staff("小培", Role::Trainer).await.get(&format!("/classes/{id}/roster")).await;
    assert_eq!(roster["items"], json!([]));
}

#[tokio::test]
async fn a_forged_or_foreign_check_in_code_checks_nobody_in_and_says_what_to_do() {
    let service = started().await;
    let mut silent = class("我的课", "2026-11-24");
    silent["reminders"] = json!([]);
    let mine = published(&service, &silent).await;
    let other = published(&service, &class("别的课", "2026-11-25")).await;
    assert!(says(&service, &format!("/start class_{mine}")).await.contains("报名成功"));
    service.clock.set(Timestamp::parse("2026-11-24T13:50:00+08:00").unwrap());
    let code = async |class: &str| {
        let page = service.logged_in(Role::Trainer).await.page(&format!("/console/classes/{class}/sessions/1")).await;
        page.split(['>', '<']).find(|text| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())).unwrap().to_owned()
    };
    let (right, foreign) = (code(&mine).await, code(&other).await);
    let forged = (0..1_000_000).map(|number| format!("{number:06}")).find(|code| *code != right && *code != foreign).unwrap();
    // The same at the three doors: the chat, the page of the class, and the trainer's page.
    let browser = client(Default::default());
    let enrolled = browser.post(format!("{}/classes/{mine}/enrol", service.base)).form(&[("name", "王芳")]).send().await.unwrap();
    let cookie = enrolled.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = async |code: &str| {
        let door = format!("{}/classes/{mine}/check-in", service.base);
        let answer = browser.post(door).header("cookie", &cookie).form(&[("code", code)]).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let said = says(&service, &format!("签到 {forged}")).await;
    assert!(said.contains("签到码不对") && said.contains("六位数字"), "{said}");
    let said = says(&service, &format!("签到 {foreign}")).await;
    assert!(said.contains("别的课") && !said.contains("签到成功"), "{said}");
    for code in [forged.as_str(), foreign.as_str(), "", "１２３"] {
        let (status, said) = page(code).await;
        assert!(status == 422 && said.contains("签到码不对") && said.contains("六位数字"), "{code}: {status} {said}");
    }
    // Whoever writes so much in a minute is asked to slow down.
    service.clock.advance(std::time::Duration::from_secs(60));
    let trainer = service.staff("小培", Role::Trainer).await;
    silent["title"] = json!("第三课");
    let others = published(&service, &silent).await;
    assert!(says(&service, &format!("/start class_{others}")).await.contains("报名成功"));
    let elsewhere = trainer.get(&format!("/classes/{others}/roster")).await["items"][0]["enrolment"].clone();
    let taps = json!({"items": [{"id": "t1", "enrolment": elsewhere}]});
    let tapped = trainer.does(&format!("/classes/{mine}/sessions/1/check-ins"), &taps).await;
    assert_eq!(tapped["items"][0]["reason"], "not_enrolled", "{tapped}");
    let came = async || {
        let roster = trainer.get(&format!("/classes/{mine}/roster")).await;
        json!([roster["items"][0]["came"], roster["items"][1]["came"]])
    };
    assert_eq!(came().await, json!([[], []]));
    assert!(says(&service, &format!("签到 {right}")).await.contains("签到成功"), "a mistake does not lock the door");
    let (status, said) = page(&right).await;
    assert!(status == 200 && said.contains("签到成功"), "{said}");
    assert_eq!(came().await, json!([[1], [1]]));

    // A class that is called off takes nobody in.
    let third = code(&others).await;
    trainer.does(&format!("/classes/{others}/cancel"), &json!({})).await;
    service.deliver().await;
    let said = says(&service, &format!("签到 {third}")).await;
    assert!(said.contains("已经取消，不用签到"), "{said}");
}

#[tokio::test]
async fn an_impossible_day_in_a_plan_is_refused_with_its_field() {
    let service = started().await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let plan = |date: &str, more: Value| {
        let mut item = json!({"kind": "post", "title": "一条", "date": date, "body": "正文"});
        for (key, value) in more.as_object().unwrap() {
            item[key] = value.clone();
        }
        json!({"title": "四月", "starts_on": "2027-04-01", "ends_on": "2027-04-30", "items": [item]})
    };
    for (plan, field, says) in [
        (plan("2027-04-31", json!({})), "date", "“2027-04-31”不是日期"),
        (plan("2027-02-29", json!({})), "date", "“2027-02-29”不是日期"),
        (plan("2027-05-01", json!({})), "items.date", "不在活动期间内"),
        (plan("2027-04-02", json!({"time": "25:00"})), "items.time", "09:00"),
    ] {
        let (status, problem) = publicity.post("/campaigns", &plan).await;
        assert_eq!(status, 422, "{problem}");
        assert!(problem["field"].as_str().unwrap_or_default().ends_with(field), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
    }
    let mut backwards = plan("2027-04-02", json!({}));
    backwards["ends_on"] = json!("2027-03-31");
    let (_, problem) = publicity.post("/campaigns", &backwards).await;
    assert_eq!(problem["field"], "ends_on", "{problem}");
    assert_eq!(publicity.get("/campaigns").await["items"], json!([]));
}
