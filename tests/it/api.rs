//! The API's manners: who may, what is refused and how, pages, limits.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use taxhome::domain::staff::Role;

use crate::harness::web::{KNOWN, UNKNOWN, bearer, serve, serve_with};

#[tokio::test]
async fn a_question_is_answered_with_its_source() {
    let web = serve().await;
    let answer = web.ask(KNOWN).await;
    assert_eq!(answer["decision"], "answered");
    assert!(answer["lead"].as_str().unwrap().contains("10万元"));
    assert!(answer["answer"].as_str().unwrap().starts_with(answer["lead"].as_str().unwrap()));
    assert_eq!(answer["as_of"], "2026-11-24");
    let citation = &answer["citations"][0];
    assert_eq!(citation["document"], "vat-threshold");
    assert_eq!(citation["number"], "财政部 税务总局公告2026年第10号");
    assert_eq!(citation["validity"], "in_force");
    assert!(citation["link"].as_str().unwrap().starts_with("/policies/vat-threshold#p"));
}

#[tokio::test]
async fn the_same_answer_comes_as_a_stream_of_events() {
    let web = serve().await;
    let request = web.client.post(web.url("/api/v1/questions")).header("accept", "text/event-stream");
    let response = request.json(&json!({ "question": KNOWN, "session": "visit-1" })).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let text = response.text().await.unwrap();
    let names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(names.first(), Some(&"status"));
    assert_eq!(names.get(1), Some(&"lead"));
    assert!(names.contains(&"citation"));
    assert_eq!(names.last(), Some(&"done"));
    let whole: Value = serde_json::from_str(text.lines().rev().find_map(|line| line.strip_prefix("data: ")).unwrap()).unwrap();
    let asked_plainly = web.ask(KNOWN).await;
    assert_eq!((&whole["answer"], &whole["citations"]), (&asked_plainly["answer"], &asked_plainly["citations"]));
}

#[tokio::test]
async fn a_question_over_2000_characters_is_refused_politely() {
    let web = serve().await;
    let long = "税".repeat(2001);
    let response = web.client.post(web.url("/api/v1/questions")).json(&json!({ "question": long })).send().await.unwrap();
    let problem = problem(response, 422).await;
    assert_eq!(problem["field"], "question");
    assert!(problem["detail"].as_str().unwrap().contains("2000 字以内"));
    assert_eq!(
        web.client.post(web.url("/api/v1/questions")).json(&json!({ "question": "税".repeat(2000) })).send().await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn feedback_is_kept_and_the_last_word_counts() {
    let web = serve().await;
    let id = web.ask(KNOWN).await["id"].as_str().unwrap().to_owned();
    let address = web.url(&format!("/api/v1/answers/{id}/feedback"));
    for useful in [true, false] {
        let response = web.client.post(&address).json(&json!({ "useful": useful })).send().await.unwrap();
        assert_eq!(response.status(), 200);
    }
    let gaps: Value = web.staff(Role::Desk).await.get(web.url("/api/v1/gaps")).send().await.unwrap().json().await.unwrap();
    assert_eq!(gaps["items"][0]["question"], KNOWN);
    assert_eq!(gaps["items"][0]["useless"], 1);
    let nobody = web.client.post(web.url("/api/v1/answers/ans_none/feedback")).json(&json!({ "useful": true })).send().await.unwrap();
    problem(nobody, 404).await;
}

#[tokio::test]
async fn unanswered_questions_are_listed_with_their_count() {
    let web = serve().await;
    for _ in 0..3 {
        assert_eq!(web.ask(UNKNOWN).await["decision"], "abstained");
    }
    web.ask(KNOWN).await;
    let gaps: Value = web.staff(Role::Auditor).await.get(web.url("/api/v1/gaps")).send().await.unwrap().json().await.unwrap();
    assert_eq!(gaps["items"].as_array().unwrap().len(), 1);
    assert_eq!(gaps["items"][0]["question"], UNKNOWN);
    assert_eq!(gaps["items"][0]["count"], 3);
}

#[tokio::test]
async fn every_refusal_is_a_problem_that_says_what_to_change() {
    let web = serve().await;
    let publicity = web.staff(Role::Publicity).await;
    let channels = web.url("/api/v1/channels");
    problem(web.client.get(web.url("/api/v1/nothing")).send().await.unwrap(), 404).await;
    problem(web.client.get(web.url("/api/nothing")).send().await.unwrap(), 404).await;
    problem(web.client.delete(web.url("/api/v1/questions")).send().await.unwrap(), 405).await;
    problem(publicity.post(&channels).body("{}").send().await.unwrap(), 415).await;
    let json_body = |text: &'static str| publicity.post(&channels).header("content-type", "application/json").body(text);
    let broken = problem(json_body("{\"kind\":").send().await.unwrap(), 400).await;
    assert!(broken["detail"].as_str().unwrap().contains("第 1 行"), "{broken}");
    let missing = problem(json_body(r#"{"kind":"print","title":"甲"}"#).send().await.unwrap(), 422).await;
    assert_eq!((missing["field"].as_str(), missing["detail"].as_str()), (Some("address"), Some("缺少必填项 address")));
    let unknown = problem(json_body(r#"{"kind":"print","adress":"1","title":"甲"}"#).send().await.unwrap(), 422).await;
    assert_eq!(unknown["field"], "adress");
    assert!(unknown["detail"].as_str().unwrap().contains("可用的是"), "{unknown}");
    let kind = problem(json_body(r#"{"kind":"fax","address":"1","title":"甲"}"#).send().await.unwrap(), 422).await;
    assert!(kind["detail"].as_str().unwrap().contains("“fax”") && kind["field"] == "kind", "{kind}");
    let typed = problem(json_body(r#"{"kind":"print","address":1,"title":"甲"}"#).send().await.unwrap(), 422).await;
    assert!(typed["detail"].as_str().unwrap().contains("文字") && typed["field"] == "address", "{typed}");
    let telegram = problem(json_body(r#"{"kind":"telegram","address":"@group","title":"甲"}"#).send().await.unwrap(), 422).await;
    assert!(telegram["detail"].as_str().unwrap().contains("-100"), "{telegram}");
    let huge = publicity.post(&channels).header("content-type", "application/json").body(" ".repeat(2 * 1024 * 1024));
    problem(huge.send().await.unwrap(), 413).await;
    let limit = problem(publicity.get(format!("{channels}?limit=101")).send().await.unwrap(), 422).await;
    assert_eq!(limit["field"], "limit");
    let days = web.staff(Role::Admin).await.post(web.url("/api/v1/tokens")).json(&json!({ "user": "admin", "days": 0 }));
    assert_eq!(problem(days.send().await.unwrap(), 422).await["field"], "days");
}

#[tokio::test]
async fn every_staff_route_wants_a_token_and_an_auditor_changes_nothing() {
    let web = serve().await;
    let auditor = web.staff(Role::Auditor).await;
    let description: Value = web.client.get(web.url("/openapi.json")).send().await.unwrap().json().await.unwrap();
    let mut seen = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation["security"].as_array().is_none_or(Vec::is_empty) {
                continue;
            }
            seen += 1;
            let method: reqwest::Method = method.to_uppercase().parse().unwrap();
            let address = web.url(&path.replace("{id}", "nothing"));
            let without = web.client.request(method.clone(), &address).json(&json!({})).send().await.unwrap();
            assert_eq!(without.status(), 401, "{method} {path} without a token");
            if method != reqwest::Method::GET {
                let response = auditor.request(method.clone(), &address).json(&json!({})).send().await.unwrap();
                assert!(!response.status().is_success(), "{method} {path} by an auditor: {}", response.status());
            }
        }
    }
    assert!(seen >= 8, "only {seen} staff routes in the description");
}

#[tokio::test]
async fn a_token_is_refused_when_wrong_expired_or_revoked() {
    let web = serve().await;
    let users = web.url("/api/v1/users");
    let admin = web.staff(Role::Admin).await;
    let token = web.token(Role::Desk).await;
    let forged = format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { '1' } else { '0' });
    for wrong in ["", "nonsense", &forged, "th_"] {
        problem(bearer(wrong).get(&users).send().await.unwrap(), 401).await;
    }
    let made: Value =
        admin.post(web.url("/api/v1/tokens")).json(&json!({ "user": "desk", "days": 2 })).send().await.unwrap().json().await.unwrap();
    let holder = bearer(made["secret"].as_str().unwrap());
    assert_eq!(holder.get(&users).send().await.unwrap().status(), 200);
    web.clock.advance(Duration::from_secs(2 * 24 * 3600));
    problem(holder.get(&users).send().await.unwrap(), 401).await;
    let listed: Value = admin.get(web.url("/api/v1/tokens")).send().await.unwrap().json().await.unwrap();
    let kept = listed["items"].as_array().unwrap().iter().find(|item| item["id"] == made["id"]).unwrap();
    assert!(kept["last_used_at"].is_string() && kept.get("secret").is_none());

    let again: Value = admin.post(web.url("/api/v1/tokens")).json(&json!({ "user": "desk" })).send().await.unwrap().json().await.unwrap();
    let revoked = admin.delete(web.url(&format!("/api/v1/tokens/{}", again["id"].as_str().unwrap()))).send().await.unwrap();
    assert_eq!(revoked.status(), 204);
    problem(bearer(again["secret"].as_str().unwrap()).get(&users).send().await.unwrap(), 401).await;
}

#[tokio::test]
async fn a_role_does_only_what_is_its_own() {
    let web = serve().await;
    let channel = json!({ "kind": "print", "address": "1", "title": "甲" });
    for (role, status) in
        [(Role::Publicity, 201), (Role::Admin, 201), (Role::Approver, 403), (Role::Trainer, 403), (Role::Desk, 403), (Role::Auditor, 403)]
    {
        let response = web.staff(role).await.post(web.url("/api/v1/channels")).json(&channel).send().await.unwrap();
        assert_eq!(response.status(), status, "{role:?}");
    }
    let user = json!({ "name": "新人", "role": "desk" });
    let refused = web.staff(Role::Publicity).await.post(web.url("/api/v1/users")).json(&user).send().await.unwrap();
    assert!(problem(refused, 403).await["detail"].as_str().unwrap().contains("管理人员和令牌"));
    let admin = web.staff(Role::Admin).await;
    assert_eq!(admin.post(web.url("/api/v1/users")).json(&user).send().await.unwrap().status(), 201);
    problem(admin.post(web.url("/api/v1/users")).json(&user).send().await.unwrap(), 409).await;
}

#[tokio::test]
async fn a_channel_is_registered_changed_and_listed() {
    let web = serve().await;
    let publicity = web.staff(Role::Publicity).await;
    let new = json!({ "kind": "telegram", "address": "-1001", "title": "园区群", "tags": ["园区", "园区", "小规模"] });
    let made: Value = publicity.post(web.url("/api/v1/channels")).json(&new).send().await.unwrap().json().await.unwrap();
    assert_eq!(made["tags"], json!(["园区", "小规模"]));
    assert_eq!(made["is_target"], true);
    let address = web.url(&format!("/api/v1/channels/{}", made["id"].as_str().unwrap()));
    let change = json!({ "title": "高新园区群", "answers": false, "thread": "7" });
    let changed: Value = publicity.patch(&address).json(&change).send().await.unwrap().json().await.unwrap();
    assert_eq!((changed["title"].as_str(), &changed["answers"], &changed["thread"]), (Some("高新园区群"), &json!(false), &json!("7")));
    assert_eq!(changed["tags"], made["tags"], "what is left out stays");
    problem(publicity.patch(web.url("/api/v1/channels/none")).json(&json!({})).send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn lists_come_in_pages_without_gaps_or_repeats() {
    let web = serve().await;
    let publicity = web.staff(Role::Publicity).await;
    for number in 0..7 {
        let new = json!({ "kind": "print", "address": number.to_string(), "title": format!("群{number}") });
        assert_eq!(publicity.post(web.url("/api/v1/channels")).json(&new).send().await.unwrap().status(), 201);
        web.clock.advance(Duration::from_millis(1));
    }
    for (path, expected) in [("/api/v1/channels", 7), ("/api/v1/documents", 3)] {
        let mut found: Vec<String> = Vec::new();
        let mut cursor = String::new();
        loop {
            let page: Value =
                publicity.get(web.url(&format!("{path}?limit=2&cursor={cursor}"))).send().await.unwrap().json().await.unwrap();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 2);
            found.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = next.to_owned();
        }
        assert_eq!(found.len(), expected, "{path}: {found:?}");
        found.sort();
        found.dedup();
        assert_eq!(found.len(), expected, "{path}");
    }
}

#[tokio::test]
async fn a_visitor_who_asks_too_fast_waits_and_others_do_not() {
    let web = serve_with(3).await;
    let ask = |from: &'static str| {
        web.client.post(web.url("/api/v1/questions")).header("x-forwarded-for", from).json(&json!({ "question": KNOWN })).send()
    };
    for _ in 0..3 {
        assert_eq!(ask("203.0.113.7").await.unwrap().status(), 200);
    }
    let refused = ask("203.0.113.7").await.unwrap();
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    problem(refused, 429).await;
    assert_eq!(ask("203.0.113.8").await.unwrap().status(), 200, "another visitor");
    assert_eq!(ask("6.6.6.6, 203.0.113.7").await.unwrap().status(), 429, "what the visitor wrote before the proxy does not count");
    web.clock.advance(Duration::from_secs(wait));
    assert_eq!(ask("203.0.113.7").await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_description_is_complete_and_its_page_needs_no_network() {
    let web = serve().await;
    let description: Value = web.client.get(web.url("/openapi.json")).send().await.unwrap().json().await.unwrap();
    assert_eq!(description["openapi"], "3.1.0");
    assert_eq!(description["info"]["license"]["name"], "MIT");
    assert_eq!(description["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    assert!(description["components"]["schemas"]["Problem"].is_object());
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(is_chinese(operation["summary"].as_str().unwrap_or_default()), "{method} {path} is not named in Chinese");
        }
    }
    let (mut english, mut unsaid) = (BTreeSet::new(), BTreeSet::new());
    descriptions(&description, &mut english, &mut unsaid);
    assert_eq!((english, unsaid), Default::default(), "write the Chinese into src/web/openapi/*.toml");
    // An empty word stands for none; files and events are described as what they are; what is shown with more beside it is not closed.
    let words = |path: &str, place: usize| description["paths"][path]["get"]["parameters"][place]["schema"]["enum"].clone();
    assert_eq!(words("/api/v1/inquiries", 0), json!(["waiting", "human", "closed", ""]));
    let report = &description["paths"]["/api/v1/campaigns/{id}/report"]["get"]["responses"]["200"]["content"];
    assert_eq!(report.as_object().unwrap().len(), 3, "{report}");
    let events = &description["paths"]["/api/v1/bulletins/{id}/progress"]["get"]["responses"]["200"]["content"]["text/event-stream"];
    assert_eq!(events["schema"]["$ref"], "#/components/schemas/Events");
    assert_eq!(description["components"]["schemas"]["CampaignItem"]["additionalProperties"], false);
    let shown = &description["components"]["schemas"]["ItemView"]["allOf"][0];
    assert!(shown["properties"]["title"].is_object() && shown["additionalProperties"].is_null(), "{shown}");
    let docs = web.page("/docs/").await;
    assert!(docs.contains("swagger-ui") && !docs.contains("//cdn") && !docs.contains("https://unpkg"));
}

/// Which descriptions are not Chinese, and which fields and parameters have none.
fn descriptions(value: &Value, english: &mut BTreeSet<String>, unsaid: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| descriptions(item, english, unsaid)),
        Value::Object(parts) => {
            english.extend(parts.get("description").and_then(Value::as_str).filter(|text| !is_chinese(text)).map(str::to_owned));
            let fields = parts.get("properties").and_then(Value::as_object);
            let refers = |field: &Value| field["$ref"].is_string() || field["oneOf"].as_array().is_some_and(|of| !of.is_empty());
            let silent = fields.into_iter().flatten().filter(|(_, field)| field["description"].is_null() && !refers(field));
            unsaid.extend(silent.map(|(name, _)| name.clone()));
            let parameters = parts.get("parameters").and_then(Value::as_array).into_iter().flatten();
            unsaid.extend(parameters.filter(|parameter| parameter["description"].is_null()).map(|parameter| parameter["name"].to_string()));
            parts.values().for_each(|part| descriptions(part, english, unsaid));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[tokio::test]
async fn an_empty_body_of_a_named_type_counts_as_none() {
    let web = serve().await;
    let send =
        web.staff(Role::Publicity).await.post(web.url("/api/v1/bulletins/bul_nothing/send")).header("content-type", "application/json");
    problem(send.send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let web = serve().await;
    for path in [
        "/",
        "/policies",
        "/policies/vat-threshold",
        "/nowhere",
        "/api/v1/documents",
        "/api/v1/nothing",
        "/openapi.json",
        "/assets/app.css",
    ] {
        let response = web.client.get(web.url(path)).send().await.unwrap();
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert!(!header("x-request-id").is_empty(), "{path}");
        if path.starts_with("/api/") {
            assert_eq!(header("cache-control"), "no-store", "{path}");
        }
    }
}

#[tokio::test]
async fn it_says_whether_it_is_alive_and_ready() {
    let web = serve().await;
    assert_eq!(web.page("/healthz").await, "ok");
    assert_eq!(web.client.get(web.url("/readyz")).send().await.unwrap().status(), 200);
    web.serving.close().await;
    let response = web.client.get(web.url("/readyz")).send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "ready": false, "reason": "store" }));
    let failed =
        problem(web.client.post(web.url("/api/v1/answers/x/feedback")).json(&json!({ "useful": true })).send().await.unwrap(), 500).await;
    assert!(!failed.to_string().to_lowercase().contains("pool"), "the cause is hidden: {failed}");
}

#[tokio::test]
async fn the_command_line_makes_the_first_user_and_a_token_that_works() {
    let web = serve().await;
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_taxhome"))
            .args(arguments)
            // The tests' own variable looks like a key of the configuration, and unknown keys are refused.
            .env_remove("TAXHOME_TEST_POSTGRES")
            .env("TAXHOME_DATABASE__URL", web.store.url())
            .env("TAXHOME_DATA_DIR", web.store.dir.path())
            .output()
            .unwrap()
    };
    let added = run(&["user", "add", "张三", "--role", "admin"]);
    assert_eq!((added.status.code(), added.stdout.len()), (Some(0), 0));
    let again = run(&["user", "add", "张三", "--role", "desk"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("已有名为“张三”"));
    assert_eq!(run(&["user", "add", "李四", "--role", "king"]).status.code(), Some(2));
    assert_eq!(run(&["token", "create", "--user", "王五"]).status.code(), Some(1));
    let made = run(&["token", "create", "--user", "张三", "--days", "30"]);
    assert_eq!(made.status.code(), Some(0));
    let printed = String::from_utf8(made.stdout).unwrap();
    assert_eq!(printed.lines().count(), 1, "the token alone: {printed}");
    assert!(printed.starts_with("th_"));
    // The command line lives in real time, the service under test at its own noon: the token must not have expired there.
    let response = bearer(printed.trim()).get(web.url("/api/v1/users")).send().await.unwrap();
    assert_eq!(response.status(), 200);
}

/// What a refusal says, which must be a problem in Chinese.
pub async fn problem(response: reqwest::Response, status: u16) -> Value {
    assert_eq!(response.status(), status, "{}", response.url());
    assert_eq!(response.headers()["content-type"], "application/problem+json", "{}", response.url());
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status);
    assert!(problem["type"].as_str().unwrap().starts_with("urn:taxhome:problem:"), "{problem}");
    assert!(problem["title"].is_string());
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.chars().any(|c| ('一'..='龥').contains(&c)), "not Chinese: {detail}");
    problem
}
