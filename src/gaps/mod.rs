//! What the service could not answer, and how it learns to: like questions come together and are counted; one person drafts an answer
//! from passages, another approves it; it becomes a document that is answered word for word, and those who asked are told.
//! One rule: nothing is published that its author approved alone, or that names a figure its sources do not.

mod answers;
mod following;
mod grouping;
mod later;
mod regroup;
mod telling;

use std::sync::Arc;

use crate::answering::Answering;
use crate::config::Config;
use crate::domain::time::Timestamp;
use crate::store::Store;

pub use answers::{NewDraft, PassageRef};
pub use later::{LaterAnswer, Wanted};
pub use telling::Wish;

/// The room; clones share it.
#[derive(Debug, Clone)]
pub struct Gaps {
    store: Store,
    answering: Answering,
    /// In whose name answers are approved where the approver names no other.
    unit: Arc<str>,
    public_url: Arc<str>,
}

/// What a turn did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turned {
    /// Questions put into groups.
    pub grouped: usize,
    /// Messages made: "answered now", and changes of verified answers.
    pub told: usize,
}

impl Gaps {
    /// Works with the rooms below.
    pub fn new(store: Store, answering: Answering, config: &Config) -> Self {
        Self { store, answering, unit: config.desk.unit.as_str().into(), public_url: config.public_url().into() }
    }

    /// In whose name answers are approved where nothing else is said.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// Does what is due: groups what is new, tells askers who could not be told at once, and followers whose answer changed.
    /// Safe to run twice and to kill anywhere.
    pub async fn run_once(&self, now: Timestamp) -> anyhow::Result<Turned> {
        let grouped = self.catch_up(now).await?;
        let told = self.tell_the_rest(now).await? + self.tell_followers(now).await?;
        Ok(Turned { grouped, told })
    }
}
