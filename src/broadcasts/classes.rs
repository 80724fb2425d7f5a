//! The taxpayer school's timetable: a class is written, published (its announcement is a bulletin), moved or cancelled; the enrolled are told.

use serde::Deserialize;

use super::bulletins::Draft;
use super::class_check::{check, check_rest, check_sessions};
use super::class_notices::{Change, mark};
use super::{Actor, Broadcasts, Refused, audience};
use crate::domain::bulletin::{BulletinKind, Step, Targets};
use crate::domain::class::{AskedField, Class, ClassState, Session};
use crate::domain::id::new_id;
use crate::domain::time::Timestamp;
use crate::replies::classes as words;
use crate::store::classes::{self, StoredClass};
use crate::store::{Tx, audit, bulletins};

/// What a trainer writes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClass {
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    pub title: String,
    /// Start and end of a class that meets once; or `sessions`.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Timestamp>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
    /// The times of a class that meets more than once, at most 30.
    #[serde(default)]
    #[schema(max_items = 30)]
    pub sessions: Vec<SessionTime>,
    /// Where; or `online_url`.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub place: Option<String>,
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^\s*(https?://[\s\S]*)?$")]
    pub online_url: Option<String>,
    /// Seats, 1 to 10000.
    #[schema(minimum = 1, maximum = 10_000)]
    pub capacity: i64,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub enrol_from: Option<Timestamp>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub enrol_until: Option<Timestamp>,
    /// Minutes before the start of each session at which the enrolled are reminded.
    #[serde(default)]
    #[schema(max_items = 5, value_type = Vec<ReminderMinutes>)]
    pub reminders: Vec<i64>,
    pub targets: Targets,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub trainer: Option<String>,
    /// Asked of whoever enrols, at most 5.
    #[serde(default)]
    #[schema(max_items = 5)]
    pub fields: Vec<AskedField>,
    /// Sessions to come to for a certificate; none: all of them, 0: there is no certificate.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 30)]
    pub certificate_sessions: Option<i64>,
}

/// Minutes before the start, at most four weeks.
#[derive(utoipa::ToSchema)]
#[schema(minimum = 1, maximum = 40_320)]
#[expect(dead_code, reason = "only describes the list's items")]
pub struct ReminderMinutes(i64);

/// When a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionTime {
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
}

/// A class with its seats, as taxpayers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub class: Class,
    /// Seats taken.
    pub seated: i64,
    pub waiting: i64,
}

impl Broadcasts {
    /// Writes a class; it is not seen until it is published.
    pub async fn create_class(&self, new: NewClass, actor: &Actor, now: Timestamp) -> Result<Class, Refused> {
        let mut tx = self.store.begin().await?;
        let stored = StoredClass { class: written(new_id("cls", now), &new)?, targets: new.targets, author: actor.id.clone() };
        check(&stored.class, now)?;
        audience::expand(&mut tx, &stored.targets).await?;
        classes::insert(&mut tx, &stored, now).await?;
        audit::record(&mut tx, &actor.name, "class.create", &stored.class.id, "", now).await?;
        tx.commit().await?;
        Ok(stored.class)
    }

    /// Writes it anew. Of a published class the title, the times, whom it is for and what is asked stay; a new place is told to
    /// everybody on the list, and more seats are offered to those who wait.
    pub async fn edit_class(&self, id: &str, new: NewClass, actor: &Actor, now: Timestamp) -> Result<Class, Refused> {
        let (mut tx, before) = self.take_class(id).await?;
        let mut class = written(id.to_owned(), &new)?;
        let mut stored = before.clone();
        match before.class.state {
            ClassState::Cancelled => return Err(Refused::Conflict(words::cancelled_already())),
            ClassState::Draft => {
                check(&class, now)?;
                audience::expand(&mut tx, &new.targets).await?;
                stored = StoredClass { class, targets: new.targets, author: before.author };
            }
            ClassState::Published => {
                for (field, changed) in [
                    ("title", class.title != before.class.title),
                    ("starts_at", !same_times(&class, &before.class)),
                    ("targets", new.targets != before.targets),
                    ("fields", class.fields != before.class.fields),
                ] {
                    if changed {
                        return Err(Refused::invalid(field, words::fixed_once_published(field)));
                    }
                }
                let (seated, _) = classes::seats(&mut tx, id).await?;
                if class.capacity < seated {
                    return Err(Refused::invalid("capacity", words::more_are_seated(seated)));
                }
                let elsewhere = (&class.place, &class.online_url) != (&before.class.place, &before.class.online_url);
                class.state = before.class.state;
                class.sequence = before.class.sequence + i64::from(elsewhere);
                class.sessions.clone_from(&before.class.sessions);
                class.called_off.clone_from(&before.class.called_off);
                if elsewhere {
                    class.sessions.iter_mut().filter(|session| session.ends_at > now).for_each(|session| session.sequence = class.sequence);
                }
                check_rest(&class)?;
                stored.class = class;
                if elsewhere {
                    classes::cancel_notices(&mut tx, &format!("cls:{id}:"), now).await?;
                    self.tell_all(&mut tx, &stored.class, "class_changed", now).await?;
                }
            }
        }
        classes::update(&mut tx, &stored, now).await?;
        if stored.class.state == ClassState::Published {
            self.offer_seats(&mut tx, &stored.class, now).await?;
            self.revoke_unearned(&mut tx, &stored.class, actor, now).await?;
        }
        audit::record(&mut tx, &actor.name, "class.edit", id, "", now).await?;
        tx.commit().await?;
        Ok(stored.class)
    }

    /// Opens it for enrolment and hands its announcement to the approver; the bulletin's id is returned with it.
    pub async fn publish_class(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<(Class, String), Refused> {
        let (mut tx, mut stored) = self.take_class(id).await?;
        if stored.class.state != ClassState::Draft {
            return Err(Refused::Conflict(words::not_draft(stored.class.state)));
        }
        check(&stored.class, now)?;
        stored.class.state = ClassState::Published;
        classes::update(&mut tx, &stored, now).await?;
        let draft = self.announcement(&stored);
        let mut bulletin = self.draft_in(&mut tx, BulletinKind::Class, Some(id.to_owned()), draft, actor, now).await?;
        super::bulletins::step(&mut bulletin, Step::Submit)?;
        bulletins::update(&mut tx, &bulletin, now).await?;
        audit::record(&mut tx, &actor.name, "class.publish", id, "", now).await?;
        tx.commit().await?;
        Ok((stored.class, bulletin.id))
    }

    /// Calls it off and tells everybody on the list.
    pub async fn cancel_class(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<Class, Refused> {
        let (mut tx, mut stored) = self.take_class(id).await?;
        if stored.class.state == ClassState::Cancelled {
            return Err(Refused::Conflict(words::cancelled_already()));
        }
        let told = stored.class.state == ClassState::Published;
        if told && stored.class.ends_at <= now {
            return Err(Refused::Conflict(words::class_is_over()));
        }
        stored.class.state = ClassState::Cancelled;
        stored.class.sequence += 1;
        for session in &mut stored.class.sessions {
            session.sequence = stored.class.sequence;
        }
        classes::update(&mut tx, &stored, now).await?;
        classes::cancel_notices(&mut tx, &format!("cls:{id}:"), now).await?;
        if told {
            self.tell_all(&mut tx, &stored.class, "class_cancelled", now).await?;
        }
        audit::record(&mut tx, &actor.name, "class.cancel", id, "", now).await?;
        tx.commit().await?;
        Ok(stored.class)
    }

    /// Moves the class, or one session of it, to another time of the same length and tells everybody on the list.
    pub async fn move_class(
        &self,
        id: &str,
        session: Option<i64>,
        starts_at: Timestamp,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Class, Refused> {
        let (mut tx, mut stored) = self.take_class(id).await?;
        if stored.class.state == ClassState::Cancelled {
            return Err(Refused::Conflict(words::cancelled_already()));
        }
        let class = &mut stored.class;
        let from = match session {
            Some(number) => class.session(number).ok_or_else(|| Refused::invalid("session", words::no_such_session(number)))?.clone(),
            None => class.sessions.first().cloned().ok_or(Refused::NotFound("课程"))?,
        };
        let by = starts_at.millis() - from.starts_at.millis();
        if by == 0 {
            return Err(Refused::invalid("starts_at", words::same_time()));
        }
        if let Some(gone) = class.sessions.iter().find(|other| session.is_none_or(|number| other.number == number) && other.ends_at <= now)
        {
            return Err(Refused::Conflict(words::session_is_over(class, gone)));
        }
        let before = class.starts_at;
        class.sequence += 1;
        for moved in class.sessions.iter_mut().filter(|other| session.is_none_or(|number| other.number == number)) {
            moved.starts_at = Timestamp::from_millis(moved.starts_at.millis() + by);
            moved.ends_at = Timestamp::from_millis(moved.ends_at.millis() + by);
            moved.sequence = class.sequence;
        }
        class.settle_times();
        let later = class.starts_at.millis() - before.millis();
        class.enrol_until = class.enrol_until.map(|until| Timestamp::from_millis(until.millis() + later));
        if starts_at <= now {
            return Err(Refused::invalid("starts_at", words::already_past()));
        }
        check_sessions(class)?;
        check_rest(class)?;
        classes::update(&mut tx, &stored, now).await?;
        match session {
            Some(number) => classes::cancel_marked(&mut tx, id, &mark(number), now).await?,
            None => classes::cancel_notices(&mut tx, &format!("cls:{id}:"), now).await?,
        }
        classes::cap_offers(&mut tx, id, stored.class.starts_at).await?;
        if stored.class.state == ClassState::Published {
            let change = match session {
                Some(number) => {
                    Change { template: "class_moved", when: words::session_moved(&stored.class, number), changed: String::new() }
                }
                None => Change { template: "class_moved", when: words::when(&stored.class), changed: String::new() },
            };
            self.tell_changed(&mut tx, &stored.class, &change, now).await?;
            // A seat freed too near to the old start can be offered now.
            self.offer_seats(&mut tx, &stored.class, now).await?;
        }
        audit::record(&mut tx, &actor.name, "class.move", id, &starts_at.rfc3339(), now).await?;
        tx.commit().await?;
        Ok(stored.class)
    }

    /// Published classes still to come, with their seats.
    pub async fn upcoming_classes(&self, now: Timestamp) -> Result<Vec<Listed>, Refused> {
        let mut conn = self.store.read().await?;
        let mut listed = Vec::new();
        for stored in classes::upcoming(&mut conn, now).await? {
            let (seated, waiting) = classes::seats(&mut conn, &stored.class.id).await?;
            listed.push(Listed { class: stored.class, seated, waiting });
        }
        Ok(listed)
    }

    /// One class with its seats, in whatever state.
    pub async fn class(&self, id: &str) -> Result<Listed, Refused> {
        let mut conn = self.store.read().await?;
        let stored = classes::get(&mut conn, id, "").await?.ok_or(Refused::NotFound("课程"))?;
        let (seated, waiting) = classes::seats(&mut conn, id).await?;
        Ok(Listed { class: stored.class, seated, waiting })
    }

    pub(super) async fn take_class(&self, id: &str) -> Result<(Tx, StoredClass), Refused> {
        let mut tx = self.store.begin().await?;
        let lock = tx.for_update();
        let stored = classes::get(&mut tx, id, lock).await?.ok_or(Refused::NotFound("课程"))?;
        Ok((tx, stored))
    }

    fn announcement(&self, stored: &StoredClass) -> Draft {
        let class = &stored.class;
        Draft {
            title: class.title.clone(),
            number: None,
            summary: String::new(),
            audience_text: None,
            effective_from: None,
            link: Some(format!("{}/classes/{}", self.settings.public_url, class.id)),
            body: words::announcement(class),
            targets: stored.targets.clone(),
            ..Draft::default()
        }
    }
}

/// The class as somebody wrote it, in the state of a draft.
fn written(id: String, new: &NewClass) -> Result<Class, Refused> {
    let mut times: Vec<SessionTime> = match (new.starts_at, new.ends_at, new.sessions.as_slice()) {
        (Some(starts_at), Some(ends_at), []) => vec![SessionTime { starts_at, ends_at }],
        (None, None, [_, ..]) => new.sessions.clone(),
        (Some(_), None, []) => return Err(Refused::invalid("ends_at", words::no_end())),
        (None, _, []) => return Err(Refused::invalid("starts_at", words::no_time())),
        (Some(_), _, [_, ..]) | (None, Some(_), [_, ..]) => return Err(Refused::invalid("sessions", words::two_times())),
    };
    times.sort_by_key(|time| time.starts_at);
    let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let sessions = (1..).zip(times).map(|(number, time)| Session { number, starts_at: time.starts_at, ends_at: time.ends_at, sequence: 0 });
    let mut class = Class {
        id,
        title: new.title.trim().to_owned(),
        starts_at: Timestamp::default(),
        ends_at: Timestamp::default(),
        place: given(&new.place),
        online_url: given(&new.online_url),
        capacity: new.capacity,
        enrol_from: new.enrol_from,
        enrol_until: new.enrol_until,
        reminders: new.reminders.clone(),
        trainer: given(&new.trainer),
        state: ClassState::Draft,
        sequence: 0,
        sessions: sessions.collect(),
        called_off: Vec::new(),
        fields: new.fields.iter().map(trimmed).collect(),
        certificate_sessions: new.certificate_sessions,
    };
    class.settle_times();
    Ok(class)
}

fn trimmed(field: &AskedField) -> AskedField {
    AskedField { label: field.label.trim().to_owned(), reason: field.reason.trim().to_owned(), ..field.clone() }
}

fn same_times(one: &Class, other: &Class) -> bool {
    let times = |class: &Class| class.sessions.iter().map(|session| (session.starts_at, session.ends_at)).collect::<Vec<_>>();
    times(one) == times(other)
}
