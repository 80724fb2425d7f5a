//! `taxhome learn`: what people's words mean is learned from confirmed pairs, judged on questions it did not learn from, and kept only if it gains.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::harness::command_line::{lines, report, taxhome};

/// A word people say, and the word the texts use; they share no character.
const GOODS: [(&str, &str); 8] = [
    ("石头", "矿物"),
    ("布料", "纺织品"),
    ("木头", "林产品"),
    ("铁锅", "金属器皿"),
    ("茶杯", "陶瓷"),
    ("柜子", "家具"),
    ("窗户", "玻璃"),
    ("轮胎", "橡胶"),
];
const ACTS: [(&str, &str); 3] = [("卖", "销售"), ("搬走", "运输"), ("堆放", "仓储")];

/// What is asked and the text that answers, for each thing and act.
fn matters() -> Vec<(String, String, String)> {
    let mut matters = Vec::new();
    for (thing, (said, official)) in GOODS.iter().enumerate() {
        for (act, (done, written)) in ACTS.iter().enumerate() {
            let id = format!("d{thing}{act}");
            matters.push((id, format!("{said}想{done}有什么规定"), format!("从事{official}{written}的单位，按照本规定办理。")));
        }
    }
    matters
}

#[test]
fn a_bridge_learned_from_labelled_questions_finds_what_shares_no_word() {
    let folder = tempfile::tempdir().unwrap();
    let title = |at: usize| format!("甲法第{}条", at + 1);
    let texts = matters().into_iter().enumerate().map(|(at, (id, _, text))| json!({"id": id, "title": title(at), "text": text}));
    fs::write(folder.path().join("c.jsonl"), lines(texts)).unwrap();
    let asked = matters().into_iter().map(|(id, question, _)| json!({"id": id, "question": question, "relevant": [id]}));
    fs::write(folder.path().join("q.jsonl"), lines(asked)).unwrap();
    let arguments = ["learn", "--questions", "q.jsonl", "--documents", "c.jsonl", "--folds", "4", "--json"];
    let found = report(&taxhome(folder.path(), &arguments));
    let figure = |when: &str| found[when]["ndcg_at_10"].as_f64().unwrap();
    assert!(figure("after") > figure("before") + 0.2, "{found:#}");
    assert_eq!((&found["gains"], &found["written"], &found["pairs"]["labelled"]), (&json!(true), &Value::Null, &json!(24)));
    assert!(!folder.path().join("data/bridge.tsv").exists(), "what was learned for other documents is not the service's");

    let mut files = Vec::new();
    for out in ["a.tsv", "b.tsv"] {
        report(&taxhome(folder.path(), &[&arguments[..], &["--out", out]].concat()));
        files.push(fs::read_to_string(folder.path().join(out)).unwrap());
    }
    assert_eq!(files[0], files[1], "the same pairs give the same bridge");
    let line = files[0].lines().find(|line| line.starts_with("轮胎\t")).expect("a word of the questions has its line");
    assert_eq!(line.split('\t').nth(2), Some("橡胶"), "{line}");
}

/// A knowledge folder with a document for each matter, and the questions people ask about them beside it.
fn knowledge(folder: &Path) {
    let policies = folder.join("knowledge/policies");
    fs::create_dir_all(&policies).unwrap();
    fs::write(folder.join("knowledge/glossary.tsv"), "term\tofficial_term\tkind\n").unwrap();
    for (id, _, text) in matters() {
        let head = format!("title = \"{id}号通知\"\nkind = \"notice\"\neffective_from = 2024-01-01\ntopics = [\"增值税\"]");
        fs::write(policies.join(format!("{id}.md")), format!("+++\n{head}\nquestions = [\"{id}号通知讲了啥\"]\n+++\n\n{text}\n")).unwrap();
    }
    let asked = matters().into_iter().map(|(id, question, _)| json!({"id": id, "question": question, "relevant": [id]}));
    fs::write(folder.join("q.jsonl"), lines(asked)).unwrap();
}

#[test]
fn the_service_ranks_with_what_was_learned_and_a_broken_file_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    knowledge(folder.path());
    let best = || {
        let found = taxhome(folder.path(), &["ask", "轮胎想卖有什么规定", "--as-of", "2026-11-23", "--explain", "--json"]);
        report(&found)["ranked"][0]["document"].clone()
    };
    let before = best();
    assert_ne!(before, "d70");
    let found = report(&taxhome(folder.path(), &["learn", "--questions", "q.jsonl", "--folds", "4", "--json"]));
    let figure = |when: &str| found[when]["ndcg_at_10"].as_f64().unwrap();
    assert!(figure("after") > figure("before"), "{found:#}");
    assert_eq!((&found["pairs"]["curated"], &found["pairs"]["labelled"]), (&json!(24), &json!(24)));
    let file = folder.path().join("data/bridge.tsv");
    assert!(fs::read_to_string(&file).unwrap().starts_with("taxhome-bridge 1 "));
    assert_eq!(best(), "d70");

    fs::write(&file, "taxhome-bridge 1 x\n轮胎\tviel\n").unwrap();
    assert_eq!(best(), before);
}

#[test]
fn too_few_pairs_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.jsonl"), "{\"id\":\"a\",\"title\":\"甲法第一条\",\"text\":\"个体工商户可以个人经营。\"}\n").unwrap();
    fs::write(folder.path().join("q.jsonl"), "{\"id\":\"q\",\"question\":\"个体户谁来经营\",\"relevant\":[\"a\"]}\n").unwrap();
    let refused = taxhome(folder.path(), &["learn", "--questions", "q.jsonl", "--documents", "c.jsonl"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("至少要 20 对"), "{}", String::from_utf8_lossy(&refused.stderr));
}
