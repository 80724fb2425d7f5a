//! What is known stays true: a document that replaces another takes over at its instant, what runs out is listed with the answers that rest
//! on it, and contradictions that can be seen are named, in the files and in what staff imported.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use taxhome::clock::Clock;
use taxhome::domain::document::Publication;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;
use taxhome::knowledge::import;
use taxhome::store::documents;

use crate::harness::web::{TestWeb, serve_configured};

const OLD: &str = "+++\ntitle = \"码头泊位费办法\"\nnumber = \"测试公告2020年第5号\"\nkind = \"notice\"\npublished = 2020-01-01\neffective_from = 2020-01-01\n\
    topics = [\"泊位\"]\nquestions = [\"码头泊位费一天多少\"]\n+++\n\n## 标准\n\n- 码头泊位费每天20元。\n";
const NEW: &str = "+++\ntitle = \"码头泊位费管理规定\"\nnumber = \"测试公告2026年第6号\"\nkind = \"notice\"\npublished = 2026-11-01\n\
    effective_from = 2026-11-25\nsupersedes = [\"测试公告2020年第5号\"]\ntopics = [\"泊位\"]\nquestions = [\"码头停泊费每天多少元\"]\n+++\n\n## 标准\n\n- 码头泊位费每天30元。\n";
const QUESTION: &str = "码头泊位费一天多少";

async fn published(web: &TestWeb, name: &str, text: &str) {
    let imported = import::read_bytes(name, text.as_bytes()).unwrap();
    let mut tx = web.store.begin().await.unwrap();
    documents::put(&mut tx, &imported.document, &imported.content_hash, Publication::Published, web.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    web.freshness.refresh_if_changed().await.unwrap();
}

#[tokio::test]
async fn what_replaces_a_document_takes_over_at_midnight_with_no_index_built() {
    let web = serve_configured(|_| {}).await;
    published(&web, "berth-old.md", OLD).await;
    published(&web, "berth-new.md", NEW).await;
    web.clock.set(Timestamp::parse("2026-11-24T23:59:59+08:00").unwrap());
    let today = web.ask(QUESTION).await;
    assert_eq!(today["citations"][0]["document"], "berth-old", "{today}");
    assert!(today["lead"].as_str().unwrap().contains("20元"));
    web.clock.advance(Duration::from_secs(1));
    let tomorrow = web.ask(QUESTION).await;
    assert!(!web.freshness.refresh_if_changed().await.unwrap(), "nothing was indexed in between");
    assert_eq!(tomorrow["citations"][0]["document"], "berth-new", "{tomorrow}");
    assert!(tomorrow["lead"].as_str().unwrap().contains("30元"), "{tomorrow}");
    let old: Value = web.client.get(web.url("/api/v1/documents/berth-old")).send().await.unwrap().json().await.unwrap();
    assert_eq!((old["validity"].as_str(), old["effective_to"].as_str()), (Some("repealed"), Some("2026-11-24")));
}

const SOON: &str = "+++\ntitle = \"渔网补贴办法\"\nnumber = \"测试公告2025年第8号\"\nkind = \"notice\"\neffective_from = 2025-01-01\n\
    effective_to = 2026-12-20\nreviewed = 2026-06-01\ntopics = [\"渔网\"]\nquestions = [\"渔网补贴多少\"]\n+++\n\n## 标准\n\n- 渔网补贴每户100元。\n";
const RESTING: &str = "+++\ntitle = \"渔网补贴怎么领\"\nkind = \"faq\"\ntopics = [\"渔网\"]\nquestions = [\"渔网补贴去哪里领\"]\n\
    approved_by = \"示例县税务局\"\napproved_on = 2026-03-01\nrests_on = [\"测试公告2025年第8号\"]\n+++\n\n带身份证到窗口领取。\n";

fn write(folder: &str, name: &str, text: &str) {
    let path = Path::new(folder).join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[tokio::test]
async fn what_runs_out_within_thirty_days_is_listed_with_the_answers_that_rest_on_it() {
    let web = serve_configured(|config| {
        write(&config.knowledge_dir, "policies/nets.md", SOON);
        write(&config.knowledge_dir, "verified/nets-where.md", RESTING);
    })
    .await;
    let due = async || -> Vec<Value> {
        let list: Value = web.staff(Role::Auditor).await.get(web.url("/api/v1/documents/due")).send().await.unwrap().json().await.unwrap();
        list.as_array().unwrap().iter().filter(|due| due["document"] == "nets").cloned().collect()
    };
    web.clock.set(Timestamp::parse("2026-11-19T12:00:00+08:00").unwrap());
    assert_eq!(due().await, Vec::<Value>::new(), "31 days before nobody is told yet");
    web.clock.set(Timestamp::parse("2026-11-20T12:00:00+08:00").unwrap());
    let listed = due().await;
    assert_eq!((listed[0]["on"].as_str(), listed[0]["kind"].as_str()), (Some("2026-12-20"), Some("expiry")), "{listed:?}");
    assert_eq!(listed[0]["verified"], serde_json::json!(["nets-where"]));
    let page = web.logged_in(Role::Auditor).await.page("/console/documents/due").await;
    assert!(page.contains("渔网补贴办法") && page.contains("nets-where") && page.contains("没有发现互相矛盾的文件"), "{page}");
}

/// `taxhome check` in a folder: what it names as contradictions.
fn contradictions(folder: &Path) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_taxhome")).current_dir(folder).args(["check", "--json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    found["contradictions"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}

#[test]
fn check_names_one_number_with_two_days_one_text_twice_and_an_end_before_its_beginning() {
    let dir = tempfile::tempdir().unwrap();
    let knowledge = dir.path().join("knowledge");
    let at = |name: &str, text: &str| write(knowledge.to_str().unwrap(), name, text);
    at("policies/berth-old.md", OLD);
    at("policies/berth-again.md", &OLD.replace("码头泊位费一天多少", "泊位一天几元"));
    at(
        "policies/berth-day.md",
        &OLD.replace("码头泊位费办法", "码头灯费办法")
            .replace("published = 2020-01-01", "published = 2020-02-01")
            .replace("码头泊位费一天多少", "码头灯费多少"),
    );
    // Two digests of one document are no contradiction.
    at("policies/berth-part.md", &OLD.replace("码头泊位费办法", "泊位费的减免").replace("码头泊位费一天多少", "泊位费能减吗"));
    // What claims to replace it began before it.
    at("policies/nets.md", &SOON.replace("effective_to = 2026-12-20\n", ""));
    at(
        "policies/nets-before.md",
        &SOON
            .replace("渔网补贴办法", "渔网补贴规定")
            .replace("2025年第8号", "2019年第8号")
            .replace("2025-01-01", "2019-01-01")
            .replace("effective_to = 2026-12-20", "supersedes = [\"测试公告2025年第8号\"]")
            .replace("渔网补贴多少", "渔网补贴几元"),
    );
    let found = contradictions(dir.path());
    for part in [
        "berth-day：文号“测试公告2020年第5号”与 berth-again 相同，发文日期却是 2020-02-01 和 2020-01-01",
        "berth-old：文号和标题都与 berth-again 相同",
        "nets：失效日 2018-12-31（由“测试公告2019年第8号”推出） 早于施行日 2025-01-01",
    ] {
        assert!(found.iter().any(|line| line.contains(part)), "{part}: {found:#?}");
    }
    assert!(!found.iter().any(|line| line.contains("berth-part")), "{found:#?}");
    at(
        "policies/rope.md",
        &SOON.replace("questions = [", "unanswered = [\"码头泊位费一天多少\"]\nquestions = [").replace("渔网补贴多少", "缆绳补贴多少"),
    );
    let found = contradictions(dir.path());
    assert!(found.iter().any(|line| line.contains("rope：unanswered 里的“码头泊位费一天多少”又写在 questions 里")), "{found:#?}");
    let text = "+++\ntitle = \"码头泊位费办法\"\nnumber = \"测试公告2020年第5号\"\nkind = \"notice\"\npublished = 2020-01-01\nquestions = [\"泊位费5%怎么算\"]\n+++\n\n- 另一份。\n";
    std::fs::write(dir.path().join("imported.md"), text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_taxhome")).current_dir(dir.path()).args(["import", "imported.md"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("文号相同"), "{said}");
    let found = contradictions(dir.path());
    assert!(
        found.iter().any(|line| line.contains("imported：questions 里的“5%”正文没有")),
        "what staff imported is looked at too: {found:#?}"
    );
}

#[test]
fn no_number_and_no_date_that_is_built_in_contradicts_another() {
    let dir = tempfile::tempdir().unwrap();
    // What is asked twice, or is replaced by a text nobody has yet, are hints for whoever writes them.
    let wrong = |line: &String| line.contains("相同") || line.contains("早于") || line.contains("仍是现行有效");
    let found: Vec<String> = contradictions(dir.path()).into_iter().filter(wrong).collect();
    assert_eq!(found, Vec::<String>::new());
}
