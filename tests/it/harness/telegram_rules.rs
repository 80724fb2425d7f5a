//! What Telegram refuses, in its own words (core.telegram.org/bots/api, observed descriptions): the fake's judge.

use serde_json::{Map, Value};

/// Tags Telegram knows in HTML mark-up.
const TAGS: [&str; 15] =
    ["b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "blockquote", "span", "tg-spoiler"];
const MOST_UTF16: usize = 4096;
const MOST_CALLBACK_BYTES: usize = 64;

/// The text as people see it, or the description of the 400.
pub fn visible_text(text: &str, parse_mode: Option<&str>) -> Result<String, String> {
    let seen = match parse_mode {
        None => text.to_owned(),
        Some(mode) if mode.eq_ignore_ascii_case("html") => without_tags(text)?,
        Some(_) => return Err("Bad Request: unsupported parse_mode".to_owned()),
    };
    if seen.trim().is_empty() {
        return Err("Bad Request: message text is empty".to_owned());
    }
    if seen.encode_utf16().count() > MOST_UTF16 {
        return Err("Bad Request: message is too long".to_owned());
    }
    Ok(seen)
}

/// Takes the tags off; they must be known and balanced.
fn without_tags(text: &str) -> Result<String, String> {
    let wrong = |what: String| Err(format!("Bad Request: can't parse entities: {what}"));
    let mut seen = String::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        seen.push_str(&unescape(&rest[..at]));
        let offset = text.len() - rest.len() + at;
        let Some(end) = rest[at..].find('>') else {
            return wrong(format!("Unclosed start tag at byte offset {offset}"));
        };
        let tag = &rest[at + 1..at + end];
        rest = &rest[at + end + 1..];
        match tag.strip_prefix('/') {
            Some(name) => match open.pop() {
                Some(opened) if opened == name.trim() => {}
                Some(opened) => {
                    return wrong(format!("Unmatched end tag at byte offset {offset}, expected \"</{opened}>\", found \"</{name}>\""));
                }
                None => return wrong(format!("Unexpected end tag at byte offset {offset}")),
            },
            None => {
                let name = tag.split(char::is_whitespace).next().unwrap_or_default().to_lowercase();
                if !TAGS.contains(&name.as_str()) {
                    return wrong(format!("Unsupported start tag \"{name}\" at byte offset {offset}"));
                }
                open.push(name);
            }
        }
    }
    seen.push_str(&unescape(rest));
    match open.pop() {
        Some(tag) => wrong(format!("Can't find end tag corresponding to start tag \"{tag}\"")),
        None => Ok(seen),
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Whether an inline keyboard would be taken.
pub fn check_keyboard(markup: &Value) -> Result<(), String> {
    let rows = markup.get("inline_keyboard").and_then(Value::as_array).cloned().unwrap_or_default();
    for button in rows.iter().filter_map(Value::as_array).flatten() {
        if button.get("text").and_then(Value::as_str).unwrap_or_default().is_empty() {
            return Err("Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard".to_owned());
        }
        if let Some(data) = button.get("callback_data").and_then(Value::as_str)
            && !(1..=MOST_CALLBACK_BYTES).contains(&data.len())
        {
            return Err("Bad Request: BUTTON_DATA_INVALID".to_owned());
        }
        if let Some(url) = button.get("url").and_then(Value::as_str) {
            let host = url.split("://").nth(1).unwrap_or_default();
            if host.is_empty() || host.starts_with("localhost") {
                return Err(format!("Bad Request: inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"));
            }
        }
    }
    Ok(())
}

/// Whether a command menu would be taken.
pub fn check_commands(commands: &Value) -> Result<(), String> {
    let list = commands.as_array().cloned().unwrap_or_default();
    if list.len() > 100 {
        return Err("Bad Request: BOT_COMMANDS_TOO_MUCH".to_owned());
    }
    for command in &list {
        let name = command.get("command").and_then(Value::as_str).unwrap_or_default().trim_start_matches('/');
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || name.len() > 32 || !name.chars().all(allowed) {
            return Err("Bad Request: BOT_COMMAND_INVALID".to_owned());
        }
        let description = command.get("description").and_then(Value::as_str).unwrap_or_default();
        if description.is_empty() || description.chars().count() > 256 {
            return Err("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID".to_owned());
        }
    }
    Ok(())
}

/// What sendPoll refuses (core.telegram.org/bots/api#sendpoll).
pub fn check_poll(parameters: &Map<String, Value>) -> Result<(), String> {
    let text = |name: &str| parameters.get(name).and_then(Value::as_str).unwrap_or_default();
    let length = |text: &str| text.chars().count();
    let options = parameters.get("options").and_then(Value::as_array).cloned().unwrap_or_default();
    if !(1..=300).contains(&length(text("question"))) {
        return Err("Bad Request: poll question must be non-empty and not longer than 300".to_owned());
    }
    if !(2..=12).contains(&options.len()) {
        return Err("Bad Request: poll must have at least 2 option".to_owned());
    }
    if !options.iter().all(|option| (1..=100).contains(&length(option["text"].as_str().unwrap_or_default()))) {
        return Err("Bad Request: poll options length must not exceed 100".to_owned());
    }
    if text("type") == "quiz" {
        let correct = parameters.get("correct_option_id").and_then(Value::as_u64);
        if correct.is_none_or(|correct| correct >= options.len() as u64) {
            return Err("Bad Request: quiz_correct_option_invalid".to_owned());
        }
        if length(text("explanation")) > 200 || text("explanation").matches('\n').count() > 2 {
            return Err("Bad Request: message is too long".to_owned());
        }
    }
    Ok(())
}
