//! How long texts are kept, and what is reported by itself.

use serde::Deserialize;

use super::ConfigError;

/// How long texts are kept, in days.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    pub question_days: u32,
    pub inquiry_days: u32,
    pub update_days: u32,
    pub message_days: u32,
    pub survey_days: u32,
    pub ledger_days: u32,
    pub quiz_days: u32,
}

/// What is told to the management's groups by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reports {
    pub weekly: bool,
}

impl Retention {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let days = [
            ("question_days", self.question_days),
            ("inquiry_days", self.inquiry_days),
            ("update_days", self.update_days),
            ("message_days", self.message_days),
            ("survey_days", self.survey_days),
            ("ledger_days", self.ledger_days),
            ("quiz_days", self.quiz_days),
        ];
        match days.into_iter().find(|(_, days)| !(1..=3650).contains(days)) {
            Some((key, days)) => Err(ConfigError(format!("retention.{key} = {days} 要在 1 到 3650 之间，单位是天"))),
            None => Ok(()),
        }
    }
}
