//! F38, F39, F75: a gap is answered in the console, in a browser: one person drafts, another approves, the asker gets it.

use serde_json::Value;
use taxhome::domain::staff::Role;

use crate::harness::browser::{Browser, desk, phone};
use crate::harness::service::Service;

const ASKER: i64 = 11;
const QUESTION: &str = "进口二手游艇的关税怎么算";

/// Keeps a picture of the whole page where a folder for it is named.
pub async fn keep(browser: &Browser, name: &str) {
    let Ok(folder) = std::env::var("TAXHOME_SCREENSHOTS") else { return };
    let height = browser.value("return Math.min(6000, document.documentElement.scrollHeight)").await.as_u64().unwrap();
    let width = browser.value("return innerWidth").await.as_u64().unwrap();
    browser.set_window_size(u32::try_from(width).unwrap(), u32::try_from(height + 140).unwrap()).await.unwrap();
    let picture = browser.screenshot().await.unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), picture).unwrap();
}

async fn open(service: &Service, role: Role, narrow: bool, path: &str) -> Browser {
    let browser = if narrow { phone().await } else { desk().await };
    let browser = browser.logged_in(&service.logged_in(role).await).await;
    browser.goto(&format!("{}{path}", service.base)).await.unwrap();
    browser
}

async fn fits(browser: &Browser) {
    let over = browser.value("return document.documentElement.scrollWidth > innerWidth").await;
    assert_eq!(over, Value::Bool(false), "{}", browser.current_url().await.unwrap());
}

#[tokio::test]
async fn a_gap_is_answered_by_two_people_and_the_asker_gets_it() {
    let service = Service::at("2026-11-24T09:30:00+08:00").await;
    service.telegram.private(ASKER, "甲");
    for _ in 0..2 {
        service.telegram.says(ASKER, ASKER, QUESTION);
        service.converse().await;
    }
    let browser = open(&service, Role::Desk, false, "/console/gaps").await;
    keep(&browser, "gaps-desk").await;
    browser.press("td a[href^='/console/gaps/gap_']").await;
    browser.see("input[name=passages]").await;
    browser.press("input[name=passages]").await;
    let answer = browser.see("textarea[name=answer]").await;
    answer.send_keys("月销售额没有达到88万元的，免征增值税。").await.unwrap();
    browser.press("form[action$='/draft'] button").await;
    assert!(browser.text(".wrong-text").await.contains("88万元"), "a figure of no source is refused at the field");
    keep(&browser, "gap-refused-desk").await;
    let answer = browser.see("textarea[name=answer]").await;
    assert!(browser.value("return document.querySelector('textarea[name=answer]').value").await.as_str().unwrap().contains("88万元"));
    answer.clear().await.unwrap();
    answer.send_keys("免征增值税的范围见依据。").await.unwrap();
    browser.press("form[action$='/draft'] button").await;
    browser.until("return document.querySelector('main').textContent.includes('等另一位审核人审核')").await;
    let path = browser.current_url().await.unwrap().path().to_owned();
    assert_eq!(browser.value("return document.querySelectorAll('form[action$=\"/approve\"]').length").await, 0, "not by its author");

    let narrow = open(&service, Role::Approver, true, &path).await;
    fits(&narrow).await;
    keep(&narrow, "gap-approve-phone").await;
    narrow.press("form[action$='/approve'] button").await;
    narrow.until("return document.querySelector('main').textContent.includes('答复已发布')").await;
    fits(&narrow).await;
    service.deliver().await;
    let told = service.said(ASKER).pop().unwrap();
    assert!(told.contains("现在有答复了") && told.contains("免征增值税的范围见依据。"), "{told}");
    service.telegram.says(ASKER, ASKER, QUESTION);
    service.converse().await;
    let again = service.said(ASKER).pop().unwrap();
    assert!(again.contains("免征增值税的范围见依据。") && again.contains("纳税服务部门于2026年11月24日审核"), "{again}");
    for name in ["desk", "phone"] {
        let browser = open(&service, Role::Admin, name == "phone", &path).await;
        fits(&browser).await;
        keep(&browser, &format!("gap-published-{name}")).await;
        browser.goto(&format!("{}/console/gaps?state=published", service.base)).await.unwrap();
        fits(&browser).await;
        keep(&browser, &format!("gaps-published-{name}")).await;
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    }
}
