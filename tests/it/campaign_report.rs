//! F58: the report of a promotion month counts the classes held within it: on its page, in the workbook, in the document, in the bulletin.

use std::io::Cursor;

use calamine::Reader;
use serde_json::{Value, json};
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::service::Service;

const MANAGEMENT: i64 = -1002;

/// A series of which one session lies in May and one was called off, a class called off whole, and one that nobody published.
async fn taught(service: &Service) -> String {
    let trainer = service.staff("小培", Role::Trainer).await;
    let session = |day: &str| json!({"starts_at": format!("{day}T14:00:00+08:00"), "ends_at": format!("{day}T16:00:00+08:00")});
    let class = |title: &str, days: &[&str]| {
        let times: Vec<Value> = days.iter().map(|day| session(day)).collect();
        json!({"title": title, "place": "办税厅三楼", "capacity": 3, "targets": {"tags": ["*"]}, "sessions": times})
    };
    let mut made = Vec::new();
    for class in [class("汇算怎么办", &["2026-04-09", "2026-04-16", "2026-04-17", "2026-05-06"]), class("取消的课", &["2026-04-20"])]
    {
        let id = trainer.does("/classes", &class).await["id"].as_str().unwrap().to_owned();
        trainer.does(&format!("/classes/{id}/publish"), &json!({})).await;
        made.push(id);
    }
    trainer.does("/classes", &class("还在准备的课", &["2026-04-21"])).await;
    trainer.does(&format!("/classes/{}/cancel", made[1]), &json!({})).await;
    trainer.does(&format!("/classes/{}/sessions/3/cancel", made[0]), &json!({})).await;
    let id = made.swap_remove(0);
    for person in [11, 12, 13, 14] {
        service.telegram.private(person, &person.to_string());
        service.telegram.says(person, person, &format!("/start class_{id}"));
        service.converse().await;
    }
    let lines = trainer.get(&format!("/classes/{id}/roster")).await["items"].as_array().unwrap().clone();
    let tap = |number: usize, day: &str| json!({"id": format!("{day}-{number}"), "enrolment": lines[number]["enrolment"], "at": format!("{day}T14:00:00+08:00")});
    service.clock.set(Timestamp::parse("2026-04-16T18:00:00+08:00").unwrap());
    let first = json!({"items": [tap(0, "2026-04-09"), tap(1, "2026-04-09")]});
    trainer.does(&format!("/classes/{id}/sessions/1/check-ins"), &first).await;
    trainer.does(&format!("/classes/{id}/sessions/2/check-ins"), &json!({"items": [tap(0, "2026-04-16")]})).await;
    id
}

#[tokio::test]
async fn the_classes_of_the_month_stand_in_page_workbook_document_and_bulletin() {
    let service = Service::at("2026-04-08T10:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.register(-1001, "城东", &[]).await;
    publicity.register(MANAGEMENT, "局领导", &["管理"]).await;
    let plan = json!({"title": "四月", "starts_on": "2026-04-01", "ends_on": "2026-04-30",
        "items": [{"kind": "post", "title": "收官", "date": "2026-04-30", "body": "谢谢大家"}]});
    let campaign = publicity.does("/campaigns", &plan).await["id"].as_str().unwrap().to_owned();
    let empty = publicity.get(&format!("/campaigns/{campaign}/report")).await;
    assert_eq!((&empty["totals"]["classes"], &empty["classes"]), (&json!(0), &json!([])));
    let console = service.logged_in(Role::Publicity).await;
    let page = format!("/console/campaigns/{campaign}/report");
    assert!(!console.page(&page).await.contains("纳税人学堂</h2>"), "no heading over nothing");

    let class = taught(&service).await;
    let report = publicity.get(&format!("/campaigns/{campaign}/report")).await;
    assert_eq!(
        report["classes"],
        json!([{"id": class, "title": "汇算怎么办", "place": "办税厅三楼", "starts_at": "2026-04-09T14:00:00+08:00", "sessions": 2, "held": 2,
            "enrolled": 3, "came": 2}])
    );
    let totals = &report["totals"];
    assert_eq!(json!([totals["classes"], totals["sessions_held"], totals["enrolled"], totals["came"]]), json!([1, 2, 3, 2]));
    let line = "纳税人学堂 1 门课，已上 2 次，报名 3 人，到课 2 人。";
    // The session ended meanwhile.
    let console = service.logged_in(Role::Publicity).await;
    let shown = console.page(&page).await;
    assert!(shown.contains(line) && shown.contains(&format!("/console/classes/{class}")) && shown.contains("纳税人学堂</h2>"), "{shown}");

    let file = async |format: &str| {
        let url = format!("{}/api/v1/campaigns/{campaign}/report?format={format}", service.base);
        publicity.client().get(url).send().await.unwrap().bytes().await.unwrap().to_vec()
    };
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file("xlsx").await)).unwrap();
    let sheet = book.worksheet_range("纳税人学堂").unwrap();
    let row = sheet.rows().find(|row| row[1] == "汇算怎么办").unwrap();
    assert_eq!([3, 4, 5].map(|cell: usize| row[cell].to_string()), ["2 次", "3", "2"]);
    let document = file("docx").await;
    let read = taxhome::knowledge::import::read_bytes("report.docx", &document).unwrap();
    assert!(read.document.body.contains(line) && read.document.body.contains("汇算怎么办"), "{}", read.document.body);
    if let Ok(folder) = std::env::var("TAXHOME_SCREENSHOTS") {
        std::fs::write(std::path::Path::new(&folder).join("report-classes.docx"), &document).unwrap();
    }

    let drafted = publicity.does(&format!("/campaigns/{campaign}/report-bulletin"), &json!({})).await;
    let bulletin = drafted["bulletin"].as_str().unwrap();
    service.staff("老审", Role::Approver).await.does(&format!("/bulletins/{bulletin}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{bulletin}/send"), &json!({})).await;
    service.deliver().await;
    assert!(service.said(MANAGEMENT).pop().unwrap().contains(line));
}
