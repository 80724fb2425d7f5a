//! What a scanned code opens (F59): one card a thing, the same facts in the chat and on the web. What is not public yet opens nothing.

use super::{Considered, Conversation};
use crate::broadcasts::quizzes::Quizzed;
use crate::domain::channel::ChannelKind;
use crate::domain::class::ClassState;
use crate::domain::code::{CodeKind, Entry};
use crate::domain::document::{Document, DocumentKind};
use crate::domain::inbound::Inbound;
use crate::domain::time::Timestamp;
use crate::replies;
use crate::store::{Tx, bulletins, campaigns, codes};

/// Lines of a document a card shows.
const EXCERPT_LINES: usize = 6;
const EXCERPT_CHARACTERS: usize = 600;

/// What a code leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub title: String,
    /// Page on the web, from the root.
    pub page: String,
}

impl Conversation {
    /// What people may open by a code of this kind and id; `None` where there is nothing or nothing public.
    pub async fn target(&self, kind: CodeKind, id: &str) -> anyhow::Result<Option<Target>> {
        let found = |title: String, page: String| Some(Target { title, page });
        Ok(match kind {
            CodeKind::Document => self
                .answering
                .search()
                .snapshot()
                .document(id)
                .and_then(|document| found(document.title.clone(), format!("/policies/{id}"))),
            CodeKind::Guide => {
                let snapshot = self.answering.search().snapshot();
                let guide = snapshot.document(id).filter(|document| document.kind == DocumentKind::Guide);
                guide.and_then(|guide| found(matter(guide), format!("/policies/{id}")))
            }
            CodeKind::Class => match self.broadcasts.class(id).await {
                Ok(listed) if listed.class.state != ClassState::Draft => found(listed.class.title, format!("/classes/{id}")),
                Ok(_) | Err(crate::broadcasts::Refused::NotFound(_)) => None,
                Err(error) => return Err(error.into()),
            },
            CodeKind::Outing => {
                let mut conn = self.store.read().await?;
                let Some(stored) = campaigns::item(&mut conn, id, "").await? else { return Ok(None) };
                let public = match &stored.bulletin_id {
                    Some(bulletin) => bulletins::get(&mut conn, bulletin, "").await?.is_some_and(|bulletin| bulletin.state.is_public()),
                    None => false,
                };
                public.then_some(Target { title: stored.item.title, page: format!("/outings/{id}") })
            }
            CodeKind::Quiz => {
                self.broadcasts.public_quiz(id).await?.map(|quiz| Target { title: quiz.title, page: format!("/quizzes/{id}") })
            }
        })
    }

    /// The card of a scanned code.
    pub(super) async fn open_code(&self, inbound: &Inbound, code: &str, now: Timestamp) -> anyhow::Result<Considered> {
        let gone = || Considered::Words(replies::codes::gone());
        let Some(known) = codes::get(&mut *self.store.read().await?, code).await? else { return Ok(gone()) };
        let Some(target) = self.target(known.kind, &known.target).await? else { return Ok(gone()) };
        let link = format!("{}{}", self.public_url, target.page);
        let message = match known.kind {
            CodeKind::Document | CodeKind::Guide => {
                let snapshot = self.answering.search().snapshot();
                let Some(document) = snapshot.document(&known.target) else { return Ok(gone()) };
                replies::codes::document(document, document.validity(now.date()), &excerpt(document), code, &link)
            }
            CodeKind::Class => {
                let listed = self.broadcasts.class(&known.target).await?;
                replies::codes::class(&listed.class, listed.seated, listed.waiting, &link)
            }
            CodeKind::Outing => {
                let stored = campaigns::item(&mut *self.store.read().await?, &known.target, "").await?;
                let Some(stored) = stored else { return Ok(gone()) };
                replies::codes::outing(&stored.item, stored.due_at, &link)
            }
            CodeKind::Quiz => return self.open_quiz(inbound, &known.target, Some(code)).await,
        };
        Ok(Considered::Card { code: code.to_owned(), message })
    }

    /// The nth question, from 0, on the card of a document.
    pub(super) async fn card_question(&self, code: &str, number: usize) -> anyhow::Result<Option<String>> {
        let Some(known) = codes::get(&mut *self.store.read().await?, code).await? else { return Ok(None) };
        let snapshot = self.answering.search().snapshot();
        Ok(snapshot.document(&known.target).and_then(|document| document.questions.get(number).cloned()))
    }

    /// Takes an answer to a quiz poll, in the transaction of its update.
    pub async fn poll_answered(
        &self,
        tx: &mut Tx,
        poll: &str,
        choice: usize,
        person: &str,
        name: &str,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let who = Quizzed { channel: ChannelKind::Telegram.word(), person, name, phone: None };
        Ok(self.broadcasts.answer_poll(tx, poll, choice, who, now).await?)
    }

    /// Counts a scan on the web.
    pub async fn count_web_scan(&self, code: &str, now: Timestamp) -> sqlx::Result<()> {
        let mut tx = self.store.begin().await?;
        codes::count_scan(&mut tx, code, Entry::Web, now).await?;
        tx.commit().await
    }
}

fn matter(guide: &Document) -> String {
    guide.matter.clone().unwrap_or_else(|| guide.title.clone())
}

/// The first lines of a document that are plain text.
fn excerpt(document: &Document) -> Vec<String> {
    let plain = document.body.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '|', '<']));
    let mut left = EXCERPT_CHARACTERS;
    let mut lines = Vec::new();
    for line in plain.take(EXCERPT_LINES) {
        let line = line.trim_start_matches("- ").trim_start_matches("**").replace("**", "");
        let length = line.chars().count();
        if length > left {
            break;
        }
        left -= length;
        lines.push(line);
    }
    lines
}
