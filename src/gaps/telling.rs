//! "What you asked is answered now": told once to everybody who asked in private and did not say they want to hear nothing, through
//! the outbox, in the transaction of the approval. Nobody is spoken to while a person talks with them: they hear it afterwards.

use super::Gaps;
use super::answers::Answered;
use crate::domain::document::Document;
use crate::domain::gap::Gap;
use crate::domain::time::Timestamp;
use crate::replies::gaps as words;
use crate::store::gaps::{self, AskerChat};
use crate::store::notices::{TELL_WITHIN, tell};
use crate::store::{Tx, documents, gap_answers, inquiries, questions};

/// What somebody wants to hear of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// When the verified answer behind this answer id changes.
    Follow(String),
    /// Nothing unasked.
    Nothing,
    /// When a question of theirs is answered later; the usual.
    Later,
}

impl Gaps {
    /// Tells those who asked before it was published; who was told is not told again.
    pub(super) async fn tell_askers(&self, tx: &mut Tx, gap: &Gap, document: &Document, now: Timestamp) -> sqlx::Result<usize> {
        let Some(until) = gap.published_at else { return Ok(0) };
        let askers = gaps::askers(tx, &gap.id, until).await?;
        self.tell(tx, gap, document, askers, now).await
    }

    /// Tells these the answer of a group.
    pub(super) async fn tell(
        &self,
        tx: &mut Tx,
        gap: &Gap,
        document: &Document,
        askers: Vec<AskerChat>,
        now: Timestamp,
    ) -> sqlx::Result<usize> {
        let snapshot = self.answering.search().snapshot();
        let answered = Answered::of(gap, &document.title, &snapshot);
        let mut told = 0;
        for AskerChat { channel_id, question } in askers {
            if inquiries::person_answers_in(tx, &channel_id).await? {
                continue;
            }
            let message = if answered.is(&question, &snapshot) {
                words::answered_now(&question, document, &self.public_url)
            } else {
                words::answered_nearby(&question, document, &self.public_url)
            };
            told += usize::from(tell(tx, &channel_id, &gap.id, 1, &message, now).await?);
        }
        Ok(told)
    }

    /// Tells askers who were in talk with a person when their question was answered.
    pub(super) async fn tell_the_rest(&self, now: Timestamp) -> anyhow::Result<usize> {
        let recent = gaps::published_since(&mut *self.store.read().await?, now.minus(TELL_WITHIN)).await?;
        let mut told = 0;
        for gap in recent {
            let mut tx = self.store.begin().await?;
            let document = match &gap.document {
                Some(document) => documents::get(&mut tx, document).await?,
                None => None,
            };
            let Some(document) = document else { continue };
            let many = self.tell_askers(&mut tx, &gap, &document.document, now).await?;
            if many > 0 {
                tx.commit().await?;
            }
            told += many;
        }
        Ok(told)
    }

    /// Writes what somebody wants to hear; the words for them. `None` where the answer of a button is not known any more.
    pub async fn wish(&self, tx: &mut Tx, wish: &Wish, channel_id: &str, now: Timestamp) -> sqlx::Result<Option<String>> {
        match wish {
            Wish::Follow(answer) => {
                let asked = questions::get(tx, answer).await?;
                let Some(document) = asked.and_then(|asked| asked.document) else { return Ok(None) };
                gap_answers::follow(tx, &document, channel_id, now).await?;
                Ok(Some(words::following()))
            }
            Wish::Nothing => {
                gap_answers::want_no_notices(tx, channel_id, now).await?;
                Ok(Some(words::no_more_notices()))
            }
            Wish::Later => {
                gap_answers::want_notices(tx, channel_id).await?;
                Ok(Some(words::notices_again()))
            }
        }
    }
}
