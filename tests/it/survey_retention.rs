//! F63 and F78: what people wrote into a questionnaire, and who they are, goes on the day it is older than it is kept; the marks stay.

use std::time::Duration;

use serde_json::{Value, json};
use taxhome::clock::Clock;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;
use taxhome::store::schema;

use crate::after_class::{came, enrolled, last, says, taps, ticks};
use crate::harness::service::Service;

const MORNING: &str = "2026-11-24T09:00:00+08:00";
const OVER: &str = "2026-11-27T16:00:05+08:00";
const WRITTEN: &str = "电子发票红冲后还要不要收回原件";
const KEPT_DAYS: &str = "10";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Rows of the tables of surveys, as text.
async fn surveys(service: &Service) -> String {
    let mut conn = service.store.read().await.unwrap();
    let mut text = String::new();
    for table in schema::tables(&mut conn, service.store.engine()).await.unwrap() {
        if table.name.starts_with("survey_") {
            for row in schema::rows(&mut conn, &table.name).await.unwrap() {
                text.push_str(&format!("{} {}\n", table.name, Value::Object(row)));
            }
        }
    }
    text
}

/// A minute past three on the next day but `days`: the clearing has come by then.
async fn later(service: &Service, days: u32) {
    service.clock.advance(DAY * days);
    service.clock.set(Timestamp::start_of(service.clock.now().date()).plus(Duration::from_secs(3 * 3600 + 60)));
    service.tick().await;
}

async fn summary(service: &Service, class: &str) -> Value {
    service.staff("小培", Role::Trainer).await.get(&format!("/classes/{class}/summary")).await
}

#[tokio::test]
async fn what_was_written_into_a_questionnaire_goes_in_time_and_the_marks_stay() {
    let service = Service::with(MORNING, &[("TAXHOME_RETENTION__SURVEY_DAYS", KEPT_DAYS)]).await;
    let class = enrolled(&service, &[(11, "甲"), (12, "乙")]).await;
    service.clock.set(Timestamp::parse("2026-11-27T14:10:00+08:00").unwrap());
    came(&service, &class, 11).await;
    came(&service, &class, 12).await;
    service.clock.set(Timestamp::parse(OVER).unwrap());
    ticks(&service).await;
    ticks(&service).await;
    taps(&service, 11, "4 分").await;
    taps(&service, 11, "跳过").await;
    says(&service, 11, WRITTEN).await;
    taps(&service, 11, "跳过").await;
    assert!(last(&service, 11).contains("问卷答完了"), "{}", last(&service, 11));
    // The other one is amid the questions when the time is over.
    taps(&service, 12, "5 分").await;

    let before = summary(&service, &class).await;
    assert_eq!(before["survey"]["questions"][2]["comments"], json!([WRITTEN]));
    let marks = before["survey"]["questions"][0]["scores"].clone();
    assert_eq!(marks, json!([0, 0, 0, 1, 1]));

    // The tenth day is not over: it was written in the afternoon, and the clearing comes at three in the morning.
    later(&service, 9).await;
    later(&service, 1).await;
    let kept = surveys(&service).await;
    assert!(kept.contains(WRITTEN) && kept.contains("\"person\":\"11\""), "{kept}");
    later(&service, 1).await;
    let left = surveys(&service).await;
    for gone in [WRITTEN, "\"person\":\"11\"", "\"person\":\"12\""] {
        assert!(!left.contains(gone), "{gone} is still there: {left}");
    }
    let after = summary(&service, &class).await;
    assert_eq!(after["survey"]["questions"][0]["scores"], marks, "the marks stay");
    assert_eq!(after["survey"]["questions"][2]["comments"], json!([]), "no empty comment is shown");
    assert_eq!(json!([after["survey"]["asked"], after["survey"]["finished"]]), json!([2, 1]));

    // Who was forgotten amid the questions is not asked on, and an old button does no harm.
    taps(&service, 12, "跳过").await;
    ticks(&service).await;
    assert!(!surveys(&service).await.contains("\"person\":\"12\""));
}
