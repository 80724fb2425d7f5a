//! A desk with a staff chat and a working calendar, and how askers and staff speak in Telegram.

use std::time::Duration;

use serde_json::json;
use taxhome::domain::staff::Role;

use super::fake_telegram::{BOT_ID, BOT_NAME};
use super::service::Service;

/// A Tuesday morning within office hours.
pub const MORNING: &str = "2026-11-24T09:30:00+08:00";
/// The staff chat.
pub const STAFF: i64 = -1009;
pub const ASKER: i64 = 11;
pub const SECOND: i64 = 12;
const WANG: i64 = 21;

/// The service with its staff chat, two people and the calendar of 2026, started at `at`.
pub async fn started(at: &str) -> Service {
    let service = Service::at(at).await;
    service.telegram.private(ASKER, "甲");
    service.telegram.private(SECOND, "乙");
    service.telegram.group(STAFF, "12366坐席");
    let admin = service.staff("管理员", Role::Admin).await;
    admin.register(STAFF, "12366坐席", &["坐席"]).await;
    let year = json!({"year": 2026, "source": "国办发明电〔2025〕7号", "makeup_workdays": ["2026-05-09", "2026-10-10"],
        "holidays": [{"name": "国庆节", "from": "2026-10-01", "to": "2026-10-07"}]});
    admin.does("/calendar/workdays", &year).await;
    assert!(service.app.freshness.refresh_if_changed().await.unwrap());
    service
}

/// Somebody writes to the bot and gets what is said back.
pub async fn asks(service: &Service, person: i64, text: &str) {
    service.telegram.says(person, person, text);
    service.converse().await;
    service.clock.advance(Duration::from_secs(5));
}

/// A reply by 王芳 to the message in `chat` whose visible text contains `to`.
pub async fn staff_reply(service: &Service, chat: i64, to: &str, text: &str) {
    let message = service.telegram.messages(chat).into_iter().find(|posted| posted.visible.contains(to)).expect("the message is there").id;
    let more = json!({"reply_to_message": {"message_id": message, "date": 1, "chat": {"id": chat, "type": "supergroup", "title": "12366坐席"},
        "from": {"id": BOT_ID, "is_bot": true, "first_name": "纳税人之家", "username": BOT_NAME}, "text": "…"},
        "from": {"id": WANG, "is_bot": false, "first_name": "王芳"}});
    service.telegram.says_with(chat, WANG, text, &more);
    service.converse().await;
    service.clock.advance(Duration::from_secs(5));
}

/// The last message of a chat.
pub fn last(service: &Service, chat: i64) -> String {
    service.said(chat).pop().unwrap_or_default()
}
