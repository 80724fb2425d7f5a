//! A bulletin's life as two people live it in real browsers: publicity staff at a desk, the approver on a phone.

use taxhome::domain::staff::Role;

use crate::harness::browser::{Browser, desk, phone};
use crate::harness::service::Service;

const GROUPS: [i64; 2] = [-1001, -1002];

#[tokio::test]
async fn a_bulletin_is_composed_approved_on_a_phone_sent_watched_corrected_and_recalled() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let admin = service.staff("管理员", Role::Admin).await;
    for (chat, title) in GROUPS.into_iter().zip(["城东纳税人群", "城西纳税人群"]) {
        admin.register(chat, title, &["个体户"]).await;
    }
    let writer = desk().await.logged_in(&service.logged_in(Role::Publicity).await).await;
    let approver = phone().await.logged_in(&service.logged_in(Role::Approver).await).await;

    open(&writer, &service, "/console/bulletins").await;
    writer.press("main a[href='/console/bulletins/new']").await;
    writer.fill("title", "起征点有新规定").await;
    writer.fill("body", "月销售额没有达到10万元的，免征增值税。").await;
    writer.press("main input[name=tags][value='个体户']").await;
    writer.press("main form button[type=submit]").await;
    writer.see("form[action$='/submit']").await;
    assert!(writer.text("main").await.contains("月销售额没有达到10万元的"), "the preview shows what will be sent");
    let path = writer.current_url().await.unwrap().path().to_owned();
    writer.press("form[action$='/submit'] button").await;
    writer.until("return document.querySelector('.said')?.innerText.includes('已提交')").await;
    assert_eq!(writer.value("return document.querySelector(\"form[action*='/approve']\")").await, serde_json::Value::Null);

    open(&approver, &service, &path).await;
    approver.press("form[action*='/approve'] button").await;
    approver.until("return document.querySelector('.said')?.innerText.includes('审核通过')").await;
    approver.picture("phone-bulletin-approved").await;

    open(&writer, &service, &path).await;
    writer.press("a[href$='/send']").await;
    writer.press("form[action$='/send'] button[type=submit]").await;
    writer.until("return document.querySelector('.said')?.innerText.includes('已开始发送')").await;
    service.deliver().await;
    // The page was opened before anything had arrived: what arrives shows without a reload.
    writer
        .until("return [...document.querySelectorAll('main table tr')].filter(row => row.innerText.includes('已完成')).length === 2")
        .await;
    writer.picture("desk-bulletin-sent").await;
    for chat in GROUPS {
        assert_eq!(service.said(chat).len(), 1, "each group once");
    }

    service.tick().await;
    open(&writer, &service, &path).await;
    writer.press("a[href$='/correct']").await;
    writer.fill("body", "按季申报的，季度销售额没有达到30万元的，免征增值税。").await;
    writer.press("form[action$='/correct'] button[type=submit]").await;
    writer.until("return document.querySelector('main').innerText.includes('更正了什么（待审核）')").await;
    open(&approver, &service, &path).await;
    approver.press("form[action*='/approve'] button").await;
    approver.until("return document.querySelector('.said')?.innerText.includes('审核通过')").await;
    service.deliver().await;
    for chat in GROUPS {
        assert!(service.said(chat)[0].contains("30万元") && service.said(chat).len() == 1, "corrected in its place");
    }

    open(&writer, &service, &path).await;
    writer.press("a[href$='/recall']").await;
    writer.press("form[action$='/recall'] button").await;
    writer.until("return document.querySelector('.said') !== null").await;
    service.deliver().await;
    assert!(GROUPS.into_iter().all(|chat| service.said(chat).is_empty()), "taken back everywhere");
    open(&writer, &service, &path).await;
    assert!(writer.text("main").await.contains("已撤回"));
    writer.picture("desk-bulletin-recalled").await;
    assert_eq!(writer.complaints().await, Vec::<String>::new());
    assert_eq!(approver.complaints().await, Vec::<String>::new());
}

async fn open(browser: &Browser, service: &Service, path: &str) {
    browser.goto(&format!("{}{path}", service.base)).await.unwrap();
    browser.see("main h1").await;
}
