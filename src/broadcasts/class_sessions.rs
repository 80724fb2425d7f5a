//! Sessions added to a published class, or called off: everybody on the list is told at once, with all the times that stand now; calendar,
//! reminders and door follow, for all of them are derived from the sessions.

use super::class_check::{check_rest, check_sessions};
use super::class_notices::{Change, mark};
use super::classes::SessionTime;
use super::{Actor, Broadcasts, Refused};
use crate::domain::class::{Class, ClassState, Session};
use crate::domain::time::Timestamp;
use crate::replies::classes as words;
use crate::store::classes::{self, StoredClass};
use crate::store::{Tx, audit};

impl Broadcasts {
    /// Adds a session to a published class that is not over. Whoever has a seat has it for this one too.
    pub async fn add_session(&self, id: &str, time: SessionTime, actor: &Actor, now: Timestamp) -> Result<Class, Refused> {
        let (mut tx, mut stored) = self.take_class(id).await?;
        let class = &mut stored.class;
        running(class, now)?;
        if time.starts_at <= now {
            return Err(Refused::invalid("starts_at", words::already_past()));
        }
        if time.ends_at <= time.starts_at {
            return Err(Refused::invalid("ends_at", words::ends_before()));
        }
        if let Some(window) = class.enrol_until.or(class.enrol_from).filter(|window| *window > time.starts_at) {
            return Err(Refused::invalid("starts_at", words::before_enrolment_ends(window)));
        }
        let number = class.next_number();
        class.sequence += 1;
        class.sessions.push(Session { number, starts_at: time.starts_at, ends_at: time.ends_at, sequence: class.sequence });
        class.settle_times();
        at_field("starts_at", check_sessions(class))?;
        at_field("starts_at", check_rest(class))?;
        let added = words::session_added(class, number);
        classes::update(&mut tx, &stored, now).await?;
        classes::cap_offers(&mut tx, id, stored.class.starts_at).await?;
        let change = Change { template: "session_added", when: words::when(&stored.class), changed: added };
        self.follow(&mut tx, &stored, &change, now).await?;
        audit::record(&mut tx, &actor.name, "class.session_add", id, &format!("{number}: {}", time.starts_at.rfc3339()), now).await?;
        tx.commit().await?;
        Ok(stored.class)
    }

    /// Calls one session of a published class off, before it begins. The last one left is called off with the class.
    pub async fn cancel_session(&self, id: &str, number: i64, actor: &Actor, now: Timestamp) -> Result<Class, Refused> {
        let (mut tx, mut stored) = self.take_class(id).await?;
        let class = &mut stored.class;
        running(class, now)?;
        let gone = match (class.session(number), class.gone_session(number)) {
            (Some(session), _) => session.clone(),
            (None, Some(gone)) => return Err(Refused::Conflict(words::session_gone_already(class, gone))),
            (None, None) => return Err(Refused::NotFound("课次")),
        };
        if gone.starts_at <= now {
            return Err(Refused::Conflict(words::session_has_begun(class, &gone)));
        }
        if class.sessions.len() == 1 {
            return Err(Refused::Conflict(words::last_session()));
        }
        class.sequence += 1;
        class.sessions.retain(|session| session.number != number);
        class.called_off.push(Session { sequence: class.sequence, ..gone.clone() });
        class.settle_times();
        let left = i64::try_from(class.sessions.len()).unwrap_or(i64::MAX);
        // Nobody can come to more sessions than there are.
        class.certificate_sessions = class.certificate_sessions.map(|needed| needed.min(left));
        classes::update(&mut tx, &stored, now).await?;
        classes::cancel_marked(&mut tx, id, &mark(number), now).await?;
        let changed = words::session_called_off(&stored.class, &gone);
        let change = Change { template: "session_cancelled", when: words::when(&stored.class), changed };
        self.follow(&mut tx, &stored, &change, now).await?;
        audit::record(&mut tx, &actor.name, "class.session_cancel", id, &format!("{number}: {}", gone.starts_at.rfc3339()), now).await?;
        tx.commit().await?;
        Ok(stored.class)
    }

    async fn follow(&self, tx: &mut Tx, stored: &StoredClass, change: &Change, now: Timestamp) -> Result<(), Refused> {
        self.tell_changed(tx, &stored.class, change, now).await?;
        // A seat freed too near to the start of before may be offered now.
        self.offer_seats(tx, &stored.class, now).await
    }
}

/// Only what people have enrolled in, and what is not over, is changed this way.
fn running(class: &Class, now: Timestamp) -> Result<(), Refused> {
    match class.state {
        ClassState::Draft => Err(Refused::Conflict(words::edit_the_draft())),
        ClassState::Cancelled => Err(Refused::Conflict(words::cancelled_already())),
        ClassState::Published if class.ends_at <= now => Err(Refused::Conflict(words::class_is_over())),
        ClassState::Published => Ok(()),
    }
}

/// The same refusal at the field that was written.
fn at_field(field: &'static str, checked: Result<(), Refused>) -> Result<(), Refused> {
    checked.map_err(|refused| match refused {
        Refused::Invalid { detail, .. } => Refused::invalid(field, detail),
        other => other,
    })
}
