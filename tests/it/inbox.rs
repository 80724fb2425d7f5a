//! F36: a flood of calls for a person: the inbox says how many there are and shows them all, page by page; one address cannot fill it.

use reqwest::header::{HeaderMap, HeaderValue};
use taxhome::clock::Clock;
use taxhome::domain::staff::Role;
use taxhome::store::inquiries::{self, NewInquiry};

use crate::harness::web::{Shown, TestWeb, client, serve, serve_configured, shown};

/// A fresh browser at an address that asks for a person.
async fn calls(web: &TestWeb, from: &str, cookie: Option<&str>) -> Shown {
    let mut headers = HeaderMap::new();
    headers.insert("x-live", HeaderValue::from_static("1"));
    headers.insert("x-forwarded-for", HeaderValue::from_str(from).unwrap());
    if let Some(cookie) = cookie {
        headers.insert("cookie", HeaderValue::from_str(cookie).unwrap());
    }
    shown(client(headers).post(web.url("/human")).form(&[("q", "我的留抵退税到哪一步了")]).send().await.unwrap()).await
}

async fn open(web: &TestWeb, many: usize) {
    let mut tx = web.store.begin().await.unwrap();
    for at in 0..many {
        let (person, name, question) = (format!("{at:032x}"), format!("访客{at:03}"), format!("第{at:03}个问题"));
        let new = NewInquiry {
            channel: "web",
            person: &person,
            person_name: &name,
            channel_id: None,
            question: &question,
            passages: &[],
            score: 0.5,
            tax: "",
        };
        let now = web.clock.now().plus(std::time::Duration::from_secs(at as u64));
        inquiries::open(&mut tx, &new, now).await.unwrap().unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_inbox_says_how_many_wait_and_shows_every_one_of_them() {
    let web = serve().await;
    open(&web, 230).await;
    let desk = web.logged_in(Role::Desk).await;
    let mut seen = std::collections::BTreeSet::new();
    let mut path = "/console/inquiries".to_owned();
    for page in 0..5 {
        let text = desk.page(&path).await;
        assert!(text.contains("共 230 个") && text.contains("<span class=\"badge plain\">230</span>"), "page {page}: {text}");
        seen.extend((0..230).filter(|at| text.contains(&format!("第{at:03}个问题"))));
        let Some(next) = text.split("class=\"button quiet\" href=\"").nth(1) else { break };
        path = next.split('"').next().unwrap().to_owned();
    }
    assert_eq!(seen.len(), 230);
    // Whoever has a talk of their own finds it on the first page, however many wait.
    let first = desk.page("/console/inquiries").await;
    let take = first.split("action=\"").find(|part| part.contains("/take")).unwrap().split('"').next().unwrap();
    desk.does(take, &[]).await;
    let text = desk.page("/console/inquiries").await;
    assert!(text.contains("我接待的") && text.contains("共 229 个"), "{text}");
}

#[tokio::test]
async fn one_address_cannot_fill_the_queue_and_is_told_politely_what_to_do() {
    let web = serve_configured(|config| {
        config.desk.web_calls_waiting = 3;
        config.desk.web_calls_per_hour = 5;
    })
    .await;
    for _ in 0..3 {
        assert_eq!(calls(&web, "203.0.113.7", None).await.status, 200);
    }
    let fourth = calls(&web, "203.0.113.7", None).await;
    assert!(fourth.status == 409 && fourth.text.contains("已有 3 个在排队") && fourth.text.contains("12366"), "{}", fourth.text);
    assert_eq!(calls(&web, "203.0.113.8", None).await.status, 200, "another address is another matter");
    let listed: serde_json::Value =
        web.staff(Role::Desk).await.get(web.url("/api/v1/inquiries")).send().await.unwrap().json().await.unwrap();
    let ids: Vec<String> = listed["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 4);
    for id in &ids {
        let taken =
            web.staff(Role::Desk).await.post(web.url(&format!("/api/v1/inquiries/{id}/take"))).json(&serde_json::json!({})).send().await;
        assert_eq!(taken.unwrap().status(), 200);
    }
    for _ in 0..2 {
        assert_eq!(calls(&web, "203.0.113.7", None).await.status, 200, "those in talk wait no more");
    }
    let sixth = calls(&web, "203.0.113.7", None).await;
    assert!(sixth.status == 409 && sixth.text.contains("次数较多") && sixth.text.contains("分钟再试"), "{}", sixth.text);
    web.clock.advance(std::time::Duration::from_secs(3_600));
    assert_eq!(calls(&web, "203.0.113.7", None).await.status, 200, "an hour later");
    // A second click of somebody who waits is no new call.
    let cookie = "taxhome_person=0123456789abcdef0123456789abcdef";
    for _ in 0..6 {
        assert_eq!(calls(&web, "203.0.113.9", Some(cookie)).await.status, 200);
    }
}
