//! A stateful fake of WeCom's group robots: groups with what stands in them, sizes and the 20 a minute judged as WeCom does, faults on
//! request, a journal of every call. Time is the test's own clock.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use taxhome::clock::{Clock, ManualClock};
use taxhome::domain::time::Timestamp;
use tokio::net::TcpListener;

/// Allowed to one robot within any minute.
const A_MINUTE: usize = 20;

/// Something that goes wrong with one call.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Refused with this code, HTTP 200 as WeCom does.
    Code(i64, &'static str),
    /// HTTP 500, nothing was done.
    ServerError,
    /// Done; the connection breaks before the answer.
    AcceptThenDrop,
    /// Done; the answer is not JSON.
    AcceptThenGarbage,
}

#[derive(Default)]
struct Inner {
    groups: BTreeMap<String, Vec<(Timestamp, Value)>>,
    faults: HashMap<String, VecDeque<Fault>>,
    lasting: HashMap<String, Fault>,
    journal: Vec<(String, Value)>,
}

struct Shared {
    clock: ManualClock,
    inner: Mutex<Inner>,
}

/// The fake, listening. Clones talk about the same one.
#[derive(Clone)]
pub struct FakeWecom {
    pub url: String,
    shared: Arc<Shared>,
}

impl FakeWecom {
    /// Listens on a port of its own.
    pub async fn start(clock: ManualClock) -> Self {
        let shared = Arc::new(Shared { clock, inner: Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("a bound listener has an address"));
        let router = Router::new().route("/cgi-bin/webhook/send", post(send)).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, shared }
    }

    /// A group with a robot of this key.
    pub fn group(&self, key: &str) {
        self.shared.lock().groups.entry(key.to_owned()).or_default();
    }

    /// The robot is taken out of its group.
    pub fn remove(&self, key: &str) {
        self.shared.lock().groups.remove(key);
    }

    /// The next call with this key goes wrong; several are used up in order.
    pub fn fail_next(&self, key: &str, fault: Fault) {
        self.shared.lock().faults.entry(key.to_owned()).or_default().push_back(fault);
    }

    /// Every call with this key goes wrong.
    pub fn fail_always(&self, key: &str, fault: Fault) {
        self.shared.lock().lasting.insert(key.to_owned(), fault);
    }

    /// The texts in a group, oldest first.
    pub fn said(&self, key: &str) -> Vec<String> {
        let inner = self.shared.lock();
        inner.groups.get(key).into_iter().flatten().map(|(_, message)| text_of(message)).collect()
    }

    /// Every call so far: key and body.
    pub fn journal(&self) -> Vec<(String, Value)> {
        self.shared.lock().journal.clone()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn text_of(message: &Value) -> String {
    let kind = message["msgtype"].as_str().unwrap_or_default();
    message[kind]["content"].as_str().unwrap_or_default().to_owned()
}

async fn send(State(shared): State<Arc<Shared>>, Query(query): Query<HashMap<String, String>>, body: Bytes) -> Response {
    let key = query.get("key").cloned().unwrap_or_default();
    let message: Value = match serde_json::from_slice(&body) {
        Ok(message) => message,
        Err(_) => return code(40058, "invalid Request Parameter"),
    };
    let now = shared.clock.now();
    let mut inner = shared.lock();
    inner.journal.push((key.clone(), message.clone()));
    let fault = match inner.lasting.get(&key) {
        Some(fault) => Some(fault.clone()),
        None => inner.faults.get_mut(&key).and_then(VecDeque::pop_front),
    };
    match fault {
        Some(Fault::Code(errcode, errmsg)) => return code(errcode, errmsg),
        Some(Fault::ServerError) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Fault::AcceptThenDrop | Fault::AcceptThenGarbage) | None => {}
    }
    if let Some((errcode, errmsg)) = judge(&message) {
        return code(errcode, errmsg);
    }
    let Some(group) = inner.groups.get_mut(&key) else { return code(93000, "invalid webhook url, hint: [1], from ip: 10.0.0.1") };
    let lately = group.iter().filter(|(at, _)| now.since(*at) < Duration::from_secs(60)).count();
    if lately >= A_MINUTE {
        return code(45009, "api freq out of limit, hint: [1], from ip: 10.0.0.1");
    }
    group.push((now, message));
    match fault {
        Some(Fault::AcceptThenDrop) => {
            let broken = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("the connection breaks")) });
            Body::from_stream(broken).into_response()
        }
        Some(Fault::AcceptThenGarbage) => "<html>".into_response(),
        Some(_) | None => code(0, "ok"),
    }
}

/// What WeCom would say to a message, where it does not like it.
fn judge(message: &Value) -> Option<(i64, &'static str)> {
    let longest = match message["msgtype"].as_str() {
        Some("markdown") => 4096,
        Some("text") => 2048,
        _ => return Some((40008, "invalid message type")),
    };
    let text = text_of(message);
    if text.is_empty() {
        return Some((44004, "empty content"));
    }
    (text.len() > longest).then_some((40058, "content exceed max length"))
}

fn code(errcode: i64, errmsg: &str) -> Response {
    axum::Json(json!({"errcode": errcode, "errmsg": errmsg})).into_response()
}
