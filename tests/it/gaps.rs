//! F38 to F40 and F13: what was not answered comes together and is counted; one person drafts, another approves; who asked is told once,
//! and asking again gives the approved words; who follows an answer hears of its changes.

use std::time::Duration;

use serde_json::{Value, json};
use taxhome::clock::Clock;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::service::Service;
use crate::harness::web::{KNOWN, TestWeb, serve};

const MORNING: &str = "2026-11-24T09:30:00+08:00";
const ASKER: i64 = 11;
const SECOND: i64 = 12;
const STAFF: i64 = -1009;
const YACHT: &str = "进口二手游艇的关税怎么算";
const YACHT_OTHERWISE: &str = "请问二手游艇进口的关税怎么算啊";

async fn gaps(web: &TestWeb, state: &str) -> Vec<Value> {
    let url = web.url(&format!("/api/v1/gaps?state={state}"));
    let found: Value = web.staff(Role::Desk).await.get(url).send().await.unwrap().json().await.unwrap();
    found["items"].as_array().unwrap().clone()
}

async fn post(web: &TestWeb, role: Role, path: &str, body: &Value) -> (u16, Value) {
    let response = web.staff(role).await.post(web.url(&format!("/api/v1{path}"))).json(body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn asks(service: &Service, person: i64, text: &str) {
    service.telegram.says(person, person, text);
    service.converse().await;
    service.clock.advance(Duration::from_secs(5));
}

fn last(service: &Service, chat: i64) -> String {
    service.said(chat).pop().unwrap_or_default()
}

async fn turn(service: &Service) {
    service.app.gaps.run_once(service.clock.now()).await.unwrap();
    service.deliver().await;
}

async fn started() -> Service {
    let service = Service::at(MORNING).await;
    service.telegram.private(ASKER, "甲");
    service.telegram.private(SECOND, "乙");
    service
}

/// The only gap there is.
async fn the_gap(service: &Service) -> Value {
    let listed = service.staff("李雷", Role::Desk).await.get("/gaps").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    listed["items"][0].clone()
}

fn draft(answer: &str) -> Value {
    json!({"question": "进口二手游艇怎么缴税", "answer": answer, "passages": [{"document": "vat-threshold", "passage": 0}]})
}

#[tokio::test]
async fn like_questions_come_together_the_most_asked_first() {
    let web = serve().await;
    web.ask("火星上种土豆怎么备案").await;
    for question in [YACHT, YACHT_OTHERWISE, YACHT] {
        web.clock.advance(Duration::from_secs(60));
        assert_eq!(web.ask(question).await["decision"], "abstained", "{question}");
    }
    let listed = gaps(&web, "to_do").await;
    let counted: Vec<(&str, i64)> = listed.iter().map(|gap| (gap["question"].as_str().unwrap(), gap["count"].as_i64().unwrap())).collect();
    assert_eq!(counted, [(YACHT, 3), ("火星上种土豆怎么备案", 1)]);
    let id = listed[0]["id"].as_str().unwrap();
    let one: Value = web.staff(Role::Auditor).await.get(web.url(&format!("/api/v1/gaps/{id}"))).send().await.unwrap().json().await.unwrap();
    assert_eq!((&one["wordings"][0]["wording"], &one["wordings"][0]["asked"]), (&json!(YACHT), &json!(2)));
    assert_eq!(one["wordings"][1]["wording"], YACHT_OTHERWISE);
}

#[tokio::test]
async fn useless_makes_a_gap_and_taking_it_back_ends_it() {
    let web = serve().await;
    let id = web.ask(KNOWN).await["id"].as_str().unwrap().to_owned();
    assert!(gaps(&web, "").await.is_empty());
    let address = web.url(&format!("/api/v1/answers/{id}/feedback"));
    for (useful, expected) in [(false, 1), (true, 0), (false, 1)] {
        assert_eq!(web.client.post(&address).json(&json!({"useful": useful})).send().await.unwrap().status(), 200);
        let listed = gaps(&web, "").await;
        assert_eq!(listed.len(), expected, "{useful}: {listed:?}");
        assert!(listed.iter().all(|gap| gap["useless"] == 1 && gap["count"] == 1));
    }
}

#[tokio::test]
async fn a_dismissed_gap_stays_quiet_until_it_has_grown() {
    let web = serve().await;
    web.ask(YACHT).await;
    let id = gaps(&web, "").await[0]["id"].as_str().unwrap().to_owned();
    let dismiss = format!("/gaps/{id}/dismiss");
    let (status, why) = post(&web, Role::Desk, &dismiss, &json!({"reason": " "})).await;
    assert!(status == 422 && why["field"] == "reason", "{why}");
    assert_eq!(post(&web, Role::Approver, &dismiss, &json!({"reason": "不归税务局管"})).await.0, 403);
    assert_eq!(post(&web, Role::Desk, &dismiss, &json!({"reason": "不归税务局管"})).await.0, 200);
    for grown in [false, false, true] {
        web.ask(YACHT_OTHERWISE).await;
        let open = gaps(&web, "open").await;
        assert_eq!(open.len(), usize::from(grown), "{open:?}");
    }
    let again = gaps(&web, "open").await;
    assert!(again[0]["count"] == 4 && again[0]["note"] == "又有很多人问", "{again:?}");
    post(&web, Role::Desk, &dismiss, &json!({"reason": "请拨海关 12360"})).await;
    assert_eq!(post(&web, Role::Desk, &format!("/gaps/{id}/reopen"), &json!({})).await.1["state"], "open");
    let (status, why) = post(&web, Role::Desk, &format!("/gaps/{id}/reopen"), &json!({})).await;
    assert!(status == 409 && why["detail"].as_str().unwrap().contains("已忽略"), "{why}");
}

#[tokio::test]
async fn a_question_handed_to_a_person_is_a_gap_and_counts_once() {
    let service = started().await;
    service.staff("管理员", Role::Admin).await.register(STAFF, "12366坐席", &["坐席"]).await;
    asks(&service, ASKER, YACHT).await;
    asks(&service, ASKER, "转人工").await;
    assert!(last(&service, STAFF).contains(YACHT), "{}", last(&service, STAFF));
    let gap = the_gap(&service).await;
    assert_eq!((&gap["count"], &gap["handed_off"]), (&json!(1), &json!(1)), "{gap}");
    asks(&service, SECOND, &format!("转人工 {YACHT_OTHERWISE}")).await;
    let gap = the_gap(&service).await;
    assert_eq!((&gap["count"], &gap["handed_off"]), (&json!(2), &json!(2)), "{gap}");
}

#[tokio::test]
async fn a_draft_needs_sources_that_hold_and_have_its_figures_and_another_person() {
    let web = serve().await;
    web.ask(YACHT).await;
    let id = gaps(&web, "").await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/gaps/{id}/draft");
    for (body, field, told) in [
        (json!({"question": "游艇", "answer": "要缴税。", "passages": []}), "passages", "请勾选答复所依据的段落"),
        (draft("月销售额没有达到15万元的免税。"), "answer", "“15万元”在勾选的依据里没有找到"),
        (draft("电话 13812345678 咨询。"), "answer", "13812345678"),
        (json!({"question": "游艇", "answer": "免征。", "passages": [{"document": "vat-2023", "passage": 0}]}), "passages", "不能作为依据"),
        (json!({"question": "游艇", "answer": "免征。", "passages": [{"document": "nothing", "passage": 0}]}), "passages", "没有“nothing”"),
    ] {
        let (status, why) = post(&web, Role::Desk, &path, &body).await;
        assert!(status == 422 && why["field"] == field, "{body}: {why}");
        assert!(why["detail"].as_str().unwrap().contains(told) || told == "13812345678", "{why}");
    }
    // The same figure written otherwise is the same figure.
    let (status, drafted) = post(&web, Role::Admin, &path, &draft("月销售额不到100,000元的，免征增值税。")).await;
    assert_eq!((status, drafted["revision"].as_i64()), (200, Some(1)), "{drafted}");
    assert_eq!(gaps(&web, "drafting").await.len(), 1);
    let approve = format!("/gaps/{id}/approve");
    assert_eq!(post(&web, Role::Admin, &approve, &json!({"revision": 1})).await.0, 403, "an admin does not approve");
    let (status, why) = post(&web, Role::Approver, &approve, &json!({"revision": 7})).await;
    assert!(status == 409 && why["detail"].as_str().unwrap().contains("有改动"), "{why}");
    assert_eq!(post(&web, Role::Approver, &format!("/gaps/{id}/return"), &json!({"reason": "请写明期限"})).await.0, 200);
    assert_eq!(post(&web, Role::Approver, &approve, &json!({"revision": 1})).await.0, 409, "what was sent back is not approved");
    post(&web, Role::Desk, &path, &draft("月销售额没有达到10万元的，免征增值税。")).await;
    let (status, gap) = post(&web, Role::Approver, &approve, &json!({"revision": 2})).await;
    assert_eq!((status, &gap["state"]), (200, &json!("published")), "{gap}");
    let answer = web.ask(YACHT).await;
    assert_eq!((&answer["decision"], &answer["lead"]), (&json!("answered"), &json!("月销售额没有达到10万元的，免征增值税。")), "{answer}");
}

#[tokio::test]
async fn one_may_not_approve_what_one_drafted_in_an_earlier_role() {
    let web = serve().await;
    web.ask(YACHT).await;
    let id = gaps(&web, "").await[0]["id"].as_str().unwrap().to_owned();
    post(&web, Role::Desk, &format!("/gaps/{id}/draft"), &draft("月销售额没有达到10万元的，免征增值税。")).await;
    let users: Value = web.staff(Role::Admin).await.get(web.url("/api/v1/users")).send().await.unwrap().json().await.unwrap();
    let desk = users["items"].as_array().unwrap().iter().find(|user| user["name"] == "desk").unwrap()["id"].as_str().unwrap().to_owned();
    let changed = web.staff(Role::Admin).await.patch(web.url(&format!("/api/v1/users/{desk}"))).json(&json!({"role": "approver"}));
    assert_eq!(changed.send().await.unwrap().status(), 200);
    let (status, why) = post(&web, Role::Desk, &format!("/gaps/{id}/approve"), &json!({"revision": 1})).await;
    assert!(status == 403 && why["detail"].as_str().unwrap().contains("起草人自己"), "{status} {why}");
}

#[tokio::test]
async fn who_asked_is_told_once_and_asking_again_gives_the_approved_words() {
    let mut service = started().await;
    service.telegram.private(13, "丙");
    for (person, question) in [(ASKER, YACHT), (SECOND, YACHT_OTHERWISE), (13, YACHT)] {
        asks(&service, person, question).await;
    }
    asks(&service, 13, "/答复提醒 关").await;
    assert!(last(&service, 13).contains("不再主动告诉您"), "{}", last(&service, 13));
    let id = the_gap(&service).await["id"].as_str().unwrap().to_owned();
    let answer = "月销售额没有达到10万元的，免征增值税。\n具体请到办税服务厅咨询。";
    service.staff("李雷", Role::Desk).await.does(&format!("/gaps/{id}/draft"), &draft(answer)).await;
    let approver = service.staff("王审", Role::Approver).await;
    approver.does(&format!("/gaps/{id}/approve"), &json!({"revision": 1, "unit": "某县税务局货物和劳务税股"})).await;
    service.deliver().await;
    for (person, question) in [(ASKER, YACHT), (SECOND, YACHT_OTHERWISE)] {
        let told = last(&service, person);
        assert!(told.contains(&format!("您之前问的“{question}”，现在有答复了")), "{told}");
        assert!(told.contains("免征增值税") && told.contains("某县税务局货物和劳务税股于2026年11月24日审核"), "{told}");
    }
    assert!(!last(&service, 13).contains("现在有答复"), "opted out");
    let said = service.said(ASKER).len();
    service.restart().await;
    turn(&service).await;
    turn(&service).await;
    assert_eq!(service.said(ASKER).len(), said, "told once");

    asks(&service, 13, "二手游艇进口关税怎么算").await;
    let answered = last(&service, 13);
    assert!(
        answered.contains("具体请到办税服务厅咨询。") && answered.contains("某县税务局货物和劳务税股于2026年11月24日审核"),
        "{answered}"
    );
    let listed = service.staff("李雷", Role::Desk).await.get("/gaps?state=published").await;
    assert_eq!(listed["items"][0]["settled_by"], "王审");
    let audit = service.staff("审计", Role::Auditor).await.get(&format!("/audit?subject={id}")).await;
    let actions: Vec<&str> = audit["items"].as_array().unwrap().iter().filter_map(|row| row["action"].as_str()).collect();
    assert_eq!(actions, ["gap.approve", "gap.draft"], "{audit}");
}

#[tokio::test]
async fn nobody_is_told_while_a_person_talks_with_them_but_afterwards() {
    let service = started().await;
    service.staff("管理员", Role::Admin).await.register(STAFF, "12366坐席", &["坐席"]).await;
    asks(&service, ASKER, &format!("转人工 {YACHT}")).await;
    let desk = service.staff("李雷", Role::Desk).await;
    let inquiry = desk.get("/inquiries").await["items"][0]["id"].as_str().unwrap().to_owned();
    desk.does(&format!("/inquiries/{inquiry}/take"), &json!({})).await;
    let id = the_gap(&service).await["id"].as_str().unwrap().to_owned();
    desk.does(&format!("/gaps/{id}/draft"), &draft("月销售额没有达到10万元的，免征增值税。")).await;
    service.staff("王审", Role::Approver).await.does(&format!("/gaps/{id}/approve"), &json!({"revision": 1})).await;
    turn(&service).await;
    assert!(!last(&service, ASKER).contains("现在有答复"), "{}", last(&service, ASKER));
    desk.does(&format!("/inquiries/{inquiry}/close"), &json!({})).await;
    turn(&service).await;
    assert!(last(&service, ASKER).contains("现在有答复"), "{}", last(&service, ASKER));
}

#[tokio::test]
async fn who_follows_an_answer_hears_when_it_is_reworded_its_source_changes_and_it_lapses() {
    let service = started().await;
    asks(&service, ASKER, YACHT).await;
    let id = the_gap(&service).await["id"].as_str().unwrap().to_owned();
    let desk = service.staff("李雷", Role::Desk).await;
    let approver = service.staff("王审", Role::Approver).await;
    desk.does(&format!("/gaps/{id}/draft"), &draft("月销售额没有达到10万元的，免征增值税。")).await;
    approver.does(&format!("/gaps/{id}/approve"), &json!({"revision": 1})).await;
    turn(&service).await;
    for person in [ASKER, SECOND] {
        asks(&service, person, YACHT).await;
    }
    let posted = service.telegram.messages(ASKER).pop().unwrap();
    let answer = answer_of(&service, ASKER).await;
    service.telegram.taps(ASKER, ASKER, posted.id, &format!("follow:{answer}"));
    service.converse().await;

    let (mine, others) = (service.said(ASKER).len(), service.said(SECOND).len());
    turn(&service).await;
    assert_eq!(service.said(ASKER).len(), mine, "nothing changed yet");
    desk.does(&format!("/gaps/{id}/draft"), &draft("月销售额没有达到10万元的，免征增值税，超过的全额计税。")).await;
    approver.does(&format!("/gaps/{id}/approve"), &json!({"revision": 1})).await;
    turn(&service).await;
    assert!(last(&service, ASKER).contains("有修改") && last(&service, ASKER).contains("超过的全额计税"), "{}", last(&service, ASKER));
    turn(&service).await;
    assert_eq!(service.said(ASKER).len(), mine + 1, "once");

    let file = service.store.dir.path().join("knowledge/policies/vat-threshold.md");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("计算缴纳增值税。", "计算缴纳增值税，并按期申报。")).unwrap();
    assert!(service.app.freshness.refresh_if_changed().await.unwrap());
    turn(&service).await;
    assert!(last(&service, ASKER).contains("所依据的文件有变化"), "{}", last(&service, ASKER));
    let listed = desk.get("/gaps?state=open").await;
    assert!(listed["items"][0]["note"].as_str().unwrap().contains("请核对答复"), "staff look at it again: {listed}");

    // Its source ends with 2027; who got it within 30 days hears, who got it earlier does not.
    service.clock.set(Timestamp::parse("2027-12-20T09:00:00+08:00").unwrap());
    asks(&service, ASKER, YACHT).await;
    assert!(last(&service, ASKER).contains("超过的全额计税"), "{}", last(&service, ASKER));
    service.clock.set(Timestamp::parse("2028-01-02T09:00:00+08:00").unwrap());
    turn(&service).await;
    assert!(last(&service, ASKER).contains("已经失效"), "{}", last(&service, ASKER));
    assert_eq!(service.said(SECOND).len(), others, "who did not ask for it hears nothing");
    asks(&service, ASKER, YACHT).await;
    assert!(!last(&service, ASKER).contains("超过的全额计税"), "a lapsed answer is not given: {}", last(&service, ASKER));
}

/// The id of the answer a person got last.
async fn answer_of(service: &Service, person: i64) -> String {
    let markup = service.telegram.messages(person).pop().unwrap().markup;
    let rows = markup["inline_keyboard"].as_array().unwrap();
    let mut buttons = rows.iter().flat_map(|row| row.as_array().unwrap()).filter_map(|button| button["callback_data"].as_str());
    let data = buttons.find(|data| data.starts_with("follow:")).expect("a verified answer offers to be followed");
    data.trim_start_matches("follow:").to_owned()
}

/// The questions that staff approved an answer to are a set of their own, to be measured and kept.
#[tokio::test]
async fn approved_questions_are_evaluated_and_exported() {
    let service = started().await;
    for (person, question) in [(ASKER, YACHT), (SECOND, YACHT_OTHERWISE)] {
        asks(&service, person, question).await;
    }
    let eval = |more: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_taxhome"))
            .args(["eval", "--questions", "approved", "--json"])
            .args(more)
            .env("TAXHOME_DATA_DIR", service.store.dir.path())
            .env("TAXHOME_DATABASE__URL", service.store.url())
            .env("TAXHOME_KNOWLEDGE_DIR", service.store.dir.path().join("knowledge"))
            .current_dir(service.store.dir.path())
            .output()
            .unwrap()
    };
    let none = eval(&[]);
    let told = String::from_utf8_lossy(&none.stderr).into_owned();
    assert!(!none.status.success() && told.contains("还没有审定答复"), "{told}");
    let id = the_gap(&service).await["id"].as_str().unwrap().to_owned();
    service.staff("李雷", Role::Desk).await.does(&format!("/gaps/{id}/draft"), &draft("月销售额没有达到10万元的，免征增值税。")).await;
    service.staff("王审", Role::Approver).await.does(&format!("/gaps/{id}/approve"), &json!({"revision": 1})).await;
    let file = service.store.dir.path().join("approved.jsonl");
    let done = eval(&["--export", file.to_str().unwrap()]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let figures: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((figures["questions"].as_i64(), figures["must_contain"].as_f64()), (Some(2), Some(1.0)), "{figures}");
    let lines: Vec<Value> = std::fs::read_to_string(&file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line["relevant"][0].as_str().unwrap().starts_with("verified-") && line["answerable"] == true));
}
