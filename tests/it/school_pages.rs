//! F60 to F63: every page that somebody who takes a class sees, on a phone, in the order they see them; and what the trainer sees of it.
//! Nothing sticks out, nothing keeps anybody out, nothing is complained of. With TAXHOME_SCREENSHOTS set to a folder each is kept there.

use serde_json::{Value, json};
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::console_campaign::keep;
use crate::harness::browser::{Browser, desk, phone};
use crate::harness::service::Service;

const TITLE: &str = "小规模纳税人、个体工商户和新办企业；增值税起征点与发票开具，一次讲清（含现场答疑、上机操作）第一期";

fn at(service: &Service, time: &str) {
    service.clock.set(Timestamp::parse(time).unwrap());
}

async fn ticks(service: &Service) {
    for _ in 0..2 {
        service.tick().await;
        service.deliver().await;
    }
}

async fn fits(browser: &Browser, name: &str) {
    browser.see("main h1").await;
    let widths = browser.value("return [document.documentElement.scrollWidth, innerWidth]").await;
    assert!(widths[0].as_u64() <= widths[1].as_u64(), "{name}: {widths}");
    assert_eq!(browser.barriers().await, Vec::<String>::new(), "{name}");
    keep(browser, name).await;
}

async fn written(service: &Service) -> String {
    service.staff("小宣", Role::Publicity).await.register(-1001, "城东", &[]).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let times = [("2026-11-26", "16:00"), ("2026-11-27", "15:30")];
    let times = times.map(|(day, end)| json!({"starts_at": format!("{day}T14:00:00+08:00"), "ends_at": format!("{day}T{end}:00+08:00")}));
    let class = json!({"title": TITLE, "place": "县政务服务中心三楼东侧培训室（从二号门进，电梯旁）", "capacity": 30, "reminders": [60],
        "trainer": "王老师", "targets": {"tags": ["*"]}, "sessions": times, "enrol_until": "2026-11-26T12:00:00+08:00",
        "fields": [{"label": "单位名称", "reason": "准备材料", "required": true}, {"label": "人数", "reason": "安排座位", "kind": "number"}]});
    let id = trainer.does("/classes", &class).await["id"].as_str().unwrap().to_owned();
    trainer.does(&format!("/classes/{id}/publish"), &json!({})).await;
    id
}

async fn code(service: &Service, class: &str, session: i64) -> String {
    let page = service.logged_in(Role::Trainer).await.page(&format!("/console/classes/{class}/sessions/{session}")).await;
    page.split(['>', '<']).find(|text| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())).unwrap().to_owned()
}

#[tokio::test]
async fn a_class_from_enrolment_to_certificate_and_survey_fits_a_phone() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let id = written(&service).await;
    let browser = phone().await;
    let open = async |path: &str| browser.goto(&format!("{}{path}", service.base)).await.unwrap();
    let page = format!("/classes/{id}");
    open("/classes").await;
    fits(&browser, "classes-phone").await;
    open(&page).await;
    fits(&browser, "class-phone").await;
    for (name, text) in [("name", "王芳"), ("a0", "城东便民超市"), ("a1", "2")] {
        browser.types(&format!("input[name={name}]"), text).await;
    }
    browser.press("main form button[type=submit]").await;
    browser.see(".said").await;
    fits(&browser, "class-enrolled-phone").await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let third = json!({"starts_at": "2026-12-02T14:00:00+08:00", "ends_at": "2026-12-02T16:30:00+08:00"});
    trainer.does(&format!("{page}/sessions"), &third).await;
    trainer.does(&format!("{page}/sessions/3/cancel"), &json!({})).await;
    open(&page).await;
    fits(&browser, "class-session-off-phone").await;

    // At the door, twice.
    for (session, time) in [(1, "2026-11-26T13:50:00+08:00"), (2, "2026-11-27T13:50:00+08:00")] {
        at(&service, time);
        let digits = code(&service, &id, session).await;
        open(&format!("{page}/check-in")).await;
        if session == 1 {
            fits(&browser, "check-in-phone").await;
            browser.types("#code", "000000").await;
            browser.press("main form button[type=submit]").await;
            browser.see(".said.failed").await;
            fits(&browser, "check-in-wrong-phone").await;
            open(&format!("{page}/check-in?code={digits}")).await;
        } else {
            browser.types("#code", &digits).await;
        }
        browser.press("main form button[type=submit]").await;
        browser.see(".said:not(.failed)").await;
    }
    fits(&browser, "check-in-done-phone").await;

    // Afterwards.
    at(&service, "2026-11-27T15:31:00+08:00");
    ticks(&service).await;
    open(&page).await;
    fits(&browser, "class-over-phone").await;
    let certificate = browser.value("return document.querySelector(\"a[href^='/certificates/']\").getAttribute('href')").await;
    let certificate = certificate.as_str().unwrap().to_owned();
    open(&certificate).await;
    fits(&browser, "certificate-phone").await;
    open(&format!("{page}/survey")).await;
    fits(&browser, "survey-phone").await;
    browser
        .value("document.querySelectorAll('fieldset').forEach(set => set.querySelectorAll('input')[0].checked = true); return true")
        .await;
    browser.press("main form button[type=submit]").await;
    browser.see(".said").await;
    fits(&browser, "survey-done-phone").await;
    let vote = json!({"topics": ["数电票怎么开、怎么红冲", "残疾人就业保障金怎么算", "个人所得税汇算清缴退补税"], "closes_at": "2026-12-05T18:00:00+08:00"});
    let vote = trainer.does(&format!("{page}/votes"), &vote).await["id"].as_str().unwrap().to_owned();
    open(&page).await;
    browser.press(&format!("main a[href='/votes/{vote}']")).await;
    browser.until("return location.pathname.startsWith('/votes/')").await;
    fits(&browser, "vote-phone").await;
    browser.press("main fieldset label:nth-of-type(2)").await;
    browser.press("main form button[type=submit]").await;
    browser.see(".said").await;
    fits(&browser, "vote-done-phone").await;

    // Revoked, as whoever checks it sees it; and a code that is none.
    let lines: Value = trainer.get(&format!("/classes/{id}/roster")).await["items"].clone();
    let undo = format!("{}/api/v1/classes/{id}/sessions/2/check-ins/{}", service.base, lines[0]["enrolment"].as_str().unwrap());
    assert_eq!(trainer.client().delete(&undo).send().await.unwrap().status(), 204);
    open(&certificate).await;
    fits(&browser, "certificate-revoked-phone").await;
    open("/certificates").await;
    fits(&browser, "certificates-phone").await;
    // The browser notes the code that was wrong.
    let complaints: Vec<String> = browser.complaints().await.into_iter().filter(|line| !line.contains("status of 422")).collect();
    assert_eq!(complaints, Vec::<String>::new());

    let console = service.logged_in(Role::Trainer).await;
    for (width, browser) in [("phone", phone().await), ("desk", desk().await)] {
        let browser = browser.logged_in(&console).await;
        for (name, path) in [("console-class", format!("/console{page}")), ("summary", format!("/console{page}/summary"))] {
            browser.goto(&format!("{}{path}", service.base)).await.unwrap();
            fits(&browser, &format!("{name}-{width}")).await;
        }
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    }
}
