//! The service desk: a question goes to a person and comes back. States: the bot answers → waiting → human → closed.
//! One rule: every step, what is told of it and its audit row commit in the caller's transaction, so a restart loses nothing.

use std::time::Duration;

use crate::domain::delivery::{OnAmbiguous, Operation, Origin};
use crate::domain::inquiry::{Author, InquiryState, OfficeHours, tax_named};
use crate::domain::message::Message;
use crate::domain::render::render;
use crate::domain::time::Timestamp;
use crate::domain::workday::WorkCalendar;
use crate::replies::desk as words;
use crate::store::deliveries::{self, NewDelivery};
use crate::store::inquiries::{self, Inquiry, NewInquiry};
use crate::store::{Tx, audit, channels};

/// What people write to each other may arrive this much later; after that it is listed as expired.
const TELL_WITHIN: Duration = Duration::from_secs(24 * 3_600);
/// Longest answer of a person, in characters.
pub const LONGEST: usize = 3_000;

/// When people answer, and where to call otherwise.
#[derive(Debug, Clone)]
pub struct Desk {
    pub hours: OfficeHours,
    pub hotline: String,
}

/// Who asks for a person.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    pub channel: &'a str,
    pub person: &'a str,
    pub name: &'a str,
    /// The private chat answers go to.
    pub channel_id: &'a str,
    /// Masked.
    pub question: &'a str,
    pub passages: &'a [String],
    pub score: f64,
}

/// Why a step was not taken; for people.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("没有这次咨询")]
    NoSuchInquiry,
    #[error("{0}")]
    NotNow(String),
    #[error("{0}")]
    Invalid(String),
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl Desk {
    /// Puts a question into the queue, or says where the one before stands; the words for the asker.
    pub async fn hand_off(&self, tx: &mut Tx, asking: &Asking<'_>, calendar: &WorkCalendar, now: Timestamp) -> sqlx::Result<Message> {
        if let Some(open) = inquiries::hold_open(tx, asking.channel, asking.person).await? {
            return self.standing(tx, &open, calendar, now).await;
        }
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
        let id = inquiries::open(tx, &new, now).await?;
        let message = inquiries::say(tx, &id, Author::Asker, asking.name, asking.question, now).await?;
        let told = words::for_staff(asking.name, asking.question, asking.passages, asking.score, tax);
        tell_staff(tx, tax, &message, &told, now).await?;
        match inquiries::get(tx, &id).await? {
            Some(inquiry) => self.standing(tx, &inquiry, calendar, now).await,
            None => Err(sqlx::Error::RowNotFound),
        }
    }

    async fn standing(&self, tx: &mut Tx, inquiry: &Inquiry, calendar: &WorkCalendar, now: Timestamp) -> sqlx::Result<Message> {
        let before = inquiries::waiting_before(tx, inquiry).await?;
        Ok(match self.hours.next_opening(calendar, now) {
            Ok(opens) if opens <= now => words::waiting(before),
            Ok(opens) => words::closed_now(before, opens),
            Err(_) => words::hours_unknown(before, &self.hotline),
        })
    }
}

/// The asker says more; staff see it.
pub async fn hear(tx: &mut Tx, inquiry: &Inquiry, text: &str, now: Timestamp) -> sqlx::Result<()> {
    let message = inquiries::say(tx, &inquiry.id, Author::Asker, &inquiry.person_name, text, now).await?;
    tell_staff(tx, &inquiry.tax, &message, &words::asker_says(&inquiry.person_name, text), now).await
}

/// A person takes a waiting inquiry over; from here on the bot is silent.
pub async fn take(tx: &mut Tx, id: &str, staff: &str, now: Timestamp) -> Result<Inquiry, Refused> {
    let inquiry = held(tx, id).await?;
    if !inquiries::take(tx, id, staff, now).await? {
        return Err(Refused::NotNow(words::not_now(inquiry.state, inquiry.assignee.as_deref())));
    }
    inquiries::hush(tx, &inquiry.channel_id, now).await?;
    let told = words::taken(staff);
    let message = inquiries::say(tx, id, Author::Service, staff, "接待", now).await?;
    tell(tx, &inquiry.channel_id, None, &message, &told, now).await?;
    audit::record(tx, staff, "inquiry.take", id, "", now).await?;
    held(tx, id).await
}

/// A person's answer goes to the asker under the person's name; a waiting inquiry is taken by it.
pub async fn answer(tx: &mut Tx, id: &str, staff: &str, text: &str, now: Timestamp) -> Result<Inquiry, Refused> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refused::Invalid(words::nothing_to_say()));
    }
    if text.chars().count() > LONGEST {
        return Err(Refused::Invalid(words::too_long(LONGEST)));
    }
    let mut inquiry = held(tx, id).await?;
    match inquiry.state {
        InquiryState::Closed => return Err(Refused::NotNow(words::not_now(inquiry.state, None))),
        InquiryState::Waiting => inquiry = take(tx, id, staff, now).await?,
        InquiryState::Human => {}
    }
    let message = inquiries::say(tx, id, Author::Staff, staff, text, now).await?;
    tell(tx, &inquiry.channel_id, None, &message, &words::answer(staff, text), now).await?;
    audit::record(tx, staff, "inquiry.answer", id, &message, now).await?;
    Ok(inquiry)
}

/// Hands an inquiry on: to the queue of a tax where `to` names one, else to a colleague of that name.
pub async fn transfer(tx: &mut Tx, id: &str, staff: &str, to: &str, now: Timestamp) -> Result<Inquiry, Refused> {
    let to = to.trim();
    if to.is_empty() || to.chars().count() > 40 {
        return Err(Refused::Invalid(words::hand_to_whom()));
    }
    let inquiry = held(tx, id).await?;
    if inquiry.state == InquiryState::Closed {
        return Err(Refused::NotNow(words::not_now(inquiry.state, None)));
    }
    let message = inquiries::say(tx, id, Author::Service, staff, &format!("转给 {to}"), now).await?;
    if let Some(tax) = tax_named(to) {
        inquiries::requeue(tx, id, tax).await?;
        tell(tx, &inquiry.channel_id, None, &message, &words::moving(), now).await?;
        let told = words::for_staff(&inquiry.person_name, &inquiry.question, &inquiry.passages, inquiry.score, tax);
        tell_staff(tx, tax, &message, &told, now).await?;
    } else {
        inquiries::reassign(tx, id, to).await?;
        inquiries::hush(tx, &inquiry.channel_id, now).await?;
        tell(tx, &inquiry.channel_id, None, &message, &words::taken(to), now).await?;
    }
    audit::record(tx, staff, "inquiry.transfer", id, to, now).await?;
    held(tx, id).await
}

/// Staff close an inquiry; where a person answered, the asker is asked for a 服务评价.
pub async fn close(tx: &mut Tx, id: &str, staff: &str, now: Timestamp) -> Result<Inquiry, Refused> {
    let inquiry = held(tx, id).await?;
    if inquiry.state != InquiryState::Human {
        return Err(Refused::NotNow(words::not_now(inquiry.state, inquiry.assignee.as_deref())));
    }
    inquiries::close(tx, id, now).await?;
    let message = inquiries::say(tx, id, Author::Service, staff, "办结", now).await?;
    tell(tx, &inquiry.channel_id, None, &message, &words::rate_us(id), now).await?;
    audit::record(tx, staff, "inquiry.close", id, "", now).await?;
    held(tx, id).await
}

/// The asker ends it, in the queue or in talk; the words for the asker.
pub async fn leave(tx: &mut Tx, channel: &str, person: &str, now: Timestamp) -> sqlx::Result<Message> {
    let Some(open) = inquiries::hold_open(tx, channel, person).await? else { return Ok(words::nothing_open()) };
    inquiries::close(tx, &open.id, now).await?;
    let message = inquiries::say(tx, &open.id, Author::Service, &open.person_name, "提问人结束", now).await?;
    tell_staff(tx, &open.tax, &message, &words::asker_left(&open.person_name), now).await?;
    Ok(match open.state {
        InquiryState::Human => words::rate_us(&open.id),
        InquiryState::Waiting | InquiryState::Closed => words::left_queue(),
    })
}

async fn held(tx: &mut Tx, id: &str) -> Result<Inquiry, Refused> {
    inquiries::hold(tx, id).await?.ok_or(Refused::NoSuchInquiry)
}

/// Tells the staff chat, if there is one; without it, the inquiry stands in the list all the same.
async fn tell_staff(tx: &mut Tx, tax: &str, origin: &str, message: &Message, now: Timestamp) -> sqlx::Result<()> {
    match inquiries::staff_topic(tx, tax).await? {
        Some(topic) => tell(tx, &topic.channel_id, topic.thread.as_deref(), origin, message, now).await,
        None => Ok(()),
    }
}

async fn tell(tx: &mut Tx, channel_id: &str, thread: Option<&str>, origin: &str, message: &Message, now: Timestamp) -> sqlx::Result<()> {
    let Some(channel) = channels::get(tx, channel_id).await? else { return Ok(()) };
    for (part, content) in (0..).zip(render(message, channel.kind.limits())) {
        let new = NewDelivery {
            origin: Origin::Reply,
            origin_id: origin,
            revision: 1,
            channel_id,
            part,
            operation: Operation::Send,
            content: &content,
            thread,
            reply_to: None,
            message_id: None,
            on_ambiguous: OnAmbiguous::Ask,
            due_at: now,
            not_after: now.plus(TELL_WITHIN),
        };
        deliveries::insert(tx, &new, now).await?;
    }
    Ok(())
}
