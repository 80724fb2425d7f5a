//! F74: pictures and PDFs go out after the text as deliveries of their own, are bound to the approval, and come back with a recall;
//! pinning and cards never touch the text. What every channel must do with files is in `channel_contract`.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use taxhome::domain::staff::Role;
use taxhome::store::attachment_pieces::{self, Pieces};

use crate::harness::fake_telegram::{BOT_ID, Fault};
use crate::harness::fake_wecom;
use crate::harness::service::{Service, Staff};
use crate::harness::telegram_files::{pdf, png};

const EAST: i64 = -1001;
const KEY: &str = "693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa";

fn form(name: &str, bytes: Vec<u8>) -> Form {
    Form::new().part("file", Part::bytes(bytes).file_name(name.to_owned()))
}

async fn draft(publicity: &Staff<'_>, more: &Value) -> String {
    let mut draft =
        json!({"title": "附件通知", "summary": "摘要", "body": "正文在这里。", "link": "https://example.cn/1", "targets": {"tags": ["*"]}});
    for (key, value) in more.as_object().unwrap() {
        draft[key] = value.clone();
    }
    publicity.does("/bulletins", &draft).await["id"].as_str().unwrap().to_owned()
}

async fn attached(publicity: &Staff<'_>, id: &str, name: &str, bytes: Vec<u8>) -> Value {
    publicity.upload(&format!("/bulletins/{id}/attachments"), form(name, bytes)).await
}

async fn refused(service: &Service, publicity: &Staff<'_>, id: &str, name: &str, bytes: Vec<u8>) -> (u16, String) {
    let url = format!("{}/api/v1/bulletins/{id}/attachments", service.base);
    let response = publicity.client().post(url).multipart(form(name, bytes)).send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json::<Value>().await.unwrap()["detail"].as_str().unwrap_or_default().to_owned())
}

async fn approved_and_sent(service: &Service, publicity: &Staff<'_>, id: &str) {
    let approver = service.staff("老审", Role::Approver).await;
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    service.deliver().await;
}

/// Operation, part and state of every line of the ledger.
async fn ledger(publicity: &Staff<'_>, id: &str) -> Vec<(String, i64, String)> {
    let lines = publicity.get(&format!("/bulletins/{id}/deliveries")).await;
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let lines = lines["items"].as_array().unwrap().iter();
    lines.map(|line| (word(&line["operation"]), line["part"].as_i64().unwrap(), word(&line["state"]))).collect()
}

#[tokio::test]
async fn only_pictures_and_pdfs_by_their_bytes_are_taken_each_once_and_at_most_five() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.register(EAST, "城东", &[]).await;
    let id = draft(&publicity, &json!({})).await;
    for (name, bytes) in
        [("图.png", b"MZ\x90\x00 program".to_vec()), ("表.docx", b"PK\x03\x04".to_vec()), ("页.svg", b"<svg onload=x>".to_vec())]
    {
        let (status, detail) = refused(&service, &publicity, &id, name, bytes).await;
        assert!(status == 422 && detail.contains("PNG、JPEG 图片或 PDF"), "{name}: {status} {detail}");
    }
    assert_eq!(refused(&service, &publicity, &id, "空.png", Vec::new()).await.0, 422);
    let url = format!("{}/api/v1/bulletins/{id}/attachments", service.base);
    let two = form("一.png", png(8, 8)).part("file", Part::bytes(png(9, 9)).file_name("二.png"));
    let more = form("一.png", png(8, 8)).text("caption", "说明");
    for (sent, told) in [(two, "一次只能加一个附件"), (more, "caption")] {
        let answer: Value = publicity.client().post(&url).multipart(sent).send().await.unwrap().json().await.unwrap();
        assert!(answer["status"] == 422 && answer["detail"].as_str().unwrap().contains(told), "{answer}");
    }
    let mut huge = png(10, 10);
    huge.resize(10 * 1024 * 1024 + 1, 0);
    let (status, detail) = refused(&service, &publicity, &id, "大.png", huge).await;
    assert!(status == 422 && detail.contains("最多 10 MB"), "{status} {detail}");
    let (status, detail) = refused(&service, &publicity, &id, "大.pdf", pdf(20 * 1024 * 1024)).await;
    assert!(status == 422 && detail.contains("最多 20 MB"), "{status} {detail}");

    let view = attached(&publicity, &id, "../../海 报\".exe", png(10, 10)).await;
    assert_eq!((&view["attachments"][0]["name"], &view["attachments"][0]["media"]), (&json!("海 报.png"), &json!("image/png")));
    let (status, detail) = refused(&service, &publicity, &id, "同一张.png", png(10, 10)).await;
    assert!(status == 409 && detail.contains("海 报.png"), "the second click: {status} {detail}");
    for n in 1..5 {
        attached(&publicity, &id, "件.png", png(10 + n, 10)).await;
    }
    let (status, detail) = refused(&service, &publicity, &id, "六.png", png(99, 10)).await;
    assert!(status == 409 && detail.contains("最多 5 个"), "{detail}");
    let first = view["attachments"][0]["id"].as_str().unwrap().to_owned();
    let url = format!("{}/api/v1/bulletins/{id}/attachments/{first}", service.base);
    let file = publicity.client().get(&url).send().await.unwrap();
    assert_eq!(file.headers()["content-type"], "image/png");
    assert_eq!(file.bytes().await.unwrap(), png(10, 10));
    let left: Value = publicity.client().delete(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(left["attachments"].as_array().unwrap().len(), 4);
    assert_eq!(publicity.client().delete(&url).send().await.unwrap().status(), 404);
    let mut conn = service.store.read().await.unwrap();
    let kept = sqlx::query("SELECT DISTINCT attachment_id FROM attachment_pieces").fetch_all(&mut *conn).await.unwrap();
    assert_eq!(kept.len(), 4, "no file is left behind");
}

#[tokio::test]
async fn an_approval_is_for_these_very_files() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    let approver = service.staff("老审", Role::Approver).await;
    publicity.register(EAST, "城东", &[]).await;
    let id = draft(&publicity, &json!({})).await;
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    let view = attached(&publicity, &id, "表.pdf", pdf(10)).await;
    assert_eq!(view["state"], "draft", "the approval is void");
    publicity.refused(&format!("/bulletins/{id}/send"), &json!({}), 409).await;
    publicity.does(&format!("/bulletins/{id}/submit"), &json!({})).await;
    approver.does(&format!("/bulletins/{id}/approve"), &json!({})).await;
    // Somebody changes the file in the store: it is not what was approved.
    let file = view["attachments"][0]["id"].as_str().unwrap();
    let mut tx = service.store.begin().await.unwrap();
    attachment_pieces::remove(&mut tx, file).await.unwrap();
    attachment_pieces::put(&mut tx, file, &id, Pieces::of(&pdf(11))).await.unwrap();
    tx.commit().await.unwrap();
    publicity.does(&format!("/bulletins/{id}/send"), &json!({})).await;
    assert_eq!(refused(&service, &publicity, &id, "晚.png", png(5, 5)).await.0, 409, "what is on its way takes no more files");
    service.deliver().await;
    let bulletin = publicity.get(&format!("/bulletins/{id}")).await;
    assert_eq!(
        (&bulletin["state"], &bulletin["counts"]["sent"], &bulletin["counts"]["failed"]),
        (&json!("partly_sent"), &json!(1), &json!(1))
    );
    assert_eq!(service.said(EAST).len(), 1, "the text is there, the other file is not");
    let lines = publicity.get(&format!("/bulletins/{id}/deliveries")).await;
    assert!(lines.to_string().contains("附件文件与审核时的不一样"), "{lines}");
}

#[tokio::test]
async fn a_picture_telegram_cannot_show_goes_as_a_file_and_an_unclear_one_waits_for_a_person() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.register(EAST, "城东", &[]).await;
    let id = draft(&publicity, &json!({})).await;
    attached(&publicity, &id, "长图.png", png(10, 900)).await;
    approved_and_sent(&service, &publicity, &id).await;
    let posted = service.telegram.messages(EAST);
    let file = posted.last().unwrap().file.clone().unwrap();
    assert_eq!((file.photo, file.name.as_str()), (false, "长图.png"));
    assert_eq!(publicity.get(&format!("/bulletins/{id}")).await["state"], "sent");

    let id = draft(&publicity, &json!({"title": "第二条", "body": "另一条。"})).await;
    attached(&publicity, &id, "图.png", png(10, 10)).await;
    service.telegram.fail_method("sendphoto", Fault::AcceptThenDrop);
    approved_and_sent(&service, &publicity, &id).await;
    let found = ledger(&publicity, &id).await;
    assert_eq!(found, [("send".to_owned(), 0, "sent".to_owned()), ("send".to_owned(), 200, "unknown".to_owned())]);
    assert_eq!(service.telegram.calls("sendphoto").len(), 2, "nothing is sent twice by itself");
}

#[tokio::test]
async fn a_pin_that_fails_marks_nothing_failed_and_a_recall_takes_the_pin_off() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    publicity.register(EAST, "城东", &[]).await;
    let id = draft(&publicity, &json!({"pin": true})).await;
    approved_and_sent(&service, &publicity, &id).await;
    let bulletin = publicity.get(&format!("/bulletins/{id}")).await;
    assert_eq!((&bulletin["state"], &bulletin["counts"]["failed"]), (&json!("sent"), &json!(0)), "{bulletin}");
    let found = ledger(&publicity, &id).await;
    assert_eq!(found, [("send".to_owned(), 0, "sent".to_owned()), ("pin".to_owned(), 0, "failed".to_owned())]);

    service.telegram.set_rights(EAST, BOT_ID, json!({"status": "administrator", "can_pin_messages": true}));
    let id = draft(&publicity, &json!({"pin": true, "title": "第二条", "body": "要置顶。"})).await;
    attached(&publicity, &id, "图.png", png(10, 10)).await;
    approved_and_sent(&service, &publicity, &id).await;
    let pinned: Vec<bool> = service.telegram.messages(EAST).into_iter().map(|posted| posted.pinned).collect();
    assert_eq!(pinned, [false, true, false], "the text is pinned, not the picture");
    // Too old to be deleted: words replaced, under the picture too, and the pin taken off.
    service.telegram.make_undeletable(EAST);
    publicity.does(&format!("/bulletins/{id}/recall"), &json!({})).await;
    service.deliver().await;
    let posted = service.telegram.messages(EAST);
    assert!(posted[1..].iter().all(|posted| posted.visible.contains("已撤回") && !posted.pinned), "{posted:?}");
    let found = ledger(&publicity, &id).await;
    assert!(found.iter().all(|(_, _, state)| state == "sent") && found.iter().any(|(what, ..)| what == "unpin"), "{found:?}");
}

#[tokio::test]
async fn a_wecom_robot_sends_cards_and_large_pictures_as_files_and_repeats_an_upload_safely() {
    let service = Service::at("2026-11-24T09:00:00+08:00").await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    service.wecom.group(KEY);
    publicity.does("/channels", &json!({"kind": "wecom_robot", "address": KEY, "title": "企微群"})).await;
    let long = "标题很长".repeat(25);
    let words = publicity.refused("/bulletins", &json!({"title": "无", "body": "无", "card": true, "targets": {"tags": ["*"]}}), 422).await;
    assert!(words.contains("link"), "{words}");
    let id = draft(&publicity, &json!({"card": true, "title": long, "summary": "摘要要说的话".repeat(40)})).await;
    let mut large = png(20, 20);
    large.resize(3 * 1024 * 1024, 0);
    attached(&publicity, &id, "大图.png", large.clone()).await;
    service.wecom.fail_upload(KEY, fake_wecom::Fault::ServerError);
    service.wecom.fail_upload(KEY, fake_wecom::Fault::Code(45009, "api freq out of limit"));
    approved_and_sent(&service, &publicity, &id).await;
    assert_eq!(publicity.get(&format!("/bulletins/{id}")).await["state"], "sent");
    let files = service.wecom.files(KEY);
    assert_eq!((files.len(), files[0].name.as_str(), files[0].bytes == large), (1, "大图.png", true));
    let cards = service.wecom.cards(KEY);
    assert_eq!((cards.len(), &cards[0]["url"]), (1, &json!("https://example.cn/1")));
    assert!(cards[0]["title"].as_str().unwrap().ends_with('…') && cards[0]["description"].as_str().unwrap().ends_with('…'), "{cards:?}");
}

#[tokio::test]
async fn a_file_of_several_pieces_uploaded_at_one_replica_is_sent_by_another() {
    let mut service = Service::at("2026-11-24T09:00:00+08:00").await;
    let file = pdf(1_000_003);
    let id = {
        let publicity = service.staff("小宣", Role::Publicity).await;
        publicity.register(EAST, "城东", &[]).await;
        let id = draft(&publicity, &json!({})).await;
        attached(&publicity, &id, "长文.pdf", file.clone()).await;
        id
    };
    // Another replica: the same store, a folder of its own that holds nothing.
    for entry in std::fs::read_dir(service.store.dir.path()).unwrap().map(|entry| entry.unwrap().path()) {
        assert!(!entry.ends_with("attachments"), "no folder holds what only one replica has");
    }
    service.restart().await;
    let publicity = service.staff("小宣", Role::Publicity).await;
    approved_and_sent(&service, &publicity, &id).await;
    assert_eq!(service.telegram.messages(EAST).last().unwrap().file.as_ref().unwrap().bytes.to_vec(), file);
}

#[tokio::test]
async fn a_card_brings_the_first_picture_where_wecom_can_fetch_it() {
    let told = [("https://tax.example.cn", true), ("http://127.0.0.1:8080", false)];
    for (public_url, brings) in told {
        let service = Service::with("2026-11-24T09:00:00+08:00", &[("TAXHOME_HTTP__PUBLIC_URL", public_url)]).await;
        let publicity = service.staff("小宣", Role::Publicity).await;
        service.wecom.group(KEY);
        publicity.does("/channels", &json!({"kind": "wecom_robot", "address": KEY, "title": "企微群"})).await;
        let id = draft(&publicity, &json!({"card": true})).await;
        attached(&publicity, &id, "表.pdf", pdf(10)).await;
        let view = attached(&publicity, &id, "图.png", png(10, 10)).await;
        approved_and_sent(&service, &publicity, &id).await;
        let picture = format!("/bulletins/{id}/attachments/{}", view["attachments"][1]["id"].as_str().unwrap());
        let card = service.wecom.cards(KEY).remove(0);
        let expected = if brings { json!(format!("{public_url}{picture}")) } else { Value::Null };
        assert_eq!(card["picurl"], expected);
        let fetched =
            reqwest::Client::builder().no_proxy().build().unwrap().get(format!("{}{picture}", service.base)).send().await.unwrap();
        assert_eq!((fetched.status().as_u16(), fetched.bytes().await.unwrap().to_vec()), (200, png(10, 10)));
    }
}

#[tokio::test]
async fn what_an_earlier_version_kept_in_the_data_folder_moves_into_the_store() {
    let mut service = Service::at("2026-11-24T09:00:00+08:00").await;
    let folder = service.store.dir.path().join("attachments");
    let (id, file) = {
        let publicity = service.staff("小宣", Role::Publicity).await;
        publicity.register(EAST, "城东", &[]).await;
        let id = draft(&publicity, &json!({})).await;
        let view = attached(&publicity, &id, "表.pdf", pdf(400)).await;
        let file = view["attachments"][0]["id"].as_str().unwrap().to_owned();
        let mut tx = service.store.begin().await.unwrap();
        attachment_pieces::remove(&mut tx, &file).await.unwrap();
        tx.commit().await.unwrap();
        (id, file)
    };
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join(&file), pdf(400)).unwrap();
    std::fs::write(folder.join("somebody-elses"), b"x").unwrap();
    for _ in 0..2 {
        service.restart().await;
    }
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["somebody-elses"], "moved, and nothing else touched");
    let publicity = service.staff("小宣", Role::Publicity).await;
    approved_and_sent(&service, &publicity, &id).await;
    assert_eq!(service.telegram.messages(EAST).last().unwrap().file.as_ref().unwrap().bytes.to_vec(), pdf(400));
}
