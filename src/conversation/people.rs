//! Handing over to a person and back. Whether a person answers is looked at in the transaction that would store the bot's reply, so
//! that the bot never speaks over them.

use anyhow::Context;

use super::{Concluded, Considered, Conversation};
use crate::answering::Ask;
use crate::desk::ledger::Proposer;
use crate::desk::{self, Answer, Asking, By, Refused, Side};
use crate::domain::channel::ChannelKind;
use crate::domain::inbound::{Act, Inbound, Reply, Scope};
use crate::domain::inquiry::InquiryState;
use crate::domain::ledger::read_number;
use crate::domain::message::Message;
use crate::domain::time::Timestamp;
use crate::gaps::Wish;
use crate::replies;
use crate::replies::desk as words;
use crate::store::{Tx, inquiries, inquiry_messages, ledger_items, questions, refused};

/// Passages that staff see beside a question.
const PASSAGES: usize = 3;
/// Longest passage shown to staff, in characters.
const PASSAGE_CHARACTERS: usize = 200;
/// Suggestions of one's own that are listed.
const OWN_ITEMS: i64 = 5;

/// A question on its way to a person, with what the search found.
#[derive(Debug)]
pub struct HandOff {
    pub(super) question: String,
    pub(super) passages: Vec<String>,
    pub(super) score: f64,
}

impl Conversation {
    /// Looks up what staff want to see of a question; the question asked last where none is given.
    pub(super) async fn hand_off(
        &self,
        inbound: &Inbound,
        answer: Option<&str>,
        written: &str,
        now: Timestamp,
    ) -> anyhow::Result<Considered> {
        if inbound.scope == Scope::Group {
            return Ok(Considered::Words(words::only_in_private()));
        }
        let mut conn = self.store.read().await?;
        let question = match answer {
            _ if !written.trim().is_empty() => Some(self.answering.without_secrets(written.trim())),
            Some(answer) => questions::get(&mut conn, answer).await?.map(|asked| asked.question),
            None => questions::last_of(&mut conn, inbound.channel.word(), &inbound.person).await?,
        };
        drop(conn);
        let Some(question) = question else { return Ok(Considered::Words(words::ask_first())) };
        Ok(Considered::HandOff(Box::new(self.looked_up(question, now).await?)))
    }

    /// A masked question with what staff want to see of it.
    pub(super) async fn looked_up(&self, question: String, now: Timestamp) -> anyhow::Result<HandOff> {
        let ask = Ask { question: question.clone(), as_of: None, today: now.date(), topic: None };
        let outcome = self.answering.respond(ask, now).await.context("answering task")?.outcome;
        let short = |text: &str| {
            let lines: Vec<&str> = text.lines().map(|line| line.strip_prefix("- ").unwrap_or(line)).collect();
            lines.join("\n").chars().take(PASSAGE_CHARACTERS).collect::<String>()
        };
        let place = |title: &str, article: Option<&str>| format!("《{title}》{}", article.unwrap_or_default());
        let cited = outcome.answer.citations.iter().map(|cited| {
            let place = place(&cited.title, cited.article.as_deref());
            (format!("{place}：{}", short(&cited.quote)), place)
        });
        let ranked = outcome.ranked.iter().map(|ranked| {
            let place = place(&ranked.title, ranked.article.as_deref());
            (format!("{place}（相关度 {:.2}）", ranked.score), place)
        });
        let (mut passages, mut places) = (Vec::new(), Vec::new());
        for (passage, place) in cited.chain(ranked) {
            // Two passages of one place would read alike but for the score.
            if passages.len() < PASSAGES && !places.contains(&place) {
                passages.push(passage);
                places.push(place);
            }
        }
        Ok(HandOff { question, passages, score: outcome.score })
    }

    /// Puts the question into the queue.
    pub(super) async fn queue(
        &self,
        tx: &mut Tx,
        hand_off: &HandOff,
        inbound: &Inbound,
        private_channel: Option<&str>,
        now: Timestamp,
    ) -> anyhow::Result<Concluded> {
        let channel_id = private_channel.context("a hand-off comes from a private chat")?;
        let asking = Asking {
            channel: inbound.channel.word(),
            person: &inbound.person,
            name: inbound.person_name.as_deref().unwrap_or("纳税人"),
            channel_id: Some(channel_id),
            question: &hand_off.question,
            passages: &hand_off.passages,
            score: hand_off.score,
        };
        let message = self.desk.hand_off(tx, &asking, &self.broadcasts.calendar(), now).await?;
        Ok(Concluded { reply: Some(Reply::words(message)), notice: None })
    }

    /// Where an inquiry is open: what the asker writes goes to the person; and while a person answers, the bot's reply is dropped.
    pub(super) async fn overheard(
        &self,
        tx: &mut Tx,
        considered: &Considered,
        inbound: &Inbound,
        now: Timestamp,
    ) -> anyhow::Result<Option<Concluded>> {
        let own = matches!(considered, Considered::Leave | Considered::Rate { .. } | Considered::ComeBack(_) | Considered::Privacy(_));
        if inbound.scope == Scope::Group || own {
            return Ok(None);
        }
        let Some(open) = inquiries::hold_open(tx, inbound.channel.word(), &inbound.person).await? else { return Ok(None) };
        let written = match &inbound.act {
            Act::Text(text) => Some(text.clone()),
            Act::Command { name, rest } => Some(format!("/{name} {rest}")),
            Act::Button(_) | Act::Membership { .. } => None,
        };
        match (open.state, written) {
            (InquiryState::Human, Some(text)) => {
                desk::hear(tx, &open, &self.answering.without_secrets(&text), None, now).await?;
                Ok(Some(Concluded { reply: None, notice: None }))
            }
            (InquiryState::Human, None) if matches!(considered, Considered::Feedback { .. }) => Ok(None),
            (InquiryState::Human, None) => Ok(Some(Concluded { reply: None, notice: Some(words::a_person_answers()) })),
            (InquiryState::Waiting, Some(text)) if matches!(considered, Considered::Answered(_)) => {
                desk::hear(tx, &open, &self.answering.without_secrets(&text), None, now).await?;
                Ok(None)
            }
            (InquiryState::Waiting | InquiryState::Closed, _) => Ok(None),
        }
    }

    /// Counts a 服务评价, once per closing; false where it does not count. A low one opens an item of the ledger.
    pub async fn rated(
        &self,
        tx: &mut Tx,
        inquiry: &str,
        channel: ChannelKind,
        person: &str,
        stars: i64,
        now: Timestamp,
    ) -> sqlx::Result<bool> {
        if !inquiries::rate(tx, inquiry, channel.word(), person, stars).await? {
            return Ok(false);
        }
        desk::ledger::rated(tx, inquiry, stars, person, &self.broadcasts.calendar(), now).await?;
        Ok(true)
    }

    /// The asker comes back to a closed inquiry.
    pub(super) async fn come_back(&self, tx: &mut Tx, inquiry: &str, inbound: &Inbound, now: Timestamp) -> anyhow::Result<Concluded> {
        let (channel, person) = (inbound.channel.word(), inbound.person.as_str());
        if !desk::come_back(tx, inquiry, channel, person, now).await? {
            return Ok(Concluded { reply: None, notice: Some(words::not_again()) });
        }
        let Some(open) = inquiries::hold_open(tx, channel, person).await? else { return Ok(Concluded { reply: None, notice: None }) };
        let message = self.desk.place(tx, &open, &self.broadcasts.calendar(), now).await?;
        Ok(Concluded { reply: Some(Reply::words(message)), notice: None })
    }

    /// Writes what somebody wants to hear of answers; a tap is answered by its notice alone.
    pub(super) async fn notices(
        &self,
        tx: &mut Tx,
        wish: &Wish,
        inbound: &Inbound,
        private_channel: Option<&str>,
        now: Timestamp,
    ) -> anyhow::Result<Concluded> {
        let said = match private_channel.filter(|_| inbound.scope == Scope::Private) {
            Some(channel) => self.gaps.wish(tx, wish, channel, now).await?.unwrap_or_else(replies::conversation::button_expired),
            None => replies::gaps::only_in_private(),
        };
        Ok(match inbound.act {
            Act::Button(_) => Concluded { reply: None, notice: Some(said) },
            Act::Text(_) | Act::Command { .. } | Act::Membership { .. } => {
                Concluded { reply: Some(Reply::words(Message::text(said))), notice: None }
            }
        })
    }

    /// Notes a 服务评价.
    pub(super) async fn rate(
        &self,
        tx: &mut Tx,
        inquiry: &str,
        stars: i64,
        inbound: &Inbound,
        now: Timestamp,
    ) -> anyhow::Result<Concluded> {
        if !self.rated(tx, inquiry, inbound.channel, &inbound.person, stars, now).await? {
            return Ok(Concluded { reply: None, notice: Some(words::not_rated()) });
        }
        let opened = ledger_items::of_inquiry(tx, inquiry).await?;
        let notice = opened.as_ref().map_or_else(|| words::rated(stars), replies::ledger::rated);
        Ok(Concluded { reply: None, notice: Some(notice) })
    }

    /// Takes up an opinion or a suggestion, or says where one's own stands.
    pub(super) async fn suggest(
        &self,
        tx: &mut Tx,
        text: &str,
        inbound: &Inbound,
        private_channel: Option<&str>,
        now: Timestamp,
    ) -> anyhow::Result<Concluded> {
        let (channel, person) = (inbound.channel.word(), inbound.person.as_str());
        let said = if text.trim().is_empty() {
            replies::ledger::how_to(&ledger_items::of_person(tx, channel, person, OWN_ITEMS).await?)
        } else if let Some(number) = read_number(text) {
            match ledger_items::own(tx, &number, channel, person).await? {
                Some(item) => replies::ledger::standing(&item),
                None => Message::text(replies::ledger::not_yours()),
            }
        } else {
            let proposer = Proposer { channel, person, channel_id: private_channel };
            let masked = self.answering.without_secrets(text);
            match desk::ledger::suggest(tx, proposer, &masked, &self.broadcasts.calendar(), now).await {
                Ok(item) => Message::text(replies::ledger::receipt(&item)),
                Err(refused::Refused::Store(error)) => return Err(error.into()),
                Err(refused) => Message::text(refused.to_string()),
            }
        };
        Ok(Concluded { reply: Some(Reply::words(said)), notice: None })
    }

    /// A reply in a staff chat to a message of an inquiry: answered, taken, handed on or closed. `None` where the message is no inquiry's.
    pub async fn staff_replied(
        &self,
        tx: &mut Tx,
        channel_id: &str,
        message_id: &str,
        inbound: &Inbound,
        now: Timestamp,
    ) -> anyhow::Result<Option<Message>> {
        let Some(inquiry) = inquiry_messages::of_message(tx, channel_id, message_id).await? else { return Ok(None) };
        let staff = inbound.person_name.as_deref().unwrap_or("坐席");
        let by = By { name: staff, side: Side::Chat };
        let done = match &inbound.act {
            Act::Text(text) => desk::answer(tx, &inquiry, by, Answer { text, once: None }, now).await.map(|_| words::sent_on()),
            Act::Command { name, rest } => match name.as_str() {
                "接" | "take" => desk::take(tx, &inquiry, by, now).await.map(|_| words::you_took(staff)),
                "转" | "transfer" => desk::transfer(tx, &inquiry, by, rest, now).await.map(|_| words::handed_to(rest)),
                "结" | "close" => desk::close(tx, &inquiry, by, now).await.map(|_| words::you_closed()),
                _ => return Ok(None),
            },
            Act::Button(_) | Act::Membership { .. } => return Ok(None),
        };
        match done {
            Ok(message) => Ok(Some(message)),
            Err(Refused::Store(error)) => Err(error.into()),
            Err(refused) => Ok(Some(Message::text(refused.to_string()))),
        }
    }
}
