//! Calendar files. Times are UTC, so that no reader needs a time zone table; SEQUENCE rises with every change.

use icalendar::{Calendar, Component, EventLike, EventStatus};

use crate::domain::class::{Class, ClassState, Session};
use crate::domain::time::Timestamp;
use crate::replies;

/// A calendar of `classes`.
pub fn calendar(classes: &[Class], public_url: &str, now: Timestamp) -> String {
    let mut calendar = Calendar::new();
    calendar.name(replies::classes::CALENDAR);
    for class in classes {
        for session in &class.sessions {
            calendar.push(event(class, session, public_url, now).status(status(class)).done());
        }
        for session in &class.called_off {
            calendar.push(event(class, session, public_url, now).status(EventStatus::Cancelled).done());
        }
        if let Some(window) = enrolment_window(class, public_url, now) {
            calendar.push(window);
        }
    }
    calendar.to_string()
}

/// The days on which people may enrol, where the trainer set both ends.
fn enrolment_window(class: &Class, public_url: &str, now: Timestamp) -> Option<icalendar::Event> {
    let (from, until) = class.enrol_from.zip(class.enrol_until)?;
    let mut window = icalendar::Event::new();
    window
        .uid(&format!("{}-enrolment@taxhome", class.id))
        .summary(&replies::classes::enrolment_window(&class.title))
        .starts(from.utc())
        .ends(until.utc())
        .timestamp(now.utc())
        .url(&format!("{public_url}/classes/{}", class.id))
        .add_property("TRANSP", "TRANSPARENT")
        .add_property("SEQUENCE", class.sequence.to_string())
        .status(status(class));
    Some(window.done())
}

/// One session. The first keeps the name the class had when it met once.
fn event(class: &Class, session: &Session, public_url: &str, now: Timestamp) -> icalendar::Event {
    let part = if session.number == 1 { String::new() } else { format!("-{}", session.number) };
    let mut event = icalendar::Event::new();
    event
        .uid(&format!("{}{part}@taxhome", class.id))
        .summary(&replies::classes::calendar_title(class, session))
        .starts(session.starts_at.utc())
        .ends(session.ends_at.utc())
        .timestamp(now.utc())
        .url(&format!("{public_url}/classes/{}", class.id))
        .add_property("SEQUENCE", session.sequence.to_string());
    if let Some(place) = class.place.as_ref().or(class.online_url.as_ref()) {
        event.location(place);
    }
    event
}

fn status(class: &Class) -> EventStatus {
    match class.state {
        ClassState::Cancelled => EventStatus::Cancelled,
        ClassState::Draft | ClassState::Published => EventStatus::Confirmed,
    }
}
