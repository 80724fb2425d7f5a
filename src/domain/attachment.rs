//! Pictures and PDFs that go out after a bulletin's text (F74). What a file is, its bytes say; names and headers may lie.

use serde::{Deserialize, Serialize};

/// Attachments of one bulletin: more would flood a group.
pub const MOST: usize = 5;
/// Largest picture in bytes: what Telegram takes as a photo (core.telegram.org/bots/api#sendphoto).
pub const PICTURE_BYTES: usize = 10 * 1024 * 1024;
/// Largest PDF in bytes: what a WeCom robot takes as a file (developer.work.weixin.qq.com/document/path/91770).
pub const PDF_BYTES: usize = 20 * 1024 * 1024;
/// Longest file name in characters.
const LONGEST_NAME: usize = 60;

/// A kind of file that every channel shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Media {
    #[serde(rename = "image/png")]
    Png,
    #[serde(rename = "image/jpeg")]
    Jpeg,
    #[serde(rename = "application/pdf")]
    Pdf,
}

/// A file that belongs to a bulletin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Attachment {
    pub id: String,
    /// As people see it, with its ending.
    pub name: String,
    pub media: Media,
    pub bytes: u64,
    /// Hexadecimal; an approval is bound to it.
    pub sha256: String,
}

impl Attachment {
    /// Where everybody finds it, once its bulletin has gone out.
    pub fn public_path(&self, bulletin_id: &str) -> String {
        format!("/bulletins/{bulletin_id}/attachments/{}", self.id)
    }
}

impl Media {
    /// What the file is, by its first bytes.
    pub fn of(file: &[u8]) -> Option<Self> {
        if file.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(Self::Jpeg)
        } else if file.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if file.starts_with(b"%PDF-") {
            Some(Self::Pdf)
        } else {
            None
        }
    }

    /// The media type.
    pub fn word(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Pdf => "application/pdf",
        }
    }

    /// Whether it can be looked at in the chat itself.
    pub fn is_picture(self) -> bool {
        match self {
            Self::Png | Self::Jpeg => true,
            Self::Pdf => false,
        }
    }

    /// Largest file of this kind, in bytes.
    pub fn most_bytes(self) -> usize {
        if self.is_picture() { PICTURE_BYTES } else { PDF_BYTES }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Pdf => "pdf",
        }
    }
}

/// A name for people: without folders and signs no file has, with the ending of what the file is.
pub fn name_for(given: &str, media: Media) -> String {
    let file = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let (stem, ending) = file.rsplit_once('.').unwrap_or((file, ""));
    let stem = if ending.chars().all(|c| c.is_ascii_alphanumeric()) && ending.len() <= 5 { stem } else { file };
    let stem: String = stem.chars().filter(|c| !c.is_control() && !"<>:\"|?*\u{202E}".contains(*c)).take(LONGEST_NAME).collect();
    let stem = stem.trim().trim_matches('.');
    format!("{}.{}", if stem.is_empty() { "附件" } else { stem }, media.ending())
}

/// A size for people.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} 字节"),
        1_024..1_048_576 => format!("{} KB", bytes.div_ceil(1_024)),
        _ => format!("{:.1} MB", f64::from(u32::try_from(bytes / 1_024).unwrap_or(u32::MAX)) / 1_024.0),
    }
}
