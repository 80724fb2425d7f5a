//! Draws a link as a QR picture. Error correction M: a sheet of paper gets dirty.

use image::{ExtendedColorType, ImageEncoder, Luma, codecs::png::PngEncoder};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use super::problem::ApiError;

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
