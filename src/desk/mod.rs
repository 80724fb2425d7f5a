//! The service desk: a question goes to a person and comes back. States: the bot answers → waiting → human → closed.
//! One rule: every step, what is told of it and its audit row commit in the caller's transaction, so a restart loses nothing.

pub mod ledger;
mod steps;
mod telling;
mod tending;

use std::time::Duration;

use crate::domain::inquiry::{Author, InquiryState, OfficeHours, Standing, tax_named};
use crate::domain::message::Message;
use crate::domain::time::Timestamp;
use crate::domain::workday::WorkCalendar;
use crate::replies::desk as words;
use crate::store::Tx;
use crate::store::inquiries::{self, Inquiry, NewInquiry};
use crate::store::inquiry_messages::{self, NewMessage};

pub use steps::{Answer, By, LONGEST, Refused, Side, answer, close, free, reopen, take, transfer};
use telling::{note, tell_staff};

/// When people answer, where to call otherwise, and how long a talk may rest.
#[derive(Debug, Clone)]
pub struct Desk {
    pub hours: OfficeHours,
    pub hotline: String,
    /// A talk in which nobody says anything for so long, counted in office hours, is closed; zero: never.
    pub idle: Duration,
}

/// Who asks for a person.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    pub channel: &'a str,
    pub person: &'a str,
    pub name: &'a str,
    /// The private chat answers go to; nothing on the web.
    pub channel_id: Option<&'a str>,
    /// Masked.
    pub question: &'a str,
    pub passages: &'a [String],
    pub score: f64,
}

impl Desk {
    /// Puts a question into the queue, or says where the one before stands; the words for the asker.
    pub async fn hand_off(&self, tx: &mut Tx, asking: &Asking<'_>, calendar: &WorkCalendar, now: Timestamp) -> sqlx::Result<Message> {
        let tax = tax_named(asking.question).unwrap_or_default();
        let new = NewInquiry {
            channel: asking.channel,
            person: asking.person,
            person_name: asking.name,
            channel_id: asking.channel_id,
            question: asking.question,
            passages: asking.passages,
            score: asking.score,
            tax,
        };
        if let Some(id) = inquiries::open(tx, &new, now).await? {
            let said = NewMessage { author: Author::Asker, name: asking.name, text: asking.question, once: None };
            if let Some(message) = inquiry_messages::say(tx, &id, &said, now).await? {
                let told = words::for_staff(asking.name, asking.question, asking.passages, asking.score, tax);
                tell_staff(tx, tax, &message, &told, now).await?;
            }
        }
        let open = inquiries::hold_open(tx, asking.channel, asking.person).await?.ok_or(sqlx::Error::RowNotFound)?;
        self.place(tx, &open, calendar, now).await
    }

    /// Where an open inquiry stands, in words for a chat.
    pub async fn place(&self, tx: &mut Tx, inquiry: &Inquiry, calendar: &WorkCalendar, now: Timestamp) -> sqlx::Result<Message> {
        match (inquiry.state, &inquiry.assignee) {
            (InquiryState::Human, Some(staff)) => Ok(words::taken(staff)),
            _ => {
                let standing = self.standing(tx, inquiry, calendar, now).await?;
                Ok(words::queued(&words::standing(&standing, &self.hotline)))
            }
        }
    }

    /// How many wait before it, and when people answer.
    pub async fn standing(
        &self,
        conn: &mut sqlx::AnyConnection,
        inquiry: &Inquiry,
        calendar: &WorkCalendar,
        now: Timestamp,
    ) -> sqlx::Result<Standing> {
        let before = inquiries::waiting_before(conn, inquiry).await?;
        Ok(Standing { before, opening: self.hours.opening(calendar, now) })
    }
}

/// The asker says more; staff see it. A form that was sent before (`once`) says nothing twice.
pub async fn hear(tx: &mut Tx, inquiry: &Inquiry, text: &str, once: Option<&str>, now: Timestamp) -> sqlx::Result<()> {
    let new = NewMessage { author: Author::Asker, name: &inquiry.person_name, text, once };
    let Some(message) = inquiry_messages::say(tx, &inquiry.id, &new, now).await? else { return Ok(()) };
    tell_staff(tx, &inquiry.tax, &message, &words::asker_says(&inquiry.person_name, text), now).await
}

/// The asker ends it, in the queue or in talk; the words for the asker.
pub async fn leave(tx: &mut Tx, channel: &str, person: &str, now: Timestamp) -> sqlx::Result<Message> {
    let Some(open) = inquiries::hold_open(tx, channel, person).await? else { return Ok(words::nothing_open()) };
    inquiries::close(tx, &open.id, now).await?;
    let message = note(tx, &open.id, &open.person_name, &words::noted_left(), now).await?;
    tell_staff(tx, &open.tax, &message, &words::asker_left(&open.person_name), now).await?;
    Ok(if open.served { words::rate_us(&open.id) } else { words::left_queue() })
}

/// The asker comes back to a closed inquiry of their own; false where it cannot be opened again.
pub async fn come_back(tx: &mut Tx, id: &str, channel: &str, person: &str, now: Timestamp) -> sqlx::Result<bool> {
    if !inquiries::is_of(tx, id, channel, person).await? || !inquiries::reopen(tx, id, now).await? {
        return Ok(false);
    }
    let Some(inquiry) = inquiries::hold(tx, id).await? else { return Ok(false) };
    let message = note(tx, id, &inquiry.person_name, &words::noted_back(), now).await?;
    let told = words::asker_back(&inquiry.person_name, &inquiry.question, &inquiry.tax);
    tell_staff(tx, &inquiry.tax, &message, &told, now).await?;
    Ok(true)
}
