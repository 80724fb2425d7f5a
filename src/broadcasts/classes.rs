//! The taxpayer school's timetable: a class is written, published (its announcement is a bulletin), moved or cancelled; the enrolled are told.

use std::time::Duration;

use serde::Deserialize;

use super::bulletins::Draft;
use super::{Actor, Broadcasts, Refused, audience};
use crate::domain::bulletin::{BulletinKind, Step, Targets};
use crate::domain::class::{Class, ClassState, EnrolmentState, Session};
use crate::domain::delivery::{OnAmbiguous, Operation, Origin};
use crate::domain::id::new_id;
use crate::domain::message::Button;
use crate::domain::render::render;
use crate::domain::time::Timestamp;
use crate::replies;
use crate::store::classes::{self, Enrolment, StoredClass};
use crate::store::deliveries::{self, NewDelivery};
use crate::store::{Tx, audit, bulletins, channels};

const MOST_SEATS: i64 = 10_000;
const MOST_REMINDERS: usize = 5;
const LONGEST_TITLE: usize = 100;
/// Reminders at most this long before the start: four weeks.
const EARLIEST_REMINDER_MINUTES: i64 = 28 * 24 * 60;

/// What a trainer writes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClass {
    pub title: String,
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// Where; or `online_url`.
    #[serde(default)]
    pub place: Option<String>,
    #[serde(default)]
    pub online_url: Option<String>,
    /// Seats, 1 to 10000.
    pub capacity: i64,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub enrol_from: Option<Timestamp>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub enrol_until: Option<Timestamp>,
    /// Minutes before the start at which the enrolled are reminded.
    #[serde(default)]
    pub reminders: Vec<i64>,
    pub targets: Targets,
    #[serde(default)]
    pub trainer: Option<String>,
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
        let class = Class {
            id: new_id("cls", now),
            title: new.title.trim().to_owned(),
            starts_at: new.starts_at,
            ends_at: new.ends_at,
            place: new.place.map(|place| place.trim().to_owned()).filter(|place| !place.is_empty()),
            online_url: new.online_url.map(|url| url.trim().to_owned()).filter(|url| !url.is_empty()),
            capacity: new.capacity,
            enrol_from: new.enrol_from,
            enrol_until: new.enrol_until,
            reminders: new.reminders,
            trainer: new.trainer,
            state: ClassState::Draft,
            sequence: 0,
            sessions: vec![Session { number: 1, starts_at: new.starts_at, ends_at: new.ends_at, sequence: 0 }],
        };
        check(&class, now)?;
        let mut tx = self.store.begin().await?;
        audience::expand(&mut tx, &new.targets).await?;
        let stored = StoredClass { class, targets: new.targets, author: actor.id.clone() };
        classes::insert(&mut tx, &stored, now).await?;
        audit::record(&mut tx, &actor.name, "class.create", &stored.class.id, "", now).await?;
        tx.commit().await?;
        Ok(stored.class)
    }

    /// Opens it for enrolment and hands its announcement to the approver; the bulletin's id is returned with it.
    pub async fn publish_class(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<(Class, String), Refused> {
        let (mut tx, mut stored) = self.take_class(id).await?;
        if stored.class.state != ClassState::Draft {
            return Err(Refused::Conflict(replies::classes::not_draft(stored.class.state)));
        }
        check(&stored.class, now)?;
        stored.class.state = ClassState::Published;
        classes::update(&mut tx, &stored.class, now).await?;
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
            return Err(Refused::Conflict(replies::classes::cancelled_already()));
        }
        let told = stored.class.state == ClassState::Published;
        stored.class.state = ClassState::Cancelled;
        stored.class.sequence += 1;
        classes::update(&mut tx, &stored.class, now).await?;
        classes::cancel_notices(&mut tx, &format!("cls:{id}:"), now).await?;
        if told {
            for enrolment in classes::roster(&mut tx, id).await? {
                if enrolment.state != EnrolmentState::Cancelled {
                    self.tell(&mut tx, &stored.class, &enrolment, "class_cancelled", now).await?;
                }
            }
        }
        audit::record(&mut tx, &actor.name, "class.cancel", id, "", now).await?;
        tx.commit().await?;
        Ok(stored.class)
    }

    /// Moves it to another time of the same length and tells everybody on the list.
    pub async fn move_class(&self, id: &str, starts_at: Timestamp, actor: &Actor, now: Timestamp) -> Result<Class, Refused> {
        let (mut tx, mut stored) = self.take_class(id).await?;
        if stored.class.state == ClassState::Cancelled {
            return Err(Refused::Conflict(replies::classes::cancelled_already()));
        }
        let class = &mut stored.class;
        let by = starts_at.millis() - class.starts_at.millis();
        if by == 0 {
            return Err(Refused::invalid("starts_at", replies::classes::same_time()));
        }
        class.sequence += 1;
        for session in &mut class.sessions {
            session.starts_at = Timestamp::from_millis(session.starts_at.millis() + by);
            session.ends_at = Timestamp::from_millis(session.ends_at.millis() + by);
            session.sequence = class.sequence;
        }
        class.enrol_until = class.enrol_until.map(|until| Timestamp::from_millis(until.millis() + by));
        class.settle_times();
        check(class, now)?;
        classes::update(&mut tx, class, now).await?;
        classes::cancel_notices(&mut tx, &format!("cls:{id}:"), now).await?;
        classes::cap_offers(&mut tx, id, starts_at).await?;
        if stored.class.state == ClassState::Published {
            for enrolment in classes::roster(&mut tx, id).await? {
                if enrolment.state != EnrolmentState::Cancelled {
                    self.tell(&mut tx, &stored.class, &enrolment, "class_moved", now).await?;
                }
                if enrolment.state == EnrolmentState::Offered {
                    self.tell(&mut tx, &stored.class, &enrolment, "seat_offered", now).await?;
                }
            }
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

    /// Makes the reminders that are due: derived from class and list at each tick, so nothing is lost by a restart.
    pub(super) async fn remind(&self, now: Timestamp) -> Result<usize, Refused> {
        let upcoming = classes::upcoming(&mut *self.store.read().await?, now).await?;
        let mut made = 0;
        for StoredClass { class, .. } in upcoming {
            let due: Vec<i64> =
                class.reminders.iter().copied().filter(|minutes| reminds_at(&class, *minutes) <= now && now < class.starts_at).collect();
            // Only the latest one that is due: whoever enrols an hour before is not told "tomorrow" as well.
            let Some(minutes) = due.into_iter().min() else { continue };
            let mut tx = self.store.begin().await?;
            for enrolment in classes::roster(&mut tx, &class.id).await? {
                if enrolment.state == EnrolmentState::Enrolled {
                    let name = format!("cls:{}:{}:rem:{}:{}", class.id, enrolment.id, class.sequence, minutes);
                    made += usize::from(self.notify(&mut tx, &class, &enrolment, "reminder", &name, now).await?);
                }
            }
            tx.commit().await?;
        }
        Ok(made)
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
        let name =
            format!("cls:{}:{}:{template}:{}:{}:{}", class.id, enrolment.id, class.sequence, enrolment.place_in_line, enrolment.offers);
        self.notify(tx, class, enrolment, template, &name, now).await?;
        Ok(())
    }

    async fn notify(
        &self,
        tx: &mut Tx,
        class: &Class,
        enrolment: &Enrolment,
        template: &str,
        name: &str,
        now: Timestamp,
    ) -> Result<bool, Refused> {
        let Some(channel_id) = &enrolment.channel_id else { return Ok(false) };
        let Some(channel) = channels::get(tx, channel_id).await? else { return Ok(false) };
        let place = class.place.clone().or_else(|| class.online_url.clone()).unwrap_or_default();
        let until = enrolment.offered_until.map(|until| until.chinese()).unwrap_or_default();
        let values = [("title", class.title.as_str()), ("starts_at", &class.starts_at.chinese()), ("place", &place), ("until", &until)];
        let mut message = self.files.templates.fill(template, &values);
        let enrol = |label: &str| Button::data(label, format!("enrol:{}", class.id));
        let withdraw = |label: &str| Button::data(label, format!("withdraw:{}", class.id));
        match template {
            "class_cancelled" => {}
            "seat_offered" => message = message.with_buttons(vec![enrol("确认参加"), withdraw("不参加")]),
            "offer_lapsed" => message = message.with_buttons(vec![enrol("重新报名")]),
            _ => message = message.with_buttons(vec![withdraw("取消报名")]),
        }
        let not_after = match (template, enrolment.offered_until) {
            ("class_cancelled", _) => now.plus(Duration::from_secs(24 * 3600)),
            ("seat_offered", Some(until)) => until,
            _ => class.starts_at,
        };
        let mut made = false;
        for (part, content) in (0..).zip(render(&message, channel.kind.limits())) {
            let new = NewDelivery {
                origin: Origin::Reminder,
                origin_id: name,
                revision: 1,
                channel_id,
                part,
                operation: Operation::Send,
                content: &content,
                thread: None,
                reply_to: None,
                message_id: None,
                // Twice is better than never for a reminder.
                on_ambiguous: OnAmbiguous::Resend,
                due_at: now,
                not_after,
            };
            made |= deliveries::insert(tx, &new, now).await?;
        }
        Ok(made)
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
            body: replies::classes::announcement(class),
            targets: stored.targets.clone(),
            ..Draft::default()
        }
    }
}

fn reminds_at(class: &Class, minutes: i64) -> Timestamp {
    Timestamp::from_millis(class.starts_at.millis() - minutes * 60_000)
}

fn check(class: &Class, now: Timestamp) -> Result<(), Refused> {
    if class.title.is_empty() || class.title.chars().count() > LONGEST_TITLE {
        return Err(Refused::invalid("title", format!("请填写课程名称，最多 {LONGEST_TITLE} 个字")));
    }
    if class.starts_at <= now {
        return Err(Refused::invalid("starts_at", "开始时间已经过去，请选择以后的时间"));
    }
    if class.ends_at <= class.starts_at {
        return Err(Refused::invalid("ends_at", "结束时间要晚于开始时间"));
    }
    match (&class.place, &class.online_url) {
        (None, None) => return Err(Refused::invalid("place", "请填写上课地点 place，或线上地址 online_url")),
        (Some(_), Some(_)) => return Err(Refused::invalid("online_url", "地点 place 和线上地址 online_url 只填一个")),
        (None, Some(url)) if !(url.starts_with("https://") || url.starts_with("http://")) => {
            return Err(Refused::invalid("online_url", "线上地址要以 https:// 或 http:// 开头"));
        }
        _ => {}
    }
    if !(1..=MOST_SEATS).contains(&class.capacity) {
        return Err(Refused::invalid("capacity", format!("名额要在 1 到 {MOST_SEATS} 之间")));
    }
    if class.enrol_until.is_some_and(|until| until > class.starts_at) {
        return Err(Refused::invalid("enrol_until", "报名截止时间不能晚于上课时间"));
    }
    if class.enrol_from.zip(class.enrol_until).is_some_and(|(from, until)| from >= until) {
        return Err(Refused::invalid("enrol_from", "报名开始时间要早于报名截止时间"));
    }
    if class.enrol_from.is_some_and(|from| from >= class.starts_at) {
        return Err(Refused::invalid("enrol_from", "报名开始时间要早于上课时间"));
    }
    let sane = |minutes: &i64| (1..=EARLIEST_REMINDER_MINUTES).contains(minutes);
    if class.reminders.len() > MOST_REMINDERS || !class.reminders.iter().all(sane) {
        return Err(Refused::invalid(
            "reminders",
            format!("提醒写开课前的分钟数，最多 {MOST_REMINDERS} 个，每个在 1 到 {EARLIEST_REMINDER_MINUTES} 之间"),
        ));
    }
    Ok(())
}
