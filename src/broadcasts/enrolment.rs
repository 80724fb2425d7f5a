//! Taking and giving up a seat: one transaction under a lock on the class, so the last seat goes to one person and the rest wait in order.

use super::{Broadcasts, Refused};
use crate::domain::channel::ChannelKind;
use crate::domain::class::{Class, ClassState, EnrolmentState};
use crate::domain::id::new_id;
use crate::domain::time::Timestamp;
use crate::store::Tx;
use crate::store::classes::{self, Enrolment};

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
        let before = classes::enrolment_of(tx, class_id, person.channel, person.id).await?;
        if let Some(there) = before.as_ref().filter(|there| there.state != EnrolmentState::Cancelled) {
            return Ok(match there.state {
                EnrolmentState::Waitlisted => {
                    let position = position(tx, class_id, there.place_in_line).await?;
                    Enrolled::WaitingAlready(class, position)
                }
                EnrolmentState::Enrolled | EnrolmentState::Offered | EnrolmentState::Cancelled => Enrolled::SeatedAlready(class),
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
            id: before.map_or_else(|| new_id("enr", now), |there| there.id),
            class_id: class_id.to_owned(),
            channel: person.channel,
            person: person.id.to_owned(),
            channel_id: person.channel_id.map(str::to_owned),
            display_name: person.name.to_owned(),
            state,
            place_in_line,
        };
        classes::put(tx, &enrolment, now).await?;
        Ok(if state == EnrolmentState::Enrolled { Enrolled::Seated(class) } else { Enrolled::Waiting(class, waiting + 1) })
    }

    /// Gives up a seat or a place in line; a freed seat goes to the first who waits, who is told. Safe to repeat.
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
        classes::cancel_notices(tx, &format!("rem:{class_id}:{}:", there.id), now).await?;
        if class.state == ClassState::Published {
            self.fill_seats(tx, &class, now).await?;
        }
        Ok(Withdrawn::Done(class))
    }

    /// A person's classes still to come: the class, and the position for those who wait.
    pub async fn my_classes(&self, channel: ChannelKind, person: &str, now: Timestamp) -> Result<Vec<(Class, Option<i64>)>, Refused> {
        let mut conn = self.store.read().await?;
        let mut mine = Vec::new();
        for enrolment in classes::enrolments_of_person(&mut conn, channel, person).await? {
            let Some(stored) = classes::get(&mut conn, &enrolment.class_id, "").await? else { continue };
            if stored.class.ends_at <= now || stored.class.state != ClassState::Published {
                continue;
            }
            let position = match enrolment.state {
                EnrolmentState::Waitlisted => Some(position(&mut conn, &enrolment.class_id, enrolment.place_in_line).await?),
                EnrolmentState::Enrolled | EnrolmentState::Offered | EnrolmentState::Cancelled => None,
            };
            mine.push((stored.class, position));
        }
        Ok(mine)
    }

    async fn fill_seats(&self, tx: &mut Tx, class: &Class, now: Timestamp) -> Result<(), Refused> {
        let (mut seated, _) = classes::seats(tx, &class.id).await?;
        for next in classes::roster(tx, &class.id).await? {
            if seated >= class.capacity {
                break;
            }
            if next.state == EnrolmentState::Waitlisted {
                classes::set_state(tx, &next.id, EnrolmentState::Enrolled, now).await?;
                self.tell(tx, class, &next, "seat_given", now).await?;
                seated += 1;
            }
        }
        Ok(())
    }
}

/// 1 for the next in line.
async fn position(conn: &mut sqlx::AnyConnection, class_id: &str, place_in_line: i64) -> Result<i64, Refused> {
    let before = classes::roster(conn, class_id).await?;
    let ahead = before.iter().filter(|other| other.state == EnrolmentState::Waitlisted && other.place_in_line < place_in_line).count();
    Ok(i64::try_from(ahead).unwrap_or(i64::MAX) + 1)
}
