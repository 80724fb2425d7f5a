//! Every page there is, of the console and for the public, with something on it: in a real browser on a desk and on a phone, nothing too
//! wide, one heading, nothing blocked, no barrier, none too heavy. Where they are is read from the router and the links, so that a new
//! page cannot be forgotten. With SCREENSHOTS naming a folder each is kept there as a picture, whole, for people to look at.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use reqwest::multipart::{Form, Part};
use serde_json::json;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;
use taxhome::web::console;

use crate::after_class::{came, says, ticks};
use crate::harness::browser::{Browser, desk, phone};
use crate::harness::desk::STAFF;
use crate::harness::fake_telegram::Fault;
use crate::harness::service::Service;
use crate::harness::web::Console;

const FILE: &str = "2026-04-tax-month";
const GROUP: i64 = -1001;
/// Pages of one route that are opened in the search for links.
const ENOUGH: usize = 40;
/// Where the imported document is found.
const IMPORTED: &str = "/console/documents?q=%E5%8E%BF%E9%87%8C%E7%9A%84%E5%8A%9E%E7%A8%8E%E6%8C%87%E5%8D%97";
/// Uncompressed.
const MOST_BYTES: usize = 300 * 1024;
/// Addresses of the console that are files, pictures or parts of a page.
const FILES: [&str; 10] = [
    "/xlsx",
    "/qr",
    "/small",
    "/file/{format}",
    "/report/{format}",
    "/audit.csv",
    "/attachments/{attachment}",
    "/photos/{id}",
    "/export",
    "/statistics/xlsx",
];
/// The same for the public, and what leads elsewhere.
const PUBLIC_FILES: [&str; 9] = [
    "/feed.atom",
    "/feed.json",
    "/calendar.ics",
    "/materials/{id}",
    "/bulletins/{id}/attachments/{attachment}",
    "/classes/{id}/class.ics",
    "/go/{code}",
    "/my/data.json",
    "/assets/{name}",
];
/// Where the public pages are.
const ROUTES: &str = include_str!("../../src/web/pages/mod.rs");

fn pixels() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(400, 300, image::Rgb([120, 150, 180])).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A service in which everything has happened once.
async fn lived_in() -> (Service, Vec<String>, String) {
    let service = Service::with(
        "2026-03-25T10:00:00+08:00",
        &[
            ("TAXHOME_BROADCASTS_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/broadcasts")),
            ("TAXHOME_KNOWLEDGE_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/knowledge")),
            ("TAXHOME_HTTP__QUESTIONS_PER_MINUTE", "1000"),
        ],
    )
    .await;
    let (publicity, approver, trainer) = (
        service.staff("小宣", Role::Publicity).await,
        service.staff("小审", Role::Approver).await,
        service.staff("小培", Role::Trainer).await,
    );
    let admin = service.staff("管理员", Role::Admin).await;
    admin.register(STAFF, "12366坐席", &["坐席"]).await;
    publicity.register(GROUP, "城东纳税人群", &["个体户"]).await;
    let mut public = Vec::new();

    // A month with its outing.
    let campaign = publicity.does("/campaigns/import", &json!({"file": FILE})).await;
    let campaign_id = campaign["id"].as_str().unwrap();
    approver.does(&format!("/campaigns/{campaign_id}/approve"), &json!({})).await;
    let items = campaign["items"].as_array().unwrap();
    let outing = items.iter().find(|item| item["kind"] == "outing").unwrap()["id"].as_str().unwrap().to_owned();
    publicity.does("/codes", &json!({"kind": "outing", "id": outing, "place": "2号窗口"})).await;
    public.extend([format!("/outings/{outing}"), format!("/sheets?kind=outing&id={outing}")]);

    // A quiz with its announcement.
    let quiz = json!({"kind": "prize", "title": "四月答题", "bank": "tax-month-basics", "opens_at": "2026-03-25T10:30:00+08:00",
        "closes_at": "2026-04-24T18:00:00+08:00", "winners": 3, "prize": "遮阳伞一把"});
    let quiz = publicity.does("/quizzes", &quiz).await["id"].as_str().unwrap().to_owned();
    let announced = publicity.does(&format!("/quizzes/{quiz}/announce"), &json!({"targets": {"tags": ["*"]}})).await;
    approver.does(&format!("/bulletins/{}/approve", announced["bulletin"].as_str().unwrap()), &json!({})).await;
    trainer
        .does(
            "/quizzes",
            &json!({"kind": "staff", "title": "一季度考试", "bank": "tax-month-basics",
        "opens_at": "2026-03-25T09:00:00+08:00", "closes_at": "2026-06-30T18:00:00+08:00"}),
        )
        .await;
    public.extend(["/quizzes".to_owned(), format!("/quizzes/{quiz}"), "/lessons/tax-month-basics".to_owned()]);

    // Bulletins in all the states in which there is something to do.
    let text = |title: &str| {
        json!({"title": title, "body": "月销售额没有达到10万元的，免征增值税。\n按季申报的，季度销售额没有达到30万元。",
        "summary": "小规模纳税人起征点说明", "audience_text": "小规模纳税人", "link": "https://fgk.chinatax.gov.cn/", "targets": {"tags": ["*"]}})
    };
    let draft = publicity.does("/bulletins", &text("还在写的通知")).await["id"].as_str().unwrap().to_owned();
    let attachment = || Form::new().part("file", Part::bytes(pixels()).file_name("图解.png"));
    publicity.upload(&format!("/bulletins/{draft}/attachments"), attachment()).await;
    for (title, steps) in [("等审核的通知", 1), ("可以发的通知", 2), ("起征点有新规定", 3)] {
        let id = publicity.does("/bulletins", &text(title)).await["id"].as_str().unwrap().to_owned();
        publicity.upload(&format!("/bulletins/{id}/attachments"), attachment()).await;
        publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
        if steps > 1 {
            approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
        }
        if steps > 2 {
            publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
            public.push(format!("/bulletins/{id}"));
        }
    }
    service.deliver().await;
    // One of which nobody knows whether it arrived: it is listed, and after half an hour an alert.
    let silent = publicity.does("/bulletins", &text("没有回音的通知")).await["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/bulletins/{silent}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{silent}/approve"), &json!({})).await;
    service.telegram.fail_next(GROUP, Fault::AcceptThenDrop);
    publicity.does(&format!("/bulletins/{silent}/send"), &json!({})).await;
    service.deliver().await;
    // One that came back from review and was changed.
    let changed = publicity.does("/bulletins", &text("退回后改过的通知")).await["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/bulletins/{changed}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{changed}/reject"), &json!({})).await;
    publicity
        .patch(
            &format!("/bulletins/{changed}"),
            &json!({"body": "月销售额没有达到15万元的，免征增值税。\n按季申报的，季度销售额没有达到30万元。"}),
        )
        .await;
    publicity.does(&format!("/bulletins/{changed}/submit"), &json!({})).await;
    let rule = json!({"title": "{{month}}申报提醒", "body": "{{deadline}}前申报。", "targets": {"tags": ["*"]},
        "when": {"workdays_before_deadline": 3, "time": "09:00"}});
    publicity.does("/recurring", &rule).await;

    // A class that was held, and one to come.
    let past = json!({"title": "新办企业第一课", "starts_at": "2026-03-27T14:00:00+08:00", "ends_at": "2026-03-27T16:00:00+08:00",
        "place": "办税厅三楼", "capacity": 20, "targets": {"tags": ["*"]}, "trainer": "小培",
        "fields": [{"label": "单位名称", "reason": "准备材料"}]});
    let past = trainer.does("/classes", &past).await["id"].as_str().unwrap().to_owned();
    trainer.does(&format!("/classes/{past}/publish"), &json!({})).await;
    for (person, name) in [(11, "甲"), (12, "乙")] {
        service.telegram.private(person, name);
        says(&service, person, &format!("/start class_{past}")).await;
        says(&service, person, "城东小吃店").await;
    }
    let link = Form::new().text("title", "政策原文").text("link", "https://fgk.chinatax.gov.cn/");
    trainer.upload(&format!("/classes/{past}/materials"), link).await;
    let times = [("2026-04-15T14:00:00+08:00", "2026-04-15T16:00:00+08:00"), ("2026-04-22T14:00:00+08:00", "2026-04-22T16:00:00+08:00")];
    let next = json!({"title": "个税汇算怎么办", "sessions": times.map(|(from, to)| json!({"starts_at": from, "ends_at": to})),
        "place": "办税厅三楼", "capacity": 20, "targets": {"tags": ["*"]}, "fields": [{"label": "单位名称", "reason": "准备材料"}]});
    let next = trainer.does("/classes", &next).await["id"].as_str().unwrap().to_owned();
    trainer.does(&format!("/classes/{next}/publish"), &json!({})).await;
    service.clock.set(Timestamp::parse("2026-03-27T14:10:00+08:00").unwrap());
    came(&service, &past, 11).await;
    let vote = json!({"topics": ["个税汇算", "数电发票"], "closes_at": "2026-04-05T18:00:00+08:00"});
    let vote = trainer.does(&format!("/classes/{past}/votes"), &vote).await["id"].as_str().unwrap().to_owned();
    service.clock.set(Timestamp::parse("2026-03-27T16:00:05+08:00").unwrap());
    ticks(&service).await;
    ticks(&service).await;
    public.extend([
        "/classes".to_owned(),
        format!("/classes/{next}"),
        format!("/classes/{past}/survey"),
        format!("/classes/{next}/check-in"),
    ]);
    public.push(format!("/votes/{vote}"));
    service.clock.set(Timestamp::parse("2026-03-28T08:05:00+08:00").unwrap());
    ticks(&service).await;
    let told = service.telegram.messages(11);
    let code = told.iter().find_map(|posted| posted.text.split("/certificates/").nth(1)).expect("a certificate was sent");
    let code: String = code.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    public.extend(["/certificates".to_owned(), format!("/certificates/{code}")]);

    // Questions: one that is answered, one that is not, one for a person; an opinion.
    says(&service, 11, "小规模纳税人月销售额多少免增值税").await;
    says(&service, 12, "养蚕合作社的桑叶补贴要不要交增值税").await;
    says(&service, 12, "转人工 我的退税到哪了").await;
    says(&service, 11, "/建议 大厅能不能加个儿童座椅").await;
    let answered = "/ask?q=%E5%B0%8F%E8%A7%84%E6%A8%A1%E7%BA%B3%E7%A8%8E%E4%BA%BA%E6%9C%88%E9%94%80%E5%94%AE%E9%A2%9D%E5%A4%9A%E5%B0%91%E5%85%8D%E5%A2%9E%E5%80%BC%E7%A8%8E";
    for path in ["/", answered, "/policies", "/bulletins", "/suggestions", "/my", "/human", "/nowhere"] {
        public.push(path.to_owned());
    }
    let documents = publicity.get("/documents?limit=1").await;
    public.push(format!("/policies/{}", documents["items"][0]["id"].as_str().unwrap()));

    // The outing has been.
    service.clock.set(Timestamp::parse("2026-04-09T10:00:00+08:00").unwrap());
    publicity
        .does(&format!("/outings/{outing}/result"), &json!({"visitors": 120, "inquiries": 35, "handouts": 200, "note": "问得最多的是开票"}))
        .await;
    let photo = Form::new().text("caption", "现场").part("photo", Part::bytes(pixels()).file_name("现场.png"));
    publicity.upload(&format!("/outings/{outing}/photos"), photo).await;

    // A file that was looked at and imported.
    let staff = service.logged_in(Role::Admin).await;
    let part = Part::text("# 县里的办税指南\n\n第一条 办税服务厅周一至周五开门。\n").file_name("指南.md");
    let url = format!("{}/console/documents/import?csrf={}", staff.base, staff.csrf);
    let sent = staff.client.post(url).multipart(Form::new().text("tags", "").part("file", part)).send().await.unwrap();
    let report = sent.headers()["location"].to_str().unwrap().to_owned();
    while staff.page(&report).await.contains("正在读取") {
        tokio::task::yield_now().await;
    }
    staff.does(&report, &[]).await;
    // Approving its bulletin publishes it.
    let waiting = publicity.get("/bulletins?limit=1").await["items"][0]["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/bulletins/{waiting}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{waiting}/approve"), &json!({})).await;
    assert!(service.app.freshness.refresh_if_changed().await.unwrap());
    (service, public, report)
}

/// Whether a path is one of a route with `{parts}`; a number of parts fits only what is no word of another route.
fn fits(route: &str, path: &str) -> bool {
    let (route, path): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), path.split(['?', '#']).next().unwrap().split('/').collect());
    route.len() == path.len() && route.iter().zip(&path).all(|(want, is)| want.starts_with('{') || want == is)
}

/// The route of a path: that with the fewest parts.
fn route_of<'a>(routes: &'a [String], path: &str) -> Option<&'a String> {
    routes.iter().filter(|route| fits(route, path)).min_by_key(|route| route.matches('{').count())
}

fn links(page: &str) -> BTreeSet<String> {
    let targets = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&"));
    targets.filter(|target| target.starts_with("/console")).map(|target| target.split('#').next().unwrap().to_owned()).collect()
}

/// One address of every page of the console with a part in it, found by following links as somebody who may see them.
async fn found(consoles: &[(Role, Console)], report: &str) -> BTreeMap<String, (Role, String)> {
    let routes: Vec<String> = wanted().into_iter().map(|page| page.path.to_owned()).collect();
    let all: Vec<String> = console::guarded().into_iter().filter(|page| page.method == "GET").map(|page| page.path.to_owned()).collect();
    let mut first: BTreeMap<String, (Role, String)> = BTreeMap::new();
    for (role, console) in consoles {
        let mut waiting: VecDeque<String> = VecDeque::from(["/console".to_owned(), report.to_owned(), IMPORTED.to_owned()]);
        let mut seen: BTreeSet<String> = BTreeSet::from(["/console".to_owned()]);
        let mut opened: BTreeMap<String, usize> = BTreeMap::new();
        while let Some(path) = waiting.pop_front() {
            assert!(route_of(&all, &path).is_some(), "a link to {path} leads nowhere");
            let Some(route) = route_of(&routes, &path) else { continue };
            let often = opened.entry(route.clone()).or_default();
            *often += 1;
            if *often > ENOUGH {
                continue;
            }
            let shown = console.get(&path).await;
            if shown.status != 200 {
                // An upload is its owner's alone; to every other page a link has led.
                let dead = path != report && matches!(shown.status, 403 | 404);
                assert!(!dead && shown.status < 500, "{path} as {role:?}: {}", shown.text);
                continue;
            }
            assert!(shown.text.len() <= MOST_BYTES, "{path} has {} bytes", shown.text.len());
            first.entry(route.clone()).or_insert_with(|| (*role, path.clone()));
            for link in links(&shown.text) {
                if seen.insert(link.clone()) {
                    waiting.push_back(link);
                }
            }
        }
    }
    first
}

fn wanted() -> Vec<console::Guarded> {
    let file = |path: &str| FILES.iter().any(|end| path.ends_with(end));
    console::guarded().into_iter().filter(|page| page.method == "GET" && !file(page.path)).collect()
}

async fn looks_right(browser: &Browser, base: &str, name: &str, path: &str) {
    browser.goto(&format!("{base}{path}")).await.unwrap();
    browser.see("main").await;
    let wide = browser.value("return document.documentElement.scrollWidth - innerWidth").await;
    assert!(wide.as_i64().unwrap() <= 0, "{path} is {wide} px too wide on a {name}");
    assert_eq!(browser.value("return document.querySelectorAll('h1').length").await, 1, "{path}");
    assert_eq!(browser.barriers().await, Vec::<String>::new(), "{path} on a {name}");
    let short: String =
        path.trim_matches('/').chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).take(60).collect();
    browser.whole_picture(&format!("{name}-{short}")).await;
}

#[tokio::test]
async fn every_page_with_something_on_it_fits_a_desk_and_a_phone_and_keeps_nobody_out() {
    let (service, public, report) = lived_in().await;
    let mut consoles = Vec::new();
    for role in [Role::Admin, Role::Approver, Role::Publicity, Role::Trainer, Role::Desk] {
        consoles.push((role, service.logged_in(role).await));
    }
    let found = found(&consoles, &report).await;
    let missing: Vec<&str> = wanted().into_iter().map(|page| page.path).filter(|path| !found.contains_key(*path)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "no link leads to them");
    let routes: Vec<String> = ROUTES
        .lines()
        .filter(|line| line.contains(".route(\"") && line.contains("get("))
        .map(|line| line.split('"').nth(1).unwrap().to_owned())
        .filter(|route| !PUBLIC_FILES.contains(&route.as_str()))
        .collect();
    let unseen: Vec<&String> = routes.iter().filter(|route| !public.iter().any(|path| route_of(&routes, path) == Some(route))).collect();
    assert_eq!(unseen, Vec::<&String>::new(), "pages for the public that are not looked at");

    for (name, browser) in [("desk", desk().await), ("phone", phone().await)] {
        for path in &public {
            looks_right(&browser, &service.base, name, path).await;
        }
        assert!(browser.complaints().await.iter().all(|line| line.contains("404")), "only the page that is not there");
        let mut browser = browser;
        for (role, console) in &consoles {
            browser = browser.logged_in(console).await;
            for (_, path) in found.values().filter(|(who, _)| who == role) {
                looks_right(&browser, &service.base, name, path).await;
            }
        }
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    }
}
