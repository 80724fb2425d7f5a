//! What is kept of a person, shown to them; and forgetting them. A person's own: a group can ask for neither.

use super::{Concluded, Conversation};
use crate::desk;
use crate::domain::channel::ChannelKind;
use crate::domain::id::new_id;
use crate::domain::inbound::{Act, Inbound, Reply, Scope};
use crate::domain::message::Message;
use crate::domain::personal::{Found, Outcome};
use crate::domain::time::Timestamp;
use crate::replies::privacy as words;
use crate::store::notices::tell;
use crate::store::personal::{self, Who};
use crate::store::{Tx, audit, classes, inquiries};

/// What somebody wants of their own data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    Show,
    /// Wants to be forgotten, and is asked whether they are sure.
    Ask,
    /// Is sure.
    Forget,
}

impl Conversation {
    pub(super) async fn privacy(
        &self,
        tx: &mut Tx,
        wish: Privacy,
        inbound: &Inbound,
        private_channel: Option<&str>,
        now: Timestamp,
    ) -> anyhow::Result<Concluded> {
        if inbound.scope == Scope::Group {
            return Ok(told(inbound, Message::text(words::only_in_private())));
        }
        let who =
            Who { channel: inbound.channel.word().to_owned(), person: inbound.person.clone(), chat: private_channel.map(str::to_owned) };
        Ok(match wish {
            Privacy::Show => told(inbound, words::shown(&self.kept_of(tx, &who, now).await?)),
            Privacy::Ask => told(inbound, words::are_you_sure(&self.kept_of(tx, &who, now).await?)),
            Privacy::Forget => {
                let forgotten = self.forget(tx, &who, now).await?;
                told(inbound, Message::text(words::forgotten(&forgotten)))
            }
        })
    }

    /// Everything kept of a person, with the names of the classes they enrolled in.
    pub async fn kept_of(&self, tx: &mut Tx, who: &Who, now: Timestamp) -> sqlx::Result<Vec<Found>> {
        let mut found = personal::of(tx, who, now).await?;
        for row in found.iter_mut().flat_map(|found| &mut found.rows) {
            let Some(class) = row.get("class_id").and_then(|id| id.as_str()).map(str::to_owned) else { continue };
            if let Some(stored) = classes::get(tx, &class, "").await? {
                row.insert("class_id".to_owned(), stored.class.title.into());
            }
        }
        Ok(found)
    }

    /// Forgets a person: what is running for them ends first, then their rows lose them. What must stay is named.
    pub async fn forget(&self, tx: &mut Tx, who: &Who, now: Timestamp) -> anyhow::Result<Outcome> {
        let mut forgotten = Outcome::default();
        if let Some(channel) = ChannelKind::parse(&who.channel) {
            for enrolment in classes::enrolments_of_person(tx, channel, &who.person).await? {
                let coming = classes::get(tx, &enrolment.class_id, "").await?.is_some_and(|stored| stored.class.starts_at > now);
                if coming {
                    self.broadcasts.withdraw(tx, &enrolment.class_id, channel, &who.person, now).await?;
                    forgotten.withdrawn += 1;
                }
            }
        }
        if inquiries::hold_open(tx, &who.channel, &who.person).await?.is_some() {
            personal::hide_asker(tx, who, words::somebody(), now).await?;
            desk::leave(tx, &who.channel, &who.person, now).await?;
            forgotten.left_queue = true;
        }
        let done = personal::forget(tx, who, now).await?;
        forgotten.rows = done.iter().map(|(_, many)| many).sum();
        forgotten.staying =
            personal::of(tx, who, now).await?.into_iter().filter(|found| found.staying > 0).map(|found| found.table).collect();
        // How much, never who.
        let detail = done.iter().map(|(table, many)| format!("{table} {many}")).collect::<Vec<_>>().join(", ");
        audit::record(tx, "person", "person.forget", "", &detail, now).await?;
        Ok(forgotten)
    }

    /// Forgets a person on their request to staff; they are told in their chat, as when they ask for it themselves.
    pub async fn forget_for(&self, tx: &mut Tx, who: &Who, now: Timestamp) -> anyhow::Result<Outcome> {
        let forgotten = self.forget(tx, who, now).await?;
        if let Some(chat) = &who.chat {
            let name = new_id("forget", now);
            tell(tx, chat, &name, 1, &Message::text(words::forgotten_on_request(&forgotten)), now).await?;
        }
        Ok(forgotten)
    }
}

fn told(inbound: &Inbound, message: Message) -> Concluded {
    let notice = matches!(inbound.act, Act::Button(_)).then(words::done);
    Concluded { reply: Some(Reply::words(message)), notice }
}
