//! A file that was perhaps misread waits apart: no answer comes from it and no approval publishes it before a person has compared it with
//! its source, over the API and in the console alike. What an upload repeats is told before anything is stored.

use serde_json::{Value, json};
use taxhome::broadcasts::Actor;
use taxhome::clock::Clock;
use taxhome::domain::staff::Role;

use crate::harness::web::{TestWeb, serve, shown};

const LAW: &str = "渔船登记管理办法\n\n第一条 渔船应当在每年三月的第一个星期登记。\n\n第二条 本办法自2026年1月1日起施行。\n";
const QUESTION: &str = "渔船登记管理办法第一条";

fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

async fn upload(web: &TestWeb, role: Role, path: &str, files: &[(&str, Vec<u8>)]) -> (u16, Value) {
    let mut form = reqwest::multipart::Form::new();
    for (name, bytes) in files {
        form = form.part("file", reqwest::multipart::Part::bytes(bytes.clone()).file_name((*name).to_owned()));
    }
    let response = web.staff(role).await.post(web.url(path)).multipart(form).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn post(web: &TestWeb, role: Role, path: &str, body: &Value) -> (u16, String) {
    let response = web.staff(role).await.post(web.url(path)).json(body).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn a_group(web: &TestWeb) {
    post(web, Role::Publicity, "/api/v1/channels", &json!({"kind": "print", "address": "1", "title": "打印群", "tags": []})).await;
}

/// Approves a bulletin as somebody else than its author would.
async fn approve(web: &TestWeb, bulletin: &str) -> Result<(), String> {
    let now = web.clock.now();
    let (author, approver) = (Actor { id: "u1".to_owned(), name: "甲".to_owned() }, Actor { id: "u2".to_owned(), name: "乙".to_owned() });
    web.broadcasts.submit_bulletin(bulletin, &author, now).await.map_err(|error| error.to_string())?;
    web.broadcasts.approve_bulletin(bulletin, None, &approver, now).await.map(drop).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_doubtful_file_waits_apart_until_somebody_has_compared_it() {
    let web = serve().await;
    a_group(&web).await;
    let (status, imported) = upload(&web, Role::Publicity, "/api/v1/documents", &[("渔船登记管理办法.txt", gb18030(LAW))]).await;
    assert_eq!(status, 201, "{imported}");
    assert_eq!((&imported["stored"][0]["quarantined"], &imported["stored"][0]["bulletin"]), (&json!(true), &Value::Null), "{imported}");
    let id = imported["stored"][0]["document"].as_str().unwrap().to_owned();
    let held = web.reads(Role::Auditor, "/documents?publication=quarantined").await;
    assert_eq!(held["items"][0]["id"], json!(id), "{held}");
    let one = web.reads(Role::Auditor, &format!("/documents/{id}")).await;
    assert!(one["doubts"].to_string().contains("GB18030"), "{one}");
    web.freshness.refresh_if_changed().await.unwrap();
    assert_ne!(web.ask(QUESTION).await["decision"], "answered");
    assert_eq!(web.client.get(web.url(&format!("/api/v1/documents/{id}"))).send().await.unwrap().status(), 404);

    let path = format!("/api/v1/documents/{id}/release");
    assert_eq!(post(&web, Role::Auditor, &path, &json!({})).await.0, 403);
    assert_eq!(post(&web, Role::Publicity, "/api/v1/documents/nothing/release", &json!({})).await.0, 404);
    let (status, released) = post(&web, Role::Publicity, &path, &json!({})).await;
    assert_eq!(status, 200, "{released}");
    let (status, again) = post(&web, Role::Publicity, &path, &json!({})).await;
    assert!(status == 409 && again.contains("不在待核对中"), "{again}");
    let bulletin = serde_json::from_str::<Value>(&released).unwrap()["bulletin"].as_str().unwrap().to_owned();
    approve(&web, &bulletin).await.unwrap();
    web.freshness.refresh_if_changed().await.unwrap();
    assert_eq!(web.ask(QUESTION).await["citations"][0]["article"], "第一条");
}

#[tokio::test]
async fn an_approval_does_not_publish_what_waits_and_a_clean_copy_takes_its_place() {
    let web = serve().await;
    a_group(&web).await;
    let file = "渔船登记管理办法.txt";
    let (_, clean) = upload(&web, Role::Publicity, "/api/v1/documents", &[(file, LAW.into())]).await;
    let bulletin = clean["stored"][0]["bulletin"].as_str().unwrap().to_owned();
    // The same file again, in a doubtful encoding and with another text, before anybody approved.
    let changed = LAW.replace("三月", "五月");
    let (status, _) = upload(&web, Role::Publicity, "/api/v1/documents", &[(file, gb18030(&changed))]).await;
    assert_eq!(status, 201);
    let refused = approve(&web, &bulletin).await.unwrap_err();
    assert!(refused.contains("待核对"), "{refused}");
    let (_, again) = upload(&web, Role::Publicity, "/api/v1/documents", &[(file, changed.into())]).await;
    assert_eq!((&again["stored"][0]["quarantined"], &again["stored"][0]["bulletin"]), (&json!(false), &Value::Null), "it has its bulletin");
    let approver = Actor { id: "u2".to_owned(), name: "乙".to_owned() };
    web.broadcasts.approve_bulletin(&bulletin, None, &approver, web.clock.now()).await.unwrap();
    web.freshness.refresh_if_changed().await.unwrap();
    assert!(web.ask(QUESTION).await["lead"].as_str().unwrap().contains("五月"));
}

#[tokio::test]
async fn in_the_console_it_is_compared_and_released_or_given_up() {
    let web = serve().await;
    a_group(&web).await;
    let staff = web.logged_in(Role::Publicity).await;
    let files =
        [("渔船登记管理办法.txt", gb18030(LAW)), ("渔网管理办法.txt", gb18030(&LAW.replace("渔船登记", "渔网").replace("渔船", "渔网")))];
    let form = files.iter().fold(reqwest::multipart::Form::new(), |form, (name, bytes)| {
        form.part("file", reqwest::multipart::Part::bytes(bytes.clone()).file_name((*name).to_owned()))
    });
    let url = format!("{}/console/documents/import?csrf={}", staff.base, staff.csrf);
    let path = shown(staff.client.post(url).multipart(form).send().await.unwrap()).await.to;
    let report = loop {
        let page = staff.page(&path).await;
        if !page.contains("正在读取") {
            break page;
        }
        tokio::task::yield_now().await;
    };
    assert!(report.contains("按 GB18030 读取，请核对"), "{report}");
    let list = staff.does(&path, &[]).await;
    assert!(list.contains("其中 2 份文字可疑") && list.contains("渔网管理办法"), "{list}");
    let page = staff.page("/console/documents/渔船登记管理办法").await;
    assert!(page.contains("请对照原件逐段核对") && page.contains("三月的第一个星期") && page.contains("GB18030"), "{page}");
    let auditor = web.logged_in(Role::Auditor).await;
    assert!(!auditor.page("/console/documents/渔船登记管理办法").await.contains("核对无误"));
    assert_eq!(auditor.post("/console/documents/渔船登记管理办法/release", &[]).await.status, 403);
    let drafts = staff.does("/console/documents/渔船登记管理办法/release", &[]).await;
    assert!(drafts.contains("已核对，转为待发布") && drafts.contains("渔船登记管理办法"), "{drafts}");
    let left = staff.does("/console/documents/渔网管理办法/discard", &[]).await;
    assert!(left.contains("已弃用") && !left.contains("/console/documents/渔网管理办法\""), "{left}");
    assert_eq!(staff.post("/console/documents/渔网管理办法/release", &[]).await.status, 409);
    let audit = web.logged_in(Role::Auditor).await.page("/console/audit").await;
    assert!(audit.contains("文件核对无误") && audit.contains("文件弃用"), "{audit}");
}

#[tokio::test]
async fn a_dry_run_tells_what_is_known_already_and_stores_nothing() {
    let web = serve().await;
    let known = std::fs::read(web.store.dir.path().join("knowledge/policies/vat-threshold.md")).unwrap();
    let version = String::from_utf8(known.clone()).unwrap().replace("10万元", "12万元");
    let dated = "# 测试管理办法\n\n2024年5月1日公布\n\n第一条 甲。\n\n第二条 乙。\n";
    let files = [
        ("vat-threshold.md", known.clone()),
        ("copy.md", known),
        ("later.md", version.into_bytes()),
        ("测试管理办法(2023-01-01).md", dated.into()),
        ("渔船登记管理办法.txt", gb18030(LAW)),
        ("a.doc", b"x".to_vec()),
    ];
    let (status, report) = upload(&web, Role::Publicity, "/api/v1/documents?dry_run=true", &files).await;
    assert_eq!(status, 200, "{report}");
    let item = |file: &str| report["found"]["items"].as_array().unwrap().iter().find(|item| item["file"] == file).unwrap().clone();
    for (file, says) in [
        ("vat-threshold.md", "知识库里已有，内容没有变化"),
        ("copy.md", "与知识库里的《小规模纳税人增值税起征点》内容相同"),
        ("later.md", "与“小规模纳税人增值税起征点”文号相同"),
        ("测试管理办法(2023-01-01).md", "文件名的日期 2023-01-01 早于正文的 2024-05-01"),
        ("测试管理办法(2023-01-01).md", "缺文号"),
        ("渔船登记管理办法.txt", "请核对"),
    ] {
        assert!(item(file)["doubts"].to_string().contains(says), "{file}, {says}: {report}");
    }
    assert_eq!(item("copy.md")["duplicate_of"], "vat-threshold.md");
    assert_eq!(item("渔船登记管理办法.txt")["doubtful"], true);
    assert_eq!(item("测试管理办法(2023-01-01).md")["passages"], 2);
    assert!(report["found"]["refused"][0].as_str().unwrap().contains("a.doc"));
    let drafts = web.reads(Role::Auditor, "/documents?publication=quarantined").await;
    assert_eq!(drafts["items"], json!([]));
}
