//! Which classes are possible. Every refusal names the field and says what to write.

use std::collections::BTreeSet;

use super::Refused;
use crate::domain::class::Class;
use crate::domain::time::Timestamp;
use crate::replies::classes as words;

const MOST_SEATS: i64 = 10_000;
const MOST_REMINDERS: usize = 5;
const LONGEST_TITLE: usize = 100;
/// A place's or a trainer's name.
const LONGEST_LINE: usize = 200;
const MOST_SESSIONS: usize = 30;
/// More would be a form nobody fills in from a chat.
const MOST_FIELDS: usize = 5;
const LONGEST_LABEL: usize = 20;
const LONGEST_REASON: usize = 60;
/// Reminders at most this long before the start: four weeks.
const EARLIEST_REMINDER_MINUTES: i64 = 28 * 24 * 60;

/// A class to be written or published.
pub(super) fn check(class: &Class, now: Timestamp) -> Result<(), Refused> {
    if class.title.is_empty() || class.title.chars().count() > LONGEST_TITLE {
        return Err(Refused::invalid("title", words::wrong_title(LONGEST_TITLE)));
    }
    if class.starts_at <= now {
        return Err(Refused::invalid("starts_at", words::already_past()));
    }
    check_sessions(class)?;
    check_rest(class)
}

/// Each session ends after it starts, and no two are at the same time.
pub(super) fn check_sessions(class: &Class) -> Result<(), Refused> {
    if class.sessions.len() > MOST_SESSIONS {
        return Err(Refused::invalid("sessions", words::too_many_sessions(MOST_SESSIONS)));
    }
    for session in &class.sessions {
        if session.ends_at <= session.starts_at {
            return Err(match class.sessions.len() {
                1 => Refused::invalid("ends_at", words::ends_before()),
                _ => Refused::invalid("sessions", words::session_ends_before(session.number)),
            });
        }
    }
    for pair in class.sessions.windows(2) {
        let [one, next] = pair else { continue };
        if next.starts_at < one.ends_at {
            return Err(Refused::invalid("sessions", words::sessions_overlap(one.number, next.number)));
        }
    }
    Ok(())
}

/// Everything but title and times.
pub(super) fn check_rest(class: &Class) -> Result<(), Refused> {
    match (&class.place, &class.online_url) {
        (None, None) => return Err(Refused::invalid("place", words::no_place())),
        (Some(_), Some(_)) => return Err(Refused::invalid("online_url", words::two_places())),
        (None, Some(url)) if !(url.starts_with("https://") || url.starts_with("http://")) => {
            return Err(Refused::invalid("online_url", words::not_an_address()));
        }
        _ => {}
    }
    let lines = [("place", &class.place), ("online_url", &class.online_url), ("trainer", &class.trainer)];
    for (field, text) in lines {
        if text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_LINE) {
            return Err(Refused::invalid(field, words::too_long(LONGEST_LINE)));
        }
    }
    if !(1..=MOST_SEATS).contains(&class.capacity) {
        return Err(Refused::invalid("capacity", words::wrong_capacity(MOST_SEATS)));
    }
    if class.enrol_until.is_some_and(|until| until > class.starts_at) {
        return Err(Refused::invalid("enrol_until", words::enrols_too_long()));
    }
    if class.enrol_from.zip(class.enrol_until).is_some_and(|(from, until)| from >= until) {
        return Err(Refused::invalid("enrol_from", words::enrols_from_after_until()));
    }
    if class.enrol_from.is_some_and(|from| from >= class.starts_at) {
        return Err(Refused::invalid("enrol_from", words::enrols_from_after_start()));
    }
    let sane = |minutes: &i64| (1..=EARLIEST_REMINDER_MINUTES).contains(minutes);
    if class.reminders.len() > MOST_REMINDERS || !class.reminders.iter().all(sane) {
        return Err(Refused::invalid("reminders", words::wrong_reminders(MOST_REMINDERS, EARLIEST_REMINDER_MINUTES)));
    }
    check_fields(class)?;
    let most = i64::try_from(class.sessions.len()).unwrap_or(i64::MAX);
    if class.certificate_sessions.is_some_and(|needed| !(0..=most).contains(&needed)) {
        return Err(Refused::invalid("certificate_sessions", words::wrong_certificate_sessions(most)));
    }
    Ok(())
}

fn check_fields(class: &Class) -> Result<(), Refused> {
    let refused = |detail: String| Err(Refused::invalid("fields", detail));
    if class.fields.len() > MOST_FIELDS {
        return refused(words::too_many_fields(MOST_FIELDS));
    }
    let mut seen = BTreeSet::new();
    for field in &class.fields {
        let fits = |text: &str, most: usize| !text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control);
        if !fits(&field.label, LONGEST_LABEL) {
            return refused(words::wrong_label(LONGEST_LABEL));
        }
        if !fits(&field.reason, LONGEST_REASON) {
            return refused(words::wrong_reason(&field.label, LONGEST_REASON));
        }
        if !seen.insert(&field.label) {
            return refused(words::same_label(&field.label));
        }
    }
    Ok(())
}
