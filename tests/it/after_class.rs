//! F63: materials, the vote for the next topic and the survey after a class; in the chat and on the web, each told once.

use std::io::{Cursor, Write};

use calamine::{Data, Reader};
use serde_json::{Value, json};
use taxhome::care::backup;
use taxhome::clock::Clock;
use taxhome::domain::care::Purpose;
use taxhome::domain::channel::ChannelKind;
use taxhome::domain::check_in::Means;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;
use taxhome::store::check_ins::{self, CheckIn};
use taxhome::store::classes;

use crate::harness::desk::STAFF;
use crate::harness::service::{Service, Staff};
use crate::harness::web::{KNOWN, client};

const MORNING: &str = "2026-11-24T09:00:00+08:00";
const OVER: &str = "2026-11-27T16:00:05+08:00";
const TITLE: &str = "新办企业第一课";

/// A published class in which these people have a seat.
pub async fn enrolled(service: &Service, people: &[(i64, &str)]) -> String {
    let trainer = service.staff("小培", Role::Trainer).await;
    service.staff("小宣", Role::Publicity).await.register(-1001, "城东", &[]).await;
    let class = json!({"title": TITLE, "starts_at": "2026-11-27T14:00:00+08:00", "ends_at": "2026-11-27T16:00:00+08:00",
        "place": "办税厅三楼", "capacity": 20, "targets": {"tags": ["*"]}});
    let id = trainer.does("/classes", &class).await["id"].as_str().unwrap().to_owned();
    trainer.does(&format!("/classes/{id}/publish"), &json!({})).await;
    for (person, name) in people {
        service.telegram.private(*person, name);
        service.telegram.says(*person, *person, &format!("/start class_{id}"));
        service.converse().await;
    }
    id
}

pub async fn came(service: &Service, class: &str, person: i64) {
    let now = service.clock.now();
    let mut tx = service.store.begin().await.unwrap();
    let there = classes::enrolment_of(&mut tx, class, ChannelKind::Telegram, &person.to_string()).await.unwrap().unwrap();
    let check_in =
        CheckIn {
            class_id: class.to_owned(), session: 1, enrolment_id: there.id, at: now, means: Means::Staff, staff: "小培".to_owned()
        };
    assert!(check_ins::insert(&mut tx, &check_in, now).await.unwrap());
    tx.commit().await.unwrap();
}

fn at(service: &Service, time: &str) {
    service.clock.set(Timestamp::parse(time).unwrap());
}

pub async fn ticks(service: &Service) {
    for _ in 0..2 {
        service.tick().await;
        service.deliver().await;
    }
}

/// Taps the button with this label under the last message that has it.
pub async fn taps(service: &Service, person: i64, label: &str) {
    let has = |markup: &Value| buttons(markup).into_iter().find(|(text, _)| text == label).map(|(_, data)| data);
    let posted = service.telegram.messages(person);
    let (message, data) = posted.iter().rev().find_map(|posted| Some((posted.id, has(&posted.markup)?))).expect("the button is there");
    service.telegram.taps(person, person, message, &data);
    service.converse().await;
}

fn buttons(markup: &Value) -> Vec<(String, String)> {
    let rows = markup["inline_keyboard"].as_array().cloned().unwrap_or_default();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    rows.iter()
        .flat_map(|row| row.as_array().cloned().unwrap_or_default())
        .map(|button| (word(&button["text"]), word(&button["callback_data"])))
        .collect()
}

pub async fn says(service: &Service, person: i64, text: &str) {
    service.telegram.says(person, person, text);
    service.converse().await;
}

pub fn last(service: &Service, person: i64) -> String {
    service.said(person).pop().unwrap_or_default()
}

fn many(service: &Service, person: i64, words: &str) -> usize {
    service.said(person).iter().filter(|text| text.contains(words)).count()
}

fn slides() -> Vec<u8> {
    let mut package = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["[Content_Types].xml", "ppt/presentation.xml"] {
        package.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        package.write_all(b"<x/>").unwrap();
    }
    package.finish().unwrap().into_inner()
}

async fn attach(trainer: &Staff<'_>, class: &str, title: &str, file: Vec<u8>) -> Value {
    let part = reqwest::multipart::Part::bytes(file).file_name("x.bin");
    let form = reqwest::multipart::Form::new().text("title", title.to_owned()).part("file", part);
    trainer.upload(&format!("/classes/{class}/materials"), form).await
}

#[tokio::test]
async fn materials_reach_everybody_who_takes_part_once_and_later_ones_by_themselves() {
    let mut service = Service::at(MORNING).await;
    let id = enrolled(&service, &[(11, "甲"), (12, "乙")]).await;
    let path = format!("/classes/{id}/materials");
    {
        let trainer = service.staff("小培", Role::Trainer).await;
        assert!(trainer.refused(&format!("{path}/push"), &json!({}), 409).await.contains("没有新的资料"));
        let link = reqwest::multipart::Form::new().text("title", "政策原文").text("link", "https://example.com/a");
        trainer.upload(&path, link).await;
        let file = attach(&trainer, &id, "讲义", slides()).await;
        assert!(file["media"].as_str().unwrap().ends_with("presentation"), "{file}");
        assert_eq!(many(&service, 11, "课程资料"), 0, "nothing goes out before somebody says so");
        assert_eq!(trainer.does(&format!("{path}/push"), &json!({})).await["people"], 2);
        assert!(trainer.refused(&format!("{path}/push"), &json!({}), 409).await.contains("没有新的资料"), "a second click");

        let address = file["link"].as_str().unwrap();
        let response = client(Default::default()).get(address).send().await.unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert!(
            header("content-disposition").starts_with("attachment;") && header("content-disposition").contains("%E8%AE%B2%E4%B9%89.pptx")
        );
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(response.bytes().await.unwrap(), slides());
    }
    service.restart().await;
    service.deliver().await;
    for person in [11, 12] {
        let told = last(&service, person);
        assert!(told.contains("课程资料") && told.contains("政策原文") && told.contains("讲义"), "{told}");
        assert_eq!(many(&service, person, "课程资料"), 1, "one message for both");
    }
    let trainer = service.staff("小培", Role::Trainer).await;
    for (file, says) in [(b"MZ\x90\x00 a program".to_vec(), "只收 PDF"), (b"<html><script>".to_vec(), "只收 PDF")] {
        let form =
            reqwest::multipart::Form::new().text("title", "坏").part("file", reqwest::multipart::Part::bytes(file).file_name("a.pdf"));
        let url = format!("{}/api/v1{path}", service.base);
        let response = trainer.client().post(url).multipart(form).send().await.unwrap();
        assert_eq!(response.status(), 422);
        assert!(response.text().await.unwrap().contains(says));
    }
    attach(&trainer, &id, "补充表样", b"%PDF-1.7 later".to_vec()).await;
    trainer.does(&format!("{path}/push"), &json!({})).await;
    service.deliver().await;
    let told = last(&service, 12);
    assert!(told.contains("补充表样") && !told.contains("政策原文"), "only what is new: {told}");
}

#[tokio::test]
async fn a_vote_counts_the_last_ballot_of_each_person_in_chat_and_on_the_web_until_it_closes() {
    let service = Service::at(MORNING).await;
    let id = enrolled(&service, &[(11, "甲"), (12, "乙")]).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let path = format!("/classes/{id}/votes");
    let vote = json!({"topics": ["个税汇算", "数电发票"], "closes_at": "2026-11-30T18:00:00+08:00"});
    for (field, value, says) in [
        ("topics", json!(["只有一个"]), "2 到 8 个"),
        ("topics", json!(["同", "同"]), "各不相同"),
        ("closes_at", json!("2026-11-24T08:00:00+08:00"), "截止时间"),
    ] {
        let mut wrong = vote.clone();
        wrong[field] = value;
        assert!(trainer.refused(&path, &wrong, 422).await.contains(says));
    }
    let begun = trainer.does(&path, &vote).await;
    assert_eq!(begun["people"], 2);
    assert!(trainer.refused(&path, &vote, 409).await.contains("还没有截止"), "a second click asks nobody twice");
    ticks(&service).await;
    assert_eq!(many(&service, 11, "下一课讲什么"), 1);
    taps(&service, 11, "个税汇算").await;
    taps(&service, 12, "个税汇算").await;
    taps(&service, 11, "数电发票").await;
    let page = begun["link"].as_str().unwrap();
    let browser = client(Default::default());
    let empty = browser.post(page).form(&[("other", "1")]).send().await.unwrap();
    assert_eq!(empty.status(), 422);
    assert!(empty.text().await.unwrap().contains("请先选一个内容"));
    let taken = browser.post(page).form(&[("topic", "0")]).send().await.unwrap();
    assert_eq!(taken.status(), 303);
    let cookie = taken.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    browser.post(page).header("cookie", &cookie).form(&[("topic", "1")]).send().await.unwrap();
    let mine = browser.get(page).header("cookie", &cookie).send().await.unwrap().text().await.unwrap();
    assert!(mine.contains("已投：数电发票") && mine.contains("改选"), "{mine}");
    let ballots = async || {
        let votes = trainer.get(&path).await;
        [votes[0]["topics"][0]["ballots"].as_i64().unwrap(), votes[0]["topics"][1]["ballots"].as_i64().unwrap()]
    };
    assert_eq!(ballots().await, [1, 2]);
    at(&service, "2026-11-30T18:00:00+08:00");
    taps(&service, 12, "数电发票").await;
    assert_eq!(ballots().await, [1, 2], "too late");
    let told = service.telegram.answered_callbacks().pop().unwrap();
    assert!(told["text"].as_str().unwrap().contains("已经截止"), "{told}");
    assert_eq!(browser.post(page).header("cookie", &cookie).form(&[("topic", "0")]).send().await.unwrap().status(), 422);
}

#[tokio::test]
async fn those_who_came_are_asked_one_question_after_the_other_and_what_they_did_not_understand_becomes_a_gap() {
    let mut service = Service::at(MORNING).await;
    let id = enrolled(&service, &[(11, "甲"), (12, "乙"), (13, "丙")]).await;
    at(&service, "2026-11-27T14:10:00+08:00");
    came(&service, &id, 11).await;
    came(&service, &id, 12).await;
    ticks(&service).await;
    assert_eq!(many(&service, 11, "课后问卷"), 0, "not while it lasts");
    at(&service, OVER);
    ticks(&service).await;
    service.restart().await;
    ticks(&service).await;
    assert_eq!([11, 12, 13].map(|person| many(&service, person, "课后问卷")), [1, 1, 0], "those who came, once");
    taps(&service, 11, "4 分").await;
    assert!(last(&service, 11).contains("课后问卷 2/4"), "{}", last(&service, 11));
    taps(&service, 11, "跳过").await;
    assert!(last(&service, 11).contains("还有什么没弄明白的"), "{}", last(&service, 11));
    let unclear = "电子发票红冲后 13812345678 还要不要收回原件";
    says(&service, 11, unclear).await;
    let said = service.said(11);
    assert!(said.iter().any(|text| text.contains("已记下，会转给老师整理")) && last(&service, 11).contains("课后问卷 4/4"), "{said:?}");
    assert!(!said.iter().any(|text| text.contains("相关政策")), "it is not answered as a question");

    // After half an hour words are a question again; the button still counts.
    service.clock.advance(std::time::Duration::from_secs(31 * 60));
    says(&service, 11, KNOWN).await;
    assert!(last(&service, 11).contains("月销售额没有达到10万元"), "{}", last(&service, 11));
    taps(&service, 11, "跳过").await;
    assert!(last(&service, 11).contains("问卷答完了"), "{}", last(&service, 11));

    taps(&service, 12, "不再回答").await;
    ticks(&service).await;
    assert_eq!(many(&service, 12, "课后问卷"), 1, "no more");

    let desk = service.staff("小服", Role::Desk).await;
    let gaps = desk.get("/gaps").await.to_string();
    assert!(gaps.contains("电子发票红冲后") && gaps.contains("138****678") && !gaps.contains("13812345678"), "{gaps}");
    let summary = desk.get(&format!("/classes/{id}/summary")).await;
    assert_eq!(json!([summary["enrolled"], summary["came"], summary["absent"]]), json!([3, 2, 1]));
    let survey = &summary["survey"];
    assert_eq!(json!([survey["asked"], survey["finished"], survey["stopped"]]), json!([2, 1, 1]));
    assert_eq!(survey["questions"][0]["scores"], json!([0, 0, 0, 1, 0]));
    assert!(survey["questions"][2]["comments"][0].as_str().unwrap().contains("138****678"));

    let url = format!("{}/api/v1/classes/{id}/summary?format=xlsx", service.base);
    let bytes = desk.client().get(url).send().await.unwrap().bytes().await.unwrap();
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes.to_vec())).unwrap();
    let figures = book.worksheet_range("人数").unwrap();
    assert!(figures.rows().any(|row| row[0] == Data::String("到课".to_owned()) && row[1] == Data::Float(2.0)));
    let scores = book.worksheet_range("问卷打分").unwrap();
    assert!(scores.rows().any(|row| row.get(4) == Some(&Data::Float(1.0)) && row.get(6) == Some(&Data::Float(4.0))));
    let console = service.logged_in(Role::Trainer).await;
    let page = console.page(&format!("/console/classes/{id}/summary")).await;
    assert!(page.contains("平均 4.0 分") && page.contains("<svg") && page.contains("电子发票红冲后"), "{page}");
}

#[tokio::test]
async fn a_survey_waits_while_a_person_at_the_desk_is_asked_or_answers() {
    let service = crate::harness::desk::started(MORNING).await;
    let id = enrolled(&service, &[(11, "甲")]).await;
    at(&service, "2026-11-27T14:10:00+08:00");
    came(&service, &id, 11).await;
    says(&service, 11, "转人工 我的退税到哪了").await;
    at(&service, OVER);
    ticks(&service).await;
    assert_eq!(many(&service, 11, "课后问卷"), 0, "not while somebody waits for a person");
    let desk = service.staff("李雷", Role::Desk).await;
    let inquiry = desk.get("/inquiries?state=waiting").await["items"][0]["id"].as_str().unwrap().to_owned();
    desk.does(&format!("/inquiries/{inquiry}/answers"), &json!({"text": "已经退了"})).await;
    ticks(&service).await;
    assert_eq!(many(&service, 11, "课后问卷"), 0, "not while a person answers");
    desk.does(&format!("/inquiries/{inquiry}/close"), &json!({})).await;
    ticks(&service).await;
    assert_eq!(many(&service, 11, "课后问卷 1/4"), 1);
    taps(&service, 11, "5 分").await;
    taps(&service, 11, "5 分").await;
    assert!(last(&service, 11).contains("还有什么没弄明白的"));
    // What is written to a person while a question stands is the person's, and the question comes again afterwards.
    says(&service, 11, "转人工 再问一下").await;
    ticks(&service).await;
    says(&service, 11, "退税金额不对").await;
    assert!(service.said(STAFF).iter().any(|text| text.contains("退税金额不对")));
    says(&service, 11, "/结束").await;
    ticks(&service).await;
    assert_eq!(many(&service, 11, "还有什么没弄明白的"), 2, "asked again, once");
    let summary = desk.get(&format!("/classes/{id}/summary")).await;
    assert_eq!(summary["survey"]["questions"][2]["comments"], json!([]));
}

#[tokio::test]
async fn a_class_has_questions_of_its_own_until_they_are_asked() {
    let service = Service::at(MORNING).await;
    let id = enrolled(&service, &[(11, "甲")]).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let path = format!("/classes/{id}/survey");
    assert_eq!(trainer.get(&path).await["questions"].as_array().unwrap().len(), 4, "those of the template");
    let long = json!({"questions": [{"kind": "score", "text": "长".repeat(101)}]});
    assert!(trainer.refused(&path, &long, 422).await.contains("1 到 100 个字"));
    let own = json!({"questions": [{"kind": "score", "text": "场地方便吗？"}]});
    trainer.does(&path, &own).await;
    at(&service, "2026-11-27T14:10:00+08:00");
    came(&service, &id, 11).await;
    at(&service, "2026-11-27T22:00:00+08:00");
    service.tick().await;
    assert_eq!(many(&service, 11, "场地方便吗"), 0);
    service.deliver().await;
    assert_eq!(many(&service, 11, "场地方便吗"), 0, "not in the quiet hours");
    at(&service, "2026-11-28T08:00:01+08:00");
    service.deliver().await;
    assert_eq!(many(&service, 11, "课后问卷 1/1"), 1, "{:?}", service.said(11));
    assert!(trainer.refused(&path, &own, 409).await.contains("已经发出"));
    taps(&service, 11, "5 分").await;
    assert!(last(&service, 11).contains("问卷答完了"));
}

#[tokio::test]
async fn a_backup_brings_the_files_of_materials_back_too() {
    let service = Service::at(MORNING).await;
    let id = enrolled(&service, &[(11, "甲")]).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let material = attach(&trainer, &id, "讲义", slides()).await;
    let (now, folder) = (service.clock.now(), tempfile::tempdir().unwrap());
    let file = folder.path().join("backup.zip");
    backup::write(&service.store, service.store.dir.path(), Purpose::Backup, &file, now).await.unwrap();
    let place = crate::harness::db::empty_place().await;
    backup::restore(&file, place.url(), place.dir.path(), now).await.unwrap();
    let kept = place.dir.path().join("materials").join(material["id"].as_str().unwrap());
    assert_eq!(std::fs::read(kept).unwrap(), slides());
}
