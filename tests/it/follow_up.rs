//! F13, F18, F19, F22: answers that remember, ask back, were approved by people, or are not given.

use chrono::NaiveDate;
use serde_json::json;
use std::time::Duration;
use taxhome::answering::{Answering, Ask, Outcome, Reason};
use taxhome::domain::answer::Decision;
use taxhome::knowledge::{self, Source};

use crate::harness::knowledge::{answering, ask, folder, today, write};
use crate::harness::service::Service;
use crate::harness::web::{KNOWN, serve};

const MORNING: &str = "2026-11-24T09:00:00+08:00";
const GROUP: i64 = -1001;
const PERSON: i64 = 11;

fn after(answering: &Answering, topic: &str, question: &str) -> Outcome {
    let topic = Some(topic.to_owned());
    answering.answer(&Ask { question: question.to_owned(), as_of: None, today: today(), topic })
}

const RATES: &str = "+++\ntitle = \"增值税征收率和税率\"\nkind = \"law\"\nnumber = \"增值税法\"\neffective_from = 2026-01-01\ntopics = [\"增值税\"]\n\
     questions = [\"卖货的增值税几个点\", \"增值税税率是多少\"]\n+++\n\n## 小规模纳税人\n\n- 小规模纳税人卖货的，增值税征收率是3%。（第一条）\n\n\
     ## 一般纳税人\n\n- 一般纳税人卖货的，增值税税率是13%。（第二条）\n";

#[test]
fn half_a_question_is_read_with_the_one_before_it() {
    let folder = folder();
    write(folder.path(), "policies/rates.md", RATES);
    let answering = answering(folder.path());
    for (topic, question, understood, lead) in [
        ("小规模纳税人卖货的增值税几个点", "那一般纳税人呢", "一般纳税人卖货的增值税几个点", "13%"),
        ("一般纳税人卖货的增值税几个点", "小规模呢？", "小规模卖货的增值税几个点", "3%"),
        ("留抵退税要带什么材料", "在哪办", "留抵退税在哪办", "电子税务局"),
        ("留抵退税在哪办", "那要多久能办好呢", "留抵退税要多久能办好", "10个工作日"),
    ] {
        let outcome = after(&answering, topic, question);
        assert_eq!(outcome.answer.understood_as.as_deref(), Some(understood), "{topic} / {question}");
        assert_eq!(outcome.answer.decision, Decision::Answered, "{topic} / {question}");
        assert!(outcome.answer.text().contains(lead), "{topic} / {question}: {}", outcome.answer.text());
    }
}

#[test]
fn a_date_alone_moves_the_question_to_that_date() {
    let folder = folder();
    let outcome = after(&answering(folder.path()), "小规模纳税人月销售额多少免增值税", "那2024年呢");
    assert_eq!(outcome.answer.as_of.to_string(), "2024-12-31");
    assert!(outcome.answer.text().contains("2023年第19号"), "{}", outcome.answer.text());
}

#[test]
fn a_whole_question_owes_nothing_to_the_one_before_it() {
    let folder = folder();
    let answering = answering(folder.path());
    for question in ["滞纳金一天多少", "这个月几号截止申报", "谢谢", "还有几天截止"] {
        let alone = ask(&answering, question);
        let after = after(&answering, "小规模纳税人月销售额多少免增值税", question);
        assert_eq!((alone.answer.lead, alone.reason), (after.answer.lead, after.reason), "{question}");
    }
}

#[test]
fn the_kind_of_taxpayer_is_asked_only_where_the_answers_differ_by_it() {
    let folder = folder();
    write(folder.path(), "policies/rates.md", RATES);
    let answering = answering(folder.path());
    let open = ask(&answering, "卖货的增值税几个点");
    assert_eq!((open.answer.decision, open.reason), (Decision::Clarify, Reason::Clarify), "{}", open.answer.text());
    assert_eq!(open.answer.suggestions, ["小规模纳税人卖货的增值税几个点", "一般纳税人卖货的增值税几个点"]);
    assert!(open.answer.citations.is_empty());
    for (question, figure) in open.answer.suggestions.iter().zip(["3%", "13%"]) {
        let chosen = ask(&answering, question);
        assert_eq!(chosen.answer.decision, Decision::Answered);
        assert!(chosen.answer.lead.contains(figure), "{question}: {}", chosen.answer.lead);
    }
    // One kind only is known of: nothing to choose between.
    let single = ask(&answering, "月销售额多少免征增值税");
    assert_eq!(single.answer.decision, Decision::Answered, "{}", single.answer.text());
}

const APPROVED: &str = "+++\ntitle = \"摆摊要不要交增值税\"\nkind = \"faq\"\ntopics = [\"增值税\"]\nquestions = [\"夜市摆摊要交增值税吗\"]\n\
     approved_by = \"示例县税务局纳税服务股\"\napproved_on = 2026-03-01\nrests_on = [\"threshold\"]\n+++\n\n\
     夜市摆摊的增值税：月销售额没到10万元的，免征。\n\n超过的，按规定申报。\n";

#[test]
fn an_approved_answer_comes_word_for_word_and_lapses_with_its_source() {
    let folder = folder();
    write(folder.path(), "verified/stall.md", APPROVED);
    let asked = |answering: &Answering, date: &str| {
        let today: NaiveDate = date.parse().unwrap();
        answering.answer(&Ask { question: "夜市摆摊要交增值税吗".to_owned(), as_of: None, today, topic: None })
    };
    let outcome = asked(&answering(folder.path()), "2026-11-23");
    assert_eq!(outcome.reason, Reason::Verified);
    assert_eq!(
        outcome.answer.text(),
        "夜市摆摊的增值税：月销售额没到10万元的，免征。\n超过的，按规定申报。\n本答复由示例县税务局纳税服务股于2026年3月1日审核。"
    );
    assert_eq!(outcome.answer.citations[1].number.as_deref(), Some("财政部 税务总局公告2026年第10号"));
    let later = asked(&answering(folder.path()), "2028-02-01");
    assert_ne!(later.reason, Reason::Verified, "its source ended on 2027-12-31");
    let gone = APPROVED.replace("\"threshold\"", "\"nowhere\"");
    write(folder.path(), "verified/stall.md", &gone);
    let problems = knowledge::load(&Source::Folder(folder.path().to_path_buf())).unwrap_err();
    assert!(problems[0].to_string().contains("rests_on") && problems[0].to_string().contains("nowhere"), "{}", problems[0]);
    for (line, field) in [("approved_by = \"示例县税务局纳税服务股\"\n", "approved_by"), ("approved_on = 2026-03-01\n", "approved_on")]
    {
        write(folder.path(), "verified/stall.md", &APPROVED.replace(line, ""));
        let problems = knowledge::load(&Source::Folder(folder.path().to_path_buf())).unwrap_err();
        assert!(problems[0].to_string().contains(field), "{}", problems[0]);
    }
}

#[test]
fn sensitive_words_are_neither_answered_nor_said() {
    let folder = folder();
    let glossary = std::fs::read_to_string(folder.path().join("glossary.tsv")).unwrap();
    write(folder.path(), "glossary.tsv", &format!("{glossary}坏东西\t辱骂\tsensitive\n"));
    write(
        folder.path(),
        "policies/rude.md",
        "+++\ntitle = \"印花税\"\nkind = \"notice\"\ntopics = [\"印花税\"]\nquestions = [\"印花税怎么贴\"]\n+++\n\n- 印花税票由坏东西贴在凭证上。\n",
    );
    let answering = answering(folder.path());
    assert_eq!(ask(&answering, "坏东西，滞纳金一天多少").reason, Reason::Sensitive);
    let said = ask(&answering, "印花税怎么贴");
    assert!(!said.answer.text().contains("坏东西") && said.answer.citations.is_empty(), "{}", said.answer.text());
    assert_eq!(answering.without_secrets("坏东西 13800138000"), format!("** {}", taxhome::answering::mask("13800138000")));
    assert_eq!(ask(&answering, "滞纳金一天多少").answer.decision, Decision::Answered);
}

#[tokio::test]
async fn on_the_wire_a_topic_lasts_ten_minutes_is_one_persons_and_ends_with_new() {
    let service = Service::at(MORNING).await;
    service.telegram.private(PERSON, "甲");
    service.telegram.private(PERSON + 1, "乙");
    service.telegram.group(GROUP, "城东纳税人之家");
    let say = async |chat: i64, person: i64, text: &str| {
        service.telegram.says(chat, person, text);
        service.converse().await;
        service.clock.advance(Duration::from_secs(61));
        service.said(chat).pop().unwrap()
    };
    say(PERSON, PERSON, KNOWN).await;
    assert!(say(PERSON, PERSON, "那2026年3月呢").await.contains("按「2026年3月小规模"), "the topic is remembered");
    assert!(say(PERSON + 1, PERSON + 1, "那2026年3月呢").await.contains("请把问题说完整"), "it is one person's");
    assert!(say(GROUP, PERSON, "/问 那2026年3月呢").await.contains("请把问题说完整"), "and of one chat");
    assert!(say(PERSON, PERSON, "/new").await.contains("换个话题"));
    assert!(say(PERSON, PERSON, "那2026年3月呢").await.contains("请把问题说完整"), "/new ends it");
    say(PERSON, PERSON, KNOWN).await;
    service.clock.advance(Duration::from_secs(600));
    assert!(say(PERSON, PERSON, "那2026年3月呢").await.contains("请把问题说完整"), "ten minutes are over");
}

#[tokio::test]
async fn on_the_web_a_visit_has_its_topic() {
    let web = serve().await;
    let ask = async |question: &str, session: &str| {
        let body = json!({"question": question, "session": session});
        let response = web.client.post(web.url("/api/v1/questions")).json(&body).send().await.unwrap();
        response.json::<serde_json::Value>().await.unwrap()
    };
    ask(KNOWN, "visit-1").await;
    let follow = ask("那2026年3月呢", "visit-1").await;
    assert!(follow["understood_as"].as_str().unwrap().starts_with("2026年3月小规模"), "{follow}");
    assert_eq!(follow["decision"], "answered");
    assert_eq!(ask("那2026年3月呢", "visit-2").await["understood_as"], serde_json::Value::Null);
    ask(KNOWN, "").await;
    assert_eq!(ask("那2026年3月呢", "").await["understood_as"], serde_json::Value::Null, "nobody is remembered without a name");
}
