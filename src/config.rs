//! Configuration: the embedded default file is the reference; a file and the environment override it; unknown keys are refused by name.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveTime;
use config::{Environment, File, FileFormat};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::domain::inquiry::OfficeHours;
use crate::domain::time::Timestamp;

mod care;
mod search;

pub use care::{Reports, Retention};
pub use search::Search;

const DEFAULTS: &str = include_str!("config.default.toml");
/// Prefix of the environment variables.
const PREFIX: &str = "TAXHOME";

/// Everything that can be configured.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub data_dir: PathBuf,
    pub knowledge_dir: String,
    pub broadcasts_dir: String,
    pub search: Search,
    pub database: Database,
    pub http: Http,
    pub telegram: Telegram,
    pub wecom: Wecom,
    pub delivery: Delivery,
    pub desk: Desk,
    pub retention: Retention,
    pub reports: Reports,
    pub model: Model,
    pub embeddings: Embeddings,
    pub log: Log,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub url: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    pub listen: String,
    pub public_url: String,
    pub questions_per_minute: u32,
}

/// How updates come from Telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TelegramMode {
    Polling,
    Webhook,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telegram {
    pub token: SecretString,
    pub api_url: String,
    pub mode: TelegramMode,
    pub webhook_secret: SecretString,
    pub proxy: String,
    pub messages_per_second: u32,
}

/// 企业微信. The keys of group robots are entered with each group.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wecom {
    pub api_url: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    pub quiet_hours: String,
    pub lease_seconds: u64,
    pub grace_minutes: u64,
    pub not_after_hours: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    pub hotline: String,
    pub hours: String,
    pub idle_hours: u32,
    /// Askers for a person from one address of the web: within an hour, and waiting at once.
    pub web_calls_per_hour: u32,
    pub web_calls_waiting: u32,
    /// In whose name answers are approved.
    pub unit: String,
}

/// A language model that may reword answers; off without an address.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    pub url: String,
    pub name: String,
    pub key: SecretString,
    pub timeout_seconds: u64,
}

/// Embeddings that take part in ranking, by an endpoint or a file of word vectors; off without either.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embeddings {
    pub url: String,
    pub name: String,
    pub key: SecretString,
    pub file: String,
    pub timeout_ms: u64,
}

/// Form of the log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub filter: String,
    pub format: LogFormat,
}

/// A configuration that cannot be used; the text names the key and what to write.
#[derive(Debug, thiserror::Error)]
#[error("配置有误：{0}")]
pub struct ConfigError(String);

/// Hours in which nothing is pushed, Asia/Shanghai; may run over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    pub from: NaiveTime,
    pub to: NaiveTime,
}

impl QuietHours {
    /// Whether `time` lies within.
    pub fn contains(self, time: NaiveTime) -> bool {
        if self.from <= self.to { (self.from..self.to).contains(&time) } else { time >= self.from || time < self.to }
    }

    /// The beginning of the quiet hours `at` lies in; nothing where it lies in none.
    pub fn began_at(self, at: Timestamp) -> Option<Timestamp> {
        let local = at.local();
        self.contains(local.time()).then(|| {
            let begins_today = local.date().and_time(self.from);
            Timestamp::from_local(if local.time() >= self.from { begins_today } else { begins_today - chrono::Duration::days(1) })
        })
    }

    /// `at` itself, or the end of the quiet hours it lies in.
    pub fn over_at(self, at: Timestamp) -> Timestamp {
        let local = at.local();
        if !self.contains(local.time()) {
            return at;
        }
        let ends_today = local.date().and_time(self.to);
        Timestamp::from_local(if local.time() < self.to { ends_today } else { ends_today + chrono::Duration::days(1) })
    }
}

impl Config {
    /// Reads defaults, then `file` (or `taxhome.toml` here, if there is one), then `variables` (name and value).
    pub fn load(file: Option<&Path>, variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut builder = config::Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        let implied = Path::new("taxhome.toml");
        let chosen = file.or_else(|| implied.exists().then_some(implied));
        if let Some(path) = chosen {
            let text = fs::read_to_string(path).map_err(|error| ConfigError(format!("无法读取 {}：{error}", path.display())))?;
            builder = builder.add_source(File::from_str(&text, FileFormat::Toml));
        }
        let ours = with_secrets_from_files(variables)?;
        builder =
            builder.add_source(Environment::with_prefix(PREFIX).prefix_separator("_").separator("__").try_parsing(true).source(Some(ours)));
        let config: Self =
            builder.build().and_then(config::Config::try_deserialize).map_err(|error| ConfigError(explain(&error.to_string(), chosen)))?;
        config.validate()?;
        Ok(config)
    }

    /// The defaults alone.
    pub fn defaults() -> Result<Self, ConfigError> {
        Self::load_only_defaults()
    }

    fn load_only_defaults() -> Result<Self, ConfigError> {
        config::Config::builder()
            .add_source(File::from_str(DEFAULTS, FileFormat::Toml))
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|error| ConfigError(error.to_string()))
    }

    /// Checks every section; the error names the key and says what to write.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.search.check()?;
        self.http.address()?;
        let url = &self.http.public_url;
        if !(url.is_empty() || url.starts_with("http://") || url.starts_with("https://")) {
            return Err(ConfigError(format!("http.public_url = \"{url}\" 要以 http:// 或 https:// 开头")));
        }
        if self.http.questions_per_minute == 0 {
            return Err(ConfigError("http.questions_per_minute 至少为 1".to_owned()));
        }
        if !(1..=1000).contains(&self.telegram.messages_per_second) {
            return Err(ConfigError("telegram.messages_per_second 要在 1 到 1000 之间".to_owned()));
        }
        let secret = self.telegram.webhook_secret.expose_secret();
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if secret.len() > 256 || !secret.chars().all(allowed) {
            return Err(ConfigError("telegram.webhook_secret 只能用 A-Z a-z 0-9 _ -，最多 256 个字符".to_owned()));
        }
        if self.telegram.enabled() && self.telegram.mode == TelegramMode::Webhook && secret.is_empty() {
            return Err(ConfigError("telegram.mode = \"webhook\" 时必须设置 telegram.webhook_secret".to_owned()));
        }
        if !is_web_address(self.wecom.api_url.trim()) {
            return Err(ConfigError("wecom.api_url 要写成完整的网址，例如 https://qyapi.weixin.qq.com".to_owned()));
        }
        self.delivery.quiet()?;
        self.desk.office_hours()?;
        if self.desk.idle_hours > 200 {
            return Err(ConfigError("desk.idle_hours 要在 0 到 200 之间，0 表示不自动结束".to_owned()));
        }
        let calls = [("web_calls_per_hour", self.desk.web_calls_per_hour), ("web_calls_waiting", self.desk.web_calls_waiting)];
        if let Some((key, _)) = calls.into_iter().find(|(_, many)| !(1..=10_000).contains(many)) {
            return Err(ConfigError(format!("desk.{key} 要在 1 到 10000 之间")));
        }
        if !(5..=3600).contains(&self.delivery.lease_seconds) {
            return Err(ConfigError("delivery.lease_seconds 要在 5 到 3600 之间".to_owned()));
        }
        self.retention.check()?;
        self.embeddings.check()?;
        self.model.check()
    }

    /// Address of the database, from `database.url` or the data folder.
    pub fn database_url(&self) -> String {
        if self.database.url.is_empty() {
            format!("sqlite://{}?mode=rwc", self.data_dir.join("taxhome.db").display())
        } else {
            self.database.url.clone()
        }
    }

    /// Where people reach the service, without a slash at the end.
    pub fn public_url(&self) -> String {
        if self.http.public_url.is_empty() {
            format!("http://{}", self.http.listen)
        } else {
            self.http.public_url.trim_end_matches('/').to_owned()
        }
    }
}

impl Http {
    /// The listen address.
    pub fn address(&self) -> Result<SocketAddr, ConfigError> {
        self.listen.parse().map_err(|_| ConfigError(format!("http.listen = \"{}\" 要写成 地址:端口，例如 127.0.0.1:8080", self.listen)))
    }
}

impl Telegram {
    /// Whether a token is set.
    pub fn enabled(&self) -> bool {
        !self.token.expose_secret().is_empty()
    }
}

impl Desk {
    /// How long a talk may rest, in office hours; zero: for ever.
    pub fn idle(&self) -> Duration {
        Duration::from_secs(u64::from(self.idle_hours) * 3_600)
    }

    /// When people answer on a workday.
    pub fn office_hours(&self) -> Result<OfficeHours, ConfigError> {
        OfficeHours::parse(&self.hours)
            .ok_or_else(|| ConfigError(format!("desk.hours = \"{}\" 要写成 09:00-12:00,13:30-17:00，从早到晚，用逗号隔开", self.hours)))
    }
}

impl Model {
    /// Whether an address is set.
    pub fn enabled(&self) -> bool {
        !self.url.trim().is_empty()
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.enabled() && !is_web_address(self.url.trim()) {
            return Err(ConfigError("model.url 要写成完整的网址，例如 http://127.0.0.1:8000/v1，不需要则留空".to_owned()));
        }
        if self.enabled() && self.name.trim().is_empty() {
            return Err(ConfigError("model.name 不能为空，请写模型的名称".to_owned()));
        }
        if !(1..=20).contains(&self.timeout_seconds) {
            return Err(ConfigError("model.timeout_seconds 要在 1 到 20 之间".to_owned()));
        }
        Ok(())
    }
}

impl Embeddings {
    fn check(&self) -> Result<(), ConfigError> {
        let url = self.url.trim();
        if !url.is_empty() && !is_web_address(url) {
            return Err(ConfigError("embeddings.url 要写成完整的网址，例如 http://127.0.0.1:8000/v1，不需要则留空".to_owned()));
        }
        if !url.is_empty() && !self.file.is_empty() {
            return Err(ConfigError("embeddings.url 和 embeddings.file 只能写一个".to_owned()));
        }
        if !url.is_empty() && self.name.trim().is_empty() {
            return Err(ConfigError("embeddings.name 不能为空，请写模型的名称".to_owned()));
        }
        if !(50..=5_000).contains(&self.timeout_ms) {
            return Err(ConfigError("embeddings.timeout_ms 要在 50 到 5000 之间".to_owned()));
        }
        Ok(())
    }
}

fn is_web_address(text: &str) -> bool {
    reqwest::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

impl Delivery {
    /// The quiet hours, if any.
    pub fn quiet(&self) -> Result<Option<QuietHours>, ConfigError> {
        if self.quiet_hours.trim().is_empty() {
            return Ok(None);
        }
        let wrong = || ConfigError(format!("delivery.quiet_hours = \"{}\" 要写成 21:00-08:00，不需要则留空", self.quiet_hours));
        let (from, to) = self.quiet_hours.split_once('-').ok_or_else(wrong)?;
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| wrong());
        Ok(Some(QuietHours { from: time(from)?, to: time(to)? }))
    }
}

/// Takes our variables, and replaces `…_FILE` by the file's content.
fn with_secrets_from_files(variables: impl IntoIterator<Item = (String, String)>) -> Result<config::Map<String, String>, ConfigError> {
    let mut ours = config::Map::new();
    for (name, value) in variables {
        if !name.starts_with("TAXHOME_") {
            continue;
        }
        // TAXHOME_EMBEDDINGS__FILE is a key of its own.
        match name.strip_suffix("_FILE").filter(|key| !key.ends_with('_')) {
            Some(key) => {
                let text =
                    fs::read_to_string(&value).map_err(|error| ConfigError(format!("{name} 指向的文件 {value} 无法读取：{error}")))?;
                ours.insert(key.to_owned(), text.trim().to_owned());
            }
            None => {
                ours.insert(name, value);
            }
        }
    }
    Ok(ours)
}

/// Says in Chinese what the configuration library says in English.
fn explain(error: &str, file: Option<&Path>) -> String {
    let place = file.map(|path| format!("{} 或环境变量中", path.display())).unwrap_or_else(|| "环境变量中".to_owned());
    let section = error.rsplit_once(" for key `").map(|(_, key)| key.trim_end_matches('`').split('`').next().unwrap_or_default());
    let quoted = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    if let Some((_, rest)) = error.split_once("unknown field ") {
        let rest = rest.split(" for key ").next().unwrap_or(rest);
        let words = quoted(rest);
        let (key, known) = words.split_first().map_or((String::new(), String::new()), |(key, known)| (key.clone(), known.join("、")));
        let key = section.map_or(key.clone(), |section| format!("{section}.{key}"));
        return format!("{place}有不认识的项“{key}”，可用的是 {known}");
    }
    match section {
        Some(key) => format!("{place}的 {key} 写得不对：{}", error.split(" for key ").next().unwrap_or(error)),
        None => format!("{place}{error}"),
    }
}
