//! F64: questions with their sources, the staff's quarterly quiz, the evening lesson, and the prize quiz as Telegram polls and as a page,
//! with a draw that anybody can make again.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::fake_telegram::Posted;
use crate::harness::service::{Service, Staff};
use crate::harness::web::client;

const GROUP: i64 = -1001;
const START: &str = "2026-04-10T09:00:00+08:00";
const END: &str = "2026-04-12T18:00:00+08:00";

fn item(key: &str, answer: usize, document: &str, quote: &str) -> Value {
    json!({"key": key, "question": format!("题目{key}？"), "options": ["甲", "乙", "丙"], "answer": answer, "explanation": "见原文。",
        "document": document, "quote": quote})
}

fn bank() -> Value {
    json!({"title": "起征点和车购税", "items": [
        item("a", 1, "vat-threshold", "月销售额没有达到10万元的，免征增值税"),
        item("b", 2, "vat-threshold", "要就全部销售额计算缴纳增值税"),
        item("c", 3, "vehicle", "自购买之日起60日内申报车辆购置税"),
    ]})
}

async fn made(staff: &Staff<'_>, kind: &str) -> Value {
    let bank = staff.does("/quiz-banks", &bank()).await;
    let quiz = json!({"kind": kind, "title": "四月答题", "bank": bank["bank"], "opens_at": START, "closes_at": END, "pass_percent": 60,
        "winners": 2, "prize": "税法口袋书一本"});
    staff.does("/quizzes", &quiz).await
}

fn answers(choices: [usize; 3]) -> Value {
    json!({"answers": [{"item": "a", "choice": choices[0]}, {"item": "b", "choice": choices[1]}, {"item": "c", "choice": choices[2]}]})
}

fn at(service: &Service, time: &str) {
    service.clock.set(Timestamp::parse(time).unwrap());
}

#[tokio::test]
async fn every_shipped_question_rests_on_words_that_stand_in_its_document() {
    let knowledge = concat!(env!("CARGO_MANIFEST_DIR"), "/knowledge");
    let service = Service::with("2026-11-24T12:00:00+08:00", &[("TAXHOME_KNOWLEDGE_DIR", knowledge)]).await;
    let trainer = service.staff("小训", Role::Trainer).await;
    let banks = trainer.get("/quiz-banks").await;
    let mut seen = 0;
    for bank in banks.as_array().unwrap() {
        for item in bank["items"].as_array().unwrap() {
            assert_eq!(item["blocked"], Value::Null, "{item}");
            assert!(item["quote"].is_string(), "{item}");
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen}");
    // What ends on 31 December 2027 is not asked on the day after.
    at(&service, "2028-01-01T09:00:00+08:00");
    let banks = trainer.get("/quiz-banks").await;
    let blocked: Vec<&Value> = banks[0]["items"].as_array().unwrap().iter().filter(|item| item["blocked"].is_string()).collect();
    assert!(blocked.len() >= 5 && blocked[0]["blocked"].as_str().unwrap().contains("已失效"), "{blocked:?}");
}

#[tokio::test]
async fn staff_take_the_quarterly_quiz_twice_and_their_scores_are_kept_by_person() {
    let service = Service::at("2026-04-09T10:00:00+08:00").await;
    let trainer = service.staff("小训", Role::Trainer).await;
    let desk = service.staff("小服", Role::Desk).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let quiz = made(&trainer, "staff").await;
    let banks = desk.client().get(format!("{}/api/v1/quiz-banks", service.base)).send().await.unwrap();
    assert_eq!(banks.status(), 403, "whoever takes the quiz does not read the right answers first");
    assert!(!quiz.to_string().contains("\"answer\""), "the right answers are not told: {quiz}");
    let id = quiz["id"].as_str().unwrap();
    let path = format!("/quizzes/{id}/answers");
    assert!(desk.refused(&path, &answers([1, 2, 3]), 409).await.contains("开始"));
    at(&service, "2026-04-10T10:00:00+08:00");
    let missing = json!({"answers": [{"item": "a", "choice": 1}, {"item": "b", "choice": 9}, {"item": "c", "choice": 3}]});
    assert_eq!(desk.refused(&path, &missing, 422).await, "第 2 题还没有选，请选好再提交");
    let first = desk.does(&path, &answers([1, 1, 1])).await;
    assert_eq!((&first["correct"], &first["total"], &first["passed"]), (&json!(1), &json!(3), &json!(false)));
    let again = desk.does(&path, &answers([1, 2, 1])).await;
    assert_eq!((&again["attempt"], &again["correct"], &again["passed"]), (&json!(2), &json!(2), &json!(true)));
    assert!(desk.refused(&path, &answers([1, 2, 3]), 409).await.contains("答满 2 次"));
    publicity.does(&path, &answers([1, 2, 3])).await;
    let scores = trainer.get(&format!("/quizzes/{id}/scores")).await;
    let scores: Vec<_> =
        scores.as_array().unwrap().iter().map(|score| json!([score["person"], score["attempt"], score["correct"]])).collect();
    assert_eq!(json!(scores), json!([["小服", 1, 1], ["小服", 2, 2], ["小宣", 1, 3]]));
    at(&service, END);
    assert!(trainer.refused(&path, &answers([1, 2, 3]), 409).await.contains("结束"));
    trainer.refused("/quizzes/none/answers", &answers([1, 2, 3]), 404).await;
}

#[tokio::test]
async fn a_question_is_not_asked_from_the_day_its_source_ends_and_a_bad_bank_is_told_where() {
    let service = Service::at("2027-12-31T10:00:00+08:00").await;
    let trainer = service.staff("小训", Role::Trainer).await;
    let made_bank = trainer.does("/quiz-banks", &bank()).await;
    let new = json!({"kind": "staff", "title": "跨年", "bank": made_bank["bank"], "opens_at": "2027-12-31T09:00:00+08:00",
        "closes_at": "2028-01-10T18:00:00+08:00"});
    let quiz = trainer.does("/quizzes", &new).await;
    assert_eq!(quiz["questions"].as_array().unwrap().len(), 3);
    at(&service, "2028-01-01T10:00:00+08:00");
    let later = trainer.get(&format!("/quizzes/{}", quiz["id"].as_str().unwrap())).await;
    assert_eq!((later["questions"].as_array().unwrap().len(), later["blocked"].as_array().unwrap().len()), (1, 2), "{later}");
    let only = json!({"answers": [{"item": "c", "choice": 3}]});
    let score = trainer.does(&format!("/quizzes/{}/answers", quiz["id"].as_str().unwrap()), &only).await;
    assert_eq!((&score["correct"], &score["total"]), (&json!(1), &json!(1)));
    assert!(trainer.refused("/quizzes", &new, 422).await.contains("已失效"));

    let with = |change: &dyn Fn(&mut Value)| {
        let mut bank = json!({"title": "一课", "items": [item("c", 3, "vehicle", "自购买之日起60日内申报车辆购置税")]});
        change(&mut bank["items"][0]);
        bank
    };
    for (bank, says) in [
        (with(&|item| item["document"] = json!("nowhere")), "不在政策库里"),
        (with(&|item| item["quote"] = json!("自购买之日起90日内")), "找不到引用的原文"),
        (with(&|item| item["article"] = json!("第九十九条")), "没有这一条"),
        (with(&|item| item["document"] = json!("vat-2023")), "已失效"),
        (with(&|item| item["answer"] = json!(4)), "1 到 3"),
        (with(&|item| item["options"] = json!(["甲", "甲"])), "各不相同"),
        (with(&|item| item["question"] = json!("长".repeat(256))), "255 个字"),
    ] {
        let detail = trainer.refused("/quiz-banks", &bank, 422).await;
        assert!(detail.contains(says) && detail.contains("第 1 题"), "{detail}");
    }
    for (field, value, says) in [
        ("closes_at", json!("2027-12-30T09:00:00+08:00"), "晚于开始"),
        ("attempts", json!(0), "1 到 10"),
        ("pass_percent", json!(101), "1 到 100"),
        ("bank", json!("none"), "题库"),
        ("items", json!(["x"]), "没有的 key"),
    ] {
        let mut wrong = new.clone();
        wrong["items"] = json!(["c"]);
        wrong[field] = value;
        let status = if field == "bank" { 404 } else { 422 };
        let detail = trainer.refused("/quizzes", &wrong, status).await;
        assert!(detail.contains(says), "{field}: {detail}");
    }
}

#[tokio::test]
async fn the_prize_quiz_runs_in_a_group_and_on_the_web_and_anybody_can_draw_again() {
    let service = Service::at("2026-04-09T10:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    publicity.register(GROUP, "城东", &[]).await;
    let quiz = made(&publicity, "prize").await;
    let id = quiz["id"].as_str().unwrap();
    let page = format!("{}/quizzes/{id}", service.base);
    let browser = client(HeaderMap::new());
    assert_eq!(browser.get(&page).send().await.unwrap().status(), 404, "nobody sees it before its announcement is approved");
    assert_eq!(quiz["seed"], Value::Null);
    let announced = publicity.does(&format!("/quizzes/{id}/announce"), &json!({"targets": {"tags": ["*"]}})).await;
    let bulletin = announced["bulletin"].as_str().unwrap().to_owned();
    let previews = approver.get(&format!("/bulletins/{bulletin}/preview")).await;
    assert_eq!(previews[0]["parts"].as_array().unwrap().len(), 4, "the approver sees text and polls: {previews}");
    approver.does(&format!("/bulletins/{bulletin}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{bulletin}/schedule"), &json!({"at": START})).await;
    at(&service, "2026-04-10T09:00:05+08:00");
    service.tick().await;
    service.deliver().await;

    let posted = service.telegram.messages(GROUP);
    let polls: Vec<&Posted> = posted.iter().filter(|posted| posted.poll.is_some()).collect();
    assert_eq!((posted.len(), polls.len()), (4, 3));
    assert!(posted[0].visible.contains(quiz["seed_hash"].as_str().unwrap()), "the hash is public before anybody answers");
    let first = polls[0].poll.as_ref().unwrap();
    assert_eq!((&first["type"], &first["correct_option_id"], &first["is_anonymous"]), (&json!("quiz"), &json!(0), &json!(false)));
    assert!(first["explanation"].as_str().unwrap().contains("依据：小规模纳税人增值税起征点"), "{first}");

    // Four people in the group: two all right, one right in two of three, one wrong throughout; a repeated update changes nothing.
    for (person, choices) in [(11, [0, 1, 2]), (12, [1, 2, 0]), (13, [0, 1, 0]), (14, [0, 1, 2])] {
        for (poll, choice) in polls.iter().zip(choices) {
            service.telegram.votes(GROUP, person, poll.id, choice);
        }
        service.receive().await;
    }
    service.telegram.votes(GROUP, 12, polls[0].id, 0);
    service.receive().await;
    // Whoever wants to be drawn says so in the private chat.
    for person in [11, 12, 13, 14] {
        service.telegram.private(person, "测试");
        service.telegram.says(person, person, &format!("/start quiz_{id}"));
        service.telegram.says(person, person, &format!("139000000{person}"));
        service.converse().await;
    }
    let said = |person: i64| service.said(person).join("\n");
    assert!(said(11).contains("答对 3 题，共 3 题") && said(11).contains("您的抽奖号是 1 号"), "{}", said(11));
    assert!(said(12).contains("这次没有达到") && !said(12).contains("抽奖号是"), "{}", said(12));

    let on_page = browser.get(&page).send().await.unwrap().text().await.unwrap();
    assert!(
        on_page.contains("题目a？") && on_page.contains(quiz["seed_hash"].as_str().unwrap()) && !on_page.contains("正确答案"),
        "{on_page}"
    );
    let form = |name: &str, last: &str| {
        [("name", name), ("q-a", "1"), ("q-b", "2"), ("q-c", last), ("phone", "13812345678"), ("agree", "1")].map(owned)
    };
    let unnamed = browser.post(&page).form(&form("", "3")).send().await.unwrap();
    assert_eq!(unnamed.status(), 422);
    assert!(unnamed.text().await.unwrap().contains("请填写称呼"));
    let unanswered = browser.post(&page).form(&form("王芳", "")).send().await.unwrap();
    assert!(unanswered.text().await.unwrap().contains("第 3 题还没有选"));
    let taken = browser.post(&page).form(&form("王芳", "3")).send().await.unwrap();
    assert_eq!(taken.status(), 303);
    let cookie = taken.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let mine = browser.get(&page).header("cookie", &cookie).send().await.unwrap().text().await.unwrap();
    assert!(mine.contains("答对 3 题，共 3 题") && mine.contains("5 号") && mine.contains("正确答案"), "{mine}");
    let again = browser.post(&page).header("cookie", &cookie).form(&form("王芳", "1")).send().await.unwrap();
    assert!(again.text().await.unwrap().contains("每人一次"));

    let draw = format!("/quizzes/{id}/draw");
    assert!(publicity.refused(&draw, &json!({}), 409).await.contains("结束后才能抽奖"));
    at(&service, END);
    service.telegram.votes(GROUP, 15, polls[0].id, 0);
    service.receive().await;
    let drawn = publicity.does(&draw, &json!({})).await;
    assert!(publicity.refused(&draw, &json!({}), 409).await.contains("已经抽过奖"));
    let scores = publicity.get(&format!("/quizzes/{id}/scores")).await;
    let scores: Vec<_> = scores.as_array().unwrap().iter().map(|score| json!([score["number"], score["correct"]])).collect();
    assert_eq!(json!(scores), json!([[1, 3], [2, 0], [3, 2], [4, 3], [5, 3]]), "the first answer counts, what comes too late does not");
    assert_eq!(drawn["quiz"]["draw"]["entrants"], json!([1, 3, 4, 5]));

    // Anybody, with nothing but what was published.
    let seed = drawn["quiz"]["seed"].as_str().unwrap();
    assert_eq!(hex(&Sha256::digest(seed.as_bytes())), quiz["seed_hash"].as_str().unwrap());
    assert_eq!(drawn["quiz"]["draw"]["winners"], json!(drawn_again(seed, &[1, 3, 4, 5], 2)));

    let bulletin = drawn["bulletin"].as_str().unwrap();
    approver.does(&format!("/bulletins/{bulletin}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{bulletin}/send"), &json!({})).await;
    at(&service, "2026-04-13T09:00:00+08:00");
    service.deliver().await;
    let told = service.said(GROUP).pop().unwrap();
    let winner = drawn["winners"][0]["number"].as_i64().unwrap();
    assert!(told.contains(&format!("{winner} 号")) && told.contains(seed) && !told.contains("王芳"), "{told}");
    let published = browser.get(&page).send().await.unwrap().text().await.unwrap();
    assert!(published.contains(seed) && published.contains("抽奖结果"), "{published}");
}

#[tokio::test]
async fn an_evening_lesson_shows_the_passages_its_questions_rest_on() {
    let service = Service::at("2026-04-09T10:00:00+08:00").await;
    let trainer = service.staff("小训", Role::Trainer).await;
    let bank = trainer.does("/quiz-banks", &bank()).await;
    let browser = client(HeaderMap::new());
    let page = format!("{}/lessons/{}", service.base, bank["bank"].as_str().unwrap());
    let page = browser.get(page).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("月销售额没有达到10万元") && page.contains("60日内申报") && page.contains("/policies/vehicle"), "{page}");
    assert!(!page.contains("题目a"), "a lesson is read before it is asked");
    assert_eq!(browser.get(format!("{}/lessons/none", service.base)).send().await.unwrap().status(), 404);
    let empty = browser.get(format!("{}/quizzes", service.base)).send().await.unwrap().text().await.unwrap();
    assert!(empty.contains("现在没有进行中的答题"));
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The published method, written once more from its description.
fn drawn_again(seed: &str, entrants: &[i64], winners: usize) -> Vec<i64> {
    let mut left = entrants.to_vec();
    let mut won = Vec::new();
    for round in 1..=winners {
        let bytes: [u8; 16] = Sha256::digest(format!("{seed}:{round}").as_bytes())[..16].try_into().unwrap();
        let place = u128::from_be_bytes(bytes) % left.len() as u128;
        won.push(left.remove(place as usize));
    }
    won
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
