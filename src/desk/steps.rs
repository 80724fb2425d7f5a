//! What staff do with an inquiry: take, answer, hand on, close, open again. They work in their chat and in the console at once: each step
//! made on one side is told on the other.

use std::time::Duration;

use super::telling::{hush, note, tell_asker, tell_staff};
use crate::domain::inquiry::{Author, InquiryState, tax_named};
use crate::domain::time::Timestamp;
use crate::replies::desk as words;
use crate::store::inquiries::{self, Inquiry};
use crate::store::inquiry_messages::{self, NewMessage};
use crate::store::{Tx, audit};

/// Longest answer of a person, in characters.
pub const LONGEST: usize = 3_000;
/// Longest name of a colleague, in characters.
const LONGEST_NAME: usize = 40;

/// Where a member of the staff acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// In the staff chat, where the step is seen already.
    Chat,
    /// In the console or by the API.
    Console,
}

/// Who of the staff acts, and where.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    pub name: &'a str,
    pub side: Side,
}

/// A person's answer.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub text: &'a str,
    /// Token of the form that sent it: sent again, it says nothing twice.
    pub once: Option<&'a str>,
}

/// Why a step was not taken; for people.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("没有这次咨询")]
    NoSuchInquiry,
    #[error("{0}")]
    NotNow(String),
    /// A value that cannot be taken, and the field it stands in.
    #[error("{detail}")]
    Invalid { field: &'static str, detail: String },
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl<'a> By<'a> {
    /// In the console or by the API.
    pub fn console(name: &'a str) -> Self {
        Self { name, side: Side::Console }
    }
}

/// A person takes a waiting inquiry over; from here on the bot is silent.
pub async fn take(tx: &mut Tx, id: &str, by: By<'_>, now: Timestamp) -> Result<Inquiry, Refused> {
    let inquiry = held(tx, id).await?;
    if !inquiries::take(tx, id, by.name, now).await? {
        return Err(Refused::NotNow(words::not_now(inquiry.state, inquiry.assignee.as_deref())));
    }
    hush(tx, &inquiry, now).await?;
    let message = note(tx, id, by.name, &words::noted_taken(), now).await?;
    tell_asker(tx, &inquiry, &message, &words::taken(by.name), now).await?;
    tell_other_side(tx, by, &inquiry.tax, &message, &words::taken_in_console(by.name, &inquiry.person_name), now).await?;
    audit::record(tx, by.name, "inquiry.take", id, "", now).await?;
    held(tx, id).await
}

/// A person's answer goes to the asker under the person's name; a waiting inquiry is taken by it.
pub async fn answer(tx: &mut Tx, id: &str, by: By<'_>, answer: Answer<'_>, now: Timestamp) -> Result<Inquiry, Refused> {
    let text = answer.text.trim();
    if text.is_empty() {
        return Err(Refused::Invalid { field: "text", detail: words::nothing_to_say() });
    }
    if text.chars().count() > LONGEST {
        return Err(Refused::Invalid { field: "text", detail: words::too_long(LONGEST) });
    }
    let mut inquiry = held(tx, id).await?;
    if let Some(once) = answer.once
        && inquiry_messages::was_said(tx, id, once).await?
    {
        return Ok(inquiry);
    }
    let mut now = now;
    match inquiry.state {
        InquiryState::Closed => return Err(Refused::NotNow(words::not_now(inquiry.state, None))),
        InquiryState::Waiting => {
            inquiry = take(tx, id, by, now).await?;
            // Messages of one instant may be sent in any order: who answers is told before the answer.
            now = now.plus(Duration::from_millis(1));
        }
        InquiryState::Human => {}
    }
    let new = NewMessage { author: Author::Staff, name: by.name, text, once: answer.once };
    let Some(message) = inquiry_messages::say(tx, id, &new, now).await? else { return Ok(inquiry) };
    tell_asker(tx, &inquiry, &message, &words::answer(by.name, text), now).await?;
    tell_other_side(tx, by, &inquiry.tax, &message, &words::answered_in_console(by.name, &inquiry.person_name, text), now).await?;
    audit::record(tx, by.name, "inquiry.answer", id, &message, now).await?;
    Ok(inquiry)
}

/// Hands an inquiry on: to the queue of a tax where `to` names one, else to a colleague of that name.
pub async fn transfer(tx: &mut Tx, id: &str, by: By<'_>, to: &str, now: Timestamp) -> Result<Inquiry, Refused> {
    let to = to.trim();
    if to.is_empty() || to.chars().count() > LONGEST_NAME {
        return Err(Refused::Invalid { field: "to", detail: words::hand_to_whom() });
    }
    let inquiry = held(tx, id).await?;
    if inquiry.state == InquiryState::Closed {
        return Err(Refused::NotNow(words::not_now(inquiry.state, None)));
    }
    let message = note(tx, id, by.name, &words::noted_handed_to(to), now).await?;
    if let Some(tax) = tax_named(to) {
        inquiries::requeue(tx, id, Some(tax), now).await?;
        tell_asker(tx, &inquiry, &message, &words::moving(), now).await?;
        let told = words::for_staff(&inquiry.person_name, &inquiry.question, &inquiry.passages, inquiry.score, tax);
        tell_staff(tx, tax, &message, &told, now).await?;
    } else {
        inquiries::reassign(tx, id, to, now).await?;
        hush(tx, &inquiry, now).await?;
        tell_asker(tx, &inquiry, &message, &words::taken(to), now).await?;
    }
    // Where both queues share a chat, the first word in it stands.
    tell_other_side(tx, by, &inquiry.tax, &message, &words::handed_in_console(by.name, &inquiry.person_name, to), now).await?;
    audit::record(tx, by.name, "inquiry.transfer", id, to, now).await?;
    held(tx, id).await
}

/// Staff close an inquiry; where a person answered, the asker is asked for a 服务评价.
pub async fn close(tx: &mut Tx, id: &str, by: By<'_>, now: Timestamp) -> Result<Inquiry, Refused> {
    let inquiry = held(tx, id).await?;
    if inquiry.state != InquiryState::Human {
        return Err(Refused::NotNow(words::not_now(inquiry.state, inquiry.assignee.as_deref())));
    }
    inquiries::close(tx, id, now).await?;
    let message = note(tx, id, by.name, &words::noted_closed(), now).await?;
    tell_asker(tx, &inquiry, &message, &words::rate_us(id), now).await?;
    tell_other_side(tx, by, &inquiry.tax, &message, &words::closed_in_console(by.name, &inquiry.person_name), now).await?;
    audit::record(tx, by.name, "inquiry.close", id, "", now).await?;
    held(tx, id).await
}

/// Staff open a closed inquiry again and answer it themselves.
pub async fn reopen(tx: &mut Tx, id: &str, by: By<'_>, now: Timestamp) -> Result<Inquiry, Refused> {
    held(tx, id).await?;
    if !inquiries::reopen(tx, id, now).await? {
        return Err(Refused::NotNow(words::not_again()));
    }
    audit::record(tx, by.name, "inquiry.reopen", id, "", now).await?;
    take(tx, id, by, now).await
}

/// A colleague is there no more: what they had open goes back into the queue, in its old place. Says how many.
pub async fn free(tx: &mut Tx, colleague: &str, now: Timestamp) -> sqlx::Result<usize> {
    let mut freed = 0;
    for found in inquiries::held_by(tx, colleague).await? {
        // Looked at again while held: it may have been closed or handed on just now.
        let Some(inquiry) = inquiries::hold(tx, &found.id).await? else { continue };
        if inquiry.state != InquiryState::Human || inquiry.assignee.as_deref() != Some(colleague) {
            continue;
        }
        inquiries::requeue(tx, &inquiry.id, None, now).await?;
        let message = note(tx, &inquiry.id, words::SERVICE, &words::noted_freed(colleague), now).await?;
        tell_asker(tx, &inquiry, &message, &words::moving(), now).await?;
        let told = words::for_staff(&inquiry.person_name, &inquiry.question, &inquiry.passages, inquiry.score, &inquiry.tax);
        tell_staff(tx, &inquiry.tax, &message, &told, now).await?;
        freed += 1;
    }
    Ok(freed)
}

async fn held(tx: &mut Tx, id: &str) -> Result<Inquiry, Refused> {
    inquiries::hold(tx, id).await?.ok_or(Refused::NoSuchInquiry)
}

/// The staff chat hears of a step made elsewhere.
async fn tell_other_side(
    tx: &mut Tx,
    by: By<'_>,
    tax: &str,
    origin: &str,
    message: &crate::domain::message::Message,
    now: Timestamp,
) -> sqlx::Result<()> {
    match by.side {
        Side::Chat => Ok(()),
        Side::Console => tell_staff(tx, tax, origin, message, now).await,
    }
}
