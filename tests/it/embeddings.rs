//! F71: passages near in meaning take part in ranking; whatever the endpoint does, people get at least what words alone find, in time.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use taxhome::clock::Clock;
use taxhome::config::Config;
use tokio::net::TcpListener;

use crate::harness::web::{TestWeb, serve, serve_configured};

/// Shares single characters with the guide and no word with anything.
const ODD: &str = "刚提的座驾多久内要去办手续";

/// How the endpoint answers a question; passages always get their vectors.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Manner {
    /// Every question lies by the passages that name this.
    Near(&'static str),
    Stalls,
    Garbage,
    /// One vector too many.
    OneMore,
    /// Of another length than those of the passages.
    Longer,
    /// A vector without direction.
    Zero,
    Status(u16),
}

/// A call that arrived: its body, and the key sent along.
type Call = (Value, Option<String>);

#[derive(Debug, Clone)]
struct FakeEmbeddings {
    url: String,
    manner: Arc<Mutex<Manner>>,
    calls: Arc<Mutex<Vec<Call>>>,
}

const NAMED: [&str; 3] = ["车辆购置税", "2023年", "起征点"];

fn vector(of: &str) -> Vec<f32> {
    let named = NAMED.map(|name| if of.contains(name) { 2.0 } else { 0.0 });
    let none = if named == [0.0; 3] { 1.0 } else { 0.0 };
    named.into_iter().chain([none]).collect()
}

impl FakeEmbeddings {
    async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let fake = Self { url, manner: Arc::new(Mutex::new(manner)), calls: Arc::default() };
        let router = Router::new().route("/v1/embeddings", post(embed)).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        fake
    }
}

async fn embed(State(fake): State<FakeEmbeddings>, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap();
    let key = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    fake.calls.lock().unwrap().push((body.clone(), key));
    let texts: Vec<&str> = body["input"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    let manner = *fake.manner.lock().unwrap();
    // The last first: the order is told by the index.
    let item = |(index, vector): (usize, Vec<f32>)| json!({"object": "embedding", "index": index, "embedding": vector});
    let given = |vectors: Vec<Vec<f32>>| {
        let data: Vec<Value> = vectors.into_iter().enumerate().rev().map(item).collect();
        axum::Json(json!({"object": "list", "data": data})).into_response()
    };
    if texts.iter().any(|text| text.contains('\n')) {
        return given(texts.iter().map(|text| vector(text)).collect());
    }
    match manner {
        Manner::Near(name) => given(vec![vector(name)]),
        Manner::Stalls => std::future::pending().await,
        Manner::Garbage => "{\"data\": [{\"index\": 0, \"embedding\": [\"near\"]}]}".into_response(),
        Manner::OneMore => given(vec![vector("起征点"), vector("起征点")]),
        Manner::Longer => given(vec![vec![1.0; 7]]),
        Manner::Zero => given(vec![vec![0.0; 4]]),
        Manner::Status(code) => StatusCode::from_u16(code).unwrap().into_response(),
    }
}

async fn with_embeddings(manner: Manner) -> (TestWeb, FakeEmbeddings) {
    let fake = FakeEmbeddings::start(manner).await;
    let url = fake.url.clone();
    let web = serve_configured(|config| {
        config.embeddings.url = url;
        config.embeddings.key = "sk-test".to_owned().into();
        config.embeddings.timeout_ms = 300;
    })
    .await;
    web.freshness.follow_meaning(web.clock.now()).await;
    (web, fake)
}

/// What a person sees of an answer.
async fn seen(web: &TestWeb, question: &str) -> Value {
    let answer = web.ask(question).await;
    json!(["decision", "lead", "citations", "suggestions"].map(|key| answer[key].clone()))
}

#[tokio::test]
async fn passages_near_in_meaning_come_up_and_the_question_is_sent_masked() {
    let plain = seen(&serve().await, ODD).await;
    let (web, fake) = with_embeddings(Manner::Near("起征点")).await;
    let near = seen(&web, ODD).await;
    // What stood second comes first: the first question to tap is one of the threshold's.
    let threshold = ["小规模一个月多少钱不交增值税", "季度不到30万要交税吗", "个体户开票多少以内免税"];
    assert!(threshold.iter().any(|question| near[3][0] == *question), "{near:#}");
    assert_ne!(near[3][0], plain[3][0]);
    web.ask("我的电话13812345678，座驾多久内要办手续").await;
    let calls = fake.calls.lock().unwrap();
    let (body, key) = calls.last().unwrap();
    assert_eq!((key.as_deref(), body["model"].as_str()), (Some("Bearer sk-test"), Some("default")));
    assert!(body["input"][0].as_str().unwrap().contains("座驾") && !body.to_string().contains("13812345678"), "{body}");
}

#[tokio::test]
async fn what_does_not_hold_stays_out_however_near() {
    let plain = seen(&serve().await, ODD).await;
    let (web, _) = with_embeddings(Manner::Near("2023年")).await;
    let near = seen(&web, ODD).await;
    assert!(!near.to_string().contains("2023年第1号"), "{near:#}");
    assert_eq!(near[0], plain[0]);
}

#[tokio::test]
async fn an_endpoint_that_fails_leaves_the_ranking_by_words_in_time() {
    let plain = seen(&serve().await, ODD).await;
    let (web, fake) = with_embeddings(Manner::Stalls).await;
    // The vector that is too long is remembered: it comes last.
    for manner in [Manner::Stalls, Manner::Garbage, Manner::OneMore, Manner::Zero, Manner::Status(500), Manner::Status(429), Manner::Longer]
    {
        *fake.manner.lock().unwrap() = manner;
        let calls = fake.calls.lock().unwrap().len();
        let answered = tokio::time::timeout(Duration::from_secs(20), seen(&web, ODD)).await;
        assert_eq!(answered.expect("the time-out holds"), plain, "{manner:?}");
        assert_eq!(fake.calls.lock().unwrap().len(), calls + 1, "{manner:?} was tried");
        web.clock.advance(Duration::from_secs(61));
    }
}

#[tokio::test]
async fn after_failures_the_endpoint_is_left_alone_for_a_while() {
    let (web, fake) = with_embeddings(Manner::Status(503)).await;
    let passages = fake.calls.lock().unwrap().len();
    for at in 0..6 {
        web.ask(&format!("座驾{at}多久内要办手续")).await;
    }
    assert_eq!(fake.calls.lock().unwrap().len() - passages, 3);
    *fake.manner.lock().unwrap() = Manner::Near("起征点");
    web.clock.advance(Duration::from_secs(61));
    web.ask(ODD).await;
    assert_eq!(fake.calls.lock().unwrap().len() - passages, 4);
}

#[tokio::test]
async fn an_endpoint_nobody_reaches_leaves_the_ranking_by_words() {
    let plain = seen(&serve().await, ODD).await;
    let web = serve_configured(|config| config.embeddings.url = "http://127.0.0.1:9/v1".to_owned()).await;
    web.freshness.follow_meaning(web.clock.now()).await;
    assert_eq!(seen(&web, ODD).await, plain);
}

#[tokio::test]
async fn a_file_of_word_vectors_does_the_same_without_any_endpoint() {
    let plain = seen(&serve().await, ODD).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("words.txt");
    fs::write(&file, "5 3\n手续 0 1 0\n起征点 0.1 1 0\n购置税 1 0 0\n材料 1 0 0.2\n申报 0.9 0 0.1\n").unwrap();
    let path = file.display().to_string();
    let web = serve_configured(|config| config.embeddings.file = path).await;
    let near = seen(&web, ODD).await;
    assert_ne!(near, plain);
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let load = |variables: &[(&str, &str)]| {
        Config::load(None, variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
            .map_err(|error| error.to_string())
    };
    let of_file = load(&[("TAXHOME_EMBEDDINGS__FILE", "/nowhere/words.txt")]).unwrap();
    assert_eq!(of_file.embeddings.file, "/nowhere/words.txt", "the file is a setting, not a secret to read");
    for (variables, named) in [
        (&[("TAXHOME_EMBEDDINGS__URL", "nonsense")][..], "embeddings.url"),
        (&[("TAXHOME_EMBEDDINGS__TIMEOUT_MS", "9")][..], "embeddings.timeout_ms"),
        (&[("TAXHOME_EMBEDDINGS__URL", "http://a/v1"), ("TAXHOME_EMBEDDINGS__FILE", "b")][..], "embeddings.file"),
    ] {
        assert!(load(variables).unwrap_err().contains(named), "{named}");
    }
}
