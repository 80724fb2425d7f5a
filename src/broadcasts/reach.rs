//! Whom a bulletin reaches, told before it goes out: how many of each kind, and which it does not reach and why.

use sqlx::AnyConnection;

use super::audience::{EVERYWHERE, everybody};
use super::{Broadcasts, Refused};
use crate::domain::bulletin::Bulletin;
use crate::domain::channel::ChannelKind;
use crate::replies::bulletins as words;
use crate::store::channels::{self, Channel};

/// How a bulletin stands to one kind of channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Chats of this kind it goes to, people who subscribed among them.
    pub chats: usize,
    /// In Chinese: chats it does not reach although they are meant, and why none is meant.
    pub missing: Vec<String>,
}

/// At most so many chats are named.
const NAMED: usize = 10;

impl Broadcasts {
    /// How `bulletin` stands to the chats of a kind.
    pub async fn reach(&self, conn: &mut AnyConnection, bulletin: &Bulletin, kind: ChannelKind) -> Result<Reach, Refused> {
        let reached = match everybody(&mut *conn, &bulletin.targets).await {
            Ok(reached) => reached,
            Err(Refused::Store(error)) => return Err(Refused::Store(error)),
            Err(_) => Vec::new(),
        };
        let of_kind: Vec<&Channel> = reached.iter().filter(|channel| channel.kind == kind).collect();
        let mut missing: Vec<String> = of_kind
            .iter()
            .filter(|channel| !channel.reachable)
            .map(|channel| words::not_reached(&channel.title, channel.unreachable_reason.as_deref()))
            .collect();
        let off: Vec<Channel> = channels::switched_off(&mut *conn).await?.into_iter().filter(|channel| channel.kind == kind).collect();
        let meant = |channel: &Channel| {
            let targets = &bulletin.targets;
            targets.channels.contains(&channel.id) || targets.tags.iter().any(|tag| tag == EVERYWHERE || channel.tags.contains(tag))
        };
        missing.extend(off.iter().filter(|channel| meant(channel)).map(|channel| words::switched_off(&channel.title)));
        if of_kind.is_empty() && missing.is_empty() {
            let any = !off.is_empty() || channels::targets(&mut *conn).await?.iter().any(|channel| channel.kind == kind);
            missing.push(if any { words::none_chosen(kind.chinese()) } else { words::none_registered(kind.chinese()) });
        }
        if missing.len() > NAMED {
            let more = missing.len() - NAMED;
            missing.truncate(NAMED);
            missing.push(words::and_more(more));
        }
        Ok(Reach { chats: of_kind.len(), missing })
    }
}
