//! The documents themselves: a list to search, and a page for each that opens at the cited words.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use serde::Deserialize;

use super::answer::standing;
use super::text::{Block, Section, contents, sections};
use super::{PageError, html};
use crate::domain::document::{Confidence, Document};
use crate::domain::time::chinese_date;
use crate::replies::{answers, pages};
use crate::search::Snapshot;
use crate::web::State;
use crate::web::api::documents::{Filter, Summary, find, page_of};
use crate::web::extract::{Path, Query};
use crate::web::paging::Paging;
use crate::web::problem::ApiError;

/// Topics offered in the list's filter: those that several documents share.
const MOST_TOPICS: usize = 40;
const FROM_DOCUMENTS: usize = 2;

#[derive(Template)]
#[template(path = "policies.html", config = "src/web/askama.toml")]
struct List {
    here: &'static str,
    q: String,
    topic: String,
    topics: Vec<String>,
    total: usize,
    items: Vec<Item>,
    next: Option<String>,
}

struct Item {
    id: String,
    title: String,
    standing: &'static str,
    validity: &'static str,
    meta: String,
}

#[derive(Template)]
#[template(path = "policy.html", config = "src/web/askama.toml")]
struct Page {
    here: &'static str,
    title: String,
    standing: &'static str,
    validity: &'static str,
    topics: Vec<String>,
    notice: Option<String>,
    /// Page of what replaced it.
    successor: Option<String>,
    facts: Vec<(&'static str, String)>,
    official_link: Option<String>,
    contents: Vec<(String, String)>,
    sections: Vec<Section>,
    questions: Vec<String>,
    caution: String,
}

/// The quotation to mark, in bytes of the text.
#[derive(Debug, Default, Deserialize)]
pub struct Quotation {
    #[serde(default)]
    from: Option<usize>,
    #[serde(default)]
    to: Option<usize>,
}

/// The list, searched and filtered.
pub async fn list(Extract(state): Extract<State>, paging: Paging, Query(filter): Query<Filter>) -> Result<Response, PageError> {
    let snapshot = state.answering.search().snapshot();
    let found = find(&snapshot, &filter, state.clock.now().date())?;
    let total = found.len();
    let page = page_of(found, &paging)?;
    let (q, topic) = (filter.q.unwrap_or_default(), filter.topic.unwrap_or_default());
    let next = page.next_cursor.map(|cursor| {
        let parameter = |text: &str| askama::filters::urlencode(text).map(|encoded| encoded.to_string()).unwrap_or_default();
        format!("/policies?q={}&topic={}&cursor={}", parameter(&q), parameter(&topic), parameter(&cursor))
    });
    let items = page.items.into_iter().map(item).collect();
    html(&List { here: "policies", topics: topics(&snapshot), q, topic, total, items, next })
}

/// One document.
pub async fn page(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Query(quotation): Query<Quotation>,
) -> Result<Response, PageError> {
    let snapshot = state.answering.search().snapshot();
    let document = snapshot.document(&id).ok_or_else(|| ApiError::NotFound(pages::not_found()))?;
    let validity = document.validity(state.clock.now().date());
    let cited = quotation.from.zip(quotation.to).map(|(from, to)| from..to);
    let single = (document.confidence == Confidence::SingleSource).then(pages::single_source);
    html(&Page {
        here: "policies",
        title: document.title.clone(),
        standing: standing(validity),
        validity: validity.word(),
        topics: document.topics.clone(),
        notice: pages::notice(document, validity).or(single),
        successor: successor(&snapshot, document),
        facts: pages::facts(document),
        official_link: document.link.clone().filter(|link| link.starts_with("https://") || link.starts_with("http://")),
        contents: contents(document),
        sections: sections(document, cited.as_ref()),
        questions: document.questions.clone(),
        caution: answers::caution(),
    })
}

fn item(summary: Summary) -> Item {
    let meta = [
        summary.number.clone(),
        Some(pages::kind_name(summary.kind).to_owned()),
        summary.published.or(summary.effective_from).map(chinese_date),
        summary.topics.first().cloned(),
    ];
    Item {
        id: summary.id,
        title: summary.title,
        standing: standing(summary.validity),
        validity: summary.validity.word(),
        meta: meta.into_iter().flatten().collect::<Vec<_>>().join(" · "),
    }
}

fn topics(snapshot: &Snapshot) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for topic in snapshot.documents().iter().flat_map(|document| &document.topics) {
        *counts.entry(topic).or_default() += 1;
    }
    let mut topics: Vec<(&str, usize)> = counts.into_iter().filter(|(_, count)| *count >= FROM_DOCUMENTS).collect();
    topics.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    topics.into_iter().take(MOST_TOPICS).map(|(topic, _)| topic.to_owned()).collect()
}

/// The page of the document that `superseded_by` names by number or title, where it is known here.
fn successor(snapshot: &Snapshot, document: &Document) -> Option<String> {
    let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let by = squeezed(document.superseded_by.as_deref()?);
    let named = |other: &&Document| {
        let number = other.number.as_deref().unwrap_or_default();
        let by_number = number.split('；').map(squeezed).any(|number| !number.is_empty() && by.contains(&number));
        other.id != document.id && (by_number || by.contains(&squeezed(&other.title)))
    };
    snapshot.documents().iter().find(named).map(|other| format!("/policies/{}", other.id))
}
