//! The weekly digest for people who asked for it (F55): Monday morning, what went out in the week before. One for each person and week.

use std::time::Duration;

use chrono::{Datelike, Days, NaiveTime};

use super::{Broadcasts, Refused};
use crate::domain::bulletin::Bulletin;
use crate::domain::delivery::{OnAmbiguous, Origin};
use crate::domain::time::Timestamp;
use crate::replies;
use crate::store::notices::{self, Notice};
use crate::store::subscriptions::Subscriber;
use crate::store::{Tx, bulletins, channels, subscriptions, updates};

/// When on Monday.
const HOUR: NaiveTime = NaiveTime::from_hms_opt(9, 0, 0).expect("nine o'clock is a time");
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);
/// Later than this into the week it is left out: news of last week is stale on Wednesday.
const LATEST: Duration = Duration::from_secs(36 * 3600);
const NOT_AFTER: Duration = Duration::from_secs(12 * 3600);
/// A digest lists at most this many.
const MOST: usize = 20;
/// Of a week, the last so many are looked at.
const LOOKED_AT: i64 = 200;
const MARK: &str = "digest.week";

impl Broadcasts {
    /// Makes this week's digests if it is time and they were not made; says how many.
    pub(super) async fn digest(&self, now: Timestamp) -> Result<usize, Refused> {
        let today = now.date();
        let monday = today.checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_monday()))).unwrap_or(today);
        let due = Timestamp::from_local(monday.and_time(HOUR));
        let week = monday.to_string();
        if now < due || updates::remembered(&mut *self.store.read().await?, MARK).await?.as_deref() == Some(&week) {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        updates::remember(&mut tx, MARK, &week).await?;
        let mut made = 0;
        if now.since(due) < LATEST {
            let week_before = due.minus(WEEK);
            let recent = bulletins::latest(&mut tx, LOOKED_AT).await?;
            let recent: Vec<&Bulletin> =
                recent.iter().filter(|bulletin| bulletin.sent_at.is_some_and(|at| (week_before..due).contains(&at))).collect();
            for subscriber in subscriptions::weekly(&mut tx).await? {
                let wanted: Vec<&Bulletin> = recent.iter().filter(|bulletin| wants(&subscriber, bulletin)).take(MOST).copied().collect();
                if !wanted.is_empty() && self.post_digest(&mut tx, &subscriber, &week, &wanted, now).await? {
                    made += 1;
                }
            }
        }
        tx.commit().await?;
        Ok(made)
    }

    async fn post_digest(
        &self,
        tx: &mut Tx,
        subscriber: &Subscriber,
        week: &str,
        wanted: &[&Bulletin],
        now: Timestamp,
    ) -> Result<bool, Refused> {
        let Some(channel) = channels::get(tx, &subscriber.channel_id).await? else { return Ok(false) };
        let message = replies::subscriptions::digest(wanted, &self.settings.public_url);
        let name = format!("digest:{week}:{}", channel.id);
        let notice = Notice { on_ambiguous: OnAmbiguous::Never, ..Notice::new(Origin::Reminder, &name, now, now.plus(NOT_AFTER)) };
        notices::hand(tx, (&channel.id, channel.kind), &notice, &message, now).await?;
        Ok(true)
    }
}

/// What goes to every group is for whoever asked for that; the rest goes by tag.
fn wants(subscriber: &Subscriber, bulletin: &Bulletin) -> bool {
    bulletin.targets.tags.iter().any(|tag| subscriber.tags.contains(tag))
}
