//! Surveys and votes in the chat. Words answer a survey only in private, only while its question listens, and never a command.

use super::{Concluded, Considered, Conversation};
use crate::broadcasts::surveys::{Heard, Said};
use crate::broadcasts::votes::Voted;
use crate::domain::inbound::{Act, Inbound, Reply, Scope};
use crate::domain::time::Timestamp;
use crate::replies::after_class as words;
use crate::store::Tx;

/// A tapped button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tap {
    Survey {
        talk: String,
        said: Said,
    },
    /// Topic from 0.
    Vote {
        vote: String,
        topic: usize,
    },
}

/// Reads a button's data; nothing where it is another's.
pub(super) fn read(data: &str) -> Option<Tap> {
    let words: Vec<&str> = data.split(':').collect();
    match words.as_slice() {
        ["vote", vote, topic] => Some(Tap::Vote { vote: (*vote).to_owned(), topic: topic.parse().ok()? }),
        ["svy", talk, question, answer] => {
            let question = question.parse().ok()?;
            let said = match *answer {
                "skip" => Said::Skip(question),
                "stop" => Said::Stop,
                score => Said::Score(question, score.parse().ok()?),
            };
            Some(Tap::Survey { talk: (*talk).to_owned(), said })
        }
        _ => None,
    }
}

impl Conversation {
    /// Plain words that something asked listens for: a question of an enrolment first, for a seat waits, then a draw that waits for a mobile
    /// number, then a survey's question.
    pub(super) async fn listened_for(&self, inbound: &Inbound, now: Timestamp) -> anyhow::Result<Option<Considered>> {
        match self.answers_question(inbound, now).await? {
            Some(answer) => Ok(Some(answer)),
            None => match self.phone_words(inbound, now).await? {
                Some(phone) => Ok(Some(phone)),
                None => self.survey_words(inbound, now).await,
            },
        }
    }

    /// Plain words where a survey's question listens to them.
    async fn survey_words(&self, inbound: &Inbound, now: Timestamp) -> anyhow::Result<Option<Considered>> {
        let Act::Text(text) = &inbound.act else { return Ok(None) };
        // "问 …" is asked on purpose.
        if inbound.scope != Scope::Private || text.trim_start().trim_start_matches('/').starts_with("问 ") {
            return Ok(None);
        }
        let talk = self.broadcasts.survey_listening(inbound.channel, &inbound.person, now).await?;
        Ok(talk.map(|talk| Considered::SurveyWords { talk, text: text.clone() }))
    }

    /// Keeps words as an answer.
    pub(super) async fn survey_answered(
        &self,
        tx: &mut Tx,
        talk: &str,
        text: String,
        inbound: &Inbound,
        now: Timestamp,
    ) -> anyhow::Result<Concluded> {
        let said = Said::Words(self.answering.without_secrets(&text));
        let reply = match self.broadcasts.survey_said(tx, talk, inbound.channel, &inbound.person, &said, now).await? {
            Heard::Message(message) => message,
            Heard::Notice(words) => crate::domain::message::Message::text(words),
        };
        Ok(Concluded { reply: Some(Reply::words(reply)), notice: None })
    }

    /// A tap is answered by its notice; what follows goes out by itself.
    pub(super) async fn tapped(&self, tx: &mut Tx, tap: &Tap, inbound: &Inbound, now: Timestamp) -> anyhow::Result<Concluded> {
        let notice = match tap {
            Tap::Survey { talk, said } => match self.broadcasts.survey_said(tx, talk, inbound.channel, &inbound.person, said, now).await? {
                Heard::Notice(words) => Some(words),
                Heard::Message(_) => None,
            },
            Tap::Vote { vote, topic } => {
                Some(match self.broadcasts.cast(tx, vote, *topic, inbound.channel, &inbound.person, now).await? {
                    Voted::Counted(topic, until) => words::voted(&topic, until),
                    Voted::Closed => words::vote_closed(),
                    Voted::NoSuchTopic => words::no_such_vote(),
                })
            }
        };
        Ok(Concluded { reply: None, notice })
    }
}
