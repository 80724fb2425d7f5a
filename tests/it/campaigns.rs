//! F58: the built-in promotion month, approved by another person, goes out day by day; what went out and what is to come is shown.

use std::time::Duration;

use serde_json::{Value, json};
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::service::Service;

const GROUP: i64 = -1001;
const FILE: &str = "2027-04-tax-month";

#[tokio::test]
async fn the_promotion_month_goes_out_from_its_plan_day_by_day() {
    let service = Service::at("2027-03-25T10:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    publicity.register(GROUP, "城东", &[]).await;
    let campaign = publicity.does("/campaigns/import", &json!({"file": FILE})).await;
    let id = campaign["id"].as_str().unwrap();
    let items = campaign["items"].as_array().unwrap();
    assert!(items.len() >= 12);
    assert!(items.iter().all(|item| item["state"] == "in_review"));
    assert!(items.iter().filter(|item| item["kind"] == "outing").count() >= 3);
    publicity.refused("/campaigns/import", &json!({"file": FILE}), 409).await;
    publicity.refused(&format!("/campaigns/{id}/approve"), &json!({}), 403).await;

    service.clock.set(Timestamp::parse("2027-04-01T09:00:05+08:00").unwrap());
    service.tick().await;
    assert!(service.said(GROUP).is_empty(), "nothing goes out unapproved");

    service.clock.set(Timestamp::parse("2027-03-31T16:00:00+08:00").unwrap());
    approver.does(&format!("/campaigns/{id}/approve"), &json!({})).await;
    let mut at = Timestamp::parse("2027-04-01T07:00:00+08:00").unwrap();
    let mut per_day = Vec::new();
    for _ in 0..30 {
        let before = service.said(GROUP).len();
        // Four looks a day stand for the tick of every second.
        for hours in [1, 2, 3, 6] {
            service.clock.set(at.plus(Duration::from_secs(hours * 3_600 + 5)).max(taxhome::clock::Clock::now(&service.clock)));
            service.tick().await;
            service.deliver().await;
        }
        per_day.push((at.date(), service.said(GROUP).len() - before));
        at = at.plus(Duration::from_secs(24 * 3_600));
    }
    for (date, sent) in &per_day {
        let planned = items.iter().filter(|item| item["date"] == date.to_string()).count();
        assert_eq!(*sent, planned, "on {date}");
    }
    let after = publicity.get(&format!("/campaigns/{id}")).await;
    let undated: Vec<&Value> = after["items"].as_array().unwrap().iter().filter(|item| item["date"].is_null()).collect();
    assert_eq!((after["sent"].as_u64(), after["to_come"].as_u64()), (Some(items.len() as u64 - 1), Some(1)));
    assert_eq!(undated.len(), 1, "the one that is counted back from the deadline waits for the calendar of 2027");
    let note = undated[0]["note"].as_str().unwrap();
    assert!(note.contains("日期待定") && note.contains("filing-2027.toml"), "{note}");
    assert!(service.said(GROUP)[0].contains("四月我们这样安排"));
    let outing = service.said(GROUP).into_iter().find(|text| text.contains("进园区：")).unwrap();
    assert!(outing.contains("地点：县工业园区服务中心") && !outing.contains("政策讲解员1名"), "{outing}");
}

#[tokio::test]
async fn the_first_day_shows_one_sent_and_the_rest_to_come() {
    let service = Service::at("2027-03-25T10:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    publicity.register(GROUP, "城东", &[]).await;
    let campaign = publicity.does("/campaigns/import", &json!({"file": FILE})).await;
    let id = campaign["id"].as_str().unwrap();
    approver.does(&format!("/campaigns/{id}/approve"), &json!({})).await;
    service.clock.set(Timestamp::parse("2027-04-01T09:00:01+08:00").unwrap());
    service.tick().await;
    service.deliver().await;
    let now = publicity.get(&format!("/campaigns/{id}")).await;
    assert_eq!(now["sent"], json!(1));
    assert_eq!(now["items"][0]["state"], "sent");
    assert_eq!(now["items"][1]["state"], "scheduled");
}

#[tokio::test]
async fn a_plan_with_an_impossible_item_is_refused_whole() {
    let service = Service::at("2027-03-25T10:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.register(GROUP, "城东", &[]).await;
    let item = |date: &str| json!({"kind": "post", "title": "一条", "date": date, "body": "正文"});
    let plan = |items: serde_json::Value| json!({"title": "四月", "starts_on": "2027-04-01", "ends_on": "2027-04-30", "items": items});
    let detail = publicity.refused("/campaigns", &plan(json!([item("2027-04-02"), item("2027-05-02")])), 422).await;
    assert_eq!(detail, "第 2 项“一条”的日期 2027年5月2日 不在活动期间内（2027年4月1日至2027年4月30日）");
    let wrong = publicity.refused("/campaigns", &plan(json!([item("2027-04-31")])), 422).await;
    assert!(wrong.contains("2027-04-31"), "{wrong}");
    let mut outing = item("2027-04-02");
    outing["kind"] = json!("outing");
    publicity.refused("/campaigns", &plan(json!([item("2027-04-02"), outing])), 422).await;
    let lost = json!({"kind": "post", "title": "跟着", "after": "park", "days": 1, "body": "正文"});
    let detail = publicity.refused("/campaigns", &plan(json!([item("2027-04-02"), lost])), 422).await;
    assert!(detail.contains("没有哪一项的 key 是“park”"), "{detail}");
    let round = |key: &str, after: &str| json!({"kind": "post", "title": key, "key": key, "after": after, "days": 1, "body": "正文"});
    let detail = publicity.refused("/campaigns", &plan(json!([round("甲", "乙"), round("乙", "甲")])), 422).await;
    assert!(detail.contains("绕成了一圈"), "{detail}");
    assert_eq!(publicity.get("/bulletins").await["items"], json!([]), "nothing half done");
}
