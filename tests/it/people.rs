//! F78: staff show, export and clear a person's data on the person's request: counts only, on record, and the person is told.

use std::time::Duration;

use serde_json::{Value, json};
use taxhome::clock::Clock;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::browser::{desk, phone};
use crate::harness::service::Service;
use crate::harness::web::KNOWN;

const MORNING: &str = "2026-11-24T09:30:00+08:00";
const PERSON: i64 = 11;
const IDEA: &str = "大厅能不能加个儿童座椅";
const WHY: &str = "本人到大厅出示编号，要求清除";

async fn started() -> Service {
    let service = Service::at(MORNING).await;
    service.telegram.private(PERSON, "甲");
    for text in [KNOWN, &format!("/建议 {IDEA}")] {
        service.telegram.says(PERSON, PERSON, text);
        service.converse().await;
    }
    service
}

/// Everything in the store that is written for people to read.
async fn everything(service: &Service) -> String {
    let mut conn = service.store.read().await.unwrap();
    let mut text = String::new();
    for table in taxhome::store::schema::tables(&mut conn, service.store.engine()).await.unwrap() {
        for row in taxhome::store::schema::rows(&mut conn, &table.name).await.unwrap() {
            text.push_str(&format!("{} {}\n", table.name, Value::Object(row)));
        }
    }
    text
}

async fn number(service: &Service) -> String {
    let listed = service.staff("审计", Role::Auditor).await.get("/ledger").await;
    listed["items"][0]["number"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_administrator_sees_counts_hands_over_the_file_and_clears_on_request() {
    let service = started().await;
    let number = number(&service).await;
    let admin = service.logged_in(Role::Admin).await;
    let shown = admin.post("/console/people", &[("by", "suggestion"), ("number", &number), ("reason", WHY)]).await;
    assert!(shown.status == 200 && shown.text.contains("此人问过的问题") && shown.text.contains("意见建议"), "{}", shown.text);
    assert!(!shown.text.contains(KNOWN) && !shown.text.contains(IDEA), "counts, never texts: {}", shown.text);
    let file = admin.post("/console/people/export", &[("by", "suggestion"), ("number", &number), ("reason", WHY)]).await;
    assert!(file.status == 200 && file.text.contains(KNOWN) && file.text.contains(IDEA), "{}", file.text);

    let fields = [("by", "suggestion"), ("number", number.as_str()), ("reason", WHY)];
    let asked = admin.post("/console/people/forget", &fields).await;
    assert!(asked.text.contains("不能恢复") && everything(&service).await.contains(KNOWN), "asking is not doing: {}", asked.text);
    let sure = [fields.as_slice(), &[("sure", "yes")]].concat();
    let told = admin.does("/console/people/forget", &sure).await;
    assert!(told.contains("已清除") && told.contains("还在办理"), "{told}");
    service.deliver().await;
    let said = service.said(PERSON).pop().unwrap();
    assert!(said.contains("按您向工作人员提出的要求") && said.contains("已清除您的信息"), "{said}");
    service.tick().await;
    let left = everything(&service).await;
    assert!(!left.contains(KNOWN), "{left}");
    assert!(left.contains(IDEA), "what is being seen to stays until it is answered");
    let audit = service.staff("审计", Role::Auditor).await.get(&format!("/audit?subject={number}")).await;
    let rows: Vec<(&str, &str)> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["action"].as_str().unwrap().starts_with("person"))
        .map(|row| (row["action"].as_str().unwrap(), row["detail"].as_str().unwrap()))
        .collect();
    let actions: Vec<&str> = rows.iter().map(|(action, _)| *action).collect();
    assert_eq!(actions, ["person.forget_for", "person.export", "person.look"], "{audit}");
    assert!(rows.iter().all(|(_, detail)| detail.contains(WHY) && detail.contains("questions 1") && !detail.contains("11,")), "{rows:?}");
}

#[tokio::test]
async fn only_an_administrator_may_and_only_with_a_reason_and_a_number_that_leads_to_somebody() {
    let service = started().await;
    for role in [Role::Desk, Role::Auditor, Role::Approver, Role::Trainer, Role::Publicity] {
        let staff = service.logged_in(role).await;
        assert_eq!(staff.get("/console/people").await.status, 403, "{role:?}");
        assert_eq!(staff.post("/console/people/forget", &[("by", "telegram"), ("number", "11"), ("sure", "yes")]).await.status, 403);
    }
    let admin = service.logged_in(Role::Admin).await;
    for (by, number, reason, told) in [
        ("telegram", "11", "", "请写明本人的要求"),
        ("telegram", "甲", WHY, "只有数字"),
        ("suggestion", "JY-2026-9999", WHY, "没有这个编号"),
        ("somehow", "11", WHY, "请选择凭什么查"),
    ] {
        let shown = admin.post("/console/people", &[("by", by), ("number", number), ("reason", reason)]).await;
        assert!(shown.status == 422 && shown.text.contains(told), "{by} {number}: {}", shown.text);
    }
    let nobody = admin.post("/console/people", &[("by", "telegram"), ("number", "999"), ("reason", WHY)]).await;
    assert!(nobody.status == 200 && nobody.text.contains("没有保存此人的信息"), "{}", nobody.text);
    let trail = service.staff("审计", Role::Auditor).await.get("/audit?action=person").await;
    assert!(!trail.to_string().contains("\"999\""), "an id at a platform is not written down: {trail}");
}

#[tokio::test]
async fn the_page_is_usable_on_a_desk_and_a_phone() {
    let service = started().await;
    let number = number(&service).await;
    for narrow in [false, true] {
        let browser = if narrow { phone().await } else { desk().await };
        let browser = browser.logged_in(&service.logged_in(Role::Admin).await).await;
        browser.goto(&format!("{}/console/people", service.base)).await.unwrap();
        browser.types("input[name=number]", &number).await;
        browser.types("input[name=reason]", WHY).await;
        browser.press("form.form button[type=submit]").await;
        browser.until("return document.querySelector('main').textContent.includes('此人问过的问题')").await;
        assert_eq!(browser.value("return document.documentElement.scrollWidth > innerWidth").await, false);
        assert_eq!(browser.barriers().await, Vec::<String>::new());
        browser.picture(if narrow { "people-phone" } else { "people-desk" }).await;
    }
}

#[tokio::test]
async fn questionnaires_and_answered_suggestions_are_let_go_of_in_time() {
    let service = Service::with(MORNING, &[("TAXHOME_RETENTION__LEDGER_DAYS", "400"), ("TAXHOME_RETENTION__SURVEY_DAYS", "200")]).await;
    service.telegram.private(PERSON, "甲");
    for text in [format!("/建议 {IDEA}"), "/建议 停车位太少".to_owned()] {
        service.telegram.says(PERSON, PERSON, &text);
        service.converse().await;
    }
    let desk = service.staff("李雷", Role::Admin).await;
    let listed = desk.get("/ledger").await;
    let idea = listed["items"].as_array().unwrap().iter().find(|item| item["text"].as_str().unwrap().contains(IDEA)).unwrap();
    let id = idea["id"].as_str().unwrap();
    for step in
        [json!({"stage": "accepted", "owner": "李雷"}), json!({"stage": "handling"}), json!({"stage": "answered", "note": "已加装两把"})]
    {
        desk.does(&format!("/ledger/{id}/steps"), &step).await;
    }
    let day = Duration::from_secs(24 * 3600);
    for (days, kept) in [(399, true), (2, false)] {
        service.clock.advance(day * days);
        service.clock.set(Timestamp::start_of(service.clock.now().date()).plus(Duration::from_secs(3 * 3600 + 60)));
        service.tick().await;
        service.tick().await;
        let rows = everything(&service).await;
        let ledger = |text: &str| rows.lines().any(|line| line.starts_with("ledger") && line.contains(text));
        assert_eq!((ledger(IDEA), ledger("已加装两把")), (kept, kept), "after {days} days");
        assert!(ledger("停车位太少"), "what nobody answered yet is kept");
    }
}
