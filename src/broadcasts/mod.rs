//! What the service pushes: bulletins, classes and promotion months. Everything ends as rows in `deliveries`; this room never sends.
//! One rule: nothing goes out that somebody other than its author has not approved.

pub mod agenda;
pub mod alerts;
pub mod approval;
pub mod asked;
pub mod attachments;
mod audience;
pub mod bulletins;
pub mod calendar;
pub mod campaigns;
pub mod certificates;
pub mod check_in;
mod class_check;
mod class_notices;
pub mod class_sessions;
pub mod class_summary;
pub mod classes;
pub mod composing;
mod digest;
pub mod enrolment;
pub mod ics;
pub mod materials;
pub mod message;
pub mod moving;
pub mod outings;
mod pictures;
mod plan_file;
pub mod programme;
pub mod quiz_banks;
pub mod quiz_phones;
pub mod quizzes;
pub mod reach;
pub mod recurring;
mod repair;
pub mod report;
pub mod scheduler;
pub mod steady;
pub mod surveys;
mod templates;
mod test_message;
pub mod votes;
mod web_survey;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::config::{Config, QuietHours};
use crate::store::Store;

pub use crate::domain::staff::Actor;
pub use crate::store::refused::Refused;
pub use calendar::CalendarSource;
pub use quiz_banks::Sources;
pub use templates::Templates;
pub use test_message::TestMessage;

/// A fault in a file of `broadcasts/`: where, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: String,
    /// From 1; 0 where the whole file is meant.
    pub line: usize,
    pub field: String,
    pub message: String,
}

impl Problem {
    pub(crate) fn file(file: &str, message: String) -> Self {
        Self { file: file.to_owned(), line: 0, field: String::new(), message }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = if self.line > 0 { format!(" 第{}行", self.line) } else { String::new() };
        write!(f, "broadcasts/{}{line}：{}", self.file, self.message)
    }
}

/// The files of `broadcasts/`, read and checked.
#[derive(Debug, Clone)]
pub struct Files {
    pub templates: Templates,
    /// File name without ending, and plan.
    pub campaigns: Vec<(String, crate::domain::campaign::CampaignPlan)>,
    /// File name without ending, and bank of questions.
    pub quizzes: Vec<(String, crate::domain::quiz::QuizBank)>,
    /// File name without ending, and plan.
    pub recurring: Vec<(String, crate::domain::recurrence::RecurringPlan)>,
    /// What is asked after a class that has no questions of its own.
    pub survey: Vec<crate::domain::survey::Question>,
}

impl Files {
    /// Reads the folder of the configuration (or `./broadcasts`, or what is built in) and finds every fault.
    pub fn load(config: &Config) -> Result<Self, Vec<Problem>> {
        let folder = folder(config);
        let templates = Templates::load(folder.as_deref());
        let campaigns = campaigns::read_files(folder.as_deref());
        let quizzes = quiz_banks::read_files(folder.as_deref());
        let recurring = recurring::read_files(folder.as_deref());
        let survey = surveys::read_file(folder.as_deref());
        match (templates, campaigns, quizzes, recurring, survey) {
            (Ok(templates), Ok(campaigns), Ok(quizzes), Ok(recurring), Ok(survey)) => {
                Ok(Self { templates, campaigns, quizzes, recurring, survey })
            }
            (templates, campaigns, quizzes, recurring, survey) => {
                let mut problems = templates.err().unwrap_or_default();
                problems.extend(campaigns.err().unwrap_or_default());
                problems.extend(quizzes.err().unwrap_or_default());
                problems.extend(recurring.err().unwrap_or_default());
                problems.extend(survey.err().unwrap_or_default());
                Err(problems)
            }
        }
    }
}

fn folder(config: &Config) -> Option<PathBuf> {
    if !config.broadcasts_dir.is_empty() {
        return Some(PathBuf::from(&config.broadcasts_dir));
    }
    let here = PathBuf::from("broadcasts");
    here.join("templates").is_dir().then_some(here)
}

/// How things are pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where people reach the service, without a slash at the end.
    pub public_url: String,
    /// Where photos are kept.
    pub data_dir: PathBuf,
    /// A bulletin later than this is held for a decision.
    pub grace: Duration,
    /// How long after its time a bulletin may still go out.
    pub not_after: Duration,
    /// Hours in which nothing is pushed.
    pub quiet: Option<QuietHours>,
    /// Days after a draw in which prizes can be handed out; then what it rests on goes.
    pub quiz_days: u32,
}

impl Settings {
    /// From the configuration.
    pub fn of(config: &Config) -> Self {
        Self {
            public_url: config.public_url(),
            data_dir: config.data_dir.clone(),
            grace: Duration::from_secs(config.delivery.grace_minutes * 60),
            not_after: Duration::from_secs(config.delivery.not_after_hours * 3600),
            // The configuration was validated when it was read.
            quiet: config.delivery.quiet().ok().flatten(),
            quiz_days: config.retention.quiz_days,
        }
    }
}

/// The room; clones share it.
#[derive(Debug, Clone)]
pub struct Broadcasts {
    store: Store,
    files: Arc<Files>,
    settings: Arc<Settings>,
    calendar: CalendarSource,
    sources: Sources,
}

impl Broadcasts {
    /// Works on `store` with the wording of `files`.
    pub fn new(store: Store, files: Files, settings: Settings) -> Self {
        let (files, settings) = (Arc::new(files), Arc::new(settings));
        Self { store, files, settings, calendar: CalendarSource::default(), sources: Sources::default() }
    }

    /// The same, with the documents that questions rest on.
    #[must_use]
    pub fn with_sources(self, sources: Sources) -> Self {
        Self { sources, ..self }
    }

    /// The plans found in `broadcasts/campaigns`.
    pub fn plans(&self) -> &[(String, crate::domain::campaign::CampaignPlan)] {
        &self.files.campaigns
    }
}
