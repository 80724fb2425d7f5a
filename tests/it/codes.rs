//! F59: a code per matter, document, class and outing. Its picture holds the link, the link opens the card, scans are counted by day
//! without saying who, and a sheet can be printed.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::fake_telegram::BOT_NAME;
use crate::harness::service::Service;
use crate::harness::web::client;

const PERSON: i64 = 501;
const GROUP: i64 = -1001;

#[tokio::test]
async fn the_picture_of_a_thing_holds_the_link_that_opens_it() {
    let service = Service::at("2026-04-01T10:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let made = publicity.does("/codes", &json!({"kind": "guide", "id": "vehicle", "place": "2号窗口"})).await;
    let chat = made["chat_link"].as_str().unwrap();
    let payload = chat.strip_prefix(&format!("https://t.me/{BOT_NAME}?start=")).unwrap();
    assert!(payload.len() <= 64 && payload.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)), "{payload}");
    let again = publicity.does("/codes", &json!({"kind": "guide", "id": "vehicle", "place": "2号窗口"})).await;
    assert_eq!(again["code"], made["code"], "one thing at one place has one code");
    let other = publicity.does("/codes", &json!({"kind": "guide", "id": "vehicle", "place": "3号窗口"})).await;
    assert_ne!(other["code"], made["code"]);

    let address = format!("{}/api/v1/qr/guide/vehicle", service.base);
    let svg = fetch(&address).await.unwrap();
    assert_eq!((svg.status().as_u16(), svg.headers()["content-type"].to_str().unwrap()), (200, "image/svg+xml"));
    assert!(svg.text().await.unwrap().contains("<svg"));
    let png = fetch(format!("{address}?format=png&size=400&place=2号窗口")).await.unwrap();
    assert_eq!(png.headers()["content-type"], "image/png");
    let picture = image::load_from_memory(&png.bytes().await.unwrap()).unwrap().into_luma8();
    assert!(picture.width() >= 400, "{}", picture.width());
    assert_eq!(squares(&picture), squares_of(made["web_link"].as_str().unwrap()));
    let png = fetch(format!("{address}?format=png&link=chat&place=2号窗口")).await.unwrap();
    assert_eq!(squares(&image::load_from_memory(&png.bytes().await.unwrap()).unwrap().into_luma8()), squares_of(chat));
}

#[tokio::test]
async fn a_scan_opens_the_card_and_is_counted_without_saying_who() {
    let service = Service::at("2026-04-01T10:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    service.telegram.private(PERSON, "测试");
    let made = publicity.does("/codes", &json!({"kind": "guide", "id": "vehicle", "place": "2号窗口"})).await;
    let payload = made["chat_link"].as_str().unwrap().rsplit_once('=').unwrap().1;
    service.telegram.says(PERSON, PERSON, &format!("/start {payload}"));
    service.converse().await;
    let card = service.telegram.messages(PERSON).pop().unwrap();
    assert!(card.visible.contains("车辆购置税申报办理指南") && card.visible.contains("身份证明"), "{}", card.visible);
    assert!(card.visible.contains("国家税务总局公告2020年第12号") && card.visible.contains("现行有效"), "{}", card.visible);
    let button = card.markup["inline_keyboard"][0][0].clone();
    assert_eq!(button["text"], "办车辆购置税要带什么材料");
    service.telegram.taps(PERSON, PERSON, card.id, button["callback_data"].as_str().unwrap());
    service.converse().await;
    assert!(service.said(PERSON).pop().unwrap().contains("车辆价格证明"), "a tapped question is answered");

    let client = client(HeaderMap::new());
    for _ in 0..2 {
        let went = client.get(made["web_link"].as_str().unwrap()).send().await.unwrap();
        assert_eq!((went.status().as_u16(), went.headers()["location"].to_str().unwrap()), (303, "/policies/vehicle"));
    }
    let ahead = client.get(made["web_link"].as_str().unwrap()).header("sec-purpose", "prefetch").send().await.unwrap();
    assert_eq!(ahead.status(), 303);
    service.clock.set(Timestamp::parse("2026-04-02T09:00:00+08:00").unwrap());
    client.get(made["web_link"].as_str().unwrap()).send().await.unwrap();
    let counted = publicity.get(&format!("/codes/{}", made["code"].as_str().unwrap())).await;
    let days = json!([{"day": "2026-04-02", "web": 1, "chat": 0}, {"day": "2026-04-01", "web": 2, "chat": 1}]);
    assert_eq!((&counted["scans"], &counted["days"]), (&json!(4), &days));
    assert!(!counted.to_string().contains(&PERSON.to_string()));
    let listed = publicity.get("/codes").await;
    assert_eq!(listed["items"][0]["title"], "车辆购置税申报");
}

#[tokio::test]
async fn a_class_and_an_outing_open_once_they_are_public() {
    let service = Service::at("2026-04-01T10:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let trainer = service.staff("小训", Role::Trainer).await;
    let approver = service.staff("老审", Role::Approver).await;
    publicity.register(GROUP, "城东", &[]).await;
    service.telegram.private(PERSON, "测试");
    let class = trainer
        .does(
            "/classes",
            &json!({"title": "汇算清缴辅导", "starts_at": "2026-04-10T09:00:00+08:00", "ends_at": "2026-04-10T11:00:00+08:00",
                "place": "二楼培训室", "capacity": 20, "targets": {"tags": ["*"]}}),
        )
        .await;
    let class = class["id"].as_str().unwrap();
    let hidden = publicity.refused("/codes", &json!({"kind": "class", "id": class}), 404).await;
    assert!(hidden.contains("课程"), "{hidden}");
    trainer.does(&format!("/classes/{class}/publish"), &json!({})).await;
    let code = publicity.does("/codes", &json!({"kind": "class", "id": class})).await;
    open(&service, &code).await;
    let card = service.telegram.messages(PERSON).pop().unwrap();
    assert!(card.visible.contains("汇算清缴辅导") && card.visible.contains("还有 20 个名额"), "{}", card.visible);
    assert_eq!(card.markup["inline_keyboard"][0][0]["callback_data"], format!("enrol:{class}"));

    let outing = json!({"kind": "outing", "title": "进园区", "date": "2026-04-08", "body": "现场答疑", "place": "县工业园区"});
    let plan = json!({"title": "四月", "starts_on": "2026-04-01", "ends_on": "2026-04-30", "items": [outing]});
    let campaign = publicity.does("/campaigns", &plan).await;
    let item = campaign["items"][0]["id"].as_str().unwrap();
    publicity.refused("/codes", &json!({"kind": "outing", "id": item}), 404).await;
    approver.does(&format!("/campaigns/{}/approve", campaign["id"].as_str().unwrap()), &json!({})).await;
    let code = publicity.does("/codes", &json!({"kind": "outing", "id": item})).await;
    open(&service, &code).await;
    let card = service.said(PERSON).pop().unwrap();
    assert!(card.contains("进园区") && card.contains("地点：县工业园区") && card.contains("2026年4月8日"), "{card}");
    let page = fetch(code["web_link"].as_str().unwrap()).await.unwrap();
    assert_eq!(page.headers()["location"], format!("/outings/{item}"));
    let page = fetch(format!("{}/outings/{item}", service.base)).await.unwrap();
    assert!(page.text().await.unwrap().contains("现场答疑"));
    publicity.does("/codes", &json!({"kind": "guide", "id": "vehicle", "place": "县工业园区"})).await;
    let sheet = fetch(format!("{}/sheets?kind=outing&id={item}", service.base)).await.unwrap().text().await.unwrap();
    assert!(sheet.contains("进园区") && sheet.contains("车辆购置税申报") && sheet.contains("/api/v1/qr/outing/"), "{sheet}");
}

#[tokio::test]
async fn a_wrong_code_kind_or_place_is_told_plainly() {
    let service = Service::at("2026-04-01T10:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    service.telegram.private(PERSON, "测试");
    service.telegram.says(PERSON, PERSON, "/start q_0000000000");
    service.converse().await;
    assert!(service.said(PERSON).pop().unwrap().contains("已经撤下"));
    for (path, status) in [
        ("/qr/guide/none", 404),
        ("/qr/fax/vehicle", 422),
        ("/qr/guide/vehicle?format=gif", 422),
        ("/qr/guide/vehicle?size=9", 422),
        ("/qr/guide/vehicle?link=phone", 422),
        ("/qr/guide/vehicle?place=nowhere", 404),
        ("/qr/guide/vat-threshold", 404),
    ] {
        let answer = fetch(format!("{}/api/v1{path}", service.base)).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
        let problem: Value = answer.json().await.unwrap();
        assert!(!problem["detail"].as_str().unwrap().is_empty());
    }
    let long = publicity.refused("/codes", &json!({"kind": "guide", "id": "vehicle", "place": "窗".repeat(41)}), 422).await;
    assert!(long.contains("40 个字"), "{long}");
    assert_eq!(fetch(format!("{}/go/0000000000", service.base)).await.unwrap().status(), 404);
    let sheet = fetch(format!("{}/sheets?place=9号窗口", service.base)).await.unwrap();
    assert_eq!(sheet.status(), 404);
}

async fn fetch(url: impl reqwest::IntoUrl) -> reqwest::Result<reqwest::Response> {
    client(HeaderMap::new()).get(url).send().await
}

async fn open(service: &Service, code: &Value) {
    let payload = code["chat_link"].as_str().unwrap().rsplit_once('=').unwrap().1.to_owned();
    service.telegram.says(PERSON, PERSON, &format!("/start {payload}"));
    service.converse().await;
}

/// The squares of a drawn code, row by row: read back from the pixels by finding the width of one square in the corner mark.
fn squares(picture: &image::GrayImage) -> Vec<bool> {
    let dark = |x: u32, y: u32| picture.get_pixel(x, y).0[0] < 128;
    let first = (0..picture.width()).find(|at| dark(*at, *at)).unwrap();
    let across = (first..picture.width()).take_while(|x| dark(*x, first)).count();
    let side = u32::try_from(across).unwrap() / 7;
    let many = (picture.width() - 2 * first) / side;
    let middle = |at: u32| first + at * side + side / 2;
    (0..many).flat_map(|y| (0..many).map(move |x| (x, y))).map(|(x, y)| dark(middle(x), middle(y))).collect()
}

fn squares_of(link: &str) -> Vec<bool> {
    let code = qrcode::QrCode::with_error_correction_level(link.as_bytes(), qrcode::EcLevel::M).unwrap();
    code.to_colors().into_iter().map(|color| color == qrcode::Color::Dark).collect()
}
