//! A visitor of the chat page and the people of the desk. A visitor has no chat we could send to: the page asks what was said.

use super::{Conversation, HandOff};
use crate::desk::{self, Asking};
use crate::domain::channel::ChannelKind;
use crate::domain::inquiry::{InquiryState, Standing};
use crate::domain::time::Timestamp;
use crate::store::inquiries::{self, Inquiry};
use crate::store::inquiry_messages::{self, InquiryMessage};
use crate::store::{Tx, questions};

/// Longest a closed talk stays on its asker's page.
const SHOWN_AFTER: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3_600);

/// A browser, by the token only it holds.
#[derive(Debug, Clone, Copy)]
pub struct Visitor<'a> {
    pub person: &'a str,
    /// What staff call them.
    pub name: &'a str,
}

/// What a visitor's page shows of the talk with a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Talk {
    pub inquiry: Inquiry,
    pub said: Vec<InquiryMessage>,
    /// While it waits.
    pub standing: Option<Standing>,
}

impl Conversation {
    /// Looks up what staff want to see of a visitor's question, or of the one behind an answer. `None` where there is no question.
    pub async fn found_for_staff(&self, question: &str, answer: &str, now: Timestamp) -> anyhow::Result<Option<HandOff>> {
        let question = match question.trim() {
            "" => questions::get(&mut *self.store.read().await?, answer).await?.map(|asked| asked.question),
            written => Some(self.answering.without_secrets(written)),
        };
        match question {
            Some(question) => self.looked_up(question, now).await.map(Some),
            None => Ok(None),
        }
    }

    /// Puts a visitor's question into the queue; where one is open already, it stays as it is.
    pub async fn visitor_queues(&self, tx: &mut Tx, visitor: Visitor<'_>, found: &HandOff, now: Timestamp) -> sqlx::Result<()> {
        let asking = Asking {
            channel: ChannelKind::Web.word(),
            person: visitor.person,
            name: visitor.name,
            channel_id: None,
            question: &found.question,
            passages: &found.passages,
            score: found.score,
        };
        self.desk.hand_off(tx, &asking, &self.broadcasts.calendar(), now).await.map(|_| ())
    }

    /// A visitor says something to the desk; where nothing stands open it is not said: `false`.
    pub async fn visitor_says(&self, tx: &mut Tx, person: &str, text: &str, once: Option<&str>, now: Timestamp) -> sqlx::Result<bool> {
        let Some(open) = inquiries::hold_open(tx, ChannelKind::Web.word(), person).await? else { return Ok(false) };
        desk::hear(tx, &open, &self.answering.without_secrets(text), once, now).await?;
        Ok(true)
    }

    /// A visitor asked the bot. While they wait, staff see it too; while a person answers, the bot's answer is dropped: `false`.
    pub async fn visitor_asked(&self, tx: &mut Tx, person: &str, text: &str, now: Timestamp) -> sqlx::Result<bool> {
        let Some(open) = inquiries::hold_open(tx, ChannelKind::Web.word(), person).await? else { return Ok(true) };
        match open.state {
            InquiryState::Human => Ok(false),
            InquiryState::Waiting | InquiryState::Closed => {
                desk::hear(tx, &open, &self.answering.without_secrets(text), None, now).await?;
                Ok(true)
            }
        }
    }

    /// What a visitor's page shows: the open talk, or the one closed last.
    pub async fn talk_of(&self, person: &str, now: Timestamp) -> sqlx::Result<Option<Talk>> {
        let mut conn = self.store.read().await?;
        let since = now.minus(SHOWN_AFTER);
        let Some(inquiry) = inquiries::shown(&mut conn, ChannelKind::Web.word(), person, since).await? else { return Ok(None) };
        let said = inquiry_messages::said(&mut conn, &inquiry.id).await?;
        let standing = match inquiry.state {
            InquiryState::Waiting => Some(self.desk.standing(&mut conn, &inquiry, &self.broadcasts.calendar(), now).await?),
            InquiryState::Human | InquiryState::Closed => None,
        };
        Ok(Some(Talk { inquiry, said, standing }))
    }

    /// Where to call when nobody answers.
    pub fn hotline(&self) -> &str {
        &self.hotline
    }

    /// What the desk does by itself as time passes; says how many talks it ended.
    pub async fn tend(&self, now: Timestamp) -> sqlx::Result<usize> {
        self.desk.tend(&self.store, &self.broadcasts.calendar(), now).await
    }
}
