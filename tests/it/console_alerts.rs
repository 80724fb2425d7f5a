//! F49, F52, F75: what needs somebody is on the first page of the console, leads to where it is seen to, and is gone afterwards.

use std::time::Duration;

use serde_json::json;
use taxhome::broadcasts::steady::{Schedules, Steady};
use taxhome::clock::Clock;
use taxhome::domain::staff::Role;

use crate::harness::fake_telegram::Fault;
use crate::harness::service::Service;
use crate::harness::web::Console;

const GROUPS: [i64; 2] = [-1001, -1002];

/// The ways that the figures at the top of the first page offer.
async fn needed(console: &Console) -> String {
    let page = console.page("/console").await;
    page.split("现在要处理的").nth(1).unwrap().split("近两周").next().unwrap().to_owned()
}

/// A bulletin to all groups, sent by two people.
async fn sent(service: &Service) -> String {
    let (publicity, approver) = (service.staff("小宣", Role::Publicity).await, service.staff("小审", Role::Approver).await);
    for (number, group) in GROUPS.into_iter().enumerate() {
        publicity.register(group, &format!("第{number}群"), &[]).await;
    }
    let bulletin = json!({"title": "停机通知", "body": "周六上午系统升级，暂停办税。", "targets": {"tags": ["*"]}});
    let id = publicity.does("/bulletins", &bulletin).await["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    let console = service.logged_in(Role::Approver).await;
    assert!(needed(&console).await.contains("href=\"/console/bulletins?state=to_approve\""));
    assert!(console.page("/console/bulletins?state=to_approve").await.contains("停机通知"));
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    let none = console.page("/console/bulletins?state=to_approve").await;
    assert!(none.contains("没有这样的通知") && !none.contains("停机通知"), "{none}");
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    id
}

#[tokio::test]
async fn what_nobody_knows_of_is_listed_looked_at_and_settled_from_the_first_page_on() {
    let service = Service::at("2026-10-20T09:00:00+08:00").await;
    service.telegram.fail_next(GROUPS[0], Fault::AcceptThenDrop);
    service.telegram.fail_next(GROUPS[1], Fault::AcceptThenDrop);
    let id = sent(&service).await;
    service.deliver().await;
    service.clock.advance(Duration::from_secs(31 * 60));
    service.tick().await;
    let console = service.logged_in(Role::Publicity).await;
    let tiles = needed(&console).await;
    assert!(tiles.contains("href=\"/console/alerts\"") && tiles.contains("href=\"/console/deliveries\""), "{tiles}");
    let alerts = console.page("/console/alerts").await;
    assert!(alerts.contains("有 2 条超过 30 分钟仍未确认是否送达") && alerts.contains("href=\"/console/deliveries\""), "{alerts}");
    let page = console.page("/console/deliveries").await;
    assert!(
        page.contains("第0群") && page.contains("第1群") && page.contains(&format!("/console/bulletins/{id}?show=unknown#ledger")),
        "{page}"
    );
    let reader = service.logged_in(Role::Auditor).await;
    assert!(!reader.page("/console/deliveries").await.contains("/delivered\""), "an auditor only reads");

    // One is there, the other is not.
    let settle = |page: &str, outcome: &str| {
        page.split("action=\"")
            .find(|rest| rest.split('"').next().unwrap().ends_with(outcome))
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned()
    };
    let page = console.does(&settle(&page, "/delivered"), &[]).await;
    assert!(page.contains("已记为送达") && !page.contains("第0群") && page.contains("第1群"), "{page}");
    let again = settle(&page, "/resend");
    assert!(console.does(&again, &[]).await.contains("没有未确认的消息"));
    assert_eq!(console.post(&again, &[]).await.status, 409, "once");
    service.deliver().await;
    service.tick().await;
    assert_eq!(GROUPS.map(|group| service.said(group).len()), [1, 2], "only the one that was to go again");
    assert!(!needed(&console).await.contains("/console/deliveries"), "nothing is left");
    let alerts = console.page("/console/alerts").await;
    assert!(!alerts.contains("仍未确认是否送达"), "{alerts}");
    assert!(console.page("/console/alerts?show=all").await.contains("问题已消除"));
}

#[tokio::test]
async fn after_a_jump_of_the_clock_somebody_lets_sending_go_on_in_the_console() {
    let service = Service::at("2026-10-20T09:00:00+08:00").await;
    let (start, second) = (service.clock.now(), Duration::from_secs(1));
    let broadcasts = &service.app.broadcasts;
    let mut steady = Steady::new(start, Duration::ZERO);
    let jumped = start.plus(Duration::from_secs(3601));
    assert_eq!(broadcasts.believe(&mut steady, jumped, second).await.unwrap(), Schedules::Hold);
    let reader = service.logged_in(Role::Auditor).await;
    assert!(!reader.page("/console/alerts").await.contains("/resolve\""), "an auditor only reads");
    let console = service.logged_in(Role::Publicity).await;
    let page = console.page("/console/alerts").await;
    assert!(page.contains("服务器时间突然拨快了"), "{page}");
    let resolve = page.split("action=\"").find(|rest| rest.contains("/resolve\"")).unwrap().split('"').next().unwrap().to_owned();
    assert!(console.does(&resolve, &[]).await.contains("已标为处理过"));
    assert!(console.does(&resolve, &[]).await.contains("已经处理过"), "the second click tells how it stands");
    assert!(console.page("/console/alerts?show=all").await.contains("publicity 已处理"));
    assert_eq!(broadcasts.believe(&mut steady, jumped.plus(second), second * 2).await.unwrap(), Schedules::Run);
}
