//! `taxhome learn --vectors`: nearness of words is learned from many texts, measured, the same each time, and serves the very texts it was
//! learned from or nobody.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::harness::command_line::{lines, report, said_wrong, taxhome};

/// A word people say, the word the answering texts use, and what stands beside either in other texts.
const GOODS: [(&str, &str, [&str; 3]); 8] = [
    ("石头", "矿物", ["坚硬", "山崖", "开采"]),
    ("布料", "纺织品", ["柔软", "棉花", "裁剪"]),
    ("木头", "林产品", ["树木", "砍伐", "年轮"]),
    ("铁锅", "金属器皿", ["厨房", "炒菜", "生锈"]),
    ("茶杯", "陶瓷", ["泡水", "瓷器", "烧制"]),
    ("柜子", "家具", ["卧室", "衣服", "摆放"]),
    ("窗户", "玻璃", ["透明", "阳光", "打碎"]),
    ("轮胎", "橡胶", ["汽车", "弹性", "磨损"]),
];
const ACTS: [&str; 3] = ["销售", "运输", "仓储"];
const PLACES: [&str; 10] = ["城区", "郊外", "山地", "河谷", "平原", "海岛", "林场", "矿山", "码头", "车站"];
/// Texts that tell of the thing a pair of words stands for.
const NAMING: usize = 125;

/// Id, question and text of each matter.
fn matters() -> Vec<(String, String, String)> {
    let of = |(at, (said, official, _)): (usize, &(&str, &str, [&str; 3]))| {
        let matter = |(act, done): (usize, &&str)| {
            let asked = format!("{said}{done}许可证办理期限规定");
            (format!("m{at}{act}"), asked, format!("{official}{done}许可证办理期限规定：十五日。"))
        };
        ACTS.iter().enumerate().map(matter).collect::<Vec<_>>()
    };
    // The last pair first, so that equal scores are not in the order of the questions.
    GOODS.iter().enumerate().rev().flat_map(of).collect()
}

/// Id and text of all: the matters, and what tells of the things by either word.
fn texts() -> Vec<(String, String)> {
    let naming = GOODS.iter().enumerate().flat_map(|(at, (said, official, beside))| {
        (0..NAMING).map(move |number| {
            let place = PLACES[number % PLACES.len()];
            let (names, [first, second, third]) = ([said, official], [0, 1, 2].map(|turn| beside[(number + turn) % 3]));
            let (one, other) = (names[number % 2], names[number / 2 % 2]);
            (format!("n{at}x{number}"), format!("{one}：{first}、{second}、{third}，{other}，{place}{number}。"))
        })
    });
    naming.chain(matters().into_iter().map(|(id, _, text)| (id, text))).collect()
}

/// A corpus of `texts` and the questions about it.
fn corpus(folder: &Path, texts: &[(String, String)]) {
    let line = |(at, (id, text)): (usize, &(String, String))| json!({"id": id, "title": format!("甲法第{}条", at + 1), "text": text});
    fs::write(folder.join("c.jsonl"), lines(texts.iter().enumerate().map(line))).unwrap();
    let asked = matters().into_iter().map(|(id, question, _)| json!({"id": id, "question": question, "relevant": [id]}));
    fs::write(folder.join("q.jsonl"), lines(asked)).unwrap();
}

const LEARN: [&str; 7] = ["learn", "--vectors", "--questions", "q.jsonl", "--documents", "c.jsonl", "--json"];
const EVAL: [&str; 6] = ["eval", "--questions", "q.jsonl", "--documents", "c.jsonl", "--json"];

#[test]
fn vectors_learned_from_the_texts_find_what_shares_no_telling_word_and_serve_no_other_texts() {
    let folder = tempfile::tempdir().unwrap();
    corpus(folder.path(), &texts());
    let learned = |out: &str| {
        let found = report(&taxhome(folder.path(), &[&LEARN[..], &["--out", out]].concat()));
        (found, fs::read(folder.path().join(out)).unwrap())
    };
    let (found, file) = learned("a.bin");
    let figure = |when: &str| found[when]["ndcg_at_10"].as_f64().unwrap();
    assert!(figure("after") > figure("before") + 0.2, "{found:#}");
    assert_eq!((&found["gains"], &found["written"]), (&json!(true), &json!("a.bin")));
    assert!(!folder.path().join("data/vectors.bin").exists(), "what was learned from other texts is not the service's");
    assert!(learned("b.bin").1 == file, "the same texts give the same vectors, to the byte");

    let ndcg = |more: &[&str]| report(&taxhome(folder.path(), &[&EVAL[..], more].concat()))["ndcg_at_10"].as_f64().unwrap();
    let near = |one: f64, other: f64| (one - other).abs() < 1e-9;
    assert!(near(ndcg(&[]), figure("before")) && near(ndcg(&["--vectors", "a.bin"]), figure("after")), "{found:#}");

    let mut broken = file.clone();
    *broken.last_mut().unwrap() ^= 1;
    fs::write(folder.path().join("broken.bin"), broken).unwrap();
    fs::write(folder.path().join("short.bin"), &file[..file.len() - 1]).unwrap();
    for name in ["broken.bin", "short.bin", "c.jsonl"] {
        let refused = taxhome(folder.path(), &[&EVAL[..], &["--vectors", name]].concat());
        assert_eq!(refused.status.code(), Some(1), "{name}");
        assert!(said_wrong(&refused).contains("或者已经损坏"), "{}", said_wrong(&refused));
    }
    let mut others = texts();
    others[0].1.push_str("另有规定的除外。");
    corpus(folder.path(), &others);
    let refused = taxhome(folder.path(), &[&EVAL[..], &["--vectors", "a.bin"]].concat());
    assert_eq!(refused.status.code(), Some(1));
    assert!(said_wrong(&refused).contains("从另一套文件学来的"), "{}", said_wrong(&refused));
}

#[test]
fn a_small_collection_says_why_it_does_without() {
    let folder = tempfile::tempdir().unwrap();
    corpus(folder.path(), &texts()[texts().len() - 24..]);
    let refused = taxhome(folder.path(), &LEARN);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said_wrong(&refused).contains("只有 24 个段落，少于 1000 个"), "{}", said_wrong(&refused));
}

#[test]
fn the_service_ranks_with_its_vectors_until_its_texts_change() {
    let folder = tempfile::tempdir().unwrap();
    let policies = folder.path().join("knowledge/policies");
    fs::create_dir_all(&policies).unwrap();
    fs::write(folder.path().join("knowledge/glossary.tsv"), "term\tofficial_term\tkind\n").unwrap();
    corpus(folder.path(), &texts());
    for (id, text) in texts() {
        let head = "title = \"甲办法\"\nkind = \"notice\"\neffective_from = 2024-01-01";
        fs::write(policies.join(format!("{id}.md")), format!("+++\n{head}\n+++\n\n{text}\n")).unwrap();
    }
    let stats = || String::from_utf8(taxhome(folder.path(), &["index", "stats"]).stdout).unwrap();
    let best = || {
        let found = taxhome(folder.path(), &["ask", "轮胎运输许可证办理期限规定", "--as-of", "2026-11-23", "--explain", "--json"]);
        report(&found)["ranked"][0]["document"].clone()
    };
    assert!(stats().contains("词向量：没有（可以用 taxhome learn --vectors 学）"), "{}", stats());
    assert_ne!(best(), "m71");
    let found = report(&taxhome(folder.path(), &["learn", "--vectors", "--questions", "q.jsonl", "--json"]));
    assert_eq!(found["gains"], true, "{found:#}");
    assert!(stats().contains(" 个词，内存中 "), "{}", stats());
    assert_eq!(best(), "m71");

    fs::remove_file(policies.join("n0x0.md")).unwrap();
    assert!(stats().contains("词向量：没有使用，文件是从另一套文件学来的"), "{}", stats());
    assert_ne!(best(), "m71");
}
