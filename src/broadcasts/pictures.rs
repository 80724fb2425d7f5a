//! Uploaded pictures: read once, to be sure that they are pictures, and shrunk to what a page or a report needs. What the camera wrote into
//! the file (place, device) is not in the shrunk one.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::error::{LimitError, LimitErrorKind};
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, ImageResult};

/// Longest side of a shrunk picture, in pixels: sharp on paper at half a page's width.
const LONGEST_SIDE: u32 = 1_280;
/// 64 million pixels of three bytes; what claims to be larger is not a phone's photo.
const MOST_BYTES: u64 = 192 * 1024 * 1024;
const QUALITY: u8 = 80;

/// A JPEG of the picture, upright and small. Blocks: call it where blocking is allowed.
pub(super) fn shrink(picture: &[u8]) -> ImageResult<Vec<u8>> {
    let mut decoder = ImageReader::new(Cursor::new(picture)).with_guessed_format()?.into_decoder()?;
    if decoder.total_bytes() > MOST_BYTES {
        return Err(ImageError::Limits(LimitError::from_kind(LimitErrorKind::DimensionError)));
    }
    let orientation = decoder.orientation()?;
    let mut whole = DynamicImage::from_decoder(decoder)?;
    if whole.width() > LONGEST_SIDE || whole.height() > LONGEST_SIDE {
        whole = whole.thumbnail(LONGEST_SIDE, LONGEST_SIDE);
    }
    whole.apply_orientation(orientation);
    let mut small = Vec::new();
    whole.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut small, QUALITY))?;
    Ok(small)
}
