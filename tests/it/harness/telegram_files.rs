//! What the fake Bot API takes of files: sizes and shapes as Telegram judges them (core.telegram.org/bots/api#sending-files).

use axum::body::Bytes;
use serde_json::{Map, Value, json};

const PHOTO_BYTES: usize = 10 * 1024 * 1024;
const DOCUMENT_BYTES: usize = 50 * 1024 * 1024;
const MOST_CAPTION: usize = 1024;

/// A file in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedFile {
    /// Posted by sendPhoto, not as a document.
    pub photo: bool,
    pub name: String,
    pub media: String,
    pub bytes: Bytes,
}

/// A file of a multipart request, as the other parameters see it.
pub fn described(file: &PostedFile) -> Value {
    json!({"file_name": file.name, "media": file.media, "size": file.bytes.len()})
}

/// Why Telegram would not take it, in its words.
pub fn check(file: Option<&PostedFile>, photo: bool, parameters: &Map<String, Value>) -> Result<(), String> {
    let Some(file) = file.filter(|file| !file.bytes.is_empty()) else {
        return Err("Bad Request: there is no file in the request".to_owned());
    };
    let most = if photo { PHOTO_BYTES } else { DOCUMENT_BYTES };
    if file.bytes.len() > most {
        return Err("Request Entity Too Large".to_owned());
    }
    let caption = parameters.get("caption").and_then(Value::as_str).unwrap_or_default();
    if caption.encode_utf16().count() > MOST_CAPTION {
        return Err("Bad Request: message caption is too long".to_owned());
    }
    if !photo {
        return Ok(());
    }
    match size_of(&file.bytes) {
        Some((width, height)) if width + height <= 10_000 && width.max(height) <= 20 * width.min(height) => Ok(()),
        Some(_) => Err("Bad Request: PHOTO_INVALID_DIMENSIONS".to_owned()),
        None => Err("Bad Request: IMAGE_PROCESS_FAILED".to_owned()),
    }
}

/// Width and height of a PNG; a JPEG is believed.
fn size_of(picture: &[u8]) -> Option<(u32, u32)> {
    if picture.starts_with(&[0xFF, 0xD8, 0xFF]) {
        return Some((800, 600));
    }
    let number = |from: usize| Some(u32::from_be_bytes(picture.get(from..from + 4)?.try_into().ok()?));
    picture.starts_with(b"\x89PNG\r\n\x1a\n").then_some(())?;
    Some((number(16)?, number(20)?))
}

/// A PNG of this size, all of one grey, for tests.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = image::GrayImage::from_pixel(width, height, image::Luma([200]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a picture fits into memory");
    bytes.into_inner()
}

/// The smallest thing that says it is a PDF.
pub fn pdf(padding: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n".to_vec();
    bytes.extend(std::iter::repeat_n(b' ', padding));
    bytes.extend(b"\n%%EOF\n");
    bytes
}
