//! Whoever got a verified answer in the last 30 days and asked for it hears when it is reworded, when what it rests on reads differently,
//! and when it holds no longer. Every verified answer is looked at, those of files too, and compared with how it stood before.

use std::time::Duration;

use super::Gaps;
use crate::domain::document::Document;
use crate::domain::facts::Verified;
use crate::domain::gap::{AnswerChange, GapState, Standing};
use crate::domain::time::Timestamp;
use crate::knowledge::hash_of;
use crate::replies::gaps as words;
use crate::search::Snapshot;
use crate::store::notices::tell;
use crate::store::{Tx, gap_answers, gaps};

/// Older answers are not followed any more (F40).
const FOLLOWED_FOR: Duration = Duration::from_secs(30 * 24 * 3_600);

impl Gaps {
    /// Compares how verified answers stand with how they stood, and tells followers what changed; says how many were told.
    pub(super) async fn tell_followers(&self, now: Timestamp) -> anyhow::Result<usize> {
        let snapshot = self.answering.search().snapshot();
        let before = gap_answers::standings(&mut *self.store.read().await?).await?;
        let mut standing: Vec<Standing> = snapshot
            .documents()
            .iter()
            .filter_map(|document| Some(standing(document, document.verified.as_deref()?, &snapshot, now)))
            .collect();
        // One that is not there any more was withdrawn.
        let gone = before.iter().filter(|old| old.holds && !standing.iter().any(|new| new.document == old.document));
        let gone: Vec<Standing> = gone.map(|old| Standing { holds: false, ..old.clone() }).collect();
        standing.extend(gone);
        let mut told = 0;
        for new in standing.iter().filter(|new| !before.contains(new)) {
            let old = before.iter().find(|old| old.document == new.document);
            let mut tx = self.store.begin().await?;
            let Some(number) = gap_answers::note_standing(&mut tx, new).await? else { continue };
            if let Some(change) = old.and_then(|old| new.change_since(old)) {
                told += self.tell_change(&mut tx, new, change, number, &snapshot, now).await?;
            }
            tx.commit().await?;
        }
        Ok(told)
    }

    async fn tell_change(
        &self,
        tx: &mut Tx,
        new: &Standing,
        change: AnswerChange,
        number: i64,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> anyhow::Result<usize> {
        let gap = gaps::of_document(tx, &new.document).await?;
        let known = snapshot.document(&new.document);
        let title = known.map(|document| document.title.clone()).or_else(|| gap.as_ref().map(|gap| gap.question.clone()));
        let Some(title) = title else { return Ok(0) };
        if change != AnswerChange::Reworded
            && let Some(gap) = gap.filter(|gap| gap.state == GapState::Published)
        {
            gaps::open(tx, &gap.id, &words::look_again(change)).await?;
        }
        let message = words::changed(change, &title, known, &self.public_url);
        let mut told = 0;
        for channel in gap_answers::followers(tx, &new.document, now.minus(FOLLOWED_FOR)).await? {
            told += usize::from(tell(tx, &channel.id, &new.document, number, &message, now).await?);
        }
        Ok(told)
    }
}

/// How a verified answer stands today.
fn standing(document: &Document, verified: &Verified, snapshot: &Snapshot, now: Timestamp) -> Standing {
    let mut sources = String::new();
    for source in &verified.rests_on {
        let found = snapshot.document(source).or_else(|| snapshot.by_number(source).into_iter().next());
        let Some(found) = found else { continue };
        sources.push_str(&found.id);
        sources.push_str(&found.body);
        sources.push_str(&format!("{:?}{:?}", found.effective_from, found.effective_to));
    }
    Standing {
        document: document.id.clone(),
        wording: hash_of(document.body.trim()),
        sources: hash_of(&sources),
        holds: document.validity(now.date()).holds(),
    }
}
