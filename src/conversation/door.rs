//! At the door of a class and before it: checking in by a code, and answering what the trainer asks.

use super::commands::told;
use super::{Concluded, Considered, Conversation};
use crate::broadcasts::asked::Said;
use crate::broadcasts::check_in::Guest;
use crate::domain::class::{Class, FieldKind};
use crate::domain::inbound::{Act, Inbound, Reply, Scope};
use crate::domain::message::Message;
use crate::domain::time::Timestamp;
use crate::replies::{check_ins as words, conversation};
use crate::store::{Tx, classes};

/// What is done at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtDoor {
    CheckIn {
        class: Option<String>,
        code: String,
    },
    /// What was written to the open question, as it may be kept.
    Answer(String),
    Skip,
    Later,
    /// Asks again what a class's list still misses.
    Fields(String),
}

impl Conversation {
    /// Words in a private chat are the answer to the question that is open there; `None` where none is.
    pub(super) async fn answers_question(&self, inbound: &Inbound, now: Timestamp) -> anyhow::Result<Option<Considered>> {
        let (Scope::Private, Act::Text(text)) = (inbound.scope, &inbound.act) else { return Ok(None) };
        let Some(field) = self.broadcasts.open_question(inbound.channel, &inbound.person, now).await? else { return Ok(None) };
        // A number the trainer asks for is kept as given; nothing else that looks like one is.
        let text = if field.kind == FieldKind::Text { self.answering.without_secrets(text) } else { text.clone() };
        Ok(Some(Considered::AtDoor(AtDoor::Answer(text))))
    }

    pub(super) async fn certificates(&self, inbound: &Inbound) -> anyhow::Result<Considered> {
        if inbound.scope == Scope::Group {
            return Ok(Considered::Words(crate::replies::desk::only_in_private()));
        }
        let mine = self.broadcasts.certificates_of(inbound.channel, &inbound.person).await?;
        Ok(Considered::Words(words::certificates(&mine)))
    }

    pub(super) async fn at_door(&self, tx: &mut Tx, what: AtDoor, inbound: &Inbound, now: Timestamp) -> anyhow::Result<Concluded> {
        let said = match &what {
            AtDoor::CheckIn { code, .. } if code.trim().is_empty() => return Ok(told(inbound, words::how())),
            AtDoor::CheckIn { class, code } => {
                let guest = Guest { channel: inbound.channel, person: &inbound.person, address: None };
                let checked = self.broadcasts.check_in(tx, class.as_deref(), code, guest, now).await?;
                let at = checked.at.as_ref().map(|(class, session)| (class, session));
                return Ok(told(inbound, words::told(checked.reason, at)));
            }
            AtDoor::Fields(id) => {
                let stored = classes::get(tx, id, "").await?;
                let asked = match stored {
                    Some(stored) if inbound.scope == Scope::Private => self.ask_fields(tx, &stored.class, inbound, now).await?,
                    Some(_) | None => None,
                };
                return Ok(said_back(inbound, asked));
            }
            AtDoor::Answer(text) => Said::Words(text),
            AtDoor::Skip => Said::Skip,
            AtDoor::Later => Said::Later,
        };
        let reply = self.broadcasts.hear_answer(tx, inbound.channel, &inbound.person, said, now).await?;
        Ok(said_back(inbound, reply))
    }

    /// The next question of a class: for the reply in a private chat, by a message of its own where the tap was in a group.
    pub(super) async fn ask_fields(
        &self,
        tx: &mut Tx,
        class: &Class,
        inbound: &Inbound,
        now: Timestamp,
    ) -> anyhow::Result<Option<Message>> {
        if class.fields.is_empty() {
            return Ok(None);
        }
        match inbound.scope {
            Scope::Private => Ok(self.broadcasts.ask_next_field(tx, class, inbound.channel, &inbound.person, now).await?),
            Scope::Group => {
                self.broadcasts.ask_in_private(tx, class, inbound.channel, &inbound.person, now).await?;
                Ok(None)
            }
        }
    }
}

fn said_back(inbound: &Inbound, message: Option<Message>) -> Concluded {
    let tapped = matches!(inbound.act, Act::Button(_));
    let notice = (tapped && message.is_none()).then(conversation::button_expired);
    Concluded { reply: message.map(Reply::words), notice }
}
