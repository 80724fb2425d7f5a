//! The configuration in force, to read: what can be changed is changed in the file, by whoever runs the machine. Secrets are never shown.

use axum::extract::State as Extract;
use axum::response::Response;
use secrecy::{ExposeSecret, SecretString};

use super::widgets::{Cell, Facts, Note};
use super::{Frame, Pages, sheet};
use crate::config::{Config, LogFormat, TelegramMode};
use crate::domain::staff::Permission;
use crate::replies::console;
use crate::store::Engine;
use crate::web::State;
use crate::web::problem::ApiError;
use crate::web::session::Session;

const PATH: &str = "/console/settings";

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get(PATH, Permission::ReadAudit, page)
}

async fn page(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let running = [
        ("版本", env!("CARGO_PKG_VERSION").to_owned()),
        ("数据库", engine(state.store.engine())),
        ("知识库", console::documents_known(state.answering.search().snapshot().documents().len())),
        ("Telegram 机器人", state.bot_name().map_or_else(|| "未连接".to_owned(), |name| format!("@{name}"))),
    ];
    let note = Note { title: String::new(), text: console::where_settings_are() };
    let blocks = vec![heading("运行情况"), facts(running), note.to_string(), heading("配置"), facts(settings(&state.config))];
    sheet(Frame::of(&session, PATH, "配置"), blocks)
}

fn settings(config: &Config) -> Vec<(&'static str, String)> {
    let or = |text: &str, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { text.to_owned() };
    let mode = match config.telegram.mode {
        TelegramMode::Polling => "轮询",
        TelegramMode::Webhook => "Webhook",
    };
    let format = match config.log.format {
        LogFormat::Text => "文字",
        LogFormat::Json => "JSON",
    };
    vec![
        ("data_dir 数据文件夹", config.data_dir.display().to_string()),
        ("knowledge_dir 知识文件夹", or(&config.knowledge_dir, "./knowledge，没有则用内置的")),
        ("broadcasts_dir 通知文件夹", or(&config.broadcasts_dir, "./broadcasts，没有则用内置的")),
        ("http.listen 监听地址", config.http.listen.clone()),
        ("http.public_url 对外地址", config.public_url()),
        ("http.questions_per_minute 每位访客每分钟提问", config.http.questions_per_minute.to_string()),
        ("telegram.token 机器人令牌", set(&config.telegram.token)),
        ("telegram.mode 接收方式", mode.to_owned()),
        ("telegram.proxy 代理", or(if config.telegram.proxy.is_empty() { "" } else { "已设置" }, "不用")),
        ("telegram.messages_per_second 每秒最多发送", config.telegram.messages_per_second.to_string()),
        ("delivery.quiet_hours 免打扰时段", or(&config.delivery.quiet_hours, "没有")),
        ("delivery.grace_minutes 晚多少分钟以上先不发", config.delivery.grace_minutes.to_string()),
        ("delivery.not_after_hours 过时多少小时不再发", config.delivery.not_after_hours.to_string()),
        ("desk.hotline 咨询电话", config.desk.hotline.clone()),
        ("model.url 语言模型", or(if config.model.url.is_empty() { "" } else { "已设置" }, "不用")),
        ("log.filter 日志级别", config.log.filter.clone()),
        ("log.format 日志格式", format.to_owned()),
    ]
}

fn facts(pairs: impl IntoIterator<Item = (&'static str, String)>) -> String {
    Facts(pairs.into_iter().map(|(name, value)| (name.to_owned(), Cell::text(value))).collect()).to_string()
}

fn heading(text: &str) -> String {
    format!("<h2>{text}</h2>")
}

fn set(secret: &SecretString) -> String {
    if secret.expose_secret().is_empty() { "未设置".to_owned() } else { "已设置".to_owned() }
}

fn engine(engine: Engine) -> String {
    match engine {
        Engine::Sqlite => "SQLite".to_owned(),
        Engine::Postgres => "PostgreSQL".to_owned(),
    }
}
