//! What the service owes beyond its day's work: texts are let go of in time, people who asked for it are forgotten, the week is counted,
//! and everything can be copied away and brought back. The leader's turn is [`Care::tick`]; like every turn it may run twice or be killed.

pub mod backup;
mod seal;
mod weekly;

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;

use crate::broadcasts::Broadcasts;
use crate::config::{Config, Retention};
use crate::domain::time::Timestamp;
use crate::store::retention::{Texts, step};
use crate::store::{Store, personal, topics, updates};

/// A day of the clearing begins now, when nobody asks: three in the morning, Asia/Shanghai.
const DAY_BEGINS: Duration = Duration::from_secs(3 * 3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Steps of one turn; the next turn goes on.
const STEPS: usize = 20;
/// Chats struck out in one turn.
const CHATS: i64 = 50;
const MARK: &str = "retention.day";

/// The room; clones share it.
#[derive(Debug, Clone)]
pub struct Care {
    store: Store,
    broadcasts: Broadcasts,
    retention: Arc<Retention>,
    /// Whether the management's groups are told the week's figures.
    weekly: bool,
    public_url: Arc<str>,
}

impl Care {
    /// Works on `store` as the configuration says, by the working calendar of `broadcasts`.
    pub fn new(store: Store, broadcasts: Broadcasts, config: &Config) -> Self {
        let retention = Arc::new(config.retention.clone());
        Self { store, broadcasts, retention, weekly: config.reports.weekly, public_url: config.public_url().into() }
    }

    /// Does what is due at `now`.
    pub async fn tick(&self, now: Timestamp) -> sqlx::Result<()> {
        self.tell_week(now).await?;
        self.strike_out().await?;
        self.clear(now).await
    }

    /// Strikes out the chats of people who were forgotten.
    async fn strike_out(&self) -> sqlx::Result<()> {
        if !personal::anybody_leaves(&mut *self.store.read().await?).await? {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        personal::leave(&mut tx, CHATS).await?;
        tx.commit().await
    }

    /// Lets go of what is older than it is kept: once a day, in small transactions, going on at the next turn where it is much.
    async fn clear(&self, now: Timestamp) -> sqlx::Result<()> {
        let day = day_of(now).to_string();
        if updates::remembered(&mut *self.store.read().await?, MARK).await?.as_deref() == Some(&day) {
            return Ok(());
        }
        let mut left = STEPS;
        for texts in Texts::ALL {
            let before = now.minus(DAY * self.days(texts));
            loop {
                if left == 0 {
                    return Ok(());
                }
                left -= 1;
                let mut tx = self.store.begin().await?;
                let more = step(&mut tx, texts, before).await?;
                tx.commit().await?;
                if !more {
                    break;
                }
            }
        }
        let mut tx = self.store.begin().await?;
        topics::drop_old(&mut tx, now).await?;
        updates::remember(&mut tx, MARK, &day).await?;
        tx.commit().await
    }

    fn days(&self, texts: Texts) -> u32 {
        match texts {
            Texts::Questions => self.retention.question_days,
            Texts::Inquiries => self.retention.inquiry_days,
            Texts::Updates => self.retention.update_days,
            Texts::Messages => self.retention.message_days,
            Texts::Surveys => self.retention.survey_days,
            Texts::Ledger => self.retention.ledger_days,
            Texts::Quizzes => self.retention.quiz_days,
        }
    }
}

/// The day of the clearing an instant belongs to.
fn day_of(now: Timestamp) -> NaiveDate {
    now.minus(DAY_BEGINS).date()
}
