//! A stateful fake of WeCom's group robots: groups with what stands in them, sizes and the 20 a minute judged as WeCom does, faults on
//! request, a journal of every call. Time is the test's own clock.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Multipart, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::{Value, json};
use taxhome::clock::{Clock, ManualClock};
use taxhome::domain::time::Timestamp;
use tokio::net::TcpListener;

/// Allowed to one robot within any minute.
const A_MINUTE: usize = 20;
/// In the message itself, before base64.
const LARGEST_IMAGE: usize = 2 * 1024 * 1024;
const LARGEST_FILE: usize = 20 * 1024 * 1024;
const MEDIA_KEPT: Duration = Duration::from_secs(3 * 24 * 3600);

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
    upload_faults: HashMap<String, VecDeque<Fault>>,
    journal: Vec<(String, Value)>,
    /// What was handed over, by media id: whose robot, when, name and bytes.
    media: BTreeMap<String, (String, Timestamp, WecomFile)>,
}

/// A file in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WecomFile {
    /// Empty for a picture in the message itself.
    pub name: String,
    pub bytes: Vec<u8>,
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
        let router = Router::new()
            .route("/cgi-bin/webhook/send", post(send))
            .route("/cgi-bin/webhook/upload_media", post(upload))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&shared));
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

    /// The next upload with this key goes wrong.
    pub fn fail_upload(&self, key: &str, fault: Fault) {
        self.shared.lock().upload_faults.entry(key.to_owned()).or_default().push_back(fault);
    }

    /// Every call with this key goes wrong.
    pub fn fail_always(&self, key: &str, fault: Fault) {
        self.shared.lock().lasting.insert(key.to_owned(), fault);
    }

    /// The pictures and files in a group, oldest first.
    pub fn files(&self, key: &str) -> Vec<WecomFile> {
        let inner = self.shared.lock();
        let of = |message: &Value| match message["msgtype"].as_str() {
            Some("image") => picture(message).map(|bytes| WecomFile { name: String::new(), bytes }),
            Some("file") => inner.media.get(message["file"]["media_id"].as_str().unwrap_or_default()).map(|(_, _, file)| file.clone()),
            _ => None,
        };
        inner.groups.get(key).into_iter().flatten().filter_map(|(_, message)| of(message)).collect()
    }

    /// The cards in a group, oldest first.
    pub fn cards(&self, key: &str) -> Vec<Value> {
        let inner = self.shared.lock();
        let cards = inner.groups.get(key).into_iter().flatten().filter(|(_, message)| message["msgtype"] == "news");
        cards.flat_map(|(_, message)| message["news"]["articles"].as_array().cloned().unwrap_or_default()).collect()
    }

    /// The texts in a group, oldest first.
    pub fn said(&self, key: &str) -> Vec<String> {
        let inner = self.shared.lock();
        inner.groups.get(key).into_iter().flatten().map(|(_, message)| text_of(message)).filter(|text| !text.is_empty()).collect()
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
    if message["msgtype"] == "file" {
        let held = inner.media.get(message["file"]["media_id"].as_str().unwrap_or_default());
        if held.is_none_or(|(owner, at, _)| *owner != key || now.since(*at) > MEDIA_KEPT) {
            return code(40007, "invalid media_id");
        }
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

/// Keeps a file for three days; nothing stands in the group yet.
async fn upload(State(shared): State<Arc<Shared>>, Query(query): Query<HashMap<String, String>>, mut form: Multipart) -> Response {
    let key = query.get("key").cloned().unwrap_or_default();
    let mut file = None;
    while let Ok(Some(field)) = form.next_field().await {
        if field.name() == Some("media") {
            let name = field.file_name().unwrap_or_default().to_owned();
            file = Some(WecomFile { name, bytes: field.bytes().await.unwrap_or_default().to_vec() });
        }
    }
    let now = shared.clock.now();
    let mut inner = shared.lock();
    inner.journal.push((key.clone(), json!({"upload": file.as_ref().map(|file| file.name.clone())})));
    let fault = inner.upload_faults.get_mut(&key).and_then(VecDeque::pop_front);
    if let Some(Fault::Code(errcode, errmsg)) = fault {
        return code(errcode, errmsg);
    }
    if !inner.groups.contains_key(&key) {
        return code(93000, "invalid webhook url, hint: [1], from ip: 10.0.0.1");
    }
    if query.get("type").map(String::as_str) != Some("file") {
        return code(40004, "invalid media type");
    }
    let Some(file) = file.filter(|file| file.bytes.len() > 5 && !file.name.is_empty()) else { return code(44001, "empty media data") };
    if file.bytes.len() > LARGEST_FILE {
        return code(45001, "media file size out of limit");
    }
    let id = format!("media{}", inner.media.len());
    inner.media.insert(id.clone(), (key, now, file));
    match fault {
        None => axum::Json(json!({"errcode": 0, "errmsg": "ok", "type": "file", "media_id": id, "created_at": "1"})).into_response(),
        Some(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn picture(message: &Value) -> Option<Vec<u8>> {
    STANDARD.decode(message["image"]["base64"].as_str()?).ok()
}

/// A picture in the message: at most 2 MB, PNG or JPEG, and its checksum.
fn judge_image(message: &Value) -> Option<(i64, &'static str)> {
    let Some(bytes) = picture(message) else { return Some((40035, "invalid parameter")) };
    let md5: String = Md5::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if message["image"]["md5"] != json!(md5) {
        return Some((301_019, "image md5 not match"));
    }
    let known = bytes.starts_with(&[0xFF, 0xD8, 0xFF]) || bytes.starts_with(b"\x89PNG");
    (bytes.len() > LARGEST_IMAGE || !known).then_some((40009, "invalid image size"))
}

fn judge_news(message: &Value) -> Option<(i64, &'static str)> {
    let articles = message["news"]["articles"].as_array().cloned().unwrap_or_default();
    if !(1..=8).contains(&articles.len()) {
        return Some((45008, "article count out of limit"));
    }
    let text = |article: &Value, name: &str| article[name].as_str().unwrap_or_default().to_owned();
    let fits = |article: &Value| {
        (1..=128).contains(&text(article, "title").len())
            && text(article, "description").len() <= 512
            && text(article, "url").starts_with("http")
    };
    (!articles.iter().all(fits)).then_some((40058, "invalid Request Parameter"))
}

/// What WeCom would say to a message, where it does not like it.
fn judge(message: &Value) -> Option<(i64, &'static str)> {
    let longest = match message["msgtype"].as_str() {
        Some("markdown") => 4096,
        Some("text") => 2048,
        Some("image") => return judge_image(message),
        Some("news") => return judge_news(message),
        Some("file") => return None,
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
