//! "What you asked is answered now" for those who asked on the web: a browser has no chat to send to, so the page tells it at its next
//! visit, once, unless it does not want to be told.

use super::Gaps;
use super::answers::Answered;
use crate::domain::document::Document;
use crate::domain::time::Timestamp;
use crate::replies::{answers, gaps as words};
use crate::search::Snapshot;
use crate::store::later_answers::{self, AnsweredSince};
use crate::store::{documents, gaps, inquiries};

/// An answer for the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaterAnswer {
    pub gap_id: String,
    pub heading: String,
    /// The approved words, line by line.
    pub lines: Vec<String>,
    /// Who approved it, and when.
    pub approved: String,
    /// What it rests on: title with number, and its page.
    pub sources: Vec<(String, String)>,
    /// The answer's own page.
    pub page: String,
}

impl Gaps {
    /// A browser is to be told when this question is answered; false where it does not want to be, or where there is nothing to wait for.
    pub async fn wait(&self, question: &str, person: &str) -> sqlx::Result<bool> {
        let mut tx = self.store.begin().await?;
        let waits = later_answers::wait(&mut tx, question, person).await?;
        if waits {
            tx.commit().await?;
        }
        Ok(waits)
    }

    /// What was answered since the browser's last visit; from then on it counts as shown. Nothing while a person talks with it: it is told
    /// afterwards.
    pub async fn later_answers(&self, channel: &str, person: &str, now: Timestamp) -> sqlx::Result<Vec<LaterAnswer>> {
        let mut conn = self.store.read().await?;
        if later_answers::answered_since(&mut conn, person).await?.is_empty()
            || inquiries::is_with_a_person(&mut conn, channel, person).await?
            || later_answers::wants_none(&mut conn, person).await?
        {
            return Ok(Vec::new());
        }
        drop(conn);
        let snapshot = self.answering.search().snapshot();
        let mut tx = self.store.begin().await?;
        let mut told = Vec::new();
        for AnsweredSince { gap_id, document, question } in later_answers::answered_since(&mut tx, person).await? {
            let Some(gap) = gaps::get(&mut tx, &gap_id).await? else { continue };
            let Some(stored) = documents::get(&mut tx, &document).await?.map(|stored| stored.document) else { continue };
            if !stored.validity(now.date()).holds() || !later_answers::show(&mut tx, &gap_id, person, now).await? {
                continue;
            }
            let just_that = Answered::of(&gap, &stored.title, &snapshot).is(&question, &snapshot);
            let heading =
                if just_that { words::answered_now_on_page(&question) } else { words::answered_nearby_on_page(&question, &stored.title) };
            told.push(shown(gap_id, heading, &stored, &snapshot));
        }
        tx.commit().await?;
        Ok(told)
    }

    /// A browser wants to be told of later answers, or not any more.
    pub async fn tell_later(&self, person: &str, wanted: Wanted, now: Timestamp) -> sqlx::Result<()> {
        let mut tx = self.store.begin().await?;
        match wanted {
            Wanted::Yes => later_answers::want_again(&mut tx, person).await?,
            Wanted::No => later_answers::want_none(&mut tx, person, now).await?,
        }
        tx.commit().await
    }
}

/// Whether a browser wants to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Yes,
    No,
}

fn shown(gap_id: String, heading: String, document: &Document, snapshot: &Snapshot) -> LaterAnswer {
    let verified = document.verified.as_deref();
    let rests_on = verified.map(|verified| verified.rests_on.as_slice()).unwrap_or_default();
    let sources = rests_on.iter().filter_map(|id| snapshot.document(id)).map(|source| {
        let number = source.number.as_deref().map(|number| format!("（{number}）")).unwrap_or_default();
        (format!("《{}》{number}", source.title), format!("/policies/{}", source.id))
    });
    LaterAnswer {
        gap_id,
        heading,
        lines: document.body.trim().lines().map(str::to_owned).collect(),
        approved: verified.map(|verified| answers::approved(&verified.unit, verified.on)).unwrap_or_default(),
        sources: sources.collect(),
        page: format!("/policies/{}", document.id),
    }
}
