//! Who gets into the console, and who does not: the set-up link, passwords, locks, sessions, forms of other sites.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use taxhome::clock::Clock;
use taxhome::domain::staff::{ROLES, Role};
use taxhome::store::access;
use taxhome::web::console;

use crate::harness::web::{Console, Shown, TestWeb, client, serve, shown};

const PASSWORD: &str = "春眠不觉晓处处闻啼鸟啊啊";
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_link_of_the_first_run_makes_one_administrator_and_works_once() {
    let web = serve().await;
    let link = first_link(&web).await;
    let page = web.page(&format!("/console/set-up?link={link}")).await;
    assert!(page.contains("建立管理员") && !page.contains(PASSWORD));
    let short = open_post(&web, "/console/set-up", &[("link", &link), ("name", "张三"), ("password", "short"), ("again", "short")]).await;
    assert_eq!(short.status, 422);
    assert!(short.text.contains("密码要 12 到 200 个字符") && short.text.contains("value=\"张三\""));
    let filled = [("link", link.as_str()), ("name", "张三"), ("password", PASSWORD), ("again", PASSWORD)];
    let made = open_post(&web, "/console/set-up", &filled).await;
    assert_eq!((made.status, made.to.as_str()), (303, "/console"));
    let again = open_post(&web, "/console/set-up", &filled).await;
    assert!(again.text.contains("链接已失效"));
    let logged = log_in(&web, "张三", PASSWORD).await;
    assert_eq!(logged.status, 303);
}

#[tokio::test]
async fn five_wrong_passwords_lock_a_name_whether_or_not_it_exists() {
    let web = serve().await;
    set_password(&web, "李四").await;
    let mut told = Vec::new();
    for name in ["李四", "没有这个人"] {
        let mut answers = Vec::new();
        for _ in 0..15 {
            let answer = log_in(&web, name, "错误的密码错误的密码错误").await;
            answers.push((answer.status, answer.text.replace(name, "")));
        }
        assert!(answers[3].1.contains("账号或密码不对") && answers[4].1.contains("15 分钟后再试"));
        told.push(answers);
    }
    assert_eq!(told[0], told[1], "30 wrong log-ins tell nothing of who exists");
    assert_eq!(log_in(&web, "李四", PASSWORD).await.status, 409, "locked is locked, for the right password too");
    web.clock.advance(16 * MINUTE);
    assert_eq!(log_in(&web, "李四", PASSWORD).await.status, 303);
}

/// The middle of the times, and the quickest: whatever else the machine does only makes one slower.
fn middle_and_quickest(times: &mut [Duration]) -> (f64, f64) {
    times.sort();
    (times[times.len() / 2].as_secs_f64(), times[0].as_secs_f64())
}

#[tokio::test]
async fn thirty_wrong_log_ins_take_as_long_for_unknown_users_as_for_known_ones() {
    let web = serve().await;
    for number in 0..4 {
        set_password(&web, &format!("李四{number}")).await;
    }
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    // Four for each of eight names, in turn: fewer than lock one, so that each is worked through to the end.
    for _ in 0..4 {
        for number in 0..4 {
            for (name, times) in [(format!("李四{number}"), &mut known), (format!("没有这个人{number}"), &mut unknown)] {
                let begun = Instant::now();
                let refused = log_in(&web, &name, "错误的密码错误的密码错误").await;
                times.push(begun.elapsed());
                assert_eq!(refused.status, 422, "{}", refused.text);
            }
        }
    }
    // Noise: how far the halves of the known users' own times lie apart, which nobody can tell from a difference.
    let noise = known[..8].iter().sum::<Duration>().as_secs_f64() / known[8..].iter().sum::<Duration>().as_secs_f64();
    let ((middle, quickest), (other_middle, other_quickest)) = (middle_and_quickest(&mut known), middle_and_quickest(&mut unknown));
    let (ratio, of_middles) = (quickest / other_quickest, middle / other_middle);
    println!("32 wrong log-ins, known to unknown: quickest {ratio:.2}, middle {of_middles:.2}; among the known alone {noise:.2}");
    // One hash is nearly all of it: without the same work for nobody, the ratio would be ten and more.
    assert!((0.67..1.5).contains(&ratio), "known {quickest} s, unknown {other_quickest} s");
}

#[tokio::test]
async fn a_session_ends_by_idling_by_age_by_log_out_and_with_a_new_password() {
    let web = serve().await;
    let idle = web.logged_in(Role::Desk).await;
    web.clock.advance(29 * MINUTE);
    assert_eq!(idle.get("/console").await.status, 200);
    web.clock.advance(29 * MINUTE);
    assert_eq!(idle.get("/console").await.status, 200, "use keeps it");
    web.clock.advance(31 * MINUTE);
    let over = idle.get("/console/password").await;
    assert_eq!((over.status, over.to.as_str()), (303, "/console/login?next=%2Fconsole%2Fpassword"));

    let long = web.logged_in(Role::Desk).await;
    for _ in 0..36 {
        web.clock.advance(20 * MINUTE);
        long.get("/console").await;
    }
    assert_eq!(long.get("/console").await.status, 303, "twelve hours are a day's work");

    let out = web.logged_in(Role::Desk).await;
    assert_eq!(out.post("/console/logout", &[]).await.status, 303);
    assert_eq!(out.get("/console").await.status, 303);

    let user = set_password(&web, "王五").await;
    let cookie = cookie_of(&web, "王五").await;
    assert_eq!(cookie.get("/console").await.status, 200);
    let mut tx = web.store.begin().await.unwrap();
    access::change_role(&mut tx, &user, Role::Auditor).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(cookie.get("/console").await.status, 303, "a new role ends the session");
}

#[tokio::test]
async fn a_form_needs_the_sessions_token_and_our_own_page() {
    let web = serve().await;
    let staff = web.logged_in(Role::Admin).await;
    let fields = [("present", "x"), ("password", PASSWORD), ("again", PASSWORD)];
    let without = staff.send("/console/password", &fields).await;
    assert_eq!(without.status, 403);
    assert!(without.text.contains("页面已过期") && without.text.contains("admin"), "told in the frame: {}", without.text);
    let mut headers = HeaderMap::new();
    headers.insert("cookie", format!("taxhome_staff={}", staff.cookie.1).parse().unwrap());
    headers.insert("origin", "https://elsewhere.example".parse().unwrap());
    let foreign = client(headers).post(web.url("/console/logout")).form(&[("csrf", &staff.csrf)]).send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    assert_eq!(staff.get("/console").await.status, 200, "nothing was done");
    let cross = client(HeaderMap::new()).post(web.url("/console/login")).header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(cross.status(), 403);
}

#[tokio::test]
async fn every_page_of_the_console_refuses_whoever_may_not_before_it_looks_at_the_form() {
    let web = serve().await;
    let guarded = console::guarded();
    let distinct: BTreeSet<_> = guarded.iter().map(|page| (page.method, page.path)).collect();
    assert_eq!(distinct.len(), guarded.len());
    let nobody = client(HeaderMap::new());
    for page in &guarded {
        let path = page.path.replace(['{', '}'], "");
        let request = if page.method == "GET" { nobody.get(web.url(&path)) } else { nobody.post(web.url(&path)) };
        let answer = shown(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 303, "{} {path}", page.method);
        assert!(answer.to.starts_with("/console/login"), "{} {path} leads to {}", page.method, answer.to);
    }
    for role in ROLES {
        for page in guarded.iter().filter(|page| page.path != "/console/logout") {
            let staff = web.logged_in(role).await;
            let path = page.path.replace(['{', '}'], "");
            let answer = if page.method == "GET" { staff.get(&path).await } else { staff.post(&path, &[]).await };
            if role.may(page.permission) {
                assert_ne!(answer.status, 403, "{role:?} {} {path}", page.method);
                assert!(answer.status < 500, "{role:?} {} {path}: {}", page.method, answer.text);
            } else {
                assert_eq!(answer.status, 403, "{role:?} {} {path}", page.method);
            }
        }
    }
}

async fn first_link(web: &TestWeb) -> String {
    let mut tx = web.store.begin().await.unwrap();
    let link = access::create_link(&mut tx, None, web.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    link
}

/// An administrator who set a password by the link of the first run, or another user by a link of their own; returns the id.
async fn set_password(web: &TestWeb, name: &str) -> String {
    let now = web.clock.now();
    let mut tx = web.store.begin().await.unwrap();
    let user = taxhome::store::users::insert(&mut tx, name, Role::Desk, now).await.unwrap().unwrap();
    let link = access::create_link(&mut tx, Some(&user.id), now).await.unwrap();
    tx.commit().await.unwrap();
    let set = open_post(web, "/console/set-up", &[("link", &link), ("password", PASSWORD), ("again", PASSWORD)]).await;
    assert_eq!(set.status, 303, "{}", set.text);
    user.id
}

async fn log_in(web: &TestWeb, name: &str, password: &str) -> Shown {
    open_post(web, "/console/login", &[("name", name), ("password", password)]).await
}

async fn cookie_of(web: &TestWeb, name: &str) -> Console {
    let form = [("name", name), ("password", PASSWORD)];
    let response = client(HeaderMap::new()).post(web.url("/console/login")).form(&form).send().await.unwrap();
    let set = response.headers().get("set-cookie").unwrap().to_str().unwrap().to_owned();
    assert!(set.contains("HttpOnly; SameSite=Strict") && set.contains("Path=/"), "{set}");
    let secret = set.split_once('=').unwrap().1.split(';').next().unwrap().to_owned();
    let mut headers = HeaderMap::new();
    headers.insert("cookie", format!("taxhome_staff={secret}").parse().unwrap());
    Console { base: web.base.clone(), cookie: ("taxhome_staff".to_owned(), secret), csrf: String::new(), client: client(headers) }
}

async fn open_post(web: &TestWeb, path: &str, fields: &[(&str, &str)]) -> Shown {
    shown(client(HeaderMap::new()).post(web.url(path)).form(fields).send().await.unwrap()).await
}
