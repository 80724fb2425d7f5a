//! F39 on the web: whoever asked on the page and got no answer finds it there at the next visit, once, and may say no to that.

use serde_json::{Value, json};
use taxhome::domain::staff::Role;

use crate::harness::browser::{Browser, desk, phone};
use crate::harness::web::{TestWeb, UNKNOWN, serve};

const HEADING: &str = "您上次问的“进口二手游艇的关税怎么算”，现在有答复了";
const ANSWER: &str = "月销售额没有达到10万元的，免征增值税。";

async fn post(web: &TestWeb, role: Role, path: &str, body: &Value) -> Value {
    let response = web.staff(role).await.post(web.url(&format!("/api/v1{path}"))).json(body).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
}

/// Two people answer the only gap there is.
async fn answered(web: &TestWeb) -> String {
    let listed: Value = web.staff(Role::Desk).await.get(web.url("/api/v1/gaps")).send().await.unwrap().json().await.unwrap();
    let id = listed["items"][0]["id"].as_str().unwrap().to_owned();
    let draft = json!({"question": UNKNOWN, "answer": ANSWER, "passages": [{"document": "vat-threshold", "passage": 0}]});
    post(web, Role::Desk, &format!("/gaps/{id}/draft"), &draft).await;
    post(web, Role::Approver, &format!("/gaps/{id}/approve"), &json!({"revision": 1})).await;
    id
}

/// A browser without script that asked: the cookie it was given.
async fn asked(web: &TestWeb, question: &str) -> Option<String> {
    let response = web.client.get(web.url(&format!("/ask?q={question}"))).send().await.unwrap();
    let cookie = response.headers().get("set-cookie")?.to_str().unwrap().split(';').next().unwrap().to_owned();
    Some(cookie)
}

async fn visits(web: &TestWeb, cookie: &str, path: &str) -> String {
    web.client.get(web.url(path)).header("cookie", cookie).send().await.unwrap().text().await.unwrap()
}

async fn sends(web: &TestWeb, cookie: &str, path: &str) -> String {
    let response = web.client.post(web.url(path)).header("cookie", cookie).send().await.unwrap();
    assert_eq!(response.status(), 303, "{path}");
    response.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_next_visit_shows_the_answer_with_its_source_once() {
    let web = serve().await;
    assert_eq!(asked(&web, crate::harness::web::KNOWN).await, None, "who got an answer waits for nothing and gets no cookie");
    let cookie = asked(&web, UNKNOWN).await.unwrap();
    let other = asked(&web, "火星上种土豆怎么备案").await.unwrap();
    assert!(!visits(&web, &cookie, "/").await.contains("现在有答复了"));
    answered(&web).await;
    let ahead = web.client.get(web.url("/")).header("cookie", &cookie).header("sec-purpose", "prefetch;prerender");
    assert!(!ahead.send().await.unwrap().text().await.unwrap().contains(HEADING), "a page fetched ahead was not seen");
    let page = visits(&web, &cookie, "/").await;
    for expected in [HEADING, ANSWER, "财政部 税务总局公告2026年第10号", "href=\"/policies/vat-threshold\"", "以后不用告诉我"]
    {
        assert!(page.contains(expected), "{expected} is missing: {page}");
    }
    assert!(!visits(&web, &cookie, "/").await.contains("现在有答复了"), "once");
    assert!(!visits(&web, &other, "/").await.contains("现在有答复了"), "only to whoever asked it");
}

#[tokio::test]
async fn whoever_said_no_is_not_told_and_may_change_their_mind() {
    let web = serve().await;
    let cookie = asked(&web, UNKNOWN).await.unwrap();
    let to = sends(&web, &cookie, "/later/off").await;
    let told = visits(&web, &cookie, &to).await;
    assert!(told.contains("不再提示") && told.contains("/later/on"), "{told}");
    answered(&web).await;
    assert!(!visits(&web, &cookie, "/").await.contains("现在有答复了"));
    let again = web.client.get(web.url("/ask?q=火星上种土豆怎么备案")).header("cookie", &cookie).send().await.unwrap();
    assert!(again.headers().get("set-cookie").is_none(), "nothing is noted of whoever does not want it");
    let kept = visits(&web, &cookie, "/my").await;
    assert!(kept.contains("不想看到的答复提醒") && !kept.contains("等答复的提问"), "{kept}");
    let to = sends(&web, &cookie, "/later/on").await;
    assert!(visits(&web, &cookie, &to).await.contains("打开本页就能看到"));
    assert!(!visits(&web, &cookie, "/my").await.contains("不想看到的答复提醒"));
}

#[tokio::test]
async fn nobody_hears_of_a_question_that_another_browser_asked() {
    let web = serve().await;
    let id = web.ask(UNKNOWN).await["id"].as_str().unwrap().to_owned();
    let waits = |answer: String| web.client.post(web.url("/later")).form(&[("answer", answer)]).send();
    let first = waits(id.clone()).await.unwrap();
    assert_eq!(first.status(), 204);
    let cookie = first.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let second = waits(id).await.unwrap();
    assert!(second.status() == 204 && second.headers().get("set-cookie").is_none(), "the first has it");
    assert!(waits("ans_nothing".to_owned()).await.unwrap().headers().get("set-cookie").is_none());
    let foreign = web.client.post(web.url("/later/off")).header("cookie", &cookie).header("origin", "https://elsewhere.example");
    assert_eq!(foreign.send().await.unwrap().status(), 403);
    answered(&web).await;
    assert!(visits(&web, &cookie, "/").await.contains(HEADING));
}

#[tokio::test]
async fn forgetting_takes_the_question_that_waited_with_it() {
    let web = serve().await;
    let cookie = asked(&web, UNKNOWN).await.unwrap();
    let kept = visits(&web, &cookie, "/my").await;
    assert!(kept.contains(UNKNOWN) && kept.contains("等答复的提问"), "{kept}");
    // It stands in its group by now.
    let listed: Value = web.staff(Role::Desk).await.get(web.url("/api/v1/gaps")).send().await.unwrap().json().await.unwrap();
    assert_eq!(listed["items"][0]["question"], UNKNOWN);
    let gone = web.client.post(web.url("/my/forget")).header("cookie", &cookie).form(&[("session", "")]).send().await.unwrap();
    assert!(gone.text().await.unwrap().contains("已清除您的信息"));
    assert!(visits(&web, &cookie, "/my").await.contains("没有保存您的任何信息"));
    answered(&web).await;
    assert!(!visits(&web, &cookie, "/").await.contains("现在有答复了"));
}

async fn ask(browser: &Browser, question: &str) {
    browser.types("#q", question).await;
    browser.press("#send").await;
    browser.see("#log .turn:last-child .answer:not(.waiting) .feedback:not([hidden])").await;
}

#[tokio::test]
async fn in_a_browser_the_answer_stands_above_the_chat_on_a_phone_too() {
    let web = serve().await;
    let browser = desk().await;
    browser.goto(&web.base).await.unwrap();
    ask(&browser, UNKNOWN).await;
    browser.until("return fetch('/my').then(r => r.text()).then(t => t.includes('等答复的提问'))").await;
    answered(&web).await;
    browser.goto(&web.base).await.unwrap();
    assert!(browser.text("#later h2").await.contains(HEADING));
    let seen = "const box = document.querySelector('#later h2').getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight";
    browser.until(seen).await;
    browser.picture("later-desk").await;
    browser.press("#later form[action='/later/off'] button").await;
    browser
        .until("return document.querySelector('#later .said') && document.querySelector('#later .said').textContent.includes('不再提示')")
        .await;
    assert_eq!(browser.value("return location.search").await, "", "a reload does not say it again");
    assert_eq!(browser.complaints().await, Vec::<String>::new());

    let narrow = phone().await;
    narrow.goto(&web.base).await.unwrap();
    ask(&narrow, "火星上种土豆怎么备案").await;
    narrow.until("return fetch('/my').then(r => r.text()).then(t => t.includes('等答复的提问'))").await;
    answered(&web).await;
    narrow.goto(&web.base).await.unwrap();
    assert!(narrow.text("#later h2").await.contains("火星上种土豆怎么备案"));
    assert_eq!(narrow.value("return document.documentElement.scrollWidth > innerWidth").await, false);
    narrow.picture("later-phone").await;
    assert_eq!(narrow.barriers().await, Vec::<String>::new());
}
