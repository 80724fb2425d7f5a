//! What staff must know: raised once, told once to the management's groups, resolved by a person or by itself.

use std::time::Duration;

use serde_json::{Value, json};
use taxhome::broadcasts::steady::{Schedules, Steady};
use taxhome::clock::Clock;
use taxhome::domain::staff::Role;

use crate::harness::fake_telegram::Fault;
use crate::harness::service::{Service, Staff};

/// More than 60 days before a year without a calendar.
const MORNING: &str = "2026-10-20T09:00:00+08:00";
const EAST: i64 = -1001;
const OFFICE: i64 = -1002;

/// A service with one group for bulletins and one for the management.
async fn started() -> Service {
    let service = Service::at(MORNING).await;
    service.telegram.group(EAST, "城东");
    service.telegram.group(OFFICE, "值班群");
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.register(EAST, "城东", &["企业"]).await;
    publicity.register(OFFICE, "值班群", &["管理"]).await;
    calendar(&service, 2026).await;
    service
}

/// Loads a year; its one holiday is made up, nothing here is counted in workdays.
async fn calendar(service: &Service, year: i32) {
    let holiday = json!({"name": "元旦", "from": format!("{year}-01-01"), "to": format!("{year}-01-01")});
    let year = json!({"year": year, "source": "测试", "makeup_workdays": [], "holidays": [holiday]});
    service.staff("管理员", Role::Admin).await.does("/calendar/workdays", &year).await;
    service.app.freshness.refresh_if_changed().await.unwrap();
}

/// A bulletin to the group in the east, approved and sent.
async fn sent(service: &Service) -> String {
    let id = on_its_way(service).await;
    service.deliver().await;
    id
}

/// The same, waiting for the outbox.
async fn on_its_way(service: &Service) -> String {
    let (publicity, approver) = (service.staff("小宣", Role::Publicity).await, service.staff("老审", Role::Approver).await);
    let draft = json!({"title": "停机通知", "summary": "今晚停机", "body": "今晚八点停机两小时。", "targets": {"tags": ["企业"]}});
    let id = publicity.does("/bulletins", &draft).await["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.tick().await;
    id
}

async fn alerts(staff: &Staff<'_>) -> Vec<Value> {
    staff.get("/alerts").await["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_unconfirmed_delivery_alerts_the_management_after_half_an_hour_once_and_is_over_when_settled() {
    let service = started().await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    service.telegram.fail_next(EAST, Fault::AcceptThenGarbage);
    let id = sent(&service).await;
    service.tick().await;
    assert!(alerts(&publicity).await.is_empty(), "not before 30 minutes");
    service.clock.advance(Duration::from_secs(31 * 60));
    for _ in 0..3 {
        service.tick().await;
        service.deliver().await;
    }
    let found = alerts(&publicity).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["kind"], &found[0]["subject"]), (&json!("unconfirmed"), &json!(id)));
    assert!(found[0]["resolved_at"].is_null());
    let said = service.said(OFFICE);
    assert_eq!(said.len(), 1, "told once: {said:?}");
    assert!(said[0].contains("通知“停机通知”有 1 条超过 30 分钟仍未确认是否送达"), "{}", said[0]);
    let unknown = publicity.get("/deliveries/unknown").await["items"][0]["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/deliveries/{unknown}/settle"), &json!({"outcome": "delivered"})).await;
    service.tick().await;
    let found = alerts(&publicity).await;
    assert_eq!(found[0]["resolved_by"], "service");
}

#[tokio::test]
async fn a_group_out_of_reach_is_told_and_over_when_the_bot_is_back() {
    let service = started().await;
    let auditor = service.staff("审计", Role::Auditor).await;
    service.telegram.fail_next(EAST, Fault::Refuse { code: 403, description: "Forbidden: bot was kicked from the supergroup chat" });
    sent(&service).await;
    service.deliver().await;
    let found = alerts(&auditor).await;
    assert_eq!((found.len(), &found[0]["kind"]), (1, &json!("unreachable")));
    assert!(service.said(OFFICE)[0].contains("群“城东”发不进去了"), "{:?}", service.said(OFFICE));
    service.telegram.membership(EAST, 11, "member");
    service.receive().await;
    service.tick().await;
    assert_eq!(alerts(&auditor).await[0]["resolved_by"], "service");
}

#[tokio::test]
async fn a_refused_bot_is_an_alert_until_it_sends_again_and_its_messages_wait() {
    let service = started().await;
    let auditor = service.staff("审计", Role::Auditor).await;
    service.telegram.fail_method("sendMessage", Fault::Refuse { code: 401, description: "Unauthorized" });
    on_its_way(&service).await;
    service.app.outbox.run_once(service.clock.now()).await.unwrap();
    service.tick().await;
    let found = alerts(&auditor).await;
    assert_eq!((found.len(), &found[0]["kind"], &found[0]["subject"]), (1, &json!("bot_refused"), &json!("telegram")), "{found:?}");
    assert!(service.said(EAST).is_empty() && service.said(OFFICE).is_empty(), "the bot can tell nobody while it is refused");
    // The pause passes, and the token is good again.
    service.deliver().await;
    assert_eq!(service.said(EAST).len(), 1, "what waited goes out once");
    assert!(service.said(OFFICE)[0].contains("Telegram"), "{:?}", service.said(OFFICE));
    service.clock.advance(Duration::from_secs(10 * 60));
    service.tick().await;
    assert_eq!(alerts(&auditor).await[0]["resolved_by"], "service");
}

#[tokio::test]
async fn a_person_resolves_an_alert_once_and_only_with_the_right() {
    let service = started().await;
    let (publicity, auditor) = (service.staff("小宣", Role::Publicity).await, service.staff("审计", Role::Auditor).await);
    let mut steady = Steady::new(service.clock.now(), Duration::ZERO);
    let later = service.clock.now().plus(Duration::from_secs(3600));
    let held = service.app.broadcasts.believe(&mut steady, later, Duration::from_secs(1)).await.unwrap();
    assert_eq!(held, Schedules::Hold);
    let id = alerts(&auditor).await[0]["id"].as_str().unwrap().to_owned();
    auditor.refused(&format!("/alerts/{id}/resolve"), &json!({}), 403).await;
    publicity.refused("/alerts/alr_none/resolve", &json!({}), 404).await;
    let resolved = publicity.does(&format!("/alerts/{id}/resolve"), &json!({})).await;
    assert_eq!(resolved["resolved_by"], "小宣");
    assert!(publicity.refused(&format!("/alerts/{id}/resolve"), &json!({}), 409).await.contains("已经处理过"));
}

#[tokio::test]
async fn after_a_jump_of_the_clock_schedules_are_held_and_staff_told_until_somebody_says_it_is_right() {
    let service = started().await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let start = service.clock.now();
    let broadcasts = &service.app.broadcasts;
    let second = Duration::from_secs(1);
    let mut steady = Steady::new(start, Duration::ZERO);
    let small = start.plus(Duration::from_secs(200));
    assert_eq!(broadcasts.believe(&mut steady, small, second).await.unwrap(), Schedules::Run, "set right by 3 minutes");
    let jumped = small.plus(Duration::from_secs(3601));
    for after in [2, 3] {
        assert_eq!(broadcasts.believe(&mut steady, jumped, second * after).await.unwrap(), Schedules::Hold);
    }
    service.deliver().await;
    let said = service.said(OFFICE);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("服务器时间突然拨快了 60 分钟"), "{}", said[0]);
    let id = alerts(&publicity).await[0]["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/alerts/{id}/resolve"), &json!({})).await;
    assert_eq!(broadcasts.believe(&mut steady, jumped, second * 4).await.unwrap(), Schedules::Run);
    let back = jumped.minus(Duration::from_secs(1800));
    assert_eq!(broadcasts.believe(&mut steady, back, second * 5).await.unwrap(), Schedules::Hold, "backwards too");
    let healed = jumped.plus(second * 2);
    assert_eq!(broadcasts.believe(&mut steady, healed, second * 6).await.unwrap(), Schedules::Run, "right again by itself");
    assert!(alerts(&publicity).await.iter().all(|alert| !alert["resolved_at"].is_null()));
}

#[tokio::test]
async fn a_year_without_its_calendar_is_told_60_days_before_and_over_when_it_is_loaded() {
    let service = started().await;
    let admin = service.staff("管理员", Role::Admin).await;
    service.tick().await;
    assert!(alerts(&admin).await.is_empty(), "not yet");
    service.clock.advance(Duration::from_secs(13 * 24 * 3600));
    for _ in 0..2 {
        service.tick().await;
        service.deliver().await;
    }
    let said = service.said(OFFICE);
    assert_eq!(said.len(), 1, "told once: {said:?}");
    assert!(said[0].contains("2027年的放假和调休安排还没有录入"), "{}", said[0]);
    assert_eq!(alerts(&admin).await[0]["kind"], "calendar_missing");
    calendar(&service, 2027).await;
    service.tick().await;
    assert_eq!(alerts(&admin).await[0]["resolved_by"], "service");
}
