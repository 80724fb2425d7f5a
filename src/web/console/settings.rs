//! The configuration in force, to read: what can be changed is changed in the file, by whoever runs the machine. Secrets are never shown.

use axum::extract::State as Extract;
use axum::response::Response;
use secrecy::{ExposeSecret, SecretString};

use super::widgets::{Cell, Facts, Note};
use super::{Frame, Pages, sheet};
use crate::config::{Config, LogFormat, TelegramMode};
use crate::domain::staff::Permission;
use crate::replies::console;
use crate::replies::console_pages::settings as text;
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
        (text::VERSION, env!("CARGO_PKG_VERSION").to_owned()),
        (text::DATABASE, engine(state.store.engine())),
        (text::KNOWLEDGE, console::documents_known(state.answering.search().snapshot().documents().len())),
        (text::BOT, state.bot_name().map_or_else(|| text::NOT_CONNECTED.to_owned(), |name| format!("@{name}"))),
    ];
    let note = Note { title: String::new(), text: console::where_settings_are() };
    let blocks = vec![heading(text::RUNNING), facts(running), note.to_string(), heading(text::TITLE), facts(settings(&state.config))];
    sheet(Frame::of(&session, PATH, text::TITLE), blocks)
}

fn settings(config: &Config) -> Vec<(&'static str, String)> {
    let or = |text: &str, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { text.to_owned() };
    let mode = match config.telegram.mode {
        TelegramMode::Polling => text::POLLING,
        TelegramMode::Webhook => "Webhook",
    };
    let format = match config.log.format {
        LogFormat::Text => text::PLAIN_TEXT,
        LogFormat::Json => "JSON",
    };
    vec![
        (text::DATA_DIR, config.data_dir.display().to_string()),
        (text::KNOWLEDGE_DIR, or(&config.knowledge_dir, text::BUILT_IN_KNOWLEDGE)),
        (text::BROADCASTS_DIR, or(&config.broadcasts_dir, text::BUILT_IN_BROADCASTS)),
        (text::LISTEN, config.http.listen.clone()),
        (text::PUBLIC_URL, config.public_url()),
        (text::QUESTIONS_PER_MINUTE, config.http.questions_per_minute.to_string()),
        (text::TELEGRAM_TOKEN, set(&config.telegram.token)),
        (text::TELEGRAM_MODE, mode.to_owned()),
        (text::TELEGRAM_PROXY, or(if config.telegram.proxy.is_empty() { "" } else { text::SET }, text::UNUSED)),
        (text::MESSAGES_PER_SECOND, config.telegram.messages_per_second.to_string()),
        (text::QUIET_HOURS, or(&config.delivery.quiet_hours, text::NONE)),
        (text::GRACE_MINUTES, config.delivery.grace_minutes.to_string()),
        (text::NOT_AFTER_HOURS, config.delivery.not_after_hours.to_string()),
        (text::HOTLINE, config.desk.hotline.clone()),
        (text::MODEL_URL, or(if config.model.url.is_empty() { "" } else { text::SET }, text::UNUSED)),
        (text::LOG_FILTER, config.log.filter.clone()),
        (text::LOG_FORMAT, format.to_owned()),
    ]
}

fn facts(pairs: impl IntoIterator<Item = (&'static str, String)>) -> String {
    Facts(pairs.into_iter().map(|(name, value)| (name.to_owned(), Cell::text(value))).collect()).to_string()
}

fn heading(text: &str) -> String {
    format!("<h2>{text}</h2>")
}

fn set(secret: &SecretString) -> String {
    if secret.expose_secret().is_empty() { text::NOT_SET.to_owned() } else { text::SET.to_owned() }
}

fn engine(engine: Engine) -> String {
    match engine {
        Engine::Sqlite => "SQLite".to_owned(),
        Engine::Postgres => "PostgreSQL".to_owned(),
    }
}
