//! Row by row: what WeCom's answers mean for a delivery, over the real client and the fake robot API. HTTP is 200 even where it failed.

use serde_json::{Value, json};
use taxhome::clock::Clock;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::fake_wecom::Fault;
use crate::harness::service::{Service, Staff};

const KEY: &str = "693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa";
const MORNING: &str = "2026-11-24T09:00:00+08:00";

/// The lines of the ledger after a bulletin of these words, whose first call went wrong like that.
async fn lines_after(service: &Service, publicity: &Staff<'_>, fault: Fault, body: &str) -> Vec<Value> {
    let approver = service.staff("老审", Role::Approver).await;
    service.wecom.group(KEY);
    let address = format!("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}");
    publicity.does("/channels", &json!({"kind": "wecom_robot", "address": address, "title": "企业群", "tags": ["企业"]})).await;
    service.wecom.fail_next(KEY, fault);
    let draft = json!({"title": "通知", "body": body, "targets": {"tags": ["企业"]}});
    let id = publicity.does("/bulletins", &draft).await["id"].as_str().unwrap().to_owned();
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.deliver().await;
    publicity.get(&format!("/bulletins/{id}/deliveries")).await["items"].as_array().unwrap().clone()
}

fn outcomes(line: &Value) -> Vec<&str> {
    line["attempts"].as_array().unwrap().iter().map(|attempt| attempt["outcome"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn each_answer_of_wecom_has_its_class() {
    let cases: [(Fault, &str, &[&str]); 14] = [
        (Fault::Code(-1, "system busy"), "sent", &["not_sent", "sent"]),
        (Fault::Code(45009, "api freq out of limit, hint: [1], from ip: 10.0.0.1"), "sent", &["frozen", "sent"]),
        (Fault::Code(45033, "api concurrent out of limit"), "sent", &["frozen", "sent"]),
        (Fault::Code(93000, "invalid webhook url, hint: [1], from ip: 10.0.0.1"), "failed", &["unreachable"]),
        (Fault::Code(93004, "robot has been removed"), "failed", &["unreachable"]),
        // Of a robot this is its key, which nobody can refresh: there is no token.
        (Fault::Code(40014, "invalid access_token"), "failed", &["unreachable"]),
        (Fault::Code(40001, "invalid credential"), "failed", &["unreachable"]),
        (Fault::Code(42001, "access_token expired"), "failed", &["failed"]),
        (Fault::Code(40008, "invalid message type"), "failed", &["failed"]),
        (Fault::Code(44004, "empty content"), "failed", &["failed"]),
        (Fault::Code(40058, "invalid Request Parameter"), "failed", &["failed"]),
        (Fault::ServerError, "unknown", &["unknown"]),
        (Fault::AcceptThenDrop, "unknown", &["unknown"]),
        (Fault::AcceptThenGarbage, "unknown", &["unknown"]),
    ];
    for (fault, state, attempts) in cases {
        let service = Service::at(MORNING).await;
        let publicity = service.staff("小宣", Role::Publicity).await;
        let lines = lines_after(&service, &publicity, fault.clone(), "一句话。").await;
        assert_eq!(lines.len(), 1, "{fault:?}");
        assert_eq!((lines[0]["state"].as_str().unwrap(), outcomes(&lines[0]).as_slice()), (state, attempts), "{fault:?}");
        let arrived = usize::from(state == "sent" || matches!(fault, Fault::AcceptThenDrop | Fault::AcceptThenGarbage));
        assert_eq!(service.wecom.said(KEY).len(), arrived, "{fault:?}: nothing comes twice");
        let reachable = &publicity.get("/channels").await["items"][0]["reachable"];
        assert_eq!(*reachable, json!(!attempts.contains(&"unreachable")), "{fault:?}");
        assert!(!lines[0].to_string().contains("10.0.0.1") && !lines[0].to_string().contains(KEY), "{fault:?}: {}", lines[0]);
    }
}

#[tokio::test]
async fn a_robot_told_to_slow_down_waits_for_the_next_minute_and_only_itself() {
    let service = Service::at(MORNING).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let begun = service.clock.now();
    let lines = lines_after(&service, &publicity, Fault::Code(45009, "api freq out of limit"), "一句话。").await;
    let at = |which: usize| Timestamp::parse(lines[0]["attempts"][which]["started_at"].as_str().unwrap()).unwrap();
    assert!(at(1).since(at(0)).as_secs() >= 60 && at(1).since(begun).as_secs() < 90, "{}", lines[0]);
}

#[tokio::test]
async fn a_text_that_wecom_finds_too_long_is_sent_in_two() {
    let service = Service::at(MORNING).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let words: String = (0..60).map(|n| format!("第{n}句，说给办税的人听。")).collect();
    let lines = lines_after(&service, &publicity, Fault::Code(40058, "content exceed max length"), &words).await;
    assert_eq!(lines.iter().map(|line| line["state"].as_str().unwrap()).collect::<Vec<_>>(), ["sent", "sent"]);
    let said = service.wecom.said(KEY);
    assert_eq!(said.len(), 2);
    assert!((0..60).all(|n| said.concat().contains(&format!("第{n}句，"))), "{said:?}");
}
