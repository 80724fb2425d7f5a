//! One thing a person does → one reply, the same on every channel.
//! In two steps, so that a reply commits together with what it says: [`Conversation::consider`] reads and searches, writing nothing;
//! [`Conversation::conclude`] writes, inside the transaction that also stores the outgoing reply.

mod after_class;
mod cards;
mod commands;
mod door;
mod pace;
mod people;
mod privacy;
mod prize;
mod questions;
mod subscribing;
mod visitors;

use std::sync::{Arc, Mutex};

use crate::answering::{self, Answering};
use crate::broadcasts::Broadcasts;
use crate::config::{Config, ConfigError};
use crate::desk::{self, Desk};
use crate::domain::code::Entry;
use crate::domain::inbound::{Act, Inbound, Reply, Scope};
use crate::domain::message::Message;
use crate::domain::time::Timestamp;
use crate::gaps::{Gaps, Wish};
use crate::replies;
use crate::store::questions::{self as log, Useful};
use crate::store::{Store, Tx, codes};

use after_class::Tap;
use commands::Command;
use pace::{Pace, Paces};

pub use cards::Target;
pub use door::AtDoor;
pub use people::HandOff;
pub use privacy::Privacy;
pub use prize::Prize;
pub use questions::{Asked, Asker};
pub use subscribing::Subscribing;
pub use visitors::{Talk, Visitor};

/// The room; clones share it.
#[derive(Debug, Clone)]
pub struct Conversation {
    store: Store,
    answering: Answering,
    broadcasts: Broadcasts,
    public_url: Arc<str>,
    hotline: Arc<str>,
    desk: Arc<Desk>,
    gaps: Gaps,
    paces: Arc<Mutex<Paces>>,
}

/// What was made of an inbound, before anything is written.
#[derive(Debug)]
pub enum Considered {
    /// Nothing is said.
    Silence,
    /// Words only.
    Words(Message),
    /// A question and what became of it.
    Answered(Box<Asked>),
    /// What was spoken of is forgotten.
    Forget,
    /// 有用 or 无用 for an answer.
    Feedback {
        answer: String,
        useful: Useful,
    },
    /// A code was scanned: its card, and one more scan.
    Card {
        code: String,
        message: Message,
    },
    /// What somebody wants to hear of.
    Subscribing(Subscribing),
    /// What is kept of them, or no longer.
    Privacy(Privacy),
    /// A seat in a class is wanted, or given up.
    Enrol(String),
    Withdraw(String),
    AtDoor(AtDoor),
    /// A prize quiz, or being drawn in it.
    Prize(Prize),
    /// A person is wanted.
    HandOff(Box<HandOff>),
    /// No person is wanted any more.
    Leave,
    /// A closed inquiry is to go on.
    ComeBack(String),
    /// A button of a survey or a vote.
    AfterClass(Tap),
    /// Words that answer a survey's question: the talk that listens, and what was written.
    SurveyWords {
        talk: String,
        text: String,
    },
    /// An opinion or a suggestion, a number to look up, or nothing: how it is done.
    Suggest(String),
    /// What to hear of answers.
    Notices(Wish),
    /// 服务评价, 1 to 5.
    Rate {
        inquiry: String,
        stars: i64,
    },
}

/// What is said, and the short notice a tapped button shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Concluded {
    pub reply: Option<Reply>,
    pub notice: Option<String>,
}

impl Conversation {
    /// Works with the rooms below.
    pub fn new(store: Store, answering: Answering, broadcasts: Broadcasts, config: &Config) -> Result<Self, ConfigError> {
        let desk = Desk { hours: config.desk.office_hours()?, hotline: config.desk.hotline.clone(), idle: config.desk.idle() };
        let gaps = Gaps::new(store.clone(), answering.clone(), config);
        Ok(Self {
            gaps,
            store,
            answering,
            broadcasts,
            public_url: config.public_url().into(),
            hotline: config.desk.hotline.as_str().into(),
            desk: Arc::new(desk),
            paces: Arc::default(),
        })
    }

    /// Understands what was done and looks up what is needed; writes nothing. `bot` is the bot's user name, for links.
    pub async fn consider(&self, inbound: &Inbound, bot: Option<&str>, now: Timestamp) -> anyhow::Result<Considered> {
        let person = format!("{}:{}", inbound.channel.word(), inbound.person);
        let pace = self.paces.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take(&person, now);
        match pace {
            Pace::Free => {}
            Pace::Notice => return Ok(Considered::Words(replies::conversation::slow_down())),
            Pace::Silence => return Ok(Considered::Silence),
        }
        if let Act::Text(text) | Act::Command { rest: text, .. } = &inbound.act
            && inbound.scope == Scope::Group
            && answering::has_personal_data(text)
        {
            return Ok(Considered::Words(replies::conversation::go_private(bot)));
        }
        match commands::read(&inbound.act) {
            Command::Nothing => Ok(Considered::Silence),
            Command::Start => Ok(Considered::Words(replies::conversation::start(&self.hotline))),
            Command::Help => Ok(Considered::Words(replies::conversation::help(&self.hotline))),
            Command::Latest => self.latest().await,
            Command::Classes => self.classes(now).await,
            Command::New => Ok(Considered::Forget),
            Command::Subscriptions => Ok(Considered::Subscribing(Subscribing::Show)),
            Command::Subscribe(key) => Ok(Considered::Subscribing(Subscribing::Toggle(key))),
            Command::Rhythm(rhythm) => Ok(Considered::Subscribing(Subscribing::Rhythm(rhythm))),
            Command::Unsubscribe => Ok(Considered::Subscribing(Subscribing::Stop)),
            Command::Privacy(wish) => Ok(Considered::Privacy(wish)),
            Command::Mine => self.mine(inbound, now).await,
            Command::EnrolNumber(number) => self.enrol_number(number, now).await,
            Command::Open(code) => self.open_code(inbound, &code, now).await,
            Command::Quiz(quiz) => self.open_quiz(inbound, &quiz, None).await,
            Command::CardQuestion { code, number } => match self.card_question(&code, number).await? {
                Some(question) => self.answer(inbound, &question, now).await,
                None => Ok(Considered::Words(Message::text(replies::conversation::button_expired()))),
            },
            Command::Enrol(class) => Ok(Considered::Enrol(class)),
            Command::Withdraw(class) => Ok(Considered::Withdraw(class)),
            Command::CheckIn { class, code } => Ok(Considered::AtDoor(AtDoor::CheckIn { class, code })),
            Command::Certificates => self.certificates(inbound).await,
            Command::SkipQuestion => Ok(Considered::AtDoor(AtDoor::Skip)),
            Command::LaterQuestion => Ok(Considered::AtDoor(AtDoor::Later)),
            Command::AskFields(class) => Ok(Considered::AtDoor(AtDoor::Fields(class))),
            Command::Feedback { answer, useful } => Ok(Considered::Feedback { answer, useful }),
            Command::Suggestion { answer, number } => self.suggestion(inbound, &answer, number, now).await,
            Command::Human { answer, question } => self.hand_off(inbound, answer.as_deref(), &question, now).await,
            Command::Leave => Ok(Considered::Leave),
            Command::ComeBack(inquiry) => Ok(Considered::ComeBack(inquiry)),
            Command::Suggest(_) if inbound.scope == Scope::Group => {
                Ok(Considered::Words(Message::text(replies::ledger::only_in_private())))
            }
            Command::Suggest(text) => Ok(Considered::Suggest(text)),
            Command::Notices(wish) => Ok(Considered::Notices(wish)),
            Command::Rate { inquiry, stars } => Ok(Considered::Rate { inquiry, stars }),
            Command::Ask(question) if question.trim().is_empty() => Ok(Considered::Words(replies::conversation::ask_what())),
            Command::AfterClass(tap) => Ok(Considered::AfterClass(tap)),
            Command::Ask(question) => match self.listened_for(inbound, now).await? {
                Some(considered) => Ok(considered),
                None => self.answer(inbound, &question, now).await,
            },
        }
    }

    /// Writes what follows and words the reply; the caller commits `tx` together with the outgoing message.
    pub async fn conclude(
        &self,
        tx: &mut Tx,
        considered: Considered,
        inbound: &Inbound,
        private_channel: Option<&str>,
        now: Timestamp,
    ) -> anyhow::Result<Concluded> {
        if let Some(concluded) = self.overheard(tx, &considered, inbound, now).await? {
            return Ok(concluded);
        }
        match considered {
            Considered::Silence => Ok(Concluded { reply: None, notice: None }),
            Considered::Words(message) => Ok(Concluded { reply: Some(Reply::words(message)), notice: None }),
            Considered::Card { code, message } => {
                codes::count_scan(tx, &code, Entry::Chat, now).await?;
                Ok(Concluded { reply: Some(Reply::words(message)), notice: None })
            }
            Considered::Answered(asked) => {
                self.note(tx, &asked, &Asker::of(inbound), now).await?;
                let verified = asked.outcome.reason == answering::Reason::Verified;
                let answer = asked.outcome.answer;
                let mut message = replies::answers::message(&answer, &self.public_url);
                if verified && inbound.scope == Scope::Private {
                    message = message.with_buttons(vec![replies::gaps::follow_button(&answer.id)]);
                }
                Ok(Concluded { reply: Some(Reply { message, answer: Some(answer) }), notice: None })
            }
            Considered::Forget => {
                self.forget_topic(tx, &Asker::of(inbound)).await?;
                Ok(Concluded { reply: Some(Reply::words(replies::conversation::forgotten())), notice: None })
            }
            Considered::Feedback { answer, useful } => {
                let known = log::feedback(tx, &answer, useful).await?;
                let notice = match (known, useful) {
                    (false, _) => replies::conversation::button_expired(),
                    (true, Useful::Yes) => replies::conversation::thanks(),
                    (true, Useful::No) => replies::conversation::sorry(&self.hotline),
                };
                Ok(Concluded { reply: None, notice: Some(notice) })
            }
            Considered::Subscribing(wish) => subscribing::conclude(tx, wish, inbound, private_channel, now).await,
            Considered::Privacy(wish) => self.privacy(tx, wish, inbound, private_channel, now).await,
            Considered::Enrol(class) => self.enrol(tx, &class, inbound, private_channel, now).await,
            Considered::Withdraw(class) => self.withdraw(tx, &class, inbound, now).await,
            Considered::Prize(wanted) => self.prize(tx, &wanted, inbound, now).await,
            Considered::AtDoor(what) => self.at_door(tx, what, inbound, now).await,
            Considered::HandOff(hand_off) => self.queue(tx, &hand_off, inbound, private_channel, now).await,
            Considered::Leave => {
                let words = desk::leave(tx, inbound.channel.word(), &inbound.person, now).await?;
                Ok(Concluded { reply: Some(Reply::words(words)), notice: None })
            }
            Considered::ComeBack(inquiry) => self.come_back(tx, &inquiry, inbound, now).await,
            Considered::AfterClass(tap) => self.tapped(tx, &tap, inbound, now).await,
            Considered::SurveyWords { talk, text } => self.survey_answered(tx, &talk, text, inbound, now).await,
            Considered::Suggest(text) => self.suggest(tx, &text, inbound, private_channel, now).await,
            Considered::Notices(wish) => self.notices(tx, &wish, inbound, private_channel, now).await,
            Considered::Rate { inquiry, stars } => self.rate(tx, &inquiry, stars, inbound, now).await,
        }
    }

    async fn answer(&self, inbound: &Inbound, question: &str, now: Timestamp) -> anyhow::Result<Considered> {
        let asked = self.ask(&Asker::of(inbound), question, None, now).await?;
        Ok(Considered::Answered(Box::new(asked)))
    }

    async fn suggestion(&self, inbound: &Inbound, answer: &str, number: usize, now: Timestamp) -> anyhow::Result<Considered> {
        let asked = log::get(&mut *self.store.read().await?, answer).await?;
        match asked.and_then(|asked| asked.suggestions.get(number).cloned()) {
            Some(question) => self.answer(inbound, &question, now).await,
            None => Ok(Considered::Words(Message::text(replies::conversation::button_expired()))),
        }
    }
}
