//! Which document replaced which, read from the texts themselves: a later version of the same title, 同时废止 sentences, `supersedes`.
//! It only ever shortens the life of the older document, and only where the older one states no end of its own.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{Days, NaiveDate};
use regex::Regex;

use crate::domain::document::{Document, DocumentStatus};
use crate::knowledge::document_number::squeezed;
use crate::knowledge::official::short_title;

static NAMED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"《([^《》]+)》").expect("the pattern is fixed"));

/// An older document, by place, and the one that replaced it.
struct Replacement {
    older: usize,
    /// Set where the newer one is a version of the same title: its text holds from `from`, whenever the title first came into force.
    version: Option<usize>,
    by: String,
    from: NaiveDate,
}

/// Sets the end of every document that another one in the list replaces.
pub fn derive(documents: &mut [Document]) {
    let mut replacements = by_version(documents);
    replacements.extend(by_words(documents));
    for replacement in replacements {
        let document = &mut documents[replacement.older];
        let last = replacement.from.checked_sub_days(Days::new(1));
        if document.effective_to.is_none() {
            document.effective_to = last;
            document.status = DocumentStatus::Repealed;
        }
        document.superseded_by.get_or_insert(replacement.by);
        if let Some(version) = replacement.version {
            let newer = &mut documents[version];
            newer.effective_from = newer.effective_from.max(Some(replacement.from));
        }
    }
}

/// Two versions of one title: the later one holds from the day of that version.
fn by_version(documents: &[Document]) -> Vec<Replacement> {
    let mut versions: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, document) in documents.iter().enumerate() {
        if document.published.is_some() && document.questions.is_empty() {
            versions.entry(short_title(&document.title)).or_default().push(at);
        }
    }
    let mut replacements = Vec::new();
    for mut same in versions.into_values().filter(|same| same.len() > 1) {
        same.sort_by_key(|at| (documents[*at].published, *at));
        for pair in same.windows(2) {
            let (older, newer) = (&documents[pair[0]], &documents[pair[1]]);
            if let Some(from) = newer.published
                && older.published < newer.published
            {
                let by = match &newer.number {
                    Some(number) => format!("{}（{number}，{from}修订）", newer.title),
                    None => format!("{}（{from}修订）", newer.title),
                };
                replacements.push(Replacement { older: pair[0], version: Some(pair[1]), by, from });
            }
        }
    }
    replacements
}

/// 《…》同时废止 in a text, and `supersedes` in front matter.
fn by_words(documents: &[Document]) -> Vec<Replacement> {
    let mut titles: HashMap<String, Vec<usize>> = HashMap::new();
    let mut numbers: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, document) in documents.iter().enumerate() {
        titles.entry(short_title(&document.title)).or_default().push(at);
        if let Some(number) = &document.number {
            numbers.entry(squeezed(number)).or_default().push(at);
        }
    }
    let mut replacements = Vec::new();
    for (at, document) in documents.iter().enumerate() {
        let Some(from) = document.effective_from else { continue };
        let mut replace = |older: usize| {
            if older != at {
                let by = document.number.clone().unwrap_or_else(|| document.title.clone());
                replacements.push(Replacement { older, version: None, by, from });
            }
        };
        for name in repealed_in(&document.body) {
            titles.get(&short_title(name)).into_iter().flatten().for_each(|older| replace(*older));
        }
        for named in &document.supersedes {
            numbers.get(&squeezed(named)).into_iter().flatten().for_each(|older| replace(*older));
            titles.get(&short_title(named)).into_iter().flatten().for_each(|older| replace(*older));
        }
    }
    replacements
}

/// Titles in sentences that say 同时废止.
fn repealed_in(body: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for (at, _) in body.match_indices("同时废止") {
        let start = body[..at].rfind(['。', '\n', '；']).map_or(0, |end| end + body[end..].chars().next().map_or(1, char::len_utf8));
        names.extend(NAMED.captures_iter(&body[start..at]).filter_map(|hit| hit.get(1)).map(|hit| hit.as_str()));
    }
    names
}
