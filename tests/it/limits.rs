//! Exact lengths at the wire, a platform that finds a text too long, and a preview that says where nothing goes.

use serde_json::{Value, json};
use taxhome::domain::staff::Role;

use crate::harness::fake_telegram::Fault;
use crate::harness::service::{Service, Staff};

const EAST: i64 = -1001;

async fn sent(service: &Service, publicity: &Staff<'_>, title: &str, body: &str) -> Value {
    let approver = service.staff("老审", Role::Approver).await;
    let draft = json!({"title": title, "body": body, "targets": {"tags": ["*"]}});
    let id = publicity.does("/bulletins", &draft).await["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.deliver().await;
    publicity.get(&format!("/bulletins/{id}")).await
}

#[tokio::test]
async fn a_message_of_exactly_4096_units_is_one_and_of_4097_two() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.register(EAST, "城东", &[]).await;
    sent(&service, &publicity, "第一条", "量一量").await;
    let around = service.said(EAST)[0].encode_utf16().count() - 3;
    // Signs of two units among them.
    let body = |units: usize| format!("😀{}", "字".repeat(units - 2));
    assert_eq!(sent(&service, &publicity, "第二条", &body(4096 - around)).await["counts"]["sent"], 1);
    assert_eq!(service.said(EAST).last().unwrap().encode_utf16().count(), 4096);
    assert_eq!(sent(&service, &publicity, "第三条", &body(4097 - around)).await["counts"]["sent"], 2);
    assert!(service.telegram.calls("sendmessage").iter().all(|call| call.status == 200), "the limit was never met");
}

#[tokio::test]
async fn a_part_the_platform_finds_too_long_is_cut_again_and_the_rest_keeps_its_order() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.register(EAST, "城东", &[]).await;
    let body: String = (0..400).map(|n| format!("第{n}句，说给纳税人听的一句话。")).collect();
    service.telegram.fail_next(EAST, Fault::Refuse { code: 400, description: "Bad Request: message is too long" });
    let bulletin = sent(&service, &publicity, "长通知", &body).await;
    assert_eq!((&bulletin["state"], &bulletin["counts"]["failed"]), (&json!("sent"), &json!(0)));
    let said = service.said(EAST);
    let all = said.concat();
    let places: Vec<usize> = (0..400).map(|n| all.find(&format!("第{n}句，")).unwrap_or_else(|| panic!("lost {n}"))).collect();
    assert!(places.is_sorted() && said.len() >= 3, "{}", said.len());
    let id = bulletin["id"].as_str().unwrap();
    let lines = publicity.get(&format!("/bulletins/{id}/deliveries")).await;
    let parts: Vec<i64> = lines["items"].as_array().unwrap().iter().map(|line| line["part"].as_i64().unwrap()).collect();
    let mut sorted = parts.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..i64::try_from(said.len()).unwrap()).collect::<Vec<_>>());
    // What was cut is taken back whole.
    publicity.does(&format!("/bulletins/{id}/recall"), &json!({})).await;
    service.deliver().await;
    assert_eq!(service.said(EAST), Vec::<String>::new());
}

#[tokio::test]
async fn the_preview_says_where_it_goes_and_why_not() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let none = publicity.refused("/bulletins", &json!({"title": "题", "body": "文", "targets": {"tags": ["*"]}}), 422).await;
    assert!(none.contains("还没有登记") && !none.contains('*'), "{none}");
    let off = publicity.register(EAST, "城东", &["个体户"]).await;
    publicity.register(-1002, "城西", &["个体户"]).await;
    publicity.does("/channels", &json!({"kind": "print", "address": "试用", "title": "试用群", "tags": ["别的"]})).await;
    publicity.patch(&format!("/channels/{off}"), &json!({"is_target": false})).await;
    let wrong = publicity.refused("/bulletins", &json!({"title": "题", "body": "文", "targets": {"tags": ["个体"]}}), 422).await;
    assert!(wrong.contains("没有群聊带有标签“个体”"), "{wrong}");
    let draft = json!({"title": "题", "body": "文", "targets": {"tags": ["个体户"]}});
    let id = publicity.does("/bulletins", &draft).await["id"].as_str().unwrap().to_owned();
    let previews = publicity.get(&format!("/bulletins/{id}/preview")).await;
    let of = |kind: &str| previews.as_array().unwrap().iter().find(|preview| preview["kind"] == kind).unwrap().clone();
    assert_eq!((&of("telegram")["chats"], &of("telegram")["missing"]), (&json!(1), &json!(["城东：没有打开通知，这次不发"])));
    assert_eq!((&of("print")["chats"], &of("wecom_robot")["chats"]), (&json!(0), &json!(0)));
    assert!(
        of("print")["missing"].to_string().contains("选的标签和群里没有") && of("wecom_robot")["missing"].to_string().contains("没有登记")
    );
    let console = service.logged_in(Role::Publicity).await;
    let page = console.page(&format!("/console/bulletins/{id}")).await;
    assert!(
        page.contains("Telegram看到的样子（1 个）") && page.contains("企业微信群机器人（这次不发）") && page.contains("城东：没有打开通知"),
        "{page}"
    );
}
