//! Which questions are taken for one (F38), and what an answer to one says to those who asked another near it.

use std::time::Duration;

use serde_json::json;
use taxhome::clock::Clock;
use taxhome::domain::staff::Role;
use taxhome::knowledge::Source;
use taxhome::search::{Cutting, Place, Search};
use taxhome::store::gap_grouping;

use crate::harness::service::Service;
use crate::harness::web::{Console, TestWeb, serve};

const YACHT: &str = "进口二手游艇的关税怎么算";
const YACHT_AND_MORE: &str = "进口二手游艇还有摩托艇的关税怎么算";

/// What the two limits of the measure were chosen by; the list grows with what staff find wrong.
#[test]
fn two_ways_of_asking_come_together_and_two_questions_do_not() {
    const SAME: [(&str, &str); 12] = [
        ("收到多少钱要交个税", "工资多少要交个税"),
        ("个税起征点是多少", "个人所得税起征点多少钱"),
        ("小规模季度开票超过30万怎么交税", "小规模一个季度开票超30万要怎么交"),
        ("公司注销要多久", "注销公司需要多长时间"),
        ("发票丢了怎么办", "丢了发票该怎么处理"),
        ("进口二手游艇的关税怎么算", "二手游艇进口关税怎么算"),
        ("个体户要不要报年报", "个体工商户需要报年报吗"),
        ("孩子上大学专项附加扣除怎么填", "专项附加扣除子女上大学怎么填"),
        ("电子税务局密码忘了怎么办", "忘记电子税务局密码怎么找回"),
        ("残保金怎么算", "残疾人就业保障金如何计算"),
        ("租房可以抵个税吗", "租房能不能抵扣个人所得税"),
        ("请问一下老师，火星上种土豆怎么备案呢", "火星种土豆如何备案"),
    ];
    const DIFFERENT: [(&str, &str); 15] = [
        ("工资多少要交个税", "卖房多少要交个税"),
        ("发票丢了怎么办", "发票开错了怎么办"),
        ("公司注销要多久", "退税要多久"),
        ("买新车怎么交车购税", "买新房怎么交契税"),
        ("车船税什么时候交", "房产税什么时候交"),
        ("火星上种土豆怎么备案", "跨区域经营怎么备案"),
        ("一般纳税人税率是多少", "小规模纳税人税率是多少"),
        ("个体户怎么注册", "个体户怎么注销"),
        ("小规模怎么开专票", "小规模怎么开普票"),
        ("印花税怎么算", "契税怎么算"),
        ("二手房交易交什么税", "二手车交易交什么税"),
        ("租房可以抵个税吗", "房贷可以抵个税吗"),
        ("进口二手游艇的关税怎么算", "进口汽车的关税怎么算"),
        ("季度30万要交增值税吗", "季度50万要交增值税吗"),
        ("2023年小规模征收率", "2026年小规模征收率"),
    ];
    let library = taxhome::knowledge::load(&Source::Embedded).unwrap();
    let search = Search::open(Place::Memory, library, Cutting::Passages).unwrap();
    let snapshot = search.snapshot();
    let same = |(one, other): &(&str, &str)| snapshot.said(one).same(&snapshot.said(other)).is_some();
    let shared = |(one, other): &(&str, &str)| snapshot.said(one).shared_with(&snapshot.said(other));
    let missed: Vec<_> = SAME.iter().filter(|pair| !same(pair)).map(|pair| (pair, shared(pair))).collect();
    let mixed: Vec<_> = DIFFERENT.iter().filter(|pair| same(pair)).map(|pair| (pair, shared(pair))).collect();
    assert!(missed.is_empty() && mixed.is_empty(), "not brought together: {missed:?}\nbrought together: {mixed:?}");

    // Of the questions written beside two different documents, next to none are taken for one.
    let mut said = Vec::new();
    for (at, document) in snapshot.documents().iter().enumerate() {
        said.extend(document.questions.iter().step_by(2).map(|question| (at, snapshot.said(question))));
    }
    let (mut pairs, mut taken) = (0, 0);
    for (at, (document, one)) in said.iter().enumerate() {
        for (_, other) in said[at + 1..].iter().filter(|(other, _)| other != document) {
            pairs += 1;
            taken += usize::from(one.same(other).is_some());
        }
    }
    assert!(pairs > 50_000 && taken * 2_000 < pairs, "{taken} of {pairs}");
}

/// The work for one question stays small however many groups there are. GAPS_MANY=10000 tries it with as many.
#[tokio::test]
async fn a_new_question_is_grouped_as_quickly_beside_many_groups() {
    let many: usize = std::env::var("GAPS_MANY").ok().and_then(|many| many.parse().ok()).unwrap_or(1_500);
    let web = serve().await;
    let now = web.clock.now();
    let desk = web.logged_in(Role::Desk).await;
    let alone = quickest(&web, &desk, [YACHT, "火星上种土豆怎么备案", "请问二手游艇进口的关税怎么算啊"]).await;
    let mut tx = web.store.begin().await.unwrap();
    for at in 0..many {
        let wide = |at: usize| char::from_u32(0x4e00 + u32::try_from(at % 9_000).unwrap()).unwrap();
        let question = format!("{}{}{}的关税怎么算", wide(at * 7), wide(at * 13 + 5), wide(at * 29 + 11));
        let new = gap_grouping::Ungrouped {
            id: format!("ans_{at}"),
            question: question.clone(),
            why: gap_grouping::Why::Unanswered,
            channel: "web".to_owned(),
            person: String::new(),
            asked_at: now,
        };
        let terms: Vec<String> = question.chars().map(|c| format!("c{c}")).take(8).collect();
        let gap = gap_grouping::open_group(&mut tx, &new, &terms, now).await.unwrap();
        gap_grouping::put(&mut tx, &gap, &new, "").await.unwrap();
    }
    tx.commit().await.unwrap();
    let beside_many = quickest(&web, &desk, ["进口房车的关税怎么算", "出口旧衣服退税怎么算", "月球上的土地怎么登记"]).await;
    println!("a page with one question to group: {alone:?} alone, {beside_many:?} beside {many} groups");
    assert!(beside_many < alone * 12, "{beside_many:?} beside {many} groups, {alone:?} alone");
}

/// The quickest of three pages that put a new question to its group.
async fn quickest(web: &TestWeb, desk: &Console, questions: [&str; 3]) -> Duration {
    let mut quickest = Duration::MAX;
    for question in questions {
        web.ask(question).await;
        let begun = std::time::Instant::now();
        assert!(desk.page("/console/gaps").await.contains("待补问题"));
        quickest = quickest.min(begun.elapsed());
    }
    quickest
}

#[tokio::test]
async fn whoever_asked_for_more_is_told_that_the_answer_is_to_another_question() {
    let service = Service::at("2026-11-24T09:30:00+08:00").await;
    for (person, name, question) in [(11, "甲", YACHT), (12, "乙", YACHT_AND_MORE)] {
        service.telegram.private(person, name);
        service.telegram.says(person, person, question);
        service.converse().await;
    }
    let desk = service.staff("李雷", Role::Desk).await;
    let listed = desk.get("/gaps").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "both stand in one group: {listed}");
    let id = listed["items"][0]["id"].as_str().unwrap().to_owned();
    let draft = json!({"question": YACHT, "answer": "月销售额没有达到10万元的，免征增值税。", "passages": [{"document": "vat-threshold", "passage": 0}]});
    desk.does(&format!("/gaps/{id}/draft"), &draft).await;
    service.staff("王审", Role::Approver).await.does(&format!("/gaps/{id}/approve"), &json!({"revision": 1})).await;
    service.deliver().await;
    let told = |person: i64| service.said(person).pop().unwrap();
    assert!(told(11).contains(&format!("您之前问的“{YACHT}”，现在有答复了")), "{}", told(11));
    assert!(told(12).contains(&format!("相近的问题“{YACHT}”")) && told(12).contains("请先看是不是同一件事"), "{}", told(12));
}
