//! What is being written, as each channel would be sent it and how many it would reach: for whoever is still typing. Nothing is stored, and
//! nothing is refused: what is missing yet is shown as missing.

use sqlx::AnyConnection;

use super::bulletins::Draft;
use super::{Broadcasts, Refused, audience};
use crate::domain::bulletin::BulletinKind;
use crate::domain::channel::ChannelKind;
use crate::domain::render::Part;
use crate::domain::time::Timestamp;

/// A text under way.
#[derive(Debug, Clone)]
pub struct Composed {
    /// For every kind of target the parts it would be sent.
    pub parts: Vec<(ChannelKind, Vec<Part>)>,
    /// How many groups, and how many people who subscribed; nothing chosen yet: none.
    pub groups: usize,
    pub people: usize,
}

impl Broadcasts {
    /// What a draft would be.
    pub async fn composed(&self, conn: &mut AnyConnection, draft: Draft, now: Timestamp) -> sqlx::Result<Composed> {
        let groups = count(audience::expand(&mut *conn, &draft.targets).await)?;
        let all = count(audience::everybody(conn, &draft.targets).await)?;
        let numbered = draft.number.as_deref().is_some_and(|number| !number.trim().is_empty());
        let kind = if numbered { BulletinKind::Policy } else { BulletinKind::Notice };
        let bulletin = draft.into_bulletin(String::new(), kind, None, String::new(), now);
        let parts = ChannelKind::TARGETS.map(|kind| {
            let after = self.after_text(&bulletin, kind).into_iter().map(|(_, part)| part);
            (kind, self.preview(&bulletin, kind).into_iter().chain(after).collect())
        });
        Ok(Composed { parts: parts.into(), groups, people: all.saturating_sub(groups) })
    }
}

fn count<T>(chosen: Result<Vec<T>, Refused>) -> sqlx::Result<usize> {
    match chosen {
        Ok(chosen) => Ok(chosen.len()),
        Err(Refused::Store(error)) => Err(error),
        Err(Refused::NotFound(_) | Refused::Conflict(_) | Refused::Forbidden(_) | Refused::Invalid { .. }) => Ok(0),
    }
}
