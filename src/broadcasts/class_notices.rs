//! What the people on a class's list are told: changes at once, and reminders derived from class and list at each tick, so that
//! nothing is lost by a restart.

use std::time::Duration;

use super::{Broadcasts, Refused};
use crate::domain::class::{Class, EnrolmentState, Session};
use crate::domain::delivery::{OnAmbiguous, Origin};
use crate::domain::message::{Button, Message};
use crate::domain::time::Timestamp;
use crate::replies::classes as words;
use crate::store::Tx;
use crate::store::classes::{self, Enrolment, StoredClass};
use crate::store::notices;

/// A reminder that waits for the end of the quiet hours must leave this much time before the start; else it comes before they begin.
const LEAST_NOTICE: Duration = Duration::from_secs(30 * 60);
/// How long before the quiet hours such a reminder is made: the outbox needs its time too.
const BEFORE_QUIET: Duration = Duration::from_secs(30 * 60);

/// What everybody on the list is told of a change in the times.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub template: &'static str,
    /// The times that stand now.
    pub when: String,
    /// What changed, for a template that says so.
    pub changed: String,
}

/// News that the next news of the same class makes untrue; each tells all times and the place anew.
const OUTDATED: [&str; 4] = [":class_moved:", ":class_changed:", ":session_added:", ":session_cancelled:"];

/// A notice on its way to one person.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notice<'a> {
    /// Told once under this name.
    pub name: &'a str,
    pub message: &'a Message,
    pub not_after: Timestamp,
}

/// What stands in the names of a session's reminders. The first has no number: classes had one session once.
pub(super) fn mark(number: i64) -> String {
    if number == 1 { ":rem:".to_owned() } else { format!(":rem{number}:") }
}

impl Broadcasts {
    /// Makes the reminders that are due before each session: whoever has a seat is told to come, whoever waits how they stand in the line.
    pub(super) async fn remind(&self, now: Timestamp) -> Result<usize, Refused> {
        let upcoming = classes::upcoming(&mut *self.store.read().await?, now).await?;
        let mut made = 0;
        for StoredClass { class, .. } in upcoming {
            for session in class.sessions.iter().filter(|session| now < session.starts_at) {
                let due = class.reminders.iter().copied().filter(|minutes| self.reminds_at(session, *minutes) <= now);
                // Only the latest one that is due: whoever enrols an hour before is not told "tomorrow" as well.
                let Some(minutes) = due.min() else { continue };
                let mut tx = self.store.begin().await?;
                let mut position = 0;
                for enrolment in classes::roster(&mut tx, &class.id).await? {
                    let name = format!("cls:{}:{}{}{}:{}", class.id, enrolment.id, mark(session.number), session.sequence, minutes);
                    let (template, name) = match enrolment.state {
                        EnrolmentState::Enrolled => ("reminder", name),
                        EnrolmentState::Waitlisted => {
                            position += 1;
                            // Whoever joined the line after this reminder's time has just been told their place in it.
                            if enrolment.changed_at > self.reminds_at(session, minutes) {
                                continue;
                            }
                            ("reminder_waiting", format!("{name}:waiting"))
                        }
                        // The offer itself says until when.
                        EnrolmentState::Offered | EnrolmentState::Cancelled => continue,
                    };
                    let when = words::session_when(&class, session);
                    let told = Told { template, when: &when, changed: "", position, not_after: session.starts_at };
                    made += usize::from(self.notify(&mut tx, &class, &enrolment, told, &name, now).await?);
                }
                tx.commit().await?;
            }
        }
        Ok(made)
    }

    /// When a reminder is made. One that falls into the quiet hours waits for their end, unless the class would begin by then.
    pub(super) fn reminds_at(&self, session: &Session, minutes: i64) -> Timestamp {
        let at = Timestamp::from_millis(session.starts_at.millis() - minutes * 60_000);
        let Some(quiet) = self.settings.quiet else { return at };
        match quiet.began_at(at) {
            Some(began) if quiet.over_at(at).plus(LEAST_NOTICE) > session.starts_at => began.minus(BEFORE_QUIET),
            _ => at,
        }
    }

    /// Tells one person of a change, once for each change.
    pub(super) async fn tell(
        &self,
        tx: &mut Tx,
        class: &Class,
        enrolment: &Enrolment,
        template: &str,
        now: Timestamp,
    ) -> Result<(), Refused> {
        self.tell_when(tx, class, enrolment, (template, &words::when(class), ""), now).await
    }

    async fn tell_when(
        &self,
        tx: &mut Tx,
        class: &Class,
        enrolment: &Enrolment,
        (template, when, changed): (&str, &str, &str),
        now: Timestamp,
    ) -> Result<(), Refused> {
        let name =
            format!("cls:{}:{}:{template}:{}:{}:{}", class.id, enrolment.id, class.sequence, enrolment.place_in_line, enrolment.offers);
        let not_after = match (template, enrolment.offered_until) {
            ("class_cancelled" | "session_cancelled", _) => now.plus(Duration::from_secs(24 * 3600)),
            ("seat_offered", Some(until)) => until,
            _ => class.sessions.iter().map(|session| session.starts_at).find(|at| *at > now).unwrap_or(class.starts_at),
        };
        self.notify(tx, class, enrolment, Told { template, when, changed, position: 0, not_after }, &name, now).await?;
        Ok(())
    }

    /// Tells everybody on the list of a change.
    pub(super) async fn tell_all(&self, tx: &mut Tx, class: &Class, template: &str, now: Timestamp) -> Result<(), Refused> {
        for enrolment in classes::roster(tx, &class.id).await? {
            if enrolment.state != EnrolmentState::Cancelled {
                self.tell(tx, class, &enrolment, template, now).await?;
            }
        }
        Ok(())
    }

    /// Tells everybody on the list of a change in the times; older news that has not gone out is void. Whoever was offered a seat is
    /// offered it anew.
    pub(super) async fn tell_changed(&self, tx: &mut Tx, class: &Class, change: &Change, now: Timestamp) -> Result<(), Refused> {
        for outdated in OUTDATED {
            classes::cancel_marked(tx, &class.id, outdated, now).await?;
        }
        for enrolment in classes::roster(tx, &class.id).await? {
            if enrolment.state != EnrolmentState::Cancelled {
                self.tell_when(tx, class, &enrolment, (change.template, &change.when, &change.changed), now).await?;
            }
            if enrolment.state == EnrolmentState::Offered {
                classes::cancel_notices(tx, &format!("cls:{}:{}:seat_offered:", class.id, enrolment.id), now).await?;
                self.tell(tx, class, &enrolment, "seat_offered", now).await?;
            }
        }
        Ok(())
    }

    async fn notify(
        &self,
        tx: &mut Tx,
        class: &Class,
        enrolment: &Enrolment,
        told: Told<'_>,
        name: &str,
        now: Timestamp,
    ) -> Result<bool, Refused> {
        let Some(channel_id) = &enrolment.channel_id else { return Ok(false) };
        let place = class.place.clone().or_else(|| class.online_url.clone()).unwrap_or_default();
        let until = enrolment.offered_until.map(|until| until.chinese()).unwrap_or_default();
        let position = told.position.to_string();
        let values = [
            ("title", class.title.as_str()),
            ("starts_at", told.when),
            ("changed", told.changed),
            ("place", &place),
            ("until", &until),
            ("position", &position),
        ];
        let mut message = self.files.templates.fill(told.template, &values);
        let enrol = |label: &str| Button::data(label, format!("enrol:{}", class.id));
        let withdraw = |label: &str| Button::data(label, format!("withdraw:{}", class.id));
        match told.template {
            "class_cancelled" => {}
            "seat_offered" => message = message.with_buttons(vec![enrol(words::ACCEPT), withdraw(words::DECLINE)]),
            "offer_lapsed" => message = message.with_buttons(vec![enrol(words::ENROL_AGAIN)]),
            // Nothing can be given up once it has begun.
            _ if now >= class.starts_at => {}
            "reminder_waiting" => message = message.with_buttons(vec![withdraw(words::LEAVE_LINE)]),
            _ => message = message.with_buttons(vec![withdraw(words::WITHDRAW)]),
        }
        self.send_notice(tx, channel_id, Notice { name, message: &message, not_after: told.not_after }, now).await
    }

    /// Puts a notice into the outbox; false where it was there or the chat is gone.
    pub(super) async fn send_notice(&self, tx: &mut Tx, channel_id: &str, notice: Notice<'_>, now: Timestamp) -> Result<bool, Refused> {
        let handed = notices::Notice {
            // Twice is better than never for a reminder.
            on_ambiguous: OnAmbiguous::Resend,
            ..notices::Notice::new(Origin::Reminder, notice.name, now, notice.not_after)
        };
        Ok(notices::hand_to(tx, channel_id, &handed, notice.message, now).await?)
    }
}

/// Which template is filled, and with which time.
#[derive(Debug, Clone, Copy)]
struct Told<'a> {
    template: &'a str,
    when: &'a str,
    changed: &'a str,
    /// In the line of those who wait, from 1; 0 where nobody waits.
    position: i64,
    not_after: Timestamp,
}
