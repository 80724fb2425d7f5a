//! F60 to F63: one class lived through from the outside, by chat, web, console and calendar: announced, filled, offered on, moved,
//! reminded of, checked in to with and without a signal, asked about, certified, summed up.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::calendar_files::read;
use crate::harness::service::{Service, Staff};
use crate::harness::web::client;

const GROUP: i64 = -1001;
const FIRST: [&str; 2] = ["2026-11-26T14:00:00+08:00", "2026-11-26T16:00:00+08:00"];
const SECOND: [&str; 2] = ["2026-11-27T14:00:00+08:00", "2026-11-27T16:00:00+08:00"];
const MOVED: [&str; 2] = ["2026-11-30T14:00:00+08:00", "2026-11-30T16:00:00+08:00"];

fn class(capacity: i64, second: [&str; 2]) -> Value {
    let times = [FIRST, second].map(|[from, to]| json!({"starts_at": from, "ends_at": to}));
    json!({"title": "新办企业两讲", "place": "办税厅三楼", "capacity": capacity, "reminders": [1440], "targets": {"tags": ["*"]}, "sessions": times})
}

fn at(service: &Service, time: &str) {
    service.clock.set(Timestamp::parse(time).unwrap());
}

fn many(service: &Service, person: i64, words: &str) -> usize {
    service.said(person).iter().filter(|text| text.contains(words)).count()
}

async fn ticks(service: &Service) {
    for _ in 0..2 {
        service.tick().await;
        service.deliver().await;
    }
}

async fn says(service: &Service, person: i64, text: &str) -> String {
    service.telegram.says(person, person, text);
    service.converse().await;
    service.said(person).pop().unwrap_or_default()
}

/// Taps the button with this data under the last message that has it.
async fn taps(service: &Service, person: i64, label: &str) {
    let messages = service.telegram.messages(person);
    let found = messages.iter().rev().find_map(|posted| {
        let buttons = posted.markup["inline_keyboard"].as_array()?.iter().filter_map(Value::as_array).flatten();
        let button = buttons.into_iter().find(|button| button["text"].as_str().is_some_and(|text| text.contains(label)))?;
        Some((posted.id, button["callback_data"].as_str()?.to_owned()))
    });
    let (message, data) = found.unwrap_or_else(|| panic!("no button {label} for {person}"));
    service.telegram.taps(person, person, message, &data);
    service.converse().await;
}

async fn states(trainer: &Staff<'_>, class: &str) -> Vec<(String, String)> {
    let roster = trainer.get(&format!("/classes/{class}/roster")).await;
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    roster["items"].as_array().unwrap().iter().map(|line| (word(&line["person"]), word(&line["state"]))).collect()
}

/// The six digits on the trainer's page.
async fn code(service: &Service, class: &str, session: i64) -> String {
    let page = service.logged_in(Role::Trainer).await.page(&format!("/console/classes/{class}/sessions/{session}")).await;
    let code = page.split(['>', '<']).find(|text| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()));
    code.unwrap_or_else(|| panic!("no code on {page}")).to_owned()
}

/// Somebody without a chat: a browser and its cookie.
struct Visitor {
    client: reqwest::Client,
    base: String,
    cookie: String,
}

impl Visitor {
    async fn enrols(service: &Service, class: &str, name: &str) -> Self {
        let client = client(HeaderMap::new());
        let answer = client.post(format!("{}/classes/{class}/enrol", service.base)).form(&[("name", name)]).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { client, base: service.base.clone(), cookie }
    }

    async fn sees(&self, path: &str) -> String {
        self.client.get(format!("{}{path}", self.base)).header("cookie", &self.cookie).send().await.unwrap().text().await.unwrap()
    }

    async fn sends(&self, path: &str, form: &[(&str, &str)]) -> (u16, String) {
        let answer = self.client.post(format!("{}{path}", self.base)).header("cookie", &self.cookie).form(form).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

#[tokio::test]
async fn one_class_from_its_announcement_to_its_summary() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let trainer = service.staff("小培", Role::Trainer).await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.register(GROUP, "城东", &[]).await;

    // Announced.
    let id = trainer.does("/classes", &class(3, SECOND)).await["id"].as_str().unwrap().to_owned();
    let bulletin = trainer.does(&format!("/classes/{id}/publish"), &json!({})).await["bulletin"].as_str().unwrap().to_owned();
    service.staff("老审", Role::Approver).await.does(&format!("/bulletins/{bulletin}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{bulletin}/send"), &json!({})).await;
    service.deliver().await;
    let announcement = service.telegram.messages(GROUP).remove(0);
    assert!(announcement.visible.contains("新办企业两讲") && announcement.visible.contains("共2次"), "{}", announcement.visible);

    // Filled, in the chat and on the web; two wait.
    for person in 11..15 {
        service.telegram.private(person, &person.to_string());
        says(&service, person, "/start").await;
    }
    let enrol = format!("enrol:{id}");
    for person in [11, 12] {
        service.telegram.taps(GROUP, person, announcement.id, &enrol);
        service.converse().await;
    }
    let web = Visitor::enrols(&service, &id, "网友小王").await;
    for person in [13, 14] {
        service.telegram.taps(GROUP, person, announcement.id, &enrol);
        service.converse().await;
    }
    assert!(web.sees(&format!("/classes/{id}")).await.contains("您已报名"));

    // A seat is given up and offered; the first who waits does not answer, the second takes it.
    says(&service, 12, "/mine").await;
    taps(&service, 12, "取消报名").await;
    assert_eq!(many(&service, 13, "有名额了"), 1);
    service.clock.advance(std::time::Duration::from_secs(2 * 3600 + 1));
    ticks(&service).await;
    assert_eq!((many(&service, 13, "名额已让给下一位"), many(&service, 14, "有名额了")), (1, 1));
    taps(&service, 14, "确认参加").await;
    let list = states(&trainer, &id).await;
    let seated: Vec<&str> = list.iter().filter(|(_, state)| state == "enrolled").map(|(name, _)| name.as_str()).collect();
    assert_eq!(seated, ["测试11", "网友小王", "测试14"]);

    // Its second time is moved: everybody on the list is told, and the calendar's event of that time only is newer.
    let calendar = async || read(&web.sees(&format!("/classes/{id}/class.ics")).await);
    let before = calendar().await;
    trainer.does(&format!("/classes/{id}/move"), &json!({"session": 2, "starts_at": MOVED[0]})).await;
    service.deliver().await;
    assert_eq!([11, 12, 13, 14].map(|person| many(&service, person, "课程改期")), [1, 0, 0, 1]);
    assert!(service.said(11).pop().unwrap().contains("第2次改到 2026年11月30日 14:00"), "{:?}", service.said(11).pop());
    let after = calendar().await;
    assert_eq!(after[0], before[0], "the first time stays as it was");
    assert_eq!(
        (&after[1].0, after[1].2.as_str(), after[1].3.as_str()),
        (&before[1].0, "2026-11-30T06:00:00+00:00", "2026-11-30T08:00:00+00:00")
    );
    assert!(after[1].1 > before[1].1, "a higher SEQUENCE: {after:?}");

    // Reminded, once, at their time.
    at(&service, "2026-11-25T14:00:10+08:00");
    ticks(&service).await;
    assert_eq!([11, 12, 13, 14].map(|person| many(&service, person, "上课提醒")), [1, 0, 0, 1]);

    // The first time: by the code in the chat and on the web; the trainer's phone had no signal and uploads in the evening, twice.
    at(&service, "2026-11-26T13:50:00+08:00");
    let digits = code(&service, &id, 1).await;
    assert!(says(&service, 11, &format!("签到 {digits}")).await.contains("签到成功"));
    let (status, page) = web.sends(&format!("/classes/{id}/check-in"), &[("code", &digits)]).await;
    assert!(status == 200 && page.contains("签到成功"), "{status} {page}");
    trainer_adds_a_seat(&trainer, &service, &id).await;
    at(&service, "2026-11-26T20:00:00+08:00");
    let lines = trainer.get(&format!("/classes/{id}/roster")).await["items"].as_array().unwrap().clone();
    let fourteen = lines.iter().find(|line| line["person"] == "测试14").unwrap()["enrolment"].clone();
    let kept = json!([
        {"id": "tap-1", "enrolment": fourteen, "at": "2026-11-26T05:58:00.000Z"},
        {"id": "tap-2", "name": "路过的丙", "at": "2026-11-26T06:01:00.000Z"},
        {"id": "tap-3", "name": "再来的丁", "at": "2026-11-26T06:02:00.000Z"}
    ])
    .to_string();
    let console = service.logged_in(Role::Trainer).await;
    for _ in 0..2 {
        let answer = console.post(&format!("/console/classes/{id}/sessions/1/taps"), &[("taps", &kept)]).await;
        let taken: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!([0, 1, 2].map(|tap| taken[tap]["is_in"].clone()), [json!(true), json!(true), json!(false)], "{taken}");
        assert!(taken[2]["detail"].as_str().unwrap().contains("没有空位"));
    }
    let door = console.page(&format!("/console/classes/{id}/sessions/1")).await;
    assert!(["已到 13:50", "已到 13:58", "已到 14:01"].iter().all(|time| door.contains(time)), "{door}");

    // The second time, where it was moved to: two come.
    ticks(&service).await;
    at(&service, "2026-11-30T13:55:00+08:00");
    let digits = code(&service, &id, 2).await;
    assert!(says(&service, 11, &format!("签到 {digits}")).await.contains("签到成功"));
    assert_eq!(web.sends(&format!("/classes/{id}/check-in"), &[("code", &digits)]).await.0, 200);

    // Over: who did not come, the survey for those who did, certificates for those who came to both.
    at(&service, "2026-11-30T16:00:10+08:00");
    ticks(&service).await;
    assert_eq!(absent(&trainer, &service, &id).await, [("2".to_owned(), "测试14".to_owned()), ("2".to_owned(), "路过的丙".to_owned())]);
    assert_eq!([11, 12, 13, 14].map(|person| many(&service, person, "课后问卷 1/4")), [1, 0, 0, 1]);
    taps(&service, 11, "5 分").await;
    assert_eq!([11, 12, 13, 14].map(|person| many(&service, person, "结业证明")), [1, 0, 0, 0]);
    let told = service.said(11).into_iter().find(|text| text.contains("结业证明")).unwrap();
    let number = told.rsplit('/').next().unwrap().trim().to_owned();
    let seen: Value = serde_json::from_str(&web.sees(&format!("/api/v1/certificates/{number}")).await).unwrap();
    assert_eq!(json!([seen["name"], seen["sessions"], seen["minutes"], seen["valid"]]), json!(["测试11", 2, 240, true]));
    let page = web.sees(&format!("/classes/{id}")).await;
    let own = page.split("/certificates/").nth(1).expect("the web's certificate is on its page").split('"').next().unwrap().to_owned();
    assert!(own != number && web.sees(&format!("/certificates/{own}")).await.contains("网友小王"));

    // Whoever has no chat answers on the web, once.
    let survey = format!("/classes/{id}/survey");
    assert!(web.sees(&format!("/classes/{id}")).await.contains(&format!("href=\"{survey}\"")), "there is a way to it");
    assert!(web.sees(&survey).await.contains("提交问卷"));
    let (status, page) = web.sends(&survey, &[("q0", ""), ("q2", " ")]).await;
    assert!(status == 422 && page.contains("请至少回答一个问题"), "{status} {page}");
    for _ in 0..2 {
        assert_eq!(web.sends(&survey, &[("q0", "4"), ("q2", "红冲以后怎么办，电话13812345678")]).await.0, 303);
    }
    let received = web.sees(&survey).await;
    assert!(received.contains("问卷已收到") && !received.contains("没有要填的问卷"), "{received}");
    let stranger = client(HeaderMap::new()).get(format!("{}{survey}", service.base)).send().await.unwrap().text().await.unwrap();
    assert!(!stranger.contains("提交问卷") && !stranger.contains("已收到") && stranger.contains("没有要填的问卷"), "{stranger}");
    let gaps = service.staff("小服", Role::Desk).await.get("/gaps").await.to_string();
    assert!(gaps.contains("红冲以后怎么办") && !gaps.contains("13812345678"), "{gaps}");

    // Summed up.
    let summary = trainer.get(&format!("/classes/{id}/summary")).await;
    assert_eq!(json!([summary["enrolled"], summary["came"], summary["absent"]]), json!([4, 4, 0]), "{summary}");
    assert_eq!(summary["survey"]["questions"][0]["scores"], json!([0, 0, 0, 1, 1]));
}

async fn trainer_adds_a_seat(trainer: &Staff<'_>, service: &Service, id: &str) {
    let url = format!("{}/api/v1/classes/{id}", service.base);
    let answer = trainer.client().put(url).json(&class(4, MOVED)).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
}

/// Session and name of everybody on the workbook's list of those who did not come.
async fn absent(trainer: &Staff<'_>, service: &Service, id: &str) -> Vec<(String, String)> {
    use calamine::Reader;
    let url = format!("{}/api/v1/classes/{id}/roster?format=xlsx", service.base);
    let bytes = trainer.client().get(url).send().await.unwrap().bytes().await.unwrap();
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes.to_vec())).unwrap();
    let sheet = book.worksheet_range("缺席").unwrap();
    let rows = sheet.rows().skip_while(|row| row[0] != "课次").skip(1);
    rows.map(|row| (row[0].to_string(), row[2].to_string())).collect()
}
