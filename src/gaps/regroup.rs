//! Groups put right by hand: one merged into another where likeness missed that they ask the same, a wording split off where it took two
//! questions for one. One rule: it takes the grouping's own turn, so that nothing falls between two groups; and done twice it is done once.

use super::Gaps;
use super::grouping::TERMS;
use crate::domain::gap::{Gap, GapState};
use crate::domain::staff::Actor;
use crate::domain::time::Timestamp;
use crate::replies::gap_moves as words;
use crate::store::gap_grouping::{self, Ungrouped, Why};
use crate::store::refused::Refused;
use crate::store::{Tx, audit, documents, gap_answers, gap_moves, gaps};

impl Gaps {
    /// Puts a group without an answer into another; where that one is answered, those who asked are told. The group they are in now.
    pub async fn merge(&self, id: &str, into: &str, actor: &Actor, now: Timestamp) -> Result<Gap, Refused> {
        let mut tx = gap_grouping::begin(&self.store).await?;
        let into = match gap_moves::merged_into(&mut tx, into).await? {
            Some(elsewhere) => elsewhere,
            None => into.to_owned(),
        };
        if let Some(already) = gap_moves::merged_into(&mut tx, id).await? {
            if already != into {
                return Err(Refused::Conflict(words::merged_elsewhere()));
            }
            return held(&mut tx, &already).await;
        }
        if id == into {
            return Err(Refused::invalid("into", words::not_into_itself()));
        }
        let from = held(&mut tx, id).await?;
        let Some(target) = gaps::hold(&mut tx, &into).await? else {
            return Err(Refused::invalid("into", words::no_such_group()));
        };
        if gap_answers::draft(&mut tx, id).await?.is_some() || from.document.is_some() {
            return Err(Refused::Conflict(words::answered_groups_stay()));
        }
        if target.state == GapState::Dismissed {
            return Err(Refused::Conflict(words::not_into_dismissed()));
        }
        self.tell_newcomers(&mut tx, &from, &target, now).await?;
        gap_moves::merge(&mut tx, &from, &into, now).await?;
        audit::record(&mut tx, &actor.name, "gap.merge", &into, &format!("{id} {}", from.question), now).await?;
        let merged = held(&mut tx, &into).await?;
        tx.commit().await?;
        Ok(merged)
    }

    /// Takes a wording out of a group into one of its own, which is open. The new group.
    pub async fn split(&self, id: &str, wording: &str, actor: &Actor, now: Timestamp) -> Result<Gap, Refused> {
        let mut tx = gap_grouping::begin(&self.store).await?;
        let gap = held(&mut tx, id).await?;
        let Some((asked, last_asked_at)) = gap_moves::wording(&mut tx, id, wording).await? else {
            return match gap_moves::split_off(&mut tx, id, wording).await? {
                Some(already) => held(&mut tx, &already).await,
                None => Err(Refused::invalid("wording", words::no_such_wording())),
            };
        };
        if wording == gap.question {
            return Err(Refused::Conflict(words::not_its_name()));
        }
        if gaps::wordings(&mut tx, id, 2).await?.len() < 2 {
            return Err(Refused::Conflict(words::not_the_last()));
        }
        let text = self.answering.searched(wording, now);
        let terms = self.answering.search().snapshot().telling_terms(&text, TERMS);
        let first = Ungrouped {
            id: String::new(),
            question: wording.to_owned(),
            why: Why::Unanswered,
            channel: String::new(),
            person: String::new(),
            asked_at: last_asked_at,
        };
        let new = gap_grouping::open_group(&mut tx, &first, &terms, now).await?;
        gap_moves::split(&mut tx, &gap, wording, asked, &new).await?;
        audit::record(&mut tx, &actor.name, "gap.split", id, &format!("{new} {wording}"), now).await?;
        let split = held(&mut tx, &new).await?;
        tx.commit().await?;
        Ok(split)
    }

    /// Whoever is in a group that comes to an answered one hears the answer now.
    async fn tell_newcomers(&self, tx: &mut Tx, from: &Gap, target: &Gap, now: Timestamp) -> sqlx::Result<()> {
        let Some(document) = target.document.as_deref().filter(|_| target.state == GapState::Published) else { return Ok(()) };
        let Some(document) = documents::get(tx, document).await? else { return Ok(()) };
        let askers = gaps::askers(tx, &from.id, now).await?;
        self.tell(tx, target, &document.document, askers, now).await.map(|_| ())
    }
}

/// The group, followed where it was merged into another since.
async fn held(tx: &mut Tx, id: &str) -> Result<Gap, Refused> {
    let id = gap_moves::merged_into(tx, id).await?.unwrap_or_else(|| id.to_owned());
    gaps::hold(tx, &id).await?.ok_or(Refused::NotFound("待补问题"))
}
