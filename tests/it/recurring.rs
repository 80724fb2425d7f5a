//! F54: bulletins by rule and before each filing deadline: shown beforehand, approved once, made exactly once, held where the calendar ends.

use serde_json::{Value, json};
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::service::{Service, Staff};

const EAST: i64 = -1001;

async fn started(at: &str) -> Service {
    Service::with(at, &[("TAXHOME_KNOWLEDGE_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/knowledge"))]).await
}

fn plan(when: &Value) -> Value {
    json!({"title": "{{month}}学习日", "body": "请参加本周的学习。", "targets": {"tags": ["个体户"]}, "when": when})
}

async fn at(service: &Service, time: &str) {
    service.clock.set(Timestamp::parse(time).unwrap());
    service.tick().await;
    service.deliver().await;
}

async fn of_file(staff: &Staff<'_>) -> Value {
    staff.get("/recurring/rec_file_filing-deadline").await
}

#[tokio::test]
async fn the_reminder_before_each_filing_deadline_follows_the_announced_dates_and_stops_where_they_end() {
    let mut service = started("2026-11-24T09:00:00+08:00").await;
    {
        let (publicity, approver) = (service.staff("小宣", Role::Publicity).await, service.staff("老审", Role::Approver).await);
        publicity.register(EAST, "城东", &["个体户"]).await;
        let shown = of_file(&publicity).await;
        assert_eq!((&shown["state"], shown["next"].as_array().unwrap().len()), (&json!("waiting"), 1), "{shown}");
        assert_eq!(shown["note"], "2027年的日历还没有录入，只能算到这里；录入后自动接着算，不会推算");
        at(&service, "2026-12-01T09:30:00+08:00").await;
        assert!(service.said(EAST).is_empty(), "nothing runs before it is approved");
        publicity.refused("/recurring/rec_file_filing-deadline/approve", &json!({}), 403).await;
        let active = approver.does("/recurring/rec_file_filing-deadline/approve", &json!({})).await;
        assert_eq!(active["state"], "active");
        let next = active["next_at"].as_str().unwrap().to_owned();
        at(&service, &next).await;
        at(&service, &next).await;
    }
    service.restart().await;
    service.tick().await;
    service.deliver().await;
    let said = service.said(EAST);
    assert_eq!(said.len(), 1, "made once, ticked and restarted or not: {said:?}");
    let publicity = service.staff("小宣", Role::Publicity).await;
    let after = of_file(&publicity).await;
    let deadline = after["plan"]["when"]["workdays_before_deadline"].clone();
    assert_eq!((&after["next_at"], &deadline), (&Value::Null, &json!(3)), "2027 is not guessed");
    assert!(said[0].contains("12月申报期将于2026年12月"), "{}", said[0]);
}

#[tokio::test]
async fn a_weekly_rule_shows_its_next_ten_times_and_goes_out_each_week_until_it_is_stopped() {
    let service = started("2026-11-24T10:00:00+08:00").await;
    let (publicity, approver) = (service.staff("小宣", Role::Publicity).await, service.staff("老审", Role::Approver).await);
    publicity.register(EAST, "城东", &["个体户"]).await;
    let created = publicity.does("/recurring", &plan(&json!({"rrule": "FREQ=WEEKLY;BYDAY=MO", "time": "09:00"}))).await;
    let times: Vec<&str> = created["next"].as_array().unwrap().iter().map(|next| next["at"].as_str().unwrap()).collect();
    assert_eq!(times.len(), 10);
    assert_eq!(&times[..2], ["2026-11-30T09:00:00+08:00", "2026-12-07T09:00:00+08:00"]);
    let id = created["id"].as_str().unwrap();
    approver.does(&format!("/recurring/{id}/approve"), &json!({})).await;
    for time in times.iter().take(3) {
        at(&service, time).await;
    }
    assert_eq!(service.said(EAST).len(), 3, "the same words each week are what was approved");
    publicity.does(&format!("/recurring/{id}/stop"), &json!({})).await;
    at(&service, times[3]).await;
    assert_eq!(service.said(EAST).len(), 3);
    publicity.refused(&format!("/recurring/{id}/stop"), &json!({}), 409).await;
    let edited = publicity.patch(&format!("/recurring/{id}"), &plan(&json!({"rrule": "FREQ=DAILY", "time": "10:00"}))).await;
    assert_eq!(edited["state"], "waiting", "an edit voids the approval");
}

#[tokio::test]
async fn a_rule_for_workdays_puts_a_holiday_off_and_one_missed_by_hours_is_held() {
    let service = started("2026-09-20T10:00:00+08:00").await;
    let (publicity, approver) = (service.staff("小宣", Role::Publicity).await, service.staff("老审", Role::Approver).await);
    publicity.register(EAST, "城东", &["个体户"]).await;
    let mut body = plan(&json!({"rrule": "FREQ=MONTHLY;BYMONTHDAY=1", "time": "09:00"}));
    body["workdays_only"] = json!(true);
    let created = publicity.does("/recurring", &body).await;
    assert_eq!(created["next"][0]["at"], "2026-10-08T09:00:00+08:00", "the national holiday ends on the 7th");
    let id = created["id"].as_str().unwrap();
    approver.does(&format!("/recurring/{id}/approve"), &json!({})).await;
    at(&service, "2026-10-08T14:00:00+08:00").await;
    assert!(service.said(EAST).is_empty(), "five hours late is not sent silently");
    let held = publicity.get("/bulletins").await["items"][0].clone();
    assert_eq!((&held["state"], &held["title"]), (&json!("held"), &json!("10月学习日")));
}

#[tokio::test]
async fn a_rule_that_cannot_be_is_refused_by_field() {
    let service = started("2026-11-24T10:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let cases = [
        (json!({"rrule": "FREQ=OFTEN", "time": "09:00"}), "FREQ=DAILY"),
        (json!({"rrule": "FREQ=MONTHLY;BYMONTHDAY=77", "time": "09:00"}), "重复规则"),
        (json!({"rrule": "FREQ=DAILY", "time": "9点"}), "09:00"),
        (json!({"time": "09:00"}), "写一个"),
        (json!({"rrule": "FREQ=DAILY", "workdays_before_deadline": 3, "time": "09:00"}), "写一个"),
        (json!({"workdays_before_deadline": 300, "time": "09:00"}), "0 到 20"),
    ];
    for (when, told) in cases {
        let detail = publicity.refused("/recurring", &plan(&when), 422).await;
        assert!(detail.contains(told), "{when}: {detail}");
    }
    let mut unknown = plan(&json!({"rrule": "FREQ=DAILY", "time": "09:00"}));
    unknown["body"] = json!("截止日是{{deadline}}");
    assert!(publicity.refused("/recurring", &unknown, 422).await.contains("{{deadline}}"));
}
