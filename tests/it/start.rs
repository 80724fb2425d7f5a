//! What the person who starts the service sees: one clear sentence and exit 1 for a mistake, nothing changed; a clean stop on SIGTERM.

use std::path::Path;
use std::process::{Command, Output};

fn taxhome(dir: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_taxhome")).current_dir(dir).args(arguments).envs(variables.iter().copied()).output().unwrap()
}

fn refused(dir: &Path, variables: &[(&str, &str)], says: &str) {
    let before = entries(dir);
    let output = taxhome(dir, variables, &[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("错误：") && said.contains(says), "{said}");
    assert_eq!(entries(dir), before, "nothing may be changed: {said}");
}

fn entries(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn an_unknown_key_is_named_with_the_ones_that_exist() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("taxhome.toml"), "[http]\nlistne = \"127.0.0.1:1\"\n").unwrap();
    refused(dir.path(), &[], "taxhome.toml 或环境变量中有不认识的项“http.listne”，可用的是 listen、public_url、questions_per_minute");
    std::fs::write(dir.path().join("taxhome.toml"), "").unwrap();
    refused(dir.path(), &[("TAXHOME_DATABSE__URL", "x")], "有不认识的项“databse”");
    refused(dir.path(), &[("TAXHOME_DELIVERY__QUIET_HOURS", "晚上")], "delivery.quiet_hours = \"晚上\" 要写成 21:00-08:00，不需要则留空");
    refused(dir.path(), &[("TAXHOME_TELEGRAM__MODE", "webhook"), ("TAXHOME_TELEGRAM__TOKEN", "1:x")], "必须设置 telegram.webhook_secret");
}

#[test]
fn a_broken_front_matter_is_named_by_file_and_line_before_anything_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let policies = dir.path().join("knowledge/policies");
    std::fs::create_dir_all(&policies).unwrap();
    std::fs::write(policies.join("bad.md"), "+++\ntitle = \"x\"\nknd = \"notice\"\n+++\n\n## a\n\n- b。\n").unwrap();
    refused(dir.path(), &[], "policies/bad.md 第3行");
}

#[test]
fn a_broken_template_is_named_by_file_and_line() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("broadcasts/templates")).unwrap();
    std::fs::write(dir.path().join("broadcasts/templates/recall.txt"), "已撤回\n{{titel}}\n").unwrap();
    refused(
        dir.path(),
        &[("TAXHOME_HTTP__LISTEN", "127.0.0.1:0")],
        "broadcasts/templates/recall.txt 第2行：不认识的项“titel”，这个模板没有可填的项",
    );
}

#[test]
fn an_occupied_port_and_a_data_folder_that_is_none_are_said_plainly() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(dir.path(), &[("TAXHOME_HTTP__LISTEN", &address)], &format!("端口 {address} 已被其他程序占用"));
    std::fs::write(dir.path().join("data"), "not a folder").unwrap();
    refused(dir.path(), &[("TAXHOME_HTTP__LISTEN", "127.0.0.1:0")], "数据文件夹 data 无法使用：它不是文件夹");
}

#[test]
fn wrong_usage_exits_with_2_and_check_passes_on_what_is_built_in() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(taxhome(dir.path(), &[], &["nonsense"]).status.code(), Some(2));
    let check = taxhome(dir.path(), &[], &["check"]);
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stderr));
    assert!(entries(dir.path()).is_empty(), "check changes nothing");
}

#[test]
fn check_speaks_json_and_lists_what_is_due() {
    let dir = tempfile::tempdir().unwrap();
    let check = taxhome(dir.path(), &[], &["check", "--json", "--due", "--days", "366"]);
    let found: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    assert_eq!(found["ok"], true);
    assert!(found["due"].as_array().unwrap().iter().all(|due| due["on"].is_string() && due["document"].is_string()), "{found}");
    assert!(!found["due"].as_array().unwrap().is_empty(), "every document was reviewed within the last year");
    let plain = taxhome(dir.path(), &[], &["check", "--due", "--days", "366"]);
    assert!(String::from_utf8_lossy(&plain.stdout).contains("该复核"), "{}", String::from_utf8_lossy(&plain.stdout));
}
