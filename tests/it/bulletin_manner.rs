//! F45, F47, F51, F52, F56: when a bulletin may go out, what its approval covers, and what waits for a person.

use std::time::Duration;

use serde_json::{Value, json};
use taxhome::domain::staff::Role;

use crate::harness::service::{Service, Staff};

const EAST: i64 = -1001;
const WEST: i64 = -1002;

fn draft(title: &str) -> Value {
    json!({"title": title, "body": format!("{title}的正文。"), "targets": {"tags": ["个体户"]}})
}

async fn approved(publicity: &Staff<'_>, approver: &Staff<'_>, body: &Value) -> String {
    let id = publicity.does("/bulletins", body).await["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    id
}

async fn load_2026(service: &Service, admin: &Staff<'_>) {
    let year = json!({"year": 2026, "source": "国办发明电〔2025〕7号", "makeup_workdays": ["2026-05-09", "2026-10-10"],
        "holidays": [{"name": "国庆节", "from": "2026-10-01", "to": "2026-10-07"}]});
    admin.does("/calendar/workdays", &year).await;
    assert!(service.app.freshness.refresh_if_changed().await.unwrap());
}

#[tokio::test]
async fn a_bulletin_for_workdays_needs_the_years_calendar_and_keeps_off_holidays() {
    let service = Service::at("2026-09-30T15:00:00+08:00").await;
    let (publicity, approver) = (service.staff("小宣", Role::Publicity).await, service.staff("老审", Role::Approver).await);
    let admin = service.staff("管理员", Role::Admin).await;
    publicity.register(EAST, "城东", &["个体户"]).await;
    let mut body = draft("节前提醒");
    body["workdays_only"] = json!(true);
    let id = approved(&publicity, &approver, &body).await;
    let at = |at: &str| json!({ "at": at });
    let schedule = format!("/bulletins/{id}/schedule");
    let missing = publicity.refused(&schedule, &at("2026-10-02T09:00:00+08:00"), 409).await;
    assert!(missing.contains("2026年的放假和调休安排还没有录入"), "{missing}");
    load_2026(&service, &admin).await;
    let off = publicity.refused(&schedule, &at("2026-10-02T09:00:00+08:00"), 409).await;
    assert_eq!(off, "2026年10月2日 是休息日，这条通知只在工作日发送，下一个工作日是 2026年10月8日；请改排期，或由审核人员加急");
    let night = publicity.refused(&schedule, &at("2026-09-30T22:00:00+08:00"), 409).await;
    assert!(night.starts_with("2026年10月1日 是休息日"), "after the quiet hours it is a holiday: {night}");
    assert!(publicity.refused(&schedule, &at("2027-01-04T09:00:00+08:00"), 409).await.contains("2027年"));
    publicity.does(&schedule, &at("2026-10-10T09:00:00+08:00")).await;
    service.clock.set(taxhome::domain::time::Timestamp::parse("2026-10-10T09:00:01+08:00").unwrap());
    service.tick().await;
    service.deliver().await;
    assert_eq!(service.said(EAST).len(), 1, "a make-up Saturday is worked");
}

#[tokio::test]
async fn at_night_it_waits_until_the_approver_says_it_is_urgent_and_why() {
    let service = Service::at("2026-11-24T22:00:00+08:00").await;
    let (publicity, approver) = (service.staff("小宣", Role::Publicity).await, service.staff("老审", Role::Approver).await);
    publicity.register(EAST, "城东", &["个体户"]).await;
    let id = approved(&publicity, &approver, &draft("系统停机")).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    let note = publicity.get(&format!("/bulletins/{id}")).await["note"].clone();
    assert_eq!(note, "现在是静默时段，将在 2026年11月25日 08:00 开始发送；急事可由审核人员加急");
    service.app.outbox.run_once(taxhome::clock::Clock::now(&service.clock)).await.unwrap();
    assert!(service.said(EAST).is_empty(), "quiet");
    let urge = format!("/bulletins/{id}/urge");
    publicity.refused(&urge, &json!({"reason": "急"}), 403).await;
    assert!(approver.refused(&urge, &json!({"reason": " "}), 422).await.contains("reason"));
    assert_eq!(approver.does(&urge, &json!({"reason": "今晚停机，明早办税受影响"})).await["urgent"], true);
    let before = taxhome::clock::Clock::now(&service.clock);
    service.deliver().await;
    assert_eq!(service.said(EAST).len(), 1);
    assert!(taxhome::clock::Clock::now(&service.clock).since(before) < Duration::from_secs(60), "not in the morning");
}

#[tokio::test]
async fn a_group_that_joins_after_the_approval_is_not_written_to_without_a_new_one() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let (publicity, approver) = (service.staff("小宣", Role::Publicity).await, service.staff("老审", Role::Approver).await);
    publicity.register(EAST, "城东", &["个体户"]).await;
    let id = approved(&publicity, &approver, &draft("起征点")).await;
    publicity.does(&format!("/bulletins/{id}/schedule"), &json!({"at": "2026-11-24T10:00:00+08:00"})).await;
    publicity.register(WEST, "城西", &["个体户"]).await;
    service.clock.advance(Duration::from_secs(3_601));
    service.tick().await;
    service.deliver().await;
    assert!(service.said(EAST).is_empty() && service.said(WEST).is_empty());
    let bulletin = publicity.get(&format!("/bulletins/{id}")).await;
    assert_eq!(
        (&bulletin["state"], &bulletin["note"]),
        (&json!("held"), &json!("审核之后发送对象有变化：多了 城西；请修改后重新提交审核"))
    );
    publicity.refused(&format!("/bulletins/{id}/send"), &json!({}), 409).await;
    publicity.patch(&format!("/bulletins/{id}"), &json!({"summary": "两个群"})).await;
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.deliver().await;
    assert_eq!((service.said(EAST).len(), service.said(WEST).len()), (1, 1));
}

#[tokio::test]
async fn the_same_text_scheduled_twice_goes_out_once_and_the_second_is_held() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let (publicity, approver) = (service.staff("小宣", Role::Publicity).await, service.staff("老审", Role::Approver).await);
    publicity.register(EAST, "城东", &["个体户"]).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let id = approved(&publicity, &approver, &draft("起征点")).await;
        publicity.does(&format!("/bulletins/{id}/schedule"), &json!({"at": "2026-11-24T10:00:00+08:00"})).await;
        ids.push(id);
    }
    service.clock.advance(Duration::from_secs(3_601));
    service.tick().await;
    service.deliver().await;
    assert_eq!(service.said(EAST).len(), 1);
    let mut held = Vec::new();
    for id in &ids {
        let bulletin = publicity.get(&format!("/bulletins/{id}")).await;
        if bulletin["state"] == "held" {
            held.push(bulletin);
        }
    }
    assert_eq!(held.len(), 1);
    assert!(held[0]["note"].as_str().unwrap().starts_with("同样的内容 7 天内已发给 城东"), "{}", held[0]);
    let id = held[0]["id"].as_str().unwrap();
    publicity.does(&format!("/bulletins/{id}/cancel"), &json!({})).await;
    assert_eq!(publicity.get(&format!("/bulletins/{id}")).await["note"], Value::Null);
}

#[tokio::test]
async fn a_recall_reaches_a_group_that_takes_no_bulletins_any_more() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let (publicity, approver) = (service.staff("小宣", Role::Publicity).await, service.staff("老审", Role::Approver).await);
    let channel = publicity.register(EAST, "城东", &["个体户"]).await;
    let id = approved(&publicity, &approver, &draft("起征点")).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.deliver().await;
    publicity.patch(&format!("/channels/{channel}"), &json!({"is_target": false})).await;
    publicity.does(&format!("/bulletins/{id}/recall"), &json!({})).await;
    service.deliver().await;
    assert!(service.said(EAST).is_empty());
}

#[tokio::test]
async fn a_new_document_drafts_its_bulletin_before_any_group_is_there_and_targets_are_asked_for_at_submission() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let (publicity, approver) = (service.staff("小宣", Role::Publicity).await, service.staff("老审", Role::Approver).await);
    let text = "国家税务总局公告2026年第99号\n\n关于测试事项的公告\n\n第一条 测试用的条款，只在测试里使用。\n";
    let part = reqwest::multipart::Part::bytes(text.as_bytes().to_vec()).file_name("关于测试事项的公告.txt");
    let report = publicity.upload("/documents", reqwest::multipart::Form::new().part("file", part)).await;
    let id = report["stored"][0]["bulletin"].as_str().unwrap().to_owned();
    let asked = publicity.refused(&format!("/bulletins/{id}/submit"), &json!({}), 422).await;
    assert_eq!(asked, "还没有登记可以发通知的群聊，请先登记（工作台“群聊”，或接口 POST /api/v1/channels）");
    publicity.register(EAST, "城东", &["个体户"]).await;
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
}

#[tokio::test]
async fn a_calendar_that_cannot_be_right_is_refused_by_field_and_a_missing_year_is_told_sixty_days_before() {
    let service = Service::at("2026-10-25T09:00:00+08:00").await;
    let admin = service.staff("管理员", Role::Admin).await;
    load_2026(&service, &admin).await;
    assert_eq!(admin.get("/calendar").await["missing"], Value::Null);
    service.clock.advance(Duration::from_secs(20 * 24 * 3600));
    assert!(admin.get("/calendar").await["missing"].as_str().unwrap().starts_with("2027年的放假和调休安排还没有录入"));
    let turned = json!({"year": 2027, "source": "某号", "holidays": [{"name": "元旦", "from": "2027-01-03", "to": "2027-01-01"}]});
    assert_eq!(admin.refused("/calendar/workdays", &turned, 422).await, "“元旦”从 2027-01-03 到 2027-01-01，请核对日期");
    let bare = json!({"year": 2027, "source": "", "holidays": [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-01"}]});
    assert!(admin.refused("/calendar/workdays", &bare, 422).await.contains("出处"));
    let filing = json!({"year": 2027, "title": "通知", "number": "某号", "deadlines": [{"month": 3, "date": "2027-04-15"}]});
    assert!(admin.refused("/calendar/filing", &filing, 422).await.starts_with("3月的截止日 2027-04-15"));
    let desk = service.staff("小答", Role::Desk).await;
    desk.refused("/calendar/workdays", &bare, 403).await;
}
