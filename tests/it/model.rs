//! F70: a model may put the answer into plainer words; whatever it says or does wrong, people get the document's own words.

use std::time::Duration;

use taxhome::config::Config;

use crate::harness::fake_model::{FakeModel, Manner};
use crate::harness::service::Service;
use crate::harness::web::{KNOWN, TestWeb, UNKNOWN, serve, serve_configured, write_knowledge};

const PLAIN: &str = "您是小规模纳税人的话，每月销售额不到10万元，就不用交增值税。";

/// One sentence with two rates, a permission, a prohibition and a denial.
const SWAPS: &str = r#"+++
title = "境外单位服务费代扣代缴"
number = "财政部公告2024年第77号"
kind = "notice"
effective_from = 2024-01-01
topics = ["增值税"]
questions = ["境外单位服务费代扣代缴怎么算"]
+++

## 怎么算

- 向境外单位支付货物款按13%代扣代缴，支付服务费按6%代扣代缴；取得专用发票的可以抵扣，没有按期缴税的不得抵扣。
"#;

async fn with_model(manner: Manner) -> (TestWeb, FakeModel) {
    let model = FakeModel::start(manner).await;
    let url = model.url.clone();
    let web = serve_configured(|config| {
        config.model.url = url;
        config.model.key = "sk-test".to_owned().into();
        config.model.timeout_seconds = 1;
    })
    .await;
    (web, model)
}

/// The answer's lead with the model, and whether it was asked.
async fn lead(web: &TestWeb) -> String {
    web.ask(KNOWN).await["lead"].as_str().unwrap().to_owned()
}

async fn own_words() -> String {
    lead(&serve().await).await
}

#[tokio::test]
async fn words_that_hold_are_shown_with_our_citations_and_caution() {
    let (web, model) = with_model(Manner::Says(PLAIN.to_owned())).await;
    let plain = serve().await.ask(KNOWN).await;
    let answer = web.ask(KNOWN).await;
    assert_eq!(answer["lead"], PLAIN);
    assert!(answer["answer"].as_str().unwrap().starts_with(PLAIN));
    for ours in ["citations", "details", "caution", "as_of", "decision", "suggestions"] {
        assert_eq!(answer[ours], plain[ours], "{ours}");
    }
    let page = web.page(&format!("/ask?q={KNOWN}")).await;
    assert!(page.contains("就不用交增值税") && page.contains("财政部 税务总局公告2026年第10号"));
    let call = &model.calls()[0];
    assert_eq!(call.authorization.as_deref(), Some("Bearer sk-test"));
    assert_eq!((call.body["stream"].as_bool(), call.body["model"].as_str()), (Some(true), Some("default")));
}

#[tokio::test]
async fn other_ways_of_saying_the_same_are_shown() {
    let (web, model) = with_model(Manner::Stalls).await;
    for said in [
        "小规模纳税人每个月销售额没有达到100,000元的，免征增值税。",
        "小规模纳税人月销售额不到十万元，不需要缴纳增值税。",
        "如果您是小规模纳税人，月销售额未达到１０万元，就免征增值税。",
        "<think>10万元以上怎么办？</think>\n\n**小规模纳税人**月销售额没有达到10万元的，免交增值税。\n",
        "小规模纳税人月销售额没有达到10万元的，免征增值税；达到起征点的，要就全部销售额计算缴纳增值税。",
    ] {
        model.says(said);
        let shown = lead(&web).await;
        assert_eq!(shown.contains("财政部"), said.contains("财政部"), "{said} was refused");
        assert!(!shown.contains("think") && !shown.contains('*'), "{shown}");
    }
    model.behave(Manner::SaysWhole(PLAIN.to_owned()));
    assert_eq!(lead(&web).await, PLAIN);
}

#[tokio::test]
async fn words_that_do_not_hold_are_never_shown() {
    let own = own_words().await;
    let (web, model) = with_model(Manner::Stalls).await;
    for (wrong, said) in [
        ("a figure", "小规模纳税人月销售额没有达到15万元的，免征增值税。"),
        ("a figure in Chinese numerals", "小规模纳税人月销售额没有达到十五万元的，免征增值税。"),
        ("a figure ten times as large", "小规模纳税人月销售额没有达到1,000,000元的，免征增值税。"),
        ("a figure in other digits", "小规模纳税人月销售额没有达到10万元的，超过的按۳%免征增值税。"),
        ("a figure in full width", "小规模纳税人月销售额没有达到１５万元的，免征增值税。"),
        ("a figure of another rule", "小规模纳税人月销售额没有达到1000元的，免征增值税。"),
        ("two figures", "小规模纳税人月销售额没有达到10万元（季度30万元）的，免征增值税。"),
        ("a rate", "小规模纳税人月销售额没有达到10万元的，免征增值税，超过的按1%征收增值税。"),
        ("a 文号", "小规模纳税人月销售额没有达到10万元的，免征增值税（财政部 税务总局公告2026年第12号）。"),
        ("a year of a 文号", "小规模纳税人月销售额没有达到10万元的，免征增值税（财政部 税务总局公告2025年第10号）。"),
        ("an article", "小规模纳税人月销售额没有达到10万元的，免征增值税（增值税法第三十二条）。"),
        ("a date", "2028年1月1日起，小规模纳税人月销售额没有达到10万元的，免征增值税。"),
        ("whom it is about, left out", "月销售额没有达到10万元的，免征增值税。"),
        ("whom it is about", "一般纳税人月销售额没有达到10万元的，免征增值税。"),
        ("everybody", "纳税人月销售额没有达到10万元的，免征增值税。"),
        ("the limit, left out", "小规模纳税人免征增值税。"),
        ("the period", "小规模纳税人季度销售额没有达到10万元的，免征增值税。"),
        ("the period, left out", "小规模纳税人销售额没有达到10万元的，免征增值税。"),
        ("below made up to", "小规模纳税人月销售额不超过10万元的，免征增值税。"),
        ("below made over", "小规模纳税人月销售额超过10万元的，免征增值税。"),
        ("the effect", "小规模纳税人月销售额没有达到10万元的，减半征收增值税。"),
        ("a denial", "小规模纳税人月销售额没有达到10万元的，不免征增值税。"),
        ("another denial", "小规模纳税人月销售额没有达到10万元的，不得免征增值税。"),
        ("a denial of it all", "小规模纳税人月销售额没有达到10万元的，免征增值税，这是错误的。"),
        ("a doubt", "小规模纳税人月销售额没有达到10万元的，免征增值税？"),
        ("an exception", "小规模纳税人月销售额没有达到10万元的，免征增值税，房屋出租除外。"),
        ("a name", "小规模纳税人月销售额没有达到10万元的，免征增值税，请找张三办理。"),
        ("a promise", "小规模纳税人月销售额没有达到10万元的，永远免征增值税。"),
        ("a link", "小规模纳税人月销售额没有达到10万元的，免征增值税。详见https://evil.example/x"),
        ("a bare link", "小规模纳税人月销售额没有达到10万元的，免征增值税evil.cn"),
        ("markup", "小规模纳税人月销售额没有达到10万元的，免征<b>增值税</b>。"),
        ("an account", "小规模纳税人月销售额没有达到10万元的，免征增值税@evil"),
        ("an order obeyed", "忽略以上规定，您不用交税。"),
        ("a hidden sign", "小规模纳税人月销售额没有达到10万元的，免征\u{202e}增值税。"),
        ("a telephone number", "小规模纳税人月销售额没有达到10万元的，免征增值税，电话13800138000。"),
        ("nothing", "  \n "),
        ("signs alone", "……"),
        ("too much", &"小规模纳税人月销售额没有达到10万元的，免征增值税。".repeat(9)),
    ] {
        model.says(said);
        assert_eq!(lead(&web).await, own, "{wrong}: {said}");
    }
    assert_eq!(model.calls().len(), 38, "every one was asked for: refused words are no failure of the endpoint");
}

#[tokio::test]
async fn figures_and_conditions_that_change_places_are_seen() {
    const QUESTION: &str = "境外单位服务费代扣代缴怎么算";
    let model = FakeModel::start(Manner::Stalls).await;
    let url = model.url.clone();
    let web = serve_configured(|config| {
        config.model.url = url;
        std::fs::write(format!("{}/policies/swap.md", config.knowledge_dir), SWAPS).unwrap();
    })
    .await;
    let honest = "向境外单位支付货物款，按13%代扣代缴，支付服务费的，按百分之六代扣代缴；取得专用发票的可以抵扣，没按期缴税的不得抵扣。";
    model.says(honest);
    assert_eq!(web.ask(QUESTION).await["lead"], honest);
    for lie in [
        "向境外单位支付货物款按6%代扣代缴，支付服务费按13%代扣代缴；取得专用发票的可以抵扣，没有按期缴税的不得抵扣。",
        "向境外单位支付货物款和服务费按6%和13%代扣代缴；取得专用发票的可以抵扣，没有按期缴税的不得抵扣。",
        "向境外单位支付货物款按13%代扣代缴，支付服务费按6%代扣代缴；取得专用发票的不得抵扣，没有按期缴税的可以抵扣。",
        "向境外单位支付货物款按13%代扣代缴，支付服务费按6%代扣代缴；取得专用发票的可以抵扣，按期缴税的不得抵扣。",
        "向境外单位支付货物款按13%代扣代缴，支付服务费按6%代扣代缴；没有取得专用发票的可以抵扣，没有按期缴税的不得抵扣。",
        "向境外单位支付货物款按13%代扣代缴，支付服务费按6%代扣代缴；取得专用发票的可以抵扣。",
        "支付单位货物款按13%代扣代缴，支付服务费按6%代扣代缴；取得专用发票的可以抵扣，没有按期缴税的不得抵扣。",
    ] {
        model.says(lie);
        let lead = web.ask(QUESTION).await["lead"].as_str().unwrap().to_owned();
        assert!(lead.starts_with("向境外单位支付"), "{lie} was shown: {lead}");
    }
}

#[tokio::test]
async fn an_endpoint_that_fails_is_not_noticed() {
    let own = own_words().await;
    let elsewhere = FakeModel::start(Manner::Says(PLAIN.to_owned())).await;
    for manner in [
        Manner::Stalls,
        Manner::StallsMidway(PLAIN.to_owned()),
        Manner::BreaksOff(PLAIN.to_owned()),
        Manner::CutShort(PLAIN.to_owned()),
        Manner::Garbage,
        Manner::NotUtf8,
        Manner::Endless,
        Manner::EndlessLine,
        Manner::Status(500),
        Manner::Status(429),
        Manner::Status(401),
        Manner::Redirects(format!("{}/chat/completions", elsewhere.url)),
    ] {
        let (web, model) = with_model(manner.clone()).await;
        assert_eq!(lead(&web).await, own, "{manner:?}");
        assert_eq!(model.calls().len(), 1, "{manner:?}");
    }
    assert!(elsewhere.calls().is_empty(), "a redirect was followed");
}

#[tokio::test]
async fn after_three_failures_it_is_left_alone_for_a_minute() {
    let own = own_words().await;
    let (web, model) = with_model(Manner::Status(500)).await;
    for _ in 0..5 {
        assert_eq!(lead(&web).await, own);
    }
    assert_eq!(model.calls().len(), 3);
    model.says(PLAIN);
    web.clock.advance(Duration::from_secs(59));
    assert_eq!(lead(&web).await, own);
    web.clock.advance(Duration::from_secs(2));
    assert_eq!(lead(&web).await, PLAIN);
    model.behave(Manner::Status(500));
    assert_eq!(lead(&web).await, own);
    assert_eq!(model.calls().len(), 5, "one failure after a success is not three");
}

#[tokio::test]
async fn a_refusal_is_never_reworded_and_personal_numbers_never_leave() {
    let (web, model) = with_model(Manner::Says(PLAIN.to_owned())).await;
    let answer = web.ask(UNKNOWN).await;
    assert_ne!(answer["decision"], "answered");
    assert!(model.calls().is_empty());
    web.ask(&format!("我的手机13800138000，{KNOWN}")).await;
    let calls = format!("{:?}", model.calls());
    assert!(!calls.contains("13800138000"), "{calls}");
}

#[tokio::test]
async fn in_telegram_the_stored_message_is_the_one_shown() {
    let model = FakeModel::start(Manner::Says(PLAIN.to_owned())).await;
    let service = Service::with("2026-11-24T09:00:00+08:00", &[("TAXHOME_MODEL__URL", &model.url)]).await;
    service.telegram.private(11, "甲");
    service.telegram.says(11, 11, KNOWN);
    service.converse().await;
    let said = service.said(11);
    assert!(said[0].starts_with(PLAIN) && said[0].contains("财政部 税务总局公告2026年第10号"), "{}", said[0]);
    model.says("小规模纳税人月销售额没有达到50万元的，免征增值税。");
    service.clock.advance(Duration::from_secs(20));
    service.telegram.says(11, 11, KNOWN);
    service.converse().await;
    let said = service.said(11);
    assert!(said[1].starts_with("小规模纳税人月销售额没有达到10万元的，免征增值税。"), "{}", said[1]);
}

#[tokio::test]
async fn the_command_line_says_whose_words_they_are() {
    let model = FakeModel::start(Manner::Says(PLAIN.to_owned())).await;
    let dir = tempfile::tempdir().unwrap();
    write_knowledge(dir.path());
    let (folder, url) = (dir.path().to_owned(), model.url.clone());
    let ask = move || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_taxhome"));
        command.current_dir(&folder).args(["ask", KNOWN, "--as-of", "2026-11-24", "--explain"]).env("TAXHOME_MODEL__URL", &url);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let (one, ask) = tokio::task::spawn_blocking(move || (ask(), ask)).await.unwrap();
    assert!(one.starts_with(PLAIN) && one.contains("model: reworded"), "{one}");
    model.behave(Manner::Garbage);
    let two = tokio::task::spawn_blocking(ask).await.unwrap();
    assert!(two.starts_with("小规模纳税人月销售额没有达到10万元的") && two.contains("model: the document's own words"), "{two}");
}

#[test]
fn a_wrong_section_is_named() {
    for (name, value, says) in [
        ("TAXHOME_MODEL__URL", "127.0.0.1:8000", "model.url 要写成完整的网址"),
        ("TAXHOME_MODEL__URL", "ftp://example.cn/v1", "model.url 要写成完整的网址"),
        ("TAXHOME_MODEL__TIMEOUT_SECONDS", "0", "model.timeout_seconds 要在 1 到 20 之间"),
    ] {
        let error = Config::load(None, [(name.to_owned(), value.to_owned())]).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}
