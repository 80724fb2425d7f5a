//! F58, F59, F64 and F75: publicity, approver and trainer run a promotion month, an outing, codes and quizzes from the console, without
//! JavaScript; the pages fit a phone. With TAXHOME_SCREENSHOTS set to a folder, every page is kept there as a picture, phone and desk.

use reqwest::multipart::{Form, Part};
use serde_json::json;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;

use crate::harness::browser::{Browser, desk, phone};
use crate::harness::service::Service;
use crate::harness::web::Console;

const GROUP: i64 = -1001;
const FILE: &str = "2026-04-tax-month";

/// A small picture.
fn pixels() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(40, 30, image::Rgb([120, 150, 180])).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

async fn started() -> Service {
    let service = Service::with(
        "2026-03-25T10:00:00+08:00",
        &[
            ("TAXHOME_BROADCASTS_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/broadcasts")),
            ("TAXHOME_KNOWLEDGE_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/knowledge")),
        ],
    )
    .await;
    service.staff("小宣", Role::Publicity).await.register(GROUP, "城东纳税人群", &[]).await;
    service
}

/// Sessions end after half an hour: whoever comes back later logs in again.
async fn at(service: &Service, time: &str, role: Role) -> Console {
    service.clock.set(Timestamp::parse(time).unwrap());
    service.logged_in(role).await
}

/// The first address on a page that begins with `start`.
fn link(page: &str, start: &str) -> String {
    let at = page.find(&format!("\"{start}")).unwrap_or_else(|| panic!("no link to {start} in {page}"));
    page[at + 1..].split('"').next().unwrap().to_owned()
}

/// The address of the link whose text is `text`.
fn link_of(page: &str, text: &str) -> String {
    let before = page.split(&format!(">{text}</a>")).next().unwrap();
    assert_ne!(before.len(), page.len(), "no link {text} in {page}");
    before.rsplit("href=\"").next().unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_month_an_outing_and_its_report_are_run_from_the_console() {
    let service = started().await;
    let publicity = service.logged_in(Role::Publicity).await;
    let listed = publicity.page("/console/campaigns").await;
    assert!(listed.contains("还没有宣传月") && listed.contains(FILE), "{listed}");
    let month = publicity.does(&format!("/console/campaigns/import?file={FILE}"), &[]).await;
    assert!(month.contains("计划已导入") && month.contains("清明节") && month.contains("申报截止日") && month.contains("补班"), "{month}");
    assert!(!month.contains("审核并排期"), "publicity does not approve");
    let outing = link_of(&month, "进景区");
    let path = outing.split("/items/").next().unwrap().to_owned();

    let approver = service.logged_in(Role::Approver).await;
    assert!(approver.page(&path).await.contains("审核并排期（13 项）"));
    let approved = approver.does(&format!("{path}/approve"), &[]).await;
    assert!(approved.contains("13 项排好了时间") && approved.contains("已排期"), "{approved}");

    let item = publicity.page(&outing).await;
    assert!(item.contains("县景区游客中心") && item.contains("改到这一天"), "{item}");
    let refused = publicity.post(&format!("{outing}/move"), &[("date", "2026-06-01")]).await;
    assert_eq!(refused.status, 200);
    assert!(refused.text.contains("不在活动期间内") && refused.text.contains("2026-06-01"), "what was typed stays: {}", refused.text);
    let moved = publicity.does(&format!("{outing}/move"), &[("date", "2026-04-23")]).await;
    assert!(moved.contains("“进景区”改到 2026年4月23日") && moved.contains("“景区问答整理”改到 2026年4月24日"), "{moved}");
    assert!(moved.contains("要重新审核"), "{moved}");
    approver.does(&format!("{path}/approve"), &[]).await;

    let park = link_of(&moved, "进园区");
    let park = link(&publicity.page(&park).await, "/console/outings/");
    let early = publicity.post(&format!("{park}/result"), &[("visitors", "120")]).await;
    assert!(early.text.contains("还没有开始"), "{}", early.text);
    for time in ["2026-04-01T09:00:05+08:00", "2026-04-07T09:00:05+08:00", "2026-04-08T08:30:05+08:00"] {
        service.clock.set(Timestamp::parse(time).unwrap());
        service.tick().await;
        service.deliver().await;
    }
    let publicity = at(&service, "2026-04-08T17:00:00+08:00", Role::Publicity).await;
    let wrong = publicity.post(&format!("{park}/result"), &[("visitors", "很多")]).await;
    assert!(wrong.text.contains("请写数字"), "{}", wrong.text);
    let fields = [("visitors", "120"), ("inquiries", "35"), ("handouts", "200"), ("note", "问得最多的是进项抵扣")];
    assert!(publicity.does(&format!("{park}/result"), &fields).await.contains("已保存"));
    let form = Form::new().text("caption", "咨询台").part("photo", Part::bytes(pixels()).file_name("现场.png"));
    let address = format!("{}{park}/photos?csrf={}", service.base, publicity.csrf);
    assert_eq!(publicity.client.post(&address).multipart(form).send().await.unwrap().status(), 303);
    let form = Form::new().part("photo", Part::bytes(b"not a picture".as_slice()).file_name("表.xlsx"));
    let refused = publicity.client.post(&address).multipart(form).send().await.unwrap();
    assert!(refused.text().await.unwrap().contains("JPEG 或 PNG"));
    let form = Form::new().part("photo", Part::bytes(pixels()).file_name("现场.png"));
    let forged = publicity.client.post(format!("{}{park}/photos", service.base)).multipart(form).send().await.unwrap();
    assert_eq!(forged.status(), 403, "an upload without the session's token changes nothing");
    let page = publicity.page(&park).await;
    let photo = link(&page, "/console/photos/");
    assert!(page.contains("咨询台"), "{page}");
    let picture = publicity.client.get(format!("{}{photo}", service.base)).send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/png");
    let stranger = crate::harness::web::client(reqwest::header::HeaderMap::new());
    assert_ne!(stranger.get(format!("{}{photo}", service.base)).send().await.unwrap().status(), 200);

    let report = publicity.page(&format!("{path}/report")).await;
    assert!(report.contains("按时发出 3 项") && report.contains("到场 120 人次") && report.contains(&photo), "{report}");
    assert!(report.contains("进园区：咨询台"), "a photo says where it was taken and what it shows: {report}");
    let word = publicity.client.get(format!("{}{path}/report/docx", service.base)).send().await.unwrap();
    assert!(word.headers()["content-disposition"].to_str().unwrap().contains("report-2026-04.docx"));
    let auditor = service.logged_in(Role::Auditor).await;
    assert!(!auditor.page(&park).await.contains("上传照片"));
    assert_eq!(auditor.post(&format!("{park}/result"), &fields).await.status, 403);
    look(&service, &publicity, &[("month", &path), ("outing", &park), ("report", &format!("{path}/report"))]).await;
}

#[tokio::test]
async fn codes_and_quizzes_are_run_from_the_console_and_taken_on_a_phone() {
    let service = started().await;
    let publicity = service.logged_in(Role::Publicity).await;
    assert!(publicity.page("/console/codes").await.contains("还没有二维码"));
    let wrong = publicity.post("/console/codes", &[("kind", "guide"), ("id", "nothing"), ("place", "2号窗口")]).await;
    assert!(wrong.text.contains("没有找到这个办事指南"), "{}", wrong.text);
    let made = publicity.does("/console/codes", &[("kind", "guide"), ("id", "vehicle-purchase"), ("place", "2号窗口")]).await;
    assert!(made.contains("车辆购置税申报") && made.contains("还没有人扫过"), "{made}");
    let go = made.split("/go/").nth(1).unwrap().split(['<', '"']).next().unwrap().to_owned();
    publicity.client.get(format!("{}/go/{go}", service.base)).send().await.unwrap();
    publicity.does("/console/codes", &[("kind", "document"), ("id", "vat-threshold-2026"), ("place", "2号窗口")]).await;
    let scanned = publicity.page(&format!("/console/codes/{go}")).await;
    assert!(scanned.contains("<svg") && scanned.contains("每天的扫码次数"), "{scanned}");

    let trainer = service.logged_in(Role::Trainer).await;
    let quiz = [
        ("title", "一季度业务考试"),
        ("bank", "tax-month-basics"),
        ("items", "vat-threshold、late-fee"),
        ("opens_at", "2026-03-25T09:00"),
        ("closes_at", "2026-03-31T18:00"),
        ("pass_percent", "80"),
        ("attempts", "2"),
    ];
    let mut late = quiz;
    late[4] = ("closes_at", "2026-03-25T08:00");
    assert!(trainer.post("/console/quizzes/staff", &late).await.text.contains("结束时间要晚于开始时间"));
    assert_eq!(publicity.get("/console/quizzes/staff").await.status, 403);
    let answer = trainer.post("/console/quizzes/staff", &quiz).await;
    let staff_quiz = answer.to.clone();
    assert_eq!(answer.status, 303, "{}", answer.text);
    let desk_staff = service.logged_in(Role::Desk).await;
    let page = desk_staff.page(&staff_quiz).await;
    assert!(page.contains("交卷") && page.contains("滞纳金按日加收多少") && !page.contains("正确"), "{page}");
    let half = desk_staff.post(&format!("{staff_quiz}/answers"), &[("q-vat-threshold", "3")]).await;
    assert!(half.text.contains("第 2 题还没有选") && half.text.contains("checked"), "{}", half.text);
    let failed = desk_staff.does(&format!("{staff_quiz}/answers"), &[("q-vat-threshold", "3"), ("q-late-fee", "1")]).await;
    assert!(failed.contains("没有及格"), "{failed}");
    let passed = desk_staff.does(&format!("{staff_quiz}/answers"), &[("q-vat-threshold", "3"), ("q-late-fee", "2")]).await;
    assert!(passed.contains("2 / 2") && passed.contains("1 / 2") && !passed.contains("交卷"), "{passed}");

    let mut prize = quiz.to_vec();
    prize[0] = ("title", "税收宣传月有奖答题");
    prize[2] = ("items", "");
    prize.push(("winners", "2"));
    prize.push(("prize", "税法口袋书"));
    let made = publicity.post("/console/quizzes/prize", &prize).await;
    let prize_quiz = made.to.clone();
    let announced = publicity.does(&format!("{prize_quiz}/announce"), &[("tags", "*")]).await;
    assert!(announced.contains("通知已起草"), "{announced}");
    let id = prize_quiz.rsplit('/').next().unwrap();
    let api = service.staff("小宣", Role::Publicity).await;
    let bulletin = api.get(&format!("/quizzes/{id}")).await["bulletin"].as_str().unwrap().to_owned();
    service.staff("老审", Role::Approver).await.does(&format!("/bulletins/{bulletin}/approve"), &json!({})).await;

    let browser = phone().await;
    browser.goto(&format!("{}/quizzes/{id}", service.base)).await.unwrap();
    assert_eq!(browser.value("return document.querySelectorAll('fieldset').length").await, 10);
    narrow(&browser).await;
    keep(&browser, "quiz-phone").await;
    let script = "for (const [key, choice] of Object.entries({'vat-threshold':3,'vat-whole':2,'small-profit':3,'small-over':1,'getihu-half':2,\
        'annual-settlement':2,'elderly':3,'red-72-hours':3,'late-fee':1,'zero-filing':1})) \
        document.querySelector(`input[name=\"q-${key}\"][value=\"${choice}\"]`).checked = true; return true";
    browser.value(script).await;
    browser.types("#name", "王芳").await;
    browser.types("#phone", "13812345678").await;
    browser.press("input[name=agree]").await;
    browser.press("form button[type=submit]").await;
    browser.see(".said").await;
    assert!(browser.text(".said").await.contains("答对 9 题，共 10 题"), "{}", browser.text(".said").await);
    assert!(browser.text("main").await.contains("您的抽奖号") || browser.text("main").await.contains("抽奖号是 1 号"));
    narrow(&browser).await;
    keep(&browser, "quiz-answered-phone").await;
    for (name, page) in [("sheet", "/sheets?place=2号窗口"), ("lesson", "/lessons/tax-month-basics"), ("quizzes", "/quizzes")] {
        browser.goto(&format!("{}{page}", service.base)).await.unwrap();
        narrow(&browser).await;
        keep(&browser, &format!("{name}-phone")).await;
    }
    assert_eq!(browser.complaints().await, Vec::<String>::new());

    let publicity = at(&service, "2026-03-31T18:00:00+08:00", Role::Publicity).await;
    let drawn = publicity.does(&format!("{prize_quiz}/draw"), &[]).await;
    assert!(drawn.contains("已抽奖") && drawn.contains("1 号 王**") && !drawn.contains("王芳"), "{drawn}");
    browser.refresh().await.unwrap();
    browser.goto(&format!("{}/quizzes/{id}", service.base)).await.unwrap();
    narrow(&browser).await;
    keep(&browser, "quiz-drawn-phone").await;
    let code = format!("/console/codes/{go}");
    let pages = [
        ("codes", "/console/codes"),
        ("code", &code),
        ("quizzes-console", "/console/quizzes"),
        ("prize", &prize_quiz),
        ("staff-quiz", &staff_quiz),
    ];
    look(&service, &publicity, &pages).await;
}

async fn narrow(browser: &Browser) {
    let widths = browser.value("return [document.documentElement.scrollWidth, innerWidth]").await;
    assert_eq!(widths, json!([390, 390]), "{}", browser.current_url().await.unwrap());
}

/// Opens pages on a phone and on a desk: nothing sticks out, nothing is complained of.
async fn look(service: &Service, console: &Console, pages: &[(&str, &str)]) {
    for (width, browser) in [("phone", phone().await), ("desk", desk().await)] {
        let browser = browser.logged_in(console).await;
        for (name, path) in pages {
            browser.goto(&format!("{}{path}", service.base)).await.unwrap();
            browser.see("main h1").await;
            if width == "phone" {
                narrow(&browser).await;
            }
            keep(&browser, &format!("{name}-{width}")).await;
        }
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    }
}

/// Keeps a picture of the whole page where a folder for it is named.
pub async fn keep(browser: &Browser, name: &str) {
    let Ok(folder) = std::env::var("TAXHOME_SCREENSHOTS") else { return };
    let height = browser.value("return Math.min(6000, document.documentElement.scrollHeight)").await.as_u64().unwrap();
    let width = browser.value("return innerWidth").await.as_u64().unwrap();
    browser.set_window_size(u32::try_from(width).unwrap(), u32::try_from(height + 140).unwrap()).await.unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    // A phone keeps its size: its page is seen screen by screen.
    let screen = browser.value("return innerHeight").await.as_u64().unwrap();
    for (number, top) in (1..).zip((0..height).step_by(usize::try_from(screen).unwrap()).take(6)) {
        browser.value(&format!("scrollTo(0, {top}); return true")).await;
        let name = if number == 1 { format!("{name}.png") } else { format!("{name}-{number}.png") };
        std::fs::write(std::path::Path::new(&folder).join(name), browser.screenshot().await.unwrap()).unwrap();
    }
}
