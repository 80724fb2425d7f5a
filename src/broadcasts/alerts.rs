//! What staff must know, from the tables alone: raised once, told once to the management's groups through the outbox, resolved by
//! itself when it is over. A turn may run twice or be killed anywhere: raising and telling have unique keys.

use std::time::Duration;

use super::{Broadcasts, Refused};
use crate::domain::alert::{Alert, AlertKind, MANAGEMENT_TAG, Trouble};
use crate::domain::delivery::{OnAmbiguous, Origin};
use crate::domain::time::Timestamp;
use crate::replies;
use crate::store::channels::{self, Channel};
use crate::store::notices::{self, Notice};
use crate::store::{Tx, alerts};

/// An unknown outcome this old is a person's urgent business.
const ESCALATE_AFTER: Duration = Duration::from_secs(30 * 60);
/// A bot that was not refused for so long is well again; longer than the pause after a refusal.
const REFUSED_WITHIN: Duration = Duration::from_secs(5 * 60);
/// Later the notice is of no use.
const TELL_WITHIN: Duration = Duration::from_secs(24 * 3600);

impl Broadcasts {
    /// Raises what is wrong now, resolves what is over, and hands what is new to the outbox; says how many were told.
    pub async fn watch(&self, now: Timestamp) -> Result<usize, Refused> {
        let (troubles, open, managers) = {
            let mut conn = self.store.read().await?;
            let mut troubles = alerts::troubles(&mut conn, now.minus(ESCALATE_AFTER), now.minus(REFUSED_WITHIN)).await?;
            troubles.extend(self.missing_year(now.date()).map(|year| Trouble::CalendarMissing { year: year.to_string() }));
            troubles.extend(alerts::overdue_items(&mut conn, now.date()).await?);
            let open = alerts::open(&mut conn).await?;
            (troubles, open, managers(channels::targets(&mut conn).await?))
        };
        let new: Vec<&Trouble> = troubles.iter().filter(|trouble| !open.iter().any(|alert| is_about(alert, trouble))).collect();
        let over: Vec<&Alert> =
            open.iter().filter(|alert| ends_by_itself(alert.kind) && !troubles.iter().any(|t| is_about(alert, t))).collect();
        let untold = !managers.is_empty() && (!new.is_empty() || open.iter().any(|alert| alert.told_at.is_none()));
        if new.is_empty() && over.is_empty() && !untold {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        for trouble in new {
            let words = replies::alerts::words(trouble);
            if alerts::raise(&mut tx, trouble.kind(), trouble.subject(), &words, now).await? {
                tracing::error!(alert.kind = trouble.kind().word(), alert.subject = trouble.subject(), "an alert was raised");
            }
        }
        for alert in over {
            alerts::over(&mut tx, alert.kind, &alert.subject, now).await?;
        }
        let mut told = 0;
        for alert in alerts::open(&mut tx).await?.into_iter().filter(|alert| alert.told_at.is_none()) {
            if !managers.is_empty() && alerts::told(&mut tx, &alert.id, now).await? {
                tell(&mut tx, &alert, &managers, now).await?;
                told += 1;
            }
        }
        tx.commit().await?;
        Ok(told)
    }
}

/// The groups that hear of it. One out of reach would only collect old news.
fn managers(targets: Vec<Channel>) -> Vec<Channel> {
    targets.into_iter().filter(|channel| channel.reachable && channel.tags.iter().any(|tag| tag == MANAGEMENT_TAG)).collect()
}

fn is_about(alert: &Alert, trouble: &Trouble) -> bool {
    alert.kind == trouble.kind() && alert.subject == trouble.subject()
}

/// Whether the tables say when it is over; otherwise a person does.
fn ends_by_itself(kind: AlertKind) -> bool {
    match kind {
        AlertKind::Unconfirmed
        | AlertKind::Unreachable
        | AlertKind::BotRefused
        | AlertKind::BulletinHeld
        | AlertKind::LedgerOverdue
        | AlertKind::CalendarMissing => true,
        // The desk says itself when somebody answered.
        AlertKind::ClockJumped | AlertKind::NobodyAnswers => false,
    }
}

async fn tell(tx: &mut Tx, alert: &Alert, managers: &[Channel], now: Timestamp) -> sqlx::Result<()> {
    let message = replies::alerts::notice(&alert.words);
    for channel in managers {
        let notice = Notice {
            thread: channel.thread.as_deref(), // Twice is better than never for an alert.
            on_ambiguous: OnAmbiguous::Resend,
            ..Notice::new(Origin::Alert, &alert.id, now, now.plus(TELL_WITHIN))
        };
        notices::hand(tx, (&channel.id, channel.kind), &notice, &message, now).await?;
    }
    Ok(())
}
