//! F58: a promotion month lived through day by day from a plan file, over April 2026, with 清明, the filing deadline, the make-up workday of
//! 9 May, an outing that slips by a day and an outage of six hours: what was sent, held and reported equals the plan.

use std::process::Command;
use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use taxhome::clock::Clock;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::service::{Service, Staff};

const GROUP: i64 = -1001;
const MANAGEMENT: i64 = -1002;
const FILE: &str = "2026-04-tax-month";
const CALENDAR: [(&str, &str); 2] = [
    ("filing-2026.toml", include_str!("../../knowledge/calendar/filing-2026.toml")),
    ("workdays-2026.toml", include_str!("../../knowledge/calendar/workdays-2026.toml")),
];

/// What the plan says, worked out by hand from the calendar of 2026: title, planned time, day on which it reached the group.
const PLAN: [(&str, &str, &str); 13] = [
    ("四月我们这样安排", "2026-04-01T09:00", "2026-04-01"),
    // 4 to 6 April is 清明.
    ("个税汇算提醒", "2026-04-07T09:00", "2026-04-07"),
    ("进园区", "2026-04-08T08:30", "2026-04-08"),
    ("园区问答整理", "2026-04-10T09:00", "2026-04-10"),
    // Three workdays before Monday, 20 April.
    ("申报期提醒", "2026-04-15T09:00", "2026-04-15"),
    ("停电时到点的一条", "2026-04-16T09:00", "2026-04-16"),
    ("恢复前半小时的一条", "2026-04-16T13:30", "2026-04-16"),
    ("进学校", "2026-04-17T09:00", "2026-04-17"),
    ("学校课堂回顾", "2026-04-20T09:00", "2026-04-20"),
    // Planned for the 22nd, slipped by a day; what follows it slipped too.
    ("进景区", "2026-04-23T09:30", "2026-04-23"),
    ("景区问答整理", "2026-04-24T09:00", "2026-04-24"),
    ("宣传月收官", "2026-04-30T09:00", "2026-04-30"),
    // The fourth workday after it: 6, 7, 8 May and Saturday, 9 May, which is worked.
    ("意见办理情况", "2026-05-09T09:00", "2026-05-09"),
];

#[tokio::test]
async fn a_promotion_month_goes_as_planned_through_a_slip_and_an_outage() {
    let mut service = started("2026-03-25T10:00:00+08:00").await;
    let id = import_and_approve(&service).await;
    slip_the_scenic_spot(&service, &id).await;

    let mut day = Timestamp::parse("2026-04-01T00:00:00+08:00").unwrap();
    let mut arrived: Vec<(String, String)> = Vec::new();
    while day < Timestamp::parse("2026-05-11T00:00:00+08:00").unwrap() {
        for minutes in [510, 540, 570, 600, 720, 810, 840, 900, 960] {
            let at = day.plus(Duration::from_secs(minutes * 60 + 5));
            // From eight to two on 16 April the machine is off.
            if day.date().to_string() == "2026-04-16" && minutes < 840 {
                continue;
            }
            service.clock.set(at.max(service.clock.now()));
            if day.date().to_string() == "2026-04-16" && minutes == 840 {
                service.restart().await;
            }
            let before = service.said(GROUP).len();
            service.tick().await;
            service.deliver().await;
            arrived.extend(service.said(GROUP).into_iter().skip(before).map(|text| (title(&text), at.date().to_string())));
            if day.date().to_string() == "2026-04-16" && minutes == 900 {
                decide_what_was_held(&service, &id).await;
                arrived.push(("停电时到点的一条".to_owned(), at.date().to_string()));
            }
        }
        if day.date().to_string() == "2026-04-08" {
            count_the_park(&service, &id).await;
        }
        day = day.plus(Duration::from_secs(24 * 3600));
    }

    let mut expected: Vec<(String, String)> = PLAN.iter().map(|(title, _, day)| ((*title).to_owned(), (*day).to_owned())).collect();
    arrived.sort();
    expected.sort();
    assert_eq!(arrived, expected, "every item once, on its day");
    check_report(&service, &id).await;
}

async fn started(at: &str) -> Service {
    let service =
        Service::with(at, &[("TAXHOME_BROADCASTS_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/broadcasts"))]).await;
    load_calendar(&service).await;
    service
}

/// The calendar files a clerk puts there.
async fn load_calendar(service: &Service) {
    let folder = service.store.dir.path().join("knowledge/calendar");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in CALENDAR {
        std::fs::write(folder.join(name), text).unwrap();
    }
    assert!(service.app.freshness.refresh_if_changed().await.unwrap());
}

async fn import_and_approve(service: &Service) -> String {
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    publicity.register(GROUP, "城东", &[]).await;
    publicity.register(MANAGEMENT, "局领导", &["管理"]).await;
    let campaign = publicity.does("/campaigns/import", &json!({"file": FILE})).await;
    let id = campaign["id"].as_str().unwrap().to_owned();
    let item = named(&campaign, "个税汇算提醒");
    assert_eq!(item["note"], "2026年4月4日是清明节，改在 2026年4月7日");
    let approved = approver.does(&format!("/campaigns/{id}/approve"), &json!({})).await;
    assert!(approved["items"].as_array().unwrap().iter().all(|item| item["state"] == "scheduled"), "{approved}");
    id
}

async fn slip_the_scenic_spot(service: &Service, id: &str) {
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    let before = publicity.get(&format!("/campaigns/{id}")).await;
    let scenic = named(&before, "进景区")["id"].clone();
    let to = |date: &str| json!({"item": scenic, "date": date});
    let path = format!("/campaigns/{id}/move");
    assert!(publicity.refused(&path, &to("2026-05-20"), 422).await.contains("不在活动期间内"));
    assert!(publicity.refused(&path, &to("2026-04-22"), 422).await.contains("与原来一样"));
    assert!(publicity.refused(&path, &to("2026-04-31"), 422).await.contains("2026-04-31"));
    approver.refused(&path, &to("2026-04-23"), 403).await;
    let report = publicity.does(&path, &to("2026-04-23")).await;
    let moved: Vec<_> = report["moved"].as_array().unwrap().iter().map(|moved| (&moved["title"], &moved["to"], &moved["post"])).collect();
    assert_eq!(
        json!(moved),
        json!([["进景区", "2026-04-23", "review_again"], ["景区问答整理", "2026-04-24", "rescheduled"]]),
        "an outing names its day and is reviewed again, a post keeps its approval"
    );
    approver.does(&format!("/campaigns/{id}/approve"), &json!({})).await;
    let calendar = publicity.get(&format!("/campaigns/{id}/calendar")).await;
    let on = |date: &str| calendar["days"].as_array().unwrap().iter().find(|day| day["date"] == date).unwrap().clone();
    assert_eq!((on("2026-04-05")["kind"].as_str(), on("2026-04-05")["holiday"].as_str()), (Some("day_off"), Some("清明节")));
    assert_eq!(on("2026-04-20")["filing_deadline"], true);
    assert_eq!(on("2026-05-09")["kind"], "workday");
    assert_eq!(on("2026-04-23")["items"][0]["title"], "进景区");
    assert!(on("2026-04-22")["items"].as_array().unwrap().is_empty());
}

/// Nothing that missed its time goes out by itself; publicity looks at it and sends it.
async fn decide_what_was_held(service: &Service, id: &str) {
    let publicity = service.staff("小宣", Role::Publicity).await;
    let campaign = publicity.get(&format!("/campaigns/{id}")).await;
    let held: Vec<&Value> = campaign["items"].as_array().unwrap().iter().filter(|item| item["state"] == "held").collect();
    assert_eq!(held.len(), 1, "one missed its time by more than its grace");
    assert_eq!(held[0]["title"], "停电时到点的一条");
    let report = publicity.get(&format!("/campaigns/{id}/report")).await;
    assert_eq!((&report["totals"]["held"], &named(&report, "停电时到点的一条")["outcome"]), (&json!(1), &json!("held")));
    publicity.does(&format!("/bulletins/{}/send", held[0]["bulletin"].as_str().unwrap()), &json!({})).await;
    service.deliver().await;
}

async fn count_the_park(service: &Service, id: &str) {
    let publicity = service.staff("小宣", Role::Publicity).await;
    let campaign = publicity.get(&format!("/campaigns/{id}")).await;
    let park = named(&campaign, "进园区")["id"].as_str().unwrap().to_owned();
    let school = named(&campaign, "进学校")["id"].as_str().unwrap().to_owned();
    let counted = json!({"visitors": 120, "inquiries": 35, "handouts": 200, "note": "问得最多的是进项抵扣"});
    assert!(publicity.refused(&format!("/outings/{school}/result"), &counted, 409).await.contains("还没有开始"));
    let wrong = publicity.refused(&format!("/outings/{park}/result"), &json!({"visitors": -1}), 422).await;
    assert!(wrong.contains("0 到 1000000"), "{wrong}");
    publicity.does(&format!("/outings/{park}/result"), &counted).await;
    let picture = crate::campaign_photos::photo(640, 480);
    let photo = upload(&publicity, service, &park, picture.clone()).await;
    assert_eq!((photo.0, photo.1["media"].as_str()), (201, Some("image/jpeg")));
    let text = upload(&publicity, service, &park, b"#!/bin/sh".to_vec()).await;
    assert_eq!(text.0, 422);
    assert!(text.1["detail"].as_str().unwrap().contains("JPEG"), "{}", text.1);
    let mut huge = b"\xFF\xD8\xFF\xE0".to_vec();
    huge.resize(8 * 1024 * 1024 + 1, 0);
    let huge = upload(&publicity, service, &park, huge).await;
    assert_eq!((huge.0, huge.1["detail"].as_str().unwrap().contains("8 MB")), (422, true), "{}", huge.1);
    let kept = publicity.client().get(format!("{}/api/v1/photos/{}", service.base, photo.1["id"].as_str().unwrap())).send().await.unwrap();
    assert_eq!(kept.headers()["content-type"], "image/jpeg");
    assert_eq!(kept.bytes().await.unwrap()[..], picture, "the original is kept as it came");
    let outing = publicity.get(&format!("/outings/{park}")).await;
    assert_eq!((&outing["result"]["visitors"], outing["photos"].as_array().unwrap().len()), (&json!(120), 1));
    assert_eq!(outing["materials"], json!(["政策问答手册"]));
}

async fn upload(staff: &Staff<'_>, service: &Service, outing: &str, bytes: Vec<u8>) -> (u16, Value) {
    let form = Form::new().text("caption", "现场").part("photo", Part::bytes(bytes).file_name("../../etc/passwd"));
    let answer = staff.client().post(format!("{}/api/v1/outings/{outing}/photos", service.base)).multipart(form).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn check_report(service: &Service, id: &str) {
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    let report = publicity.get(&format!("/campaigns/{id}/report")).await;
    for (title, planned, day) in PLAN {
        let item = named(&report, title);
        let outcome = if title == "停电时到点的一条" { "late" } else { "on_time" };
        assert_eq!(item["planned_at"], format!("{planned}:00+08:00"), "{title}");
        assert_eq!(item["outcome"], outcome, "{title}");
        assert!(item["sent_at"].as_str().unwrap().starts_with(day), "{title}");
        assert_eq!((&item["missing"], item["delivered"].as_i64().unwrap() >= 1), (&json!(0), true), "{title}");
    }
    let totals = &report["totals"];
    let sums = ["planned", "on_time", "late", "held", "to_come", "not_sent", "missing", "outings", "outings_counted", "visitors", "photos"];
    let sums: Vec<i64> = sums.iter().map(|name| totals[*name].as_i64().unwrap()).collect();
    assert_eq!(sums, [13, 12, 1, 0, 0, 0, 0, 3, 1, 120, 1]);

    keep(&report_file(service, id).await);
    let file = |format: &'static str| async move {
        let answer = publicity_file(service, id, format).await;
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap()
    };
    let mut book: calamine::Xlsx<_> = calamine::Reader::new(std::io::Cursor::new(file("xlsx").await)).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "外出活动").unwrap();
    let park = sheet.rows().find(|row| row[1] == "进园区").unwrap();
    assert_eq!((park[3].to_string(), park[5].to_string()), ("120".to_owned(), "200".to_owned()));
    let document = taxhome::knowledge::import::read_bytes("report.docx", &file("docx").await);
    let text = &document.unwrap().document.body;
    assert!(text.contains("计划 13 项，按时发出 12 项，补发 1 项。") && text.contains("县工业园区服务中心"), "{text}");
    assert!(text.contains("进园区：问得最多的是进项抵扣") && text.contains("进园区：现场"), "{text}");
    assert_eq!(publicity_file(service, id, "pdf").await.status(), 422);

    let drafted = publicity.does(&format!("/campaigns/{id}/report-bulletin"), &json!({})).await;
    publicity.refused(&format!("/campaigns/{id}/report-bulletin"), &json!({}), 409).await;
    let bulletin = drafted["bulletin"].as_str().unwrap();
    approver.does(&format!("/bulletins/{bulletin}/approve"), &json!({})).await;
    let before = service.said(GROUP).len();
    publicity.does(&format!("/bulletins/{bulletin}/send"), &json!({})).await;
    service.deliver().await;
    let told = service.said(MANAGEMENT).pop().unwrap();
    assert!(told.contains("按时发出 12 项，补发 1 项") && told.contains("到场 120 人次"), "{told}");
    assert_eq!(service.said(GROUP).len(), before, "the report goes to the management only");
}

async fn report_file(service: &Service, id: &str) -> Vec<u8> {
    publicity_file(service, id, "docx").await.bytes().await.unwrap().to_vec()
}

/// Keeps the report to look at, where a folder for it is named.
fn keep(report: &[u8]) {
    if let Ok(folder) = std::env::var("TAXHOME_SCREENSHOTS") {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(std::path::Path::new(&folder).join("report-month.docx"), report).unwrap();
    }
}

async fn publicity_file(service: &Service, id: &str, format: &str) -> reqwest::Response {
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.client().get(format!("{}/api/v1/campaigns/{id}/report?format={format}", service.base)).send().await.unwrap()
}

#[tokio::test]
async fn a_workday_rule_waits_for_its_calendar_and_is_dated_when_that_comes() {
    let service = Service::with(
        "2026-03-25T10:00:00+08:00",
        &[("TAXHOME_BROADCASTS_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/broadcasts"))],
    )
    .await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    publicity.register(GROUP, "城东", &[]).await;
    let campaign = publicity.does("/campaigns/import", &json!({"file": FILE})).await;
    let id = campaign["id"].as_str().unwrap();
    let waiting = |campaign: &Value| campaign["items"].as_array().unwrap().iter().filter(|item| item["due_at"].is_null()).count();
    assert_eq!(waiting(&campaign), 5, "{campaign}");
    let note = named(&campaign, "园区问答整理")["note"].as_str().unwrap().to_owned();
    assert!(note.contains("2026年的日历"), "{note}");
    let approved = approver.does(&format!("/campaigns/{id}/approve"), &json!({})).await;
    assert_eq!(named(&approved, "园区问答整理")["state"], "approved");
    service.tick().await;
    assert_eq!(waiting(&publicity.get(&format!("/campaigns/{id}")).await), 5, "without a calendar nothing is guessed");
    load_calendar(&service).await;
    // One of the days has passed meanwhile: it is held for a decision like everything that missed its time.
    service.clock.set(Timestamp::parse("2026-04-10T15:00:00+08:00").unwrap());
    service.tick().await;
    let dated = publicity.get(&format!("/campaigns/{id}")).await;
    assert_eq!(waiting(&dated), 0);
    assert_eq!(named(&dated, "意见办理情况")["date"], "2026-05-09");
    assert_eq!(
        (&named(&dated, "意见办理情况")["state"], &named(&dated, "申报期提醒")["state"]),
        (&json!("scheduled"), &json!("scheduled"))
    );
    assert_eq!(named(&dated, "园区问答整理")["state"], "held");
    service.clock.set(Timestamp::parse("2026-04-15T09:00:05+08:00").unwrap());
    service.tick().await;
    service.deliver().await;
    let last = service.said(GROUP).pop().unwrap();
    assert!(last.contains("申报期提醒"), "what was approved goes out on the day the calendar gives: {last}");
}

#[test]
fn a_fault_in_a_plan_file_is_named_by_file_line_field_and_what_to_write() {
    let head = "title = \"四月\"\nstarts_on = 2026-04-01\nends_on = 2026-04-30\n\n[[items]]\nkind = \"post\"\ntitle = \"一条\"\n";
    for (rest, line, field, says) in [
        ("date = 2026-04-31\nbody = \"正文\"\n", 8, "date", "不是存在的日期"),
        ("date = \"四月一日\"\nbody = \"正文\"\n", 8, "date", "2027-04-01 这样"),
        ("date = 2026-05-31\nbody = \"正文\"\n", 8, "date", "不在活动期间内"),
        ("dat = 2026-04-03\nbody = \"正文\"\n", 8, "dat", "可用的是"),
        ("date = 2026-04-03\n", 5, "body", "缺少必填项 body"),
        ("date = 2026-04-03\ntime = \"9点\"\nbody = \"正文\"\n", 9, "time", "09:00"),
        ("after = \"park\"\ndays = 1\nbody = \"正文\"\n", 8, "after", "没有哪一项"),
        ("after = \"park\"\nbody = \"正文\"\n", 8, "after", "请再写 days"),
        ("body = 正文\n", 8, "body", "英文双引号"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("campaigns")).unwrap();
        std::fs::write(dir.path().join("campaigns/april.toml"), format!("{head}{rest}")).unwrap();
        let found = check(dir.path());
        let problem = &found["problems"][0];
        assert_eq!(problem["file"], "campaigns/april.toml", "{rest}{found}");
        assert_eq!((problem["line"].as_u64(), problem["field"].as_str()), (Some(line), Some(field)), "{rest}{found}");
        assert!(problem["message"].as_str().unwrap().contains(says), "{rest}{found}");
    }
}

#[test]
fn the_built_in_plan_of_2027_is_valid_and_says_what_is_still_to_be_loaded() {
    let found = check(std::path::Path::new(""));
    assert_eq!(found["problems"], json!([]));
    let open = found["open"].to_string();
    assert!(open.contains("2027-04-tax-month.toml") && open.contains("filing-2027.toml"), "{open}");
}

fn check(broadcasts: &std::path::Path) -> Value {
    let run =
        Command::new(env!("CARGO_BIN_EXE_taxhome")).args(["check", "--json"]).env("TAXHOME_BROADCASTS_DIR", broadcasts).output().unwrap();
    serde_json::from_slice(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&run.stderr)))
}

fn named(view: &Value, title: &str) -> Value {
    view["items"].as_array().unwrap().iter().find(|item| item["title"] == title).unwrap_or_else(|| panic!("{title}")).clone()
}

/// The title in a post's first line.
fn title(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_start_matches("【税收宣传月】").to_owned()
}
