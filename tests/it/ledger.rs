//! F41 to F43: a low rating or a suggestion opens a numbered item; it has an owner and a last day in workdays, moves through its stages,
//! the proposer hears of it and nobody else can look it up; late ones are told; the file opens in a spreadsheet and holds no formula.

use std::io::Cursor;
use std::time::Duration;

use calamine::{Reader, Xlsx};
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use taxhome::clock::Clock;
use taxhome::desk::ledger;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::browser::{Browser, desk, phone};
use crate::harness::service::Service;
use crate::harness::web::serve;

const MORNING: &str = "2026-11-24T09:30:00+08:00";
const ASKER: i64 = 11;
const SECOND: i64 = 12;
const STAFF: i64 = -1009;
const MANAGERS: i64 = -1020;
const IDEA: &str = "大厅能不能加个儿童座椅";

async fn started() -> Service {
    let service = Service::at(MORNING).await;
    service.telegram.private(ASKER, "甲");
    service.telegram.private(SECOND, "乙");
    let admin = service.staff("管理员", Role::Admin).await;
    admin.register(STAFF, "12366坐席", &["坐席"]).await;
    admin.register(MANAGERS, "管理群", &["管理"]).await;
    let year = json!({"year": 2026, "source": "国办发明电〔2025〕7号", "makeup_workdays": ["2026-05-09", "2026-10-10"],
        "holidays": [{"name": "国庆节", "from": "2026-10-01", "to": "2026-10-07"}]});
    admin.does("/calendar/workdays", &year).await;
    assert!(service.app.freshness.refresh_if_changed().await.unwrap());
    service
}

async fn asks(service: &Service, person: i64, text: &str) {
    service.telegram.says(person, person, text);
    service.converse().await;
    service.clock.advance(Duration::from_secs(5));
}

fn last(service: &Service, chat: i64) -> String {
    service.said(chat).pop().unwrap_or_default()
}

async fn items(service: &Service, query: &str) -> Vec<Value> {
    let listed = service.staff("审计", Role::Auditor).await.get(&format!("/ledger{query}")).await;
    listed["items"].as_array().unwrap_or_else(|| panic!("{listed}")).clone()
}

#[tokio::test]
async fn a_suggestion_is_numbered_seen_to_answered_and_closed_and_only_its_proposer_looks_it_up() {
    let service = started().await;
    asks(&service, ASKER, "/建议").await;
    assert!(last(&service, ASKER).contains("请把内容写在后面"), "{}", last(&service, ASKER));
    asks(&service, ASKER, &format!("/建议 {IDEA}，我的电话13812345678")).await;
    let receipt = last(&service, ASKER);
    assert!(receipt.contains("编号 JY-2026-0001") && receipt.contains("2026年12月8日前"), "ten workdays: {receipt}");
    assert!(last(&service, MANAGERS).contains("新的意见建议 JY-2026-0001"), "{}", last(&service, MANAGERS));
    asks(&service, SECOND, "/建议 政策短信太多").await;
    assert!(last(&service, SECOND).contains("JY-2026-0002"));

    let listed = items(&service, "").await;
    assert_eq!(listed.len(), 2);
    let item = &listed[1];
    assert!(item["text"].as_str().unwrap().contains(IDEA) && !item["text"].as_str().unwrap().contains("13812345678"), "{item}");
    assert!(item.get("person").is_none(), "nobody is named: {item}");
    let id = item["id"].as_str().unwrap().to_owned();
    let steps = format!("/ledger/{id}/steps");
    let officer = service.staff("李雷", Role::Desk).await;
    service.clock.advance(Duration::from_secs(60));
    let why = officer.refused(&steps, &json!({"stage": "closed"}), 409).await;
    assert!(why.contains("下一步是：已受理"), "{why}");
    let why = officer.refused(&steps, &json!({"stage": "accepted", "owner": "不存在的人"}), 422).await;
    assert!(why.contains("没有叫“不存在的人”的工作人员"), "{why}");
    assert_eq!(officer.does(&steps, &json!({"stage": "accepted"})).await["owner"], "李雷", "whoever accepts it sees to it");
    service.clock.advance(Duration::from_secs(60));
    officer.does(&steps, &json!({"stage": "handling", "note": "已报办公室采购", "due_on": "2026-12-04"})).await;
    assert_eq!(officer.refused(&steps, &json!({"stage": "answered", "note": " "}), 422).await, "请写答复内容，它会发给提出人");
    let before = service.said(ASKER).len();
    service.clock.advance(Duration::from_secs(60));
    officer.does(&steps, &json!({"stage": "answered", "note": "已购置两把儿童座椅，下周一到位。"})).await;
    service.deliver().await;
    assert_eq!(service.said(ASKER).len(), before + 1);
    let told = last(&service, ASKER);
    assert!(told.contains("JY-2026-0001 有答复了") && told.contains("下周一到位") && told.contains(IDEA), "{told}");
    service.clock.advance(Duration::from_secs(60));
    officer.does(&steps, &json!({"stage": "closed"})).await;
    assert!(officer.refused(&steps, &json!({"note": "再补一句"}), 409).await.contains("已办结"));

    asks(&service, ASKER, "/建议 jy2026-1").await;
    assert!(last(&service, ASKER).contains("JY-2026-0001：已办结") && last(&service, ASKER).contains("下周一到位"));
    for number in ["JY-2026-0001", "JY-2026-0999"] {
        asks(&service, SECOND, &format!("/建议 {number}")).await;
        assert!(last(&service, SECOND).contains("没有找到这个编号"), "{}", last(&service, SECOND));
    }
    let one = officer.get(&format!("/ledger/{id}")).await;
    let stages: Vec<&str> = one["steps"].as_array().unwrap().iter().filter_map(|step| step["stage"].as_str()).collect();
    assert_eq!(stages, ["received", "accepted", "handling", "answered", "closed"]);
    assert_eq!(one["due_on"], "2026-12-04");
    let audit = service.staff("审计", Role::Auditor).await.get(&format!("/audit?subject={id}")).await;
    assert_eq!(audit["items"].as_array().unwrap().len(), 5, "{audit}");
}

#[tokio::test]
async fn a_low_rating_opens_an_item_once_and_a_good_one_none() {
    let service = started().await;
    let officer = service.staff("李雷", Role::Desk).await;
    for (person, stars) in [(ASKER, 2), (SECOND, 4)] {
        asks(&service, person, "转人工 个税专项附加扣除为什么没有生效").await;
        let id = officer.get("/inquiries").await["items"][0]["id"].as_str().unwrap().to_owned();
        officer.does(&format!("/inquiries/{id}/take"), &json!({})).await;
        officer.does(&format!("/inquiries/{id}/answers"), &json!({"text": "请到三楼"})).await;
        officer.does(&format!("/inquiries/{id}/close"), &json!({})).await;
        service.deliver().await;
        let rate = service.telegram.messages(person).pop().unwrap().id;
        for _ in 0..2 {
            service.telegram.taps(person, person, rate, &format!("rate:{id}:{stars}"));
            service.converse().await;
        }
    }
    let listed = items(&service, "").await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!((&listed[0]["source"], &listed[0]["stars"], &listed[0]["number"]), (&json!("rating"), &json!(2), &json!("JY-2026-0001")));
    let notices = service.telegram.answered_callbacks();
    assert!(notices.iter().any(|call| call["text"].as_str().is_some_and(|text| text.contains("已登记为 JY-2026-0001"))), "{notices:?}");
    let ratings = officer.get("/ratings").await;
    assert_eq!(ratings["stars"], json!([0, 1, 0, 1, 0]), "{ratings}");
    assert_eq!((&ratings["closed"], &ratings["low"][0]["number"]), (&json!(2), &json!("JY-2026-0001")));
    let page = service.logged_in(Role::Auditor).await.page("/console/ratings").await;
    assert!(page.contains("/console/ledger/JY-2026-0001") && page.contains("不满意"), "{page}");
    asks(&service, ASKER, "/建议 jy-2026-0001").await;
    assert!(last(&service, ASKER).contains("JY-2026-0001：待受理"), "whoever rated may look it up: {}", last(&service, ASKER));
}

#[tokio::test]
async fn what_is_late_is_told_to_the_management_and_the_owner_until_it_is_answered() {
    let service = started().await;
    asks(&service, ASKER, &format!("/建议 {IDEA}")).await;
    let id = items(&service, "").await[0]["id"].as_str().unwrap().to_owned();
    service.staff("李雷", Role::Desk).await.does(&format!("/ledger/{id}/steps"), &json!({"stage": "accepted"})).await;
    let late = |service: &Service, chat: i64| service.said(chat).iter().filter(|said| said.contains("已过办理期限")).count();
    for (at, managers, owner) in [
        ("2026-12-08T10:00:00+08:00", 0, 0),
        ("2026-12-09T10:00:00+08:00", 1, 1),
        ("2026-12-09T15:00:00+08:00", 1, 1),
        ("2026-12-10T10:00:00+08:00", 1, 2),
    ] {
        service.clock.set(Timestamp::parse(at).unwrap());
        service.tick().await;
        ledger::remind(&service.store, &service.app.broadcasts.calendar(), service.clock.now()).await.unwrap();
        service.deliver().await;
        assert_eq!((late(&service, MANAGERS), late(&service, STAFF)), (managers, owner), "{at}: {:?}", service.said(STAFF));
    }
    assert!(last(&service, STAFF).contains("责任人 李雷"), "{}", last(&service, STAFF));
    assert_eq!(items(&service, "?overdue=true&owner=%E6%9D%8E%E9%9B%B7").await.len(), 1);
    let officer = service.staff("李雷", Role::Desk).await;
    officer.does(&format!("/ledger/{id}/steps"), &json!({"stage": "answered", "note": "已安排"})).await;
    service.tick().await;
    let alerts = officer.get("/alerts").await;
    assert!(alerts["items"][0]["kind"] == "ledger_overdue" && alerts["items"][0]["resolved_by"] == "service", "{alerts}");
    assert!(items(&service, "?overdue=true").await.is_empty());
}

#[tokio::test]
async fn a_year_without_a_calendar_is_said_and_dated_when_it_comes() {
    let service = started().await;
    service.clock.set(Timestamp::parse("2026-12-25T10:00:00+08:00").unwrap());
    asks(&service, ASKER, &format!("/建议 {IDEA}")).await;
    assert!(last(&service, ASKER).contains("10 个工作日内答复您"), "{}", last(&service, ASKER));
    let item = &items(&service, "").await[0];
    assert!(item["due_on"].is_null(), "{item}");
    let page = service.logged_in(Role::Desk).await.page("/console/ledger").await;
    assert!(page.contains("该年放假安排未录入"), "{page}");
    let year = json!({"year": 2027, "source": "测试", "makeup_workdays": [], "holidays": [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-03"}]});
    service.staff("管理员", Role::Admin).await.does("/calendar/workdays", &year).await;
    assert!(service.app.freshness.refresh_if_changed().await.unwrap());
    ledger::remind(&service.store, &service.app.broadcasts.calendar(), service.clock.now()).await.unwrap();
    assert_eq!(items(&service, "").await[0]["due_on"], "2027-01-11");
    service.clock.set(Timestamp::parse("2027-01-04T10:00:00+08:00").unwrap());
    asks(&service, ASKER, "/建议 新年的第一条").await;
    assert!(last(&service, ASKER).contains("JY-2027-0001"), "numbers begin again with the year: {}", last(&service, ASKER));
}

#[tokio::test]
async fn forty_suggestions_at_once_get_numbers_without_a_gap() {
    let web = serve().await;
    let mut tasks = Vec::new();
    for at in 0..40 {
        let request = web.client.post(web.url("/api/v1/ledger")).json(&json!({"text": format!("建议第{at}条"), "session": "visit-1"}));
        tasks.push(tokio::spawn(async move { request.send().await.unwrap().json::<Value>().await.unwrap() }));
    }
    let mut numbers = Vec::new();
    for task in tasks {
        numbers.push(task.await.unwrap()["number"].as_str().unwrap().to_owned());
    }
    numbers.sort();
    let expected: Vec<String> = (1..=40).map(|nth| format!("JY-2026-{nth:04}")).collect();
    assert_eq!(numbers, expected);
    for (session, status) in [("visit-1", 200), ("visit-2", 404), ("", 404)] {
        let found = web.client.get(web.url(&format!("/api/v1/ledger/numbers/JY-2026-0007?session={session}"))).send().await.unwrap();
        assert_eq!(found.status(), status, "{session}");
    }
    let refused = web.client.post(web.url("/api/v1/ledger")).json(&json!({"text": "  "})).send().await.unwrap();
    assert_eq!(refused.status(), 422);
}

#[tokio::test]
async fn the_files_open_in_a_spreadsheet_and_hold_no_formula() {
    let web = serve().await;
    let text = "=HYPERLINK(\"http://evil\",\"点我\")，身份证110101199003078515";
    let made = web.client.post(web.url("/api/v1/ledger")).json(&json!({"text": text})).send().await.unwrap();
    assert_eq!(made.status(), 201);
    let auditor = web.staff(Role::Auditor).await;
    let csv = auditor.get(web.url("/api/v1/ledger/file")).send().await.unwrap();
    assert_eq!(csv.headers()["content-type"], HeaderValue::from_static("text/csv; charset=utf-8"));
    let bytes = csv.bytes().await.unwrap();
    assert!(bytes.starts_with(b"\xef\xbb\xbf"), "a byte-order mark makes Excel read Chinese");
    let csv = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(csv.contains("\"'=HYPERLINK(\"\"http://evil\"\"") && csv.contains("JY-2026-0001"), "{csv}");
    assert!(!csv.contains("110101199003078515"), "{csv}");
    let book = auditor.get(web.url("/api/v1/ledger/file?format=xlsx")).send().await.unwrap().bytes().await.unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book)).unwrap();
    let sheet = book.worksheet_range("意见建议台账").unwrap();
    assert_eq!(sheet.get_value((1, 0)).unwrap().to_string(), "JY-2026-0001");
    assert!(sheet.get_value((1, 4)).unwrap().to_string().starts_with("=HYPERLINK"));
    assert!(book.worksheet_formula("意见建议台账").unwrap().cells().all(|(_, _, formula)| formula.is_empty()), "text, not a formula");
    let wrong = auditor.get(web.url("/api/v1/ledger/file?format=pdf")).send().await.unwrap();
    assert_eq!(wrong.status(), 422);
}

#[tokio::test]
async fn a_visitor_proposes_on_the_web_and_staff_see_to_it_in_the_console() {
    let web = serve().await;
    let visitor = phone().await;
    visitor.goto(&web.url("/suggestions")).await.unwrap();
    visitor.types("textarea[name=text]", "网页上的字太小了，老人看不清").await;
    visitor.press("form[action='/suggestions'] button").await;
    visitor.until("return document.querySelector('main').textContent.includes('JY-2026-0001')").await;
    fits(&visitor).await;
    keep(&visitor, "suggestions-phone").await;
    let other = desk().await;
    other.goto(&web.url("/suggestions")).await.unwrap();
    assert!(!other.text("main").await.contains("JY-2026-0001"), "another browser sees none of it");
    keep(&other, "suggestions-desk").await;

    let staff = web.logged_in(Role::Desk).await;
    let browser = desk().await.logged_in(&staff).await;
    browser.goto(&web.url("/console/ledger")).await.unwrap();
    keep(&browser, "ledger-desk").await;
    browser.press("td a[href^='/console/ledger/led_']").await;
    browser.press("form[action$='/steps'] button").await;
    browser.until("return document.querySelector('main').textContent.includes('现在是“已受理”')").await;
    keep(&browser, "ledger-item-desk").await;
    let path = browser.current_url().await.unwrap().path().to_owned();
    let narrow = phone().await.logged_in(&staff).await;
    narrow.goto(&web.url(&path)).await.unwrap();
    fits(&narrow).await;
    keep(&narrow, "ledger-item-phone").await;
    let answered =
        staff.does(&format!("{path}/steps"), &[("stage", "answered"), ("note", "下次更新把字放大。"), ("owner", ""), ("due_on", "")]).await;
    assert!(answered.contains("现在是“已答复”"), "{answered}");
    visitor.refresh().await.unwrap();
    visitor.until("return document.querySelector('main').textContent.includes('下次更新把字放大')").await;
    for (name, path) in [("ledger", "/console/ledger"), ("ratings", "/console/ratings")] {
        narrow.goto(&web.url(path)).await.unwrap();
        fits(&narrow).await;
        keep(&narrow, &format!("{name}-phone")).await;
    }
    browser.goto(&web.url("/console/ratings")).await.unwrap();
    keep(&browser, "ratings-desk").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

async fn fits(browser: &Browser) {
    let over = browser.value("return document.documentElement.scrollWidth > innerWidth").await;
    assert_eq!(over, Value::Bool(false), "{}", browser.current_url().await.unwrap());
}

/// Keeps a picture of the whole page where a folder for it is named.
async fn keep(browser: &Browser, name: &str) {
    crate::gaps_console::keep(browser, name).await;
}
