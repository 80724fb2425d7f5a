//! F44–F48, F52, F53, F56: a bulletin from draft to recall, through the admin API and the Telegram wire.

use std::time::Duration;

use serde_json::{Value, json};
use taxhome::domain::staff::Role;

use crate::harness::fake_telegram::Fault;
use crate::harness::service::{Service, Staff};

const MORNING: &str = "2026-11-24T09:00:00+08:00";
const EAST: i64 = -1001;
const WEST: i64 = -1002;
const PARK: i64 = -1003;

fn draft(tags: &[&str]) -> Value {
    json!({
        "title": "起征点有新规定", "number": "财政部 税务总局公告2026年第10号", "summary": "小规模纳税人起征点说明", "audience_text": "小规模纳税人",
        "effective_from": "2026-01-01", "body": "月销售额没有达到10万元的，免征增值税。", "link": "https://example.cn/10", "targets": {"tags": tags}
    })
}

async fn approved(publicity: &Staff<'_>, approver: &Staff<'_>, body: &Value) -> String {
    let id = publicity.does("/bulletins", body).await["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    let approved = approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    assert_eq!(approved["state"], "approved");
    id
}

#[tokio::test]
async fn a_bulletin_reaches_three_groups_of_which_one_answers_429_and_one_403() {
    let service = Service::at(MORNING).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    for (chat, title) in [(EAST, "城东纳税人之家"), (WEST, "城西纳税人之家"), (PARK, "园区纳税人之家")] {
        publicity.register(chat, title, &["个体户"]).await;
    }
    service.telegram.fail_next(WEST, Fault::TooMany { retry_after: 7 });
    service.telegram.fail_always(PARK, Fault::Refuse { code: 403, description: "Forbidden: bot was kicked from the supergroup chat" });
    let id = approved(&publicity, &approver, &draft(&["个体户"])).await;
    let preview = publicity.get(&format!("/bulletins/{id}/preview")).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.deliver().await;

    let bulletin = publicity.get(&format!("/bulletins/{id}")).await;
    assert_eq!(bulletin["state"], "partly_sent", "{bulletin}");
    assert_eq!((&bulletin["counts"]["sent"], &bulletin["counts"]["failed"]), (&json!(2), &json!(1)));
    for chat in [EAST, WEST] {
        let posted = service.telegram.messages(chat);
        assert_eq!(posted.len(), 1);
        assert_eq!(json!(posted[0].text), preview[0]["parts"][0]["text"], "the preview equals the bytes sent");
    }
    let ledger = publicity.get(&format!("/bulletins/{id}/deliveries")).await;
    let of = |title: &str| ledger["items"].as_array().unwrap().iter().find(|line| line["channel_title"] == title).unwrap().clone();
    assert_eq!(of("园区纳税人之家")["state"], "failed");
    assert!(of("园区纳税人之家")["reason"].as_str().unwrap().len() > 3);
    assert_eq!(of("城西纳税人之家")["attempts"].as_array().unwrap().len(), 2, "the 429 is in the ledger");
}

#[tokio::test]
async fn nobody_approves_their_own_text_and_an_edit_voids_the_approval() {
    let service = Service::at(MORNING).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    let admin = service.staff("管理员", Role::Admin).await;
    publicity.register(EAST, "城东", &["个体户"]).await;
    let id = approved(&publicity, &approver, &draft(&["个体户"])).await;
    publicity.patch(&format!("/bulletins/{id}"), &json!({"body": "改过的正文"})).await;
    let detail = publicity.refused(&format!("/bulletins/{id}/send"), &json!({}), 409).await;
    assert_eq!(detail, "通知现在是“草稿”，不能立即发送；可以：修改、提交审核、取消");
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    let said = admin.refused(&format!("/bulletins/{id}/approve"), &json!({}), 403).await;
    assert_eq!(said, "“管理员”角色不能审核通知，请由“审核”角色的人员操作");
    publicity.refused(&format!("/bulletins/{id}/approve"), &json!({}), 403).await;
    service.deliver().await;
    assert!(service.said(EAST).is_empty());
}

#[tokio::test]
async fn a_scheduled_bulletin_goes_out_at_its_time_and_one_missed_by_more_than_the_grace_is_held() {
    let mut service = Service::at(MORNING).await;
    let id;
    let late;
    {
        let publicity = service.staff("小宣", Role::Publicity).await;
        let approver = service.staff("老审", Role::Approver).await;
        publicity.register(EAST, "城东", &["个体户"]).await;
        id = approved(&publicity, &approver, &draft(&["个体户"])).await;
        let past = publicity.refused(&format!("/bulletins/{id}/schedule"), &json!({"at": "2026-11-24T08:00:00+08:00"}), 422).await;
        assert_eq!(past, "发送时间 2026年11月24日 08:00 已经过去，请选择以后的时间，或改用立即发送");
        publicity.does(&format!("/bulletins/{id}/schedule"), &json!({"at": "2026-11-24T10:00:00+08:00"})).await;
        let mut other = draft(&["个体户"]);
        other["title"] = json!("另一条通知");
        late = approved(&publicity, &approver, &other).await;
        publicity.does(&format!("/bulletins/{late}/schedule"), &json!({"at": "2026-11-24T11:00:00+08:00"})).await;
    }
    service.tick().await;
    service.deliver().await;
    assert!(service.said(EAST).is_empty(), "not before its time");
    service.clock.advance(Duration::from_secs(3_600 + 5));
    service.tick().await;
    service.deliver().await;
    assert_eq!(service.said(EAST).len(), 1);
    service.clock.advance(Duration::from_secs(5 * 3_600));
    service.restart().await;
    service.tick().await;
    service.deliver().await;
    assert_eq!(service.said(EAST).len(), 1, "four hours late: held, not blasted");
    let publicity = service.staff("小宣", Role::Publicity).await;
    assert_eq!(publicity.get(&format!("/bulletins/{late}")).await["state"], "held");
    assert_eq!(publicity.get(&format!("/bulletins/{id}")).await["state"], "sent");
    publicity.does(&format!("/bulletins/{late}/send"), &json!({})).await;
    service.deliver().await;
    assert_eq!(service.said(EAST).len(), 2, "a person decided");
}

#[tokio::test]
async fn a_correction_waits_for_approval_and_edits_in_place_and_a_recall_takes_everything_back() {
    let service = Service::at(MORNING).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    publicity.register(EAST, "城东", &["个体户"]).await;
    let id = approved(&publicity, &approver, &draft(&["个体户"])).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.deliver().await;
    publicity.does(&format!("/bulletins/{id}/correct"), &json!({"body": "更正后的正文。"})).await;
    service.deliver().await;
    assert!(service.said(EAST)[0].contains("10万元"), "not before it is approved");
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    service.deliver().await;
    let said = service.said(EAST);
    assert_eq!(said.len(), 1, "edited in place");
    assert!(said[0].contains("更正后的正文。") && said[0].contains("【更正】"), "{}", said[0]);
    publicity.does(&format!("/bulletins/{id}/recall"), &json!({})).await;
    service.deliver().await;
    assert!(service.said(EAST).is_empty());
    assert_eq!(publicity.get(&format!("/bulletins/{id}")).await["state"], "recalled");
    let again = publicity.refused(&format!("/bulletins/{id}/send"), &json!({}), 409).await;
    assert_eq!(again, "通知现在是“已撤回”，不能立即发送；不能再操作");
}

#[tokio::test]
async fn the_same_text_to_the_same_group_within_a_week_is_refused_unless_forced() {
    let service = Service::at(MORNING).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    publicity.register(EAST, "城东", &["个体户"]).await;
    let first = approved(&publicity, &approver, &draft(&["个体户"])).await;
    publicity.does(&format!("/bulletins/{first}/send"), &json!({})).await;
    service.deliver().await;
    let second = approved(&publicity, &approver, &draft(&["*"])).await;
    let detail = publicity.refused(&format!("/bulletins/{second}/send"), &json!({}), 409).await;
    assert_eq!(detail, "同样的内容 7 天内已发给 城东；确定要再发，请加上 \"force\": true");
    publicity.does(&format!("/bulletins/{second}/send"), &json!({"force": true})).await;
    service.deliver().await;
    assert_eq!(service.said(EAST).len(), 2);
}

#[tokio::test]
async fn a_paused_bulletin_sends_nothing_and_resumes_with_what_is_missing() {
    let service = Service::at(MORNING).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    publicity.register(EAST, "城东", &["个体户"]).await;
    let id = approved(&publicity, &approver, &draft(&["个体户"])).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    publicity.does(&format!("/bulletins/{id}/pause"), &json!({})).await;
    service.deliver().await;
    assert!(service.said(EAST).is_empty());
    publicity.does(&format!("/bulletins/{id}/resume"), &json!({})).await;
    service.deliver().await;
    assert_eq!(service.said(EAST).len(), 1);
}

#[tokio::test]
async fn an_unknown_outcome_is_listed_and_sent_again_only_by_a_persons_word() {
    let service = Service::at(MORNING).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    publicity.register(EAST, "城东", &["个体户"]).await;
    service.telegram.fail_next(EAST, Fault::AcceptThenDrop);
    let id = approved(&publicity, &approver, &draft(&["个体户"])).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.deliver().await;
    let bulletin = publicity.get(&format!("/bulletins/{id}")).await;
    assert_eq!((&bulletin["state"], &bulletin["counts"]["unknown"]), (&json!("sending"), &json!(1)));
    assert_eq!(service.said(EAST).len(), 1, "it did arrive; the service cannot know");
    let unknown = publicity.get("/deliveries/unknown").await;
    let delivery = unknown["items"][0]["id"].as_str().unwrap();
    publicity.does(&format!("/deliveries/{delivery}/settle"), &json!({"outcome": "delivered"})).await;
    publicity.refused(&format!("/deliveries/{delivery}/settle"), &json!({"outcome": "resend"}), 409).await;
    service.deliver().await;
    assert_eq!(service.said(EAST).len(), 1);
    assert_eq!(publicity.get(&format!("/bulletins/{id}")).await["state"], "sent");
}

#[tokio::test]
async fn bad_drafts_name_the_field_in_chinese_and_leave_nothing_behind() {
    let service = Service::at(MORNING).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.register(EAST, "城东", &["个体户"]).await;
    let with = |field: &str, value: Value| {
        let mut draft = draft(&["个体户"]);
        draft[field] = value;
        draft
    };
    let cases = [
        (with("title", json!("")), "请填写标题"),
        (with("body", json!(" ")), "请填写正文"),
        (with("link", json!("javascript:alert(1)")), "链接要以 https:// 或 http:// 开头"),
        (with("effective_from", json!("2026年1月")), "effective_from 不符合要求：日期要写成 2026-01-20"),
        (with("targets", json!({})), "请选择发送对象：targets.channels 写群聊编号，或 targets.tags 写标签（\"*\" 表示全部群）"),
        (with("targets", json!(["个体户"])), "targets 不符合要求：这里要写{\"tags\": [\"标签\"]} 或 {\"channels\": [\"群聊编号\"]}"),
        (with("targets", json!({"tags": ["没有的标签"]})), "没有群聊带有标签“没有的标签”：请检查标签有没有写错，或先给群聊加上这个标签"),
        (with("targets", json!({"channels": ["chn_x"]})), "群聊 chn_x 不存在，或已关闭通知；请用 GET /api/v1/channels 查编号"),
    ];
    for (draft, detail) in cases {
        assert_eq!(publicity.refused("/bulletins", &draft, 422).await, detail);
    }
    assert_eq!(publicity.get("/bulletins").await["items"], json!([]));
    let trainer = service.staff("小培", Role::Trainer).await;
    trainer.refused("/bulletins", &draft(&["个体户"]), 403).await;
}

#[tokio::test]
async fn without_any_account_the_print_channel_shows_what_would_be_sent_in_the_ledger() {
    let service = Service::at(MORNING).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    publicity.does("/channels", &json!({"kind": "print", "address": "试用", "title": "试用群", "tags": ["个体户"]})).await;
    let id = approved(&publicity, &approver, &draft(&["个体户"])).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.deliver().await;
    assert_eq!(publicity.get(&format!("/bulletins/{id}")).await["state"], "sent");
    let ledger = publicity.get(&format!("/bulletins/{id}/deliveries")).await;
    assert_eq!((&ledger["items"][0]["state"], &ledger["items"][0]["channel_kind"]), (&json!("sent"), &json!("print")));
    assert!(ledger["items"][0]["message_id"].is_string());
}

#[tokio::test]
async fn a_sensitive_word_is_named_before_a_bulletin_is_taken() {
    let service = Service::at(MORNING).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.register(EAST, "城东纳税人之家", &["个体户"]).await;
    let mut bad = draft(&["个体户"]);
    bad["body"] = json!("请看这个坏词例子。");
    assert!(publicity.refused("/bulletins", &bad, 422).await.contains("“坏词例子”"));
    assert_eq!(publicity.get("/bulletins").await["items"], json!([]));
}
