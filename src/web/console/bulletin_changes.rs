//! What changed since an approver last had a bulletin before them, and what a waiting correction would change.

use askama::Template;
use sqlx::AnyConnection;

use super::bulletins::targets_line;
use crate::domain::bulletin::{Bulletin, BulletinState, Reviewed};
use crate::domain::difference::{Stretch, difference};
use crate::domain::time::chinese_date;
use crate::replies::console_pages::bulletin_changes as text;
use crate::replies::console_pages::bulletins as names;
use crate::store::channels;
use crate::web::problem::ApiError;

/// A heading, and each thing that changed.
#[derive(Template)]
#[template(path = "console/changes.html", config = "src/web/askama.toml")]
struct Changes {
    title: &'static str,
    /// How to read it; that nothing changed, where there is none.
    hint: &'static str,
    changed: Vec<(&'static str, Vec<Stretch>)>,
}

/// Already rendered; empty where there is nothing to compare.
pub(super) async fn block(conn: &mut AnyConnection, bulletin: &Bulletin) -> Result<String, ApiError> {
    if let Some((body, _)) = &bulletin.correction {
        let changed = vec![(names::BODY, difference(&bulletin.content.body, body))];
        return shown(text::CORRECTION, changed);
    }
    match &bulletin.reviewed {
        Some(before) if matches!(bulletin.state, BulletinState::Draft | BulletinState::InReview) => {
            let now = bulletin.for_review();
            let mut changed = Vec::new();
            for ((name, before), (_, after)) in lines(conn, before).await?.into_iter().zip(lines(conn, &now).await?) {
                changed.push((name, difference(&before, &after)));
            }
            shown(text::SINCE_REVIEW, changed)
        }
        _ => Ok(String::new()),
    }
}

fn shown(title: &'static str, mut changed: Vec<(&'static str, Vec<Stretch>)>) -> Result<String, ApiError> {
    changed.retain(|(_, stretches)| !stretches.is_empty());
    let hint = if changed.is_empty() { text::NOTHING_CHANGED } else { text::HOW_TO_READ };
    Changes { title, hint, changed }.render().map_err(|error| ApiError::Internal(error.into()))
}

/// Everything an approval is about, each under its name.
async fn lines(conn: &mut AnyConnection, version: &Reviewed) -> Result<[(&'static str, String); 10], ApiError> {
    let content = &version.content;
    let mut groups = Vec::new();
    for id in &version.targets.channels {
        groups.push(channels::get(conn, id).await?.map_or_else(|| id.clone(), |group| group.title));
    }
    let yes = |on: bool| if on { names::YES } else { names::NO }.to_owned();
    // The same name with other bytes is another file.
    let files = version.attachments.iter().map(|file| format!("{}（{}）", file.name, file.sha256.get(..8).unwrap_or_default()));
    Ok([
        (names::HEADING, content.title.clone()),
        (names::NUMBER, content.number.clone().unwrap_or_default()),
        (names::AUDIENCE, content.audience_text.clone().unwrap_or_default()),
        (names::EFFECTIVE_FROM, content.effective_from.map(chinese_date).unwrap_or_default()),
        (names::SUMMARY, content.summary.clone()),
        (names::BODY, content.body.clone()),
        (names::LINK, content.link.clone().unwrap_or_default()),
        (
            names::GOES_TO,
            std::iter::once(targets_line(&version.targets)).chain(groups).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("、"),
        ),
        (
            text::MANNER,
            [(names::WORKDAYS_ONLY, version.workdays_only), (names::PINNED, version.pin), (names::CARD, version.card)]
                .map(|(name, on)| format!("{name}：{}；", yes(on)))
                .concat(),
        ),
        (text::ATTACHMENTS, files.collect::<Vec<_>>().join("；")),
    ])
}
