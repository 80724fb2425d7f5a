//! Like questions together. A new question is compared with the few groups that share most of its telling terms, never with all:
//! the work for one question stays the same however many there are.

use std::time::Duration;

use super::Gaps;
use crate::domain::gap::Gap;
use crate::domain::id::from_then_on;
use crate::domain::time::Timestamp;
use crate::replies::gaps as words;
use crate::search::Snapshot;
use crate::store::gap_grouping::{self, Ungrouped};
use crate::store::{Tx, gaps};

/// Terms a group is found by.
pub(super) const TERMS: usize = 10;
/// Questions grouped in one transaction.
const AT_ONCE: i64 = 50;
/// Questions grouped while somebody waits for a page.
const A_FEW: i64 = 10;
/// An inquiry that was not grouped within this time never is: it was made while nothing ran.
const LOOKS_BACK: Duration = Duration::from_secs(7 * 24 * 3_600);

impl Gaps {
    /// Puts everything new into its group; says how many questions that were.
    pub async fn catch_up(&self, now: Timestamp) -> anyhow::Result<usize> {
        let mut grouped = 0;
        while let Some(many) = self.group_some(AT_ONCE, now).await? {
            grouped += many;
        }
        Ok(grouped)
    }

    /// Puts the last few that came in into their groups: for whoever opens the list between two turns.
    pub async fn catch_up_a_little(&self, now: Timestamp) -> anyhow::Result<()> {
        self.group_some(A_FEW, now).await.map(|_| ())
    }

    /// One transaction's work; nothing where nothing is new.
    async fn group_some(&self, most: i64, now: Timestamp) -> anyhow::Result<Option<usize>> {
        let from = from_then_on("inq", now.minus(LOOKS_BACK));
        if !gap_grouping::anything_new(&mut *self.store.read().await?, &from).await? {
            return Ok(None);
        }
        let mut tx = gap_grouping::begin(&self.store).await?;
        let mut new = gap_grouping::new_questions(&mut tx, most).await?;
        new.extend(gap_grouping::new_inquiries(&mut tx, &from, most).await?);
        for question in &new {
            self.group(&mut tx, question, now).await?;
        }
        for (id, gap_id, wording) in &gap_grouping::regained(&mut tx, most).await? {
            gap_grouping::take_out(&mut tx, id, gap_id, wording).await?;
        }
        tx.commit().await?;
        Ok(Some(new.len()))
    }

    /// Groups that share the most words with a question, for staff to choose from.
    pub async fn near(&self, question: &str, now: Timestamp) -> sqlx::Result<Vec<Gap>> {
        let terms = self.answering.search().snapshot().telling_terms(&self.answering.searched(question, now), TERMS);
        let mut conn = self.store.read().await?;
        let mut found: Vec<Gap> = Vec::new();
        for candidate in gap_grouping::candidates(&mut conn, &terms).await? {
            if !found.iter().any(|known| known.id == candidate.gap_id) {
                found.extend(gaps::get(&mut conn, &candidate.gap_id).await?);
            }
        }
        Ok(found)
    }

    async fn group(&self, tx: &mut Tx, question: &Ungrouped, now: Timestamp) -> anyhow::Result<()> {
        let snapshot = self.answering.search().snapshot();
        let text = self.answering.searched(&question.question, now);
        let terms = snapshot.telling_terms(&text, TERMS);
        let mut candidates = Vec::new();
        for candidate in gap_grouping::candidates(tx, &terms).await? {
            candidates.push((candidate.gap_id, self.answering.searched(&candidate.question, now)));
        }
        let gap_id = match most_alike(&text, candidates, &snapshot) {
            Some(gap_id) => gap_id,
            None => gap_grouping::open_group(tx, question, &terms, now).await?,
        };
        Ok(gap_grouping::put(tx, &gap_id, question, &words::asked_again()).await?)
    }
}

/// The group whose first wording asks the same, if one does; the one most alike.
fn most_alike(text: &str, candidates: Vec<(String, String)>, snapshot: &Snapshot) -> Option<String> {
    let ours = snapshot.said(text);
    let mut best: Option<(f32, String)> = None;
    for (gap_id, wording) in candidates {
        let likeness = ours.same(&snapshot.said(&wording));
        if let Some(likeness) = likeness.filter(|likeness| best.as_ref().is_none_or(|(known, _)| likeness > known)) {
            best = Some((likeness, gap_id));
        }
    }
    best.map(|(_, gap_id)| gap_id)
}
