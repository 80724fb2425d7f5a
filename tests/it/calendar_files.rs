//! F61: our .ics read by a parser that did not write them.

use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty};
use serde_json::json;
use taxhome::domain::staff::Role;

use crate::harness::service::Service;
use crate::harness::web::client;

/// Uid, sequence, start and end (UTC) of each event, by an independent reader.
pub fn read(text: &str) -> Vec<(String, i64, String, String)> {
    let calendar = ICalendar::parse(text).expect("it is a calendar");
    let events = calendar.components.iter().filter(|component| component.component_type == ICalendarComponentType::VEvent);
    events
        .map(|event| {
            (
                word(event, &ICalendarProperty::Uid),
                number(event),
                time(event, &ICalendarProperty::Dtstart),
                time(event, &ICalendarProperty::Dtend),
            )
        })
        .collect()
}

/// Uids of the events that are called off.
pub fn cancelled(text: &str) -> Vec<String> {
    let calendar = ICalendar::parse(text).expect("it is a calendar");
    let events = calendar.components.iter().filter(|component| component.component_type == ICalendarComponentType::VEvent);
    let off = events.filter(|event| {
        let status = event.property(&ICalendarProperty::Status).map(|entry| format!("{:?}", entry.values[0]));
        status.is_some_and(|status| status.contains("Cancelled"))
    });
    off.map(|event| word(event, &ICalendarProperty::Uid)).collect()
}

fn word(event: &ICalendarComponent, property: &ICalendarProperty) -> String {
    let entry = event.property(property).expect("the property is there");
    entry.values[0].as_text().expect("it is a text").to_owned()
}

fn number(event: &ICalendarComponent) -> i64 {
    event.property(&ICalendarProperty::Sequence).expect("there is a sequence").values[0].as_integer().expect("it is a number")
}

fn time(event: &ICalendarComponent, property: &ICalendarProperty) -> String {
    let time = event.property(property).expect("the time is there").values[0].as_partial_date_time().expect("it is a time");
    let at = time.to_timestamp().expect("it names an instant");
    chrono::DateTime::from_timestamp(at, 0).unwrap().to_rfc3339()
}

#[tokio::test]
async fn class_window_and_feed_are_read_by_another_parser_and_keep_their_uid_when_the_class_moves() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    service.staff("小宣", Role::Publicity).await.register(-1001, "城东", &[]).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let title = "小规模纳税人、个体工商户和新办企业；增值税起征点与发票开具，一次讲清（含现场答疑、上机操作）第一期";
    let class = json!({"title": title, "starts_at": "2026-11-27T14:00:00+08:00", "ends_at": "2026-11-27T16:00:00+08:00",
        "place": "办税厅三楼，东侧；培训室", "capacity": 5, "enrol_from": "2026-11-24T10:00:00+08:00",
        "enrol_until": "2026-11-26T18:00:00+08:00", "targets": {"tags": ["*"]}});
    let id = trainer.does("/classes", &class).await["id"].as_str().unwrap().to_owned();
    trainer.does(&format!("/classes/{id}/publish"), &json!({})).await;
    let fetch = async |path: &str| {
        let text = client(Default::default()).get(format!("{}{path}", service.base)).send().await.unwrap().text().await.unwrap();
        assert!(text.ends_with("\r\n") && text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
        assert!(text.split("\r\n").any(|line| line.starts_with(' ')), "such a title is folded: {text}");
        text
    };
    let one = fetch(&format!("/classes/{id}/class.ics")).await;
    let before = read(&one);
    assert_eq!(read(&fetch("/calendar.ics").await), before, "the feed holds the same");
    let calendar = ICalendar::parse(&one).unwrap();
    let event = calendar.components.iter().find(|component| component.component_type == ICalendarComponentType::VEvent).unwrap();
    assert_eq!(word(event, &ICalendarProperty::Summary), title, "folding breaks no character");
    assert_eq!(word(event, &ICalendarProperty::Location), "办税厅三楼，东侧；培训室");
    let at = |text: &str| text.to_owned();
    assert_eq!(before.len(), 2, "the class and the days for enrolling: {before:?}");
    assert_eq!((before[0].1, &before[0].2, &before[0].3), (0, &at("2026-11-27T06:00:00+00:00"), &at("2026-11-27T08:00:00+00:00")));
    assert_eq!((&before[1].2, &before[1].3), (&at("2026-11-24T02:00:00+00:00"), &at("2026-11-26T10:00:00+00:00")));
    assert_ne!(before[0].0, before[1].0);

    trainer.does(&format!("/classes/{id}/move"), &json!({"starts_at": "2026-11-30T14:00:00+08:00"})).await;
    let after = read(&fetch(&format!("/classes/{id}/class.ics")).await);
    assert_eq!((&after[0].0, &after[1].0), (&before[0].0, &before[1].0), "the same events");
    assert!(after.iter().zip(&before).all(|(after, before)| after.1 > before.1), "each with a higher SEQUENCE: {after:?}");
    assert_eq!((&after[0].2, &after[0].3), (&at("2026-11-30T06:00:00+00:00"), &at("2026-11-30T08:00:00+00:00")));
}
