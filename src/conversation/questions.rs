//! Questions: the one way from anybody, on any channel, to an answer. In two steps: found first, writing nothing; then noted in the
//! transaction that also holds the reply.

use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::NaiveDate;

use super::Conversation;
use crate::answering::{Ask, Outcome, Reason};
use crate::domain::channel::ChannelKind;
use crate::domain::id::new_id;
use crate::domain::inbound::{Inbound, Scope};
use crate::domain::time::Timestamp;
use crate::store::questions::{self, NewQuestion};
use crate::store::topics::{self, Owner};
use crate::store::{Tx, gap_answers};

/// Who asks, and where.
#[derive(Debug, Clone)]
pub struct Asker {
    pub channel: ChannelKind,
    /// The platform's id of the person; empty where nothing is known: then nothing is remembered either.
    pub person: String,
    /// The platform's id of the chat; empty where there is only one.
    pub chat: String,
    pub scope: Scope,
}

/// A question and what became of it, not yet noted.
#[derive(Debug)]
pub struct Asked {
    pub outcome: Outcome,
    question: String,
    took_us: i64,
}

impl Asker {
    /// Whoever sent an inbound.
    pub fn of(inbound: &Inbound) -> Self {
        Self { channel: inbound.channel, person: inbound.person.clone(), chat: inbound.chat.clone(), scope: inbound.scope }
    }

    fn owner(&self) -> Option<Owner<'_>> {
        (!self.person.is_empty()).then(|| Owner { channel: self.channel.word(), person: &self.person, chat: &self.chat })
    }
}

impl Conversation {
    /// Answers a question, with what the asker was speaking of before.
    pub async fn ask(&self, asker: &Asker, question: &str, as_of: Option<NaiveDate>, now: Timestamp) -> anyhow::Result<Asked> {
        let topic = match asker.owner() {
            Some(owner) => topics::recall(&mut *self.store.read().await?, owner, now).await?,
            None => None,
        };
        let ask = Ask { question: question.to_owned(), as_of, today: now.date(), topic };
        let begun = Instant::now();
        let mut outcome = self.answering.respond(ask, now).await.context("answering task")?.outcome;
        outcome.answer.id = new_id("ans", now);
        let took_us = i64::try_from(begun.elapsed().as_micros()).unwrap_or(i64::MAX);
        Ok(Asked { question: self.answering.without_secrets(question), outcome, took_us })
    }

    /// Logs a question, masked, and keeps it as the topic where it can be one.
    pub async fn note(&self, tx: &mut Tx, asked: &Asked, asker: &Asker, now: Timestamp) -> sqlx::Result<()> {
        let (outcome, answer) = (&asked.outcome, &asked.outcome.answer);
        let question = NewQuestion {
            id: answer.id.clone(),
            channel: asker.channel.word().to_owned(),
            person: asker.person.clone(),
            scope: match asker.scope {
                Scope::Private => "private",
                Scope::Group => "group",
            }
            .to_owned(),
            question: asked.question.clone(),
            decision: answer.decision.word().to_owned(),
            reason: outcome.reason.word().to_owned(),
            gap: outcome.reason.is_gap(),
            document: answer.citations.first().map(|citation| citation.document.clone()),
            score: outcome.score,
            suggestions: answer.suggestions.clone(),
            took_us: asked.took_us,
            asked_at: now,
        };
        questions::log(tx, &question).await?;
        if let (Reason::Verified, Some(document)) = (outcome.reason, &question.document) {
            gap_answers::got_again(tx, document, &question.channel, &question.person, now).await?;
        }
        metrics::counter!("taxhome_questions_total", "channel" => asker.channel.word(), "decision" => answer.decision.word()).increment(1);
        metrics::histogram!("taxhome_answer_seconds").record(Duration::from_micros(u64::try_from(asked.took_us).unwrap_or(0)));
        match asker.owner() {
            Some(owner) if outcome.reason.is_topic() && !outcome.asked.is_empty() => topics::keep(tx, owner, &outcome.asked, now).await,
            Some(_) | None => Ok(()),
        }
    }

    /// Forgets what the asker was speaking of.
    pub(super) async fn forget_topic(&self, tx: &mut Tx, asker: &Asker) -> sqlx::Result<()> {
        match asker.owner() {
            Some(owner) => topics::forget(tx, owner).await,
            None => Ok(()),
        }
    }
}
