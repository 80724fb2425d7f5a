//! At the door of a class: people check in by the session's code, the trainer taps them in, walk-ins take free seats. Everything is safe
//! to repeat, and each outcome has its reason.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::enrolment::Person;
use super::{Actor, Broadcasts, Refused};
use crate::domain::channel::ChannelKind;
use crate::domain::check_in::{Door, Means, Reason, closed, read_code};
use crate::domain::class::{Class, ClassState, EnrolmentState, Session};
use crate::domain::id::new_id;
use crate::domain::time::Timestamp;
use crate::replies::check_ins as words;
use crate::store::check_ins::{self, CheckIn};
use crate::store::classes::{self, Enrolment};
use crate::store::{Tx, audit, class_sessions, enrolment_questions};

/// Wrong codes of one person in this time are counted.
const GUESSES_WITHIN: Duration = Duration::from_secs(10 * 60);
const MOST_GUESSES: i64 = 5;
/// From one address of the web; a whole class may share it.
pub const MOST_GUESSES_OF_ADDRESS: i64 = 30;
/// A phone's clock may be ahead by so much; further ahead the time of arrival counts.
const CLOCK_AHEAD: Duration = Duration::from_secs(5 * 60);
const MOST_TAPS: usize = 500;
const LONGEST_TAP_ID: usize = 64;
/// A walk-in's name, in characters.
pub const LONGEST_NAME: usize = 30;
/// What the person of a walk-in begins with; the tap's id follows.
const WALK_IN: &str = "walk-in:";

/// What came of somebody's own check-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub reason: Reason,
    /// The class and session, where the code is known.
    pub at: Option<(Class, Session)>,
    /// When they were checked in.
    pub since: Option<Timestamp>,
}

/// Who gives a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guest<'a> {
    pub channel: ChannelKind,
    /// The platform's id.
    pub person: &'a str,
    /// Whose wrong codes are counted, beside the person's own.
    pub address: Option<&'a str>,
}

/// One tap on the trainer's phone: somebody on the list, or the name of a walk-in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tap {
    /// Given by whoever sends it; a repeat changes nothing.
    #[schema(min_length = 1, max_length = 64, pattern = r"^[A-Za-z0-9_-]+$")]
    pub id: String,
    /// The enrolment that came.
    #[serde(default)]
    pub enrolment: Option<String>,
    /// The name of somebody who is not enrolled.
    #[serde(default)]
    #[schema(max_length = 30)]
    pub name: Option<String>,
    /// When they stood at the door; now where it is not given.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
}

/// What came of one tap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Tapped {
    /// The tap's id.
    pub id: String,
    pub reason: Reason,
    /// The reason as a Chinese sentence.
    pub detail: String,
    /// The enrolment, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrolment: Option<String>,
}

/// Who came and who did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendance {
    pub class: Class,
    /// Whoever has or had a place on the list or came, in order of enrolment, with their check-ins.
    pub people: Vec<(Enrolment, Vec<CheckIn>)>,
}

impl Attendance {
    /// Those with a seat who have not come to this session.
    pub fn absent(&self, session: i64) -> impl Iterator<Item = &Enrolment> {
        self.people
            .iter()
            .filter(move |(there, came)| {
                there.state == EnrolmentState::Enrolled && !came.iter().any(|check_in| check_in.session == session)
            })
            .map(|(there, _)| there)
    }

    /// How many came to this session.
    pub fn came(&self, session: i64) -> usize {
        self.people.iter().filter(|(_, came)| came.iter().any(|check_in| check_in.session == session)).count()
    }
}

impl Broadcasts {
    /// Checks somebody in by a code; `class` where they scanned or opened a certain one.
    pub async fn check_in(
        &self,
        tx: &mut Tx,
        class: Option<&str>,
        code: &str,
        guest: Guest<'_>,
        now: Timestamp,
    ) -> Result<Checked, Refused> {
        let own = format!("{}:{}", guest.channel.word(), guest.person);
        let since = now.minus(GUESSES_WITHIN);
        let mut guessed = enrolment_questions::wrong_codes(tx, &own, since).await? >= MOST_GUESSES;
        if let Some(address) = guest.address {
            guessed |= enrolment_questions::wrong_codes(tx, address, since).await? >= MOST_GUESSES_OF_ADDRESS;
        }
        if guessed {
            return Ok(Checked { reason: Reason::TooMany, at: None, since: None });
        }
        let checked = self.try_code(tx, class, code, guest, now).await?;
        if matches!(checked.reason, Reason::WrongCode | Reason::NotEnrolled) {
            for who in std::iter::once(own.as_str()).chain(guest.address) {
                enrolment_questions::note_wrong_code(tx, who, since, now).await?;
            }
        }
        Ok(checked)
    }

    async fn try_code(&self, tx: &mut Tx, class: Option<&str>, code: &str, guest: Guest<'_>, now: Timestamp) -> Result<Checked, Refused> {
        let wrong = Checked { reason: Reason::WrongCode, at: None, since: None };
        let Some(code) = read_code(code) else { return Ok(wrong) };
        let Some((class_id, number)) = class_sessions::by_code(tx, &code, class, now).await? else { return Ok(wrong) };
        let lock = tx.for_update();
        let Some(stored) = classes::get(tx, &class_id, lock).await? else { return Ok(wrong) };
        let class = stored.class;
        if let Some(gone) = class.gone_session(number).cloned() {
            return Ok(Checked { reason: Reason::Cancelled, at: Some((class, gone)), since: None });
        }
        let Some(session) = class.session(number).cloned() else { return Ok(wrong) };
        let told = |reason, since| Checked { reason, at: Some((class.clone(), session.clone())), since };
        if class.state == ClassState::Draft {
            return Ok(wrong);
        }
        let there = classes::enrolment_of(tx, &class_id, guest.channel, guest.person).await?;
        let there = there.filter(|there| matches!(there.state, EnrolmentState::Enrolled | EnrolmentState::Offered));
        let Some(there) = there else {
            let reason = if class.state == ClassState::Cancelled { Reason::Cancelled } else { Reason::NotEnrolled };
            return Ok(told(reason, None));
        };
        if let Some(before) = check_ins::get(tx, &class_id, number, &there.id).await? {
            return Ok(told(Reason::AlreadyIn, Some(before.at)));
        }
        if let Some(reason) = closed(&class, &session, Door::Own, now) {
            return Ok(told(reason, None));
        }
        self.let_in(tx, &class, number, &there, Means::Code, "", now, now).await?;
        Ok(told(Reason::CheckedIn, Some(now)))
    }

    /// Takes what was tapped on a trainer's phone, now or while it had no signal; one answer a tap, in order.
    pub async fn take_taps(
        &self,
        class_id: &str,
        number: i64,
        taps: &[Tap],
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Vec<Tapped>, Refused> {
        if taps.len() > MOST_TAPS {
            return Err(Refused::invalid("items", words::too_many_taps(MOST_TAPS)));
        }
        let (mut tx, stored) = self.take_class(class_id).await?;
        let class = stored.class;
        if let Some(gone) = class.gone_session(number) {
            // A phone without a signal does not know yet.
            let detail = words::told(Reason::Cancelled, Some((&class, gone)));
            let answer = |tap: &Tap| Tapped { id: tap.id.clone(), reason: Reason::Cancelled, detail: detail.clone(), enrolment: None };
            return Ok(taps.iter().map(answer).collect());
        }
        let session = class.session(number).cloned().ok_or(Refused::NotFound("课次"))?;
        let mut answers = Vec::new();
        for tap in taps {
            let (reason, enrolment) = self.tap(&mut tx, &class, &session, tap, actor, now).await?;
            let detail = words::told(reason, Some((&class, &session)));
            answers.push(Tapped { id: tap.id.clone(), reason, detail, enrolment });
        }
        let came = answers.iter().filter(|answer| answer.reason == Reason::CheckedIn).count();
        if came > 0 {
            audit::record(&mut tx, &actor.name, "class.check_in", class_id, &format!("session {number}: {came}"), now).await?;
        }
        tx.commit().await?;
        Ok(answers)
    }

    async fn tap(
        &self,
        tx: &mut Tx,
        class: &Class,
        session: &Session,
        tap: &Tap,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(Reason, Option<String>), Refused> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if tap.id.is_empty() || tap.id.len() > LONGEST_TAP_ID || !tap.id.chars().all(plain) {
            return Err(Refused::invalid("id", words::wrong_tap_id()));
        }
        let at = tap.at.filter(|at| *at <= now.plus(CLOCK_AHEAD)).map_or(now, |at| at.min(now));
        let means = if at > session.ends_at { Means::Staff } else { Means::PhonePage };
        match (&tap.enrolment, tap.name.as_deref().map(str::trim)) {
            (Some(id), None) => {
                let there = classes::enrolment_by_id(tx, id).await?.filter(|there| there.class_id == class.id);
                let Some(there) = there else { return Ok((Reason::NotEnrolled, None)) };
                let reason = self.let_in_known(tx, class, session, &there, means, &actor.name, (at, now)).await?;
                Ok((reason, Some(there.id)))
            }
            (None, Some(name)) => {
                if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
                    return Err(Refused::invalid("name", words::wrong_name(LONGEST_NAME)));
                }
                self.walk_in(tx, class, session, (&tap.id, name), &actor.name, (at, now)).await
            }
            (None, None) | (Some(_), Some(_)) => Err(Refused::invalid("enrolment", words::one_of_two())),
        }
    }

    /// Somebody on the list; whoever waited or gave up takes a free seat.
    #[expect(clippy::too_many_arguments, reason = "who, where, how and when of one check-in")]
    async fn let_in_known(
        &self,
        tx: &mut Tx,
        class: &Class,
        session: &Session,
        there: &Enrolment,
        means: Means,
        staff: &str,
        (at, now): (Timestamp, Timestamp),
    ) -> Result<Reason, Refused> {
        if check_ins::get(tx, &class.id, session.number, &there.id).await?.is_some() {
            return Ok(Reason::AlreadyIn);
        }
        if let Some(reason) = closed(class, session, Door::Staff, at) {
            return Ok(reason);
        }
        if matches!(there.state, EnrolmentState::Waitlisted | EnrolmentState::Cancelled) {
            let (seated, _) = classes::seats(tx, &class.id).await?;
            if seated >= class.capacity {
                return Ok(Reason::Full);
            }
        }
        self.let_in(tx, class, session.number, there, means, staff, at, now).await?;
        Ok(Reason::CheckedIn)
    }

    async fn walk_in(
        &self,
        tx: &mut Tx,
        class: &Class,
        session: &Session,
        (tap, name): (&str, &str),
        staff: &str,
        (at, now): (Timestamp, Timestamp),
    ) -> Result<(Reason, Option<String>), Refused> {
        let person = format!("{WALK_IN}{tap}");
        if let Some(there) = classes::enrolment_of(tx, &class.id, ChannelKind::Web, &person).await? {
            let reason = self.let_in_known(tx, class, session, &there, Means::WalkIn, staff, (at, now)).await?;
            return Ok((reason, Some(there.id)));
        }
        if let Some(reason) = closed(class, session, Door::Staff, at) {
            return Ok((reason, None));
        }
        let (seated, _) = classes::seats(tx, &class.id).await?;
        if seated >= class.capacity {
            return Ok((Reason::Full, None));
        }
        let who = Person { channel: ChannelKind::Web, id: &person, channel_id: None, name };
        let there = Enrolment {
            id: new_id("enr", now),
            class_id: class.id.clone(),
            channel: who.channel,
            person: who.id.to_owned(),
            channel_id: None,
            display_name: name.to_owned(),
            state: EnrolmentState::Enrolled,
            place_in_line: classes::next_place(tx, &class.id).await?,
            offered_until: None,
            offers: 0,
            answers: std::collections::BTreeMap::new(),
            changed_at: now,
        };
        classes::put(tx, &there, now).await?;
        self.let_in(tx, class, session.number, &there, Means::WalkIn, staff, at, now).await?;
        Ok((Reason::CheckedIn, Some(there.id)))
    }

    #[expect(clippy::too_many_arguments, reason = "who, where, how and when of one check-in")]
    async fn let_in(
        &self,
        tx: &mut Tx,
        class: &Class,
        session: i64,
        there: &Enrolment,
        means: Means,
        staff: &str,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), Refused> {
        if there.state != EnrolmentState::Enrolled {
            classes::set_state(tx, &there.id, EnrolmentState::Enrolled, now).await?;
            classes::cancel_notices(tx, &format!("cls:{}:{}:seat_offered:", class.id, there.id), now).await?;
        }
        let check_in = CheckIn { class_id: class.id.clone(), session, enrolment_id: there.id.clone(), at, means, staff: staff.to_owned() };
        check_ins::insert(tx, &check_in, now).await?;
        Ok(())
    }

    /// Takes a check-in back that was tapped by mistake; false where there was none, so that a second click changes nothing. A walk-in
    /// who came to nothing else gives the seat back.
    pub async fn undo_check_in(
        &self,
        class_id: &str,
        number: i64,
        enrolment: &str,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<bool, Refused> {
        let (mut tx, stored) = self.take_class(class_id).await?;
        let class = stored.class;
        class.session(number).ok_or(Refused::NotFound("课次"))?;
        let there = classes::enrolment_by_id(&mut tx, enrolment).await?.filter(|there| there.class_id == class_id);
        let there = there.ok_or(Refused::NotFound("报名"))?;
        if !check_ins::remove(&mut tx, class_id, number, enrolment).await? {
            return Ok(false);
        }
        let elsewhere = check_ins::of_class(&mut tx, class_id).await?.iter().any(|check_in| check_in.enrolment_id == there.id);
        if there.person.starts_with(WALK_IN) && !elsewhere {
            classes::set_state(&mut tx, &there.id, EnrolmentState::Cancelled, now).await?;
            if class.state == ClassState::Published {
                self.offer_seats(&mut tx, &class, now).await?;
            }
        }
        self.revoke_unearned(&mut tx, &class, actor, now).await?;
        audit::record(&mut tx, &actor.name, "class.check_in_undo", class_id, &format!("session {number}: {enrolment}"), now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Who came and who did not.
    pub async fn attendance(&self, class_id: &str) -> Result<Attendance, Refused> {
        attendance(&mut *self.store.read().await?, class_id).await
    }

    /// The six digits of a session.
    pub async fn session_code(&self, class_id: &str, number: i64, now: Timestamp) -> Result<String, Refused> {
        let mut tx = self.store.begin().await?;
        let code = class_sessions::code(&mut tx, class_id, number, now).await?.ok_or(Refused::NotFound("课次"))?;
        tx.commit().await?;
        Ok(code)
    }
}

/// Who came and who did not, as it stands in a transaction.
pub(super) async fn attendance(conn: &mut sqlx::AnyConnection, class_id: &str) -> Result<Attendance, Refused> {
    let stored = classes::get(conn, class_id, "").await?.ok_or(Refused::NotFound("课程"))?;
    let came = check_ins::of_class(conn, class_id).await?;
    let mut people = Vec::new();
    for there in classes::roster(conn, class_id).await? {
        let held = |check_in: &&CheckIn| stored.class.session(check_in.session).is_some();
        let own = came.iter().filter(|check_in| check_in.enrolment_id == there.id).filter(held).cloned().collect();
        people.push((there, own));
    }
    Ok(Attendance { class: stored.class, people })
}
