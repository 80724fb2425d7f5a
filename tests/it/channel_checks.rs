//! F27: how the bot stands in each group is asked at start and by a button, kept, and told in plain Chinese with what to do; a test message
//! says whether a channel works, and a second click sends no second one.

use std::sync::Arc;

use serde_json::{Value, json};
use taxhome::channels::telegram::self_check;
use taxhome::domain::staff::Role;
use tokio_util::sync::CancellationToken;

use crate::harness::fake_telegram::{BOT_ID, Fault};
use crate::harness::service::Service;

const EAST: i64 = -1001;
const WEST: i64 = -1002;

/// What a group's check says, all in one text.
fn told(checks: &Value, title: &str) -> String {
    let check = checks.as_array().unwrap().iter().find(|check| check["title"] == title).unwrap_or_else(|| panic!("no {title} in {checks}"));
    check["findings"].to_string()
}

#[tokio::test]
async fn at_the_start_telegram_is_asked_and_each_group_says_what_to_do() {
    let mut service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    for (chat, title) in [(EAST, "城东"), (WEST, "城西"), (-1003, "话题群"), (-1004, "只读群"), (-1005, "总群")] {
        publicity.register(chat, title, &[]).await;
    }
    let before = publicity.get("/channels/checks").await;
    assert!(before.as_array().unwrap().iter().all(|check| check["checked_at"].is_null()), "{before}");
    service.telegram.set_member(WEST, BOT_ID, "left");
    service.telegram.topic(-1003, 7);
    service.telegram.set_permissions(-1004, json!({"can_send_messages": false, "can_send_photos": false}));
    let all = json!({"status": "administrator", "can_pin_messages": true, "can_manage_topics": true});
    service.telegram.set_rights(-1005, BOT_ID, all);
    let check = service.app.telegram.as_ref().unwrap().self_check.clone();
    self_check::run_at_start(check, Arc::new(service.clock.clone()), CancellationToken::new()).await;

    service.restart().await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let checks = publicity.get("/channels/checks").await;
    assert!(told(&checks, "城东").contains("不是管理员") && told(&checks, "城东").contains("隐私模式开着"), "{checks}");
    assert!(told(&checks, "城西").contains("机器人不在这个群里") && told(&checks, "城西").contains("请群主把机器人加进群"), "{checks}");
    assert!(told(&checks, "话题群").contains("管理话题"), "{checks}");
    assert!(told(&checks, "只读群").contains("不能发言"), "{checks}");
    assert!(told(&checks, "总群").contains("都可以") && !told(&checks, "总群").contains("隐私模式"), "{checks}");

    // Put right at Telegram, then asked anew.
    service.telegram.set_member(WEST, BOT_ID, "member");
    service.telegram.read_all();
    service.telegram.set_permissions(-1004, json!({"can_send_messages": true, "can_send_photos": true, "can_pin_messages": true}));
    let checks = publicity.does("/channels/checks", &json!({})).await;
    assert!(!checks.to_string().contains("\"fault\"") && !checks.to_string().contains("隐私模式"), "{checks}");
    service.telegram.fail_method("getMe", Fault::ServerError);
    let checks = publicity.does("/channels/checks", &json!({})).await;
    assert!(told(&checks, "城东").contains("连不上 Telegram"), "{checks}");
}

#[tokio::test]
async fn the_console_shows_the_check_and_sends_a_test_once() {
    let service = Service::at("2026-11-24T22:30:00+08:00").await;
    let api = service.staff("小宣", Role::Publicity).await;
    let id = api.register(EAST, "城东", &[]).await;
    service.telegram.set_member(EAST, BOT_ID, "kicked");
    let publicity = service.logged_in(Role::Publicity).await;
    let page = publicity.does("/console/channels/checks", &[]).await;
    assert!(page.contains("已检查 1 个群，其中 1 个收不到通知") && page.contains("机器人不在这个群里"), "{page}");
    service.telegram.set_member(EAST, BOT_ID, "administrator");
    let path = format!("/console/channels/{id}");
    let page = publicity.does(&format!("{path}/check"), &[]).await;
    assert!(page.contains("没有置顶消息的权限") && page.contains("发测试消息"), "{page}");
    assert!(publicity.page(&format!("{path}/test")).await.contains("群里的人都看得到"));
    assert!(publicity.does(&format!("{path}/test"), &[]).await.contains("测试消息正在发送"));
    assert!(publicity.does(&format!("{path}/test"), &[]).await.contains("没有再发"), "the second click");
    service.deliver().await;
    assert_eq!(service.said(EAST).len(), 1, "at once, in quiet hours too, and once");
    assert!(publicity.page(&path).await.contains("的测试消息已送达"));
    assert!(publicity.does(&format!("{path}/test"), &[]).await.contains("没有再发"), "a click just after");
    let auditor = service.logged_in(Role::Auditor).await;
    assert!(auditor.page("/console/audit").await.contains("发测试消息"));
    assert!(!auditor.page(&path).await.contains("发测试消息"), "who may not is shown no button");
}

#[tokio::test]
async fn a_test_that_fails_says_why_and_an_unreachable_group_is_put_right_first() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let id = publicity.register(EAST, "城东", &[]).await;
    let path = format!("/channels/{id}/test");
    assert_eq!(publicity.get("/channels/chn_none/test").await["status"], 404);
    let never = publicity.get(&path).await;
    assert!(never["delivery"].is_null() && never["result"].as_str().unwrap().contains("还没有发过"), "{never}");
    service.telegram.fail_next(EAST, Fault::Refuse { code: 403, description: "Forbidden: bot was kicked from the supergroup chat" });
    assert_eq!(publicity.does(&path, &json!({})).await["new"], true);
    service.deliver().await;
    let result = publicity.get(&path).await["result"].as_str().unwrap().to_owned();
    assert!(result.contains("没有发出") && result.contains("kicked"), "{result}");
    service.clock.advance(std::time::Duration::from_secs(60));
    let words = publicity.refused(&path, &json!({}), 409).await;
    assert!(words.contains("重新启用"), "{words}");
    publicity.patch(&format!("/channels/{id}"), &json!({"reachable": true})).await;
    assert_eq!(publicity.does(&path, &json!({})).await["new"], true, "a test of its own");
    service.deliver().await;
    assert!(publicity.get(&path).await["result"].as_str().unwrap().contains("已送达"));
}
