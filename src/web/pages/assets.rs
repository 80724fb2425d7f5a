//! Style, script and mark, built into the program. A browser asks whether they changed and gets nothing where they did not.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::PageError;
use crate::replies::pages;
use crate::web::extract::Path;
use crate::web::problem::ApiError;

/// Shows a class's door page again without a signal.
const DOOR_WORKER: &str = "door-worker.js";
/// The pages that worker is for.
const DOOR_PAGES: &str = "/console/classes/";

#[derive(RustEmbed)]
#[folder = "src/web/assets"]
struct Assets;

/// One asset by name.
pub async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, PageError> {
    let file = Assets::get(&name).ok_or_else(|| ApiError::NotFound(pages::not_found()))?;
    let tag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..12]));
    let same = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|known| known.contains(&tag));
    let mut response = if same { StatusCode::NOT_MODIFIED.into_response() } else { file.data.into_response() };
    let answered = response.headers_mut();
    answered.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if name == DOOR_WORKER {
        answered.insert("service-worker-allowed", HeaderValue::from_static(DOOR_PAGES));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answered.insert(header::ETAG, tag);
    }
    if let Ok(media) = HeaderValue::from_str(file.metadata.mimetype()) {
        answered.insert(header::CONTENT_TYPE, media);
    }
    Ok(response)
}
