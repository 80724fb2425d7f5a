//! F38: what likeness put wrong, staff put right: groups merged, a wording split off; on record, harmless when repeated, and kept to later.

use serde_json::{Value, json};
use taxhome::domain::staff::Role;

use crate::harness::browser::desk;
use crate::harness::service::Service;
use crate::harness::web::{TestWeb, serve};

const YACHT: &str = "进口二手游艇的关税怎么算";
const YACHT_OTHERWISE: &str = "请问二手游艇进口的关税怎么算啊";
const MARS: &str = "火星上种土豆怎么备案";
const MOON: &str = "月球上养鱼去哪登记";

async fn gaps(web: &TestWeb) -> Vec<Value> {
    let found: Value = web.staff(Role::Desk).await.get(web.url("/api/v1/gaps")).send().await.unwrap().json().await.unwrap();
    found["items"].as_array().unwrap().clone()
}

async fn post(web: &TestWeb, role: Role, path: &str, body: &Value) -> (u16, Value) {
    let response = web.staff(role).await.post(web.url(&format!("/api/v1{path}"))).json(body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn get(web: &TestWeb, path: &str) -> Value {
    web.staff(Role::Auditor).await.get(web.url(&format!("/api/v1{path}"))).send().await.unwrap().json().await.unwrap()
}

/// The id of the group that stands under this question.
async fn under(web: &TestWeb, question: &str) -> String {
    let listed = gaps(web).await;
    let gap = listed.iter().find(|gap| gap["question"] == question).unwrap_or_else(|| panic!("no {question}: {listed:?}"));
    gap["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn merged_groups_are_one_and_like_questions_find_it_from_then_on() {
    let web = serve().await;
    for question in [YACHT, MARS, MARS, YACHT_OTHERWISE] {
        web.ask(question).await;
    }
    let (yacht, mars) = (under(&web, YACHT).await, under(&web, MARS).await);
    let path = format!("/gaps/{mars}/merge");
    let (status, why) = post(&web, Role::Desk, &path, &json!({"into": mars})).await;
    assert!(status == 422 && why["field"] == "into", "{why}");
    let (status, why) = post(&web, Role::Desk, &path, &json!({"into": "gap_nothing"})).await;
    assert!(status == 422 && why["detail"].as_str().unwrap().contains("没有这组"), "{why}");
    assert_eq!(post(&web, Role::Approver, &path, &json!({"into": yacht})).await.0, 403);
    for _ in 0..2 {
        let (status, merged) = post(&web, Role::Desk, &path, &json!({"into": yacht})).await;
        assert_eq!((status, &merged["id"], &merged["count"]), (200, &json!(yacht), &json!(4)), "{merged}");
    }
    let one = get(&web, &format!("/gaps/{mars}")).await;
    assert_eq!((&one["id"], one["wordings"].as_array().unwrap().len()), (&json!(yacht), 3), "the old address leads on: {one}");
    web.ask("火星种土豆如何备案").await;
    let listed = gaps(&web).await;
    assert!(listed.len() == 1 && listed[0]["count"] == 5, "{listed:?}");
    let audit = get(&web, &format!("/audit?subject={yacht}")).await;
    let rows: Vec<&Value> = audit["items"].as_array().unwrap().iter().filter(|row| row["action"] == "gap.merge").collect();
    assert!(rows.len() == 1 && rows[0]["detail"].as_str().unwrap().contains(MARS), "{audit}");
    assert_eq!(post(&web, Role::Desk, &path, &json!({"into": "gap_else"})).await.0, 409, "it is elsewhere already");
}

#[tokio::test]
async fn a_wording_is_split_off_with_all_who_asked_in_it_and_stays_apart() {
    let web = serve().await;
    for question in [YACHT, MARS, MARS] {
        web.ask(question).await;
    }
    let (yacht, mars) = (under(&web, YACHT).await, under(&web, MARS).await);
    post(&web, Role::Desk, &format!("/gaps/{mars}/merge"), &json!({"into": yacht})).await;
    let path = format!("/gaps/{yacht}/split");
    let (status, why) = post(&web, Role::Desk, &path, &json!({"wording": YACHT})).await;
    assert!(status == 409 && why["detail"].as_str().unwrap().contains("标题"), "{why}");
    let (status, why) = post(&web, Role::Desk, &path, &json!({"wording": MOON})).await;
    assert!(status == 422 && why["field"] == "wording", "{why}");
    let (status, split) = post(&web, Role::Desk, &path, &json!({"wording": MARS})).await;
    assert_eq!((status, &split["question"], &split["count"], &split["state"]), (200, &json!(MARS), &json!(2), &json!("open")), "{split}");
    let (status, again) = post(&web, Role::Desk, &path, &json!({"wording": MARS})).await;
    assert_eq!((status, &again["id"]), (200, &split["id"]), "a second click");
    web.ask(MARS).await;
    let listed = gaps(&web).await;
    let counted: Vec<(&str, i64)> = listed.iter().map(|gap| (gap["question"].as_str().unwrap(), gap["count"].as_i64().unwrap())).collect();
    assert_eq!(counted, [(MARS, 3), (YACHT, 1)]);
    assert_eq!(get(&web, &format!("/audit?subject={yacht}")).await["items"][0]["action"], "gap.split");
}

#[tokio::test]
async fn an_answered_group_takes_others_in_and_is_not_merged_away_and_who_asked_is_told() {
    let service = Service::at("2026-11-24T09:30:00+08:00").await;
    for (person, name, question) in [(11, "甲", YACHT), (12, "乙", MOON)] {
        service.telegram.private(person, name);
        service.telegram.says(person, person, question);
        service.converse().await;
    }
    let desk = service.staff("李雷", Role::Desk).await;
    let listed = desk.get("/gaps").await;
    let id = |question: &str| {
        let gap = listed["items"].as_array().unwrap().iter().find(|gap| gap["question"] == question).unwrap();
        gap["id"].as_str().unwrap().to_owned()
    };
    let (yacht, moon) = (id(YACHT), id(MOON));
    let draft = json!({"question": YACHT, "answer": "月销售额没有达到10万元的，免征增值税。", "passages": [{"document": "vat-threshold", "passage": 0}]});
    desk.does(&format!("/gaps/{yacht}/draft"), &draft).await;
    assert!(desk.refused(&format!("/gaps/{yacht}/merge"), &json!({"into": moon}), 409).await.contains("反过来"));
    service.staff("王审", Role::Approver).await.does(&format!("/gaps/{yacht}/approve"), &json!({"revision": 1})).await;
    service.deliver().await;
    assert!(!service.said(12).pop().unwrap().contains("现在有答复了"));
    for _ in 0..2 {
        assert_eq!(desk.does(&format!("/gaps/{moon}/merge"), &json!({"into": yacht})).await["state"], "published");
    }
    service.deliver().await;
    let told = service.said(12).pop().unwrap();
    assert!(told.contains(MOON) && told.contains("相近的问题") && told.contains("现在有答复了"), "{told}");
    let (first, second) = (service.said(11).len(), service.said(12).len());
    service.deliver().await;
    assert_eq!((service.said(11).len(), service.said(12).len()), (first, second), "once");
}

#[tokio::test]
async fn in_the_console_groups_are_merged_and_a_wording_is_split_off() {
    let web = serve().await;
    for question in [YACHT, MARS] {
        web.ask(question).await;
    }
    let (yacht, mars) = (under(&web, YACHT).await, under(&web, MARS).await);
    let browser = desk().await.logged_in(&web.logged_in(Role::Desk).await).await;
    browser.goto(&web.url(&format!("/console/gaps/{mars}"))).await.unwrap();
    browser.value("document.querySelectorAll('details').forEach(fold => fold.open = true)").await;
    browser.picture("gap-merge").await;
    browser.press(&format!("select[name=into] option[value='{yacht}']")).await;
    browser.press("form[action$='/merge'] button").await;
    browser.until("return document.querySelector('main').textContent.includes('已并入这一组')").await;
    assert!(browser.current_url().await.unwrap().path().ends_with(&yacht));
    browser.goto(&web.url(&format!("/console/gaps/{mars}"))).await.unwrap();
    assert!(browser.current_url().await.unwrap().path().ends_with(&yacht), "the old address leads on");
    browser.value("document.querySelectorAll('details').forEach(fold => fold.open = true)").await;
    browser.picture("gap-split").await;
    browser.press("form[action$='/split'] button").await;
    browser.until("return document.querySelector('main').textContent.includes('已拆成单独一组')").await;
    assert_eq!(gaps(&web).await.len(), 2);
}
