//! Draws a link as a QR picture. Error correction M: a sheet of paper gets dirty.

use image::{ExtendedColorType, ImageEncoder, Luma, codecs::png::PngEncoder};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use super::problem::ApiError;
use crate::domain::code::CodeKind;

/// Address of the picture of a thing's code at a place, with room for more parameters.
pub fn picture_path(kind: CodeKind, target: &str, place: &str) -> String {
    let encoded = |text: &str| askama::filters::urlencode(text).map(|text| text.to_string()).unwrap_or_default();
    format!("/api/v1/qr/{}/{}?place={}", kind.word(), encoded(target), encoded(place))
}

/// As SVG, at least `size` pixels wide.
pub fn as_svg(link: &str, size: u32) -> Result<String, ApiError> {
    Ok(code(link)?.render::<svg::Color>().min_dimensions(size, size).quiet_zone(true).build())
}

/// As PNG, at least `size` pixels wide; whole pixels for each square, so that it stays sharp.
pub fn as_png(link: &str, size: u32) -> Result<Vec<u8>, ApiError> {
    let picture = code(link)?.render::<Luma<u8>>().min_dimensions(size, size).quiet_zone(true).build();
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::L8)
        .map_err(|error| ApiError::Internal(error.into()))?;
    Ok(bytes)
}

fn code(link: &str) -> Result<QrCode, ApiError> {
    QrCode::with_error_correction_level(link.as_bytes(), EcLevel::M).map_err(|error| ApiError::Internal(error.into()))
}
