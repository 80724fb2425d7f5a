//! F34 to F37 and F41 with askers in Telegram and on the web, staff in their chat and in the console, all at once and across restarts.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use taxhome::domain::staff::Role;

use crate::harness::desk::{ASKER, MORNING, STAFF, asks, last, staff_reply, started};
use crate::harness::service::Service;
use crate::harness::web::{Console, KNOWN, Shown, client, shown};

const QUESTION: &str = "转人工 我的个税专项附加扣除为什么没有生效";
const ON_THE_WEB: &str = "增值税留抵退税审批到哪一步了";

/// A browser of a taxpayer, by the cookie it was given.
struct Asker {
    client: reqwest::Client,
    cookie: String,
}

impl Asker {
    /// Presses 转人工 for a question.
    async fn calls(service: &Service, question: &str) -> (Self, String) {
        let fresh = client(HeaderMap::new());
        let sent = fresh.post(format!("{}/human", service.base)).header("x-live", "1").form(&[("q", question)]).send().await.unwrap();
        assert_eq!(sent.status(), 200);
        let cookie = sent.headers().get("set-cookie").unwrap().to_str().unwrap();
        assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_str(&cookie).unwrap());
        headers.insert("x-live", HeaderValue::from_static("1"));
        (Self { client: client(headers), cookie }, sent.text().await.unwrap())
    }

    async fn sees(&self, service: &Service) -> String {
        let shown = shown(self.client.get(format!("{}/human", service.base)).send().await.unwrap()).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        shown.text
    }

    async fn does(&self, service: &Service, path: &str, fields: &[(&str, &str)]) -> Shown {
        shown(self.client.post(format!("{}/human{path}", service.base)).form(fields).send().await.unwrap()).await
    }

    async fn says(&self, service: &Service, text: &str) -> String {
        let said = self.does(service, "/say", &[("q", text)]).await;
        assert_eq!(said.status, 200, "{}", said.text);
        said.text
    }

    /// Asks the bot directly.
    async fn asks_bot(&self, service: &Service, question: &str) -> (u16, Value) {
        let url = format!("{}/api/v1/questions", service.base);
        let answer = self.client.post(url).json(&json!({"question": question})).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

/// The id of the only inquiry whose question contains `part`.
async fn inquiry(console: &Console, part: &str) -> String {
    let page = console.page("/console/inquiries").await;
    let at = page.find(part).unwrap_or_else(|| panic!("{part} is not in the inbox: {page}"));
    let from = page[..at].rfind("/console/inquiries/inq_").unwrap() + "/console/inquiries/".len();
    page[from..].split(['"', '#', '/']).next().unwrap().to_owned()
}

#[tokio::test]
async fn two_askers_and_two_sides_of_staff_talk_at_once_across_restarts_and_nothing_is_lost() {
    let mut service = started(MORNING).await;
    let mut console = service.logged_in(Role::Desk).await;

    // One in Telegram, one on the web; both are told their place.
    asks(&service, ASKER, QUESTION).await;
    assert!(last(&service, ASKER).contains("您排在第 1 位"));
    let (visitor, page) = Asker::calls(&service, ON_THE_WEB).await;
    assert!(page.contains("您前面还有 1 位") && page.contains("data-state=\"waiting\""), "{page}");
    service.deliver().await;
    assert!(last(&service, STAFF).contains("转人工（增值税）：网页访客"), "{}", last(&service, STAFF));

    // While waiting, the bot answers both and staff see what was asked.
    let (status, answer) = visitor.asks_bot(&service, KNOWN).await;
    assert_eq!(status, 200);
    assert!(answer["answer"].as_str().unwrap().contains("10万元"));
    service.deliver().await;
    assert!(last(&service, STAFF).contains(KNOWN));

    // The web asker is taken in the console, the Telegram asker in the staff chat.
    let (on_web, in_chat) = (inquiry(&console, "留抵退税").await, inquiry(&console, "专项附加扣除").await);
    let page = console.does(&format!("/console/inquiries/{on_web}/take"), &[]).await;
    assert!(page.contains("由您接待"), "{page}");
    service.deliver().await;
    assert!(last(&service, STAFF).contains("desk 在工作台接待了 网页访客"), "the chat sees it: {}", last(&service, STAFF));
    staff_reply(&service, STAFF, "专项附加扣除为什么没有生效", "/接").await;
    let page = console.page(&format!("/console/inquiries/{in_chat}")).await;
    assert!(page.contains("由 王芳 接待") && page.contains("王芳 接待"), "the console sees it: {page}");

    // Everything in memory is lost.
    service.restart().await;
    console.base.clone_from(&service.base);
    console = service.logged_in(Role::Desk).await;

    // The bot is silent to both, whichever door they use.
    let before = service.said(ASKER).len();
    asks(&service, ASKER, KNOWN).await;
    assert_eq!(service.said(ASKER).len(), before, "{:?}", service.said(ASKER));
    let (status, refused) = visitor.asks_bot(&service, KNOWN).await;
    assert_eq!(status, 409);
    assert!(refused["detail"].as_str().unwrap().contains("工作人员正在为您服务"), "{refused}");
    let stream = visitor.client.post(format!("{}/api/v1/questions", service.base)).header("accept", "text/event-stream");
    let streamed = stream.json(&json!({"question": KNOWN})).send().await.unwrap().text().await.unwrap();
    assert!(streamed.contains("event: problem") && !streamed.contains("10万元"), "{streamed}");
    let by_form = visitor.client.get(format!("{}/ask?q={KNOWN}", service.base)).send().await.unwrap();
    assert_eq!(by_form.status(), 409);
    assert!(!by_form.text().await.unwrap().contains("没有达到10万元"));

    // What the web asker says is seen on both sides, and both sides answer them.
    let seen = visitor.says(&service, "我的电话是13812345678，材料上周交的").await;
    assert!(seen.contains("138****678") && !seen.contains("13812345678"), "{seen}");
    service.deliver().await;
    assert!(last(&service, STAFF).contains("材料上周交的") && !last(&service, STAFF).contains("13812345678"));
    let page = console.page(&format!("/console/inquiries/{on_web}")).await;
    assert!(page.contains("材料上周交的"), "{page}");
    console.does(&format!("/console/inquiries/{on_web}/answer"), &[("text", "已到复核岗"), ("once", "a1")]).await;
    console.does(&format!("/console/inquiries/{on_web}/answer"), &[("text", "已到复核岗"), ("once", "a1")]).await;
    service.deliver().await;
    let told: Vec<String> = service.said(STAFF).into_iter().filter(|said| said.contains("已到复核岗")).collect();
    assert_eq!(told.len(), 1, "a second click sends nothing: {told:?}");
    assert!(told[0].contains("desk（工作台）答复 网页访客"));
    staff_reply(&service, STAFF, "材料上周交的", "明天能退到账上").await;
    let seen = visitor.sees(&service).await;
    assert_eq!(seen.matches("已到复核岗").count(), 1);
    let (first, second) = (seen.find("工作人员 desk").unwrap(), seen.find("工作人员 王芳").unwrap());
    assert!(first < second && seen[second..].contains("明天能退到账上"), "in order, under their names: {seen}");

    // The Telegram asker is answered from the console, and what they say is there too.
    let page = console.page(&format!("/console/inquiries/{in_chat}")).await;
    assert!(page.contains(KNOWN), "{page}");
    console.does(&format!("/console/inquiries/{in_chat}/answer"), &[("text", "请带房贷合同"), ("once", "b1")]).await;
    assert!(console.page(&format!("/console/inquiries/{in_chat}")).await.contains("等待发送"), "what has not arrived is marked");
    service.restart().await;
    service.deliver().await;
    console = service.logged_in(Role::Desk).await;
    assert!(!console.page(&format!("/console/inquiries/{in_chat}")).await.contains("等待发送"));
    assert!(last(&service, ASKER).contains("工作人员 desk：") && last(&service, ASKER).contains("请带房贷合同"));

    // Closed in the console and in the chat; each is rated once.
    console.does(&format!("/console/inquiries/{on_web}/close"), &[]).await;
    let seen = visitor.sees(&service).await;
    assert!(seen.contains("请评价这次服务") && seen.contains("data-state=\"closed\""), "{seen}");
    let rated = visitor.does(&service, "/rate", &[("inquiry", &on_web), ("stars", "4")]).await;
    assert!(rated.text.contains("已收到您的评价“满意”"), "{}", rated.text);
    assert_eq!(visitor.does(&service, "/rate", &[("inquiry", &on_web), ("stars", "1")]).await.status, 409);
    let (status, _) = visitor.asks_bot(&service, KNOWN).await;
    assert_eq!(status, 200, "the bot answers again");
    staff_reply(&service, STAFF, "专项附加扣除为什么没有生效", "/结").await;
    let page = console.page("/console/inquiries/closed").await;
    assert!(page.contains("满意") && page.contains("专项附加扣除"), "{page}");
    assert!(console.page("/console/inquiries").await.contains("现在没有人等候"));

    // Nothing was lost: every word is in the talk, in order.
    let talk = service.staff("李雷", Role::Desk).await.get(&format!("/inquiries/{on_web}")).await;
    let said: Vec<&str> = talk["messages"].as_array().unwrap().iter().map(|said| said["text"].as_str().unwrap()).collect();
    let expected = [ON_THE_WEB, KNOWN, "接待", "我的电话是138****678，材料上周交的", "已到复核岗", "明天能退到账上", "办结"];
    assert_eq!(said, expected);
    assert_eq!(talk["channel"], "web");
    assert_eq!(talk["channel_id"], Value::Null);
}

#[tokio::test]
async fn a_web_asker_is_promised_an_hour_may_leave_come_back_and_clear_the_page() {
    let service = started("2026-11-27T17:00:00+08:00").await;
    let (visitor, page) = Asker::calls(&service, ON_THE_WEB).await;
    assert!(page.contains("2026年11月30日 09:00 上班后按顺序回复您") && page.contains("排在第 1 位"), "{page}");
    assert!(visitor.cookie.starts_with("taxhome_person="));
    let again = visitor.does(&service, "", &[("q", "换一个问题")]).await;
    assert!(again.text.contains("data-state=\"waiting\""), "{}", again.text);
    let api = service.staff("李雷", Role::Desk).await;
    let list = api.get("/inquiries").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "a second press opens no second one: {list}");
    let id = list["items"][0]["id"].as_str().unwrap();

    let left = visitor.does(&service, "/end", &[]).await;
    assert!(left.text.contains("已不再排队") && !left.text.contains("请评价"), "nobody served, nothing to rate: {}", left.text);
    assert_eq!(visitor.does(&service, "/rate", &[("inquiry", id), ("stars", "5")]).await.status, 409);
    let closed = visitor.does(&service, "/say", &[("q", "还在吗")]).await;
    assert_eq!(closed.status, 409);
    let back = visitor.does(&service, "/back", &[("inquiry", id)]).await;
    assert!(back.text.contains("data-state=\"waiting\""), "{}", back.text);
    let (other, _) = Asker::calls(&service, "别人的问题").await;
    visitor.does(&service, "/end", &[]).await;
    let stolen = other.does(&service, "/back", &[("inquiry", id)]).await;
    assert!(stolen.text.contains("别人的问题") && !stolen.text.contains("留抵"), "another's talk stays another's: {}", stolen.text);
    assert!(visitor.sees(&service).await.contains("data-state=\"closed\""));
    visitor.does(&service, "/hide", &[]).await;
    assert!(visitor.sees(&service).await.contains("data-state=\"none\""), "a cleared page shows nothing");

    let empty = other.does(&service, "", &[("q", " ")]).await;
    assert_eq!(empty.status, 422);
    assert!(empty.text.contains("请先把要问的问题写在输入框里"), "{}", empty.text);
    let long = "税".repeat(2001);
    assert_eq!(other.does(&service, "/say", &[("q", &long)]).await.status, 422);
    let foreign = other.client.post(format!("{}/human/end", service.base)).header("origin", "https://elsewhere.example");
    assert_eq!(foreign.form(&[("q", "")]).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn without_script_the_same_forms_lead_back_to_the_page() {
    let service = started(MORNING).await;
    let (visitor, _) = Asker::calls(&service, ON_THE_WEB).await;
    let mut headers = HeaderMap::new();
    headers.insert("cookie", HeaderValue::from_str(&visitor.cookie).unwrap());
    let plain = client(headers);
    let console = service.logged_in(Role::Desk).await;
    console.does(&format!("/console/inquiries/{}/take", inquiry(&console, "留抵退税").await), &[]).await;
    let page = plain.get(format!("{}/", service.base)).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("action=\"/human/say\" method=\"post\"") && page.contains("工作人员 desk 正在为您服务"), "{page}");
    let once = page.split("name=\"once\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    for _ in 0..2 {
        let said = plain.post(format!("{}/human/say", service.base)).form(&[("q", "材料交了"), ("once", once)]).send().await.unwrap();
        assert_eq!((said.status().as_u16(), said.headers()["location"].to_str().unwrap()), (303, "/#human"));
    }
    let page = plain.get(format!("{}/", service.base)).send().await.unwrap().text().await.unwrap();
    assert_eq!(page.matches("材料交了").count(), 1, "a second click says nothing twice");
}

#[tokio::test]
async fn a_talk_that_rests_is_closed_with_a_word_to_both_and_goes_on_in_its_place() {
    let service = started(MORNING).await;
    asks(&service, ASKER, QUESTION).await;
    let (visitor, _) = Asker::calls(&service, ON_THE_WEB).await;
    let console = service.logged_in(Role::Desk).await;
    let (in_chat, on_web) = (inquiry(&console, "专项附加扣除").await, inquiry(&console, "留抵退税").await);
    for id in [&in_chat, &on_web] {
        console.does(&format!("/console/inquiries/{id}/answer"), &[("text", "请补充所属期")]).await;
    }
    // Asked at 9:30; the lunch break does not count: 4 hours of office time are over at 15:00.
    service.clock.advance(Duration::from_secs(5 * 3_600));
    visitor.says(&service, "2026年3月").await;
    service.deliver().await;
    assert!(visitor.sees(&service).await.contains("data-state=\"human\""));
    service.clock.advance(Duration::from_secs(3_600));
    service.deliver().await;
    service.deliver().await;
    assert!(last(&service, ASKER).contains("好一会儿没有新消息"), "{}", last(&service, ASKER));
    assert!(last(&service, STAFF).contains("已自动结束"), "{}", last(&service, STAFF));
    assert!(visitor.sees(&service).await.contains("data-state=\"human\""), "who spoke just now is not closed");
    // Nights and the weekend do not count either.
    service.clock.advance(Duration::from_secs(14 * 3_600));
    service.tick().await;
    assert!(visitor.sees(&service).await.contains("data-state=\"human\""));

    let word = service.telegram.messages(ASKER).pop().unwrap();
    let (late, _) = Asker::calls(&service, "我是后来的").await;
    assert!(late.sees(&service).await.contains("排在第 1 位"));
    service.telegram.taps(ASKER, ASKER, word.id, &format!("back:{in_chat}"));
    service.converse().await;
    assert!(last(&service, ASKER).contains("排在第 1 位"), "the old place: {}", last(&service, ASKER));
    assert!(service.said(STAFF).iter().any(|said| said.contains("接着咨询（个人所得税）")), "{:?}", service.said(STAFF));
    assert!(late.sees(&service).await.contains("排在第 2 位"));
    let console = service.logged_in(Role::Desk).await;
    assert!(console.page("/console/inquiries").await.contains("不到 1 分钟"), "it waits since it came back");
}

#[tokio::test]
async fn whoever_waits_an_office_hour_raises_an_alert_that_ends_when_somebody_answers() {
    // More than 60 days before a year without a calendar, which is an alert of its own.
    let service = started("2026-10-20T11:30:00+08:00").await;
    let admin = service.staff("管理员", Role::Admin).await;
    admin.register(-1011, "管理群", &["管理"]).await;
    asks(&service, ASKER, QUESTION).await;
    // Half an hour, then the lunch break.
    service.clock.advance(Duration::from_secs(2 * 3_600));
    service.deliver().await;
    assert!(service.said(-1011).is_empty(), "{:?}", service.said(-1011));
    service.clock.advance(Duration::from_secs(1_900));
    // It is raised, then told, then sent.
    for _ in 0..3 {
        service.deliver().await;
    }
    assert!(last(&service, -1011).contains("有人等人工接待已超过 1 个工作小时"), "{:?}", service.said(-1011));
    let console = service.logged_in(Role::Desk).await;
    let first = console.page("/console").await;
    assert!(first.contains("等人工接待，最久 2 小时 31 分") && first.contains("没处理的告警"), "{first}");
    console.does(&format!("/console/inquiries/{}/take", inquiry(&console, "专项附加扣除").await), &[]).await;
    service.deliver().await;
    service.deliver().await;
    assert_eq!(service.said(-1011).len(), 1, "told once");
    assert!(!console.page("/console").await.contains("没处理的告警"), "over by itself");
}

#[tokio::test]
async fn what_a_colleague_had_open_goes_back_into_the_queue_when_they_leave() {
    let service = started(MORNING).await;
    let (visitor, _) = Asker::calls(&service, ON_THE_WEB).await;
    let desk = service.staff("李雷", Role::Desk).await;
    let id = desk.get("/inquiries").await["items"][0]["id"].as_str().unwrap().to_owned();
    desk.does(&format!("/inquiries/{id}/take"), &json!({})).await;
    service.clock.advance(Duration::from_secs(1));
    let admin = service.staff("管理员", Role::Admin).await;
    let users = admin.get("/users").await;
    let li = users["items"].as_array().unwrap().iter().find(|user| user["name"] == "李雷").unwrap()["id"].as_str().unwrap();
    admin.patch(&format!("/users/{li}"), &json!({"active": false})).await;
    let seen = visitor.sees(&service).await;
    assert!(seen.contains("data-state=\"waiting\"") && seen.contains("李雷 已不在岗，重新排队"), "{seen}");
    service.deliver().await;
    assert!(last(&service, STAFF).contains("转人工（增值税）"), "{}", last(&service, STAFF));
    let console = service.logged_in(Role::Desk).await;
    assert_eq!(inquiry(&console, "留抵退税").await, id);
}

#[tokio::test]
async fn the_inbox_refuses_plainly_keeps_what_was_typed_and_hands_on() {
    let service = started(MORNING).await;
    let (visitor, _) = Asker::calls(&service, ON_THE_WEB).await;
    let console = service.logged_in(Role::Desk).await;
    let id = inquiry(&console, "留抵退税").await;
    let path = |step: &str| format!("/console/inquiries/{id}{step}");
    let page = console.page(&path("")).await;
    assert!(page.contains("机器人找到的依据") && page.contains("把握") && page.contains("等待接待"), "{page}");
    let empty = console.post(&path("/answer"), &[("text", "  ")]).await;
    assert_eq!(empty.status, 422);
    assert!(empty.text.contains("请写答复内容"));
    let long = "字".repeat(3001);
    let refused = console.post(&path("/answer"), &[("text", &long)]).await;
    assert!(refused.status == 422 && refused.text.contains("最多 3000 个字") && refused.text.contains(&long), "nothing typed is lost");

    console.does(&path("/take"), &[]).await;
    let again = console.does(&path("/take"), &[]).await;
    assert!(again.contains("已由 desk 接待"), "the second click shows how it stands");
    service.staff("韩梅梅", Role::Desk).await;
    let page = console.page(&path("")).await;
    assert!(page.contains(">韩梅梅</option>") && page.contains("发票（重新排队）"), "{page}");
    console.does(&path("/transfer"), &[("to", "韩梅梅")]).await;
    assert!(visitor.sees(&service).await.contains("工作人员 韩梅梅 正在为您服务"));
    assert!(console.page("/console/inquiries").await.contains("同事接待的"));
    console.does(&path("/transfer"), &[("to", "发票")]).await;
    assert!(visitor.sees(&service).await.contains("data-state=\"waiting\""));
    assert_eq!(console.post(&path("/close"), &[]).await.status, 409, "nobody answers it");
    let reader = service.logged_in(Role::Auditor).await;
    let page = reader.page(&path("")).await;
    assert!(!page.contains("name=\"text\"") && !page.contains(">接待</button>"), "an auditor only reads");
}

#[tokio::test]
async fn of_many_at_once_one_press_counts_one_colleague_takes_it_and_one_message_is_said() {
    let service = started(MORNING).await;
    let (visitor, _) = Asker::calls(&service, "先问一个").await;
    visitor.does(&service, "/end", &[]).await;
    let presses = (0..6).map(|_| visitor.does(&service, "", &[("q", ON_THE_WEB)]));
    for pressed in futures::future::join_all(presses).await {
        assert_eq!(pressed.status, 200, "{}", pressed.text);
    }
    let desk = service.staff("李雷", Role::Desk).await;
    let list = desk.get("/inquiries").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    let id = list["items"][0]["id"].as_str().unwrap();

    let other = service.staff("韩梅梅", Role::Desk).await;
    let (path, nothing) = (format!("/inquiries/{id}/take"), json!({}));
    let takes = [&desk, &other, &desk, &other].map(|staff| staff.post(&path, &nothing));
    let mut taken: Vec<u16> = futures::future::join_all(takes).await.into_iter().map(|(status, _)| status).collect();
    taken.sort_unstable();
    assert_eq!(taken, [200, 409, 409, 409]);

    let says = (0..6).map(|_| visitor.does(&service, "/say", &[("q", "一次就好"), ("once", "t1")]));
    let answer = json!({"text": "同时答复"});
    let answered = format!("/inquiries/{id}/answers");
    let (said, (status, _)) = tokio::join!(futures::future::join_all(says), other.post(&answered, &answer));
    assert!(status == 200 && said.iter().all(|said| said.status == 200));
    let talk = desk.get(&format!("/inquiries/{id}")).await;
    let texts: Vec<&str> = talk["messages"].as_array().unwrap().iter().map(|said| said["text"].as_str().unwrap()).collect();
    assert_eq!(texts.iter().filter(|text| **text == "一次就好").count(), 1, "{texts:?}");
    assert!(texts.contains(&"同时答复"));
}
