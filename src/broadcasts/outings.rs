//! Outings of a promotion month: what was counted there, and photos. The pictures lie as files in the data folder, under names of ours;
//! small ones beside them can be made again and are in no backup.

use std::path::PathBuf;

use super::{Actor, Broadcasts, Refused, pictures};
use crate::domain::campaign::ItemKind;
use crate::domain::id::new_id;
use crate::domain::time::Timestamp;
use crate::replies::campaigns as words;
use crate::store::audit;
use crate::store::campaigns::{self, StoredItem};
use crate::store::outings::{self, OutingResult, Photo};

/// Largest photo: what a phone makes, with room to spare.
pub const PHOTO_BYTES: usize = 8 * 1024 * 1024;
/// What small pictures are.
pub const SMALL: &str = "image/jpeg";
/// Cannot be opened here, and so would be shown with whatever is written in it.
const UNOPENED: &str = "image/webp";
const MOST_PHOTOS: i64 = 20;
/// More people than the county has.
const MOST_COUNTED: i64 = 1_000_000;
const LONGEST_NOTE: usize = 1_000;
const LONGEST_CAPTION: usize = 100;

/// An outing with what came of it.
#[derive(Debug, Clone)]
pub struct Outing {
    pub stored: StoredItem,
    pub result: Option<OutingResult>,
    pub photos: Vec<Photo>,
}

impl Broadcasts {
    /// One outing.
    pub async fn outing(&self, id: &str) -> Result<Outing, Refused> {
        let mut conn = self.store.read().await?;
        let stored = campaigns::item(&mut conn, id, "").await?.ok_or(Refused::NotFound("外出活动"))?;
        if stored.item.kind != ItemKind::Outing {
            return Err(Refused::Conflict(words::not_an_outing()));
        }
        let result = outings::result(&mut conn, id).await?;
        let photos = outings::photos(&mut conn, id).await?;
        Ok(Outing { stored, result, photos })
    }

    /// Writes what was counted at an outing, from its day on; a second time replaces the first.
    pub async fn record_outing(&self, id: &str, result: OutingResult, actor: &Actor, now: Timestamp) -> Result<Outing, Refused> {
        self.held_already(id, now).await?;
        for (field, count) in [("visitors", result.visitors), ("inquiries", result.inquiries), ("handouts", result.handouts)] {
            if !(0..=MOST_COUNTED).contains(&count) {
                return Err(Refused::invalid(field, words::wrong_count(MOST_COUNTED)));
            }
        }
        let result = OutingResult { note: result.note.trim().to_owned(), ..result };
        if result.note.chars().count() > LONGEST_NOTE {
            return Err(Refused::invalid("note", words::note_too_long(LONGEST_NOTE)));
        }
        let mut tx = self.store.begin().await?;
        outings::record(&mut tx, id, &result, &actor.name, now).await?;
        audit::record(&mut tx, &actor.name, "outing.record", id, "", now).await?;
        tx.commit().await?;
        self.outing(id).await
    }

    /// Keeps a photo of an outing.
    pub async fn add_photo(&self, id: &str, picture: &[u8], caption: &str, actor: &Actor, now: Timestamp) -> Result<Photo, Refused> {
        let outing = self.held_already(id, now).await?;
        if picture.len() > PHOTO_BYTES {
            return Err(Refused::invalid("photo", words::photo_too_large(PHOTO_BYTES / 1024 / 1024)));
        }
        let media = match media_of(picture) {
            None => return Err(Refused::invalid("photo", words::wrong_photo())),
            Some(UNOPENED) => return Err(Refused::invalid("photo", words::webp_photo())),
            Some(media) => media,
        };
        if i64::try_from(outing.photos.len()).unwrap_or(i64::MAX) >= MOST_PHOTOS {
            return Err(Refused::Conflict(words::too_many_photos(MOST_PHOTOS)));
        }
        let photo = Photo {
            id: new_id("pho", now),
            item_id: id.to_owned(),
            media: media.to_owned(),
            bytes: i64::try_from(picture.len()).unwrap_or(i64::MAX),
            caption: caption.trim().chars().take(LONGEST_CAPTION).collect(),
        };
        let small = shrunk(picture.to_vec()).await?;
        // The file first: a row without a picture would be a lie, a picture without a row is only a file too many.
        let file = self.photo_file(&photo.id);
        if let Some(folder) = file.parent() {
            tokio::fs::create_dir_all(folder).await.map_err(kept_nowhere)?;
        }
        tokio::fs::write(&file, picture).await.map_err(kept_nowhere)?;
        self.keep_small(&photo.id, &small).await;
        let mut tx = self.store.begin().await?;
        outings::add_photo(&mut tx, &photo, &actor.name, now).await?;
        audit::record(&mut tx, &actor.name, "outing.photo", id, &photo.id, now).await?;
        tx.commit().await?;
        Ok(photo)
    }

    /// A photo with its picture.
    pub async fn photo(&self, id: &str) -> Result<(Photo, Vec<u8>), Refused> {
        let photo = outings::photo(&mut *self.store.read().await?, id).await?.ok_or(Refused::NotFound("照片"))?;
        match tokio::fs::read(self.photo_file(&photo.id)).await {
            Ok(picture) => Ok((photo, picture)),
            Err(error) => {
                tracing::error!(photo.id = photo.id, error = %error, "the picture of a photo cannot be read");
                Err(Refused::NotFound("照片文件"))
            }
        }
    }

    /// A photo as pages and reports show it: a small JPEG, made when first wanted; the original where it cannot be opened any more.
    pub async fn small_photo(&self, id: &str) -> Result<(Photo, Vec<u8>), Refused> {
        let known = outings::photo(&mut *self.store.read().await?, id).await?.ok_or(Refused::NotFound("照片"))?;
        if let Ok(small) = tokio::fs::read(self.small_file(&known.id)).await {
            return Ok((Photo { media: SMALL.to_owned(), ..known }, small));
        }
        let (photo, picture) = self.photo(id).await?;
        match shrunk(picture.clone()).await {
            Ok(small) => {
                self.keep_small(&photo.id, &small).await;
                Ok((Photo { media: SMALL.to_owned(), ..photo }, small))
            }
            Err(_) => Ok((photo, picture)),
        }
    }

    /// It can be made again at any time, so a full disk is no reason to refuse.
    async fn keep_small(&self, id: &str, small: &[u8]) {
        let file = self.small_file(id);
        if let Some(folder) = file.parent() {
            let _ = tokio::fs::create_dir_all(folder).await;
        }
        if let Err(error) = tokio::fs::write(&file, small).await {
            tracing::warn!(photo.id = id, error = %error, "the small picture of a photo was not kept");
        }
    }

    /// Takes a photo away for good.
    pub async fn remove_photo(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<(), Refused> {
        let mut tx = self.store.begin().await?;
        if !outings::remove_photo(&mut tx, id).await? {
            return Err(Refused::NotFound("照片"));
        }
        audit::record(&mut tx, &actor.name, "outing.photo_removed", id, "", now).await?;
        tx.commit().await?;
        let _ = tokio::fs::remove_file(self.small_file(id)).await;
        if let Err(error) = tokio::fs::remove_file(self.photo_file(id)).await {
            tracing::warn!(photo.id = id, error = %error, "the picture of a removed photo is still there");
        }
        Ok(())
    }

    async fn held_already(&self, id: &str, now: Timestamp) -> Result<Outing, Refused> {
        let outing = self.outing(id).await?;
        match outing.stored.date() {
            Some(date) if date > now.date() => Err(Refused::Conflict(words::not_yet(date))),
            Some(_) | None => Ok(outing),
        }
    }

    /// Ids are made by us, so that no name from outside becomes a path.
    fn photo_file(&self, id: &str) -> PathBuf {
        self.settings.data_dir.join("photos").join(id)
    }

    fn small_file(&self, id: &str) -> PathBuf {
        self.settings.data_dir.join("photos-small").join(id)
    }
}

/// The small picture of an uploaded one.
async fn shrunk(picture: Vec<u8>) -> Result<Vec<u8>, Refused> {
    match tokio::task::spawn_blocking(move || pictures::shrink(&picture)).await {
        Ok(Ok(small)) => Ok(small),
        Ok(Err(_)) | Err(_) => Err(Refused::invalid("photo", words::broken_photo())),
    }
}

pub(super) fn kept_nowhere(error: std::io::Error) -> Refused {
    Refused::Store(sqlx::Error::Io(error))
}

/// What a picture is, by its first bytes; names and headers may lie.
pub(super) fn media_of(picture: &[u8]) -> Option<&'static str> {
    if picture.starts_with(&[0xFF, 0xD8, 0xFF]) {
        Some("image/jpeg")
    } else if picture.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if picture.starts_with(b"RIFF") && picture.get(8..12) == Some(b"WEBP") {
        Some(UNOPENED)
    } else {
        None
    }
}
