//! Materials of a class: a link or a file, handed to those who take part in one message, once; what is added later goes out by itself.

use std::io::Cursor;
use std::path::PathBuf;
use std::time::Duration;

use zip::ZipArchive;

use super::outings::{kept_nowhere, media_of as picture_of};
use super::{Actor, Broadcasts, Refused};
use crate::domain::class::{Class, ClassState, EnrolmentState};
use crate::domain::delivery::Origin;
use crate::domain::id::new_id;
use crate::domain::message::Message;
use crate::domain::time::Timestamp;
use crate::replies::after_class as words;
use crate::store::classes::{self, Enrolment};
use crate::store::materials::{self, Material, Place};
use crate::store::notices::{Notice, hand_to};
use crate::store::{Tx, audit, check_ins};

/// Largest file: a deck of slides with pictures.
pub const FILE_BYTES: usize = 20 * 1024 * 1024;
/// Longest title, in characters.
pub const LONGEST_TITLE: usize = 60;
const LONGEST_LINK: usize = 500;
const MOST: usize = 20;
/// Later than this nobody waits for a handout: it is listed as expired.
const PUSH_WITHIN: Duration = Duration::from_secs(48 * 3600);
const PDF: &str = "application/pdf";
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const SLIDES: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

impl Broadcasts {
    /// Keeps a link.
    pub async fn add_link(&self, class: &str, title: &str, link: &str, actor: &Actor, now: Timestamp) -> Result<Material, Refused> {
        let link = link.trim();
        let sound =
            (link.starts_with("https://") || link.starts_with("http://")) && !link.chars().any(|c| c.is_whitespace() || c.is_control());
        if !sound || link.chars().count() > LONGEST_LINK {
            return Err(Refused::invalid("link", words::wrong_link()));
        }
        self.add_material(class, title, Place::Link(link.to_owned()), actor, now).await
    }

    /// Keeps a file; what it is, is what its bytes say.
    pub async fn add_file(&self, class: &str, title: &str, file: Vec<u8>, actor: &Actor, now: Timestamp) -> Result<Material, Refused> {
        if file.len() > FILE_BYTES {
            return Err(Refused::invalid("file", words::file_too_large(FILE_BYTES / 1024 / 1024)));
        }
        let bytes = i64::try_from(file.len()).unwrap_or(i64::MAX);
        let looked_at = tokio::task::spawn_blocking(move || (media_of(&file), file)).await;
        let (media, file) = looked_at.map_err(|error| Refused::Store(sqlx::Error::Io(std::io::Error::other(error))))?;
        let media = media.ok_or_else(|| Refused::invalid("file", words::wrong_file()))?;
        let material = self.checked(class, title, Place::File { media: media.to_owned(), bytes }, now).await?;
        // The file first: a row without a file would be a lie, a file without a row is only a file too many.
        let path = self.material_file(&material.id);
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await.map_err(kept_nowhere)?;
        }
        tokio::fs::write(&path, file).await.map_err(kept_nowhere)?;
        self.keep(material, actor, now).await
    }

    async fn add_material(&self, class: &str, title: &str, place: Place, actor: &Actor, now: Timestamp) -> Result<Material, Refused> {
        let material = self.checked(class, title, place, now).await?;
        self.keep(material, actor, now).await
    }

    async fn checked(&self, class: &str, title: &str, place: Place, now: Timestamp) -> Result<Material, Refused> {
        let title = title.trim();
        if title.is_empty() || title.chars().count() > LONGEST_TITLE || title.chars().any(char::is_control) {
            return Err(Refused::invalid("title", words::wrong_material_title(LONGEST_TITLE)));
        }
        let mut conn = self.store.read().await?;
        classes::get(&mut conn, class, "").await?.ok_or(Refused::NotFound("课程"))?;
        if materials::of_class(&mut conn, class).await?.len() >= MOST {
            return Err(Refused::Conflict(words::too_many_materials(MOST)));
        }
        Ok(Material { id: new_id("mat", now), class_id: class.to_owned(), title: title.to_owned(), place, pushed_at: None })
    }

    async fn keep(&self, material: Material, actor: &Actor, now: Timestamp) -> Result<Material, Refused> {
        let mut tx = self.store.begin().await?;
        materials::insert(&mut tx, &material, &actor.name, now).await?;
        audit::record(&mut tx, &actor.name, "class.material", &material.class_id, &material.id, now).await?;
        tx.commit().await?;
        Ok(material)
    }

    /// The materials of a class.
    pub async fn materials(&self, class: &str) -> Result<Vec<Material>, Refused> {
        Ok(materials::of_class(&mut *self.store.read().await?, class).await?)
    }

    /// A material with its file; nothing where it is a link.
    pub async fn material_with_file(&self, id: &str) -> Result<(Material, Option<Vec<u8>>), Refused> {
        let material = materials::get(&mut *self.store.read().await?, id).await?.ok_or(Refused::NotFound("资料"))?;
        if matches!(material.place, Place::Link(_)) {
            return Ok((material, None));
        }
        match tokio::fs::read(self.material_file(id)).await {
            Ok(file) => Ok((material, Some(file))),
            Err(error) => {
                tracing::error!(material.id = id, error = %error, "the file of a material cannot be read");
                Err(Refused::NotFound("资料文件"))
            }
        }
    }

    /// Takes a material away that nobody was told of.
    pub async fn remove_material(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<(), Refused> {
        let mut tx = self.store.begin().await?;
        let material = materials::get(&mut tx, id).await?.ok_or(Refused::NotFound("资料"))?;
        if !materials::remove(&mut tx, id).await? {
            return Err(Refused::Conflict(words::pushed_already()));
        }
        audit::record(&mut tx, &actor.name, "class.material_removed", &material.class_id, id, now).await?;
        tx.commit().await?;
        if matches!(material.place, Place::File { .. })
            && let Err(error) = tokio::fs::remove_file(self.material_file(id)).await
        {
            tracing::warn!(material.id = id, error = %error, "the file of a removed material is still there");
        }
        Ok(())
    }

    /// Hands what is new to everybody who takes part: one message each; says how many.
    pub async fn push_materials(&self, class: &str, actor: &Actor, now: Timestamp) -> Result<usize, Refused> {
        let (mut tx, stored) = self.take_class(class).await?;
        let new: Vec<Material> =
            materials::of_class(&mut tx, class).await?.into_iter().filter(|material| material.pushed_at.is_none()).collect();
        let Some(last) = new.last() else { return Err(Refused::Conflict(words::nothing_to_push())) };
        let reached = self.reachable(&mut tx, &stored.class, now).await?;
        let links = new.iter().map(|material| (material.title.clone(), self.material_link(material))).collect();
        let message = words::materials(&stored.class.title, links);
        for (enrolment, channel_id) in &reached {
            let name = format!("mat:{}:{enrolment}", last.id);
            self.push(&mut tx, &name, channel_id, &message, now.plus(PUSH_WITHIN), now).await?;
        }
        for material in &new {
            materials::set_pushed(&mut tx, &material.id, now).await?;
        }
        audit::record(&mut tx, &actor.name, "class.materials_pushed", class, &reached.len().to_string(), now).await?;
        tx.commit().await?;
        Ok(reached.len())
    }

    /// Where people open a material.
    pub fn material_link(&self, material: &Material) -> String {
        match &material.place {
            Place::Link(link) => link.clone(),
            Place::File { .. } => format!("{}/materials/{}", self.settings.public_url, material.id),
        }
    }

    /// Enrolment and private chat of those who take part and have one: who enrolled on the web finds it on the class's page. Refused where
    /// nobody takes part or the class is not on.
    pub(super) async fn reachable(&self, tx: &mut Tx, class: &Class, now: Timestamp) -> Result<Vec<(String, String)>, Refused> {
        if class.state != ClassState::Published {
            return Err(Refused::Conflict(words::class_not_on()));
        }
        let people = participants(tx, class, now).await?;
        if people.is_empty() {
            return Err(Refused::Conflict(words::nobody_to_tell()));
        }
        Ok(people.into_iter().filter_map(|person| Some((person.id, person.channel_id?))).collect())
    }

    /// A message nobody waits for at night: it keeps the quiet hours.
    pub(super) async fn push(
        &self,
        tx: &mut Tx,
        name: &str,
        channel_id: &str,
        message: &Message,
        not_after: Timestamp,
        now: Timestamp,
    ) -> Result<bool, Refused> {
        let notice = Notice::new(Origin::Reminder, name, now, not_after);
        Ok(hand_to(tx, channel_id, &notice, message, now).await?)
    }

    fn material_file(&self, id: &str) -> PathBuf {
        self.settings.data_dir.join("materials").join(id)
    }
}

/// Those who came, once the class is over and who came is known; before that, those who have a seat.
pub(super) async fn participants(tx: &mut Tx, class: &Class, now: Timestamp) -> Result<Vec<Enrolment>, Refused> {
    if class.ends_at <= now {
        let came = check_ins::who_came(tx, &class.id).await?;
        if !came.is_empty() {
            return Ok(came);
        }
    }
    let mut roster = classes::roster(tx, &class.id).await?;
    roster.retain(|enrolment| enrolment.state == EnrolmentState::Enrolled);
    Ok(roster)
}

/// The name's ending for a media type of ours.
pub fn ending(media: &str) -> &'static str {
    match media {
        PDF => "pdf",
        WORD => "docx",
        SLIDES => "pptx",
        SHEET => "xlsx",
        "image/png" => "png",
        "image/webp" => "webp",
        _ => "jpg",
    }
}

/// What a file is, by its bytes; names and headers may lie. An office file with macros is none of ours.
fn media_of(file: &[u8]) -> Option<&'static str> {
    if let Some(picture) = picture_of(file) {
        return Some(picture);
    }
    if file.starts_with(b"%PDF-") {
        return Some(PDF);
    }
    let package = ZipArchive::new(Cursor::new(file)).ok()?;
    let names: Vec<String> = package.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
    if names.iter().any(|name| name.ends_with("vbaProject.bin")) {
        return None;
    }
    [("word/document.xml", WORD), ("ppt/presentation.xml", SLIDES), ("xl/workbook.xml", SHEET)]
        .into_iter()
        .find(|(name, _)| names.iter().any(|held| held == name))
        .map(|(_, media)| media)
}
