//! A real browser: a chromedriver on a free port and one headless Chromium with a profile of its own, both gone after the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::ops::Deref;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::error::{CmdError, NewSessionError};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::web::Console;

/// axe-core 4.10.3 (MPL 2.0, its licence beside it): checks what a machine can check of accessibility.
const AXE: &str = include_str!("../fixtures/axe/axe.min.js");
/// Longer than any page of ours takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is tried to start Chromium.
const STARTS: usize = 3;

/// An open browser window.
pub struct Browser {
    client: Client,
    driver: Driver,
    _profile: TempDir,
}

struct Driver {
    process: Child,
    port: u16,
    session: String,
    /// Held open: a driver that cannot write ends.
    _said: BufReader<ChildStdout>,
}

/// A window as on a desk, 1280 × 860.
pub async fn desk() -> Browser {
    open(json!({ "args": ["--window-size=1280,860"] })).await
}

/// A window as on a desk of somebody who likes it dark.
pub async fn dark() -> Browser {
    let browser = open(json!({ "args": ["--window-size=1280,860", "--blink-settings=preferredColorScheme=0"] })).await;
    assert_eq!(browser.value("return matchMedia('(prefers-color-scheme: dark)').matches").await, true);
    browser
}

/// A window as on a phone, 390 × 844, with touch.
pub async fn phone() -> Browser {
    open(json!({ "args": [], "mobileEmulation": { "deviceMetrics": { "width": 390, "height": 844, "pixelRatio": 2, "touch": true } } }))
        .await
}

impl Browser {
    /// Takes over a session of the console: `desk().await.logged_in(&web.logged_in(Role::Admin).await).await`.
    pub async fn logged_in(self, console: &Console) -> Self {
        self.goto(&format!("{}/console/login", console.base)).await.unwrap();
        let (name, value) = &console.cookie;
        let body = json!({ "cookie": { "name": name, "value": value, "path": "/", "httpOnly": true, "sameSite": "Strict" } });
        let answer = self.driver.call("POST", "/cookie", &body.to_string()).unwrap();
        assert_eq!(answer, r#"{"value":null}"#);
        self
    }
}

/// On a busy machine Chromium sometimes does not come up in the time its driver gives it.
async fn open(options: Value) -> Browser {
    for _ in 1..STARTS {
        match try_to_open(options.clone()).await {
            Ok(browser) => return browser,
            Err(error) => println!("Chromium does not start, once more: {error}"),
        }
    }
    try_to_open(options).await.unwrap_or_else(|error| panic!("Chromium does not start: {error}"))
}

async fn try_to_open(mut options: Value) -> Result<Browser, NewSessionError> {
    let mut driver = start_driver();
    let profile = tempfile::tempdir().unwrap();
    let fixed = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--lang=zh-CN",
    ];
    let arguments = options["args"].as_array_mut().unwrap();
    arguments.extend(fixed.into_iter().map(Value::from));
    arguments.push(format!("--user-data-dir={}", profile.path().display()).into());
    if std::path::Path::new("/usr/bin/chromium").exists() {
        options["binary"] = "/usr/bin/chromium".into();
    }
    let capabilities = json!({ "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } });
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities.as_object().unwrap().clone())
        .connect(&format!("http://127.0.0.1:{}", driver.port))
        .await?;
    driver.session = client.session_id().await.unwrap().unwrap();
    Ok(Browser { client, driver, _profile: profile })
}

fn start_driver() -> Driver {
    let mut process = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("chromedriver is not there ({error}): install chromium and chromium-driver, tests/run does it"));
    let mut said = BufReader::new(process.stdout.take().unwrap());
    let lines = said.by_ref().lines().map_while(Result::ok);
    let port = lines.filter_map(|line| Some(line.split_once("successfully on port ")?.1.to_owned())).next();
    let port = port.expect("chromedriver says its port").trim_end_matches('.').parse().unwrap();
    Driver { process, port, session: String::new(), _said: said }
}

impl Browser {
    /// Waits until an element is there.
    pub async fn see(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("{css} did not come: {error}"))
    }

    /// Waits until a script's value is true.
    pub async fn until(&self, script: &str) {
        let looking = format!(
            "const told = arguments[arguments.length - 1], value = () => {{ {script} }}, look = async () => await value() === true ? told(true) : setTimeout(look, 20); look();"
        );
        // A page that is left takes the wait with it: it goes on in the next one.
        let wait = tokio::time::timeout(PATIENCE, async {
            while self.client.execute_async(&looking, Vec::new()).await.ok() != Some(Value::Bool(true)) {}
        });
        assert!(wait.await.is_ok(), "never true: {script}\n{}", self.text("main").await);
    }

    /// What a script returns.
    pub async fn value(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// The text of an element as shown.
    pub async fn text(&self, css: &str) -> String {
        self.with(css, async |element| element.text().await).await
    }

    /// Types into a field, at the end of what is in it.
    pub async fn types(&self, css: &str, text: &str) {
        self.with(css, async |element| element.send_keys(text).await).await;
    }

    /// Types into the field of the page with a name, instead of what is in it.
    pub async fn fill(&self, name: &str, text: &str) {
        let css = format!("main [name={name}]");
        self.with(&css, async |element| element.clear().await).await;
        self.types(&css, text).await;
    }

    /// Does something with an element. A page that renews itself may replace it meanwhile: then it is looked for again.
    async fn with<T>(&self, css: &str, does: impl AsyncFn(&Element) -> Result<T, CmdError>) -> T {
        let done = tokio::time::timeout(PATIENCE, async {
            loop {
                match does(&self.see(css).await).await {
                    Err(error) if error.is_stale_element_reference() => {}
                    done => break done.unwrap_or_else(|error| panic!("{css} fails: {error}")),
                }
            }
        });
        done.await.unwrap_or_else(|_| panic!("{css} was replaced again and again"))
    }

    /// Brings an element to the middle of the window and clicks it, as the sticky bars would cover it at an edge.
    pub async fn press(&self, css: &str) {
        let script = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
        self.with(css, async |element| {
            self.client.execute(script, vec![serde_json::to_value(element)?]).await?;
            element.click().await
        })
        .await;
    }

    /// What keeps people with a disability out, as far as axe-core finds it: serious and critical findings. A page that renews itself may
    /// replace what is just looked at: what is found is found twice.
    pub async fn barriers(&self) -> Vec<String> {
        let found = self.findings().await;
        if found.is_empty() {
            return found;
        }
        println!("found once, looked at again: {found:?}");
        self.findings().await
    }

    async fn findings(&self) -> Vec<String> {
        // Not a resource of the page: the page's own policy would refuse it.
        self.client.execute(AXE, Vec::new()).await.unwrap();
        let run = "const done = arguments[0]; axe.run({ resultTypes: ['violations'] }).then(found => done(found.violations\
                   .filter(one => one.impact === 'serious' || one.impact === 'critical')\
                   .map(one => one.id + ': ' + one.nodes.map(node => node.html).slice(0, 3).join(' | '))),\
                   error => done(['axe failed: ' + error]))";
        serde_json::from_value(self.client.execute_async(run, Vec::new()).await.unwrap()).unwrap()
    }

    /// Writes a picture of the window into the folder `SCREENSHOTS`, where that is set: for people to look at.
    pub async fn picture(&self, name: &str) {
        if let Ok(folder) = std::env::var("SCREENSHOTS") {
            let picture = self.client.screenshot().await.unwrap();
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(format!("{folder}/{name}.png"), picture).unwrap();
        }
    }

    /// The same of the whole page, however long it is: the window is as tall as the page for the moment.
    pub async fn whole_picture(&self, name: &str) {
        if std::env::var("SCREENSHOTS").is_err() {
            return;
        }
        let size = "return [innerWidth, Math.min(document.documentElement.scrollHeight, 4000)]";
        let size: (u32, u32) = serde_json::from_value(self.value(size).await).unwrap();
        let parameters = json!({ "width": size.0, "height": size.1, "deviceScaleFactor": 1, "mobile": size.0 < 600 });
        let set = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": parameters }).to_string();
        self.driver.call("POST", "/goog/cdp/execute", &set).unwrap();
        self.picture(name).await;
        if size.0 >= 600 {
            let clear = json!({ "cmd": "Emulation.clearDeviceMetricsOverride", "params": {} }).to_string();
            self.driver.call("POST", "/goog/cdp/execute", &clear).unwrap();
        } else {
            let phone = json!({ "width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true });
            let back = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": phone }).to_string();
            self.driver.call("POST", "/goog/cdp/execute", &back).unwrap();
        }
    }

    /// What the browser complained of: blocked resources, failed scripts.
    pub async fn complaints(&self) -> Vec<String> {
        let body = json!({ "type": "browser" }).to_string();
        let answer = self.driver.call("POST", "/se/log", &body).unwrap_or_default();
        let lines: Value = serde_json::from_str(&answer).unwrap_or_default();
        let lines = lines["value"].as_array().cloned().unwrap_or_default();
        lines.iter().map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl Deref for Browser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Driver {
    /// The body of a call's answer. It needs no runtime, so that it works while a test ends.
    fn call(&self, method: &str, path: &str, body: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let session = &self.session;
        write!(
            stream,
            "{method} /session/{session}{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        // The driver keeps the line open: the answer ends where its head says.
        let mut reader = BufReader::new(stream);
        let (mut line, mut length) = (String::new(), 0);
        while reader.read_line(&mut line)? > 0 && line != "\r\n" {
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
            line.clear();
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Ends Chromium first: killed alone, the driver would leave it behind.
        if !self.session.is_empty() {
            let _ = self.call("DELETE", "", "");
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
