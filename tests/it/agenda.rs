//! 排期 in the console: what will go out by itself within thirty days, day by day, from the rows and rules that will do it.

use serde_json::json;
use taxhome::domain::staff::Role;

use crate::harness::service::Service;

const EAST: i64 = -1001;

#[tokio::test]
async fn the_agenda_lists_bulletins_recurring_dates_classes_and_their_reminders_in_order() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    publicity.register(EAST, "城东", &["个体户"]).await;
    let console = service.logged_in(Role::Auditor).await;
    assert!(console.page("/console/agenda").await.contains("未来三十天没有排期"));

    let draft = json!({"title": "排好的通知", "body": "到时就发。", "targets": {"tags": ["*"]}});
    let id = publicity.does("/bulletins", &draft).await["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{id}/schedule"), &json!({"at": "2026-11-25T10:00:00+08:00"})).await;
    let plan = json!({"title": "每周学习日", "body": "来学习。", "targets": {"tags": ["*"]}, "when": {"rrule": "FREQ=WEEKLY;BYDAY=FR", "time": "15:30"}});
    let plan = publicity.does("/recurring", &plan).await["id"].as_str().unwrap().to_owned();
    assert!(!console.page("/console/agenda").await.contains("每周学习日"), "what nobody approved does not go out");
    approver.does(&format!("/recurring/{plan}/approve"), &json!({})).await;
    let class = json!({"title": "新政培训", "starts_at": "2026-11-27T14:00:00+08:00", "ends_at": "2026-11-27T16:00:00+08:00", "place": "二楼",
        "capacity": 20, "reminders": [60, 1440], "targets": {"tags": ["*"]}});
    let class = trainer.does("/classes", &class).await["id"].as_str().unwrap().to_owned();
    trainer.does(&format!("/classes/{class}/publish"), &json!({})).await;

    let page = console.page("/console/agenda").await;
    let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text} in {page}"));
    assert!(place("排好的通知") < place("新政培训") && place("新政培训") < place("每周学习日"), "{page}");
    assert!(page.contains("2026年11月25日 周三（明天）") && page.contains("13:00") && page.contains("课前提醒"), "{page}");
    assert_eq!(page.matches("每周学习日").count(), 4, "27 November to 18 December");
    assert_eq!(page.matches("课前提醒").count(), 2, "{page}");
    assert_eq!(page.matches("2026年11月27日").count(), 3, "on a phone each line is a card of its own");
}
