//! F46: while a bulletin is written the page beside it shows how each channel would be sent it, and whom it reaches.

use serde_json::json;
use taxhome::domain::staff::Role;

use crate::harness::browser::{desk, phone};
use crate::harness::service::Service;

const MORNING: &str = "2026-11-24T09:30:00+08:00";

async fn started() -> Service {
    let service = Service::at(MORNING).await;
    let admin = service.staff("管理员", Role::Admin).await;
    admin.register(-1001, "城东纳税人之家", &["城东"]).await;
    admin.register(-1002, "城西纳税人之家", &["城西"]).await;
    service
}

#[tokio::test]
async fn the_preview_follows_what_is_typed_and_chosen() {
    let service = started().await;
    let browser = desk().await.logged_in(&service.logged_in(Role::Publicity).await).await;
    browser.goto(&format!("{}/console/bulletins/new", service.base)).await.unwrap();
    browser.until("return document.querySelector('#composed .reach')?.textContent.includes('还没有选择发给谁')").await;
    browser.types("input[name=title]", "十二月申报提醒").await;
    browser.types("textarea[name=body]", "十二月的申报期到15日。<b>请按时</b>").await;
    browser.until("return document.querySelector('#composed .running')?.textContent.includes('十二月的申报期到15日。')").await;
    let shown = browser.text("#composed").await;
    assert!(shown.contains("十二月申报提醒") && shown.contains("<b>请按时</b>"), "text stays text: {shown}");
    browser.press("input[name=tags][value='城东']").await;
    browser.until("return document.querySelector('#composed .reach').textContent.includes('将发给 1 个群')").await;
    browser.press("input[name=tags][value='*']").await;
    browser.until("return document.querySelector('#composed .reach').textContent.includes('将发给 2 个群')").await;
    let kinds = browser.value("return document.querySelectorAll('#composed details').length").await;
    assert!(kinds.as_u64().unwrap() >= 3, "{kinds}");
    browser.picture("composer-desk").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    assert_eq!(browser.barriers().await, Vec::<String>::new());

    // What was shown is what is saved.
    let before = browser.text("#composed .running").await;
    browser.press(".composing form button[type=submit]").await;
    browser.until("return document.querySelector('main').textContent.includes('已保存草稿')").await;
    assert_eq!(browser.text("details.preview .running").await, before);

    let narrow = phone().await.logged_in(&service.logged_in(Role::Publicity).await).await;
    narrow.goto(&format!("{}/console/bulletins/new", service.base)).await.unwrap();
    narrow.see("#composed").await;
    assert_eq!(narrow.value("return document.documentElement.scrollWidth > innerWidth").await, false);
    narrow.picture("composer-phone").await;
}

#[tokio::test]
async fn the_preview_stores_nothing_and_is_for_those_who_write() {
    let service = started().await;
    let writer = service.logged_in(Role::Publicity).await;
    let fields = [("title", ""), ("body", ""), ("effective_from", "nonsense"), ("channels", "chn_nothing")];
    let shown = writer.post("/console/bulletins/preview", &fields).await;
    assert!(shown.status == 200 && shown.text.contains("还没有选择发给谁"), "{}", shown.text);
    let body = "长".repeat(9_000);
    let long = writer.post("/console/bulletins/preview", &[("title", "题"), ("body", &body), ("tags", "*")]).await;
    assert!(long.text.contains("分 ") && long.text.contains("将发给 2 个群"), "a long text says in how many parts it goes");
    let listed = service.staff("审计", Role::Auditor).await.get("/bulletins").await;
    assert_eq!(listed["items"], json!([]));
    assert_eq!(service.logged_in(Role::Desk).await.post("/console/bulletins/preview", &fields).await.status, 403);
}
