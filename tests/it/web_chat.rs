//! The pages as they come over the wire: whole without JavaScript, safe with anything typed, open at the cited words.

use serde_json::{Value, json};
use taxhome::broadcasts::Actor;
use taxhome::broadcasts::classes::NewClass;
use taxhome::clock::Clock;
use taxhome::domain::bulletin::Targets;
use taxhome::domain::channel::ChannelKind;
use taxhome::domain::inbound::Scope;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;
use taxhome::store::channels;

use crate::harness::web::{KNOWN, TestWeb, UNKNOWN, serve, serve_with};

#[tokio::test]
async fn without_javascript_the_form_brings_the_answer_with_its_source() {
    let web = serve().await;
    let start = web.page("/").await;
    assert!(start.contains("action=\"/ask\"") && start.contains("role=\"log\" aria-live=\"polite\""));
    let page = web.page(&format!("/ask?q={KNOWN}")).await;
    for expected in
        ["10万元", "现行有效", "财政部 税务总局公告2026年第10号", "2026年1月1日起施行", "/policies/vat-threshold?from=", "仅供参考"]
    {
        assert!(page.contains(expected), "{expected} is missing");
    }
    let unknown = web.page(&format!("/ask?q={UNKNOWN}")).await;
    assert!(unknown.contains("12366") && !unknown.contains("?from="));
    assert_eq!(web.client.get(web.url("/ask?q=%20")).send().await.unwrap().status(), 303);
}

#[tokio::test]
async fn what_somebody_types_is_never_taken_as_markup() {
    let web = serve().await;
    let page = web.page("/ask?q=%3Cscript%3Ealert(1)%3C/script%3E%22onmouseover%3D%22x").await;
    assert!(!page.contains("<script>alert"), "{page}");
    assert!(!page.contains("\"onmouseover"));
    let list = web.page("/policies?q=%22%3E%3Cb%3E").await;
    assert!(!list.contains("\"><b>"));
}

#[tokio::test]
async fn no_page_has_inline_script_or_style_or_reaches_outside() {
    let web = serve().await;
    let class = a_class(&web, 1).await;
    for path in
        ["/", &format!("/ask?q={KNOWN}"), "/policies", "/policies/vat-threshold", "/classes", &format!("/classes/{class}"), "/nowhere"]
    {
        let page = web.page(path).await;
        for tag in page.split("<script").skip(1) {
            assert!(tag.starts_with(" src=\"/assets/"), "{path}: inline script");
        }
        assert!(!page.contains("<style") && !page.contains(" style=\"") && !page.contains(" onclick="), "{path}: inline style or handler");
        assert!(!page.contains("src=\"http") && !page.contains("<link rel=\"stylesheet\" href=\"http"), "{path}: outside resource");
        assert!(page.contains("<html lang=\"zh-CN\">"), "{path}");
    }
}

#[tokio::test]
async fn a_citation_leads_to_the_marked_words() {
    let web = serve().await;
    let answer = web.ask(KNOWN).await;
    let citation = &answer["citations"][0];
    let link = citation["link"].as_str().unwrap();
    let (path, anchor) = link.split_once('#').unwrap();
    let page = web.page(&format!("{path}?from={}&to={}", citation["start"], citation["end"])).await;
    assert!(page.contains(&format!("id=\"{anchor}\"")), "{anchor}");
    let marked = page.split("class=\"cited\">").nth(1).unwrap();
    assert!(marked.starts_with("小规模纳税人月销售额没有达到10万元的"), "{}", &marked[..60]);
    assert!(!web.page(path).await.contains("class=\"cited\""));
    assert_eq!(web.client.get(web.url(&format!("{path}?from=9999999&to=1"))).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_expired_document_says_so_and_names_what_replaced_it() {
    let web = serve().await;
    let page = web.page("/policies/vat-2023").await;
    assert!(page.contains("现已失效") && page.contains("财政部 税务总局公告2026年第10号"));
    assert!(page.contains("href=\"/policies/vat-threshold\">查看"));
    let list = web.page("/policies?q=小规模").await;
    assert!(list.contains("共 2 份") && list.contains("已失效") && list.contains("现行有效"));
    let topic = web.page("/policies?topic=车辆购置税").await;
    assert!(topic.contains("共 1 份") && topic.contains("车辆购置税申报办理指南"));
}

#[tokio::test]
async fn a_wrong_address_is_told_in_the_pages_own_words() {
    let web = serve().await;
    for path in ["/nowhere", "/policies/none", "/classes/none", "/assets/none.css"] {
        let response = web.client.get(web.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        assert!(response.text().await.unwrap().contains("没有找到这个页面"), "{path}");
    }
}

#[tokio::test]
async fn who_asks_too_fast_on_the_page_is_told_when_to_go_on() {
    let web = serve_with(1).await;
    web.page(&format!("/ask?q={KNOWN}")).await;
    let response = web.client.get(web.url(&format!("/ask?q={KNOWN}"))).send().await.unwrap();
    assert_eq!(response.status(), 429);
    assert!(response.text().await.unwrap().contains("秒后再试"));
}

#[tokio::test]
async fn assets_are_fetched_again_only_when_they_changed() {
    let web = serve().await;
    for (name, media) in [("app.css", "text/css"), ("chat.js", "text/javascript"), ("mark.svg", "image/svg+xml")] {
        let address = web.url(&format!("/assets/{name}"));
        let first = web.client.get(&address).send().await.unwrap();
        assert!(first.headers()["content-type"].to_str().unwrap().starts_with(media), "{name}");
        let again = web.client.get(&address).header("if-none-match", first.headers()["etag"].clone()).send().await.unwrap();
        assert_eq!((again.status().as_u16(), again.text().await.unwrap().len()), (304, 0), "{name}");
    }
}

#[tokio::test]
async fn a_seat_is_taken_and_given_up_in_the_browser_that_took_it() {
    let web = serve().await;
    let class = a_class(&web, 1).await;
    let address = web.url(&format!("/classes/{class}"));
    assert!(web.page("/classes").await.contains("还有 1 个名额"));

    let first = enrol(&web, &class, "王小明", None).await;
    assert_eq!(first.status(), 303);
    let cookie = first.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let first = cookie.split(';').next().unwrap().to_owned();
    let page = |cookie: String| {
        let request = web.client.get(&address).header("cookie", cookie);
        async { request.send().await.unwrap().text().await.unwrap() }
    };
    assert!(page(first.clone()).await.contains("您已报名"));

    let second = enrol(&web, &class, "李雷", None).await;
    let second = second.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert!(page(second.clone()).await.contains("候补第 1 位"));
    enrol(&web, &class, "李雷", Some(&second)).await;
    assert!(web.page("/classes").await.contains("名额已满，1 人候补"), "a repeat takes no second place");

    let withdrawn = web.client.post(format!("{address}/withdraw")).header("cookie", &first).send().await.unwrap();
    assert_eq!(withdrawn.status(), 303);
    assert!(page(second.clone()).await.contains("有名额了，为您保留到"), "the seat is held for the first who waits");
    let accepted = web.client.post(format!("{address}/enrol")).header("cookie", &second).send().await.unwrap();
    assert_eq!(accepted.status(), 303, "the name was given before");
    assert!(page(second).await.contains("您已报名"));
    assert!(page(first).await.contains("排候补"));
    let calendar = web.page(&format!("/classes/{class}/class.ics")).await;
    assert!(calendar.contains("BEGIN:VCALENDAR") && calendar.contains("SUMMARY:增值税入门"));
}

#[tokio::test]
async fn an_enrolment_needs_a_name_and_our_own_page() {
    let web = serve().await;
    let class = a_class(&web, 5).await;
    let nameless = enrol(&web, &class, "  ", None).await;
    assert_eq!(nameless.status(), 422);
    assert!(nameless.text().await.unwrap().contains("请填写姓名"));
    for (name, value) in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        let request = web.client.post(web.url(&format!("/classes/{class}/enrol"))).header(name, value);
        let response = request.form(&[("name", "王小明")]).send().await.unwrap();
        assert_eq!(response.status(), 403, "{name}: {value}");
    }
    let own = web.client.post(web.url(&format!("/classes/{class}/enrol"))).header("origin", web.base.clone());
    assert_eq!(own.form(&[("name", "王小明")]).send().await.unwrap().status(), 303);
}

#[tokio::test]
async fn an_import_is_a_draft_until_its_bulletin_is_approved() {
    let web = serve().await;
    a_group(&web).await;
    let publicity = web.staff(Role::Publicity).await;
    let text = "+++\ntitle = \"新政策\"\nnumber = \"国家税务总局公告2026年第99号\"\nkind = \"notice\"\nstatus = \"in_force\"\neffective_from = 2026-10-01\n\
        topics = [\"印花税\"]\nquestions = [\"新政策是什么\"]\nsource = \"测试\"\nconfidence = \"verified\"\n+++\n\n## 内容\n\n- 自2026年10月1日起印花税减半征收。\n";
    let upload = |path: &str, files: Vec<(&'static str, Vec<u8>)>| {
        let form = files.into_iter().fold(reqwest::multipart::Form::new(), |form, (name, bytes)| {
            form.part("file", reqwest::multipart::Part::bytes(bytes).file_name(name))
        });
        publicity.post(web.url(path)).multipart(form).send()
    };
    let dry: Value = upload("/api/v1/documents?dry_run=true", vec![("new.md", text.into()), ("old.doc", b"x".to_vec())])
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!((dry["found"]["files"].as_u64(), dry["found"]["refused"].as_array().unwrap().len()), (Some(1), 1), "{dry}");
    let refused = upload("/api/v1/documents", vec![("new.md", text.into()), ("old.doc", b"x".to_vec())]).await.unwrap();
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("old.doc"));
    let drafts = || async {
        let list: Value = publicity.get(web.url("/api/v1/documents?publication=draft")).send().await.unwrap().json().await.unwrap();
        list["items"].as_array().unwrap().len()
    };
    assert_eq!(drafts().await, 0, "nothing of a refused upload is stored");
    let response = upload("/api/v1/documents", vec![("new.md", text.into())]).await.unwrap();
    assert_eq!(response.status(), 201);
    let stored: Value = response.json().await.unwrap();
    let bulletin = stored["stored"][0]["bulletin"].as_str().unwrap().to_owned();
    assert_eq!(drafts().await, 1);
    assert_eq!(web.client.get(web.url("/api/v1/documents/new")).send().await.unwrap().status(), 404, "a draft is for staff");
    assert_eq!(publicity.get(web.url("/api/v1/documents/new")).send().await.unwrap().status(), 200);
    let content = web.broadcasts.bulletin(&bulletin).await.unwrap().content;
    assert_eq!(content.number.as_deref(), Some("国家税务总局公告2026年第99号"));
    assert!(content.body.contains("印花税减半"), "{}", content.body);
    let again: Value = upload("/api/v1/documents", vec![("new.md", text.into())]).await.unwrap().json().await.unwrap();
    assert_eq!(again["stored"][0]["bulletin"], Value::Null, "no second bulletin");

    let now = web.clock.now();
    let author = Actor { id: "u1".to_owned(), name: "甲".to_owned() };
    let approver = Actor { id: "u2".to_owned(), name: "乙".to_owned() };
    web.broadcasts.submit_bulletin(&bulletin, &author, now).await.unwrap();
    web.broadcasts.approve_bulletin(&bulletin, None, &approver, now).await.unwrap();
    assert!(web.freshness.refresh_if_changed().await.unwrap());
    assert_eq!(web.client.get(web.url("/api/v1/documents/new")).send().await.unwrap().status(), 200);
    assert_eq!(web.ask("国家税务总局公告2026年第99号").await["citations"][0]["document"], "new");
    let changed = text.replace("减半", "免征");
    assert_eq!(upload("/api/v1/documents", vec![("new.md", changed.into())]).await.unwrap().status(), 409);
}

async fn a_group(web: &TestWeb) {
    let mut tx = web.store.begin().await.unwrap();
    channels::ensure(&mut tx, ChannelKind::Print, "1", "打印群", Scope::Group, true, web.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// A published class next week.
pub async fn a_class(web: &TestWeb, capacity: i64) -> String {
    a_group(web).await;
    let new: NewClass = serde_json::from_value(json!({
        "title": "增值税入门", "starts_at": "2026-12-01T14:00:00+08:00", "ends_at": "2026-12-01T16:00:00+08:00",
        "place": "办税服务厅三楼", "capacity": capacity, "targets": { "tags": ["*"] }, "trainer": "张老师"
    }))
    .unwrap();
    assert_eq!(new.targets, Targets { channels: Vec::new(), tags: vec!["*".to_owned()] });
    let trainer = Actor { id: "u1".to_owned(), name: "张老师".to_owned() };
    let now: Timestamp = web.clock.now();
    let class = web.broadcasts.create_class(new, &trainer, now).await.unwrap();
    web.broadcasts.publish_class(&class.id, &trainer, now).await.unwrap();
    class.id
}

async fn enrol(web: &TestWeb, class: &str, name: &str, cookie: Option<&str>) -> reqwest::Response {
    let mut request = web.client.post(web.url(&format!("/classes/{class}/enrol"))).form(&[("name", name)]);
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn staff_see_what_expires_or_wants_review_and_everybody_else_does_not() {
    let web = serve().await;
    let auditor = web.staff(Role::Auditor).await;
    let due: Value = auditor.get(web.url("/api/v1/documents/due?days=366")).send().await.unwrap().json().await.unwrap();
    let due = due.as_array().unwrap();
    let days: Vec<&str> = due.iter().map(|due| due["on"].as_str().unwrap()).collect();
    assert!(!days.is_empty() && days.is_sorted(), "{due:?}");
    assert!(due.iter().all(|due| due["kind"] == "expiry" || due["kind"] == "review"));
    assert_eq!(web.client.get(web.url("/api/v1/documents/due")).send().await.unwrap().status(), 401);
    assert_eq!(auditor.get(web.url("/api/v1/documents/due?days=367")).send().await.unwrap().status(), 422);
}
