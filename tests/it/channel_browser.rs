//! Channels, attachments and the agenda in a real browser, on a desk and on a phone: nothing too wide, nothing blocked, everything reached.

use serde_json::json;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::browser::{Browser, desk, phone};
use crate::harness::fake_telegram::BOT_ID;
use crate::harness::service::Service;
use crate::harness::telegram_files::png;

const EAST: i64 = -1001;

async fn looks_right(browser: &Browser, service: &Service, window: &str, name: &str, path: &str) {
    browser.goto(&format!("{}{path}", service.base)).await.unwrap();
    browser.see("main").await;
    let wide = browser.value("return document.documentElement.scrollWidth - innerWidth").await;
    assert!(wide.as_i64().unwrap() <= 0, "{path} is {wide} px too wide on a {window}");
    browser.picture(&format!("{window}-{name}")).await;
    assert_eq!(browser.barriers().await, Vec::<String>::new(), "{path} on a {window}");
}

#[tokio::test]
async fn a_file_is_attached_by_hand_and_every_page_of_channels_fits_desk_and_phone() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let api = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    let long = "城东街道个体工商户与小规模纳税人税费政策交流服务第一群（含园区商铺）";
    let channel = api.register(EAST, long, &["个体户", "园区"]).await;
    api.register(-1002, "城西群", &["个体户"]).await;
    service.telegram.set_member(-1002, BOT_ID, "left");
    api.does("/channels/checks", &json!({})).await;
    api.does(&format!("/channels/{channel}/test"), &json!({})).await;
    service.deliver().await;
    let draft = json!({"title": "起征点有新规定", "body": "月销售额没有达到10万元的，免征增值税。", "summary": "小规模纳税人起征点说明",
        "link": "https://example.cn/1", "pin": true, "targets": {"tags": ["个体户"]}});
    let id = api.does("/bulletins", &draft).await["id"].as_str().unwrap().to_owned();
    let file = service.store.dir.path().join("起征点办税操作指引海报（二〇二六年十一月修订版）.png");
    std::fs::write(&file, png(300, 200)).unwrap();
    let console = service.logged_in(Role::Publicity).await;
    let path = format!("/console/bulletins/{id}");
    for (window, browser) in [("desk", desk().await), ("phone", phone().await)] {
        let browser = browser.logged_in(&console).await;
        if window == "phone" {
            browser.goto(&format!("{}{path}", service.base)).await.unwrap();
            browser.press("details.fold summary").await;
            browser.types("input[type=file]", &file.display().to_string()).await;
            browser.press("details.fold button[type=submit]").await;
            assert!(browser.text(".said").await.contains("附件已添加"));
        }
        looks_right(&browser, &service, window, "bulletin-attachments", &path).await;
        looks_right(&browser, &service, window, "channels", "/console/channels").await;
        looks_right(&browser, &service, window, "channel", &format!("/console/channels/{channel}")).await;
        looks_right(&browser, &service, window, "channel-test", &format!("/console/channels/{channel}/test")).await;
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    }
    api.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    api.does(&format!("/bulletins/{id}/schedule"), &json!({"at": "2026-11-25T10:00:00+08:00"})).await;
    for (window, browser) in [("desk", desk().await), ("phone", phone().await)] {
        let browser = browser.logged_in(&console).await;
        looks_right(&browser, &service, window, "agenda", "/console/agenda").await;
    }
    service.clock.set(Timestamp::parse("2026-11-25T10:00:01+08:00").unwrap());
    service.tick().await;
    service.deliver().await;
    let later = service.logged_in(Role::Publicity).await;
    let browser = phone().await.logged_in(&later).await;
    looks_right(&browser, &service, "phone", "bulletin-ledger", &path).await;
    assert!(browser.text("#ledger").await.contains("附件 起征点办税操作指引海报（二〇二六年十一月修订版）.png"));
}
