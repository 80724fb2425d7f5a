//! `lists/*.toml`: the bureau's 零跑, 最多跑一次 and 容缺 lists (F16). A list says how many matters it has and must have exactly so many:
//! a line lost in copying is found before anybody is told a wrong thing. It becomes a document, so that its lines are quoted like any text.

use std::collections::HashSet;
use std::ops::Range;

use chrono::NaiveDate;
use serde::Deserialize;
use toml::value::Datetime;

use crate::domain::document::{Confidence, Document, DocumentKind, DocumentStatus};
use crate::domain::facts::Facts;
use crate::domain::matter_list::{MatterItem, MatterList, VisitClass};
use crate::knowledge::calendar::{day, unreadable};
use crate::knowledge::front_matter::stem;
use crate::knowledge::{Problem, problem};

/// Where the files are.
pub const FOLDER: &str = "lists/";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    class: VisitClass,
    title: String,
    issuer: Option<String>,
    number: Option<String>,
    published: Option<Datetime>,
    effective_from: Option<Datetime>,
    effective_to: Option<Datetime>,
    /// How many matters the list has, as its heading says.
    count: usize,
    /// 容缺: until when what is missing must follow.
    within: Option<String>,
    /// 容缺: the text that is signed.
    promise: Option<String>,
    source: Option<String>,
    link: Option<String>,
    reviewed: Option<Datetime>,
    #[serde(default)]
    confidence: Confidence,
    #[serde(default)]
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    name: String,
    guide: Option<String>,
    channel: Option<String>,
    place: Option<String>,
    /// 容缺: what may follow.
    #[serde(default)]
    materials: Vec<String>,
}

/// Whether the file called `name` is a list.
pub fn is_list(name: &str) -> bool {
    name.starts_with(FOLDER) && name.ends_with(".toml")
}

/// Reads one list, as a document and as data; all that is wrong with it at once.
pub fn parse(name: &str, text: &str) -> Result<(Document, MatterList), Vec<Problem>> {
    let file: File = toml::from_str(text).map_err(|error| vec![unreadable(name, text, &error)])?;
    let problems = faults(name, &file);
    if !problems.is_empty() {
        return Err(problems);
    }
    let date =
        |field: &str, value: Option<Datetime>| value.map(|value| day(name, field, value)).transpose().map_err(|problem| vec![problem]);
    let id = stem(name);
    let (body, rules, items) = written(&file);
    let list = MatterList { document: id.clone(), class: file.class, rules, items };
    let facts = Facts {
        number: file.number,
        issuer: file.issuer,
        topics: vec!["办税服务".to_owned()],
        source: file.source,
        link: file.link,
        ..Facts::default()
    };
    let document = Document {
        id,
        published: date("published", file.published)?,
        effective_from: date("effective_from", file.effective_from)?,
        effective_to: date("effective_to", file.effective_to)?,
        reviewed: date("reviewed", file.reviewed)?,
        title: file.title,
        kind: DocumentKind::Notice,
        status: DocumentStatus::InForce,
        confidence: file.confidence,
        facts: facts.into(),
        body,
    };
    Ok((document, list))
}

/// Guides named by a list that nobody has.
pub fn unknown_guides(lists: &[MatterList], documents: &[Document]) -> Vec<Problem> {
    let known = |id: &str| documents.iter().any(|document| document.id == id && document.kind == DocumentKind::Guide);
    let mut problems = Vec::new();
    for list in lists {
        for guide in list.items.iter().filter_map(|item| item.guide.as_deref()).filter(|guide| !known(guide)) {
            let file = format!("{FOLDER}{}.toml", list.document);
            problems.push(problem(&file, 0, "guide", &format!("guides 文件夹里没有“{guide}.md”，请核对文件名（不带 .md），或删掉这一行")));
        }
    }
    problems
}

fn faults(name: &str, file: &File) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut fault = |field: &str, message: String| problems.push(problem(name, 0, field, &message));
    if file.title.trim().is_empty() {
        fault("title", "不能为空，请写清单标题".to_owned());
    }
    if file.items.len() != file.count || file.items.is_empty() {
        fault("count", format!("写明 {} 项，实际列了 {} 项，请核对有没有漏抄或重复", file.count, file.items.len()));
    }
    let mut seen = HashSet::new();
    for item in &file.items {
        let item_name = item.name.trim();
        if item_name.is_empty() || item_name.contains('\n') {
            fault("name", "每一项都要写事项名称，写在一行里".to_owned());
        } else if !seen.insert(item_name) {
            fault("name", format!("“{item_name}”列了两次，请删掉一处"));
        }
        match file.class {
            VisitClass::Supplement if item.materials.is_empty() => {
                fault("materials", format!("“{item_name}”没有写可以容缺的材料，如 [\"营业执照复印件\"]"));
            }
            VisitClass::Zero | VisitClass::Once if !item.materials.is_empty() => {
                fault("materials", format!("“{item_name}”写了材料，只有容缺清单（class = \"supplement\"）才写"));
            }
            VisitClass::Zero | VisitClass::Once | VisitClass::Supplement => {}
        }
    }
    if file.class == VisitClass::Supplement {
        for (field, value) in [("within", &file.within), ("promise", &file.promise)] {
            if value.as_ref().is_none_or(|value| value.trim().is_empty()) {
                fault(field, "容缺清单要写明，如 within = \"20个工作日\"、promise = \"承诺书的原文\"".to_owned());
            }
        }
    } else if file.within.is_some() || file.promise.is_some() {
        fault("within", "只有容缺清单才写 within 和 promise，请删掉".to_owned());
    }
    problems
}

/// The list as a text of quotable lines.
fn written(file: &File) -> (String, Vec<Range<usize>>, Vec<MatterItem>) {
    let mut body = format!("## {}事项（共{}项）\n\n", file.class.word(), file.items.len());
    let mut items = Vec::new();
    for item in &file.items {
        let line = bullet(&mut body, &line_of(file.class, item));
        items.push(MatterItem { name: item.name.trim().to_owned(), guide: item.guide.clone(), line });
    }
    let mut rules = Vec::new();
    let stated = [("补正时限", &file.within), ("承诺书内容", &file.promise)];
    let stated: Vec<(&str, &str)> = stated.iter().filter_map(|(what, value)| Some((*what, value.as_deref()?))).collect();
    if !stated.is_empty() {
        body.push_str("\n## 容缺办理的要求\n\n");
        for (what, value) in stated {
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            rules.push(bullet(&mut body, &format!("{what}：{}。", value.trim_end_matches('。'))));
        }
    }
    (body, rules, items)
}

fn line_of(class: VisitClass, item: &Item) -> String {
    let mut line = match class {
        VisitClass::Zero => format!("{}：一次不用跑", item.name.trim()),
        VisitClass::Once => format!("{}：最多跑一次", item.name.trim()),
        VisitClass::Supplement => format!("{}：可以容缺办理，可以后补的材料是{}", item.name.trim(), item.materials.join("、")),
    };
    for (what, value) in [("办理渠道", &item.channel), ("办理地点", &item.place)] {
        if let Some(value) = value {
            line.push_str(&format!("，{what}：{}", value.trim()));
        }
    }
    line.push('。');
    line
}

/// Adds a line; its byte range without the mark.
fn bullet(body: &mut String, line: &str) -> Range<usize> {
    body.push_str("- ");
    let start = body.len();
    body.push_str(line);
    let range = start..body.len();
    body.push('\n');
    range
}

/// Lists that hold on a date, the newest of each class first.
pub fn holding<'l>(lists: &'l [MatterList], documents: &[Document], date: NaiveDate) -> Vec<&'l MatterList> {
    let dated = |list: &MatterList| {
        documents
            .iter()
            .find(|document| document.id == list.document)
            .map(|document| (document.validity(date).holds(), document.effective_from))
    };
    let mut found: Vec<_> = lists.iter().filter_map(|list| dated(list).filter(|(holds, _)| *holds).map(|(_, from)| (from, list))).collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.document.cmp(&b.1.document)));
    found.into_iter().map(|(_, list)| list).collect()
}
