//! F44–F53 and F75: a bulletin's whole life in the console, from the empty page to the recall, by two people and without JavaScript;
//! then in a browser at the width of a phone.

use serde_json::json;
use taxhome::domain::staff::Role;

use crate::harness::browser::{desk, phone};
use crate::harness::fake_telegram::Fault;
use crate::harness::service::Service;

const EAST: i64 = -1001;

const WRITTEN: [(&str, &str); 5] = [
    ("title", "起征点有新规定"),
    ("body", "月销售额没有达到10万元的，免征增值税。"),
    ("summary", "小规模纳税人起征点说明"),
    ("audience_text", "小规模纳税人"),
    ("tags", "个体户"),
];

/// The address of the page a form led to, from a link on it that ends with `step`.
fn bulletin_in(page: &str) -> String {
    let at = page.find("/console/bulletins/bul_").unwrap_or_else(|| panic!("no bulletin in {page}"));
    page[at..].split(['"', '/', '?']).take(4).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn a_bulletin_is_written_approved_sent_corrected_and_recalled_in_the_console() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.logged_in(Role::Publicity).await;
    let approver = service.logged_in(Role::Approver).await;
    assert!(publicity.page("/console/channels").await.contains("还没有群聊"));
    assert!(publicity.page("/console/bulletins").await.contains("还没有通知"));
    service.telegram.group(EAST, "城东");
    let address = EAST.to_string();
    let wrong = publicity.post("/console/channels", &[("kind", "telegram"), ("address", "城东"), ("title", "城东"), ("tags", "")]).await;
    assert!(wrong.text.contains("value=\"城东\""), "what was typed is still there: {}", wrong.text);
    let group = [("kind", "telegram"), ("address", address.as_str()), ("title", "城东纳税人群"), ("tags", "个体户、商铺")];
    assert!(publicity.does("/console/channels", &group).await.contains("城东纳税人群"));

    let refused = publicity.post("/console/bulletins", &[("title", ""), ("body", "只有正文"), ("tags", "个体户")]).await;
    assert!(refused.text.contains("请填写标题") && refused.text.contains("只有正文"), "{}", refused.text);
    let page = publicity.does("/console/bulletins", &WRITTEN).await;
    assert!(page.contains("已保存草稿") && page.contains("提交审核") && page.contains("企业微信群机器人（这次不发）"), "{page}");
    let path = bulletin_in(&page);
    let page = publicity.does(&format!("{path}/submit"), &[]).await;
    assert!(page.contains("待审核") && !page.contains("审核通过</button>"), "authors do not approve: {page}");
    assert!(approver.does(&format!("{path}/approve"), &[]).await.contains("已审核"));

    let late = publicity.post(&format!("{path}/send"), &[("at", "2026-11-24T08:00")]).await;
    assert!(late.text.contains("已经过去"), "{}", late.text);
    service.telegram.fail_next(EAST, Fault::AcceptThenDrop);
    publicity.does(&format!("{path}/send"), &[("at", "")]).await;
    service.deliver().await;
    let page = publicity.page(&path).await;
    assert!(page.contains("未确认送达") && page.contains("已送达"), "{page}");
    let settle = page.split("action=\"").find(|rest| rest.contains("/delivered\"")).unwrap().split('"').next().unwrap().to_owned();
    assert!(publicity.does(&settle, &[]).await.contains("已记为送达"));
    service.tick().await;
    assert!(publicity.page(&path).await.contains("已发送"));

    // What nobody knows the message of cannot be edited; a second bulletin shows it.
    let mut again = WRITTEN;
    again[0].1 = "起征点补充说明";
    again[1].1 = "按季申报的，季度销售额没有达到30万元。";
    let path = bulletin_in(&publicity.does("/console/bulletins", &again).await);
    publicity.does(&format!("{path}/submit"), &[]).await;
    approver.does(&format!("{path}/approve"), &[]).await;
    publicity.does(&format!("{path}/send"), &[]).await;
    service.deliver().await;
    let page = publicity.does(&format!("{path}/correct"), &[("body", "更正后的正文。")]).await;
    let difference = changes(&page);
    assert!(difference.contains("更正了什么（待审核）"), "{difference}");
    assert!(difference.contains("<del>按季申报的，季度销售额没有达到30万元。</del><ins>更正后的正文。</ins>"), "{difference}");
    approver.does(&format!("{path}/approve"), &[]).await;
    service.deliver().await;
    assert!(service.said(EAST).last().unwrap().contains("更正后的正文。"));
    assert!(publicity.page(&format!("{path}/recall")).await.contains("不，返回"));
    publicity.does(&format!("{path}/recall"), &[]).await;
    service.deliver().await;
    assert!(!service.said(EAST).join("\n").contains("更正后的正文"));
    let page = publicity.page(&path).await;
    assert!(page.contains("已撤回") && !page.contains("href=\"/console/bulletins/new/"), "{page}");
}

#[tokio::test]
async fn an_approver_sees_what_changed_since_the_last_review_and_approves_nothing_else() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.logged_in(Role::Publicity).await;
    let approver = service.logged_in(Role::Approver).await;
    service.staff("管理员", Role::Admin).await.register(EAST, "城东纳税人群", &["个体户"]).await;
    let mut written = [WRITTEN.as_slice(), &[("effective_from", "2026-12-01")]].concat();
    let path = bulletin_in(&publicity.does("/console/bulletins", &written).await);
    let page = publicity.does(&format!("{path}/submit"), &[]).await;
    assert!(!page.contains("与上次审核时相比"), "the first time there is nothing to compare with");
    let first_seen = approving(&approver.page(&path).await);

    // Sent back and submitted again as it was: the approver is told so.
    approver.does(&format!("{path}/reject"), &[]).await;
    publicity.does(&format!("{path}/submit"), &[]).await;
    let difference = changes(&approver.page(&path).await);
    assert!(difference.contains("都没有变化"), "{difference}");

    // A figure, the day and the groups are changed behind the back of an approver who has the page open.
    written[1].1 = "月销售额没有达到15万元的，免征增值税。";
    written[4].1 = "*";
    written[5].1 = "";
    publicity.does(&format!("{path}/edit"), &written).await;
    publicity.does(&format!("{path}/submit"), &[]).await;
    let stale = approver.post(&first_seen, &[]).await;
    assert!(stale.status == 409 && stale.text.contains("在您打开之后又改过"), "{}", stale.text);
    let page = approver.page(&path).await;
    let difference = changes(&page);
    assert!(difference.contains("与上次审核时相比"), "{difference}");
    assert!(difference.contains("月销售额没有达到<del>10</del><ins>15</ins>万元的，免征增值税。"), "{difference}");
    assert!(difference.contains("<del>2026年12月1日</del>"), "a day can be taken out again: {difference}");
    assert!(difference.contains("<del>个体户</del><ins>全部群</ins>"), "{difference}");
    assert!(!difference.contains("摘要") && !difference.contains("标题"), "only what changed: {difference}");
    assert!(approver.does(&approving(&page), &[]).await.contains("已审核"));
    assert!(!approver.page(&path).await.contains("与上次审核时相比"), "approved, it is the last version");
}

/// The part of a bulletin's page that tells what changed.
fn changes(page: &str) -> String {
    let (_, rest) = page.split_once("class=\"note-box changes\"").unwrap_or_else(|| panic!("nothing is compared: {page}"));
    rest.split("</section>").next().unwrap().to_owned()
}

/// Where the button to approve leads: to what was on this page.
fn approving(page: &str) -> String {
    let (_, rest) = page.split_once("/approve?seen=").unwrap_or_else(|| panic!("no button to approve: {page}"));
    format!("{}/approve?seen={}", bulletin_in(page), rest.split('"').next().unwrap())
}

#[tokio::test]
async fn the_pages_of_bulletins_fit_a_phone_and_the_browser_complains_of_nothing() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let (staff, approver) = (service.staff("小宣", Role::Publicity).await, service.staff("老审", Role::Approver).await);
    staff.register(EAST, "城东片区个体工商户和小微企业纳税人之家交流一群", &["个体户"]).await;
    let body = json!({"title": "关于小规模纳税人增值税起征点有关问题的补充通知", "body": "月销售额没有达到10万元的，免征增值税。",
        "link": "https://fgk.chinatax.gov.cn/zcfgk/c102424/c5245729/content.html", "targets": {"tags": ["个体户"]}});
    let id = staff.does("/bulletins", &body).await["id"].as_str().unwrap().to_owned();
    staff.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    staff.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.deliver().await;
    let console = service.logged_in(Role::Publicity).await;
    let pictures = std::env::var("TAXHOME_SCREENSHOTS").ok().filter(|folder| !folder.is_empty());
    for (name, browser) in [("phone", phone().await), ("desk", desk().await)] {
        let browser = browser.logged_in(&console).await;
        let paths = [
            "/console/bulletins".to_owned(),
            "/console/bulletins/new".to_owned(),
            format!("/console/bulletins/{id}"),
            format!("/console/bulletins/{id}/send"),
            format!("/console/bulletins/{id}/recall"),
            "/console/recurring".to_owned(),
            "/console/recurring/rec_file_filing-deadline".to_owned(),
            "/console/channels".to_owned(),
            "/console/channels/new".to_owned(),
            "/bulletins".to_owned(),
            format!("/bulletins/{id}"),
        ];
        for (number, path) in paths.iter().enumerate() {
            browser.goto(&format!("{}{path}", service.base)).await.unwrap();
            browser.see("main h1").await;
            let wide = browser.value("return document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
            assert_eq!(wide, json!(0), "{name} {path} is too wide");
            if let Some(folder) = &pictures {
                std::fs::write(format!("{folder}/bulletin-{name}-{number}.png"), browser.screenshot().await.unwrap()).unwrap();
            }
        }
        let complaints: Vec<String> = browser.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
    }
}
