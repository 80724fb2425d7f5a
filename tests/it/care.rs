//! F78: what is kept of a person is shown to them, they can be forgotten, and texts are let go of in time; on the Telegram wire and the web.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use taxhome::clock::Clock;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;
use taxhome::store::{personal, schema};

use crate::harness::db::fresh_store;
use crate::harness::service::Service;
use crate::harness::web::{KNOWN, serve};

const MORNING: &str = "2026-11-24T09:30:00+08:00";
const PERSON: i64 = 11;
const OTHER: i64 = 12;
const STAFF: i64 = -1009;
const GROUP: i64 = -1001;

async fn started() -> Service {
    let service = Service::at(MORNING).await;
    service.telegram.private(PERSON, "甲");
    service.telegram.private(OTHER, "乙");
    let admin = service.staff("管理员", Role::Admin).await;
    admin.register(STAFF, "12366坐席", &["坐席"]).await;
    admin.register(GROUP, "城东纳税人之家", &["城东"]).await;
    service
}

async fn says(service: &Service, person: i64, text: &str) -> String {
    service.telegram.says(person, person, text);
    service.converse().await;
    service.clock.advance(Duration::from_secs(20));
    service.said(person).pop().unwrap_or_default()
}

fn now(service: &Service) -> Timestamp {
    service.clock.now()
}

/// Taps the button on the last message of a chat.
async fn taps(service: &Service, person: i64, data: &str) {
    let message = service.telegram.messages(person).pop().unwrap().id;
    service.telegram.taps(person, person, message, data);
    service.converse().await;
}

async fn class(service: &Service, title: &str, starts_in_minutes: u64) -> String {
    let admin = service.staff("管理员", Role::Admin).await;
    let from = now(service).plus(Duration::from_secs(starts_in_minutes * 60));
    let new = json!({"title": title, "starts_at": from.rfc3339(), "ends_at": from.plus(Duration::from_secs(7200)).rfc3339(), "place": "三楼",
        "capacity": 1, "reminders": [60], "targets": {"tags": ["城东"]}});
    let made = admin.does("/classes", &new).await;
    let id = made["id"].as_str().unwrap().to_owned();
    admin.does(&format!("/classes/{id}/publish"), &json!({})).await;
    id
}

/// The key of a tag on its button.
fn hex_of(tag: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(tag.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Every value of every table, but for the migrations: where a forgotten person must not be found.
async fn everything(service: &Service) -> String {
    let mut conn = service.store.read().await.unwrap();
    let mut text = String::new();
    for table in schema::tables(&mut conn, service.store.engine()).await.unwrap() {
        for row in schema::rows(&mut conn, &table.name).await.unwrap() {
            text.push_str(&format!("{} {}\n", table.name, Value::Object(row)));
        }
    }
    text
}

#[tokio::test]
async fn a_person_sees_what_is_kept_of_them_and_nobody_elses() {
    let service = started().await;
    says(&service, PERSON, KNOWN).await;
    says(&service, OTHER, "买新车怎么交车购税").await;
    let class = class(&service, "个税汇算课", 600).await;
    says(&service, PERSON, "报名 1").await;
    assert!(!class.is_empty());
    let shown = says(&service, PERSON, "我的数据").await;
    for part in ["您问过的问题", KNOWN, "课程报名", "个税汇算课", "测试11", "/forget"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("车购税"), "{shown}");
    service.telegram.says(GROUP, PERSON, "/mydata@taxhome_test_bot");
    service.converse().await;
    let said = service.said(GROUP).pop().unwrap_or_default();
    assert!(!said.contains(KNOWN), "{said}");
}

#[tokio::test]
async fn forgetting_ends_what_runs_takes_the_person_out_of_every_table_and_says_so() {
    let service = started().await;
    says(&service, PERSON, KNOWN).await;
    class(&service, "个税汇算课", 600).await;
    says(&service, PERSON, "报名 1").await;
    says(&service, OTHER, "报名 1").await;
    says(&service, PERSON, "/subscribe").await;
    let everything_tag = format!("sub:{}", &hex_of("*"));
    taps(&service, PERSON, &everything_tag).await;
    assert!(everything(&service).await.contains("subscriptions {"), "something is subscribed to");
    says(&service, PERSON, "转人工 我的专项附加扣除没有生效").await;
    let asked = says(&service, PERSON, "/forget").await;
    assert!(asked.contains("将清除") && asked.contains("课程报名 1 条"), "{asked}");
    assert!(everything(&service).await.contains(KNOWN), "asking is not doing");
    taps(&service, PERSON, "forget:yes").await;
    let said = service.said(PERSON).pop().unwrap();
    assert!(said.contains("已清除") && said.contains("取消 1 门课程") && said.contains("人工服务已结束"), "{said}");
    let offered = service.said(OTHER).pop().unwrap();
    assert!(offered.contains("名额"), "the seat goes to whoever waited: {offered}");
    service.tick().await;
    let left = everything(&service).await;
    for gone in [KNOWN, "专项附加扣除没有生效", "\"11\"", "测试11"] {
        let lines: Vec<&str> = left.lines().filter(|line| line.contains(gone)).collect();
        assert!(lines.is_empty(), "{gone} is still in: {lines:#?}");
    }
    assert!(left.contains("\"decision\":\"answered\""), "what is counted stays");
    // Whoever comes back begins anew, and is told the truth.
    let again = says(&service, PERSON, "/mydata").await;
    assert!(!again.contains(KNOWN) && !again.contains("课程报名"), "{again}");
    assert!(says(&service, PERSON, KNOWN).await.contains("免征增值税"));
}

#[tokio::test]
async fn a_class_that_runs_keeps_its_list_and_says_so_until_it_is_over() {
    let service = started().await;
    class(&service, "个税汇算课", 60).await;
    says(&service, PERSON, "报名 1").await;
    service.clock.advance(Duration::from_secs(3600));
    says(&service, PERSON, "确认忘记我").await;
    let said = service.said(PERSON).pop().unwrap();
    assert!(said.contains("签到名单要留到课程结束"), "{said}");
    assert!(everything(&service).await.contains("\"display_name\":\"测试11\""));
    service.clock.advance(Duration::from_secs(2 * 3600));
    says(&service, PERSON, "确认忘记我").await;
    service.tick().await;
    assert!(!everything(&service).await.contains("\"display_name\":\"测试11\""));
}

#[tokio::test]
async fn a_visitor_sees_takes_away_and_clears_what_the_browser_left() {
    let web = serve().await;
    let question = json!({"question": KNOWN, "session": "abc123"});
    web.client.post(web.url("/api/v1/questions")).json(&question).send().await.unwrap();
    assert!(web.page("/my").await.contains("没有保存您的任何信息"));
    let page = web.page("/my?session=abc123").await;
    assert!(page.contains(KNOWN) && page.contains("清除我的信息"), "{page}");
    let file: Value = web.client.get(web.url("/my/data.json?session=abc123")).send().await.unwrap().json().await.unwrap();
    assert!(file[0]["rows"][0]["question"] == KNOWN, "{file}");
    assert!(!web.page("/my?session=other").await.contains(KNOWN));
    let strange = web.client.post(web.url("/my/forget")).header("origin", "https://elsewhere.example").form(&[("session", "abc123")]);
    assert_eq!(strange.send().await.unwrap().status(), 403, "a form of another site counts for nothing");
    let done = web.client.post(web.url("/my/forget")).header("origin", &web.base).form(&[("session", "abc123")]).send().await.unwrap();
    let said = done.text().await.unwrap();
    assert!(said.contains("已清除您的信息"), "{said}");
    assert!(!web.page("/my?session=abc123").await.contains(KNOWN));
}

#[tokio::test]
async fn texts_go_on_the_day_they_are_older_than_they_are_kept_and_not_before() {
    let service = Service::with(MORNING, &[("TAXHOME_RETENTION__QUESTION_DAYS", "10"), ("TAXHOME_RETENTION__MESSAGE_DAYS", "20")]).await;
    service.telegram.private(PERSON, "甲");
    service.tick().await;
    service.telegram.says(PERSON, PERSON, KNOWN);
    service.converse().await;
    let day = Duration::from_secs(24 * 3600);
    // The tenth day is not over: it was asked at half past nine, and the clearing comes at three.
    for (days, kept) in [(9, true), (1, true), (1, false)] {
        service.clock.advance(day * days);
        service.clock.set(Timestamp::start_of(now(&service).date()).plus(Duration::from_secs(3 * 3600 + 60)));
        service.tick().await;
        assert_eq!(everything(&service).await.contains(&format!("\"question\":\"{KNOWN}\"")), kept, "{}", now(&service).rfc3339());
    }
    assert!(everything(&service).await.contains("免征增值税"), "what was answered is kept longer");
    service.clock.advance(day * 11);
    service.tick().await;
    let left = everything(&service).await;
    assert!(!left.lines().any(|line| line.starts_with("deliveries") && line.contains("免征增值税")), "{left}");
    assert!(left.contains("\"decision\":\"answered\"") && left.contains("\"state\":\"sent\""), "the counts stay");
}

#[tokio::test]
async fn much_that_is_old_goes_in_small_steps_over_several_turns() {
    let service = started().await;
    let mut tx = service.store.begin().await.unwrap();
    for number in 0..1200 {
        let question = taxhome::store::questions::NewQuestion {
            id: format!("ans_old_{number}"),
            channel: "web".to_owned(),
            person: "p".to_owned(),
            scope: "private".to_owned(),
            question: format!("旧问题{number}"),
            decision: "answered".to_owned(),
            reason: "answered".to_owned(),
            gap: false,
            document: None,
            score: 1.0,
            suggestions: Vec::new(),
            took_us: 1,
            asked_at: Timestamp::parse("2026-01-01T00:00:00+08:00").unwrap(),
        };
        taxhome::store::questions::log(&mut tx, &question).await.unwrap();
    }
    tx.commit().await.unwrap();
    service.tick().await;
    assert!(!everything(&service).await.contains("旧问题"));
}

#[tokio::test]
async fn every_table_that_names_people_is_in_the_list_or_says_why_not() {
    let store = fresh_store().await;
    let tables = schema::tables(&mut store.read().await.unwrap(), store.engine()).await.unwrap();
    assert!(tables.len() > 30, "the schema was not read");
    let listed: BTreeSet<&str> =
        personal::KEPT.iter().map(|kept| kept.table).chain(personal::NOT_PERSONAL.iter().map(|(table, _)| *table)).collect();
    let missing: Vec<&str> = tables
        .iter()
        .filter(|table| table.columns.iter().any(|column| personal::NAMING.contains(&column.as_str())))
        .map(|table| table.name.as_str())
        .filter(|table| !listed.contains(table))
        .collect();
    assert!(missing.is_empty(), "{missing:?} name people: add them to KEPT (or to NOT_PERSONAL with the reason) in src/store/personal.rs");
    for kept in personal::KEPT {
        let table = tables.iter().find(|table| table.name == kept.table).unwrap_or_else(|| panic!("{} is no table", kept.table));
        assert!(kept.shown.iter().all(|column| table.columns.iter().any(|name| name == column)), "{} shows what it has not", kept.table);
        assert!(
            kept.shown.is_empty() || taxhome::replies::privacy::heading(kept.table) != "其他记录",
            "{} has no name for people",
            kept.table
        );
    }
}
