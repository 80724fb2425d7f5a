//! Which questions are taken for one (F38), and what an answer to one says to those who asked another near it.

use std::time::Duration;

use serde_json::json;
use taxhome::clock::Clock;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;
use taxhome::knowledge::Source;
use taxhome::search::{Cutting, Place, Search};
use taxhome::store::questions::{self, NewQuestion};

use crate::harness::service::Service;

const YACHT: &str = "进口二手游艇的关税怎么算";
const YACHT_AND_MORE: &str = "进口二手游艇还有摩托艇的关税怎么算";

/// What the two limits of the measure were chosen by; the list grows with what staff find wrong.
#[test]
fn two_ways_of_asking_come_together_and_two_questions_do_not() {
    const SAME: [(&str, &str); 13] = [
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
        ("个税怎么退", "个税退税怎么退"),
    ];
    const DIFFERENT: [(&str, &str); 22] = [
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
        // A further thing is named.
        ("个税怎么交", "卖房的个税怎么交"),
        ("发票怎么开", "农产品发票怎么开"),
        ("公司怎么注销", "分公司怎么注销"),
        ("契税怎么算", "二套房契税怎么算"),
        ("社保怎么交", "灵活就业社保怎么交"),
        ("印花税怎么交", "买卖合同印花税怎么交"),
        ("进口二手游艇的关税怎么算", YACHT_AND_MORE),
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

/// The work for one question stays small however many were grouped before. GAPS_MANY=10000 tries it with as many.
#[tokio::test]
async fn a_question_is_put_into_its_group_as_quickly_beside_many() {
    const BATCH: usize = 100;
    const SUBJECTS: [&str; 20] = [
        "房产税",
        "契税",
        "印花税",
        "个税",
        "增值税",
        "关税",
        "车船税",
        "残保金",
        "社保费",
        "环保税",
        "资源税",
        "耕地占用税",
        "消费税",
        "企业所得税",
        "土地增值税",
        "烟叶税",
        "车辆购置税",
        "城建税",
        "教育费附加",
        "工会经费",
    ];
    const ASKING: [&str; 5] = ["怎么算", "什么时候交", "能不能退", "在哪里备案", "要带哪些材料"];
    let many: usize = std::env::var("GAPS_MANY").ok().and_then(|many| many.parse().ok()).unwrap_or(1_500).max(2 * BATCH);
    let service = Service::at("2026-11-24T09:30:00+08:00").await;
    let now = service.clock.now();
    let mut batches = Vec::new();
    for batch in 0..many / BATCH {
        let mut tx = service.store.begin().await.unwrap();
        for at in batch * BATCH..(batch + 1) * BATCH {
            // A thing nobody else asked about, a tax everybody asks about, one of a few ways to ask; every tenth asks what one before did.
            let wide = |at: usize| char::from_u32(0x4e00 + u32::try_from(at % 9_000).unwrap()).unwrap();
            let thing = if at % 10 == 9 { at - 9 } else { at };
            let (subject, asking) = (SUBJECTS[thing % SUBJECTS.len()], ASKING[thing / 7 % ASKING.len()]);
            let question = format!("{}{}{}的{subject}{asking}", wide(thing * 7), wide(thing * 13 + 5), wide(thing * 29 + 11));
            questions::log(&mut tx, &abstained(at, question, now)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let begun = std::time::Instant::now();
        assert_eq!(service.app.gaps.catch_up(now).await.unwrap(), BATCH);
        batches.push(begun.elapsed() / u32::try_from(BATCH).unwrap());
    }
    let quickest = |batches: &[Duration]| batches.iter().min().copied().unwrap();
    let (first, last) = (batches[0], quickest(&batches[batches.len().saturating_sub(3)..]));
    let ratio = last.as_secs_f64() / first.as_secs_f64();
    println!("one question put into its group: {first:?} among the first {BATCH}, {last:?} among {many}, ratio {ratio:.2}");
    let listed = service.staff("李雷", Role::Desk).await.get("/gaps?limit=1").await;
    assert!(listed["items"][0]["count"].as_i64().unwrap() >= 2, "those who asked the same stand together: {listed}");
    assert!(ratio < 6.0, "{first:?} among {BATCH}, {last:?} among {many}");
}

fn abstained(at: usize, question: String, asked_at: Timestamp) -> NewQuestion {
    NewQuestion {
        id: format!("ans_{at}"),
        channel: "web".to_owned(),
        person: String::new(),
        scope: "private".to_owned(),
        question,
        decision: "abstained".to_owned(),
        reason: "nothing".to_owned(),
        gap: true,
        document: None,
        score: 0.0,
        suggestions: Vec::new(),
        took_us: 0,
        asked_at,
    }
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
    let gaps = listed["items"].as_array().unwrap();
    let of = |question: &str| gaps.iter().find(|gap| gap["question"] == question).unwrap()["id"].as_str().unwrap().to_owned();
    let (id, more) = (of(YACHT), of(YACHT_AND_MORE));
    desk.does(&format!("/gaps/{more}/merge"), &json!({"into": id})).await;
    let draft = json!({"question": YACHT, "answer": "月销售额没有达到10万元的，免征增值税。", "passages": [{"document": "vat-threshold", "passage": 0}]});
    desk.does(&format!("/gaps/{id}/draft"), &draft).await;
    service.staff("王审", Role::Approver).await.does(&format!("/gaps/{id}/approve"), &json!({"revision": 1})).await;
    service.deliver().await;
    let told = |person: i64| service.said(person).pop().unwrap();
    assert!(told(11).contains(&format!("您之前问的“{YACHT}”，现在有答复了")), "{}", told(11));
    assert!(told(12).contains(&format!("相近的问题“{YACHT}”")) && told(12).contains("请先看是不是同一件事"), "{}", told(12));
}
