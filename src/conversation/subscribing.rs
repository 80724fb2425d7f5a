//! Asking for bulletins by tag in private chat, how often, and no longer (F55). A wish is a person's own: a group cannot have one.

use sha2::{Digest, Sha256};

use super::Concluded;
use crate::domain::bulletin::Rhythm;
use crate::domain::inbound::{Act, Inbound, Reply, Scope};
use crate::domain::message::Message;
use crate::domain::time::Timestamp;
use crate::replies::subscriptions as words;
use crate::store::{Tx, subscriptions};

/// The staff's own groups carry it; nobody subscribes to what they are told.
const MANAGEMENT: &str = "管理";
/// What goes to every group.
const EVERYTHING: &str = "*";

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subscribing {
    Show,
    /// The tag with this key, or no longer.
    Toggle(String),
    Rhythm(Rhythm),
    Stop,
}

/// Writes the wish and says what holds now.
pub(super) async fn conclude(
    tx: &mut Tx,
    wish: Subscribing,
    inbound: &Inbound,
    private_channel: Option<&str>,
    now: Timestamp,
) -> anyhow::Result<Concluded> {
    let Some(channel) = private_channel.filter(|_| inbound.scope == Scope::Private) else {
        return Ok(told(inbound, words::only_in_private(), None));
    };
    match wish {
        Subscribing::Show => {
            let list = list(tx, channel).await?;
            Ok(Concluded { reply: Some(Reply::words(list)), notice: None })
        }
        Subscribing::Toggle(key) => {
            let tag = tags(tx).await?.into_iter().find(|tag| key_of(tag) == key);
            let Some(tag) = tag else { return Ok(told(inbound, words::no_such_tag(), None)) };
            let wanted = subscriptions::toggle(tx, channel, &tag, now).await?;
            let said = if wanted { words::subscribed(&tag) } else { words::left(&tag) };
            let list = list(tx, channel).await?;
            Ok(told(inbound, said, Some(list)))
        }
        Subscribing::Rhythm(rhythm) => {
            subscriptions::set_rhythm(tx, channel, rhythm, now).await?;
            let list = list(tx, channel).await?;
            Ok(told(inbound, words::rhythm_set(rhythm), Some(list)))
        }
        Subscribing::Stop => {
            let said = if subscriptions::stop(tx, channel).await? { words::stopped() } else { words::nothing_to_stop() };
            Ok(told(inbound, said, None))
        }
    }
}

/// A tap is answered by its notice and the list as it stands now; words by words.
fn told(inbound: &Inbound, said: String, list: Option<Message>) -> Concluded {
    if matches!(inbound.act, Act::Button(_)) {
        return Concluded { reply: list.map(Reply::words), notice: Some(said) };
    }
    Concluded { reply: Some(Reply::words(Message::text(said))), notice: None }
}

async fn list(tx: &mut Tx, channel: &str) -> anyhow::Result<Message> {
    let has = subscriptions::get(tx, channel).await?;
    let choices: Vec<(String, String)> = tags(tx).await?.into_iter().map(|tag| (key_of(&tag), tag)).collect();
    let (rhythm, chosen) = has.map_or((Rhythm::AtOnce, Vec::new()), |has| (has.rhythm, has.tags));
    Ok(words::list(&choices, &chosen, rhythm))
}

async fn tags(tx: &mut Tx) -> anyhow::Result<Vec<String>> {
    let mut tags = vec![EVERYTHING.to_owned()];
    tags.extend(subscriptions::offered(tx, MANAGEMENT).await?);
    Ok(tags)
}

/// A button carries at most 64 bytes, a tag may be longer.
fn key_of(tag: &str) -> String {
    hex::encode(&Sha256::digest(tag.as_bytes())[..6])
}
