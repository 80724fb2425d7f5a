//! F26, F28, F73 and the commands: conversations on the Telegram wire.

use serde_json::{Value, json};
use taxhome::channels::telegram::CallError;
use taxhome::channels::telegram::receive::{PollError, poll_once};
use taxhome::store::updates;

use crate::harness::fake_telegram::{BOT_ID, BOT_NAME, FakeTelegram, Fault};
use crate::harness::service::Service;
use crate::harness::web::KNOWN;

const MORNING: &str = "2026-11-24T09:00:00+08:00";
const GROUP: i64 = -1001;
const PERSON: i64 = 11;

async fn started() -> Service {
    let service = Service::at(MORNING).await;
    service.telegram.private(PERSON, "甲");
    service.telegram.group(GROUP, "城东纳税人之家");
    service
}

#[tokio::test]
async fn a_question_in_private_is_answered_with_its_source() {
    let service = started().await;
    service.telegram.says(PERSON, PERSON, KNOWN);
    service.converse().await;
    let said = service.said(PERSON);
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("小规模纳税人月销售额没有达到10万元的，免征增值税。"), "{}", said[0]);
    assert!(said[0].contains("财政部 税务总局公告2026年第10号") && said[0].contains("现行有效"), "{}", said[0]);
}

#[tokio::test]
async fn in_a_group_it_answers_what_is_meant_for_it_and_nothing_else() {
    let service = started().await;
    let answered = ["/ask ", "/问 ", "问 ", &format!("@{BOT_NAME} "), &format!("/ask@{BOT_NAME} ")].map(|lead| format!("{lead}{KNOWN}"));
    for text in &answered {
        let entities = match text.find('@') {
            Some(0) => json!({"entities": [{"type": "mention", "offset": 0, "length": BOT_NAME.len() + 1}]}),
            _ => json!({}),
        };
        let before = service.said(GROUP).len();
        service.telegram.says_with(GROUP, PERSON, text, &entities);
        service.clock.advance(std::time::Duration::from_secs(20));
        service.converse().await;
        assert_eq!(service.said(GROUP).len(), before + 1, "{text}");
    }
    let quiet = [
        (KNOWN.to_owned(), json!({})),
        (format!("/ask@other_bot {KNOWN}"), json!({})),
        (format!("@所有人 {KNOWN}"), json!({})),
        (format!("/问 {KNOWN}"), json!({"from": {"id": 99, "is_bot": true, "first_name": "机器人"}})),
        (
            format!("/问 {KNOWN}"),
            json!({"is_automatic_forward": true, "sender_chat": {"id": -100_555, "type": "channel", "title": "频道"}}),
        ),
    ];
    for (text, more) in quiet {
        let before = service.said(GROUP).len();
        service.telegram.says_with(GROUP, PERSON, &text, &more);
        service.clock.advance(std::time::Duration::from_secs(20));
        service.converse().await;
        assert_eq!(service.said(GROUP).len(), before, "{text} {more}");
    }
}

#[tokio::test]
async fn a_reply_to_its_answer_is_a_question_and_a_reply_to_a_bulletin_is_not() {
    let service = started().await;
    service.telegram.says(GROUP, PERSON, &format!("/问 {KNOWN}"));
    service.converse().await;
    let answer = service.telegram.messages(GROUP).pop().unwrap();
    let replying = |id: i64| {
        json!({"reply_to_message": {"message_id": id, "date": 1, "chat": {"id": GROUP, "type": "supergroup", "title": "城东纳税人之家"},
            "from": {"id": BOT_ID, "is_bot": true, "first_name": "纳税人之家", "username": BOT_NAME}, "text": "…"}})
    };
    service.telegram.says_with(GROUP, PERSON, "季度不到30万要交税吗", &replying(answer.id));
    service.converse().await;
    assert_eq!(service.said(GROUP).len(), 2);
    service.telegram.says_with(GROUP, PERSON, "季度不到30万要交税吗", &replying(424_242));
    service.converse().await;
    assert_eq!(service.said(GROUP).len(), 2, "not an answer of ours");
}

#[tokio::test]
async fn the_answer_stays_in_the_topic_and_replies_to_the_question() {
    let service = started().await;
    service.telegram.topic(GROUP, 7);
    let update =
        service.telegram.says_with(GROUP, PERSON, &format!("/问 {KNOWN}"), &json!({"is_topic_message": true, "message_thread_id": 7}));
    assert!(update > 0);
    service.converse().await;
    let posted = service.telegram.messages(GROUP).pop().unwrap();
    assert_eq!(posted.thread, Some(7));
    assert!(posted.reply_to.is_some());
}

#[tokio::test]
async fn personal_data_in_a_group_is_not_answered_there_and_is_masked_in_the_log() {
    let service = started().await;
    service.telegram.says(GROUP, PERSON, "/问 我的身份证110101199003077758要怎么办汇算");
    service.converse().await;
    assert!(service.said(GROUP)[0].contains("请撤回它，并私聊我继续"));
    service.telegram.says(PERSON, PERSON, "我手机13800138000 怎么报税");
    service.converse().await;
    let logged = taxhome::store::questions::unanswered(&mut service.store.read().await.unwrap(), None, 50).await.unwrap();
    assert!(logged.iter().all(|question| !question.question.contains("13800138000")), "{logged:?}");
}

#[tokio::test]
async fn a_repeated_update_is_answered_once_and_a_restart_loses_none() {
    let mut service = started().await;
    service.telegram.says(PERSON, PERSON, KNOWN);
    let parts = service.app.telegram.as_ref().unwrap();
    poll_once(&parts.client, &parts.intake).await.unwrap();
    service.restart().await;
    service.converse().await;
    assert_eq!(service.said(PERSON).len(), 1, "stored before the crash, answered after it");
    let update = json!({"update_id": 555_001, "message": {"message_id": 77, "date": 1, "chat": {"id": PERSON, "type": "private", "first_name": "甲"},
        "from": {"id": PERSON, "is_bot": false, "first_name": "甲"}, "text": KNOWN}});
    for _ in 0..3 {
        service.app.telegram.as_ref().unwrap().intake.store(&update).await.unwrap();
    }
    service.converse().await;
    assert_eq!(service.said(PERSON).len(), 2);
}

#[tokio::test]
async fn while_another_process_polls_no_update_is_taken_or_lost() {
    let service = started().await;
    let parts = service.app.telegram.as_ref().unwrap();
    service.telegram.says(PERSON, PERSON, KNOWN);
    let conflict = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
    service.telegram.fail_method("getUpdates", Fault::Refuse { code: 409, description: conflict });
    let refused = poll_once(&parts.client, &parts.intake).await.unwrap_err();
    assert!(matches!(refused, PollError::Call(CallError::Refused { code: 409, .. })), "{refused:?}");
    assert_eq!(service.telegram.waiting_updates(), 1, "nothing was confirmed");
    service.converse().await;
    assert_eq!(service.said(PERSON).len(), 1);
}

#[tokio::test]
async fn a_poison_update_is_set_aside_and_blocks_nobody() {
    let service = started().await;
    let intake = &service.app.telegram.as_ref().unwrap().intake;
    // An id beyond what the Bot API promises cannot be read at all.
    let poison = json!({"update_id": 9_000_000_000_u64, "message": {"chat": {"id": PERSON}}});
    intake.store(&poison).await.unwrap();
    service.telegram.says(PERSON, PERSON, KNOWN);
    service.converse().await;
    assert_eq!(service.said(PERSON).len(), 1);
    let (waiting, dead) = updates::waiting_and_dead(&mut service.store.read().await.unwrap(), "telegram").await.unwrap();
    assert_eq!((waiting, dead), (0, 1));
}

#[tokio::test]
async fn buttons_take_feedback_once_each_and_suggestions_are_questions() {
    let service = started().await;
    service.telegram.says(PERSON, PERSON, KNOWN);
    service.converse().await;
    let answer = service.telegram.messages(PERSON).pop().unwrap();
    let rows = answer.markup["inline_keyboard"].as_array().unwrap().clone();
    let data = |start: &str| {
        rows.iter()
            .flat_map(|row| row.as_array().unwrap().clone())
            .find_map(|button: Value| button["callback_data"].as_str().filter(|data| data.starts_with(start)).map(str::to_owned))
    };
    let useful = data("fb:").unwrap();
    service.telegram.taps(PERSON, PERSON, answer.id, &useful);
    service.converse().await;
    let notices = service.telegram.answered_callbacks();
    assert_eq!(notices.last().unwrap()["text"], "谢谢您的反馈！");
    assert_eq!(service.said(PERSON).len(), 1, "feedback makes no noise");
}

#[tokio::test]
async fn the_menu_is_chinese_and_commands_answer() {
    let service = started().await;
    let menu = service.telegram.commands();
    let text = menu.to_string();
    assert!(text.contains("最新政策通知") && text.contains("近期课程和报名"), "{text}");
    for (command, begins) in [
        ("/start", "您好，这里是纳税人之家。"),
        ("/help", "这样用："),
        ("/latest", "还没有发布过政策通知。"),
        ("/最新", "还没有发布过政策通知。"),
        ("/classes", "近期没有课程"),
        ("/mine", "您还没有报名课程。"),
        ("/ask", "请把问题写在后面"),
    ] {
        service.clock.advance(std::time::Duration::from_secs(30));
        service.telegram.says(PERSON, PERSON, command);
        service.converse().await;
        let said = service.said(PERSON).pop().unwrap();
        assert!(said.starts_with(begins), "{command}: {said}");
    }
}

#[tokio::test]
async fn whoever_writes_too_fast_is_told_once_and_then_ignored_for_a_minute() {
    let service = started().await;
    for _ in 0..9 {
        service.telegram.says(PERSON, PERSON, "/help");
    }
    service.receive().await;
    service.deliver().await;
    let said = service.said(PERSON);
    assert_eq!(said.iter().filter(|text| text.starts_with("这样用")).count(), 5);
    assert_eq!(said.iter().filter(|text| text.starts_with("您发得太快了")).count(), 1);
    assert_eq!(said.len(), 6);
}

#[tokio::test]
async fn the_webhook_takes_only_what_carries_the_secret_and_stores_before_it_answers() {
    let store = crate::harness::db::fresh_store().await;
    let telegram = FakeTelegram::start("7:T").await;
    let variables = [
        ("TAXHOME_DATA_DIR", store.dir.path().display().to_string()),
        ("TAXHOME_DATABASE__URL", store.url().to_owned()),
        ("TAXHOME_TELEGRAM__TOKEN", "7:T".to_owned()),
        ("TAXHOME_TELEGRAM__API_URL", telegram.url.clone()),
        ("TAXHOME_TELEGRAM__MODE", "webhook".to_owned()),
        ("TAXHOME_TELEGRAM__WEBHOOK_SECRET", "s3cret_".to_owned()),
    ];
    let config = taxhome::config::Config::load(None, variables.map(|(name, value)| (name.to_owned(), value))).unwrap();
    let app = taxhome::app::App::build(config, std::sync::Arc::new(taxhome::clock::SystemClock)).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/telegram/webhook", listener.local_addr().unwrap());
    let service = app.router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    let client = crate::harness::web::client(reqwest::header::HeaderMap::new());
    let update = json!({"update_id": 9, "message": {"chat": {"id": 1}}});
    let waiting = async || updates::waiting_and_dead(&mut store.read().await.unwrap(), "telegram").await.unwrap().0;
    for secret in [None, Some("wrong"), Some("s3cret_x")] {
        let mut request = client.post(&url).json(&update);
        if let Some(secret) = secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        assert_eq!(request.send().await.unwrap().status(), 403);
        assert_eq!(waiting().await, 0);
    }
    for _ in 0..2 {
        let right = client.post(&url).header("X-Telegram-Bot-Api-Secret-Token", "s3cret_").json(&update).send().await.unwrap();
        assert_eq!(right.status(), 200);
        assert_eq!(waiting().await, 1);
    }
}
