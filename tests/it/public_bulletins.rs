//! F55, F57 and the live progress: the archive and its feeds, subscriptions by tag with a weekly digest and a stop word.

use std::time::Duration;

use serde_json::{Value, json};
use taxhome::clock::Clock;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::service::{Service, Staff};
use crate::harness::telegram_files::{pdf, png};

const EAST: i64 = -1001;
const PARK: i64 = -1002;
const OFFICE: i64 = -1003;
const ZHANG: i64 = 501;

async fn went_out(service: &Service, title: &str, tag: &str) -> String {
    let (publicity, approver) = (service.staff("小宣", Role::Publicity).await, service.staff("老审", Role::Approver).await);
    let draft = json!({"title": title, "summary": "", "body": format!("{title}的正文 <b>&</b>。"), "targets": {"tags": [tag]}});
    let id = publicity.does("/bulletins", &draft).await["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.deliver().await;
    id
}

async fn groups(publicity: &Staff<'_>) {
    publicity.register(EAST, "城东", &["个体户"]).await;
    publicity.register(PARK, "园区", &["园区"]).await;
    publicity.register(OFFICE, "科室", &["管理"]).await;
}

async fn page(service: &Service, path: &str) -> (u16, String) {
    let response = reqwest::Client::builder().no_proxy().build().unwrap().get(format!("{}{path}", service.base)).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// Taps the button with this label under the last message to the person.
async fn tap(service: &Service, label: &str) {
    let last = service.telegram.messages(ZHANG).into_iter().rev().find(|posted| posted.markup["inline_keyboard"].is_array()).unwrap();
    let rows = last.markup["inline_keyboard"].as_array().unwrap();
    let button = rows.iter().flat_map(|row| row.as_array().unwrap()).find(|button| button["text"] == label);
    let data = button.unwrap_or_else(|| panic!("no {label} in {rows:?}"))["callback_data"].as_str().unwrap();
    service.telegram.taps(ZHANG, ZHANG, last.id, data);
    service.converse().await;
    service.clock.advance(Duration::from_secs(5));
}

async fn says(service: &Service, text: &str) -> String {
    service.telegram.says(ZHANG, ZHANG, text);
    service.converse().await;
    service.clock.advance(Duration::from_secs(5));
    service.said(ZHANG).last().unwrap().clone()
}

#[tokio::test]
async fn what_went_out_stands_in_the_archive_and_its_feeds_until_it_is_recalled() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    groups(&publicity).await;
    assert!(page(&service, "/bulletins").await.1.contains("还没有发布过通知"));
    let id = went_out(&service, "起征点 & <说明>", "个体户").await;
    let secret = went_out(&service, "内部周报", "管理").await;
    let (status, list) = page(&service, "/bulletins").await;
    assert_eq!(status, 200);
    assert!(list.contains("起征点 &#38; &#60;说明&#62;") && !list.contains("内部周报"), "{list}");
    let (status, shown) = page(&service, &format!("/bulletins/{id}")).await;
    assert!(status == 200 && shown.contains("的正文 &#60;b&#62;"), "{shown}");
    assert_eq!(page(&service, &format!("/bulletins/{secret}")).await.0, 404);
    let (_, atom) = page(&service, "/feed.atom").await;
    let mut reader = quick_xml::Reader::from_str(&atom);
    let mut entries = 0;
    loop {
        match reader.read_event().expect("the feed is well-formed") {
            quick_xml::events::Event::Start(start) if start.name().as_ref() == "entry" => entries += 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(entries, 1, "{atom}");
    let feed: Value = serde_json::from_str(&page(&service, "/feed.json").await.1).unwrap();
    assert_eq!(feed["items"][0]["title"], "起征点 & <说明>");
    assert_eq!(feed["items"][0]["url"], json!(format!("{}/bulletins/{id}", service.base)));
    publicity.does(&format!("/bulletins/{id}/recall"), &json!({})).await;
    assert_eq!(page(&service, &format!("/bulletins/{id}")).await.0, 410);
    assert!(!page(&service, "/feed.atom").await.1.contains("起征点"));
}

#[tokio::test]
async fn the_files_of_a_bulletin_stand_on_its_page_and_in_the_feeds_until_it_is_recalled() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let (publicity, approver) = (service.staff("小宣", Role::Publicity).await, service.staff("老审", Role::Approver).await);
    groups(&publicity).await;
    let (picture, leaflet) = (png(40, 30), pdf(500));
    let mut last = String::new();
    let mut paths = Vec::new();
    for tag in ["管理", "个体户"] {
        let draft = json!({"title": "带图的通知", "body": format!("给{tag}看。"), "targets": {"tags": [tag]}});
        let id = publicity.does("/bulletins", &draft).await["id"].as_str().unwrap().to_owned();
        for (name, bytes) in [("办税 <图>.png", picture.clone()), ("指南.pdf", leaflet.clone())] {
            let part = reqwest::multipart::Part::bytes(bytes).file_name(name);
            let form = reqwest::multipart::Form::new().part("file", part);
            let view = publicity.upload(&format!("/bulletins/{id}/attachments"), form).await;
            let file = view["attachments"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
            paths.push(format!("/bulletins/{id}/attachments/{file}"));
        }
        assert_eq!(page(&service, paths.last().unwrap()).await.0, 404, "not before it went out");
        publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
        approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
        publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
        service.deliver().await;
        last = id;
    }
    let id = last;
    assert_eq!(page(&service, &paths[0]).await.0, 404, "what went to the staff's own groups is nobody else's");
    let (_, shown) = page(&service, &format!("/bulletins/{id}")).await;
    assert!(shown.contains(&format!("<img src=\"{}\"", paths[2])) && shown.contains("指南.pdf</a>"), "{shown}");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = |path: &str| client.get(format!("{}{path}", service.base));
    let fetched = get(&paths[2]).send().await.unwrap();
    assert_eq!(fetched.headers()["content-type"], "image/png");
    assert_eq!(fetched.headers()["cache-control"], "public, max-age=300");
    let tag = fetched.headers()["etag"].clone();
    assert_eq!(fetched.bytes().await.unwrap(), picture);
    assert_eq!(get(&paths[2]).header("if-none-match", tag).send().await.unwrap().status(), 304);
    assert_eq!(get(&paths[3]).send().await.unwrap().bytes().await.unwrap(), leaflet);
    let feed: Value = serde_json::from_str(&page(&service, "/feed.json").await.1).unwrap();
    let files = &feed["items"][0]["attachments"];
    assert_eq!(files[1]["url"], json!(format!("{}{}", service.base, paths[3])));
    assert_eq!((&files[1]["mime_type"], &files[1]["size_in_bytes"]), (&json!("application/pdf"), &json!(leaflet.len())));
    let (_, atom) = page(&service, "/feed.atom").await;
    assert_eq!(atom.matches("rel=\"enclosure\"").count(), 2, "{atom}");
    assert!(quick_xml::Reader::from_str(&atom).read_event().is_ok());
    publicity.does(&format!("/bulletins/{id}/recall"), &json!({})).await;
    assert_eq!(page(&service, &paths[2]).await.0, 410);
}

#[tokio::test]
async fn a_person_subscribes_by_tapping_hears_at_once_and_no_more_after_the_stop_word() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    groups(&publicity).await;
    service.telegram.private(ZHANG, "张三");
    let offered = says(&service, "/订阅").await;
    assert!(offered.contains("您还没有订阅"), "{offered}");
    tap(&service, "园区").await;
    let notice = service.telegram.answered_callbacks().last().unwrap()["text"].clone();
    assert_eq!(notice, "已订阅“园区”");
    assert!(service.said(ZHANG).last().unwrap().contains("您已订阅：园区"));
    let id = went_out(&service, "园区通知", "园区").await;
    went_out(&service, "个体户通知", "个体户").await;
    let heard = service.said(ZHANG).join("\n");
    assert!(heard.contains("园区通知") && !heard.contains("个体户通知"), "{heard}");
    publicity.does(&format!("/bulletins/{id}/recall"), &json!({})).await;
    service.deliver().await;
    assert!(!service.said(ZHANG).join("\n").contains("园区通知的正文"), "a recall reaches subscribers too");
    assert_eq!(says(&service, "退订").await, "已退订，不再给您发通知。想恢复时发 /subscribe。");
    went_out(&service, "又一条园区通知", "园区").await;
    assert!(!service.said(ZHANG).join("\n").contains("又一条园区通知"));
    assert!(says(&service, "退订").await.starts_with("您没有订阅过通知"));
    service.telegram.says(EAST, ZHANG, "/订阅");
    service.converse().await;
    assert!(service.said(EAST).last().unwrap().contains("请私聊我"), "a group cannot subscribe");
}

#[tokio::test]
async fn whoever_wants_it_weekly_gets_one_digest_on_monday_morning_and_nothing_before() {
    let mut service = Service::at("2026-11-24T09:00:00+08:00").await;
    {
        let publicity = service.staff("小宣", Role::Publicity).await;
        groups(&publicity).await;
    }
    service.telegram.private(ZHANG, "张三");
    says(&service, "/订阅").await;
    tap(&service, "园区").await;
    tap(&service, "每周一汇总").await;
    service.tick().await;
    went_out(&service, "第一条园区通知", "园区").await;
    went_out(&service, "第二条园区通知", "园区").await;
    went_out(&service, "个体户通知", "个体户").await;
    let before = service.said(ZHANG).len();
    assert!(!service.said(ZHANG).join("\n").contains("第一条园区通知"));
    service.clock.set(Timestamp::parse("2026-11-30T09:00:01+08:00").unwrap());
    service.tick().await;
    service.restart().await;
    service.tick().await;
    service.deliver().await;
    let said = service.said(ZHANG);
    assert_eq!(said.len(), before + 1, "one digest, restarted or not");
    let digest = said.last().unwrap();
    assert!(digest.contains("上周通知汇总（2 条）") && digest.contains("第二条园区通知") && !digest.contains("个体户通知"), "{digest}");
    service.clock.advance(Duration::from_secs(7 * 24 * 3600));
    service.tick().await;
    service.deliver().await;
    assert_eq!(service.said(ZHANG).len(), before + 1, "a week without news makes no digest; now {}", service.clock.now());
}

#[tokio::test]
async fn the_progress_of_a_bulletin_is_told_as_it_goes_and_the_stream_ends_with_it() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    groups(&publicity).await;
    let id = went_out(&service, "起征点", "个体户").await;
    let url = format!("{}/api/v1/bulletins/{id}/progress", service.base);
    let response = publicity.client().get(&url).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let text = response.text().await.unwrap();
    let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    let progress: Value = serde_json::from_str(data).unwrap();
    assert_eq!((&progress["done"], &progress["total"], &progress["state"]), (&json!(1), &json!(1), &json!("sent")));
    let anonymous = reqwest::Client::builder().no_proxy().build().unwrap().get(&url).send().await.unwrap();
    assert_eq!(anonymous.status(), 401);
    let missing = publicity.client().get(format!("{}/api/v1/bulletins/none/progress", service.base)).send().await.unwrap();
    assert_eq!(missing.status(), 404);
}
