//! The figures of the week before, to the management's groups: on the first workday of each week at nine, once.

use std::time::Duration;

use chrono::{Days, NaiveDate, NaiveTime};

use super::Care;
use crate::domain::alert::MANAGEMENT_TAG;
use crate::domain::delivery::{OnAmbiguous, Origin};
use crate::domain::time::Timestamp;
use crate::domain::weekly::monday_of;
use crate::replies::weekly as words;
use crate::store::notices::{self, Notice};
use crate::store::{channels, updates, weekly};

const HOUR: NaiveTime = NaiveTime::from_hms_opt(9, 0, 0).expect("nine o'clock is a time");
/// Until the next morning; later nobody asks for it, and the page has it.
const NOT_AFTER: Duration = Duration::from_secs(24 * 3600);
const MARK: &str = "weekly.week";

impl Care {
    /// Makes this week's notice if it is time and it was not made; says to how many groups.
    pub(super) async fn tell_week(&self, now: Timestamp) -> sqlx::Result<usize> {
        let monday = monday_of(now.date());
        let week = monday.to_string();
        if !self.weekly || now < self.due(monday) {
            return Ok(0);
        }
        if updates::remembered(&mut *self.store.read().await?, MARK).await?.as_deref() == Some(&week) {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        let before = monday.checked_sub_days(Days::new(7)).unwrap_or(monday);
        let figures = weekly::figures(&mut tx, before).await?;
        updates::remember(&mut tx, MARK, &week).await?;
        let mut told = 0;
        let name = format!("weekly:{before}");
        if let Some(message) = words::notice(&figures, &self.public_url) {
            let managers = channels::targets(&mut tx).await?.into_iter();
            for channel in managers.filter(|channel| channel.reachable && channel.tags.iter().any(|tag| tag == MANAGEMENT_TAG)) {
                let notice = Notice {
                    thread: channel.thread.as_deref(),
                    on_ambiguous: OnAmbiguous::Never,
                    ..Notice::new(Origin::Reminder, &name, now, now.plus(NOT_AFTER))
                };
                notices::hand(&mut tx, (&channel.id, channel.kind), &notice, &message, now).await?;
                told += 1;
            }
        }
        tx.commit().await?;
        Ok(told)
    }

    /// Nine o'clock on the first workday of the week. Where the year's calendar is not loaded, or the whole week is off, on Monday.
    fn due(&self, monday: NaiveDate) -> Timestamp {
        let calendar = self.broadcasts.calendar();
        let first = monday.iter_days().take(7).find(|day| calendar.is_workday(*day).unwrap_or(true)).unwrap_or(monday);
        Timestamp::from_local(first.and_time(HOUR))
    }
}
