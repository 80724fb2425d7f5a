//! The report of an import as a person and as a program reads it: what was found, and what was doubtful (F68).

use serde_json::{Value, json};

use crate::knowledge::import::{Imported, Report};
use crate::knowledge::official::Doubt;

impl Report {
    /// The report in lines for the terminal.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.imported.iter().map(line_of).collect();
        lines.extend(self.refused.iter().map(|refusal| format!("未导入  {refusal}")));
        let passages: usize = self.imported.iter().map(|imported| imported.passages).sum();
        let count = |what: fn(&Imported) -> bool| self.imported.iter().filter(|imported| what(imported)).count();
        lines.push(format!(
            "共 {} 个文件，{passages} 个段落；重复 {}，缺文号 {}，日期有疑问 {}，待核对 {}，未导入 {}",
            self.imported.len(),
            count(|imported| imported.duplicate_of.is_some() || imported.doubts.iter().any(is_repetition)),
            count(|imported| imported.doubts.contains(&Doubt::NumberMissing)),
            count(|imported| imported.doubts.iter().any(is_about_dates)),
            count(Imported::is_doubtful),
            self.refused.len()
        ));
        lines
    }

    /// The report as JSON.
    pub fn as_json(&self) -> Value {
        json!({
            "files": self.imported.len(),
            "passages": self.imported.iter().map(|imported| imported.passages).sum::<usize>(),
            "items": self.imported.iter().map(json_of).collect::<Vec<_>>(),
            "refused": self.refused.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }
}

fn json_of(imported: &Imported) -> Value {
    let document = &imported.document;
    json!({
        "file": imported.file,
        "id": document.id,
        "title": document.title,
        "number": document.number,
        "kind": document.kind,
        "published": document.published,
        "effective_from": document.effective_from,
        "effective_to": document.effective_to,
        "passages": imported.passages,
        "duplicate_of": imported.duplicate_of,
        "doubts": imported.doubts.iter().map(words).collect::<Vec<_>>(),
        "doubtful": imported.is_doubtful(),
    })
}

fn line_of(imported: &Imported) -> String {
    let document = &imported.document;
    let mut line = format!("{}  {} 段", document.title, imported.passages);
    if let Some(number) = &document.number {
        line.push_str(&format!("  {number}"));
    }
    if let Some(from) = document.effective_from {
        line.push_str(&format!("  {from} 起施行"));
    }
    if let Some(other) = &imported.duplicate_of {
        line.push_str(&format!("  与 {other} 内容相同，不重复导入"));
    }
    for doubt in &imported.doubts {
        line.push_str(&format!("  （{}）", words(doubt)));
    }
    line
}

/// A doubt in words for a person.
pub fn words(doubt: &Doubt) -> String {
    match doubt {
        Doubt::NumberMissing => "缺文号".to_owned(),
        Doubt::DatesConflict { in_name, in_text } => format!("文件名的日期 {in_name} 早于正文的 {in_text}"),
        Doubt::DateMissing => "没有日期".to_owned(),
        Doubt::TitleFromFileName => "没有标题行，用了文件名".to_owned(),
        Doubt::Unanswered(place) => format!("{place}只有问题没有答复，没有导入"),
        Doubt::EncodingGuessed => "没有注明编码，按 GB18030 读取，请核对".to_owned(),
        Doubt::EncodingMisnamed(named) => format!("注明的编码是 {named}，实际像是 UTF-8，已按 UTF-8 读取，请核对"),
        Doubt::Unreadable(signs) => format!("有 {signs} 个认不出的字，请对照原件核对"),
        Doubt::TextKnown(title) => format!("与知识库里的《{title}》内容相同"),
        Doubt::NumberKnown(title) => format!("与“{title}”文号相同"),
        Doubt::Replaces(title) => format!("知识库里有同名文件《{title}》，导入后以新文本为准"),
        Doubt::Unchanged => "知识库里已有，内容没有变化".to_owned(),
    }
}

fn is_about_dates(doubt: &Doubt) -> bool {
    matches!(doubt, Doubt::DatesConflict { .. } | Doubt::DateMissing)
}

fn is_repetition(doubt: &Doubt) -> bool {
    matches!(doubt, Doubt::TextKnown(_) | Doubt::Unchanged)
}
