//! F34 to F37 and F41: a question goes to a person and comes back; the asker in Telegram, staff in their topic and in the API.

use serde_json::json;
use taxhome::domain::staff::Role;

use crate::harness::desk::{ASKER, MORNING, SECOND, STAFF, asks, last, staff_reply, started};
use crate::harness::fake_telegram::BOT_NAME;
use crate::harness::web::KNOWN;

const OTHER_STAFF: i64 = -1010;
const QUESTION: &str = "转人工 我的个税专项附加扣除为什么没有生效";

#[tokio::test]
async fn a_hand_over_is_played_through_both_sides_across_restarts_and_the_bot_is_silent() {
    let mut service = started(MORNING).await;
    asks(&service, ASKER, QUESTION).await;
    assert!(last(&service, ASKER).contains("您排在第 1 位"), "{}", last(&service, ASKER));
    let told = last(&service, STAFF);
    assert!(told.contains("转人工（个人所得税）：") && told.contains("专项附加扣除为什么没有生效"), "{told}");

    asks(&service, ASKER, KNOWN).await;
    assert!(last(&service, ASKER).contains("小规模纳税人月销售额没有达到10万元"), "while waiting, the bot still answers");
    assert!(last(&service, STAFF).contains(KNOWN), "and staff see what is added: {}", last(&service, STAFF));

    service.restart().await;
    staff_reply(&service, STAFF, "专项附加扣除为什么没有生效", "/接").await;
    assert!(last(&service, ASKER).contains("工作人员 王芳 正在为您服务"), "{}", last(&service, ASKER));
    assert!(last(&service, STAFF).contains("由 王芳 接待"));

    let before = service.said(ASKER).len();
    for text in [KNOWN, "/classes", "你好"] {
        asks(&service, ASKER, text).await;
        assert!(last(&service, STAFF).contains(text), "{text}: {}", last(&service, STAFF));
    }
    assert_eq!(service.said(ASKER).len(), before, "the bot does not speak over a person");

    // The answer is stored, then everything in memory is lost before it is sent.
    service.telegram.says(ASKER, ASKER, "那我要补充什么材料");
    service.receive().await;
    service.restart().await;
    service.deliver().await;
    assert!(last(&service, STAFF).contains("那我要补充什么材料"));
    staff_reply(&service, STAFF, "那我要补充什么材料", "请带房贷合同到三楼窗口").await;
    let answered = last(&service, ASKER);
    assert!(answered.contains("工作人员 王芳：") && answered.contains("请带房贷合同到三楼窗口"), "{answered}");

    let desk = service.staff("李雷", Role::Desk).await;
    let list = desk.get("/inquiries?state=human").await;
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    desk.does(&format!("/inquiries/{id}/answers"), &json!({"text": "也可以在个人所得税APP里上传"})).await;
    service.deliver().await;
    assert!(last(&service, ASKER).contains("工作人员 李雷："), "the console's side answers too: {}", last(&service, ASKER));
    let seen = desk.get(&format!("/inquiries/{id}")).await;
    let staff_said: Vec<&str> = seen["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|said| said["author"] == "staff")
        .filter_map(|said| said["text"].as_str())
        .collect();
    assert_eq!(staff_said, ["请带房贷合同到三楼窗口", "也可以在个人所得税APP里上传"]);

    staff_reply(&service, STAFF, "那我要补充什么材料", "/结").await;
    let rate = service.telegram.messages(ASKER).pop().unwrap();
    assert!(rate.visible.contains("请评价这次服务"), "{}", rate.visible);
    service.telegram.taps(ASKER, ASKER, rate.id, &format!("rate:{id}:4"));
    service.telegram.taps(ASKER, ASKER, rate.id, &format!("rate:{id}:1"));
    service.converse().await;
    assert_eq!(desk.get(&format!("/inquiries/{id}")).await["stars"], 4, "once per closing");

    asks(&service, ASKER, KNOWN).await;
    assert!(last(&service, ASKER).contains("小规模纳税人月销售额没有达到10万元"), "the bot answers again");
    asks(&service, ASKER, QUESTION).await;
    assert!(last(&service, ASKER).contains("您排在第 1 位"), "the asker may come back");
}

#[tokio::test]
async fn an_answer_under_way_when_a_person_takes_over_is_not_sent() {
    let service = started(MORNING).await;
    asks(&service, ASKER, QUESTION).await;
    service.telegram.says(ASKER, ASKER, KNOWN);
    service.receive().await;
    let desk = service.staff("李雷", Role::Desk).await;
    let id = desk.get("/inquiries").await["items"][0]["id"].as_str().unwrap().to_owned();
    desk.does(&format!("/inquiries/{id}/take"), &json!({})).await;
    service.deliver().await;
    assert!(service.said(ASKER).iter().all(|said| !said.contains("月销售额没有达到10万元")), "{:?}", service.said(ASKER));
    assert!(last(&service, ASKER).contains("工作人员 李雷 正在为您服务"));
    let why = desk.refused(&format!("/inquiries/{id}/take"), &json!({}), 409).await;
    assert!(why.contains("已由 李雷 接待"), "{why}");
}

#[tokio::test]
async fn outside_office_hours_the_next_opening_is_promised_and_the_question_waits() {
    for (at, opens) in [
        ("2026-11-24T12:30:00+08:00", "2026年11月24日 13:30"),
        ("2026-11-24T18:00:00+08:00", "2026年11月25日 09:00"),
        ("2026-11-27T17:00:00+08:00", "2026年11月30日 09:00"),
        ("2026-09-30T18:00:00+08:00", "2026年10月8日 09:00"),
        ("2026-10-09T18:00:00+08:00", "2026年10月10日 09:00"),
    ] {
        let service = started(at).await;
        asks(&service, ASKER, QUESTION).await;
        asks(&service, SECOND, QUESTION).await;
        let promised = last(&service, SECOND);
        assert!(promised.contains(opens) && promised.contains("排在第 2 位"), "{at}: {promised}");
    }
}

#[tokio::test]
async fn it_goes_to_those_who_know_the_tax_and_may_be_handed_on() {
    let service = started(MORNING).await;
    service.telegram.group(OTHER_STAFF, "社保坐席");
    service.staff("管理员", Role::Admin).await.register(OTHER_STAFF, "社保坐席", &["坐席", "社保费"]).await;
    asks(&service, SECOND, "转人工 灵活就业的社保怎么断缴了").await;
    assert!(last(&service, OTHER_STAFF).contains("转人工（社保费）"), "{}", last(&service, OTHER_STAFF));
    assert!(service.said(STAFF).is_empty());
    asks(&service, ASKER, QUESTION).await;
    staff_reply(&service, STAFF, "专项附加扣除", "/转 社保").await;
    assert!(last(&service, OTHER_STAFF).contains("专项附加扣除为什么没有生效"), "{}", last(&service, OTHER_STAFF));
    assert!(last(&service, ASKER).contains("正在为您转给"));
    let desk = service.staff("李雷", Role::Desk).await;
    assert_eq!(desk.get("/inquiries").await["items"].as_array().unwrap().len(), 2, "both wait");
}

#[tokio::test]
async fn without_a_question_it_asks_for_one_in_a_group_it_goes_private_and_the_queue_can_be_left() {
    let service = started(MORNING).await;
    service.telegram.group(-1001, "城东纳税人之家");
    asks(&service, ASKER, "转人工").await;
    assert!(last(&service, ASKER).contains("请把要问的问题写在后面"));
    service.telegram.says_with(
        -1001,
        ASKER,
        &format!("@{BOT_NAME} 转人工"),
        &json!({"entities": [{"type": "mention", "offset": 0, "length": BOT_NAME.len() + 1}]}),
    );
    service.converse().await;
    assert!(last(&service, -1001).contains("人工服务请私聊我"), "{}", last(&service, -1001));
    asks(&service, ASKER, "火星上种土豆怎么备案").await;
    let unknown = service.telegram.messages(ASKER).pop().unwrap();
    let answer = taxhome::store::questions::unanswered(&mut service.store.read().await.unwrap(), None, 1).await.unwrap().remove(0).id;
    service.telegram.taps(ASKER, ASKER, unknown.id, &format!("human:{answer}"));
    service.converse().await;
    assert!(last(&service, STAFF).contains("火星上种土豆怎么备案"), "the button hands over the question it stands under");
    asks(&service, ASKER, "结束人工").await;
    assert!(last(&service, ASKER).contains("已取消排队"));
    assert!(last(&service, STAFF).contains("结束了这次人工服务"));
    asks(&service, ASKER, "结束人工").await;
    assert!(last(&service, ASKER).contains("没有人工服务"));
}
