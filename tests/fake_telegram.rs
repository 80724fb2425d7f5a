//! The fake Bot API as a program, for trying things out by hand: shows every call as it arrives.
//!
//! `cargo run --example fake_telegram -- --port 8081`, then start the service with `TAXHOME_TELEGRAM__TOKEN=1:test` and
//! `TAXHOME_TELEGRAM__API_URL=http://127.0.0.1:8081`. A line on standard input is a message to the bot: `CHAT PERSON TEXT`, where a
//! negative CHAT is a group. `fail CHAT 429|403|500` makes every send to CHAT go wrong, `heal CHAT` ends it.

#[path = "it/harness/fake_telegram.rs"]
#[expect(dead_code, reason = "shared with the tests, which use the rest")]
mod fake_telegram;
#[path = "it/harness/telegram_chats.rs"]
mod telegram_chats;
#[path = "it/harness/telegram_files.rs"]
#[expect(dead_code, reason = "shared with the tests, which use the rest")]
mod telegram_files;
#[path = "it/harness/telegram_rules.rs"]
mod telegram_rules;
#[path = "it/harness/telegram_wire.rs"]
mod telegram_wire;

use std::time::Duration;

use fake_telegram::{Call, FakeTelegram, Fault};
use tokio::sync::mpsc;

fn argument(name: &str, otherwise: &str) -> String {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1).unwrap_or_else(|| otherwise.to_owned())
}

#[tokio::main]
async fn main() {
    let port = argument("--port", "8081").parse().expect("--port takes a number");
    let token = argument("--token", "1:test");
    let fake = FakeTelegram::start_at(&token, port).await;
    fake.open_to_all();
    println!("fake Bot API on {}, token {token}", fake.url);
    let (send, mut lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    let mut listening = true;
    let mut shown = 0;
    loop {
        tokio::select! {
            line = lines.recv(), if listening => match line {
                Some(line) => obey(&fake, &line),
                None => listening = false,
            },
            _ = fake.wait_until(Duration::from_secs(3600), |fake| fake.journal().len() > shown) => {}
        }
        let journal = fake.journal();
        for call in &journal[shown..] {
            show(call);
        }
        shown = journal.len();
    }
}

fn obey(fake: &FakeTelegram, line: &str) {
    let mut words = line.splitn(3, ' ');
    let (first, second, rest) = (words.next().unwrap_or(""), words.next().unwrap_or(""), words.next().unwrap_or(""));
    match (first, second.parse::<i64>(), first.parse::<i64>()) {
        ("fail", Ok(chat), _) => fake.fail_always(chat, fault(rest)),
        ("heal", Ok(chat), _) => fake.heal(chat),
        (_, Ok(person), Ok(chat)) => {
            fake.says(chat, person, rest);
        }
        _ => println!("? write: CHAT PERSON TEXT, fail CHAT 429|403|500, heal CHAT"),
    }
}

fn fault(name: &str) -> Fault {
    match name {
        "429" => Fault::TooMany { retry_after: 5 },
        "403" => Fault::Refuse { code: 403, description: "Forbidden: bot was kicked from the supergroup chat" },
        _ => Fault::AcceptThenServerError,
    }
}

fn show(call: &Call) {
    if call.method == "getupdates" {
        return;
    }
    let chat = call.chat.map(|chat| format!(" → {chat}")).unwrap_or_default();
    println!("[{:>8.3}s] {}{chat}: {}", call.at.as_secs_f64(), call.method, call.status);
    if let Some(text) = call.parameters.get("text").and_then(serde_json::Value::as_str) {
        for line in text.lines() {
            println!("            {line}");
        }
    }
}
