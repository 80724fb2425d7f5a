//! Knowledge in the console: looked at as the index sees it, imported after a look, explained, withdrawn; words edited without a restart.

use taxhome::clock::Clock;
use taxhome::domain::document::Publication;
use taxhome::domain::staff::Role;
use taxhome::store::{audit, documents};

use crate::harness::browser::desk;
use crate::harness::web::{Console, KNOWN, Shown, UNKNOWN, serve, shown};

const BOATS: &str = "+++\ntitle = \"游艇登记办法\"\nnumber = \"测试公告2026年第3号\"\nkind = \"notice\"\npublished = 2026-03-01\n\
    effective_from = 2026-03-01\nstatus = \"in_force\"\ntopics = [\"游艇\"]\nsource = \"测试资料\"\nreviewed = 2026-11-23\n\
    confidence = \"verified\"\nquestions = [\"游艇去哪里登记\", \"游艇登记要几天\", \"买游艇怎么登记\"]\n+++\n\n## 登记\n\n\
    - 游艇到海事部门登记，七日内办结。\n";

#[tokio::test]
async fn a_file_is_looked_at_first_then_imported_as_a_draft_with_its_bulletin() {
    let web = serve().await;
    let staff = web.logged_in(Role::Publicity).await;
    let bad = upload(&staff, &[("boats.md", BOATS), ("a.doc", "x")]).await;
    let report = read(&staff, &bad.to).await;
    assert!(report.contains("游艇登记办法") && report.contains("有文件不能导入") && report.contains("a.doc：暂不支持这种格式"), "{report}");
    assert_eq!(staff.post(&bad.to, &[]).await.status, 422, "whole or not at all");

    let good = upload(&staff, &[("boats.md", BOATS)]).await;
    let report = read(&staff, &good.to).await;
    assert!(report.contains("还没有导入") && report.contains("测试公告2026年第3号") && report.contains("没有疑问"), "{report}");
    let other = web.logged_in(Role::Admin).await;
    assert_eq!(other.get(&good.to).await.status, 404, "an upload is seen by whoever made it");
    let drafts = staff.does(&good.to, &[]).await;
    assert!(drafts.contains("已导入 1 份文件") && drafts.contains("游艇登记办法"), "{drafts}");
    assert_eq!(staff.post(&good.to, &[]).await.status, 409, "the second click does nothing");
    assert!(staff.page(&good.to).await.contains("已经导入"));
    let again = upload(&staff, &[]).await;
    assert!(again.status == 422 && again.text.contains("请在 file 字段中附上要导入的文件"), "{}", again.text);
}

#[tokio::test]
async fn a_document_is_shown_as_the_index_sees_it_and_withdrawn_from_the_answers() {
    let web = serve().await;
    let staff = web.logged_in(Role::Admin).await;
    let list = staff.page("/console/documents?q=起征点").await;
    assert!(
        list.contains("小规模纳税人增值税起征点") && list.contains("2026-01-01 至 2027-12-31") && !list.contains("车辆购置税"),
        "{list}"
    );
    assert!(staff.page("/console/documents?validity=expired").await.contains("2023年"));
    assert!(staff.page("/console/documents?publication=withdrawn").await.contains("没有文件"));
    assert_eq!(staff.get("/console/documents?validity=x").await.status, 422);
    let one = staff.page("/console/documents/vat-threshold").await;
    assert!(one.contains("月销售额没有达到10万元") && one.contains("检索看到的段落") && one.contains("字节 "), "{one}");
    assert_eq!(staff.get("/console/documents/nothing").await.status, 404);

    let upload = upload(&staff, &[("boats.md", BOATS)]).await;
    read(&staff, &upload.to).await;
    staff.does(&upload.to, &[]).await;
    assert_eq!(staff.post("/console/documents/boats/withdraw", &[]).await.status, 409, "a draft is no answer yet");
    let mut tx = web.store.begin().await.unwrap();
    documents::set_publication(&mut tx, "boats", Publication::Published, web.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    web.freshness.refresh_if_changed().await.unwrap();
    assert_eq!(web.ask("游艇去哪里登记").await["decision"], "answered");
    assert!(staff.page("/console/documents/boats/withdraw").await.contains("马上不再用于回答"));
    assert!(staff.does("/console/documents/boats/withdraw", &[]).await.contains("《游艇登记办法》已撤下"));
    assert_ne!(web.ask("游艇去哪里登记").await["decision"], "answered");
    let filter = audit::Filter { subject: "boats".to_owned(), ..Default::default() };
    let mut conn = web.store.read().await.unwrap();
    let rows = audit::list(&mut conn, &filter, 0, 9).await.unwrap();
    assert!(rows.iter().any(|row| row.action == "document.withdraw"));
}

#[tokio::test]
async fn an_answer_is_explained_without_being_counted() {
    let web = serve().await;
    let staff = web.logged_in(Role::Desk).await;
    let found = staff.page(&format!("/console/explain?q={KNOWN}")).await;
    assert!(found.contains("10万元") && found.contains("回答") && found.contains("小规模纳税人增值税起征点"), "{found}");
    assert!(staff.page(&format!("/console/explain?q={UNKNOWN}")).await.contains("不答"));
    assert!(staff.page("/console/explain?q=x&as_of=去年").await.contains("日期要写成"));
    assert!(staff.page("/console").await.contains("还没有人提问"));
}

#[tokio::test]
async fn words_are_edited_without_a_restart_and_only_by_whoever_may() {
    let web = serve().await;
    let staff = web.logged_in(Role::Publicity).await;
    let kept = staff.does("/console/words", &[("term", "坏话"), ("kind", "sensitive"), ("official", "辱骂")]).await;
    assert!(kept.contains("“坏话”已保存") && kept.contains("坏话") && kept.contains("publicity，"), "{kept}");
    let refused = web.ask("这是坏话吗小规模一个月多少钱不交增值税").await;
    assert_eq!(refused["decision"], "abstained");
    let wrong = staff.post("/console/words", &[("term", ""), ("kind", "sensitive"), ("official", "辱骂")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("要写 1 到 60 个字") && wrong.text.contains("value=\"辱骂\""), "{}", wrong.text);
    staff.does("/console/words/remove?term=%E5%9D%8F%E8%AF%9D&kind=sensitive", &[]).await;
    assert_eq!(web.ask("这是坏话吗小规模一个月多少钱不交增值税").await["decision"], "answered");
    let desk = web.logged_in(Role::Desk).await;
    assert!(!desk.page("/console/words").await.contains("添加或修改"));
    assert_eq!(desk.post("/console/words", &[("term", "a")]).await.status, 403);
}

#[tokio::test]
async fn a_pdf_is_imported_in_a_browser_with_a_dry_run() {
    let web = serve().await;
    let staff = web.logged_in(Role::Admin).await;
    taxhome::knowledge::import::pdf::read_with(std::path::Path::new(env!("CARGO_BIN_EXE_taxhome")));
    let browser = desk().await.logged_in(&staff).await;
    browser.goto(&web.url("/console/documents/import")).await.unwrap();
    let pdf = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/车辆购置税法(2018-12-29).pdf");
    browser.types("[name=file]", pdf).await;
    browser.press("main form button").await;
    browser.see("table.cards").await;
    browser.press("main .act.first").await;
    assert!(browser.text(".said").await.contains("已导入 1 份文件"));
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

async fn upload(staff: &Console, files: &[(&str, &str)]) -> Shown {
    let mut form = reqwest::multipart::Form::new().text("tags", "");
    for (name, text) in files {
        form = form.part("file", reqwest::multipart::Part::text((*text).to_owned()).file_name((*name).to_owned()));
    }
    let url = format!("{}/console/documents/import?csrf={}", staff.base, staff.csrf);
    shown(staff.client.post(url).multipart(form).send().await.unwrap()).await
}

/// The report, once the files are read.
async fn read(staff: &Console, path: &str) -> String {
    loop {
        let page = staff.page(path).await;
        if !page.contains("正在读取") {
            return page;
        }
        tokio::task::yield_now().await;
    }
}
