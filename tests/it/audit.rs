//! The audit is a chain: every change leaves a row, and a row changed, taken out or put in is found.

use std::process::Command;

use serde_json::{Value, json};
use taxhome::clock::Clock;
use taxhome::domain::staff::{Broken, Role};
use taxhome::store::audit;

use crate::harness::web::{TestWeb, serve};

#[tokio::test]
async fn rows_written_at_once_form_one_chain_and_a_dropped_change_leaves_none() {
    let web = serve().await;
    let now = web.clock.now();
    // What the service itself did at its start stands in the chain too.
    let before = audit::verify(&web.store).await.unwrap().rows;
    let writers = (0..20).map(|number| {
        let store = web.store.handle();
        tokio::spawn(async move {
            let mut tx = store.begin().await.unwrap();
            audit::record(&mut tx, "somebody", "test.one", &number.to_string(), "", now).await.unwrap();
            audit::record(&mut tx, "somebody", "test.two", &number.to_string(), "", now).await.unwrap();
            if number % 5 == 0 { drop(tx) } else { tx.commit().await.unwrap() }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let chain = audit::verify(&web.store).await.unwrap();
    assert_eq!((chain.rows - before, chain.broken), (32, None));
}

#[tokio::test]
async fn a_row_changed_taken_out_or_put_in_is_found() {
    for (statement, found) in [
        ("UPDATE audit SET actor = 'nobody' WHERE place = 2", "changed"),
        ("DELETE FROM audit WHERE place = 2", "missing"),
        ("DELETE FROM audit WHERE place = 3", "missing"),
        ("UPDATE audit_end SET hash = 'x'", "end"),
        ("INSERT INTO audit (id, at, actor, action, subject, detail) VALUES ('aud_x', 9000000000000, 'a', 'b', 'c', 'd')", "outside"),
    ] {
        let web = serve().await;
        let mut tx = web.store.begin().await.unwrap();
        for subject in ["a", "b", "c"] {
            audit::record(&mut tx, "somebody", "test", subject, "", web.clock.now()).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(audit::verify(&web.store).await.unwrap().broken, None);
        let mut tx = web.store.begin().await.unwrap();
        sqlx::query(statement).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        let told = match audit::verify(&web.store).await.unwrap().broken.unwrap() {
            Broken::Changed { place: 2, .. } => "changed",
            Broken::Missing { .. } => "missing",
            Broken::EndChanged => "end",
            Broken::Outside { .. } => "outside",
            Broken::Changed { .. } => "elsewhere",
        };
        assert_eq!(told, found, "{statement}");
    }
}

#[tokio::test]
async fn auditors_read_verify_and_export_what_others_did() {
    let web = serve().await;
    let before = audit::verify(&web.store).await.unwrap().rows;
    let admin = web.staff(Role::Admin).await;
    for name in ["甲", "乙", "=SUM(A1)"] {
        let made = admin.post(web.url("/api/v1/users")).json(&json!({ "name": name, "role": "desk" })).send().await.unwrap();
        assert_eq!(made.status(), 201);
    }
    let auditor = web.staff(Role::Auditor).await;
    let rows: Value = auditor.get(web.url("/api/v1/audit?action=user&limit=2")).send().await.unwrap().json().await.unwrap();
    assert_eq!(rows["items"].as_array().unwrap().len(), 2);
    assert_eq!(rows["items"][0]["action"], "user.create");
    let cursor = rows["next_cursor"].as_str().unwrap();
    let rest: Value =
        auditor.get(web.url(&format!("/api/v1/audit?action=user&limit=2&cursor={cursor}"))).send().await.unwrap().json().await.unwrap();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    let verified: Value = auditor.get(web.url("/api/v1/audit/verify")).send().await.unwrap().json().await.unwrap();
    assert_eq!((&verified["ok"], &verified["rows"]), (&json!(true), &json!(before + 3)));
    let desk = web.staff(Role::Desk).await;
    assert_eq!(desk.get(web.url("/api/v1/audit")).send().await.unwrap().status(), 403);

    let console = web.logged_in(Role::Auditor).await;
    assert!(console.page("/console/audit").await.contains("人员新建"));
    let told = console.does("/console/audit/verify", &[]).await;
    assert!(told.contains(&format!("共 {} 条，全部完整", before + 3)), "{told}");
    let csv = console.page("/console/audit.csv").await;
    assert_eq!(i64::try_from(csv.lines().count()).unwrap(), before + 4, "{csv}");
}

#[test]
fn the_command_line_verifies_and_exports() {
    let dir = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_taxhome")).current_dir(dir.path()).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(said(&["audit", "verify"]), (Some(0), "还没有操作记录\n".to_owned(), String::new()));
    assert_eq!(said(&["user", "add", "张三", "--role", "admin"]).0, Some(0));
    let (code, link, _) = said(&["user", "link", "张三"]);
    assert!(code == Some(0) && link.contains("/console/set-up?link="), "{link}");
    let (code, verified, _) = said(&["audit", "verify"]);
    assert!(code == Some(0) && verified.contains("共 2 条，全部完整"), "{verified}");
    let hash = verified.trim().rsplit('：').next().unwrap().to_owned();
    assert_eq!(said(&["audit", "verify", "--holds", &hash]).0, Some(0));
    assert_eq!(said(&["audit", "verify", "--holds", "0000"]).0, Some(1));
    let (_, csv, _) = said(&["audit", "export"]);
    assert!(csv.contains("command line") && csv.lines().count() == 3, "{csv}");
}

/// Staff may do to users what the console offers, and not what would lock everybody out.
#[tokio::test]
async fn the_last_administrator_stays_and_nobody_changes_themselves() {
    let web: TestWeb = serve().await;
    let console = web.logged_in(Role::Admin).await;
    let me = console.page("/console/users").await;
    let id = me.split("/console/users/usr_").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let own = format!("/console/users/usr_{id}");
    assert_eq!(console.post(&format!("{own}/role"), &[("role", "desk")]).await.status, 409);
    assert_eq!(console.post(&format!("{own}/off"), &[]).await.status, 409);
    let made = console.post("/console/users", &[("name", "李四"), ("role", "admin")]).await;
    assert!(made.status == 200 && made.text.contains("/console/set-up?link=") && made.text.contains("交给“李四”本人"), "{}", made.text);
    let again = console.post("/console/users", &[("name", "李四"), ("role", "admin")]).await;
    assert!(again.status == 409 && again.text.contains("已有名为“李四”的人员") && again.text.contains("value=\"李四\""));
    let list = console.page("/console/users").await;
    let other = list.split(">李四<").next().unwrap().rsplit("href=\"").next().unwrap().split('"').next().unwrap().to_owned();
    assert!(console.does(&format!("{other}/role"), &[("role", "trainer")]).await.contains("角色已改为培训"));
    let token = console.post(&format!("{other}/tokens"), &[("days", "7")]).await;
    assert!(token.text.contains(">th_"), "{}", token.text);
    assert!(console.does(&format!("{other}/off"), &[]).await.contains("已停用"));
    assert_eq!(console.post(&format!("{other}/link"), &[]).await.status, 409);
    let shown = console.page(&other).await;
    assert!(!shown.contains(">th_"), "a token is shown once");
}
