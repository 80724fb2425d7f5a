//! A chat taken over in the console, both sides in real browsers: the asker on a phone, staff on a desk.

use std::time::Duration;

use fantoccini::key::Key;
use reqwest::header::HeaderMap;
use serde_json::json;
use taxhome::domain::staff::Role;

use crate::harness::browser::{Browser, desk, phone};
use crate::harness::web::{Console, KNOWN, TestWeb, UNKNOWN, client, serve};

const REPLIED: &str = "带身份证和进口关税专用缴款书原件，地址在政务中心三楼 12 号窗口";

#[tokio::test]
async fn staff_take_over_a_chat_and_the_asker_sees_it_live_through_a_reload_until_the_rating() {
    let web = serve().await;
    let asker = phone().await;
    asker.goto(&web.base).await.unwrap();
    types(&asker, UNKNOWN).await;
    asker.see("#log .answer .feedback:not([hidden])").await;
    asker.press("#log .feedback .call").await;
    state(&asker, "waiting").await;
    assert!(asker.text("#human .standing").await.contains("排在第 1 位"));
    fits(&asker, "phone-chat-waiting").await;

    let staff = desk().await.logged_in(&web.logged_in(Role::Desk).await).await;
    staff.goto(&web.url("/console/inquiries")).await.unwrap();
    assert!(staff.text("#inbox").await.contains("网页访客"));
    fits(&staff, "desk-inbox-waiting").await;
    staff.press("#inbox button.act.first").await;
    staff.see("#answer textarea").await;
    state(&asker, "human").await;
    assert!(asker.text("#human .standing").await.contains("工作人员 desk 正在为您服务"));
    assert_eq!(asker.value("return document.getElementById('call').hidden").await, true);

    let turns = "return document.querySelectorAll('#log .turn').length";
    let before = asker.value(turns).await;
    types(&asker, "要带原件吗").await;
    asker.until("return document.querySelectorAll('#human li.asker').length === 2").await;
    assert_eq!(asker.value(turns).await, before, "the bot is silent");
    // The page may have looked before its own message was confirmed.
    asker.until("return document.getElementById('q').value === ''").await;
    staff.until("return document.getElementById('talk').innerText.includes('要带原件吗')").await;

    staff.types("#answer textarea", REPLIED).await;
    staff.press("#answer button[type=submit]").await;
    staff.until("return document.querySelectorAll('#talk li.staff').length === 1").await;
    asker.until("return document.querySelectorAll('#human li.staff').length === 1").await;
    assert!(asker.text("#human li.staff").await.contains("工作人员 desk"));
    fits(&asker, "phone-chat-human").await;
    fits(&staff, "desk-inquiry").await;
    asker.refresh().await.unwrap();
    assert!(asker.text("#human li.staff").await.contains("三楼 12 号窗口"), "a reload loses nothing");
    // What was typed and not yet sent stays while the talk moves on.
    staff.types("#answer textarea", "还有").await;
    types(&asker, "好的谢谢").await;
    staff.until("return document.getElementById('talk').innerText.includes('好的谢谢')").await;
    assert_eq!(staff.value("return document.querySelector('#answer textarea').value").await, "还有");

    staff.press("#talk .actions button").await;
    staff.until("return location.pathname === '/console/inquiries'").await;
    assert!(staff.text(".said").await.contains("已请提问人评价"));
    state(&asker, "closed").await;
    fits(&asker, "phone-chat-closed").await;
    asker.press("#human .rate button[value='5']").await;
    asker.until("return document.getElementById('human').innerText.includes('已收到您的评价“非常满意”')").await;
    assert_eq!(asker.value("return document.querySelector('#human .rate')").await, json!(null), "once per closing");
    types(&asker, KNOWN).await;
    asker.until("return document.querySelector('#log').innerText.includes('10万元')").await;
    staff.goto(&web.url("/console/inquiries/closed")).await.unwrap();
    assert!(staff.text("table").await.contains("非常满意"));
    fits(&staff, "desk-inbox-closed").await;
    assert_eq!(asker.complaints().await, Vec::<String>::new());
    assert_eq!(staff.complaints().await, Vec::<String>::new());

    // The page is left to the next person: nothing of the talk stays.
    asker.press("#clear").await;
    state(&asker, "none").await;
    asker.refresh().await.unwrap();
    assert_eq!(asker.value("return document.getElementById('human').hidden && !document.getElementById('intro').hidden").await, true);
}

#[tokio::test]
async fn the_inbox_works_on_a_phone_with_long_words_and_many_people() {
    let web = serve().await;
    for number in 0..6 {
        calls(&web, &format!("第{number}位：增值税{}", "一般纳税人转登记之后留抵税额怎么处理".repeat(number + 1))).await;
        web.clock.advance(Duration::from_secs(1_700));
    }
    let console = web.logged_in(Role::Desk).await;
    let ids = ids(&console).await;
    assert_eq!(ids.len(), 6);
    console.does(&format!("/console/inquiries/{}/answer", ids[1]), &[("text", &"没有空格的一长串abcdefghij".repeat(40))]).await;
    console.does(&format!("/console/inquiries/{}/transfer", ids[2]), &[("to", "名字特别特别长的一位同事欧阳某某某")]).await;
    let browser = phone().await.logged_in(&console).await;
    browser.goto(&web.url("/console/inquiries")).await.unwrap();
    let page = browser.text("#inbox").await;
    assert!(
        page.contains("等待接待") && page.contains("我接待的") && page.contains("同事接待的") && page.contains("2 小时 50 分"),
        "{page}"
    );
    fits(&browser, "phone-inbox").await;
    browser.goto(&web.url(&format!("/console/inquiries/{}", ids[1]))).await.unwrap();
    fits(&browser, "phone-inquiry").await;
    browser.types("#answer textarea", "请到窗口办理").await;
    browser.press("#answer button[type=submit]").await;
    browser.until("return document.querySelectorAll('#talk li.staff').length === 2").await;
    browser.press("aside details summary").await;
    browser.see("#f-to").await;
    fits(&browser, "phone-inquiry-transfer").await;
    browser.goto(&web.url("/console")).await.unwrap();
    assert!(browser.text("main").await.contains("等人工接待，最久 2 小时"));
    fits(&browser, "phone-dashboard").await;
}

async fn types(browser: &Browser, text: &str) {
    browser.types("#q", &format!("{text}{}", char::from(Key::Enter))).await;
}

async fn state(browser: &Browser, state: &str) {
    browser.until(&format!("return document.getElementById('human').dataset.state === '{state}'")).await;
}

/// Nothing is wider than the window, and nobody is kept out.
async fn fits(browser: &Browser, name: &str) {
    browser.picture(name).await;
    let wide = browser.value("return document.documentElement.scrollWidth - innerWidth").await;
    assert!(wide.as_i64().unwrap() <= 0, "{name} is {wide} px too wide");
    assert_eq!(browser.barriers().await, Vec::<String>::new(), "{name}");
}

/// Somebody new presses 转人工.
async fn calls(web: &TestWeb, question: &str) {
    let sent = client(HeaderMap::new()).post(web.url("/human")).form(&[("q", question)]).send().await.unwrap();
    assert_eq!(sent.status(), 303);
}

/// The inquiries of the inbox, the longest waiting first.
async fn ids(console: &Console) -> Vec<String> {
    let page = console.page("/console/inquiries").await;
    let found = page.split("href=\"/console/inquiries/inq_").skip(1);
    found.map(|rest| format!("inq_{}", rest.split(['"', '#']).next().unwrap())).collect()
}
