//! F62: the trainer's phone at the door without a signal, in a real browser: what was tapped arrives later, once, with its true time.

use serde_json::{Value, json};
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::browser::{Browser, phone};
use crate::harness::line::Line;
use crate::harness::service::Service;
use crate::harness::web::Console;

const MORNING: &str = "2026-11-24T09:00:00+08:00";

/// A service behind a line, and a published class with these people in it.
async fn behind(line: &Line, people: &[(i64, &str)]) -> (Service, String) {
    let service = Service::at(MORNING).await;
    line.lead_to(&service.base);
    service.staff("小宣", Role::Publicity).await.register(-1001, "城东", &[]).await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let class = json!({"title": "新办企业第一课", "starts_at": "2026-11-27T14:00:00+08:00", "ends_at": "2026-11-27T16:00:00+08:00",
        "place": "办税厅三楼", "capacity": 3, "targets": {"tags": ["*"]}});
    let id = trainer.does("/classes", &class).await["id"].as_str().unwrap().to_owned();
    trainer.does(&format!("/classes/{id}/publish"), &json!({})).await;
    for (person, name) in people {
        service.telegram.private(*person, name);
        service.telegram.says(*person, *person, &format!("/start class_{id}"));
        service.converse().await;
    }
    (service, id)
}

fn at(service: &Service, time: &str) {
    service.clock.set(Timestamp::parse(time).unwrap());
}

/// The trainer's phone at the door, with a log-in of now.
async fn door(service: &Service, line: &Line, class: &str) -> (Browser, Console) {
    let mut console = service.logged_in(Role::Trainer).await;
    console.base.clone_from(&line.base);
    let phone = phone().await.logged_in(&console).await;
    phone.goto(&format!("{}/console/classes/{class}/sessions/1", line.base)).await.unwrap();
    phone.until("return document.getElementById('line').dataset.kept === 'true'").await;
    (phone, console)
}

async fn waits(phone: &Browser, many: usize) {
    phone.until(&format!("return document.getElementById('line').dataset.waiting === '{many}'")).await;
}

async fn signal(phone: &Browser, word: &str) {
    phone.until(&format!("return document.getElementById('line').dataset.signal === '{word}'")).await;
}

async fn comes(phone: &Browser, name: &str) {
    let script = format!(
        "const row = [...document.querySelectorAll('#door tbody tr')].find(row => row.cells[0].textContent.trim() === '{name}'); \
         row.querySelector('form:not([hidden]) button')?.click(); return true"
    );
    phone.value(&script).await;
}

async fn walks_in(phone: &Browser, name: &str) {
    let script = format!(
        "const form = document.querySelector('form[action$=\"/walk-ins\"]'); form.elements.namedItem('name').value = '{name}'; \
         form.querySelector('button').click(); return true"
    );
    phone.value(&script).await;
}

/// Name, state and the times of coming, of each line of the workbook.
async fn roster(service: &Service, class: &str) -> Vec<[String; 3]> {
    use calamine::Reader;
    let trainer = service.staff("小培", Role::Trainer).await;
    let url = format!("{}/api/v1/classes/{class}/roster?format=xlsx", service.base);
    let bytes = trainer.client().get(url).send().await.unwrap().bytes().await.unwrap();
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes.to_vec())).unwrap();
    let sheet = book.worksheet_range("名单").unwrap();
    let heads = sheet.rows().position(|row| row[0] == "序号").expect("there are heads");
    let column = |name: &str| sheet.rows().nth(heads).unwrap().iter().position(|cell| *cell == name).expect("the column is there");
    let (name, state, came) = (column("姓名"), column("状态"), column("签到时间"));
    sheet.rows().skip(heads + 1).map(|row| [name, state, came].map(|column| row[column].to_string())).collect()
}

#[tokio::test]
async fn taps_without_a_signal_outlive_a_reload_and_arrive_once_with_their_true_time() {
    let line = Line::laid().await;
    let (service, id) = behind(&line, &[(11, "甲"), (12, "乙")]).await;
    at(&service, "2026-11-27T13:50:00+08:00");
    let (phone, console) = door(&service, &line, &id).await;
    let wide = phone.value("return document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
    assert_eq!(wide, json!(0));
    assert_eq!(phone.barriers().await, Vec::<String>::new());
    assert_eq!(phone.complaints().await, Vec::<String>::new(), "the page's own policy lets everything of it run");
    phone.picture("phone-class-door-online").await;

    line.cut();
    comes(&phone, "测试11").await;
    comes(&phone, "测试11").await;
    signal(&phone, "off").await;
    assert!(phone.text("#line").await.contains("待上传 1 人"), "a second tap is the same person");
    phone.goto(&format!("{}/console/classes/{id}/sessions/1", line.base)).await.unwrap();
    signal(&phone, "off").await;
    waits(&phone, 1).await;
    assert!(phone.text("#door").await.contains("待上传 13:5"), "{}", phone.text("#door").await);
    let code = phone.value("return document.querySelector('.door img').naturalWidth > 0").await;
    assert_eq!(code, true, "the code can still be scanned");
    // Five minutes pass on the phone.
    phone.value("const real = Date.now.bind(Date); Date.now = () => real() + 300000; return true").await;
    walks_in(&phone, "路过的丙").await;
    walks_in(&phone, "点错的丁").await;
    waits(&phone, 3).await;
    phone.picture("phone-class-door-offline").await;
    phone.value("[...document.querySelectorAll('#line li')].find(item => item.textContent.includes('点错的丁')).querySelector('button').click(); return true")
        .await;
    waits(&phone, 2).await;
    assert!(roster(&service, &id).await.iter().all(|[_, _, came]| came.is_empty()), "nothing has arrived");

    at(&service, "2026-11-27T14:10:00+08:00");
    line.mend();
    waits(&phone, 0).await;
    signal(&phone, "on").await;
    let came = roster(&service, &id).await;
    let found: Vec<(&str, &str)> = came.iter().map(|[name, _, came]| (name.as_str(), came.as_str())).collect();
    assert_eq!([found[0].0, found[1].0, found[2].0], ["测试11", "测试12", "路过的丙"]);
    let early = |time: &str| time.starts_with("2026年11月27日 13:5");
    assert!(early(found[0].1) && found[1].1.is_empty() && early(found[2].1), "when they came, not when it arrived: {found:?}");
    assert!(found[2].1 > found[0].1, "each at their own time: {found:?}");
    phone.until("return document.getElementById('door').innerText.split('已到 13:5').length === 3").await;

    // Full now: what the service refuses is told, and does not come back.
    walks_in(&phone, "再来的戊").await;
    phone.until("return document.getElementById('line').innerText.includes('再来的戊没有签上')").await;
    phone.value("document.querySelector('#line li button').click(); return true").await;
    phone.until("return !document.getElementById('line').innerText.includes('再来的戊')").await;

    // A log-in that has run out keeps what was tapped, and nobody else sees the copy.
    line.cut();
    comes(&phone, "测试12").await;
    signal(&phone, "off").await;
    service.clock.advance(std::time::Duration::from_secs(40 * 60));
    line.mend();
    signal(&phone, "out").await;
    assert!(phone.text("#line").await.contains("登录已过期") && phone.text("#line").await.contains("待上传 1 人"));
    assert_eq!(phone.value("return document.querySelector('#line a').getAttribute('href').startsWith('/console/login?next=')").await, true);
    let again = service.logged_in(Role::Trainer).await;
    assert_ne!(again.cookie, console.cookie);
    let phone = phone.logged_in(&Console { base: line.base.clone(), ..again }).await;
    phone.goto(&format!("{}/console/classes/{id}/sessions/1", line.base)).await.unwrap();
    waits(&phone, 0).await;
    phone.until("return document.getElementById('door').innerText.includes('已到 14:1')").await;
    assert!(roster(&service, &id).await[1][2].starts_with("2026年11月27日 14:1"), "when they stood at the door");
}

#[tokio::test]
async fn a_check_in_tapped_by_mistake_is_taken_back_once_and_a_walk_in_gives_the_seat_back() {
    let line = Line::laid().await;
    let (service, id) = behind(&line, &[(11, "甲"), (12, "乙")]).await;
    at(&service, "2026-11-27T13:50:00+08:00");
    let (phone, _) = door(&service, &line, &id).await;
    comes(&phone, "测试11").await;
    walks_in(&phone, "路过的丙").await;
    phone.until("return document.getElementById('door').innerText.split('已到 13:5').length === 3").await;
    for name in ["测试11", "路过的丙"] {
        comes(&phone, name).await;
        let gone = format!(
            "const row = [...document.querySelectorAll('#door tbody tr')].find(row => row.cells[0].textContent.trim() === '{name}'); \
             return !row || !row.textContent.includes('已到')"
        );
        phone.until(&gone).await;
    }
    let list = phone.text("#door").await;
    assert!(list.contains("测试11") && !list.contains("路过的丙"), "the walk-in is off the list: {list}");
    let trainer = service.staff("小培", Role::Trainer).await;
    let class = trainer.get(&format!("/classes/{id}")).await;
    assert_eq!(class["seated"], json!(2), "and the seat is free");
    let undone = async || {
        let items = service.staff("审计", Role::Auditor).await.get("/audit").await["items"].as_array().unwrap().clone();
        items.iter().filter(|item| item["action"] == "class.check_in_undo").count()
    };
    assert_eq!(undone().await, 2);

    // The same at the API and without JavaScript: a second click changes nothing.
    let lines = trainer.get(&format!("/classes/{id}/roster")).await["items"].as_array().unwrap().clone();
    let first: &Value = &lines[0]["enrolment"];
    let path = format!("/classes/{id}/sessions/1/check-ins/{}", first.as_str().unwrap());
    trainer.does(&format!("/classes/{id}/sessions/1/check-ins"), &json!({"items": [{"id": "t1", "enrolment": first}]})).await;
    for _ in 0..2 {
        let answer = trainer.client().delete(format!("{}/api/v1{path}", service.base)).send().await.unwrap();
        assert_eq!(answer.status(), 204);
    }
    assert_eq!(undone().await, 3);
    let unknown =
        trainer.client().delete(format!("{}/api/v1/classes/{id}/sessions/1/check-ins/enr_none", service.base)).send().await.unwrap();
    assert_eq!(unknown.status(), 404);
    let console = service.logged_in(Role::Trainer).await;
    let page = console.does(&format!("/console{path}/undo"), &[]).await;
    assert!(page.contains("没有签到记录，不用撤销"), "{page}");
}
