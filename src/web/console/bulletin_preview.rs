//! The preview beside the form of a bulletin while it is written: a piece of a page that the console's script asks for. Without the script
//! the preview is on the page of the saved draft, as ever.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;

use super::{Pages, html};
use crate::broadcasts::bulletins::Draft;
use crate::domain::bulletin::Targets;
use crate::domain::staff::Permission;
use crate::replies::bulletins as words;
use crate::web::State;
use crate::web::problem::ApiError;
use crate::web::session::Fields;

/// Longer texts are refused when they are saved; so much is shown.
const LONGEST: usize = 20_000;

pub(super) fn pages(pages: Pages) -> Pages {
    pages.post("/console/bulletins/preview", Permission::WriteBulletins, preview)
}

#[derive(Template)]
#[template(path = "console/composed.html", config = "src/web/askama.toml")]
struct Composed {
    /// Whom it reaches.
    reach: String,
    /// Channel, how much it is, and its parts.
    channels: Vec<(&'static str, String, Vec<String>)>,
}

async fn preview(Extract(state): Extract<State>, fields: Fields) -> Result<Response, ApiError> {
    let all = |name: &str| fields.all(name).into_iter().map(str::to_owned).collect();
    let shown = |name: &str| fields.text(name).chars().take(LONGEST).collect::<String>();
    let draft = Draft {
        title: shown("title"),
        number: Some(shown("number")),
        summary: shown("summary"),
        audience_text: Some(shown("audience_text")),
        effective_from: fields.text("effective_from").parse().ok(),
        link: Some(shown("link")),
        body: shown("body"),
        targets: Targets { channels: all("channels"), tags: all("tags") },
        workdays_only: fields.ticked("workdays_only"),
        pin: fields.ticked("pin"),
        card: fields.ticked("card"),
    };
    let composed = state.broadcasts.composed(&mut *state.store.read().await?, draft, state.clock.now()).await?;
    let channels = composed.parts.into_iter().map(|(kind, parts)| {
        let texts: Vec<String> = parts.into_iter().map(|part| part.plain).collect();
        let characters = texts.iter().map(|text| text.chars().count()).sum();
        (kind.chinese(), words::measure(texts.len(), characters), texts)
    });
    html(&Composed { reach: words::reach(composed.groups, composed.people), channels: channels.collect() })
}
