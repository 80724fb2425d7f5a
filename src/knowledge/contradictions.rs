//! What a reader of all files together can see: documents that contradict each other or themselves. Hints for a person; a file that is
//! wrong by itself was refused before.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::document::{Document, DocumentStatus};
use crate::knowledge::Library;
use crate::knowledge::document_number::{find_all, squeezed};
use crate::knowledge::official::short_title;

/// A number with the unit that makes it a fact.
static FIGURE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d+(?:\.\d+)?(?:%|‰|万元|元|亩|平方米|个月|个工作日)").expect("the pattern is fixed"));

impl Library {
    /// One line for each contradiction, naming the document and what to do.
    pub fn contradictions(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut asked: HashMap<&str, &str> = HashMap::new();
        for document in &self.documents {
            if let Some(by) = document.superseded_by.as_deref().filter(|by| !self.knows(by)) {
                found.push(format!("{}：superseded_by 写的“{by}”在知识库里找不到，请核对文号或补上那份文件", document.id));
            }
            if document.status == DocumentStatus::InForce && document.superseded_by.is_some() && document.effective_to.is_none() {
                found.push(format!("{}：写了 superseded_by，却仍是现行有效，请补上 effective_to 或改 status", document.id));
            }
            for question in document.unanswered.iter().filter(|question| self.answers(question)) {
                found.push(format!("{}：unanswered 里的“{question}”又写在 questions 里，请只留一处", document.id));
            }
            for question in &document.questions {
                if let Some(other) = asked.insert(question, &document.id).filter(|other| *other != document.id) {
                    found.push(format!("{}：“{question}”在 {other} 里也有，请只留在能回答它的那一份", document.id));
                }
                if let Some(figure) = FIGURE.find(question).filter(|figure| !states(document, figure.as_str())) {
                    found.push(format!("{}：questions 里的“{}”正文没有，请核对：{question}", document.id, figure.as_str()));
                }
            }
        }
        found
    }

    /// Whether a question stands among those a document answers.
    fn answers(&self, question: &str) -> bool {
        self.documents.iter().any(|document| document.questions.iter().any(|answered| answered == question))
    }

    /// Whether a 文号, title or id names one of the documents.
    fn knows(&self, name: &str) -> bool {
        let wanted = find_all(name);
        self.documents.iter().any(|document| {
            let numbered = document.number.as_deref().is_some_and(|number| {
                let numbers = find_all(number);
                wanted.iter().any(|wanted| numbers.iter().any(|number| wanted.agrees(number))) || squeezed(number).contains(&squeezed(name))
            });
            numbered || document.id == name || name.contains(&short_title(&document.title)) || document.title.contains(name)
        })
    }
}

fn states(document: &Document, figure: &str) -> bool {
    document.body.contains(figure) || document.title.contains(figure)
}
