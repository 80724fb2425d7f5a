//! What a reader of all files together can see: documents that contradict each other or themselves. Hints for a person; a file that is
//! wrong by itself was refused before.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::document::{Document, DocumentStatus};
use crate::knowledge::document_number::{find_all, squeezed};
use crate::knowledge::official::short_title;

/// A number with the unit that makes it a fact.
static FIGURE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d+(?:\.\d+)?(?:%|‰|万元|元|亩|平方米|个月|个工作日)").expect("the pattern is fixed"));

/// One line for each contradiction, naming the document and what to do.
pub fn contradictions(documents: &[Document]) -> Vec<String> {
    let mut found = Vec::new();
    let mut asked: HashMap<&str, &str> = HashMap::new();
    let mut numbered: HashMap<String, &Document> = HashMap::new();
    for document in documents {
        found.extend(within(document, documents));
        if let Some(number) = document.number.as_deref().filter(|number| !find_all(number).is_empty()) {
            let first = *numbered.entry(squeezed(number)).or_insert(document);
            found.extend(same_number(first, document, number));
        }
        for question in document.unanswered.iter().filter(|question| is_answered(question, documents)) {
            found.push(format!("{}：unanswered 里的“{question}”又写在 questions 里，请只留一处", document.id));
        }
        for question in &document.questions {
            if let Some(other) = asked.insert(question, &document.id).filter(|other| *other != document.id) {
                found.push(format!("{}：“{question}”在 {other} 里也有，请只留在能回答它的那一份", document.id));
            }
        }
    }
    found
}

/// What a document says against itself.
fn within(document: &Document, documents: &[Document]) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(by) = document.superseded_by.as_deref().filter(|by| !is_known(by, documents)) {
        found.push(format!("{}：superseded_by 写的“{by}”在知识库里找不到，请核对文号或补上那份文件", document.id));
    }
    if document.status == DocumentStatus::InForce && document.superseded_by.is_some() && document.effective_to.is_none() {
        found.push(format!("{}：写了 superseded_by，却仍是现行有效，请补上 effective_to 或改 status", document.id));
    }
    if let (Some(from), Some(to)) = (document.effective_from, document.effective_to)
        && to < from
    {
        // Its own file was refused for this; a document that claims to replace it may still say so.
        let by = document.superseded_by.as_deref().map(|by| format!("（由“{by}”推出）")).unwrap_or_default();
        found.push(format!("{}：失效日 {to}{by} 早于施行日 {from}，请核对日期和 supersedes", document.id));
    }
    for question in &document.questions {
        if let Some(figure) = FIGURE.find(question).filter(|figure| !states(document, figure.as_str())) {
            found.push(format!("{}：questions 里的“{}”正文没有，请核对：{question}", document.id, figure.as_str()));
        }
    }
    found
}

/// Whether a question stands among those a document answers.
fn is_answered(question: &str, documents: &[Document]) -> bool {
    documents.iter().any(|document| document.questions.iter().any(|answered| answered == question))
}

/// Several digests may rest on one 文号, and one order may amend many regulations; one 文号 has one day of issue, and one text of a title.
fn same_number(first: &Document, second: &Document, number: &str) -> Option<String> {
    if first.id == second.id {
        return None;
    }
    if let (Some(one), Some(other)) = (first.published, second.published)
        && one != other
    {
        return Some(format!("{}：文号“{number}”与 {} 相同，发文日期却是 {other} 和 {one}，请核对", second.id, first.id));
    }
    let same_title = short_title(&first.title) == short_title(&second.title);
    same_title.then(|| format!("{}：文号和标题都与 {} 相同（{number}），请只留一份", second.id, first.id))
}

/// Whether a 文号, title or id names one of the documents.
fn is_known(name: &str, documents: &[Document]) -> bool {
    let wanted = find_all(name);
    documents.iter().any(|document| {
        let numbered = document.number.as_deref().is_some_and(|number| {
            let numbers = find_all(number);
            wanted.iter().any(|wanted| numbers.iter().any(|number| wanted.agrees(number))) || squeezed(number).contains(&squeezed(name))
        });
        numbered || document.id == name || name.contains(&short_title(&document.title)) || document.title.contains(name)
    })
}

fn states(document: &Document, figure: &str) -> bool {
    document.body.contains(figure) || document.title.contains(figure)
}
