//! `taxhome calibrate`: what it writes can be read again, says on what it was fitted, and is the same the second time.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use taxhome::answering::manner::Manner;
use taxhome::answering::signals::NAMES;

use crate::harness::knowledge::{folder, write};

/// Runs it over `questions` in `knowledge`; the two files it writes.
fn calibrated(knowledge: &Path, questions: &str, out: &Path) -> (String, String) {
    let path = |name: &str| out.join(name).to_str().unwrap().to_owned();
    fs::write(path("questions.jsonl"), questions).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_taxhome"))
        .args(["calibrate", "--as-of", "2026-11-23", "--questions", &path("questions.jsonl"), "--out", &path("decision.toml")])
        .args(["--manner", &path("manner.tsv"), "--plot", &path("curve.svg")])
        .env("TAXHOME_KNOWLEDGE_DIR", knowledge)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(fs::read_to_string(path("curve.svg")).unwrap().starts_with("<svg"));
    (fs::read_to_string(path("decision.toml")).unwrap(), fs::read_to_string(path("manner.tsv")).unwrap())
}

#[test]
fn what_is_fitted_is_the_same_the_second_time_and_is_read_again() {
    let knowledge = folder();
    let name = "policies/threshold.md";
    let known = fs::read_to_string(knowledge.path().join(name)).unwrap();
    let open: Vec<String> =
        ["怎么填表", "在哪个窗口办", "要带什么证明", "忘了怎么补", "能不能代办"].map(|end| format!("\"小店免税{end}\"")).into();
    write(knowledge.path(), name, &known.replacen("questions = [", &format!("unanswered = [{}]\nquestions = [", open.join(", ")), 1));
    let mut questions = String::new();
    for many in 1..=30 {
        let answered = json!({"id": format!("a{many}"), "question": format!("小店一个月卖{many}万不用交增值税吗"), "answerable": true, "must_contain": ["10万元"]});
        let left_open =
            json!({"id": format!("b{many}"), "question": format!("小店一个月卖{many}万不用交增值税的表怎么填"), "answerable": false});
        questions.push_str(&format!("{answered}\n{left_open}\n"));
    }
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (decision, manner) = calibrated(knowledge.path(), &questions, one.path());
    assert_eq!((decision.clone(), manner.clone()), calibrated(knowledge.path(), &questions, other.path()));
    assert!(decision.contains("60 questions of questions.jsonl") && decision.contains("written beside the documents"), "{decision}");
    let fitted: toml::Table = decision.parse().unwrap();
    let weights = fitted["weights"].as_table().unwrap();
    assert!(NAMES.iter().all(|name| weights.contains_key(*name)) && weights.len() == NAMES.len(), "{decision}");
    assert_eq!(
        Manner::read(&manner).unwrap().table(),
        manner.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect::<String>()
    );
}

#[test]
fn too_few_questions_settle_nothing() {
    let (knowledge, out) = (folder(), tempfile::tempdir().unwrap());
    let questions = out.path().join("few.jsonl");
    fs::write(&questions, "{\"id\":\"a\",\"question\":\"小店一个月卖多少不用交税\",\"answerable\":true,\"must_contain\":[\"10万元\"]}\n")
        .unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_taxhome"))
        .args(["calibrate", "--questions", questions.to_str().unwrap(), "--out", out.path().join("decision.toml").to_str().unwrap()])
        .env("TAXHOME_KNOWLEDGE_DIR", knowledge.path())
        .output()
        .unwrap();
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("两种都要至少 20 题"));
    assert!(!out.path().join("decision.toml").exists(), "nothing is half written");
}
