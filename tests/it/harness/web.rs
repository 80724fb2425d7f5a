//! The service's web side on a port of its own: a fresh store, three small documents, a clock moved by hand, and staff with tokens.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use taxhome::answering::Freshness;
use taxhome::app::App;
use taxhome::broadcasts::Broadcasts;
use taxhome::clock::{Clock, ManualClock};
use taxhome::config::Config;
use taxhome::domain::staff::Role;
use taxhome::domain::time::Timestamp;
use taxhome::store::{Store, sessions, tokens, users};
use tokio::net::TcpListener;

use super::db::{TestStore, fresh_store};

/// Noon of an ordinary working day.
pub const NOON: &str = "2026-11-24T12:00:00+08:00";
/// A question that the first document answers.
pub const KNOWN: &str = "小规模一个月多少钱不交增值税";
/// A question nothing answers.
pub const UNKNOWN: &str = "进口二手游艇的关税怎么算";

const THRESHOLD: &str = r#"+++
title = "小规模纳税人增值税起征点"
number = "财政部 税务总局公告2026年第10号"
issuer = "财政部 税务总局"
kind = "notice"
published = 2026-01-30
effective_from = 2026-01-01
effective_to = 2027-12-31
status = "in_force"
topics = ["增值税", "起征点"]
source = "测试资料"
link = "https://fgk.chinatax.gov.cn/example"
reviewed = 2026-11-23
confidence = "verified"
questions = ["小规模一个月多少钱不交增值税", "季度不到30万要交税吗", "个体户开票多少以内免税"]
+++

## 起征点

- 小规模纳税人月销售额没有达到10万元的，免征增值税。（财政部 税务总局公告2026年第10号第一条）
- 小规模纳税人达到起征点的，要就全部销售额计算缴纳增值税。（增值税法第二十三条）

## 按次纳税

- 按次缴纳增值税的，起征点是每次（日）销售额1000元。（财政部 税务总局公告2026年第10号第一条）
"#;

const EXPIRED: &str = r#"+++
title = "小规模纳税人减免增值税政策（2023年）"
number = "财政部 税务总局公告2023年第1号"
issuer = "财政部 税务总局"
kind = "notice"
published = 2023-01-09
effective_from = 2023-01-01
effective_to = 2023-12-31
status = "expired"
superseded_by = "财政部 税务总局公告2026年第10号"
topics = ["增值税"]
source = "测试资料"
reviewed = 2026-11-23
confidence = "single-source"
questions = ["2023年小规模减按多少征收增值税", "2023年小规模免税吗", "2023年1号公告说了什么"]
+++

## 减免内容

- 2023年小规模纳税人月销售额10万元以下的，免征增值税。
"#;

const GUIDE: &str = r#"+++
title = "车辆购置税申报办理指南"
number = "国家税务总局公告2020年第12号"
issuer = "国家税务总局"
kind = "guide"
published = 2020-06-01
effective_from = 2020-06-01
status = "in_force"
topics = ["车辆购置税"]
matter = "车辆购置税申报"
source = "测试资料"
reviewed = 2026-11-23
confidence = "verified"
questions = ["办车辆购置税要带什么材料", "买新车怎么交车购税", "车购税在哪里办"]
+++

## 办理材料

- 办理车辆购置税申报要带身份证明、车辆价格证明和车辆合格证。

## 办理时限

- 自购买之日起60日内申报车辆购置税。
"#;

/// The web side, served.
pub struct TestWeb {
    /// `http://127.0.0.1:port`.
    pub base: String,
    pub clock: ManualClock,
    pub store: TestStore,
    /// The service's own handle to the store.
    pub serving: Store,
    pub broadcasts: Broadcasts,
    /// Brings the index up to date.
    pub freshness: Arc<Freshness>,
    pub client: reqwest::Client,
}

/// Serves with 1,000 questions a minute for each visitor.
pub async fn serve() -> TestWeb {
    serve_with(1000).await
}

/// Serves with so many questions a minute for each visitor.
pub async fn serve_with(questions_per_minute: u32) -> TestWeb {
    serve_configured(|config| config.http.questions_per_minute = questions_per_minute).await
}

/// Serves with a changed configuration.
pub async fn serve_configured(change: impl FnOnce(&mut Config)) -> TestWeb {
    let store = fresh_store().await;
    write_knowledge(store.dir.path());
    let mut config = Config::defaults().unwrap();
    config.data_dir = store.dir.path().to_owned();
    config.database.url = store.url().to_owned();
    config.knowledge_dir = store.dir.path().join("knowledge").display().to_string();
    config.http.questions_per_minute = 1000;
    change(&mut config);
    let clock = ManualClock::at(Timestamp::parse(NOON).unwrap());
    let app = App::build(config, Arc::new(clock.clone())).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let service = app.router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    TestWeb {
        base,
        clock,
        store,
        serving: app.store,
        broadcasts: app.broadcasts,
        freshness: app.freshness,
        client: client(HeaderMap::new()),
    }
}

impl TestWeb {
    /// A new user of that role with a token.
    pub async fn token(&self, role: Role) -> String {
        let now = self.clock.now();
        let mut tx = self.store.begin().await.unwrap();
        let user = match users::find(&mut tx, role.word()).await.unwrap() {
            Some(user) => user,
            None => users::insert(&mut tx, role.word(), role, now).await.unwrap().unwrap(),
        };
        let (_, token) = tokens::create(&mut tx, &user.id, None, now).await.unwrap();
        tx.commit().await.unwrap();
        token
    }

    /// What the API tells this role; `path` begins behind `/api/v1`.
    pub async fn reads(&self, role: Role, path: &str) -> Value {
        self.staff(role).await.get(self.url(&format!("/api/v1{path}"))).send().await.unwrap().json().await.unwrap()
    }

    /// A client that sends this role's token.
    pub async fn staff(&self, role: Role) -> reqwest::Client {
        bearer(&self.token(role).await)
    }

    /// A staff user of that role, logged in to the console.
    pub async fn logged_in(&self, role: Role) -> Console {
        Console::enter(&self.base, &self.store, role, self.clock.now()).await
    }

    /// An absolute address.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Asks as JSON and returns the answer.
    pub async fn ask(&self, question: &str) -> Value {
        let response = self.client.post(self.url("/api/v1/questions")).json(&json!({ "question": question })).send().await.unwrap();
        assert_eq!(response.status(), 200, "{question}");
        response.json().await.unwrap()
    }

    /// The text of a page.
    pub async fn page(&self, path: &str) -> String {
        self.client.get(self.url(path)).send().await.unwrap().text().await.unwrap()
    }
}

/// A client that sends `token`.
pub fn bearer(token: &str) -> reqwest::Client {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
    client(headers)
}

/// A client with these headers on every request.
pub fn client(headers: HeaderMap) -> reqwest::Client {
    reqwest::Client::builder()
        .default_headers(headers)
        .timeout(Duration::from_secs(20))
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// Writes the three documents under `dir`/knowledge.
pub fn write_knowledge(dir: &Path) {
    let policies = dir.join("knowledge/policies");
    let guides = dir.join("knowledge/guides");
    std::fs::create_dir_all(&policies).unwrap();
    std::fs::create_dir_all(&guides).unwrap();
    std::fs::write(policies.join("vat-threshold.md"), THRESHOLD).unwrap();
    std::fs::write(policies.join("vat-2023.md"), EXPIRED).unwrap();
    std::fs::write(guides.join("vehicle.md"), GUIDE).unwrap();
    std::fs::write(dir.join("knowledge/glossary.tsv"), GLOSSARY).unwrap();
}

const GLOSSARY: &str = "term\tofficial_term\tkind\n坏词例子\t辱骂\tsensitive\n";

/// A staff user in the console, as a browser without JavaScript.
pub struct Console {
    pub base: String,
    /// The session's cookie: name and value.
    pub cookie: (String, String),
    /// The session's token, which every form carries.
    pub csrf: String,
    pub client: reqwest::Client,
}

/// What the console answered.
pub struct Shown {
    pub status: u16,
    /// Where it leads on; empty where it does not.
    pub to: String,
    pub text: String,
}

impl Console {
    /// A user of that role (made where there is none yet) with a session begun at `now`.
    pub async fn enter(base: &str, store: &Store, role: Role, now: Timestamp) -> Self {
        let mut tx = store.begin().await.unwrap();
        let user = match users::find(&mut tx, role.word()).await.unwrap() {
            Some(user) => user,
            None => users::insert(&mut tx, role.word(), role, now).await.unwrap().unwrap(),
        };
        let secret = sessions::begin(&mut tx, &user.id, now).await.unwrap();
        let csrf = sessions::find(&mut tx, &secret, now).await.unwrap().unwrap().csrf;
        tx.commit().await.unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_str(&format!("taxhome_staff={secret}")).unwrap());
        headers.insert("origin", HeaderValue::from_str(base).unwrap());
        Self { base: base.to_owned(), cookie: ("taxhome_staff".to_owned(), secret), csrf, client: client(headers) }
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Shown {
        shown(self.client.get(format!("{}{path}", self.base)).send().await.unwrap()).await
    }

    /// Opens a page that must be there.
    pub async fn page(&self, path: &str) -> String {
        let shown = self.get(path).await;
        assert_eq!(shown.status, 200, "{path}: {}", shown.text);
        shown.text
    }

    /// Sends a form with the session's token.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let mut form = vec![("csrf", self.csrf.as_str())];
        form.extend_from_slice(fields);
        self.send(path, &form).await
    }

    /// Sends exactly these fields.
    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        shown(self.client.post(format!("{}{path}", self.base)).form(fields).send().await.unwrap()).await
    }

    /// Sends a form that must succeed, and opens the page it leads to.
    pub async fn does(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.text);
        self.page(&answer.to).await
    }
}

/// What came back.
pub async fn shown(response: reqwest::Response) -> Shown {
    let status = response.status().as_u16();
    let to = response.headers().get("location").map_or("", |value| value.to_str().unwrap()).to_owned();
    Shown { status, to, text: response.text().await.unwrap() }
}
