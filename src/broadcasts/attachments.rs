//! Attachments of a bulletin (F74): kept in the store, sent after its text as deliveries of their own, so that one that fails never hides the
//! words. The approval is bound to their bytes.

use sha2::{Digest, Sha256};

use super::bulletins::{finish, unapprove};
use super::outings::kept_nowhere;
use super::{Actor, Broadcasts, Refused};
use crate::domain::alert::MANAGEMENT_TAG;
use crate::domain::attachment::{Attachment, MOST, Media, name_for};
use crate::domain::bulletin::{Bulletin, Step};
use crate::domain::channel::ChannelKind;
use crate::domain::id::new_id;
use crate::domain::render::{Card, Part};
use crate::domain::time::Timestamp;
use crate::replies::bulletins as words;
use crate::store::attachment_pieces::{self, Pieces};
use crate::store::bulletins;

/// The card stands behind text and polls.
const CARD: i64 = 190;
/// Attachments stand behind everything else, from this part on.
pub const ATTACHMENTS_FROM: i64 = 200;

impl Broadcasts {
    /// Adds a file to a bulletin that has not gone out; an approval is void from then on. What it is, its bytes say.
    pub async fn attach(&self, id: &str, name: &str, file: Vec<u8>, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let looked_at =
            tokio::task::spawn_blocking(move || (Media::of(&file), file.len(), hex::encode(Sha256::digest(&file)), Pieces::of(&file)));
        let (media, length, sha256, pieces) = looked_at.await.map_err(|error| kept_nowhere(std::io::Error::other(error)))?;
        let media = media.ok_or_else(|| Refused::invalid("file", words::wrong_attachment()))?;
        if length > media.most_bytes() {
            let kind = if media.is_picture() { "图片" } else { "PDF " };
            return Err(Refused::invalid("file", words::attachment_too_large(kind, media.most_bytes())));
        }
        let bytes = u64::try_from(length).unwrap_or(u64::MAX);
        let attachment = Attachment { id: new_id("att", now), name: name_for(name, media), media, bytes, sha256 };
        let (mut tx, mut bulletin) = self.take(id, Step::Edit).await?;
        if let Some(same) = bulletin.attachments.iter().find(|known| known.sha256 == attachment.sha256) {
            return Err(Refused::Conflict(words::attached_already(&same.name)));
        }
        if bulletin.attachments.len() >= MOST {
            return Err(Refused::Conflict(words::too_many_attachments(MOST)));
        }
        attachment_pieces::put(&mut tx, &attachment.id, id, pieces).await?;
        bulletin.attachments.push(attachment);
        unapprove(&mut bulletin, actor);
        finish(tx, bulletin, actor, "bulletin.attach", now).await
    }

    /// Takes a file off a bulletin that has not gone out.
    pub async fn detach(&self, id: &str, attachment: &str, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let (mut tx, mut bulletin) = self.take(id, Step::Edit).await?;
        let before = bulletin.attachments.len();
        bulletin.attachments.retain(|known| known.id != attachment);
        if bulletin.attachments.len() == before {
            return Err(Refused::NotFound("附件"));
        }
        unapprove(&mut bulletin, actor);
        attachment_pieces::remove(&mut tx, attachment).await?;
        finish(tx, bulletin, actor, "bulletin.detach", now).await
    }

    /// An attachment of a bulletin with its file.
    pub async fn attachment(&self, bulletin: &Bulletin, id: &str) -> Result<(Attachment, Vec<u8>), Refused> {
        let attachment = bulletin.attachments.iter().find(|known| known.id == id).ok_or(Refused::NotFound("附件"))?;
        let pieces = attachment_pieces::get(&mut *self.store.read().await?, id).await?;
        let file =
            tokio::task::spawn_blocking(move || pieces?.joined()).await.map_err(|error| kept_nowhere(std::io::Error::other(error)))?;
        let Some(file) = file else {
            tracing::error!(attachment.id = id, "the file of an attachment is not there");
            return Err(Refused::NotFound("附件文件"));
        };
        Ok((attachment.clone(), file))
    }

    /// Takes into the store what was kept as files in the data folder before, each file once. Safe to repeat.
    pub async fn take_over_attachments(&self) -> anyhow::Result<()> {
        let folder = self.settings.data_dir.join("attachments");
        let mut files = match tokio::fs::read_dir(&folder).await {
            Ok(files) => files,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        while let Some(file) = files.next_entry().await? {
            let name = file.file_name().to_string_lossy().into_owned();
            let mut tx = self.store.begin().await?;
            let Some(bulletin) = bulletins::with_attachment(&mut tx, &name).await? else { continue };
            if attachment_pieces::get(&mut tx, &name).await?.is_none() {
                let bytes = tokio::fs::read(file.path()).await?;
                let pieces = tokio::task::spawn_blocking(move || Pieces::of(&bytes)).await?;
                attachment_pieces::put(&mut tx, &name, &bulletin, pieces).await?;
                tx.commit().await?;
            }
            tokio::fs::remove_file(file.path()).await?;
        }
        Ok(())
    }

    /// What follows the text in a channel of this kind: a card, then the attachments.
    pub fn after_text(&self, bulletin: &Bulletin, kind: ChannelKind) -> Vec<(i64, Part)> {
        let mut parts = Vec::new();
        let card = card(bulletin).map(|card| Card { picture: picture_of_card(bulletin, &self.settings.public_url), ..card });
        if let Some(card) = card.filter(|_| bulletin.manner.card && kind.limits().cards) {
            parts.push((CARD, Part { card: Some(card.clone()), ..Part::plain(format!("{}\n{}\n{}", card.title, card.words, card.url)) }));
        }
        if kind.limits().attachments {
            parts.extend((ATTACHMENTS_FROM..).zip(bulletin.attachments.iter().map(|attachment| part(bulletin, attachment))));
        }
        parts
    }
}

/// Where the picture of a card is fetched from: the first attached one, on the page of the bulletin. The platform's servers fetch it, so
/// only where the service is reached over TLS by its public name, and only of what everybody may see.
fn picture_of_card(bulletin: &Bulletin, public_url: &str) -> Option<String> {
    let public = public_url.starts_with("https://") && !bulletin.targets.tags.iter().any(|tag| tag == MANAGEMENT_TAG);
    let picture = bulletin.attachments.iter().find(|attachment| attachment.media.is_picture()).filter(|_| public)?;
    Some(format!("{public_url}{}", picture.public_path(&bulletin.id)))
}

fn part(bulletin: &Bulletin, attachment: &Attachment) -> Part {
    let caption = words::attachment_caption(&bulletin.content.title, &attachment.name);
    Part { attachment: Some(attachment.clone()), ..Part::plain(caption) }
}

/// A card needs somewhere to lead.
fn card(bulletin: &Bulletin) -> Option<Card> {
    let content = &bulletin.content;
    let words = if content.summary.is_empty() { &content.body } else { &content.summary };
    Some(Card { title: content.title.clone(), words: words.clone(), url: content.link.clone()?, picture: None })
}

/// The attachment that was sent as this part.
pub(super) fn attachment_at(bulletin: &Bulletin, part: i64) -> Option<&Attachment> {
    usize::try_from(part - ATTACHMENTS_FROM).ok().and_then(|index| bulletin.attachments.get(index))
}

/// What the ledger says of a pin.
pub(super) fn pinned(bulletin: &Bulletin) -> Part {
    Part::plain(bulletin.content.title.clone())
}
