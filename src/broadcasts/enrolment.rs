//! Taking and giving up a seat: one transaction under a lock on the class, so the last seat goes to one person and the rest wait in order.

use std::time::Duration;

use super::{Broadcasts, Refused};
use crate::domain::channel::ChannelKind;
use crate::domain::class::{Class, ClassState, EnrolmentState, Standing};
use crate::domain::id::new_id;
use crate::domain::time::Timestamp;
use crate::store::Tx;
use crate::store::classes::{self, Enrolment};

/// How long an offer holds a seat.
const OFFER: Duration = Duration::from_secs(2 * 3600);
/// Nearer to the start nobody can be expected to answer: the seat stays free for whoever comes to the door.
const LEAST_OFFER: Duration = Duration::from_secs(15 * 60);

/// Who enrols.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person<'a> {
    pub channel: ChannelKind,
    /// The platform's id.
    pub id: &'a str,
    /// Private chat notices go to.
    pub channel_id: Option<&'a str>,
    pub name: &'a str,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enrolled {
    /// Has a seat now.
    Seated(Class),
    /// Had a seat before.
    SeatedAlready(Class),
    /// Waits, at this position (1 is next).
    Waiting(Class, i64),
    /// Waited before.
    WaitingAlready(Class, i64),
    /// Enrolment has not begun.
    NotYet(Class, Timestamp),
    /// Enrolment or the class is over.
    Over(Class),
    Cancelled(Class),
    NoSuchClass,
}

/// What came of giving up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withdrawn {
    Done(Class),
    /// Was not on the list.
    NotEnrolled(Class),
    /// It has begun.
    TooLate(Class),
    NoSuchClass,
}

impl Broadcasts {
    /// Takes a seat or a place in line. Safe to repeat.
    pub async fn enrol(&self, tx: &mut Tx, class_id: &str, person: &Person<'_>, now: Timestamp) -> Result<Enrolled, Refused> {
        let lock = tx.for_update();
        let Some(stored) = classes::get(tx, class_id, lock).await? else { return Ok(Enrolled::NoSuchClass) };
        let class = stored.class;
        match class.state {
            ClassState::Draft => return Ok(Enrolled::NoSuchClass),
            ClassState::Cancelled => return Ok(Enrolled::Cancelled(class)),
            ClassState::Published => {}
        }
        self.lapse_offers_of(tx, &class, now).await?;
        let before = classes::enrolment_of(tx, class_id, person.channel, person.id).await?;
        if let Some(there) = before.as_ref().filter(|there| there.state != EnrolmentState::Cancelled) {
            return Ok(match there.state {
                EnrolmentState::Waitlisted => {
                    let position = position(tx, class_id, there.place_in_line).await?;
                    Enrolled::WaitingAlready(class, position)
                }
                EnrolmentState::Offered => {
                    classes::set_state(tx, &there.id, EnrolmentState::Enrolled, now).await?;
                    classes::cancel_notices(tx, &format!("cls:{class_id}:{}:seat_offered:", there.id), now).await?;
                    Enrolled::Seated(class)
                }
                EnrolmentState::Enrolled | EnrolmentState::Cancelled => Enrolled::SeatedAlready(class),
            });
        }
        if now >= class.enrol_until.unwrap_or(class.starts_at) {
            return Ok(Enrolled::Over(class));
        }
        if let Some(from) = class.enrol_from.filter(|from| now < *from) {
            return Ok(Enrolled::NotYet(class, from));
        }
        let (seated, waiting) = classes::seats(tx, class_id).await?;
        // Nobody overtakes the line, even while a seat is free.
        let state = if seated < class.capacity && waiting == 0 { EnrolmentState::Enrolled } else { EnrolmentState::Waitlisted };
        let place_in_line = classes::next_place(tx, class_id).await?;
        let enrolment = Enrolment {
            offers: before.as_ref().map_or(0, |there| there.offers),
            answers: before.as_ref().map(|there| there.answers.clone()).unwrap_or_default(),
            id: before.map_or_else(|| new_id("enr", now), |there| there.id),
            class_id: class_id.to_owned(),
            channel: person.channel,
            person: person.id.to_owned(),
            channel_id: person.channel_id.map(str::to_owned),
            display_name: person.name.to_owned(),
            state,
            place_in_line,
            offered_until: None,
            changed_at: now,
        };
        classes::put(tx, &enrolment, now).await?;
        Ok(if state == EnrolmentState::Enrolled { Enrolled::Seated(class) } else { Enrolled::Waiting(class, waiting + 1) })
    }

    /// Gives up a seat, an offer or a place in line; a freed seat is offered to the first who waits. Safe to repeat.
    pub async fn withdraw(
        &self,
        tx: &mut Tx,
        class_id: &str,
        channel: ChannelKind,
        person: &str,
        now: Timestamp,
    ) -> Result<Withdrawn, Refused> {
        let lock = tx.for_update();
        let Some(stored) = classes::get(tx, class_id, lock).await? else { return Ok(Withdrawn::NoSuchClass) };
        let class = stored.class;
        let there = classes::enrolment_of(tx, class_id, channel, person).await?;
        let Some(there) = there.filter(|there| there.state != EnrolmentState::Cancelled) else { return Ok(Withdrawn::NotEnrolled(class)) };
        if now >= class.starts_at {
            return Ok(Withdrawn::TooLate(class));
        }
        classes::set_state(tx, &there.id, EnrolmentState::Cancelled, now).await?;
        classes::cancel_notices(tx, &format!("cls:{class_id}:{}:", there.id), now).await?;
        if class.state == ClassState::Published {
            self.lapse_offers_of(tx, &class, now).await?;
            self.offer_seats(tx, &class, now).await?;
        }
        Ok(Withdrawn::Done(class))
    }

    /// The name somebody who is on the list gave.
    pub async fn name_of(&self, class_id: &str, channel: ChannelKind, person: &str) -> Result<Option<String>, Refused> {
        let there = classes::enrolment_of(&mut *self.store.read().await?, class_id, channel, person).await?;
        Ok(there.filter(|there| there.state != EnrolmentState::Cancelled).map(|there| there.display_name))
    }

    /// A person's classes still to come: the class, and how they stand.
    pub async fn my_classes(&self, channel: ChannelKind, person: &str, now: Timestamp) -> Result<Vec<(Class, Standing)>, Refused> {
        let mut conn = self.store.read().await?;
        let mut mine = Vec::new();
        for enrolment in classes::enrolments_of_person(&mut conn, channel, person).await? {
            let Some(stored) = classes::get(&mut conn, &enrolment.class_id, "").await? else { continue };
            if stored.class.ends_at <= now || stored.class.state != ClassState::Published {
                continue;
            }
            let standing = match (enrolment.state, enrolment.offered_until) {
                (EnrolmentState::Waitlisted, _) => {
                    Standing::Waiting(position(&mut conn, &enrolment.class_id, enrolment.place_in_line).await?)
                }
                (EnrolmentState::Offered, Some(until)) => Standing::Offered(until),
                (EnrolmentState::Enrolled | EnrolmentState::Offered | EnrolmentState::Cancelled, _) => Standing::Seated,
            };
            mine.push((stored.class, standing));
        }
        Ok(mine)
    }

    /// Takes back the offers that have lapsed, everywhere; says how many.
    pub(super) async fn lapse_offers(&self, now: Timestamp) -> Result<usize, Refused> {
        let due = classes::with_lapsed_offers(&mut *self.store.read().await?, now).await?;
        let mut lapsed = 0;
        for id in due {
            let (mut tx, stored) = self.take_class(&id).await?;
            lapsed += self.lapse_offers_of(&mut tx, &stored.class, now).await?;
            tx.commit().await?;
        }
        Ok(lapsed)
    }

    /// Takes back lapsed offers of one class and passes the seats on. Whoever did not answer is told, and may enrol anew.
    async fn lapse_offers_of(&self, tx: &mut Tx, class: &Class, now: Timestamp) -> Result<usize, Refused> {
        let mut lapsed = 0;
        for offered in classes::roster(tx, &class.id).await? {
            if offered.state != EnrolmentState::Offered || offered.offered_until.is_none_or(|until| until > now) {
                continue;
            }
            classes::set_state(tx, &offered.id, EnrolmentState::Cancelled, now).await?;
            classes::cancel_notices(tx, &format!("cls:{}:{}:", class.id, offered.id), now).await?;
            if class.state == ClassState::Published {
                self.tell(tx, class, &offered, "offer_lapsed", now).await?;
            }
            lapsed += 1;
        }
        if lapsed > 0 && class.state == ClassState::Published {
            self.offer_seats(tx, class, now).await?;
        }
        Ok(lapsed)
    }

    /// Holds each free seat for the next in line and tells them.
    pub(super) async fn offer_seats(&self, tx: &mut Tx, class: &Class, now: Timestamp) -> Result<(), Refused> {
        let Some(until) = self.offer_ends(class, now) else { return Ok(()) };
        let (mut seated, _) = classes::seats(tx, &class.id).await?;
        for mut next in classes::roster(tx, &class.id).await? {
            if seated >= class.capacity {
                break;
            }
            if next.state == EnrolmentState::Waitlisted {
                classes::offer(tx, &next.id, until, now).await?;
                next.offered_until = Some(until);
                next.offers += 1;
                self.tell(tx, class, &next, "seat_offered", now).await?;
                seated += 1;
            }
        }
        Ok(())
    }

    /// When an offer made now lapses: two hours after it may be sent (quiet hours do not count before that), never after the start.
    fn offer_ends(&self, class: &Class, now: Timestamp) -> Option<Timestamp> {
        let read_from = self.settings.quiet.map_or(now, |quiet| quiet.over_at(now));
        let until = read_from.plus(OFFER).min(class.starts_at);
        (until >= read_from.plus(LEAST_OFFER)).then_some(until)
    }
}

/// 1 for the next in line.
async fn position(conn: &mut sqlx::AnyConnection, class_id: &str, place_in_line: i64) -> Result<i64, Refused> {
    let before = classes::roster(conn, class_id).await?;
    let ahead = before.iter().filter(|other| other.state == EnrolmentState::Waitlisted && other.place_in_line < place_in_line).count();
    Ok(i64::try_from(ahead).unwrap_or(i64::MAX) + 1)
}
