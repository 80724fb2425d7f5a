//! F64: the draw's rule. A mobile number has one number in the draw, from whatever browser or chat; none is asked of whoever only answers;
//! what is kept of it is a keyed hash that goes in time; a prize is handed out to whoever names the number it was won with.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use sqlx::Row;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::service::Service;
use crate::harness::web::client;

const START: &str = "2026-04-10T09:00:00+08:00";
const GROUP: i64 = -1001;
const END: &str = "2026-04-12T18:00:00+08:00";

/// A prize quiz of one question that is open; right is the first choice.
async fn open(service: &Service) -> String {
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.register(GROUP, "城东", &[]).await;
    let item = json!({"key": "a", "question": "题目？", "options": ["甲", "乙"], "answer": 1, "explanation": "见原文。",
        "document": "vat-threshold", "quote": "月销售额没有达到10万元的，免征增值税"});
    let bank = publicity.does("/quiz-banks", &json!({"title": "一题", "items": [item]})).await;
    let quiz = json!({"kind": "prize", "title": "四月答题", "bank": bank["bank"], "opens_at": START, "closes_at": END, "winners": 1});
    let id = publicity.does("/quizzes", &quiz).await["id"].as_str().unwrap().to_owned();
    let announced = publicity.does(&format!("/quizzes/{id}/announce"), &json!({"targets": {"tags": ["*"]}})).await;
    let bulletin = announced["bulletin"].as_str().unwrap();
    service.staff("老审", Role::Approver).await.does(&format!("/bulletins/{bulletin}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{bulletin}/send"), &json!({})).await;
    service.deliver().await;
    at(service, "2026-04-10T10:00:00+08:00");
    id
}

fn at(service: &Service, time: &str) {
    service.clock.set(Timestamp::parse(time).unwrap());
}

/// Somebody's browser: what it answers to, and its cookie once it has one.
struct Browser {
    client: reqwest::Client,
    page: String,
    cookie: String,
}

impl Browser {
    fn new(service: &Service, quiz: &str) -> Self {
        Self { client: client(HeaderMap::new()), page: format!("{}/quizzes/{quiz}", service.base), cookie: String::new() }
    }

    /// Sends a form; status and page.
    async fn sends(&mut self, path: &str, form: &[(&str, &str)]) -> (u16, String) {
        let answer = self.client.post(format!("{}{path}", self.page)).header("cookie", &self.cookie).form(form).send().await.unwrap();
        if let Some(cookie) = answer.headers().get("set-cookie") {
            self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn sees(&self) -> String {
        self.client.get(&self.page).header("cookie", &self.cookie).send().await.unwrap().text().await.unwrap()
    }
}

fn with<'a>(name: &'a str, phone: &'a str) -> [(&'a str, &'a str); 4] {
    [("name", name), ("q-a", "1"), ("phone", phone), ("agree", "1")]
}

async fn kept(service: &Service) -> Vec<(Option<String>, String, String)> {
    let mut conn = service.store.read().await.unwrap();
    let rows =
        sqlx::query("SELECT phone_hash, person, display_name FROM quiz_entries ORDER BY number").fetch_all(&mut *conn).await.unwrap();
    rows.iter().map(|row| (row.get("phone_hash"), row.get("person"), row.get("display_name"))).collect()
}

#[tokio::test]
async fn a_mobile_number_is_drawn_once_from_whatever_browser_and_the_number_itself_is_not_kept() {
    let service = Service::at("2026-04-09T10:00:00+08:00").await;
    let id = open(&service).await;
    let mut first = Browser::new(&service, &id);
    assert!(first.sees().await.contains("只存它的校验值，不存号码"), "what is kept and why stands on the page");
    for (form, says) in [(with("王芳", "1381234"), "手机号要写 11 位数字"), (with("王芳", "12012345678"), "手机号要写 11 位数字")]
    {
        let (status, page) = first.sends("", &form).await;
        assert!(status == 422 && page.contains(says) && page.contains("value=\"王芳\"") && page.contains(form[2].1), "{status} {page}");
    }
    let (status, page) = first.sends("", &[("name", "王芳"), ("q-a", "1"), ("phone", "13812345678")]).await;
    assert!(status == 422 && page.contains("请勾选下面的“同意”") && page.contains("checked"), "{page}");
    assert_eq!(first.sends("", &with("王芳", "138 1234 5678")).await.0, 303);
    assert!(first.sees().await.contains("您的抽奖号是 1 号"));

    // The same number in another browser, however it is written: refused, and nothing of it is kept.
    let mut second = Browser::new(&service, &id);
    for phone in ["13812345678", "+86 138-1234-5678", "１３８１２３４５６７８", "008613812345678"] {
        let (status, page) = second.sends("", &with("王小芳", phone)).await;
        assert!(status == 422 && page.contains("一个手机号只参加一次"), "{phone}: {status} {page}");
    }
    // Without a number one may answer, and is not drawn; and may still join with a number of one's own.
    assert_eq!(second.sends("", &[("name", "王小芳"), ("q-a", "1"), ("phone", "")]).await.0, 303);
    let page = second.sees().await;
    assert!(page.contains("还没有填手机号，不参加抽奖") && page.contains("参加抽奖</button>"), "{page}");
    let (status, page) = second.sends("/draw", &[("phone", "13812345678"), ("agree", "1")]).await;
    assert!(status == 422 && page.contains("一个手机号只参加一次") && page.contains("正确答案"), "{page}");
    assert!(second.sends("/draw", &[("phone", "13987654321")]).await.1.contains("请勾选下面的“同意”"));
    let mut third = Browser::new(&service, &id);
    assert_eq!(third.sends("", &[("name", "李四"), ("q-a", "1"), ("phone", "")]).await.0, 303);
    assert_eq!(third.sends("/draw", &[("phone", "13987654321"), ("agree", "1")]).await.0, 303);
    assert_eq!(third.sends("/draw", &[("phone", "13987654321"), ("agree", "1")]).await.0, 303, "a second click");
    assert!(third.sees().await.contains("您的抽奖号是 3 号"));

    let rows = kept(&service).await;
    assert_eq!(rows.iter().map(|row| row.0.as_ref().map(String::len)).collect::<Vec<_>>(), [Some(64), None, Some(64)]);
    let everything = format!("{rows:?}");
    assert!(!everything.contains("13812345678"), "{everything}");
    let publicity = service.staff("小宣", Role::Publicity).await;
    let scores = publicity.get(&format!("/quizzes/{id}/scores")).await;
    let drawn: Vec<&Value> = scores.as_array().unwrap().iter().map(|score| &score["in_draw"]).collect();
    assert_eq!(json!(drawn), json!([true, false, true]));
    at(&service, END);
    let draw = publicity.does(&format!("/quizzes/{id}/draw"), &json!({})).await;
    assert_eq!(draw["quiz"]["draw"]["entrants"], json!([1, 3]), "whoever gave no number is not among them");
    assert!(second.sees().await.contains("没有留手机号，没有参加抽奖"));
}

#[tokio::test]
async fn a_prize_goes_to_whoever_names_the_number_it_was_won_with_and_all_of_it_is_let_go_of_in_time() {
    let service = Service::at("2026-04-09T10:00:00+08:00").await;
    let id = open(&service).await;
    for (name, phone) in [("王芳", "13812345678"), ("李四", "13987654321")] {
        assert_eq!(Browser::new(&service, &id).sends("", &with(name, phone)).await.0, 303);
    }
    let publicity = service.staff("小宣", Role::Publicity).await;
    let check = format!("/quizzes/{id}/prize-checks");
    assert!(publicity.refused(&check, &json!({"phone": "13812345678"}), 409).await.contains("还没有抽奖"));
    at(&service, END);
    let draw = publicity.does(&format!("/quizzes/{id}/draw"), &json!({})).await;
    let winner = draw["winners"][0]["number"].as_i64().unwrap();
    let phones = if winner == 1 { ["13812345678", "13987654321"] } else { ["13987654321", "13812345678"] };
    let won = publicity.does(&check, &json!({"phone": phones[0]})).await;
    assert_eq!(json!([won["won"], won["number"]]), json!([true, winner]), "{won}");
    let not = publicity.does(&check, &json!({"phone": phones[1]})).await;
    assert_eq!(json!([not["won"], not["number"]]), json!([false, 3 - winner]), "{not}");
    assert_eq!(publicity.does(&check, &json!({"phone": "13700000000"})).await["number"], Value::Null);
    assert!(publicity.refused(&check, &json!({"phone": "1234"}), 422).await.contains("11 位数字"));
    service.staff("小服", Role::Desk).await.refused(&check, &json!({"phone": phones[0]}), 403).await;
    let console = service.logged_in(Role::Publicity).await;
    let here = format!("/console/quizzes/{id}");
    assert!(console.page(&here).await.contains("核对领奖"));
    assert!(console.post(&format!("{here}/prize-check"), &[("phone", "12")]).await.text.contains("11 位数字"));
    let told = console.does(&format!("{here}/prize-check"), &[("phone", phones[0])]).await;
    assert!(told.contains(&format!("抽奖号是 {winner} 号，可以领奖")), "{told}");
    let audit = service.staff("审计", Role::Auditor).await.get("/audit?limit=50").await.to_string();
    assert!(audit.contains("quiz.prize_check") && !audit.contains(phones[0]), "on record, without the number: {audit}");

    // Sixty days after the draw.
    at(&service, "2026-06-12T10:00:00+08:00");
    service.tick().await;
    let rows = kept(&service).await;
    assert!(rows.iter().all(|(hash, person, name)| hash.is_none() && person.starts_with("gone:") && name.chars().count() == 1), "{rows:?}");
    assert!(publicity.refused(&check, &json!({"phone": phones[0]}), 409).await.contains("已按保存期限清除"));
    let page = Browser::new(&service, &id).sees().await;
    let name = if winner == 1 { "王**" } else { "李**" };
    assert!(page.contains(&format!("{winner} 号")) && page.contains(name), "what was published stays: {page}");
}

#[tokio::test]
async fn a_quiz_that_nobody_drew_in_time_cannot_be_drawn_without_what_it_rests_on() {
    let service = Service::at("2026-04-09T10:00:00+08:00").await;
    let id = open(&service).await;
    assert_eq!(Browser::new(&service, &id).sends("", &with("王芳", "13812345678")).await.0, 303);
    at(&service, "2026-06-12T10:00:00+08:00");
    service.tick().await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    assert!(publicity.refused(&format!("/quizzes/{id}/draw"), &json!({}), 409).await.contains("已按保存期限清除"));
}

/// Taps the button under the announcement and follows where it leads, as a client does.
async fn opens(service: &Service, person: i64) -> String {
    let announcement = service.telegram.messages(GROUP).into_iter().find(|posted| posted.poll.is_none()).unwrap();
    let button = announcement.markup["inline_keyboard"][0][0].clone();
    assert_eq!(button["text"], "查成绩、领抽奖号");
    let before = service.said(GROUP).len();
    service.telegram.taps(GROUP, person, announcement.id, button["callback_data"].as_str().unwrap());
    service.converse().await;
    assert_eq!(service.said(GROUP).len(), before, "nothing is said in the group");
    let answered = service.telegram.answered_callbacks().pop().unwrap();
    let payload = answered["url"].as_str().unwrap().split_once("?start=").unwrap().1.to_owned();
    service.telegram.private(person, "测试");
    says(service, person, &format!("/start {payload}")).await
}

async fn says(service: &Service, person: i64, text: &str) -> String {
    // Whoever writes too fast is asked to slow down.
    service.clock.advance(std::time::Duration::from_secs(30));
    service.telegram.says(person, person, text);
    service.converse().await;
    service.said(person).pop().unwrap_or_default()
}

async fn votes(service: &Service, person: i64, choice: u8) {
    let poll = service.telegram.messages(GROUP).into_iter().find(|posted| posted.poll.is_some()).unwrap();
    service.telegram.votes(GROUP, person, poll.id, choice);
    service.receive().await;
}

#[tokio::test]
async fn somebody_in_a_group_and_on_the_web_has_one_number_in_the_draw() {
    let service = Service::at("2026-04-09T10:00:00+08:00").await;
    let id = open(&service).await;
    assert!(opens(&service, 11).await.contains("您还没有答题"));
    assert!(!says(&service, 11, "13812345678").await.contains("抽奖号"), "nothing listens for a number");
    votes(&service, 11, 0).await;
    let asked = opens(&service, 11).await;
    assert!(asked.contains("答对 1 题，共 1 题") && asked.contains("请直接回复手机号") && asked.contains("只存它的校验值"), "{asked}");
    assert!(says(&service, 11, "1381234567").await.contains("手机号要写 11 位数字"));
    assert!(says(&service, 11, "小规模纳税人月销售额10万以下免增值税吗").await.contains("10万元"), "questions are answered meanwhile");
    let joined = says(&service, 11, "138 1234 5678").await;
    assert!(joined.contains("您的抽奖号是 1 号"), "{joined}");
    assert!(opens(&service, 11).await.contains("您的抽奖号是 1 号"));

    // The same number on the web, and a second account with it: none gets another number.
    let mut web = Browser::new(&service, &id);
    assert!(web.sees().await.contains(&format!("?start=quiz_{id}")), "the page leads to the chat too");
    let (status, page) = web.sends("", &with("王芳", "13812345678")).await;
    assert!(status == 422 && page.contains("一个手机号只参加一次"), "{page}");
    votes(&service, 12, 0).await;
    opens(&service, 12).await;
    assert!(says(&service, 12, "+86 138-1234-5678").await.contains("一个手机号一个抽奖号"));

    // The other way round: first the web, then the group.
    assert_eq!(web.sends("", &with("王芳", "13987654321")).await.0, 303);
    votes(&service, 13, 0).await;
    opens(&service, 13).await;
    assert!(says(&service, 13, "13987654321").await.contains("一个手机号一个抽奖号"));

    votes(&service, 14, 1).await;
    assert!(opens(&service, 14).await.contains("这次没有达到"));
    at(&service, END);
    let publicity = service.staff("小宣", Role::Publicity).await;
    let draw = publicity.does(&format!("/quizzes/{id}/draw"), &json!({})).await;
    assert_eq!(draw["quiz"]["draw"]["entrants"], json!([1, 3]), "one number for each mobile number: {draw}");
    let won = draw["winners"][0]["number"] == json!(1);
    assert!(opens(&service, 11).await.contains(if won { "您的 1 号中奖了" } else { "没有抽中" }));
    assert!(opens(&service, 13).await.contains("没有参加抽奖"));
    for table in ["questions", "updates", "deliveries", "quiz_entries", "topics"] {
        let found = everything(&service, table).await;
        assert!(
            !["13812345678", "13987654321", "138 1234 5678", "138-1234-5678"].iter().any(|phone| found.contains(phone)),
            "{table}: {found}"
        );
    }
}

/// Every text in a table.
async fn everything(service: &Service, table: &str) -> String {
    let mut conn = service.store.read().await.unwrap();
    let columns = match table {
        "questions" => "question",
        "updates" => "payload",
        "deliveries" => "content",
        "topics" => "question",
        _ => "display_name",
    };
    let sql = format!("SELECT {columns} AS text FROM {table}");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *conn).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("text")).collect::<Vec<_>>().join("\n")
}
