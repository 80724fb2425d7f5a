//! A class in the console, in a real browser: written at a desk, published, and its door opened on a trainer's phone.

use taxhome::clock::Clock;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::browser::{Browser, desk, phone};
use crate::harness::service::Service;

#[tokio::test]
async fn a_trainer_writes_a_class_publishes_it_and_checks_people_in_on_a_phone() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    service.staff("管理员", Role::Admin).await.register(-1001, "城东纳税人群", &["个体户"]).await;
    let console = service.logged_in(Role::Trainer).await;
    let trainer = desk().await.logged_in(&console).await;
    open(&trainer, &service, "/console/classes").await;
    assert!(trainer.text("main").await.contains("还没有课程"), "an empty list says what to do");
    trainer.press("main a[href='/console/classes/new']").await;
    trainer.fill("title", "新办企业第一课").await;
    set(&trainer, "starts_at", "2026-11-27T14:00").await;
    set(&trainer, "ends_at", "2026-11-27T13:00").await;
    trainer.fill("place", "办税厅三楼").await;
    trainer.press("main input[name=tags][value='*']").await;
    trainer.press("main form button[type=submit]").await;
    trainer.see("main [aria-invalid=true]").await;
    assert_eq!(trainer.value("return document.querySelector('main [name=place]').value").await, "办税厅三楼", "what was typed stays");
    set(&trainer, "ends_at", "2026-11-27T16:00").await;
    trainer.press("main form button[type=submit]").await;
    trainer.until("return document.querySelector(\"form[action$='/publish'] button\") !== null").await;
    trainer.press("form[action$='/publish'] button").await;
    trainer.until("return document.querySelector('.said')?.innerText.includes('已发布')").await;
    trainer.picture("desk-class").await;
    let path = trainer.current_url().await.unwrap().path().to_owned();

    service.clock.set(Timestamp::parse("2026-11-27T13:50:00+08:00").unwrap());
    assert!(service.clock.now() > Timestamp::parse("2026-11-27T13:00:00+08:00").unwrap());
    let console = service.logged_in(Role::Trainer).await;
    let door = phone().await.logged_in(&console).await;
    open(&door, &service, &format!("{path}/sessions/1")).await;
    let shown = door.value("const picture = document.querySelector('main img'); return picture.complete && picture.naturalWidth > 0").await;
    assert_eq!(shown, true, "the code can be scanned");
    let code = door.text("main").await;
    assert!(code.lines().any(|line| line.len() == 6 && line.chars().all(|c| c.is_ascii_digit())), "{code}");
    door.fill("name", "王小明").await;
    door.press("form[action$='/walk-ins'] button[type=submit]").await;
    door.until("return document.querySelector('main table')?.innerText.includes('已到')").await;
    assert!(door.text("main table").await.contains("王小明"));
    let wide = door.value("return document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
    assert_eq!(wide, serde_json::json!(0));
    door.picture("phone-class-door").await;
    assert_eq!(door.barriers().await, Vec::<String>::new());
    assert_eq!(door.complaints().await, Vec::<String>::new());
    assert_eq!(trainer.complaints().await, Vec::<String>::new());
}

async fn open(browser: &Browser, service: &Service, path: &str) {
    browser.goto(&format!("{}{path}", service.base)).await.unwrap();
    browser.see("main h1").await;
}

/// A date and time, which keys would fill in the order of the machine's language.
async fn set(browser: &Browser, name: &str, at: &str) {
    browser.see(&format!("main [name={name}]")).await;
    browser.value(&format!("document.querySelector('main [name={name}]').value = '{at}'; return true")).await;
}
