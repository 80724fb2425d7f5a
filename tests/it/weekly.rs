//! F67: the figures of a week as a page, a workbook, over the API, and to the management's groups once a week.

use std::io::Cursor;
use std::time::Duration;

use calamine::{Reader, Xlsx};
use serde_json::json;
use taxhome::clock::Clock;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::service::Service;
use crate::harness::web::KNOWN;

/// A Tuesday.
const TUESDAY: &str = "2026-11-24T09:30:00+08:00";
const PERSON: i64 = 11;
const MANAGERS: i64 = -1009;

async fn started(more: &[(&str, &str)]) -> Service {
    let service = Service::with(TUESDAY, more).await;
    service.telegram.private(PERSON, "甲");
    let admin = service.staff("管理员", Role::Admin).await;
    admin.register(MANAGERS, "管理群", &["管理"]).await;
    let year = json!({"year": 2026, "source": "国办发明电〔2025〕7号", "makeup_workdays": [],
        "holidays": [{"name": "测试假", "from": "2026-12-07", "to": "2026-12-08"}]});
    admin.does("/calendar/workdays", &year).await;
    assert!(service.app.freshness.refresh_if_changed().await.unwrap());
    service
}

async fn asks(service: &Service, text: &str) {
    service.telegram.says(PERSON, PERSON, text);
    service.converse().await;
    service.clock.advance(Duration::from_secs(30));
}

fn reports(service: &Service) -> Vec<String> {
    service.said(MANAGERS).into_iter().filter(|text| text.contains("每周统计")).collect()
}

async fn at(service: &Service, time: &str) {
    service.clock.set(Timestamp::parse(time).unwrap());
    service.tick().await;
    service.deliver().await;
}

#[tokio::test]
async fn the_week_is_told_once_on_its_first_workday_and_survives_a_restart() {
    let mut service = started(&[]).await;
    for _ in 0..2 {
        asks(&service, KNOWN).await;
    }
    asks(&service, "火星上种土豆怎么备案").await;
    at(&service, "2026-11-30T08:59:00+08:00").await;
    assert!(reports(&service).is_empty());
    at(&service, "2026-11-30T09:00:00+08:00").await;
    let told = reports(&service);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains("2026年11月23日—11月29日") && told[0].contains("提问：3") && told[0].contains(&format!("{KNOWN}（2 次）")),
        "{told:?}"
    );
    service.restart().await;
    for time in ["2026-11-30T09:00:01+08:00", "2026-12-01T09:00:00+08:00", "2026-12-06T23:00:00+08:00"] {
        at(&service, time).await;
    }
    assert_eq!(reports(&service).len(), 1, "once a week");
    asks(&service, KNOWN).await;
    // Monday and Tuesday of the next week are off.
    at(&service, "2026-12-08T12:00:00+08:00").await;
    assert_eq!(reports(&service).len(), 1);
    at(&service, "2026-12-09T09:00:00+08:00").await;
    assert_eq!(reports(&service).len(), 2);
}

#[tokio::test]
async fn a_week_without_anything_and_a_switch_that_is_off_tell_nobody() {
    let service = started(&[("TAXHOME_REPORTS__WEEKLY", "false")]).await;
    asks(&service, KNOWN).await;
    at(&service, "2026-11-30T10:00:00+08:00").await;
    assert!(reports(&service).is_empty(), "switched off");
    let quiet = started(&[]).await;
    at(&quiet, "2026-12-14T10:00:00+08:00").await;
    assert!(reports(&quiet).is_empty(), "nothing to tell");
}

#[tokio::test]
async fn the_page_the_workbook_and_the_api_say_the_same_and_an_empty_week_teaches() {
    let service = started(&[]).await;
    asks(&service, KNOWN).await;
    asks(&service, "火星上种土豆怎么备案").await;
    let console = service.logged_in(Role::Auditor).await;
    let page = console.page("/console/statistics").await;
    for part in ["2026年11月23日—11月29日", KNOWN, "问得最多的 20 个问题", "下载 Excel", "<svg", "11月24日 周二"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("后一周"), "the future has no figures");
    let empty = console.page("/console/statistics?week=2026-11-20").await;
    assert!(empty.contains("这一周没有数据") && empty.contains("后一周") && !empty.contains("下载 Excel"), "{empty}");
    assert_eq!(console.get("/console/statistics?week=xx").await.status, 422);
    let admin = service.staff("管理员", Role::Admin).await;
    let week = admin.get("/statistics?week=2026-11-29").await;
    assert_eq!(week["monday"], "2026-11-23");
    assert_eq!(week["days"][1]["answered"], 1, "{week}");
    assert_eq!(week["days"][1]["abstained"], 1, "{week}");
    let file = console.client.get(format!("{}/console/statistics/xlsx?week=2026-11-24", console.base)).send().await.unwrap();
    let mut book = Xlsx::new(Cursor::new(file.bytes().await.unwrap().to_vec())).unwrap();
    let sheet = book.worksheet_range("每周统计").unwrap();
    let cells: Vec<String> = sheet.rows().flatten().map(ToString::to_string).collect();
    assert!(cells.iter().any(|cell| cell == KNOWN) && cells.iter().any(|cell| cell == "提问"), "{cells:?}");
    // A day belongs to the week of Asia/Shanghai: half past midnight on Monday is not last week.
    service.clock.set(Timestamp::parse("2026-11-30T00:30:00+08:00").unwrap());
    asks(&service, KNOWN).await;
    assert_eq!(admin.get("/statistics?week=2026-11-30").await["days"][0]["answered"], 1);
    assert_eq!(service.clock.now().date().to_string(), "2026-11-30");
}
