//! Reading knowledge: a file is taken whole or refused with its line, and official texts are cut where they are divided.

use std::fs;
use std::process::Command;

use chrono::NaiveDate;
use taxhome::domain::document::{DocumentStatus, Validity};
use taxhome::knowledge::import::{self, Refusal, Report};
use taxhome::knowledge::{self, Source};

use crate::harness::knowledge::{folder, write};

const OLD: &str = "# 中华人民共和国测试税暂行条例\n\n1993年12月13日 中华人民共和国国务院令第134号公布\n\n<!-- INFO END -->\n\n\
    第一条 旧的。\n\n第二条 本条例自1994年1月1日起施行。\n";
const NEW: &str = "# 中华人民共和国测试税法\n\n2024年12月25日 全国人民代表大会常务委员会通过\n\n<!-- INFO END -->\n\n## 第一章 总 则\n\n\
    第一条 新的。\n\n（一）甲；\n\n（二）乙。\n\n第二条 本法自2026年1月1日起施行。《中华人民共和国测试税暂行条例》同时废止。\n";

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[test]
fn a_mistake_is_named_with_file_line_field_and_remedy() {
    let folder = folder();
    write(folder.path(), "policies/a.md", "+++\ntitle = \"甲\"\nkind = \"notice\"\nefective_from = 2026-01-01\n+++\n正文\n");
    write(folder.path(), "policies/b.md", "+++\ntitle = \"乙\"\nkind = \"announcement\"\n+++\n正文\n");
    write(folder.path(), "policies/c.md", "没有开头\n");
    write(
        folder.path(),
        "policies/d.md",
        "+++\ntitle = \"丁\"\nkind = \"law\"\neffective_from = 2026-02-01\neffective_to = 2026-01-01\n+++\n正文\n",
    );
    write(
        folder.path(),
        "calendar/filing-2027.toml",
        "year = 2027\ntitle = \"甲\"\nnumber = \"乙\"\n[[deadlines]]\nmonth = 1\ndate = 2026-01-20\n",
    );
    let problems = knowledge::load(&Source::Folder(folder.path().to_path_buf())).unwrap_err();
    let of = |file: &str| problems.iter().find(|problem| problem.file == file).unwrap();
    let misspelt = of("policies/a.md");
    assert_eq!((misspelt.line, misspelt.field.as_str()), (4, "efective_from"));
    assert!(misspelt.message.contains("effective_from"));
    assert_eq!((of("policies/b.md").line, of("policies/b.md").field.as_str()), (3, "kind"));
    assert!(of("policies/c.md").message.contains("+++"));
    assert_eq!((of("policies/d.md").line, of("policies/d.md").field.as_str()), (5, "effective_to"));
    assert!(of("calendar/filing-2027.toml").message.contains("核对"));
}

#[test]
fn a_law_is_cut_at_its_articles_with_items_and_chapters() {
    let (document, _) = knowledge::parse_official("测试税法(2024-12-25).md", NEW);
    assert_eq!(document.title, "中华人民共和国测试税法");
    assert_eq!(document.effective_from, Some(day(2026, 1, 1)));
    let passages = knowledge::passages_of(&document);
    assert_eq!(passages.iter().map(|passage| passage.article.as_deref().unwrap()).collect::<Vec<_>>(), ["第一条", "第二条"]);
    assert_eq!(*passages[0].headings, ["第一章 总则"]);
    assert!(passages[0].text(&document).starts_with("第一条") && passages[0].text(&document).ends_with("（二）乙。"));
    let units: Vec<&str> =
        knowledge::sentences(passages[0].text(&document)).into_iter().map(|range| &passages[0].text(&document)[range]).collect();
    assert_eq!(units, ["新的。", "（一）甲；", "（二）乙。"]);
}

#[test]
fn a_digest_is_cut_at_headings_bullets_and_whole_tables() {
    let text = "+++\ntitle = \"税率表\"\nkind = \"notice\"\n+++\n\n## 税率\n\n- 第一句。\n- 第二句；还是第二句。\n\n## 表\n\n| 甲 | 乙 |\n| --- | --- |\n| 1% | 丙 |\n";
    let document = knowledge::parse_digest("policies/rates.md", text).unwrap();
    let passages = knowledge::passages_of(&document);
    assert_eq!(passages.len(), 2);
    let units = |at: usize| -> Vec<String> {
        let text = passages[at].text(&document);
        knowledge::sentences(text).into_iter().map(|range| text[range].to_owned()).collect()
    };
    assert_eq!(units(0), ["第一句。", "第二句；还是第二句。"]);
    assert_eq!(units(1), ["| 甲 | 乙 |\n| --- | --- |\n| 1% | 丙 |"]);
}

#[test]
fn a_law_that_replaces_another_ends_its_life_the_day_before() {
    let old = knowledge::parse_official("测试税暂行条例(2017-11-19).md", OLD).0;
    let new = knowledge::parse_official("测试税法(2024-12-25).md", NEW).0;
    let library = knowledge::Library::default().with(vec![old, new]);
    let old = library.documents.iter().find(|document| document.id.starts_with("测试税暂行条例")).unwrap();
    assert_eq!((old.effective_to, old.status), (Some(day(2025, 12, 31)), DocumentStatus::Repealed));
    assert_eq!(old.validity(day(2025, 6, 1)), Validity::InForce);
    assert_eq!(old.validity(day(2026, 1, 1)), Validity::Repealed);
    assert!(old.superseded_by.as_deref().unwrap().contains("测试税法"));
}

#[test]
fn the_later_version_of_a_title_takes_over_on_its_day() {
    let versions = ["测试办法(2019-03-02).md", "测试办法(2023-07-20).md"].map(|name| {
        knowledge::parse_official(name, "# 测试办法\n\n<!-- INFO END -->\n\n第一条 甲。\n\n第二条 本办法自1994年1月1日起施行。\n").0
    });
    let library = knowledge::Library::default().with(versions.to_vec());
    let holding = |date| {
        library.documents.iter().filter(|document| document.validity(date).holds()).map(|document| document.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(holding(day(2022, 1, 1)), ["测试办法(2019-03-02)"]);
    assert_eq!(holding(day(2024, 1, 1)), ["测试办法(2023-07-20)"]);
}

#[test]
fn what_cannot_be_imported_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("坏.md"), b"\xff\x81\x00\xfe").unwrap();
    fs::write(path("空.txt"), b" \n").unwrap();
    fs::write(path("图.png"), b"x").unwrap();
    let big = fs::File::create(path("大.md")).unwrap();
    big.set_len(import::MAX_FILE_BYTES + 1).unwrap();
    assert!(matches!(import::read(&path("坏.md")), Err(Refusal::Encoding { file }) if file.contains("坏.md")));
    assert!(matches!(import::read(&path("空.txt")), Err(Refusal::Empty { .. })));
    assert!(matches!(import::read(&path("图.png")), Err(Refusal::Format { .. })));
    assert!(matches!(import::read(&path("大.md")), Err(Refusal::TooLarge { .. })));
}

#[test]
fn the_same_text_twice_is_reported_and_stored_once() {
    let mut report = Report::default();
    report.add(import::read_bytes("甲/测试税法(2024-12-25).md", NEW.as_bytes()));
    report.add(import::read_bytes("乙/测试税法副本.md", NEW.as_bytes()));
    assert!(report.lines().iter().any(|line| line.contains("内容相同")));
    assert_eq!(report.documents().len(), 1);
}

#[test]
fn the_command_line_imports_publishes_and_answers_from_it() {
    let (data, texts, known) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), folder());
    write(texts.path(), "法/测试税法(2024-12-25).md", NEW);
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_taxhome"))
            .args(arguments)
            .env("TAXHOME_DATA_DIR", data.path().join("data"))
            .env("TAXHOME_KNOWLEDGE_DIR", known.path())
            .output()
            .unwrap()
    };
    let texts = texts.path().to_str().unwrap();
    let dry = run(&["import", texts, "--dry-run", "--json"]);
    assert!(dry.status.success());
    let report: serde_json::Value = serde_json::from_slice(&dry.stdout).unwrap();
    assert_eq!((&report["files"], &report["passages"]), (&1.into(), &2.into()));
    assert!(report["items"][0]["doubts"].to_string().contains("缺文号"));
    assert!(!data.path().join("data").exists(), "a dry run writes nothing");
    assert!(run(&["import", texts]).status.success());
    let again: serde_json::Value = serde_json::from_slice(&run(&["import", texts, "--json"]).stdout).unwrap();
    assert_eq!(again["written"]["unchanged"], 1);
    let answer: serde_json::Value = serde_json::from_slice(&run(&["ask", "测试税法第一条", "--json"]).stdout).unwrap();
    assert_eq!(answer["decision"], "answered");
    assert_eq!(answer["citations"][0]["article"], "第一条");
    let missing = run(&["import", "没有这个文件夹"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stdout).contains("没有这个文件夹"));
    assert_eq!(run(&["import"]).status.code(), Some(2));
}

#[test]
fn documents_that_contradict_each_other_are_named() {
    let digest = |id: &str, front: &str, body: &str| {
        let text = format!("+++\ntitle = \"{id}\"\nkind = \"notice\"\ntopics = [\"增值税\"]\n{front}\n+++\n\n## 一\n\n- {body}\n");
        knowledge::parse_digest(&format!("{id}.md"), &text).unwrap()
    };
    let documents = vec![
        digest(
            "甲",
            "superseded_by = \"财税〔2099〕9号\"\nquestions = [\"免税到10万元吗\", \"怎么报\"]",
            "小规模纳税人月销售额没有达到8万元的免征增值税。",
        ),
        digest("乙", "questions = [\"怎么报\", \"税率是3%吗\"]", "征收率为3%，应当按期申报。"),
    ];
    let library =
        knowledge::Library::of_documents(documents, knowledge::Glossary::default(), taxhome::domain::workday::WorkCalendar::default());
    let found = knowledge::contradictions(&library.documents);
    for part in [
        "甲：superseded_by 写的“财税〔2099〕9号”",
        "甲：写了 superseded_by，却仍是现行有效",
        "questions 里的“10万元”正文没有",
        "乙：“怎么报”在 甲 里也有",
    ] {
        assert!(found.iter().any(|line| line.contains(part)), "{part}: {found:#?}");
    }
    assert_eq!(found.len(), 4, "{found:#?}");
}
