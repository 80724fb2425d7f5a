//! What staff write goes to everybody: sensitive words are named before a text is taken (F22).

use crate::replies::problems;
use crate::web::State;
use crate::web::problem::ApiError;

/// Refuses a field with words of the list in it.
pub fn require_clean<'a>(state: &State, fields: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Result<(), ApiError> {
    for (field, text) in fields {
        let words = text.map(|text| state.answering.sensitive_in(text)).unwrap_or_default();
        if !words.is_empty() {
            return Err(ApiError::invalid(field, problems::sensitive_words(&words)));
        }
    }
    Ok(())
}
