//! F31: one suite that every channel bulletins go through must pass, by what it says of itself in its limits: whole texts in order,
//! the preview to the byte, corrections and recalls as far as it can, nothing twice, nothing lost without a line in the ledger.

use serde_json::{Value, json};
use taxhome::domain::channel::{ChannelKind, LengthUnit, Limits};
use taxhome::domain::render::length;
use taxhome::domain::staff::Role;

use crate::harness::service::{Service, Staff};
use crate::harness::telegram_files::{pdf, png};
use crate::harness::{fake_telegram, fake_wecom};

const CHAT: i64 = -2001;
const KEY: &str = "693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa";

/// What may go wrong, on any wire.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    TooManyOnce,
    GoneForGood,
    /// It arrives, and nobody hears that it did.
    Ambiguous,
    BusyOnce,
}

/// The three kinds, as the suite meets them.
const KINDS: [ChannelKind; 3] = ChannelKind::TARGETS;

async fn registered(service: &Service, publicity: &Staff<'_>, kind: ChannelKind) -> String {
    let address = match kind {
        ChannelKind::Telegram => {
            service.telegram.group(CHAT, "合同群");
            CHAT.to_string()
        }
        ChannelKind::WecomRobot => {
            service.wecom.group(KEY);
            format!("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}")
        }
        ChannelKind::Print => "合同".to_owned(),
        ChannelKind::Web => unreachable!("nothing is pushed to the web"),
    };
    let channel = publicity.does("/channels", &json!({"kind": kind.word(), "address": address, "title": "合同群", "tags": ["合同"]})).await;
    channel["id"].as_str().unwrap().to_owned()
}

/// The texts that stand in the chat as they were sent, oldest first. The print channel has no chat; its ledger stands in.
fn standing(service: &Service, kind: ChannelKind) -> Option<Vec<String>> {
    match kind {
        ChannelKind::Telegram => {
            Some(service.telegram.messages(CHAT).into_iter().filter(|posted| !posted.deleted).map(|posted| posted.text).collect())
        }
        ChannelKind::WecomRobot => Some(service.wecom.said(KEY)),
        ChannelKind::Print | ChannelKind::Web => None,
    }
}

/// False where the wire cannot have this trouble.
fn make(service: &Service, kind: ChannelKind, trouble: Trouble) -> bool {
    use fake_telegram::Fault as Telegram;
    use fake_wecom::Fault as Wecom;
    match (kind, trouble) {
        (ChannelKind::Telegram, Trouble::TooManyOnce) => service.telegram.fail_next(CHAT, Telegram::TooMany { retry_after: 5 }),
        (ChannelKind::Telegram, Trouble::GoneForGood) => {
            service.telegram.fail_always(CHAT, Telegram::Refuse { code: 403, description: "Forbidden: bot was kicked" });
        }
        (ChannelKind::Telegram, Trouble::Ambiguous) => service.telegram.fail_next(CHAT, Telegram::AcceptThenDrop),
        (ChannelKind::WecomRobot, Trouble::TooManyOnce) => service.wecom.fail_next(KEY, Wecom::Code(45009, "api freq out of limit")),
        (ChannelKind::WecomRobot, Trouble::GoneForGood) => service.wecom.remove(KEY),
        (ChannelKind::WecomRobot, Trouble::Ambiguous) => service.wecom.fail_next(KEY, Wecom::AcceptThenDrop),
        (ChannelKind::WecomRobot, Trouble::BusyOnce) => service.wecom.fail_next(KEY, Wecom::Code(-1, "system busy")),
        (ChannelKind::Telegram, Trouble::BusyOnce) | (ChannelKind::Print | ChannelKind::Web, _) => return false,
    }
    true
}

async fn sent(service: &Service, publicity: &Staff<'_>, body: &str) -> String {
    let approver = service.staff("老审", Role::Approver).await;
    let draft = json!({"title": "合同通知", "summary": "摘要 < 一句 & 话", "body": body, "link": "https://example.cn/1", "targets": {"tags": ["合同"]}});
    let id = publicity.does("/bulletins", &draft).await["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.deliver().await;
    id
}

async fn preview(publicity: &Staff<'_>, id: &str, kind: ChannelKind) -> Vec<String> {
    let previews = publicity.get(&format!("/bulletins/{id}/preview")).await;
    let of_kind = previews.as_array().unwrap().iter().find(|preview| preview["kind"] == kind.word()).unwrap();
    of_kind["parts"].as_array().unwrap().iter().map(|part| part["text"].as_str().unwrap().to_owned()).collect()
}

/// What the channel counts of a text: Telegram counts without mark-up.
fn counted(text: &str, limits: Limits) -> usize {
    match limits.length_unit {
        LengthUnit::Utf16 => length(&crate::harness::telegram_rules::visible_text(text, Some("HTML")).unwrap(), limits.length_unit),
        LengthUnit::Bytes | LengthUnit::Characters => length(text, limits.length_unit),
    }
}

#[tokio::test]
async fn a_long_text_arrives_whole_in_order_within_the_limit_and_equal_to_the_preview() {
    for kind in KINDS {
        let service = Service::at("2026-11-24T09:00:00+08:00").await;
        let publicity = service.staff("小宣", Role::Publicity).await;
        registered(&service, &publicity, kind).await;
        let sentences: Vec<String> = (0..260).map(|n| format!("第{n}句，月销售额 < 10 万元 & 按季申报的纳税人看这里😀。")).collect();
        let id = sent(&service, &publicity, &sentences.concat()).await;
        let bulletin = publicity.get(&format!("/bulletins/{id}")).await;
        assert_eq!(bulletin["state"], "sent", "{kind:?} {bulletin}");
        let previewed = preview(&publicity, &id, kind).await;
        assert!(previewed.len() > 1 && bulletin["counts"]["sent"] == json!(previewed.len()), "{kind:?}");
        let limits = kind.limits();
        for part in &previewed {
            assert!(counted(part, limits) <= limits.max_length, "{kind:?}: {} of {}", counted(part, limits), limits.max_length);
        }
        if let Some(standing) = standing(&service, kind) {
            assert_eq!(standing, previewed, "{kind:?}");
            let all = standing.concat();
            let places: Vec<usize> =
                (0..260).map(|n| all.find(&format!("第{n}句，")).unwrap_or_else(|| panic!("{kind:?} lost {n}"))).collect();
            assert!(places.is_sorted(), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_correction_and_a_recall_are_seen_in_the_chat_as_far_as_the_channel_can() {
    for kind in KINDS {
        let service = Service::at("2026-11-24T09:00:00+08:00").await;
        let publicity = service.staff("小宣", Role::Publicity).await;
        registered(&service, &publicity, kind).await;
        let id = sent(&service, &publicity, "先前的正文。").await;
        let approver = service.staff("老审", Role::Approver).await;
        publicity.does(&format!("/bulletins/{id}/correct"), &json!({"body": "更正后的正文。"})).await;
        approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
        service.deliver().await;
        if let Some(standing) = standing(&service, kind) {
            let last = standing.last().unwrap();
            assert!(last.contains("更正后的正文。") && last.contains("【更正】"), "{kind:?} {last}");
            assert_eq!(standing.len(), if kind.limits().edit { 1 } else { 2 }, "{kind:?}");
        }
        publicity.does(&format!("/bulletins/{id}/recall"), &json!({})).await;
        service.deliver().await;
        if let Some(standing) = standing(&service, kind) {
            match kind.limits().recall_within {
                Some(_) => assert_eq!(standing, Vec::<String>::new(), "{kind:?}"),
                None => assert!(standing.last().unwrap().contains("《合同通知》已由发布单位撤回"), "{kind:?}"),
            }
        }
        let ledger = publicity.get(&format!("/bulletins/{id}/deliveries")).await;
        let lines = ledger["items"].as_array().unwrap();
        assert!(lines.len() >= 3 && lines.iter().all(|line| line["state"] == "sent"), "{kind:?} {ledger}");
    }
}

#[tokio::test]
async fn too_many_and_busy_are_waited_for_and_sent_once() {
    for kind in KINDS {
        for trouble in [Trouble::TooManyOnce, Trouble::BusyOnce] {
            let service = Service::at("2026-11-24T09:00:00+08:00").await;
            let publicity = service.staff("小宣", Role::Publicity).await;
            registered(&service, &publicity, kind).await;
            if !make(&service, kind, trouble) {
                continue;
            }
            let id = sent(&service, &publicity, "一次就好。").await;
            assert_eq!(publicity.get(&format!("/bulletins/{id}")).await["state"], "sent", "{kind:?} {trouble:?}");
            assert_eq!(standing(&service, kind).unwrap().len(), 1, "{kind:?} {trouble:?}");
        }
    }
}

#[tokio::test]
async fn a_chat_that_is_gone_is_failed_with_its_reason_and_not_tried_again() {
    for kind in KINDS {
        let service = Service::at("2026-11-24T09:00:00+08:00").await;
        let publicity = service.staff("小宣", Role::Publicity).await;
        let channel = registered(&service, &publicity, kind).await;
        if !make(&service, kind, Trouble::GoneForGood) {
            continue;
        }
        let id = sent(&service, &publicity, "没人听见。").await;
        let bulletin = publicity.get(&format!("/bulletins/{id}")).await;
        assert_eq!((&bulletin["state"], &bulletin["counts"]["failed"]), (&json!("partly_sent"), &json!(1)), "{kind:?}");
        let channels = publicity.get("/channels").await;
        let line = channels["items"].as_array().unwrap().iter().find(|line| line["id"] == channel.as_str()).unwrap();
        assert_eq!(line["reachable"], false, "{kind:?}");
        assert!(!line["unreachable_reason"].as_str().unwrap().contains("10.0.0.1"), "{kind:?} {line}");
    }
}

#[tokio::test]
async fn what_may_have_arrived_is_unknown_and_waits_for_a_person() {
    for kind in KINDS {
        let service = Service::at("2026-11-24T09:00:00+08:00").await;
        let publicity = service.staff("小宣", Role::Publicity).await;
        registered(&service, &publicity, kind).await;
        if !make(&service, kind, Trouble::Ambiguous) {
            continue;
        }
        let id = sent(&service, &publicity, "到了没有？").await;
        let bulletin = publicity.get(&format!("/bulletins/{id}")).await;
        assert_eq!(bulletin["counts"]["unknown"], 1, "{kind:?} {bulletin}");
        assert_eq!(standing(&service, kind).unwrap().len(), 1, "{kind:?}: nothing is sent twice by itself");
    }
}

#[tokio::test]
async fn a_wecom_robot_never_exceeds_its_limit_and_its_key_is_shown_to_nobody() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    registered(&service, &publicity, ChannelKind::WecomRobot).await;
    let body: String = (0..840).map(|n| format!("第{n}句，说得很长很长，为了分成许多条消息。")).collect();
    let id = sent(&service, &publicity, &body).await;
    let bulletin = publicity.get(&format!("/bulletins/{id}")).await;
    assert_eq!(bulletin["state"], "sent", "{bulletin}");
    let approver = service.staff("老审", Role::Approver).await;
    for title in ["再一条", "还有一条"] {
        let again = publicity.does("/bulletins", &json!({"title": title, "body": body, "targets": {"tags": ["*"]}})).await;
        let again = again["id"].as_str().unwrap().to_owned();
        publicity.does(&format!("/bulletins/{again}/submit"), &json!({})).await;
        approver.does(&format!("/bulletins/{again}/approve"), &json!({})).await;
        publicity.does(&format!("/bulletins/{again}/send"), &json!({})).await;
    }
    service.deliver().await;
    assert!(service.wecom.journal().len() > 40, "{}", service.wecom.journal().len());
    let ledger = publicity.get(&format!("/bulletins/{id}/deliveries?limit=100")).await;
    assert!(!ledger.to_string().contains("45009"), "the limit was never met");
    let channels = publicity.get("/channels").await;
    assert_eq!(channels["items"][0]["address"], json!("…5aaa"));
    assert!(!ledger.to_string().contains(KEY));
}

#[tokio::test]
async fn a_wrong_robot_address_is_refused_with_what_to_write() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    for address in ["abc", "https://example.cn/hook", "key with spaces in it"] {
        let body: Value = json!({"kind": "wecom_robot", "address": address, "title": "某群"});
        assert!(publicity.refused("/channels", &body, 422).await.contains("Webhook"), "{address}");
    }
}

/// The files that stand in the chat, oldest first: name (none where the channel shows only the picture) and bytes.
fn files_standing(service: &Service, kind: ChannelKind) -> Option<Vec<(Option<String>, Vec<u8>)>> {
    match kind {
        ChannelKind::Telegram => {
            let posted = service.telegram.messages(CHAT).into_iter().filter(|posted| !posted.deleted);
            Some(posted.filter_map(|posted| posted.file).map(|file| (Some(file.name), file.bytes.to_vec())).collect())
        }
        ChannelKind::WecomRobot => {
            let files = service.wecom.files(KEY).into_iter();
            Some(files.map(|file| (Some(file.name).filter(|name| !name.is_empty()), file.bytes)).collect())
        }
        ChannelKind::Print | ChannelKind::Web => None,
    }
}

async fn sent_with_files(service: &Service, publicity: &Staff<'_>, files: &[(&str, Vec<u8>)]) -> String {
    let approver = service.staff("老审", Role::Approver).await;
    let draft = json!({"title": "带附件", "body": "先看正文。", "targets": {"tags": ["合同"]}});
    let id = publicity.does("/bulletins", &draft).await["id"].as_str().unwrap().to_owned();
    for (name, bytes) in files {
        let part = reqwest::multipart::Part::bytes(bytes.clone()).file_name((*name).to_owned());
        publicity.upload(&format!("/bulletins/{id}/attachments"), reqwest::multipart::Form::new().part("file", part)).await;
    }
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.deliver().await;
    id
}

#[tokio::test]
async fn files_arrive_to_the_byte_after_the_text_and_go_with_a_recall() {
    let files = [("海报.png", png(40, 30)), ("办税指南.pdf", pdf(500))];
    for kind in KINDS {
        let service = Service::at("2026-11-24T09:00:00+08:00").await;
        let publicity = service.staff("小宣", Role::Publicity).await;
        registered(&service, &publicity, kind).await;
        let id = sent_with_files(&service, &publicity, &files).await;
        let bulletin = publicity.get(&format!("/bulletins/{id}")).await;
        assert_eq!((&bulletin["state"], &bulletin["counts"]["sent"]), (&json!("sent"), &json!(3)), "{kind:?} {bulletin}");
        assert!(preview(&publicity, &id, kind).await.iter().any(|part| part.contains("附件：办税指南.pdf")), "{kind:?}");
        if let Some(standing) = files_standing(&service, kind) {
            let bytes: Vec<&Vec<u8>> = standing.iter().map(|(_, bytes)| bytes).collect();
            assert_eq!(bytes, [&files[0].1, &files[1].1], "{kind:?}");
            assert_eq!(standing[1].0.as_deref(), Some("办税指南.pdf"), "{kind:?}");
        }
        if kind == ChannelKind::Telegram {
            let order: Vec<bool> = service.telegram.messages(CHAT).iter().map(|posted| posted.file.is_some()).collect();
            assert_eq!(order, [false, true, true]);
        }
        publicity.does(&format!("/bulletins/{id}/recall"), &json!({})).await;
        service.deliver().await;
        match kind.limits().recall_within {
            Some(_) => assert!(files_standing(&service, kind).is_none_or(|files| files.is_empty()), "{kind:?}"),
            None => assert!(standing(&service, kind).unwrap().last().unwrap().contains("已由发布单位撤回"), "{kind:?}"),
        }
        let ledger = publicity.get(&format!("/bulletins/{id}/deliveries")).await;
        assert!(ledger["items"].as_array().unwrap().iter().all(|line| line["state"] == "sent"), "{kind:?} {ledger}");
    }
}

#[tokio::test]
async fn a_file_that_is_refused_leaves_the_text_and_its_reason_stands_in_the_ledger() {
    for kind in KINDS {
        let service = Service::at("2026-11-24T09:00:00+08:00").await;
        let publicity = service.staff("小宣", Role::Publicity).await;
        registered(&service, &publicity, kind).await;
        match kind {
            ChannelKind::Telegram => service.telegram.set_permissions(CHAT, json!({"can_send_documents": false})),
            ChannelKind::WecomRobot => service.wecom.fail_upload(KEY, fake_wecom::Fault::Code(45001, "media file size out of limit")),
            ChannelKind::Print | ChannelKind::Web => continue,
        }
        let id = sent_with_files(&service, &publicity, &[("表.pdf", pdf(100)), ("图.png", png(9, 9))]).await;
        let bulletin = publicity.get(&format!("/bulletins/{id}")).await;
        assert_eq!(bulletin["state"], "partly_sent", "{kind:?}");
        assert_eq!((&bulletin["counts"]["sent"], &bulletin["counts"]["failed"]), (&json!(2), &json!(1)), "{kind:?}");
        assert!(standing(&service, kind).unwrap()[0].contains("先看正文。"), "{kind:?}");
        let ledger = publicity.get(&format!("/bulletins/{id}/deliveries")).await;
        let failed = ledger["items"].as_array().unwrap().iter().find(|line| line["state"] == "failed").unwrap();
        assert!(failed["part"] == 200 && !failed["reason"].as_str().unwrap().is_empty(), "{kind:?} {failed}");
        assert_eq!(files_standing(&service, kind).unwrap().len(), 1, "{kind:?}: the picture came all the same");
    }
}
