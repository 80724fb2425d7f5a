//! What a trainer asks whoever enrols: one question after the other in the chat, a form on the web. Nothing else is kept.

use std::time::Duration;

use super::class_notices::Notice;
use super::{Broadcasts, Refused};
use crate::domain::channel::ChannelKind;
use crate::domain::class::{AskedField, Class, EnrolmentState, FieldKind};
use crate::domain::message::Message;
use crate::domain::time::Timestamp;
use crate::replies::asked as words;
use crate::store::classes::{self, Enrolment};
use crate::store::enrolment_questions::{self, Open};
use crate::store::{Tx, channels};

/// A question nobody answers for so long is dropped: what is written later is a question to the service again.
const OPEN_FOR: Duration = Duration::from_secs(3600);
const LONGEST_ANSWER: usize = 60;
const MOST_PEOPLE: i64 = 100_000;
const PHONE_DIGITS: usize = 11;

/// What somebody did about an open question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said<'a> {
    Words(&'a str),
    Skip,
    /// Asks no more now.
    Later,
}

impl Broadcasts {
    /// The question that waits for a person's answer.
    pub async fn open_question(&self, channel: ChannelKind, person: &str, now: Timestamp) -> Result<Option<AskedField>, Refused> {
        let mut conn = self.store.read().await?;
        let Some(open) = enrolment_questions::open(&mut conn, channel.word(), person).await? else { return Ok(None) };
        if open.asked_at.plus(OPEN_FOR) <= now {
            return Ok(None);
        }
        let class = classes::get(&mut conn, &open.class_id, "").await?;
        Ok(class.and_then(|stored| stored.class.fields.into_iter().find(|field| field.label == open.label)))
    }

    /// Asks the next question of a class, where there is one and the person has a private chat.
    pub async fn ask_next_field(
        &self,
        tx: &mut Tx,
        class: &Class,
        channel: ChannelKind,
        person: &str,
        now: Timestamp,
    ) -> Result<Option<Message>, Refused> {
        let there = classes::enrolment_of(tx, &class.id, channel, person).await?;
        let there = there.filter(|there| there.state != EnrolmentState::Cancelled && there.channel_id.is_some());
        let Some(field) = there.as_ref().and_then(|there| next_of(class, there)) else {
            enrolment_questions::close(tx, channel.word(), person).await?;
            return Ok(None);
        };
        let open = Open { class_id: class.id.clone(), label: field.label.clone(), asked_at: now };
        enrolment_questions::ask(tx, channel.word(), person, &open).await?;
        Ok(Some(words::question(field)))
    }

    /// Asks the next question in the private chat of somebody who enrolled elsewhere.
    pub async fn ask_in_private(
        &self,
        tx: &mut Tx,
        class: &Class,
        channel: ChannelKind,
        person: &str,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let Some(there) = classes::enrolment_of(tx, &class.id, channel, person).await? else { return Ok(()) };
        let Some(chat) = there.channel_id.clone() else { return Ok(()) };
        // Whoever has blocked the bot is not asked.
        if channels::get(tx, &chat).await?.is_none_or(|channel| !channel.reachable) {
            return Ok(());
        }
        if let Some(message) = self.ask_next_field(tx, class, channel, person, now).await? {
            let name = format!("cls:{}:{}:ask:{}", class.id, there.id, there.place_in_line);
            self.send_notice(tx, &chat, Notice { name: &name, message: &message, not_after: now.plus(OPEN_FOR) }, now).await?;
        }
        Ok(())
    }

    /// Takes what somebody said to the open question; says what is asked next, or thanks. `None` where nothing is open.
    pub async fn hear_answer(
        &self,
        tx: &mut Tx,
        channel: ChannelKind,
        person: &str,
        said: Said<'_>,
        now: Timestamp,
    ) -> Result<Option<Message>, Refused> {
        let Some(open) = enrolment_questions::open(tx, channel.word(), person).await? else { return Ok(None) };
        let stored = classes::get(tx, &open.class_id, "").await?;
        let there =
            classes::enrolment_of(tx, &open.class_id, channel, person).await?.filter(|there| there.state != EnrolmentState::Cancelled);
        let (Some(class), Some(mut there)) = (stored.map(|stored| stored.class), there) else {
            enrolment_questions::close(tx, channel.word(), person).await?;
            return Ok(None);
        };
        let Some(field) = class.fields.iter().find(|field| field.label == open.label) else {
            enrolment_questions::close(tx, channel.word(), person).await?;
            return Ok(None);
        };
        let answer = match said {
            Said::Later => {
                enrolment_questions::close(tx, channel.word(), person).await?;
                return Ok(Some(words::later()));
            }
            Said::Skip if field.required => return Ok(Some(words::is_required(field))),
            Said::Skip => String::new(),
            Said::Words(text) => match read_answer(field, text) {
                Ok(answer) => answer,
                Err(why) => return Ok(Some(words::again(field, &why))),
            },
        };
        there.answers.insert(field.label.clone(), answer);
        enrolment_questions::keep(tx, &there.id, &there.answers, now).await?;
        Ok(Some(self.ask_next_field(tx, &class, channel, person, now).await?.unwrap_or_else(|| words::thanks(&class.title))))
    }

    /// Keeps the answers of a form; each is named by its label. What is required must be there.
    pub async fn keep_answers(
        &self,
        tx: &mut Tx,
        class: &Class,
        channel: ChannelKind,
        person: &str,
        given: &[(String, String)],
        now: Timestamp,
    ) -> Result<(), Refused> {
        let Some(mut there) = classes::enrolment_of(tx, &class.id, channel, person).await? else { return Ok(()) };
        there.answers.extend(read_answers(class, given)?);
        Ok(enrolment_questions::keep(tx, &there.id, &there.answers, now).await?)
    }
}

/// Reads the answers of a form, by label.
pub fn read_answers(class: &Class, given: &[(String, String)]) -> Result<Vec<(String, String)>, Refused> {
    let mut read = Vec::new();
    for field in &class.fields {
        let text = given.iter().find(|(label, _)| *label == field.label).map_or("", |(_, text)| text.trim());
        let answer = match text {
            "" if field.required => return Err(Refused::invalid("answers", words::missing(&field.label))),
            "" => String::new(),
            text => read_answer(field, text).map_err(|why| Refused::invalid("answers", words::wrong(&field.label, &why)))?,
        };
        read.push((field.label.clone(), answer));
    }
    Ok(read)
}

/// The first question somebody has neither answered nor skipped.
fn next_of<'a>(class: &'a Class, there: &Enrolment) -> Option<&'a AskedField> {
    class.fields.iter().find(|field| !there.answers.contains_key(&field.label))
}

/// The answer as it is kept, or what to write instead.
fn read_answer(field: &AskedField, text: &str) -> Result<String, String> {
    let text = text.trim();
    match field.kind {
        FieldKind::Text if text.is_empty() || text.chars().count() > LONGEST_ANSWER => Err(words::too_long(LONGEST_ANSWER)),
        FieldKind::Text => Ok(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        FieldKind::Number => {
            let bare: String = text.trim_end_matches(['人', '位', '个', '名']).trim().to_owned();
            match bare.parse::<i64>() {
                Ok(number) if (0..=MOST_PEOPLE).contains(&number) => Ok(number.to_string()),
                _ => Err(words::not_a_number()),
            }
        }
        FieldKind::Phone => {
            let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
            let whole = digits.len() == PHONE_DIGITS && digits.starts_with('1') && digits.bytes().all(|byte| byte.is_ascii_digit());
            if whole { Ok(digits) } else { Err(words::not_a_phone()) }
        }
    }
}
