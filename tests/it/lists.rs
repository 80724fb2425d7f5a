//! No list is cut silently: what does not fit on a page is on the next one, and there is a way to it.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::json;
use taxhome::clock::Clock;
use taxhome::domain::channel::ChannelKind;
use taxhome::domain::class::{Class, ClassState};
use taxhome::domain::delivery::DeliveryState;
use taxhome::domain::inbound::Scope;
use taxhome::domain::staff::Role;
use taxhome::store::channels;

use crate::harness::service::Service;
use crate::harness::web::{Console, client};

const MORNING: &str = "2026-11-24T09:00:00+08:00";
/// More than a page, and more than the hundred that were once shown.
const MANY: usize = 104;

/// Every title `prefix…` that a list shows, page after page by its own links.
async fn titles(console: &Console, first: &str, prefix: &str) -> (BTreeSet<String>, usize) {
    titles_in(console, first, &format!(">{prefix}")).await
}

/// Every text that begins after `mark`, page after page.
async fn titles_in(console: &Console, first: &str, mark: &str) -> (BTreeSet<String>, usize) {
    let (mut found, mut path, mut pages) = (BTreeSet::new(), first.to_owned(), 0);
    loop {
        let page = console.page(&path).await;
        pages += 1;
        assert!(pages < 50, "the list of {first} never ends");
        let main = page.split("<main").nth(1).unwrap();
        for rest in main.split(mark).skip(1) {
            found.insert(rest.split('<').next().unwrap().to_owned());
        }
        let Some(before) = page.split(">下一页<").next().filter(|before| before.len() < page.len()) else { return (found, pages) };
        path = before.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
    }
}

#[tokio::test]
async fn bulletins_classes_quizzes_and_programmes_are_all_found_page_after_page() {
    let service = Service::at(MORNING).await;
    let (publicity, trainer) = (service.staff("小宣", Role::Publicity).await, service.staff("小培", Role::Trainer).await);
    publicity.register(-1001, "城东", &[]).await;
    for number in 0..MANY {
        let bulletin = json!({"title": format!("通知甲{number}"), "body": "正文", "targets": {"tags": ["*"]}});
        publicity.does("/bulletins", &bulletin).await;
        service.clock.advance(Duration::from_millis(1));
    }
    for number in 0..25 {
        let class = json!({"title": format!("课程甲{number}"), "starts_at": "2026-12-01T14:00:00+08:00", "ends_at": "2026-12-01T16:00:00+08:00",
            "place": "三楼", "capacity": 20, "targets": {"tags": ["*"]}});
        trainer.does("/classes", &class).await;
        let plan = json!({"title": format!("计划甲{number}"), "starts_on": "2027-04-01", "ends_on": "2027-04-30", "items": [
            {"kind": "post", "title": "开场", "date": "2027-04-01", "body": "宣传月开始了。"}]});
        publicity.does("/campaigns", &plan).await;
        service.clock.advance(Duration::from_millis(1));
    }
    let console = service.logged_in(Role::Publicity).await;
    let (found, pages) = titles(&console, "/console/bulletins", "通知甲").await;
    assert_eq!(found.len(), MANY, "on {pages} pages");
    assert!(pages > 1);
    assert_eq!(titles(&console, "/console/bulletins?state=draft", "通知甲").await.0.len(), MANY);
    assert_eq!(titles(&console, "/console/bulletins?state=sent", "通知甲").await.0.len(), 0);
    assert_eq!(titles(&console, "/console/classes", "课程甲").await.0.len(), 25);
    assert_eq!(titles(&console, "/console/campaigns", "计划甲").await.0.len(), 25);
}

#[tokio::test]
async fn groups_are_found_by_name_tag_and_trouble_among_a_thousand() {
    let service = Service::at(MORNING).await;
    let now = service.clock.now();
    let mut tx = service.store.begin().await.unwrap();
    for number in 0..1_000 {
        let title = format!("群甲{number}");
        let id = channels::ensure(&mut tx, ChannelKind::Print, &number.to_string(), &title, Scope::Group, true, now).await.unwrap();
        if number == 707 {
            channels::set_tags(&mut tx, &id, &["园区".to_owned()]).await.unwrap();
            channels::set_reachable(&mut tx, &id, Some("机器人被移出了群")).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    let console = service.logged_in(Role::Publicity).await;
    let first = console.page("/console/channels").await;
    assert!(first.contains("1000") && first.contains("下一页"), "says how many there are");
    for path in ["/console/channels?show=faults", "/console/channels?q=%E5%9B%AD%E5%8C%BA", "/console/channels?q=%E7%BE%A4%E7%94%B2707"] {
        let page = console.page(path).await;
        assert!(page.contains("群甲707") && !page.contains("群甲70<") && !page.contains("下一页"), "{path}");
    }
    assert!(console.page("/console/channels?q=nowhere").await.contains("没有找到群聊"));
}

#[tokio::test]
async fn the_ledger_of_a_bulletin_to_many_groups_has_pages_and_shows_what_nobody_knows() {
    let service = Service::at(MORNING).await;
    let (publicity, approver) = (service.staff("小宣", Role::Publicity).await, service.staff("小审", Role::Approver).await);
    for number in 0..45 {
        publicity.register(-2000 - number, &format!("群乙{number}"), &[]).await;
    }
    let bulletin = json!({"title": "起征点", "body": "月销售额没有达到10万元的，免征增值税。", "targets": {"tags": ["*"]}});
    let id = publicity.does("/bulletins", &bulletin).await["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    service.telegram.fail_next(-2030, crate::harness::fake_telegram::Fault::AcceptThenDrop);
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.deliver().await;
    let console = service.logged_in(Role::Publicity).await;
    let path = format!("/console/bulletins/{id}");
    let (found, pages) = titles(&console, &path, "群乙").await;
    assert_eq!((found.len(), pages), (45, 3));
    let unknown = console.page(&format!("{path}?show={}", DeliveryState::Unknown.word())).await;
    assert!(unknown.contains("群乙30") && !unknown.contains("群乙31") && unknown.contains("只列"), "{unknown}");
    assert!(console.page(&path).await.contains("?show=unknown#ledger"), "the figure leads to the lines");
}

/// A class of one session.
fn class(number: usize) -> serde_json::Value {
    json!({"title": format!("公开课{number}"), "starts_at": "2026-12-01T14:00:00+08:00", "ends_at": "2026-12-01T16:00:00+08:00",
        "place": "三楼", "capacity": 20, "targets": {"tags": ["*"]}})
}

#[tokio::test]
async fn visitors_see_every_class_and_every_open_quiz() {
    let service = Service::with(
        MORNING,
        &[
            ("TAXHOME_BROADCASTS_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/broadcasts")),
            ("TAXHOME_KNOWLEDGE_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/knowledge")),
        ],
    )
    .await;
    let (publicity, trainer, approver) = (
        service.staff("小宣", Role::Publicity).await,
        service.staff("小培", Role::Trainer).await,
        service.staff("小审", Role::Approver).await,
    );
    publicity.register(-1001, "城东", &[]).await;
    let quiz = json!({"kind": "prize", "title": "最早建的答题", "bank": "tax-month-basics", "opens_at": "2026-11-24T10:00:00+08:00",
        "closes_at": "2026-12-24T18:00:00+08:00"});
    let quiz = publicity.does("/quizzes", &quiz).await["id"].as_str().unwrap().to_owned();
    let announced = publicity.does(&format!("/quizzes/{quiz}/announce"), &json!({"targets": {"tags": ["*"]}})).await;
    approver.does(&format!("/bulletins/{}/approve", announced["bulletin"].as_str().unwrap()), &json!({})).await;
    // Newer quizzes, all of them for staff, stand before it in the store.
    for number in 0..MANY {
        service.clock.advance(Duration::from_millis(1));
        let exam = json!({"kind": "staff", "title": format!("季考{number}"), "bank": "tax-month-basics",
            "opens_at": "2026-11-24T10:00:00+08:00", "closes_at": "2026-12-24T18:00:00+08:00"});
        trainer.does("/quizzes", &exam).await;
    }
    for number in 0..205 {
        let id = trainer.does("/classes", &class(number)).await["id"].as_str().unwrap().to_owned();
        publish(&service, &id).await;
    }
    let client = crate::harness::web::client(Default::default());
    let page = async |path: &str| client.get(format!("{}{path}", service.base)).send().await.unwrap().text().await.unwrap();
    assert!(page("/quizzes").await.contains("最早建的答题"));
    let classes = page("/classes").await;
    assert_eq!(classes.matches(">公开课").count(), 205, "none is left out");
    let console = service.logged_in(Role::Trainer).await;
    assert_eq!(titles(&console, "/console/quizzes", "季考").await.0.len(), MANY);
}

/// Publishes without an announcement for each: two hundred of them would wait for approval.
async fn publish(service: &Service, id: &str) {
    let mut tx = service.store.begin().await.unwrap();
    let lock = tx.for_update();
    let mut stored = taxhome::store::classes::get(&mut tx, id, lock).await.unwrap().unwrap();
    stored.class = Class { state: ClassState::Published, ..stored.class };
    taxhome::store::classes::update(&mut tx, &stored, service.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn every_code_of_a_place_is_on_one_of_its_sheets_and_each_says_which_part_it_is() {
    let service = Service::with(MORNING, &[("TAXHOME_KNOWLEDGE_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/knowledge"))]).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let (mut documents, mut cursor) = (Vec::new(), String::new());
    while documents.len() < 130 {
        let page = publicity.get(&format!("/documents?limit=100&cursor={cursor}")).await;
        documents.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = next.to_owned();
    }
    let places = documents.len();
    assert!(places > 65, "there are {places} documents, too few for two sheets");
    for id in &documents {
        publicity.does("/codes", &json!({"kind": "document", "id": id, "place": "大厅"})).await;
    }
    let (mut found, mut path, mut sheets) = (BTreeSet::new(), "/sheets?place=%E5%A4%A7%E5%8E%85".to_owned(), 0);
    loop {
        let page = client(HeaderMap::new()).get(format!("{}{path}", service.base)).send().await.unwrap().text().await.unwrap();
        sheets += 1;
        assert!(page.contains(&format!("这里共有 {places} 个码")), "{page}");
        for rest in page.split("<p class=\"fine\">http").skip(1) {
            found.insert(rest.split('<').next().unwrap().to_owned());
        }
        let Some((before, _)) = page.split_once(">下一张<") else { break };
        path = before.rsplit("href=\"").next().unwrap().trim_end_matches('"').replace("&#38;", "&").replace("&amp;", "&");
    }
    assert_eq!((found.len(), sheets), (places, places.div_ceil(60)));
}

#[tokio::test]
async fn every_token_of_a_user_and_every_unconfirmed_delivery_is_listed() {
    let service = Service::at(MORNING).await;
    let (admin, publicity, approver) = (
        service.staff("管理员", Role::Admin).await,
        service.staff("小宣", Role::Publicity).await,
        service.staff("小审", Role::Approver).await,
    );
    for _ in 0..45 {
        service.clock.advance(Duration::from_millis(1));
        admin.does("/tokens", &json!({"user": "小审"})).await;
    }
    let users = admin.get("/users").await;
    let id = users["items"].as_array().unwrap().iter().find(|user| user["name"] == "小审").unwrap()["id"].as_str().unwrap().to_owned();
    let console = service.logged_in(Role::Admin).await;
    let (found, pages) = titles_in(&console, &format!("/console/users/{id}"), "<span class=\"meta\">tok_").await;
    assert_eq!((found.len(), pages), (46, 3), "with the one to work with");

    for number in 0..5 {
        publicity.register(-2000 - number, &format!("群乙{number}"), &[]).await;
        service.telegram.fail_next(-2000 - number, crate::harness::fake_telegram::Fault::AcceptThenDrop);
    }
    let bulletin = json!({"title": "起征点", "body": "月销售额没有达到10万元的，免征增值税。", "targets": {"tags": ["*"]}});
    let id = publicity.does("/bulletins", &bulletin).await["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.deliver().await;
    let (mut seen, mut path) = (BTreeSet::new(), "/deliveries/unknown?limit=2".to_owned());
    loop {
        let page = publicity.get(&path).await;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|item| item["channel_title"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        path = format!("/deliveries/unknown?limit=2&cursor={next}");
    }
    assert_eq!(seen.len(), 5, "{seen:?}");
}
