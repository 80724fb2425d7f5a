//! F67, F77: everything in one file and back, on either engine and from one to the other; what was sent is not sent again.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::{Value, json};
use taxhome::care::backup;
use taxhome::clock::Clock;
use taxhome::domain::care::Purpose;
use taxhome::domain::staff::Role;
use taxhome::store::{Store, schema};

use crate::harness::db::{empty_place, empty_postgres, empty_sqlite};
use crate::harness::service::{Service, Staff};
use crate::harness::web::KNOWN;

const MORNING: &str = "2026-11-24T09:30:00+08:00";
const PERSON: i64 = 11;
const EAST: i64 = -1001;
const WEST: i64 = -1002;
const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);

async fn bulletin(publicity: &Staff<'_>, approver: &Staff<'_>, title: &str) -> String {
    let body = json!({"title": title, "summary": title, "body": format!("{title}的正文。"), "targets": {"tags": ["个体户"]}});
    let id = publicity.does("/bulletins", &body).await["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    id
}

/// A service in the middle of its work: one bulletin half out, one due soon, one tomorrow; a question, a class, an enrolment.
async fn at_work() -> Service {
    let service = Service::at(MORNING).await;
    service.telegram.private(PERSON, "甲");
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    let admin = service.staff("管理员", Role::Admin).await;
    for (chat, title) in [(EAST, "城东纳税人之家"), (WEST, "城西纳税人之家")] {
        publicity.register(chat, title, &["个体户"]).await;
    }
    service.telegram.says(PERSON, PERSON, KNOWN);
    service.converse().await;
    let starts = service.clock.now().plus(Duration::from_secs(80 * 60));
    let class = json!({"title": "个税汇算课", "starts_at": starts.rfc3339(), "ends_at": starts.plus(HALF_AN_HOUR).rfc3339(), "place": "三楼",
        "capacity": 5, "reminders": [60], "targets": {"tags": ["个体户"]}});
    let class = admin.does("/classes", &class).await["id"].as_str().unwrap().to_owned();
    admin.does(&format!("/classes/{class}/publish"), &json!({})).await;
    service.telegram.says(PERSON, PERSON, "报名 1");
    service.receive().await;
    while let taxhome::outbox::Outcome::Attempted { .. } = service.app.outbox.run_once(service.clock.now()).await.unwrap() {}
    let first = bulletin(&publicity, &approver, "甲号通知").await;
    publicity.does(&format!("/bulletins/{first}/send"), &json!({})).await;
    let out = || everything_said(&service).concat().iter().filter(|text| text.contains("甲号通知")).count();
    for _ in 0..50 {
        if out() > 0 {
            break;
        }
        service.app.outbox.run_once(service.clock.now()).await.unwrap();
        service.clock.advance(Duration::from_millis(200));
    }
    assert_eq!(out(), 1, "half of it is out");
    for (title, minutes) in [("马上的", 10), ("明天的", 24 * 60)] {
        let id = bulletin(&publicity, &approver, title).await;
        let at = service.clock.now().plus(Duration::from_secs(minutes * 60));
        publicity.does(&format!("/bulletins/{id}/schedule"), &json!({"at": at.rfc3339()})).await;
    }
    service
}

fn everything_said(service: &Service) -> Vec<Vec<String>> {
    [PERSON, EAST, WEST].map(|chat| service.said(chat)).into()
}

/// All rows of a store, each table's in one order.
async fn all_rows(store: &Store) -> Vec<(String, Vec<String>)> {
    let mut conn = store.read().await.unwrap();
    let mut all = Vec::new();
    for table in schema::tables(&mut conn, store.engine()).await.unwrap() {
        let mut rows: Vec<String> =
            schema::rows(&mut conn, &table.name).await.unwrap().into_iter().map(|row| Value::Object(row).to_string()).collect();
        rows.sort();
        all.push((table.name, rows));
    }
    all.sort();
    all
}

#[tokio::test]
async fn what_is_brought_back_sends_nothing_twice_and_goes_on_where_it_may() {
    let mut service = at_work().await;
    let file = service.store.dir.path().join("night.zip");
    for folder in ["photos", "materials"] {
        std::fs::create_dir_all(service.store.dir.path().join(folder)).unwrap();
        std::fs::write(service.store.dir.path().join(folder).join("one"), folder).unwrap();
    }
    let written = backup::write(&service.store, service.store.dir.path(), Purpose::Backup, &file, service.clock.now()).await.unwrap();
    assert_eq!(backup::verify(&file).unwrap(), written);

    // The service goes on for half an hour, then its disk dies.
    service.clock.advance(HALF_AN_HOUR);
    service.tick().await;
    service.deliver().await;
    let said = everything_said(&service);
    assert!(said[1].iter().any(|text| text.contains("甲号通知")) && said[2].iter().any(|text| text.contains("马上的")), "{said:?}");

    let place = empty_place().await;
    let now = service.clock.now();
    let kept = place.dir.path().join("kept.zip");
    std::fs::copy(&file, &kept).unwrap();
    let (manifest, open) = backup::restore(&kept, place.url(), place.dir.path(), now).await.unwrap();
    assert!(open.unconfirmed > 0 && open.held == 1, "{open:?}");
    for folder in ["photos", "materials"] {
        assert_eq!(std::fs::read_to_string(place.dir.path().join(folder).join("one")).unwrap(), folder);
    }
    let restored = place.open().await;
    assert!(taxhome::store::copy::is_unfinished(&mut restored.read().await.unwrap()).await.unwrap(), "nobody may serve from it yet");
    service.move_to(restored).await;
    service.app.settle_restored(&manifest, now).await.unwrap();
    assert!(!taxhome::store::copy::is_unfinished(&mut service.store.read().await.unwrap()).await.unwrap());
    service.deliver().await;
    assert_eq!(everything_said(&service), said, "nothing goes out twice");

    let publicity = service.staff("小宣", Role::Publicity).await;
    let list = publicity.get("/bulletins").await;
    let of = |title: &str| list["items"].as_array().unwrap().iter().find(|item| item["title"] == title).unwrap().clone();
    assert_eq!(of("马上的")["state"], "held");
    let first = of("甲号通知")["id"].as_str().unwrap().to_owned();
    let ledger = publicity.get(&format!("/bulletins/{first}/deliveries")).await;
    let unknown: Vec<&Value> = ledger["items"].as_array().unwrap().iter().filter(|line| line["state"] == "unknown").collect();
    assert_eq!(unknown.len(), 1, "one was sent before the backup, one is unconfirmed: {ledger}");
    assert!(unknown[0]["reason"].as_str().unwrap().contains("备份"), "{ledger}");
    let settle = format!("/deliveries/{}/settle", unknown[0]["id"].as_str().unwrap());
    publicity.does(&settle, &json!({"outcome": "delivered"})).await;

    // The seat is kept, questions are answered from an index made anew, and tomorrow's bulletin goes out.
    service.telegram.says(PERSON, PERSON, "我的报名");
    service.converse().await;
    assert!(service.said(PERSON).pop().unwrap().contains("个税汇算课"));
    service.clock.advance(Duration::from_secs(24 * 3600));
    service.tick().await;
    service.deliver().await;
    assert!(service.said(WEST).pop().unwrap().contains("明天的"));
    assert_eq!(service.said(WEST).iter().filter(|text| text.contains("明天的")).count(), 1);
}

#[tokio::test]
async fn a_backup_goes_from_one_engine_to_the_other_and_back_row_by_row() {
    let service = at_work().await;
    let folder = tempfile::tempdir().unwrap();
    let now = service.clock.now();
    let mut places = vec![empty_sqlite()];
    if let Ok(admin) = std::env::var("TEST_POSTGRES_URL") {
        places.push(empty_postgres(&admin).await);
    }
    places.push(empty_sqlite());
    let mut from = folder.path().join("0.zip");
    let written = backup::write(&service.store, service.store.dir.path(), Purpose::Backup, &from, now).await.unwrap();
    assert!(written.entries.iter().map(|entry| entry.rows).sum::<u64>() > 30);
    let mut before: Option<Vec<(String, Vec<String>)>> = None;
    for (number, place) in (1..).zip(places) {
        backup::restore(&from, place.url(), place.dir.path(), now).await.unwrap();
        let store = place.open().await;
        let rows = all_rows(&store).await;
        if let Some(before) = &before {
            assert_eq!(&rows, before, "number {number}");
        }
        before = Some(rows);
        from = folder.path().join(format!("{number}.zip"));
        backup::write(&store, store.dir.path(), Purpose::Backup, &from, now).await.unwrap();
    }
}

#[tokio::test]
async fn a_damaged_file_an_export_and_a_full_database_are_refused_and_nothing_changes() {
    let service = at_work().await;
    let folder = tempfile::tempdir().unwrap();
    let now = service.clock.now();
    let (whole, export, cut) = (folder.path().join("a.zip"), folder.path().join("b.zip"), folder.path().join("c.zip"));
    backup::write(&service.store, service.store.dir.path(), Purpose::Backup, &whole, now).await.unwrap();
    backup::write(&service.store, service.store.dir.path(), Purpose::Export, &export, now).await.unwrap();
    let again = backup::write(&service.store, service.store.dir.path(), Purpose::Backup, &whole, now).await.unwrap_err().to_string();
    assert!(again.contains("已经存在"), "{again}");
    // Every byte counts, those too that a reader of zip files passes over: at the start lie the first name and its time.
    let bytes = std::fs::read(&whole).unwrap();
    for at in (0..60).chain((1..40).map(|part| part * bytes.len() / 40)).chain(bytes.len() - 70..bytes.len()) {
        let mut other = bytes.clone();
        other[at] ^= 0xff;
        std::fs::write(&cut, &other).unwrap();
        assert!(backup::verify(&cut).is_err(), "byte {at} of {}", bytes.len());
    }
    let place = empty_sqlite();
    let refused = |path: &Path| {
        let (path, url, dir) = (path.to_owned(), place.url().to_owned(), place.dir.path().to_owned());
        async move { backup::restore(&path, &url, &dir, now).await.unwrap_err().to_string() }
    };
    assert!(refused(&export).await.contains("导出文件"));
    assert!(!refused(&cut).await.is_empty());
    assert_eq!(std::fs::read_dir(place.dir.path()).unwrap().count(), 0, "nothing was begun");
    let full = backup::restore(&whole, service.store.url(), service.store.dir.path(), now).await.unwrap_err().to_string();
    assert!(full.contains("已经有数据") && full.contains("TAXHOME_DATA_DIR"), "{full}");
    // The export names what is of people and carries no secret.
    let manifest = backup::verify(&export).unwrap();
    assert!(manifest.personal.contains(&"questions".to_owned()));
    assert!(!manifest.entries.iter().any(|entry| entry.name.contains("tokens") || entry.name.contains("passwords")), "{manifest:?}");
}

fn taxhome(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_taxhome")).current_dir(dir).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn the_command_line_backs_up_checks_restores_and_exports() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = old.path().join("night.zip");
    let file = file.to_str().unwrap();
    assert!(taxhome(old.path(), &["user", "add", "张三", "--role", "admin"]).status.success());
    let done = taxhome(old.path(), &["backup", file]);
    assert!(done.status.success() && said(&done).contains("完整"), "{}", said(&done));
    assert!(said(&taxhome(old.path(), &["backup", "verify", file])).contains("完整"));
    assert_eq!(taxhome(old.path(), &["backup", file]).status.code(), Some(1), "a backup is never written over");
    let full = taxhome(old.path(), &["restore", file]);
    assert!(full.status.code() == Some(1) && said(&full).contains("已经有数据"), "{}", said(&full));
    let restored = taxhome(new.path(), &["restore", file]);
    assert!(restored.status.success() && said(&restored).contains("已恢复，索引已重建"), "{}", said(&restored));
    assert!(taxhome(new.path(), &["token", "create", "--user", "张三"]).status.success(), "the user is there");
    assert!(said(&taxhome(new.path(), &["audit", "verify"])).contains("完整"));
    let export = new.path().join("all.zip");
    assert!(taxhome(new.path(), &["export", export.to_str().unwrap()]).status.success());
    assert_eq!(taxhome(new.path(), &["backup"]).status.code(), Some(2));
}
