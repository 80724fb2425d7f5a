//! Exact routes: a 文号 in any form, and 第X条 of a named law. They go before any ranking, and 第三条 never hits 第十三条.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::document::Document;
use crate::domain::numeral::chinese_numeral;
use crate::knowledge::document_number::{DocumentNumber, find_all, squeezed};
use crate::knowledge::passages::sentences;
use crate::search::everyday::parts;
use crate::search::snapshot::{PassageId, Snapshot};

/// Digests are scanned for citations of an article only up to this many passages; beyond, a collection is made of texts with articles.
const SCANNED_PASSAGES: usize = 5_000;

static ARTICLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"第?\s*([一二三四五六七八九十百零〇]+|[0-9]{1,4})\s*条(之[一二三四五六七八九十]+)?").expect("the pattern is fixed")
});

/// An article of a law that a question names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleRoute {
    /// The law as written in titles, without 中华人民共和国.
    pub law: String,
    /// 第X条 in Chinese numerals.
    pub article: String,
    /// Passages that are that article, or that rest on it.
    pub passages: Vec<PassageId>,
}

impl Snapshot {
    /// Documents whose 文号 the text names, best agreement first.
    pub fn by_number(&self, text: &str) -> Vec<&Document> {
        let mut found: Vec<(usize, u32)> = Vec::new();
        for wanted in find_all(text) {
            for (document, number) in self.numbers.get(&(wanted.year, wanted.number)).into_iter().flatten() {
                if wanted.agrees(number) && !found.iter().any(|(_, known)| known == document) {
                    // The printed number of a part ("附件3第五条") is a worse match for the bare number than the document itself.
                    let printed = self.documents[*document as usize].number.as_deref().map_or(0, |number| squeezed(number).chars().count());
                    found.push((printed, *document));
                }
            }
        }
        found.sort();
        found.into_iter().map(|(_, document)| &self.documents[document as usize]).collect()
    }

    /// The article a text names together with its law; without passages where neither the law is known nor anything rests on the article.
    pub fn by_article(&self, text: &str) -> Option<ArticleRoute> {
        let squeezed = squeezed(text);
        let hit = ARTICLE.captures(&squeezed)?;
        let printed = hit.get(1)?.as_str();
        let numeral = match printed.parse::<u32>() {
            Ok(number) => chinese_numeral(number),
            Err(_) => printed.replace('〇', "零"),
        };
        let suffix = hit.get(2).map_or("", |suffix| suffix.as_str());
        let article = format!("第{numeral}条{suffix}");
        let before = &squeezed[..hit.get(0)?.start()];
        let law = self.law_in(before)?;
        let mut passages: Vec<PassageId> = Vec::new();
        for (title, document) in &self.titles {
            if *title == law {
                let range = self.starts[*document as usize]..self.starts[*document as usize + 1];
                passages.extend(range.map(PassageId).filter(|id| self.passage(*id).1.article.as_deref() == Some(article.as_str())));
            }
        }
        passages.extend(self.citing(&law, &article, &passages));
        Some(ArticleRoute { law, article, passages })
    }

    /// The longest known law name at the end of `before` or in it; short names go through the glossary.
    fn law_in(&self, before: &str) -> Option<String> {
        let named =
            self.titles.iter().map(|(title, _)| title.as_str()).filter(|title| before.contains(title)).max_by_key(|title| title.len());
        let glossed = self
            .glossary()
            .entries
            .iter()
            .filter(|entry| before.contains(entry.term.as_str()))
            .flat_map(|entry| parts(&entry.official).map(move |part| (entry.term.len(), part)))
            .filter(|(_, part)| is_law_name(part))
            .max_by_key(|(length, _)| *length)
            .map(|(_, part)| part);
        let tail = LAW_TAIL.find_iter(before).last().map(|hit| hit.as_str());
        named
            .or(glossed)
            .or_else(|| tail.map(|tail| SHORT_NAMES.iter().find(|(short, _)| *short == tail).map_or(tail, |(_, full)| *full)))
            .map(str::to_owned)
    }

    /// Digest passages that rest on the article: cited in their text or as their number.
    fn citing(&self, law: &str, article: &str, known: &[PassageId]) -> Vec<PassageId> {
        if self.passages.len() > SCANNED_PASSAGES {
            return Vec::new();
        }
        let mut names = vec![law];
        names.extend(SHORT_NAMES.iter().filter(|(_, full)| *full == law).map(|(short, _)| *short));
        let mut citing: Vec<(usize, PassageId)> = Vec::new();
        for (at, (document, passage)) in self.passages.iter().enumerate() {
            let id = PassageId(u32::try_from(at).unwrap_or(u32::MAX));
            if known.contains(&id) || passage.article.is_some() {
                continue;
            }
            let document = &self.documents[*document as usize];
            let text = passage.text(document);
            let in_text = sentences(text).into_iter().filter(|range| cites(&text[range.clone()], &names, article)).count();
            let in_number = usize::from(document.number.as_deref().is_some_and(|number| cites(number, &names, article)));
            if in_text + in_number > 0 {
                citing.push((in_text + 2 * in_number, id));
            }
        }
        citing.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        citing.into_iter().map(|(_, id)| id).collect()
    }
}

const SHORT_NAMES: [(&str, &str); 6] = [
    ("征管法", "税收征收管理法"),
    ("个税法", "个人所得税法"),
    ("企税法", "企业所得税法"),
    ("征管法实施细则", "税收征收管理法实施细则"),
    ("城建税法", "城市维护建设税法"),
    ("购置税法", "车辆购置税法"),
];
static LAW_TAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:征管法实施细则|征管法|个税法|企税法|城建税法|购置税法|[\p{Han}]{2,12}(?:税法|管理法|管理办法|暂行条例|实施条例|实施细则|条例|保险法|会计法))")
        .expect("the pattern is fixed")
});

/// `《X法》第九条`, `X法第八条、第九条`: the article stands after the law's name with nothing but other articles between.
fn cites(text: &str, names: &[&str], article: &str) -> bool {
    let squeezed = squeezed(text);
    names.iter().any(|name| {
        squeezed.match_indices(name).any(|(at, _)| {
            let after = &squeezed[at + name.len()..];
            let mut rest = after;
            while let Some(hit) =
                ARTICLE.find(rest).filter(|hit| hit.start() <= '、'.len_utf8() && rest[..hit.start()].chars().all(|c| "、和及".contains(c)))
            {
                if hit.as_str() == article {
                    return true;
                }
                rest = &rest[hit.end()..];
            }
            false
        })
    })
}

pub(super) fn is_law_name(word: &str) -> bool {
    ["法", "条例", "细则", "办法", "规定"].iter().any(|ending| word.ends_with(ending))
}

/// 文号 of all documents, by year and number.
pub(super) fn numbers(documents: &[Document]) -> HashMap<(u16, u16), Vec<(u32, DocumentNumber)>> {
    let mut numbers: HashMap<(u16, u16), Vec<(u32, DocumentNumber)>> = HashMap::new();
    for (at, document) in documents.iter().enumerate() {
        for number in document.number.iter().flat_map(|number| find_all(number)) {
            numbers.entry((number.year, number.number)).or_default().push((u32::try_from(at).unwrap_or(u32::MAX), number));
        }
    }
    numbers
}

/// Titles that a law may be named by.
pub(super) fn titles(documents: &[Document]) -> Vec<(String, u32)> {
    documents
        .iter()
        .enumerate()
        .map(|(at, document)| (crate::knowledge::short_title(&document.title), u32::try_from(at).unwrap_or(u32::MAX)))
        .filter(|(title, _)| is_law_name(title))
        .collect()
}
