//! The chat as people use it: a real browser, fingers and keys.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::{Value, json};
use taxhome::domain::staff::Role;

use crate::harness::browser::{Browser, desk, phone};
use crate::harness::web::{KNOWN, TestWeb, UNKNOWN, serve, serve_with};

const ANSWERED: &str = "#log .turn:last-child .answer:not(.waiting) .feedback:not([hidden])";

#[tokio::test]
async fn a_typed_question_is_answered_and_its_citation_opens_at_the_cited_words() {
    let web = serve().await;
    let browser = desk().await;
    browser.goto(&web.base).await.unwrap();
    ask(&browser, KNOWN).await;
    assert!(browser.text(".answer .lead").await.contains("10万元"));
    assert_eq!(browser.text(".source .badge").await, "现行有效");
    assert!(browser.text(".source .meta").await.contains("财政部 税务总局公告2026年第10号"));
    assert_eq!(browser.value("return document.getElementById('q').value").await, "");

    browser.press(".source-title a").await;
    browser.see(".text .cited").await;
    assert!(browser.current_url().await.unwrap().path().ends_with("/policies/vat-threshold"));
    let shown = "const box = document.querySelector('.cited').getBoundingClientRect(); return box.top >= 60 && box.top < innerHeight";
    browser.until(shown).await;
    assert_eq!(browser.value("return document.querySelector('section:target').contains(document.querySelector('.cited'))").await, true);
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.goto(&web.url("/nowhere")).await.unwrap();
    assert_eq!(browser.complaints().await.len(), 1, "the check above sees what the browser says");
}

#[tokio::test]
async fn an_answer_is_rated_and_the_rating_can_be_changed() {
    let web = serve().await;
    let browser = desk().await;
    browser.goto(&web.base).await.unwrap();
    ask(&browser, KNOWN).await;
    browser.press("[data-useful=true]").await;
    browser.see("[data-useful=true][aria-pressed=true]").await;
    assert!(browser.text(".thanks").await.contains("谢谢"));
    assert_eq!(useless(&web).await, 0);
    browser.press("[data-useful=false]").await;
    browser.see("[data-useful=false][aria-pressed=true]").await;
    browser.see("[data-useful=true][aria-pressed=false]").await;
    assert_eq!(useless(&web).await, 1);
    browser.refresh().await.unwrap();
    browser.see("[data-useful=false][aria-pressed=true]").await;
}

#[tokio::test]
async fn a_tapped_suggestion_asks_and_a_phone_never_scrolls_sideways() {
    let web = serve().await;
    let browser = phone().await;
    browser.goto(&web.base).await.unwrap();
    browser.press(".chips .chip").await;
    browser.see(ANSWERED).await;
    narrow(&browser).await;
    ask(&browser, KNOWN).await;
    narrow(&browser).await;
    let suggestion = browser.text("#log .turn:last-child .suggestions .chip").await;
    browser.press("#log .turn:last-child .suggestions .chip").await;
    browser.until("return document.querySelectorAll('#log .turn').length === 3").await;
    browser.see(ANSWERED).await;
    assert!(browser.text("#log .turn:last-child .question").await.ends_with(&suggestion));
    for path in ["/policies", "/policies/vat-threshold", "/classes", "/nowhere"] {
        browser.goto(&web.url(path)).await.unwrap();
        narrow(&browser).await;
    }
}

#[tokio::test]
async fn the_keyboard_alone_is_enough() {
    let web = serve().await;
    let browser = desk().await;
    browser.goto(&web.base).await.unwrap();
    let mut seen = Vec::new();
    while browser.value("return document.activeElement.id").await != "q" {
        press(&browser, Key::Tab).await;
        let ring = "const style = getComputedStyle(document.activeElement); return style.outlineStyle !== 'none' || document.activeElement.id === 'q'";
        assert_eq!(browser.value(ring).await, true, "the focus is not visible after {seen:?}");
        seen.push(browser.value("return document.activeElement.textContent.trim()").await);
        assert!(seen.len() < 30, "the field is out of reach: {seen:?}");
    }
    let field = browser.see("#q").await;
    field.send_keys("第一行").await.unwrap();
    let newline = KeyActions::new("keys".to_owned())
        .then(KeyAction::Down { value: Key::Shift.into() })
        .then(KeyAction::Down { value: Key::Enter.into() })
        .then(KeyAction::Up { value: Key::Enter.into() })
        .then(KeyAction::Up { value: Key::Shift.into() });
    browser.perform_actions(newline).await.unwrap();
    assert_eq!(browser.value("return document.getElementById('q').value").await, "第一行\n");
    field.clear().await.unwrap();
    field.send_keys(KNOWN).await.unwrap();
    press(&browser, Key::Enter).await;
    browser.see(ANSWERED).await;
    browser.value("document.querySelector('.links a').focus()").await;
    while browser.value("return document.activeElement.dataset.useful || ''").await != "true" {
        press(&browser, Key::Tab).await;
    }
    press(&browser, Key::Enter).await;
    browser.see("[data-useful=true][aria-pressed=true]").await;
}

#[tokio::test]
async fn enter_while_an_input_method_composes_sends_nothing() {
    let web = serve().await;
    let browser = desk().await;
    browser.goto(&web.base).await.unwrap();
    let composing = "const field = document.getElementById('q'); field.value = '小规模'; \
        field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true })); \
        return document.querySelectorAll('#log .turn').length === 0 && field.value === '小规模'";
    assert_eq!(browser.value(composing).await, true);
}

#[tokio::test]
async fn a_question_is_not_lost_when_the_line_breaks_and_can_be_sent_again() {
    let web = serve().await;
    let browser = desk().await;
    browser.goto(&web.base).await.unwrap();
    browser.value("window.whole = window.fetch; window.fetch = () => Promise.reject(new TypeError('cut'))").await;
    let field = browser.see("#q").await;
    field.send_keys(KNOWN).await.unwrap();
    press(&browser, Key::Enter).await;
    browser.see(".answer.failed").await;
    assert!(browser.text(".answer.failed .lead").await.contains("问题已保留"));
    assert_eq!(browser.value("return document.getElementById('q').value").await, KNOWN);
    browser.value("window.fetch = window.whole").await;
    browser.press(".retry:not([hidden])").await;
    browser.see(ANSWERED).await;
    assert_eq!(browser.value("return document.getElementById('q').value + document.querySelectorAll('#log .turn').length").await, "1");
}

#[tokio::test]
async fn too_long_too_fast_and_unknown_are_told_plainly() {
    let web = serve_with(1).await;
    let browser = desk().await;
    browser.goto(&web.base).await.unwrap();
    browser
        .value(&format!("document.getElementById('q').value = '税'.repeat(2001); {}", "document.getElementById('ask').requestSubmit()"))
        .await;
    assert!(browser.text("#trouble").await.contains("2000 字以内"));
    assert_eq!(browser.value("return document.getElementById('q').value.length").await, 2001);
    browser.value("const field = document.getElementById('q'); field.value = ''; field.dispatchEvent(new Event('input'))").await;
    ask(&browser, UNKNOWN).await;
    assert!(browser.text(".answer.abstained .lead").await.contains("12366"));
    let field = browser.see("#q").await;
    field.send_keys(KNOWN).await.unwrap();
    press(&browser, Key::Enter).await;
    browser.see(".answer.failed").await;
    assert!(browser.text(".answer.failed .lead").await.contains("秒后重试"));
    assert_eq!(browser.value("return document.getElementById('q').value").await, KNOWN);
}

#[tokio::test]
async fn the_visit_is_kept_in_its_tab_and_can_be_cleared() {
    let web = serve().await;
    let browser = desk().await;
    browser.goto(&web.url("/policies/vat-threshold")).await.unwrap();
    browser.press(".related .chip").await;
    browser.see(ANSWERED).await;
    assert_eq!(browser.current_url().await.unwrap().path(), "/", "a reload must not ask again");
    browser.refresh().await.unwrap();
    browser.see(ANSWERED).await;
    assert_eq!(browser.value("return document.querySelectorAll('#log .turn').length").await, 1);
    browser.press("#clear").await;
    browser.until("return document.querySelectorAll('#log .turn').length === 0 && !document.getElementById('intro').hidden").await;
    browser.refresh().await.unwrap();
    assert_eq!(browser.value("return document.querySelectorAll('#log .turn').length").await, 0);
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

async fn ask(browser: &Browser, question: &str) {
    let turns = browser.value("return document.querySelectorAll('#log .turn').length").await.as_u64().unwrap();
    browser.types("#q", &format!("{question}{}", char::from(Key::Enter))).await;
    browser.until(&format!("return document.querySelectorAll('#log .turn').length === {}", turns + 1)).await;
    browser.see(ANSWERED).await;
}

async fn press(browser: &Browser, key: Key) {
    let keys = KeyActions::new("keys".to_owned()).then(KeyAction::Down { value: key.into() }).then(KeyAction::Up { value: key.into() });
    browser.perform_actions(keys).await.unwrap();
}

async fn narrow(browser: &Browser) {
    let widths = browser.value("return [document.documentElement.scrollWidth, innerWidth]").await;
    assert_eq!(widths, json!([390, 390]), "{}", browser.current_url().await.unwrap());
}

async fn useless(web: &TestWeb) -> i64 {
    let gaps: Value = web.staff(Role::Desk).await.get(web.url("/api/v1/gaps")).send().await.unwrap().json().await.unwrap();
    gaps["items"].as_array().unwrap().iter().map(|gap| gap["useless"].as_i64().unwrap()).sum()
}
