//! Finding: exact routes stay exact, and an index that does not fit is built again.

use std::sync::Arc;
use std::{fs, thread};

use chrono::NaiveDate;
use taxhome::answering::Answering;
use taxhome::domain::numeral::chinese_numeral;
use taxhome::knowledge::{self, GlossaryEntry, Library, Source};
use taxhome::search::{Cutting, FreshlyBuilt, Place, Request, Search, Standing};

use crate::harness::knowledge::{answering, ask, folder, today, write};

const LAW: &str = "# 中华人民共和国测试税法\n\n2020年1月1日 全国人民代表大会常务委员会通过\n\n<!-- INFO END -->\n\n## 第一章 总 则\n\n\
    第一条 为了测试，制定本法。\n\n第三条 纳税人应当在三十日内申报。\n\n（一）按月的，十五日内；\n\n（二）按季的，二十日内。\n\n\
    ## 第二章 附 则\n\n第十三条 税率为百分之十三。\n\n第二十三条 三码合一的具体办法由国务院规定。\n\n第三十条 本法自2020年9月1日起施行。\n";

fn library(text: &str) -> Library {
    let (document, _) = knowledge::parse_official("测试税法(2020-01-01).md", text);
    Library::of_documents(vec![document], knowledge::Glossary::default(), taxhome::domain::workday::WorkCalendar::default())
}

#[test]
fn article_three_never_hits_article_thirteen() {
    let search = Search::open(Place::Memory, library(LAW), Cutting::Passages).unwrap();
    let snapshot = search.snapshot();
    for (question, article) in [
        ("测试税法第三条", "第三条"),
        ("测试税法第13条怎么说", "第十三条"),
        ("测试税法 二十三条", "第二十三条"),
        ("《测试税法》第三十条", "第三十条"),
    ] {
        let route = snapshot.by_article(question).unwrap();
        let found: Vec<_> = route.passages.iter().map(|id| snapshot.passage(*id).1.article.clone().unwrap()).collect();
        assert_eq!(found, [article], "{question}");
    }
    assert!(snapshot.by_article("测试税法第九十九条").unwrap().passages.is_empty());
}

#[test]
fn a_document_number_is_found_in_any_form() {
    let folder = folder();
    let answering = answering(folder.path());
    for form in [
        "财政部 税务总局公告2026年第10号",
        "财政部税务总局公告2026年10号",
        "公告2026年第10号",
        "２０２６年第１０号公告讲什么",
        "财税 2026年10号公告",
        "总局公告2026第10号",
    ] {
        assert_eq!(ask(&answering, form).answer.citations[0].document, "threshold", "{form}");
    }
    assert_eq!(ask(&answering, "税总办征科函2025 64号").answer.citations.len(), 0);
}

#[test]
fn a_term_missing_from_the_dictionary_is_still_found() {
    let search = Search::open(Place::Memory, library(LAW), Cutting::Passages).unwrap();
    let snapshot = search.snapshot();
    let cut = snapshot.cut("三码").unwrap();
    let hits = snapshot.search(&Request { cut: &cut, as_of: today(), standing: Standing::Holding, limit: 3 }).unwrap();
    assert_eq!(snapshot.passage(hits[0].passage).1.article.as_deref(), Some("第二十三条"));
}

#[test]
fn what_does_not_hold_is_left_out_before_the_best_are_taken() {
    let folder = folder();
    let library = knowledge::load(&Source::Folder(folder.path().to_path_buf())).unwrap();
    let search = Search::open(Place::Memory, library, Cutting::Passages).unwrap();
    let snapshot = search.snapshot();
    let ids = |as_of: NaiveDate| -> Vec<String> {
        let cut = snapshot.cut("新能源汽车车辆购置税").unwrap();
        let request = Request { cut: &cut, as_of, standing: Standing::Holding, limit: 20 };
        snapshot.search(&request).unwrap().iter().map(|hit| snapshot.passage(hit.passage).0.id.clone()).collect()
    };
    assert!(!ids(today()).contains(&"car-before".to_owned()));
    let then = ids(NaiveDate::from_ymd_opt(2025, 6, 1).unwrap());
    assert!(then.contains(&"car-before".to_owned()) && !then.contains(&"car-now".to_owned()));
}

#[test]
fn everyday_words_find_the_passage_that_uses_the_official_one() {
    let (document, _) = knowledge::parse_official("测试税法(2020-01-01).md", LAW);
    let entry = |term: &str, official: &str| GlossaryEntry {
        term: term.to_owned(),
        official: official.to_owned(),
        kind: knowledge::glossary::WordKind::Colloquial,
    };
    let glossary = knowledge::Glossary { entries: vec![entry("几个点", "税率")] };
    let library = Library::of_documents(vec![document], glossary, taxhome::domain::workday::WorkCalendar::default());
    let search = Search::open(Place::Memory, library, Cutting::Passages).unwrap();
    let snapshot = search.snapshot();
    let cut = snapshot.cut("几个点").unwrap();
    let hits = snapshot.search(&Request { cut: &cut, as_of: today(), standing: Standing::Holding, limit: 1 }).unwrap();
    assert_eq!(snapshot.passage(hits[0].passage).1.article.as_deref(), Some("第十三条"));
}

#[test]
fn an_index_is_reused_and_a_damaged_one_is_built_again() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().to_path_buf());
    let open = |text: &str| Search::open(place.clone(), library(text), Cutting::Passages).unwrap().snapshot().built();
    assert_eq!(open(LAW), FreshlyBuilt::Built);
    assert_eq!(open(LAW), FreshlyBuilt::Found);
    let index = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let store =
        fs::read_dir(&index).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.extension().is_some_and(|end| end == "idx"));
    fs::write(store.unwrap(), b"damaged").unwrap();
    assert_eq!(open(LAW), FreshlyBuilt::Built);
    assert_eq!(open(&LAW.replace("三十日", "六十日")), FreshlyBuilt::Built);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "older indexes are removed");
}

#[test]
fn a_changed_file_changes_the_answers_without_a_restart() {
    let folder = folder();
    let answering = answering(folder.path());
    let source = Source::Folder(folder.path().to_path_buf());
    let before = source.fingerprint();
    write(
        folder.path(),
        "policies/stamp.md",
        "+++\ntitle = \"印花税\"\nkind = \"law\"\ntopics = [\"印花税\"]\n+++\n\n## 税率\n\n- 买卖合同的印花税税率是万分之三。\n",
    );
    assert_ne!(source.fingerprint(), before);
    answering.search().replace(knowledge::load(&source).unwrap()).unwrap();
    assert!(ask(&answering, "买卖合同印花税税率多少").answer.lead.contains("万分之三"));
}

#[test]
fn questions_are_answered_while_the_index_is_replaced() {
    let folder = folder();
    let answering = answering(folder.path());
    let lead = || ask(&answering, "税交晚了怎么算钱").answer.lead;
    let before = lead();
    assert!(before.contains("万分之五"), "{before}");
    let file = folder.path().join("policies/late-fee.md");
    let changed = fs::read_to_string(&file).unwrap().replace("万分之五", "万分之四");
    fs::write(&file, changed).unwrap();
    let library = knowledge::load(&Source::Folder(folder.path().to_path_buf())).unwrap();
    let after = before.replace("万分之五", "万分之四");
    let (mut meanwhile, mut others) = (0, Vec::new());
    thread::scope(|scope| {
        let replacing = scope.spawn(|| answering.search().replace(library).unwrap());
        loop {
            let found = lead();
            if found != before && found != after {
                others.push(found);
            }
            if replacing.is_finished() {
                break;
            }
            meanwhile += 1;
        }
    });
    assert!(others.is_empty(), "half an index was seen: {others:?}");
    assert!(meanwhile > 3, "only {meanwhile} questions were answered while the index was made");
    assert_eq!(lead(), after);
}

#[test]
fn an_index_larger_than_allowed_is_searched_on_disk_and_answers_the_same() {
    let (folder, index) = (folder(), tempfile::tempdir().unwrap());
    let open = |most_bytes: u64| {
        let library = knowledge::load(&Source::Folder(folder.path().to_path_buf())).unwrap();
        let place = Place::Folder(index.path().to_path_buf());
        Answering::new(Arc::new(Search::open_within(place, library, Cutting::Passages, most_bytes).unwrap()), "12366")
    };
    let whole = open(u64::MAX);
    let bytes = whole.search().snapshot().memory_bytes();
    assert!(bytes > 0);
    assert_eq!(open(bytes).search().snapshot().memory_bytes(), bytes, "it takes what was reckoned, and no more");
    let on_disk = open(bytes - 1);
    assert_eq!(on_disk.search().snapshot().memory_bytes(), 0);
    for question in ["税交晚了怎么算钱", "买电车购置税怎么交", "办留抵退税要带什么", "小店一个月卖多少不用交税", "遥感卫星多少钱"]
    {
        let (ours, theirs) = (ask(&whole, question).answer, ask(&on_disk, question).answer);
        assert_eq!((ours.decision, ours.text()), (theirs.decision, theirs.text()), "{question}");
    }
}

#[test]
fn articles_are_numbered_as_laws_number_them() {
    for (number, text) in
        [(3, "三"), (10, "十"), (13, "十三"), (62, "六十二"), (100, "一百"), (109, "一百零九"), (110, "一百一十"), (128, "一百二十八")]
    {
        assert_eq!(chinese_numeral(number), text);
    }
}
