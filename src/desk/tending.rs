//! What the desk does by itself as time passes: ends talks that rest, and raises an alert where somebody waits too long. It may run twice
//! or be killed anywhere: each step is one transaction that looks again at what it found.

use std::time::Duration;

use super::Desk;
use super::telling::{note, tell_asker, tell_staff};
use crate::domain::alert::AlertKind;
use crate::domain::inquiry::InquiryState;
use crate::domain::time::Timestamp;
use crate::domain::workday::WorkCalendar;
use crate::replies::{desk as words, inbox};
use crate::store::{Store, alerts, inquiries, inquiry_messages};

/// Whoever waits so long in office hours is overlooked.
const OVERLOOKED_AFTER: Duration = Duration::from_secs(3_600);
/// What the alert is about: the queue as a whole.
const QUEUE: &str = "inquiries";

impl Desk {
    /// Does what is due; says how many talks it ended.
    pub async fn tend(&self, store: &Store, calendar: &WorkCalendar, now: Timestamp) -> sqlx::Result<usize> {
        self.watch_the_queue(store, calendar, now).await?;
        self.close_idle(store, calendar, now).await
    }

    /// Raises an alert once while somebody is overlooked; it is over when nobody is. A year whose holidays are not known raises nothing.
    async fn watch_the_queue(&self, store: &Store, calendar: &WorkCalendar, now: Timestamp) -> sqlx::Result<()> {
        let (since, open) = {
            let mut conn = store.read().await?;
            let since = inquiries::waiting_since(&mut conn).await?;
            let open = alerts::open(&mut conn).await?.iter().any(|alert| alert.kind == AlertKind::NobodyAnswers);
            (since, open)
        };
        let overlooked = since.is_some_and(|since| self.hours.worked(calendar, since, now).is_ok_and(|worked| worked >= OVERLOOKED_AFTER));
        if overlooked == open {
            return Ok(());
        }
        let mut tx = store.begin().await?;
        if overlooked {
            alerts::raise(&mut tx, AlertKind::NobodyAnswers, QUEUE, &inbox::nobody_answers(), now).await?;
        } else {
            alerts::over(&mut tx, AlertKind::NobodyAnswers, QUEUE, now).await?;
        }
        tx.commit().await
    }

    /// Closes the talks in which nobody said anything for too long, with a word to both; says how many. A year whose holidays are not
    /// known closes nothing.
    async fn close_idle(&self, store: &Store, calendar: &WorkCalendar, now: Timestamp) -> sqlx::Result<usize> {
        if self.idle.is_zero() {
            return Ok(0);
        }
        let rests = |at: Timestamp| self.hours.worked(calendar, at, now).is_ok_and(|worked| worked >= self.idle);
        let found = inquiry_messages::last_words(&mut *store.read().await?, None).await?;
        let mut closed = 0;
        for (id, _) in found.into_iter().filter(|(_, at)| rests(*at)) {
            let mut tx = store.begin().await?;
            // Looked at again while held: somebody may have said something just now.
            let Some(inquiry) = inquiries::hold(&mut tx, &id).await? else { continue };
            let still = inquiry_messages::last_words(&mut tx, Some(&id)).await?.iter().all(|(_, at)| rests(*at));
            if inquiry.state != InquiryState::Human || !still || !inquiries::close(&mut tx, &id, now).await? {
                continue;
            }
            let message = note(&mut tx, &id, words::SERVICE, &words::noted_idle(), now).await?;
            tell_asker(&mut tx, &inquiry, &message, &words::idle_for_asker(&id), now).await?;
            tell_staff(&mut tx, &inquiry.tax, &message, &words::idle_for_staff(&inquiry.person_name), now).await?;
            tx.commit().await?;
            closed += 1;
        }
        Ok(closed)
    }
}
