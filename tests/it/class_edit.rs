//! F60, F61: a class changed in the console: a draft in everything, a published one in what may change, and who is told.

use serde_json::json;
use taxhome::domain::staff::Role;

use crate::calendar_files::read;
use crate::harness::service::Service;
use crate::harness::web::client;

const MORNING: &str = "2026-11-24T09:00:00+08:00";

async fn written(service: &Service) -> String {
    service.staff("小宣", Role::Publicity).await.register(-1001, "城东", &[]).await;
    let class = json!({"title": "新办企业第一课", "starts_at": "2026-11-27T14:00:00+08:00", "ends_at": "2026-11-27T16:00:00+08:00",
        "place": "办税厅三楼", "capacity": 5, "reminders": [60], "targets": {"tags": ["*"]}});
    service.staff("小培", Role::Trainer).await.does("/classes", &class).await["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_draft_is_changed_in_everything_and_a_wrong_line_is_refused_at_its_field() {
    let service = Service::at(MORNING).await;
    let id = written(&service).await;
    let console = service.logged_in(Role::Trainer).await;
    let edit = format!("/console/classes/{id}/edit");
    assert!(console.page(&format!("/console/classes/{id}")).await.contains(&edit), "there is a way to it");
    let page = console.page(&edit).await;
    for there in ["2026-11-27 14:00-16:00", "办税厅三楼", "提前 60 分钟", "value=\"5\""] {
        assert!(page.contains(there), "{there}: {page}");
    }
    let form = |sessions: &'static str, asked: &'static str| {
        [
            ("title", "新办企业两讲"),
            ("sessions", sessions),
            ("place", "文化馆"),
            ("capacity", "8"),
            ("reminders", "60"),
            ("fields", asked),
            ("tags", "*"),
        ]
    };
    let both = "2026-11-27 14:00-16:00\n2026-11-28 9：00 至 11：00";
    let asked = "单位名称｜准备材料｜必填\n人数|安排座位|数字";
    for (sessions, asked, says) in [
        ("明天下午两点", asked, "上课时间“明天下午两点”读不出来"),
        (both, "单位名称", "“单位名称”读不出来"),
        ("2026-11-27 14:00-13:00", asked, "结束时间要晚于开始时间"),
    ] {
        let refused = console.post(&edit, &form(sessions, asked)).await;
        assert!(refused.status == 200 && refused.text.contains(says) && refused.text.contains("新办企业两讲"), "{}", refused.text);
    }
    assert!(console.does(&edit, &form(both, asked)).await.contains("已保存"));
    let trainer = service.staff("小培", Role::Trainer).await;
    let class = trainer.get(&format!("/classes/{id}")).await;
    assert_eq!(json!([class["title"], class["place"], class["capacity"], class["reminders"]]), json!(["新办企业两讲", "文化馆", 8, [60]]));
    assert_eq!(class["sessions"][1]["starts_at"], "2026-11-28T09:00:00+08:00");
    assert_eq!(
        class["fields"],
        json!([
            {"label": "单位名称", "reason": "准备材料", "kind": "text", "required": true},
            {"label": "人数", "reason": "安排座位", "kind": "number", "required": false}
        ])
    );
    assert!(
        console.page(&edit).await.contains("单位名称｜准备材料｜必填\n人数｜安排座位｜数字"),
        "and stands in the form as it was written"
    );
    let one = form("2026-11-27 14:00-16:00", "");
    console.does(&edit, &one).await;
    let class = trainer.get(&format!("/classes/{id}")).await;
    assert_eq!((class["sessions"].as_array().unwrap().len(), &class["fields"]), (1, &json!([])), "one time and the questions taken away");
    let auditor = service.logged_in(Role::Auditor).await;
    assert_eq!(auditor.get(&edit).await.status, 403);
}

#[tokio::test]
async fn a_published_class_gets_a_new_place_that_everybody_hears_of_and_keeps_its_name_and_time() {
    let service = Service::at(MORNING).await;
    let id = written(&service).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    trainer.does(&format!("/classes/{id}/publish"), &json!({})).await;
    for person in [11, 12] {
        service.telegram.private(person, &person.to_string());
        service.telegram.says(person, person, &format!("/start class_{id}"));
        service.converse().await;
    }
    let console = service.logged_in(Role::Trainer).await;
    let edit = format!("/console/classes/{id}/edit");
    let page = console.page(&edit).await;
    assert!(!page.contains("name=\"title\"") && !page.contains("name=\"sessions\"") && page.contains("会通知所有报名和候补的人"), "{page}");
    let calendar = async || {
        let url = format!("{}/classes/{id}/class.ics", service.base);
        read(&client(Default::default()).get(url).send().await.unwrap().text().await.unwrap()).remove(0)
    };
    let before = calendar().await;
    let form = |place: &'static str, capacity: &'static str| {
        [("title", "别的名字"), ("sessions", "2026-12-01 14:00-16:00"), ("place", place), ("capacity", capacity), ("reminders", "60")]
    };
    let refused = console.post(&edit, &form("文化馆", "1")).await;
    assert!(refused.text.contains("已经有 2 人占了名额"), "{}", refused.text);
    assert!(console.does(&edit, &form("办税厅三楼", "6")).await.contains("已保存"));
    service.deliver().await;
    let changed = |person: i64| service.said(person).iter().filter(|text| text.contains("文化馆")).count();
    assert_eq!(calendar().await, before, "more seats change nobody's calendar");
    assert!(console.does(&edit, &form("文化馆", "6")).await.contains("报名的人会收到通知"));
    console.does(&edit, &form("文化馆", "6")).await;
    service.deliver().await;
    assert_eq!([11, 12].map(changed), [1, 1], "told once");
    let after = calendar().await;
    assert_eq!((&after.0, &after.2, &after.3), (&before.0, &before.2, &before.3));
    assert!(after.1 > before.1, "a higher SEQUENCE");
    let class = trainer.get(&format!("/classes/{id}")).await;
    assert_eq!(json!([class["title"], class["capacity"]]), json!(["新办企业第一课", 6]), "name and time stay");
    trainer.does(&format!("/classes/{id}/cancel"), &json!({})).await;
    assert_eq!(console.get(&edit).await.status, 409);
}
