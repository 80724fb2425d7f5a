//! What went out to the groups, for everybody to look up again (F57): a list, a page for each, Atom and JSON feeds. What was recalled is
//! not shown any more, what went to the staff's own groups never.

use askama::Template;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::{PageError, html};
use crate::domain::attachment::{Attachment, size};
use crate::domain::bulletin::{Bulletin, BulletinState};
use crate::domain::time::{Timestamp, chinese_date};
use crate::replies::{bulletins as words, pages};
use crate::store::bulletins;
use crate::web::State;
use crate::web::api::attachments::served;
use crate::web::extract::{Path, Query};
use crate::web::problem::ApiError;

const A_PAGE: usize = 20;
/// Entries of a feed.
const A_FEED: i64 = 50;

#[derive(Template)]
#[template(path = "bulletins.html", config = "src/web/askama.toml")]
struct List {
    here: &'static str,
    items: Vec<Item>,
    next: Option<String>,
}

struct Item {
    id: String,
    title: String,
    meta: String,
    corrected: bool,
}

#[derive(Template)]
#[template(path = "bulletin.html", config = "src/web/askama.toml")]
struct Page {
    here: &'static str,
    title: String,
    notice: Option<String>,
    facts: Vec<(&'static str, String)>,
    link: Option<String>,
    paragraphs: Vec<String>,
    attachments: Vec<Attached>,
}

/// A file on the page of its bulletin.
struct Attached {
    path: String,
    name: String,
    size: String,
    picture: bool,
}

#[derive(Template)]
#[template(path = "feed.xml", config = "src/web/askama.toml")]
struct Feed {
    url: String,
    updated: String,
    entries: Vec<Entry>,
}

struct Entry {
    title: String,
    url: String,
    published: String,
    updated: String,
    summary: String,
    text: String,
    attachments: Vec<Enclosure>,
}

/// A file in a feed.
struct Enclosure {
    url: String,
    name: String,
    media: &'static str,
    bytes: u64,
}

/// Where a page of the list begins: after the bulletin that went out then.
#[derive(Debug, Default, Deserialize)]
pub struct Begin {
    #[serde(default)]
    after: Option<i64>,
    #[serde(default)]
    id: Option<String>,
}

/// The list, the newest first.
pub async fn list(Extract(state): Extract<State>, Query(begin): Query<Begin>) -> Result<Response, PageError> {
    let before = begin.after.map(|at| (Timestamp::from_millis(at), begin.id.as_deref().unwrap_or_default()));
    let limit = i64::try_from(A_PAGE + 1).unwrap_or(i64::MAX);
    let mut found = bulletins::published(&mut *state.store.read().await?, before, limit).await?;
    let more = found.len() > A_PAGE;
    found.truncate(A_PAGE);
    let last = found.last().filter(|_| more).and_then(|last| Some((last.sent_at?.millis(), last.id.clone())));
    let next = last.map(|(at, id)| format!("/bulletins?after={at}&id={id}"));
    html(&List { here: "bulletins", items: found.into_iter().map(item).collect(), next })
}

fn item(bulletin: Bulletin) -> Item {
    let date = bulletin.sent_at.map(|at| chinese_date(at.date()));
    let meta: Vec<String> = [date, bulletin.content.number, bulletin.content.audience_text].into_iter().flatten().collect();
    Item { id: bulletin.id, title: bulletin.content.title, meta: meta.join(" · "), corrected: bulletin.revision > 1 }
}

/// One bulletin; 410 where it was recalled.
pub async fn page(Extract(state): Extract<State>, Path(id): Path<String>) -> Result<Response, PageError> {
    let found = bulletins::public(&mut *state.store.read().await?, &id).await?;
    let bulletin = found.ok_or_else(|| ApiError::NotFound(pages::not_found()))?;
    let (here, title) = ("bulletins", bulletin.content.title.clone());
    if bulletin.state == BulletinState::Recalled {
        let notice = Some(words::page_recalled());
        let page = html(&Page { here, title, notice, facts: Vec::new(), link: None, paragraphs: Vec::new(), attachments: Vec::new() })?;
        return Ok((StatusCode::GONE, page).into_response());
    }
    let notice =
        (bulletin.revision > 1).then(|| words::page_corrected(bulletin.approval.map_or(bulletin.updated_at, |approval| approval.at)));
    let content = bulletin.content;
    let facts = pages::bulletin_facts(bulletin.sent_at, &content);
    let paragraphs = [content.summary, content.body].into_iter().filter(|text| !text.is_empty()).collect();
    let attached = |attachment: &Attachment| Attached {
        path: attachment.public_path(&bulletin.id),
        name: attachment.name.clone(),
        size: size(attachment.bytes),
        picture: attachment.media.is_picture(),
    };
    let attachments = bulletin.attachments.iter().map(attached).collect();
    html(&Page { here, title, notice, facts, link: content.link, paragraphs, attachments })
}

/// A picture or PDF of a bulletin that everybody may see; 410 where it was recalled.
pub async fn attachment(
    Extract(state): Extract<State>,
    Path((id, attachment)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let found = bulletins::public(&mut *state.store.read().await?, &id).await?;
    let bulletin = found.ok_or_else(|| ApiError::NotFound(pages::not_found()))?;
    if bulletin.state == BulletinState::Recalled {
        return Ok(StatusCode::GONE.into_response());
    }
    let known = bulletin.attachments.iter().find(|known| known.id == attachment);
    let tag = format!("\"{}\"", known.ok_or_else(|| ApiError::NotFound(pages::not_found()))?.sha256);
    let mut response = if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == tag.as_bytes()) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let (attachment, file) = state.broadcasts.attachment(&bulletin, &attachment).await?;
        served(&attachment, file)?
    };
    let tag = HeaderValue::from_str(&tag).map_err(|error| ApiError::Internal(error.into()))?;
    response.headers_mut().insert(header::ETAG, tag);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    Ok(response)
}

/// The Atom feed (RFC 4287).
pub async fn atom(Extract(state): Extract<State>) -> Result<Response, PageError> {
    let entries = entries(&state).await?;
    let updated = entries.iter().map(|entry| entry.updated.clone()).max().unwrap_or_else(|| Timestamp::from_millis(0).rfc3339());
    let feed = Feed { url: state.public_url.to_string(), updated, entries };
    let text = feed.render().map_err(|error| ApiError::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], text).into_response())
}

/// The JSON feed (jsonfeed.org/version/1.1).
pub async fn json_feed(Extract(state): Extract<State>) -> Result<Response, PageError> {
    let items: Vec<serde_json::Value> = entries(&state)
        .await?
        .into_iter()
        .map(|entry| {
            let attachments: Vec<serde_json::Value> = entry
                .attachments
                .iter()
                .map(|file| json!({"url": file.url, "mime_type": file.media, "title": file.name, "size_in_bytes": file.bytes}))
                .collect();
            json!({"id": entry.url, "url": entry.url, "title": entry.title, "summary": entry.summary, "content_text": entry.text,
                "date_published": entry.published, "date_modified": entry.updated, "attachments": attachments})
        })
        .collect();
    let url = &state.public_url;
    let feed = json!({"version": "https://jsonfeed.org/version/1.1", "title": words::FEED, "language": "zh-CN",
        "home_page_url": format!("{url}/bulletins"), "feed_url": format!("{url}/feed.json"), "items": items});
    Ok(([(header::CONTENT_TYPE, "application/feed+json; charset=utf-8")], feed.to_string()).into_response())
}

async fn entries(state: &State) -> Result<Vec<Entry>, ApiError> {
    let found = bulletins::latest(&mut *state.store.read().await?, A_FEED).await?;
    let entry = |bulletin: Bulletin| {
        let published = bulletin.sent_at.unwrap_or(bulletin.created_at);
        let corrected = bulletin.approval.as_ref().map_or(published, |approval| approval.at.max(published));
        let number = bulletin.content.number.map(|number| words::number_line(&number)).unwrap_or_default();
        let enclosure = |attachment: &Attachment| Enclosure {
            url: format!("{}{}", state.public_url, attachment.public_path(&bulletin.id)),
            name: attachment.name.clone(),
            media: attachment.media.word(),
            bytes: attachment.bytes,
        };
        Entry {
            attachments: bulletin.attachments.iter().map(enclosure).collect(),
            title: printable(&bulletin.content.title),
            url: format!("{}/bulletins/{}", state.public_url, bulletin.id),
            published: published.rfc3339(),
            updated: corrected.rfc3339(),
            summary: printable(&bulletin.content.summary),
            text: printable(&format!("{number}{}", bulletin.content.body)),
        }
    };
    Ok(found.into_iter().map(entry).collect())
}

/// Without the signs XML forbids even escaped.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}
