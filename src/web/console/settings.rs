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
    let mut blocks = vec![heading(text::RUNNING), facts(running), note.to_string()];
    for (title, rows) in settings(&state.config) {
        blocks.extend([heading(title), facts(rows)]);
    }
    sheet(Frame::of(&session, PATH, text::TITLE), blocks)
}

/// The rows of one part: key with its Chinese name, value.
type Rows = Vec<(&'static str, String)>;

/// Every key, part by part, in the order of the file.
fn settings(config: &Config) -> Vec<(&'static str, Rows)> {
    vec![
        (text::GENERAL, general(config)),
        (text::TELEGRAM_AND_WECOM, chats(config)),
        (text::DELIVERY, delivery(config)),
        (text::DESK, desk(config)),
        (text::RETENTION, retention(config)),
        (text::MODELS, models(config)),
    ]
}

fn or(value: &str, otherwise: &str) -> String {
    if value.is_empty() { otherwise.to_owned() } else { value.to_owned() }
}

/// An address that may carry a password: only whether there is one.
fn used(address: &str) -> String {
    if address.is_empty() { text::UNUSED.to_owned() } else { text::SET.to_owned() }
}

fn general(config: &Config) -> Rows {
    let format = match config.log.format {
        LogFormat::Text => text::PLAIN_TEXT,
        LogFormat::Json => "JSON",
    };
    let database = if config.database.url.is_empty() { text::DATABASE_IN_DATA } else { text::SET };
    vec![
        (text::DATA_DIR, config.data_dir.display().to_string()),
        (text::KNOWLEDGE_DIR, or(&config.knowledge_dir, text::BUILT_IN_KNOWLEDGE)),
        (text::BROADCASTS_DIR, or(&config.broadcasts_dir, text::BUILT_IN_BROADCASTS)),
        (text::DATABASE_URL, database.to_owned()),
        (text::INDEX_MEMORY, config.search.memory_mb.to_string()),
        (text::LISTEN, config.http.listen.clone()),
        (text::PUBLIC_URL, config.public_url()),
        (text::QUESTIONS_PER_MINUTE, config.http.questions_per_minute.to_string()),
        (text::LOG_FILTER, config.log.filter.clone()),
        (text::LOG_FORMAT, format.to_owned()),
    ]
}

fn chats(config: &Config) -> Rows {
    let mode = match config.telegram.mode {
        TelegramMode::Polling => text::POLLING,
        TelegramMode::Webhook => "Webhook",
    };
    vec![
        (text::TELEGRAM_TOKEN, set(&config.telegram.token)),
        (text::TELEGRAM_API_URL, config.telegram.api_url.clone()),
        (text::TELEGRAM_MODE, mode.to_owned()),
        (text::WEBHOOK_SECRET, set(&config.telegram.webhook_secret)),
        (text::TELEGRAM_PROXY, used(&config.telegram.proxy)),
        (text::MESSAGES_PER_SECOND, config.telegram.messages_per_second.to_string()),
        (text::WECOM_API_URL, config.wecom.api_url.clone()),
    ]
}

fn delivery(config: &Config) -> Rows {
    let yes = if config.reports.weekly { text::YES } else { text::NO };
    vec![
        (text::QUIET_HOURS, or(&config.delivery.quiet_hours, text::NONE)),
        (text::LEASE_SECONDS, config.delivery.lease_seconds.to_string()),
        (text::GRACE_MINUTES, config.delivery.grace_minutes.to_string()),
        (text::NOT_AFTER_HOURS, config.delivery.not_after_hours.to_string()),
        (text::WEEKLY, yes.to_owned()),
    ]
}

fn desk(config: &Config) -> Rows {
    vec![
        (text::HOTLINE, config.desk.hotline.clone()),
        (text::HOURS, config.desk.hours.clone()),
        (text::IDLE_HOURS, config.desk.idle_hours.to_string()),
        (text::WEB_CALLS_PER_HOUR, config.desk.web_calls_per_hour.to_string()),
        (text::WEB_CALLS_WAITING, config.desk.web_calls_waiting.to_string()),
        (text::UNIT, config.desk.unit.clone()),
    ]
}

fn retention(config: &Config) -> Rows {
    let kept = &config.retention;
    vec![
        (text::QUESTION_DAYS, kept.question_days.to_string()),
        (text::INQUIRY_DAYS, kept.inquiry_days.to_string()),
        (text::UPDATE_DAYS, kept.update_days.to_string()),
        (text::MESSAGE_DAYS, kept.message_days.to_string()),
        (text::SURVEY_DAYS, kept.survey_days.to_string()),
        (text::LEDGER_DAYS, kept.ledger_days.to_string()),
        (text::QUIZ_DAYS, kept.quiz_days.to_string()),
    ]
}

fn models(config: &Config) -> Rows {
    vec![
        (text::MODEL_URL, used(&config.model.url)),
        (text::MODEL_NAME, config.model.name.clone()),
        (text::MODEL_KEY, set(&config.model.key)),
        (text::MODEL_TIMEOUT, config.model.timeout_seconds.to_string()),
        (text::EMBEDDINGS_URL, used(&config.embeddings.url)),
        (text::EMBEDDINGS_NAME, config.embeddings.name.clone()),
        (text::EMBEDDINGS_KEY, set(&config.embeddings.key)),
        (text::EMBEDDINGS_FILE, or(&config.embeddings.file, text::UNUSED)),
        (text::EMBEDDINGS_TIMEOUT, config.embeddings.timeout_ms.to_string()),
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
