//! F58: the promotion month as a calendar holds all that staff must see together: posts, outings, classes, quizzes, the filing deadline,
//! holidays and make-up days; over the API, as a grid on a desk and as a list on a phone.

use serde_json::{Value, json};
use taxhome::domain::staff::Role;

use crate::harness::browser::{desk, phone};
use crate::harness::service::Service;

const GROUP: i64 = -1001;
const FILE: &str = "2026-04-tax-month";

async fn started() -> Service {
    let service = Service::with(
        "2026-04-08T10:00:00+08:00",
        &[
            ("TAXHOME_BROADCASTS_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/broadcasts")),
            ("TAXHOME_KNOWLEDGE_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/knowledge")),
        ],
    )
    .await;
    service.staff("小宣", Role::Publicity).await.register(GROUP, "城东", &[]).await;
    service
}

/// A class of two sessions, one that is not published, one that is called off, and a prize quiz.
async fn beside(service: &Service) -> (String, String) {
    let trainer = service.staff("小培", Role::Trainer).await;
    let times = json!([
        {"starts_at": "2026-04-09T14:00:00+08:00", "ends_at": "2026-04-09T16:00:00+08:00"},
        {"starts_at": "2026-04-20T08:00:00+08:00", "ends_at": "2026-04-20T08:50:00+08:00"}
    ]);
    let class = json!({"title": "新办企业两讲", "place": "办税厅三楼", "capacity": 30, "targets": {"tags": ["*"]}, "sessions": times});
    let class = trainer.does("/classes", &class).await["id"].as_str().unwrap().to_owned();
    trainer.does(&format!("/classes/{class}/publish"), &json!({})).await;
    let single = |title: &str, day: &str| {
        json!({"title": title, "place": "二楼", "capacity": 20, "targets": {"tags": ["*"]}, "starts_at": format!("{day}T09:00:00+08:00"),
            "ends_at": format!("{day}T11:00:00+08:00")})
    };
    trainer.does("/classes", &single("还在准备的课", "2026-04-21")).await;
    let off = trainer.does("/classes", &single("取消了的课", "2026-04-22")).await["id"].as_str().unwrap().to_owned();
    trainer.does(&format!("/classes/{off}/publish"), &json!({})).await;
    trainer.does(&format!("/classes/{off}/cancel"), &json!({})).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let quiz = json!({"kind": "prize", "title": "四月答题", "bank": "tax-month-basics", "opens_at": "2026-04-10T09:30:00+08:00",
        "closes_at": "2026-04-24T18:00:00+08:00"});
    let quiz = publicity.does("/quizzes", &quiz).await["id"].as_str().unwrap().to_owned();
    (class, quiz)
}

fn on<'a>(calendar: &'a Value, date: &str) -> &'a Value {
    calendar["days"].as_array().unwrap().iter().find(|day| day["date"] == date).unwrap()
}

fn events(day: &Value) -> Value {
    day["events"].as_array().unwrap().iter().map(|event| json!([event["kind"], event["title"], event["draft"]])).collect()
}

#[tokio::test]
async fn a_make_up_day_beside_the_programme_is_shown_where_a_workday_rule_counts_over_it() {
    let service = started().await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let plan = |rule: Value| {
        let mut item = json!({"kind": "post", "title": "一条", "body": "正文"});
        for (field, value) in rule.as_object().unwrap() {
            item[field] = value.clone();
        }
        let fixed = json!({"kind": "post", "title": "头一条", "body": "正文", "date": "2026-05-06"});
        json!({"title": "五月初", "starts_on": "2026-05-06", "ends_on": "2026-05-08", "items": [fixed, item]})
    };
    // Eleven workdays before the deadline of 22 May: 9 May is worked, so that the item falls on the 8th.
    let counted = publicity.does("/campaigns", &plan(json!({"before_deadline": 11}))).await;
    assert_eq!(counted["items"][1]["date"], "2026-05-08", "{counted}");
    let calendar = publicity.get(&format!("/campaigns/{}/calendar", counted["id"].as_str().unwrap())).await;
    let days = calendar["days"].as_array().unwrap();
    assert_eq!((&days[0]["date"], &days[days.len() - 1]["date"]), (&json!("2026-05-06"), &json!("2026-05-22")));
    let make_up = on(&calendar, "2026-05-09");
    assert_eq!(json!([make_up["make_up"], make_up["outside"], make_up["kind"]]), json!([true, true, "workday"]));
    assert_eq!(json!([on(&calendar, "2026-05-08")["outside"], on(&calendar, "2026-05-22")["filing_deadline"]]), json!([false, true]));
    let page = service.logged_in(Role::Publicity).await.page(&format!("/console/campaigns/{}", counted["id"].as_str().unwrap())).await;
    let shown = page.split("datetime=\"2026-05-09\"").nth(1).unwrap().split("</li>").next().unwrap();
    assert!(shown.contains("补班") && shown.contains("活动期间外"), "{shown}");
    // Off a Sunday onto the make-up day: outside, and refused with both days named.
    let refused = publicity.refused("/campaigns", &plan(json!({"date": "2026-05-10", "day_off": "previous"})), 422).await;
    assert!(refused.contains("2026年5月9日") && refused.contains("不在活动期间内"), "{refused}");
    // Where no rule counts over it, the calendar is the programme.
    let plain = publicity.does("/campaigns", &plan(json!({"date": "2026-05-07"}))).await;
    let calendar = publicity.get(&format!("/campaigns/{}/calendar", plain["id"].as_str().unwrap())).await;
    assert_eq!(calendar["days"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_month_shows_posts_outings_classes_quizzes_deadline_holidays_and_make_up_days() {
    let service = started().await;
    let (class, quiz) = beside(&service).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let campaign = publicity.does("/campaigns/import", &json!({"file": FILE})).await;
    let id = campaign["id"].as_str().unwrap();
    let calendar = publicity.get(&format!("/campaigns/{id}/calendar")).await;
    assert_eq!(events(on(&calendar, "2026-04-09")), json!([["class", "新办企业两讲（第1次）", false]]));
    assert_eq!(events(on(&calendar, "2026-04-20")), json!([["class", "新办企业两讲（第2次）", false]]));
    assert_eq!(events(on(&calendar, "2026-04-21")), json!([["class", "还在准备的课", true]]));
    assert_eq!(events(on(&calendar, "2026-04-22")), json!([]), "what is called off is not in the way");
    assert_eq!(events(on(&calendar, "2026-04-10")), json!([["quiz_opens", "四月答题", false]]));
    assert_eq!(events(on(&calendar, "2026-04-24")), json!([["quiz_closes", "四月答题", false]]));
    assert_eq!((&on(&calendar, "2026-05-09")["make_up"], &on(&calendar, "2026-04-18")["make_up"]), (&json!(true), &json!(false)));
    assert_eq!(on(&calendar, "2026-04-20")["filing_deadline"], true);
    assert_eq!(on(&calendar, "2026-04-06")["holiday"], "清明节");

    let console = service.logged_in(Role::Publicity).await;
    let path = format!("/console/campaigns/{id}");
    let page = console.page(&path).await;
    for shown in ["新办企业两讲（第1次）", "未发布", "答题开始", "答题结束", "清明节", "申报截止日", "补班", "外出", "今天"]
    {
        assert!(page.contains(shown), "{shown} is not on {page}");
    }
    assert!(page.contains(&format!("/console/classes/{class}")) && page.contains(&format!("/console/quizzes/{quiz}")));
    let deadline = page.split("datetime=\"2026-04-20\"").nth(1).unwrap().split("</li>").next().unwrap();
    let class_first = deadline.find("新办企业两讲").unwrap() < deadline.find("学校课堂回顾").unwrap();
    assert!(class_first, "a day goes by the clock: {deadline}");

    // On a phone a list of the days on which something happens, on a desk a grid of weeks.
    let shown = "return [...document.querySelectorAll('.month > li')].filter(day => day.offsetHeight > 0).length";
    let columns = "return getComputedStyle(document.querySelector('.month')).gridTemplateColumns.split(' ').length";
    let small = phone().await.logged_in(&console).await;
    small.goto(&format!("{}{path}", service.base)).await.unwrap();
    small.see(".month").await;
    assert_eq!(small.value(columns).await, json!(1));
    assert_eq!(small.value("return document.documentElement.scrollWidth").await, json!(390));
    let listed = small.value(shown).await.as_u64().unwrap();
    let wide = desk().await.logged_in(&console).await;
    wide.goto(&format!("{}{path}", service.base)).await.unwrap();
    wide.see(".month").await;
    assert_eq!(wide.value(columns).await, json!(7));
    let grid = wide.value(shown).await.as_u64().unwrap();
    assert!(listed < 40 && grid >= 40, "{listed} days listed, {grid} in the grid");
    for (name, browser) in [("calendar-phone", &small), ("calendar-desk", &wide)] {
        assert_eq!(browser.complaints().await, Vec::<String>::new());
        crate::console_campaign::keep(browser, name).await;
    }
}

#[tokio::test]
async fn one_calendar_shows_every_programme_and_class_month_by_month() {
    let service = started().await;
    beside(&service).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.does("/campaigns/import", &json!({"file": FILE})).await;
    let second = json!({"title": "发票宣传周", "starts_on": "2026-04-27", "ends_on": "2026-05-03", "items": [
        {"kind": "post", "title": "查验发票有新办法", "date": "2026-04-28", "body": "在全国增值税发票查验平台上查验。"},
        {"kind": "post", "title": "五月头一天", "date": "2026-05-01", "body": "劳动节也能办税。"}]});
    let second = publicity.does("/campaigns", &second).await["id"].as_str().unwrap().to_owned();

    let console = service.logged_in(Role::Auditor).await;
    let april = console.page("/console/calendar").await;
    for shown in ["2026年4月", "进园区", "查验发票有新办法", "新办企业两讲（第1次）", "还在准备的课", "答题开始", "清明节", "今天"]
    {
        assert!(april.contains(shown), "{shown} is not on {april}");
    }
    assert!(!april.contains("五月头一天") && !april.contains("取消了的课"), "{april}");
    assert_eq!(april.matches("<time datetime=\"2026-04-").count(), 30);
    assert!(april.contains(&format!("/console/campaigns/{second}/items/")), "each item leads to its own programme");
    let later = april.split("month=2026-05\"").next().filter(|before| before.len() < april.len());
    assert!(later.is_some(), "the way to the next month: {april}");
    let may = console.page("/console/calendar?month=2026-05").await;
    assert!(may.contains("五月头一天") && !may.contains("查验发票有新办法") && may.contains("补班"), "{may}");
    let empty = console.page("/console/calendar?month=2030-01").await;
    assert!(empty.contains("这个月还没有安排"), "{empty}");
    assert_eq!(console.get("/console/calendar?month=2026-13").await.status, 422);
}
