//! What is told to Telegram at the start: where updates go, and the menu of commands in Chinese.

use secrecy::{ExposeSecret, SecretString};
use teloxide::payloads::{DeleteWebhook, GetMe, SetMyCommands, SetWebhook, SetWebhookSetters as _};
use teloxide::types::{AllowedUpdate, BotCommand};

use super::address::Me;
use super::client::{CallError, Client};
use crate::config::TelegramMode;

/// The kinds of update the service reads.
pub const UPDATES: [AllowedUpdate; 4] =
    [AllowedUpdate::Message, AllowedUpdate::CallbackQuery, AllowedUpdate::MyChatMember, AllowedUpdate::PollAnswer];

/// Telegram allows only a-z, 0-9 and _ in a command; the Chinese stands in the menu.
const MENU: [(&str, &str); 13] = [
    ("ask", "提问，例如 /ask 小规模一个月多少钱不交增值税"),
    ("latest", "最新政策通知"),
    ("classes", "近期课程和报名"),
    ("mine", "我的报名"),
    ("subscribe", "订阅通知，或看看订阅了什么"),
    ("stop", "退订全部通知"),
    ("new", "换个话题"),
    ("human", "转人工"),
    ("mydata", "看看保存了我的哪些信息"),
    ("forget", "清除我的信息"),
    ("suggest", "提意见建议，例如 /suggest 大厅加个儿童座椅"),
    ("help", "怎么用"),
    ("start", "开始使用"),
];

/// How updates come.
#[derive(Debug, Clone)]
pub struct SetUp {
    pub mode: TelegramMode,
    pub public_url: String,
    pub secret: SecretString,
}

/// Sets everything; safe to repeat.
pub async fn set_up(client: &Client, setting: &SetUp) -> Result<Me, CallError> {
    let me = client.call_raw(&GetMe::new()).await?;
    let text = |name: &str| me.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let found = Me { id: me.get("id").and_then(serde_json::Value::as_u64).unwrap_or_default(), username: text("username") };
    match setting.mode {
        TelegramMode::Polling => {
            client.call_raw(&DeleteWebhook::new()).await?;
        }
        TelegramMode::Webhook => {
            let url = format!("{}/telegram/webhook", setting.public_url);
            let url = reqwest::Url::parse(&url).map_err(|_| CallError::NotReached("http.public_url is no address".to_owned()))?;
            let payload = SetWebhook::new(url).secret_token(setting.secret.expose_secret().to_owned()).allowed_updates(UPDATES);
            client.call_raw(&payload).await?;
        }
    }
    client.call_raw(&SetMyCommands::new(MENU.map(|(command, description)| BotCommand::new(command, description)))).await?;
    Ok(found)
}
