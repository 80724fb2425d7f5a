//! The working calendar as this room sees it: whatever the knowledge holds at the moment. A year that is missing is refused where a
//! workday matters, never guessed.

use std::fmt;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use sqlx::AnyConnection;

use super::{Broadcasts, Refused, audience};
use crate::domain::bulletin::{Bulletin, BulletinState};
use crate::domain::time::Timestamp;
use crate::domain::workday::WorkCalendar;
use crate::replies;

/// So many days before a year begins staff are told that its calendar is not loaded.
pub const TOLD_BEFORE_DAYS: u64 = 60;

/// Hands out the calendar that is in force.
#[derive(Clone)]
pub struct CalendarSource(Arc<dyn Fn() -> WorkCalendar + Send + Sync>);

impl CalendarSource {
    /// A source that asks `current` each time.
    pub fn new(current: impl Fn() -> WorkCalendar + Send + Sync + 'static) -> Self {
        Self(Arc::new(current))
    }
}

impl Default for CalendarSource {
    fn default() -> Self {
        Self::new(WorkCalendar::default)
    }
}

impl fmt::Debug for CalendarSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CalendarSource")
    }
}

impl Broadcasts {
    /// The same with a working calendar.
    #[must_use]
    pub fn with_calendar(self, calendar: CalendarSource) -> Self {
        Self { calendar, ..self }
    }

    /// The calendar in force.
    pub fn calendar(&self) -> WorkCalendar {
        (self.calendar.0)()
    }

    /// The year whose calendar should be loaded soon and is not.
    pub fn missing_year(&self, today: NaiveDate) -> Option<i32> {
        let calendar = self.calendar();
        let soon = today.checked_add_days(chrono::Days::new(TOLD_BEFORE_DAYS)).unwrap_or(today);
        [today.year(), soon.year()].into_iter().find(|year| !calendar.work.contains_key(year))
    }

    /// Refuses a day off for a bulletin that goes out on workdays only (F51).
    pub(super) fn check_workday(&self, bulletin: &Bulletin, at: Timestamp) -> Result<(), Refused> {
        if !bulletin.manner.workdays_only || bulletin.manner.urgent {
            return Ok(());
        }
        let (calendar, date) = (self.calendar(), self.leaves_at(bulletin, at).date());
        let worked = calendar.is_workday(date).map_err(|missing| Refused::Conflict(missing.to_string()))?;
        if worked {
            return Ok(());
        }
        let next = calendar.workday_from(date).ok();
        Err(Refused::Conflict(replies::bulletins::day_off(date, next)))
    }

    /// Until when a bulletin may go out: its time and the usual span, on workdays only until the end of that day.
    pub(super) fn last_moment(&self, bulletin: &Bulletin, due_at: Timestamp) -> Timestamp {
        let last = due_at.plus(self.settings.not_after);
        if !bulletin.manner.workdays_only || bulletin.manner.urgent {
            return last;
        }
        let tomorrow = self.leaves_at(bulletin, due_at).date().checked_add_days(chrono::Days::new(1)).map_or(last, Timestamp::start_of);
        last.min(tomorrow)
    }

    /// How many chats a bulletin would reach now; none where its targets mean nobody.
    pub async fn reached(&self, conn: &mut AnyConnection, bulletin: &Bulletin) -> Result<usize, Refused> {
        match audience::everybody(conn, &bulletin.targets).await {
            Ok(chats) => Ok(chats.len()),
            Err(Refused::Store(error)) => Err(Refused::Store(error)),
            Err(_) => Ok(0),
        }
    }

    /// What staff should know of a bulletin: why it is held, or that it waits for the quiet hours to be over.
    pub fn note_on(&self, bulletin: &Bulletin, pending: i64, now: Timestamp) -> Option<String> {
        if bulletin.state == BulletinState::Held {
            return bulletin.held_reason.clone();
        }
        let waits = bulletin.state == BulletinState::Sending && pending > 0;
        let begins = bulletin.scheduled_at.filter(|_| waits).map(|at| self.leaves_at(bulletin, at.max(now)))?;
        (begins > now).then(|| replies::bulletins::waits_for_morning(begins))
    }

    /// When something due at `at` leaves the house: after the quiet hours, unless it is urgent.
    pub fn leaves_at(&self, bulletin: &Bulletin, at: Timestamp) -> Timestamp {
        match self.settings.quiet {
            Some(quiet) if !bulletin.manner.urgent => quiet.over_at(at),
            Some(_) | None => at,
        }
    }
}
