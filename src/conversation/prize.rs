//! The prize quiz in a private chat: how somebody stands, and the mobile number they answer with to be drawn. A number is read only while
//! the chat listens for one, and is neither logged nor kept.

use super::{Concluded, Considered, Conversation};
use crate::broadcasts::Refused;
use crate::broadcasts::quizzes::Quizzed;
use crate::domain::code::Entry;
use crate::domain::inbound::{Act, Inbound, Reply, Scope};
use crate::domain::message::Message;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::replies::prize_quiz as words;
use crate::store::{Tx, codes};

/// Digits from which on something looks like a mobile number that was mistyped.
const LIKE_A_PHONE: usize = 7;

/// What is wanted of a prize quiz.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prize {
    /// How one stands; `code` is the code that was scanned for it.
    Card { quiz: String, code: Option<String> },
    /// To be drawn under this number.
    Join { quiz: String, phone: Phone },
}

impl Conversation {
    /// Opens a prize quiz that people may see.
    pub(super) async fn open_quiz(&self, inbound: &Inbound, quiz: &str, code: Option<&str>) -> anyhow::Result<Considered> {
        if self.broadcasts.public_quiz(quiz).await?.is_none() {
            return Ok(Considered::Words(crate::replies::codes::gone()));
        }
        if inbound.scope == Scope::Group {
            return Ok(Considered::Words(Message::text(words::only_in_private())));
        }
        Ok(Considered::Prize(Prize::Card { quiz: quiz.to_owned(), code: code.map(str::to_owned) }))
    }

    /// A mobile number where a quiz listens for it.
    pub(super) async fn phone_words(&self, inbound: &Inbound, now: Timestamp) -> anyhow::Result<Option<Considered>> {
        let (Scope::Private, Act::Text(text)) = (inbound.scope, &inbound.act) else { return Ok(None) };
        if !looks_like_a_phone(text) {
            return Ok(None);
        }
        let Some(quiz) = self.broadcasts.phone_awaited(inbound.channel, &inbound.person, now).await? else { return Ok(None) };
        Ok(Some(match Phone::parse(text) {
            Some(phone) => Considered::Prize(Prize::Join { quiz, phone }),
            None => Considered::Words(Message::text(words::wrong_phone())),
        }))
    }

    /// Tells how somebody stands, or puts them into the draw.
    pub(super) async fn prize(&self, tx: &mut Tx, wanted: &Prize, inbound: &Inbound, now: Timestamp) -> anyhow::Result<Concluded> {
        let message = match wanted {
            Prize::Card { quiz, code } => {
                if let Some(code) = code {
                    codes::count_scan(tx, code, Entry::Chat, now).await?;
                }
                let card = self.broadcasts.quiz_card(tx, quiz, (inbound.channel, &inbound.person), now).await?;
                card.unwrap_or_else(crate::replies::codes::gone)
            }
            Prize::Join { quiz, phone } => {
                let who = Quizzed { channel: inbound.channel.word(), person: &inbound.person, name: "", phone: Some(phone) };
                Message::text(match self.broadcasts.join_draw(tx, quiz, who, now).await {
                    Ok(entry) => words::joined(entry.number),
                    Err(Refused::Invalid { .. }) => words::phone_drawn_already(),
                    Err(Refused::Conflict(why)) => why,
                    Err(other) => return Err(other.into()),
                })
            }
        };
        Ok(Concluded { reply: Some(Reply::words(message)), notice: None })
    }
}

/// Digits and what people write between them, nothing else.
fn looks_like_a_phone(text: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    let between = |c: char| c.is_whitespace() || matches!(c, '-' | '－' | '—' | '+' | '＋');
    text.chars().all(|c| digit(c) || between(c)) && text.chars().filter(|c| digit(*c)).count() >= LIKE_A_PHONE
}
