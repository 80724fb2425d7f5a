//! What the service will do by itself in the days to come, from the same rows and rules that will do it: nothing here is kept.

use std::time::Duration;

use super::{Broadcasts, Refused};
use crate::domain::bulletin::BulletinState;
use crate::domain::time::Timestamp;
use crate::store::recurring::RecurringState;
use crate::store::{bulletins, classes, recurring};

/// How far it looks.
pub const AHEAD: Duration = Duration::from_secs(30 * 24 * 3600);
/// Rows read at once.
const AT_ONCE: i64 = 200;
/// Times of one recurring bulletin: one a day and one more.
const TIMES: usize = 31;

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgendaKind {
    Bulletin,
    Recurring,
    Reminder,
    Class,
}

/// One thing to come.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AgendaItem {
    pub at: Timestamp,
    pub what: AgendaKind,
    pub title: String,
    /// Id of the bulletin, plan or class.
    pub id: String,
}

impl Broadcasts {
    /// What comes within [`AHEAD`], in order of time. A recurring time that was made into a bulletin already is listed as that bulletin.
    pub async fn agenda(&self, now: Timestamp) -> Result<Vec<AgendaItem>, Refused> {
        let until = now.plus(AHEAD);
        let within = |at: &Timestamp| now <= *at && *at <= until;
        let mut conn = self.store.read().await?;
        let mut coming = Vec::new();
        let mut before = String::new();
        loop {
            let scheduled = bulletins::list(&mut conn, Some(BulletinState::Scheduled), &before, AT_ONCE).await?;
            let Some(last) = scheduled.last() else { break };
            before.clone_from(&last.id);
            for bulletin in scheduled {
                let Some(at) = bulletin.scheduled_at.filter(within) else { continue };
                coming.push(AgendaItem { at, what: AgendaKind::Bulletin, title: bulletin.content.title, id: bulletin.id });
            }
        }
        let mut after = String::new();
        loop {
            let plans = recurring::list(&mut conn, &after, AT_ONCE).await?;
            let Some(last) = plans.last() else { break };
            after.clone_from(&last.id);
            for plan in plans.into_iter().filter(|plan| plan.state == RecurringState::Active) {
                let (times, _) = plan.plan.next(TIMES, now.max(plan.made_until), &self.calendar());
                for time in times.into_iter().filter(|time| within(&time.at)) {
                    let title = self.draft_at(&plan.plan, &time).title;
                    coming.push(AgendaItem { at: time.at, what: AgendaKind::Recurring, title, id: plan.id.clone() });
                }
            }
        }
        for stored in classes::upcoming(&mut conn, now).await? {
            let class = stored.class;
            for session in &class.sessions {
                let of = |at, what| AgendaItem { at, what, title: class.title.clone(), id: class.id.clone() };
                coming.extend(Some(session.starts_at).filter(within).map(|at| of(at, AgendaKind::Class)));
                let reminders = class.reminders.iter().map(|minutes| self.reminds_at(session, *minutes));
                coming.extend(reminders.filter(within).map(|at| of(at, AgendaKind::Reminder)));
            }
        }
        coming.sort();
        coming.dedup();
        Ok(coming)
    }
}
